import { againstIt, type Hold, holdOf, isReached, isRecovery, isResponse, isSetUp, wasTalkedTo } from './against.ts';
import { anchorsOf, type Counted, isSettled } from './anchors.ts';
import {
  after,
  before,
  type Calendar,
  everyDay,
  type Hours,
  isDemonstration,
  narrowed,
  nextTry,
  type Opening,
  type Place,
  scaled,
  spread,
  startOfDay,
  within,
  worked,
} from './calendar.ts';
import { type Brake, type FollowUp, occurrenceOf, progressByAbout, progressOf } from './followUp.ts';
import type { BestTime } from './order.ts';
import {
  type Cargo,
  type Deadline,
  type Deed,
  isOfTheWait,
  KEEP_IN_TOUCH,
  NOT_DONE,
  notDoneOf,
  type Purpose,
  SAME_DAY,
  type Touch,
} from './playbook.ts';
import { allowedFrom, yieldTo } from './policy.ts';
import type { Person, Terms } from './terms.ts';
import { HOUR, type Instant, MINUTE, type Span } from './time.ts';
/** A contact that lies ahead. */
export interface Planned {
  touch: string;
  occurrence: string;
  deed: Deed;
  what: string;
  purpose: Purpose;
  /** The part in the purchase of the person it goes to; null: who ordered. */
  to: string | null;
  carries: Cargo | null;
  gift: string;
  dueAt: Instant;
  /** When it would be due if nothing put it off. */
  wantedAt: Instant;
  /** What puts it off. */
  brake: Brake | null;
  /** From when on it is better not made; null: never. */
  tooLateAt: Instant | null;
  /** How long a colleague has for the task. */
  within: Deadline;
  /** The customer counts on it: its task is never moved to another day. */
  promised: boolean;
  /** When it may happen at all. */
  openings: Opening[];
  /** Whether it belongs to the wait for the next order. */
  ofTheWait: boolean;
  /** How much it matters against other mail under the cap; 0: it is under none. */
  rank: number;
  /** Why it does not happen now although it may later. */
  held: Hold | null;
  /** Why it will not happen, as things stand. */
  against: string | null;
  /** By when its task is due, whatever the span says. */
  by?: Instant;
  /** Whose task it is or who signs the mail, where not the order's owner; and whether it is for their manager. */
  owner?: string;
  forManager?: boolean;
}

/** A mail on its way for longer than any hand-over takes was interrupted: somebody has to find out. */
const LONGEST_HAND_OVER = 15 * MINUTE;

/** Every contact that lies ahead, by due time; those that will not happen as things stand say why under `against`. */
export function plan(followUp: FollowUp, terms: Terms, now: Instant): Planned[] {
  if (followUp.endedAt !== null) return [];
  // An order of the past is not followed, but what comes back is seen to.
  const planned = terms.playbook.touches
    .filter(({ anchor }) => !followUp.history || anchor === 'return')
    .flatMap((touch) =>
      anchorsOf(touch, followUp, terms, now).map((anchor) => planTouch(touch, anchor, followUp, terms, now)),
    )
    .filter((one) => one !== null);
  const busy = planned.some((one) => one.against === null && !one.ofTheWait);
  const keeping = busy || followUp.history ? null : planKeepInTouch(followUp, terms, now);
  const all = [...planned, ...(keeping ? [keeping] : []), ...planNotDone(followUp, terms)];
  return all
    .map((one) => yieldToBetter(one, all, terms, now))
    .map((one) => leaveWhatIsOnItsWay(one, terms))
    .sort((a, b) => a.dueAt - b.dueAt || a.wantedAt - b.wantedAt || a.touch.localeCompare(b.touch));
}

/** Of mails under the cap the better one goes: one of the plan before one of the wait, and that before keeping in touch. */
function yieldToBetter(planned: Planned, all: Planned[], { policy, calendar, seed }: Terms, now: Instant): Planned {
  if (planned.rank === 0 || planned.against !== null || planned.held !== null) return planned;
  const rivals = all.filter(({ held, against }) => held === null && against === null);
  const { at, brake } = yieldTo(Math.max(planned.dueAt, now), planned.rank, rivals, policy, calendar);
  if (brake === null) return planned;
  const dueAt = within(at, planned.openings, calendar, seed + planned.touch);
  const isLate = planned.tooLateAt !== null && dueAt > planned.tooLateAt;
  return isLate ? { ...planned, dueAt: planned.wantedAt, brake, against: brake } : { ...planned, dueAt, brake };
}

/** A mail that is half out of the house is nobody's to call off: it comes out as sent, uncertain or failed. */
export function leaveWhatIsOnItsWay(planned: Planned, { onTheWay }: Terms): Planned {
  const since = onTheWay[`${planned.touch}#${planned.occurrence}`];
  return since === undefined
    ? planned
    : { ...planned, dueAt: since + LONGEST_HAND_OVER, brake: null, held: null, against: null };
}

function planTouch(touch: Touch, counted: Counted, followUp: FollowUp, terms: Terms, now: Instant): Planned | null {
  const { calendar, seed } = terms;
  const { about } = counted;
  const progress = progressOf(followUp, touch.name, about);
  if (progress.openTask !== null || isSettled(touch, progress)) return null;
  const isAnswered = touch.deed === 'ask' && followUp.answers.has(touch.what);
  if (isAnswered && progress.made.size > progress.moved) return null;
  // Whoever answered the mail is not reminded of it: a person reads what they wrote.
  if (touch.deed === 'ask' && progress.made.size > 0 && (followUp.repliedAt ?? 0) >= progress.lastAt!) return null;
  if (touch.reaching !== null && !isReached(touch.reaching, terms.party)) return null;
  if (!isSetUp(touch, terms)) return null;

  const person = personOf(touch, terms);
  const byMail = touch.deed === 'send' || (touch.deed === 'ask' && isAskedByMail(person, touch.purpose));
  const deed = touch.deed === 'ask' && !byMail ? 'call' : touch.deed;
  const planned = firstTime(touch, counted, followUp, person, calendar);
  // What was agreed on so late that its warning would come at once needs none.
  if (touch.before && counted.since !== undefined && planned < counted.since) return null;
  const approval = touch.approvedBy === null ? null : progressOf(followUp, touch.approvedBy, about);
  const first = Math.max(planned, approval?.wentWellAt ?? planned);
  const again = progress.made.size > 0;
  const retry = () =>
    byMail
      ? after(progress.lastAt!, touch.remindAfter, person.zone, calendar)
      : nextTry(progress.lastAt!, terms.colleague, calendar);
  const due = (progress.brake === null ? progress.notBefore : null) ?? (again ? retry() : first);
  const openings = openingsOf(deed, touch.between, person, terms, again);
  const atOnce = !byMail && !again && !touch.before && touch.wait.amount === 0 && progress.notBefore === null;
  const wantedAt = atOnce ? due : within(due, openings, calendar, seed + touch.name);

  const rank = byMail && touch.purpose === 'selling' ? (isOfTheWait(touch) ? 2 : 3) : 0;
  const survey = touch.deed === 'ask' && byMail ? `${seed}#${touch.name}` : null;
  const contact = `${seed}#${touch.name}#${occurrenceOf(about, progress.made.size + 1)}`;
  const { at, brake } = isResponse(touch)
    ? { at: wantedAt, brake: null }
    : putOffBy(wantedAt, byMail ? { selling: rank > 0, survey, contact } : null, openings, touch.name, terms);
  const dueAt = atOnce ? at : inItsHours(now, at, openings, calendar, seed + touch.name);

  const late = again ? null : lateAfter(touch, counted, planned, followUp, person, calendar);
  const hold = holdOf(touch, followUp, terms, now) ?? (approval && !approval.done ? 'approval' : null);
  const refused = approval?.done && approval.wentWellAt === null ? (approval.passedOver ?? 'not-approved') : null;
  const isFresh = progress.made.size === progress.moved;
  const talked = isFresh && wasTalkedTo(touch, planned, followUp, terms) ? 'heard' : null;
  const speaks =
    counted.against ??
    (isAnswered ? 'answered' : null) ??
    refused ??
    talked ??
    againstIt(touch, deed, followUp, person, terms);
  // What will not come after the call either need not wait for it.
  const held = hold === 'all-well' && speaks !== null ? null : hold;
  const tooLate = held === null && late !== null && Math.max(now, dueAt) > late && (now > late || brake !== null);
  const isPause = brake === 'everything-paused' || brake === 'customer-paused';
  const against = speaks ?? (tooLate ? (brake === null || isPause ? 'too-late' : brake) : null);
  // What comes again is passed over once for each reason.
  if (against !== null && against === progress.passedOver) return null;
  return {
    touch: touch.name,
    occurrence: occurrenceOf(about, progress.made.size + 1),
    deed,
    what: deed === 'call' && touch.deed === 'ask' ? 'survey-by-phone' : touch.what,
    purpose: touch.purpose,
    to: touch.to,
    carries: touch.carries,
    gift: touch.gift,
    dueAt: against === null ? dueAt : wantedAt,
    wantedAt,
    brake,
    tooLateAt: late,
    within: touch.within,
    promised: isResponse(touch) || isRecovery(touch) || touch.anchor === 'promise' || touch.anchor === 'broken promise',
    openings,
    ofTheWait: isOfTheWait(touch),
    rank,
    held,
    against,
  };
}

/** What is overdue, because it was held or nobody was there to make it, is made in its hours too, not at any. */
function inItsHours(now: Instant, at: Instant, openings: Opening[], calendar: Calendar, seed: string): Instant {
  if (at >= now) return at;
  const soonest = within(now, openings, calendar, seed);
  return soonest > now ? soonest : at;
}

/** Who is contacted. */
const personOf = ({ to }: Touch, { person, people }: Terms): Person => (to === null ? person : (people[to] ?? person));

const isAskedByMail = ({ email, phone, prefers, consent }: Person, purpose: Purpose) =>
  email && !(phone && consent[purpose].phone && (prefers === 'phone' || !consent[purpose].email));

/** When a touch is due for the first time, before hours of the day are looked at. */
function firstTime(
  touch: Touch,
  { at, expected }: Counted,
  { adoptedFrom }: FollowUp,
  { zone }: Person,
  calendar: Calendar,
): Instant {
  const dayOf = (time: Instant) => (isDemonstration(calendar) ? time : startOfDay(time, zone));
  if (touch.approves) return approvalTime(touch, at, zone, calendar);
  const from = isOfTheWait(touch) ? (adoptedFrom ?? 0) : 0;
  if (!touch.before) {
    const due = after(at, touch.wait, zone, calendar);
    // Whoever names days and hours means the hours of that day, not those after the hour of the order.
    const first = touch.between && touch.wait.amount > 0 && inDays(touch.wait) ? Math.max(dayOf(due), at) : due;
    return Math.max(first, from);
  }
  // From that day's first hour on: what comes before something is better early than late.
  const first = Math.max(dayOf(before(at, touch.wait, zone, calendar)), from);
  // What should have happened by now and did not is at risk, whatever time is left.
  return expected === undefined ? first : Math.min(first, expected);
}

const inDays = ({ unit }: Span) => unit !== 'minutes' && unit !== 'hours';

/** A mail is read a business day before it goes out, or as soon as there is something to count from. */
function approvalTime(touch: Touch, at: Instant, zone: string, calendar: Calendar): Instant {
  const ahead = { amount: 1, unit: 'business days' } as const;
  if (touch.before) return before(before(at, touch.wait, zone, calendar), ahead, zone, calendar);
  return Math.max(at, before(after(at, touch.wait, zone, calendar), ahead, zone, calendar));
}

/** Late is late against the plan: what was put off, paused or promised for later is measured from its first day. */
function lateAfter(
  touch: Touch,
  { at }: Counted,
  first: Instant,
  followUp: FollowUp,
  person: Person,
  calendar: Calendar,
) {
  const { placedAt } = followUp;
  // What comes before something is of no use after it; nor where it should have come before the order was there.
  if (touch.before) return first < placedAt ? first : at;
  return touch.tooLateAfter && after(Math.max(first, placedAt), touch.tooLateAfter, person.zone, calendar);
}

/** When a customer likes to be called. */
const BEST_TIMES: Record<BestTime, Hours> = {
  morning: { from: 0, to: 720 },
  afternoon: { from: 720, to: 1_020 },
  evening: { from: 1_020, to: 1_440 },
};

/**
 * When a contact may be made: mail while its reader is up, a call while both the colleague works and the customer may
 * be called, at the best time for the first try; other work while the colleague is there.
 */
function openingsOf(deed: Deed, hours: Hours | null, person: Person, terms: Terms, again: boolean): Opening[] {
  const { colleague, quiet } = terms;
  const customer = (of: Hours, place: Place | null): Opening => {
    const week = everyDay(of.from, of.to);
    return { zone: person.zone, week: hours ? narrowed(week, hours) : week, place, away: [] };
  };
  if (deed === 'send' || deed === 'ask') return [customer(quiet.mail, null)];
  if (deed !== 'call') return [colleague];
  const awake = customer(quiet.call, person.place);
  const best =
    person.bestTime === null || again ? [] : [{ ...awake, week: narrowed(awake.week, BEST_TIMES[person.bestTime]) }];
  return [colleague, awake, ...best];
}

/** A mail as the contact policy sees it. */
interface Wish {
  selling: boolean;
  survey: string | null;
  contact: string;
}

/** What puts a contact off, and until when: a pause for everything or for the customer, and for mail the policy. */
function putOffBy(
  due: Instant,
  mail: Wish | null,
  openings: Opening[],
  touch: string,
  terms: Terms,
): { at: Instant; brake: Brake | null } {
  const { pauses, policy, calendar, party, seed } = terms;
  let at = due;
  let brake: Brake | null = null;
  const putOff = (until: Instant, why: Brake | null, spreadBy = seed + touch) => {
    if (why === null || until <= at) return;
    at = within(until, openings, calendar, spreadBy);
    brake = why;
  };
  // Not all orders that waited go on in the same second, but what waited for one keeps its order.
  const end = (until: Instant | null) =>
    until === null || until <= due ? due : until + spread(seed, scaled(calendar, 2 * HOUR));
  putOff(end(pauses.everything), 'everything-paused', seed);
  putOff(end(pauses.customer), 'customer-paused', seed);
  if (mail !== null) {
    const past = party.mails.filter(({ contact }) => contact !== mail.contact);
    const allowed = allowedFrom(at, mail, past, policy, calendar);
    putOff(allowed.at, allowed.brake);
  }
  return { at, brake };
}

function planKeepInTouch(followUp: FollowUp, terms: Terms, now: Instant): Planned | null {
  const { playbook, person, calendar, seed } = terms;
  const keep = playbook.keepInTouch;
  if (!keep || followUp.dormant) return null;
  const progress = progressOf(followUp, KEEP_IN_TOUCH);
  if (progress.openTask !== null) return null;
  // Two contacts without a sign of life halve how often.
  const every = { ...keep.every, amount: keep.every.amount * 2 ** Math.floor(followUp.unheard / 2) };
  const since = Math.max(followUp.lastContactAt, progress.lastAt ?? 0);
  const due = Math.max(
    (progress.brake === null ? progress.notBefore : null) ?? after(since, every, person.zone, calendar),
    followUp.adoptedFrom ?? 0,
  );
  const openings = openingsOf('send', null, person, terms, false);
  const wantedAt = within(due, openings, calendar, seed + KEEP_IN_TOUCH);
  const occurrence = occurrenceOf(0, progress.made.size + 1);
  const contact = `${seed}#${KEEP_IN_TOUCH}#${occurrence}`;
  const selling = keep.purpose === 'selling';
  const { at, brake } = putOffBy(wantedAt, { selling, survey: null, contact }, openings, KEEP_IN_TOUCH, terms);
  const dueAt = inItsHours(now, at, openings, calendar, seed + KEEP_IN_TOUCH);
  const givenUpAt = after(
    Math.max(followUp.lastSignAt, followUp.adoptedFrom ?? 0),
    keep.dormantAfter,
    person.zone,
    calendar,
  );
  const held = holdOf(null, followUp, terms, now);
  const dormant = dueAt >= givenUpAt && held === null;
  const may = person.consent[keep.purpose].email ? null : 'no-consent';
  const against = may ?? (person.email ? null : 'no-email') ?? followUp.outcome;
  return {
    touch: KEEP_IN_TOUCH,
    occurrence,
    deed: 'send',
    what: keep.what,
    purpose: keep.purpose,
    to: null,
    carries: keep.carries,
    gift: '',
    dueAt: dormant ? givenUpAt : dueAt,
    wantedAt,
    brake,
    tooLateAt: null,
    within: { amount: 1, unit: 'business days' },
    promised: false,
    openings,
    ofTheWait: true,
    rank: selling ? 1 : 0,
    held,
    against: against ?? (dormant ? 'dormant' : null),
  };
}

/** Where a task is still open long after it was due, the manager hears of it, once. */
function planNotDone(followUp: FollowUp, { playbook, colleague, calendar, seed }: Terms): Planned[] {
  return playbook.touches.flatMap(({ name, escalateAfter }) =>
    progressByAbout(followUp, name).flatMap(({ about, progress: { openTask, taskDueAt } }) => {
      const touch = notDoneOf(name);
      if (escalateAfter === null || openTask === null || taskDueAt === null) return [];
      if (progressOf(followUp, touch, about).made.has(openTask)) return [];
      const at = within(worked(taskDueAt, escalateAfter, colleague, calendar), [colleague], calendar, seed + touch);
      return [
        {
          touch,
          occurrence: openTask,
          deed: 'other' as const,
          what: NOT_DONE,
          purpose: 'service' as const,
          to: null,
          carries: null,
          gift: '',
          dueAt: at,
          wantedAt: at,
          brake: null,
          tooLateAt: null,
          within: SAME_DAY,
          promised: false,
          openings: [colleague],
          ofTheWait: true,
          rank: 0,
          held: null,
          against: null,
          forManager: true,
        },
      ];
    }),
  );
}

/** A survey for who has no address, or would rather be called, is asked on the phone. */
export const isByPhone = (touch: Touch, terms: Terms) =>
  touch.deed === 'ask' && !isAskedByMail(personOf(touch, terms), touch.purpose);

/** The task or mail as it was planned, when its time has come; null when it is no longer wanted now. */
export function dueNow(followUp: FollowUp, terms: Terms, now: Instant, touch: string, occurrence: string) {
  const one = plan(followUp, terms, now).find((each) => each.touch === touch && each.occurrence === occurrence);
  return one && one.held === null && one.against === null && one.dueAt <= now ? one : null;
}
