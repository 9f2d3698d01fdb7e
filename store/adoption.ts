import { eq, sql } from 'drizzle-orm';
import { adoption, nextStart, type Refusal } from '../domain/adoption.ts';
import { openReturn } from '../domain/followUp.ts';
import { playbookFor } from '../domain/rules.ts';
import type { Instant } from '../domain/time.ts';
import type { Store, Tx } from './database.ts';
import { add, hoursOf, loadSale, lockParty, poke, type Sale, settle } from './followUps.ts';
import { listOverdue } from './overdue.ts';
import { type Shelf, STANDARD } from './playbooks.ts';
import { events, orders, overdue, staff } from './schema.ts';

/** What became of customers of the past that were to be kept in touch with. */
export interface Adopted {
  adopted: number;
  /** Those who have an open follow-up already. */
  known: number;
  refused: { orderId: string; why: Refusal }[];
  /** When the last of the adopted begins; null: there is none. */
  lastAt: Instant | null;
}

/**
 * Lets the customers of these orders be kept in touch with: the last order of each, kept as history until now, enters
 * waiting for the next one. They begin so many a business day, after all who were given a day before; null: at once.
 * Whoever has an open follow-up stays as they are, so the same again changes nothing.
 */
export async function adopt(
  store: Store,
  shelf: Shelf,
  orderIds: readonly string[],
  perDay: number | null,
  now: Instant,
): Promise<Adopted> {
  const all: Adopted = { adopted: 0, known: 0, refused: [], lastAt: null };
  for (const orderId of orderIds) {
    const became = await store.db.transaction((tx) => adoptOne(store, tx, shelf, orderId, perDay, now));
    if (became === 'known') all.known += 1;
    else if (typeof became === 'string') all.refused.push({ orderId, why: became });
    else {
      all.adopted += 1;
      all.lastAt = became.from;
    }
  }
  return all;
}

async function adoptOne(
  store: Store,
  tx: Tx,
  shelf: Shelf,
  orderId: string,
  perDay: number | null,
  now: Instant,
): Promise<{ from: Instant } | 'known' | Refusal> {
  const [named] = await tx.select({ customerId: orders.customerId }).from(orders).where(eq(orders.id, orderId));
  if (!named) return 'unknown';
  const partyId = await lockParty(tx, named.customerId);
  const { followed, last } = await standing(tx, partyId);
  if (followed) return 'known';
  if (last === null) return 'unpaid';
  const sale = await loadSale(store, tx, last);
  const { order, customer } = sale;
  if (customer.erasedAt !== null) return 'erased';
  if (!customer.service && !customer.selling) return 'opted-out';
  if (order.stage !== 'history') return 'ended';

  const { hash, playbook } = versionFor(sale, shelf);
  sale.terms.playbook = playbook;
  await tx.update(orders).set({ playbook: playbook.name, playbookHash: hash }).where(eq(orders.id, order.id));
  await succeed(store, tx, sale, now);
  const from = nextStart(perDay, perDay === null ? null : await lastGiven(tx), now, store.calendar);
  await add(tx, sale, adoption(sale.events, sale.terms, from, now));
  await settle(tx, sale, now);
  // Where something comes back it runs already.
  await poke(tx, order.id, !openReturn(sale.followUp));
  await tx.delete(overdue).where(eq(overdue.partyId, partyId));
  return { from };
}

/** Whether a party is followed, and its last order that was paid and kept. */
async function standing(tx: Tx, partyId: string): Promise<{ followed: boolean; last: string | null }> {
  const { rows } = await tx.execute<{ followed: boolean; last: string | null }>(sql`
    SELECT EXISTS (SELECT FROM ${orders} WHERE party_id = ${partyId} AND stage NOT IN ('history', 'ended')) AS followed,
      (SELECT id FROM ${orders} WHERE party_id = ${partyId} AND paid_at IS NOT NULL AND NOT fell_away
       ORDER BY placed_at DESC, source DESC, number DESC LIMIT 1) AS last`);
  return rows[0];
}

/** The playbook an order came in with, as it is now; where there is none of that name any more, as for a new order. */
function versionFor({ order, customer, terms }: Sale, { current, rules }: Shelf) {
  const { source, total, currency, lines } = order;
  const facts = {
    source,
    total,
    currency,
    categories: lines.flatMap(({ category }) => category ?? []),
    country: customer.country,
    repeat: terms.party.nth > 1,
  };
  return current.get(order.playbook) ?? current.get(playbookFor(rules, facts) ?? STANDARD)!;
}

/** The owner stays; of one who has left, whoever took over has it. */
export async function succeed({ calendar }: Store, tx: Tx, sale: Sale, now: Instant): Promise<void> {
  const before = sale.owner;
  while (sale.owner.leftAt !== null)
    [sale.owner] = await tx.select().from(staff).where(eq(staff.handle, sale.owner.successor!));
  const { handle } = sale.owner;
  if (handle === before.handle) return;
  sale.terms.colleague = hoursOf(sale.owner, calendar);
  await tx.update(orders).set({ owner: handle }).where(eq(orders.id, sale.order.id));
  await add(tx, sale, { what: 'assigned', at: now, why: 'left', data: { owner: handle } });
}

const BEGINS = sql.raw("(data->>'until')::bigint");

/** The last day that was given out (events_adopted); from here on days are given out one by one. */
async function lastGiven(tx: Tx): Promise<Instant | null> {
  await tx.execute(sql`SELECT pg_advisory_xact_lock(4283)`);
  const { rows } = await tx.execute<{ last: string | null }>(sql`
    SELECT max(${BEGINS}) AS last FROM ${events} WHERE what = 'adopted'`);
  return rows[0].last === null ? null : Number(rows[0].last);
}

/** How many customers of the past have a day that is still to come, and the last of these days. */
export async function yetToBegin(store: Store, now: Instant): Promise<{ customers: number; lastAt: Instant }> {
  const { rows } = await store.db.execute<{ customers: string; last: string | null }>(sql`
    SELECT count(*) AS customers, max(${BEGINS}) AS last
    FROM ${events} JOIN ${orders} o ON o.id = order_id AND o.stage <> 'ended'
    WHERE what = 'adopted' AND ${BEGINS} > ${now}`);
  return { customers: Number(rows[0].customers), lastAt: Number(rows[0].last) };
}

/** The most that are taken in at once: each is a transaction of its own. */
const AT_ONCE = 1_000;

/** The same for all who are overdue, in the order of the list; the rest may be taken in by asking again. */
export async function adoptOverdue(
  store: Store,
  shelf: Shelf,
  currency: string,
  perDay: number,
  now: Instant,
): Promise<Adopted> {
  const { items } = await listOverdue(store, currency, undefined, AT_ONCE);
  const ids = items.map(({ order }) => order.id);
  return adopt(store, shelf, ids, perDay, now);
}

/** Our ids of orders by what sales systems call them, in the same order; null where there is none. */
export async function idsOf(store: Store, names: readonly { source: string; number: string }[]) {
  const { rows } = await store.db.execute<{ id: string | null }>(sql`
    SELECT o.id FROM json_to_recordset(${JSON.stringify(names.map((one, nth) => ({ ...one, nth })))})
        AS named(source text, number text, nth integer)
      LEFT JOIN ${orders} o ON o.source = named.source AND o.number = named.number
    ORDER BY nth`);
  return rows.map(({ id }) => id);
}
