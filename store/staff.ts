import { and, asc, desc, eq, gte, inArray, isNull, lt, or, type SQL, sql } from 'drizzle-orm';
import type { Day } from '../domain/dates.ts';
import type { Salesperson } from '../domain/order.ts';
import { type OrderFacts, ownerFor, type Rules } from '../domain/rules.ts';
import { HOUR, type Instant } from '../domain/time.ts';
import type { Store, Tx } from './database.ts';
import { coverFor, takeTurn } from './load.ts';
import { absences, complaints, events, orders, outbox, settings, staff, tasks, unknownSalespeople } from './schema.ts';

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
  // Another part of the house may have set another default owner; who has left is succeeded all the same.
  const byDefault = () => presentAs(tx, store.settings.defaultOwner).then((owner) => owner!);
  if (salesperson) {
    const known = await knownAs(tx, salesperson);
    if (known) return { owner: known, unknownSalesperson: null };
    return { owner: await byDefault(), unknownSalesperson: await remember(tx, salesperson, now) };
  }
  const owner = (await lastOwner(tx, partyId)) ?? (await byRule(tx, rules, facts)) ?? (await byDefault());
  return { owner, unknownSalesperson: null };
}

/** A salesperson by address, else by a name that only one has. */
async function knownAs(tx: Tx, { name, email }: Salesperson): Promise<string | null> {
  const found = await tx
    .select()
    .from(staff)
    .where(email ? sql`lower(${staff.email}) = lower(${email})` : hasName(name!));
  return found.length === 1 ? present(found[0]) : null;
}

const hasName = (name: string) => sql`lower(${staff.name}) = lower(${name})`;

/** Nobody who has left owns anything: their successor does. */
const present = ({ handle, leftAt, successor }: Colleague) => (leftAt === null ? handle : successor!);

/** The same of a handle; null where nobody has it. */
async function presentAs(tx: Tx, handle: string): Promise<string | null> {
  const [row] = await tx.select().from(staff).where(eq(staff.handle, handle));
  return row ? present(row) : null;
}

/** The handle of whom a colleague reports to: their own manager, the company's, or the default owner. */
export async function managerOf({ settings }: Store, tx: Tx, handle: string): Promise<string> {
  const { manager } = await colleague(tx, handle);
  return (await presentAs(tx, manager ?? settings.manager ?? settings.defaultOwner))!;
}

/**
 * Of those who are there, whose word is a manager's: whoever has that role, or somebody reports to; where there is none,
 * the default owner's, as complaints go to them.
 */
export function managersOf({ settings }: Store, there: Colleague[]): Colleague[] {
  const managers = there.filter(
    ({ handle, role }) =>
      role.toLowerCase() === 'manager' ||
      handle === settings.manager ||
      there.some(({ manager }) => manager === handle),
  );
  return managers.length > 0 ? managers : there.filter(({ handle }) => handle === settings.defaultOwner);
}

/** Notes a salesperson nobody knows, for the admin to add; their key. */
async function remember(tx: Tx, { name, email }: Salesperson, now: Instant): Promise<string> {
  const key = (email ?? name)!.toLowerCase();
  await tx.insert(unknownSalespeople).values({ key, name, email, lastAt: now }).onConflictDoNothing();
  // To the hour: a thousand orders of theirs that come at once need not wait for each other.
  await tx
    .update(unknownSalespeople)
    .set({ name, lastAt: now })
    .where(and(eq(unknownSalespeople.key, key), lt(unknownSalespeople.lastAt, now - HOUR)));
  return key;
}

async function lastOwner(tx: Tx, partyId: string): Promise<string | null> {
  const [last] = await tx
    .select({ owner: staff })
    .from(orders)
    .innerJoin(staff, eq(staff.handle, orders.owner))
    .where(and(eq(orders.partyId, partyId), isNull(orders.unknownSalesperson)))
    .orderBy(desc(orders.placedAt))
    .limit(1);
  return last ? present(last.owner) : null;
}

/** By rule; of a team, who has the least open work. */
async function byRule(tx: Tx, rules: Rules, facts: OrderFacts): Promise<string | null> {
  const assignee = ownerFor(rules, facts);
  if (assignee === null) return null;
  if ('owner' in assignee) return presentAs(tx, assignee.owner);
  const { rows } = await tx.execute<{ handle: string }>(sql`
    SELECT handle FROM ${staff} s
    WHERE left_at IS NULL AND team = ${assignee.team}
    ORDER BY (SELECT count(*) FROM ${tasks} t WHERE t.owner = s.handle AND t.status = 'open'),
      (SELECT count(*) FROM ${orders} o WHERE o.owner = s.handle AND o.stage NOT IN ('history', 'ended')), handle
    LIMIT 1`);
  return rows[0]?.handle ?? null;
}

/** Everybody, by name; those who have left last. */
export const allStaff = (store: Store) =>
  store.db.select().from(staff).orderBy(sql`${staff.leftAt} IS NOT NULL`, staff.name);

/**
 * Adds a colleague or changes one. Orders that named them before they were known are theirs now: by their address, by a
 * name nobody else has, and by the key they were remembered by, where it is given. How many open ones those are.
 */
export async function putColleague(
  store: Store,
  row: Pick<Colleague, 'handle' | 'name' | 'email' | 'phone'> & Partial<Colleague>,
  now: Instant,
  key?: string,
): Promise<number> {
  return store.db.transaction(async (tx) => {
    await tx.insert(staff).values(row).onConflictDoUpdate({ target: staff.handle, set: row });
    const namesakes = await tx.select({ handle: staff.handle }).from(staff).where(hasName(row.name));
    const names = namesakes.length === 1 ? [row.name] : [];
    const keys = [row.email, ...names, key].flatMap((text) => text?.toLowerCase() ?? []);
    const theirs = inArray(orders.unknownSalesperson, keys);
    await tx.delete(unknownSalespeople).where(inArray(unknownSalespeople.key, keys));
    // What is left to whoever had the order meanwhile; before the orders, as every change of them locks the rows.
    const meanwhile = sql`EXISTS (
      SELECT FROM ${orders} WHERE ${orders.id} = ${complaints.orderId} AND ${orders.owner} = ${complaints.owner} AND ${theirs})`;
    await handOverComplaints(tx, meanwhile, row.handle, 'known-now', now);
    const moved = await assign(tx, theirs, row.handle, 'known-now', now);
    // Those that are over too: whose customer orders again comes to them.
    await tx.update(orders).set({ unknownSalesperson: null, owner: row.handle }).where(theirs);
    return moved;
  });
}

/** What became of a colleague's leaving: how many open orders went over, or why they cannot leave. */
export type Left = { moved: number } | { wrong: 'left' | 'default-owner' | 'no-successor' };

/**
 * A colleague leaves: a successor takes over all that is open and all that was theirs to come. They must be there, and
 * the default owner cannot leave before there is another.
 */
export async function leave(store: Store, handle: string, successor: string, now: Instant): Promise<Left> {
  return store.db.transaction(async (tx) => {
    // One after the other, or two would be each other's successor.
    const [{ defaultOwner }] = await tx.select().from(settings).for('update');
    const people = await tx
      .select()
      .from(staff)
      .where(and(inArray(staff.handle, [handle, successor]), isNull(staff.leftAt)));
    const isThere = (one: string) => people.some((row) => row.handle === one);
    if (!isThere(handle)) return { wrong: 'left' };
    if (handle === defaultOwner) return { wrong: 'default-owner' };
    if (successor === handle || !isThere(successor)) return { wrong: 'no-successor' };

    await takeTurn(tx, handle);
    await tx
      .update(staff)
      .set({ successor })
      .where(or(eq(staff.handle, handle), eq(staff.successor, handle)));
    await tx.update(staff).set({ leftAt: now }).where(eq(staff.handle, handle));
    await tx.delete(absences).where(eq(absences.handle, handle));
    await tx
      .update(absences)
      .set({ standIn: sql`nullif(${successor}, ${absences.handle})` })
      .where(eq(absences.standIn, handle));
    await tx
      .update(staff)
      .set({ manager: sql`nullif(${successor}, ${staff.handle})` })
      .where(eq(staff.manager, handle));
    await tx.update(settings).set({ manager: successor }).where(eq(settings.manager, handle));
    await handOverComplaints(tx, eq(complaints.owner, handle), successor, 'left', now);
    const moved = await assign(tx, eq(orders.owner, handle), successor, 'left', now);
    // What they did instead of others, or about orders that are over.
    await tx
      .update(tasks)
      .set({ owner: successor, insteadOf: sql`nullif(${tasks.insteadOf}, ${successor})` })
      .where(and(eq(tasks.owner, handle), eq(tasks.status, 'open')));
    for (const absence of await tx.select().from(absences).where(eq(absences.handle, successor)))
      await coverFor(store, tx, absence, now);
    return { moved };
  });
}

/**
 * Gives open orders to somebody else, with the tasks their owner has about them; every story says so, and Temporal hears
 * of it.
 */
async function assign(tx: Tx, which: SQL, owner: string, why: string, now: Instant): Promise<number> {
  const { rows } = await tx.execute(sql`
    WITH theirs AS (
      SELECT id, owner FROM ${orders} WHERE ${which} AND stage NOT IN ('history', 'ended')
      ORDER BY placed_at, id FOR NO KEY UPDATE),
    moved AS (UPDATE ${orders} o SET owner = ${owner} FROM theirs WHERE o.id = theirs.id),
    told AS (
      INSERT INTO ${events} (order_id, what, at, why, data)
      SELECT id, 'assigned', ${new Date(now).toISOString()}::timestamptz, ${why}, ${JSON.stringify({ owner })}::jsonb
      FROM theirs),
    poked AS (INSERT INTO ${outbox} (order_id, start) SELECT id, false FROM theirs),
    given AS (
      UPDATE ${tasks} t SET owner = ${owner} FROM theirs
      WHERE t.order_id = theirs.id AND t.owner = theirs.owner AND t.status = 'open')
    SELECT FROM theirs`);
  return rows.length;
}

/** Gives open complaints to somebody else; the stories say so, and their workflows hear of it. */
const handOverComplaints = (tx: Tx, which: SQL, owner: string, why: string, now: Instant) =>
  tx.execute(sql`
    WITH theirs AS (
      UPDATE ${complaints} SET owner = ${owner} WHERE ${which} AND closed_at IS NULL
      RETURNING id, order_id, number),
    told AS (
      INSERT INTO ${events} (order_id, what, at, why, data)
      SELECT order_id, 'assigned', ${new Date(now).toISOString()}::timestamptz, ${why},
        jsonb_build_object('number', number, 'owner', ${owner}::text)
      FROM theirs)
    INSERT INTO ${outbox} (order_id, complaint_id, start) SELECT order_id, id, false FROM theirs`);

/** Salespeople that orders named and nobody has added, with how many open orders wait for them; the last named first. */
export async function unknownToUs(store: Store) {
  const { rows } = await store.db.execute<{
    key: string;
    name: string | null;
    email: string | null;
    orders: string;
  }>(sql`
    SELECT u.key, u.name, u.email, (
      SELECT count(*) FROM ${orders} o
      WHERE o.unknown_salesperson = u.key AND o.stage NOT IN ('history', 'ended')) AS orders
    FROM ${unknownSalespeople} u ORDER BY u.last_at DESC, u.key LIMIT 50`);
  return rows.map(({ orders: count, ...row }) => ({ ...row, orders: Number(count) }));
}

export type Unknown = Awaited<ReturnType<typeof unknownToUs>>[number];

/** How many those are. */
export const countUnknown = (store: Store): Promise<number> => store.db.$count(unknownSalespeople);

/** One colleague by handle. */
export async function colleague(tx: Tx, handle: string): Promise<Colleague> {
  const [row] = await tx.select().from(staff).where(eq(staff.handle, handle));
  return row;
}

export type Absence = typeof absences.$inferSelect;

/** Who is away on a day or later, the first to go first. */
export const absencesFrom = (store: Store, day: Day): Promise<Absence[]> =>
  store.db
    .select()
    .from(absences)
    .where(gte(absences.to, day))
    .orderBy(asc(absences.from), asc(absences.id))
    .limit(200);

/** Notes that a colleague is away; what they have to do in these days goes to whoever is there. How many tasks. */
export async function putAbsence(store: Store, row: Omit<Absence, 'id'>, now: Instant): Promise<number> {
  return store.db.transaction(async (tx) => {
    await takeTurn(tx, row.handle);
    await tx.insert(absences).values(row);
    return coverFor(store, tx, row, now);
  });
}

/** A colleague is back early, or does not go; who that is. What went to others stays with them. */
export async function dropAbsence(store: Store, id: number): Promise<string | null> {
  const [row] = await store.db.delete(absences).where(eq(absences.id, id)).returning();
  return row?.handle ?? null;
}
