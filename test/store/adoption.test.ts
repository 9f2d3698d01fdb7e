import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eq, sql } from 'drizzle-orm';
import { expectedOrder } from '../../domain/anchors.ts';
import type { FollowUpEvent } from '../../domain/followUp.ts';
import { readEvent } from '../../domain/messages.ts';
import { type OrderInput, readOrder } from '../../domain/order.ts';
import { expectedNext } from '../../domain/rhythm.ts';
import { DAY, HOUR, type Instant, iso } from '../../domain/time.ts';
import { type Adopted, adopt, adoptOverdue, idsOf, yetToBegin } from '../../store/adoption.ts';
import { changeCustomer, eraseCustomer } from '../../store/customers.ts';
import type { Store } from '../../store/database.ts';
import { takeEvent } from '../../store/events.ts';
import { loadSale, storyOf } from '../../store/followUps.ts';
import { acceptOrder, findOrder } from '../../store/orders.ts';
import { countOverdue, listOverdue, silences } from '../../store/overdue.ts';
import { link } from '../../store/parties.ts';
import { addPlaybooks, type Shelf } from '../../store/playbooks.ts';
import { countFigures } from '../../store/purchases.ts';
import { customers, orders, outbox, overdue, parties } from '../../store/schema.ts';
import { leave, putColleague } from '../../store/staff.ts';
import { freshStore } from '../support/database.ts';
import { cdnowOrders, hasRealData, withRealData } from '../support/realData.ts';

/** A house with years of customers: who is overdue, and who of them is kept in touch with. */

/** A Monday, nine o'clock. */
const MONDAY = Date.parse('2026-11-02T09:00:00Z');
const folder = mkdtempSync(join(tmpdir(), 'aftercare-adoption-'));
const standard = readFileSync('playbooks/standard.yaml', 'utf8');
writeFileSync(join(folder, 'standard.yaml'), standard);
const guess = standard
  .replace('name: standard', 'name: guess')
  .replace('touches:', 'next order after: 3 months\n\ntouches:');
writeFileSync(join(folder, 'guess.yaml'), guess);

let store: Store;
let shelf: Shelf;
let drop: () => Promise<void>;
let now: Instant;

const open = (daySeconds?: number) => async () => {
  ({ store, drop } = await freshStore(daySeconds));
  shelf = await addPlaybooks(store, folder, MONDAY);
  now = MONDAY;
  count = 0;
};
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;

/** What is particular to a past order: who ordered, and whether it came in when it was placed. */
interface Given extends Partial<Omit<OrderInput, 'customer'>> {
  who?: Partial<OrderInput['customer']>;
  live?: boolean;
}

/** Hands in an order of a customer, placed so many days ago or at a time, and kept as history; its id. */
async function past(customer: string, when: number | string, { who = {}, live = false, ...given }: Given = {}) {
  count += 1;
  const number = `${customer}-${count}`;
  const read = readOrder(
    {
      source: 'shop',
      number,
      placedAt: typeof when === 'string' ? when : iso(now - when * DAY),
      currency: 'EUR',
      total: '100.00',
      customer: { id: customer, name: `Customer ${customer}`, email: `${customer}@example.com`, ...who },
      lines: [{ sku: 'E-1', name: 'Espresso machine', quantity: 1, price: '100.00' }],
      ...given,
    },
    now,
  );
  if (!read.ok) throw new Error(JSON.stringify(read.errors));
  await acceptOrder(store, read.order, shelf, now, { history: !live });
  return (await findOrder(store, 'shop', number))!.id;
}

const row = async (id: string) => (await store.db.select().from(orders).where(eq(orders.id, id)))[0];
const story = async (id: string) =>
  (await storyOf(store.db, id)).map(({ what, why }) => (why ? `${what} (${why})` : what));
const start = async (id: string): Promise<Instant> =>
  (await storyOf(store.db, id)).find(({ what }: FollowUpEvent) => what === 'adopted')!.data!.until!;
const took = ({ refused, ...rest }: Adopted) => ({ ...rest, refused: refused.map(({ why }) => why) });

describe('who is overdue', () => {
  beforeAll(open());
  afterAll(() => drop());

  /** The rows of the last count, by customer. */
  async function counted() {
    await countFigures(store);
    await countOverdue(store, now);
    const rows = await store.db
      .select({ overdue, customer: customers.externalId })
      .from(overdue)
      .innerJoin(customers, eq(customers.id, overdue.customerId));
    return Object.fromEntries(rows.map((one) => [one.customer, one.overdue]));
  }
  const day = (at: Instant | null | undefined) => at && iso(at).slice(0, 10);

  it('is who has not come again by their rhythm, else their product’s, else the playbook’s', async () => {
    for (const at of ['2026-06-01', '2026-07-01', '2026-08-15']) await past('rhythm', `${at}T12:00:00Z`, { lines: [] });
    // What three customers buy again in 20 days is bought again in 20 days.
    for (const id of ['one', 'two', 'three'])
      for (const at of ['2026-08-01', '2026-08-21'])
        await past(id, `${at}T12:00:00Z`, { lines: [{ sku: 'PAPER', quantity: 1 }] });
    await past('guess', '2026-08-02T12:00:00Z', { playbook: 'guess', lines: [] });
    await past('unknown', '2025-01-01T12:00:00Z', { lines: [] });
    const rows = await counted();
    const shown = (id: string) => [rows[id].by, rows[id].everyDays, day(rows[id].expectedAt)];
    expect(shown('rhythm')).toEqual(['rhythm', 38, '2026-09-22']);
    expect(shown('one')).toEqual(['product', 20, '2026-09-10']);
    expect(shown('guess')).toEqual(['playbook', 92, '2026-11-02']);
    expect(shown('unknown')).toEqual([null, null, null]);
    expect(await silences(store)).toEqual([
      { currency: 'EUR', customers: 6, overdue: 4, unknown: 1, value: '900.00', countedAt: now },
    ]);
  });

  it('counts several orders of a day as one, the day being the customer’s', async () => {
    // The first two are one day in New York and two in UTC.
    const there = { who: { country: 'US' } };
    for (const at of ['2026-06-01T23:00:00Z', '2026-06-02T02:00:00Z', '2026-06-20T12:00:00Z'])
      await past('two-days', at, { ...there, lines: [] });
    expect((await counted())['two-days'].by).toBeNull();
    await past('two-days', '2026-07-08T12:00:00Z', { ...there, lines: [] });
    expect(await counted()).toMatchObject({ 'two-days': { by: 'rhythm', everyDays: 19, orders: 4 } });
  });

  it('is nobody who is followed up, wants no contact, is gone, or kept nothing', async () => {
    const silent = Object.keys(await counted());
    await past('followed', 400);
    await past('followed', 1, { live: true });
    await past('unpaid', 300, { paidAt: null });
    await past('refused', 300, { who: { consent: { service: false, selling: false } } });
    await past('erased', 300);
    const { customerId } = await row(await past('gone', 300));
    await eraseCustomer(store, customerId, now);
    await past('returned', 300);
    const read = readEvent({ type: 'returned' }, now);
    if (read.ok) await takeEvent(store, 'shop', `returned-${count}`, read.event, now);
    expect(Object.keys(await counted()).sort()).toEqual([...silent, 'erased'].sort());
  });

  it('is counted by party, and their value in the currency of the last order', async () => {
    const here = await row(await past('here', '2026-05-01T12:00:00Z', { lines: [] }));
    await past('here', '2026-05-11T12:00:00Z', { currency: 'USD', total: '70.00', lines: [] });
    const there = await row(await past('there', '2026-05-21T12:00:00Z', { total: '30.50', lines: [] }));
    await link(store, here.customerId, there.customerId, now);
    const rows = await counted();
    expect(rows.here).toBeUndefined();
    expect(rows.there).toMatchObject({ by: 'rhythm', everyDays: 10, orders: 3, value: '130.50', currency: 'EUR' });
  });

  it('says what the rules say of each order', async () => {
    await past('gap', '2026-01-01T12:00:00Z', { who: { timeZone: 'Europe/Berlin' } });
    await past('gap', '2026-02-01T12:00:00Z');
    // 59 days after 28 January 2026, 02:30, is the hour that clocks in Berlin left out.
    await past('gap', '2026-01-29T01:30:00Z', { who: { phone: '+49 30 1234567' } });
    const rows = Object.values(await counted());
    expect(rows.length).toBeGreaterThan(8);
    for (const one of rows) {
      const { followUp, terms } = await loadSale(store, store.db, one.orderId);
      const said = expectedOrder(followUp, terms);
      expect([one.expectedAt, one.by, one.everyDays]).toEqual([
        said?.at ?? null,
        said?.by ?? null,
        said?.every ?? null,
      ]);
    }
  });

  it('is listed by value, page by page, without who ordered since the count', async () => {
    await store.db.delete(overdue);
    const ids: string[] = [];
    for (const [id, total] of [
      ['c', '30'],
      ['a', '50'],
      ['d', '30'],
      ['b', '40'],
    ])
      for (const at of ['2026-03-01', '2026-03-11', '2026-03-21'])
        ids.push(await past(`list-${id}`, `${at}T12:00:00Z`, { total, currency: 'CHF' }));
    await counted();
    const first = await listOverdue(store, 'CHF', undefined, 2);
    const second = await listOverdue(store, 'CHF', first.next!, 2);
    const names = [...first.items, ...second.items].map(({ customer }) => customer.externalId);
    expect(names.slice(0, 2)).toEqual(['list-a', 'list-b']);
    expect(names.slice(2).sort()).toEqual(['list-c', 'list-d']);
    expect(second.next).toBeNull();
    await past('list-a', 0, { live: true });
    expect((await listOverdue(store, 'CHF', undefined, 9)).items.map(({ customer }) => customer.externalId)[0]).toBe(
      'list-b',
    );
    await expect(listOverdue(store, 'CHF', 'nonsense')).rejects.toThrow(RangeError);
  });
});

describe('keeping in touch with customers of the past', () => {
  beforeAll(open());
  beforeEach(async () => {
    await store.db.execute(sql`TRUNCATE aftercare.customers, aftercare.orders CASCADE`);
    now = MONDAY;
  });
  afterAll(() => drop());

  it('is for the last order of each customer, by the playbook as it is now', async () => {
    const early = await past('ada', 300);
    const last = await past('ada', 200);
    await countOverdue(store, now);
    writeFileSync(join(folder, 'standard.yaml'), `${standard}\n# changed\n`);
    const before = await row(last);
    shelf = await addPlaybooks(store, folder, now + 1);
    now += HOUR;
    // Any order of theirs names them.
    expect(took(await adopt(store, shelf, [early], null, now))).toEqual({
      adopted: 1,
      known: 0,
      refused: [],
      lastAt: now,
    });
    const { stage, outcome, playbook, playbookHash, owner } = await row(last);
    expect({ stage, outcome, playbook, owner }).toEqual({
      stage: 'waiting',
      outcome: null,
      playbook: 'standard',
      owner: before.owner,
    });
    expect(playbookHash).toBe(shelf.current.get('standard')!.hash);
    expect(playbookHash).not.toBe(before.playbookHash);
    expect(await story(last)).toEqual(['history', 'adopted']);
    expect((await row(early)).stage).toBe('history');
    expect(await store.db.select({ order: outbox.orderId, start: outbox.start }).from(outbox)).toEqual([
      { order: last, start: true },
    ]);
    expect(await store.db.select().from(overdue)).toEqual([]);
  });

  it('changes nothing when it is asked for again', async () => {
    const ids = [await past('one', 200), await past('two', 200)];
    await adopt(store, shelf, ids, 5, now);
    const rows = await store.db.select().from(orders);
    expect(took(await adopt(store, shelf, [...ids, ids[0]], 5, now + DAY))).toEqual({
      adopted: 0,
      known: 3,
      refused: [],
      lastAt: null,
    });
    expect(await store.db.select().from(orders)).toEqual(rows);
  });

  it('never happens by itself', async () => {
    await past('quiet', 200);
    await countOverdue(store, now);
    expect(await store.db.select().from(outbox)).toEqual([]);
    expect(await yetToBegin(store, now)).toMatchObject({ customers: 0 });
  });

  it('is so many a business day, also over several calls at once', async () => {
    const ids: string[] = [];
    for (let nth = 0; nth < 24; nth += 1) ids.push(await past(`p-${nth}`, 200));
    await Promise.all([ids.slice(0, 8), ids.slice(8, 16)].map((some) => adopt(store, shelf, some, 5, now)));
    now += DAY;
    const { lastAt } = await adopt(store, shelf, ids.slice(16), 5, now);
    const starts = (await Promise.all(ids.map(start))).sort((a, b) => a - b);
    const days = new Map<string, number>();
    for (const at of starts) days.set(iso(at).slice(0, 10), (days.get(iso(at).slice(0, 10)) ?? 0) + 1);
    expect([...days]).toEqual([
      ['2026-11-02', 5],
      ['2026-11-03', 5],
      ['2026-11-04', 5],
      ['2026-11-05', 5],
      ['2026-11-06', 4],
    ]);
    expect(lastAt).toBe(starts.at(-1));
    expect(await yetToBegin(store, now)).toEqual({ customers: 19, lastAt });
  });

  it('refuses whom it cannot be for, and says why', async () => {
    const { customerId } = await row(await past('erased', 200));
    const erased = await past('erased', 100);
    await eraseCustomer(store, customerId, now);
    const no = await past('no', 200, { who: { consent: { service: false, selling: false } } });
    const unpaid = await past('unpaid', 200, { paidAt: null });
    const followed = await past('followed', 2, { live: true });
    const leaver = await past('leaver', 1, { live: true });
    await changeCustomer(store, (await row(leaver)).customerId, { consent: { service: false, selling: false } }, now);
    await changeCustomer(store, (await row(leaver)).customerId, { consent: { service: true, selling: true } }, now);
    const nobody = '00000000-0000-4000-8000-000000000000';
    expect(took(await adopt(store, shelf, [erased, no, unpaid, followed, leaver, nobody], null, now))).toEqual({
      adopted: 0,
      known: 1,
      refused: ['erased', 'opted-out', 'unpaid', 'ended', 'unknown'],
      lastAt: null,
    });
  });

  it('sends no offers to who did not agree to them, and the story says so', async () => {
    const shy = await past('shy', 200, { who: { consent: { service: true, selling: false } } });
    const nowhere = await past('nowhere', 200, { who: { email: null, phone: '+49 30 1234567' } });
    await adopt(store, shelf, [shy, nowhere], null, now);
    expect(await story(shy)).toEqual(['history', 'adopted (no-consent)']);
    expect(await story(nowhere)).toEqual(['history', 'adopted (no-email)']);
    expect(await row(shy)).toMatchObject({ stage: 'waiting', nextTouch: null, nextDueAt: null });
  });

  it('goes to whoever took over from an owner who has left', async () => {
    for (const handle of ['kim', 'lou'])
      await putColleague(store, { handle, name: handle, email: `${handle}@example.org`, phone: null }, now);
    const id = await past('theirs', 200, { salesperson: { email: 'kim@example.org' } });
    await leave(store, 'kim', 'lou', now);
    await adopt(store, shelf, [id], null, now);
    expect((await row(id)).owner).toBe('lou');
    expect(await story(id)).toEqual(['history', 'assigned (left)', 'adopted']);
  });

  it('ends with the next paid order, and goes on where that falls away', async () => {
    const id = await past('back', 200);
    await adopt(store, shelf, [id], 1, now);
    const later = await past('back', 0, { live: true });
    expect(await row(id)).toMatchObject({ stage: 'ended', outcome: 'reordered' });
    const read = readEvent({ type: 'cancelled' }, now);
    if (read.ok) await takeEvent(store, 'shop', (await row(later)).number, read.event, now);
    expect(await row(id)).toMatchObject({ stage: 'waiting', outcome: null });
    expect((await story(id)).at(-1)).toMatch(/^reorder-undone/);
  });

  it('is for all who are overdue, who bought for the most first', async () => {
    for (const [id, total] of [
      ['low', '10'],
      ['high', '90'],
      ['middle', '50'],
    ])
      for (const days of [300, 290, 280]) await past(id, days, { total });
    await countOverdue(store, now);
    expect(took(await adoptOverdue(store, shelf, 'EUR', 1, now))).toMatchObject({ adopted: 3 });
    const begun = await store.db.execute<{ customer: string }>(sql`
      SELECT c.external_id AS customer FROM aftercare.events e JOIN aftercare.orders o ON o.id = e.order_id
        JOIN aftercare.customers c ON c.id = o.customer_id
      WHERE e.what = 'adopted' ORDER BY (e.data->>'until')::bigint`);
    expect(begun.rows.map(({ customer }) => customer)).toEqual(['high', 'middle', 'low']);
    expect(await silences(store)).toEqual([]);
  });

  it('knows orders by what sales systems call them', async () => {
    const id = await past('named', 200);
    const { number } = await row(id);
    const names = [
      { source: 'shop', number: 'none' },
      { source: 'shop', number },
      { source: 'other', number },
    ];
    expect(await idsOf(store, names)).toEqual([null, id, null]);
  });
});

describe('in a demonstration', () => {
  const SECONDS = 5;
  beforeAll(open(SECONDS));
  afterAll(() => drop());

  it('days are short ones, and a customer of the past is kept in touch with from theirs', async () => {
    // History comes in over three short days: that is all the rhythm there is.
    const ids: string[] = [];
    for (const days of [300, 200, 100]) {
      ids.push(await past('demo', days));
      now += SECONDS * 1000;
    }
    now += 10 * SECONDS * 1000;
    await countOverdue(store, now);
    const [{ expectedAt, by, orderId }] = await store.db.select().from(overdue);
    const { followUp, terms } = await loadSale(store, store.db, orderId);
    expect([expectedAt, by]).toEqual([expectedOrder(followUp, terms)!.at, 'rhythm']);
    const other = await past('other', 100);
    expect(await adopt(store, shelf, [ids[2], other], 2, now)).toMatchObject({
      adopted: 2,
      lastAt: now + (SECONDS * 1000) / 2,
    });
    expect(await row(ids[2])).toMatchObject({ stage: 'waiting' });
    expect((await row(ids[2])).nextDueAt).toBeGreaterThanOrEqual(now);
  });
});

(hasRealData ? describe : describe.skip)(withRealData('with the CDNOW sample'), () => {
  beforeAll(open());
  afterAll(() => drop());

  it('says of every customer what the rules say', async () => {
    now = Date.parse('1998-07-01T00:00:00Z');
    const byCustomer = new Map<string, OrderInput[]>();
    for (const one of cdnowOrders()) byCustomer.set(one.customer.id, [...(byCustomer.get(one.customer.id) ?? []), one]);
    await keep(byCustomer);
    await countOverdue(store, now);
    const rows = await store.db
      .select({ overdue, customer: customers.externalId })
      .from(overdue)
      .innerJoin(customers, eq(customers.id, overdue.customerId));
    const said = rows.map(({ overdue: { expectedAt, everyDays, by, orders: placed, value }, customer }) => [
      customer,
      expectedAt,
      everyDays,
      by,
      placed,
      Number(value),
    ]);
    const rules = [...byCustomer].map(([customer, theirs]) => {
      const placed = theirs.map(({ placedAt }) => Date.parse(placedAt)).sort((a, b) => a - b);
      const { at, every, by } = expectedNext(placed.slice(-24), null, null, 'America/New_York', store.calendar) ?? {};
      const cents = theirs.reduce((sum, { total }) => sum + Math.round(Number(total) * 100), 0);
      return [customer, at ?? null, every ?? null, by ?? null, theirs.length, cents / 100];
    });
    expect(said.sort()).toEqual(rules.sort());
    expect(await silences(store)).toEqual([
      { currency: 'USD', customers: 2_357, overdue: 489, unknown: 1_621, value: '125454.31', countedAt: now },
    ]);
  });

  /** Writes them down as an import would, and in a hundredth of the time. */
  async function keep(byCustomer: ReadonlyMap<string, OrderInput[]>) {
    const { hash } = shelf.current.get('standard')!;
    const people = [...byCustomer.keys()].map((id) => ({ id, partyId: randomUUID(), customerId: randomUUID() }));
    await inLots(people, (some) => store.db.insert(parties).values(some.map(({ partyId }) => ({ id: partyId }))));
    await inLots(people, (some) =>
      store.db.insert(customers).values(
        some.map(({ id, partyId, customerId }) => ({
          id: customerId,
          partyId,
          source: 'cdnow',
          externalId: id,
          email: `c${id}@example.com`,
          country: 'US',
          service: true,
          selling: true,
          referralCode: id,
          createdAt: now,
        })),
      ),
    );
    const past = people.flatMap(({ id, partyId, customerId }) =>
      byCustomer.get(id)!.map((one) => ({
        source: 'cdnow',
        number: one.number,
        partyId,
        customerId,
        placedAt: Date.parse(one.placedAt),
        paidAt: Date.parse(one.placedAt),
        acceptedAt: now,
        currency: one.currency,
        total: String(one.total),
        lines: [],
        fingerprint: '',
        playbook: 'standard',
        playbookHash: hash,
        owner: 'office',
        stage: 'history' as const,
      })),
    );
    await inLots(past, (some) => store.db.insert(orders).values(some));
  }
});

describe('what an order of the past is contacted with', () => {
  beforeAll(open());
  beforeEach(async () => {
    await store.db.execute(sql`TRUNCATE aftercare.customers, aftercare.orders CASCADE`);
    now = MONDAY;
  });
  afterAll(() => drop());

  const perDay = (all: Instant[]) => {
    const days = new Map<string, number>();
    for (const at of all.sort((x, y) => x - y))
      days.set(iso(at).slice(0, 10), (days.get(iso(at).slice(0, 10)) ?? 0) + 1);
    return [...days];
  };

  it('contacts so many a day right after an import', async () => {
    const ids: string[] = [];
    for (let nth = 0; nth < 12; nth += 1) ids.push(await past(`p-${nth}`, 200));
    await adopt(store, shelf, ids, 5, now);
    const due = (await Promise.all(ids.map(row))).map(({ nextDueAt }) => nextDueAt!);
    expect(perDay(due)).toEqual([
      ['2026-11-02', 5],
      ['2026-11-03', 5],
      ['2026-11-04', 2],
    ]);
  });

  it('is not reminded before their day', async () => {
    const ids: string[] = [];
    for (let nth = 0; nth < 8; nth += 1) {
      for (const days of [140, 90, 40]) ids[nth] = await past(`r-${nth}`, days);
    }
    await adopt(store, shelf, ids, 1, now);
    for (const id of ids) {
      const { nextDueAt, nextTouch } = await row(id);
      expect([nextTouch, nextDueAt! >= (await start(id))]).toEqual([nextTouch, true]);
    }
  });

  it('says nothing of a plan it never had', async () => {
    for (const days of [300, 250]) await past('back', days);
    const id = await past('back', 200);
    await adopt(store, shelf, [id], 1, now);
    expect(await story(id)).toEqual(['history', 'adopted']);
    await past('back', 0, { live: true });
    expect(await story(id)).toEqual(['history', 'adopted', expect.stringMatching(/^reordered/), 'ended (reordered)']);
  });
});

async function inLots<T>(all: T[], work: (some: T[]) => Promise<unknown>) {
  for (let at = 0; at < all.length; at += 500) await work(all.slice(at, at + 500));
}
