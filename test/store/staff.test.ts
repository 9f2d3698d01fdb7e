import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { and, asc, eq } from 'drizzle-orm';
import type { OrderInput } from '../../domain/order.ts';
import { readRules } from '../../domain/rules.ts';
import { DAY, iso } from '../../domain/time.ts';
import { changeSettings } from '../../store/database.ts';
import { absences, events, orders, outbox, type staff, tasks } from '../../store/schema.ts';
import {
  absencesFrom,
  countUnknown,
  dropAbsence,
  leave,
  putAbsence,
  putColleague,
  unknownToUs,
} from '../../store/staff.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';

let house: House;
let last = 0;
beforeEach(async () => {
  house = await freshHouse();
});
afterEach(() => house.drop());

/** An order of a customer of its own; whose it is, and whom it named that nobody knows. */
async function order(given: Partial<OrderInput> = {}) {
  last += 1;
  const number = `S-${last}`;
  const id = await house.order(number, { salesperson: undefined, ...given });
  return { number, id, ...(await ownership(id)) };
}

const ownership = async (id: string) => {
  const [{ owner, unknownSalesperson }] = await house.store.db.select().from(orders).where(eq(orders.id, id));
  return { owner, unknownSalesperson };
};

const colleague = (handle: string, more: Partial<typeof staff.$inferInsert> = {}) =>
  putColleague(house.store, { handle, name: handle, email: null, phone: null, ...more }, house.clock.now);

const ownerOfTask = async (id: string) => (await house.store.db.select().from(tasks).where(eq(tasks.id, id)))[0].owner;

const pokes = async (orderId: string) =>
  (
    await house.store.db
      .select()
      .from(outbox)
      .where(and(eq(outbox.orderId, orderId), eq(outbox.start, false)))
  ).length;

const rules = (text: string) => {
  house.web.shelf.rules = readRules(text, 'rules.yaml');
};

describe('who owns an order', () => {
  it('its salesperson, by address or by a name that only one has, small or capital', async () => {
    await colleague('uma', { name: 'Uma Ray', email: 'Uma@Example.org' });
    for (const salesperson of [{ name: 'Somebody', email: 'uma@example.org' }, { name: 'UMA RAY' }])
      expect(await order({ salesperson })).toMatchObject({ owner: 'uma', unknownSalesperson: null });
    await colleague('uma-2', { name: 'Uma Ray' });
    expect(await order({ salesperson: { name: 'Uma Ray' } })).toMatchObject({
      owner: 'office',
      unknownSalesperson: 'uma ray',
    });
  });

  it("the customer's last owner, where nobody sold it", async () => {
    const customer = { id: 'again', name: 'Ada', email: 'again@example.com' };
    await order({ customer, salesperson: { name: 'Sam Lee' } });
    expect(await order({ customer })).toMatchObject({ owner: 'sam' });
    // Whoever had it for want of somebody known does not count.
    const other = { id: 'other', name: 'Eve', email: 'other@example.com' };
    await order({ customer: other, salesperson: { name: 'Nobody Knows' } });
    rules('owners:\n  - owner: sam');
    expect(await order({ customer: other })).toMatchObject({ owner: 'sam' });
  });

  it('by rule: a colleague, or who follows them', async () => {
    rules('owners:\n  - owner: kim\n    total from: 1000\n  - owner: nobody');
    await colleague('kim');
    expect(await order()).toMatchObject({ owner: 'kim' });
    expect(await order({ total: '5.00', lines: [] })).toMatchObject({ owner: 'office' });
    await leave(house.store, 'kim', 'sam', NOON);
    expect(await order()).toMatchObject({ owner: 'sam' });
  });

  it('by rule: of a team, who has the least open work and is there', async () => {
    rules('owners:\n  - team: north');
    for (const handle of ['ann', 'bob', 'cyd']) await colleague(handle, { team: 'north' });
    await colleague('zoe', { team: 'south' });
    expect((await order()).owner).toBe('ann');
    expect((await order()).owner).toBe('bob');
    const third = await order();
    expect(third.owner).toBe('cyd');
    // Tasks weigh more than orders; what is done weighs nothing.
    const task = await house.task(third.id, 'call', 'check-in');
    for (const handle of ['ann', 'bob', 'ann', 'bob']) expect((await order()).owner).toBe(handle);
    await house.store.db.update(tasks).set({ status: 'done' }).where(eq(tasks.id, task.id));
    expect((await order()).owner).toBe('cyd');
    await leave(house.store, 'cyd', 'zoe', NOON);
    expect((await order()).owner).toBe('ann');
    rules('owners:\n  - team: nobodys');
    expect((await order()).owner).toBe('office');
  });

  it('the default owner, and their successor where another part of the house knows of an older one', async () => {
    expect((await order()).owner).toBe('office');
    await changeSettings(house.store, { defaultOwner: 'sam' });
    await leave(house.store, 'office', 'sam', NOON);
    house.store.settings.defaultOwner = 'office';
    expect((await order()).owner).toBe('sam');
  });
});

describe('a salesperson nobody has added', () => {
  it('is shown with the open orders that wait, and has them once added', async () => {
    const salesperson = { name: 'Uma Ray', email: 'Uma.Ray@example.org' };
    const first = await order({ salesperson });
    expect(first).toMatchObject({ owner: 'office', unknownSalesperson: 'uma.ray@example.org' });
    const second = await order({ salesperson });
    const past = await order({ salesperson, placedAt: iso(NOON - 200 * DAY) });
    await order({ salesperson: { name: 'Max Roe' } });
    const task = await house.task(first.id, 'call', 'check-in');
    await house.store.db.delete(outbox);

    expect(await countUnknown(house.store)).toBe(2);
    expect(await unknownToUs(house.store)).toEqual([
      { key: 'max roe', name: 'Max Roe', email: null, orders: 1 },
      { key: 'uma.ray@example.org', name: 'Uma Ray', email: 'Uma.Ray@example.org', orders: 2 },
    ]);
    expect(await colleague('uma', { name: 'Uma Ray', email: 'uma.ray@example.org' })).toBe(2);
    for (const { id } of [first, second, past])
      expect(await ownership(id)).toEqual({ owner: 'uma', unknownSalesperson: null });
    expect(await ownerOfTask(task.id)).toBe('uma');
    expect(await house.story(first.id)).toEqual(['accepted', 'task-made check-in (check-in)', 'assigned (known-now)']);
    expect(await house.story(past.id)).toEqual(['history']);
    expect([await pokes(first.id), await pokes(second.id), await pokes(past.id)]).toEqual([1, 1, 0]);
    expect((await unknownToUs(house.store)).map(({ key }) => key)).toEqual(['max roe']);
    expect(await order({ salesperson })).toMatchObject({ owner: 'uma', unknownSalesperson: null });
    expect(await order({ customer: { id: `of-${past.number}`, email: 'p@example.com' } })).toMatchObject({
      owner: 'office',
    });
    const again = { id: `c-${past.number}`, name: 'Ada Palmer', email: 'p@example.com' };
    expect(await order({ customer: again })).toMatchObject({ owner: 'uma' });
  });

  it('by a name two have is nobody, until somebody says who is meant', async () => {
    for (const handle of ['lee-1', 'lee-2']) await colleague(handle, { name: 'Lee Fox' });
    const { id } = await order({ salesperson: { name: 'Lee Fox' } });
    expect(await colleague('lee-1', { name: 'Lee Fox', phone: '+4930123' })).toBe(0);
    expect(await ownership(id)).toEqual({ owner: 'office', unknownSalesperson: 'lee fox' });
    const row = { handle: 'lee-2', name: 'Lee Fox', email: null, phone: null };
    expect(await putColleague(house.store, row, NOON, 'lee fox')).toBe(1);
    expect(await ownership(id)).toEqual({ owner: 'lee-2', unknownSalesperson: null });
  });

  it('leaves tasks with others that are with others', async () => {
    const { id } = await order({ salesperson: { name: 'Max Roe' } });
    const task = await house.task(id, 'call', 'check-in');
    await house.store.db.update(tasks).set({ owner: 'sam', insteadOf: 'office' }).where(eq(tasks.id, task.id));
    await colleague('max', { name: 'Max Roe' });
    expect(await ownerOfTask(task.id)).toBe('sam');
  });
});

describe('a colleague leaves', () => {
  it('and a successor has all that is open, and all that was theirs to come', async () => {
    await colleague('kim', { email: 'kim@example.org' });
    const salesperson = { name: 'Sam Lee', email: 'sam@example.org' };
    const customer = { id: 'loyal', name: 'Ada', email: 'loyal@example.com' };
    const past = await order({ salesperson, customer, placedAt: iso(NOON - 200 * DAY) });
    const open = await order({ salesperson });
    const kims = await order({ salesperson: { name: 'kim' } });
    const task = await house.task(open.id, 'call', 'check-in');
    const done = await house.task(open.id, 'letter', 'note');
    await house.store.db.update(tasks).set({ status: 'done' }).where(eq(tasks.id, done.id));
    const instead = await house.task(kims.id, 'other', 'look');
    await house.store.db.update(tasks).set({ owner: 'sam', insteadOf: 'kim' }).where(eq(tasks.id, instead.id));
    await house.store.db.delete(outbox);

    expect(await leave(house.store, 'sam', 'kim', NOON)).toEqual({ moved: 1 });
    expect([await ownership(open.id), await ownership(past.id)]).toMatchObject([{ owner: 'kim' }, { owner: 'sam' }]);
    expect(await house.story(open.id)).toContain('assigned (left)');
    expect(await house.story(past.id)).toEqual(['history']);
    expect([await pokes(open.id), await pokes(kims.id), await pokes(past.id)]).toEqual([1, 0, 0]);
    expect([await ownerOfTask(task.id), await ownerOfTask(done.id)]).toEqual(['kim', 'sam']);
    const [back] = await house.store.db.select().from(tasks).where(eq(tasks.id, instead.id));
    expect(back).toMatchObject({ owner: 'kim', insteadOf: null });
    const [data] = await house.store.db.select().from(events).where(eq(events.what, 'assigned'));
    expect(data).toMatchObject({ orderId: open.id, why: 'left', data: { owner: 'kim' } });

    expect(await order({ salesperson })).toMatchObject({ owner: 'kim', unknownSalesperson: null });
    expect(await order({ customer })).toMatchObject({ owner: 'kim' });
    // And when the successor leaves in turn, who follows them.
    await colleague('lou');
    expect(await leave(house.store, 'kim', 'lou', NOON)).toMatchObject({ moved: 4 });
    expect(await order({ salesperson })).toMatchObject({ owner: 'lou' });
  });

  it('to somebody who is there, and not before there is another default owner', async () => {
    await colleague('kim');
    await colleague('gone');
    const leaves = (handle: string, successor: string) => leave(house.store, handle, successor, NOON);
    await leaves('gone', 'kim');
    expect(await leaves('office', 'kim')).toEqual({ wrong: 'default-owner' });
    expect(await leaves('sam', 'sam')).toEqual({ wrong: 'no-successor' });
    expect(await leaves('sam', 'gone')).toEqual({ wrong: 'no-successor' });
    expect(await leaves('sam', 'nobody')).toEqual({ wrong: 'no-successor' });
    expect(await leaves('gone', 'kim')).toEqual({ wrong: 'left' });
    // Two who would follow each other at the same moment.
    const both = await Promise.all([leaves('sam', 'kim'), leaves('kim', 'sam')]);
    expect(both).toContainEqual({ moved: 0 });
    expect(both.filter((one) => 'moved' in one)).toHaveLength(1);
  });

  it('whoever they stood in for has the successor, and their own days away are no more', async () => {
    await colleague('kim');
    await colleague('lou');
    const away = (handle: string, standIn: string | null) =>
      putAbsence(house.store, { handle, from: '2026-12-01', to: '2026-12-04', standIn }, NOON);
    await away('sam', 'lou');
    await away('lou', 'sam');
    await away('kim', 'sam');
    await leave(house.store, 'sam', 'lou', NOON);
    expect((await absencesFrom(house.store, '2026-11-02')).map(({ handle, standIn }) => [handle, standIn])).toEqual([
      ['lou', null],
      ['kim', 'lou'],
    ]);
  });

  it('to somebody who is away: who stands in for them has what is due meanwhile', async () => {
    await colleague('kim');
    await colleague('lou');
    const { id } = await order({ salesperson: { name: 'Sam Lee' } });
    const now = await house.task(id, 'call', 'check-in');
    house.clock.now += 14 * DAY;
    const later = await house.task(id, 'letter', 'note');
    house.clock.now = NOON;
    await putAbsence(house.store, { handle: 'kim', from: '2026-11-02', to: '2026-11-06', standIn: 'lou' }, NOON);
    await leave(house.store, 'sam', 'kim', NOON);
    expect([await ownerOfTask(now.id), await ownerOfTask(later.id)]).toEqual(['lou', 'kim']);
    expect((await ownership(id)).owner).toBe('kim');
  });
});

describe('a colleague is away', () => {
  const shown = async () =>
    (await house.store.db.select().from(tasks).orderBy(asc(tasks.dueAt))).map(
      ({ owner, insteadOf, insteadWhy, dueAt }) => [owner, insteadOf, insteadWhy, iso(dueAt).slice(0, 10)],
    );

  /** A task of Sam's, due on the business day after this one. */
  async function taskOn(days: number) {
    const { id } = await order({ salesperson: { name: 'Sam Lee' } });
    house.clock.now = NOON + days * DAY;
    await house.task(id, 'call', 'check-in');
    house.clock.now = NOON;
    return id;
  }

  it('open tasks of these days go to who stands in, at the time they have, and the stories say so', async () => {
    await colleague('kim');
    const [, inside] = [await taskOn(0), await taskOn(1), await taskOn(7)];
    const away = { handle: 'sam', from: '2026-11-04', to: '2026-11-06', standIn: 'kim' };
    expect(await putAbsence(house.store, away, NOON)).toBe(1);
    expect(await shown()).toEqual([
      ['sam', null, null, '2026-11-03'],
      ['kim', 'sam', 'away', '2026-11-04'],
      ['sam', null, null, '2026-11-10'],
    ]);
    expect(await house.story(inside)).toEqual(['accepted', 'task-made check-in (check-in)', 'spilled check-in (away)']);
    // The order stays theirs.
    expect((await ownership(inside)).owner).toBe('sam');
  });

  it('from today on: what is overdue goes too', async () => {
    await colleague('kim');
    await taskOn(0);
    house.clock.now = NOON + 9 * DAY;
    const away = { handle: 'sam', from: '2026-11-11', to: '2026-11-13', standIn: 'kim' };
    expect(await putAbsence(house.store, away, house.clock.now)).toBe(1);
    expect(await shown()).toEqual([['kim', 'sam', 'away', '2026-11-03']]);
  });

  it('with nobody named the team shares it, and without a team the default owner has it', async () => {
    await colleague('sam', { name: 'Sam Lee', team: 'north' });
    for (const handle of ['kim', 'lou']) await colleague(handle, { team: 'north' });
    for (let nth = 0; nth < 4; nth += 1) await taskOn(1);
    const away = { handle: 'sam', from: '2026-11-04', to: '2026-11-04', standIn: null };
    expect(await putAbsence(house.store, away, NOON)).toBe(4);
    expect((await shown()).map(([owner]) => owner).sort()).toEqual(['kim', 'kim', 'lou', 'lou']);
    await colleague('sam', { name: 'Sam Lee', team: null });
    await taskOn(2);
    expect(await putAbsence(house.store, { ...away, from: '2026-11-05', to: '2026-11-05' }, NOON)).toBe(1);
    expect((await shown()).at(-1)?.[0]).toBe('office');
  });

  it('in their own zone, in which the days are counted', async () => {
    await colleague('kim');
    await colleague('sam', { name: 'Sam Lee', zone: 'Pacific/Auckland' });
    const { id } = await order({ salesperson: { name: 'Sam Lee' } });
    const task = await house.task(id, 'call', 'check-in');
    // The fourth begins there when it is still eleven on the third in UTC.
    await house.store.db
      .update(tasks)
      .set({ dueAt: Date.parse('2026-11-03T11:00Z') })
      .where(eq(tasks.id, task.id));
    const away = { handle: 'sam', from: '2026-11-03', to: '2026-11-03', standIn: 'kim' };
    expect(await putAbsence(house.store, away, NOON - DAY)).toBe(0);
    expect(await putAbsence(house.store, { ...away, from: '2026-11-04', to: '2026-11-04' }, NOON - DAY)).toBe(1);
  });

  it('is back: what comes now is theirs again', async () => {
    await colleague('kim');
    await putAbsence(house.store, { handle: 'sam', from: '2026-11-02', to: '2026-11-06', standIn: 'kim' }, NOON);
    await taskOn(0);
    const [{ id }] = await house.store.db.select().from(absences);
    expect(await dropAbsence(house.store, id)).toBe('sam');
    expect(await dropAbsence(house.store, id)).toBeNull();
    await taskOn(0);
    expect((await shown()).map(([owner]) => owner).sort()).toEqual(['kim', 'sam']);
  });
});
