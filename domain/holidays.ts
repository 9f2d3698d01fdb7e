import Holidays from 'date-holidays';
import type { Day } from './dates.ts';
import { DAY, HOUR, type Instant } from './time.ts';

/**
 * Whose public holidays count: a country (ISO 3166-1) and a region by date-holidays' code, as {@link regionsOf} has it;
 * null: those of the whole country only.
 */
export interface Place {
  country: string;
  region: string | null;
}

/** A country or region to choose from. */
interface Choice {
  code: string;
  name: string;
}

/** A day off, and what it is called in the place's own language. */
export interface Holiday {
  day: Day;
  name: string;
}

/** In UTC a day has 24 hours and the machine's own zone plays no part: the dates that come back are local ones. */
const LOCAL = { timezone: 'UTC' };
const library = new Holidays();
const english = new Intl.DisplayNames('en', { type: 'region' });
const byName = new Intl.Collator('en');

const isoDay = (at: Instant): Day => new Date(at).toISOString().slice(0, 10);

const codes = new Set(Object.keys(library.getCountries()));
const sorted = (choices: Choice[]) => choices.sort((a, b) => byName.compare(a.name, b.name));

/** The countries whose holidays are known, by their English names. */
export const countries = (): Choice[] => sorted([...codes].map((code) => ({ code, name: english.of(code)! })));

/**
 * The regions of a country that have holidays of their own, by name; none where it has no such or is unknown. Parts of
 * a region are coded as `BY.KATH`: the Assumption is a day off in Munich and none in Nuremberg.
 */
export function regionsOf(country: string): Choice[] {
  if (!codes.has(country)) return [];
  const regions = Object.entries(library.getStates(country, 'en') ?? {});
  const parts = regions.flatMap(([region, regionName]) =>
    Object.entries(library.getRegions(country, region, 'en') ?? {}).map(([part, name]) => ({
      code: `${region}.${part}`,
      name: `${regionName}: ${name}`,
    })),
  );
  return sorted([...regions.map(([code, name]) => ({ code, name })), ...parts]);
}

/** Whether the holidays of a place are known; settings that name another are wrong. */
export const isKnownPlace = ({ country, region }: Place): boolean =>
  codes.has(country) && (region === null || regionsOf(country).some(({ code }) => code === region));

/** A place's holidays in a year, in order, and their days for looking up. */
interface Year {
  holidays: readonly Holiday[];
  days: ReadonlySet<Day>;
}

const NONE: Year = { holidays: [], days: new Set() };

/** Working out a year takes milliseconds, and every business day asks. */
const known = new Map<string, Year>();

function yearOf(year: number, place: Place): Year {
  const key = [year, place.country, ...(place.region === null ? [] : [place.region])].join('/');
  const found = known.get(key) ?? (isKnownPlace(place) ? worked(year, place) : NONE);
  known.set(key, found);
  return found;
}

function worked(year: number, { country, region }: Place): Year {
  const [state = '', part = ''] = (region ?? '').split('.');
  const rules = new Holidays({ country, state, region: part }, LOCAL);
  // Last year's come along: some last into January.
  const holidays = [...rules.getHolidays(year - 1), ...rules.getHolidays(year)]
    .filter(({ type }) => type === 'public')
    .flatMap(({ name, start, end }) => daysOf(start, end).map((day) => ({ day, name })))
    .filter(({ day }) => day.startsWith(`${year}-`))
    .sort((a, b) => (a.day < b.day ? -1 : Number(a.day > b.day)));
  return { holidays, days: new Set(holidays.map(({ day }) => day)) };
}

/**
 * The days a holiday takes from midnight on. Islamic and Hebrew ones last from six to six; the evening they begin in
 * is no day off. Neither is an afternoon, such as New Year's Eve in Iceland.
 */
function daysOf(start: Date, end: Date): Day[] {
  const days: Day[] = [];
  for (let day = Math.ceil(start.getTime() / DAY) * DAY; day + 18 * HOUR <= end.getTime(); day += DAY)
    days.push(isoDay(day));
  return days;
}

/** The public holidays of a year, in order; a day with two names comes twice. None for an unknown place. */
export const holidaysOf = (year: number, place: Place): readonly Holiday[] => yearOf(year, place).holidays;

/** Whether a day is a public holiday somewhere; never in an unknown place. */
export const isHoliday = (day: Day, place: Place): boolean => yearOf(Number(day.slice(0, 4)), place).days.has(day);
