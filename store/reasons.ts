import { and, desc, eq, isNull, sql } from 'drizzle-orm';
import type { Instant } from '../domain/time.ts';
import type { Store } from './database.ts';
import { PAGE, pageOf, readCount, writeCursor } from './pages.ts';
import { events, orders } from './schema.ts';

/** What a story says of a contact that was not made as it was planned (events_not_made). */
export const NOT_DONE = ['skipped', 'put-off', 'spilled', 'task-joined', 'task-cancelled'] as const;
export type NotDone = (typeof NOT_DONE)[number];

/** How often something was not made as planned, for one reason. */
export interface Reason {
  what: NotDone;
  /** Null of what joined another call: there the story has the reason of the call. */
  why: string | null;
  count: number;
}

/** The same as the index says it, word for word, or it would not be used. */
const NOT_MADE = sql`${events.what} in ('skipped', 'put-off', 'spilled', 'task-joined', 'task-cancelled')`;

const since = (at: Instant) => sql`${events.at} >= ${new Date(at).toISOString()}::timestamptz`;

/** What was not made as planned since an instant, by reason, the most frequent first. */
export async function countReasons(store: Store, from: Instant): Promise<Reason[]> {
  const { rows } = await store.db.execute<{ what: NotDone; why: string | null; count: string }>(sql`
    SELECT what, CASE WHEN what <> 'task-joined' THEN why END AS why, count(*) AS count
    FROM ${events} WHERE ${NOT_MADE} AND ${since(from)} GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2`);
  return rows.map(({ count, ...reason }) => ({ ...reason, count: Number(count) }));
}

/** One contact that was not made as planned. */
export type NotMade = Awaited<ReturnType<typeof listNotMade>>['items'][number];

/** What was not made for one reason since an instant, the last first, a page at a time. */
export async function listNotMade(
  store: Store,
  { what, why }: Pick<Reason, 'what' | 'why'>,
  from: Instant,
  cursor?: string,
  limit = PAGE,
) {
  const [at, id] = cursor ? readCount(cursor) : [];
  const rows = await store.db
    .select({ event: events, source: orders.source, number: orders.number })
    .from(events)
    .innerJoin(orders, eq(orders.id, events.orderId))
    .where(
      and(
        NOT_MADE,
        since(from),
        eq(events.what, what),
        what === 'task-joined' ? undefined : why === null ? isNull(events.why) : eq(events.why, why),
        at === undefined
          ? undefined
          : sql`(${events.at}, ${events.id}) < (${new Date(at).toISOString()}::timestamptz, ${id})`,
      ),
    )
    .orderBy(desc(events.at), desc(events.id))
    .limit(limit + 1);
  return pageOf(rows, ({ event }) => writeCursor(event.at, event.id), limit);
}
