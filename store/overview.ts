import { and, asc, desc, eq, inArray, not, type SQL, sql } from 'drizzle-orm';
import { complaintAtHand, type FollowUpEvent, followUpOf, openComplaint, type Pledge } from '../domain/followUp.ts';
import type { Instant } from '../domain/time.ts';
import type { Answer } from './answers.ts';
import { complaintIds, complaintKey } from './complaints.ts';
import type { Store } from './database.ts';
import { storiesOf } from './desk.ts';
import type { Customer, Order } from './followUps.ts';
import { beyond, PAGE, type Page, pageOf, writeCursor } from './pages.ts';
import { answers, customers, events, orders, overdue, suppressions, tasks } from './schema.ts';
import type { Task } from './tasks.ts';

/** What the page of a customer tells of all that is one customer with them. Lists go on from a key. */

/** An order by what it is called. */
export type Called = Pick<Order, 'source' | 'number'>;

/** What they bought for, what they said, and what is owed to them. */
export interface Overview {
  /** By currency, without what was cancelled or returned; the highest first. */
  values: { currency: string; total: string }[];
  orders: number;
  /** Of these, how many were cancelled or returned. */
  fellAway: number;
  /** When they first ordered; null: never. */
  since: Instant | null;
  /** Their newest order of all, and the newest that is not over. */
  newest: Order | null;
  open: Order | null;
  /** When the next order of somebody without an open one is expected. */
  expected: Pick<typeof overdue.$inferSelect, 'expectedAt' | 'everyDays' | 'by'> | null;
  /** The latest first. */
  answers: { answer: Answer; order: Called }[];
  promises: { promise: Pledge; order: Called }[];
  /** Open ones, by our ids; null where one is older than the process of complaints. */
  complaints: { id: string | null; since: Instant; said: string | null; order: Called }[];
  /** The first that are due. */
  tasks: Task[];
  /** Why the address or the number is not used any more; null: it is. */
  suppressed: { email: string | null; phone: string | null };
}

const LAST_ANSWERS = 3;
const NEXT_TASKS = 10;
/** In how many open orders is looked for what is owed. */
const OPEN_ORDERS = 50;

/** Reads it, in as few questions as there are kinds of it. */
export async function overviewOf(store: Store, customer: Customer): Promise<Overview> {
  const { db } = store;
  const { partyId, emailHash, phoneHash } = customer;
  const theirs = eq(orders.partyId, partyId);
  const newestFirst = [desc(orders.placedAt), desc(orders.source), desc(orders.number)];
  const counted = not(orders.fellAway);
  const hashes = [emailHash, phoneHash].flatMap((hash) => hash ?? []);
  const [figures, [newest], open, [expected], said, due, unused] = await Promise.all([
    db
      .select({
        currency: orders.currency,
        total: sql<string>`sum(${orders.total}) FILTER (WHERE ${counted})::text`,
        orders: sql`count(*)`.mapWith(Number),
        counted: sql`count(*) FILTER (WHERE ${counted})`.mapWith(Number),
        since: sql`extract(epoch FROM min(${orders.placedAt})) * 1000`.mapWith(Number),
      })
      .from(orders)
      .where(theirs)
      .groupBy(orders.currency)
      .orderBy(sql`sum(${orders.total}) DESC`),
    db
      .select()
      .from(orders)
      .where(theirs)
      .orderBy(...newestFirst)
      .limit(1),
    db
      .select()
      .from(orders)
      .where(and(theirs, sql`${orders.stage} NOT IN ('history', 'ended')`))
      .orderBy(...newestFirst)
      .limit(OPEN_ORDERS),
    db.select().from(overdue).where(eq(overdue.partyId, partyId)),
    db
      .select({ answer: answers, order: { source: orders.source, number: orders.number } })
      .from(orders)
      .innerJoin(answers, eq(answers.orderId, orders.id))
      .where(theirs)
      .orderBy(desc(answers.at))
      .limit(LAST_ANSWERS),
    db
      .select({ task: tasks })
      .from(customers)
      .innerJoin(tasks, and(eq(tasks.customerId, customers.id), eq(tasks.status, 'open')))
      .where(eq(customers.partyId, partyId))
      .orderBy(asc(tasks.dueAt), asc(tasks.id))
      .limit(NEXT_TASKS),
    db.select().from(suppressions).where(inArray(suppressions.addressHash, hashes)),
  ]);
  const stories = await storiesOf(
    store,
    open.map(({ id }) => id),
  );
  const followed = open.map((order) => {
    const story = stories.get(order.id)!;
    return { order, story, followUp: followUpOf(story) };
  });
  const complaining = followed.filter(({ followUp }) => openComplaint(followUp));
  const ids = await complaintIds(
    store,
    complaining.map(({ order }) => order.id),
  );
  const why = (hash: string | null) => unused.find(({ addressHash }) => addressHash === hash)?.reason ?? null;
  const all = figures.reduce((sum, row) => sum + row.orders, 0);
  return {
    values: figures.filter(({ counted }) => counted > 0),
    orders: all,
    fellAway: all - figures.reduce((sum, row) => sum + row.counted, 0),
    since: figures.length === 0 ? null : Math.min(...figures.map(({ since }) => since)),
    newest: newest ?? null,
    open: open[0] ?? null,
    expected: open.length === 0 ? (expected ?? null) : null,
    answers: said,
    promises: followed.flatMap(({ order, followUp }) =>
      followUp.promises.filter(({ state }) => state === 'open').map((promise) => ({ promise, order })),
    ),
    complaints: complaining.map(({ order, story, followUp }) => {
      const { number, since } = complaintAtHand(followUp)!;
      const told = story.findLast(({ what, at, text }) => what === 'complained' && at >= since && text);
      const id = ids.get(complaintKey(order.id, number)) ?? null;
      return { id, since, said: told?.text ?? null, order };
    }),
    tasks: due.map(({ task }) => task),
    suppressed: { email: why(emailHash), phone: why(phoneHash) },
  };
}

/** Everybody who is one customer, the first come first; along customers_party, of which few have many. */
export async function recordsOf(store: Store, partyId: string, cursor?: string): Promise<Page<Customer>> {
  const { createdAt, id } = customers;
  const rows = await store.db
    .select()
    .from(customers)
    .where(and(eq(customers.partyId, partyId), beyond('>', createdAt, id, cursor)))
    .orderBy(asc(createdAt), asc(id))
    .limit(PAGE + 1);
  return pageOf(rows, (row) => writeCursor(row.createdAt, row.id));
}

/** All their orders, the newest first; along orders_party. */
export async function ordersPage(store: Store, partyId: string, cursor?: string, which?: SQL): Promise<Page<Order>> {
  const { placedAt, id } = orders;
  const rows = await store.db
    .select()
    .from(orders)
    .where(and(eq(orders.partyId, partyId), which, beyond('<', placedAt, id, cursor)))
    .orderBy(desc(placedAt), desc(id))
    .limit(PAGE + 1);
  return pageOf(rows, (row) => writeCursor(row.placedAt, row.id));
}

/** Their orders with something that has a serial number, a warranty or a contract, and was not given back. */
export const machinesPage = (store: Store, partyId: string, cursor?: string): Promise<Page<Order>> =>
  ordersPage(
    store,
    partyId,
    cursor,
    sql`NOT ${orders.fellAway} AND jsonb_path_exists(${orders.lines},
      '$[*] ? (@.serial.type() == "string" || @.warrantyUntil.type() == "string" || @.term.type() == "object")')`,
  );

/** An event of their story, and the order it is about. */
export interface StoryEvent {
  event: FollowUpEvent;
  order: Called;
}

/**
 * What happened on all their orders, the last thing first. Of each order the last events are read along events_order:
 * however much happened, never more of one than a page.
 */
export async function storyPage(store: Store, partyId: string, before?: number): Promise<Page<StoryEvent>> {
  const { rows } = await store.db.execute<{ id: string; event: FollowUpEvent; source: string; number: string }>(sql`
    WITH page AS (
      SELECT e.id, o.source, o.number FROM ${orders} o CROSS JOIN LATERAL (
        SELECT id FROM ${events} WHERE order_id = o.id ${before === undefined ? sql`` : sql`AND id < ${before}`}
        ORDER BY id DESC LIMIT ${PAGE + 1}) e
      WHERE o.party_id = ${partyId} ORDER BY e.id DESC LIMIT ${PAGE + 1})
    SELECT page.*, json_strip_nulls(json_build_object('what', what, 'at', (extract(epoch FROM at) * 1000)::bigint,
      'touch', touch, 'occurrence', occurrence, 'why', why, 'text', text, 'data', data)) AS event
    FROM page JOIN ${events} USING (id) ORDER BY page.id DESC`);
  const { items, next } = pageOf(rows, (row) => row.id);
  return { items: items.map(({ event, source, number }) => ({ event, order: { source, number } })), next };
}
