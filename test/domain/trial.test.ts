import { describe, expect, it } from '@jest/globals';
import { BUSINESS_WEEK, businessHours, type Calendar } from '../../domain/calendar.ts';
import type { FollowUpEvent } from '../../domain/followUp.ts';
import { type Playbook, readPlaybook } from '../../domain/playbook.ts';
import { STANDARD_POLICY } from '../../domain/policy.ts';
import type { RecordedOrder, RecordedParty } from '../../domain/recorded.ts';
import { QUIET } from '../../domain/terms.ts';
import { DAY } from '../../domain/time.ts';
import { type Setting, trying } from '../../domain/trial.ts';

const MONDAY = Date.UTC(2026, 5, 1, 9);
const at = (days: number) => MONDAY + Math.round(days * DAY);
const calendar: Calendar = { dayMs: DAY, zone: 'UTC', week: BUSINESS_WEEK, place: null };
const office = businessHours(calendar);
const read = (touches: string, name = 'new'): Playbook => readPlaybook(`name: ${name}\ntitle: T\n${touches}`, name);
const colleague = (handle: string, perDay: number) => {
  return { handle, team: 'north', perDay, tasks: {}, opening: { ...office, away: [] } };
};

const setting = (playbook: Playbook, change: Partial<Setting> = {}): Setting => ({
  calendar,
  policy: STANDARD_POLICY,
  quiet: QUIET,
  pieces: [],
  topFifths: {},
  playbook,
  isTried: () => true,
  versions: new Map(),
  from: at(0),
  to: at(28),
  staff: [colleague('sam', 30)],
  fallback: 'sam',
  elsewhere: [],
  ...change,
});

const order = (number: string, days: number, ...story: FollowUpEvent[]): RecordedOrder => ({
  id: number,
  source: 'shop',
  number,
  customer: 'ada',
  placedAt: at(days),
  acceptedAt: at(days),
  currency: 'EUR',
  total: 100,
  lines: [],
  owner: 'sam',
  colleague: office,
  playbook: 'old',
  isErased: false,
  productDays: null,
  story: [{ what: 'accepted', at: at(days), data: { placedAt: at(days), paidAt: at(days), promises: [] } }, ...story],
});

const yes = { email: true, phone: true };
const person = {
  consent: { service: yes, selling: yes },
  email: true,
  phone: true,
  prefers: null,
  bestTime: null,
  zone: 'UTC',
  place: null,
};
const party = (orders: RecordedOrder[], more: Partial<RecordedParty> = {}): RecordedParty => ({
  id: 'party',
  customers: [{ id: 'ada', since: 0, person, noMailSince: null, number: null, company: null, role: null }],
  orders,
  mails: [],
  tasks: [],
  ...more,
});

const result = (given: Setting, ...parties: RecordedParty[]) => {
  const trial = trying(given);
  for (const one of parties) trial.take(one);
  return trial.result();
};

const CALL = read('touches: [{ name: hello, after: order, wait: 1 day, call: hello }]');
const THREE = read(`touches:
  - { name: a, after: order, wait: 1 hour, send: thank-you }
  - { name: b, after: order, wait: 1 day, send: thank-you }
  - { name: c, after: order, wait: 2 days, send: thank-you }`);

describe('contacts of a customer', () => {
  it('are counted over all weeks from the first order on', () => {
    const { would } = result(setting(THREE), party([order('1', 7)]));
    // Three in the second of five weeks, of which the last has but begun.
    expect(would.perCustomerWeek).toEqual({ mean: 3 / 4, p95: 3, most: 3 });
    expect(would).toMatchObject({ mails: 3, surveys: 0, tasks: 0, calls: 0 });
  });

  it('that are more than the caps allow are shown', () => {
    const { was, would } = result(setting(THREE), party([order('1', 0)]));
    expect(was.tooOften).toEqual({ customers: 0, shown: [] });
    expect(would.tooOften).toEqual({
      customers: 1,
      shown: [{ order: 'shop/1', mails: 3, days: 3, from: '2026-06-01' }],
    });
  });

  it('about other orders count for the customer, and not as what the playbook does', () => {
    const sent: FollowUpEvent = { what: 'sent', at: at(1), touch: 'x', occurrence: '1' };
    const mail = { at: at(1), selling: false, survey: null, contact: '0#x#1', order: '0', content: null };
    const both = party([order('0', 0, sent), order('1', 0)], { mails: [mail] });
    const { was, would, orders } = result(setting(CALL, { isTried: ({ number }) => number === '1' }), both);
    expect([orders, was.mails, would.mails]).toEqual([1, 0, 0]);
    expect([was.perCustomerWeek.most, would.perCustomerWeek.most]).toEqual([1, 2]);
  });
});

describe('work', () => {
  const four = ['1', '2', '3', '4'].map((number) => party([order(number, 0)]));

  it('is shared out as the house does it, and the days that are too full are counted', () => {
    const alone = result(setting(CALL, { staff: [colleague('sam', 3)] }), ...four);
    expect(alone.would).toMatchObject({ calls: 4, overfullDays: 0, notMade: { 'spilled day-full-next': 1 } });
    expect(alone.would.callsPerDay).toEqual({ mean: 4 / 21, p95: 1, most: 3 });
    const two = result(setting(CALL, { staff: [colleague('sam', 3), colleague('kim', 3)] }), ...four);
    expect(two.would.notMade).toEqual({ 'spilled day-full': 1 });
  });

  it('of other customers fills the same days', () => {
    const elsewhere = [{ owner: 'sam', day: '2026-06-03', calls: 1, tasks: 3 }];
    const { was, would } = result(setting(CALL, { staff: [colleague('sam', 3)], elsewhere }), four[0]);
    expect([was.tasksPerDay.most, would.tasksPerDay.most]).toEqual([3, 3]);
    expect(would.notMade).toEqual({ 'spilled day-full-next': 1 });
  });

  it('that was too much for a day shows', () => {
    const tasks = [1, 2, 3, 4].map((nth) => {
      return { order: '1', kind: 'call' as const, owner: 'sam', madeAt: at(nth), dueAt: at(2), cancelled: nth === 4 };
    });
    const { was } = result(setting(CALL, { staff: [colleague('sam', 2)] }), party([order('1', 0)], { tasks }));
    expect(was).toMatchObject({ tasks: 4, overfullDays: 1, tasksPerDay: { most: 3 } });
  });
});

describe('what would change', () => {
  it('is told by touch, and why something would not be done', () => {
    const was: FollowUpEvent[] = [
      { what: 'sent', at: at(0.1), touch: 'a', occurrence: '1' },
      { what: 'sent', at: at(1), touch: 'gone', occurrence: '1' },
      { what: 'uncertain', at: at(2), touch: 'gone', occurrence: '2' },
      { what: 'sent', at: at(2.1), touch: 'gone', occurrence: '2' },
      { what: 'sent', at: at(3), touch: 'top', occurrence: '1' },
      { what: 'sent', at: at(20), touch: 'far', occurrence: '1' },
    ];
    const playbook = read(`touches:
      - { name: a, after: order, send: thank-you }
      - { name: b, after: order, send: thank-you }
      - { name: top, after: order, send: thank-you, when: top fifth }
      - { name: far, after: order, wait: 60 days, send: thank-you }`);
    const { added, dropped } = result(setting(playbook), party([order('1', 0, ...was)]));
    expect(added).toEqual({ b: 1 });
    expect(dropped).toEqual({
      gone: { count: 2, why: { 'not-in-playbook': 2 } },
      top: { count: 1, why: { 'not-top-fifth': 1 } },
      far: { count: 1, why: { later: 1 } },
    });
  });

  it('leaves out whom nothing is known of any more', () => {
    const { orders } = result(setting(CALL), party([{ ...order('1', 0), isErased: true }]));
    expect(orders).toBe(0);
  });
});
