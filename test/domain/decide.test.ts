import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { deliveryOf } from '../../domain/anchors.ts';
import { BUSINESS_WEEK } from '../../domain/calendar.ts';
import { decide } from '../../domain/decide.ts';
import { type FollowUpEvent, followUpOf } from '../../domain/followUp.ts';
import { plan } from '../../domain/plan.ts';
import { readPlaybook } from '../../domain/playbook.ts';
import { plainTerms } from '../../domain/terms.ts';
import { DAY, HOUR } from '../../domain/time.ts';

/** Rules that are quicker told as events than lived through. */
const playbook = readPlaybook(
  readFileSync(new URL('../../playbooks/standard.yaml', import.meta.url), 'utf8'),
  'standard',
);
const MONDAY = Date.UTC(2026, 5, 1, 9);
const calendar = { dayMs: DAY, zone: 'UTC', week: BUSINESS_WEEK, place: null };
const terms = { ...plainTerms(playbook, calendar), seed: 'order' };
const accepted: FollowUpEvent = { what: 'accepted', at: MONDAY, data: { placedAt: MONDAY, paidAt: MONDAY } };
const after = (...events: FollowUpEvent[]) => followUpOf([accepted, ...events]);
const at = (days: number) => MONDAY + days * DAY;
const said = (record: FollowUpEvent[]) =>
  record.map(({ what, touch, why }) => [what, touch, why].filter(Boolean).join(' '));

it('interest does not cut short a pause that somebody asked for', () => {
  const followUp = after({ what: 'paused', at: at(1) }, { what: 'interested', at: at(2), data: { until: at(16) } });
  expect(decide(followUp, terms, at(20)).next.stage).toBe('paused');
});

it('a promise of delivery that is said to be kept is a delivery', () => {
  const promises = [{ what: 'Delivered', by: at(5) }];
  const begun = { ...accepted, data: { ...accepted.data, promises } };
  const kept = followUpOf([begun, { what: 'promise-kept', at: at(3) }]);
  expect(deliveryOf(kept, terms)).toEqual({ at: at(3), assumed: false });
  expect(deliveryOf(followUpOf([begun]), terms)).toEqual({ at: at(5), assumed: true });
});

it('a mail on its way is called off by nobody, and looked for when it is not heard of again', () => {
  const onTheWay = { 'thank-you#1': at(0) + HOUR };
  const followUp = after({ what: 'cancelled', at: at(0) + HOUR });
  expect(said(decide(followUp, { ...terms, onTheWay }, at(0) + HOUR).record)).not.toContain(
    'skipped thank-you cancelled',
  );
  const [first] = plan(after(), { ...terms, onTheWay }, at(0) + HOUR);
  expect(first).toMatchObject({ touch: 'thank-you', dueAt: at(0) + HOUR + 15 * 60_000, against: null, held: null });
});

it('the call that a refused keep-in-touch became does not outlive the reorder', () => {
  const followUp = after(
    { what: 'handed-over', at: at(90), touch: 'keep-in-touch', occurrence: '1', why: 'address-refused' },
    { what: 'skipped', at: at(90), touch: 'check-in', occurrence: '1', why: 'too-late' },
    { what: 'reordered', at: at(100), why: 'shop/2' },
  );
  expect(said(decide(followUp, terms, at(100)).record)).toEqual(
    expect.arrayContaining(['task-cancelled keep-in-touch reordered', 'ended reordered']),
  );
});

it('keeping in touch goes on after a mail of it was handed to a person', () => {
  const done: FollowUpEvent[] = playbook.touches
    .filter(({ anchor }) => ['order', 'delivery'].includes(anchor))
    .map(({ name }) => ({ what: 'skipped', at: at(40), touch: name, occurrence: '1', why: 'too-late' }));
  const followUp = after(
    ...done,
    { what: 'handed-over', at: at(100), touch: 'keep-in-touch', occurrence: '1', why: 'mail-server-for-days' },
    { what: 'outcome', at: at(101), touch: 'keep-in-touch', occurrence: '1', why: 'reached', data: { kind: 'call' } },
  );
  expect(decide(followUp, terms, at(102)).next).toMatchObject({
    step: 'send',
    touch: 'keep-in-touch',
    occurrence: '2',
  });
});

it('a survey by phone that nobody takes ends with the reason', () => {
  const byPhone = { ...terms, person: { ...terms.person, email: false } };
  const tries = [1, 2, 3].flatMap((nth): FollowUpEvent[] => [
    { what: 'task-made', at: at(15 + nth), touch: 'survey', occurrence: `${nth}`, why: 'survey-by-phone' },
    {
      what: 'outcome',
      at: at(15 + nth),
      touch: 'survey',
      occurrence: `${nth}`,
      why: 'no-answer',
      data: { kind: 'call' },
    },
  ]);
  expect(said(decide(after(...tries), byPhone, at(19)).record)).toContain('skipped survey unreached');
});

it('gives the same answer for the same events, playbook and instant', () => {
  const once = () => decide(after({ what: 'delivered', at: at(2) }), terms, at(3));
  expect(once()).toEqual(once());
});
