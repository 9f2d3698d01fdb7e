import { and, eq, inArray, ne, or, sql } from 'drizzle-orm';
import type { FollowUpEvent } from '../domain/followUp.ts';
import type { LinkedBy } from '../domain/names.ts';
import type { Instant } from '../domain/time.ts';
import type { Store, Tx } from './database.ts';
import { add, type Customer, loadSale, lockParty, poke, settle } from './followUps.ts';
import { settleReorders } from './reorders.ts';
import { customers, ledger, orders, parties, purchases } from './schema.ts';

/** What a customer is recognised by. */
type Marks = Pick<Customer, 'source' | 'companyId' | 'emailHash' | 'phoneHash'>;

/** The party a customer belongs to by rule, and by which rule. */
interface Home {
  partyId: string;
  by: LinkedBy;
}

/**
 * Takes turns on everything customers are recognised by, so that two records of one customer that come at the same
 * moment find each other. Sorted, so that nobody waits in a circle.
 */
export async function lockMarks(tx: Tx, externalId: string, marks: Marks): Promise<void> {
  const { source, companyId, emailHash, phoneHash } = marks;
  const keys = [`c ${source}/${externalId}`, companyId && `p ${source}/${companyId}`, emailHash, phoneHash];
  for (const key of keys.filter(Boolean).sort())
    await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${key}, 1))`);
}

/**
 * Where somebody belongs: with others of their company, else with who has the same address or number, where it is
 * known to be right because mail arrived there or somebody was reached. Who was taken apart by hand stays apart.
 */
async function homeOf(
  tx: Tx,
  marks: Marks,
  self: Pick<Customer, 'id' | 'emailVerifiedAt' | 'phoneVerifiedAt'> | null,
): Promise<Home | null> {
  const { source, companyId, emailHash, phoneHash } = marks;
  const others = and(
    eq(customers.apart, false),
    sql`${customers.erasedAt} IS NULL`,
    self ? ne(customers.id, self.id) : undefined,
    self ? sql`${customers.partyId} <> (SELECT party_id FROM ${customers} me WHERE me.id = ${self.id})` : undefined,
  );
  const find = async (by: LinkedBy, where: ReturnType<typeof and>): Promise<Home[]> => {
    const [row] = await tx.select({ partyId: customers.partyId }).from(customers).where(and(where, others)).limit(1);
    return row ? [{ partyId: row.partyId, by }] : [];
  };
  const known = (column: typeof customers.emailVerifiedAt | typeof customers.phoneVerifiedAt, mine: Instant | null) =>
    mine === null ? sql`${column} IS NOT NULL` : undefined;
  const [home] = [
    ...(companyId ? await find('company', and(eq(customers.source, source), eq(customers.companyId, companyId))) : []),
    ...(emailHash
      ? await find(
          'email',
          and(eq(customers.emailHash, emailHash), known(customers.emailVerifiedAt, self?.emailVerifiedAt ?? null)),
        )
      : []),
    ...(phoneHash
      ? await find(
          'phone',
          and(eq(customers.phoneHash, phoneHash), known(customers.phoneVerifiedAt, self?.phoneVerifiedAt ?? null)),
        )
      : []),
  ];
  return home ?? null;
}

/** The party of a new customer, locked; the caller holds the customer's marks. */
export async function newHome(tx: Tx, marks: Marks): Promise<{ partyId: string; linkedBy: LinkedBy | null }> {
  const home = await homeOf(tx, marks, null);
  if (home) {
    await tx.execute(sql`SELECT FROM ${parties} WHERE id = ${home.partyId} FOR UPDATE`);
    return { partyId: home.partyId, linkedBy: home.by };
  }
  const [{ id }] = await tx.insert(parties).values({}).returning();
  return { partyId: id, linkedBy: null };
}

/** Links a customer by rule, where there is one that says so now; with whom they belong together. */
export async function linkByRule(store: Store, customerId: string, now: Instant): Promise<void> {
  const [customer] = await store.db.select().from(customers).where(eq(customers.id, customerId));
  if (customer.apart || customer.erasedAt !== null) return;
  const home = await homeOf(store.db, customer, customer);
  if (home) await join(store, customer.partyId, home.partyId, home.by, now);
}

/** Says that two customers are one: all of both parties are one party from now on. False where they were already. */
export async function link(store: Store, customerId: string, otherId: string, now: Instant): Promise<boolean> {
  const rows = await store.db
    .select()
    .from(customers)
    .where(inArray(customers.id, [customerId, otherId]));
  const [one, other] = [customerId, otherId].map((id) => rows.find((row) => row.id === id)!);
  if (one.partyId === other.partyId) return false;
  await store.db
    .update(customers)
    .set({ apart: false })
    .where(inArray(customers.id, [customerId, otherId]));
  await join(store, one.partyId, other.partyId, 'hand', now);
  return true;
}

async function join(store: Store, from: string, to: string, by: LinkedBy, now: Instant) {
  await store.db.transaction(async (tx) => {
    await lockBoth(tx, from, to);
    const moving = await tx.select({ id: customers.id }).from(customers).where(eq(customers.partyId, from));
    const ids = moving.map(({ id }) => id);
    if (ids.length === 0) return;
    await tx
      .update(customers)
      .set({ linkedBy: sql`coalesce(${customers.linkedBy}, ${by})` })
      .where(inArray(customers.id, ids));
    await move(tx, ids, to);
    await settleParty(store, tx, to, { what: 'linked', at: now, why: by }, now);
  });
}

/** Takes a customer out of a party again: nothing is lost, and no rule links them any more. */
export async function unlink(store: Store, customerId: string, now: Instant): Promise<void> {
  await store.db.transaction(async (tx) => {
    const before = await lockParty(tx, customerId);
    const rest = await tx
      .select({ id: customers.id })
      .from(customers)
      .where(and(eq(customers.partyId, before), ne(customers.id, customerId)));
    if (rest.length === 0) return;
    const [{ id: alone }] = await tx.insert(parties).values({}).returning();
    await tx.update(customers).set({ linkedBy: null, apart: true }).where(eq(customers.id, customerId));
    await move(tx, [customerId], alone);
    for (const party of [before, alone]) await settleParty(store, tx, party, { what: 'unlinked', at: now }, now);
  });
}

const lockBoth = (tx: Tx, one: string, other: string) =>
  tx.execute(sql`SELECT FROM ${parties} WHERE id IN (${one}, ${other}) ORDER BY id FOR UPDATE`);

/** Takes customers and all that is theirs to another party; the caller holds the locks of both. */
async function move(tx: Tx, ids: string[], partyId: string) {
  await tx.update(customers).set({ partyId }).where(inArray(customers.id, ids));
  const theirs = tx.select({ id: orders.id }).from(orders).where(inArray(orders.customerId, ids));
  await tx.update(orders).set({ partyId }).where(inArray(orders.customerId, ids));
  await tx.update(purchases).set({ partyId }).where(inArray(purchases.orderId, theirs));
  await tx
    .update(ledger)
    .set({ partyId })
    .where(or(inArray(ledger.orderId, theirs)));
}

/** Lets every open order of a party see what changed. */
async function settleParty(store: Store, tx: Tx, partyId: string, event: FollowUpEvent | null, now: Instant) {
  await settleReorders(store, tx, partyId, now, event?.what === 'unlinked' ? 'unlinked' : undefined);
  for (const { id } of await openOrdersOf(tx, partyId)) {
    const sale = await loadSale(store, tx, id);
    if (event) await add(tx, sale, event);
    await settle(tx, sale, now);
    await poke(tx, id);
  }
}

const openOrdersOf = (tx: Tx, partyId: string) =>
  tx
    .select({ id: orders.id })
    .from(orders)
    .where(and(eq(orders.partyId, partyId), sql`${orders.stage} not in ('history', 'ended')`))
    .orderBy(orders.placedAt);

/** Everybody who belongs to a party, the first come first. */
export const membersOf = (tx: Tx, partyId: string): Promise<Customer[]> =>
  tx.select().from(customers).where(eq(customers.partyId, partyId)).orderBy(customers.createdAt, customers.id);

/** Links what verified addresses and numbers show to be one and was not linked when they became known. How many. */
export async function linkWhatBelongsTogether(store: Store, now: Instant): Promise<number> {
  const { rows } = await store.db.execute<{ id: string }>(sql`
    SELECT DISTINCT a.id FROM ${customers} a JOIN ${customers} b ON b.party_id <> a.party_id AND NOT b.apart
      AND b.erased_at IS NULL AND (
        b.email_hash = a.email_hash AND b.email_verified_at IS NOT NULL
        OR b.source = a.source AND b.company_id = a.company_id)
    WHERE NOT a.apart AND a.erased_at IS NULL
    UNION
    SELECT DISTINCT a.id FROM ${customers} a JOIN ${customers} b ON b.party_id <> a.party_id AND NOT b.apart
      AND b.erased_at IS NULL AND b.phone_hash = a.phone_hash AND b.phone_verified_at IS NOT NULL
    WHERE NOT a.apart AND a.erased_at IS NULL`);
  for (const { id } of rows) await linkByRule(store, id, now);
  return rows.length;
}
