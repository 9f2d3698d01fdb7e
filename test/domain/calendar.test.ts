import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import {
  after,
  type Calendar,
  demonstrated,
  MAIL_WINDOW,
  nextTry,
  TASK_WINDOW,
  within,
} from '../../domain/calendar.ts';
import { DAY, readSpan, showSpan } from '../../domain/time.ts';

const real: Calendar = { dayMs: DAY, zone: 'Europe/Berlin' };
const short: Calendar = { dayMs: 5_000, zone: 'Europe/Berlin' };
const berlin = (text: string) => DateTime.fromISO(text, { zone: 'Europe/Berlin' }).toMillis();
const show = (at: number) => DateTime.fromMillis(at, { zone: 'Europe/Berlin' }).toFormat('ccc dd LLL HH:mm');
const add = (from: string, span: string, calendar = real) =>
  after(berlin(from), readSpan(span)!, 'Europe/Berlin', calendar);

it.each([
  ['2026-11-06T16:30', '2 business days', 'Tue 10 Nov 16:30'],
  ['2026-11-07T12:00', '1 business day', 'Mon 09 Nov 12:00'],
  ['2026-11-06T16:30', '3 days', 'Mon 09 Nov 16:30'],
  ['2026-11-06T16:30', '1 hour', 'Fri 06 Nov 17:30'],
  ['2026-03-27T09:00', '2 days', 'Sun 29 Mar 09:00'], // summer time begins that morning
  ['2026-10-24T09:00', '1 day', 'Sun 25 Oct 09:00'], // and ends on that one
  ['2026-11-02T09:00', '6 weeks', 'Mon 14 Dec 09:00'],
])('%s and %s is %s', (from, span, to) => expect(show(add(from, span))).toBe(to));

it('in a demonstration every span shrinks with the day, and every day is a business day', () => {
  expect(add('2026-11-06T16:30', '2 business days', short) - berlin('2026-11-06T16:30')).toBe(10_000);
  expect(add('2026-11-06T16:30', '12 hours', short) - berlin('2026-11-06T16:30')).toBe(2_500);
  const placed = berlin('2026-11-02T10:00');
  expect(demonstrated(placed + 6 * DAY, placed, 1_000_000, short)).toBe(1_000_000 + 30_000);
});

it('a contact is never early, and always inside its window', () => {
  const zones = Intl.supportedValuesOf('timeZone');
  fc.assert(
    fc.property(
      fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2028, 0) }),
      fc.constantFrom(...zones),
      fc.constantFrom(MAIL_WINDOW, TASK_WINDOW),
      fc.string(),
      (at, zone, window, seed) => {
        const moved = within(at, window, zone, real, seed);
        const local = DateTime.fromMillis(moved, { zone });
        expect(moved).toBeGreaterThanOrEqual(at);
        expect(moved - at).toBeLessThan(4 * DAY);
        expect(local.hour).toBeGreaterThanOrEqual(window.from);
        expect(local.hour).toBeLessThan(window.to);
        if (window.businessDays) expect(local.weekday).toBeLessThanOrEqual(5);
        expect(within(moved, window, zone, real, seed)).toBe(moved);
      },
    ),
    { numRuns: 2_000 },
  );
});

it('tries again on the next business day, in its other half', () => {
  expect(show(nextTry(berlin('2026-11-06T10:15'), 'Europe/Berlin', real))).toBe('Mon 09 Nov 15:00');
  expect(show(nextTry(berlin('2026-11-09T15:40'), 'Europe/Berlin', real))).toBe('Tue 10 Nov 10:00');
});

it.each(['1 hour', '2 business days', '6 weeks', '30 minutes'])('reads and shows %s', (text) =>
  expect(showSpan(readSpan(text)!)).toBe(text),
);
it.each(['', 'soon', '1.5 days', '-1 days', '2 Business Days', '99999 days'])('refuses %p', (text) =>
  expect(readSpan(text)).toBeNull(),
);
