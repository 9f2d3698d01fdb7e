import { money } from '../../domain/money.ts';
import { DAY, HOUR, type Instant, MINUTE } from '../../domain/time.ts';

/** Writes dates and figures as a reader is used to. */
export interface Show {
  zone: string;
  /** `Mon 2 Nov 2026, 10:15` */
  when(at: Instant): string;
  /** `Monday, 2 November 2026` */
  day(at: Instant): string;
  /** `10:15` */
  time(at: Instant): string;
  /** `in 3 hours`, `2 days ago` */
  ago(at: Instant, now: Instant): string;
  number(value: number): string;
  /** `1.299,90 €` */
  money(amount: string, currency: string): string;
  /** The same reader's forms in another zone. */
  in(zone: string): Show;
}

const made = new Map<string, Show>();

/**
 * How a reader of this locale in this zone reads. Words are in the page's language whatever the locale: dates come in
 * that language as it is written in the reader's region, figures in the reader's own form.
 */
export function showFor(locale: string | null | undefined, zone: string, language = 'en'): Show {
  const own = canonical(locale) ?? 'en-GB';
  const key = `${own} ${language} ${zone}`;
  const show = made.get(key) ?? makeShow(own, language, zone);
  // Accept-Language is anybody's to choose; without a bound it would fill the memory.
  if (made.size > 500) made.clear();
  made.set(key, show);
  return show;
}

function makeShow(own: string, language: string, zone: string): Show {
  const written = writtenIn(language, own);
  const format = (options: Intl.DateTimeFormatOptions) => {
    const dates = new Intl.DateTimeFormat(written, { timeZone: zone, ...options });
    return (at: Instant) => dates.format(at);
  };
  const relative = new Intl.RelativeTimeFormat(written, { numeric: 'auto' });
  const number = new Intl.NumberFormat(own);
  return {
    zone,
    when: format({
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
    }),
    day: format({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }),
    time: format({ hour: '2-digit', minute: '2-digit' }),
    ago(at, now) {
      const away = at - now;
      const size = Math.abs(away);
      if (size < 5_000) return 'now';
      if (size < 45_000) return relative.format(Math.round(away / 1000), 'second');
      if (size < 90 * MINUTE) return relative.format(Math.round(away / MINUTE), 'minute');
      if (size < 36 * HOUR) return relative.format(Math.round(away / HOUR), 'hour');
      return relative.format(Math.round(away / DAY), 'day');
    },
    number: (value) => number.format(value),
    money: (amount, currency) => money(amount, currency, own),
    in: (other) => showFor(own, other, language),
  };
}

function canonical(locale: string | null | undefined): string | null {
  try {
    return locale ? (Intl.getCanonicalLocales(locale)[0] ?? null) : null;
  } catch {
    return null;
  }
}

/** A language as a locale's region writes it: English for `de` or `de-DE` is `en-DE`. */
const writtenIn = (language: string, locale: string) =>
  `${language}-${new Intl.Locale(locale).maximize().region ?? 'GB'}`;

/** The locale a browser asks for first. */
export const askedFor = (acceptLanguage: string | undefined) =>
  /^\s*([a-z]{2,3}(?:-[a-z0-9]{2,8})*)/i.exec(acceptLanguage ?? '')?.[1] ?? null;

/**
 * A date agreed on with a customer, as they understand it: the day alone where its end is meant, else the time as well,
 * with the zone where it is not the reader's.
 */
export function agreed(at: Instant, show: Show, zone: string): string {
  const theirs = show.in(zone);
  if ((at + 1) % MINUTE === 0 && fieldTime(at + 1, zone).endsWith('T00:00')) return theirs.day(at);
  return zone === show.zone ? show.when(at) : `${theirs.when(at)} (${zone})`;
}

/** The value a field for a date and time takes: local time in the zone, `2026-11-02T10:15`. */
export function fieldTime(at: Instant, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const part = (type: string) => parts.find((one) => one.type === type)?.value;
  return `${part('year')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}
