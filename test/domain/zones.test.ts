import { expect, it } from '@jest/globals';
import { IANAZone } from 'luxon';
import { readCountry } from '../../domain/address.ts';
import { DAY, HOUR } from '../../domain/time.ts';
import { firstAt, lastBefore, localAt, zoneOf } from '../../domain/zones.ts';

const nothing = { timeZone: null, country: null, phone: null };
const canonical = (timeZone: string) => new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;
const zones = Intl.supportedValuesOf('timeZone');

it.each([
  ['their own zone first', { timeZone: 'Pacific/Honolulu', country: 'DE', phone: '+81312345678' }, 'Pacific/Honolulu'],
  ['then the country', { ...nothing, country: 'FR', phone: '+81312345678' }, 'Europe/Paris'],
  ['where it has several, the principal one', { ...nothing, country: 'US', phone: '+18085550123' }, 'America/New_York'],
  ['of which one may be a village', { ...nothing, country: 'DE' }, 'Europe/Berlin'],
  ['then the phone number', { ...nothing, phone: '+81312345678' }, 'Asia/Tokyo'],
  ['by its area code where countries share a code', { ...nothing, phone: '+14165550123' }, 'America/Toronto'],
  ['as in the Caribbean', { ...nothing, phone: '+18765550123' }, 'America/Jamaica'],
  ['where nobody lives, the phone', { ...nothing, country: 'AQ', phone: '+819012345678' }, 'Asia/Tokyo'],
  ['a number of no country tells nothing', { ...nothing, phone: '+80012345678' }, 'Europe/Berlin'],
  ['nor does a country that is none', { ...nothing, country: 'usa', phone: 'none' }, 'Europe/Berlin'],
  ['else the fallback', nothing, 'Europe/Berlin'],
])('%s', (_, customer, zone) => expect(canonical(zoneOf(customer, 'Europe/Berlin'))).toBe(canonical(zone)));

it('every country people live in has a zone, and it is one of its own', () => {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const countries = letters
    .flatMap((one) => letters.map((two) => one + two))
    .filter((code) => 'value' in readCountry(code) && new Intl.Locale(`und-${code}`).region === code);
  const without: string[] = [];
  for (const country of countries) {
    const zone = zoneOf({ ...nothing, country }, 'none');
    const locale = new Intl.Locale(`und-${country}`) as { timeZones?: string[]; getTimeZones?(): string[] };
    const own = locale.getTimeZones?.() ?? locale.timeZones ?? [];
    if (zone === 'none') without.push(country);
    else if (own.length > 0) expect(own.map(canonical)).toContain(canonical(zone));
  }
  // Uninhabited, or reserved for what has no ISO code of its own (Ascension, Ceuta, Diego Garcia, Sark, Tristan).
  expect(without).toEqual(['AC', 'AQ', 'BV', 'CP', 'CQ', 'DG', 'EA', 'HM', 'TA', 'UM']);
});

it('knows the clocks of every zone as Intl does', () => {
  const wrong: string[] = [];
  for (const zone of zones) {
    const rules = IANAZone.create(zone);
    // An odd step, so that all hours of the day come up.
    for (let at = Date.UTC(2026, 0); at < Date.UTC(2028, 0); at += 2 * DAY + 7 * HOUR)
      if (localAt(at, zone) - at !== rules.offset(at) * 60_000) wrong.push(`${zone} ${new Date(at).toISOString()}`);
  }
  expect(wrong).toEqual([]);
});

const berlin = (text: string) =>
  [firstAt, lastBefore].map((of) => new Date(of(Date.parse(`${text}Z`), 'Europe/Berlin')).toISOString().slice(11, 16));

it.each([
  ['2026-03-29T01:59', '00:59', '00:59'],
  ['2026-03-29T02:00', '01:00', '01:00'], // there is no time from 2 to 3
  ['2026-03-29T02:30', '01:00', '01:00'],
  ['2026-03-29T03:00', '01:00', '01:00'],
  ['2026-03-29T03:01', '01:01', '01:01'],
  ['2026-10-25T02:00', '00:00', '00:00'], // and here twice; what lies before 2 has passed the first time
  ['2026-10-25T02:01', '00:01', '01:01'],
  ['2026-10-25T03:00', '02:00', '02:00'],
])('%s begins at %s UTC and ends at %s', (local, first, last) => expect(berlin(local)).toEqual([first, last]));

it('over the date line, where a day is left out', () => {
  const day = Date.UTC(2011, 11, 30);
  expect(firstAt(day, 'Pacific/Apia')).toBe(lastBefore(day + DAY, 'Pacific/Apia'));
});
