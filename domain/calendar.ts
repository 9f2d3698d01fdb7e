import type { Day } from './dates.ts';
import { isHoliday, type Place } from './holidays.ts';
import { DAY, HOUR, type Instant, MINUTE, type Span, type Unit } from './time.ts';
import { firstAt, lastBefore, localAt } from './zones.ts';

export type { Place } from './holidays.ts';

/** Opening hours of one day: minutes from local midnight, from < to <= 1440. */
export interface Hours {
  from: number;
  to: number;
}

/** Monday first, seven entries; null: closed. */
export type Week = readonly (Hours | null)[];

/** Days away, both included, local dates. */
export interface Away {
  from: Day;
  to: Day;
}

/** When something may happen: hours of the week in a zone, without the holidays of a place and without days away. */
export interface Opening {
  zone: string;
  week: Week;
  place: Place | null;
  away: readonly Away[];
}

/**
 * How time passes for this company. In a demonstration a day is shorter than a real one; then every day is a business
 * day and no hour is quiet, for a night of two seconds would prove nothing.
 */
export interface Calendar {
  /** Length of a day in milliseconds; 86,400,000 but in a demonstration. */
  dayMs: number;
  /** The company's IANA time zone. */
  zone: string;
  /** Its hours, in which tasks fall due. */
  week: Week;
  /** Whose holidays it keeps; null: none. */
  place: Place | null;
}

const NINE_TO_FIVE: Hours = { from: 9 * 60, to: 17 * 60 };

/** Monday to Friday, 9 to 17 o'clock. */
export const BUSINESS_WEEK: Week = [NINE_TO_FIVE, NINE_TO_FIVE, NINE_TO_FIVE, NINE_TO_FIVE, NINE_TO_FIVE, null, null];

/** The same hours (minutes from midnight) on all seven days. */
export const everyDay = (from: number, to: number): Week => Array<Hours>(7).fill({ from, to });

/** What of a week lies within certain hours too. */
export const narrowed = (week: Week, hours: Hours): Week =>
  week.map((open) => {
    if (!open) return null;
    const [from, to] = [Math.max(open.from, hours.from), Math.min(open.to, hours.to)];
    return from < to ? { from, to } : null;
  });

/** When the company is at work. */
export const businessHours = ({ zone, week, place }: Calendar): Opening => ({ zone, week, place, away: [] });

export const isDemonstration = (calendar: Calendar) => calendar.dayMs < DAY;

/** Scales a real length of time (milliseconds) to this calendar's day. */
export const scaled = (calendar: Calendar, ms: number) => Math.round((ms * calendar.dayMs) / DAY);

/** Days of the calendar are counted from 1970-01-01, a Thursday: arithmetic on them is cheap, and they have no zone. */
const dayNumber = (at: Instant, zone: string) => Math.floor(localAt(at, zone) / DAY);
const isoDay = (day: number): Day => {
  const known = isoDays.get(day) ?? new Date(day * DAY).toISOString().slice(0, 10);
  isoDays.set(day, known);
  return known;
};
/** Writing a day is slow, and the same ones are asked for over and over. */
const isoDays = new Map<number, Day>();
const hoursOf = (week: Week, day: number) => week[(((day + 3) % 7) + 7) % 7] ?? null;
const isOff = (place: Place | null, day: number) => place !== null && isHoliday(isoDay(day), place);

/** The date that calendars in a zone show. */
export const localDay = (at: Instant, zone: string): Day => isoDay(dayNumber(at, zone));

/** When the day of an instant begins, in a zone. */
export const startOfDay = (at: Instant, zone: string): Instant => firstAt(dayNumber(at, zone) * DAY, zone);

/** How many days a unit counts in a demonstration. */
const DAYS: Record<Exclude<Unit, 'minutes' | 'hours'>, number> = {
  days: 1,
  'business days': 1,
  weeks: 7,
  months: 30,
  years: 365,
};

/** The instant a span after another, in the given zone: a day keeps its local hour over a change of clocks. */
export const after = (base: Instant, span: Span, zone: string, calendar: Calendar): Instant =>
  moved(base, span, 1, zone, calendar);

/** The instant a span before another: the mirror image of {@link after}. */
export const before = (base: Instant, span: Span, zone: string, calendar: Calendar): Instant =>
  moved(base, span, -1, zone, calendar);

function moved(base: Instant, { amount, unit }: Span, way: 1 | -1, zone: string, calendar: Calendar): Instant {
  if (unit === 'minutes') return base + way * scaled(calendar, amount * MINUTE);
  if (unit === 'hours') return base + way * scaled(calendar, amount * HOUR);
  if (isDemonstration(calendar)) return base + way * amount * DAYS[unit] * calendar.dayMs;
  const local = localAt(base, zone);
  const months = unit === 'months' ? amount : unit === 'years' ? 12 * amount : 0;
  const days = unit === 'business days' ? businessDays(base, way * amount, zone, calendar) : way * amount * DAYS[unit];
  return shownFrom(base, months > 0 ? monthsOn(local, way * months) : local + days * DAY, zone);
}

/** The same day so many months on (or back), or that month's last where it is shorter; local times. */
function monthsOn(local: number, months: number): number {
  const date = new Date(local);
  const day = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() + months, 1);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.setUTCDate(Math.min(day, last));
}

/**
 * When clocks show a local time that is counted from `base`: in a gap as much later as it is wide; of a time that comes
 * twice, the one with the offset of `base`.
 */
function shownFrom(base: Instant, local: number, zone: string): Instant {
  const aheadAt = (at: Instant) => localAt(at, zone) - at;
  const ahead = aheadAt(base);
  const there = aheadAt(local - ahead);
  if (there === ahead) return local - ahead;
  const back = aheadAt(local - there);
  return back === there ? local - there : local - Math.min(there, back);
}

/** How many days ahead (or back) so many business days are. A company that is never open counts every day. */
function businessDays(base: Instant, amount: number, zone: string, { week, place }: Calendar): number {
  if (!week.some((hours) => hours)) return amount;
  const first = dayNumber(base, zone);
  const way = Math.sign(amount);
  let days = 0;
  for (let left = Math.abs(amount); left > 0; ) {
    days += way;
    if (hoursOf(week, first + days) && !isOff(place, first + days)) left -= 1;
  }
  return days;
}

/** A time from an instant to another, the latter not included. */
interface Stretch {
  from: Instant;
  to: Instant;
}

/**
 * When an opening is open on a day; null: not at all. Over a change of clocks a time that is skipped counts as the gap's
 * end, and one that comes twice opens the first time and closes the last.
 */
function openOn({ zone, week, place, away }: Opening, day: number): Stretch | null {
  const hours = hoursOf(week, day);
  if (!hours || isOff(place, day)) return null;
  if (away.length > 0) {
    const date = isoDay(day);
    if (away.some(({ from, to }) => from <= date && date <= to)) return null;
  }
  const from = firstAt(day * DAY + hours.from * MINUTE, zone);
  const to = lastBefore(day * DAY + hours.to * MINUTE, zone);
  return from < to ? { from, to } : null;
}

/** The first time an opening is open that ends after `at`; null where none begins before `until`. */
function nextOpen(opening: Opening, at: Instant, until: Instant): Stretch | null {
  for (let day = dayNumber(at, opening.zone); ; day += 1) {
    const open = openOn(opening, day);
    if (open && open.to > at) return open.from < until ? open : null;
    if (!(day * DAY < until + DAY)) return null;
  }
}

/** The first time all openings are open at once that ends after `at`; null where none begins before `until`. */
function meeting(openings: readonly Opening[], at: Instant, until: Instant): Stretch | null {
  for (let from = at; ; ) {
    const here = from;
    let to = Number.POSITIVE_INFINITY;
    for (const opening of openings) {
      const open = nextOpen(opening, here, until);
      if (!open) return null;
      from = Math.max(from, open.from);
      to = Math.min(to, open.to);
    }
    if (from < to) return { from, to };
  }
}

/** How long several openings are waited for before the least important of them is given up, and how long the first. */
const MEET_WITHIN = 14 * DAY;
const OPEN_WITHIN = 400 * DAY;

/**
 * The first instant at or after `at` that lies in all openings, the most important of which comes first: where they do
 * not meet within 14 days, the last is left out. What has to be moved is spread over the first two hours by `seed`, so
 * that nine o'clock is no storm. Nothing is lost: where not even the first ever opens, `at` stands.
 */
export function within(at: Instant, openings: readonly Opening[], calendar: Calendar, seed: string): Instant {
  if (isDemonstration(calendar)) return at;
  for (let count = openings.length; count > 0; count -= 1) {
    const met = meeting(openings.slice(0, count), at, at + (count > 1 ? MEET_WITHIN : OPEN_WITHIN));
    if (met) return met.from <= at ? at : met.from + spread(seed, Math.min(2 * HOUR, met.to - met.from));
  }
  return at;
}

/**
 * By when something is due for which there is time from `from` until `at`: then, where all openings are open, else when
 * they last closed before, so that nobody waits longer than was said. Where that leaves no hour to do it in, it is the
 * next time they open.
 */
export function dueBy(
  from: Instant,
  at: Instant,
  openings: readonly Opening[],
  calendar: Calendar,
  seed: string,
): Instant {
  if (isDemonstration(calendar)) return at;
  let last: Stretch | null = null;
  const since = Math.max(from, at - MEET_WITHIN);
  for (let open = meeting(openings, since, at + 1); open; open = meeting(openings, open.to, at + 1)) last = open;
  if (last && last.to <= at && last.to - Math.max(since, last.from) >= HOUR) return last.to;
  return within(at, openings, calendar, seed);
}

/**
 * The instant a span after another, or before it, of which hours and minutes count only while the opening is open. Every
 * hour counts in a demonstration, and where it never opens.
 */
export function worked(at: Instant, span: Span, opening: Opening, calendar: Calendar, way: 1 | -1 = 1): Instant {
  const { amount, unit } = span;
  if (isDemonstration(calendar) || (unit !== 'hours' && unit !== 'minutes'))
    return moved(at, span, way, opening.zone, calendar);
  const today = dayNumber(at, opening.zone);
  let left = amount * (unit === 'hours' ? HOUR : MINUTE);
  for (let days = 0; days * DAY < OPEN_WITHIN; days += 1) {
    const open = openOn(opening, today + way * days);
    if (!open) continue;
    const from = way > 0 ? Math.max(open.from, at) : open.from;
    const to = way > 0 ? open.to : Math.min(open.to, at);
    if (from >= to) continue;
    if (left <= to - from) return way > 0 ? from + left : to - left;
    left -= to - from;
  }
  return moved(at, span, way, opening.zone, calendar);
}

/** Whether an opening is open at all on the day of an instant. */
export const opensOn = (at: Instant, opening: Opening): boolean =>
  openOn(opening, dayNumber(at, opening.zone)) !== null;

/** Whether an instant lies in an opening. */
export function isOpen(at: Instant, opening: Opening): boolean {
  const open = openOn(opening, dayNumber(at, opening.zone));
  return open !== null && open.from <= at && at < open.to;
}

/**
 * When the first open day ends that still has an hour to work in: today's end, or the next business day's. A day
 * later in a demonstration.
 */
export function endOfBusinessDay(at: Instant, opening: Opening, calendar: Calendar): Instant {
  if (isDemonstration(calendar)) return at + calendar.dayMs;
  const until = at + OPEN_WITHIN;
  const first = nextOpen(opening, at, until);
  for (let open = first; open; open = nextOpen(opening, open.to, until))
    if (open.to - Math.max(at, open.from) >= HOUR) return open.to;
  return first?.to ?? at;
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
 * When to try a call again: the opening's next day, and in the other half of it, since whoever did not answer in the
 * morning may in the afternoon. The hour need not be one of its hours.
 */
export function nextTry(last: Instant, opening: Opening, calendar: Calendar): Instant {
  if (isDemonstration(calendar)) return last + calendar.dayMs;
  const { zone } = opening;
  const today = dayNumber(last, zone);
  const tomorrow = lastBefore((today + 1) * DAY, zone);
  const open = nextOpen(opening, tomorrow, tomorrow + OPEN_WITHIN);
  const day = open ? dayNumber(open.from, zone) : today + 1;
  return firstAt(day * DAY + (localAt(last, zone) - today * DAY < 13 * HOUR ? 15 : 10) * HOUR, zone);
}
