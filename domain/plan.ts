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
} from './calendar.ts';
import {
  type Brake,
  type FollowUp,
  type FollowUpOutcome,
  isAbout,
  isDetractor,
  isKept,
  isPromoter,
  occurrenceOf,
  openComplaint,
  type Progress,
  progressByAbout,
  progressOf,
} from './followUp.ts';
import type { BestTime } from './order.ts';
import {
  type Anchor,
  type Cargo,
  type Condition,
  type Deadline,
  type Deed,
  isOfTheWait,
  KEEP_IN_TOUCH,
  type Playbook,
  type Purpose,
  type Threshold,
  type Touch,
} from './playbook.ts';
import { allowedFrom, yieldTo } from './policy.ts';
import { type Expected, expectedNext } from './rhythm.ts';
import { TALK } from './task.ts';
import type { Party, Person, Terms } from './terms.ts';
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
}
export type Hold = 'paused' | 'complaint' | 'promise' | 'unpaid' | 'approval';

/** A mail on its way for longer than any hand-over takes was interrupted: somebody has to find out. */
const LONGEST_HAND_OVER = 15 * MINUTE;

/** Every contact that lies ahead, by due time; those that will not happen as things stand say why under `against`. */
export function plan(followUp: FollowUp, terms: Terms, now: Instant): Planned[] {
  if (followUp.history || followUp.endedAt !== null) return [];
  const planned = terms.playbook.touches
    .flatMap((touch) =>
      anchorsOf(touch, followUp, terms, now).map((anchor) => planTouch(touch, anchor, followUp, terms, now)),
    )
    .filter((one) => one !== null);
  const busy = planned.some((one) => one.against === null && !one.ofTheWait);
  const keeping = busy ? null : planKeepInTouch(followUp, terms, now);
  const all = keeping ? [...planned, keeping] : planned;
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
function leaveWhatIsOnItsWay(planned: Planned, { onTheWay }: Terms): Planned {
  const since = onTheWay[`${planned.touch}#${planned.occurrence}`];
  return since === undefined
    ? planned
    : { ...planned, dueAt: since + LONGEST_HAND_OVER, brake: null, held: null, against: null };
}

/** When delivery is taken to have happened, and whether that is only assumed. */
export function deliveryOf(followUp: FollowUp, { playbook, person, calendar }: Terms) {
  if (followUp.deliveredAt !== null) return { at: followUp.deliveredAt, assumed: false };
  const promise = followUp.promises.find((one) => isAbout(one, 'delivered'));
  if (!promise) return { at: after(followUp.placedAt, playbook.deliveryAfter, person.zone, calendar), assumed: true };
  if (promise.state === 'open' || isKept(promise)) return { at: promise.by, assumed: true };
  return { at: after(promise.settledAt ?? promise.by, playbook.deliveryAfter, person.zone, calendar), assumed: true };
}

/** When the next order is expected; null where nothing says so. */
export const expectedOrder = ({ placedAt }: FollowUp, { party, playbook, person, calendar }: Terms): Expected | null =>
  expectedNext(
    party.placed.length > 0 ? party.placed : [placedAt],
    party.productDays,
    playbook.nextOrderAfter,
    person.zone,
    calendar,
  );

/** One thing a touch counts from: which promise, complaint, interest, line or round, 0 where there is but one. */
interface Counted {
  about: number;
  at: Instant;
  /** When it is expected to happen before it is due, and since when it is agreed. */
  expected?: Instant;
  since?: Instant;
  /** What it counts from came out so that this touch is not wanted. */
  against?: string;
}

/** The instants a touch counts from. */
function anchorsOf(touch: Touch, followUp: FollowUp, terms: Terms, now: Instant): Counted[] {
  // Whoever comes from the past has no plan behind them, only the wait for the next order.
  if (followUp.adoptedFrom !== null && !isOfTheWait(touch) && BY_ITSELF.includes(touch.anchor)) return [];
  // What should have come before something that is over is nothing they missed.
  const isOver = ({ at }: Counted) => touch.before && at <= (followUp.adoptedFrom ?? 0);
  const counted = countedFrom(touch, followUp, terms).filter((one) => !isOver(one));
  return touch.every === null ? counted : counted.slice(0, 1).map(({ at }) => roundOf(touch, at, followUp, terms, now));
}

/** What happens to every order by itself; the other anchors answer to what the customer does. */
const BY_ITSELF: readonly Anchor[] = ['order', 'payment', 'delivery', 'installation', 'promise', 'touch'];

function countedFrom(touch: Touch, followUp: FollowUp, terms: Terms): Counted[] {
  const one = (at: Instant | null | undefined) => (at === null || at === undefined ? [] : [{ about: 0, at }]);
  const each = <T>(list: T[], at: (item: T) => Instant | null) =>
    list.flatMap((item, index) => (at(item) === null ? [] : [{ about: index + 1, at: at(item)! }]));
  switch (touch.anchor) {
    case 'order':
      return one(followUp.placedAt);
    case 'payment':
      return one(followUp.paidAt);
    case 'delivery':
      return one(deliveryOf(followUp, terms).at);
    case 'installation':
      return one(followUp.installedAt ?? followUp.promises.find((promise) => isAbout(promise, 'installed'))?.by);
    case 'answer':
      return one(followUp.answeredAt);
    case 'expected order':
      return one(expectedOrder(followUp, terms)?.at);
    case 'promise':
      return followUp.promises
        .filter(({ state }) => state === 'open')
        .map(({ number, by, expected, since }) => ({ about: number, at: by, expected, since }));
    case 'broken promise':
      return each(followUp.promises, ({ state, settledAt }) => (state === 'broken' ? settledAt : null));
    case 'complaint':
      return each(followUp.complaints, ({ closedAt, since }) => (closedAt === null ? since : null));
    case 'interest':
      return each(followUp.interests, (at) => at);
    case 'term end':
    case 'warranty end':
      return followUp.ends
        .filter((end) => `${end.of} end` === touch.anchor)
        .map(({ line, at }) => ({ about: line, at }));
    case 'touch':
      return progressByAbout(followUp, touch.follows!).flatMap(({ about, progress: { done, wentWellAt, lastAt } }) => {
        if (wentWellAt !== null) return [{ about, at: wentWellAt }];
        return done ? [{ about, at: lastAt ?? followUp.acceptedAt, against: 'not-done' }] : [];
      });
  }
}

/** Of a touch that comes again and again, the round that is on; what was missed altogether is not made up for. */
function roundOf(touch: Touch, anchor: Instant, followUp: FollowUp, terms: Terms, now: Instant): Counted {
  const { person, calendar } = terms;
  const at = (round: number) =>
    after(anchor, { ...touch.every!, amount: touch.every!.amount * (round - 1) }, person.zone, calendar);
  const begun = (round: number) => progressOf(followUp, touch.name, round);
  let round = 1;
  while (isSettled(touch, begun(round))) round += 1;
  const isMissed = () => begun(round).made.size === 0 && after(at(round + 1), touch.wait, person.zone, calendar) <= now;
  while (isMissed()) round += 1;
  return { about: round, at: at(round) };
}

export const isSettled = (touch: Touch, { done, openTask, made, moved }: Progress) =>
  done || (openTask === null && made.size - moved >= (touch.deed === 'ask' ? 1 + touch.reminders : touch.attempts));

function planTouch(touch: Touch, counted: Counted, followUp: FollowUp, terms: Terms, now: Instant): Planned | null {
  const { calendar, seed } = terms;
  const { about } = counted;
  const progress = progressOf(followUp, touch.name, about);
  if (progress.openTask !== null || isSettled(touch, progress)) return null;
  if (touch.deed === 'ask' && followUp.answeredAt !== null) return null;
  if (touch.reaching !== null && !isReached(touch.reaching, terms.party)) return null;

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
  const held = holdOf(touch, followUp, terms, now) ?? (approval && !approval.done ? 'approval' : null);
  const refused = approval?.done && approval.wentWellAt === null ? (approval.passedOver ?? 'not-approved') : null;
  const speaks = counted.against ?? refused ?? againstIt(touch, deed, followUp, person, terms);
  const tooLate = held === null && late !== null && Math.max(now, dueAt) > late && (now > late || brake !== null);
  const isPause = brake === 'everything-paused' || brake === 'customer-paused';
  const against = speaks ?? (tooLate ? (brake === null || isPause ? 'too-late' : brake) : null);
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
    promised: isResponse(touch) || touch.anchor === 'promise' || touch.anchor === 'broken promise',
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

/** What the customer does themselves is answered whatever else is going on. */
export const isResponse = ({ anchor }: Touch) => anchor === 'complaint' || anchor === 'interest';

/**
 * A pause and an open complaint hold everything but the answer to them, and a complaint about another order all but
 * owed care; selling waits for the payment, and for the apology where a promise was broken.
 */
function holdOf(touch: Touch | null, followUp: FollowUp, { party, playbook }: Terms, now: Instant): Hold | null {
  if (touch && isResponse(touch)) return null;
  if (openComplaint(followUp) || (party.complaint && !touch?.owed)) return 'complaint';
  if (isPaused(followUp, now)) return 'paused';
  const selling = !touch || touch.purpose === 'selling';
  if (selling && owesApology(followUp, playbook)) return 'promise';
  return (selling || touch.when.includes('paid')) && followUp.paidAt === null ? 'unpaid' : null;
}

const owesApology = ({ promises, ...followUp }: FollowUp, { touches }: Playbook) =>
  promises.some(
    ({ state, number }) =>
      state === 'broken' &&
      touches.some(
        (touch) =>
          touch.anchor === 'broken promise' &&
          !isSettled(touch, progressOf({ promises, ...followUp }, touch.name, number)),
      ),
  );

function againstIt(touch: Touch, deed: Deed, followUp: FollowUp, person: Person, terms: Terms): string | null {
  if (followUp.outcome !== null && !endures(touch, followUp.outcome)) return followUp.outcome;
  if (followUp.exchanged && touch.purpose === 'selling') return 'exchanged';
  if (followUp.dormant && touch.purpose === 'selling' && isOfTheWait(touch)) return 'dormant';
  const missing = unmet(touch, followUp, terms);
  if (missing) return missing;
  const { email, phone } = person.consent[touch.purpose];
  const may =
    deed === 'call' ? phone : deed === 'letter' ? email || phone : deed === 'send' || deed === 'ask' ? email : true;
  if (!may) return 'no-consent';
  if (deed === 'send' && !person.email) return 'no-email';
  if (touch.deed === 'ask' && deed === 'call' && !person.phone) return 'no-address';
  return null;
}

const isReached = (threshold: Threshold, { nth, value, total, currency }: Party) =>
  'orders' in threshold
    ? nth === threshold.orders
    : threshold.currency === currency && value >= threshold.value && value - total < threshold.value;

/** The first condition that does not hold, as the reason against the touch. */
export function unmet(touch: Touch, followUp: FollowUp, { party }: Terms): string | null {
  const condition = touch.when.find((one) => !holds(one, followUp, party));
  return condition ? (condition === 'not detractor' ? 'detractor' : `not-${condition.replace(' ', '-')}`) : null;
}

function holds(condition: Condition, { score, answeredAt }: FollowUp, { nth, topFifth }: Party): boolean {
  switch (condition) {
    case 'paid':
      return true; // Not a reason against it: it waits for the payment.
    case 'promoter':
      return score !== null && isPromoter(score);
    case 'passive':
      return score !== null && !isPromoter(score) && !isDetractor(score);
    case 'detractor':
      return score !== null && isDetractor(score);
    case 'not detractor':
      return score === null || !isDetractor(score);
    case 'answered':
      return answeredAt !== null;
    case 'silent':
      return answeredAt === null;
    case 'first order':
      return nth <= 1;
    case 'repeat order':
      return nth > 1;
    case 'top fifth':
      return topFifth;
  }
}

export const isPaused = ({ pausedUntil }: FollowUp, now: Instant) => pausedUntil !== null && pausedUntil > now;

/**
 * Care outlives a reorder, a complaint even a cancelled sale, and so does a call the customer asked for, which no
 * playbook plans. Who wants no contact gets none.
 */
export function endures(touch: Touch | undefined, outcome: FollowUpOutcome, name = touch?.name): boolean {
  if (outcome === 'opted-out' || outcome === 'erased') return false;
  if (touch === undefined) return name === TALK;
  return touch.anchor === 'complaint' || (outcome === 'reordered' && touch.owed);
}

/** A survey for who has no address, or would rather be called, is asked on the phone. */
export const isByPhone = (touch: Touch, terms: Terms) =>
  touch.deed === 'ask' && !isAskedByMail(personOf(touch, terms), touch.purpose);

/** The task or mail as it was planned, when its time has come; null when it is no longer wanted now. */
export function dueNow(followUp: FollowUp, terms: Terms, now: Instant, touch: string, occurrence: string) {
  const one = plan(followUp, terms, now).find((each) => each.touch === touch && each.occurrence === occurrence);
  return one && one.held === null && one.against === null && one.dueAt <= now ? one : null;
}
