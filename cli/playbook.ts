import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { BUSINESS_WEEK } from '../domain/calendar.ts';
import { Problem } from '../domain/errors.ts';
import { followUpOf } from '../domain/followUp.ts';
import { plan } from '../domain/plan.ts';
import { type Deed, KEEP_IN_TOUCH, type Playbook, readPlaybook, type Touch } from '../domain/playbook.ts';
import { plainTerms } from '../domain/terms.ts';
import { DAY, HOUR, showSpan } from '../domain/time.ts';
import { readTemplates, TEMPLATES } from '../mail/templates.ts';

/** Says whether a playbook is sound; what is wrong is thrown as a Problem with file and line. */
export function check(file: string): number {
  const { name, touches } = read(file);
  console.log(`${file} is sound: playbook ${name}, ${touches.length} touches.`);
  return 0;
}

/** Prints what a playbook does, in the order in which a customer meets it. */
export function show(file: string): number {
  console.log(playbookInWords(read(file)));
  return 0;
}

function read(file: string): Playbook {
  let source: string;
  try {
    source = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Problem('file-unreadable', { file, reason: (error as Error).message });
  }
  return readPlaybook(source, basename(file), readTemplates(TEMPLATES).names);
}

/** A Monday morning: a week without holidays lies ahead. */
const ORDERED = Date.UTC(2026, 5, 1, 9);

/** A playbook for people: the contacts whose day is known by day, then those that answer to what happens. */
export function playbookInWords(playbook: Playbook): string {
  const days = dayOf(playbook);
  const planned = playbook.touches
    .filter(({ name }) => days.has(name))
    .sort((a, b) => days.get(a.name)! - days.get(b.name)!);
  const answers = playbook.touches.filter(({ name }) => !days.has(name));
  const width = Math.max(...playbook.touches.map(({ name }) => name.length), KEEP_IN_TOUCH.length);
  const line = (when: string, { name, ...touch }: Touch) =>
    `  ${when.padEnd(8)}${name.padEnd(width)}  ${inWords(touch)}`;
  const { keepInTouch } = playbook;
  return [
    `${playbook.title} (${playbook.name})`,
    `An order older than ${showSpan(playbook.followWithin)} is kept as history. Days count from an order placed and paid on a Monday morning.`,
    '',
    ...planned.map((touch) => line(`day ${days.get(touch.name)}`, touch)),
    ...(answers.length > 0 ? ['', '  When it happens:', ...answers.map((touch) => line('', touch))] : []),
    '',
    keepInTouch
      ? `  Then, every ${showSpan(keepInTouch.every)} until the next order: mail ${keepInTouch.what}, ${keepInTouch.purpose}.`
      : '  Then nothing more until the next order.',
  ].join('\n');
}

/** The days on which the rules themselves would make each contact for a customer who never says anything. */
function dayOf(playbook: Playbook): Map<string, number> {
  const calendar = { dayMs: DAY, zone: 'UTC', week: BUSINESS_WEEK, place: null };
  const always = { ...playbook, touches: playbook.touches.map((touch) => ({ ...touch, when: [] })) };
  const terms = plainTerms(always, calendar);
  const data = { placedAt: ORDERED, paidAt: ORDERED, promises: [] };
  const ahead = plan(followUpOf([{ what: 'accepted', at: ORDERED, data }]), terms, ORDERED);
  const midnight = ORDERED - 9 * HOUR;
  return new Map(ahead.map(({ touch, dueAt }) => [touch, Math.floor((dueAt - midnight) / DAY)]));
}

const DEEDS: Record<Deed, string> = {
  send: 'mail',
  ask: 'survey',
  call: 'call',
  letter: 'letter',
  check: 'check',
  fix: 'fix',
  other: 'task',
};

function inWords({
  anchor,
  follows,
  before,
  wait,
  when,
  deed,
  what,
  purpose,
  attempts,
  reminders,
  owed,
  tooLateAfter,
}: Omit<Touch, 'name'>) {
  return [
    `${DEEDS[deed]} ${what}: ${wait.amount > 0 ? `${showSpan(wait)} ` : ''}${before ? 'before' : 'after'} ${follows ?? anchor}`,
    when.length > 0 && `if ${when.join(' and ')}`,
    purpose === 'selling' && 'selling',
    attempts > 1 && `${attempts} tries`,
    reminders > 0 && `${reminders} reminder${reminders > 1 ? 's' : ''}`,
    owed && 'owed after a reorder too',
    tooLateAfter && `not later than ${showSpan(tooLateAfter)} after that`,
  ]
    .filter(Boolean)
    .join(', ');
}
