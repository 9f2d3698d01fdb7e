import { and, desc, eq, isNotNull, isNull } from 'drizzle-orm';
import type { Instant } from '../domain/time.ts';
import type { Store, Tx } from './database.ts';
import { beyond, PAGE, pageOf, writeCursor } from './pages.ts';
import { customers, improvements, orders } from './schema.ts';

export type Improvement = typeof improvements.$inferSelect;

/** Something that should be better: who says so, what it is about, and what. */
export interface ToImprove {
  at: Instant;
  /** The colleague who says so, by handle; null: the house noticed it by itself. */
  by: string | null;
  orderId: string | null;
  customerId: string | null;
  /** The cause that came again; null: a colleague speaks. */
  cause: string | null;
  text: string;
}

/** Puts something into the review. A cause about which a note is open already gets no second one. */
export async function noteImprovement(tx: Tx, said: ToImprove): Promise<void> {
  if (said.cause !== null) {
    const open = and(eq(improvements.cause, said.cause), isNull(improvements.settledAt));
    const [known] = await tx.select({ id: improvements.id }).from(improvements).where(open).limit(1);
    if (known) return;
  }
  await tx.insert(improvements).values(said);
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

/** Says what was made of it, once; false where it is settled already, or not there. */
export async function settleImprovement(
  store: Store,
  id: string,
  { by, result }: { by: string; result: string },
  now: Instant,
): Promise<boolean> {
  const settled = await store.db
    .update(improvements)
    .set({ settledAt: now, settledBy: by, result })
    .where(and(eq(improvements.id, id), isNull(improvements.settledAt)))
    .returning({ id: improvements.id });
  return settled.length > 0;
}
