import { isNull, sql } from 'drizzle-orm';
import type { Instant } from '../domain/time.ts';
import type { Store } from './database.ts';
import { complaints, orders, returns } from './schema.ts';

/** An open order, as the reconciler compares it with what runs. */
export interface OpenOrder {
  id: string;
  source: string;
  number: string;
  /** Its next contact should have been made a while ago. */
  late: boolean;
}

const PAGE = 1_000;

/** Of an order of the past (`o`): something is to come back, and its customer was not erased. */
export const isReturning = sql`(o.stage = 'history' AND o.outcome IS DISTINCT FROM 'erased' AND EXISTS (
  SELECT FROM ${returns} r WHERE r.order_id = o.id AND r.settled_at IS NULL))`;

/** Every order whose follow-up should run, a page at a time. `lateBefore` is when the next contact is called late. */
export async function* openOrders(store: Store, lateBefore: Instant): AsyncGenerator<OpenOrder[]> {
  const columns = sql`id, source, number, coalesce(next_due_at < ${new Date(lateBefore).toISOString()}, false) AS late`;
  let last = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const { rows } = await store.db.execute<OpenOrder & Record<string, unknown>>(sql`
      SELECT ${columns}
      FROM ${orders} WHERE stage NOT IN ('history', 'ended') AND id > ${last} ORDER BY id LIMIT ${PAGE}`);
    if (rows.length === 0) break;
    yield rows;
    last = rows.at(-1)!.id;
  }
  // Of those of the past there are few (returns_open).
  const { rows } = await store.db.execute<OpenOrder & Record<string, unknown>>(sql`
    SELECT ${columns} FROM ${orders} o
    WHERE id IN (SELECT order_id FROM ${returns} WHERE settled_at IS NULL) AND ${isReturning}`);
  yield rows;
}

/** The ids of all open complaints, each with its order's: there are few. */
export const openComplaints = ({ db }: Store): Promise<{ id: string; orderId: string }[]> =>
  db.select({ id: complaints.id, orderId: complaints.orderId }).from(complaints).where(isNull(complaints.closedAt));
