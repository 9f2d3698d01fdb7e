import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eq, sql } from 'drizzle-orm';
import type { ReturnEnd } from '../../domain/returns.ts';
import { DAY } from '../../domain/time.ts';
import { eraseCustomer, exportCustomer } from '../../store/customers.ts';
import { change, loadSale } from '../../store/followUps.ts';
import { type Asked, askReturn, listReturns, receiveReturn, returnsOf, settleReturn } from '../../store/returns.ts';
import { orders } from '../../store/schema.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';

/** What comes back, over a real database. */
let house: House;
beforeAll(async () => {
  house = await freshHouse();
});
afterAll(() => house.drop());
beforeEach(() => {
  house.clock.now = NOON;
});

const days = (count: number) => {
  house.clock.now = NOON + count * DAY;
};
let last = 0;
/** An order that was delivered after two days; its id and number. */
async function delivered() {
  last += 1;
  const number = `r-${last}`;
  days(0);
  const id = await house.order(number);
  days(2);
  await house.happens(number, 'delivered');
  return { id, number };
}

const ask = (orderId: string, given: Partial<Asked> = {}) =>
  askReturn(
    house.store,
    orderId,
    { id: crypto.randomUUID(), kind: 'return', what: 'The machine', why: 'Too loud', word: null, ...given },
    house.clock.now,
  );
/** The receipt of a return that was let in. */
async function receiptOf(orderId: string, given: Partial<Asked> = {}): Promise<string> {
  const answer = await ask(orderId, given);
  if (!('receipt' in answer)) throw new Error(JSON.stringify(answer));
  return answer.receipt;
}
const settles = (receipt: string, as: ReturnEnd, note: string | null = null) =>
  settleReturn(house.store, receipt, { as, note }, house.clock.now);
const rowOf = async (orderId: string) => (await house.store.db.select().from(orders).where(eq(orders.id, orderId)))[0];
/** What the story says of returns, and of what they made of the order. */
const told = async (orderId: string) =>
  (await house.story(orderId)).filter((line) => /^(return|exchanged)|goods-back/.test(line));

describe('is asked for', () => {
  it('within the time, and gets a number nobody else has', async () => {
    const { id } = await delivered();
    days(32);
    const receipt = await receiptOf(id);
    expect(receipt).toMatch(/^R-[2-9A-HJ-NP-Z]{5}$/);
    const [row] = await returnsOf(house.store, id);
    expect(row).toMatchObject({ receipt, kind: 'return', what: 'The machine', why: 'Too loud', settledAt: null });
    expect(new Date(row.deadline).toISOString()).toBe('2026-12-04T23:59:59.999Z');
    expect(await told(id)).toEqual(['return-asked']);
    const { followUp } = await loadSale(house.store, house.store.db, id);
    expect(followUp.returns).toMatchObject([{ number: 1, receipt, what: 'The machine' }]);
  });

  it("after it only with a manager's word, which is kept", async () => {
    const { id } = await delivered();
    days(33);
    expect(await ask(id)).toEqual({ answer: 'late', deadline: Date.parse('2026-12-04T23:59:59.999Z') });
    expect(await returnsOf(house.store, id)).toEqual([]);
    expect(await house.story(id)).not.toContain('return-asked');
    await receiptOf(id, { word: 'Kim: they were in hospital' });
    expect(await returnsOf(house.store, id)).toMatchObject([{ note: 'Kim: they were in hospital' }]);
  });

  it('once, however often the form is sent, and at the same moment too', async () => {
    const { id } = await delivered();
    const form = crypto.randomUUID();
    const answers = await Promise.all([1, 2, 3].map(() => ask(id, { id: form })));
    expect(answers.map(({ answer }) => answer).sort()).toEqual(['asked', 'known', 'known']);
    expect(new Set(answers.map((answer) => 'receipt' in answer && answer.receipt)).size).toBe(1);
    expect(await returnsOf(house.store, id)).toHaveLength(1);
  });

  it.each(['cancelled', 'returned'])('not where the order was %s', async (type) => {
    const { id, number } = await delivered();
    await house.happens(number, type);
    expect(await ask(id)).toEqual({ answer: 'gone' });
  });
});

describe('is followed to its end', () => {
  it.each<[ReturnEnd, string | null, string | null]>([
    ['refunded', 'returned', 'returned'],
    ['refunded-in-part', null, null],
    ['replaced', 'exchanged', null],
    ['repaired', 'exchanged', null],
    ['refused', null, null],
    ['withdrawn', null, null],
  ])('%s', async (as, event, outcome) => {
    const { id } = await delivered();
    const receipt = await receiptOf(id);
    await house.task(id, 'other', 'return', 'goods-back', '1.1');
    days(5);
    expect(await receiveReturn(house.store, receipt, house.clock.now)).toBe(true);
    expect(await receiveReturn(house.store, receipt, house.clock.now)).toBe(false);
    days(6);
    expect(await settles(receipt, as, 'Looked at it')).toBe(true);
    expect(await settles(receipt, 'refused')).toBe(false);
    expect(await told(id)).toEqual([
      'return-asked',
      'task-made goods-back (return)',
      'return-received',
      `return-settled (${as})`,
      ...(event ? [event] : []),
      'task-cancelled goods-back (settled)',
    ]);
    expect(await rowOf(id)).toMatchObject({ outcome, fellAway: outcome === 'returned' });
    expect(await returnsOf(house.store, id)).toMatchObject([
      { settledAs: as, settledAt: NOON + 6 * DAY, receivedAt: NOON + 5 * DAY, note: 'Looked at it' },
    ]);
  });

  it.each([
    ['returned', 'refunded'],
    ['exchanged', 'replaced'],
  ])('also by what a sales system reports: %s', async (type, as) => {
    const { id, number } = await delivered();
    const receipt = await receiptOf(id, { word: 'Kim agrees' });
    await house.happens(number, type);
    expect(await returnsOf(house.store, id)).toMatchObject([{ receipt, settledAs: as, note: 'Kim agrees' }]);
    expect(await house.story(id)).toContain(`return-settled (${as})`);
    expect(await settles(receipt, 'withdrawn')).toBe(false);
  });

  it('each by itself: what is exchanged does not settle what is still to come', async () => {
    const { id } = await delivered();
    const [one, two] = [await receiptOf(id), await receiptOf(id, { what: 'The cups', kind: 'exchange' })];
    await settles(two, 'replaced');
    expect((await returnsOf(house.store, id)).map(({ receipt, settledAs }) => [receipt, settledAs])).toEqual([
      [one, null],
      [two, 'replaced'],
    ]);
  });

  it('selling waits until then, and an earlier order comes back where the later one does', async () => {
    const { id, number } = await delivered();
    const customer = { id: `c-${number}`, name: 'Ada Palmer', email: `ada-${number}@example.com` };
    last += 1;
    const later = await house.order(`r-${last}`, { customer });
    expect((await rowOf(id)).outcome).toBe('reordered');
    const receipt = await receiptOf(later);
    const held = async () =>
      (await change(house.store, later, house.clock.now, () => {})).stage === 'following' &&
      (await loadSale(house.store, house.store.db, later)).followUp.returns[0].settledAt === null;
    expect(await held()).toBe(true);
    await settles(receipt, 'refunded');
    expect((await rowOf(later)).stage).toBe('ended');
    expect((await rowOf(id)).outcome).toBeNull();
  });

  it('what was erased says nothing, and is settled all the same', async () => {
    const { id } = await delivered();
    const receipt = await receiptOf(id, { word: 'Kim agrees' });
    const { customer } = await loadSale(house.store, house.store.db, id);
    expect((await exportCustomer(house.store, customer)).returns).toMatchObject([{ receipt, why: 'Too loud' }]);
    await eraseCustomer(house.store, customer.id, house.clock.now);
    expect(await returnsOf(house.store, id)).toMatchObject([{ what: '', why: null, note: null }]);
    expect(await settles(receipt, 'refunded')).toBe(true);
  });

  it('none of a number that nobody has', async () => {
    expect(await settles('R-22222', 'refunded')).toBe(false);
    expect(await receiveReturn(house.store, 'R-22222', NOON)).toBe(false);
  });
});

it('the lists go on from a place: what is open from the oldest, what is settled from the last', async () => {
  for (let nth = 0; nth < 3; nth += 1) await receiptOf((await delivered()).id);
  for (const settled of [false, true]) {
    const all = (await listReturns(house.store, settled)).items.map(({ goods }) => goods);
    const first = await listReturns(house.store, settled, undefined, 2);
    const rest = await listReturns(house.store, settled, first.next!);
    expect([...first.items, ...rest.items].map(({ goods }) => goods.receipt)).toEqual(
      all.map(({ receipt }) => receipt),
    );
    expect(all.every(({ settledAt }) => (settledAt !== null) === settled)).toBe(true);
    const times = all.map(({ askedAt, settledAt }) => (settled ? -settledAt! : askedAt));
    expect(times).toEqual([...times].sort((a, b) => a - b));
  }
  await house.store.db.transaction(async (tx) => {
    await tx.execute(sql`SET LOCAL enable_seqscan = off`);
    const plan = async (query: string) => JSON.stringify((await tx.execute(sql.raw(`EXPLAIN ${query}`))).rows);
    const list = 'SELECT id FROM aftercare.returns WHERE settled_at';
    expect(await plan(`${list} IS NULL ORDER BY asked_at, id LIMIT 51`)).toContain('returns_open');
    expect(await plan(`${list} IS NOT NULL ORDER BY settled_at DESC, id DESC LIMIT 51`)).toContain('returns_settled');
  });
});
