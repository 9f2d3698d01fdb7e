import { and, asc, desc, eq, inArray, sql } from 'drizzle-orm';
import type { FollowUpEvent, Stage } from '../domain/followUp.ts';
import type { Instant } from '../domain/time.ts';
import type { Answer } from './answers.ts';
import { hashOf } from './customers.ts';
import type { Store } from './database.ts';
import type { Order } from './followUps.ts';
import { answers, customers, events, ledger, orders, staff, tasks, taskTouches } from './schema.ts';
import { type listTasks, PAGE, readCursor } from './tasks.ts';

/** What the desk shows and nothing else asks for. Lists go on from a key, never by counting rows. */

export interface OrderFilter {
  stage?: Stage;
  cursor?: string;
}

const orderRow = { order: orders, customer: customers, owner: staff };

const joined = (store: Store) =>
  store.db
    .select(orderRow)
    .from(orders)
    .innerJoin(customers, eq(customers.id, orders.customerId))
    .innerJoin(staff, eq(staff.handle, orders.owner));

export type OrderRow = Awaited<ReturnType<typeof joined>>[number];

/** Orders, newest first, a page at a time (indexes orders_placed and orders_stage, read backwards). */
export async function listOrders(store: Store, { stage, cursor }: OrderFilter, limit = PAGE) {
  const [at, id] = cursor ? readCursor(cursor) : [];
  const rows = await joined(store)
    .where(
      and(
        stage === undefined ? undefined : eq(orders.stage, stage),
        at === undefined ? undefined : sql`(${orders.placedAt}, ${orders.id}) < (${time(at)}, ${id}::uuid)`,
      ),
    )
    .orderBy(desc(orders.placedAt), desc(orders.id))
    .limit(limit + 1);
  const items = rows.slice(0, limit);
  const last = items.at(-1)?.order;
  return { items, next: rows.length > limit && last ? cursorOf(last.placedAt, last.id) : null };
}

/**
 * Orders by their exact number, `source/number`, or the customer's e-mail address. A number alone is looked up source
 * by source, of which there are few: the index begins with the source.
 */
export async function searchOrders(store: Store, text: string, limit = PAGE): Promise<OrderRow[]> {
  const found = text.includes('@') ? byAddress(store, text) : byNumber(store, text);
  const ids = (await found).map(({ id }) => id);
  if (ids.length === 0) return [];
  return joined(store).where(inArray(orders.id, ids)).orderBy(desc(orders.placedAt), desc(orders.id)).limit(limit);
}

const byAddress = (store: Store, email: string) =>
  store.db
    .select({ id: orders.id })
    .from(orders)
    .innerJoin(customers, eq(customers.id, orders.customerId))
    .where(eq(customers.emailHash, hashOf(email)));

async function byNumber(store: Store, text: string): Promise<Pick<Order, 'id'>[]> {
  const slash = text.indexOf('/');
  const { rows } = await store.db.execute<{ id: string }>(sql`
    WITH RECURSIVE sources AS (
      (SELECT source FROM ${orders} ORDER BY source LIMIT 1)
      UNION ALL
      SELECT (SELECT o.source FROM ${orders} o WHERE o.source > sources.source ORDER BY o.source LIMIT 1)
      FROM sources WHERE sources.source IS NOT NULL)
    SELECT o.id FROM sources JOIN ${orders} o ON o.source = sources.source AND o.number = ${text}
    UNION
    SELECT id FROM ${orders} WHERE source = ${text.slice(0, Math.max(slash, 0))} AND number = ${text.slice(slash + 1)}`);
  return rows;
}

export type TaskRow = Awaited<ReturnType<typeof listTasks>>['items'][number];

const joinedTasks = (store: Store) =>
  store.db
    .select({ task: tasks, order: orders, customer: customers, owner: staff })
    .from(tasks)
    .innerJoin(orders, eq(orders.id, tasks.orderId))
    .innerJoin(customers, eq(customers.id, tasks.customerId))
    .innerJoin(staff, eq(staff.handle, tasks.owner));

/** Tasks that came out, the latest due first, a page at a time (tasks_due and tasks_owner, read backwards). */
export async function doneTasks(store: Store, { owner, cursor }: { owner?: string; cursor?: string }, limit = PAGE) {
  const [at, id] = cursor ? readCursor(cursor) : [];
  const rows = await joinedTasks(store)
    .where(
      and(
        eq(tasks.status, 'done'),
        owner === undefined ? undefined : eq(tasks.owner, owner),
        at === undefined ? undefined : sql`(${tasks.dueAt}, ${tasks.id}) < (${time(at)}, ${id}::uuid)`,
      ),
    )
    .orderBy(desc(tasks.dueAt), desc(tasks.id))
    .limit(limit + 1);
  const items = rows.slice(0, limit);
  const last = items.at(-1)?.task;
  return { items, next: rows.length > limit && last ? cursorOf(last.dueAt, last.id) : null };
}

/** One task. */
export async function readTask(store: Store, id: string): Promise<TaskRow | null> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return null;
  const [row] = await joinedTasks(store).where(eq(tasks.id, id));
  return row ?? null;
}

/** The open tasks about an order, also those that were made for another order of the customer and joined. */
export const openTasksAbout = (store: Store, orderId: string): Promise<TaskRow[]> =>
  joinedTasks(store)
    .where(
      and(
        eq(tasks.status, 'open'),
        inArray(
          tasks.id,
          store.db.select({ id: taskTouches.taskId }).from(taskTouches).where(eq(taskTouches.orderId, orderId)),
        ),
      ),
    )
    .orderBy(asc(tasks.dueAt), asc(tasks.id));

/** A touch a task settles, with the order it belongs to. */
export interface Settles {
  orderId: string;
  source: string;
  number: string;
  touch: string;
  occurrence: string;
}

/** What each of these tasks settles. */
export async function settledBy(store: Store, ids: string[]): Promise<Map<string, Settles[]>> {
  const all = new Map<string, Settles[]>(ids.map((id) => [id, []]));
  if (ids.length === 0) return all;
  const rows = await store.db
    .select({ touch: taskTouches, source: orders.source, number: orders.number })
    .from(taskTouches)
    .innerJoin(orders, eq(orders.id, taskTouches.orderId))
    .where(inArray(taskTouches.taskId, ids))
    .orderBy(asc(orders.placedAt));
  for (const { touch, source, number } of rows) {
    const { taskId, ...rest } = touch;
    all.get(taskId)!.push({ ...rest, source, number });
  }
  return all;
}

/** The stories of several orders at once. */
export async function storiesOf(store: Store, orderIds: string[]): Promise<Map<string, FollowUpEvent[]>> {
  const all = new Map<string, FollowUpEvent[]>(orderIds.map((id) => [id, []]));
  if (orderIds.length === 0) return all;
  const rows = await store.db.select().from(events).where(inArray(events.orderId, orderIds)).orderBy(asc(events.id));
  for (const { id, orderId, externalId, ...event } of rows) {
    const said = Object.entries(event).filter(([, value]) => value !== null);
    all.get(orderId)!.push(Object.fromEntries(said) as unknown as FollowUpEvent);
  }
  return all;
}

/** The answers to the surveys of several orders at once. */
export async function answersTo(store: Store, orderIds: string[]): Promise<Map<string, Answer>> {
  if (orderIds.length === 0) return new Map();
  const rows = await store.db.select().from(answers).where(inArray(answers.orderId, orderIds));
  return new Map(rows.map((row) => [row.orderId, row]));
}

/** What was sent about an order, and how sure we are. */
export const ledgerOf = (store: Store, orderId: string) =>
  store.db.select().from(ledger).where(eq(ledger.orderId, orderId)).orderBy(asc(ledger.claimedAt));

const time = (at: Instant) => sql`${new Date(at).toISOString()}::timestamptz`;
const cursorOf = (at: Instant, id: string) => Buffer.from(`${at} ${id}`).toString('base64url');
