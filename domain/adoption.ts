import { BUSINESS_WEEK, businessHours, type Calendar, isDemonstration, isOpen } from './calendar.ts';
import { type FollowUpEvent, followUpOf } from './followUp.ts';
import { plan } from './plan.ts';
import { KEEP_IN_TOUCH } from './playbook.ts';
import type { Terms } from './terms.ts';
import { DAY, type Instant, MINUTE } from './time.ts';
import { firstAt, lastBefore, localAt } from './zones.ts';

/** Why a customer of the past cannot be kept in touch with. */
export const REFUSALS = {
  unknown: 'there is no such order',
  unpaid: 'the customer has no order that was paid and kept',
  erased: 'the customer was erased',
  'opted-out': 'the customer wants no contact',
  ended: 'the last order was followed, and its follow-up has ended',
} as const;
export type Refusal = keyof typeof REFUSALS;

/** The most customers a day that may be taken in. */
export const MOST_A_DAY = 1_000;

/**
 * When the next customer of the past begins to be kept in touch with: so many a business day, spread over its hours,
 * each after the last day given out. Null a day: at once. In a demonstration the short day has no hours.
 */
export function nextStart(perDay: number | null, last: Instant | null, now: Instant, calendar: Calendar): Instant {
  if (perDay === null) return now;
  if (isDemonstration(calendar)) return Math.max(now, last === null ? now : last + Math.ceil(calendar.dayMs / perDay));
  const { zone } = calendar;
  const week = calendar.week.some((hours) => hours) ? calendar.week : BUSINESS_WEEK;
  const opening = { ...businessHours(calendar), week };
  const after = Math.max(now, last === null ? now : last + 1);
  for (let day = Math.floor(localAt(after, zone) / DAY); ; day += 1) {
    const hours = week[(day + 3) % 7];
    if (!hours) continue;
    const from = firstAt(day * DAY + hours.from * MINUTE, zone);
    const to = lastBefore(day * DAY + hours.to * MINUTE, zone);
    if (!isOpen(from, opening)) continue;
    // In the middle of their share of the day: the same places, whoever asks and how often.
    const nth = Math.max(0, Math.ceil(((after - from) / (to - from)) * perDay - 0.5));
    if (nth < perDay) return Math.ceil(from + ((nth + 0.5) / perDay) * (to - from));
  }
}

/**
 * The event by which an order of the past is kept in touch with, from a day on. Where nothing may be sent as things
 * stand, it says why: the follow-up then only waits.
 */
export function adoption(story: readonly FollowUpEvent[], terms: Terms, from: Instant, now: Instant): FollowUpEvent {
  const adopted: FollowUpEvent = { what: 'adopted', at: now, data: { until: from } };
  const ahead = plan(followUpOf([...story, adopted]), terms, now);
  const silent = ahead.every(({ against }) => against !== null);
  const why = silent ? ahead.find(({ touch }) => touch === KEEP_IN_TOUCH)?.against : null;
  return why ? { ...adopted, why } : adopted;
}
