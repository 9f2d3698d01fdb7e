import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { asc, eq, sql } from 'drizzle-orm';
import { DAY, type Instant, iso } from '../../domain/time.ts';
import { changeSettings } from '../../store/database.ts';
import { change } from '../../store/followUps.ts';
import { type staff, tasks } from '../../store/schema.ts';
import { leave, putAbsence, putColleague } from '../../store/staff.ts';
import { makeTask } from '../../store/tasks.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';

let house: House;
let last = 0;
beforeEach(async () => {
  house = await freshHouse();
  await colleague('sam', { name: 'Sam Lee', team: 'north', tasksPerDay: 2 });
});
afterEach(() => house.drop());

const colleague = (handle: string, more: Partial<typeof staff.$inferInsert> = {}) =>
  putColleague(house.store, { handle, name: handle, email: null, phone: null, ...more }, house.clock.now);

/** An order of a colleague's, by name. */
async function order(name = 'Sam Lee') {
  last += 1;
  return house.order(`L-${last}`, { salesperson: { name } });
}

/** Calls that were made of orders of Sam's, at the same moment, each due tomorrow. */
const calls = async (count: number) => {
  const ids = [];
  for (let nth = 0; nth < count; nth += 1) ids.push(await order());
  await Promise.all(ids.map((id) => make(id)));
  return ids;
};

const make = (id: string, wanted: { dueAt?: Instant; promised?: boolean } = {}) =>
  change(house.store, id, house.clock.now, async ({ tx, sale, note }) => {
    const within = { amount: 1, unit: 'business days' } as const;
    const task = { kind: 'other', reason: 'look', touch: 'look', occurrence: '1', within, ...wanted } as const;
    await makeTask(house.store, tx, sale, task, house.clock.now);
    await note({ what: 'task-made', at: house.clock.now, touch: 'look', occurrence: '1', why: 'look' });
  });

/** Makes a task, and begins something else before that is committed. */
async function whileMaking(id: string, other: () => Promise<unknown>) {
  let begun: Promise<unknown> | undefined;
  await change(house.store, id, NOON, async ({ tx, sale }) => {
    const within = { amount: 1, unit: 'business days' } as const;
    await makeTask(house.store, tx, sale, { kind: 'other', reason: 'x', touch: 'x', occurrence: '1', within }, NOON);
    begun = other();
    await new Promise((resolve) => setTimeout(resolve, 500));
  });
  await begun;
}

/** Who has how many tasks on which day, as `sam 2026-11-03: 2`. */
async function load(): Promise<string[]> {
  const counts = new Map<string, number>();
  for (const { owner, dueAt } of await house.store.db.select().from(tasks)) {
    const day = `${owner} ${iso(dueAt).slice(0, 10)}`;
    counts.set(day, (counts.get(day) ?? 0) + 1);
  }
  return [...counts].map(([day, count]) => `${day}: ${count}`).sort();
}

const taskOf = async (orderId: string) =>
  (await house.store.db.select().from(tasks).where(eq(tasks.orderId, orderId)))[0];

describe('a day that is full', () => {
  it('is shared with the team, and what is too much for all of them comes on the next days', async () => {
    await colleague('kim', { team: 'north', tasksPerDay: 1 });
    await colleague('zoe', { team: 'south' });
    const ids = await calls(7);
    expect(await load()).toEqual(['kim 2026-11-03: 1', 'sam 2026-11-03: 2', 'sam 2026-11-04: 2', 'sam 2026-11-05: 2']);
    const [spilled] = (await Promise.all(ids.map(taskOf))).filter(({ owner }) => owner === 'kim');
    expect(spilled).toMatchObject({ insteadOf: 'sam', insteadWhy: 'day-full' });
    expect(await house.story(spilled.orderId)).toEqual([
      'accepted',
      'spilled look (day-full)',
      'task-made look (look)',
    ]);
    const [put] = await house.store.db.select().from(tasks).orderBy(asc(tasks.dueAt)).offset(6);
    expect(put).toMatchObject({ owner: 'sam', insteadOf: null });
    expect(await house.story(put.orderId)).toContain('spilled look (day-full-next)');
  });

  it("of two colleagues at once does not fill a third's beyond the limit", async () => {
    await changeSettings(house.store, { tasksPerDay: 1 });
    await colleague('sam', { name: 'Sam Lee', team: 'north', tasksPerDay: null });
    for (const handle of ['kim', 'lou']) await colleague(handle, { team: 'north' });
    for (const name of ['Sam Lee', 'lou']) await make(await order(name));
    const [sams, lous] = [await order(), await order('lou')];
    await whileMaking(sams, () => make(lous));
    expect((await load()).filter((line) => line.includes('2026-11-03'))).toEqual([
      'kim 2026-11-03: 1',
      'lou 2026-11-03: 1',
      'sam 2026-11-03: 1',
    ]);
    expect(await load()).toHaveLength(4);
  });

  it('is never helped past a promise, or past a time agreed with the customer', async () => {
    await calls(2);
    const [promised, agreed, plain] = [await order(), await order(), await order()];
    await make(promised, { promised: true });
    await make(agreed, { dueAt: Date.parse('2026-11-03T15:30Z') });
    await make(plain);
    expect(await load()).toEqual(['sam 2026-11-03: 4', 'sam 2026-11-04: 1']);
    expect((await taskOf(agreed)).dueAt).toBe(Date.parse('2026-11-03T15:30Z'));
    expect(await house.story(promised)).toEqual(['accepted', 'task-made look (look)']);
    await colleague('kim', { team: 'north' });
    const shared = await order();
    await make(shared, { promised: true });
    expect(await taskOf(shared)).toMatchObject({ owner: 'kim', insteadWhy: 'day-full' });
  });

  it('counts what is done, not what was cancelled, by the clocks of who has it', async () => {
    await calls(2);
    await house.store.db.update(tasks).set({ status: 'done' });
    await calls(1);
    expect(await load()).toEqual(['sam 2026-11-03: 2', 'sam 2026-11-04: 1']);
    await house.store.db.update(tasks).set({ status: 'cancelled' });
    await calls(2);
    expect((await load())[0]).toBe('sam 2026-11-03: 4');
    const zone = 'Pacific/Auckland';
    await colleague('sam', { name: 'Sam Lee', team: 'north', tasksPerDay: 2, zone });
    await colleague('kim', { team: 'north', zone });
    // Where it is the fourth in Auckland and the third in UTC.
    await house.store.db.update(tasks).set({ status: 'open', dueAt: Date.parse('2026-11-03T11:30Z') });
    const [third, fourth] = [await order(), await order()];
    await make(third, { dueAt: Date.parse('2026-11-03T02:30Z') });
    await make(fourth, { dueAt: Date.parse('2026-11-03T20:30Z') });
    expect(await taskOf(third)).toMatchObject({ owner: 'sam', insteadWhy: null });
    expect(await taskOf(fourth)).toMatchObject({ owner: 'kim', insteadWhy: 'day-full' });
  });

  it('has no limit where none is set', async () => {
    await changeSettings(house.store, { tasksPerDay: null });
    await colleague('sam', { name: 'Sam Lee', tasksPerDay: null });
    await calls(4);
    expect(await load()).toEqual(['sam 2026-11-03: 4']);
  });
});

describe('an owner who is not there', () => {
  it('is stood in for, and by who stands in for them in turn', async () => {
    await colleague('kim');
    await colleague('lou');
    const away = (handle: string, standIn: string) =>
      putAbsence(house.store, { handle, from: '2026-11-03', to: '2026-11-06', standIn }, NOON);
    await away('sam', 'kim');
    const [one] = await calls(1);
    expect(await taskOf(one)).toMatchObject({ owner: 'kim', insteadOf: 'sam', insteadWhy: 'away' });
    expect(await house.story(one)).toContain('spilled look (away)');
    await away('kim', 'lou');
    const [other] = await calls(1);
    expect(await taskOf(other)).toMatchObject({ owner: 'lou', insteadOf: 'sam' });
    house.clock.now += 7 * DAY;
    const [back] = await calls(1);
    expect(await taskOf(back)).toMatchObject({ owner: 'sam', insteadOf: null });
  });

  it('has left while the task was made: the successor has it', async () => {
    await colleague('kim');
    const id = await order();
    await change(house.store, id, NOON, async ({ tx, sale }) => {
      await leave(house.store, 'sam', 'kim', NOON);
      const within = { amount: 1, unit: 'business days' } as const;
      await makeTask(house.store, tx, sale, { kind: 'call', reason: 'x', touch: 'x', occurrence: '1', within }, NOON);
    });
    expect((await taskOf(id)).owner).toBe('kim');
  });

  it('keeps nothing that is made while they go', async () => {
    await colleague('kim');
    const id = await order();
    await whileMaking(id, () => leave(house.store, 'sam', 'kim', NOON));
    expect((await taskOf(id)).owner).toBe('kim');
  });

  it('keeps nothing that is made while they are said to be away', async () => {
    await colleague('kim');
    const id = await order();
    const away = { handle: 'sam', from: '2026-11-03', to: '2026-11-03', standIn: 'kim' };
    await whileMaking(id, () => putAbsence(house.store, away, NOON));
    expect((await taskOf(id)).owner).toBe('kim');
  });
});

it('tasks of a day are counted by an index, however many are done', async () => {
  const { customerId } = await taskOfNew();
  await house.store.db.execute(sql`
    INSERT INTO aftercare.tasks (order_id, customer_id, kind, reason, owner, due_at, made_at, status)
    SELECT o.id, ${customerId}, 'call', 'x', 'sam', '2020-01-01'::timestamptz + n * interval '1 hour', now(), 'done'
    FROM aftercare.orders o, generate_series(1, 40000) n`);
  await house.store.db.execute(sql`ANALYZE aftercare.tasks`);
  const { rows } = await house.store.db.execute<{ 'QUERY PLAN': string }>(sql`
    EXPLAIN (ANALYZE, BUFFERS) SELECT count(*) FROM aftercare.tasks
    WHERE owner = 'sam' AND status IN ('open', 'done') AND due_at >= '2023-06-01' AND due_at < '2023-06-02'`);
  expect(Number(/Buffers: shared hit=(\d+)/.exec(rows.map((row) => row['QUERY PLAN']).join('\n'))?.[1])).toBeLessThan(
    50,
  );
});

async function taskOfNew() {
  const id = await order();
  await make(id);
  return taskOf(id);
}
