import { and, desc, eq, isNull, ne, sql } from 'drizzle-orm';
import type { Salesperson } from '../domain/order.ts';
import { type OrderFacts, ownerFor, type Rules } from '../domain/rules.ts';
import type { Instant } from '../domain/time.ts';
import type { Store, Tx } from './database.ts';
import { absences, events, orders, outbox, staff, tasks, unknownSalespeople } from './schema.ts';

export type Colleague = typeof staff.$inferSelect;

/** Who owns an order, and whom it named that nobody knows. */
interface Ownership {
  owner: string;
  unknownSalesperson: string | null;
}

/**
 * The handle of who owns an order: its salesperson, else who owned the party's last order, else by rule, else the
 * default owner. Whom nobody knows is remembered for the admin, and the default owner has the order meanwhile.
 */
export async function ownerOf(
  store: Store,
  tx: Tx,
  partyId: string,
  salesperson: Salesperson | null,
  rules: Rules,
  facts: OrderFacts,
  now: Instant,
): Promise<Ownership> {
  const { defaultOwner } = store.settings;
  if (salesperson) {
    const known = await knownAs(tx, salesperson);
    if (known) return { owner: known, unknownSalesperson: null };
    const { name, email } = salesperson;
    const key = (email ?? name)!.toLowerCase();
    await tx
      .insert(unknownSalespeople)
      .values({ key, name, email, lastAt: now })
      .onConflictDoUpdate({ target: unknownSalespeople.key, set: { name, lastAt: now } });
    return { owner: defaultOwner, unknownSalesperson: key };
  }
  const owned = await lastOwner(tx, partyId);
  return { owner: owned ?? (await byRule(tx, rules, facts)) ?? defaultOwner, unknownSalesperson: null };
}

/** A salesperson by address, else by a name that only one has; who has left is succeeded. */
async function knownAs(tx: Tx, { name, email }: Salesperson): Promise<string | null> {
  const found = await tx
    .select()
    .from(staff)
    .where(email ? sql`lower(${staff.email}) = lower(${email})` : eq(staff.name, name!));
  return found.length === 1 ? whoIsThere(tx, found[0]) : null;
}

/** Nobody who has left owns anything: their successor does, or theirs. */
async function whoIsThere(tx: Tx, one: Colleague): Promise<string> {
  if (one.leftAt === null) return one.handle;
  const [next] = await tx.select().from(staff).where(eq(staff.handle, one.successor!));
  return whoIsThere(tx, next);
}

async function lastOwner(tx: Tx, partyId: string): Promise<string | null> {
  const [last] = await tx
    .select({ owner: staff })
    .from(orders)
    .innerJoin(staff, eq(staff.handle, orders.owner))
    .where(and(eq(orders.partyId, partyId), isNull(orders.unknownSalesperson)))
    .orderBy(desc(orders.placedAt))
    .limit(1);
  return last ? whoIsThere(tx, last.owner) : null;
}

/** By rule; of a team, who has the least open work. */
async function byRule(tx: Tx, rules: Rules, facts: OrderFacts): Promise<string | null> {
  const assignee = ownerFor(rules, facts);
  if (assignee === null) return null;
  const { rows } = await tx.execute<{ handle: string }>(sql`
    SELECT handle FROM ${staff} s
    WHERE left_at IS NULL AND ${'owner' in assignee ? sql`handle = ${assignee.owner}` : sql`team = ${assignee.team}`}
    ORDER BY (SELECT count(*) FROM ${tasks} t WHERE t.owner = s.handle AND t.status = 'open'),
      (SELECT count(*) FROM ${orders} o WHERE o.owner = s.handle AND o.stage NOT IN ('history', 'ended')), handle
    LIMIT 1`);
  return rows[0]?.handle ?? null;
}

/** Everybody, by name; those who have left last. */
export const allStaff = (store: Store) =>
  store.db.select().from(staff).orderBy(sql`${staff.leftAt} IS NOT NULL`, staff.name);

/** Adds a colleague or changes one, whose orders came before they were known are theirs now. How many those are. */
export async function putColleague(
  store: Store,
  row: Pick<Colleague, 'handle' | 'name' | 'email' | 'phone'> & Partial<Colleague>,
  now: Instant,
): Promise<number> {
  return store.db.transaction(async (tx) => {
    await tx.insert(staff).values(row).onConflictDoUpdate({ target: staff.handle, set: row });
    let moved = 0;
    for (const key of [row.email, row.name].flatMap((text) => text?.toLowerCase() ?? [])) {
      await tx.delete(unknownSalespeople).where(eq(unknownSalespeople.key, key));
      moved += await assign(tx, eq(orders.unknownSalesperson, key), row.handle, 'known-now', now);
      await tx.update(orders).set({ unknownSalesperson: null }).where(eq(orders.unknownSalesperson, key));
    }
    return moved;
  });
}

/** A colleague leaves: a successor takes over all that is open and all that was theirs to come. */
export async function leave(store: Store, handle: string, successor: string, now: Instant): Promise<number> {
  return store.db.transaction(async (tx) => {
    await tx.update(staff).set({ leftAt: now, successor }).where(eq(staff.handle, handle));
    // Whoever was to be succeeded by them is succeeded by who comes after.
    await tx
      .update(staff)
      .set({ successor })
      .where(and(eq(staff.successor, handle), ne(staff.handle, successor)));
    await tx
      .update(absences)
      .set({ standIn: successor })
      .where(and(eq(absences.standIn, handle), ne(absences.handle, successor)));
    return assign(tx, eq(orders.owner, handle), successor, 'left', now);
  });
}

/** Gives open orders and their tasks to somebody else; every story says so, and Temporal hears of it. */
async function assign(tx: Tx, which: ReturnType<typeof eq>, owner: string, why: string, now: Instant): Promise<number> {
  const { rows } = await tx.execute<{ id: string }>(sql`
    WITH open AS (
      UPDATE ${orders} SET owner = ${owner} WHERE ${which} AND stage NOT IN ('history', 'ended') RETURNING id),
    told AS (
      INSERT INTO ${events} (order_id, what, at, why, data)
      SELECT id, 'assigned', ${new Date(now).toISOString()}::timestamptz, ${why}, ${JSON.stringify({ owner })}::jsonb FROM open),
    poked AS (INSERT INTO ${outbox} (order_id, start) SELECT id, false FROM open),
    given AS (
      UPDATE ${tasks} SET owner = ${owner} WHERE status = 'open' AND order_id IN (SELECT id FROM open))
    SELECT id FROM open`);
  return rows.length;
}

/** Salespeople that orders named and nobody has added, with how many open orders wait for them. */
export async function unknownToUs(store: Store) {
  const { rows } = await store.db.execute<{
    key: string;
    name: string | null;
    email: string | null;
    orders: string;
  }>(sql`
    SELECT u.key, u.name, u.email, (SELECT count(*) FROM ${orders} o WHERE o.unknown_salesperson = u.key) AS orders
    FROM ${unknownSalespeople} u ORDER BY u.last_at DESC LIMIT 50`);
  return rows.map(({ orders: count, ...row }) => ({ ...row, orders: Number(count) }));
}

/** One colleague by handle. */
export async function colleague(tx: Tx, handle: string): Promise<Colleague> {
  const [row] = await tx.select().from(staff).where(eq(staff.handle, handle));
  return row;
}

export type Absence = typeof absences.$inferSelect;

/** Who is away from today on, and until when. */
export const absencesFrom = (store: Store, day: string): Promise<Absence[]> =>
  store.db.select().from(absences).where(sql`${absences.to} >= ${day}`).orderBy(absences.from);

/** Notes that a colleague is away; open tasks of these days go to whoever stands in. How many. */
export async function putAbsence(store: Store, row: Omit<Absence, 'id'>, zone: string): Promise<number> {
  return store.db.transaction(async (tx) => {
    await tx.insert(absences).values(row);
    if (!row.standIn) return 0;
    const { rows } = await tx.execute(sql`
      UPDATE ${tasks} SET owner = ${row.standIn}, instead_of = ${row.handle}, instead_why = 'away'
      WHERE owner = ${row.handle} AND status = 'open'
        AND due_at >= ${row.from}::date::timestamp AT TIME ZONE ${zone}
        AND due_at < (${row.to}::date + 1)::timestamp AT TIME ZONE ${zone}
      RETURNING id`);
    return rows.length;
  });
}

/** A colleague is back early, or does not go. */
export const dropAbsence = (store: Store, id: number) => store.db.delete(absences).where(eq(absences.id, id));
