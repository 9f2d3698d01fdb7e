import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FollowUpEvent } from '../../domain/followUp.ts';
import { play } from '../../domain/simulate.ts';
import { DAY, type Instant } from '../../domain/time.ts';
import type { Trial } from '../../domain/trial.ts';
import { readAllContent } from '../../mail/content.ts';
import { TEMPLATES } from '../../mail/templates.ts';
import { lastYear, readRecorded } from '../../store/recorded.ts';
import { freshStore } from '../support/database.ts';
import { LivedShop, VERY_LOW } from '../support/lived.ts';
import { aftercare, withFiles } from './command.ts';

/** A Monday, half a year ago: what was recorded is over, and mail of that time still counts. */
const MONDAY = (Math.floor((Date.now() / DAY - 200 + 3) / 7) * 7 - 3) * DAY + 9 * 3_600_000;
const at = (days: number): Instant => MONDAY + Math.round(days * DAY);
const dayOf = (days: number) => new Date(at(days)).toISOString().slice(0, 10);

let shop: LivedShop;

/** Four months of a shop, with most of what can happen in it. */
beforeAll(async () => {
  shop = await new LivedShop().open(['moved@example.com']);
  for (let nth = 0; nth < 12; nth += 1) {
    shop.order(at(nth * 1.3), `A-${nth}`, `customer-${nth}`);
    if (nth % 3 === 0) shop.happens(at(nth * 1.3 + 2), `A-${nth}`, 'delivered');
    if (nth % 4 === 0) shop.order(at(nth * 1.3 + 47.2), `B-${nth}`, `customer-${nth}`);
  }
  shop.order(at(3.1), 'two-at-once', 'customer-1');
  const by = new Date(at(6)).toISOString();
  shop.order(at(1.2), 'promised', 'promised', { promises: [{ what: 'Training booked', by }] });
  shop.order(at(1.1), 'unpaid', 'unpaid', { paidAt: null });
  shop.happens(at(40), 'unpaid', 'paid');
  shop.order(at(2), 'moved', 'moved');
  shop.order(at(2.2), 'by-phone', 'by-phone', { customer: { id: 'by-phone', phone: '+49 30 5550001' } });
  // Without a number: a call about the plan joins no call about the complaint, which is no matter of the plan.
  const customer = { id: 'complaint', email: 'complaint@example.com' };
  shop.order(at(2.3), 'complaint', 'complaint', { customer });
  shop.order(at(2.4), 'complaint-2', 'complaint', { customer, paidAt: null });
  shop.happens(at(9.1), 'complaint', 'complained', { text: 'It leaks' });
  shop.order(at(2.45), VERY_LOW, VERY_LOW, { customer: { id: VERY_LOW, email: 'low@example.com' } });
  shop.order(at(2.5), 'interested', 'interested');
  shop.happens(at(4.2), 'interested', 'interested');
  shop.order(at(2.6), 'paused', 'paused');
  shop.happens(at(3), 'paused', 'paused', { until: new Date(at(17.1)).toISOString() });
  shop.order(at(2.7), 'wants-less', 'wants-less');
  shop.optsOut(at(29), 'wants-less', false);
  shop.order(at(2.8), 'wants-nothing', 'wants-nothing');
  shop.optsOut(at(12), 'wants-nothing', true);
  shop.order(at(20.1), 'cancelled', 'customer-5');
  shop.happens(at(26), 'cancelled', 'cancelled');
  await shop.until(at(120));
}, 120_000);
afterAll(() => shop?.close());

const trying = (file: string, ...words: string[]) =>
  aftercare(['playbook', 'try', file, '--orders', 'recorded', ...words], { DATABASE_URL: shop.url });
const figures = async (file: string, ...words: string[]): Promise<Trial> => {
  const { code, out, err } = await trying(file, ...words, '--json');
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out);
};
const withPlaybook = <T>(text: string, work: (file: string) => Promise<T>): Promise<T> =>
  withFiles({ 'changed.yaml': text }, (folder) => work(join(folder, 'changed.yaml')));

describe('orders that were followed', () => {
  it('are lived through again as they were, to the very instant', async () => {
    const { pieces } = readAllContent(TEMPLATES);
    const period = (await lastYear(shop.store, Date.now()))!;
    // Of two calls that are due in the same instant either may be the one that the other joins.
    const line = ({ what, at, touch, occurrence, why }: FollowUpEvent) =>
      [new Date(at).toISOString(), what === 'task-joined' ? 'task-made' : what, touch, occurrence, why]
        .filter(Boolean)
        .join(' ');
    await readRecorded(shop.store, period, async ({ house, parties }) => {
      let orders = 0;
      for await (const page of parties())
        for (const party of page) {
          const versions = (hash: string) => house.versions.get(hash)!;
          for (const { order, story } of play(
            party,
            ({ playbook }) => versions(playbook),
            { ...house, pieces },
            period.to,
          )) {
            expect([order.number, ...story.map(line)]).toEqual([order.number, ...order.story.map(line)]);
            orders += 1;
          }
        }
      expect(orders).toBe(28);
    });
  });

  it('show nothing to change in the playbook they went by', async () => {
    const trial = await figures('playbooks/standard.yaml');
    expect([trial.added, trial.dropped]).toEqual([{}, {}]);
    expect(trial.would).toEqual(trial.was);
    expect([trial.orders, trial.customers, trial.onlyKept]).toEqual([28, 22, 0]);
    expect(trial.was.mails).toBeGreaterThan(40);
    expect(trial.was.calls).toBeGreaterThan(20);
    const { rows } = await shop.store.pool.query<{ mails: number; tasks: number; calls: number }>(`
      SELECT (SELECT count(*)::int FROM aftercare.ledger WHERE state = 'sent' AND touch NOT LIKE 'complaint-%') AS mails,
        count(*)::int AS tasks, (count(*) FILTER (WHERE kind = 'call'))::int AS calls
      FROM aftercare.tasks WHERE reason NOT LIKE 'complaint%' AND reason <> 'not-done'`);
    expect(trial.was).toMatchObject(rows[0]);
  });

  it('show what another playbook would do, and why', async () => {
    const standard = await figures('playbooks/standard.yaml');
    await withPlaybook(
      `name: quieter
title: Quieter
touches:
  - { name: thank-you, after: order, wait: 1 hour, send: thank-you, too late after: 3 days }
  - { name: check-in, after: delivery, wait: 2 business days, call: check-in, when: top fifth, owed: yes }
  - { name: tip, after: delivery, wait: 20 days, send: tip }
`,
      async (file) => {
        const trial = await figures(file);
        expect(trial.was).toEqual(standard.was);
        expect(trial.would.surveys).toBe(0);
        expect(trial.would.calls).toBeLessThan(trial.was.calls);
        expect(trial.added).toEqual({ tip: expect.any(Number) });
        expect(trial.dropped['check-in'].why).toMatchObject({ 'not-top-fifth': expect.any(Number) });
        expect(trial.dropped.survey).toEqual({
          count: expect.any(Number),
          why: { 'not-in-playbook': trial.dropped.survey.count },
        });

        const { code, out, err } = await trying(file);
        expect([code, err]).toEqual([0, '']);
        expect(out).toMatch(
          /^Playbook quieter, tried on 28 orders of 22 customers, placed from .* to .*\.\nNone of them/,
        );
        expect(out).toMatch(/^ +was +would be$/m);
        expect(out).toMatch(/^Mails +\d+ +\d+$/m);
        expect(out).toMatch(/^Would be done, and was not:\n {2}tip +\d+$/m);
        expect(out).toMatch(/^ {2}survey +\d+ {2}\d+: this playbook does not have it$/m);
      },
    );
  });

  it('may be those of some days only', async () => {
    const some = await figures('playbooks/standard.yaml', '--from', dayOf(1), '--to', dayOf(2));
    expect(some).toMatchObject({ orders: 11, from: dayOf(1), to: dayOf(2) });
    const none = await trying('playbooks/standard.yaml', '--from', '2001-01-01', '--to', '2001-12-31');
    expect(none).toEqual({ code: 1, out: '', err: 'There are no recorded orders of that time.\n' });
  });

  it('are not changed by it', async () => {
    const everything = async () =>
      (
        await shop.store.pool.query(`SELECT (SELECT count(*) FROM aftercare.events), (SELECT count(*) FROM aftercare.tasks),
        (SELECT count(*) FROM aftercare.outbox), (SELECT count(*) FROM aftercare.playbooks),
        (SELECT max(xmin::text::bigint) FROM aftercare.orders)`)
      ).rows;
    const before = await everything();
    await figures('playbooks/retail.yaml');
    expect(await everything()).toEqual(before);
  });
});

it('orders that were only kept are compared with what their own playbook would have done', async () => {
  const kept = await new LivedShop().open();
  try {
    for (let nth = 0; nth < 5; nth += 1) {
      kept.order(at(nth * 9), `K-${nth}`, `customer-${nth % 3}`, {}, true);
    }
    await kept.until(at(120));
    const env = { DATABASE_URL: kept.url };
    const words = ['playbook', 'try', 'playbooks/standard.yaml', '--orders', 'recorded'];
    const to = ['--to', dayOf(100)];
    const { out } = await aftercare([...words, ...to, '--json'], env);
    const trial: Trial = JSON.parse(out);
    expect([trial.orders, trial.onlyKept, trial.added, trial.dropped]).toEqual([5, 5, {}, {}]);
    expect(trial.would).toEqual(trial.was);
    expect(trial.was.mails).toBeGreaterThan(10);
    const said = await aftercare([...words, ...to], env);
    expect(said.out).toContain(
      '5 of them were only kept: "was" says what the playbook they came with would have done.',
    );
  } finally {
    await kept.close();
  }
});

describe('without what it needs', () => {
  const words = ['playbook', 'try', 'playbooks/standard.yaml', '--orders', 'recorded'];

  it('says that there is no database', () =>
    withFiles({}, async (folder) => {
      const { code, err } = await aftercare(words, { AFTERCARE_DATA_DIR: folder });
      expect([code, err]).toEqual([
        1,
        expect.stringMatching(/found no database.*Set DATABASE_URL, or start the whole/),
      ]);
    }));

  it('finds the database of the house that runs', async () => {
    const { url, drop } = await freshStore();
    try {
      await withFiles({ 'running.json': JSON.stringify({ databaseUrl: url }) }, async (folder) => {
        const said = await aftercare(words, { AFTERCARE_DATA_DIR: folder });
        expect(said).toEqual({ code: 1, out: '', err: 'There are no recorded orders of that time.\n' });
      });
    } finally {
      await drop();
    }
  });

  it.each([
    [['playbook', 'try', 'x.yaml'], "required option '--orders <which>'"],
    [['playbook', 'try', 'x.yaml', '--orders', 'all'], 'Allowed choices are recorded'],
    [[...words, '--from', '2026-02-30'], 'It is a day, as 2026-01-31'],
  ])('%j is a 2', async (wrong, says) => {
    expect(await aftercare(wrong)).toMatchObject({ code: 2, err: expect.stringContaining(says) });
  });

  it('names the line of a mistake', () =>
    withPlaybook(
      'name: wrong\ntitle: Wrong\ntouches:\n  - { name: a, after: ordr, send: thank-you }\n',
      async (file) => {
        const { code, err } = await aftercare(['playbook', 'try', file, '--orders', 'recorded']);
        expect([code, err]).toEqual([1, expect.stringMatching(/^changed\.yaml, line 4: /)]);
      },
    ));
});
