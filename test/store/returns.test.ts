import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eq, sql } from 'drizzle-orm';
import type { ReturnEnd } from '../../domain/returns.ts';
import { DAY } from '../../domain/time.ts';
import { adopt } from '../../store/adoption.ts';
import { eraseCustomer, exportCustomer } from '../../store/customers.ts';
import { change, loadSale } from '../../store/followUps.ts';
import { openOrders } from '../../store/open.ts';
import { delivered as heard, lease } from '../../store/outbox.ts';
import { type Asked, askReturn, listReturns, receiveReturn, returnsOf, settleReturn } from '../../store/returns.ts';
import { orders } from '../../store/schema.ts';
import { leave, putColleague } from '../../store/staff.ts';
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

describe('of an order of the past', () => {
  const PAST = { placedAt: '2025-01-10T09:00:00Z' };
  /** An order that is too old to be followed; its id. */
  const past = () => {
    last += 1;
    days(0);
    return house.order(`r-${last}`, PAST);
  };
  const asks = (id: string) => receiptOf(id, { word: 'Kim: they were in hospital' });
  /** Whether a run of it should be there, as the dispatcher and the reconciler see it. */
  async function shouldRun(id: string) {
    const letters = await lease(house.store, 10_000);
    await heard(house.store, letters);
    const letter = letters.find(({ to }) => 'followUp' in to && to.followUp.orderId === id);
    const open: string[] = [];
    for await (const page of openOrders(house.store, house.clock.now)) open.push(...page.map((order) => order.id));
    return { dispatched: letter?.open ?? null, reconciled: open.includes(id) };
  }

  it('it is followed while the return is open, and only then', async () => {
    const [id, other] = [await past(), await past()];
    expect(await shouldRun(id)).toEqual({ dispatched: null, reconciled: false });
    const receipt = await asks(id);
    expect(await rowOf(id)).toMatchObject({ stage: 'history', nextTouch: 'goods-back' });
    expect(await shouldRun(id)).toEqual({ dispatched: true, reconciled: true });
    expect(await shouldRun(other)).toEqual({ dispatched: null, reconciled: false });
    await settles(receipt, 'refused');
    expect(await rowOf(id)).toMatchObject({ stage: 'history', outcome: null, nextTouch: null });
    // A run there may be hears of it; none is begun.
    expect(await shouldRun(id)).toEqual({ dispatched: false, reconciled: false });
  });

  it('what was to be done about it is taken back when its customer is erased', async () => {
    const id = await past();
    await asks(id);
    await house.task(id, 'other', 'return', 'goods-back', '1.1');
    const { customer } = await loadSale(house.store, house.store.db, id);
    await eraseCustomer(house.store, customer.id, house.clock.now);
    expect(await told(id)).toEqual([
      'return-asked',
      'task-made goods-back (return)',
      'task-cancelled goods-back (erased)',
    ]);
    expect(await shouldRun(id)).toEqual({ dispatched: false, reconciled: false });
  });

  it('whose owner has left is taken over by their successor', async () => {
    const handle = 'ann';
    await putColleague(house.store, { handle, name: 'Ann Roe', email: 'ann@example.org', phone: null }, NOON);
    last += 1;
    const id = await house.order(`r-${last}`, { ...PAST, salesperson: { name: 'Ann Roe' } });
    await leave(house.store, handle, 'sam', NOON);
    expect((await rowOf(id)).owner).toBe(handle);
    await asks(id);
    expect((await rowOf(id)).owner).toBe('sam');
    expect(await house.story(id)).toEqual(['history', 'assigned (left)', 'return-asked']);
  });

  it('is heard of where it is to be kept in touch with meanwhile', async () => {
    const id = await past();
    await asks(id);
    await shouldRun(id);
    await adopt(house.store, house.web.shelf, [id], null, house.clock.now);
    const [letter] = await lease(house.store, 10_000);
    expect(letter).toMatchObject({ start: false, open: true, to: { followUp: { orderId: id } } });
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
