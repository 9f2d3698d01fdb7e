import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { after, BUSINESS_WEEK, businessHours, type Calendar, within } from '../../domain/calendar.ts';
import { evolve, type FollowUpEvent, followUpOf, progressOf } from '../../domain/followUp.ts';
import { type Playbook, readPlaybook } from '../../domain/playbook.ts';
import { STANDARD_POLICY } from '../../domain/policy.ts';
import type { RecordedCustomer, RecordedMail, RecordedOrder, RecordedParty } from '../../domain/recorded.ts';
import { type Circumstances, type Played, play } from '../../domain/simulate.ts';
import { QUIET } from '../../domain/terms.ts';
import { DAY, HOUR, type Instant } from '../../domain/time.ts';

const MONDAY = Date.UTC(2026, 5, 1, 9);
const at = (days: number) => MONDAY + Math.round(days * DAY);
const calendar: Calendar = { dayMs: DAY, zone: 'UTC', week: BUSINESS_WEEK, place: null };
const circumstances: Circumstances = {
  calendar,
  policy: STANDARD_POLICY,
  quiet: QUIET,
  pieces: ['one', 'two', 'three'].map((name) => {
    return { name, kind: 'tip', for: {}, sku: null, title: name, text: name, link: null };
  }),
  topFifths: {},
};
const standard = readPlaybook(
  readFileSync(new URL('../../playbooks/standard.yaml', import.meta.url), 'utf8'),
  'standard',
);
const changed = (text: string): Playbook => readPlaybook(`name: changed\ntitle: Changed\n${text}`, 'changed');

const yes = { email: true, phone: true };
const ada: RecordedCustomer = {
  id: 'ada',
  since: 0,
  person: {
    consent: { service: yes, selling: yes },
    email: true,
    phone: true,
    prefers: null,
    bestTime: null,
    zone: 'UTC',
    place: null,
  },
  noMailSince: null,
  number: '1',
  company: null,
  role: null,
};

const order = (number: string, days: number, given: Partial<RecordedOrder> = {}, ...more: FollowUpEvent[]) => {
  const placedAt = at(days);
  const accepted: FollowUpEvent = {
    what: 'accepted',
    at: placedAt,
    data: { placedAt, paidAt: placedAt, promises: [] },
  };
  const one: RecordedOrder = {
    id: `id-${number}`,
    source: 'shop',
    number,
    customer: 'ada',
    placedAt,
    acceptedAt: placedAt,
    currency: 'EUR',
    total: 100,
    lines: [],
    owner: 'sam',
    colleague: businessHours(calendar),
    playbook: 'standard',
    isErased: false,
    productDays: null,
    story: [accepted, ...more],
    ...given,
  };
  return one;
};
const partyOf = (orders: RecordedOrder[], more: Partial<RecordedParty> = {}): RecordedParty => ({
  id: 'party',
  customers: [ada],
  orders,
  mails: [],
  tasks: [],
  ...more,
});

/** Lines as accounts tell them: `day 3: sent survey (why)`. */
const told = ({ order: { placedAt }, story }: Pick<Played, 'order' | 'story'>) =>
  story.map(({ at, what, touch, occurrence, why }) => {
    const nth = occurrence && occurrence !== '1' ? ` #${occurrence}` : '';
    const day = Math.floor((at - placedAt + HOUR / 60) / DAY);
    return `day ${day}: ${what}${touch ? ` ${touch}${nth}` : ''}${why ? ` (${why})` : ''}`;
  });
const about = (lines: string[], ...words: string[]) =>
  lines.filter((line) => words.some((word) => line.includes(word)));

const playAll = (party: RecordedParty, playbook: Playbook, days: number) =>
  play(party, () => playbook, circumstances, at(days));

describe('a recorded order', () => {
  // As the account "a good year" tells it.
  const promise = { what: 'Delivered', by: at(5) };
  const first = order(
    '1',
    0,
    {},
    { what: 'sent', at: at(0.04), touch: 'thank-you', occurrence: '1' },
    { what: 'delivered', at: at(2) },
    { what: 'task-made', at: at(4), touch: 'check-in', occurrence: '1', why: 'check-in' },
    { what: 'outcome', at: at(4.1), touch: 'check-in', occurrence: '1', why: 'reached', data: { kind: 'call' } },
    { what: 'sent', at: at(12), touch: 'survey', occurrence: '1' },
    { what: 'answered', at: at(14.1), why: 'link', data: { score: 10 } },
    { what: 'sent', at: at(15.1), touch: 'referral', occurrence: '1' },
    { what: 'task-made', at: at(30), touch: 'up-sell', occurrence: '1', why: 'up-sell' },
    { what: 'outcome', at: at(34.1), touch: 'up-sell', occurrence: '1', why: 'not-interested', data: { kind: 'call' } },
  );
  first.story[0].data!.promises = [promise];
  const asked: RecordedMail = {
    at: at(12),
    selling: false,
    survey: 'id-1#survey',
    contact: 'id-1#survey#1',
    order: 'id-1',
    content: null,
  };
  const party = partyOf([first, order('2', 300)], { mails: [asked] });

  it('lives through the same again by the playbook it followed', () => {
    const [one] = playAll(party, standard, 301);
    expect(told(one)).toEqual([
      'day 0: accepted',
      'day 0: sent thank-you',
      'day 2: delivered',
      'day 4: task-made check-in (check-in)',
      'day 4: outcome check-in (reached)',
      'day 12: sent survey',
      'day 14: answered (link)',
      'day 14: skipped recovery (not-detractor)',
      'day 14: sent praise',
      'day 18: sent referral',
      'day 30: task-made up-sell (up-sell)',
      'day 34: outcome up-sell (not-interested)',
      'day 94: sent keep-in-touch',
      'day 154: sent keep-in-touch #2',
      'day 274: sent keep-in-touch #3',
      'day 300: reordered (shop/2)',
      'day 300: ended (reordered)',
    ]);
    expect([one.stage, one.followUp.outcome]).toEqual(['ended', 'reordered']);
  });

  it('is answered as long after it was asked, whenever that is', () => {
    const early = changed('touches: [{ name: asked, after: order, wait: 3 days, ask: nps }]');
    const [one] = playAll(party, early, 20);
    expect(told(one)).toEqual(['day 0: accepted', 'day 2: delivered', 'day 3: sent asked', 'day 5: answered (link)']);
  });

  it('with two surveys each is answered as it was, and one that is asked no more as the first that is', () => {
    const both = order(
      '1',
      0,
      {},
      { what: 'sent', at: at(3), touch: 'satisfied', occurrence: '1' },
      { what: 'answered', at: at(4), why: 'link', data: { csat: 2, survey: 'csat' } },
      { what: 'sent', at: at(60), touch: 'survey', occurrence: '1' },
      { what: 'answered', at: at(63), why: 'card', data: { score: 9, survey: 'nps' } },
    );
    const mails = [
      { ...asked, at: at(3), survey: 'id-1#satisfied', contact: 'id-1#satisfied#1' },
      { ...asked, at: at(60) },
    ];
    const playOf = (touches: string) =>
      playAll(partyOf([both], { mails }), changed(`touches: [${touches}]`), 200)[0]
        .story.filter(({ what }) => what === 'answered')
        .map((event) => [Math.floor((event.at - both.placedAt) / DAY), event.why, event.data]);
    const [first, second] = [
      '{ name: a, after: order, wait: 3 days, ask: csat }',
      '{ name: b, after: order, wait: 100 days, ask: nps }',
    ];
    expect(playOf(`${first}, ${second}`)).toEqual([
      [4, 'link', { csat: 2, survey: 'csat' }],
      [103, 'card', { score: 9, survey: 'nps' }],
    ]);
    expect(playOf(first)).toEqual([
      [4, 'link', { csat: 2, survey: 'csat' }],
      [6, 'card', { score: 9, survey: 'csat' }],
    ]);
  });

  it('is not answered where nobody asks, or the answer is taken for less long', () => {
    const silent = changed('touches: [{ name: thanks, after: order, send: thank-you }]');
    expect(about(told(playAll(party, silent, 60)[0]), 'answered')).toEqual([]);
    const short = changed('answer within: 1 day\ntouches: [{ name: asked, after: order, wait: 3 days, ask: nps }]');
    expect(about(told(playAll(party, short, 60)[0]), 'answered')).toEqual([]);
  });

  it('has new tasks come out well on the next business day', () => {
    const calls = changed('touches: [{ name: hello, after: order, wait: 4 days, call: hello }]');
    expect(about(told(playAll(party, calls, 20)[0]), 'hello')).toEqual([
      'day 4: task-made hello (hello)',
      'day 7: outcome hello (reached)', // Friday's on Monday
    ]);
  });

  it('has tasks undone that nobody has done', () => {
    const made: FollowUpEvent = { what: 'task-made', at: at(8), touch: 'check-in', occurrence: '1', why: 'check-in' };
    const [one] = playAll(partyOf([order('1', 0, {}, made)]), standard, 60);
    expect(about(told(one), 'check-in')).toEqual(['day 8: task-made check-in (check-in)']);
  });

  it('that was only kept is followed from the day it was placed', () => {
    const data = { placedAt: at(0), paidAt: at(2), promises: [] };
    const kept = order('1', 0, { acceptedAt: at(400), story: [{ what: 'history', at: at(400), data }] });
    const [one] = playAll(partyOf([kept, order('2', 40)]), standard, 60);
    expect(told(one).slice(0, 3)).toEqual(['day 0: accepted', 'day 0: sent thank-you', 'day 2: paid']);
    expect(one.stage).toBe('ended');
  });

  it('that came in later than the playbook follows is history', () => {
    const late = order('1', 0, { acceptedAt: at(20) });
    const short = changed('follow within: 2 weeks\ntouches: [{ name: thanks, after: order, send: thank-you }]');
    expect(told(playAll(partyOf([late]), short, 60)[0])).toEqual(['day 20: history']);
    expect(told(playAll(partyOf([late]), standard, 60)[0])).toContain('day 20: accepted');
  });
});

describe('several orders of a customer', () => {
  it('get one call, whose outcome settles both', () => {
    const [one, other] = playAll(partyOf([order('1', 0), order('2', 0.01)]), standard, 20);
    expect(about(told(one), 'check-in')).toEqual([
      'day 8: task-made check-in (check-in)',
      'day 9: outcome check-in (reached)',
    ]);
    expect(about(told(other), 'check-in')).toEqual([
      'day 8: task-joined check-in (check-in)',
      'day 8: outcome check-in (reached)',
    ]);
    const settledAt = ({ story }: Played) => story.find(({ what }) => what === 'outcome')!.at;
    expect(settledAt(one)).toBe(settledAt(other));
  });

  it('follow one another by the day they were placed, and the earlier comes back when the later falls away', () => {
    const cancelled: FollowUpEvent = { what: 'cancelled', at: at(70) };
    const [one] = playAll(partyOf([order('1', 0), order('2', 60, {}, cancelled)]), standard, 200);
    expect(about(told(one), 'reorder', 'ended', 'keep')).toEqual([
      'day 60: reordered (shop/2)',
      'day 60: ended (reordered)',
      'day 70: reorder-undone',
      'day 91: sent keep-in-touch',
      'day 151: sent keep-in-touch #2',
    ]);
  });

  it('wait while one has a complaint, whose end lets them go on', () => {
    const careful = changed(`touches:
      - { name: fix, after: complaint, fix: complaint, owed: yes }
      - { name: hello, after: order, wait: 5 days, send: thank-you }`);
    const complained: FollowUpEvent[] = [
      { what: 'complained', at: at(1) },
      { what: 'task-made', at: at(1), touch: 'fix', occurrence: '1.1', why: 'complaint' },
      { what: 'outcome', at: at(10.1), touch: 'fix', occurrence: '1.1', why: 'done', data: { kind: 'fix' } },
    ];
    const unpaid = order('2', 0.1);
    unpaid.story[0].data!.paidAt = null;
    const [one, other] = playAll(partyOf([order('1', 0, {}, ...complained), unpaid]), careful, 20);
    expect(told(one).slice(-2)).toEqual(['day 10: outcome fix #1.1 (done)', 'day 10: sent hello']);
    expect(told(other).slice(-1)).toEqual(['day 10: sent hello']);
  });

  it('are left as they were where the playbook is not for them, and count', () => {
    const sold = changed('touches: [{ name: offer, after: order, wait: 1 day, send: up-sell, purpose: selling }]');
    const mail = { at: at(0.1), selling: false, survey: null, contact: 'id-1#x#1', order: 'id-1', content: null };
    const sent: FollowUpEvent = { what: 'sent', at: mail.at, touch: 'x', occurrence: '1' };
    const party = partyOf([order('1', 0, {}, sent), order('2', 0)], { mails: [mail] });
    const [one, other] = play(party, ({ number }) => (number === '2' ? sold : null), circumstances, at(20));
    expect([one.playbook, told(one)]).toEqual([null, ['day 0: accepted', 'day 0: sent x']]);
    expect(about(told(other), 'offer')).toEqual(['day 1: put-off offer (too-often)', 'day 3: sent offer']);
  });
});

describe('a customer', () => {
  it('agrees to what they agreed to at the time', () => {
    const refused = {
      ...ada,
      person: { ...ada.person, consent: { service: yes, selling: { email: false, phone: false } } },
    };
    const sold = changed(`touches:
      - { name: early, after: order, wait: 5 days, send: up-sell, purpose: selling }
      - { name: late, after: order, wait: 15 days, send: up-sell, purpose: selling }`);
    const wants = order('1', 0, {}, { what: 'changed', at: at(10), why: 'service-only' });
    const [one] = playAll(partyOf([wants], { customers: [refused] }), sold, 30);
    expect(about(told(one), 'early', 'late')).toEqual(['day 5: sent early', 'day 15: skipped late (no-consent)']);
  });

  it('is written to until their address was refused, and called then', () => {
    const handedOver: FollowUpEvent = {
      what: 'handed-over',
      at: at(15),
      touch: 'survey',
      occurrence: '1',
      why: 'address-refused',
    };
    const one = order('1', 0, {}, handedOver);
    const [sale] = playAll(partyOf([one], { customers: [{ ...ada, noMailSince: at(15.1) }] }), standard, 40);
    expect(about(told(sale), 'thank-you', 'survey')).toEqual([
      'day 0: sent thank-you',
      'day 15: handed-over survey (address-refused)',
    ]);
  });

  it('gets a mail that brings something only while something is left', () => {
    const tips = changed(`touches:
      - { name: a, after: order, wait: 1 day, send: tip, carries: tip }
      - { name: b, after: order, wait: 2 days, send: tip, carries: tip }
      - { name: c, after: order, wait: 3 days, send: tip, carries: tip }
      - { name: d, after: order, wait: 4 days, send: tip, carries: tip }`);
    const [one] = playAll(partyOf([order('1', 0)]), tips, 10);
    expect(told(one).at(-1)).toBe('day 4: skipped d (nothing-useful)');
  });

  it('who asked for a call got it, whatever the playbook', () => {
    const asked: FollowUpEvent[] = [
      { what: 'task-made', at: at(3), touch: 'talk-to-a-person', occurrence: '1', why: 'customer-asks' },
      {
        what: 'outcome',
        at: at(4),
        touch: 'talk-to-a-person',
        occurrence: '1',
        why: 'reached',
        data: { kind: 'call' },
      },
    ];
    const silent = changed('touches: [{ name: thanks, after: order, send: thank-you }]');
    const [one] = playAll(partyOf([order('1', 0, {}, ...asked)]), silent, 10);
    expect(about(told(one), 'talk')).toEqual([
      'day 3: task-made talk-to-a-person (customer-asks)',
      'day 4: outcome talk-to-a-person (reached)',
    ]);
    expect(one.contacts.map(({ touch }) => touch)).toEqual(['thanks', 'talk-to-a-person']);
  });
});

describe('whatever happens', () => {
  const REPORTED = [
    'delivered',
    'paid',
    'complained',
    'interested',
    'paused',
    'resumed',
    'cancelled',
    'returned',
    'exchanged',
  ] as const;
  const OUTCOMES = [
    'reached',
    'no-answer',
    'voicemail',
    'not-interested',
    'complaint',
    'call-back',
    'skipped',
  ] as const;

  const events = fc.array(
    fc.record({ what: fc.constantFrom(...REPORTED), after: fc.double({ min: 0, max: 90, noNaN: true }) }),
    { maxLength: 4 },
  );
  const outcomes = fc.array(
    fc.record({
      touch: fc.constantFrom('check-in', 'up-sell', 'recovery', 'apology', 'win-back'),
      why: fc.constantFrom(...OUTCOMES),
      after: fc.double({ min: 0, max: 5, noNaN: true }),
    }),
    { maxLength: 4 },
  );
  const orders = fc.array(
    fc.record({
      placed: fc.double({ min: 0, max: 150, noNaN: true }),
      paid: fc.boolean(),
      events,
      outcomes,
      score: fc.option(fc.nat(10)),
      promised: fc.option(fc.double({ min: -1, max: 20, noNaN: true })),
    }),
    { minLength: 1, maxLength: 5 },
  );
  const person = fc.record({
    email: fc.boolean(),
    phone: fc.boolean(),
    selling: fc.boolean(),
    bestTime: fc.constantFrom(null, 'morning' as const, 'evening' as const),
    zone: fc.constantFrom('UTC', 'America/New_York', 'Asia/Kolkata', 'Australia/Sydney'),
  });
  const END = 400;

  type Given = Parameters<Parameters<(typeof orders)['map']>[0]>[0];
  type Who = Parameters<Parameters<(typeof person)['map']>[0]>[0];

  function party(given: Given, { email, phone, selling, bestTime, zone }: Who): RecordedParty {
    const mails: RecordedMail[] = [];
    const recorded = given.map(({ placed, paid, events, outcomes, score, promised }, nth) => {
      const id = `id-${nth}`;
      const placedAt = at(placed);
      const reported = events.map(({ what, after }): FollowUpEvent => {
        const event: FollowUpEvent = { what, at: at(placed + after) };
        return what === 'paused' ? { ...event, data: { until: at(placed + after + 20) } } : event;
      });
      const tasks = outcomes.flatMap(({ touch, why, after }, n): FollowUpEvent[] => {
        const [made, done] = [at(placed + n), at(placed + n + after)];
        const data = { kind: 'call', ...(why === 'call-back' && { callBackAt: done + 3 * DAY }) };
        const occurrence = `${1 + outcomes.slice(0, n).filter((one) => one.touch === touch).length}`;
        return [
          { what: 'task-made', at: made, touch, occurrence, why: touch },
          { what: 'outcome', at: done, touch, occurrence, why, data },
        ];
      });
      const answered: FollowUpEvent[] =
        score === null ? [] : [{ what: 'answered', at: at(placed + 20), why: 'link', data: { score } }];
      if (score !== null)
        mails.push({
          at: at(placed + 15),
          selling: false,
          survey: `${id}#survey`,
          contact: `${id}#survey#1`,
          order: id,
          content: null,
        });
      const one = order(`${nth}`, placed, { id }, ...[...reported, ...tasks, ...answered].sort((a, b) => a.at - b.at));
      one.story[0].data = {
        placedAt,
        paidAt: paid ? placedAt : null,
        promises: promised === null ? [] : [{ what: 'Delivered', by: at(placed + promised) }],
      };
      return one;
    });
    const consent = { service: yes, selling: { email: selling, phone: selling } };
    // Whoever has neither cannot order.
    const known = { ...ada.person, consent, email: email || !phone, phone, bestTime, zone };
    return partyOf(recorded, { customers: [{ ...ada, person: known }], mails });
  }

  const holds = (check: (played: Played[]) => void) =>
    fc.assert(
      fc.property(orders, person, (given, who) => check(playAll(party(given, who), standard, END))),
      { numRuns: 150 },
    );
  const mailsOf = (played: Played[]) =>
    played
      .flatMap(({ contacts }) => contacts)
      .filter(({ deed }) => deed === 'send' || deed === 'ask')
      .sort((a, b) => a.at - b.at);

  it('no cap is broken, and nobody is asked twice in ninety days', () =>
    holds((played) => {
      const mails = mailsOf(played);
      for (const [nth, mail] of mails.entries()) {
        const since = (days: number) => mails.slice(0, nth).filter((one) => mail.at - one.at < days * DAY);
        if (mail.purpose === 'selling')
          for (const cap of STANDARD_POLICY.caps) expect(since(cap.days).length).toBeLessThan(cap.mails);
        if (mail.survey)
          expect(since(STANDARD_POLICY.surveyEvery).filter((one) => one.survey && one.survey !== mail.survey)).toEqual(
            [],
          );
      }
    }));

  it('nothing comes early', () =>
    holds((played) => {
      const earliest = (touch: string, { order: { placedAt }, followUp }: Played): Instant => {
        const { anchor, wait } = standard.touches.find(({ name }) => name === touch)!;
        const from = anchor === 'order' ? placedAt : anchor === 'answer' ? followUp.answeredAt! : placedAt;
        return anchor === 'order' || anchor === 'answer' ? after(from, wait, 'UTC', calendar) : placedAt;
      };
      for (const one of played)
        for (const { touch, at } of one.contacts)
          if (touch !== 'keep-in-touch') expect(at).toBeGreaterThanOrEqual(earliest(touch, one));
    }));

  it('every contact is made within its hours, but for what answers at once, and every task falls due in them', () =>
    holds((played) => {
      const atOnce = standard.touches
        .filter(({ wait, before, deed }) => wait.amount === 0 && !before && deed !== 'send' && deed !== 'ask')
        .map(({ name }) => name);
      for (const { contacts } of played)
        for (const { touch, occurrence, at, openings, task } of contacts) {
          if (!atOnce.includes(touch) || !/(^|\.)1$/.test(occurrence))
            expect([touch, within(at, openings, calendar, '')]).toEqual([touch, at]);
          // What is promised for the same business day is due at its very end.
          if (task !== null && task.latest === null)
            expect([touch, within(task.dueAt, openings, calendar, '')]).toEqual([touch, task.dueAt]);
        }
    }));

  it('nobody is contacted about what has ended', () =>
    holds((played) => {
      for (const { story } of played) {
        const followUp = followUpOf(story.slice(0, 1));
        for (const event of story.slice(1)) {
          if (['sent', 'task-made', 'task-joined'].includes(event.what)) expect(followUp.endedAt).toBeNull();
          evolve(followUp, event);
        }
      }
    }));

  it('what is planned for every order is made, or passed over with a reason', () =>
    holds((played) => {
      const always = ['thank-you', 'check-in', 'survey', 'up-sell'];
      for (const { followUp, stage } of played.filter(({ stage }) => stage === 'waiting' || stage === 'ended'))
        for (const touch of always) {
          const { made, passedOver } = progressOf(followUp, touch);
          expect([touch, stage, made.size > 0 || passedOver !== null]).toEqual([touch, stage, true]);
        }
    }));

  it('the same record gives the same story', () =>
    fc.assert(
      fc.property(orders, person, (given, who) => {
        const once = () => playAll(party(given, who), standard, END).map(({ story }) => story);
        expect(once()).toEqual(once());
      }),
      { numRuns: 20 },
    ));
});
