import { setTimeout as pause } from 'node:timers/promises';
import { type AftercareClient, Refusal } from '../../client/http.ts';
import { Problem } from '../../domain/errors.ts';
import { progressBar } from './bar.ts';
import { type Row, readRows } from './rows.ts';

/** Enough to keep a database busy, and not so many that others wait. */
const AT_ONCE = 8;
/** Pauses before a row is tried again while Aftercare or its database is away, in seconds. */
const PATIENCE = [1, 2, 5, 10, 20];

type Tally = Record<'accepted' | 'history' | 'known' | 'refused', number>;

/**
 * Hands the orders of a file in over HTTP, a few at a time. What is known already is passed over, so whatever stopped
 * an import, the same command goes on with it. The exit code: 1 where rows were refused.
 */
export async function importOrders(client: AftercareClient, file: string, history: boolean): Promise<number> {
  const rows = await readRows(file);
  const tally: Tally = { accepted: 0, history: 0, known: 0, refused: 0 };
  const bar = progressBar(process.stderr);
  const count = () => Object.values(tally).reduce((sum, one) => sum + one, 0);
  const source = rows[Symbol.asyncIterator]();
  let reached = false;

  async function handIn(row: Row): Promise<void> {
    const result = 'wrong' in row ? row.wrong : await send(row.json);
    if (result in tally) tally[result as keyof Tally] += 1;
    else {
      tally.refused += 1;
      bar.say(`line ${row.line}: ${result}`);
    }
    bar.show(count(), rows.readBytes() / rows.size);
  }

  /** The status the order has now, or the sentences why it was refused. */
  async function send(json: string): Promise<string> {
    for (const seconds of [...PATIENCE, null]) {
      try {
        const { status } = await client.order(json, { history });
        reached = true;
        return status;
      } catch (error) {
        const refused = error instanceof Refusal ? error : null;
        // Before the first answer nobody is there, which is better said at once.
        const gone = reached && error instanceof Problem && error.code === 'no-answer';
        const away = refused ? refused.problem.status === 503 : gone;
        if (away && seconds !== null) await pause(seconds * 1000);
        else if (refused && !away) return refused.message;
        else throw error;
      }
    }
    throw new Error('unreachable');
  }

  async function work(): Promise<void> {
    for (let next = await source.next(); !next.done; next = await source.next()) await handIn(next.value);
  }

  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } catch (error) {
    bar.end();
    if (count() > 0) console.error(`Stopped after ${inWords(tally)}. The same command goes on from here.`);
    throw error;
  }
  bar.end();
  console.log(`${count()} orders: ${inWords(tally)}.`);
  return tally.refused > 0 ? 1 : 0;
}

const inWords = (tally: Tally) =>
  Object.entries(tally)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');
