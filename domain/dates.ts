import { IANAZone } from 'luxon';
import { z } from 'zod';
import { checked, optional, type Read, shown } from './reading.ts';
import { DAY, type Instant, iso, MINUTE } from './time.ts';

/** A day of the calendar, as `2026-11-02`; where it begins depends on the zone. */
export type Day = string;

/** A date as it was written; an instant only once the zone is known. */
interface Written {
  day: Day;
  /** The written date and time, as if it were UTC. */
  local: number;
  /** Minutes ahead of UTC; null where none was written. */
  offset: number | null;
  hasTime: boolean;
}

const FORM = 'allowed: 2026-11-02, 2026-11-02T10:15:00+01:00, or without the offset in local time';

/** RFC 3339, and ISO 8601 without offset or without time. */
const SHAPE =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:[Zz]|([+-])(\d\d):?(\d\d))?)?$/;

/** Reads the form of a date; whether it suits its place is for the caller. */
export function readWritten(text: string): Read<Written> {
  const match = SHAPE.exec(text.trim());
  if (!match) return { wrong: `is ${shown(text)}, not a date; ${FORM}` };
  const [, year, month, date, hour = '0', minute = '0', second = '0', fraction = '0', sign, ahead, aheadMinutes] =
    match;
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(date));
  const day = `${year}-${month}-${date}`;
  if (Number(year) < 1970) return { wrong: `is ${shown(text)}; allowed: the year 1970 or later` };
  if (new Date(midnight).toISOString().slice(0, 10) !== day)
    return { wrong: `is ${shown(text)}, a day the calendar does not have` };
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    return { wrong: `is ${shown(text)}; allowed: 00:00:00 to 23:59:59` };
  if (Number(ahead ?? 0) > 14 || Number(aheadMinutes ?? 0) > 59)
    return { wrong: `is ${shown(text)}; allowed: an offset from -14:00 to +14:00` };
  const local = midnight + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
  const offset = sign
    ? Number(`${sign}1`) * (Number(ahead) * 60 + Number(aheadMinutes))
    : /[Zz]$/.test(text.trim())
      ? 0
      : null;
  const ms = Math.floor(Number(`0.${fraction}`) * 1000);
  return { value: { day, local: local + ms, offset, hasTime: match[4] !== undefined } };
}

/**
 * The instant at which clocks in a zone show a local time. In the gap of a change of clocks it is moved forward by the
 * gap's length; in an overlap it is the first of the two.
 */
export function instantIn(local: number, zone: string): Instant {
  const rules = IANAZone.create(zone);
  const before = local - rules.offset(local - DAY) * MINUTE;
  const after = local - rules.offset(local + DAY) * MINUTE;
  const real = [before, after].filter((at) => at + rules.offset(at) * MINUTE === local);
  return real.length > 0 ? Math.min(...real) : before;
}

/** What a date without a time means: that day's first instant, or its last. */
export type DayMeans = 'its start' | 'its end';

/** The instant a date means; what is written without an offset is local time in the zone. */
export function readInstant(text: string, zone: string, dayMeans: DayMeans): Read<Instant> {
  const read = readWritten(text);
  if ('wrong' in read) return read;
  const { local, offset, hasTime } = read.value;
  const at = () => {
    if (!hasTime) return dayMeans === 'its start' ? instantIn(local, zone) : instantIn(local + DAY, zone) - 1;
    return offset === null ? instantIn(local, zone) : local - offset * MINUTE;
  };
  // East of Greenwich 1970 began in 1969.
  return { value: Math.max(0, at()) };
}

/** Something that has happened. A day ahead is forgiven: clocks differ, and a date without a time may be today's. */
export function readPast(text: string, zone: string, now: Instant): Read<Instant> {
  const read = readInstant(text, zone, 'its start');
  if ('wrong' in read || read.value <= now + DAY) return read;
  return { wrong: `is ${shown(text)}, which is still to come; it is ${iso(now)} now, and a day later is allowed` };
}

const FARTHEST = 3653 * DAY;

/** Something agreed on, past or to come, but not in 2099: ten years ahead is a slip of the keyboard. */
export function readAgreed(text: string, zone: string, now: Instant): Read<Instant> {
  const read = readInstant(text, zone, 'its end');
  if ('wrong' in read || read.value <= now + FARTHEST) return read;
  return { wrong: `is ${shown(text)}, more than ten years ahead; allowed: up to ${iso(now + FARTHEST)}` };
}

/** A schema for an instant; see {@link readInstant} for what is understood. */
export const instant = () => checked(z.string().max(64), readWritten);

/** A schema for a day of the calendar that may be left out. */
export const optionalDay = () => optional(z.string().max(64), readDay);

function readDay(text: string): Read<Day> {
  const read = readWritten(text);
  if ('wrong' in read) return read;
  return read.value.hasTime
    ? { wrong: `is ${shown(text)}; allowed: a day alone, as 2028-11-02` }
    : { value: read.value.day };
}

/** The day that has passed its schema; null where it was left out. */
export const dayOf = (text: string | null | undefined): Day | null => text?.trim() || null;
