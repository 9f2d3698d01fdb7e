import { createHash } from 'node:crypto';
import { and, desc, eq, isNotNull, lt, not, sql } from 'drizzle-orm';
import { DateTime } from 'luxon';
import { after, BUSINESS_WEEK, type Calendar, demonstrated, isDemonstration } from '../domain/calendar.ts';
import type { Day } from '../domain/dates.ts';
import type { End, FollowUpEvent } from '../domain/followUp.ts';
import { fingerprint, type Order as OrderGiven } from '../domain/order.ts';
import type { Playbook } from '../domain/playbook.ts';
import { REFERRAL_BURST } from '../domain/referral.ts';
import { playbookFor } from '../domain/rules.ts';
import { DAY, type Instant, type Span } from '../domain/time.ts';
import { zoneOf } from '../domain/zones.ts';
import { attribute, recordReferral } from './attribution.ts';
import { customerOf, eachOpenOrder } from './customers.ts';
import type { Store, Tx } from './database.ts';
import { apply, lockNumber, takeEarlyEvents, takeEvent } from './events.ts';
import { add, loadSale, type Order, poke, type Sale, settle } from './followUps.ts';
import { linkByRule } from './parties.ts';
import { type Shelf, STANDARD } from './playbooks.ts';
import { settleReorders } from './reorders.ts';
import { customers, events, orders, purchases } from './schema.ts';
import { ownerOf } from './staff.ts';
import { makeTask } from './tasks.ts';

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
  shelf: Shelf,
  now: Instant,
  options: { history?: boolean } = {},
): Promise<Accepted> {
  const print = createHash('sha256').update(fingerprint(given)).digest('hex');
  let changed: string | null = null;
  const tellOf = (customerId: string) => {
    changed = customerId;
  };
  const result = await store.db.transaction(async (tx) => {
    await lockNumber(tx, given.source, given.number);
    const known = await find(tx, given.source, given.number);
    if (known) return knownOrder(store, tx, given, known, print, now, tellOf);
    return newOrder(store, tx, given, shelf, print, now, options.history ?? false, tellOf);
  });
  if (changed) await linkByRule(store, changed, now);
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
  tellOf: (customerId: string) => void,
): Promise<Accepted | 'paid-meanwhile'> {
  if (erasedAt !== null) return 'known';
  if (order.fingerprint !== print) return 'different';
  const { customer, changed } = await customerOf(store, tx, given.source, given.customer, given.marks, now);
  if (changed) await eachOpenOrder(store, tx, customer.id, now, null);
  if (changed) tellOf(customer.id);
  return order.paidAt === null && given.paidAt !== null ? 'paid-meanwhile' : 'known';
}

async function newOrder(
  store: Store,
  tx: Tx,
  given: OrderGiven,
  { current, rules }: Shelf,
  print: string,
  now: Instant,
  asHistory: boolean,
  tellOf: (customerId: string) => void,
): Promise<Accepted> {
  const { customer, changed } = await customerOf(store, tx, given.source, given.customer, given.marks, now);
  if (changed) await eachOpenOrder(store, tx, customer.id, now, null);
  if (changed) tellOf(customer.id);
  const before = await lastPaid(tx, customer.partyId, given.placedAt);
  const facts = {
    source: given.source,
    categories: given.lines.flatMap(({ category }) => category ?? []),
    total: given.total,
    currency: given.currency,
    country: customer.country,
    repeat: before !== null,
  };
  const { hash, playbook } = current.get(given.playbook ?? playbookFor(rules, facts) ?? STANDARD)!;
  const since = Math.max(given.placedAt, given.paidAt ?? given.placedAt);
  const real = { ...store.calendar, dayMs: DAY };
  const history = asHistory || after(since, playbook.followWithin, real.zone, real) < now;
  const coming = { customer, code: given.referralCode, order: given, history };
  const brought = await attribute(store, tx, coming, now);
  const referrer = brought?.refused === null ? brought.referrer : null;
  const [order] = await tx
    .insert(orders)
    .values({
      source: given.source,
      number: given.number,
      customerId: customer.id,
      partyId: customer.partyId,
      addOn: isAddOn(playbook, given, before),
      placedAt: given.placedAt,
      paidAt: given.paidAt,
      acceptedAt: now,
      currency: given.currency,
      total: given.total,
      lines: given.lines,
      fingerprint: print,
      playbook: playbook.name,
      playbookHash: hash,
      ...(await ownerOf(store, tx, customer.partyId, given.salesperson, rules, facts, now)),
      referredBy: referrer?.id,
      stage: history ? 'history' : 'following',
    })
    .returning();
  const bought = given.lines.flatMap(({ sku, name }, line) =>
    sku ? [{ orderId: order.id, line: line + 1, partyId: customer.partyId, sku, name, placedAt: given.placedAt }] : [],
  );
  if (bought.length > 0) await tx.insert(purchases).values(bought);
  const begun: FollowUpEvent[] = [
    beginning(store, given, zoneOf(customer, store.calendar.zone), history, now),
    ...given.marks.map((text) => ({ what: 'note', at: now, text }) as const),
    ...(brought ? [await recordReferral(tx, order.id, brought, now)] : []),
  ];
  await tx.insert(events).values(begun.map((event) => ({ orderId: order.id, ...event })));
  const early = await takeEarlyEvents(tx, given.source, given.number);
  // Nothing follows from history by itself.
  if (!history || early.length > 0) {
    const sale = await loadSale(store, tx, order.id);
    for (const event of early) await apply(store, tx, sale, event, now);
    if (brought?.burst) await lookAtBurst(store, tx, sale, brought.referrer!.id, now);
    const next = await settle(tx, sale, now);
    if (next.step !== 'end') await poke(tx, order.id, true);
  }
  await settleReorders(store, tx, customer.partyId, now);
  if (referrer) await tellReferrer(tx, referrer.id, now);
  return history ? 'history' : 'accepted';
}

/** The event a story begins with. In a demonstration the order is placed when it is accepted. */
function beginning(store: Store, given: OrderGiven, zone: string, history: boolean, now: Instant): FollowUpEvent {
  const { calendar } = store;
  const date = (at: Instant) => demonstrated(at, given.placedAt, now, calendar);
  const placedAt = isDemonstration(calendar) ? now : given.placedAt;
  const ends = given.lines
    .flatMap(({ term, warrantyUntil }, index) => [
      ...endOf('term', term?.to ?? null, index, zone),
      ...endOf('warranty', warrantyUntil, index, zone),
    ])
    .map((end) => ({ ...end, at: date(end.at) }));
  return {
    what: history ? 'history' : 'accepted',
    at: now,
    data: {
      placedAt,
      paidAt: given.paidAt === null ? null : Math.min(date(given.paidAt), now),
      promises: given.promises.map(({ what, by, expected }) => ({
        what,
        by: date(by),
        ...(expected !== null && { expected: date(expected) }),
      })),
      ...(ends.length > 0 && { ends }),
      ...(isDemonstration(calendar) && { dayMs: calendar.dayMs }),
    },
  };
}

/** A contract or warranty is over with its last day, where the customer is. */
const endOf = (of: End['of'], day: Day | null, index: number, zone: string): End[] =>
  day === null ? [] : [{ line: index + 1, of, at: DateTime.fromISO(day, { zone }).endOf('day').toMillis() }];

/** When the party last placed a paid order before this; null: never. */
async function lastPaid(tx: Tx, partyId: string, before: Instant): Promise<Instant | null> {
  const [row] = await tx
    .select({ placedAt: orders.placedAt })
    .from(orders)
    .where(
      and(eq(orders.partyId, partyId), lt(orders.placedAt, before), isNotNull(orders.paidAt), not(orders.fellAway)),
    )
    .orderBy(desc(orders.placedAt))
    .limit(1);
  return row?.placedAt ?? null;
}

/** Spare parts, or what was forgotten and ordered within the week, prove nobody satisfied. */
function isAddOn({ addOns, addOnWithin }: Playbook, { lines, placedAt }: OrderGiven, before: Instant | null): boolean {
  if (before === null) return false;
  const soon = after(before, addOnWithin, 'UTC', REAL_DAYS) >= placedAt;
  const parts = lines.length > 0 && lines.every(({ category }) => addOns.includes(category?.toLowerCase() ?? ''));
  return soon || parts;
}

const REAL_DAYS: Calendar = { dayMs: DAY, zone: 'UTC', week: BUSINESS_WEEK, place: null };

/** Whoever looks after the referrer looks at what came through them all at once, in one task, and lets it count or not. */
async function lookAtBurst(store: Store, tx: Tx, sale: Sale, referrerId: string, now: Instant) {
  const [last] = await tx
    .select({ owner: orders.owner })
    .from(orders)
    .where(eq(orders.customerId, referrerId))
    .orderBy(desc(orders.placedAt))
    .limit(1);
  const within: Span = { amount: 1, unit: 'business days' };
  const about = { touch: REFERRAL_BURST, occurrence: '1' };
  const wanted = { kind: 'other', reason: REFERRAL_BURST, ...about, within, owner: last.owner } as const;
  const { what } = await makeTask(store, tx, sale, wanted, now);
  await add(tx, sale, { what, at: now, ...about, why: REFERRAL_BURST });
}

/** The referrer's last order says that somebody came through them. */
const tellReferrer = (tx: Tx, customerId: string, at: Instant) =>
  tx.execute(sql`
    INSERT INTO ${events} (order_id, what, at)
    SELECT id, 'referred', ${new Date(at).toISOString()}::timestamptz FROM ${orders}
    WHERE customer_id = ${customerId} ORDER BY placed_at DESC LIMIT 1`);

/** An order by what the sales system calls it. */
export async function findOrder(store: Store, source: string, number: string): Promise<Order | null> {
  // PostgreSQL takes no NUL, and so no order has one; an address may.
  return `${source}${number}`.includes('\0') ? null : ((await find(store.db, source, number))?.order ?? null);
}
