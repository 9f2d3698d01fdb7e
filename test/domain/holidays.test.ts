import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countries, holidaysOf, isHoliday, isKnownPlace, regionsOf } from '../../domain/holidays.ts';
import { DAY } from '../../domain/time.ts';

const place = (text: string) => {
  const [country = '', region = null] = text.split(' ');
  return { country, region };
};

it.each([
  ['2026-10-03', 'DE', true],
  ['2026-10-04', 'DE', false],
  ['2026-12-24', 'DE', false], // a half day by custom, not by law
  ['2026-03-08', 'DE', false],
  ['2026-03-08', 'DE BE', true], // Women's Day, in Berlin
  ['2026-08-15', 'DE BY', false],
  ['2026-08-15', 'DE BY.KATH', true],
  ['2026-04-06', 'GB ENG', true],
  ['2026-04-06', 'GB SCT', false], // Scotland works on Easter Monday
  ['2026-12-28', 'GB', true], // for Boxing Day, a Saturday
  ['2027-12-31', 'US', true], // for New Year's Day, which is the next year's
  ['2026-11-26', 'US NY', true],
  ['2027-01-02', 'SZ', true], // six days from 28 December
  ['2027-01-03', 'SZ', false],
  ['2026-03-08', 'CN', false], // an afternoon
  ['2026-12-31', 'IS', false], // from 13:00
  ['2026-04-01', 'IL', false], // the eve of Passover
  ['2026-04-02', 'IL', true],
  ['2026-03-18', 'SA', false],
  ['2026-03-19', 'SA', true], // the end of Ramadan: four days
  ['2026-03-22', 'SA', true],
  ['2026-03-23', 'SA', false],
  ['2026-03-22', 'TR', true],
  ['2026-03-23', 'TR', false], // until noon, says the library
])('%s in %s: %p', (day, where, off) => expect(isHoliday(day, place(where))).toBe(off));

it('names a year of holidays in order, in the language of the place', () => {
  expect(holidaysOf(2026, place('DE BE')).map(({ day, name }) => `${day} ${name}`)).toEqual([
    '2026-01-01 Neujahr',
    '2026-03-08 Internationaler Frauentag',
    '2026-04-03 Karfreitag',
    '2026-04-06 Ostermontag',
    '2026-05-01 Maifeiertag',
    '2026-05-14 Christi Himmelfahrt',
    '2026-05-25 Pfingstmontag',
    '2026-10-03 Tag der Deutschen Einheit',
    '2026-12-25 1. Weihnachtstag',
    '2026-12-26 2. Weihnachtstag',
  ]);
});

it('knows which places it knows', () => {
  for (const known of ['DE', 'DE BY', 'DE BY.KATH', 'US LA.NO', 'FR', 'XK'])
    expect(isKnownPlace(place(known))).toBe(true);
  for (const other of ['', 'XX', 'de', 'DE ', 'DE XX', 'DE BY.XX', 'FR constructor', 'constructor'])
    expect([other, isKnownPlace(place(other)), holidaysOf(2026, place(other))]).toEqual([other, false, []]);
  expect(isHoliday('2026-12-25', place('DE XX'))).toBe(false);
});

it('offers countries and regions by name', () => {
  expect(countries().length).toBeGreaterThan(200);
  expect(countries()).toContainEqual({ code: 'IT', name: 'Italy' });
  expect(countries().map(({ code, name }) => [code, name.length > 2])).toEqual(
    countries().map(({ code }) => [code, true]),
  );
  expect(regionsOf('DE').slice(0, 3)).toEqual([
    { code: 'BW', name: 'Baden-Württemberg' },
    { code: 'BY', name: 'Bayern' },
    { code: 'BY.KATH', name: 'Bayern: Predominantly catholic communities' },
  ]);
  expect(regionsOf('FR').map(({ code }) => code)).not.toContain('');
  expect(regionsOf('XX')).toEqual([]);
});

const places = countries().flatMap(({ code }) =>
  [null, ...regionsOf(code).map((region) => region.code)].map((region) => ({ country: code, region })),
);

it('every place can be asked for any year, and has days of that year only', () => {
  fc.assert(
    fc.property(fc.constantFrom(...places), fc.integer({ min: 1970, max: 2150 }), (where, year) => {
      const days = holidaysOf(year, where).map(({ day }) => day);
      expect(days).toEqual([...days].sort());
      const start = Date.UTC(year, 0);
      const off = Array.from({ length: 366 }, (_, at) => new Date(start + at * DAY).toISOString().slice(0, 10));
      expect(off.filter((day) => day.startsWith(`${year}`) && isHoliday(day, where))).toEqual([...new Set(days)]);
    }),
    { numRuns: 60 },
  );
});
