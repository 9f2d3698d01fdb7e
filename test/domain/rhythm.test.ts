import { describe, expect, it } from '@jest/globals';
import { DateTime } from 'luxon';
import { BUSINESS_WEEK, type Calendar } from '../../domain/calendar.ts';
import { expectedNext, median } from '../../domain/rhythm.ts';
import { DAY, readSpan } from '../../domain/time.ts';
import { cdnowOrders, hasRealData, withRealData } from '../support/realData.ts';

const calendar: Calendar = { dayMs: DAY, zone: 'UTC', week: BUSINESS_WEEK, place: null };
const ZONE = 'Europe/Berlin';
const local = (text: string) => DateTime.fromISO(text, { zone: ZONE }).toMillis();
const expected = (placed: string[], product: number | null = null, fallback: string | null = null) => {
  const found = expectedNext(placed.map(local), product, fallback ? readSpan(fallback) : null, ZONE, calendar);
  return found && [DateTime.fromMillis(found.at, { zone: ZONE }).toFormat("yyyy-MM-dd'T'HH:mm"), found.by, found.every];
};

it('follows the own rhythm from the third order on', () => {
  const three = ['2026-01-05T10:00', '2026-02-04T18:00', '2026-03-10T09:00'];
  expect(expected(three, 90, '8 weeks')).toEqual(['2026-04-11T09:00', 'rhythm', 32]);
  expect(expected(three.slice(0, 2), 90, '8 weeks')).toEqual(['2026-05-05T18:00', 'product', 90]);
  expect(expected(three.slice(0, 2), null, '8 weeks')).toEqual(['2026-04-01T18:00', 'playbook', 56]);
  expect(expected(three.slice(0, 2))).toBeNull();
  expect(expected([], 90, '8 weeks')).toBeNull();
  expect(expected(three.slice(0, 1), 0)).toEqual(['2026-01-06T10:00', 'product', 1]);
});

it('takes several orders of one local day for one', () => {
  // The first two are one day in Berlin and two in UTC; below it is the other way round.
  expect(expected(['2026-01-05T00:10', '2026-01-05T23:50', '2026-01-20T12:00'], 90)).toEqual([
    '2026-04-20T12:00',
    'product',
    90,
  ]);
  expect(expected(['2026-01-05T23:50', '2026-01-06T00:10', '2026-01-07T12:00'], 90)).toEqual([
    '2026-01-08T12:00',
    'rhythm',
    1,
  ]);
});

it('is not led astray by one long pause, nor by a change of clocks', () => {
  const placed = ['2025-01-01T23:30', '2025-01-11T23:30', '2025-09-01T23:30', '2025-09-11T00:30', '2025-09-21T12:00'];
  expect(expected(placed)).toEqual(['2025-10-01T12:00', 'rhythm', 10]);
  expect(expected(['2026-03-08T00:30', '2026-03-22T00:30', '2026-04-05T00:30'])).toEqual([
    '2026-04-19T00:30',
    'rhythm',
    14,
  ]);
});

it('counts short days in a demonstration', () => {
  const short = { ...calendar, dayMs: 5_000 };
  const start = 1_000_000;
  const placed = [0, 10, 22].map((days) => start + days * 5_000);
  expect(expectedNext(placed, null, null, ZONE, short)).toEqual({ at: start + 33 * 5_000, by: 'rhythm', every: 11 });
  expect(expectedNext([start], null, readSpan('6 weeks'), ZONE, short)).toMatchObject({ every: 42 });
});

it('a median is the middle', () => {
  expect(median([])).toBeNull();
  expect(median([7])).toBe(7);
  expect(median([100, 1, 3])).toBe(3);
  expect(median([10, 9, 2, 1])).toBe(5.5);
});

(hasRealData ? describe : describe.skip)(withRealData('against 6,696 ordering days of a music shop'), () => {
  const LAST = Date.parse('1998-06-30T12:00:00Z');
  const byCustomer = new Map<string, number[]>();
  const orders = hasRealData ? cdnowOrders() : [];
  for (const { customer, placedAt } of orders) {
    const days = byCustomer.get(customer.id) ?? [];
    const day = Date.parse(`${placedAt.slice(0, 10)}T12:00:00Z`);
    byCustomer.set(customer.id, days.at(-1) === day ? days : [...days, day]);
  }
  const customers = [...byCustomer.values()];
  const firstRepeat = median(customers.filter((days) => days.length > 1).map(([one, two]) => (two - one) / DAY))!;

  /**
   * How the next order fell against the day it was expected: within a quarter of the interval, before, after, or not
   * at all in the year and a half of the data. Left out are those whose quarter the data does not reach.
   */
  function outcomes(product: number | null, wanted: (nth: number) => boolean, own = true) {
    const count = { early: 0, near: 0, late: 0, never: 0 };
    for (const days of customers)
      for (const [nth, day] of days.entries()) {
        if (!wanted(nth + 1)) continue;
        const { at, every } = expectedNext(own ? days.slice(0, nth + 1) : [day], product, null, 'UTC', calendar)!;
        const quarter = (every * DAY) / 4;
        const next = days[nth + 1];
        if (at + quarter > LAST) continue;
        if (next === undefined) count.never += 1;
        else count[next < at - quarter ? 'early' : next <= at + quarter ? 'near' : 'late'] += 1;
      }
    return count;
  }

  it('half of those who come again do so within 55 days', () => {
    expect(customers.reduce((sum, days) => sum + days.length, 0)).toBe(6696);
    expect(firstRepeat).toBe(55);
  });

  it('after three orders the own rhythm is right more often than the product median, which is too late for half', () => {
    const rhythm = outcomes(null, (orders) => orders >= 3);
    const product = outcomes(firstRepeat, (orders) => orders >= 3, false);
    expect(rhythm).toEqual({ early: 819, near: 431, late: 1102, never: 456 });
    expect(product).toEqual({ early: 1476, near: 335, late: 533, never: 508 });
  });

  it('after the first two the product median has as many before it as after, and nearly half never come again', () => {
    expect(outcomes(firstRepeat, (orders) => orders < 3)).toEqual({ early: 817, near: 240, late: 813, never: 1604 });
  });
});
