import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { BUSINESS_WEEK, type Calendar } from '../../domain/calendar.ts';
import { followUpOf } from '../../domain/followUp.ts';
import { plan } from '../../domain/plan.ts';
import { type Playbook, readPlaybook } from '../../domain/playbook.ts';
import { type Contact, calendarOf, inWords, keepInWords, mondayOf, planOf } from '../../domain/preview.ts';
import { plainTerms } from '../../domain/terms.ts';
import { DAY, HOUR } from '../../domain/time.ts';

/** A plan as an example order lives through it: no figure is worked out here that the rules have not worked out. */
const calendar: Calendar = { dayMs: DAY, zone: 'UTC', week: BUSINESS_WEEK, place: null };
const MONDAY = Date.UTC(2026, 5, 1, 9);
const read = (text: string) => readPlaybook(text, 'test.yaml');
const of = (playbook: Playbook, more: Partial<Calendar> = {}) =>
  planOf(playbook, { ...calendar, ...more }, { placedAt: MONDAY });
const days = (contacts: Contact[]) => contacts.map(({ day, touch }) => `${day} ${touch}`);
const house = (name: string) =>
  readPlaybook(readFileSync(new URL(`../../playbooks/${name}.yaml`, import.meta.url), 'utf8'), name);

const SHOP = read(`
name: shop
title: A shop
delivery after: 5 days
touches:
  - { name: thanks, after: order, wait: 1 hour, send: thank-you }
  - { name: promise-check, after: promise, check: promise }
  - { name: check-in, after: delivery, wait: 2 business days, call: check-in, attempts: 3 }
  - { name: survey, after: delivery, wait: 10 days, ask: nps, reminders: 2 }
  - { name: referral, after: answer, wait: 1 day, when: promoter, send: referral, purpose: selling }
  - { name: recovery, after: answer, when: detractor, call: detractor }
  - { name: up-sell, after: order, wait: 30 days, when: [paid, not detractor], call: up-sell, purpose: selling }
  - { name: loyalty, after: delivery, wait: 3 days, on reaching: 5 orders, letter: loyalty }
  - { name: tell-more, after: check-in, wait: 2 days, when: top fifth, send: tip }
  - { name: fix, after: complaint, fix: complaint }
keep in touch: { every: 60 days, send: keep-in-touch, dormant after: 2 years }
`);

const MACHINES = read(`
name: machines
title: Machines
delivery after: 3 days
next order after: 120 days
touches:
  - { name: thanks, after: order, wait: 1 business day, send: thank-you, approval: yes }
  - { name: first-call, after: installation, wait: 2 business days, call: check-in, to: user, between: 10:00-17:00 }
  - { name: review, after: installation, wait: 1 year, every: 1 year, call: review }
  - { name: renewal, before: term end, wait: 90 days, send: renewal, carries: offer, purpose: selling }
  - { name: before-warranty-ends, before: warranty end, wait: 1 month, other: look-at-it }
  - { name: replenishment, before: expected order, wait: 7 days, send: replenishment, purpose: selling }
`);

describe('a customer who never answers', () => {
  it('gets what the playbook plans, with every try and reminder', () =>
    expect(days(of(SHOP).contacts.filter(({ day }) => day <= 30))).toEqual([
      '0 thanks',
      '5 promise-check',
      '8 check-in',
      '9 check-in',
      '10 check-in',
      '15 survey',
      '20 survey',
      '25 survey',
      '30 up-sell',
    ]));

  it('hears of us ever less, until nobody bothers them any more', () => {
    const { contacts, dormant } = of(SHOP);
    const kept = contacts.filter(({ touch }) => touch === 'keep-in-touch').map(({ day }) => day);
    expect(kept).toEqual([90, 150, 270, 390, 630]);
    expect(dormant?.day).toBe(731);
  });

  it('is told the hours of each contact in, and the date with holidays', () => {
    const [thanks, check, call] = of(SHOP, { place: { country: 'DE', region: null } }).contacts;
    expect(thanks.hours).toEqual({ from: 480, to: 1_200 });
    // A task without a wait is made at any hour, on a Saturday too.
    expect([new Date(check.at).getUTCDay(), check.hours]).toEqual([6, null]);
    // Delivered on Saturday 6 June 2026; the second business day after it is Tuesday.
    expect([call.day, call.hours]).toEqual([8, { from: 540, to: 1_020 }]);
    const early = planOf(
      SHOP,
      { ...calendar, place: { country: 'DE', region: null } },
      { placedAt: MONDAY - 14 * DAY },
    );
    // A fortnight earlier it would have been Whit Monday's week: one day later.
    expect(early.contacts.find(({ touch }) => touch === 'check-in')?.day).toBe(9);
  });
});

describe('what hangs on something', () => {
  it('has its day where one is known, and is kept apart from what everybody gets', () => {
    const { contacts, sometimes, answers } = of(SHOP);
    expect(days(sometimes)).toEqual(['8 loyalty', '10 tell-more']);
    expect(contacts.some(({ touch }) => touch === 'loyalty' || touch === 'tell-more')).toBe(false);
    expect(answers.map(({ name }) => name)).toEqual(['referral', 'recovery', 'fix']);
  });

  it('parts by the answer to the survey', () => {
    const branches = of(SHOP).branches.map(({ band, contacts, without }) => [band, days(contacts), without]);
    expect(branches).toEqual([
      // The day after the answer, but three days after the mail that asked for it.
      ['promoter', ['18 referral', '30 up-sell'], []],
      ['detractor', ['16 recovery'], ['up-sell']],
      ['silent', ['20 survey', '25 survey', '30 up-sell'], []],
    ]);
  });

  it('knows who is passive where the playbook does', () => {
    const asked = { ...SHOP, touches: SHOP.touches.map((one) => ({ ...one })) };
    asked.touches.find(({ name }) => name === 'referral')!.when = ['passive'];
    expect(of(asked).branches.map(({ band }) => band)).toEqual(['promoter', 'passive', 'detractor', 'silent']);
  });

  it('has no branches where nothing is asked', () => expect(of(MACHINES).branches).toEqual([]));
});

describe('a machine with a contract', () => {
  const { contacts, marks } = of(MACHINES);

  it('is installed, reviewed every year, and its contract ends', () => {
    expect(marks.map(({ what, day }) => `${day} ${what}`)).toEqual([
      '3 delivery',
      '4 installation',
      '120 expected order',
      '365 term end',
      '731 warranty end',
    ]);
    expect(days(contacts)).toEqual([
      // To be read ahead of the mail.
      '0 thanks-approval',
      '1 thanks',
      '8 first-call',
      '113 replenishment',
      '275 renewal',
      // The anniversary is a Saturday.
      '371 review',
      '700 before-warranty-ends',
      '735 review',
      '1100 review',
      '1465 review',
    ]);
  });

  it('shows the hours that are asked for', () =>
    expect(contacts.find(({ touch }) => touch === 'first-call')?.hours).toEqual({ from: 600, to: 1_020 }));
});

it.each(['standard', 'retail', 'service'])('%s: the days are those the rules give on the day of the order', (name) => {
  const playbook = house(name);
  const terms = { ...plainTerms(playbook, calendar), seed: 'example' };
  const by = planOf(playbook, calendar, { placedAt: MONDAY });
  const delivered = by.marks.find(({ what }) => what === 'delivery')!.at;
  const data = { placedAt: MONDAY, paidAt: MONDAY, promises: [{ what: 'Delivered', by: delivered }] };
  const ahead = plan(followUpOf([{ what: 'accepted', at: MONDAY, data }]), terms, MONDAY);
  const counted = ahead.filter(({ touch, against }) => {
    const anchor = playbook.touches.find((one) => one.name === touch)?.anchor;
    return against === null && (anchor === 'order' || anchor === 'delivery' || anchor === 'promise');
  });
  expect(counted.length).toBeGreaterThan(2);
  for (const { touch, dueAt } of counted)
    expect([touch, by.contacts.find((one) => one.touch === touch)?.at]).toEqual([touch, dueAt]);
});

it('is the same in a house that runs in short days', () => expect(of(SHOP, { dayMs: 120_000 })).toEqual(of(SHOP)));

it('begins on Monday at nine where the house is', () => {
  const sunday = Date.UTC(2026, 2, 29, 20);
  expect(mondayOf(sunday, 'Europe/Berlin')).toBe(Date.UTC(2026, 2, 23, 8));
  expect(mondayOf(sunday + 3 * HOUR, 'Europe/Berlin')).toBe(Date.UTC(2026, 2, 30, 7));
});

it('the calendar tells of a call once, and of all that happens, in order', () => {
  const lines = calendarOf(SHOP, of(SHOP));
  expect(lines.map(({ at }) => at)).toEqual(lines.map(({ at }) => at).sort((a, b) => a - b));
  const told = lines.map(({ day, touch, words }) => `${day} ${touch ?? '-'}: ${words}`);
  expect(told).toContain('5 -: Delivered');
  expect(told).toContain('731 -: Left in peace');
  expect(told.filter((line) => line.includes('check-in:'))).toEqual([
    '8 check-in: call check-in: 2 business days after delivery, 3 tries; tried again on day 9 and 10',
  ]);
  expect(told).toContain('20 survey: a reminder, where there was no answer');
});

it('says every key of a touch in words', () => {
  const { touches } = read(`
name: words
title: Words
touches:
  - name: a
    before: term end
    wait: 90 days
    send: renewal
    when: [first order, top fifth]
    on reaching: 1000 EUR
    purpose: selling
    to: buyer
    carries: offer
    gift: A cup
    between: 10:00-17:00
  - { name: b, after: a, wait: 2 weeks, every: 1 year, call: review, attempts: 2, owed: yes, due within: same business day }
  - { name: c, after: order, ask: nps, reminders: 1, remind after: 4 days, too late after: 3 weeks }
  - { name: d, after: order, wait: 1 day, send: thank-you, approval: yes }
  - { name: e, after: interest, other: hand-over, due within: 1 hour, on reaching: 5 orders }
`);
  expect(touches.map(inWords)).toEqual([
    'mail renewal: 90 days before term end, if first order and top fifth, on reaching 1000 EUR, to the buyer, selling, with an offer, with a gift: "A cup", between 10:00-17:00',
    'call review: 2 weeks after a, and again every year, 2 tries, due on the same business day, owed after a reorder too',
    'survey nps: after order, 1 reminder, each after 4 days, not later than 3 weeks after that',
    'task approve-mail: a business day ahead of 1 day after order',
    'mail thank-you: 1 day after order once its owner has let it go',
    'task hand-over: after interest, on reaching 5 orders, due within 1 hour',
  ]);
  expect(keepInWords(SHOP)).toMatch(
    /^Then, every 60 days until the next order: mail keep-in-touch, selling, with a tip/,
  );
  expect(keepInWords(MACHINES)).toBe('Then nothing more until the next order.');
});
