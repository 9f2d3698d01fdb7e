import { inArray, sql } from 'drizzle-orm';
import type { FollowUpRef } from '../domain/names.ts';
import type { Store } from './database.ts';
import { orders, outbox } from './schema.ts';

/** Something Temporal has to hear of. */
export interface Letter extends FollowUpRef {
  /** The rows of the outbox it stands for: several pokes of one order are one. */
  ids: number[];
  start: boolean;
}

const LEASE = '30 seconds';

/**
 * Leases the oldest letters for half a minute. Nothing is held while Temporal is spoken to: a dispatcher that dies
 * lets its lease run out, and any number of them share the work.
 */
export async function lease(store: Store, most: number): Promise<Letter[]> {
  const { rows } = await store.db.execute<
    { id: string; order_id: string; start: boolean } & Record<string, string>
  >(sql`
    WITH due AS (
      SELECT id FROM ${outbox} WHERE leased_until IS NULL OR leased_until < now()
      ORDER BY id LIMIT ${most} FOR UPDATE SKIP LOCKED),
    leased AS (
      UPDATE ${outbox} SET leased_until = now() + ${LEASE}::interval, attempts = attempts + 1
      WHERE id IN (SELECT id FROM due) RETURNING id, order_id, start)
    SELECT leased.*, o.source, o.number, o.customer_id, o.owner, o.playbook, o.stage
    FROM leased JOIN ${orders} o ON o.id = leased.order_id ORDER BY leased.id`);
  const letters = new Map<string, Letter>();
  for (const { id, order_id, source, number, customer_id, owner, playbook, stage, start } of rows) {
    const letter = letters.get(order_id);
    if (letter) {
      letter.ids.push(Number(id));
      // A start and a poke together are more than a start: the run may have closed since.
      letter.start &&= start as never;
    } else
      letters.set(order_id, {
        ids: [Number(id)],
        orderId: order_id,
        source,
        number,
        customerId: customer_id,
        owner,
        playbook,
        stage,
        start: start as never,
      });
  }
  return [...letters.values()];
}

/** Temporal has heard them. */
export async function delivered(store: Store, letters: Letter[]): Promise<void> {
  const ids = letters.flatMap((letter) => letter.ids);
  if (ids.length > 0) await store.db.delete(outbox).where(inArray(outbox.id, ids));
}

/** How many letters wait, for metrics and readiness. */
export async function waiting(store: Store): Promise<number> {
  const { rows } = await store.db.execute<{ count: string }>(sql`SELECT count(*) AS count FROM ${outbox}`);
  return Number(rows[0].count);
}
