import { and, eq, sql } from 'drizzle-orm';
import { isDone, type Word } from '../domain/complaint.ts';
import type { Store, Tx } from './database.ts';
import type { Sale } from './followUps.ts';
import { staff, tasks, taskTouches } from './schema.ts';
import { colleague, managerOf } from './staff.ts';

/** The word that is awaited before one of an order's complaints is put right; null: none is. */
export async function awaitedWord(
  store: Store,
  tx: Tx,
  { order, followUp }: Sale,
  number: number,
): Promise<Word | null> {
  const complaint = followUp.complaints[number - 1];
  if (!complaint || complaint.asked === null || complaint.closedAt !== null || isDone(complaint, 'fix')) return null;
  const [asked] = await tx
    .select({ name: staff.name })
    .from(tasks)
    .innerJoin(taskTouches, eq(taskTouches.taskId, tasks.id))
    .innerJoin(staff, eq(staff.handle, tasks.owner))
    .where(
      and(
        eq(tasks.status, 'open'),
        eq(taskTouches.orderId, order.id),
        sql`${taskTouches.touch} = 'complaint-approval' AND ${taskTouches.occurrence} LIKE ${`${number}.%`}`,
      ),
    );
  // The task may not be made yet.
  const { name } = asked ?? (await colleague(tx, await managerOf(store, tx, complaint.owner ?? order.owner)));
  return { whose: name, asked: complaint.asked };
}
