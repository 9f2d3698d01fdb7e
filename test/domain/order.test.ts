import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { money } from '../../domain/money.ts';
import { differences, fingerprint, type Order, orderInput, readOrder } from '../../domain/order.ts';
import { iso } from '../../domain/time.ts';

const NOW = Date.parse('2026-11-02T12:00:00Z');

/** The order of the contract. */
const contract = {
  source: 'shop',
  number: '10042',
  placedAt: '2026-11-02T10:15:00+01:00',
  paidAt: '2026-11-02T10:16:00+01:00',
  currency: 'EUR',
  total: '129.90',
  customer: {
    id: 'c-77',
    name: 'Ada Palmer',
    email: 'ada@example.com',
    phone: '+49 30 123456',
    company: { id: 'p-3', name: 'Palmer Ltd' },
    role: 'buyer',
    timeZone: 'Europe/Berlin',
    locale: 'de-DE',
    country: 'DE',
    consent: { service: true, selling: true },
    preferences: { channel: 'email', bestTime: 'afternoon' },
  },
  salesperson: { name: 'Sam Lee', email: 'sam@example.org' },
  lines: [
    {
      sku: 'E-1',
      name: 'Espresso machine',
      category: 'kitchen',
      quantity: 1,
      price: '129.90',
      serial: 'A55-1',
      warrantyUntil: '2028-11-02',
      term: { from: '2026-11-02', to: '2027-11-01' },
    },
  ],
  promises: [{ what: 'Delivered', by: '2026-11-09', expected: '2026-11-06' }],
  playbook: 'standard',
  referralCode: 'ADA7',
};

const smallest = {
  number: '1',
  placedAt: '2026-11-02T10:15:00Z',
  currency: 'EUR',
  total: '5',
  customer: { id: 'c', email: 'a@example.com' },
};

type Json = Record<string, unknown>;

const order = (change: Json = {}, defaults = {}) => {
  const read = readOrder({ ...smallest, ...change }, NOW, defaults);
  if (!read.ok) throw new Error(JSON.stringify(read.errors));
  return read.order;
};
const customer = (change: Json, defaults = {}) =>
  order({ customer: { ...smallest.customer, ...change } }, defaults).customer;

/** The faults as "path message". */
const faults = (json: unknown) => {
  const read = readOrder(json, NOW);
  return read.ok ? [] : read.errors.map(({ path, message }) => `${path} ${message}`);
};
const faultsWith = (change: Json) => faults({ ...smallest, ...change });
const faultsOf = (change: Json) => faultsWith({ customer: { ...smallest.customer, ...change } });

describe('an order is read', () => {
  it('as the contract shows it', () => {
    expect(readOrder(contract, NOW)).toEqual({
      ok: true,
      order: {
        ...contract,
        placedAt: Date.parse(contract.placedAt),
        paidAt: Date.parse(contract.paidAt),
        customer: { ...contract.customer, phone: '+4930123456' },
        promises: [
          {
            what: 'Delivered',
            by: Date.parse('2026-11-09T22:59:59.999Z'),
            expected: Date.parse('2026-11-06T22:59:59.999Z'),
          },
        ],
        marks: [],
      },
    });
  });

  it('with what is required alone', () => {
    expect(order()).toEqual({
      source: 'api',
      number: '1',
      placedAt: Date.parse(smallest.placedAt),
      paidAt: Date.parse(smallest.placedAt),
      currency: 'EUR',
      total: '5.00',
      customer: {
        id: 'c',
        name: null,
        email: 'a@example.com',
        phone: null,
        company: null,
        role: null,
        timeZone: null,
        locale: null,
        country: null,
        consent: {},
        preferences: {},
      },
      salesperson: null,
      lines: [],
      promises: [],
      playbook: null,
      referralCode: null,
      marks: [],
    });
  });

  it('with null, or nothing in it, for what the sender does not have', () => {
    const empty = { name: '', phone: '', company: { id: '', name: null }, country: '', timeZone: null, consent: null };
    expect(order({ customer: { ...smallest.customer, ...empty }, lines: null, salesperson: { email: '' } })).toEqual(
      order(),
    );
  });

  it('as not yet paid where paidAt is null', () => expect(order({ paidAt: null }).paidAt).toBeNull());

  it('with one line and nothing known but that it was bought', () =>
    expect(order({ lines: [{}] }).lines[0]).toMatchObject({ quantity: 1, name: null, price: null, term: null }));
});

describe('an order is refused', () => {
  it.each([
    ['without the number', { number: undefined }, 'number is missing; a string is needed'],
    ['with a number that is a number', { number: 10042 }, 'number is the number 10042; a string is needed'],
    ['with a number of blanks', { number: '  ' }, 'number is empty'],
    ['with a number no address can end in', { number: '..' }, 'number is "..", which cannot be part of an address'],
    ['with a number too long', { number: '1'.repeat(101) }, 'number is too long; at most 100 characters are allowed'],
    [
      'with a number too long once normalised',
      { number: '\ufb2c'.repeat(40) },
      'number is too long; at most 100 characters are allowed',
    ],
    [
      'with an invisible character in the number',
      { number: '1\u200b0' },
      'number contains an invisible character (U+200B), which is not allowed',
    ],
    [
      'with a source in capitals',
      { source: 'Shop' },
      'source is "Shop"; allowed: 1 to 40 small letters, digits and hyphens',
    ],
    ['without a customer', { customer: undefined }, 'customer is missing; an object is needed'],
    [
      'with nobody to contact',
      { customer: { id: 'c' } },
      'customer has neither email nor phone; at least one is needed, or nobody can be contacted',
    ],
    ['with lines that are none', { lines: {} }, 'lines is an object; a list is needed'],
    ['with no quantity', { lines: [{}, { quantity: 0 }] }, 'lines[1].quantity is 0; more than 0 is needed'],
    [
      'with a term that ends before it begins',
      { lines: [{ term: { from: '2027-01-02', to: '2027-01-01' } }] },
      'lines[0].term.to is 2027-01-01, before the term begins; allowed: 2027-01-02 or later',
    ],
    [
      'with a promise of nothing',
      { promises: [{ what: ' ', by: '2026-11-09' }] },
      'promises[0].what is empty; say what was promised',
    ],
    [
      'with a preference we cannot follow',
      { customer: { ...smallest.customer, preferences: { bestTime: 'night' } } },
      'customer.preferences.bestTime is "night"; allowed: morning, afternoon, evening',
    ],
    [
      'with a consent that is neither yes nor no',
      { customer: { ...smallest.customer, consent: { selling: 'yes' } } },
      'customer.consent.selling is "yes"; allowed: true, false, or both channels as { "email": true, "phone": false }',
    ],
  ])('%s', (_, change, fault) => expect(faultsWith(change)).toEqual([fault]));

  it.each([null, undefined, 5, 'x', [], true])('when it is %p', (json) =>
    expect(faults(json)[0]).toMatch(/an object is needed/),
  );

  it('with unknown fields, each by name and with those that are known', () => {
    const json = { ...smallest, totl: 1, customer: { ...smallest.customer, 'e mail': 2 }, lines: [{ quantitty: 3 }] };
    const found = faults(json);
    expect(found.map((fault) => fault.split(' is not')[0])).toEqual([
      'customer["e mail"]',
      'lines[0].quantitty',
      'totl',
    ]);
    expect(found[2]).toMatch(/^totl is not a field here; allowed: source, number, placedAt, /);
  });

  it('with all its faults at once', () => {
    expect(
      faults({ ...smallest, currency: 'JPY', total: '1.000', placedAt: '2031-01-01', lines: [{ price: -1 }] }),
    ).toHaveLength(3);
  });

  it('with the first hundred of its faults, when there are more', () => {
    expect(faultsWith({ lines: Array.from({ length: 500 }, () => ({ quantity: 0 })) })).toHaveLength(100);
  });
});

describe('texts (12, 13, 19)', () => {
  it.each([
    ['a line break', 'Ada\r\nBcc: x@example.com', 'customer.name contains a line break; one line is allowed'],
    ['NUL', 'A\0da', 'customer.name contains a NUL character (U+0000), which is not allowed'],
    [
      'a lone surrogate',
      'Ada \ud83d',
      'customer.name contains half a character (a lone surrogate), which is not allowed',
    ],
    ['too many letters', 'A'.repeat(201), 'customer.name is too long; at most 200 characters are allowed'],
  ])('refused: a name with %s', (_, name, fault) => expect(faultsOf({ name })).toEqual([fault]));

  it.each([
    ['an override of the writing direction', 'Ada \u202egnp.exe', 'Ada gnp.exe'],
    ['other controls', '\ufeffAda\u0007\tPalmer\u0085', 'Ada Palmer'],
    ['an emoji', 'Ada 👩‍🚀', 'Ada 👩‍🚀'],
    ['markup, which is escaped where it is shown', '<script>alert(1)</script>', '<script>alert(1)</script>'],
    ['a template, which is never run', '{{constructor.constructor("x")()}}', '{{constructor.constructor("x")()}}'],
  ])('read: a name with %s', (_, name, read) => expect(customer({ name }).name).toBe(read));
});

describe('e-mail addresses (14 to 18)', () => {
  const label = 'd'.repeat(60);
  it.each([
    ['a fullwidth at-sign', 'ada＠example.com', 'ada@example.com'],
    ['a soft hyphen and a zero-width space', 'ada@exam\u00adple\u200b.com ', 'ada@example.com'],
    ['a domain in capitals', 'Ada@EXAMPLE.com', 'Ada@example.com'],
    ['an international domain', 'ada@Müller.de', 'ada@xn--mller-kva.de'],
    ['an ideographic dot', 'ada@例え。jp', 'ada@xn--r8jz45g.jp'],
    ['every letter that is allowed', "a.b+c_d-e!#$%&'*/=?^`{|}~@example.com", "a.b+c_d-e!#$%&'*/=?^`{|}~@example.com"],
    ['64 letters before the @', `${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ])('read: %s', (_, email, read) => expect(customer({ email }).email).toBe(read));

  it.each([
    ['two addresses', 'a@example.com,b@example.com', 'more than one @'],
    ['a quoted local part with another address in it', '"e@evil.example x"@good.example', 'more than one @'],
    ['a quoted local part', '"ada"@example.com', 'without quotes'],
    ['a name around it', 'Ada <ada@example.com>', 'not allowed'],
    ['a header', 'ada@example.com\r\nBcc: eve', 'no valid domain'],
    ['no @', 'ada.example.com', 'no @'],
    ['65 letters before the @', `${'a'.repeat(65)}@example.com`, 'at most 64'],
    ['more than 254 letters', `ada@${label}.${label}.${label}.${label}.${label}.com`, 'no valid domain'],
    ['255 letters', `${'a'.repeat(64)}@${label}.${label}.${label}.${'d'.repeat(7)}`, 'at most 254'],
    ['a local part that is not ASCII', 'ädä@example.com', 'not ASCII'],
    ['two dots', 'a..b@example.com', 'not allowed'],
    ['a host without a dot', 'ada@localhost', 'a name with a dot'],
    ['an address of a machine', 'ada@127.0.0.1', 'a name with a dot'],
    ['an address of a machine in disguise', 'ada@0x7f.0x1', 'a name with a dot'],
    ['a port', 'ada@example.com:25', 'a name with a dot'],
    ['a label that is no international one', 'ada@xn--a.example', 'a name with a dot'],
    ['NUL', 'ada\0@example.com', 'not allowed'],
    ['a lone surrogate', 'ada@exa\ud83dmple.com', 'no valid domain'],
  ])('refused: %s', (_, email, why) => {
    const [fault, ...others] = faultsOf({ email });
    expect(others).toEqual([]);
    expect(fault).toMatch(/^customer\.email /);
    expect(fault).toContain(why);
    expect(fault).not.toContain(email);
  });
});

describe('phone numbers', () => {
  it.each([
    ['+49 30 123456', null, '+4930123456'],
    ['030 123456', 'DE', '+4930123456'],
    ['(202) 555-0123', 'us', '+12025550123'],
    ['020 7946 0958', 'UK', '+442079460958'],
    ['０３０ １２３４５６', 'DE', '+4930123456'],
  ])('%s in %s is %s', (phone, country, read) => expect(customer({ phone, country }).phone).toBe(read));

  it('are taken as of the default country where the customer has none', () =>
    expect(customer({ phone: '030 123456' }, { country: 'DE' }).phone).toBe('+4930123456'));

  it('without a country at all are refused, with a way out', () =>
    expect(faultsOf({ phone: '030 123456' })[0]).toMatch(
      /^customer\.phone is no phone number with a country code; allowed/,
    ));

  it.each(['abc', '+49', '+49 1', '12', '+49 30 123456 call me'])('%s is refused', (phone) =>
    expect(faultsOf({ phone, country: 'DE' })).toEqual([
      'customer.phone is not a phone number of DE; allowed: as +49 30 123456',
    ]),
  );

  it('lose an extension, and the order says so', () => {
    const read = order({ customer: { id: 'c', phone: '+49 30 123456 ext. 12' } });
    expect(read.customer.phone).toBe('+4930123456');
    expect(read.marks).toEqual(['extension "12" of the phone number is not kept']);
  });
});

describe('money (20, 21, 22)', () => {
  it.each([
    ['129.9', 'EUR', '129.90'],
    [129.9, 'EUR', '129.90'],
    ['0', 'EUR', '0.00'],
    ['0007', 'JPY', '7'],
    ['1.234', 'KWD', '1.234'],
    ['1200.00', 'HUF', '1200.00'],
    ['999999999999.99', 'eur', '999999999999.99'],
  ])('%p %s is %s', (total, currency, read) => expect(order({ total, currency }).total).toBe(read));

  it.each([
    ['-5.00', 'EUR', 'total is "-5.00"; allowed: zero or more (money back is the event "returned")'],
    [-5, 'EUR', 'total is -5; allowed: zero or more (money back is the event "returned")'],
    ['NaN', 'EUR', 'total is "NaN"; allowed: a decimal of up to 12 digits before the point, as "129.90"'],
    [Number.NaN, 'EUR', 'total is a number too large or none at all; a decimal in a string, as "129.90", is needed'],
    [
      JSON.parse('1e400'),
      'EUR',
      'total is a number too large or none at all; a decimal in a string, as "129.90", is needed',
    ],
    [1e21, 'EUR', 'total is 1e+21; allowed: a decimal of up to 12 digits before the point, as "129.90"'],
    ['1e400', 'EUR', 'total is "1e400"; allowed: a decimal of up to 12 digits before the point, as "129.90"'],
    ['1,50', 'EUR', 'total is "1,50"; allowed: a decimal of up to 12 digits before the point, as "129.90"'],
    ['', 'EUR', 'total is ""; allowed: a decimal of up to 12 digits before the point, as "129.90"'],
    [undefined, 'EUR', 'total is missing; a decimal in a string, as "129.90", is needed'],
    ['1.001', 'EUR', 'total is "1.001"; allowed: at most 2 decimals in EUR'],
    ['1.000', 'JPY', 'total is "1.000"; allowed: no decimals in JPY'],
    ['5', 'XXX', 'currency is "XXX", not a currency in use; allowed: a code of ISO 4217 such as EUR'],
    ['5', 'XTS', 'currency is "XTS", not a currency in use; allowed: a code of ISO 4217 such as EUR'],
    ['5', 'EURO', 'currency is "EURO", not a currency in use; allowed: a code of ISO 4217 such as EUR'],
  ])('%p %s is refused', (total, currency, fault) => expect(faultsWith({ total, currency })).toEqual([fault]));

  it('holds for prices too', () =>
    expect(faultsWith({ currency: 'JPY', lines: [{ price: '1' }, { price: '1.5' }] })).toEqual([
      'lines[1].price is "1.5"; allowed: no decimals in JPY',
    ]));

  it.each([
    ['1299.90', 'EUR', 'de-DE', '1.299,90\u00a0€'],
    ['1299.90', 'USD', 'en-US', '$1,299.90'],
    ['1200', 'JPY', 'en-US', '¥1,200'],
    ['1200.00', 'HUF', 'hu-HU', '1200\u00a0Ft'],
    ['999999999999.99', 'EUR', 'en-IE', '€999,999,999,999.99'],
  ])('%s %s in %s is shown as %s', (amount, currency, locale, shown) =>
    expect(money(amount, currency, locale)).toBe(shown),
  );
});

describe('instants (23, 24)', () => {
  it.each([
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z'],
    ['2026-11-02T10:15:00.123456+01:00', '2026-11-02T09:15:00Z'],
    ['2026-11-02 10:15+0100', '2026-11-02T09:15:00Z'],
    ['2026-11-03T11:59:59Z', '2026-11-03T11:59:59Z'],
    ['2024-02-29', '2024-02-29T00:00:00Z'],
  ])('placed at %s is %s', (placedAt, read) => expect(iso(order({ placedAt }).placedAt)).toBe(read));

  it.each([
    ['2026-02-30', 'a day the calendar does not have'],
    ['2025-02-29T10:00:00Z', 'a day the calendar does not have'],
    ['2026-13-01', 'a day the calendar does not have'],
    ['2026-00-00', 'a day the calendar does not have'],
    ['2099-01-01T00:00:00Z', 'still to come'],
    ['2026-11-03T12:00:01Z', 'still to come'],
    ['1969-12-31', 'the year 1970 or later'],
    ['2026-11-02T24:00:00Z', '00:00:00 to 23:59:59'],
    ['2026-11-02T10:15:00+99:00', 'an offset from'],
    ['02.11.2026', 'not a date; allowed: 2026-11-02'],
    ['2026-W45', 'not a date'],
    ['', 'not a date'],
    ['tomorrow', 'not a date'],
  ])('placed at %p is refused', (placedAt, why) => expect(faultsWith({ placedAt })[0]).toContain(why));

  const berlin = (placedAt: string) =>
    iso(order({ placedAt, customer: { ...smallest.customer, timeZone: 'Europe/Berlin' } }).placedAt);

  it.each([
    ['local time in the zone of the customer', '2026-07-01T12:00', '2026-07-01T10:00:00Z'],
    ['a gap of the change of clocks: moved forward', '2026-03-29T02:30', '2026-03-29T01:30:00Z'],
    ['an overlap: the first', '2026-10-25T02:30', '2026-10-25T00:30:00Z'],
    ['a day: its start there', '2026-07-01', '2026-06-30T22:00:00Z'],
  ])('%s', (_, placedAt, read) => expect(berlin(placedAt)).toBe(read));

  it('local time is in the default zone where the customer has none', () =>
    expect(iso(order({ placedAt: '2026-07-01T12:00' }, { zone: 'America/New_York' }).placedAt)).toBe(
      '2026-07-01T16:00:00Z',
    ));

  it('a gap at midnight has a day begin at one', () =>
    expect(iso(order({ placedAt: '2018-11-04' }, { zone: 'America/Sao_Paulo' }).placedAt)).toBe(
      '2018-11-04T03:00:00Z',
    ));

  it.each(['Mars/X', '+02:00', 'UTC+2'])('zone %s is a mark, and the default one is used', (timeZone) => {
    const json = { placedAt: '2026-07-01T12:00', customer: { ...smallest.customer, timeZone } };
    const read = order(json, { zone: 'Europe/Berlin' });
    expect(read.customer.timeZone).toBeNull();
    expect(read.marks).toEqual([`time zone "${timeZone}" is unknown; the company's is used`]);
    expect(iso(read.placedAt)).toBe('2026-07-01T10:00:00Z');
  });

  it('a locale nobody speaks is a mark', () => {
    const read = order({ customer: { ...smallest.customer, locale: 'not a locale' } });
    expect(read.customer.locale).toBeNull();
    expect(read.marks).toEqual(['locale "not a locale" is unknown; the company\'s is used']);
    expect(customer({ locale: 'de_de' }).locale).toBe('de-DE');
  });

  it.each(['ZZ', 'EU', 'Germany', 'QX'])('country %s is refused, for laws hang on it', (country) =>
    expect(faultsOf({ country })).toEqual([
      'customer.country is not a country; allowed: a code of ISO 3166-1 such as DE',
    ]),
  );

  it('a payment may come before the order, but not from next year', () => {
    expect(order({ paidAt: '2026-10-01' }).paidAt).toBe(Date.parse('2026-10-01'));
    expect(faultsWith({ paidAt: '2027-01-01' })[0]).toMatch(/^paidAt is "2027-01-01", which is still to come/);
  });

  it('a promise may be overdue, but not for 2099', () => {
    expect(order({ promises: [{ what: 'Call', by: '2026-01-01T10:00Z' }] }).promises[0]!.expected).toBeNull();
    expect(faultsWith({ promises: [{ what: 'Call', by: '2099-01-01' }] })[0]).toMatch(
      /^promises\[0\]\.by .* ten years/,
    );
  });

  it('a warranty ends on a day', () => {
    expect(order({ lines: [{ warrantyUntil: '2099-12-31' }] }).lines[0]!.warrantyUntil).toBe('2099-12-31');
    expect(faultsWith({ lines: [{ warrantyUntil: '2028-11-02T10:00Z' }] })[0]).toMatch(/a day alone/);
  });
});

describe('the same order (1, 2)', () => {
  const base = order(contract);
  const changed = (change: Json) => order({ ...contract, ...change });
  const other = { ...contract.customer, id: 'c-78' };

  it.each<[string, Json]>([
    ['paid meanwhile', { paidAt: null }],
    ['with new contact data', { customer: { ...contract.customer, name: 'Ada P.', email: 'new@example.com' } }],
    ['with other promises', { promises: [] }],
    ['with its instant in another zone', { placedAt: '2026-11-02T09:15:00Z' }],
    ['with its total written shorter', { total: '129.9' }],
  ])('is known %s', (_, change) => expect(fingerprint(changed(change))).toBe(fingerprint(base)));

  it.each<[string, Json]>([
    ['placedAt', { placedAt: '2026-11-02T10:15:01+01:00' }],
    ['total', { total: '129.91' }],
    ['customer.id', { customer: other }],
    ['lines', { lines: [{ ...contract.lines[0], quantity: 2 }] }],
  ])('is another with another %s', (name, change) => {
    expect(fingerprint(changed(change))).not.toBe(fingerprint(base));
    expect(differences(base, changed(change))).toEqual([name]);
  });

  it('has its lines in any order, and each as often as it is there', () => {
    const [a, b] = [{ sku: 'A' }, { sku: 'B', quantity: 2 }];
    expect(fingerprint(order({ lines: [a, b] }))).toBe(fingerprint(order({ lines: [b, a] })));
    expect(fingerprint(order({ lines: [a, a] }))).not.toBe(fingerprint(order({ lines: [a] })));
    expect(fingerprint(order({ lines: [{ sku: 'A', name: 'B' }] }))).not.toBe(
      fingerprint(order({ lines: [{ sku: 'A', category: 'B' }] })),
    );
  });
});

it('the schema can be shown as JSON Schema, for OpenAPI', () => {
  const schema = z.toJSONSchema(orderInput, { io: 'input' });
  expect(schema.required).toEqual(['number', 'placedAt', 'currency', 'total', 'customer']);
  expect(schema.additionalProperties).toBe(false);
});

/** An order that was read, in the form it is sent in. */
const sent = ({ marks: _, ...order }: Order) => ({
  ...order,
  placedAt: new Date(order.placedAt).toISOString(),
  paidAt: order.paidAt === null ? null : new Date(order.paidAt).toISOString(),
  promises: order.promises.map(({ what, by, expected }) => ({
    what,
    by: new Date(by).toISOString(),
    expected: expected === null ? null : new Date(expected).toISOString(),
  })),
});

describe('whatever comes', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', ' ', 'DE', '+49 30 123456', 'a@example.com', '2026-11-09'),
  );
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
  const instant = fc
    .integer({ min: 0, max: NOW })
    .map((at) => new Date(at).toISOString())
    .chain((at) => fc.constantFrom(at, at.slice(0, 10), at.slice(0, 19)));

  /** Orders that are nearly right. */
  const likely = fc.record(
    {
      number: text,
      placedAt: instant,
      paidAt: fc.oneof(fc.constant(null), instant),
      currency: fc.constantFrom('EUR', 'JPY', 'KWD', 'HUF'),
      total: fc.oneof(fc.nat(), fc.double({ min: 0 }), fc.nat().map(String)),
      customer: fc.record(
        {
          id: text,
          name: text,
          email: fc.oneof(fc.emailAddress(), text),
          phone: text,
          country: text,
          timeZone: fc.constantFrom('Europe/Berlin', 'Asia/Kathmandu', 'Mars/X', ''),
          locale: text,
          company: fc.record({ id: text, name: text }),
        },
        { requiredKeys: ['id', 'email'] },
      ),
      lines: fc.array(fc.record({ sku: maybe(text), quantity: fc.double(), price: maybe(fc.nat()) })),
      promises: fc.array(fc.record({ what: text, by: instant })),
    },
    { requiredKeys: ['number', 'placedAt', 'currency', 'total', 'customer'] },
  );

  it('reading never throws, and says something about everything it refuses', () =>
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), likely), (json) => {
        const read = readOrder(json, NOW);
        if (!read.ok) {
          expect(read.errors.length).toBeGreaterThan(0);
          for (const { message } of read.errors) expect(message).toMatch(/\S/);
        }
      }),
    ));

  it('what was read and is sent again reads the same', () => {
    const plain = fc.string({ minLength: 1, maxLength: 20 });
    const good = likely.map((json) => ({
      ...json,
      number: 'n',
      total: '7',
      customer: { ...json.customer, id: 'c', email: 'a@example.com', phone: '', country: 'DE' },
      lines: json.lines?.map((line) => ({ ...line, quantity: 2, price: '3' })),
    }));
    let reads = 0;
    fc.assert(
      fc.property(good, plain, (json, name) => {
        const first = readOrder({ ...json, customer: { ...json.customer, name } }, NOW);
        if (!first.ok) return;
        reads += 1;
        expect(readOrder(sent(first.order), NOW)).toEqual({ ok: true, order: { ...first.order, marks: [] } });
      }),
    );
    expect(reads).toBeGreaterThan(20);
  });
});
