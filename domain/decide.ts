import { after, type Calendar, MAIL_WINDOW, nextTry, scaled, TASK_WINDOW, within } from './calendar.ts';
import {
  aboutOf,
  evolve,
  type FollowUp,
  type FollowUpEvent,
  type FollowUpOutcome,
  isAbout,
  isDetractor,
  isPromoter,
  occurrenceOf,
  openComplaint,
  type Progress,
  progressesOf,
  progressOf,
  type Stage,
} from './followUp.ts';
import {
  type Anchor,
  type Condition,
  type Deed,
  KEEP_IN_TOUCH,
  type Playbook,
  type Purpose,
  type Touch,
} from './playbook.ts';
import { DAY, type Instant, MINUTE, type Span } from './time.ts';

/** What the rules must know of the customer; no name, no address. */
export interface Person {
  consent: Record<Purpose, boolean>;
  /** An address mail may go to: known and not refused. */
  email: boolean;
  phone: boolean;
  /** The customer's IANA time zone. */
  zone: string;
}

/** What a decision is made with. */
export interface Terms {
  playbook: Playbook;
  person: Person;
  calendar: Calendar;
  /** Makes spreading steady: the order's id. */
  seed: string;
  /** Mails that are being handed over right now, as `touch#occurrence`, and since when. */
  onTheWay: Record<string, Instant>;
}

/** A mail on its way for longer than any hand-over takes was interrupted: somebody has to find out. */
const LONGEST_HAND_OVER = 15 * MINUTE;

/** A contact that lies ahead. */
export interface Planned {
  touch: string;
  occurrence: string;
  deed: Deed;
  what: string;
  purpose: Purpose;
  dueAt: Instant;
  /** From when on it is better not made; null: never. */
  tooLateAt: Instant | null;
  /** How long a colleague has for the task. */
  within: Span;
  /** Why it does not happen now although it may later. */
  held: Hold | null;
  /** Why it will not happen, as things stand. */
  against: string | null;
}
export type Hold = 'paused' | 'complaint' | 'unpaid';

/** What the workflow does next. Small and free of personal data, for Temporal keeps it. */
export interface Next {
  step: 'send' | 'task' | 'wait' | 'end';
  stage: Stage;
  dueAt: Instant;
  touch?: string;
  occurrence?: string;
  /** Why it waits where no touch is due: a hold, `reorder`, or what speaks against the touch. */
  why?: string;
  outcome?: FollowUpOutcome;
  score?: number;
  /** What happened last, for the details in the Temporal UI. */
  last?: string;
  /** All that happened, where the workflow may have missed some of it. */
  story?: string[];
}

export interface Decision {
  /** What is settled by the passing of time or by what became known, to be written into the story. */
  record: FollowUpEvent[];
  next: Next;
  /** The next contact that will happen as things stand; none while the follow-up is held. */
  contact?: Planned;
}

/** No run waits longer than this without looking again. */
const YEAR = 365 * DAY;

/** When mail failed for this long it is handed to a person (RFC 5321, 4.5.4.1: give up after four to five days). */
const GIVE_UP_AFTER = 4.5 * DAY;
const PAUSES = [1, 5, 30, 60, 120, 240, 480, 720].map((minutes) => minutes * MINUTE);

/**
 * What comes next at a given instant, and what has to be written into the story first. Pure: the same events, playbook
 * and instant give the same answer.
 */
export function decide(followUp: FollowUp, terms: Terms, now: Instant): Decision {
  const record: FollowUpEvent[] = [];
  const note = (event: FollowUpEvent) => {
    record.push(event);
    evolve(followUp, event);
  };

  if (followUp.history) return { record, next: { step: 'end', stage: 'history', dueAt: now } };
  if (followUp.endedAt === null && followUp.outcome !== null) windUp(followUp, terms, now, note);
  if (followUp.endedAt === null) dropWhatIsMoot(followUp, terms, now, note);
  const score = followUp.score ?? undefined;
  const outcome = followUp.outcome ?? undefined;
  if (followUp.endedAt !== null) return { record, next: { step: 'end', stage: 'ended', dueAt: now, outcome, score } };

  const planned = plan(followUp, terms, now);
  const ahead = planned.filter((one) => one.against === null);
  const contact = ahead.find((one) => one.held === null);
  const stage = stageOf(followUp, ahead, now);
  const [first] = planned.filter((one) => one.held === null && (one.against === null || one.touch !== KEEP_IN_TOUCH));
  const lookAgainAt = Math.min(now + scaled(terms.calendar, YEAR), pauseEnd(followUp, now));
  if (!first || first.dueAt > lookAgainAt) {
    const why = ahead.find((one) => one.held)?.held ?? 'reorder';
    return { record, contact, next: { step: 'wait', stage, dueAt: lookAgainAt, why, outcome, score } };
  }
  const { touch, occurrence, dueAt, deed, against } = first;
  // What will not happen is said on the day it would have.
  const step = against !== null ? 'wait' : deed === 'send' || deed === 'ask' ? 'send' : 'task';
  const why = against ?? undefined;
  return { record, contact, next: { step, stage, dueAt, touch, occurrence, why, outcome, score } };
}

/** Every contact that lies ahead, by due time; those that will not happen as things stand say why under `against`. */
export function plan(followUp: FollowUp, terms: Terms, now: Instant): Planned[] {
  if (followUp.history || followUp.endedAt !== null) return [];
  const planned = terms.playbook.touches
    .flatMap((touch) =>
      anchorsOf(touch, followUp, terms).map(({ about, at }) => planTouch(touch, about, at, followUp, terms, now)),
    )
    .filter((one) => one !== null);
  const busy = planned.some((one) => one.against === null);
  const keeping = busy ? null : planKeepInTouch(followUp, terms, now);
  return (keeping ? [...planned, keeping] : planned)
    .map((one) => leaveWhatIsOnItsWay(one, terms))
    .sort((a, b) => a.dueAt - b.dueAt || a.touch.localeCompare(b.touch));
}

/** A mail that is half out of the house is nobody's to call off: it comes out as sent, uncertain or failed. */
function leaveWhatIsOnItsWay(planned: Planned, { onTheWay }: Terms): Planned {
  const since = onTheWay[`${planned.touch}#${planned.occurrence}`];
  return since === undefined ? planned : { ...planned, dueAt: since + LONGEST_HAND_OVER, held: null, against: null };
}

/** The task or mail as it was planned, when its time has come; null when it is no longer wanted now. */
export function dueNow(followUp: FollowUp, terms: Terms, now: Instant, touch: string, occurrence: string) {
  const one = plan(followUp, terms, now).find((each) => each.touch === touch && each.occurrence === occurrence);
  return one && one.held === null && one.against === null && one.dueAt <= now ? one : null;
}

/** Until when a failed try is put off; null when it is time to hand it to a person. */
export function putOffUntil(progress: Progress, calendar: Calendar, now: Instant): Instant | null {
  const since = progress.failingSince ?? now;
  if (now - since > scaled(calendar, GIVE_UP_AFTER)) return null;
  return now + Math.max(scaled(calendar, PAUSES[Math.min(progress.failures, PAUSES.length - 1)]), 1000);
}

/** When delivery is taken to have happened, and whether that is only assumed. */
export function deliveryOf(followUp: FollowUp, { playbook, person, calendar }: Terms) {
  if (followUp.deliveredAt !== null) return { at: followUp.deliveredAt, assumed: false };
  const promise = followUp.promises.find((one) => isAbout(one, 'delivered'));
  if (!promise) return { at: after(followUp.placedAt, playbook.deliveryAfter, person.zone, calendar), assumed: true };
  if (promise.state !== 'broken') return { at: promise.by, assumed: true };
  return { at: after(promise.settledAt ?? promise.by, playbook.deliveryAfter, person.zone, calendar), assumed: true };
}

/** The instants a touch counts from; several where it is about each promise, complaint or interest. */
function anchorsOf(touch: Touch, followUp: FollowUp, terms: Terms): { about: number; at: Instant }[] {
  const one = (at: Instant | null) => (at === null ? [] : [{ about: 0, at }]);
  switch (touch.after) {
    case 'order':
      return one(followUp.placedAt);
    case 'payment':
      return one(followUp.paidAt);
    case 'delivery':
      return one(deliveryOf(followUp, terms).at);
    case 'answer':
      return one(followUp.answeredAt);
    case 'promise':
      return followUp.promises.filter((p) => p.state === 'open').map((p) => ({ about: p.number, at: p.by }));
    case 'broken promise':
      return followUp.promises.filter((p) => p.state === 'broken').map((p) => ({ about: p.number, at: p.settledAt! }));
    case 'complaint':
      return followUp.complaints.flatMap((c, index) =>
        c.closedAt === null ? [{ about: index + 1, at: c.since }] : [],
      );
    case 'interest':
      return followUp.interests.map((at, index) => ({ about: index + 1, at }));
  }
}

function planTouch(touch: Touch, about: number, anchor: Instant, followUp: FollowUp, terms: Terms, now: Instant) {
  const { person, calendar, seed } = terms;
  const progress = progressOf(followUp, touch.name, about);
  if (progress.done || progress.openTask !== null) return null;
  const made = progress.made.size - progress.moved;
  const asked = touch.deed === 'ask' && followUp.answeredAt !== null;
  if (asked || made >= (touch.deed === 'ask' ? 1 + touch.reminders : touch.attempts)) return null;

  const byMail = touch.deed === 'send' || (touch.deed === 'ask' && person.email);
  const deed = touch.deed === 'ask' && !byMail ? 'call' : touch.deed;
  const first = after(anchor, touch.wait, person.zone, calendar);
  const again = () =>
    byMail
      ? after(progress.lastAt!, touch.remindAfter, person.zone, calendar)
      : nextTry(progress.lastAt!, calendar.zone, calendar);
  const due = progress.notBefore ?? (progress.made.size > 0 ? again() : first);
  const dueAt = byMail
    ? mailTime(due, touch.name, terms)
    : touch.wait.amount || progress.made.size
      ? within(due, TASK_WINDOW, calendar.zone, calendar, seed + touch.name)
      : due;
  // Late is late against the plan: what was put off, paused or promised for later is measured from its first day.
  const late =
    touch.tooLateAfter !== null && progress.made.size === 0
      ? after(Math.max(first, followUp.placedAt), touch.tooLateAfter, person.zone, calendar)
      : null;
  const held = holdOf(touch, followUp, now);
  return {
    touch: touch.name,
    occurrence: occurrenceOf(about, progress.made.size + 1),
    deed,
    what: deed === 'call' && touch.deed === 'ask' ? 'survey-by-phone' : touch.what,
    purpose: touch.purpose,
    dueAt,
    tooLateAt: late,
    within: touch.within,
    held,
    against:
      againstIt(touch, deed, followUp, person) ?? (held === null && late !== null && now > late ? 'too-late' : null),
  } satisfies Planned;
}

/** When a mail that is due goes out: in hours when the customer is up. */
export const mailTime = (due: Instant, touch: string, { person, calendar, seed }: Terms): Instant =>
  within(due, MAIL_WINDOW, person.zone, calendar, seed + touch);

function planKeepInTouch(followUp: FollowUp, terms: Terms, now: Instant): Planned | null {
  const { playbook, person, calendar } = terms;
  const keep = playbook.keepInTouch;
  if (!keep) return null;
  const progress = progressOf(followUp, KEEP_IN_TOUCH);
  if (progress.openTask !== null) return null;
  const due = progress.notBefore ?? after(followUp.lastContactAt, keep.every, person.zone, calendar);
  const against = !person.consent[keep.purpose] ? 'no-consent' : !person.email ? 'no-email' : null;
  return {
    touch: KEEP_IN_TOUCH,
    occurrence: occurrenceOf(0, progress.made.size + 1),
    deed: 'send',
    what: keep.what,
    purpose: keep.purpose,
    dueAt: mailTime(due, KEEP_IN_TOUCH, terms),
    tooLateAt: null,
    within: { amount: 1, unit: 'business days' },
    held: holdOf(null, followUp, now),
    against: against ?? followUp.outcome,
  };
}

/** A pause and an open complaint hold everything but the answer to them; selling waits for the payment. */
function holdOf(touch: Touch | null, followUp: FollowUp, now: Instant): Hold | null {
  if (touch?.after === 'complaint' || touch?.after === 'interest') return null;
  if (openComplaint(followUp)) return 'complaint';
  if (isPaused(followUp, now)) return 'paused';
  const needsPayment = !touch || touch.purpose === 'selling' || touch.when.includes('paid');
  return needsPayment && followUp.paidAt === null ? 'unpaid' : null;
}

function againstIt(touch: Touch, deed: Deed, followUp: FollowUp, person: Person): string | null {
  if (followUp.outcome !== null && !endures(touch, followUp.outcome)) return followUp.outcome;
  if (followUp.exchanged && touch.purpose === 'selling') return 'exchanged';
  const missing = unmet(touch, followUp);
  if (missing) return missing;
  const contacts = deed !== 'check' && deed !== 'fix' && deed !== 'other';
  if (contacts && !person.consent[touch.purpose]) return 'no-consent';
  if (deed === 'send' && !person.email) return 'no-email';
  if (touch.deed === 'ask' && deed === 'call' && !person.phone) return 'no-address';
  return null;
}

/** The first condition that does not hold, as the reason against the touch. */
function unmet(touch: Touch, followUp: FollowUp): string | null {
  const condition = touch.when.find((one) => !holds(one, followUp));
  return condition ? (condition === 'not detractor' ? 'detractor' : `not-${condition}`) : null;
}

function holds(condition: Condition, { score, answeredAt }: FollowUp): boolean {
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
  }
}

function stageOf(followUp: FollowUp, ahead: Planned[], now: Instant): Stage {
  if (openComplaint(followUp)) return 'complaint';
  if (isPaused(followUp, now)) return 'paused';
  if (followUp.paidAt === null) return 'unpaid';
  if (followUp.outcome === 'reordered') return 'following';
  return ahead.some((planned) => planned.touch !== KEEP_IN_TOUCH) ? 'following' : 'waiting';
}

const isPaused = ({ pausedUntil }: FollowUp, now: Instant) => pausedUntil !== null && pausedUntil > now;

const pauseEnd = (followUp: FollowUp, now: Instant) =>
  isPaused(followUp, now) ? followUp.pausedUntil! : Number.POSITIVE_INFINITY;

type Note = (event: FollowUpEvent) => void;

/** An outcome is known: what will not be done any more is said; what is still owed after a reorder runs out first. */
function windUp(followUp: FollowUp, terms: Terms, now: Instant, note: Note) {
  const outcome = followUp.outcome!;
  const touchOf = (key: string) => terms.playbook.touches.find(({ name }) => name === key.split(':')[0]);
  for (const [key, { openTask }] of followUp.touches)
    if (openTask !== null && !endures(touchOf(key), outcome, key))
      note(cancelled(key.split(':')[0], openTask, outcome, now));
  for (const touch of terms.playbook.touches) {
    if (endures(touch, outcome) || !ALWAYS_EXPECTED.includes(touch.after)) continue;
    const { made, done } = progressOf(followUp, touch.name);
    if (!done && made.size === 0 && !(`${touch.name}#1` in terms.onTheWay))
      note({ what: 'skipped', at: now, touch: touch.name, occurrence: '1', why: whyNot(touch, followUp) });
  }
  if (!stillOwed(followUp, terms, now)) note({ what: 'ended', at: now, why: outcome });
}

/** Anchors every sale should reach; for the others nothing happened that a touch would answer. */
const ALWAYS_EXPECTED: readonly Anchor[] = ['order', 'payment', 'delivery', 'answer'];

const whyNot = (touch: Touch, followUp: FollowUp) =>
  touch.after === 'answer' && followUp.answeredAt === null
    ? 'no-answer'
    : (unmet(touch, followUp) ?? followUp.outcome!);

const cancelled = (touch: string, occurrence: string, why: string, at: Instant): FollowUpEvent => ({
  what: 'task-cancelled',
  at,
  touch,
  occurrence,
  why,
});

/**
 * Care outlives a reorder, a complaint even a cancelled sale, and so does a call the customer asked for, which no
 * playbook plans. Who wants no contact gets none.
 */
function endures(touch: Touch | undefined, outcome: FollowUpOutcome, name = touch?.name): boolean {
  if (outcome === 'opted-out' || outcome === 'erased') return false;
  if (touch === undefined) return name !== KEEP_IN_TOUCH;
  return touch.after === 'complaint' || (outcome === 'reordered' && touch.owed);
}

const stillOwed = (followUp: FollowUp, terms: Terms, now: Instant) =>
  [...followUp.touches.values()].some((progress) => progress.openTask !== null) ||
  plan(followUp, terms, now).some((one) => one.against === null);

/** What fell due and cannot or need not happen is said; tasks that evidence has overtaken are taken back. */
function dropWhatIsMoot(followUp: FollowUp, terms: Terms, now: Instant, note: Note) {
  for (const one of plan(followUp, terms, now))
    if (one.against !== null && one.held === null && one.dueAt <= now && one.touch !== KEEP_IN_TOUCH)
      note({ what: 'skipped', at: now, touch: one.touch, occurrence: one.occurrence, why: one.against });
  for (const touch of terms.playbook.touches)
    for (const progress of progressesOf(followUp, touch.name)) {
      const { openTask, uncertain, done, made, moved } = progress;
      const overtaken = openTask === null || uncertain ? null : evidence(touch, openTask, followUp);
      if (overtaken) note(cancelled(touch.name, openTask!, overtaken, now));
      const calls = touch.deed === 'call' ? touch.attempts : isByPhone(touch, terms) ? 1 + touch.reminders : null;
      if (calls !== null && !done && openTask === null && !overtaken && made.size - moved >= calls)
        note({ what: 'skipped', at: now, touch: touch.name, occurrence: [...made].at(-1), why: 'unreached' });
    }
}

/** A survey for a customer without an address is asked on the phone. */
const isByPhone = (touch: Touch, { person }: Terms) => touch.deed === 'ask' && !person.email;

/** What made an open task superfluous: the promise it checks is settled, the survey it asks is answered. */
function evidence(touch: Touch, occurrence: string, followUp: FollowUp): string | null {
  if (touch.deed === 'ask' && followUp.answeredAt !== null) return 'answered';
  if (touch.after !== 'promise') return null;
  const { state } = followUp.promises[aboutOf(occurrence) - 1];
  return state === 'open' ? null : state;
}
