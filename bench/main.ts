import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openStore } from '../store/database.ts';
import { openLog } from '../worker/log.ts';
import { logThrough } from '../worker/temporal.ts';
import { bare, ours } from './contenders.ts';
import { bundleBytes, measureHistory, measureReplay, measureRound } from './measure.ts';
import { openPlaces } from './places.ts';
import { DAY_SECONDS, MAILS } from './plan.ts';
import { type Figures, table, writeInto } from './report.ts';
import { measureStandard } from './standard.ts';

const USAGE = 'npm run bench -- [--orders 200] [--rounds 2] [--write]';

/** Measures ours beside a bare workflow that does the least the same plan needs, in turn and in one run. */
export async function main(args: string[]): Promise<number> {
  const options = read(args);
  if (!options) {
    console.error(`Wrong use. ${USAGE}`);
    return 2;
  }
  logThrough(openLog('error'));
  const places = await openPlaces();
  try {
    const store = await openStore(places.postgres.url, DAY_SECONDS);
    try {
      const contenders = { ours: await ours(places, store), bare: bare(places) };
      const { orders } = options;
      const rounds: Figures['rounds'] = [];
      for (let nth = 1; nth <= options.rounds; nth += 1)
        rounds.push({
          ours: await measureRound(places, contenders.ours, orders, `ours-${nth}`),
          bare: await measureRound(places, contenders.bare, orders, `bare-${nth}`),
        });
      const alone = {
        ours: await measureHistory(places, contenders.ours),
        bare: await measureHistory(places, contenders.bare),
      };
      checkMails(places.mails(), MAILS * (2 * orders * options.rounds + 2));
      const { bundles } = places;
      const figures: Figures = {
        orders,
        rounds,
        history: alone,
        replayMs: {
          ours: await measureReplay(bundles.ours, alone.ours.history),
          bare: await measureReplay(bundles.bare, alone.bare.history),
        },
        bundle: { ours: bundleBytes(bundles.ours), bare: bundleBytes(bundles.bare) },
        standard: await measureStandard(places),
      };
      const text = table(figures);
      console.log(`\n${text}`);
      // Found from dist/bench: the page belongs to the sources.
      if (options.write) writeInto(fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url)), text);
      return 0;
    } finally {
      await store.close();
    }
  } finally {
    await places.close();
  }
}

/** Figures of work that was not done are worth nothing. */
function checkMails(arrived: number, expected: number) {
  if (arrived !== expected) throw new Error(`${arrived} mails arrived, and ${expected} should have`);
}

function read(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        orders: { type: 'string', default: '200' },
        rounds: { type: 'string', default: '2' },
        write: { type: 'boolean', default: false },
      },
    });
    const [orders, rounds] = [Number(values.orders), Number(values.rounds)];
    const fits = (count: number) => Number.isInteger(count) && count >= 1 && count <= 10_000;
    return fits(orders) && fits(rounds) ? { orders, rounds, write: values.write } : null;
  } catch {
    return null;
  }
}
