import { createHash } from 'node:crypto';
import { and, eq, ne, sql } from 'drizzle-orm';
import { after, demonstrated, isDemonstration } from '../domain/calendar.ts';
import type { FollowUpEvent } from '../domain/followUp.ts';
import { fingerprint, type Order as OrderGiven } from '../domain/order.ts';
import type { Instant } from '../domain/time.ts';
import { customerOf, eachOpenOrder } from './customers.ts';
import type { Store, Tx } from './database.ts';
import { apply, lockNumber, takeEarlyEvents, takeEvent } from './events.ts';
import { loadSale, type Order, poke, settle } from './followUps.ts';
import type { Version } from './playbooks.ts';
import { settleReorders } from './reorders.ts';
import { customers, events, orders } from './schema.ts';
import { ownerOf } from './staff.ts';

/** What became of an order that was handed in. */
export type Accepted = 'accepted' | 'history' | 'known' | 'different';

/**
 * Takes an order: written together with the word to Temporal in one transaction, so that it is either all there or
 * not at all. The same order again changes nothing but the customer's contact data and a payment that came meanwhile.
 * With `history` a new order is kept as history, whatever its age.
 */
export async function acceptOrder(
  store: Store,
  given: OrderGiven,
  version: Version,
  now: Instant,
  options: { history?: boolean } = {},
): Promise<Accepted> {
  const print = createHash('sha256').update(fingerprint(given)).digest('hex');
  const result = await store.db.transaction(async (tx) => {
    await lockNumber(tx, given.source, given.number);
    const known = await find(tx, given.source, given.number);
    if (known) return knownOrder(store, tx, given, known, print, now);
    return newOrder(store, tx, given, version, print, now, options.history ?? false);
  });
  if (result !== 'paid-meanwhile') return result;
  const paid = { id: null, type: 'paid', at: given.paidAt!, until: null, by: null, text: null } as const;
  await takeEvent(store, given.source, given.number, paid, now);
  return 'known';
}

async function find(tx: Tx, source: string, number: string) {
  const [row] = await tx
    .select({ order: orders, erasedAt: customers.erasedAt })
    .from(orders)
    .innerJoin(customers, eq(customers.id, orders.customerId))
    .where(and(eq(orders.source, source), eq(orders.number, number)));
  return row;
}

async function knownOrder(
  store: Store,
  tx: Tx,
  given: OrderGiven,
  { order, erasedAt }: { order: Order; erasedAt: Instant | null },
  print: string,
  now: Instant,
): Promise<Accepted | 'paid-meanwhile'> {
  if (erasedAt !== null) return 'known';
  if (order.fingerprint !== print) return 'different';
  const { customer, changed } = await customerOf(store, tx, given.source, given.customer, given.marks, now);
  if (changed) await eachOpenOrder(store, tx, customer.id, now, null);
  return order.paidAt === null && given.paidAt !== null ? 'paid-meanwhile' : 'known';
}

async function newOrder(
  store: Store,
  tx: Tx,
  given: OrderGiven,
  { hash, playbook }: Version,
  print: string,
  now: Instant,
  asHistory: boolean,
): Promise<Accepted> {
  const { customer, changed } = await customerOf(store, tx, given.source, given.customer, given.marks, now);
  if (changed) await eachOpenOrder(store, tx, customer.id, now, null);
  const since = Math.max(given.placedAt, given.paidAt ?? given.placedAt);
  const real = { ...store.calendar, dayMs: 86_400_000 };
  const history = asHistory || after(since, playbook.followWithin, real.zone, real) < now;
  const referrer = given.referralCode ? await referrerOf(tx, given.referralCode, customer.id) : null;
  const [order] = await tx
    .insert(orders)
    .values({
      source: given.source,
      number: given.number,
      customerId: customer.id,
      placedAt: given.placedAt,
      paidAt: given.paidAt,
      acceptedAt: now,
      currency: given.currency,
      total: given.total,
      lines: given.lines,
      fingerprint: print,
      playbook: playbook.name,
      playbookHash: hash,
      owner: await ownerOf(store, tx, customer.id, given.salesperson),
      referredBy: referrer,
      stage: history ? 'history' : 'following',
    })
    .returning();
  const begun: FollowUpEvent[] = [
    beginning(store, given, history, now),
    ...given.marks.map((text) => ({ what: 'note', at: now, text }) as const),
  ];
  await tx.insert(events).values(begun.map((event) => ({ orderId: order.id, ...event })));
  const early = await takeEarlyEvents(tx, given.source, given.number);
  // Nothing follows from history by itself.
  if (!history || early.length > 0) {
    const sale = await loadSale(store, tx, order.id);
    for (const event of early) await apply(store, tx, sale, event, now);
    const next = await settle(tx, sale, now);
    if (next.step !== 'end') await poke(tx, order.id, true);
  }
  await settleReorders(store, tx, customer.id, now);
  if (referrer) await tellReferrer(tx, referrer, now);
  return history ? 'history' : 'accepted';
}

/** The event a story begins with. In a demonstration the order is placed when it is accepted. */
function beginning(store: Store, given: OrderGiven, history: boolean, now: Instant): FollowUpEvent {
  const { calendar } = store;
  const date = (at: Instant) => demonstrated(at, given.placedAt, now, calendar);
  const placedAt = isDemonstration(calendar) ? now : given.placedAt;
  return {
    what: history ? 'history' : 'accepted',
    at: now,
    data: {
      placedAt,
      paidAt: given.paidAt === null ? null : Math.min(date(given.paidAt), now),
      promises: given.promises.map(({ what, by }) => ({ what, by: date(by) })),
    },
  };
}

/** The customer behind a referral code; nobody brings themselves. */
async function referrerOf(tx: Tx, code: string, customerId: string): Promise<string | null> {
  const [row] = await tx
    .select({ id: customers.id })
    .from(customers)
    .where(and(eq(customers.referralCode, code.trim().toUpperCase()), ne(customers.id, customerId)));
  return row?.id ?? null;
}

/** The referrer's last order says that somebody came through them. */
const tellReferrer = (tx: Tx, customerId: string, at: Instant) =>
  tx.execute(sql`
    INSERT INTO ${events} (order_id, what, at)
    SELECT id, 'referred', ${new Date(at).toISOString()}::timestamptz FROM ${orders}
    WHERE customer_id = ${customerId} ORDER BY placed_at DESC LIMIT 1`);

/** An order by what the sales system calls it. */
export async function findOrder(store: Store, source: string, number: string): Promise<Order | null> {
  return (await find(store.db, source, number))?.order ?? null;
}
