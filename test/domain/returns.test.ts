import { describe, expect, it } from '@jest/globals';
import { BUSINESS_WEEK, type Calendar } from '../../domain/calendar.ts';
import { decide } from '../../domain/decide.ts';
import { type FollowUpEvent, followUpOf } from '../../domain/followUp.ts';
import { plan } from '../../domain/plan.ts';
import { readPlaybook } from '../../domain/playbook.ts';
import { returnDeadline, sendBy } from '../../domain/returns.ts';
import { plainTerms, type Terms } from '../../domain/terms.ts';
import { DAY, HOUR } from '../../domain/time.ts';

/** Monday the 1st of June 2026, nine o'clock in UTC. */
const MONDAY = Date.UTC(2026, 5, 1, 9);
const at = (days: number) => MONDAY + days * DAY;
const calendar: Calendar = { dayMs: DAY, zone: 'UTC', week: BUSINESS_WEEK, place: null };
const playbook = readPlaybook(
  `
name: test
title: Test
return within: 14 days
touches:
  - name: survey
    after: delivery
    wait: 60 days
    ask: nps
  - name: up-sell
    after: order
    wait: 10 days
    call: up-sell
    purpose: selling
  - name: return-receipt
    after: return
    send: return-receipt
    owed: yes
  - name: goods-back
    after: return
    other: return
    due within: 15 business days
    owed: yes
`,
  'test.yaml',
);
const terms: Terms = { ...plainTerms(playbook, calendar), seed: 'order' };
const accepted: FollowUpEvent = { what: 'accepted', at: MONDAY, data: { placedAt: MONDAY, paidAt: MONDAY } };
const delivered: FollowUpEvent = { what: 'delivered', at: at(2) };
const asked = (days: number): FollowUpEvent => ({
  what: 'return-asked',
  at: at(days),
  text: 'The machine',
  data: { number: 1, receipt: 'R-7K3QF', kind: 'return', until: at(days + 14) },
});
const settled = (days: number, why: string): FollowUpEvent => ({
  what: 'return-settled',
  at: at(days),
  why,
  data: { number: 1 },
});

const DUE = { promised: at(3), answer: at(3), fix: at(7), told: at(12) };

/** What lies ahead of the story, and why it does not happen now. */
const ahead = (events: FollowUpEvent[], days: number, given: Partial<Terms> = {}) =>
  plan(followUpOf(events), { ...terms, ...given }, at(days)).map(
    ({ touch, held, against }) => `${touch}${held ? ` held: ${held}` : ''}${against ? ` against: ${against}` : ''}`,
  );

describe('how long it may be asked for', () => {
  it('is to the end of that day where the customer is, from the delivery', () => {
    const deadline = returnDeadline(followUpOf([accepted, delivered]), terms);
    expect(new Date(deadline).toISOString()).toBe('2026-06-17T23:59:59.999Z');
    const inTokyo = { ...terms, person: { ...terms.person, zone: 'Asia/Tokyo' } };
    expect(new Date(returnDeadline(followUpOf([accepted, delivered]), inTokyo)).toISOString()).toBe(
      '2026-06-17T14:59:59.999Z',
    );
  });

  it('counts from the promised day where nobody reported the delivery, and from the usual one where nothing was promised', () => {
    const promised: FollowUpEvent = {
      ...accepted,
      data: { ...accepted.data, promises: [{ what: 'Delivered', by: at(9) }] },
    };
    expect(new Date(returnDeadline(followUpOf([promised]), terms)).toISOString()).toMatch(/^2026-06-24/);
    expect(new Date(returnDeadline(followUpOf([accepted]), terms)).toISOString()).toMatch(/^2026-06-20/);
  });

  it('is thirty days where the playbook says nothing', () => {
    const plain = readPlaybook('name: x\ntitle: X\ntouches:\n  - name: a\n    after: order\n    call: b\n', 'x.yaml');
    expect(plain.returnWithin).toEqual({ amount: 30, unit: 'days' });
  });

  it('is exact in a demonstration, where days have no end', () => {
    const short = { ...calendar, dayMs: HOUR };
    const deadline = returnDeadline(followUpOf([accepted, delivered]), { ...terms, calendar: short });
    expect(deadline).toBe(at(2) + 14 * HOUR);
  });

  it('leaves the customer two weeks to send it', () => expect(sendBy(at(3), terms)).toBe(at(17)));
});

describe('while something is on its way back', () => {
  it('selling waits, care goes on, and the return is seen to', () => {
    expect(ahead([accepted, delivered], 10)).toEqual(['up-sell', 'survey']);
    expect(ahead([accepted, delivered, asked(3)], 10).sort()).toEqual([
      'goods-back',
      'return-receipt',
      'survey',
      'up-sell held: return',
    ]);
  });

  it('its work comes again until it is settled, whatever came of the task', () => {
    const made: FollowUpEvent = { what: 'task-made', at: at(3), touch: 'goods-back', occurrence: '1.1' };
    const done: FollowUpEvent = {
      what: 'outcome',
      at: at(4),
      touch: 'goods-back',
      occurrence: '1.1',
      why: 'done',
      data: { kind: 'other' },
    };
    expect(ahead([accepted, delivered, asked(3), made], 4)).not.toContain('goods-back');
    const again = plan(followUpOf([accepted, delivered, asked(3), made, done]), terms, at(4));
    expect(again.find(({ touch }) => touch === 'goods-back')).toMatchObject({ occurrence: '1.2', against: null });
  });

  it('an open task is taken back once it is settled', () => {
    const made: FollowUpEvent = { what: 'task-made', at: at(3), touch: 'goods-back', occurrence: '1.1' };
    const { record } = decide(followUpOf([accepted, delivered, asked(3), made, settled(5, 'withdrawn')]), terms, at(5));
    expect(record).toContainEqual({
      what: 'task-cancelled',
      at: at(5),
      touch: 'goods-back',
      occurrence: '1.1',
      why: 'settled',
    });
  });

  it('selling goes on where nothing came of it, and not where it was exchanged', () => {
    expect(ahead([accepted, delivered, asked(3), settled(5, 'withdrawn')], 6)).toEqual(['up-sell', 'survey']);
    const exchanged: FollowUpEvent = { what: 'exchanged', at: at(5) };
    expect(ahead([accepted, delivered, asked(3), settled(5, 'replaced'), exchanged], 6)).toEqual([
      'up-sell against: exchanged',
      'survey',
    ]);
  });

  it.each(['complained', 'paused'] as const)('is answered though the customer %s', (what) => {
    const held = ahead([accepted, delivered, asked(3), { what, at: at(3) }], 4);
    expect(held).toContain('goods-back');
    expect(held).toContain('return-receipt');
  });

  it('what had ended goes on until it is settled, and then ends', () => {
    const ended: FollowUpEvent[] = [
      accepted,
      delivered,
      { what: 'reordered', at: at(5), why: 'shop/2' },
      { what: 'ended', at: at(5), why: 'reordered' },
    ];
    expect(decide(followUpOf(ended), terms, at(6)).next.step).toBe('end');
    const followUp = followUpOf([...ended, asked(6)]);
    expect(decide(followUp, terms, at(6)).next).toMatchObject({ stage: 'following', outcome: 'reordered' });
    const over = followUpOf([...ended, asked(6), settled(8, 'refunded'), { what: 'returned', at: at(8) }]);
    expect(decide(over, terms, at(8)).next).toMatchObject({ step: 'end', outcome: 'returned' });
  });

  it('is seen to for who wants no contact, without a mail; an erased customer is left alone', () => {
    const no = { email: false, phone: false };
    const person = { ...terms.person, consent: { service: no, selling: no } };
    const optedOut: FollowUpEvent = { what: 'opted-out', at: at(2) };
    const gone: FollowUpEvent[] = [accepted, delivered, optedOut, { what: 'ended', at: at(2), why: 'opted-out' }];
    const lines = ahead([...gone, asked(3)], 4, { person });
    expect(lines).toContain('goods-back');
    expect(lines).toContain('return-receipt against: no-consent');
    const erased: FollowUpEvent[] = [accepted, delivered, asked(3), { what: 'erased', at: at(4) }];
    expect(decide(followUpOf(erased), terms, at(4)).next.step).toBe('end');
  });
});

describe('of an order of the past, which nobody follows', () => {
  const past: FollowUpEvent = { ...accepted, what: 'history' };
  const made: FollowUpEvent = { what: 'task-made', at: at(3), touch: 'goods-back', occurrence: '1.1' };
  const lookAt = (events: FollowUpEvent[], days: number, given: Partial<Terms> = {}) =>
    decide(followUpOf(events), { ...terms, ...given }, at(days));

  it('a return is seen to, and nothing else', () => {
    expect(lookAt([past], 30)).toEqual({ record: [], next: { step: 'end', stage: 'history', dueAt: at(30) } });
    expect(ahead([past, asked(3)], 3).sort()).toEqual(['goods-back', 'return-receipt']);
    const { record, next } = lookAt([past, asked(3)], 3);
    expect(record).toEqual([]);
    expect(next).toMatchObject({ step: 'task', stage: 'history', touch: 'goods-back', occurrence: '1.1' });
  });

  it('it waits for the end of the return, and is over with it', () => {
    const sent: FollowUpEvent = { what: 'sent', at: at(3), touch: 'return-receipt', occurrence: '1.1' };
    expect(lookAt([past, asked(3), made, sent], 4)).toMatchObject({
      record: [],
      next: { step: 'wait', stage: 'history', dueAt: at(4) + 365 * DAY, why: 'return' },
    });
    const taken = { what: 'task-cancelled', at: at(9), touch: 'goods-back', occurrence: '1.1', why: 'settled' };
    expect(lookAt([past, asked(3), made, sent, settled(9, 'repaired')], 9)).toMatchObject({
      record: [taken],
      next: { step: 'end', stage: 'history' },
    });
  });

  it('a complaint about it shows, whatever comes back', () => {
    const complained: FollowUpEvent = { what: 'complained', at: at(2), data: { number: 1, due: DUE } };
    expect(lookAt([past, complained], 2).next).toMatchObject({ step: 'end', stage: 'complaint' });
    expect(lookAt([past, complained, asked(3)], 3).next).toMatchObject({ stage: 'complaint', touch: 'goods-back' });
  });

  it('of who was erased nothing is seen to any more', () => {
    const { record, next } = lookAt([past, asked(3), made, { what: 'erased', at: at(4) }], 4);
    expect(record).toMatchObject([{ what: 'task-cancelled', touch: 'goods-back', why: 'erased' }]);
    expect(next).toMatchObject({ step: 'end', stage: 'history' });
  });
});

it('work that cannot be done is passed over once, and the follow-up comes to rest', () => {
  const called = readPlaybook(
    'name: x\ntitle: X\ntouches:\n  - name: call-back\n    after: return\n    call: return\n    owed: yes\n',
    'x.yaml',
  );
  const no = { email: false, phone: false };
  const person = { ...terms.person, consent: { service: no, selling: no } };
  const given = { ...terms, playbook: called, person };
  const followUp = followUpOf([accepted, delivered, asked(3)]);
  expect(decide(followUp, given, at(4)).record).toMatchObject([{ what: 'skipped', touch: 'call-back' }]);
  const { record, next } = decide(followUp, given, at(4));
  expect(record).toEqual([]);
  expect(next.dueAt).toBeGreaterThan(at(4));
});
