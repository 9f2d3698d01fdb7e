import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js';
import { parsePhoneNumberFromString as lookUp } from 'libphonenumber-js/max';
import { IANAZone } from 'luxon';
import { type Read, shown } from './reading.ts';

/** RFC 5321, 4.5.3.1: octets of the part before the @, and of a path (256) without its angle brackets. */
const LONGEST_LOCAL = 64;
export const LONGEST_EMAIL = 254;

/** RFC 5322, 3.2.3: dot-atom. Quoted local parts are refused: nobody has one, and they smuggle. */
const LOCAL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;

/** RFC 1123, 2.1: labels of letters, digits and inner hyphens, up to 63 (RFC 1035), at least two, the last no number. */
const DOMAIN = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?=[a-z0-9-]*[a-z])[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Soft hyphen, zero-width characters, byte order mark: they come along when an address is copied from a page. */
const UNSEEN = /[\u00ad\u200b-\u200d\u2060\ufeff]/gu;

const EMAIL_FORM = 'allowed: one address, as ada@example.com';

/**
 * Reads one e-mail address: brought to its usual characters first (a fullwidth @, a soft hyphen), then held against the
 * rules; the domain as mail servers know it (A-labels, small letters). The address stays out of the messages: it is
 * personal.
 */
export function readEmail(text: string): Read<string> {
  const email = text.normalize('NFKC').replace(UNSEEN, '').trim();
  const at = email.indexOf('@');
  if (at < 0) return { wrong: `has no @; ${EMAIL_FORM}` };
  if (email.includes('@', at + 1)) return { wrong: `has more than one @; ${EMAIL_FORM}` };
  const local = email.slice(0, at);
  if (/[^\p{ASCII}]/u.test(local))
    return { wrong: 'has letters before the @ that are not ASCII, which few mail servers accept' };
  if (!LOCAL.test(local))
    return {
      wrong: `has characters before the @ that are not allowed; ${EMAIL_FORM}, without quotes, blanks or commas`,
    };
  if (local.length > LONGEST_LOCAL)
    return { wrong: `has ${local.length} characters before the @; at most ${LONGEST_LOCAL} are allowed` };
  const domain = domainOf(email.slice(at + 1));
  if (domain === null) return { wrong: 'has no valid domain after the @; allowed: a name with a dot, as example.com' };
  const value = `${local}@${domain}`;
  return value.length > LONGEST_EMAIL
    ? { wrong: `is ${value.length} characters long; at most ${LONGEST_EMAIL} are allowed` }
    : { value };
}

/** The domain in A-labels, or null. The host parser of WHATWG URLs knows IDNA, once nothing but a host can be in it. */
function domainOf(written: string): string | null {
  if (written.length > LONGEST_EMAIL || /[^\p{L}\p{M}\p{N}.\u3002-]/u.test(written)) return null;
  try {
    const { hostname } = new URL(`http://${written}`);
    return hostname.length <= 253 && DOMAIN.test(hostname) ? hostname : null;
  } catch {
    return null;
  }
}

/** A phone number that can be dialled from anywhere, and the extension that E.164 has no room for. */
export interface Phone {
  number: string;
  extension: string | null;
}

/**
 * Reads a phone number into E.164; one without a country code is taken as one of the given country. Its length is
 * checked and not its range: new ranges open faster than tables are updated.
 */
export function readPhone(text: string, country: string | null): Read<Phone> {
  const defaultCountry = country && isSupportedCountry(country) ? (country as CountryCode) : undefined;
  const phone = parsePhoneNumberFromString(text.normalize('NFKC'), { defaultCountry, extract: false });
  if (phone?.isPossible()) return { value: { number: phone.number, extension: phone.ext ?? null } };
  if (!phone && !defaultCountry)
    return {
      wrong: "is no phone number with a country code; allowed: +49 30 123456, or the customer's country beside it",
    };
  return { wrong: `is not a phone number${defaultCountry ? ` of ${defaultCountry}` : ''}; allowed: as +49 30 123456` };
}

/** Numbers that cost whoever rings them more than a call. */
const DEARER: readonly (string | undefined)[] = ['PREMIUM_RATE', 'SHARED_COST'];

/** Whether a number somebody wants to be called at can be promised a call: its range is known, and costs a call alone. */
export function canBeCalled(number: string): boolean {
  const phone = lookUp(number);
  return Boolean(phone?.isValid()) && !DEARER.includes(phone?.getType());
}

/** A phone number as it is read aloud: `+49 30 123456`. */
export const phoneInGroups = (number: string) => parsePhoneNumberFromString(number)?.formatInternational() ?? number;

/** Regions that Intl names although they are no countries. */
const NO_COUNTRY = new Set(['EU', 'EZ', 'UN', 'QO', 'XA', 'XB', 'ZZ']);
const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/** Reads a country by its two letters (ISO 3166-1); UK is taken for GB. Refused where unknown: laws hang on it. */
export function readCountry(text: string): Read<string> {
  const written = text.trim().toUpperCase();
  const code = /^[A-Z]{2}$/.test(written) ? new Intl.Locale(`und-${written}`).region : undefined;
  return code && !NO_COUNTRY.has(code) && regions.of(code)
    ? { value: code }
    : { wrong: 'is not a country; allowed: a code of ISO 3166-1 such as DE' };
}

const usualZones = new Set(Intl.supportedValuesOf('timeZone'));

/** Reads a name of the time zone database. */
export const readZone = (name: string): Read<string> =>
  usualZones.has(name) || (/^[A-Za-z]/.test(name) && IANAZone.isValidZone(name))
    ? { value: name }
    : { wrong: `is ${shown(name)}, not a known time zone; allowed: a name such as Europe/Berlin` };

/** Reads a locale into its canonical form (BCP 47); `de_DE` is understood. */
export function readLocale(text: string): Read<string> {
  try {
    return { value: Intl.getCanonicalLocales(text.replaceAll('_', '-'))[0]! };
  } catch {
    return { wrong: `is ${shown(text)}, not a locale; allowed: a tag of BCP 47 such as de-DE` };
  }
}
