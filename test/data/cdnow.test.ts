import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { BUSINESS_WEEK, businessHours, type Calendar, localDay, within } from '../../domain/calendar.ts';
import { readPlaybook } from '../../domain/playbook.ts';
import { STANDARD_POLICY } from '../../domain/policy.ts';
import type { RecordedOrder, RecordedParty } from '../../domain/recorded.ts';
import { expectedNext, median } from '../../domain/rhythm.ts';
import { type Circumstances, type Contact, type Played, play } from '../../domain/simulate.ts';
import { QUIET } from '../../domain/terms.ts';
import { DAY, type Instant } from '../../domain/time.ts';
import { localAt } from '../../domain/zones.ts';
import { cdnowOrders, hasRealData, withRealData } from '../support/realData.ts';

/** The year and a half of CDNOW, played through the decisions that the workflows make. */

const NEW_YORK = 'America/New_York';
const calendar: Calendar = { dayMs: DAY, zone: NEW_YORK, week: BUSINESS_WEEK, place: { country: 'US', region: null } };
const circumstances: Omit<Circumstances, 'topFifths'> = {
  calendar,
  policy: STANDARD_POLICY,
  quiet: QUIET,
  // Something of use for every mail that brings something.
  pieces: Array.from({ length: 100 }, (_, nth) => ({
    name: `tip-${nth}`,
    kind: 'tip',
    for: {},
    sku: null,
    title: 'A tip',
    text: 'A tip',
    link: null,
  })),
};
/** The day after the last order, and when everything planned for it is over: its survey and two reminders come last. */
const END = Date.parse('1998-07-01T00:00:00-04:00');
const UNTIL = END + 90 * DAY;

const playbookOf = (name: string) =>
  readPlaybook(readFileSync(new URL(`../../playbooks/${name}.yaml`, import.meta.url), 'utf8'), name);

function parties(): RecordedParty[] {
  const yes = { email: true, phone: true };
  const person = {
    consent: { service: yes, selling: yes },
    email: true,
    phone: false,
    prefers: null,
    bestTime: null,
    zone: NEW_YORK,
    place: calendar.place,
  };
  const found = new Map<string, RecordedOrder[]>();
  for (const { number, placedAt: text, total, customer } of cdnowOrders()) {
    const placedAt = Date.parse(text);
    const theirs = found.get(customer.id) ?? [];
    found.set(customer.id, theirs);
    theirs.push({
      id: `cdnow/${number}`,
      source: 'cdnow',
      number: number!,
      customer: customer.id,
      placedAt,
      acceptedAt: UNTIL,
      currency: 'USD',
      total: Number(total),
      lines: [{ sku: 'CD', category: 'music', name: 'CDs' }],
      owner: 'office',
      colleague: businessHours(calendar),
      playbook: 'standard',
      isErased: false,
      productDays: null,
      story: [{ what: 'history', at: UNTIL, data: { placedAt, paidAt: placedAt, promises: [] } }],
    });
  }
  return [...found].map(([id, orders]) => ({
    id,
    orders,
    customers: [{ id, since: 0, person, noMailSince: null, number: null, company: null, role: null }],
    mails: [],
    tasks: [],
  }));
}

/** The local days on which somebody ordered: several orders on one are one. */
const daysOf = ({ orders }: RecordedParty) =>
  [...new Set(orders.map(({ placedAt }) => Math.floor(localAt(placedAt, NEW_YORK) / DAY)))].sort((a, b) => a - b);

/** In how many days CDs were usually bought again, as far as three customers had shown it by then. */
function productRhythm(all: RecordedParty[]): (at: Instant) => number | null {
  const gaps = all
    .flatMap((party) => {
      const days = daysOf(party);
      return days.slice(1).map((day, nth) => ({ customer: party.id, day, length: day - days[nth] }));
    })
    .sort((a, b) => a.day - b.day);
  const known = new Map<number, number | null>();
  return (at) => {
    const today = Math.floor(localAt(at, NEW_YORK) / DAY);
    if (!known.has(today)) {
      const before = gaps.filter(({ day }) => day < today);
      const customers = new Set(before.map(({ customer }) => customer)).size;
      known.set(today, customers < 3 ? null : median(before.map(({ length }) => length)));
    }
    return known.get(today)!;
  };
}

/** The same, each order with what was known of the product when it was placed. */
function partiesWithRhythm(): RecordedParty[] {
  const all = parties();
  const known = productRhythm(all);
  return all.map((party) => ({
    ...party,
    orders: party.orders.map((order) => ({ ...order, productDays: known(order.placedAt) })),
  }));
}

/** From what value on a customer is among the fifth who bought for the most. */
function topFifth(all: RecordedParty[]): number {
  const values = all.map(({ orders }) => orders.reduce((sum, { total }) => sum + total, 0)).sort((a, b) => a - b);
  return values[Math.ceil(values.length * 0.8) - 1];
}

const isMail = ({ deed }: Contact) => deed === 'send' || deed === 'ask';

(hasRealData ? describe : describe.skip).each(['standard', 'retail'])(
  withRealData('the orders of CDNOW, followed by the playbook %s'),
  (name) => {
    const playbook = playbookOf(name);
    let played: Played[][];
    beforeAll(() => {
      const since = performance.now();
      const all = partiesWithRhythm();
      const house = { ...circumstances, topFifths: { USD: topFifth(all) } };
      played = all.map((party) => play(party, () => playbook, house, UNTIL));
      const seconds = (performance.now() - since) / 1000;
      const contacts = played.flat().flatMap(({ contacts }) => contacts);
      const each = (some: Contact[]) =>
        `${some.length} (${(some.length / played.length).toFixed(2)} for each customer)`;
      const calls = contacts.filter(({ task }) => task?.kind === 'call');
      console.info(`${name}: ${seconds.toFixed(1)} s, mails ${each(contacts.filter(isMail))}, calls ${each(calls)}`);
    }, 300_000);

    it('4,562 end by the next order, and 2,357 wait for one', () => {
      const counts: Record<string, number> = {};
      for (const { stage, followUp } of played.flat()) {
        const stands = [stage, followUp.outcome].filter(Boolean).join(' ');
        counts[stands] = (counts[stands] ?? 0) + 1;
      }
      expect(counts).toEqual({ waiting: 2_357, 'ended reordered': 4_562 });
      // The one that waits is the last of its customer.
      for (const orders of played) {
        const last = orders.at(-1)!;
        expect(orders.filter(({ stage }) => stage === 'waiting')).toEqual([last]);
      }
    });

    it('no cap is ever broken, and nobody is asked twice in ninety days', () => {
      const faults: string[] = [];
      for (const orders of played) {
        const mails = orders
          .flatMap(({ contacts }) => contacts)
          .filter(isMail)
          .sort((a, b) => a.at - b.at);
        for (const [nth, mail] of mails.entries()) {
          const before = mails.slice(0, nth);
          const since = (days: number) => before.filter(({ at }) => mail.at - at < days * DAY);
          for (const cap of mail.purpose === 'selling' ? STANDARD_POLICY.caps : [])
            if (since(cap.days).length >= cap.mails) faults.push(`${mail.touch} breaks ${JSON.stringify(cap)}`);
          const asked = since(STANDARD_POLICY.surveyEvery).filter(({ survey }) => survey && survey !== mail.survey);
          if (mail.survey && asked.length > 0) faults.push(`${mail.survey} after ${asked.at(-1)!.survey}`);
        }
      }
      expect(faults).toEqual([]);
    });

    it('every contact is made within its hours', () => {
      const contacts = played.flat().flatMap(({ contacts }) => contacts);
      const closed = contacts.filter(({ at, openings }) => within(at, openings, calendar, '') !== at);
      expect(closed.map(({ touch, at }) => `${touch} at ${new Date(at).toISOString()}`)).toEqual([]);
      expect(contacts.length).toBeGreaterThan(6_919);
    });
  },
);

(hasRealData ? it : it.skip)(withRealData('the next orders of CDNOW fell as docs/playbooks.md tells'), () => {
  const fell: Record<string, Record<string, number>> = {};
  for (const { orders } of partiesWithRhythm()) {
    const placed = orders.map(({ placedAt }) => placedAt).sort((a, b) => a - b);
    for (const [nth, order] of orders.toSorted((a, b) => a.placedAt - b.placedAt).entries()) {
      const next = placed[nth + 1];
      // Of several orders on one day the last one waits.
      if (next !== undefined && localDay(next, NEW_YORK) === localDay(order.placedAt, NEW_YORK)) continue;
      const expected = expectedNext(placed.slice(0, nth + 1), order.productDays, null, NEW_YORK, calendar);
      const by = expected?.by ?? 'nothing';
      const how = expected ? howItFell(next, expected.at, expected.every) : 'not expected';
      fell[by] ??= {};
      fell[by][how] = (fell[by][how] ?? 0) + 1;
    }
  }
  expect(fell).toEqual({
    rhythm: { early: 821, near: 428, late: 1_103, never: 457, open: 391 },
    product: { early: 203, near: 138, late: 1_447, never: 1_516, open: 14 },
    nothing: { 'not expected': 178 },
  });
});

/** Against the day it was expected: early, within a quarter of the interval, late or never; open: that was not over. */
function howItFell(next: Instant | undefined, expectedAt: Instant, every: number): string {
  const slack = (every * DAY) / 4;
  if (expectedAt + slack > END) return 'open';
  if (next === undefined) return 'never';
  return next < expectedAt - slack ? 'early' : next <= expectedAt + slack ? 'near' : 'late';
}
