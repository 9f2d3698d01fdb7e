import { endures, isPaused, isSetUp, unmet, yieldsToComplaint } from './against.ts';
import { anchorsOf } from './anchors.ts';
import { type Calendar, scaled } from './calendar.ts';
import {
  aboutOf,
  complaintAtHand,
  evolve,
  type FollowUp,
  type FollowUpEvent,
  type FollowUpOutcome,
  openComplaint,
  type Progress,
  progressByAbout,
  progressesOf,
  progressOf,
  type Stage,
} from './followUp.ts';
import { isByPhone, type Planned, plan } from './plan.ts';
import { type Anchor, isOfTheWait, KEEP_IN_TOUCH, notDoneOf, type Touch } from './playbook.ts';
import { earnedFrom, referralComesOut } from './referral.ts';
import { isReturning } from './returns.ts';
import type { Terms } from './terms.ts';
import { DAY, type Instant, MINUTE } from './time.ts';
/** What the workflow does next. Small and free of personal data, for Temporal keeps it. */
export interface Next {
  step: 'send' | 'task' | 'wait' | 'end';
  stage: Stage;
  dueAt: Instant;
  touch?: string;
  occurrence?: string;
  /** Why it waits where no touch is due: a hold, `referral`, `reorder`, or what speaks against the touch. */
  why?: string;
  outcome?: FollowUpOutcome;
  score?: number;
  /** What happened last, for the details in the Temporal UI. */
  last?: string;
  /** All that happened, whose it is and by which playbook, where the workflow may have missed some of it. */
  story?: string[];
  owner?: string;
  playbook?: string;
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

  if (followUp.history) seeToReturns(followUp, terms, now, note);
  else settleWhatIsKnown(followUp, terms, now, note);
  const score = followUp.score ?? undefined;
  const outcome = followUp.outcome ?? undefined;
  if (isOver(followUp))
    return { record, next: { step: 'end', stage: stageOf(followUp, [], now), dueAt: now, outcome, score } };

  const planned = plan(followUp, terms, now);
  for (const one of planned) sayWhatPutsItOff(one, followUp, now, note);
  const ahead = planned.filter((one) => one.against === null);
  const contact = ahead.find((one) => one.held === null && !one.forManager);
  const stage = stageOf(followUp, ahead, now);
  const [first] = planned
    .filter((one) => one.held === null && (one.against === null || isSaid(one)))
    .sort((a, b) => wakesAt(a, now) - wakesAt(b, now));
  const earnedAt = earnedFrom(followUp, terms) ?? Number.POSITIVE_INFINITY;
  const lookAgainAt = Math.min(now + scaled(terms.calendar, YEAR), pauseEnd(followUp, now), earnedAt);
  if (!first || wakesAt(first, now) > lookAgainAt) {
    const waitsFor = followUp.history ? 'return' : (ahead.find((one) => one.held)?.held ?? 'reorder');
    const why = lookAgainAt === earnedAt ? 'referral' : waitsFor;
    return { record, contact, next: { step: 'wait', stage, dueAt: lookAgainAt, why, outcome, score } };
  }
  const { touch, occurrence, deed } = first;
  const dueAt = wakesAt(first, now);
  // What will not happen, or not yet, is said on the day it would have.
  const why = first.against ?? (dueAt < first.dueAt ? first.brake : null) ?? undefined;
  const step = why ? 'wait' : deed === 'send' || deed === 'ask' ? 'send' : 'task';
  return { record, contact, next: { step, stage, dueAt, touch, occurrence, why, outcome, score } };
}

/** What has come of time, of referrals, of the outcome, and of what was planned. */
function settleWhatIsKnown(followUp: FollowUp, terms: Terms, now: Instant, note: Note) {
  if (followUp.pausedUntil !== null && followUp.pausedUntil <= now)
    note({ what: 'resumed', at: now, why: followUp.pausedFor === 'interested' ? 'undecided' : 'in-time' });
  for (const { id } of terms.referrals.earned.filter(
    ({ id }) => !followUp.thanks.some(({ referral }) => referral === id),
  ))
    note({ what: 'thanks-due', at: now, data: { referral: id } });
  const brought = referralComesOut(followUp, terms, now);
  if (brought) note(brought);
  if (followUp.endedAt === null) dropWhatIsDone(followUp, terms, now, note);
  if (followUp.endedAt === null && followUp.outcome !== null) windUp(followUp, terms, now, note);
  if (followUp.endedAt === null) dropWhatIsMoot(followUp, terms, now, note);
}

/** Of an order of the past nothing is followed but what comes back. */
function seeToReturns(followUp: FollowUp, terms: Terms, now: Instant, note: Note) {
  dropWhatIsMoot(followUp, terms, now, note);
  // Last: this look may be the only one after the end of the return.
  dropWhatIsDone(followUp, terms, now, note);
}

const isOver = (followUp: FollowUp) => (followUp.history ? !isReturning(followUp) : followUp.endedAt !== null);

/** When there is something to do or to say about a contact. */
const wakesAt = ({ brake, wantedAt, dueAt }: Planned, now: Instant) =>
  brake !== null && wantedAt > now ? Math.min(wantedAt, dueAt) : dueAt;

/** Keeping in touch comes again and again: that it does not is said once, when it ends for good. */
const isSaid = ({ touch, against }: Planned) => touch !== KEEP_IN_TOUCH || against === 'dormant';

/** A contact whose time has come and that may not be made yet: the story says why, once. */
function sayWhatPutsItOff(
  { touch, occurrence, brake, wantedAt, dueAt, held, against }: Planned,
  followUp: FollowUp,
  now: Instant,
  note: Note,
) {
  if (brake === null || held !== null || against !== null || wantedAt > now || dueAt <= now) return;
  const said = progressOf(followUp, touch, aboutOf(occurrence));
  if (said.brake === brake && said.notBefore !== null && said.notBefore > now) return;
  note({ what: 'put-off', at: now, touch, occurrence, why: brake, data: { until: dueAt } });
}

function stageOf(followUp: FollowUp, ahead: Planned[], now: Instant): Stage {
  if (followUp.history) return hasComplaint(followUp) ? 'complaint' : 'history';
  if (followUp.endedAt !== null) return 'ended';
  if (openComplaint(followUp)) return 'complaint';
  if (isPaused(followUp, now)) return 'paused';
  if (followUp.paidAt === null) return 'unpaid';
  if (followUp.outcome !== null) return 'following';
  return ahead.some(({ ofTheWait }) => !ofTheWait) ? 'following' : 'waiting';
}

const pauseEnd = (followUp: FollowUp, now: Instant) =>
  isPaused(followUp, now) ? followUp.pausedUntil! : Number.POSITIVE_INFINITY;

type Note = (event: FollowUpEvent) => void;

/** An outcome is known: what will not be done any more is said; what is still owed after a reorder runs out first. */
function windUp(followUp: FollowUp, terms: Terms, now: Instant, note: Note) {
  const outcome = followUp.outcome!;
  const touchOf = (key: string) => {
    const [touch] = key.split(':');
    return terms.playbook.touches.find(({ name }) => name === touch || notDoneOf(name) === touch);
  };
  for (const [key, { openTask }] of followUp.touches)
    if (openTask !== null && !endures(touchOf(key), outcome, key))
      note(cancelled(key.split(':')[0], openTask, outcome, now));
  for (const touch of terms.playbook.touches) {
    if (endures(touch, outcome) || !ALWAYS_EXPECTED.includes(touch.anchor)) continue;
    // Whoever comes from the past had no plan that falls away.
    if (touch.reaching !== null || isOfTheWait(touch) || followUp.adoptedFrom !== null) continue;
    if (!isSetUp(touch, terms)) continue;
    const { made, done } = progressOf(followUp, touch.name);
    if (!done && made.size === 0 && !(`${touch.name}#1` in terms.onTheWay))
      note({ what: 'skipped', at: now, touch: touch.name, occurrence: '1', why: whyNot(touch, followUp, terms) });
  }
  if (stillOwed(followUp, terms, now)) return;
  // Care that outlives the outcome and cannot be given is said too, whatever day it would have been.
  for (const { touch, occurrence, against } of plan(followUp, terms, now))
    if (against !== null && endures(touchOf(touch), outcome, touch))
      note({ what: 'skipped', at: now, touch, occurrence, why: against });
  note({ what: 'ended', at: now, why: outcome });
}

/** Anchors every sale should reach; for the others nothing happened that a touch would answer. */
const ALWAYS_EXPECTED: readonly Anchor[] = ['order', 'payment', 'delivery', 'answer'];

const whyNot = (touch: Touch, followUp: FollowUp, terms: Terms) =>
  touch.anchor === 'answer' && followUp.answeredAt === null
    ? 'no-answer'
    : (unmet(touch, followUp, terms) ?? followUp.outcome!);

const cancelled = (touch: string, occurrence: string, why: string, at: Instant): FollowUpEvent => ({
  what: 'task-cancelled',
  at,
  touch,
  occurrence,
  why,
});

/** A complaint is seen to by its own process, whatever has become of the follow-up. */
const hasComplaint = (followUp: FollowUp) => Boolean(complaintAtHand(followUp)?.due);

const stillOwed = (followUp: FollowUp, terms: Terms, now: Instant) =>
  followUp.broughtBy === 'pending' ||
  hasComplaint(followUp) ||
  [...followUp.touches.values()].some((progress) => progress.openTask !== null) ||
  plan(followUp, terms, now).some((one) => one.against === null);

/** What the manager was told is not done, and is by now, is no news any more. */
function dropWhatIsDone(followUp: FollowUp, { playbook }: Terms, now: Instant, note: Note) {
  for (const { name } of playbook.touches)
    for (const { about, progress } of progressByAbout(followUp, notDoneOf(name))) {
      const { openTask } = progress;
      if (openTask !== null && progressOf(followUp, name, about).openTask !== openTask)
        note(cancelled(notDoneOf(name), openTask, 'done-meanwhile', now));
    }
}

/** What fell due and cannot or need not happen is said; tasks that evidence has overtaken are taken back. */
function dropWhatIsMoot(followUp: FollowUp, terms: Terms, now: Instant, note: Note) {
  for (const { touch, occurrence, against, held, dueAt } of plan(followUp, terms, now)) {
    if (against === null || held !== null || dueAt > now) continue;
    if (touch !== KEEP_IN_TOUCH) note({ what: 'skipped', at: now, touch, occurrence, why: against });
    else if (against === 'dormant') note({ what: 'dormant', at: now });
  }
  for (const touch of terms.playbook.touches)
    for (const progress of progressesOf(followUp, touch.name)) {
      const { openTask, uncertain, done, made, moved } = progress;
      const overtaken = openTask === null || uncertain ? null : evidence(touch, openTask, followUp, terms, now);
      if (overtaken) note(cancelled(touch.name, openTask!, overtaken, now));
      const calls = touch.deed === 'call' ? touch.attempts : isByPhone(touch, terms) ? 1 + touch.reminders : null;
      if (calls !== null && !done && openTask === null && !overtaken && made.size - moved >= calls)
        note({ what: 'skipped', at: now, touch: touch.name, occurrence: [...made].at(-1), why: 'unreached' });
    }
}

/**
 * What made an open task superfluous: the promise it checks is settled, the survey it asks is answered, the customer
 * complains, the return is settled, the reward is given.
 */
function evidence(touch: Touch, occurrence: string, followUp: FollowUp, terms: Terms, now: Instant): string | null {
  if (touch.deed === 'ask' && followUp.answers.has(touch.what)) return 'answered';
  if (yieldsToComplaint(touch, aboutOf(occurrence), followUp, terms)) return 'complained';
  if (touch.anchor === 'return') {
    if (followUp.outcome === 'erased') return 'erased';
    return followUp.returns[aboutOf(occurrence) - 1].settledAt === null ? null : 'settled';
  }
  if (touch.anchor === 'earned referral')
    return anchorsOf(touch, followUp, terms, now).find(({ about }) => about === aboutOf(occurrence))?.against ?? null;
  if (touch.anchor !== 'promise') return null;
  const { state, by } = followUp.promises[aboutOf(occurrence) - 1];
  // A warning is over with the day it warns of: from then on it is asked whether the promise was kept.
  return state === 'open' ? (touch.before && by <= now ? 'too-late' : null) : state;
}

/** Until when a failed try is put off; null when it is time to hand it to a person. */
export function putOffUntil(progress: Progress, calendar: Calendar, now: Instant): Instant | null {
  const since = progress.failingSince ?? now;
  if (now - since > scaled(calendar, GIVE_UP_AFTER)) return null;
  return now + Math.max(scaled(calendar, PAUSES[Math.min(progress.failures, PAUSES.length - 1)]), 1000);
}
