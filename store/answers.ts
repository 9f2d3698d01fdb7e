import { eq } from 'drizzle-orm';
import type { Answers } from '../domain/messages.ts';
import type { Instant } from '../domain/time.ts';
import type { Tx } from './database.ts';
import { add, type Sale } from './followUps.ts';
import { answers } from './schema.ts';

export type Answer = typeof answers.$inferSelect;

/** Keeps what a customer answered; a later answer takes the place of an earlier one. */
export async function recordAnswers(
  tx: Tx,
  sale: Sale,
  given: Answers & { nps: number },
  way: Answer['way'],
  now: Instant,
): Promise<void> {
  const { nps, benefit, better } = given;
  const said = { nps, benefit, better, way, at: now };
  const before = await answerOf(tx, sale.order.id);
  if (before && before.nps === nps && before.benefit === benefit && before.better === better) return;
  await tx
    .insert(answers)
    .values({ orderId: sale.order.id, ...said })
    .onConflictDoUpdate({ target: answers.orderId, set: said });
  await add(tx, sale, { what: 'answered', at: now, why: way, data: { score: nps } });
}

/** The answer to an order's survey, if there is one. */
export async function answerOf(tx: Tx, orderId: string): Promise<Answer | null> {
  const [row] = await tx.select().from(answers).where(eq(answers.orderId, orderId));
  return row ?? null;
}
