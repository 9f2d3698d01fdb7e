import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import {
  customerPatchInput,
  eventInput,
  outcomeInput,
  readCustomerPatch,
  readEvent,
  readOutcome,
} from '../../domain/messages.ts';
import type { Fault } from '../../domain/reading.ts';

const NOW = Date.parse('2026-11-02T12:00:00Z');
const BERLIN = { zone: 'Europe/Berlin', country: 'DE' };

const faults = (read: { ok: true } | { ok: false; errors: Fault[] }) =>
  read.ok ? [] : read.errors.map(({ path, message }) => `${path} ${message}`);

describe('events', () => {
  it.each([
    [{ type: 'paid' }, { type: 'paid', at: NOW }],
    [
      { id: ' e-1 ', type: 'delivered', at: '2026-11-01T10:00' },
      { id: 'e-1', at: Date.parse('2026-11-01T09:00Z') },
    ],
    [
      { type: 'promised', text: 'Call', by: '2026-11-09' },
      { text: 'Call', by: Date.parse('2026-11-09T22:59:59.999Z') },
    ],
    [{ type: 'paused', until: '2026-11-02' }, { until: Date.parse('2026-11-02T22:59:59.999Z') }],
    [{ type: 'paused' }, { until: null }],
    [{ type: 'note', text: 'one\r\ntwo\u0007\u202e' }, { text: 'one\ntwo' }],
    [
      { type: 'complained', text: null },
      { text: null, id: null, by: null },
    ],
  ])('%j is read', (json, event) => {
    expect(readEvent(json, NOW, BERLIN)).toMatchObject({ ok: true, event });
  });

  it.each([
    [{}, /^type is missing; allowed: paid, delivered, .*, note$/],
    [{ type: 'shipped' }, /^type is "shipped"; allowed: paid, delivered, installed, promised, /],
    [{ type: 'promised', by: '2026-11-09' }, /^text is missing; say what was promised$/],
    [{ type: 'promised', text: 'Call' }, /^by is missing; a promise needs its date$/],
    [{ type: 'promised', text: 'Call', by: '2099-01-01' }, /^by is "2099-01-01", more than ten years ahead/],
    [{ type: 'paid', by: '2026-11-09' }, /^by belongs to the type promised only, and this is paid$/],
    [{ type: 'resumed', until: '2026-11-09' }, /^until belongs to the type paused only, and this is resumed$/],
    [{ type: 'paused', until: '2026-11-01' }, /^until is "2026-11-01", which is over; allowed: later than now/],
    [{ type: 'paused', until: '2099-01-01' }, /^until is "2099-01-01", more than ten years ahead/],
    [{ type: 'paid', at: '2026-11-04' }, /^at is "2026-11-04", which is still to come/],
    [{ type: 'paid', at: '2026-02-30' }, /^at is "2026-02-30", a day the calendar does not have$/],
    [{ type: 'note', text: ' ' }, /^text is missing; a note needs its text$/],
    [{ type: 'note', text: 'a\0' }, /^text contains a NUL character/],
    [{ type: 'note', text: 'a'.repeat(10_001) }, /^text is too long; at most 10000 characters are allowed$/],
    [{ type: 'paid', id: '' }, /^id is empty$/],
    [{ type: 'paid', note: 'x' }, /^note is not a field here; allowed: id, type, at, until, by, text$/],
    [[], /^ is a list; an object is needed$/],
  ])('%j is refused', (json, fault) => expect(faults(readEvent(json, NOW))[0]).toMatch(fault));
});

describe('outcomes of tasks', () => {
  it('are read with what the customer said', () => {
    const answers = { nps: 9, benefit: 'Good coffee' };
    expect(readOutcome({ id: 't', outcome: 'reached', note: 'friendly', answers }, NOW)).toEqual({
      ok: true,
      outcome: {
        id: 't',
        outcome: 'reached',
        note: 'friendly',
        callBackAt: null,
        answers: { nps: 9, csat: null, benefit: 'Good coffee', better: null },
      },
    });
  });

  it('may name a time to call back, as the colleague at the company writes it', () =>
    expect(readOutcome({ outcome: 'call-back', callBackAt: '2026-11-03T15:00' }, NOW, BERLIN)).toMatchObject({
      outcome: { callBackAt: Date.parse('2026-11-03T14:00Z') },
    }));

  it.each([
    [{ outcome: 'call-back' }, /^callBackAt is missing; /],
    [
      { outcome: 'reached', callBackAt: '2026-11-03T15:00' },
      /^callBackAt belongs to the outcome call-back only, and this is reached$/,
    ],
    [{ outcome: 'call-back', callBackAt: '2026-11-03' }, /^callBackAt is "2026-11-03"; a time of day is needed/],
    [{ outcome: 'call-back', callBackAt: '2026-11-02T11:00Z' }, /^callBackAt .* which is over/],
    [{ outcome: 'call-back', callBackAt: '2028-01-01T11:00Z' }, /^callBackAt .* within a year/],
    [{ outcome: 'maybe' }, /^outcome is "maybe"; allowed: reached, no-answer, .*, skipped$/],
    [{ outcome: 'reached', answers: { nps: 11 } }, /^answers\.nps is 11; at most 10 is allowed$/],
    [{ outcome: 'reached', answers: { nps: 7.5 } }, /^answers\.nps is the number 7.5; a whole number is needed$/],
    [{ outcome: 'reached', answers: { nps: '7' } }, /^answers\.nps is a string; a (whole )?number is needed$/],
    [{ outcome: 'reached', answers: { csat: 0 } }, /^answers\.csat is 0; at least 1 is needed$/],
    [
      { outcome: 'reached', answers: { mood: 1 } },
      /^answers\.mood is not a field here; allowed: nps, csat, benefit, better, own$/,
    ],
  ])('%j is refused', (json, fault) => expect(faults(readOutcome(json, NOW))[0]).toMatch(fault));
});

describe('changes of a customer', () => {
  it.each([
    [{}, {}],
    [{ name: ' Ada ' }, { name: 'Ada' }],
    [
      { name: null, email: null, company: null },
      { name: null, email: null, company: null },
    ],
    [{ email: 'ada＠example.com' }, { email: 'ada@example.com' }],
    [{ phone: '030 123456' }, { phone: '+4930123456' }],
    [
      { phone: '01 5123456', country: 'AT' },
      { phone: '+4315123456', country: 'AT' },
    ],
    [{ company: { name: 'Palmer Ltd' } }, { company: { id: null, name: 'Palmer Ltd' } }],
    [
      { timeZone: 'Europe/Vienna', locale: 'de_AT' },
      { timeZone: 'Europe/Vienna', locale: 'de-AT' },
    ],
    [{ consent: { selling: false } }, { consent: { selling: false } }],
    [{ consent: { selling: null } }, { consent: { selling: null } }],
    [
      { consent: null, preferences: { bestTime: 'morning' } },
      { consent: null, preferences: { bestTime: 'morning' } },
    ],
  ])('%j is read', (json, patch) => expect(readCustomerPatch(json, NOW, BERLIN)).toEqual({ ok: true, patch }));

  it.each([
    [{ email: 'a@x.example,b@x.example' }, /^email has more than one @/],
    [{ phone: 'no' }, /^phone is not a phone number of DE/],
    [{ timeZone: 'Mars/X' }, /^timeZone is "Mars\/X", not a known time zone; allowed: a name such as Europe\/Berlin$/],
    [{ locale: '!' }, /^locale is "!", not a locale/],
    [{ country: 'ZZ' }, /^country is not a country/],
    [{ name: 'a\nb' }, /^name contains a line break/],
    [{ id: 'c' }, /^id is not a field here; allowed: name, email, /],
  ])('%j is refused', (json, fault) => expect(faults(readCustomerPatch(json, NOW, BERLIN))[0]).toMatch(fault));
});

it('reading never throws', () => {
  const dated = fc.record({
    type: fc.constantFrom('promised', 'paused', 'note'),
    at: fc.string(),
    by: fc.string(),
    until: fc.string(),
    text: fc.string({ unit: 'binary' }),
  });
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), dated), (json) => {
      readEvent(json, NOW);
      readOutcome(json, NOW);
      readCustomerPatch(json, NOW);
    }),
  );
});

it.each([eventInput, outcomeInput, customerPatchInput])('schema %# can be shown as JSON Schema', (schema) =>
  expect(z.toJSONSchema(schema, { io: 'input' }).additionalProperties).toBe(false),
);
