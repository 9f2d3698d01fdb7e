import { eq, sql } from 'drizzle-orm';
import { decide, dueNow, type Next, type Person, type Terms } from '../domain/decide.ts';
import { evolve, type FollowUp, type FollowUpEvent, followUpOf } from '../domain/followUp.ts';
import type { TaskKind } from '../domain/task.ts';
import type { Instant } from '../domain/time.ts';
import type { Store, Tx } from './database.ts';
import { playbookOf } from './playbooks.ts';
import { customers, events, ledger, orders, outbox, staff, suppressions, tasks, taskTouches } from './schema.ts';
import type { Colleague } from './staff.ts';

export type Order = typeof orders.$inferSelect;
export type Customer = typeof customers.$inferSelect;

/** An order with all the rules need, under its customer's lock while it is being changed. */
export interface Sale {
  order: Order;
  customer: Customer;
  owner: Colleague;
  events: FollowUpEvent[];
  /** Of these, the ones that are still to be written. */
  unwritten: FollowUpEvent[];
  followUp: FollowUp;
  terms: Terms;
  /** The version of the customer's row that was read. */
  customerVersion: string;
}

/** Thrown inside `change` by an order that is not there (any more). */
export class NoSuchOrder extends Error {}

// One query brings all of a sale: it is read at every step of every follow-up.
const happened = sql<FollowUpEvent[]>`(
  SELECT json_agg(json_strip_nulls(json_build_object('what', what, 'at', (extract(epoch FROM at) * 1000)::bigint,
    'touch', touch, 'occurrence', occurrence, 'why', why, 'text', text, 'data', data)) ORDER BY id)
  FROM ${events} WHERE order_id = orders.id)`;
const onTheWay = sql<Record<string, Instant> | null>`(
  SELECT json_object_agg(touch || '#' || occurrence, (extract(epoch FROM claimed_at) * 1000)::bigint)
  FROM ${ledger} WHERE order_id = orders.id AND state = 'sending')`;
const suppressed = sql<boolean>`EXISTS (SELECT FROM ${suppressions} WHERE address_hash = customers.email_hash)`;
const customerVersion = sql<string>`customers.xmin::text`;
const saleColumns = {
  order: orders,
  customer: customers,
  owner: staff,
  happened,
  onTheWay,
  suppressed,
  customerVersion,
};

/** Takes the lock on a customer: whatever changes any order of theirs comes one by one. */
export const lockCustomer = (tx: Tx, customerId: string) =>
  tx.select({ id: customers.id }).from(customers).where(eq(customers.id, customerId)).for('update');

/** Reads a sale; to change it, hold its customer's lock. */
export async function loadSale(store: Store, tx: Tx, orderId: string): Promise<Sale> {
  const [row] = await tx
    .select(saleColumns)
    .from(orders)
    .innerJoin(customers, eq(customers.id, orders.customerId))
    .innerJoin(staff, eq(staff.handle, orders.owner))
    .where(eq(orders.id, sql.placeholder('id')))
    // Planned once a connection.
    .prepare('load_sale')
    .execute({ id: orderId });
  if (!row) throw new NoSuchOrder(orderId);
  const { order, customer, owner, happened, onTheWay, suppressed, customerVersion } = row;
  return {
    order,
    customer,
    owner,
    events: happened,
    unwritten: [],
    followUp: followUpOf(happened),
    customerVersion,
    terms: {
      playbook: await playbookOf(tx, order.playbookHash),
      calendar: store.calendar,
      seed: order.id,
      onTheWay: onTheWay ?? {},
      person: personOf(customer, customer.email !== null && !suppressed, store.calendar.zone),
    },
  };
}

const personOf = (customer: Customer, email: boolean, zone: string): Person => ({
  consent: { service: customer.service, selling: customer.selling },
  email,
  phone: customer.phone !== null && !customer.phoneWrong,
  zone: customer.timeZone ?? zone,
});

/** What happened on an order, in the order in which it became known. */
export async function storyOf(tx: Tx, orderId: string): Promise<FollowUpEvent[]> {
  const [row] = await tx.select({ happened }).from(orders).where(eq(orders.id, orderId));
  return row.happened;
}

/** What a change may do to a sale; everything it says is written in the one transaction around it. */
export interface Change {
  tx: Tx;
  sale: Sale;
  /** Adds to the story; an event whose `externalId` is known already is not added again, and false is returned. */
  note(event: FollowUpEvent, externalId?: string): Promise<boolean>;
}

/**
 * Changes a follow-up: takes its customer's lock, lets `work` add what happened, decides what comes of it, writes both
 * down, and returns what is next. This is the only way a follow-up changes.
 */
export async function change(
  store: Store,
  orderId: string,
  now: Instant,
  work: (change: Change) => Promise<void> | void = () => {},
): Promise<Next> {
  return store.db.transaction(async (tx) => {
    // The lock comes first: what is read before it may be stale.
    await tx.execute(sql`
      SELECT FROM ${customers} WHERE id = (SELECT customer_id FROM ${orders} WHERE id = ${orderId}) FOR UPDATE`);
    const sale = await loadSale(store, tx, orderId);
    await work({ tx, sale, note: (event, externalId) => add(tx, sale, event, externalId) });
    return settle(tx, sale, now);
  });
}

/**
 * Lets an event have its effect on the sale in hand; `settle` writes it. One with a sender's id is written at once, for
 * only that shows whether it is known.
 */
export async function add(tx: Tx, sale: Sale, event: FollowUpEvent, externalId?: string): Promise<boolean> {
  if (externalId === undefined) sale.unwritten.push(event);
  else {
    await writeDown(tx, sale);
    const row = { orderId: sale.order.id, externalId, ...event };
    const written = await tx.insert(events).values(row).onConflictDoNothing().returning({ id: events.id });
    if (written.length === 0) return false;
  }
  sale.events.push(event);
  evolve(sale.followUp, event);
  return true;
}

async function writeDown(tx: Tx, sale: Sale) {
  const rows = sale.unwritten.splice(0).map((event) => ({ orderId: sale.order.id, ...event }));
  if (rows.length > 0) await tx.insert(events).values(rows);
}

/** Decides what comes next and writes it down: the story's additions, tasks taken back, where the order stands. */
export async function settle(tx: Tx, sale: Sale, now: Instant): Promise<Next> {
  const { order, followUp, terms } = sale;
  const { record, next, contact } = decide(followUp, terms, now);
  sale.unwritten.push(...record);
  sale.events.push(...record);
  await writeDown(tx, sale);
  for (const event of record) if (event.what === 'task-cancelled') await takeBack(tx, order.id, event, null, now);
  const stands = {
    stage: next.stage,
    outcome: followUp.outcome,
    score: followUp.score,
    paidAt: order.paidAt ?? followUp.paidAt,
    nextTouch: contact?.touch ?? null,
    nextDueAt: contact?.dueAt ?? null,
  };
  if (Object.entries(stands).some(([name, value]) => order[name as keyof Order] !== value)) {
    await tx.update(orders).set(stands).where(eq(orders.id, order.id));
    Object.assign(order, stands);
  }
  return { ...next, last: inWords(sale.events.at(-1)!) };
}

/** An event in a few words, for the Temporal UI: never what a person wrote. */
export const inWords = ({ what, touch, occurrence, why }: FollowUpEvent) =>
  [what, touch && `${touch} #${occurrence}`, why].filter(Boolean).join(' ');

/** The contact planned under this name, if its time has come and nothing speaks against it. */
export const dueContact = (sale: Sale, now: Instant, touch: string, occurrence: string) =>
  dueNow(sale.followUp, sale.terms, now, touch, occurrence);

/** A touch no longer needs its task: the task is cancelled, unless another order's touch still needs it. */
export async function takeBack(
  tx: Tx,
  orderId: string,
  { touch, occurrence, why }: Pick<FollowUpEvent, 'touch' | 'occurrence' | 'why'>,
  kind: TaskKind | null,
  now: Instant,
) {
  await tx.execute(sql`
    WITH gone AS (
      DELETE FROM ${taskTouches}
      WHERE order_id = ${orderId} AND touch = ${touch} AND occurrence = ${occurrence}
        AND task_id IN (SELECT id FROM ${tasks} WHERE status = 'open' AND (${kind}::text IS NULL OR kind = ${kind}))
      RETURNING task_id
    )
    UPDATE ${tasks} SET status = 'cancelled', note = ${why}, done_at = ${new Date(now).toISOString()}
    WHERE id IN (SELECT task_id FROM gone)
      AND NOT EXISTS (
        SELECT FROM ${taskTouches} other
        WHERE other.task_id = tasks.id
          AND NOT (other.order_id = ${orderId} AND other.touch = ${touch} AND other.occurrence = ${occurrence}))`);
}

/** Asks for a run of the order's follow-up, or for the one there is to look again. */
export async function poke(tx: Tx, orderId: string, start = false): Promise<void> {
  await tx.insert(outbox).values({ orderId, start });
}
