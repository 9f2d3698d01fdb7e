import { DateTime } from 'luxon';
import { DAY, HOUR, type Instant, MINUTE, type Span } from './time.ts';

/**
 * How time passes for this company. In a demonstration a day is shorter than a real one; then every day is a business
 * day and no hour is quiet, for a night of two seconds would prove nothing.
 */
export interface Calendar {
  /** Length of a day in milliseconds; 86,400,000 but in a demonstration. */
  dayMs: number;
  /** The company's IANA time zone; tasks fall due in its business hours. */
  zone: string;
}

/** Hours of the day in which something may happen, as local time; on any day or on business days only. */
export interface Window {
  from: number;
  to: number;
  businessDays: boolean;
}

/** Mail reaches people while they are up; tasks reach colleagues while they are at work. */
export const MAIL_WINDOW: Window = { from: 8, to: 20, businessDays: false };
export const TASK_WINDOW: Window = { from: 9, to: 17, businessDays: true };

export const isDemonstration = (calendar: Calendar) => calendar.dayMs < DAY;

/** Scales a real length of time (milliseconds) to this calendar's day. */
export const scaled = (calendar: Calendar, ms: number) => Math.round((ms * calendar.dayMs) / DAY);

const isBusinessDay = (day: DateTime) => day.weekday <= 5;

/** The instant a span after another, in the given zone: a day keeps its local hour over a change of clocks. */
export function after(base: Instant, span: Span, zone: string, calendar: Calendar): Instant {
  const { amount, unit } = span;
  if (unit === 'minutes') return base + scaled(calendar, amount * MINUTE);
  if (unit === 'hours') return base + scaled(calendar, amount * HOUR);
  const days = unit === 'weeks' ? amount * 7 : amount;
  if (isDemonstration(calendar)) return base + days * calendar.dayMs;
  let local = DateTime.fromMillis(base, { zone });
  if (unit !== 'business days') return local.plus({ days }).toMillis();
  for (let left = days; left > 0; ) {
    local = local.plus({ days: 1 });
    if (isBusinessDay(local)) left -= 1;
  }
  return local.toMillis();
}

/**
 * The first instant at or after `at` inside the window. What has to be moved is spread over the window's first two
 * hours by `seed`, so that nine o'clock is no storm.
 */
export function within(at: Instant, window: Window, zone: string, calendar: Calendar, seed: string): Instant {
  if (isDemonstration(calendar)) return at;
  let local = DateTime.fromMillis(at, { zone });
  const open = () => !window.businessDays || isBusinessDay(local);
  if (open() && local.hour >= window.from && local.hour < window.to) return at;
  if (local.hour >= window.from) local = local.plus({ days: 1 });
  local = local.set({ hour: window.from, minute: 0, second: 0, millisecond: 0 });
  while (!open()) local = local.plus({ days: 1 });
  return local.toMillis() + spread(seed, 2 * HOUR);
}

/** A steady number in [0, below) for a seed (FNV-1a). */
export function spread(seed: string, below: number): number {
  let hash = 0x811c9dc5;
  for (const char of seed) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193) >>> 0;
  return hash % below;
}

/**
 * A date that came with something accepted at `acceptedAt` and counted from `from`: in a demonstration it comes as
 * many short days later as it lay real days ahead; else it stands as it is.
 */
export function demonstrated(at: Instant, from: Instant, acceptedAt: Instant, calendar: Calendar): Instant {
  return isDemonstration(calendar) ? acceptedAt + scaled(calendar, at - from) : at;
}

/**
 * When to try a call again: the next business day, and in the other half of it, since whoever did not answer in the
 * morning may in the afternoon.
 */
export function nextTry(last: Instant, zone: string, calendar: Calendar): Instant {
  if (isDemonstration(calendar)) return last + calendar.dayMs;
  const local = DateTime.fromMillis(after(last, { amount: 1, unit: 'business days' }, zone, calendar), { zone });
  return local.set({ hour: local.hour < 13 ? 15 : 10, minute: 0, second: 0, millisecond: 0 }).toMillis();
}
