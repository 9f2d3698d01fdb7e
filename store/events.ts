import { and, eq, sql } from 'drizzle-orm';
import { after, demonstrated, isDemonstration } from '../domain/calendar.ts';
import type { FollowUpEvent } from '../domain/followUp.ts';
import type { EventType, ReportedEvent } from '../domain/messages.ts';
import { ENDS_BY, type ReturnEnd } from '../domain/returns.ts';
import type { Instant } from '../domain/time.ts';
import { openingOf } from './complaintOpening.ts';
import type { Store, Tx } from './database.ts';
import { add, loadSale, lockParty, poke, type Sale, settle } from './followUps.ts';
import { settleReorders } from './reorders.ts';
import { earlyEvents, orders, returns } from './schema.ts';

/**
 * Takes an event about an order, once by its id: into the order's story, or kept until the order comes.
 * False when it was known.
 */
export async function takeEvent(
  store: Store,
  source: string,
  number: string,
  event: ReportedEvent,
  now: Instant,
): Promise<boolean> {
  return store.db.transaction(async (tx) => {
    await lockNumber(tx, source, number);
    const [order] = await tx
      .select({ id: orders.id, customerId: orders.customerId })
      .from(orders)
      .where(and(eq(orders.source, source), eq(orders.number, number)));
    if (!order) {
      const kept = await tx
        .insert(earlyEvents)
        .values({ source, number, externalId: event.id ?? crypto.randomUUID(), event })
        .onConflictDoNothing()
        .returning({ id: earlyEvents.id });
      return kept.length > 0;
    }
    const partyId = await lockParty(tx, order.customerId);
    const sale = await loadSale(store, tx, order.id);
    // Whoever was erased stays so: what is told of them now is not kept.
    if (sale.customer.erasedAt !== null) return false;
    if (!(await apply(store, tx, sale, event, now))) return false;
    if (event.type === 'returned' || event.type === 'exchanged')
      await settleReturns(tx, sale, { as: ENDS_BY[event.type], note: null }, now);
    await settle(tx, sale, now);
    await settleReorders(store, tx, partyId, now);
    await poke(tx, order.id);
    return true;
  });
}

/** One at a time for an order's number: an order and its early event may come at the same moment. */
export const lockNumber = (tx: Tx, source: string, number: string) =>
  tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${`${source}/${number}`}, 0))`);

/** Hands out what came before its order, once. */
export const takeEarlyEvents = (tx: Tx, source: string, number: string): Promise<ReportedEvent[]> =>
  tx
    .delete(earlyEvents)
    .where(and(eq(earlyEvents.source, source), eq(earlyEvents.number, number)))
    .returning()
    .then((rows) => rows.sort((a, b) => a.id - b.id).map(({ event, externalId }) => ({ ...event, id: externalId })));

/** Lets a reported event happen to a sale in hand; false when it was known. */
export async function apply(store: Store, tx: Tx, sale: Sale, reported: ReportedEvent, now: Instant): Promise<boolean> {
  const event = told(store, sale, reported, now);
  if (event.what === 'complained') {
    const { wants, customer: customerId } = reported;
    event.data = await openingOf(store, tx, sale, { wants, customerId, themselves: customerId !== undefined }, now);
  }
  if (!(await add(tx, sale, event, reported.id ?? undefined))) return false;
  if (event.what === 'cancelled' || event.what === 'returned') {
    sale.order.fellAway = true;
    await tx.update(orders).set({ fellAway: true }).where(eq(orders.id, sale.order.id));
  }
  return true;
}

/** Settles the open return of this number of a sale in hand, or all that are open where none is named. */
export async function settleReturns(
  tx: Tx,
  sale: Sale,
  { as, note, number: named }: { as: ReturnEnd; note: string | null; number?: number },
  now: Instant,
): Promise<void> {
  for (const { number, receipt, settledAt } of sale.followUp.returns) {
    if (settledAt !== null || (named ?? number) !== number) continue;
    // What a manager said when it was asked for stays.
    const notes = sql`nullif(concat_ws(E'\n', ${returns.note}, ${note}::text), '')`;
    await tx.update(returns).set({ settledAt: now, settledAs: as, note: notes }).where(eq(returns.receipt, receipt));
    await add(tx, sale, { what: 'return-settled', at: now, why: as, ...(note && { text: note }), data: { number } });
  }
}

/** Events that show a promise kept or broken: it matters who says so. */
const SETTLES_PROMISES: readonly EventType[] = ['delivered', 'installed', 'promise-kept', 'promise-broken'];

/** The event as the story tells it. In a demonstration it happens now, and its dates come in short days. */
function told(store: Store, sale: Sale, reported: ReportedEvent, now: Instant): FollowUpEvent {
  const { calendar } = store;
  const { type, text } = reported;
  const at = isDemonstration(calendar) ? now : Math.min(reported.at, now);
  const shortened = (date: Instant) => demonstrated(date, reported.at, now, calendar);
  const event: FollowUpEvent = { what: type, at, ...(text && { text }) };
  if (type === 'promised') event.data = { by: shortened(reported.by!) };
  if (type === 'paused' && reported.until) event.data = { until: shortened(reported.until) };
  if (type === 'interested') {
    const { playbook, person } = sale.terms;
    event.data = { until: after(at, playbook.interestPauses, person.zone, calendar) };
  }
  if (type === 'promise-kept' || type === 'promise-broken') {
    const named = sale.followUp.promises.filter(({ what }) => text && what.toLowerCase() === text.toLowerCase());
    // The same may have been promised anew after it was broken.
    const meant = named.find(({ state }) => state === 'open') ?? named[0];
    if (meant) event.data = { number: meant.number };
  }
  if (reported.word && SETTLES_PROMISES.includes(type)) event.data = { ...event.data, word: true };
  return event;
}
