import { eq, sql } from 'drizzle-orm';
import { demonstrated } from '../domain/calendar.ts';
import type { Brake } from '../domain/followUp.ts';
import type { Instant } from '../domain/time.ts';
import { eachOpenOrder } from './customers.ts';
import { refresh, type Settings, type Store, type Tx } from './database.ts';
import { lockParty } from './followUps.ts';
import { customers, orders, outbox, settings } from './schema.ts';

/** A pause that is on: what falls due waits for its end. */
export interface Pause {
  until: Instant;
  why: string;
}

/** What holds a contact back while everything is paused. */
const EVERYTHING: Brake = 'everything-paused';

/** The pause for everything as it is now, whichever part of the house began it; null: there is none. */
export async function pauseOfEverything(store: Store, now: Instant): Promise<Pause | null> {
  const [row] = await store.db.select().from(settings);
  refresh(store, row);
  const { pausedUntil: until, pausedWhy: why } = row;
  return until !== null && until > now ? { until, why: why ?? '' } : null;
}

/** How many follow-ups wait for the end of the pause (index orders_braked). */
export async function putOffByPause({ db }: Store): Promise<number> {
  const { rows } = await db.execute<{ count: string }>(sql`
    SELECT count(*) AS count FROM ${orders} WHERE brake = ${EVERYTHING}`);
  return Number(rows[0].count);
}

/**
 * Lets everything wait until then, whatever pause was on before; in a demonstration its length is one of short days. How
 * many follow-ups an earlier end woke.
 */
export const pauseEverything = (store: Store, { until, why }: Pause, now: Instant): Promise<number> =>
  changePause(store, { pausedUntil: demonstrated(until, now, now, store.calendar), pausedWhy: why });

/** Ends the pause for everything. How many follow-ups that woke. */
export const resumeEverything = (store: Store): Promise<number> =>
  changePause(store, { pausedUntil: null, pausedWhy: null });

/** What sleeps until the end that was told before looks again where the end is earlier now. */
async function changePause(store: Store, change: Pick<Settings, 'pausedUntil' | 'pausedWhy'>): Promise<number> {
  const { row, woken } = await store.db.transaction(async (tx) => {
    const [before] = await tx.select().from(settings).where(eq(settings.id, 1)).for('update');
    const [row] = await tx.update(settings).set(change).where(eq(settings.id, 1)).returning();
    const earlier = before.pausedUntil !== null && (row.pausedUntil ?? 0) < before.pausedUntil;
    return { row, woken: earlier ? await wake(tx, EVERYTHING) : 0 };
  });
  refresh(store, row);
  return woken;
}

/** A look that overlapped the end of a pause by moments may sleep until its old end: those look again. How many. */
export const wakeOversleepers = async (store: Store, now: Instant): Promise<number> =>
  (await pauseOfEverything(store, now)) === null ? wake(store.db, EVERYTHING) : 0;

/** Has every order look again whose next contact this puts off, what is due first first. How many. */
async function wake(tx: Tx, brake: Brake): Promise<number> {
  const { rowCount } = await tx.execute(sql`
    INSERT INTO ${outbox} (order_id, start)
    SELECT id, false FROM ${orders} WHERE brake = ${brake} ORDER BY next_due_at, id`);
  return rowCount ?? 0;
}

/**
 * Lets everything for a customer wait until then, or go on (null): all records of theirs, and all people of their
 * company. Their open orders look again.
 */
export async function pauseCustomer(
  store: Store,
  customerId: string,
  until: Instant | null,
  now: Instant,
): Promise<void> {
  await store.db.transaction(async (tx) => {
    const partyId = await lockParty(tx, customerId);
    const theirs = await tx
      .update(customers)
      .set({ pausedUntil: until })
      .where(eq(customers.partyId, partyId))
      .returning({ id: customers.id });
    for (const { id } of theirs) await eachOpenOrder(store, tx, id, now, null);
  });
}
