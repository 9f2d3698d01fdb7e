import { z } from 'zod';
import { readCountry, readEmail, readLocale, readPhone, readZone } from './address.ts';
import { type Day, dayOf, instant, optionalDay, readAgreed, readPast, readWritten } from './dates.ts';
import { amount, readCurrency, readMoney } from './money.ts';
import {
  check,
  checked,
  Faults,
  fields,
  id,
  idOf,
  line,
  lineOf,
  optional,
  type Read,
  type Result,
  shown,
} from './reading.ts';
import type { Instant } from './time.ts';
import { zoneOf } from './zones.ts';

/** How a customer prefers to be reached. */
export const CHANNELS = ['email', 'phone'] as const;
export type Channel = (typeof CHANNELS)[number];

/** When a customer likes to be called. */
export const BEST_TIMES = ['morning', 'afternoon', 'evening'] as const;
export type BestTime = (typeof BEST_TIMES)[number];

/**
 * What a customer agreed to, by purpose and, where they make a difference, by channel; a purpose left out follows the
 * company's setting for the country.
 */
export interface Consent {
  service?: boolean | Record<Channel, boolean>;
  selling?: boolean | Record<Channel, boolean>;
}

/** How and when a customer likes to be reached. */
export interface Preferences {
  channel?: Channel;
  bestTime?: BestTime;
}

/** The business a customer buys for; at least one of both is there. */
export interface Company {
  id: string | null;
  name: string | null;
}

/** The person contacted, as the order names them; at least one of e-mail and phone is there. */
export interface Customer {
  id: string;
  name: string | null;
  /** As mail servers know it: the domain in A-labels. */
  email: string | null;
  /** E.164. */
  phone: string | null;
  company: Company | null;
  role: string | null;
  /** A name of the time zone database. */
  timeZone: string | null;
  /** BCP 47. */
  locale: string | null;
  /** ISO 3166-1, two letters. */
  country: string | null;
  consent: Consent;
  preferences: Preferences;
}

/** Who sold; at least one of both is there. */
export interface Salesperson {
  name: string | null;
  email: string | null;
}

/** One thing that was bought. */
export interface OrderLine {
  sku: string | null;
  name: string | null;
  category: string | null;
  /** More than 0; may be a fraction, as 2.5 metres. */
  quantity: number;
  /** For one, in the order's currency; a canonical decimal. */
  price: string | null;
  serial: string | null;
  warrantyUntil: Day | null;
  /** How long a rental, contract or subscription runs, both days included. */
  term: { from: Day | null; to: Day | null } | null;
}

/** Something agreed with the customer, with a date. */
export interface OrderPromise {
  what: string;
  by: Instant;
  /** When it will probably be kept. */
  expected: Instant | null;
}

/** A purchase, as it was read. */
export interface Order {
  source: string;
  number: string;
  placedAt: Instant;
  /** Null: not yet. */
  paidAt: Instant | null;
  currency: string;
  /** A canonical decimal, with all the digits of the currency. */
  total: string;
  customer: Customer;
  salesperson: Salesperson | null;
  lines: OrderLine[];
  promises: OrderPromise[];
  playbook: string | null;
  referralCode: string | null;
  /** What was unclear and is not followed, as sentences for the story. */
  marks: string[];
}

/** Yes or no, or each channel with yes or no. */
export const agreed = () =>
  z.union([z.boolean(), fields({ email: z.boolean(), phone: z.boolean() })], {
    error: ({ input }) =>
      `is ${Array.isArray(input) ? 'a list' : shown(input)}; allowed: true, false, or both channels as { "email": true, "phone": false }`,
  });

const word = (most: number) =>
  z.string().regex(new RegExp(`^[a-z0-9-]{1,${most}}$`), {
    error: ({ input }) => `is ${shown(input)}; allowed: 1 to ${most} small letters, digits and hyphens`,
  });

/** What an order and a change of the customer say about a person in the same words. */
export const personFields = {
  name: line(200).nullish().describe('As the customer is addressed.'),
  email: optional(z.string(), readEmail).describe('One address. A non-ASCII domain is stored in A-labels.'),
  phone: line(50)
    .nullish()
    .describe('With the country code (+49 30 123456), or as dialled in the country given beside it. Stored as E.164.'),
  company: fields({
    id: line(254).nullish().describe("The company's id in the sales system."),
    name: line(200).nullish(),
  })
    .nullish()
    .describe('The business the customer buys for.'),
  timeZone: line(64).nullish().describe('A name of the time zone database, as Europe/Berlin.'),
  locale: line(64).nullish().describe('The language to write in (BCP 47), as de-DE.'),
  country: optional(z.string(), readCountry).describe('ISO 3166-1, two letters. Decides which consent is needed.'),
  preferences: fields({
    channel: z.enum(CHANNELS).nullish().describe('How the customer prefers to be reached.'),
    bestTime: z.enum(BEST_TIMES).nullish().describe('When the customer likes to be called.'),
  }).nullish(),
};

const lineInput = fields({
  sku: line(100).nullish(),
  name: line(500).nullish().describe('What was bought, in words the customer knows.'),
  category: line(100).nullish(),
  quantity: z
    .number()
    .positive()
    .max(1e9)
    .nullish()
    .describe('More than 0; may be a fraction. Left out: 1.')
    .meta({ default: 1 }),
  price: amount().nullish().describe("For one, in the order's currency."),
  serial: line(100).nullish().describe('The serial number of this very piece.'),
  warrantyUntil: optionalDay().describe('The last day of the warranty.'),
  term: fields({ from: optionalDay(), to: optionalDay() })
    .nullish()
    .describe('First and last day of a rental, contract or subscription.'),
});

const promiseInput = fields({
  what: line(500).describe('What was promised, as "Delivered".'),
  by: instant().describe("When at the latest. A day without a time means its end, in the customer's zone."),
  expected: optional(z.string().max(64), readWritten).describe('When it will probably be kept.'),
});

/**
 * An order as a sales system sends it. A number of 100 UTF-16 units stays within the 1,000 bytes that Temporal allows a
 * workflow id, even percent-encoded.
 */
export const orderInput = fields({
  source: word(40).nullish().describe('The sales system the order comes from. Left out: api.').meta({ default: 'api' }),
  number: id(100).describe('The number of the order, unique within its source. A string, also where it is all digits.'),
  placedAt: instant().describe(
    "When the order was placed: ISO 8601. Without an offset it is local time in the customer's zone. At most a day ahead; long past orders are kept as history.",
  ),
  paidAt: instant().nullish().describe('When it was paid. Left out: when it was placed. null: not yet.'),
  currency: checked(z.string(), readCurrency).describe('ISO 4217, as EUR.'),
  total: amount().describe(
    'Zero or more, with no more decimals than the currency has. A string; a number is taken as it is written, exact up to 15 digits.',
  ),
  customer: fields({
    id: id(254).describe("The customer's id, unique within the source."),
    ...personFields,
    role: line(100).nullish().describe('The part this person has in the purchase, as buyer.'),
    consent: fields({
      service: agreed().nullish().describe('To messages about what was bought.'),
      selling: agreed().nullish().describe('To offers.'),
    })
      .nullish()
      .describe("What the customer agreed to. Left out: the company's setting for the country."),
  }).describe('The person contacted. An e-mail address or a phone number is needed.'),
  salesperson: fields({ name: line(200).nullish(), email: optional(z.string(), readEmail) })
    .nullish()
    .describe('Who sold. Left out: by the rules of the company.'),
  lines: z.array(lineInput).max(1000).nullish().describe('What was bought.'),
  promises: z.array(promiseInput).max(100).nullish().describe('What was agreed with the customer.'),
  playbook: word(60).nullish().describe('The after-sale process to follow. Left out: by rule, or the default one.'),
  referralCode: line(100).nullish().describe('The code of the customer who recommended us.'),
});

export type OrderInput = z.input<typeof orderInput>;

/** What holds where the customer's own is not known. */
export interface Defaults {
  /** Time zone for local times; UTC where left out. */
  zone?: string;
  /** Country of phone numbers without a country code. */
  country?: string;
}

/** Reads an order as a sales system sends it, at an instant; refused with everything that is wrong, or accepted. */
export function readOrder(json: unknown, now: Instant, defaults: Defaults = {}): Result<'order', Order> {
  const form = check(orderInput, json);
  if (!form.ok) return form;
  const { input } = form;
  const faults = new Faults();
  const marks: string[] = [];

  const customer = readCustomer(input.customer, defaults, faults, marks);
  const zone = zoneOf(customer, defaults.zone ?? 'UTC');
  const currency = faults.take('currency', readCurrency(input.currency), '');
  const placedAt = faults.take('placedAt', readPast(input.placedAt, zone, now), 0);
  const paidAt =
    typeof input.paidAt === 'string'
      ? faults.take('paidAt', readPast(input.paidAt, zone, now), 0)
      : input.paidAt === null
        ? null
        : placedAt;

  const order: Order = {
    source: input.source ?? 'api',
    number: idOf(input.number),
    placedAt,
    paidAt,
    currency,
    total: faults.take('total', readMoney(input.total, currency), ''),
    customer,
    salesperson: readSalesperson(input.salesperson),
    lines: (input.lines ?? []).map((bought, i) => readLineOfOrder(bought, `lines[${i}]`, currency, faults)),
    promises: (input.promises ?? []).map((promise, i) => readPromise(promise, `promises[${i}]`, zone, now, faults)),
    playbook: input.playbook ?? null,
    referralCode: lineOf(input.referralCode),
    marks,
  };
  return faults.all.length > 0 ? { ok: false, errors: faults.all } : { ok: true, order };
}

function readCustomer(
  input: z.output<typeof orderInput>['customer'],
  defaults: Defaults,
  faults: Faults,
  marks: string[],
): Customer {
  const path = 'customer';
  // A sale is not refused for these: the company's own do instead, and the story says so.
  const orMark = (what: string, text: string | null, read: (text: string) => Read<string>) => {
    if (text === null) return null;
    const known = read(text);
    if ('value' in known) return known.value;
    marks.push(`${what} ${shown(text)} is unknown; the company's is used`);
    return null;
  };
  const timeZone = orMark('time zone', lineOf(input.timeZone), readZone);
  const locale = orMark('locale', lineOf(input.locale), readLocale);

  const country = input.country?.trim() ? faults.take(`${path}.country`, readCountry(input.country), '') : null;
  const email = input.email?.trim() ? faults.take(`${path}.email`, readEmail(input.email), '') : null;
  const dialled = lineOf(input.phone);
  const phone =
    dialled === null
      ? null
      : faults.take(`${path}.phone`, readPhone(dialled, country ?? defaults.country ?? null), {
          number: '',
          extension: null,
        });
  if (phone?.extension) marks.push(`extension ${shown(phone.extension)} of the phone number is not kept`);
  if (email === null && phone === null)
    faults.add(path, 'has neither email nor phone; at least one is needed, or nobody can be contacted');

  return {
    id: idOf(input.id),
    name: lineOf(input.name),
    email,
    phone: phone?.number ?? null,
    company: readCompany(input.company),
    role: lineOf(input.role),
    timeZone,
    locale,
    country,
    consent: given(input.consent),
    preferences: given(input.preferences),
  };
}

/** The company that was named, or null where neither id nor name is left. */
export function readCompany(input: { id?: string | null; name?: string | null } | null | undefined): Company | null {
  const company = { id: lineOf(input?.id), name: lineOf(input?.name) };
  return company.id || company.name ? company : null;
}

function readSalesperson(input: z.output<typeof orderInput>['salesperson']): Salesperson | null {
  const read = input?.email?.trim() ? readEmail(input.email) : null;
  const salesperson = { name: lineOf(input?.name), email: read && 'value' in read ? read.value : null };
  return salesperson.name || salesperson.email ? salesperson : null;
}

function readLineOfOrder(input: z.output<typeof lineInput>, path: string, currency: string, faults: Faults): OrderLine {
  const from = dayOf(input.term?.from);
  const to = dayOf(input.term?.to);
  if (from && to && to < from)
    faults.add(`${path}.term.to`, `is ${to}, before the term begins; allowed: ${from} or later`);
  return {
    sku: lineOf(input.sku),
    name: lineOf(input.name),
    category: lineOf(input.category),
    quantity: input.quantity ?? 1,
    price: input.price == null ? null : faults.take(`${path}.price`, readMoney(input.price, currency), ''),
    serial: lineOf(input.serial),
    warrantyUntil: dayOf(input.warrantyUntil),
    term: from || to ? { from, to } : null,
  };
}

function readPromise(
  input: z.output<typeof promiseInput>,
  path: string,
  zone: string,
  now: Instant,
  faults: Faults,
): OrderPromise {
  const what = lineOf(input.what);
  if (what === null) faults.add(`${path}.what`, 'is empty; say what was promised');
  return {
    what: what ?? '',
    by: faults.take(`${path}.by`, readAgreed(input.by, zone, now), 0),
    expected: input.expected?.trim() ? faults.take(`${path}.expected`, readAgreed(input.expected, zone, now), 0) : null,
  };
}

/** The fields that were given, without those that are null or left out. */
const given = <T extends object>(input: T | null | undefined) =>
  Object.fromEntries(Object.entries(input ?? {}).filter(([, value]) => value != null)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };

/** What decides whether an order that comes again is the same (200) or another under its number (409). */
const identity = (order: Order): Record<string, unknown> => ({
  placedAt: order.placedAt,
  currency: order.currency,
  total: order.total,
  'customer.id': order.customer.id,
  // As a set: a sales system that reads its lines without an order may send them in another one next time.
  lines: order.lines.map(lineText).sort(),
});

// Nothing for what is null, so that a field added to lines later leaves the fingerprints of stored orders as they are.
const lineText = (line: OrderLine) =>
  JSON.stringify(
    [
      line.quantity,
      ...(['sku', 'name', 'category', 'price', 'serial', 'warrantyUntil'] as const).map(
        (name) => line[name] && [name, line[name]],
      ),
      line.term && ['term', line.term.from, line.term.to],
    ].filter(Boolean),
  );

/** A canonical text of what makes an order this order; the same for the same order sent again. */
export const fingerprint = (order: Order) => JSON.stringify(identity(order));

/** The names of what differs between two orders of one number, for the detail of a 409. */
export function differences(a: Order, b: Order): string[] {
  const [first, second] = [identity(a), identity(b)];
  return Object.keys(first).filter((name) => JSON.stringify(first[name]) !== JSON.stringify(second[name]));
}
