import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DateTime } from 'luxon';
import type { AftercareClient } from '../client/http.ts';
import { BUSINESS_WEEK } from '../domain/calendar.ts';
import { Problem } from '../domain/errors.ts';
import { KEEP_IN_TOUCH, type Playbook, readPlaybook } from '../domain/playbook.ts';
import {
  BAND_WORDS,
  type Branch,
  calendarOf,
  inWords,
  keepInWords,
  mondayOf,
  type Preview,
  planOf,
  showHours,
} from '../domain/preview.ts';
import type { MoveReply } from '../domain/replies.ts';
import { readRules } from '../domain/rules.ts';
import { DAY, type Instant, showSpan } from '../domain/time.ts';
import { TEMPLATES, templateNames } from '../mail/templates.ts';
import { readSurveys, STANDARD } from '../store/playbooks.ts';
import { pictureFile } from '../web/ui/picture.tsx';

/** The file beside the playbooks that says which of them an order follows. */
const RULES = 'rules.yaml';
/** The folder beside them with the surveys they ask. */
const SURVEYS = 'surveys';

/**
 * Says whether a playbook is sound, or all of a folder, and the surveys and rules beside it: of what is wrong, each file
 * names its first mistake, and so do the surveys.
 */
export function check(path: string): number {
  const isFolder = reading(path, () => statSync(path).isDirectory());
  const folder = isFolder ? path : dirname(path);
  const names = templateNames(TEMPLATES);
  const beside = reading(folder, () => readdirSync(folder)).filter((file) => /\.ya?ml$/.test(file) && file !== RULES);
  const files = isFolder ? beside.sort().map((file) => join(folder, file)) : basename(path) === RULES ? [] : [path];

  let sound = true;
  const say = (file: string, what: () => string) => {
    try {
      console.log(`${file} is sound: ${what()}.`);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      console.error(error.message);
      sound = false;
    }
  };
  const asked = join(folder, SURVEYS);
  let surveys: string[] | undefined;
  const readThem = () => {
    surveys = readSurveys(folder).names;
    return `surveys ${surveys.join(', ')}`;
  };
  if (existsSync(asked)) say(asked, readThem);
  else readThem();
  for (const file of files)
    say(file, () => {
      const { name, touches } = readPlaybook(textOf(file), basename(file), names, surveys);
      return `playbook ${name}, ${touches.length} touches`;
    });
  const known = namesOf(() =>
    beside.map((file) => readPlaybook(textOf(join(folder, file)), file, names, surveys).name),
  );
  if (isFolder && known && !known.includes(STANDARD))
    say(folder, () => {
      const what = `there is no playbook named "${STANDARD}"`;
      throw new Problem('playbook-wrong', { file: folder, line: 1, what, allowed: `one of them named ${STANDARD}` });
    });
  const rules = join(folder, RULES);
  if (existsSync(rules))
    say(rules, () => {
      const { playbooks, owners } = readRules(textOf(rules), RULES, known);
      return `${playbooks.length} rules for playbooks, ${owners.length} for owners`;
    });
  return sound ? 0 : 1;
}

/** The names of playbooks; undefined where not all of them can be read. */
function namesOf(read: () => string[]): string[] | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

/** Prints what a playbook does, in the order in which a customer meets it, and draws it where it is asked for. */
export function show(file: string, { picture }: { picture?: string }, now: Instant = Date.now()): number {
  const playbook = read(file);
  const preview = exampleOf(playbook, now);
  console.log(playbookInWords(playbook, preview));
  if (picture === undefined) return 0;
  try {
    writeFileSync(picture, pictureFile(playbook, preview));
  } catch (error) {
    throw new Problem('file-unwritable', { file: picture, reason: (error as Error).message });
  }
  console.log(`\nThe picture is in ${picture}.`);
  return 0;
}

function reading<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Problem('file-unreadable', { file, reason: (error as Error).message });
  }
}

const textOf = (file: string) => reading(file, () => readFileSync(file, 'utf8'));

/** The playbook in a file; what is wrong is thrown as a Problem with file and line. */
export const read = (file: string): Playbook =>
  readPlaybook(textOf(file), basename(file), templateNames(TEMPLATES), readSurveys(dirname(file)).names);

/** Shown as it is in a week without holidays ahead, in no particular place. */
const calendar = { dayMs: DAY, zone: 'UTC', week: BUSINESS_WEEK, place: null };

/** What an order of this week comes to. */
export const exampleOf = (playbook: Playbook, now: Instant): Preview =>
  planOf(playbook, calendar, { placedAt: mondayOf(now, calendar.zone) });

const dateOf = (at: Instant) => DateTime.fromMillis(at, { zone: calendar.zone }).toFormat('ccc yyyy-MM-dd');

/** A playbook for people: day by day what is known to come, then what answers to something. */
export function playbookInWords(playbook: Playbook, preview: Preview): string {
  const { answers, branches, orderedAt } = preview;
  const width = Math.max(...playbook.touches.map(({ name }) => name.length), KEEP_IN_TOUCH.length);
  const line = (...columns: [day: string, name: string, date: string, hours: string, words: string]) => {
    const [day, name, date, hours, words] = columns;
    return `  ${day.padEnd(10)}${name.padEnd(width)}  ${date.padEnd(14)}  ${hours.padEnd(11)}  ${words}`.trimEnd();
  };
  const days = calendarOf(playbook, preview).map(({ day, at, touch, hours, words }) =>
    touch === null
      ? line(`day ${day}`, '', dateOf(at), '', `* ${words}`)
      : line(`day ${day}`, touch, dateOf(at), hours ? showHours(hours) : 'at once', words),
  );
  const part = (title: string, lines: string[]) => (lines.length > 0 ? ['', `  ${title}`, ...lines] : []);
  return [
    `${playbook.title} (${playbook.name})`,
    `An order older than ${showSpan(playbook.followWithin)} is kept as history.`,
    `The example: ordered and paid on ${dateOf(orderedAt)}, delivered as promised, with a contract of a year and a`,
    'warranty of two; a customer who agreed to everything, answers no survey and takes no call.',
    '',
    ...days,
    ...part(
      'By the answer to the survey (and where calls are taken):',
      branches.map((branch) => `    ${`${BAND_WORDS[branch.band]}:`.padEnd(21)}${branchInWords(branch)}`),
    ),
    ...part(
      'When it happens:',
      answers.map((touch) => `    ${touch.name.padEnd(width)}  ${inWords(touch)}`),
    ),
    '',
    `  ${keepInWords(playbook)}`,
  ].join('\n');
}

const branchInWords = ({ contacts, without }: Branch) =>
  [...contacts.map(({ touch, day }) => `${touch} on day ${day}`), ...without.map((touch) => `no ${touch}`)].join(
    ', ',
  ) || 'nothing more';

/** Which follow-ups to move, as the command line has it. */
export interface MoveOptions {
  from?: string;
  to?: string;
  /** Names such as shop/10042; left out: all. */
  orders?: string[];
  yes?: boolean;
}

/** How many follow-ups are told of one by one. */
const MOST_DETAILS = 50;

/** Moves running follow-ups to another version of a playbook; without `yes` it tells what that would change. */
export async function move(client: AftercareClient, name: string, options: MoveOptions): Promise<number> {
  const { yes: go = false, ...choice } = options;
  const pages: MoveReply[] = [];
  const sum = (what: 'followUps' | 'unchanged' | 'added' | 'dropped' | 'rescheduled' | 'atOnce') =>
    pages.reduce((total, page) => total + page[what], 0);
  try {
    for (let after: string | null | undefined; after !== null; after = pages.at(-1)!.next)
      pages.push(await client.move(name, { ...choice, go, ...(after && { after }) }));
  } catch (error) {
    if (go && pages.length > 0)
      console.error(`Stopped after ${sum('followUps')} follow-ups. The same command goes on from here.`);
    throw error;
  }
  const [{ to, passedOver }] = pages;
  for (const { order, why } of passedOver) console.log(`${order} does not move: ${PASSED[why]}.`);
  const details = pages.flatMap((page) => page.details);
  for (const one of details.slice(0, MOST_DETAILS)) console.log(differenceInWords(one));
  const count = sum('followUps');
  if (count > Math.min(details.length, MOST_DETAILS)) console.log('and others, of which only the figures are told.');
  console.log(
    `${count} follow-ups of which ${sum('unchanged')} keep their plan: ${sum('added')} contacts in addition,`,
  );
  console.log(
    `${sum('dropped')} fewer, ${sum('rescheduled')} on another day; ${sum('atOnce')} of them are due at once.`,
  );
  if (go) console.log(`All of them run by version ${to} of ${name} now.`);
  else if (count > 0) console.log(`Nothing was moved. Add --yes to move them to version ${to} of ${name}.`);
  return 0;
}

const PASSED: Record<MoveReply['passedOver'][number]['why'], string> = {
  unknown: 'there is no such order',
  over: 'its follow-up is over',
  there: 'it runs by that version already',
  'other-version': 'it runs by another version',
};

/** A follow-up and what changes in it, a line each; dates are those of this machine. */
function differenceInWords({ order, from, changes }: MoveReply['details'][number]): string {
  const on = (at: string | null) => (at === null ? 'never' : DateTime.fromISO(at).toFormat('ccc yyyy-MM-dd HH:mm'));
  const width = Math.max(0, ...changes.map(({ touch }) => touch.length));
  const lines = changes.map(({ what, touch, was, dueAt }) => {
    const when = what === 'rescheduled' ? `${on(was)} -> ${on(dueAt)}` : on(dueAt ?? was);
    return `  ${what.padEnd(11)}  ${touch.padEnd(width)}  ${when}`;
  });
  return [`${order}, version ${from}${changes.length === 0 ? ': the plan stays' : ''}`, ...lines].join('\n');
}
