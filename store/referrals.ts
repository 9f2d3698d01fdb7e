import { and, desc, eq, lte, type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { scaled } from '../domain/calendar.ts';
import { LEAD_DAYS, type ReferralState } from '../domain/referral.ts';
import { DAY, type Instant } from '../domain/time.ts';
import { dueAndNotGiven, markOfLead, rewardGiven } from './attribution.ts';
import type { Store } from './database.ts';
import { poke } from './followUps.ts';
import { beyond, PAGE, pageOf, writeCursor } from './pages.ts';
import { customers, orders, referralLeads, referrals, staff } from './schema.ts';

export type Referral = typeof referrals.$inferSelect;

/**
 * An address was left on a customer's referral page: an order from there within the time is their doing. Kept as a mark
 * only. Left again, its time begins anew.
 */
export async function leaveLead(store: Store, referrerId: string, hash: string, now: Instant) {
  const expiresAt = now + scaled(store.calendar, LEAD_DAYS * DAY);
  await store.db
    .insert(referralLeads)
    .values({ addressHash: markOfLead(store, hash), referrerId, at: now, expiresAt })
    .onConflictDoUpdate({ target: [referralLeads.addressHash, referralLeads.referrerId], set: { expiresAt } });
}

/** Whoever left their address on a customer's referral page has it forgotten. */
export const forgetLead = (store: Store, referrerId: string, hash: string) =>
  store.db
    .delete(referralLeads)
    .where(and(eq(referralLeads.addressHash, markOfLead(store, hash)), eq(referralLeads.referrerId, referrerId)));

/** Addresses whose time has run out are kept no longer. */
export const forgetLeads = ({ db }: Store, now: Instant) =>
  db.delete(referralLeads).where(lte(referralLeads.expiresAt, now));

/** A colleague has given what was promised for a new customer; a task that is still open for it is no longer needed. */
export async function giveReward(store: Store, id: string, by: string, now: Instant): Promise<boolean> {
  return store.db.transaction(async (tx) => {
    const orderId = await rewardGiven(tx, id, by, now);
    if (orderId !== null) await poke(tx, orderId);
    return orderId !== null;
  });
}

const friends = alias(customers, 'friends');
const rows = (store: Store) =>
  store.db
    .select({ referral: referrals, referrer: customers, friend: friends, order: orders, givenBy: staff.name })
    .from(referrals)
    .innerJoin(customers, eq(customers.id, referrals.referrerId))
    .innerJoin(orders, eq(orders.id, referrals.orderId))
    .innerJoin(friends, eq(friends.id, orders.customerId))
    .leftJoin(staff, eq(staff.handle, referrals.givenBy));

/** Who came through whom: the referral, both customers, and the new customer's order. */
export type ReferralRow = Awaited<ReturnType<typeof rows>>[number];

export interface ReferralFilter {
  state?: ReferralState;
  /** Only those whose reward is due and was not given. */
  owed?: boolean;
  cursor?: string;
}

/**
 * Who came through whom, the newest first, a page at a time (referrals_list, read backwards). Rewards that are owed are
 * few: referrals_owed finds them all.
 */
export async function listReferrals(store: Store, { state, owed, cursor }: ReferralFilter, limit = PAGE) {
  const found = await rows(store)
    .where(
      and(
        state === undefined ? undefined : eq(referrals.state, state),
        owed ? dueAndNotGiven : undefined,
        beyond('<', referrals.at, referrals.id, cursor),
      ),
    )
    .orderBy(desc(referrals.at), desc(referrals.id))
    .limit(limit + 1);
  return pageOf(found, ({ referral }) => writeCursor(referral.at, referral.id), limit);
}

/** Through whom an order's customer came; null: nobody is said to have brought them. */
export async function referralOf(store: Store, orderId: string): Promise<ReferralRow | null> {
  const [row] = await rows(store).where(eq(referrals.orderId, orderId));
  return row ?? null;
}

/** Who brought a party, and whom its people brought, the newest first and so many at most. */
export async function referralsAround(store: Store, partyId: string, limit: number) {
  const about = (of: SQL) => rows(store).where(of).orderBy(desc(referrals.at), desc(referrals.id)).limit(limit);
  const [sentBy, sent] = await Promise.all([
    about(eq(orders.partyId, partyId) as SQL),
    about(sql`${referrals.referrerId} IN (SELECT c.id FROM ${customers} c WHERE c.party_id = ${partyId})`),
  ]);
  return { sentBy, sent };
}
