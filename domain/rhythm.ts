import { after, type Calendar, isDemonstration } from './calendar.ts';
import { DAY, type Instant, type Span } from './time.ts';
import { localAt } from './zones.ts';

/** When the next order is expected, and what says so. */
export interface Expected {
  at: Instant;
  /** The customer's own rhythm, the product's median over all customers, or the playbook. */
  by: 'rhythm' | 'product' | 'playbook';
  /** From order to order, in whole days; at least one. */
  every: number;
}

/** How many orders back a rhythm is looked for. */
export const ORDERS_BACK = 24;

/** Two gaps are the fewest that show a rhythm; Klaviyo too waits for three to five orders of a customer. */
const DAYS_FOR_A_RHYTHM = 3;

/**
 * When the next order is expected: by the customer's own rhythm, else by the product's median (days), else by the
 * playbook. `placed` are the customer's orders up to and including the one that is followed, ascending; several on one
 * local day are one. A median, since one summer without an order must not stretch a rhythm.
 */
export function expectedNext(
  placed: readonly Instant[],
  productDays: number | null,
  fallback: Span | null,
  zone: string,
  calendar: Calendar,
): Expected | null {
  const last = placed.at(-1);
  if (last === undefined) return null;
  const days = [...new Set(placed.map((at) => dayNumber(at, zone, calendar)))];
  const own = days.length < DAYS_FOR_A_RHYTHM ? null : median(days.slice(1).map((day, nth) => day - days[nth]));
  const known = own ?? productDays;
  if (known !== null) {
    const every = Math.max(1, Math.round(known));
    const at = after(last, { amount: every, unit: 'days' }, zone, calendar);
    return { at, by: own === null ? 'product' : 'rhythm', every };
  }
  if (fallback === null) return null;
  const at = after(last, fallback, zone, calendar);
  return { at, by: 'playbook', every: Math.max(1, Math.round((at - last) / calendar.dayMs)) };
}

/** The middle of some numbers, between the two middle ones of an even count; null of none. */
export function median(numbers: readonly number[]): number | null {
  if (numbers.length === 0) return null;
  const sorted = numbers.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Days as the local calendar counts them: from one evening to the next morning is one; in a demonstration short ones. */
const dayNumber = (at: Instant, zone: string, calendar: Calendar) =>
  Math.floor(isDemonstration(calendar) ? at / calendar.dayMs : localAt(at, zone) / DAY);
