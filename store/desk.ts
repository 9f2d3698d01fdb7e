import { and, asc, desc, eq, inArray, isNull, ne, type SQL, sql } from 'drizzle-orm';
import type { FollowUpEvent, Stage } from '../domain/followUp.ts';
import { isOurId } from '../domain/names.ts';
import type { Instant } from '../domain/time.ts';
import { hashOf } from './customers.ts';
import type { Store } from './database.ts';
import type { Customer, Order } from './followUps.ts';
import { beyond, PAGE, pageOf, writeCursor } from './pages.ts';
import { showing } from './quotes.ts';
import {
  answers,
  customers,
  events,
  ledger,
  orders,
  purchases,
  settings,
  staff,
  tasks,
  taskTouches,
  unknownSalespeople,
} from './schema.ts';

/** What the desk shows and nothing else asks for. Lists go on from a key, never by counting rows. */

export interface OrderFilter {
  stage?: Stage;
  /** Whose open orders. */
  owner?: string;
  /** Only those whose next contact is put off. */
  putOff?: boolean;
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

/**
 * Orders, newest first, a page at a time: orders_placed and orders_stage, read backwards. An owner's open orders, and
 * those that are put off, are few: orders_owner and orders_braked find them all, and they are sorted.
 */
export async function listOrders(store: Store, { stage, owner, putOff, cursor }: OrderFilter, limit = PAGE) {
  const few = and(
    owner === undefined ? undefined : sql`owner = ${owner} AND stage NOT IN ('history', 'ended')`,
    putOff ? sql`brake IS NOT NULL` : undefined,
  );
  const wanted = and(
    stage === undefined ? undefined : sql`stage = ${stage}`,
    beyond('<', sql`placed_at`, sql`id`, cursor),
  );
  // Set apart, so that no page of them is looked for among all orders.
  const page = sql`
    ${few ? sql`WITH few AS MATERIALIZED (SELECT id, placed_at, stage FROM ${orders} WHERE ${few})` : sql``}
    SELECT id FROM ${few ? sql`few` : orders} WHERE ${wanted ?? sql`true`}
    ORDER BY placed_at DESC, id DESC LIMIT ${limit + 1}`;
  const rows = await joined(store)
    .where(sql`${orders.id} IN (${page})`)
    .orderBy(desc(orders.placedAt), desc(orders.id));
  return pageOf(rows, ({ order }) => writeCursor(order.placedAt, order.id), limit);
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

const joinedTasks = (store: Store) =>
  store.db
    .select({ task: tasks, order: orders, customer: customers, owner: staff })
    .from(tasks)
    .innerJoin(orders, eq(orders.id, tasks.orderId))
    .innerJoin(customers, eq(customers.id, tasks.customerId))
    .innerJoin(staff, eq(staff.handle, tasks.owner));

export type TaskRow = Awaited<ReturnType<typeof joinedTasks>>[number];

export interface TaskFilter {
  status: 'open' | 'done';
  /** Whose; everybody's where left out. */
  owners?: string[];
  /** Due at or before this instant. */
  due?: Instant;
  cursor?: string;
}

/**
 * Tasks by due time, those that came out the latest first, a page at a time: along tasks_due, or along tasks_owner for
 * each owner and then the first of what they have together.
 */
export async function tasksOf(store: Store, { status, owners, due, cursor }: TaskFilter, limit = PAGE) {
  const done = status === 'done';
  const order = done ? sql`due_at DESC, id DESC` : sql`due_at, id`;
  const page = (from: SQL, where: SQL) =>
    sql`SELECT id, due_at FROM ${from} WHERE ${where} ORDER BY ${order} LIMIT ${limit + 1}`;
  const wanted = and(
    sql`status = ${status}`,
    due === undefined ? undefined : sql`due_at <= ${time(due)}`,
    beyond(done ? '<' : '>', sql`due_at`, sql`id`, cursor),
  )!;
  const ofOne = page(sql`${tasks}`, sql`owner = one.handle AND ${wanted}`);
  const ids = owners
    ? page(sql`unnest(${sql.param(owners)}::text[]) one(handle) CROSS JOIN LATERAL (${ofOne}) theirs`, sql`true`)
    : page(sql`${tasks}`, wanted);
  const rows = await joinedTasks(store)
    .where(sql`${tasks.id} IN (SELECT id FROM (${ids}) page)`)
    .orderBy(...(done ? [desc(tasks.dueAt), desc(tasks.id)] : [asc(tasks.dueAt), asc(tasks.id)]));
  return pageOf(rows, ({ task }) => writeCursor(task.dueAt, task.id), limit);
}

/** One task. */
export async function readTask(store: Store, id: string): Promise<TaskRow | null> {
  if (!isOurId(id)) return null;
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
  /** The version that order follows. */
  playbookHash: string;
  touch: string;
  occurrence: string;
}

/** What each of these tasks settles. */
export async function settledBy(store: Store, ids: string[]): Promise<Map<string, Settles[]>> {
  const all = new Map<string, Settles[]>(ids.map((id) => [id, []]));
  if (ids.length === 0) return all;
  const rows = await store.db
    .select({
      touch: taskTouches,
      source: orders.source,
      number: orders.number,
      playbookHash: orders.playbookHash,
    })
    .from(taskTouches)
    .innerJoin(orders, eq(orders.id, taskTouches.orderId))
    .where(inArray(taskTouches.taskId, ids))
    .orderBy(asc(orders.placedAt));
  for (const { touch, ...order } of rows) {
    const { taskId, ...rest } = touch;
    all.get(taskId)!.push({ ...rest, ...order });
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

/** What was sent about an order, and how sure we are. */
export const ledgerOf = (store: Store, orderId: string) =>
  store.db.select().from(ledger).where(eq(ledger.orderId, orderId)).orderBy(asc(ledger.claimedAt));

const time = (at: Instant) => sql`${new Date(at).toISOString()}::timestamptz`;

/** How many tasks fall due today for each colleague who is there, by handle; their own day, along tasks_owner. */
export async function tasksToday(store: Store, now: Instant): Promise<Map<string, number>> {
  const { rows } = await store.db.execute<{ handle: string; tasks: string }>(sql`
    SELECT s.handle, (
      SELECT count(*) FROM ${tasks} t
      WHERE t.owner = s.handle AND t.status IN ('open', 'done')
        AND t.due_at >= s.today AT TIME ZONE s.zone AND t.due_at < (s.today + interval '1 day') AT TIME ZONE s.zone) AS tasks
    FROM (
      SELECT one.handle, one.left_at, coalesce(one.zone, house.zone) AS zone,
        date_trunc('day', ${time(now)} AT TIME ZONE coalesce(one.zone, house.zone)) AS today
      FROM ${staff} one, ${settings} house) s
    WHERE s.left_at IS NULL`);
  return new Map(rows.map((row) => [row.handle, Number(row.tasks)]));
}

/** What is known of a customer, and of all who are one with them, when an order is looked at. */
export interface Known {
  /** Which order of theirs it is, from 1. */
  nth: number;
  /** When they first ordered. */
  since: Instant;
  /** What they have bought for so far, in the order's currency. */
  value: string;
  /** The order before. */
  last: { id: string; source: string; number: string; placedAt: Instant; lines: { name: string | null }[] } | null;
  /** The last score they gave. */
  score: { nps: number | null; csat: number | null; at: Instant } | null;
  /** What they last said in their own words; with a low score, what could be better. */
  quote: { text: string; at: Instant } | null;
  /** Their other orders that are not over, newest first. */
  open: { id: string; source: string; number: string }[];
}

/**
 * What is known from before, for each of these orders; what was cancelled, returned or never paid does not count. One
 * query for all of them, along orders_party.
 */
export async function knownBefore(store: Store, orderIds: string[]): Promise<Map<string, Known>> {
  if (orderIds.length === 0) return new Map();
  const ms = (column: string) => sql.raw(`(extract(epoch FROM ${column}) * 1000)::bigint`);
  const earlier = sql`(p.placed_at, p.source, p.number) < (o.placed_at, o.source, o.number)`;
  const answered = sql`FROM ${orders} p JOIN ${answers} a ON a.order_id = p.id WHERE p.party_id = o.party_id`;
  const { rows } = await store.db.execute<{ id: string; known: Known }>(sql`
    SELECT o.id, json_build_object(
      'nth', bought.nth, 'since', bought.since, 'value', bought.value, 'open', coalesce(bought.open, '[]'),
      'last', (
        SELECT json_build_object('id', p.id, 'source', p.source, 'number', p.number, 'placedAt', ${ms('p.placed_at')}, 'lines', p.lines)
        FROM ${orders} p
        WHERE p.party_id = o.party_id AND ${earlier} AND p.paid_at IS NOT NULL AND NOT p.fell_away
        ORDER BY p.placed_at DESC, p.source DESC, p.number DESC LIMIT 1),
      'score', (
        SELECT json_build_object('nps', a.nps, 'csat', a.csat, 'at', ${ms('a.at')})
        ${answered} AND coalesce(a.nps, a.csat) IS NOT NULL
        ORDER BY a.at DESC LIMIT 1),
      'quote', (
        SELECT json_build_object('text', CASE WHEN ${showing('detractor')} THEN coalesce(a.better, a.benefit)
            ELSE coalesce(a.benefit, a.better) END, 'at', ${ms('a.at')})
        ${answered} AND coalesce(a.benefit, a.better) IS NOT NULL ORDER BY a.at DESC LIMIT 1)) AS known
    FROM ${orders} o CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE counts AND (${earlier} OR p.id = o.id)) AS nth,
        ${ms('min(p.placed_at) FILTER (WHERE counts)')} AS since,
        coalesce(sum(p.total) FILTER (WHERE counts AND p.currency = o.currency), 0)::text AS value,
        json_agg(json_build_object('id', p.id, 'source', p.source, 'number', p.number) ORDER BY p.placed_at DESC)
          FILTER (WHERE p.id <> o.id AND p.stage NOT IN ('history', 'ended')) AS open
      FROM (SELECT *, id = o.id OR paid_at IS NOT NULL AND NOT fell_away AS counts
            FROM ${orders} WHERE party_id = o.party_id) p) bought
    WHERE o.id = ANY(${sql.param(orderIds)}::uuid[])`);
  return new Map(rows.map(({ id, known }) => [id, known]));
}

/** What each of these parties owns, by SKU, and which tips and offers it was told of. */
export async function ownedAndTold(store: Store, partyIds: string[]) {
  const { rows } = await store.db.execute<{ id: string; owned: string[] | null; told: string[] | null }>(sql`
    SELECT party.id,
      (SELECT json_agg(DISTINCT p.sku) FROM ${purchases} p JOIN ${orders} o ON o.id = p.order_id
       WHERE p.party_id = party.id AND NOT o.fell_away) AS owned,
      (SELECT json_agg(DISTINCT l.content) FROM ${ledger} l WHERE l.party_id = party.id AND l.content IS NOT NULL) AS told
    FROM unnest(${sql.param(partyIds)}::uuid[]) party(id)`);
  return new Map(rows.map(({ id, owned, told }) => [id, { owned: new Set(owned), told: new Set(told) }]));
}

/** Others who are one customer with this one, the first come first (customers_party). */
export const othersOf = (store: Store, { id, partyId }: Customer, limit: number): Promise<Customer[]> =>
  store.db
    .select()
    .from(customers)
    .where(and(eq(customers.partyId, partyId), ne(customers.id, id), isNull(customers.erasedAt)))
    .orderBy(asc(customers.createdAt), asc(customers.id))
    .limit(limit);

/** The orders of a party, newest first (orders_party, read backwards). */
export const ordersOfParty = (store: Store, partyId: string, limit: number): Promise<OrderRow[]> =>
  joined(store)
    .where(eq(orders.partyId, partyId))
    .orderBy(desc(orders.placedAt), desc(orders.source), desc(orders.number))
    .limit(limit);

/** Whom an order named as its salesperson and nobody has added, as it named them. */
export async function unknownSeller(store: Store, key: string): Promise<string> {
  const [row] = await store.db.select().from(unknownSalespeople).where(eq(unknownSalespeople.key, key));
  return [row?.name, row?.email].filter(Boolean).join(', ') || key;
}

/** Who placed each of these orders. */
export async function orderersOf(store: Store, orderIds: string[]) {
  if (orderIds.length === 0) return new Map<string, Customer>();
  const rows = await store.db
    .select({ id: orders.id, customer: customers })
    .from(orders)
    .innerJoin(customers, eq(customers.id, orders.customerId))
    .where(inArray(orders.id, orderIds));
  return new Map(rows.map(({ id, customer }) => [id, customer]));
}
