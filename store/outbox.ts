import { inArray, sql } from 'drizzle-orm';
import type { ComplaintRef, FollowUpRef } from '../domain/names.ts';
import type { Store } from './database.ts';
import { isReturning } from './open.ts';
import { complaints, events, orders, outbox, referrals } from './schema.ts';

/** Something Temporal has to hear of. */
export interface Letter {
  /** The rows of the outbox it stands for: several pokes of one workflow are one. */
  ids: number[];
  start: boolean;
  /** Whether there is anything left for its workflow to do. */
  open: boolean;
  to: { followUp: FollowUpRef } | { complaint: ComplaintRef };
}

interface Row {
  id: string;
  order_id: string;
  complaint_id: string | null;
  start: boolean;
  source: string;
  number: string;
  customer_id: string;
  owner: string;
  playbook: string;
  stage: string;
  open: boolean;
}

const LEASE = '30 seconds';

/** Somebody they brought has kept what they bought, and the story of what has ended does not say so yet. */
const owesThanks = sql`EXISTS (
  SELECT FROM ${referrals} r
  WHERE r.referrer_id = o.customer_id AND r.thanks_order_id = o.id AND r.state = 'earned' AND NOT EXISTS (
    SELECT FROM ${events} e
    WHERE e.order_id = o.id AND e.what = 'thanks-due' AND e.data->>'referral' = r.id::text))`;

/**
 * Leases the oldest letters for half a minute. Nothing is held while Temporal is spoken to: a dispatcher that dies
 * lets its lease run out, and any number of them share the work.
 */
export async function lease(store: Store, most: number): Promise<Letter[]> {
  const { rows } = await store.db.execute<Row & Record<string, unknown>>(sql`
    WITH due AS (
      SELECT id FROM ${outbox} WHERE leased_until IS NULL OR leased_until < now()
      ORDER BY id LIMIT ${most} FOR UPDATE SKIP LOCKED),
    leased AS (
      UPDATE ${outbox} SET leased_until = now() + ${LEASE}::interval, attempts = attempts + 1
      WHERE id IN (SELECT id FROM due) RETURNING id, order_id, complaint_id, start)
    SELECT leased.*, o.source, o.number, coalesce(c.customer_id, o.customer_id) AS customer_id,
      coalesce(c.owner, o.owner) AS owner, o.playbook, o.stage,
      CASE WHEN c.id IS NOT NULL THEN c.closed_at IS NULL
        WHEN o.stage = 'ended' THEN ${owesThanks} WHEN o.stage = 'history' THEN ${isReturning} ELSE true END AS open
    FROM leased JOIN ${orders} o ON o.id = leased.order_id LEFT JOIN ${complaints} c ON c.id = leased.complaint_id
    ORDER BY leased.id`);
  const letters = new Map<string, Letter>();
  for (const { id, start, open, ...row } of rows) {
    const workflow = row.complaint_id ?? row.order_id;
    const letter = letters.get(workflow);
    if (letter) {
      letter.ids.push(Number(id));
      // A start and a poke together are more than a start: the run may have closed since.
      letter.start &&= start;
    } else letters.set(workflow, { ids: [Number(id)], start, open, to: addresseeOf(row) });
  }
  return [...letters.values()];
}

function addresseeOf(row: Omit<Row, 'id' | 'start' | 'open'>): Letter['to'] {
  const { order_id: orderId, complaint_id: complaintId, customer_id: customerId, owner } = row;
  const { source, number, playbook, stage } = row;
  if (complaintId !== null) return { complaint: { complaintId, orderId, source, number, customerId, owner } };
  return { followUp: { orderId, source, number, customerId, owner, playbook, stage } };
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
