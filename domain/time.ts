/** An instant: milliseconds since 1970-01-01T00:00Z. */
export type Instant = number;

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const UNITS = ['minutes', 'hours', 'business days', 'days', 'weeks', 'months', 'years'] as const;
export type Unit = (typeof UNITS)[number];

/** A length of time as a playbook says it: "2 business days". */
export interface Span {
  amount: number;
  unit: Unit;
}

/** What a span may look like, for error messages. */
export const SPAN_FORM =
  'a whole number and minutes, hours, days, business days, weeks, months or years, as in "2 business days"';

/** Reads "1 hour", "2 business days", "6 months"; null where the text is none. */
export function readSpan(text: string): Span | null {
  const match = /^(\d{1,4}) (minute|hour|business day|day|week|month|year)s?$/.exec(text.trim());
  return match ? { amount: Number(match[1]), unit: `${match[2]}s` as Unit } : null;
}

/** The span in words, singular where it is one. */
export const showSpan = ({ amount, unit }: Span) => `${amount} ${amount === 1 ? unit.slice(0, -1) : unit}`;

/** An instant as ISO 8601 in UTC, to the second: for stories, Temporal and logs. */
export const iso = (at: Instant) => new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
