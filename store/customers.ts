import { createHash, randomBytes } from 'node:crypto';
import { and, asc, eq, inArray, isNull, ne, or, sql } from 'drizzle-orm';
import type { FollowUpEvent } from '../domain/followUp.ts';
import type { CustomerPatch } from '../domain/messages.ts';
import type { Customer as CustomerGiven } from '../domain/order.ts';
import type { Instant } from '../domain/time.ts';
import { markOfLead } from './attribution.ts';
import { lockMarks } from './belonging.ts';
import { consentEvent, consentOf, defaultConsent, isSameConsent, recordsOfPerson, spreadRefusals } from './consent.ts';
import type { Store, Tx } from './database.ts';
import { add, type Customer, loadSale, lockParty, poke, settle } from './followUps.ts';
import { isReturning } from './open.ts';
import { leaveColleagues, linkByRule, linkedTo, newHome } from './parties.ts';
import {
  answers,
  caughtMails,
  complaints,
  customers,
  events,
  improvements,
  inboundMails,
  ledger,
  orders,
  purchases,
  referralLeads,
  referrals,
  returns,
  suppressions,
  tasks,
  taskTouches,
  tokens,
} from './schema.ts';

/** What an address or a phone number is remembered by when its owner is erased. */
export const hashOf = (address: string) => createHash('sha256').update(address.toLowerCase()).digest('hex');

/** Letters and digits nobody mistakes for one another. */
export const CODE_LETTERS = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const newCode = () => Array.from(randomBytes(8), (byte) => CODE_LETTERS[byte % CODE_LETTERS.length]).join('');

/**
 * The customer of an order, under their party's lock; made when new, in the party they belong to by rule. Contact data
 * that changed are taken over, consent never is. `changed` says that a rule may link them now.
 */
export async function customerOf(
  store: Store,
  tx: Tx,
  source: string,
  given: CustomerGiven,
  marks: string[],
  now: Instant,
): Promise<{ customer: Customer; changed: boolean }> {
  const contact = contactOf(given);
  await lockMarks(tx, { source, ...contact }, [`customer ${source}/${given.id}`]);
  const known = await tx
    .select({ id: customers.id })
    .from(customers)
    .where(and(eq(customers.source, source), eq(customers.externalId, given.id)));
  if (known.length === 0) {
    const { more, ...home } = await newHome(tx, { source, ...contact });
    const [customer] = await tx
      .insert(customers)
      .values({
        ...contact,
        ...home,
        ...consentOf(given.consent, defaultConsent(store, given.country), null),
        source,
        externalId: given.id,
        marks,
        referralCode: newCode(),
        createdAt: now,
      })
      .returning();
    if (home.linkedBy === null) return { customer, changed: false };
    const [said] = await spreadRefusals(tx, customer.partyId, sql`c.id = ${customer.id}`);
    return { customer: said ?? customer, changed: more };
  }
  await lockParty(tx, known[0].id);
  const [row] = await tx.select().from(customers).where(eq(customers.id, known[0].id));
  const fresh = Object.entries(contact).filter(
    ([name, value]) =>
      value !== null &&
      JSON.stringify(value) !== '{}' &&
      JSON.stringify(row[name as keyof Customer]) !== JSON.stringify(value),
  );
  if (fresh.length === 0) return { customer: row, changed: false };
  const set = Object.fromEntries(fresh) as Partial<Customer>;
  if (set.phoneHash) Object.assign(set, { phoneWrong: false, phoneVerifiedAt: null });
  if (set.emailHash) set.emailVerifiedAt = null;
  await tx.update(customers).set(set).where(eq(customers.id, row.id));
  if (set.companyId) await leaveColleagues(store, tx, row, now);
  return { customer: await customerById(tx, row.id), changed: true };
}

const contactOf = (given: CustomerGiven) => ({
  name: given.name,
  email: given.email,
  emailHash: given.email ? hashOf(given.email) : null,
  phone: given.phone,
  phoneHash: given.phone ? hashOf(given.phone) : null,
  companyId: given.company?.id ?? null,
  companyName: given.company?.name ?? null,
  role: given.role,
  timeZone: given.timeZone,
  locale: given.locale,
  country: given.country,
  preferences: given.preferences,
});

/** A customer by the sales system's id. */
export async function findCustomer(store: Store, source: string, externalId: string): Promise<Customer | null> {
  const [row] = await store.db
    .select()
    .from(customers)
    .where(and(eq(customers.source, source), eq(customers.externalId, externalId)));
  return row ?? null;
}

/** A customer by our own id. */
export async function customerById(tx: Tx, id: string): Promise<Customer> {
  const [row] = await tx.select().from(customers).where(eq(customers.id, id));
  return row;
}

/** Mail arrived at a customer's address: it is theirs. */
export const verifyEmail = (tx: Tx, id: string, now: Instant) =>
  tx
    .update(customers)
    .set({ emailVerifiedAt: now })
    .where(and(eq(customers.id, id), isNull(customers.emailVerifiedAt)));

/**
 * Changes a customer. What they say about consent is said by the person: it holds for all records with their address,
 * and ends, or allows again, what it covers in every open follow-up of theirs.
 */
export async function changeCustomer(
  store: Store,
  id: string,
  patch: Omit<CustomerPatch, 'pausedUntil'>,
  now: Instant,
): Promise<void> {
  await store.db.transaction(async (tx) => {
    await lockParty(tx, id);
    const row = await customerById(tx, id);
    if (row.erasedAt !== null) return;
    const { consent, company, preferences, email, ...plain } = patch;
    const set: Partial<Customer> = { ...plain };
    if (email !== undefined && email !== row.email)
      Object.assign(set, { email, emailHash: email ? hashOf(email) : null, emailVerifiedAt: null });
    if (company !== undefined)
      Object.assign(set, { companyId: company?.id ?? null, companyName: company?.name ?? null });
    const { phone } = patch;
    if (phone !== undefined) {
      Object.assign(set, { phoneWrong: false, phoneHash: phone ? hashOf(phone) : null });
      if (phone !== row.phone) set.phoneVerifiedAt = null;
    }
    if (preferences !== undefined) {
      const merged = Object.entries({ ...row.preferences, ...preferences }).filter(([, value]) => value !== null);
      set.preferences = preferences === null ? {} : Object.fromEntries(merged);
    }
    if (Object.keys(set).length > 0) {
      await tx.update(customers).set(set).where(eq(customers.id, id));
      if (set.companyId !== undefined && set.companyId !== row.companyId) await leaveColleagues(store, tx, row, now);
      await eachOpenOrder(store, tx, id, now, null);
    }
    if (consent !== undefined) await keepConsent(store, tx, id, consent, now);
  });
  if (patch.email || patch.phone || patch.company) await linkByRule(store, id, now);
}

/** Keeps what a person says about consent, for all their records; the caller holds their party's lock. */
async function keepConsent(
  store: Store,
  tx: Tx,
  id: string,
  consent: NonNullable<CustomerPatch['consent']> | null,
  now: Instant,
) {
  for (const one of await recordsOfPerson(tx, await customerById(tx, id))) {
    const kept = consentOf(consent, defaultConsent(store, one.country), one);
    if (isSameConsent(kept, one)) continue;
    await tx.update(customers).set(kept).where(eq(customers.id, one.id));
    await eachOpenOrder(store, tx, one.id, now, consentEvent(kept, now));
  }
}

/** Somebody wants no more mail, and says so by mail; the caller holds their party's lock. */
export const stopEverything = (store: Store, tx: Tx, id: string, now: Instant) =>
  keepConsent(store, tx, id, { service: false, selling: false }, now);

/** Opting out by link: of selling, or of everything. */
export const optOut = (store: Store, customerId: string, everything: boolean, now: Instant) =>
  changeCustomer(
    store,
    customerId,
    { consent: everything ? { service: false, selling: false } : { selling: false } },
    now,
  );

/** Lets every open order of a customer see what changed, and tells it; the caller holds their party's lock. */
export async function eachOpenOrder(
  store: Store,
  tx: Tx,
  customerId: string,
  now: Instant,
  event: FollowUpEvent | null,
) {
  const { rows } = await tx.execute<{ id: string }>(sql`
    SELECT id FROM ${orders} o
    WHERE customer_id = ${customerId} AND (stage NOT IN ('history', 'ended') OR ${isReturning}) ORDER BY placed_at`);
  for (const { id } of rows) {
    const sale = await loadSale(store, tx, id);
    if (event) await add(tx, sale, event);
    await settle(tx, sale, now);
    await poke(tx, id);
  }
}

/** An address that mail servers refuse, or an address or phone number whose owner wants nothing: it is not used again. */
export async function suppress(tx: Tx, addressOrNumber: string, reason: string, now: Instant): Promise<void> {
  await suppressHash(tx, hashOf(addressOrNumber), reason, now);
}

/** Why an address is not used that mail servers refuse: the one reason that the address itself can disprove. */
export const REFUSED = 'refused';

/** The same of one that is known by its hash alone; any other reason stands above its being refused. */
export async function suppressHash(tx: Tx, addressHash: string, reason: string, now: Instant): Promise<void> {
  await tx
    .insert(suppressions)
    .values({ addressHash, reason, at: now })
    .onConflictDoUpdate({
      target: suppressions.addressHash,
      set: { reason },
      setWhere: eq(suppressions.reason, REFUSED),
    });
}

/**
 * Erases a customer: the follow-ups end, and what could tell who it was is gone. Orders stay as figures, and address and
 * number stay suppressed by their hashes, so that a later import does not write to somebody who asked to be forgotten.
 * A number that others have too stays theirs. Other records of the same customer, and colleagues, stay as they are.
 */
export async function eraseCustomer(store: Store, id: string, now: Instant): Promise<void> {
  await store.db.transaction(async (tx) => {
    const partyId = await lockParty(tx, id);
    const row = await customerById(tx, id);
    if (row.erasedAt !== null) return;
    await eachOpenOrder(store, tx, id, now, { what: 'erased', at: now });
    if (row.email) {
      await suppress(tx, row.email, 'erased', now);
      await tx.delete(caughtMails).where(eq(caughtMails.to, row.email));
    }
    if (row.phone && !(await isShared(tx, row))) await suppress(tx, row.phone, 'erased', now);
    // What they were to be called about for somebody else is that person's.
    await tx.execute(sql`
      UPDATE ${tasks} t SET order_id = o.id, customer_id = o.customer_id
      FROM ${taskTouches} about JOIN ${orders} o ON o.id = about.order_id
      WHERE t.customer_id = ${id} AND t.status = 'open' AND about.task_id = t.id AND o.customer_id <> ${id}`);
    const theirs = tx.select({ id: orders.id }).from(orders).where(eq(orders.customerId, id));
    await tx
      .update(events)
      .set({ text: null, data: sql`${events.data} - 'promises'` })
      .where(inArray(events.orderId, theirs));
    await tx
      .update(answers)
      .set({ benefit: null, better: null, own: {} })
      .where(or(inArray(answers.orderId, theirs), eq(answers.customerId, id)));
    await tx.update(tasks).set({ note: null }).where(eq(tasks.customerId, id));
    await tx.update(returns).set({ what: '', why: null, note: null }).where(inArray(returns.orderId, theirs));
    await tx
      .update(improvements)
      .set({ text: '', result: sql`CASE WHEN ${improvements.result} IS NOT NULL THEN '' END` })
      .where(or(eq(improvements.customerId, id), inArray(improvements.orderId, theirs)));
    const left = row.emailHash === null ? undefined : eq(referralLeads.addressHash, markOfLead(store, row.emailHash));
    await tx.delete(referralLeads).where(or(eq(referralLeads.referrerId, id), left));
    const toThem = and(eq(ledger.partyId, partyId), eq(ledger.customerId, id));
    // Also links in mails that went to them about a colleague's order.
    const about = tx.select({ id: ledger.orderId }).from(ledger).where(toThem);
    await tx
      .delete(tokens)
      .where(or(inArray(tokens.orderId, theirs), and(inArray(tokens.orderId, about), eq(tokens.customerId, id))));
    await tx
      .update(ledger)
      .set({ reply: null, addressHash: null })
      .where(or(inArray(ledger.orderId, theirs), toThem));
    const fromThem = row.email ? sql`lower(${inboundMails.from}) = ${row.email.toLowerCase()}` : undefined;
    await tx
      .update(inboundMails)
      .set({ from: null, subject: null, text: null })
      .where(or(eq(inboundMails.customerId, id), fromThem));
    await tx
      .update(orders)
      .set({
        lines: sql`(SELECT coalesce(jsonb_agg(line - 'serial'), '[]') FROM jsonb_array_elements(${orders.lines}) line)`,
      })
      .where(eq(orders.customerId, id));
    await tx
      .update(customers)
      .set({
        externalId: `erased-${id}`,
        name: null,
        email: null,
        emailHash: null,
        phone: null,
        phoneHash: null,
        emailVerifiedAt: null,
        phoneVerifiedAt: null,
        companyId: null,
        companyName: null,
        role: null,
        timeZone: null,
        locale: null,
        country: null,
        preferences: {},
        marks: [],
        service: false,
        selling: false,
        pausedUntil: null,
        erasedAt: now,
      })
      .where(eq(customers.id, id));
  });
}

/** Whether somebody else has this customer's phone number. */
async function isShared(tx: Tx, { id, phoneHash }: Customer): Promise<boolean> {
  const [other] = await tx
    .select({ id: customers.id })
    .from(customers)
    .where(and(eq(customers.phoneHash, phoneHash!), ne(customers.id, id)))
    .limit(1);
  return other !== undefined;
}

/**
 * Everything held about a customer, for themselves: also mail that went to them about a colleague's order, what they
 * answered about one, and their other records, but not who their colleagues are, nor what those answered.
 */
export async function exportCustomer(store: Store, customer: Customer) {
  const { db } = store;
  const { id, partyId, source, companyId, emailHash, phoneHash } = customer;
  const mine = await db.select().from(orders).where(eq(orders.customerId, id)).orderBy(asc(orders.placedAt));
  const theirs = db.select({ id: orders.id }).from(orders).where(eq(orders.customerId, id));
  const mailed = and(eq(ledger.partyId, partyId), eq(ledger.customerId, id));
  const isColleague = sql`${customers.source} = ${source} AND ${customers.companyId} = ${companyId}
    AND ${customers.emailHash} IS DISTINCT FROM ${emailHash}`;
  const hashes = [emailHash, phoneHash].flatMap((hash) => hash ?? []);
  return {
    customer,
    links: await linkedTo(db, customer, sql`(${isColleague}) IS NOT TRUE`),
    suppressions: await db.select().from(suppressions).where(inArray(suppressions.addressHash, hashes)),
    orders: mine,
    purchases: await db
      .select()
      .from(purchases)
      .where(inArray(purchases.orderId, theirs))
      .orderBy(asc(purchases.placedAt)),
    events: await db.select().from(events).where(inArray(events.orderId, theirs)).orderBy(asc(events.id)),
    ledger: await db
      .select()
      .from(ledger)
      .where(or(inArray(ledger.orderId, theirs), mailed))
      .orderBy(asc(ledger.claimedAt)),
    tasks: await db.select().from(tasks).where(eq(tasks.customerId, id)).orderBy(asc(tasks.madeAt)),
    answers: await db.select().from(answers).where(eq(answers.customerId, id)),
    inboundMails: await db
      .select()
      .from(inboundMails)
      .where(eq(inboundMails.customerId, id))
      .orderBy(asc(inboundMails.at)),
    complaints: await db.select().from(complaints).where(inArray(complaints.orderId, theirs)),
    returns: await db.select().from(returns).where(inArray(returns.orderId, theirs)).orderBy(asc(returns.askedAt)),
    // Whom they brought is those people's own.
    referrals: await db
      .select({ at: referrals.at, state: referrals.state, reward: referrals.reward, givenAt: referrals.givenAt })
      .from(referrals)
      .where(eq(referrals.referrerId, id))
      .orderBy(asc(referrals.at)),
    improvements: await db
      .select()
      .from(improvements)
      .where(or(eq(improvements.customerId, id), inArray(improvements.orderId, theirs)))
      .orderBy(asc(improvements.at)),
  };
}
