import { eq } from 'drizzle-orm';
import { type Complaint, stepAtHand } from '../domain/complaint.ts';
import { dueAtHand } from '../domain/complaintSteps.ts';
import type { Instant } from '../domain/time.ts';
import type { Tx } from './database.ts';
import type { Order } from './followUps.ts';
import { noteCause } from './improvements.ts';
import { complaints, outbox } from './schema.ts';

type Row = typeof complaints.$inferSelect;

/**
 * Keeps the rows of an order's complaints as its story tells them. A new one gets its workflow; when one is closed, its
 * workflow and the follow-up hear of it.
 */
export async function keepComplaints(tx: Tx, order: Order, all: Complaint[], now: Instant): Promise<void> {
  if (!all.some(({ due }) => due)) return;
  const rows = await tx.select().from(complaints).where(eq(complaints.orderId, order.id));
  for (const complaint of all) {
    if (!complaint.due) continue;
    const { number, since, customer } = complaint;
    const row = rows.find((one) => one.number === number);
    const stands = standOf(complaint, order);
    if (!row) {
      const customerId = customer ?? order.customerId;
      const opened = { orderId: order.id, number, customerId, openedAt: since };
      const [{ id }] = await tx
        .insert(complaints)
        .values({ ...opened, ...stands })
        .returning({ id: complaints.id });
      await pokeComplaint(tx, order.id, id, true);
      continue;
    }
    if (row.closedAt !== null || Object.entries(stands).every(([key, value]) => row[key as keyof Row] === value))
      continue;
    await tx.update(complaints).set(stands).where(eq(complaints.id, row.id));
    if (stands.closedAt !== null) {
      await tx.insert(outbox).values({ orderId: order.id, start: false });
      await pokeComplaint(tx, order.id, row.id);
    }
    if (stands.cause !== null && stands.cause !== row.cause) await noteCause(tx, stands.cause, now);
  }
}

/** Asks for a run of a complaint's workflow, or for the one there is to look again. */
export async function pokeComplaint(tx: Tx, orderId: string, complaintId: string, start = false): Promise<void> {
  await tx.insert(outbox).values({ orderId, complaintId, start });
}

function standOf(complaint: Complaint, order: Order) {
  const { owner, escalations, wants, remedy, cause, closedAt, closedWhy, due } = complaint;
  const step = stepAtHand(complaint);
  return {
    owner: owner ?? order.owner,
    step,
    dueAt: step === null ? null : dueAtHand(complaint),
    promisedAt: due!.promised,
    escalations,
    wants,
    remedy,
    cause,
    closedAt,
    closedWhy,
  };
}
