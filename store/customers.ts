import { createHash, randomBytes } from 'node:crypto';
import { and, asc, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { Clearable, CustomerPatch } from '../domain/messages.ts';
import { CHANNELS, type Consent, type Customer as CustomerGiven } from '../domain/order.ts';
import type { Instant } from '../domain/time.ts';
import type { Store, Tx } from './database.ts';
import { add, type Customer, loadSale, lockParty, poke, settle } from './followUps.ts';
import { linkByRule, lockMarks, newHome } from './parties.ts';
import { answers, caughtMails, customers, events, ledger, orders, suppressions, tasks, tokens } from './schema.ts';

/** What an address is remembered by when its owner is erased. */
export const hashOf = (address: string) => createHash('sha256').update(address.toLowerCase()).digest('hex');

/** Whether selling may begin without an explicit yes, by the company's setting for the country. */
const defaultConsent = (store: Store, country: string | null) => ({
  service: true,
  selling: !(country && store.settings.askFirstIn.includes(country)),
});

/** Letters and digits nobody mistakes for one another. */
const CODE_LETTERS = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const newCode = () => Array.from(randomBytes(8), (byte) => CODE_LETTERS[byte % CODE_LETTERS.length]).join('');

/** The customer of an order, under their party's lock; made when new, in the party they belong to by rule. Contact data that changed are taken over, consent never is. */
export async function customerOf(
  store: Store,
  tx: Tx,
  source: string,
  given: CustomerGiven,
  marks: string[],
  now: Instant,
): Promise<{ customer: Customer; changed: boolean }> {
  const contact = contactOf(given);
  await lockMarks(tx, given.id, { source, ...contact });
  const known = await tx
    .select({ id: customers.id })
    .from(customers)
    .where(and(eq(customers.source, source), eq(customers.externalId, given.id)));
  if (known.length === 0) {
    const home = await newHome(tx, { source, ...contact });
    const [customer] = await tx
      .insert(customers)
      .values({
        ...contact,
        ...home,
        ...consentOf(given.consent, defaultConsent(store, given.country)),
        source,
        externalId: given.id,
        marks,
        referralCode: newCode(),
        createdAt: now,
      })
      .returning();
    return { customer, changed: false };
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
  if (set.phone) Object.assign(set, { phoneWrong: false, phoneVerifiedAt: null });
  if (set.email) set.emailVerifiedAt = null;
  await tx.update(customers).set(set).where(eq(customers.id, row.id));
  return { customer: { ...row, ...set }, changed: true };
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

/** Changes a customer; a change of consent ends, or allows again, what it covers in every open follow-up. */
export async function changeCustomer(store: Store, id: string, patch: CustomerPatch, now: Instant): Promise<void> {
  await store.db.transaction(async (tx) => {
    await lockParty(tx, id);
    const [row] = await tx.select().from(customers).where(eq(customers.id, id));
    if (row.erasedAt !== null) return;
    const { consent, company, preferences, email, ...plain } = patch;
    const standard = defaultConsent(store, patch.country ?? row.country);
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
    if (consent === null) Object.assign(set, { ...standard, refused: [] });
    else if (consent) Object.assign(set, consentOf(consent, standard, row));
    if (Object.keys(set).length > 0) await tx.update(customers).set(set).where(eq(customers.id, id));
    const changed = { ...row, ...set };
    const said = consent === undefined ? null : changed.service || changed.selling ? 'changed' : 'opted-out';
    await eachOpenOrder(store, tx, id, now, said, said === 'changed' ? consentInWords(changed) : undefined);
  });
  if (patch.email || patch.phone || patch.company) await linkByRule(store, id, now);
}

/** Consent as it is kept: what is agreed to by purpose, and what of it is refused by a channel. */
function consentOf(
  given: Clearable<Consent>,
  standard: { service: boolean; selling: boolean },
  before: Pick<Customer, 'service' | 'selling' | 'refused'> = { ...standard, refused: [] },
): Pick<Customer, 'service' | 'selling' | 'refused'> {
  const { service, selling } = before;
  const set = { service, selling, refused: [...before.refused] };
  for (const purpose of ['service', 'selling'] as const) {
    const said = given[purpose];
    if (said === undefined) continue;
    const byChannel = typeof said === 'object' && said !== null ? said : null;
    set.refused = set.refused.filter((one) => !one.startsWith(`${purpose}:`));
    set[purpose] = byChannel
      ? CHANNELS.some((channel) => byChannel[channel])
      : ((said as boolean | null) ?? standard[purpose]);
    if (byChannel)
      set.refused.push(...CHANNELS.filter((channel) => !byChannel[channel]).map((channel) => `${purpose}:${channel}`));
  }
  return set;
}

const consentInWords = ({ service, selling }: Customer) =>
  service && selling ? 'service-and-selling' : service ? 'service-only' : 'selling-only';

/** Opting out by link: of selling, or of everything. */
export const optOut = (store: Store, customerId: string, everything: boolean, now: Instant) =>
  changeCustomer(
    store,
    customerId,
    { consent: everything ? { service: false, selling: false } : { selling: false } },
    now,
  );

/** Lets every open order of a customer see what changed; the caller holds their party's lock. */
export async function eachOpenOrder(
  store: Store,
  tx: Tx,
  customerId: string,
  now: Instant,
  what: 'changed' | 'opted-out' | 'erased' | null,
  why?: string,
) {
  const open = await tx
    .select({ id: orders.id })
    .from(orders)
    .where(and(eq(orders.customerId, customerId), sql`${orders.stage} not in ('history', 'ended')`))
    .orderBy(asc(orders.placedAt));
  for (const { id } of open) {
    const sale = await loadSale(store, tx, id);
    if (what) await add(tx, sale, { what, at: now, why });
    await settle(tx, sale, now);
    await poke(tx, id);
  }
}

/** An address that mail servers refuse, or whose owner wants nothing: no mail goes there again. */
export async function suppress(tx: Tx, email: string, reason: string, now: Instant): Promise<void> {
  await tx
    .insert(suppressions)
    .values({ addressHash: hashOf(email), reason, at: now })
    .onConflictDoNothing();
}

/**
 * Erases a customer: the follow-ups end, and what could tell who it was is gone. Orders stay as figures, and the
 * address stays suppressed by its hash, so that a later import does not write to somebody who asked to be forgotten.
 */
export async function eraseCustomer(store: Store, id: string, now: Instant): Promise<void> {
  await store.db.transaction(async (tx) => {
    await lockParty(tx, id);
    const [row] = await tx.select().from(customers).where(eq(customers.id, id));
    if (row.erasedAt) return;
    await eachOpenOrder(store, tx, id, now, 'erased');
    if (row.email) {
      await suppress(tx, row.email, 'erased', now);
      await tx.delete(caughtMails).where(eq(caughtMails.to, row.email));
    }
    const theirs = tx.select({ id: orders.id }).from(orders).where(eq(orders.customerId, id));
    await tx
      .update(events)
      .set({ text: null, data: sql`${events.data} - 'promises'` })
      .where(inArray(events.orderId, theirs));
    await tx.update(answers).set({ benefit: null, better: null }).where(inArray(answers.orderId, theirs));
    await tx.update(tasks).set({ note: null }).where(eq(tasks.customerId, id));
    await tx.delete(tokens).where(inArray(tokens.orderId, theirs));
    await tx.update(ledger).set({ reply: null }).where(inArray(ledger.orderId, theirs));
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
        erasedAt: now,
      })
      .where(eq(customers.id, id));
  });
}

/** Everything held about a customer, for themselves. */
export async function exportCustomer(store: Store, customer: Customer) {
  const { db } = store;
  const mine = await db.select().from(orders).where(eq(orders.customerId, customer.id)).orderBy(asc(orders.placedAt));
  const ids = mine.map((order) => order.id);
  const among = <T>(rows: Promise<T[]>) => (ids.length > 0 ? rows : Promise.resolve([]));
  return {
    customer,
    orders: mine,
    events: await among(db.select().from(events).where(inArray(events.orderId, ids)).orderBy(asc(events.id))),
    tasks: await db.select().from(tasks).where(eq(tasks.customerId, customer.id)).orderBy(asc(tasks.madeAt)),
    answers: await among(db.select().from(answers).where(inArray(answers.orderId, ids))),
  };
}
