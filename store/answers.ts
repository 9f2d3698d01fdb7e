import { isDeepStrictEqual } from 'node:util';
import { and, asc, desc, eq } from 'drizzle-orm';
import { isAComplaint } from '../domain/complaint.ts';
import { type Answers, type Given, NPS } from '../domain/survey.ts';
import type { Instant } from '../domain/time.ts';
import { openingOf } from './complaintOpening.ts';
import type { Store, Tx } from './database.ts';
import { add, type Sale } from './followUps.ts';
import { type AnswerWay, answers } from './schema.ts';

export type Answer = typeof answers.$inferSelect;

/** To which survey answers are, who wrote them down, and how much of it they are. */
interface About {
  survey?: string;
  /** The handle of the colleague; null: the customer did. */
  by?: string | null;
  /** All of it; a page, with more to come; or some words alone, which answer no survey where they bring no score. */
  extent?: 'all' | 'page' | 'some';
}

/**
 * Keeps what a customer answered; a later answer takes the place of an earlier one, and what is left out stays. The story
 * hears of the first answer to a survey and of every other score, not of the same again; a score that is a complaint by
 * itself opens one, once.
 */
export async function recordAnswers(
  store: Store,
  tx: Tx,
  sale: Sale,
  given: Given,
  way: AnswerWay,
  now: Instant,
  { survey = NPS, by = null, extent = 'all' }: About = {},
): Promise<void> {
  // They were erased while the page was on its way.
  if (sale.customer.erasedAt !== null) return;
  const before = await answerOf(tx, sale.order.id, survey);
  const said = merged(before ?? { nps: null, csat: null, benefit: null, better: null }, given);
  const finishedAt = before?.finishedAt ?? (extent === 'all' ? now : null);
  if (before && isSame(before, said) && finishedAt === before.finishedAt) return;
  const row = { ...said, way, takenBy: by, at: now, finishedAt };
  await tx
    .insert(answers)
    .values({ orderId: sale.order.id, survey, ...row })
    .onConflictDoUpdate({ target: [answers.orderId, answers.survey], set: row });
  const { nps, csat, own } = said;
  const answersIt = extent !== 'some' || nps !== null || csat !== null || Object.keys(own).length > 0;
  const isNews = !sale.followUp.answers.has(survey) || nps !== before?.nps || csat !== before?.csat;
  if (!answersIt || !isNews) return;
  const scores = { ...(nps !== null && { score: nps }), ...(csat !== null && { csat }) };
  await add(tx, sale, { what: 'answered', at: now, why: way, data: { ...scores, survey } });
  const { terms, followUp } = sale;
  // A low score about another of their orders, told in the same breath, is part of the complaint about that.
  if (terms.party.complaint || followUp.answers.get(survey)!.complaint !== null) return;
  if (!isAComplaint(terms.playbook.complaints, said)) return;
  const opening = await openingOf(store, tx, sale, {}, now);
  const text = said.better ?? undefined;
  await add(tx, sale, { what: 'complained', at: now, why: 'score', text, data: { ...opening, ...scores, survey } });
}

function merged(before: Answers, { own, ...given }: Given): Required<Answers> {
  const { nps, csat, benefit, better } = { ...before, ...given };
  const all = Object.entries({ ...before.own, ...own }).filter(
    (one): one is [string, string | number] => one[1] !== null,
  );
  return { nps, csat, benefit, better, own: Object.fromEntries(all) };
}

const isSame = ({ nps, csat, benefit, better, own }: Answer, said: Required<Answers>) =>
  isDeepStrictEqual({ nps, csat, benefit, better, own }, said);

/** The answer to a survey about an order, if there is one. */
export async function answerOf(tx: Tx, orderId: string, survey = NPS): Promise<Answer | null> {
  const [row] = await tx
    .select()
    .from(answers)
    .where(and(eq(answers.orderId, orderId), eq(answers.survey, survey)));
  return row ?? null;
}

/** The answers to all surveys about an order, the last first. */
export const answersAbout = (tx: Tx, orderId: string): Promise<Answer[]> =>
  tx.select().from(answers).where(eq(answers.orderId, orderId)).orderBy(desc(answers.at), asc(answers.survey));
