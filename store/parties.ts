import { and, asc, eq, inArray, isNull, ne, type SQL, sql } from 'drizzle-orm';
import type { FollowUpEvent } from '../domain/followUp.ts';
import type { LinkedBy } from '../domain/names.ts';
import { REFERRAL_BURST } from '../domain/referral.ts';
import type { Instant } from '../domain/time.ts';
import { areOne, type Home, homesOf, isSame, lockMarks, type Marks, unlinkedGroups } from './belonging.ts';
import { consentEvent, spreadRefusals } from './consent.ts';
import type { Store, Tx } from './database.ts';
import { add, type Customer, loadSale, lockParty, poke, settle } from './followUps.ts';
import { settleReorders } from './reorders.ts';
import { customers, ledger, orders, parties, purchases, tasks, taskTouches } from './schema.ts';

/**
 * Takes the locks of parties. Nobody waits for one while holding another: where one is taken, the others are let go,
 * and that one is waited for first.
 */
export async function lockParties(tx: Tx, ids: string[]): Promise<void> {
  for (let wanted = ids.toSorted(); wanted.length > 0; ) {
    const [first, ...rest] = wanted;
    const held: string[] = [];
    const all = await attempt(tx, async (step) => {
      await step.execute(sql`SELECT FROM ${parties} WHERE id = ${first} FOR UPDATE`);
      const { rows } = await step.execute<{ id: string }>(sql`
        SELECT id FROM ${parties} WHERE id = ANY(${sql.param(rest)}::uuid[]) ORDER BY id FOR UPDATE SKIP LOCKED`);
      held.push(first, ...rows.map(({ id }) => id));
      return held.length === wanted.length;
    });
    if (all) return;
    const taken = wanted.filter((id) => !held.includes(id));
    wanted = [...taken, ...held];
  }
}

const LET_GO = new Error('let go');

/** Does something that is let go again, with the locks it took, where it comes to nothing. Whether it was kept. */
export async function attempt(tx: Tx, work: (step: Tx) => Promise<boolean>): Promise<boolean> {
  try {
    await tx.transaction(async (step) => {
      if (!(await work(step))) throw LET_GO;
    });
    return true;
  } catch (error) {
    if (error === LET_GO) return false;
    throw error;
  }
}

/** The party of a new customer, locked, with what holds for all of it; the caller holds the customer's marks. */
export async function newHome(
  tx: Tx,
  marks: Marks,
): Promise<Pick<Customer, 'partyId' | 'linkedBy' | 'pausedUntil'> & { more: boolean }> {
  const seeker = { ...marks, partyId: null, emailVerifiedAt: null, phoneVerifiedAt: null };
  for (;;) {
    const [home, ...others] = await homesOf(tx, seeker);
    if (!home) {
      const [{ id }] = await tx.insert(parties).values({}).returning();
      return { partyId: id, linkedBy: null, pausedUntil: null, more: false };
    }
    const { partyId } = home;
    // While its lock was waited for, who they belong with may have come to another.
    const isThere = await attempt(tx, async (step) => {
      await step.execute(sql`SELECT FROM ${parties} WHERE id = ${partyId} FOR UPDATE`);
      return (await homesOf(step, seeker)).some((one) => one.partyId === partyId);
    });
    if (!isThere) continue;
    const [{ pausedUntil }] = await tx
      .select({ pausedUntil: customers.pausedUntil })
      .from(customers)
      .where(eq(customers.partyId, partyId))
      .orderBy(sql`paused_until DESC NULLS LAST`)
      .limit(1);
    return { partyId, linkedBy: home.by, pausedUntil, more: others.length > 0 };
  }
}

/** Links a customer with all they belong together with by rule, where a rule says so now. Whether there was anybody. */
export async function linkByRule(store: Store, customerId: string, now: Instant): Promise<boolean> {
  for (let linked = false; ; ) {
    const found = await store.db.transaction(async (tx) => {
      await lockMarks(tx, await customerOfId(tx, customerId));
      const me = await customerOfId(tx, customerId);
      const homes = me.erasedAt === null ? await homesOf(tx, me) : [];
      if (homes.length === 0) return 'nobody';
      const wanted = homes.map(({ partyId }) => partyId);
      await lockParties(tx, [me.partyId, ...wanted]);
      // While they were waited for, somebody may have come to another, or been taken apart.
      const { partyId } = await customerOfId(tx, customerId);
      const sure = (await homesOf(tx, { ...me, partyId })).filter((home) => wanted.includes(home.partyId));
      if (partyId !== me.partyId || sure.length === 0) return 'moved';
      await join(store, tx, partyId, sure, now);
      return 'linked';
    });
    if (found === 'nobody') return linked;
    linked ||= found === 'linked';
  }
}

const customerOfId = async (tx: Tx, id: string): Promise<Customer> =>
  (await tx.select().from(customers).where(eq(customers.id, id)))[0];

/**
 * Says that two customers are one: all of both parties are one party from now on. False where they were already, or one
 * of them was erased.
 */
export async function link(store: Store, customerId: string, otherId: string, now: Instant): Promise<boolean> {
  for (;;) {
    const done = await store.db.transaction(async (tx) => {
      const [one, other] = [await customerOfId(tx, customerId), await customerOfId(tx, otherId)];
      if (one.partyId === other.partyId || one.erasedAt !== null || other.erasedAt !== null) return false;
      await lockParties(tx, [one.partyId, other.partyId]);
      const [still, also] = [await customerOfId(tx, customerId), await customerOfId(tx, otherId)];
      if (still.partyId !== one.partyId || also.partyId !== other.partyId || still.erasedAt || also.erasedAt)
        return null;
      await join(store, tx, one.partyId, [{ partyId: other.partyId, by: 'hand' }], now);
      // Who was taken apart from nobody but these may be found by rule again.
      await tx.execute(sql`
        UPDATE ${customers} me SET apart = false
        WHERE id IN (${customerId}, ${otherId}) AND apart AND NOT EXISTS (
          SELECT FROM ${customers} others
          WHERE others.party_id <> me.party_id AND others.erased_at IS NULL AND ${isSame('me', 'others')})`);
      return true;
    });
    if (done !== null) return done;
  }
}

/** Makes a party and others one; the caller holds the locks of all. The one with the most records takes the others in. */
async function join(store: Store, tx: Tx, own: string, homes: Home[], now: Instant) {
  const ids = [own, ...homes.map(({ partyId }) => partyId)];
  const [{ partyId: to }] = await tx
    .select({ partyId: customers.partyId })
    .from(customers)
    .where(inArray(customers.partyId, ids))
    .groupBy(customers.partyId)
    .orderBy(sql`count(*) DESC`, asc(customers.partyId))
    .limit(1);
  const byOf = (partyId: string) => homes.find((home) => home.partyId === (partyId === own ? to : partyId))!.by;
  const from = ids.filter((id) => id !== to);
  for (const by of new Set(from.map(byOf)))
    await tx
      .update(customers)
      .set({ partyId: to, linkedBy: sql`coalesce(${customers.linkedBy}, ${by})` })
      .where(
        inArray(
          customers.partyId,
          from.filter((id) => byOf(id) === by),
        ),
      );
  for (const table of [orders, purchases, ledger])
    await tx.update(table).set({ partyId: to }).where(inArray(table.partyId, from));
  await tx.execute(sql`
    UPDATE ${customers} SET paused_until = latest.pause
    FROM (SELECT max(paused_until) AS pause FROM ${customers} WHERE party_id = ${to}) latest
    WHERE party_id = ${to} AND erased_at IS NULL AND latest.pause IS NOT NULL
      AND paused_until IS DISTINCT FROM latest.pause`);
  const said = await spreadRefusals(tx, to);
  await settleParty(store, tx, to, { what: 'linked', at: now, why: homes[0].by }, said);
}

/** Takes a customer out of a party again: nothing is lost, and no rule links them any more. False where they are alone. */
export async function unlink(store: Store, customerId: string, now: Instant): Promise<boolean> {
  return store.db.transaction(async (tx) => {
    await lockParty(tx, customerId);
    const me = await customerOfId(tx, customerId);
    const others = and(eq(customers.partyId, me.partyId), ne(customers.id, customerId));
    if ((await tx.select({ id: customers.id }).from(customers).where(others).limit(1)).length === 0) return false;
    await tx.update(customers).set({ apart: true }).where(eq(customers.id, customerId));
    await takeOut(store, tx, me, [customerId], now);
    return true;
  });
}

/**
 * Whoever goes to another company leaves their colleagues, with their other records; else the two companies would become
 * one customer by them. `me` is the customer as they were; the caller holds the party's lock. The party they are in then.
 */
export async function leaveColleagues(store: Store, tx: Tx, me: Customer, now: Instant): Promise<string> {
  if (me.companyId === null) return me.partyId;
  const others = await tx
    .select()
    .from(customers)
    .where(and(eq(customers.partyId, me.partyId), ne(customers.id, me.id), isNull(customers.erasedAt)));
  const isColleague = (one: Customer) => one.source === me.source && one.companyId === me.companyId;
  if (!others.some(isColleague)) return me.partyId;
  const own = others.filter(
    (one) =>
      !isColleague(one) &&
      ((one.emailHash !== null && one.emailHash === me.emailHash) ||
        (one.phoneHash !== null && one.phoneHash === me.phoneHash)),
  );
  return takeOut(store, tx, me, [me.id, ...own.map(({ id }) => id)], now);
}

/** Takes customers and all that is theirs to a party of their own, which begins with the one given. */
async function takeOut(store: Store, tx: Tx, me: Customer, ids: string[], now: Instant): Promise<string> {
  const { partyId: before } = me;
  const [{ id: alone }] = await tx.insert(parties).values({}).returning();
  await tx.update(customers).set({ partyId: alone }).where(inArray(customers.id, ids));
  await tx.update(customers).set({ linkedBy: null }).where(eq(customers.id, me.id));
  // Where the party began with them it begins with somebody else now.
  const rest = eq(customers.partyId, before);
  const [first] = await tx
    .select({ id: customers.id })
    .from(customers)
    .where(rest)
    .orderBy(sql`linked_by IS NOT NULL`, asc(customers.createdAt), asc(customers.id))
    .limit(1);
  await tx.update(customers).set({ linkedBy: null }).where(eq(customers.id, first.id));
  const theirs = tx.select({ id: orders.id }).from(orders).where(inArray(orders.customerId, ids));
  await tx.update(purchases).set({ partyId: alone }).where(inArray(purchases.orderId, theirs));
  await tx.update(orders).set({ partyId: alone }).where(inArray(orders.customerId, ids));
  // Mail counts for who got it.
  await tx
    .update(ledger)
    .set({ partyId: alone })
    .where(and(eq(ledger.partyId, before), inArray(ledger.customerId, ids)));
  await partTasks(tx, [before, alone]);
  for (const partyId of [before, alone]) await settleParty(store, tx, partyId, { what: 'unlinked', at: now });
  return alone;
}

/**
 * A task is for somebody of its order's party, and about orders of that party alone, if it is not about a burst: a call for
 * two is two again.
 */
async function partTasks(tx: Tx, ids: string[]) {
  const open = sql`t.status = 'open'
    AND t.customer_id IN (SELECT id FROM ${customers} WHERE party_id = ANY(${sql.param(ids)}::uuid[]))`;
  await tx.execute(sql`
    UPDATE ${tasks} t SET customer_id = o.customer_id FROM ${orders} o, ${customers} c
    WHERE ${open} AND o.id = t.order_id AND c.id = t.customer_id AND o.party_id <> c.party_id`);
  const { rows } = await tx.execute<{ task_id: string; order_id: string; reason: string | null }>(sql`
    SELECT about.task_id, about.order_id, (
      SELECT why FROM aftercare.events e
      WHERE e.order_id = about.order_id AND e.what = 'task-joined' AND e.touch = about.touch AND e.occurrence = about.occurrence
      ORDER BY e.id DESC LIMIT 1) AS reason
    FROM ${tasks} t JOIN ${orders} own ON own.id = t.order_id
      JOIN ${taskTouches} about ON about.task_id = t.id JOIN ${orders} o ON o.id = about.order_id
    WHERE ${open} AND t.reason <> ${REFERRAL_BURST} AND o.party_id <> own.party_id ORDER BY o.placed_at, o.id`);
  for (const taskId of new Set(rows.map((row) => row.task_id))) {
    const about = rows.filter((row) => row.task_id === taskId);
    const [{ order_id: orderId, reason }] = about;
    const { rows: made } = await tx.execute<{ id: string }>(sql`
      INSERT INTO ${tasks} (order_id, customer_id, kind, reason, owner, due_at, made_at)
      SELECT o.id, o.customer_id, t.kind, coalesce(${reason}, t.reason), o.owner, t.due_at, t.made_at
      FROM ${tasks} t, ${orders} o WHERE t.id = ${taskId} AND o.id = ${orderId} RETURNING id`);
    await tx
      .update(taskTouches)
      .set({ taskId: made[0].id })
      .where(
        and(
          eq(taskTouches.taskId, taskId),
          inArray(
            taskTouches.orderId,
            about.map((row) => row.order_id),
          ),
        ),
      );
  }
}

/** Tells every open order of a party what happened, and lets it see what comes of it; `said` are whose consent changed. */
async function settleParty(store: Store, tx: Tx, partyId: string, event: FollowUpEvent, said: Customer[] = []) {
  const { what, why = null, at } = event;
  const open = sql`party_id = ${partyId} AND stage NOT IN ('history', 'ended')`;
  await tx.execute(sql`
    INSERT INTO aftercare.events (order_id, what, at, why)
    SELECT id, ${what}, ${new Date(at).toISOString()}::timestamptz, ${why} FROM ${orders} WHERE ${open}`);
  await settleReorders(store, tx, partyId, at, what === 'unlinked' ? what : undefined);
  const { rows } = await tx.execute<{ id: string }>(sql`SELECT id FROM ${orders} WHERE ${open} ORDER BY placed_at, id`);
  for (const { id } of rows) {
    const sale = await loadSale(store, tx, id);
    const changed = said.find((one) => one.id === sale.customer.id);
    if (changed) await add(tx, sale, consentEvent(changed, at));
    await settle(tx, sale, at);
    await poke(tx, id);
  }
}

/** Another record of the same customer, and by what it came to be one. */
export interface Linked {
  source: string;
  id: string;
  by: LinkedBy;
}

/** The other records that are one customer with this one, the first hundred that came, or those of them that are asked for. */
export async function linkedTo(tx: Tx, me: Customer, which: SQL = sql`true`): Promise<Linked[]> {
  const rows = await tx
    .select({ source: customers.source, id: customers.externalId, by: customers.linkedBy })
    .from(customers)
    .where(and(eq(customers.partyId, me.partyId), ne(customers.id, me.id), isNull(customers.erasedAt), which))
    .orderBy(asc(customers.createdAt), asc(customers.id))
    .limit(100);
  // Of the record a party began with, it was this one that came.
  return rows.map(({ by, ...one }) => ({ ...one, by: by ?? me.linkedBy ?? 'hand' }));
}

/**
 * Links what belongs together and was not linked when it became known, as after an update that brought a rule. Each
 * customer is looked at once: those whom nothing links stay as they are. How many times somebody was linked.
 */
export async function linkWhatBelongsTogether(store: Store, now: Instant): Promise<number> {
  let linked = 0;
  for (const ids of await unlinkedGroups(store))
    for (const id of ids) {
      if (await areOne(store.db, ids)) break;
      if (await linkByRule(store, id, now)) linked += 1;
    }
  return linked;
}
