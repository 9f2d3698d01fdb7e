import { eq } from 'drizzle-orm';
import type { Answers } from '../domain/messages.ts';
import type { Instant } from '../domain/time.ts';
import type { Tx } from './database.ts';
import { add, type Sale } from './followUps.ts';
import { answers } from './schema.ts';

export type Answer = typeof answers.$inferSelect;

/**
 * Keeps what a customer answered; a later answer takes the place of an earlier one. Words without a score are kept as
 * well, but answer no survey.
 */
export async function recordAnswers(
  tx: Tx,
  sale: Sale,
  given: Answers,
  way: Answer['way'],
  now: Instant,
): Promise<void> {
  const before = await answerOf(tx, sale.order.id);
  const said = {
    nps: given.nps ?? before?.nps ?? null,
    benefit: given.nps === null ? (given.benefit ?? before?.benefit ?? null) : given.benefit,
    better: given.nps === null ? (given.better ?? before?.better ?? null) : given.better,
  };
  if (before && before.nps === said.nps && before.benefit === said.benefit && before.better === said.better) return;
  await tx
    .insert(answers)
    .values({ orderId: sale.order.id, survey: 'nps', ...said, way, at: now, finishedAt: now })
    .onConflictDoUpdate({ target: [answers.orderId, answers.survey], set: { ...said, way, at: now } });
  if (given.nps !== null) await add(tx, sale, { what: 'answered', at: now, why: way, data: { score: given.nps } });
}

/** The answer to an order's survey, if there is one. */
export async function answerOf(tx: Tx, orderId: string): Promise<Answer | null> {
  const [row] = await tx.select().from(answers).where(eq(answers.orderId, orderId));
  return row ?? null;
}
