import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { BUSINESS_WEEK } from '../../domain/calendar.ts';
import {
  isAComplaint,
  isLimited,
  mayOffer,
  type Remedy,
  rightsTo,
  saidBy,
  stepAtHand,
} from '../../domain/complaint.ts';
import { dueOfComplaint, dueTimes, nextOfComplaint } from '../../domain/complaintSteps.ts';
import { decide } from '../../domain/decide.ts';
import { type FollowUpEvent, followUpOf, openComplaint, type What } from '../../domain/followUp.ts';
import { plan } from '../../domain/plan.ts';
import { type Playbook, readPlaybook } from '../../domain/playbook.ts';
import type { Outcome } from '../../domain/task.ts';
import { plainTerms, type Terms } from '../../domain/terms.ts';
import { DAY, HOUR, type Instant, iso } from '../../domain/time.ts';

/** The rules of complaints, told as events. Monday the 1st of June 2026, nine o'clock, is when it begins. */
const standard = readFileSync(new URL('../../playbooks/standard.yaml', import.meta.url), 'utf8');
const MONDAY = Date.UTC(2026, 5, 1, 9);
const calendar = { dayMs: DAY, zone: 'UTC', week: BUSINESS_WEEK, place: null };
const at = (days: number, hours = 0) => MONDAY + days * DAY + hours * HOUR;
const termsOf = (playbook: Playbook): Terms => ({ ...plainTerms(playbook, calendar), seed: 'order' });
const terms = termsOf(readPlaybook(standard, 'standard'));
const accepted: FollowUpEvent = { what: 'accepted', at: MONDAY, data: { placedAt: MONDAY, paidAt: MONDAY } };
const complained: FollowUpEvent = {
  what: 'complained',
  at: MONDAY,
  data: { number: 1, due: dueTimes(terms, MONDAY) },
};
const after = (...events: FollowUpEvent[]) => followUpOf([accepted, complained, ...events]);
const said = (what: What, days: number, more: Partial<FollowUpEvent> = {}): FollowUpEvent => ({
  what,
  at: at(days),
  data: { number: 1 },
  ...more,
});
const made = (touch: string, occurrence = '1.1', days = 0): FollowUpEvent => ({
  what: 'task-made',
  at: at(days),
  touch,
  occurrence,
});
const outcome = (touch: string, why: Outcome, days = 0, kind = 'call', occurrence = '1.1'): FollowUpEvent => ({
  what: 'outcome',
  at: at(days),
  touch,
  occurrence,
  why,
  data: { kind },
});

/** What comes next, as `task complaint-listen #1.1`; an instant where it is not now. */
function next(events: FollowUpEvent[], now: Instant, by = terms) {
  const { step, touch, occurrence, dueAt } = nextOfComplaint(after(...events), 1, by, now).next;
  const what = [step, touch && `${touch} #${occurrence}`].filter(Boolean).join(' ');
  return dueAt > now ? `${what} at ${iso(dueAt)}` : what;
}
const recorded = (events: FollowUpEvent[], now: Instant, by = terms) =>
  nextOfComplaint(after(...events), 1, by, now).record.map(({ what, touch, why }) =>
    [what, touch, why && `(${why})`].filter(Boolean).join(' '),
  );

const begun = [
  made('complaint-listen'),
  made('complaint-fix'),
  { ...made('complaint-received'), what: 'sent' } as const,
];

describe('the clock', () => {
  it('counts the hours in which the colleague works', () => {
    const times = (now: Instant) => Object.values(dueTimes(terms, now)).map(iso);
    expect(times(MONDAY)).toEqual([
      '2026-06-02T09:00:00Z',
      // Two working hours before nine o'clock is three in the afternoon.
      '2026-06-01T15:00:00Z',
      '2026-06-08T09:00:00Z',
      '2026-06-15T09:00:00Z',
    ]);
    // On Saturday nobody is there: what is promised for Monday is promised for the morning after.
    expect(new Date(dueTimes(terms, at(5, 1)).promised).getUTCDay()).toBe(1);
  });

  it('a short answer counts hours over the night, and is never due before it is asked for', () => {
    const quick = termsOf(
      readPlaybook(standard.replace('answer within: 1 business day', 'answer within: 1 hour'), 'quick'),
    );
    const evening = at(0, 7.5);
    const { promised, answer } = dueTimes(quick, evening);
    expect(iso(promised)).toBe('2026-06-02T09:30:00Z');
    expect(answer).toBe(evening);
  });

  it('warns once before each step is late, and takes the warning back', () => {
    expect(next(begun, MONDAY)).toBe('task complaint-at-risk #1.1 at 2026-06-01T11:00:00Z');
    const warned = [...begun, made('complaint-at-risk', '1.1')];
    expect(next(warned, at(0, 3))).toBe('escalate at 2026-06-01T15:00:00Z');
    const heard = [...warned, outcome('complaint-listen', 'reached'), said('heard', 0)];
    expect(recorded(heard, at(0, 3))).toEqual(['task-cancelled complaint-at-risk (done-meanwhile)']);
    // The next one is for putting it right.
    const cancelled = { ...made('complaint-at-risk'), what: 'task-cancelled' as const };
    const goesOn = [...heard, cancelled, made('complaint-cause')];
    expect(next(goesOn, at(0, 4))).toBe('task complaint-at-risk #1.2 at 2026-06-05T13:00:00Z');
  });

  it('goes to the manager when it is late, and waits twice as long each time it goes on', () => {
    expect(next(begun, at(0, 6))).toBe('escalate');
    const once = said('escalated', 0.25, { why: 'late', data: { number: 1, owner: 'meg' } });
    expect(next([...begun, once], at(0, 6))).toBe('task complaint-late #1.1');
    const told = [...begun, once, made('complaint-late', '1.1', 0.25)];
    // Fifteen hours: the business day after the first time it was late, two after the second.
    expect(nextOfComplaint(after(...told), 1, terms, at(0, 6)).next).toMatchObject({ touch: 'complaint-at-risk' });
    const lateAgain = (events: FollowUpEvent[]) =>
      nextOfComplaint(
        after(...events, made('complaint-at-risk', '1.4', 0.25), made('complaint-at-risk', '1.7', 1)),
        1,
        terms,
        at(0, 6),
      ).next;
    expect(lateAgain(told)).toMatchObject({ step: 'escalate', dueAt: at(1, 6) });
    const twice = said('escalated', 1.25, { why: 'late', data: { number: 1, owner: 'max' } });
    const again = [
      ...told,
      twice,
      { ...made('complaint-late'), what: 'task-cancelled' as const },
      made('complaint-late', '1.2', 1.25),
    ];
    expect(lateAgain(again)).toMatchObject({ step: 'escalate', dueAt: at(3, 6) });
  });

  it('takes the late task back once nothing is late any more', () => {
    const once = said('escalated', 0.25, { why: 'late', data: { number: 1, owner: 'meg' } });
    const late = [...begun, once, made('complaint-late', '1.1', 0.25), outcome('complaint-listen', 'reached', 0.3)];
    expect(recorded([...late, said('heard', 0.3)], at(0, 8))).toEqual([
      'task-cancelled complaint-late (done-meanwhile)',
    ]);
  });
});

describe('the steps', () => {
  it('hearing and fixing begin at once; the mail goes with them', () => {
    expect(next([], MONDAY)).toBe('task complaint-listen #1.1');
    expect(next([made('complaint-listen')], MONDAY)).toBe('task complaint-fix #1.1');
    expect(next([made('complaint-listen'), made('complaint-fix')], MONDAY)).toBe('send complaint-received #1.1');
  });

  it('whoever is not reached is tried at another time of day, or when they asked for it', () => {
    const tried = [...begun, outcome('complaint-listen', 'voicemail')];
    expect(next(tried, at(0, 1))).toBe('task complaint-listen #1.2');
    const due = (events: FollowUpEvent[]) =>
      dueOfComplaint(after(...events), terms, at(0, 1), 'complaint-listen', '1.2');
    expect(iso(due(tried)!.by!)).toBe('2026-06-02T15:00:00Z');
    const wanted = { ...outcome('complaint-listen', 'call-back'), data: { kind: 'call', callBackAt: at(2) } };
    expect(due([...begun, wanted])!.by).toBe(at(2));
  });

  it('whoever cannot be called is heard in another way', () => {
    const silent = { ...terms, person: { ...terms.person, phone: false } };
    const due = dueOfComplaint(after(), silent, MONDAY, 'complaint-listen', '1.1');
    expect(due).toMatchObject({ deed: 'other', by: expect.any(Number) });
  });

  it('come in any order; the customer is told last', () => {
    const fixed = [...begun, outcome('complaint-fix', 'done', 0, 'fix'), said('remedied', 0)];
    expect(stepAtHand(after(...fixed).complaints[0])).toBe('listen');
    expect(next(fixed, at(0, 1))).toBe('task complaint-apology #1.1');
    const all = [...fixed, said('apologised', 0), said('mended', 0, { text: 'It is greased now.' })];
    expect(next(all, at(0, 1))).toBe('send complaint-told #1.1');
    const told = [...all, { ...made('complaint-told'), what: 'sent' as const }];
    expect(recorded(told, at(0, 1))).toEqual([
      'told (email)',
      'complaint-closed (told)',
      'task-cancelled complaint-listen (complaint-closed)',
    ]);
  });

  it('that are not needed are passed over, but for telling the customer', () => {
    const passed = (['listen', 'fix', 'apology', 'cause', 'tell'] as const).map((step) =>
      outcome(`complaint-${step}`, 'skipped', 0, 'other'),
    );
    const { complaints } = after(...passed);
    expect(stepAtHand(complaints[0])).toBe('tell');
    expect(next([...begun.slice(2), ...passed], at(0, 1))).toBe('task complaint-tell #1.1');
  });

  it('a mail that cannot go is said to be so, and somebody tells them', () => {
    const silent = { ...terms, person: { ...terms.person, email: false } };
    expect(recorded([], MONDAY, silent)).toEqual(['skipped complaint-received (no-email)']);
    const all = [said('heard', 0), said('remedied', 0), said('apologised', 0), said('mended', 0, { text: 'x' })];
    expect(next([...begun, ...all], at(0, 1), silent)).toBe('task complaint-tell #1.1');
    // What was half out of the house is looked for first.
    const lost = { ...terms, onTheWay: { 'complaint-received#1.1': MONDAY } };
    expect(next([made('complaint-listen'), made('complaint-fix')], at(0, 1), lost)).toBe(
      'send complaint-received #1.1',
    );
  });

  it('a note of a colleague is sent to nobody: without words for the customer they are called', () => {
    const [mended, ...none] = saidBy(
      after().complaints[0],
      'complaint-cause',
      { kind: 'other', outcome: 'done', note: 'Our fault' },
      at(1),
    );
    expect([mended, none]).toEqual([{ what: 'mended', at: at(1), data: { number: 1 } }, []]);
    const all = [said('heard', 0), said('remedied', 0), said('apologised', 0), mended];
    expect(next([...begun, ...all], at(1, 1))).toBe('task complaint-tell #1.1');
  });

  it('say nothing twice', () => {
    const known = after(said('heard', 0)).complaints[0];
    const reached = { kind: 'call', outcome: 'reached', note: null } as const;
    expect(saidBy(known, 'complaint-listen', reached, at(1))).toEqual([]);
    expect(saidBy(known, 'check-in', reached, at(1))).toEqual([]);
    expect(saidBy(undefined, 'complaint-listen', reached, at(1))).toEqual([]);
  });
});

describe('a remedy', () => {
  const remedies: Remedy[] = [
    { name: 'Repair', roles: [], upTo: null },
    { name: 'Refund', roles: ['salesperson'], upTo: { value: 50, currency: 'EUR' } },
    { name: 'Refund', roles: ['manager'], upTo: null },
  ];
  it.each([
    ['salesperson', 'Repair', 900, 'EUR', true],
    ['salesperson', 'Refund', 50, 'EUR', true],
    ['salesperson', 'Refund', 50.01, 'EUR', false],
    // Nobody knows what that is in euros.
    ['salesperson', 'Refund', 1, 'USD', false],
    ['Manager', 'Refund', 5_000, 'USD', true],
    ['trainee', 'Refund', 1, 'EUR', false],
    ['manager', 'Boat', 1, 'EUR', false],
  ])('%s: %s for %d %s: %s', (role, name, value, currency, may) =>
    expect(mayOffer(remedies, role, name, value, currency)).toBe(may),
  );
});

describe('the follow-up', () => {
  it('stands at the complaint until it is closed, and asks then whether all is well', () => {
    expect(decide(after(), terms, MONDAY).next.stage).toBe('complaint');
    const closed = after(said('told', 2), said('complaint-closed', 2, { why: 'told' }));
    expect(decide(closed, terms, at(2)).next.stage).toBe('following');
    const asks = plan(closed, terms, at(2)).find(({ touch }) => touch === 'all-well')!;
    expect(new Date(asks.dueAt).toISOString().slice(0, 10)).toBe('2026-06-10');
    const withdrawn = after(said('complaint-closed', 2, { why: 'withdrawn' }));
    expect(plan(withdrawn, terms, at(2)).some(({ touch }) => touch === 'all-well')).toBe(false);
  });

  it('does not end before it, whatever becomes of the order', () => {
    const cancelled = after(...begun, { what: 'cancelled', at: at(1) });
    expect(decide(cancelled, terms, at(1)).record.map(({ what }) => what)).not.toContain('ended');
  });

  it('of a playbook that has a fix task of its own gets no second one, and one of before is closed by it', () => {
    const old = `name: old
title: Old
touches: [{ name: fix, after: complaint, fix: complaint, owed: yes }]`;
    const by = termsOf(readPlaybook(old, 'old'));
    expect(plan(after(), by, MONDAY)).toEqual([]);
    const before: FollowUpEvent = { what: 'complained', at: MONDAY };
    expect(plan(followUpOf([accepted, before]), by, MONDAY)).toMatchObject([{ touch: 'fix', occurrence: '1.1' }]);
    const done = [made('fix'), outcome('fix', 'done', 1, 'fix')];
    expect(openComplaint(followUpOf([accepted, before, ...done]))).toBe(false);
    expect(openComplaint(after(...done))).toBe(true);
  });

  it('a call that was about several orders opens one complaint', () => {
    const told = { ...outcome('check-in', 'complaint', 1, 'call', '1'), data: { kind: 'call', number: 0 } };
    expect(followUpOf([accepted, told]).complaints).toEqual([]);
  });

  it('ends it when its customer is erased, or wants no contact', () => {
    const why = (events: FollowUpEvent[]) =>
      nextOfComplaint(after(...events), 1, terms, at(2)).record.find(({ what }) => what === 'complaint-closed')?.why;
    expect(why([{ what: 'erased', at: at(1) }])).toBe('erased');
    expect(why([{ what: 'opted-out', at: at(1) }])).toBe('opted-out');
    expect(why([{ what: 'reordered', at: at(1) }])).toBeUndefined();
  });
});

describe('a task of the plan that is not done', () => {
  const asked = [
    { what: 'answered', at: at(0), data: { score: 2 } },
    { ...made('recovery', '1'), data: { by: at(1) } },
  ] satisfies FollowUpEvent[];
  const begun = (...events: FollowUpEvent[]) => followUpOf([accepted, ...asked, ...events]);
  const notDone = (events: FollowUpEvent[], now: Instant) =>
    plan(begun(...events), terms, now).find(({ touch }) => touch === 'recovery-not-done');

  it('is told to the manager in time, once', () => {
    expect(notDone([], at(0))).toMatchObject({ dueAt: at(1, 1), occurrence: '1', deed: 'other', forManager: true });
    expect(notDone([made('recovery-not-done', '1', 1.1)], at(2))).toBeUndefined();
    expect(decide(begun(), terms, at(0)).contact?.touch).not.toBe('recovery-not-done');
  });

  it('is taken back when it is done, and told anew of the next try', () => {
    const told = made('recovery-not-done', '1', 1.1);
    const tried = outcome('recovery', 'no-answer', 2, 'call', '1');
    const { record } = decide(begun(told, tried), terms, at(2));
    expect(record).toContainEqual({
      what: 'task-cancelled',
      at: at(2),
      touch: 'recovery-not-done',
      occurrence: '1',
      why: 'done-meanwhile',
    });
    const again = { ...made('recovery', '2', 3), data: { by: at(3) } };
    expect(notDone([told, tried, ...record, again], at(3))).toMatchObject({ dueAt: at(3, 1), occurrence: '2' });
  });
});

describe('a score that is a complaint', () => {
  const selling = readPlaybook(
    `
name: selling
title: Selling
touches:
  - { name: recovery, after: answer, when: detractor, call: detractor, owed: yes }
  - { name: offer, after: order, wait: 1 week, send: offer, purpose: selling }
`,
    'selling',
  );
  const answered: FollowUpEvent = { what: 'answered', at: MONDAY, data: { score: 1, survey: 'nps' } };
  const opened = { ...complained, why: 'score', data: { ...complained.data, score: 1, survey: 'nps' } };
  const closed = said('complaint-closed', 3, { why: 'told' });
  const speaks = (...events: FollowUpEvent[]) =>
    Object.fromEntries(
      plan(followUpOf([accepted, answered, ...events]), termsOf(selling), at(4)).map(({ touch, held, against }) => [
        touch,
        against ?? held,
      ]),
    );

  it('is answered by the complaint, and selling goes on when that is closed', () => {
    expect(speaks()).toEqual({ recovery: null, offer: 'detractor' });
    expect(speaks(opened)).toEqual({ recovery: 'complained', offer: 'complaint' });
    expect(speaks(opened, closed)).toEqual({ recovery: 'complained', offer: null });
  });

  it('said again it stays that, and a complaint that nobody scored answers no score', () => {
    expect(speaks(opened, { ...answered, data: { score: 0, survey: 'nps' } })).toMatchObject({
      recovery: 'complained',
    });
    expect(speaks(complained, closed)).toEqual({ recovery: null, offer: 'detractor' });
  });

  it('is as low as the playbook says, of either score', () => {
    const { complaints } = terms.playbook;
    const scores = (nps: number | null, csat: number | null) => isAComplaint(complaints, { nps, csat });
    expect([scores(2, null), scores(3, null), scores(null, 1), scores(null, 2), scores(null, null)]).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
    expect(isAComplaint(selling.complaints, { nps: 0, csat: 1 })).toBe(false);
  });
});

describe("a remedy and the manager's word", () => {
  const approval = (events: FollowUpEvent[]) =>
    next([...begun, ...events, said('heard', 0), made('complaint-cause')], at(0, 1));
  const asked = (text: string) => said('remedy-asked', 0, { text });

  it('each time something is asked it is a task of its own, and the one before is taken back', () => {
    expect(approval([asked('60')])).toBe('task complaint-approval #1.1');
    const open = [asked('60'), made('complaint-approval'), asked('9000')];
    expect(recorded([...begun, ...open], at(0, 1))).toEqual(['task-cancelled complaint-approval (asked-again)']);
    expect(approval(open)).toBe('task complaint-approval #1.2');
    const no = [outcome('complaint-approval', 'skipped', 0, 'other'), said('remedy-refused', 0, { text: '60' })];
    expect(approval([asked('60'), made('complaint-approval'), ...no, asked('60')])).toBe(
      'task complaint-approval #1.2',
    );
    const offered = [asked('60'), made('complaint-approval'), said('remedy-offered', 0, { text: '50' })];
    expect(recorded([...begun, ...offered], at(0, 1))).toEqual(['task-cancelled complaint-approval (done-meanwhile)']);
  });

  it('nothing but yes is one', () => {
    const { complaints } = after(asked('60'));
    const word = (outcome: Outcome) =>
      saidBy(complaints[0], 'complaint-approval', { kind: 'other', outcome, note: null }, at(1)).map(
        ({ what }) => what,
      );
    expect(word('done')).toEqual(['remedy-offered']);
    for (const no of ['skipped', 'not-interested', 'ordered', 'complaint'] as const)
      expect(word(no)).toEqual(['remedy-refused']);
  });

  it('a limited remedy has an amount', () => {
    const { remedies } = terms.playbook.complaints;
    const limited = (role: string, name: string) => isLimited(rightsTo(remedies, role, name));
    expect([limited('salesperson', 'Refund'), limited('manager', 'Refund')]).toEqual([true, false]);
    expect([limited('trainee', 'Refund'), limited('salesperson', 'Repair')]).toEqual([false, false]);
    expect(mayOffer(remedies, 'salesperson', 'Refund', 0, 'EUR')).toBe(false);
  });
});

describe('hearing the whole story', () => {
  it.each(['not-interested', 'ordered'] as const)(
    'a call with the outcome %s heard nothing, and comes again',
    (why) => {
      const report = { kind: 'call', outcome: why, note: null };
      expect(saidBy(after().complaints[0], 'complaint-listen', report, at(1))).toEqual([]);
      expect(next([...begun, outcome('complaint-listen', why)], at(0, 1))).toBe('task complaint-listen #1.2');
    },
  );

  it.each(['reached', 'done', 'complaint'] as const)('%s is the story', (why) => {
    const report = { kind: 'call', outcome: why, note: null };
    expect(saidBy(after().complaints[0], 'complaint-listen', report, at(1))).toMatchObject([{ what: 'heard' }]);
  });
});

describe('beside a complaint', () => {
  const order = { what: 'delivered', at: MONDAY } as const;
  const checkIn = { ...made('check-in', '1', 2), data: { by: at(3) } };
  const told = said('complaint-closed', 4, { why: 'told' });
  const heard = said('heard', 1);
  const planned = (events: FollowUpEvent[], now: Instant, touch: string) => {
    const one = plan(followUpOf([accepted, order, ...events]), terms, now).find((each) => each.touch === touch);
    return one && { occurrence: one.occurrence, held: one.held, against: one.against };
  };
  const decided = (events: FollowUpEvent[], now: Instant) =>
    decide(followUpOf([accepted, order, ...events]), terms, now).record.map(({ what, touch, why }) =>
      [what, touch, `(${why})`].join(' '),
    );

  it("the plan's open call is taken back, and comes again where nobody has talked to them by then", () => {
    const later = { ...complained, at: at(2, 1) };
    expect(decided([checkIn, later], at(2, 1))).toContain('task-cancelled check-in (complained)');
    const takenBack = { ...checkIn, what: 'task-cancelled', at: at(2, 1), why: 'complained' } as const;
    const closed = [checkIn, later, takenBack, told];
    expect(planned(closed, at(4), 'check-in')).toEqual({ occurrence: '2', held: 'all-well', against: null });
    const allWell = made('all-well', '1.1', 11);
    const reached = outcome('all-well', 'reached', 11, 'call', '1.1');
    expect(planned([...closed, allWell, reached], at(11), 'check-in')).toMatchObject({ against: 'heard' });
    const unreached = ['1.1', '1.2', '1.3'].flatMap((nth) => [
      made('all-well', nth, 11),
      outcome('all-well', 'no-answer', 11, 'call', nth),
    ]);
    expect(planned([...closed, ...unreached], at(12), 'check-in')).toMatchObject({ held: null, against: null });
  });

  it('survey and selling come after somebody has asked whether all is well', () => {
    const events = [complained, heard, told];
    expect(planned(events, at(10), 'survey')).toMatchObject({ held: 'all-well' });
    expect(planned(events, at(30), 'up-sell')).toMatchObject({ held: 'all-well' });
    // What will not come anyway is said on its day.
    const answered: FollowUpEvent = { what: 'answered', at: at(5), data: { score: 8, survey: 'nps' } };
    expect(planned([...events, answered], at(5), 'referral')).toMatchObject({ held: null, against: 'not-promoter' });
    const reached = outcome('all-well', 'reached', 11, 'call', '1.1');
    const after = [...events, made('all-well', '1.1', 11), reached];
    expect(planned(after, at(11), 'survey')).toMatchObject({ held: null, against: null });
    // To be asked whether all is well is no offer: that is still made.
    const late = [...events, made('all-well', '1.1', 32), outcome('all-well', 'reached', 32, 'call', '1.1')];
    expect(planned(late, at(33), 'up-sell')).toMatchObject({ held: null, against: null });
    // A low score is called about at once all the same.
    const low: FollowUpEvent = { what: 'answered', at: at(5), data: { score: 5, survey: 'nps' } };
    expect(planned([...events, low], at(5), 'recovery')).toMatchObject({ held: null, against: null });
  });

  it('a call about the low score that became a complaint is taken back, and due again where nobody heard them', () => {
    const low: FollowUpEvent = { what: 'answered', at: MONDAY, data: { score: 5, survey: 'nps' } };
    const call = made('recovery', '1', 0);
    const lower = { ...low, at: at(1), data: { score: 1, survey: 'nps' } };
    const opened = { ...complained, at: at(1), why: 'score', data: { ...complained.data, survey: 'nps' } };
    expect(decided([low, call, lower, opened], at(1))).toContain('task-cancelled recovery (complained)');
    const takenBack = { ...call, what: 'task-cancelled', at: at(1), why: 'complained' } as const;
    const closedBy = (why: string) => [low, call, lower, opened, takenBack, said('complaint-closed', 2, { why })];
    expect(planned(closedBy('told'), at(3), 'recovery')).toMatchObject({ against: 'complained' });
    expect(planned(closedBy('other'), at(3), 'recovery')).toMatchObject({ occurrence: '2', held: null, against: null });
    expect(planned(closedBy('other'), at(30), 'up-sell')).toMatchObject({ against: 'detractor' });
  });

  it('a survey that was answered otherwise is said not to be sent, on its day', () => {
    const answered: FollowUpEvent = { what: 'answered', at: at(3), why: 'phone', data: { score: 9, survey: 'nps' } };
    expect(planned([answered], at(3), 'survey')).toMatchObject({ against: 'answered' });
    expect(decided([answered], at(3))).not.toContain('skipped survey (answered)');
    expect(decided([answered], at(11))).toContain('skipped survey (answered)');
  });
});
