import { isDeepStrictEqual } from 'node:util';
import { and, asc, desc, eq, inArray, sql } from 'drizzle-orm';
import { isAComplaint } from '../domain/complaint.ts';
import type { FollowUpEvent } from '../domain/followUp.ts';
import { type Answers, type Given, NPS } from '../domain/survey.ts';
import type { Instant } from '../domain/time.ts';
import { openingOf } from './complaintOpening.ts';
import type { Store, Tx } from './database.ts';
import { add, type Customer, type Sale } from './followUps.ts';
import { type AnswerWay, answers, customers, orders } from './schema.ts';

export type Answer = typeof answers.$inferSelect;

/** To which survey answers are, whose, who wrote them down, and how much of it they are. */
interface About {
  survey?: string;
  /** Our id of who answered; left out: who ordered. */
  customerId?: string;
  /** The handle of the colleague; null: the customer did. */
  by?: string | null;
  /** All of it; a page, with more to come; or some words alone, which answer no survey where they bring no score. */
  extent?: 'all' | 'page' | 'some';
}

/**
 * Keeps what somebody answered; a later answer of theirs takes the place of an earlier one, and what is left out stays.
 * The story hears of the first answer to a survey and of every other score, not of the same again; a score that is a
 * complaint by itself opens one, once, and it is theirs. Their words stay with the answer, where they can change them.
 */
export async function recordAnswers(
  store: Store,
  tx: Tx,
  sale: Sale,
  given: Given,
  way: AnswerWay,
  now: Instant,
  { survey = NPS, customerId = sale.order.customerId, by = null, extent = 'all' }: About = {},
): Promise<void> {
  // They were erased while the page was on its way.
  if (await isErased(tx, sale, customerId)) return;
  const { terms, order } = sale;
  const whose = { orderId: order.id, survey, customerId };
  const before = await answerOf(tx, order.id, survey, customerId);
  const said = merged(before ?? { nps: null, csat: null, benefit: null, better: null }, given);
  const finishedAt = before?.finishedAt ?? (extent === 'all' ? now : null);
  if (before && isSame(before, said) && finishedAt === before.finishedAt) return;
  const row = { ...said, way, takenBy: by, at: now, finishedAt };
  await tx
    .insert(answers)
    .values({ ...whose, ...row })
    .onConflictDoUpdate({ target: [answers.orderId, answers.survey, answers.customerId], set: row });
  const { nps, csat, own } = said;
  const answersIt = extent !== 'some' || nps !== null || csat !== null || Object.keys(own).length > 0;
  const isNews = !sale.followUp.answers.has(survey) || nps !== before?.nps || csat !== before?.csat;
  if (!answersIt || !isNews) return;
  const scores = { ...(nps !== null && { score: nps }), ...(csat !== null && { csat }) };
  await add(tx, sale, { what: 'answered', at: now, why: way, data: { ...scores, survey } });
  // A low score about another of their orders, told in the same breath, is part of the complaint about that.
  if (terms.party.complaint || complainedBy(sale.events, order.customerId, whose)) return;
  if (!isAComplaint(terms.playbook.complaints, said)) return;
  const opening = await openingOf(store, tx, sale, { customerId }, now);
  await add(tx, sale, { what: 'complained', at: now, why: 'score', data: { ...opening, ...scores, survey } });
}

/** How the story of an order says that the score of an answer is a complaint; undefined: it was none. */
export const complainedBy = (
  story: readonly FollowUpEvent[],
  orderer: string,
  { survey, customerId }: Pick<Answer, 'survey' | 'customerId'>,
): FollowUpEvent | undefined =>
  story.find(
    ({ what, why, data }) =>
      what === 'complained' && why === 'score' && data?.survey === survey && (data.customer ?? orderer) === customerId,
  );

async function isErased(tx: Tx, { customer }: Sale, customerId: string): Promise<boolean> {
  if (customer.erasedAt !== null || customer.id === customerId) return customer.erasedAt !== null;
  const { erasedAt } = customers;
  const [other] = await tx.select({ erasedAt }).from(customers).where(eq(customers.id, customerId));
  return other.erasedAt !== null;
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

/** What somebody answered to a survey about an order, if they did; who ordered, where nobody is named. */
export async function answerOf(tx: Tx, orderId: string, survey = NPS, customerId?: string): Promise<Answer | null> {
  const orderer = sql`(SELECT customer_id FROM ${orders} WHERE id = ${orderId})`;
  const [row] = await tx
    .select()
    .from(answers)
    .where(
      and(eq(answers.orderId, orderId), eq(answers.survey, survey), eq(answers.customerId, customerId ?? orderer)),
    );
  return row ?? null;
}

/** An answer, with who gave it, and our id of who ordered. */
export interface AnswerRow {
  answer: Answer;
  customer: Customer;
  orderer: string;
}

/** The answers to all surveys about these orders, the last first. */
export const answersAbout = async (tx: Tx, orderIds: string[]): Promise<AnswerRow[]> =>
  orderIds.length === 0
    ? []
    : tx
        .select({ answer: answers, customer: customers, orderer: orders.customerId })
        .from(answers)
        .innerJoin(orders, eq(orders.id, answers.orderId))
        .innerJoin(customers, eq(customers.id, answers.customerId))
        .where(inArray(answers.orderId, orderIds))
        .orderBy(desc(answers.at), asc(answers.survey));
