import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { BUSINESS_WEEK, businessHours, type Calendar, isOpen } from '../../domain/calendar.ts';
import { readPlaybook } from '../../domain/playbook.ts';
import { STANDARD_POLICY } from '../../domain/policy.ts';
import type { RecordedOrder, RecordedParty } from '../../domain/recorded.ts';
import { expectedNext, median } from '../../domain/rhythm.ts';
import { type Circumstances, type Contact, type Played, play } from '../../domain/simulate.ts';
import { QUIET } from '../../domain/terms.ts';
import { DAY, type Instant } from '../../domain/time.ts';
import { cdnowOrders, hasRealData, withRealData } from '../support/realData.ts';

/** The year and a half of CDNOW, played through the decisions that the workflows make. */

const NEW_YORK = 'America/New_York';
const calendar: Calendar = { dayMs: DAY, zone: NEW_YORK, week: BUSINESS_WEEK, place: { country: 'US', region: null } };
const circumstances: Circumstances = {
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
  topFifths: {},
};
/** The day after the last order, and when everything planned for it is over: its survey and two reminders come last. */
const END = Date.parse('1998-07-01T00:00:00-04:00');
const UNTIL = END + 90 * DAY;

const fileOf = (name: string) => fileURLToPath(new URL(`../../playbooks/${name}.yaml`, import.meta.url));
const playbookOf = (name: string) => readPlaybook(readFileSync(fileOf(name), 'utf8'), name);

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

/** In how many days CDs were usually bought again, as far as that could be known on a day. */
function productDays(all: RecordedParty[]): (at: Instant) => number | null {
  const gaps = all.flatMap(({ orders }) => gapsOf(orders.map(({ placedAt }) => placedAt))).sort((a, b) => a.at - b.at);
  return (at) => median(gaps.filter((gap) => gap.at < at).map(({ days }) => days));
}

function gapsOf(placed: Instant[]) {
  const days = [...new Set(placed.map((at) => Math.floor(at / DAY)))].sort((a, b) => a - b);
  return days.slice(1).map((day, nth) => ({ at: day * DAY, days: day - days[nth] }));
}

const isMail = ({ deed }: Contact) => deed === 'send' || deed === 'ask';

(hasRealData ? describe : describe.skip).each(['standard', 'retail'].filter((name) => existsSync(fileOf(name))))(
  withRealData('the orders of CDNOW, followed by the playbook %s'),
  (name) => {
    const playbook = playbookOf(name);
    let played: Played[][];
    beforeAll(() => {
      const since = performance.now();
      played = parties().map((party) => play(party, () => playbook, circumstances, UNTIL));
      console.info(`${name}: 6,919 orders in ${((performance.now() - since) / 1000).toFixed(1)} s`);
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
      const closed = contacts.filter(({ at, openings }) => !openings.every((opening) => isOpen(at, opening)));
      expect(closed.map(({ touch, at }) => `${touch} at ${new Date(at).toISOString()}`)).toEqual([]);
      expect(contacts.length).toBeGreaterThan(6_919);
    });

    it('says how many contacts that makes', () => {
      const sums = { mails: 0, calls: 0 };
      for (const { contacts } of played.flat())
        for (const contact of contacts) {
          if (isMail(contact)) sums.mails += 1;
          if (contact.task?.kind === 'call') sums.calls += 1;
        }
      const each = (count: number) => `${count} (${(count / played.length).toFixed(2)} for each customer)`;
      console.info(`${name}: mails ${each(sums.mails)}, calls ${each(sums.calls)}`);
    });
  },
);

(hasRealData ? describe : describe.skip)(withRealData('the next orders of CDNOW, as they were expected'), () => {
  it('fell as told', () => {
    const all = parties();
    const known = productDays(all);
    const tally = new Map<string, Record<string, number>>();
    for (const { orders } of all) {
      const placed = orders.map(({ placedAt }) => placedAt).sort((a, b) => a - b);
      for (const [nth, at] of placed.entries()) {
        const expected = expectedNext(placed.slice(0, nth + 1), known(at), null, NEW_YORK, calendar);
        const counts = tally.get(expected?.by ?? 'nothing') ?? {};
        tally.set(expected?.by ?? 'nothing', counts);
        const how = expected ? howItFell(placed[nth + 1], expected.at, expected.every) : 'not expected';
        counts[how] = (counts[how] ?? 0) + 1;
      }
    }
    console.info(Object.fromEntries(tally));
  });

  /** Against the day it was expected: early, within a quarter of the interval, late, never; or not over yet. */
  function howItFell(next: Instant | undefined, expectedAt: Instant, every: number): string {
    const slack = (every * DAY) / 4;
    if (expectedAt + slack > END) return next === undefined ? 'open' : 'early';
    if (next === undefined) return 'never';
    return next < expectedAt - slack ? 'early' : next <= expectedAt + slack ? 'near' : 'late';
  }
});
