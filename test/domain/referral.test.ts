import { describe, expect, it } from '@jest/globals';
import { BUSINESS_WEEK, type Calendar } from '../../domain/calendar.ts';
import { decide } from '../../domain/decide.ts';
import { type FollowUpEvent, followUpOf } from '../../domain/followUp.ts';
import { plan } from '../../domain/plan.ts';
import { readPlaybook } from '../../domain/playbook.ts';
import { REFERRAL_BURST, refusalOf } from '../../domain/referral.ts';
import { plainTerms, type Terms } from '../../domain/terms.ts';
import { DAY } from '../../domain/time.ts';

const MONDAY = Date.UTC(2026, 5, 1, 9);
const at = (days: number) => MONDAY + days * DAY;
const calendar: Calendar = { dayMs: DAY, zone: 'UTC', week: BUSINESS_WEEK, place: null };
const playbook = readPlaybook(
  `
name: test
title: Test
touches:
  - name: thank-you
    after: order
    wait: 1 hour
    send: thank-you
    too late after: 1 day
  - name: referral-thanks
    after: earned referral
    send: referral-thanks
    owed: yes
  - name: referral-reward
    after: earned referral
    other: reward
    owed: yes
`,
  'test.yaml',
);
/** The same with the wish for a public word. */
const reviewed = readPlaybook(
  `
name: reviewed
title: Reviewed
touches:
  - name: public-review
    after: answer
    when: [promoter, review page]
    send: review
    purpose: selling
`,
  'reviewed.yaml',
);
const terms: Terms = { ...plainTerms(playbook, calendar), seed: 'order' };
const accepted: FollowUpEvent = { what: 'accepted', at: MONDAY, data: { placedAt: MONDAY, paidAt: MONDAY } };
const unpaid: FollowUpEvent = { what: 'accepted', at: MONDAY, data: { placedAt: MONDAY, paidAt: null } };
const brought: FollowUpEvent = { what: 'brought', at: MONDAY, why: 'code' };
const delivered: FollowUpEvent = { what: 'delivered', at: at(2) };
const sent: FollowUpEvent = { what: 'sent', at: at(0.1), touch: 'thank-you', occurrence: '1' };

/** What a decision says of the referral. */
const said = (events: FollowUpEvent[], days: number, given: Partial<Terms> = {}) =>
  decide(followUpOf(events), { ...terms, ...given }, at(days))
    .record.filter(({ what }) => what.startsWith('referral-'))
    .map(({ what, why }) => (why ? `${what}: ${why}` : what));

it('is refused where the order says so, the plainest reason first', () => {
  const fine = { bySelf: false, known: false, before: false, history: false };
  expect(refusalOf(fine)).toBeNull();
  expect(refusalOf({ ...fine, history: true })).toBe('too-old');
  expect(refusalOf({ ...fine, before: true, history: true })).toBe('referred-before');
  expect(refusalOf({ ...fine, known: true, before: true })).toBe('known-customer');
  expect(refusalOf({ bySelf: true, known: true, before: true, history: true })).toBe('self');
});

describe('the thanks are earned', () => {
  // Delivered on the 3rd of June, and to be given back until the end of the 3rd of July.
  const story = [accepted, brought, sent, delivered];

  it('once the order is paid and can no longer be given back, and the follow-up wakes for it', () => {
    const { next } = decide(followUpOf(story), terms, at(3));
    expect([next.step, next.why, new Date(next.dueAt).toISOString()]).toEqual([
      'wait',
      'referral',
      '2026-07-04T00:00:00.000Z',
    ]);
    expect(said(story, 32.6)).toEqual([]);
    expect(said(story, 32.7)).toEqual(['referral-earned']);
    expect(said([...story, { what: 'referral-earned', at: at(32.7) }], 40)).toEqual([]);
  });

  it('not before it is paid', () => {
    const late = [unpaid, brought, sent, delivered];
    expect(said(late, 60)).toEqual([]);
    expect(said([...late, { what: 'paid', at: at(61) }], 61)).toEqual(['referral-earned']);
  });

  it('not while it is open whether the order is kept', () => {
    const asked: FollowUpEvent = { what: 'return-asked', at: at(30), data: { number: 1 } };
    const kept: FollowUpEvent = { what: 'return-settled', at: at(36), why: 'withdrawn', data: { number: 1 } };
    expect(said([...story, asked], 35)).toEqual([]);
    expect(said([...story, asked, kept], 36)).toEqual(['referral-earned']);
    expect(said([...story, { what: 'complained', at: at(30) }], 35)).toEqual([]);
  });

  it.each(['reordered', 'opted-out'] as const)(
    'also where the customer has %s meanwhile: the follow-up waits',
    (what) => {
      const over = [...story, { what, at: at(10), why: 'shop/2' }];
      const { next } = decide(followUpOf(over), terms, at(10));
      expect(next).toMatchObject({ step: 'wait', why: 'referral', stage: 'following', outcome: what });
      const { record, next: then } = decide(followUpOf(over), terms, at(33));
      expect(record.map((event) => event.what)).toEqual(['referral-earned', 'ended']);
      expect(then.step).toBe('end');
    },
  );

  it.each([
    ['cancelled', { what: 'cancelled' }],
    ['returned', { what: 'returned' }],
    ['erased', { what: 'erased' }],
  ] as const)('not where the order was %s', (why, event) => {
    const followUp = followUpOf([...story, { ...event, at: at(20) }]);
    const { record, next } = decide(followUp, terms, at(20));
    expect(record).toContainEqual({ what: 'referral-refused', at: at(20), why });
    expect(next.step).toBe('end');
  });

  it.each(['self', 'erased'] as const)('not where whoever brought them turns out so: %s', (against) => {
    expect(said(story, 3, { referrals: { earned: [], against } })).toEqual([`referral-refused: ${against}`]);
  });

  it('after a burst only once a person lets it count', () => {
    const about = { touch: REFERRAL_BURST, occurrence: '1' };
    const look: FollowUpEvent = { what: 'task-made', at: at(0), ...about, why: REFERRAL_BURST };
    const out = (why: string): FollowUpEvent => ({
      what: 'outcome',
      at: at(40),
      ...about,
      why,
      data: { kind: 'other' },
    });
    expect(said([...story, look], 39)).toEqual([]);
    expect(said([...story, look, out('done')], 40)).toEqual(['referral-earned']);
    expect(said([...story, look, out('skipped')], 40)).toEqual(['referral-refused: burst']);
    // A later order does not take the question away.
    const { record } = decide(
      followUpOf([...story, look, { what: 'reordered', at: at(5), why: 'shop/2' }]),
      terms,
      at(5),
    );
    expect(record.map(({ what }) => what)).not.toContain('task-cancelled');
  });
});

describe('whoever sent somebody is thanked', () => {
  const one = { id: 'one', reward: 'A bag of coffee', given: false };
  const two = { id: 'two', reward: '', given: false };
  const owed = (...earned: (typeof one)[]) => ({ referrals: { earned, against: null } }) satisfies Partial<Terms>;
  const due = (events: FollowUpEvent[], given: Partial<Terms>) => {
    const followUp = followUpOf(events);
    const { record, next } = decide(followUp, { ...terms, ...given }, at(40));
    const ahead = plan(followUp, { ...terms, ...given }, at(40));
    return {
      record: record.map(({ what, data }) => `${what} ${data?.referral ?? ''}`.trim()),
      stage: next.stage,
      ahead: ahead.filter(({ against }) => against === null).map(({ touch, occurrence }) => `${touch} ${occurrence}`),
    };
  };

  it('each time, and given what was promised where something was', () => {
    expect(due([accepted, sent], owed(one))).toMatchObject({
      record: ['thanks-due one'],
      ahead: ['referral-reward 1.1', 'referral-thanks 1.1'],
    });
    const first: FollowUpEvent = { what: 'thanks-due', at: at(39), data: { referral: 'one' } };
    const both = due([accepted, sent, first], owed(two, one));
    expect(both.record).toEqual(['thanks-due two']);
    expect(both.ahead.sort()).toEqual(['referral-reward 1.1', 'referral-thanks 1.1', 'referral-thanks 2.1']);
  });

  it.each(['reordered', 'returned', 'cancelled'] as const)('also in a follow-up that has ended: %s', (outcome) => {
    const ended: FollowUpEvent[] = [
      accepted,
      sent,
      { what: outcome, at: at(10), why: 'shop/2' },
      { what: 'ended', at: at(10), why: outcome },
    ];
    expect(due(ended, owed(one))).toMatchObject({
      record: ['thanks-due one'],
      stage: 'following',
      ahead: ['referral-reward 1.1', 'referral-thanks 1.1'],
    });
  });

  it('not who wants no contact', () => {
    const gone: FollowUpEvent[] = [accepted, sent, { what: 'opted-out', at: at(9) }, { what: 'ended', at: at(9) }];
    expect(due(gone, owed(one))).toMatchObject({ record: ['thanks-due one'], stage: 'ended', ahead: [] });
  });

  it('a reward that was given already needs no task', () => {
    const first: FollowUpEvent = { what: 'thanks-due', at: at(39), data: { referral: 'one' } };
    const given = owed({ ...one, given: true });
    expect(due([accepted, sent, first], given).ahead).toEqual(['referral-thanks 1.1']);
    const made: FollowUpEvent = { what: 'task-made', at: at(39), touch: 'referral-reward', occurrence: '1.1' };
    const { record } = decide(followUpOf([accepted, sent, first, made]), { ...terms, ...given }, at(40));
    expect(record).toContainEqual({
      what: 'task-cancelled',
      at: at(40),
      touch: 'referral-reward',
      occurrence: '1.1',
      why: 'given',
    });
  });
});

it('a public review is asked for only where there is a page for it, and leaves no line where there is none', () => {
  const answered: FollowUpEvent = { what: 'answered', at: at(5), data: { score: 10 } };
  const touches = (reviewPage: string | null) =>
    plan(followUpOf([accepted, answered]), { ...terms, playbook: reviewed, reviewPage }, at(5)).map(
      ({ touch }) => touch,
    );
  expect(touches('https://example.com/reviews')).toEqual(['public-review']);
  expect(touches(null)).toEqual([]);
  const over = followUpOf([accepted, answered, { what: 'reordered', at: at(6), why: 'shop/2' }]);
  const { record } = decide(over, { ...terms, playbook: reviewed, reviewPage: null }, at(6));
  expect(record.map(({ what }) => what)).toEqual(['ended']);
});
