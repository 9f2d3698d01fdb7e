import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import {
  after,
  BUSINESS_WEEK,
  before,
  businessHours,
  type Calendar,
  demonstrated,
  dueBy,
  endOfBusinessDay,
  everyDay,
  isOpen,
  localDay,
  narrowed,
  nextTry,
  type Opening,
  within,
  worked,
} from '../../domain/calendar.ts';
import { isHoliday } from '../../domain/holidays.ts';
import { DAY, HOUR, MINUTE, readSpan, SPAN_FORM, showSpan } from '../../domain/time.ts';

const germany = { country: 'DE', region: 'BE' };
const real: Calendar = { dayMs: DAY, zone: 'Europe/Berlin', week: BUSINESS_WEEK, place: germany };
const short: Calendar = { ...real, dayMs: 5_000 };
const office = businessHours(real);
const awake = (zone: string): Opening => ({ zone, week: everyDay(8 * 60, 20 * 60), place: null, away: [] });
const berlin = (text: string) => DateTime.fromISO(text, { zone: 'Europe/Berlin' }).toMillis();
const show = (at: number) => DateTime.fromMillis(at, { zone: 'Europe/Berlin' }).toFormat('ccc dd LLL HH:mm');
const add = (from: string, span: string, calendar = real) =>
  after(berlin(from), readSpan(span)!, 'Europe/Berlin', calendar);
const subtract = (from: string, span: string, calendar = real) =>
  before(berlin(from), readSpan(span)!, 'Europe/Berlin', calendar);

it.each([
  ['2026-11-06T16:30', '2 business days', 'Tue 10 Nov 16:30'],
  ['2026-11-07T12:00', '1 business day', 'Mon 09 Nov 12:00'],
  ['2026-04-02T09:00', '1 business day', 'Tue 07 Apr 09:00'], // Easter
  ['2026-03-27T02:30', '1 business day', 'Mon 30 Mar 02:30'], // the gap of that Sunday leaves no trace
  ['2026-11-06T16:30', '3 days', 'Mon 09 Nov 16:30'],
  ['2026-11-06T16:30', '1 hour', 'Fri 06 Nov 17:30'],
  ['2026-03-27T09:00', '2 days', 'Sun 29 Mar 09:00'], // summer time begins that morning
  ['2026-03-28T02:30', '1 day', 'Sun 29 Mar 03:30'],
  ['2026-10-24T09:00', '1 day', 'Sun 25 Oct 09:00'], // and ends on that one
  ['2026-11-02T09:00', '6 weeks', 'Mon 14 Dec 09:00'],
  ['2026-08-31T09:00', '6 months', 'Sun 28 Feb 09:00'],
  ['2028-02-29T09:00', '1 year', 'Wed 28 Feb 09:00'],
])('%s and %s is %s', (from, span, to) => expect(show(add(from, span))).toBe(to));

it.each([
  ['2026-11-10T16:30', '2 business days', 'Fri 06 Nov 16:30'],
  ['2026-11-08T12:00', '1 business day', 'Fri 06 Nov 12:00'],
  ['2026-04-07T09:00', '1 business day', 'Thu 02 Apr 09:00'],
  ['2026-03-30T02:30', '1 day', 'Sun 29 Mar 03:30'],
  ['2026-10-26T09:00', '1 day', 'Sun 25 Oct 09:00'],
  ['2026-12-14T09:00', '6 weeks', 'Mon 02 Nov 09:00'],
  ['2026-03-31T09:00', '1 month', 'Sat 28 Feb 09:00'],
  ['2026-11-06T16:30', '30 minutes', 'Fri 06 Nov 16:00'],
])('%s less %s is %s', (from, span, to) => expect(show(subtract(from, span))).toBe(to));

it('business days are counted by the dates of the zone asked for, and by the week of the company', () => {
  const night = berlin('2026-11-05T20:00'); // Friday in Tokyo
  const next = after(night, readSpan('1 business day')!, 'Asia/Tokyo', real);
  expect(show(next)).toBe('Sun 08 Nov 20:00'); // Monday there
  const sundays = { ...real, week: [null, null, null, null, null, null, { from: 600, to: 720 }] };
  expect(show(add('2026-11-06T10:00', '2 business days', sundays))).toBe('Sun 15 Nov 10:00');
  expect(show(add('2026-11-06T10:00', '2 business days', { ...real, week: everyDay(0, 0).map(() => null) }))).toBe(
    'Sun 08 Nov 10:00',
  );
});

it('in a demonstration every span shrinks with the day, and every day is a business day', () => {
  const from = berlin('2026-11-06T16:30');
  const took = (span: string) => add('2026-11-06T16:30', span, short) - from;
  expect(['2 business days', '12 hours', '1 month', '1 year'].map(took)).toEqual([10_000, 2_500, 150_000, 1_825_000]);
  expect(subtract('2026-11-06T16:30', '1 week', short)).toBe(from - 35_000);
  const placed = berlin('2026-11-02T10:00');
  expect(demonstrated(placed + 6 * DAY, placed, 1_000_000, short)).toBe(1_000_000 + 30_000);
  const night = berlin('2026-11-08T03:00');
  expect(within(night, [office], short, '')).toBe(night);
  expect(endOfBusinessDay(night, office, short)).toBe(night + 5_000);
  expect(nextTry(night, office, short)).toBe(night + 5_000);
});

it('narrows a week, and closes what is left empty', () => {
  expect(narrowed(BUSINESS_WEEK, { from: 600, to: 2000 })[0]).toEqual({ from: 600, to: 1020 });
  expect(narrowed(BUSINESS_WEEK, { from: 1020, to: 1440 })).toEqual(Array(7).fill(null));
  expect(everyDay(480, 1200)).toHaveLength(7);
});

it('moves what lies outside to the next opening, and nothing else', () => {
  const moved = (from: string, openings: Opening[]) => show(within(berlin(from), openings, real, ''));
  const away = { ...office, away: [{ from: '2026-11-09', to: '2026-11-11' }] };
  // '' spreads two hours to 1:42.
  expect(moved('2026-11-06T16:59', [office])).toBe('Fri 06 Nov 16:59');
  expect(moved('2026-11-06T17:00', [office])).toBe('Mon 09 Nov 10:42');
  expect(moved('2026-11-06T17:00', [away])).toBe('Thu 12 Nov 10:42');
  expect(moved('2026-12-24T17:00', [office])).toBe('Mon 28 Dec 10:42');
  expect(moved('2026-11-06T06:00', [office, awake('America/New_York')])).toBe('Fri 06 Nov 15:42');
  // From 9 to 10 alone it is evening in Auckland before 20 o'clock, and only while both have summer time or neither.
  const kept = within(berlin('2026-06-05T17:00'), [office, awake('Pacific/Auckland')], real, 'any');
  expect(kept - berlin('2026-06-08T09:00')).toBeGreaterThanOrEqual(0);
  expect(kept).toBeLessThan(berlin('2026-06-08T10:00'));
});

it('leaves out the last opening where they do not meet in 14 days, and loses nothing', () => {
  const moved = (openings: Opening[]) => show(within(berlin('2026-11-06T17:00'), openings, real, ''));
  const shut = { ...office, week: everyDay(0, 0).map(() => null) };
  const away = (to: string) => ({ ...office, away: [{ from: '2026-11-01', to }] });
  expect(moved([office, awake('America/Los_Angeles')])).toBe('Mon 09 Nov 10:42'); // nine hours apart
  expect(moved([office, awake('America/New_York'), awake('Asia/Tokyo')])).toBe('Mon 09 Nov 15:42');
  expect(moved([office, away('2026-11-17')])).toBe('Wed 18 Nov 10:42');
  expect(moved([office, away('2027-01-05')])).toBe('Mon 09 Nov 10:42');
  expect(moved([away('2027-01-05'), office])).toBe('Wed 06 Jan 10:42');
  expect(moved([away('2099-12-31'), office])).toBe('Fri 06 Nov 17:00');
  expect(moved([shut])).toBe('Fri 06 Nov 17:00');
  expect(moved([])).toBe('Fri 06 Nov 17:00');
});

it('hours that are skipped open at the gap, and hours that come twice are one', () => {
  const night: Opening = { zone: 'Europe/Berlin', week: everyDay(150, 180), place: null, away: [] }; // 2:30 to 3:00
  const moved = (at: string, opening = night) => new Date(within(Date.parse(at), [opening], real, 'b')).toISOString();
  const open = (at: string, opening = night) => isOpen(Date.parse(at), opening);
  expect(moved('2026-03-29T00:00Z').slice(0, 10)).toBe('2026-03-30'); // on the 29th they do not exist
  expect(['00:29', '00:30', '00:59', '01:15', '01:59', '02:00'].map((at) => open(`2026-10-25T${at}Z`))).toEqual(
    [false, true, true, true, true, false], // 2:15 too, as it comes between
  );
  const early = { ...night, week: everyDay(150, 300) };
  expect(['00:59', '01:00', '02:59', '03:00'].map((at) => open(`2026-03-29T${at}Z`, early))).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

it('a day ends for the company when it closes, unless less than an hour is left', () => {
  const end = (at: string, opening = office) => show(endOfBusinessDay(berlin(at), opening, real));
  expect(end('2026-11-06T06:00')).toBe('Fri 06 Nov 17:00');
  expect(end('2026-11-06T16:00')).toBe('Fri 06 Nov 17:00');
  expect(end('2026-11-06T16:01')).toBe('Mon 09 Nov 17:00');
  expect(end('2026-04-02T18:00')).toBe('Tue 07 Apr 17:00');
  expect(end('2026-11-06T06:00', { ...office, week: everyDay(540, 580) })).toBe('Fri 06 Nov 09:40'); // never an hour
  expect(end('2026-11-06T06:00', { ...office, week: [] })).toBe('Fri 06 Nov 06:00');
});

it('what was promised by an hour at which nobody is there is due when they last were', () => {
  const by = (from: string, at: string, openings = [office]) =>
    show(dueBy(berlin(from), berlin(at), openings, real, 'seed'));
  expect(by('2026-11-05T10:00', '2026-11-06T10:00')).toBe('Fri 06 Nov 10:00');
  expect(by('2026-11-05T09:00', '2026-11-06T09:00')).toBe('Fri 06 Nov 09:00');
  expect(by('2026-11-05T18:36', '2026-11-06T18:36')).toBe('Fri 06 Nov 17:00');
  expect(by('2026-11-08T18:36', '2026-11-09T18:36')).toBe('Mon 09 Nov 17:00');
  expect(by('2026-11-06T10:00', '2026-11-08T10:00')).toBe('Fri 06 Nov 17:00');
  // Where there is no hour to do it in, it is the next day.
  expect(by('2026-11-06T16:30', '2026-11-08T10:00')).toMatch(/^Mon 09 Nov (09|10):/);
  expect(by('2026-11-07T10:00', '2026-11-08T10:00')).toMatch(/^Mon 09 Nov (09|10):/);
  // Both have to be there: the colleague, and who is called.
  const afternoons = { ...office, week: everyDay(780, 960) };
  expect(by('2026-11-05T09:00', '2026-11-06T11:00', [office, afternoons])).toBe('Thu 05 Nov 16:00');
  const night = berlin('2026-11-08T03:00');
  expect(dueBy(night, night + 1, [office], short, '')).toBe(night + 1);
});

it('tries again on the next business day, in its other half', () => {
  expect(show(nextTry(berlin('2026-11-06T10:15'), office, real))).toBe('Mon 09 Nov 15:00');
  expect(show(nextTry(berlin('2026-11-09T15:40'), office, real))).toBe('Tue 10 Nov 10:00');
  expect(show(nextTry(berlin('2026-11-09T06:00'), office, real))).toBe('Tue 10 Nov 15:00');
  expect(show(nextTry(berlin('2026-12-24T13:00'), office, real))).toBe('Mon 28 Dec 10:00');
  expect(show(nextTry(berlin('2026-11-09T10:00'), { ...office, week: [] }, real))).toBe('Tue 10 Nov 15:00');
});

it.each(['1 hour', '2 business days', '6 weeks', '30 minutes', '1 month', '6 months', '1 year'])(
  'reads and shows %s',
  (text) => expect(showSpan(readSpan(text)!)).toBe(text),
);
it.each(['', 'soon', '1.5 days', '-1 days', '2 Business Days', '99999 days', '1 business month'])(
  'refuses %p',
  (text) => expect(readSpan(text)).toBeNull(),
);
it('says what it reads', () => expect(SPAN_FORM).toContain('months or years'));

/*
 * What follows asks Intl what clocks and calendars show, and holds the calendar against it: in every zone, and around
 * every change of clocks there.
 */

const zones = Intl.supportedValuesOf('timeZone');
const [FIRST, LAST] = [Date.UTC(2026, 0), Date.UTC(2028, 0)];
const clocks = new Map<string, Intl.DateTimeFormat>();

/** What a clock and a calendar on the wall show: date, weekday (Monday 0), and milliseconds since midnight. */
function wall(at: number, timeZone: string) {
  const clock =
    clocks.get(timeZone) ??
    new Intl.DateTimeFormat('en-u-ca-iso8601', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  clocks.set(timeZone, clock);
  const part: Record<string, string> = {};
  for (const { type, value } of clock.formatToParts(at)) part[type] = value;
  const day = `${part.year}-${part.month}-${part.day}`;
  const time = Number(part.hour) * HOUR + Number(part.minute) * MINUTE + Number(part.second) * 1000 + (at % 1000);
  return { day, time, weekday: (new Date(day).getUTCDay() + 6) % 7 };
}

const aheadAt = (at: number, zone: string) => {
  const { day, time } = wall(at, zone);
  return Date.parse(day) + time - at;
};

/** The instants from which on a zone's clocks are changed, in the two years looked at. */
function changesOf(zone: string): number[] {
  const changes: number[] = [];
  for (let low = FIRST; low < LAST; low += 10 * DAY) {
    let [before, from] = [low, low + 10 * DAY];
    const ahead = aheadAt(from, zone);
    if (aheadAt(before, zone) === ahead) continue;
    while (from - before > MINUTE) {
      const middle = before + Math.floor((from - before) / MINUTE / 2) * MINUTE;
      if (aheadAt(middle, zone) === ahead) from = middle;
      else before = middle;
    }
    changes.push(from);
  }
  return changes;
}

const changes = new Map(zones.map((zone) => [zone, changesOf(zone)]));
const AROUND = [-26 * HOUR, -4 * HOUR, -91 * MINUTE, -1, 0, 29 * MINUTE, HOUR, 150 * MINUTE, 25 * HOUR];
const edges = (zone: string) =>
  [...changes.get(zone)!, Date.UTC(2026, 5, 6, 3)].flatMap((at) => AROUND.map((by) => at + by));

/** Whether the wall shows a time of the opening. */
function shown(at: number, { zone, week, place, away }: Opening): boolean {
  const { day, time, weekday } = wall(at, zone);
  const hours = week[weekday];
  if (!hours || time < hours.from * MINUTE || time >= hours.to * MINUTE) return false;
  return !(place && isHoliday(day, place)) && !away.some(({ from, to }) => from <= day && day <= to);
}

/** Or comes between two that are: where clocks go back, an opening that ends or begins in the hour is one all the same. */
const between = (at: number, { zone }: Opening) => aheadAt(at - 4 * HOUR, zone) > aheadAt(at + 4 * HOUR, zone);

it('knows of changes of clocks both ways', () => {
  expect(changes.get('Europe/Berlin')!.map((at) => new Date(at).toISOString())).toEqual([
    '2026-03-29T01:00:00.000Z',
    '2026-10-25T01:00:00.000Z',
    '2027-03-28T01:00:00.000Z',
    '2027-10-31T01:00:00.000Z',
  ]);
  expect([...changes.values()].filter((some) => some.length > 0).length).toBeGreaterThan(100);
});

it('in every zone, around every change of clocks, a contact is never early, never lost, and inside its hours', () => {
  const wrong: string[] = [];
  for (const zone of zones) {
    const weeks = [awake(zone).week, BUSINESS_WEEK, everyDay(0, 1440), everyDay(60, 240), everyDay(1380, 1440)];
    for (const week of weeks) {
      const opening = { zone, week, place: germany, away: [] };
      for (const at of edges(zone)) {
        const moved = within(at, [opening], real, zone);
        const fine =
          moved >= at &&
          moved - at < 6 * DAY &&
          shown(moved, opening) &&
          isOpen(moved, opening) &&
          (shown(at, opening) ? moved === at : moved > at) &&
          within(moved, [opening], real, zone) === moved;
        if (!fine) wrong.push(`${zone} ${new Date(at).toISOString()} ${JSON.stringify(week[0])} ${moved - at}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

it('in every zone a day keeps its local hour, but in a gap', () => {
  const wrong: string[] = [];
  for (const zone of zones)
    for (const at of edges(zone))
      for (const amount of [1, 7])
        for (const [move, way] of [
          [after, 1],
          [before, -1],
        ] as const) {
          const [from, moved] = [wall(at, zone), move(at, { amount, unit: 'days' }, zone, real)];
          const to = wall(moved, zone);
          const wanted = Date.parse(from.day) + way * amount * DAY + from.time;
          const late = Date.parse(to.day) + to.time - wanted;
          // In a gap the clock runs on by its length: what it shows is late by as much.
          const gap = aheadAt(moved, zone) - aheadAt(moved - late - 1, zone);
          const back = (move === after ? before : after)(moved, { amount, unit: 'days' }, zone, real);
          const home = wall(back, zone);
          const kept = late === 0 && home.day === from.day && home.time === from.time;
          if (!kept && !(late > 0 && late === gap))
            wrong.push(`${zone} ${new Date(at).toISOString()} ${way * amount} ${late} ${gap}`);
        }
  expect(wrong).toEqual([]);
});

const anyAt = fc.integer({ min: FIRST, max: LAST });
/** Half of all instants lie within a day of a change of clocks in some zone. */
const anyTime = fc.oneof(
  anyAt,
  fc
    .tuple(fc.constantFrom(...[...changes.values()].flat()), fc.integer({ min: -DAY, max: DAY }))
    .map(([at, by]) => at + by),
);
const anyZone = fc.constantFrom(...zones);
const anyHours = fc
  .tuple(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 1, max: 1440 }))
  .map(([from, length]) => ({ from, to: Math.min(from + length, 1440) }));
const anyWeek = fc.oneof(
  fc.constantFrom(BUSINESS_WEEK, everyDay(480, 1200), everyDay(0, 1440)),
  fc.array(fc.option(anyHours), { minLength: 7, maxLength: 7 }),
);
const anyPlace = fc.constantFrom(
  null,
  germany,
  { country: 'US', region: 'CA' },
  { country: 'SA', region: null },
  { country: 'XX', region: null },
);
const anyAway = fc
  .array(fc.tuple(anyAt, fc.integer({ min: 0, max: 40 })), { maxLength: 3 })
  .map((some) => some.map(([at, days]) => ({ from: localDay(at, 'UTC'), to: localDay(at + days * DAY, 'UTC') })));
const anyOpening: fc.Arbitrary<Opening> = fc.record({ zone: anyZone, week: anyWeek, place: anyPlace, away: anyAway });

it('any openings: never early, never lost, in as many of them as meet, and the first time they do', () => {
  fc.assert(
    fc.property(anyTime, fc.array(anyOpening, { minLength: 1, maxLength: 3 }), fc.string(), (at, openings, seed) => {
      const moved = within(at, openings, real, seed);
      expect(moved).toBeGreaterThanOrEqual(at);
      expect(moved - at).toBeLessThan(400 * DAY + 2 * HOUR);
      const inside = (count: number) =>
        openings.slice(0, count).every((one) => shown(moved, one) || (isOpen(moved, one) && between(moved, one)));
      const met = openings.findLastIndex((_, index) => inside(index + 1)) + 1;
      if (met === 0) expect(moved).toBe(at);
      if (met < openings.length) return;
      expect(within(moved, openings, real, seed)).toBe(moved);
      // Nothing was missed on the way: not in the last days before the two hours it is spread over.
      for (let past = Math.max(at, moved - 3 * DAY); past < moved - 2 * HOUR; past += 17 * MINUTE)
        expect([past, openings.every((one) => shown(past, one))]).toEqual([past, false]);
    }),
    { numRuns: 500 },
  );
});

it('business days are neither weekends nor holidays, and as many as asked for', () => {
  const isBusinessDay = (at: number, zone: string) => {
    const { day, weekday } = wall(at, zone);
    return weekday < 5 && !isHoliday(day, germany);
  };
  fc.assert(
    fc.property(anyTime, anyZone, fc.integer({ min: 1, max: 30 }), (at, zone, amount) => {
      const span = { amount, unit: 'business days' } as const;
      const [later, earlier] = [after(at, span, zone, real), before(at, span, zone, real)];
      expect([isBusinessDay(later, zone), isBusinessDay(earlier, zone)]).toEqual([true, true]);
      const noon = (time: number) => Date.parse(`${wall(time, zone).day}T12:00Z`);
      let count = 0;
      for (let day = noon(at) + DAY; day <= noon(later); day += DAY) if (isBusinessDay(day, 'UTC')) count += 1;
      for (let day = noon(at) - DAY; day >= noon(earlier); day -= DAY) if (isBusinessDay(day, 'UTC')) count -= 1;
      expect(count).toBe(0);
      if (isBusinessDay(at, zone)) expect(wall(before(later, span, zone, real), zone).day).toBe(wall(at, zone).day);
    }),
    { numRuns: 1_000 },
  );
});

it('months and years keep the day of the month, or take its last', () => {
  fc.assert(
    fc.property(anyTime, anyZone, fc.integer({ min: 1, max: 40 }), (at, zone, amount) => {
      const [year = 0, month = 0, date = 0] = wall(at, zone).day.split('-').map(Number);
      for (const [move, way] of [
        [after, 1],
        [before, -1],
      ] as const) {
        const last = new Date(Date.UTC(year, month + way * amount, 0));
        const wanted = new Date(last).setUTCDate(Math.min(date, last.getUTCDate()));
        const { day } = wall(move(at, { amount, unit: 'months' }, zone, real), zone);
        // A gap at midnight may end on the next day.
        expect(Math.abs(Date.parse(day) - wanted)).toBeLessThanOrEqual(DAY);
        expect(day.slice(0, 7)).toBe(new Date(wanted).toISOString().slice(0, 7));
      }
      const twelve = after(at, { amount: 12, unit: 'months' }, zone, real);
      expect(after(at, { amount: 1, unit: 'years' }, zone, real)).toBe(twelve);
    }),
    { numRuns: 500 },
  );
});

it('the day ends while the opening is open, or just then, and has an hour left', () => {
  fc.assert(
    fc.property(anyTime, anyZone, anyPlace, (at, zone, place) => {
      const opening = { ...office, zone, place };
      const end = endOfBusinessDay(at, opening, real);
      expect(end - at).toBeGreaterThanOrEqual(HOUR);
      expect(end - at).toBeLessThan(12 * DAY);
      expect([shown(end - 1, opening), shown(end, opening), shown(end - HOUR, opening)]).toEqual([true, false, true]);
      const next = nextTry(at, opening, real);
      expect(shown(next, opening)).toBe(true);
      expect(wall(next, zone).day > wall(at, zone).day).toBe(true);
    }),
    { numRuns: 500 },
  );
});

it('days, weeks, months and years are counted as Luxon counts them, in every zone', () => {
  const span = fc.record({
    amount: fc.nat(40),
    unit: fc.constantFrom('days' as const, 'weeks' as const, 'months' as const, 'years' as const),
  });
  const base = fc.integer({ min: Date.UTC(1995, 0, 1), max: Date.UTC(2035, 0, 1) });
  fc.assert(
    fc.property(base, span, fc.constantFrom(...zones), fc.constantFrom(1, -1), (from, { amount, unit }, zone, way) => {
      const move = way === 1 ? after : before;
      const luxon = DateTime.fromMillis(from, { zone }).plus({ [unit]: way * amount });
      expect(move(from, { amount, unit }, zone, real)).toBe(luxon.toMillis());
    }),
    { numRuns: 1_000 },
  );
  // Over every change of clocks of a year, of New York and of Lord Howe, whose clocks move by half an hour.
  for (const zone of ['America/New_York', 'Australia/Lord_Howe'])
    for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 0, 1); at += 30 * MINUTE) {
      const luxon = DateTime.fromMillis(at, { zone }).plus({ days: 1 });
      if (after(at, { amount: 1, unit: 'days' }, zone, real) !== luxon.toMillis())
        throw new Error(`${zone} ${new Date(at).toISOString()}`);
    }
});

it.each([
  ['2026-11-06T16:30', '2 hours', 1, 'Mon 09 Nov 10:30'],
  ['2026-11-07T12:00', '30 minutes', 1, 'Mon 09 Nov 09:30'],
  ['2026-11-09T10:00', '2 hours', -1, 'Fri 06 Nov 16:00'],
  ['2026-11-09T03:00', '1 hour', -1, 'Fri 06 Nov 16:00'],
  ['2026-04-07T10:00', '2 hours', -1, 'Thu 02 Apr 16:00'], // Easter
  ['2026-11-06T16:30', '20 hours', 1, 'Wed 11 Nov 12:30'],
  ['2026-11-06T16:30', '1 business day', 1, 'Mon 09 Nov 16:30'],
] as const)('%s and %s of work (%d): %s', (from, span, way, to) =>
  expect(show(worked(berlin(from), readSpan(span)!, office, real, way))).toBe(to),
);

it('counts every hour in a demonstration, and where nobody ever works', () => {
  const now = berlin('2026-11-07T12:00');
  const hour = { amount: 1, unit: 'hours' } as const;
  expect(worked(now, hour, office, short)).toBe(now + Math.round(5_000 / 24));
  expect(worked(now, hour, { ...office, week: Array(7).fill(null) }, real, -1)).toBe(now - HOUR);
});
