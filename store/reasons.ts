import { and, desc, eq, isNull, sql } from 'drizzle-orm';
import type { Instant } from '../domain/time.ts';
import type { Store } from './database.ts';
import { events, orders } from './schema.ts';
import { PAGE } from './tasks.ts';

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
  const [at, id] = cursor ? readPlace(cursor) : [];
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
  const items = rows.slice(0, limit);
  const last = items.at(-1)?.event;
  return { items, next: rows.length > limit && last ? writePlace(last.at, last.id) : null };
}

const writePlace = (at: Instant, id: number) => Buffer.from(`${at} ${id}`).toString('base64url');

/** The place the list goes on from; throws RangeError on a text that is none. */
export function readPlace(cursor: string): [Instant, number] {
  const match = /^(\d{1,15}) (\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (!match) throw new RangeError('no cursor');
  return [Number(match[1]), Number(match[2])];
}
