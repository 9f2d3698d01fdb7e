import { createHmac } from 'node:crypto';
import { and, asc, desc, eq, gte, isNull, ne, sql } from 'drizzle-orm';
import { scaled } from '../domain/calendar.ts';
import type { FollowUpEvent } from '../domain/followUp.ts';
import { BURST, type ReferralState, type Refusal, readCode, refusalOf } from '../domain/referral.ts';
import { DAY, type Instant } from '../domain/time.ts';
import type { Store, Tx } from './database.ts';
import { customers, orders, referralLeads, referrals, settings } from './schema.ts';

type Customer = typeof customers.$inferSelect;

/** The customer a code belongs to; null where there is none, or they were erased. */
export async function referrerBehind(tx: Tx, code: string): Promise<Customer | null> {
  const [row] = await tx
    .select()
    .from(customers)
    .where(and(eq(customers.referralCode, readCode(code)), isNull(customers.erasedAt)));
  return row ?? null;
}

/**
 * By what an address is known that was left on a referral page: it tells whether an order comes from there, and without
 * our secret not even that.
 */
export const markOfLead = ({ settings }: Pick<Store, 'settings'>, addressHash: string) =>
  createHmac('sha256', settings.secret).update(`lead ${addressHash}`).digest('hex');

/** Who brought an order's customer, or why nobody is thanked for it. */
export interface Attribution {
  /** Null: the code is nobody's. */
  referrer: Customer | null;
  by: 'code' | 'page';
  /** A code that came with the order and is nobody's. */
  unknownCode: string | null;
  refused: Refusal | null;
  /** Too many came through the referrer at once. */
  burst: boolean;
}

/** An order that is coming in, as far as it matters who brought its customer. */
export interface Coming {
  customer: Customer;
  /** What was given with the order; null: none. */
  code: string | null;
  order: { placedAt: Instant; source: string; number: string };
  history: boolean;
}

/**
 * Finds out who brought the customer of an order that is coming in: by the code that was given, else, also where that
 * is mistyped, by the address that was left on a referral page, the first one where there are several. Null: nobody is
 * said to have. From here on the orders that came through the same customer come one by one: how many there were is
 * counted.
 */
export async function attribute(
  store: Store,
  tx: Tx,
  { customer, code, order, history }: Coming,
  now: Instant,
): Promise<Attribution | null> {
  const left = customer.emailHash === null ? [] : await takeLeads(tx, markOfLead(store, customer.emailHash), now);
  const named = code === null ? null : await referrerBehind(tx, code);
  const referrer = named ?? (await referrerOf(tx, left));
  const unknownCode = named === null ? code : null;
  if (referrer === null)
    return code === null ? null : { referrer, by: 'code', unknownCode, refused: 'unknown-code', burst: false };
  const by = named === null ? 'page' : 'code';
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${referrer.id}, 4))`);
  const refused = refusalOf({
    bySelf: isSame(referrer, customer),
    known: await hasOrdered(tx, customer.partyId, order),
    before: await wasBrought(tx, customer.partyId),
    history,
  });
  const burst = refused === null && (await isBurst(store, tx, referrer.id, now));
  return { referrer, by, unknownCode, refused, burst };
}

/** The addresses that were left and fit, once: who has ordered is waited for no more. */
const takeLeads = (tx: Tx, mark: string, now: Instant) =>
  tx
    .delete(referralLeads)
    .where(eq(referralLeads.addressHash, mark))
    .returning()
    .then((rows) => rows.filter(({ expiresAt }) => expiresAt > now).sort((a, b) => a.at - b.at));

async function referrerOf(tx: Tx, leads: { referrerId: string }[]): Promise<Customer | null> {
  for (const { referrerId } of leads) {
    const [row] = await tx.select().from(customers).where(eq(customers.id, referrerId));
    if (row.erasedAt === null) return row;
  }
  return null;
}

/** Nobody brings themselves: the same customer, or the same address or number in another shop. */
const isSame = (one: Customer, other: Customer) =>
  one.partyId === other.partyId ||
  (one.emailHash !== null && one.emailHash === other.emailHash) ||
  (one.phoneHash !== null && one.phoneHash === other.phoneHash);

/** Whether the party placed an order before this one, whatever became of it (orders_party). */
async function hasOrdered(tx: Tx, partyId: string, { placedAt, source, number }: Coming['order']): Promise<boolean> {
  const earlier = and(
    eq(orders.partyId, partyId),
    sql`(${orders.placedAt}, ${orders.source}, ${orders.number}) < (${time(placedAt)}, ${source}, ${number})`,
  );
  return (await tx.select({ id: orders.id }).from(orders).where(earlier).limit(1)).length > 0;
}

/** Whether somebody is thanked, or may be, for having brought the party already. */
async function wasBrought(tx: Tx, partyId: string): Promise<boolean> {
  const brought = await tx
    .select({ id: referrals.id })
    .from(orders)
    .innerJoin(referrals, eq(referrals.orderId, orders.id))
    .where(and(eq(orders.partyId, partyId), ne(referrals.state, 'refused')))
    .limit(1);
  return brought.length > 0;
}

/** Whether with one more there are too many through this customer (referrals_referrer). */
async function isBurst({ calendar }: Store, tx: Tx, referrerId: string, now: Instant): Promise<boolean> {
  const lately = await tx
    .select({ id: referrals.id })
    .from(referrals)
    .where(
      and(
        eq(referrals.referrerId, referrerId),
        gte(referrals.at, now - scaled(calendar, BURST.days * DAY)),
        ne(referrals.state, 'refused'),
      ),
    )
    .limit(BURST.most);
  return lately.length >= BURST.most;
}

/** Keeps who brought an order's customer. The event its story begins to tell it with, with a code that led nowhere. */
export async function recordReferral(
  tx: Tx,
  orderId: string,
  { referrer, by, unknownCode, refused, burst }: Attribution,
  now: Instant,
): Promise<FollowUpEvent> {
  if (referrer !== null) {
    const state: ReferralState = refused ? 'refused' : burst ? 'suspected' : 'pending';
    const why = refused ?? (burst ? 'burst' : null);
    const thanksOrderId = (await orderForThanks(tx, referrer.id))!;
    await tx.insert(referrals).values({ referrerId: referrer.id, thanksOrderId, orderId, state, why, at: now });
  }
  const text = unknownCode === null ? {} : { text: `The code that came with the order is nobody's: ${unknownCode}` };
  return { ...(refused ? { what: 'referral-refused', why: refused } : { what: 'brought', why: by }), at: now, ...text };
}

/** In which of their orders a customer is thanked: one that is followed, else one that was; of several the last. */
async function orderForThanks(tx: Tx, customerId: string): Promise<string | null> {
  const [row] = await tx
    .select({ id: orders.id })
    .from(orders)
    .where(eq(orders.customerId, customerId))
    .orderBy(
      desc(sql`${orders.stage} NOT IN ('history', 'ended')`),
      desc(sql`${orders.stage} <> 'history'`),
      asc(orders.fellAway),
      desc(orders.placedAt),
    )
    .limit(1);
  return row?.id ?? null;
}

/** A person has looked at a burst and lets this one count as any other. */
export const letCount = (tx: Tx, orderId: string) =>
  tx
    .update(referrals)
    .set({ state: 'pending', why: null })
    .where(and(eq(referrals.orderId, orderId), eq(referrals.state, 'suspected')));

/**
 * Keeps how the referral came out that brought an order's customer, with what the referrer gets for it. The referrer's
 * order in which they are thanked, which has to look again; null: there is nothing to thank for.
 */
export async function referralCameOut(
  tx: Tx,
  orderId: string,
  { what, why, at }: FollowUpEvent,
): Promise<string | null> {
  const [row] = await tx.select().from(referrals).where(eq(referrals.orderId, orderId));
  if (what !== 'referral-earned') {
    await tx.update(referrals).set({ state: 'refused', why }).where(eq(referrals.id, row.id));
    return null;
  }
  const thanksOrderId = (await orderForThanks(tx, row.referrerId))!;
  const [{ reward }] = await tx.select({ reward: settings.reward }).from(settings);
  const owed = reward === '' ? {} : { reward, rewardDueAt: at };
  await tx
    .update(referrals)
    .set({ state: 'earned', why: null, earnedAt: at, thanksOrderId, ...owed })
    .where(eq(referrals.id, row.id));
  return thanksOrderId;
}

/** Rewards that are owed. */
export const dueAndNotGiven = and(isNull(referrals.givenAt), sql`${referrals.rewardDueAt} IS NOT NULL`);

/** A reward was given, once: the order in which the referrer is thanked; null where none was owed. */
export async function rewardGiven(tx: Tx, id: string, by: string, now: Instant): Promise<string | null> {
  const [given] = await tx
    .update(referrals)
    .set({ givenAt: now, givenBy: by })
    .where(and(eq(referrals.id, id), dueAndNotGiven))
    .returning({ orderId: referrals.thanksOrderId });
  return given?.orderId ?? null;
}

const time = (at: Instant) => sql`${new Date(at).toISOString()}::timestamptz`;
