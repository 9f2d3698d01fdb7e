import { and, eq, sql } from 'drizzle-orm';
import { progressOf } from '../domain/followUp.ts';
import { TALK } from '../domain/task.ts';
import type { Instant, Span } from '../domain/time.ts';
import type { Store, Tx } from './database.ts';
import { change, poke, type Sale } from './followUps.ts';
import { staff, tasks, taskTouches } from './schema.ts';
import type { Colleague } from './staff.ts';
import { dueTimeOf, makeTask } from './tasks.ts';

/** How long the customer waits at most. */
const CALL_WITHIN: Span = { amount: 1, unit: 'business days' };

/** A call the customer asked for: who makes it, and by when. */
export interface AskedCall {
  by: Colleague;
  dueAt: Instant;
}

/**
 * Makes a call task for the owner because the customer asked for it, with a promised time; what the customer wrote
 * stands in the story. While such a call is still owed there is no second one: the new words are added to the story.
 */
export async function askForCall(
  store: Store,
  orderId: string,
  customerId: string,
  words: string | null,
  now: Instant,
): Promise<AskedCall> {
  let asked!: AskedCall;
  await change(store, orderId, now, async ({ tx, sale, note }) => {
    const open = openCall(sale);
    if (open === null) {
      const occurrence = String(progressOf(sale.followUp, TALK).made.size + 1);
      const wanted = {
        kind: 'call',
        reason: 'customer-asks',
        touch: TALK,
        occurrence,
        within: CALL_WITHIN,
        promised: true,
        customerId,
      } as const;
      const made = await makeTask(store, tx, sale, wanted, now);
      await note({
        what: made === 'made' ? 'task-made' : 'task-joined',
        at: now,
        touch: TALK,
        occurrence,
        why: 'customer-asks',
        ...(words && { text: words }),
      });
      await noLaterThan(tx, sale, occurrence, promisedBy(store, sale, now));
    } else if (words) await note({ what: 'note', at: now, touch: TALK, occurrence: open, text: words });
    asked = (await taskOf(tx, sale, openCall(sale)!))!;
    await poke(tx, orderId);
  });
  return asked;
}

/** The call the customer asked for and did not get yet. */
export async function callAskedFor(tx: Tx, sale: Sale): Promise<AskedCall | null> {
  const open = openCall(sale);
  return open === null ? null : taskOf(tx, sale, open);
}

/** By when somebody calls who asks for it now. */
export const promisedBy = (store: Store, sale: Sale, now: Instant): Instant =>
  dueTimeOf(store, sale, { within: CALL_WITHIN }, now);

const openCall = (sale: Sale) => progressOf(sale.followUp, TALK).openTask;

const about = (sale: Sale, occurrence: string) =>
  and(eq(taskTouches.orderId, sale.order.id), eq(taskTouches.touch, TALK), eq(taskTouches.occurrence, occurrence));

async function taskOf(tx: Tx, sale: Sale, occurrence: string): Promise<AskedCall | null> {
  const [row] = await tx
    .select({ by: staff, dueAt: tasks.dueAt })
    .from(taskTouches)
    .innerJoin(tasks, eq(tasks.id, taskTouches.taskId))
    .innerJoin(staff, eq(staff.handle, tasks.owner))
    .where(and(about(sale, occurrence), eq(tasks.status, 'open')));
  return row ?? null;
}

/** The call may have joined one that was due later than what is promised now. */
const noLaterThan = (tx: Tx, sale: Sale, occurrence: string, at: Instant) =>
  tx.execute(sql`
    UPDATE ${tasks} SET due_at = least(due_at, ${new Date(at).toISOString()}::timestamptz)
    WHERE id IN (SELECT task_id FROM ${taskTouches} WHERE ${about(sale, occurrence)})`);
