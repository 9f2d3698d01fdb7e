import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { BUSINESS_WEEK, type Calendar, everyDay, isOpen, localDay } from '../../domain/calendar.ts';
import { assign, type Colleague, type Work } from '../../domain/load.ts';
import { DAY } from '../../domain/time.ts';

const ZONE = 'Europe/Berlin';
const calendar: Calendar = { dayMs: DAY, zone: ZONE, week: BUSINESS_WEEK, place: null };
const local = (text: string) => DateTime.fromISO(text, { zone: ZONE }).toMillis();
const FRIDAY = '2026-06-05';
const MONDAY = '2026-06-08';
const TUESDAY = '2026-06-09';

interface Sketch extends Partial<Colleague> {
  zone?: string;
  away?: [from: string, to: string, standIn?: string];
}
const colleague = (handle: string, { away, zone = ZONE, ...rest }: Sketch = {}): Colleague => ({
  handle,
  team: 'north',
  perDay: 2,
  tasks: {},
  opening: {
    zone,
    week: BUSINESS_WEEK,
    place: null,
    away: away ? [{ from: away[0], to: away[1], standIn: away[2] ?? null }] : [],
  },
  ...rest,
});
const busy = { tasks: { [FRIDAY]: 2 } };
const work: Work = { owner: 'sam', dueAt: local(`${FRIDAY}T14:00`), latest: null, hours: [], seed: 'order' };
const given = (staff: Colleague[], changed: Partial<Work> = {}) => {
  const { owner, dueAt, why } = assign({ ...work, ...changed }, staff, 'boss', calendar);
  return [owner, DateTime.fromMillis(dueAt, { zone: ZONE }).toFormat("yyyy-MM-dd'T'HH:mm"), why];
};
const friday = `${FRIDAY}T14:00`;

it('a task stays with an owner who is there and has room', () => {
  expect(given([colleague('sam', { tasks: { [FRIDAY]: 1 } }), colleague('kim')])).toEqual(['sam', friday, null]);
  expect(given([colleague('sam', { perDay: null, tasks: { [FRIDAY]: 99 } })])).toEqual(['sam', friday, null]);
  expect(given([colleague('kim')])).toEqual(['sam', friday, null]);
});

describe('of an owner who is away', () => {
  const away = (handle: string, standIn?: string) => colleague(handle, { away: [FRIDAY, MONDAY, standIn] });

  it('who stands in has the task, or who stands in for them', () => {
    expect(given([away('sam', 'kim'), colleague('kim', { team: null })])).toEqual(['kim', friday, 'away']);
    expect(given([away('sam', 'kim'), away('kim', 'lou'), colleague('lou')])).toEqual(['lou', friday, 'away']);
  });

  it('the team has it where nobody is named, or all of those are away', () => {
    const team = [colleague('lou', { tasks: { [FRIDAY]: 1 } }), colleague('pat'), colleague('zoe', { team: 'south' })];
    expect(given([away('sam'), ...team])).toEqual(['pat', friday, 'away']);
    expect(given([away('sam', 'kim'), away('kim', 'sam'), ...team])).toEqual(['pat', friday, 'away']);
    expect(given([away('sam', 'sam'), ...team])).toEqual(['pat', friday, 'away']);
    expect(given([away('sam', 'gone'), ...team])).toEqual(['pat', friday, 'away']);
  });

  it('the default owner has it where there is no team', () => {
    expect(given([away('sam'), away('kim'), colleague('boss', { team: null })])).toEqual(['boss', friday, 'away']);
    expect(given([away('sam')])).toEqual(['boss', friday, 'away']);
  });

  it('it waits for the first day back of who is alone, unless that is too late', () => {
    const alone = { ...away('sam'), handle: 'boss' };
    const [owner, dueAt, why] = given([alone], { owner: 'boss' });
    expect([owner, String(dueAt).slice(0, 10), why]).toEqual(['boss', TUESDAY, 'away']);
    expect(given([alone], { owner: 'boss', latest: local(`${MONDAY}T17:00`) })).toEqual(['boss', friday, null]);
  });

  it('who stands in has no more than fits a day either', () => {
    const staff = [away('sam', 'kim'), colleague('kim', busy), colleague('lou')];
    expect(given(staff)).toEqual(['lou', friday, 'day-full']);
    expect(given(staff.slice(0, 2))).toEqual(['kim', `${MONDAY}T14:00`, 'day-full-next']);
  });
});

describe('of an owner whose day is full', () => {
  const sam = colleague('sam', busy);

  it('the team mate with the fewest tasks has it', () => {
    const one = { tasks: { [FRIDAY]: 1 } };
    expect(given([sam, colleague('kim', one), colleague('lou')])).toEqual(['lou', friday, 'day-full']);
    expect(given([sam, colleague('lou', one), colleague('kim', one)])).toEqual(['kim', friday, 'day-full']);
  });

  it('nobody has it who is away, full, not at work any more or of another team', () => {
    const others = [
      colleague('kim', { away: [FRIDAY, FRIDAY] }),
      colleague('lou', busy),
      colleague('pat', { zone: 'Asia/Tokyo' }),
      colleague('zoe', { team: 'south' }),
      { ...colleague('ann'), opening: { zone: ZONE, week: [], place: null, away: [] } },
    ];
    expect(given([sam, ...others])).toEqual(['sam', `${MONDAY}T14:00`, 'day-full-next']);
    const nobodys = others.map((one) => ({ ...one, team: null }));
    expect(given([{ ...sam, team: null }, ...nobodys])).toEqual(['sam', `${MONDAY}T14:00`, 'day-full-next']);
  });

  it('it moves into the hours of who has it', () => {
    const staff = [sam, colleague('kim', { zone: 'America/New_York' })];
    const [owner, dueAt, why] = given(staff);
    expect([owner, why]).toEqual(['kim', 'day-full']);
    expect(String(dueAt) >= `${FRIDAY}T15:00`).toBe(true);
    expect(given(staff, { latest: local(`${FRIDAY}T14:30`) })).toEqual(['sam', friday, null]);
  });

  it('it moves to the next day with room, at an hour that suits the customer', () => {
    const full = colleague('sam', { tasks: { [FRIDAY]: 2, [MONDAY]: 3 } });
    expect(given([full])).toEqual(['sam', `${TUESDAY}T14:00`, 'day-full-next']);
    const evenings = { zone: ZONE, week: everyDay(16 * 60, 20 * 60), place: null, away: [] };
    const [, dueAt] = given([full], { hours: [evenings] });
    expect(String(dueAt) >= `${TUESDAY}T16:00` && String(dueAt) < `${TUESDAY}T17:00`).toBe(true);
  });

  it('it stays where the next day is too late, or no day has room', () => {
    expect(given([sam], { latest: local(`${FRIDAY}T17:00`) })).toEqual(['sam', friday, null]);
    expect(given([colleague('sam', { perDay: 0 })])).toEqual(['sam', friday, null]);
    // What is late already is shared all the same.
    expect(given([sam, colleague('kim')], { latest: local('2026-06-01T09:00') })).toEqual(['kim', friday, 'day-full']);
  });
});

it('in a demonstration nothing is shared out', () => {
  const staff = [colleague('sam', { ...busy, away: [FRIDAY, FRIDAY, 'kim'] }), colleague('kim')];
  expect(assign(work, staff, 'boss', { ...calendar, dayMs: 5_000 })).toEqual({
    owner: 'sam',
    dueAt: work.dueAt,
    why: null,
  });
});

it('whatever the staff is like, the answer is one they can live with', () => {
  const handles = ['sam', 'kim', 'lou', 'boss'];
  const days = Array.from({ length: 12 }, (_, nth) => localDay(work.dueAt + nth * DAY, ZONE));
  const absence = fc
    .record({
      from: fc.constantFrom(...days),
      to: fc.constantFrom(...days),
      standIn: fc.constantFrom(null, ...handles),
    })
    .filter(({ from, to }) => from <= to);
  const staff = fc.tuple(
    ...handles.map((handle) =>
      fc.record({
        handle: fc.constant(handle),
        team: fc.constantFrom('north', 'south', null),
        perDay: fc.constantFrom(null, 0, 1, 2),
        tasks: fc.dictionary(fc.constantFrom(...days), fc.nat(3)),
        opening: fc.record({
          zone: fc.constantFrom(ZONE, 'America/New_York', 'Asia/Tokyo'),
          week: fc.constant(BUSINESS_WEEK),
          place: fc.constant(null),
          away: fc.array(absence, { maxLength: 2 }),
        }),
      }),
    ),
  );
  const latest = fc.option(fc.integer({ min: -3, max: 14 }).map((days) => work.dueAt + days * DAY));
  fc.assert(
    fc.property(staff, latest, (staff, latest) => {
      const wish = { ...work, latest };
      const found = assign(wish, staff, 'boss', calendar);
      expect(assign(wish, staff.toReversed(), 'boss', calendar)).toEqual(found);
      const { owner, dueAt, why } = found;
      expect(dueAt).toBeGreaterThanOrEqual(work.dueAt);
      if (latest !== null) expect(dueAt).toBeLessThanOrEqual(Math.max(work.dueAt, latest));
      if (why === null) expect(found).toEqual({ owner: 'sam', dueAt: work.dueAt, why: null });
      else expect(owner === 'sam' && dueAt === work.dueAt).toBe(false);
      const { opening, perDay, tasks } = staff.find(({ handle }) => handle === owner)!;
      if (why !== 'day-full' && why !== 'day-full-next') return;
      expect(isOpen(dueAt, opening)).toBe(true);
      expect(perDay === null || (tasks[localDay(dueAt, opening.zone)] ?? 0) < perDay).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});
