import { after } from './calendar.ts';
import { type FollowUp, isAbout, isKept, type Progress, progressByAbout, progressOf } from './followUp.ts';
import { type Anchor, isOfTheWait, type Touch } from './playbook.ts';
import { REWARD } from './referral.ts';
import { isReturning } from './returns.ts';
import { type Expected, expectedNext } from './rhythm.ts';
import type { Terms } from './terms.ts';
import type { Instant } from './time.ts';
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
export interface Counted {
  about: number;
  at: Instant;
  /** When it is expected to happen before it is due, and since when it is agreed. */
  expected?: Instant;
  since?: Instant;
  /** What it counts from came out so that this touch is not wanted. */
  against?: string;
}

/** The instants a touch counts from. */
export function anchorsOf(touch: Touch, followUp: FollowUp, terms: Terms, now: Instant): Counted[] {
  // Whoever comes from the past has no plan behind them, only the wait for the next order.
  if (followUp.adoptedFrom !== null && !isOfTheWait(touch) && BY_ITSELF.includes(touch.anchor)) return [];
  // What should have come before something that is over is nothing they missed.
  const isOver = ({ at }: Counted) => touch.before && at <= (followUp.adoptedFrom ?? 0);
  const counted = countedFrom(touch, followUp, terms).filter((one) => !isOver(one));
  return touch.every === null ? counted : counted.slice(0, 1).map(({ at }) => roundOf(touch, at, followUp, terms, now));
}

/** What happens to every order by itself; the other anchors answer to what the customer does. */
export const BY_ITSELF: readonly Anchor[] = ['order', 'payment', 'delivery', 'installation', 'promise', 'touch'];

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
    case 'answer': {
      // Each survey with a low score is answered for itself; all else is said or asked once.
      const lows = touch.when.includes('detractor') ? lowAnswers(followUp) : [];
      return lows.length > 0 ? lows : one(followUp.answeredAt);
    }
    case 'expected order':
      return one(expectedOrder(followUp, terms)?.at);
    case 'promise':
      return followUp.promises
        .filter(({ state }) => state === 'open')
        .map(({ number, by, expected, since }) => ({ about: number, at: by, expected, since }));
    case 'broken promise':
      return each(followUp.promises, ({ state, settledAt }) => (state === 'broken' ? settledAt : null));
    case 'complaint':
      // A complaint's own process has its fix task.
      return each(followUp.complaints, ({ closedAt, since, due }) =>
        closedAt === null && !(due && touch.deed === 'fix') ? since : null,
      );
    case 'complaint closed':
      return each(followUp.complaints, ({ closedAt, closedWhy }) => (closedWhy === 'told' ? closedAt : null));
    case 'interest':
      return each(followUp.interests, (at) => at);
    case 'return':
      return isReturning(followUp)
        ? each(followUp.returns, ({ settledAt, since }) => (settledAt === null ? since : null))
        : [];
    case 'earned referral':
      return followUp.thanks.flatMap(({ referral, at }, index) => {
        const counted = { about: index + 1, at };
        if (touch.what !== REWARD) return [counted];
        const { reward = '', given = false } = terms.referrals.earned.find(({ id }) => id === referral) ?? {};
        return reward === '' ? [] : [{ ...counted, ...(given && { against: 'given' }) }];
      });
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

/**
 * Answers with a low score, each with its number; 0 is the first. One that is a complaint is answered by that, unless it
 * was closed and nobody had heard them.
 */
export const lowAnswers = ({ answers, complaints }: FollowUp): Counted[] =>
  [...answers.values()].flatMap(({ at, band, low, complaint }) => {
    if (band !== 'detractor' || low === null) return [];
    const opened = complaint === null ? undefined : complaints[complaint - 1];
    const isAnswered = opened && (opened.closedAt === null || opened.heardAt !== null || opened.closedWhy === 'told');
    return [{ about: low === 1 ? 0 : low, at, ...(isAnswered && { against: 'complained' }) }];
  });

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
  // Work on a return is over when the return is, whatever came of the task.
  touch.anchor === 'return' && touch.deed !== 'send'
    ? false
    : done || (openTask === null && made.size - moved >= (touch.deed === 'ask' ? 1 + touch.reminders : touch.attempts));
