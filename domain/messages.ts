import { z } from 'zod';
import { readCountry, readEmail, readLocale, readPhone, readZone } from './address.ts';
import type { Done, Want } from './complaint.ts';
import { instant, readAgreed, readInstant, readPast, readWritten } from './dates.ts';
import {
  agreed,
  type Company,
  type Consent,
  type Defaults,
  type Preferences,
  personFields,
  readCompany,
} from './order.ts';
import { check, Faults, fields, id, idOf, lineOf, prose, proseOf, type Read, type Result, shown } from './reading.ts';
import type { Answers } from './survey.ts';
import { OUTCOMES, type Outcome } from './task.ts';
import { DAY, type Instant, iso, MINUTE } from './time.ts';

/** What can be reported about an order from outside. */
export const EVENT_TYPES = [
  'paid',
  'delivered',
  'installed',
  'promised',
  'promise-kept',
  'promise-broken',
  'cancelled',
  'returned',
  'exchanged',
  'complained',
  'interested',
  'paused',
  'resumed',
  'note',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** Something that happened to an order, as it was read. */
export interface ReportedEvent {
  /** Null: the sender gave none, and each report counts. */
  id: string | null;
  type: EventType;
  at: Instant;
  /** When a pause ends; null: when somebody ends it. */
  until: Instant | null;
  /** When a promise falls due. */
  by: Instant | null;
  text: string | null;
  /** A colleague says so on the desk; no system reported it. */
  word?: boolean;
  /** What a customer who complains wants, and our id of them; who ordered where it is left out. */
  wants?: Want;
  customer?: string;
}

/** An event as a sales system or the desk sends it. */
export const eventInput = fields({
  id: id(200).nullish().describe('The same id again has no effect; so has the same Idempotency-Key.'),
  type: z.enum(EVENT_TYPES),
  at: instant().nullish().describe('When it happened: ISO 8601, at most a day ahead. Left out: now.'),
  until: instant()
    .nullish()
    .describe('Only for paused: when the follow-up goes on. A day without a time means its end.'),
  by: instant().nullish().describe('Only for promised, and needed there: the date agreed on. A day means its end.'),
  text: prose().nullish().describe('What was promised, complained about or noted; needed for promised and note.'),
});

/** Reads an event; local times are in the zone of the customer, or what else is given as default. */
export function readEvent(json: unknown, now: Instant, defaults: Defaults = {}): Result<'event', ReportedEvent> {
  const form = check(eventInput, json);
  if (!form.ok) return form;
  const { input } = form;
  const { type } = input;
  const zone = defaults.zone ?? 'UTC';
  const faults = new Faults();
  const text = proseOf(input.text);
  if (input.until && type !== 'paused') faults.add('until', `belongs to the type paused only, and this is ${type}`);
  if (input.by && type !== 'promised') faults.add('by', `belongs to the type promised only, and this is ${type}`);
  if (type === 'promised' && !input.by) faults.add('by', 'is missing; a promise needs its date');
  if (type === 'promised' && !text) faults.add('text', 'is missing; say what was promised');
  if (type === 'note' && !text) faults.add('text', 'is missing; a note needs its text');
  const event: ReportedEvent = {
    id: input.id ? idOf(input.id) : null,
    type,
    at: input.at ? faults.take('at', readPast(input.at, zone, now), 0) : now,
    until: input.until ? faults.take('until', toCome(readAgreed(input.until, zone, now), input.until, now), 0) : null,
    by: input.by ? faults.take('by', readAgreed(input.by, zone, now), 0) : null,
    text,
  };
  return faults.all.length > 0 ? { ok: false, errors: faults.all } : { ok: true, event };
}

const toCome = (read: Read<Instant>, text: string, now: Instant): Read<Instant> =>
  'wrong' in read || read.value > now
    ? read
    : { wrong: `is ${shown(text)}, which is over; allowed: later than now, ${iso(now)}` };

/** Answers a colleague took down. Those to a survey's own questions are held against it later, where it is known. */
export const answersInput = fields({
  nps: z.int().min(0).max(10).nullish().describe('How likely the customer is to recommend us: 0 to 10.'),
  csat: z.int().min(1).max(5).nullish().describe('How satisfied the customer is: 1 to 5.'),
  benefit: prose().nullish().describe('What the customer has from it, in their words.'),
  better: prose().nullish().describe('What could be better, in their words.'),
  own: z
    .record(z.string(), z.union([z.string(), z.number()]))
    .nullish()
    .describe("Of a survey by phone: the answers to the survey's own questions, by their names."),
});

const answersOf = (input: z.output<typeof answersInput>): Answers => ({
  nps: input.nps ?? null,
  csat: input.csat ?? null,
  benefit: proseOf(input.benefit),
  better: proseOf(input.better),
  ...(input.own && { own: input.own }),
});

/** How a task came out, as it was read. */
export interface TaskReport {
  id: string | null;
  outcome: Outcome;
  note: string | null;
  /** Set if and only if the outcome is call-back. */
  callBackAt: Instant | null;
  /** What a colleague wrote on the page of the complaint whose step this task was. */
  done?: Done;
  answers: Answers | null;
}

/** The outcome of a task as the desk or the API gives it. Whether it fits the kind of task is not seen from here. */
export const outcomeInput = fields({
  id: id(200).nullish().describe('The same id again has no effect; so has the same Idempotency-Key.'),
  outcome: z.enum(Object.keys(OUTCOMES) as Outcome[]),
  note: prose().nullish(),
  callBackAt: instant().nullish().describe('Needed for call-back and only there: a time to come, within a year.'),
  answers: answersInput.nullish().describe('What the customer said.'),
});

/** Reads the outcome of a task; local times are in the zone that is given as default. */
export function readOutcome(json: unknown, now: Instant, defaults: Defaults = {}): Result<'outcome', TaskReport> {
  const form = check(outcomeInput, json);
  if (!form.ok) return form;
  const { input } = form;
  const faults = new Faults();
  const callsBack = input.outcome === 'call-back';
  if (callsBack && !input.callBackAt)
    faults.add('callBackAt', 'is missing; the outcome call-back needs a time to call');
  if (!callsBack && input.callBackAt)
    faults.add('callBackAt', `belongs to the outcome call-back only, and this is ${input.outcome}`);
  const outcome: TaskReport = {
    id: input.id ? idOf(input.id) : null,
    outcome: input.outcome,
    note: proseOf(input.note),
    callBackAt: input.callBackAt
      ? faults.take('callBackAt', readCallBack(input.callBackAt, defaults.zone ?? 'UTC', now), 0)
      : null,
    answers: input.answers ? answersOf(input.answers) : null,
  };
  return faults.all.length > 0 ? { ok: false, errors: faults.all } : { ok: true, outcome };
}

/** A minute past is forgiven: a form filled in slowly says "now". */
function readCallBack(text: string, zone: string, now: Instant): Read<Instant> {
  const written = readWritten(text);
  if ('value' in written && !written.value.hasTime)
    return { wrong: `is ${shown(text)}; a time of day is needed, as 2026-11-09T15:00` };
  const read = readInstant(text, zone, 'its start');
  if ('value' in read && read.value > now + 366 * DAY)
    return { wrong: `is ${shown(text)}; allowed: within a year, up to ${iso(now + 366 * DAY)}` };
  return toCome(read, text, now - MINUTE);
}

/** What to change about a customer: absent leaves it, null clears it. */
export interface CustomerPatch {
  name?: string | null;
  email?: string | null;
  phone?: string | null;
  company?: Company | null;
  timeZone?: string | null;
  locale?: string | null;
  country?: string | null;
  /** Null, in whole or for a purpose: back to the company's setting for the country. */
  consent?: Clearable<Consent> | null;
  preferences?: Clearable<Preferences> | null;
  /** Everything for them waits until then; null: it goes on. */
  pausedUntil?: Instant | null;
}

/** Fields that can each be set to null, which clears them. */
export type Clearable<T> = { [K in keyof T]?: T[K] | null };

/** A change of a customer as the API takes it. */
export const customerPatchInput = fields({
  ...personFields,
  consent: fields({
    service: agreed().nullish().describe('To messages about what was bought.'),
    selling: agreed().nullish().describe('To offers.'),
  })
    .nullish()
    .describe("null, in whole or for a purpose: back to the company's setting for the country."),
  pausedUntil: instant()
    .nullish()
    .describe('Everything for this customer waits until then; a day without a time means its end. null: it goes on.'),
}).describe('Fields left out stay as they are; null clears one.');

/**
 * Reads a change of a customer. An unknown zone or locale is refused here, unlike in an order: nothing is lost by it,
 * and whoever sends the change can mend it. A phone number without a country code is read with the country of the
 * change, else the default one; a local time is in the default zone.
 */
export function readCustomerPatch(
  json: unknown,
  now: Instant,
  defaults: Defaults = {},
): Result<'patch', CustomerPatch> {
  const form = check(customerPatchInput, json);
  if (!form.ok) return form;
  const { input } = form;
  const faults = new Faults();
  const changed = (
    name: 'name' | 'email' | 'phone' | 'timeZone' | 'locale' | 'country',
    read: (text: string) => Read<string>,
  ) => {
    if (input[name] === undefined) return undefined;
    const text = lineOf(input[name]);
    return text === null ? null : faults.take(name, read(text), '');
  };
  const country = changed('country', readCountry);
  const { pausedUntil: pause } = input;
  const zone = defaults.zone ?? 'UTC';
  const patch: CustomerPatch = {
    name: changed('name', (text) => ({ value: text })),
    email: changed('email', readEmail),
    phone: changed('phone', (text) => {
      const read = readPhone(text, country ?? defaults.country ?? null);
      return 'value' in read ? { value: read.value.number } : read;
    }),
    company: input.company === undefined ? undefined : readCompany(input.company),
    timeZone: changed('timeZone', readZone),
    locale: changed('locale', readLocale),
    country,
    consent: input.consent,
    preferences: input.preferences,
    pausedUntil:
      typeof pause === 'string'
        ? faults.take('pausedUntil', toCome(readAgreed(pause, zone, now), pause, now), 0)
        : pause,
  };
  if (faults.all.length > 0) return { ok: false, errors: faults.all };
  return { ok: true, patch: Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) };
}
