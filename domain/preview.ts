import { expectedOrder } from './anchors.ts';
import { after, type Calendar, type Hours } from './calendar.ts';
import { decide } from './decide.ts';
import { aboutOf, type Brake, evolve, type FollowUpEvent, followUpOf } from './followUp.ts';
import { type Planned, plan } from './plan.ts';
import { type Deed, KEEP_IN_TOUCH, type Playbook, SAME_DAY, type Touch } from './playbook.ts';
import type { Band } from './survey.ts';
import { type Party, plainTerms, type Terms } from './terms.ts';
import { DAY, HOUR, type Instant, MINUTE, type Span, showSpan } from './time.ts';
import { firstAt, localAt } from './zones.ts';

/**
 * What a playbook comes to for an example order: a machine, promised for the playbook's usual day of delivery and
 * installed the day after, with a contract of a year and a warranty of two. All of it is lived through by the real
 * rules, so that nothing shown here can differ from what a customer would meet.
 */
export interface Preview {
  orderedAt: Instant;
  /** What touches count from, with its day. */
  marks: { what: Mark; at: Instant; day: number }[];
  /** What a customer would get who answers no survey and takes no call. */
  contacts: Contact[];
  /** What has its day too and is made only if something is true, as of a first order. */
  sometimes: Contact[];
  /** What answers to something that has no day, as a complaint. */
  answers: Touch[];
  /** What hangs on the answer to the survey; none where nothing is asked. */
  branches: Branch[];
  /** From when on nobody is bothered any more. */
  dormant: { at: Instant; day: number } | null;
}

export const MARKS = ['delivery', 'installation', 'expected order', 'term end', 'warranty end'] as const;
export type Mark = (typeof MARKS)[number];

/** A contact with its day. */
export interface Contact {
  touch: string;
  /** The promise or the round it is about; 0 where there is but one. */
  about: number;
  /** Which try at it this is, or whether it is a reminder; from 1. */
  nth: number;
  deed: Deed;
  at: Instant;
  /** Days since the order, whose own is 0. */
  day: number;
  /** When on that day it may be made, as local minutes; null: at once, at any hour. */
  hours: Hours | null;
  /** What put it off. */
  brake: Brake | null;
}

/** Whom an answer shows; silent are those who give none. */
export type Group = Band | 'silent';

/** What an answer leads to and another does not. */
export interface Branch {
  band: Group;
  /** When it came; null: never. */
  answered: { at: Instant; day: number } | null;
  contacts: Contact[];
  /** Touches that others get and these do not. */
  without: string[];
}

/** An order to show a playbook by, and how the house contacts people, where that is not the standard. */
export interface Example extends Partial<Pick<Terms, 'policy' | 'quiet'>> {
  placedAt: Instant;
}

/** How a customer of the example behaves. */
interface Manner {
  /** What they answer, the day after they are asked; null: nothing. */
  score: number | null;
  takesCalls: boolean;
}
const NOBODY: Manner = { score: null, takesCalls: false };
const SCORES: Record<Group, number | null> = { promoter: 10, passive: 8, detractor: 3, silent: null };

/** Nothing is shown beyond this. */
const LONGEST = { amount: 5, unit: 'years' } as const;

/** The plan of an example order, by the real rules. */
export function planOf(playbook: Playbook, calendar: Calendar, example: Example): Preview {
  // Shown in whole days, also by a house that runs in short ones.
  const real = { ...calendar, dayMs: DAY };
  const liveBy = (by: Playbook, manner: Manner) => live(by, real, example, manner);
  const silent = liveBy(playbook, NOBODY);
  const made = new Set(silent.contacts.map(({ touch }) => touch));
  const sometimes = playbook.touches
    .filter((touch) => !made.has(touch.name) && hangsOnWho(touch))
    .flatMap((touch) => {
      const manner = { score: null, takesCalls: touch.anchor === 'touch' };
      return liveBy(freed(playbook, touch), manner).contacts.filter((one) => one.touch === touch.name);
    })
    .sort(byTime);
  const known = new Set([...made, ...sometimes.map(({ touch }) => touch)]);
  const day = (at: Instant) => dayOf(at, example.placedAt, calendar);
  return {
    orderedAt: example.placedAt,
    marks: marksOf(playbook, real, example).map((mark) => ({ ...mark, day: day(mark.at) })),
    contacts: silent.contacts,
    sometimes,
    answers: playbook.touches.filter(({ name }) => !known.has(name)),
    branches: playbook.touches.some(({ deed }) => deed === 'ask') ? branchesOf(playbook, liveBy, day) : [],
    dormant: silent.dormantAt === null ? null : { at: silent.dormantAt, day: day(silent.dormantAt) },
  };
}

/** Monday of the week an instant lies in, at nine in the zone: when the example is ordered. */
export function mondayOf(at: Instant, zone: string): Instant {
  const day = Math.floor(localAt(at, zone) / DAY);
  return firstAt((day - ((day + 3) % 7)) * DAY + 9 * HOUR, zone);
}

/** Days from the order to an instant, as the calendar on the wall counts them. */
const dayOf = (at: Instant, placedAt: Instant, { zone }: Calendar) =>
  Math.floor(localAt(at, zone) / DAY) - Math.floor(localAt(placedAt, zone) / DAY);

const byTime = (one: Contact, other: Contact) => one.at - other.at || one.touch.localeCompare(other.touch);

/** Whether it is made for some and not for others, on a day that is known for all of them. */
const hangsOnWho = ({ anchor, when, reaching }: Touch) =>
  anchor === 'touch' || (anchor !== 'answer' && (when.length > 0 || reaching !== null));

/** The playbook as it is for whom a touch, and what it follows, is meant. */
function freed(playbook: Playbook, touch: Touch): Playbook {
  const { touches } = playbook;
  const names: string[] = [];
  for (let one: Touch | undefined = touch; one; ) {
    const { name, follows }: Touch = one;
    names.push(name);
    one = touches.find((other) => other.name === follows);
  }
  const free = (one: Touch) => (names.includes(one.name) ? { ...one, when: [], reaching: null } : one);
  return { ...playbook, touches: touches.map(free) };
}

/** What happens in the example without anybody's doing. */
function givenBy({ deliveryAfter, touches }: Playbook, calendar: Calendar, placedAt: Instant) {
  const { zone } = calendar;
  const later = (amount: number, unit: 'days' | 'years', from = placedAt) =>
    after(from, { amount, unit }, zone, calendar);
  const delivered = after(placedAt, deliveryAfter, zone, calendar);
  const counts = (anchor: Touch['anchor']) => touches.some((touch) => touch.anchor === anchor);
  return {
    delivered,
    // Only where it counts, since what is installed was also delivered.
    installed: counts('installation') ? later(1, 'days', delivered) : null,
    ends: [
      { line: 1, of: 'term' as const, at: later(1, 'years') },
      { line: 1, of: 'warranty' as const, at: later(2, 'years') },
    ],
  };
}

function marksOf(playbook: Playbook, calendar: Calendar, { placedAt }: Example): { what: Mark; at: Instant }[] {
  const { delivered, installed, ends } = givenBy(playbook, calendar, placedAt);
  const expected = expectedOrder(followUpOf([acceptedAt(placedAt)]), plainTerms(playbook, calendar));
  const when: Record<Mark, Instant | null> = {
    delivery: delivered,
    installation: installed,
    'expected order': expected?.at ?? null,
    'term end': ends[0].at,
    'warranty end': ends[1].at,
  };
  const counted = new Set<string>(playbook.touches.map(({ anchor }) => anchor));
  return MARKS.flatMap((what) => {
    const at = when[what];
    return at !== null && (what === 'delivery' || what === 'expected order' || counted.has(what)) ? [{ what, at }] : [];
  });
}

const acceptedAt = (at: Instant): FollowUpEvent => ({ what: 'accepted', at, data: { placedAt: at, paidAt: at } });

interface Life {
  contacts: Contact[];
  answeredAt: Instant | null;
  dormantAt: Instant | null;
}

/** Lives through a follow-up: time passes to what is due, which is done, and the rules say what is next. */
function live(playbook: Playbook, calendar: Calendar, example: Example, manner: Manner): Life {
  const { placedAt, ...house } = example;
  const given = givenBy(playbook, calendar, placedAt);
  const mails: Party['mails'] = [];
  const plain = plainTerms(playbook, calendar);
  const terms: Terms = { ...plain, ...house, seed: 'example', party: { ...plain.party, mails } };
  const promises = [{ what: 'Delivered', by: given.delivered }];
  const { data, ...accepted } = acceptedAt(placedAt);
  const followUp = followUpOf([{ ...accepted, data: { ...data, promises, ends: given.ends } }]);
  const end = after(placedAt, LONGEST, calendar.zone, calendar);
  const contacts: Contact[] = [];
  let dormantAt: Instant | null = null;
  const ahead: FollowUpEvent[] = given.installed === null ? [] : [{ what: 'installed', at: given.installed }];

  for (let now = placedAt; now <= end; ) {
    const { next, record } = decide(followUp, terms, now);
    dormantAt ??= record.find(({ what }) => what === 'dormant')?.at ?? null;
    if (ahead.length > 0 && ahead[0].at <= Math.max(next.dueAt, now)) {
      const [event] = ahead.splice(0, 1);
      now = Math.max(now, event.at);
      evolve(followUp, event);
      continue;
    }
    now = Math.max(now, next.dueAt);
    if (next.step === 'end' || now > end) break;
    if (next.step === 'wait') continue;
    const { touch, occurrence } = { touch: next.touch!, occurrence: next.occurrence! };
    const due = plan(followUp, terms, now).find((one) => one.touch === touch && one.occurrence === occurrence)!;
    contacts.push(contactOf(due, now, example, calendar));
    for (const event of doneBy(due, now, manner)) evolve(followUp, event);
    if (next.step !== 'send') continue;
    const asked = playbook.touches.find(({ name, deed }) => name === touch && deed === 'ask')?.what;
    const survey = asked ? `${terms.seed}#${touch}` : null;
    const selling = due.purpose === 'selling';
    mails.push({ at: now, selling, survey, contact: `${terms.seed}#${touch}#${occurrence}` });
    if (asked && manner.score !== null && !followUp.answers.has(asked))
      ahead.push({ what: 'answered', at: now + DAY, data: { score: manner.score, survey: asked } });
  }
  return { contacts, answeredAt: followUp.answeredAt, dormantAt };
}

/** A mail goes out, a colleague does what is theirs to do; whether a call is taken is the customer's manner. */
function doneBy({ touch, occurrence, deed }: Planned, at: Instant, { takesCalls }: Manner): FollowUpEvent[] {
  if (deed === 'send' || deed === 'ask') return [{ what: 'sent', at, touch, occurrence }];
  const why = deed === 'call' ? (takesCalls ? 'reached' : 'no-answer') : deed === 'check' ? 'kept' : 'done';
  return [
    { what: 'task-made', at, touch, occurrence },
    { what: 'outcome', at, touch, occurrence, why, data: { kind: deed } },
  ];
}

function contactOf(due: Planned, at: Instant, { placedAt }: Example, calendar: Calendar): Contact {
  const { touch, occurrence, deed, brake } = due;
  const about = aboutOf(occurrence);
  const nth = Number(occurrence.slice(occurrence.indexOf('.') + 1));
  return { touch, about, nth, deed, at, day: dayOf(at, placedAt, calendar), hours: hoursAt(due, at, calendar), brake };
}

/** The hours of the day in which all openings of a contact are open; null where it is made outside of them. */
function hoursAt({ openings }: Planned, at: Instant, { zone }: Calendar): Hours | null {
  const local = localAt(at, zone);
  const day = Math.floor(local / DAY);
  const hours = { from: 0, to: 1_440 };
  for (const { week } of openings) {
    const open = week[(day + 3) % 7];
    if (!open) return null;
    hours.from = Math.max(hours.from, open.from);
    hours.to = Math.min(hours.to, open.to);
  }
  const minute = (local - day * DAY) / MINUTE;
  return hours.from <= minute && minute < hours.to ? hours : null;
}

/** What each band gets that not all of them get. Those who answer take calls too, and so do the silent beside them. */
function branchesOf(
  playbook: Playbook,
  liveBy: (playbook: Playbook, manner: Manner) => Life,
  day: (at: Instant) => number,
): Branch[] {
  const isMeant = (band: Group) => band !== 'passive' || playbook.touches.some(({ when }) => when.includes('passive'));
  const lives = (Object.keys(SCORES) as Group[])
    .filter(isMeant)
    .map((band) => ({ band, ...liveBy(playbook, { score: SCORES[band], takesCalls: true }) }));
  const keyOf = ({ touch, about, nth }: Contact) => `${touch}#${about}.${nth}`;
  const of = (contacts: Contact[]) => contacts.filter(({ touch }) => touch !== KEEP_IN_TOUCH);
  const keys = lives.map(({ contacts }) => new Set(of(contacts).map(keyOf)));
  const isCommon = (one: Contact) => keys.every((set) => set.has(keyOf(one)));
  const touchesOf = (contacts: Contact[]) => [...new Set(of(contacts).map(({ touch }) => touch))];
  const all = new Set(lives.flatMap(({ contacts }) => touchesOf(contacts)));
  // Nobody misses an answer to something they did not say.
  const isMissed = (name: string) => playbook.touches.some((touch) => touch.name === name && touch.anchor !== 'answer');
  return lives.map(({ band, contacts, answeredAt }) => ({
    band,
    answered: answeredAt === null ? null : { at: answeredAt, day: day(answeredAt) },
    contacts: of(contacts).filter((one) => !isCommon(one)),
    without: [...all].filter((name) => isMissed(name) && !touchesOf(contacts).includes(name)),
  }));
}

/** What contacts count from, as it is called where it happens. */
export const MARK_WORDS: Record<Mark, string> = {
  delivery: 'Delivered',
  installation: 'Installed',
  'expected order': 'Next order expected',
  'term end': 'Contract ends',
  'warranty end': 'Warranty ends',
};

/** Whom an answer shows, and by which scores. */
export const BAND_WORDS: Record<Group, string> = {
  promoter: 'Promoter: 9 or 10',
  passive: 'Passive: 7 or 8',
  detractor: 'Detractor: 0 to 6',
  silent: 'Silent: no answer',
};

/** Deeds as people call them. */
export const DEED_NAMES: Record<Deed, string> = {
  send: 'mail',
  ask: 'survey',
  call: 'call',
  letter: 'letter',
  check: 'check',
  fix: 'fix',
  other: 'task',
};

/** Minutes of a day as `10:00-17:00`. */
export const showHours = ({ from, to }: Hours) => [from, to].map(clock).join('-');
const clock = (minutes: number) => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;

/** What must be true for a touch to be made, in words; empty: nothing. */
export function onlyIf({ when, reaching, follows }: Touch): string {
  const parts = [
    follows !== null && `after ${follows}`,
    when.length > 0 && `if ${when.join(' and ')}`,
    reaching &&
      `on reaching ${'orders' in reaching ? `${reaching.orders} orders` : `${reaching.value} ${reaching.currency}`}`,
  ];
  return parts.filter(Boolean).join(', ');
}

/** When a touch is made, in words: `2 business days after delivery`. */
export function whenInWords({ anchor, follows, before, wait, every, approvedBy, approves }: Touch): string {
  const count = `${wait.amount > 0 ? `${showSpan(wait)} ` : ''}${before ? 'before' : 'after'} ${follows ?? anchor}`;
  const base = [approves && 'a business day ahead of', count, approvedBy && 'once its owner has let it go']
    .filter(Boolean)
    .join(' ');
  return every ? `${base}, and again every ${eachSpan(every)}` : base;
}

/** A span after "every": `year`, `2 weeks`. */
export const eachSpan = (span: Span) => showSpan(span).replace(/^1 /, '');

/** A touch as a sentence reads: what is done, when, for whom, and within which limits. */
export function inWords(touch: Touch): string {
  const { deed, what, purpose, to, carries, gift, between, attempts, reminders, remindAfter, within } = touch;
  const isTask = deed !== 'send' && deed !== 'ask';
  const { when, reaching } = touch;
  return [
    `${DEED_NAMES[deed]} ${what}: ${whenInWords(touch)}`,
    (when.length > 0 || reaching) && onlyIf({ ...touch, follows: null }),
    to && `to the ${to}`,
    purpose === 'selling' && 'selling',
    carries && `with ${carries === 'offer' ? 'an offer' : 'a tip'}`,
    gift && `with a gift: "${gift}"`,
    between && `between ${showHours(between)}`,
    attempts > 1 && `${attempts} tries`,
    reminders > 0 && `${reminders} reminder${reminders > 1 ? 's' : ''}, each after ${showSpan(remindAfter)}`,
    isTask &&
      isHurried(touch) &&
      `due ${within === SAME_DAY ? 'on the same business day' : `within ${showSpan(within)}`}`,
    touch.owed && 'owed after a reorder too',
    touch.tooLateAfter && !touch.before && `not later than ${showSpan(touch.tooLateAfter)} after that`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** A deadline that is not the usual business day. */
const isHurried = ({ within }: Touch) => within === SAME_DAY || within.amount !== 1 || within.unit !== 'business days';

/** What goes on until the next order, in words. */
export function keepInWords({ keepInTouch }: Playbook): string {
  if (!keepInTouch) return 'Then nothing more until the next order.';
  const { every, what, purpose, carries, dormantAfter } = keepInTouch;
  const cargo = carries ? `, with ${carries === 'offer' ? 'an offer' : 'a tip'}, as long as there is one` : '';
  return [
    `Then, every ${eachSpan(every)} until the next order: mail ${what}, ${purpose}${cargo}.`,
    `After every two without a sign of life the pause doubles; after ${showSpan(dormantAfter)} without one the customer is left in peace.`,
  ].join(' ');
}

/** A line of the calendar: a contact, or something that happens. */
export interface Line {
  at: Instant;
  day: number;
  /** Null: something happens. */
  touch: string | null;
  hours: Hours | null;
  words: string;
}

/** The plan day by day. Where a call is tried again, the first time tells of it. */
export function calendarOf({ touches }: Playbook, { contacts, sometimes, marks, dormant }: Preview): Line[] {
  const lineOf = (one: Contact, all: Contact[], isSure: boolean): Line[] => {
    const { touch: name, about, nth, deed, at, day, hours, brake } = one;
    if (deed === 'call' && nth > 1) return [];
    const touch = touches.find((other) => other.name === name);
    const isSame = (other: Contact) => other.touch === name && other.about === about && other.nth > 1;
    const isFirst = about <= 1;
    const again = deed === 'call' && isFirst ? all.filter(isSame).map((other) => other.day) : [];
    const first = touch && isFirst ? inWords(touch) : 'the next round';
    const words = [
      !isSure && touch?.follows && `only after ${touch.follows}`,
      name === KEEP_IN_TOUCH ? 'keeping in touch' : nth > 1 ? 'a reminder, where there was no answer' : first,
      again.length > 0 && `tried again on day ${again.join(' and ')}`,
      brake && `later than planned${brake === 'too-often' ? ', or mail would come too often' : ''}`,
    ];
    return [{ at, day, touch: name, hours, words: words.filter(Boolean).join('; ') }];
  };
  const happens = { touch: null, hours: null };
  return [
    ...marks.map(({ what, at, day }) => ({ at, day, ...happens, words: MARK_WORDS[what] })),
    ...(dormant ? [{ ...dormant, ...happens, words: 'Left in peace' }] : []),
    ...contacts.flatMap((one) => lineOf(one, contacts, true)),
    ...sometimes.flatMap((one) => lineOf(one, sometimes, false)),
  ].sort((one, other) => one.at - other.at);
}
