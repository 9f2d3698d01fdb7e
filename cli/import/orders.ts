import { type AftercareClient, Refusal } from '../../client/http.ts';
import { progressBar } from './bar.ts';
import { Patience } from './patience.ts';
import { type Row, readRows } from './rows.ts';
import { LastOrders, letWait } from './wait.ts';

/** Enough to keep a database busy, and not so many that others wait. */
const AT_ONCE = 8;

type Tally = Record<'accepted' | 'history' | 'known' | 'refused', number>;

/** How orders are handed in. */
export interface ImportOptions {
  /** They are kept as history whatever their age. */
  history?: boolean;
  /** So many customers a day wait for their next order from now on; left out: nobody of the past does. */
  wait?: number;
}

/**
 * Hands the orders of a file in over HTTP, a few at a time. What is known already is passed over, so whatever stopped
 * an import, the same command goes on with it. The exit code: 1 where rows were refused.
 */
export async function importOrders(client: AftercareClient, file: string, options: ImportOptions): Promise<number> {
  const { history = false, wait } = options;
  const rows = await readRows(file);
  const tally: Tally = { accepted: 0, history: 0, known: 0, refused: 0 };
  const bar = progressBar(process.stderr);
  const count = () => Object.values(tally).reduce((sum, one) => sum + one, 0);
  const source = rows[Symbol.asyncIterator]();
  const patience = new Patience();
  const last = new LastOrders();

  async function handIn(row: Row): Promise<void> {
    const result = 'wrong' in row ? row.wrong : await send(row.json);
    if (result in tally) {
      tally[result as keyof Tally] += 1;
      if (wait !== undefined && 'json' in row) last.see(row.json);
    } else {
      tally.refused += 1;
      bar.say(`line ${row.line}: ${result}`);
    }
    bar.show(count(), rows.readBytes() / rows.size);
  }

  /** The status the order has now, or the sentences why it was refused. */
  async function send(json: string): Promise<string> {
    try {
      return (await patience.during(() => client.order(json, { history }))).status;
    } catch (error) {
      if (error instanceof Refusal && error.problem.status !== 503) return error.message;
      throw error;
    }
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
  const refused = wait === undefined ? 0 : await letWait(client, last.orders(), wait, patience);
  return tally.refused + refused > 0 ? 1 : 0;
}

const inWords = (tally: Tally) =>
  Object.entries(tally)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');
