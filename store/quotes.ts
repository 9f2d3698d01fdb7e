import { and, desc, eq, type SQL, sql } from 'drizzle-orm';
import { type Band, bandOf, type Survey, type Surveys } from '../domain/survey.ts';
import type { Store } from './database.ts';
import { beyond, PAGE, writeCursor } from './pages.ts';
import { answers, customers, orders, staff } from './schema.ts';

export interface QuoteFilter {
  /** Whose orders. */
  owner?: string;
  band?: Band;
  /** Only where they said what they have from it. */
  praise?: boolean;
  /** From the last page's `next`. */
  cursor?: string;
}

/** A page looks through no more quotes than this, so that it costs the same however many there are. */
const LOOKED_THROUGH = 1_000;

const joined = (store: Store) =>
  store.db
    .select({ answer: answers, order: orders, customer: customers, owner: staff })
    .from(answers)
    .innerJoin(orders, eq(orders.id, answers.orderId))
    .innerJoin(customers, eq(customers.id, answers.customerId))
    .innerJoin(staff, eq(staff.handle, orders.owner));

/** What somebody said in their own words, with who said it and the order it is about. */
export type Quote = Awaited<ReturnType<typeof joined>>[number];

/**
 * What customers said in their own words, newest first, a page at a time: along answers_quotes, read backwards. A page
 * on which few fit the filter is short, and `next` goes on from where it stopped looking.
 */
export async function listQuotes(
  store: Store,
  surveys: Surveys,
  { owner, band, praise, cursor }: QuoteFilter,
  limit = PAGE,
) {
  const looked = sql`
    SELECT * FROM ${answers} WHERE (benefit IS NOT NULL OR better IS NOT NULL OR own <> '{}')
      AND ${beyond('<', sql`at`, sql`order_id`, cursor) ?? sql`true`}
    ORDER BY at DESC, order_id DESC LIMIT ${LOOKED_THROUGH}`;
  const wanted = and(
    owner === undefined ? undefined : sql`o.owner = ${owner}`,
    band === undefined ? undefined : showing(band),
    praise ? sql`a.benefit IS NOT NULL` : inWords(surveys),
  );
  const page = sql`
    SELECT a.order_id, a.survey, a.customer_id
    FROM (${looked}) a JOIN ${orders} o ON o.id = a.order_id WHERE ${wanted}
    ORDER BY a.at DESC, a.order_id DESC LIMIT ${limit + 1}`;
  const rows = await joined(store)
    .where(sql`(${answers.orderId}, ${answers.survey}, ${answers.customerId}) IN (${page})`)
    .orderBy(desc(answers.at), desc(answers.orderId));
  const items = rows.slice(0, limit);
  const last = items.at(-1)?.answer;
  if (rows.length > limit && last) return { items, next: writeCursor(last.at, last.orderId) };
  const { rows: ends } = await store.db.execute<{ at: string; id: string }>(sql`
    SELECT (extract(epoch FROM at) * 1000)::bigint AS at, order_id AS id FROM (${looked}) a OFFSET ${LOOKED_THROUGH - 1}`);
  return { items, next: ends.length > 0 ? writeCursor(Number(ends[0].at), ends[0].id) : null };
}

/** What an answer has in own words: to one of the two questions that are always there, or to another that is no choice. */
function inWords(surveys: Surveys): SQL {
  const choices = Object.fromEntries(surveys.names.map((name) => [name, choicesIn(surveys.in(name, 'en'))]));
  return sql`(a.benefit IS NOT NULL OR a.better IS NOT NULL OR EXISTS (
    SELECT FROM jsonb_each(a.own) said WHERE jsonb_typeof(said.value) = 'string'
      AND NOT coalesce(${JSON.stringify(choices)}::jsonb -> a.survey ? said.key, false)))`;
}

const choicesIn = ({ questions }: Survey): string[] =>
  questions.flatMap(({ kind, name }) => (kind === 'choice' ? [name] : []));

const SCORES = [null, ...Array.from({ length: 11 }, (_, nps) => nps)].flatMap((nps) =>
  [null, 1, 2, 3, 4, 5].map((csat) => ({ nps, csat })),
);

/** The scores by which an answer `a` shows this band. */
export function showing(band: Band): SQL {
  const pairs = SCORES.filter((scores) => bandOf(scores) === band).map(
    ({ nps, csat }) => `(${nps ?? -1}, ${csat ?? -1})`,
  );
  return sql`(coalesce(a.nps, -1), coalesce(a.csat, -1)) IN (${sql.raw(pairs.join(', '))})`;
}
