import { and, type Column, count, desc, eq, gte, isNotNull, isNull, type SQL, sql } from 'drizzle-orm';
import type { Instant } from '../domain/time.ts';
import type { Store, Tx } from './database.ts';
import { beyond, PAGE, pageOf, writeCursor } from './pages.ts';
import { complaints, customers, improvements, orders } from './schema.ts';

export type Improvement = typeof improvements.$inferSelect;

/** Something that a colleague says should be better: who says so, what it is about, and what. */
export interface ToImprove {
  /** Our id of it, which the form brings along: the same again changes nothing. */
  id: string;
  at: Instant;
  /** The colleague's handle. */
  by: string;
  orderId: string | null;
  customerId: string | null;
  text: string;
}

/** Puts something into the review. */
export async function noteImprovement(tx: Tx, said: ToImprove): Promise<void> {
  await tx.insert(improvements).values(said).onConflictDoNothing();
}

/** A cause as it is compared: neither capitals nor blanks tell two apart. */
const asCause = (text: SQL) => sql`lower(regexp_replace(${text}, '\\s+', ' ', 'g'))`;

/** The complaints that a note about a cause (`i`) is about: from three months before it until it is settled. */
const behind = sql`${complaints} c ON ${asCause(sql`c.cause`)} = ${asCause(sql`i.cause`)}
  AND c.opened_at BETWEEN i.at - interval '3 months' AND coalesce(i.settled_at, 'infinity')`;

/**
 * A cause was found. One that was found twice within three months is put into the review, without any customer's name;
 * while the note about it is open it counts on.
 */
export async function noteCause(tx: Tx, cause: string, now: Instant): Promise<void> {
  const isSame = (column: Column) => sql`${asCause(sql`${column}`)} = ${asCause(sql`${cause}::text`)}`;
  // One at a time for a cause: two that are found at the same moment would each be the first.
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${asCause(sql`${cause}::text`)}, 5))`);
  const [open] = await tx
    .select({ id: improvements.id, at: improvements.at })
    .from(improvements)
    .where(and(isNull(improvements.settledAt), isSame(improvements.cause)))
    .limit(1);
  const since = sql`${new Date(open?.at ?? now).toISOString()}::timestamptz - interval '3 months'`;
  const [{ times }] = await tx
    .select({ times: count() })
    .from(complaints)
    .where(and(isSame(complaints.cause), gte(complaints.openedAt, since)));
  const text = `The same cause ${times} times: ${cause}. What was changed has not helped yet.`;
  if (open) await tx.update(improvements).set({ text }).where(eq(improvements.id, open.id));
  else if (times > 1) await tx.insert(improvements).values({ at: now, cause, text });
}

/** A complaint that a note is about. */
export interface Behind {
  id: string;
  openedAt: Instant;
  source: string;
  number: string;
}

/** The complaints these notes are about, the first first, by the id of the note. */
export async function complaintsBehind({ db }: Store, notes: Improvement[]): Promise<Map<string, Behind[]>> {
  const ids = notes.flatMap(({ id, cause }) => (cause === null ? [] : [id]));
  const { rows } = await db.execute<{ note: string; all: Behind[] }>(sql`
    SELECT i.id AS note, json_agg(json_build_object('id', c.id, 'source', o.source, 'number', o.number,
      'openedAt', (extract(epoch FROM c.opened_at) * 1000)::bigint) ORDER BY c.opened_at, c.id) AS all
    FROM ${improvements} i JOIN ${behind} JOIN ${orders} o ON o.id = c.order_id
    WHERE i.id = ANY(${sql.param(ids)}) GROUP BY i.id`);
  return new Map(rows.map(({ note, all }) => [note, all]));
}

const joined = (store: Store) =>
  store.db
    .select({ improvement: improvements, order: orders, customer: customers })
    .from(improvements)
    .leftJoin(orders, eq(orders.id, improvements.orderId))
    .leftJoin(customers, eq(customers.id, improvements.customerId));

export type ImprovementRow = Awaited<ReturnType<typeof joined>>[number];

/**
 * What should be better, or with `settled` what was made of it; the newest first, a page at a time (improvements_open
 * and improvements_settled, read backwards).
 */
export async function listImprovements(store: Store, settled: boolean, cursor?: string, limit = PAGE) {
  const by = settled ? improvements.settledAt : improvements.at;
  const rows = await joined(store)
    .where(
      and(
        settled ? isNotNull(improvements.settledAt) : isNull(improvements.settledAt),
        beyond('<', by, improvements.id, cursor),
      ),
    )
    .orderBy(desc(by), desc(improvements.id))
    .limit(limit + 1);
  return pageOf(rows, ({ improvement: { settledAt, at, id } }) => writeCursor((settled && settledAt) || at, id), limit);
}

/** Says what was made of it, once; what stands then, which may be what somebody else said. Null: it is not there. */
export async function settleImprovement(
  { db }: Store,
  id: string,
  { by, result }: { by: string; result: string },
  now: Instant,
): Promise<Improvement | null> {
  await db
    .update(improvements)
    .set({ settledAt: now, settledBy: by, result })
    .where(and(eq(improvements.id, id), isNull(improvements.settledAt)));
  const [stands] = await db.select().from(improvements).where(eq(improvements.id, id));
  return stands ?? null;
}
