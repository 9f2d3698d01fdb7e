import { before } from '../domain/calendar.ts';
import { readInstant } from '../domain/dates.ts';
import { Problem } from '../domain/errors.ts';
import { type Figures, type Spread, type Trial, trying } from '../domain/trial.ts';
import { readAllContent } from '../mail/content.ts';
import { TEMPLATES } from '../mail/templates.ts';
import { openStore, type Store } from '../store/database.ts';
import { lastYear, type Period, type Recorded, readRecorded } from '../store/recorded.ts';
import { SPILL_WORDS, whyInWords } from '../web/ui/words.ts';
import { readEnvironment } from '../worker/environment.ts';
import { runningIn } from '../worker/places.ts';
import { progressBar } from './import/bar.ts';
import { read } from './playbook.ts';

/** Which orders, by the days they were placed on, and how it is said. */
export interface Options {
  from?: string;
  to?: string;
  json?: boolean;
}

/**
 * Tries a playbook on the orders and events that were recorded, with the rules the house runs by, and prints what it
 * would change. Nothing is written. The exit code: 1 where there are no orders to try it on.
 */
export async function tryPlaybook(file: string, { from, to, json = false }: Options): Promise<number> {
  const playbook = read(file);
  const { pieces } = readAllContent(TEMPLATES);
  const environment = readEnvironment();
  const url = environment.databaseUrl ?? runningIn(environment.dataDir)?.databaseUrl;
  if (!url) throw new Problem('part-alone', { part: 'playbook try' });
  const store = await openStore(url, environment.daySeconds);
  try {
    const period = await periodOf(store, from, to);
    const trial =
      period &&
      (await readRecorded(store, period, async (recorded) => {
        // A playbook that is in use is tried on its own orders, a new one on all.
        const own = recorded.playbooks.has(playbook.name);
        const isTried = (hash: string) => !own || recorded.house.versions.get(hash)?.name === playbook.name;
        const setting = { ...recorded.house, ...period, playbook, pieces };
        const trial = trying({ ...setting, isTried: (order) => isTried(order.playbook) });
        await takeAll(recorded, trial.take);
        return { own, ...trial.result() };
      }));
    if (!trial || trial.orders === 0) {
      console.error('There are no recorded orders of that time.');
      return 1;
    }
    console.log(json ? JSON.stringify(trial, null, 2) : trialInWords(trial));
    return 0;
  } finally {
    await store.close();
  }
}

/** The days asked for, as the company counts them; those not given are the last year in which anything happened. */
async function periodOf(store: Store, from?: string, to?: string): Promise<Period | null> {
  const { calendar } = store;
  const now = Date.now();
  const last = await lastYear(store, now);
  if (!last) return null;
  const at = (day: string, means: 'its start' | 'its end') => {
    const read = readInstant(day, calendar.zone, means);
    return 'value' in read ? read.value : Number.NaN;
  };
  const end = to === undefined ? last.to : Math.min(at(to, 'its end'), now);
  return {
    from:
      from === undefined ? before(end, { amount: 1, unit: 'years' }, calendar.zone, calendar) : at(from, 'its start'),
    to: end,
  };
}

async function takeAll(recorded: Recorded, take: ReturnType<typeof trying>['take']) {
  const bar = progressBar(process.stderr);
  let orders = 0;
  for await (const page of recorded.parties())
    for (const party of page) {
      take(party);
      orders += party.orders.length;
      bar.show(orders, orders / recorded.orders);
    }
  bar.end();
}

const WIDTH = 60;
const number = (count: number) => count.toLocaleString('en', { maximumFractionDigits: 2 });
const line = (what: string, was: string, would: string) =>
  `${what.padEnd(WIDTH)}${was.padStart(11)}${would.padStart(11)}`;

/** What a playbook would change, for people. `own`: the orders went by a playbook of its name. */
export function trialInWords(trial: Trial & { own: boolean }): string {
  const { playbook, from, to, orders, customers, onlyKept, own, was, would, added, dropped } = trial;
  const row = (what: string, of: (figures: Figures) => number) => line(what, number(of(was)), number(of(would)));
  const spread = (what: string, of: (figures: Figures) => Spread) => [
    what,
    line('  mean', of(was).mean.toFixed(2), of(would).mean.toFixed(2)),
    row('  95 of 100 have no more than', (figures) => of(figures).p95),
    row('  most', (figures) => of(figures).most),
  ];
  const block = (lines: string[]) => (lines.length > 1 ? ['', ...lines] : []);
  const reasons = new Set([...Object.keys(was.notMade), ...Object.keys(would.notMade)]);
  const { tooOften } = would;
  return [
    `Playbook ${playbook}, tried on ${number(orders)} orders of ${number(customers)} customers, placed from ${from} to ${to}.`,
    own
      ? 'They went by a playbook of this name; all other orders are left as they were.'
      : 'None of them went by a playbook of this name, so it was tried on all.',
    onlyKept > 0 &&
      `${number(onlyKept)} of them were only kept: "was" says what the playbook they came with would have done.`,
    '',
    line('', 'was', 'would be'),
    row('Mails', ({ mails }) => mails),
    row('Surveys asked by mail', ({ surveys }) => surveys),
    row('Tasks', ({ tasks }) => tasks),
    row('  of these calls', ({ calls }) => calls),
    ...spread('Contacts of a customer in a week', ({ perCustomerWeek }) => perCustomerWeek),
    ...spread('Calls of a salesperson on a working day', ({ callsPerDay }) => callsPerDay),
    ...spread('Tasks of a salesperson on a working day', ({ tasksPerDay }) => tasksPerDay),
    row('Days with more tasks than the limit', ({ overfullDays }) => overfullDays),
    row('Customers with more mail than the caps', ({ tooOften }) => tooOften.customers),
    ...block(['Would be done, and was not:', ...descending(added).map((one) => counted(...one))]),
    ...block([
      'Was done, and would not be:',
      ...Object.entries(dropped)
        .sort(([, a], [, b]) => b.count - a.count)
        .map(([touch, { count, why }]) => `${counted(touch, count)}  ${whyInAll(why)}`),
    ]),
    ...block([
      line('Not made as planned:', 'was', 'would be'),
      ...[...reasons].sort().map((reason) => row(`  ${notMadeInWords(reason)}`, ({ notMade }) => notMade[reason] ?? 0)),
    ]),
    ...block([
      `Would get more mail than the caps allow, service mail counted (${tooOften.shown.length} of ${number(tooOften.customers)} customers):`,
      ...tooOften.shown.map(
        ({ order, mails, days, from }) => `  ${order}  ${mails} mails in ${days} days from ${from}`,
      ),
    ]),
  ]
    .filter((text) => text !== false)
    .join('\n');
}

const descending = (counts: Record<string, number>) => Object.entries(counts).sort(([, a], [, b]) => b - a);
const counted = (what: string, count: number) => `  ${what.padEnd(WIDTH - 2)}${number(count).padStart(11)}`;

const WHY: Record<string, string> = {
  'not-in-playbook': 'this playbook does not have it',
  later: 'it would come later than this',
  history: 'the order came in too late to be followed',
};
const whyInAll = (why: Record<string, number>) =>
  descending(why)
    .map(([reason, count]) => `${number(count)}: ${WHY[reason] ?? whyInWords(reason)}`)
    .join('; ');

const NOT_MADE: Record<string, string> = {
  skipped: 'passed over',
  'put-off': 'put off',
  'task-cancelled': 'called off',
  spilled: 'given away or moved',
};

function notMadeInWords(reason: string): string {
  const [what, why] = reason.split(' ');
  if (why === undefined) return 'joined a call that was made anyway';
  return `${NOT_MADE[what]}: ${what === 'spilled' ? (SPILL_WORDS[why] ?? why) : whyInWords(why)}`;
}
