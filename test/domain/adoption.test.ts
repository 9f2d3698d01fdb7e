import { describe, expect, it } from '@jest/globals';
import { MOST_A_DAY, nextStart } from '../../domain/adoption.ts';
import { BUSINESS_WEEK, type Calendar } from '../../domain/calendar.ts';
import { DAY, type Instant } from '../../domain/time.ts';

const calendar: Calendar = { dayMs: DAY, zone: 'Europe/Berlin', week: BUSINESS_WEEK, place: null };
/** Monday, 2 November 2026, 08:00 in Berlin. */
const MONDAY = Date.parse('2026-11-02T08:00:00+01:00');

/** The days and hours so many get, one after another, as `Mon 09:48`. */
function starts(perDay: number, count: number, from = MONDAY, last: Instant | null = null, of = calendar) {
  const all: Instant[] = [];
  for (let nth = 0; nth < count; nth += 1) all.push(nextStart(perDay, all.at(-1) ?? last, from, of));
  return all;
}
const berlin = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Berlin',
  weekday: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});
const shown = (all: Instant[]) => all.map((at) => berlin.format(at).replace(',', ''));

describe('the day a customer of the past begins', () => {
  it('is spread over the business hours, so many a day', () => {
    expect(shown(starts(5, 7))).toEqual([
      'Mon 2 09:48',
      'Mon 2 11:24',
      'Mon 2 13:00',
      'Mon 2 14:36',
      'Mon 2 16:12',
      'Tue 3 09:48',
      'Tue 3 11:24',
    ]);
  });

  it('is never on a day off', () => {
    const friday = MONDAY + 4 * DAY;
    expect(shown(starts(1, 3, friday))).toEqual(['Fri 6 13:00', 'Mon 9 13:00', 'Tue 10 13:00']);
    // Christmas 2026: the 25th is a Friday, the 26th a Saturday.
    const inGermany = { ...calendar, place: { country: 'DE', region: null } };
    const eve = Date.parse('2026-12-24T08:00:00+01:00');
    expect(shown(starts(1, 2, eve, null, inGermany))).toEqual(['Thu 24 13:00', 'Mon 28 13:00']);
    const neverOpen = { ...calendar, week: Array(7).fill(null) };
    expect(shown(starts(1, 2, friday, null, neverOpen))).toEqual(['Fri 6 13:00', 'Mon 9 13:00']);
  });

  it('follows on from the last day given out, whoever asks and however often', () => {
    const first = starts(5, 3);
    const second = starts(5, 4, MONDAY, first.at(-1));
    expect([...first, ...second]).toEqual(starts(5, 7));
    // The last one given lies in the past: nobody gets a day that is over.
    expect(shown(starts(5, 1, MONDAY + 5 * 3_600_000, MONDAY))).toEqual(['Mon 2 13:00']);
    expect(shown(starts(5, 1, MONDAY + 12 * 3_600_000, MONDAY))).toEqual(['Tue 3 09:48']);
  });

  it('keeps so many a day at any pace, over years', () => {
    for (const perDay of [1, 3, 7, 250, MOST_A_DAY]) {
      const counts = new Map<string, number>();
      for (const at of starts(perDay, perDay * 12)) {
        const day = new Date(at).toISOString().slice(0, 10);
        counts.set(day, (counts.get(day) ?? 0) + 1);
      }
      expect([...counts.values()]).toEqual(Array(12).fill(perDay));
    }
  });

  it('is at once where nobody asks for a pace, and a share of a short day in a demonstration', () => {
    expect(nextStart(null, MONDAY + DAY, MONDAY, calendar)).toBe(MONDAY);
    const short = { ...calendar, dayMs: 5_000 };
    expect(starts(2, 3, MONDAY, null, short)).toEqual([MONDAY, MONDAY + 2_500, MONDAY + 5_000]);
  });
});
