import { parsePhoneNumberFromString } from 'libphonenumber-js';
import { IANAZone } from 'luxon';
import { DAY, HOUR, type Instant, MINUTE } from './time.ts';

/**
 * Where most people of a country with several zones live. Which countries those are: CLDR, which Intl.Locale asks; the
 * most populous zone: CLDR's primaryZones (CN, DE, ...) and the comments of tzdb's zone.tab. Kosovo and the Canary
 * Islands have no entry in CLDR. Antarctica and the outlying islands of the United States have no inhabitants.
 */
const PRINCIPAL: Record<string, string> = {
  AR: 'America/Argentina/Buenos_Aires',
  AU: 'Australia/Sydney',
  BR: 'America/Sao_Paulo',
  CA: 'America/Toronto',
  CD: 'Africa/Kinshasa',
  CL: 'America/Santiago',
  CN: 'Asia/Shanghai',
  CY: 'Asia/Nicosia',
  DE: 'Europe/Berlin',
  EC: 'America/Guayaquil',
  ES: 'Europe/Madrid',
  FM: 'Pacific/Chuuk',
  GL: 'America/Nuuk',
  IC: 'Atlantic/Canary',
  ID: 'Asia/Jakarta',
  KI: 'Pacific/Tarawa',
  KZ: 'Asia/Almaty',
  MH: 'Pacific/Majuro',
  MN: 'Asia/Ulaanbaatar',
  MX: 'America/Mexico_City',
  MY: 'Asia/Kuala_Lumpur',
  NZ: 'Pacific/Auckland',
  PF: 'Pacific/Tahiti',
  PG: 'Pacific/Port_Moresby',
  PS: 'Asia/Hebron',
  PT: 'Europe/Lisbon',
  RU: 'Europe/Moscow',
  UA: 'Europe/Kyiv',
  US: 'America/New_York',
  UZ: 'Asia/Tashkent',
  XK: 'Europe/Belgrade',
};

/** What is known of where a customer is; the phone number as E.164. */
interface Whereabouts {
  timeZone: string | null;
  country: string | null;
  phone: string | null;
}

/** From what a zone is known: the customer's word, or guessed from their country, their number or the company's own. */
export type ZoneFrom = 'own' | 'country' | 'phone' | 'company';

/**
 * The zone a customer's clocks are taken to run in: their own, else their country's (where it has several, the one most
 * people live in), else that of their phone number's country, else the fallback. Area codes are not looked into.
 */
export function zoneFrom(
  { timeZone, country, phone }: Whereabouts,
  fallback: string,
): { zone: string; from: ZoneFrom } {
  if (timeZone) return { zone: timeZone, from: 'own' };
  const byCountry = zoneOfCountry(country);
  if (byCountry) return { zone: byCountry, from: 'country' };
  const byPhone = zoneOfCountry((phone && parsePhoneNumberFromString(phone)?.country) || null);
  return byPhone ? { zone: byPhone, from: 'phone' } : { zone: fallback, from: 'company' };
}

/** The same without where it is known from. */
export const zoneOf = (whereabouts: Whereabouts, fallback: string): string => zoneFrom(whereabouts, fallback).zone;

/** Node 20 has the first, later ones the second. */
type LocaleZones = { timeZones?: string[]; getTimeZones?(): string[] };

const zones = new Map<string, string | null>();

/** The zone of a country, if there is one to be taken for all of it. */
function zoneOfCountry(country: string | null): string | null {
  if (!country || !/^[A-Z]{2}$/.test(country)) return null;
  const zone = PRINCIPAL[country] ?? zones.get(country);
  if (zone !== undefined) return zone;
  const locale = new Intl.Locale(`und-${country}`) as LocaleZones;
  const [first, ...more] = locale.getTimeZones?.() ?? locale.timeZones ?? [];
  const only = first && more.length === 0 ? first : null;
  zones.set(country, only);
  return only;
}

/** From an instant on a zone's clocks are so many milliseconds ahead of UTC. */
interface Offset {
  from: Instant;
  ahead: number;
}

/** No zone changes its clocks twice so soon: from 2000 to 2100 Gaza is closest, with a week between (tzdb 2025c). */
const STEP = 3 * DAY;
const YEAR = 122 * STEP;

/** Asking Intl is slow, and the same days are asked for over and over: a year's offsets are worked out at once. */
const known = new Map<string, Offset[]>();

/** The offset at an instant; what began more than a step before the year it lies in counts as begun then. */
function offsetAt(at: Instant, zone: string): Offset {
  const year = Math.floor(at / YEAR);
  const key = `${year} ${zone}`;
  const offsets = known.get(key) ?? offsetsOf(year, zone);
  known.set(key, offsets);
  return offsets.findLast(({ from }) => from <= at) ?? offsets[0]!;
}

function offsetsOf(year: number, zone: string): Offset[] {
  const rules = IANAZone.create(zone);
  const aheadAt = (at: Instant) => Math.round(rules.offset(at) * MINUTE);
  const start = year * YEAR - STEP;
  const found = [{ from: start, ahead: aheadAt(start) }];
  for (let low = start; low < start + YEAR + STEP; low += STEP) {
    const ahead = aheadAt(low + STEP);
    if (ahead === found.at(-1)!.ahead) continue;
    let [before, from] = [low, low + STEP];
    while (from - before > 1) {
      const middle = Math.floor((before + from) / 2);
      if (aheadAt(middle) === ahead) from = middle;
      else before = middle;
    }
    found.push({ from, ahead });
  }
  return found;
}

/** What the clocks of a zone show, as if it were UTC. */
export const localAt = (at: Instant, zone: string): number => at + offsetAt(at, zone).ahead;

/** The offsets before and after a local time; offsets lie between -12 and +14 hours. */
const around = (local: number, zone: string) =>
  [offsetAt(local - 18 * HOUR, zone), offsetAt(local + 18 * HOUR, zone)] as const;

/** The first instant at which clocks show a local time; in the gap of a change of clocks the gap's end. */
export function firstAt(local: number, zone: string): Instant {
  const [before, after] = around(local, zone);
  const early = local - before.ahead;
  return before.ahead === after.ahead || early < after.from ? early : Math.max(local - after.ahead, after.from);
}

/** The instant by which clocks have shown all that lies before a local time, for the last time. */
export function lastBefore(local: number, zone: string): Instant {
  const [before, after] = around(local, zone);
  const late = local - after.ahead;
  return before.ahead === after.ahead || late > after.from ? late : Math.min(local - before.ahead, after.from);
}
