import { and, asc, eq, inArray } from 'drizzle-orm';
import { isRecovery } from '../domain/against.ts';
import { progressesOf, progressOf } from '../domain/followUp.ts';
import { plan } from '../domain/plan.ts';
import { TALK } from '../domain/task.ts';
import type { Instant, Span } from '../domain/time.ts';
import type { Store, Tx } from './database.ts';
import { type Change, change, poke, type Sale } from './followUps.ts';
import { staff, tasks, taskTouches } from './schema.ts';
import { type Colleague, colleague } from './staff.ts';
import { dueTimeOf, makeDue, makeTask } from './tasks.ts';

/** How long the customer waits at most. */
const CALL_WITHIN: Span = { amount: 1, unit: 'business days' };

/** A call the customer counts on: who makes it, and by when. */
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
): Promise<void> {
  await change(store, orderId, now, async ({ tx, sale, note }) => {
    // They were erased while the page was on its way.
    if (sale.customer.erasedAt !== null) return;
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
      const { what } = await makeTask(store, tx, sale, wanted, now);
      await note({
        what,
        at: now,
        touch: TALK,
        occurrence,
        why: 'customer-asks',
        ...(words && { text: words }),
      });
    } else if (words) await note({ what: 'note', at: now, touch: TALK, occurrence: open, text: words });
    await poke(tx, orderId);
  });
}

/** The call the customer asked for and did not get yet. */
export async function callAskedFor(tx: Tx, sale: Sale): Promise<AskedCall | null> {
  const open = openCall(sale);
  return open === null ? null : taskOf(tx, sale, [TALK]);
}

/**
 * Makes the calls the playbook answers a low score with, where they are due, so that whoever gave it is told at once who
 * calls and by when, be it about a complaint; null: nobody does.
 */
export async function callForLowScore(store: Store, change: Change, now: Instant): Promise<AskedCall | null> {
  const { tx, sale } = change;
  const { followUp, terms, order } = sale;
  const complaint = followUp.complaints.findLast(({ closedAt }) => closedAt === null);
  if (complaint?.due && complaint.heardAt === null)
    return { by: await colleague(tx, complaint.owner ?? order.owner), dueAt: complaint.due.promised };
  const names = terms.playbook.touches
    .filter((touch) => isRecovery(touch) && touch.deed === 'call')
    .map(({ name }) => name);
  for (const due of plan(followUp, terms, now))
    if (names.includes(due.touch) && due.held === null && due.against === null && due.dueAt <= now)
      await makeDue(store, change, due, now);
  const open = names.filter((name) => progressesOf(followUp, name).some(({ openTask }) => openTask !== null));
  return open.length === 0 ? null : taskOf(tx, sale, open);
}

/** By when somebody calls who asks for it now. */
export const promisedBy = (store: Store, sale: Sale, now: Instant): Instant =>
  dueTimeOf(store, sale, { within: CALL_WITHIN }, now);

const openCall = (sale: Sale) => progressOf(sale.followUp, TALK).openTask;

/** The first open task that was made for one of these touches. */
async function taskOf(tx: Tx, { order }: Sale, touches: string[]): Promise<AskedCall | null> {
  const [row] = await tx
    .select({ by: staff, dueAt: tasks.dueAt })
    .from(taskTouches)
    .innerJoin(tasks, eq(tasks.id, taskTouches.taskId))
    .innerJoin(staff, eq(staff.handle, tasks.owner))
    .where(and(eq(taskTouches.orderId, order.id), inArray(taskTouches.touch, touches), eq(tasks.status, 'open')))
    .orderBy(asc(tasks.dueAt))
    .limit(1);
  return row ?? null;
}
