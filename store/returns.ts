import { randomBytes } from 'node:crypto';
import { and, asc, desc, eq, isNotNull, isNull } from 'drizzle-orm';
import { COMES_TO, type ReturnEnd, type ReturnKind, returnDeadline, sendBy } from '../domain/returns.ts';
import type { Instant } from '../domain/time.ts';
import { succeed } from './adoption.ts';
import { CODE_LETTERS } from './customers.ts';
import type { Store, Tx } from './database.ts';
import { apply, settleReturns } from './events.ts';
import { add, type Change, change, loadLocked, poke, settle } from './followUps.ts';
import { beyond, PAGE, pageOf, writeCursor } from './pages.ts';
import { settleReorders } from './reorders.ts';
import { customers, events, orders, returns } from './schema.ts';

export type Return = typeof returns.$inferSelect;

/** What a colleague writes down when a customer wants to give something back. */
export interface Asked {
  /** The sender's id of it: the same again changes nothing. */
  id: string;
  kind: ReturnKind;
  what: string;
  why: string | null;
  /** What a manager said, where it is asked for too late; null: nobody was asked. */
  word: string | null;
}

/** What became of it: the receipt, or why there is none. */
export type ReturnAnswer =
  | { answer: 'asked' | 'known'; receipt: string }
  | { answer: 'late'; deadline: Instant }
  | { answer: 'gone' };

/**
 * Writes down that a customer wants to give something back or have it exchanged, with a number to write on the parcel.
 * Once the order's time is over it takes a manager's word; what was cancelled, returned or erased is not given back.
 */
export async function askReturn(store: Store, orderId: string, asked: Asked, now: Instant): Promise<ReturnAnswer> {
  let answer!: ReturnAnswer;
  await change(store, orderId, now, async (change) => {
    answer = await ask(store, change, asked, now);
    if (answer.answer === 'asked') await poke(change.tx, orderId);
  });
  return answer;
}

async function ask(store: Store, { tx, sale, note }: Change, asked: Asked, now: Instant): Promise<ReturnAnswer> {
  const { order, customer, followUp, terms } = sale;
  const { kind, what, why, word } = asked;
  const externalId = `return ${asked.id}`;
  const [known] = await tx
    .select({ data: events.data })
    .from(events)
    .where(and(eq(events.orderId, order.id), eq(events.externalId, externalId)));
  if (known) return { answer: 'known', receipt: known.data!.receipt! };
  if (customer.erasedAt !== null || followUp.fellAway !== null) return { answer: 'gone' };
  const deadline = returnDeadline(followUp, terms);
  if (now > deadline && word === null) return { answer: 'late', deadline };
  // What was over stayed with who has left.
  await succeed(store, tx, sale, now);
  const receipt = await newReceipt(tx);
  const number = followUp.returns.length + 1;
  const data = { number, receipt, kind, until: sendBy(now, terms) };
  await note({ what: 'return-asked', at: now, text: what, data }, externalId);
  const row = { receipt, orderId: order.id, customerId: customer.id, kind, what, why, askedAt: now, deadline };
  await tx.insert(returns).values({ ...row, note: word });
  return { answer: 'asked', receipt };
}

/** Short enough to be told on the phone and written on a parcel; of 33 million it is one that nobody has. */
async function newReceipt(tx: Tx): Promise<string> {
  for (;;) {
    const letters = Array.from(randomBytes(5), (byte) => CODE_LETTERS[byte % CODE_LETTERS.length]).join('');
    const receipt = `R-${letters}`;
    if ((await tx.select({ id: returns.id }).from(returns).where(eq(returns.receipt, receipt))).length === 0)
      return receipt;
  }
}

/** The goods have arrived; false where they had, or where it is settled already. */
export const receiveReturn = (store: Store, receipt: string, now: Instant): Promise<boolean> =>
  withReturn(store, receipt, now, async ({ tx, sale, note }, number) => {
    const meant = sale.followUp.returns[number - 1];
    if (meant.receivedAt !== null || meant.settledAt !== null) return false;
    await tx.update(returns).set({ receivedAt: now }).where(eq(returns.receipt, receipt));
    await note({ what: 'return-received', at: now, data: { number } });
    return true;
  });

/**
 * Ends a return. What went out to the customer is reported of the order as a sales system would report it; where
 * nothing did, selling goes on. False where it was settled already.
 */
export const settleReturn = (
  store: Store,
  receipt: string,
  ended: { as: ReturnEnd; note: string | null },
  now: Instant,
): Promise<boolean> =>
  withReturn(store, receipt, now, async ({ tx, sale }, number) => {
    if (sale.followUp.returns[number - 1].settledAt !== null) return false;
    await settleReturns(tx, sale, { ...ended, number }, now);
    const type = COMES_TO[ended.as];
    const event = { id: `return ${receipt}`, at: now, until: null, by: null, text: null, word: true };
    if (type !== null) await apply(store, tx, sale, { ...event, type }, now);
    return true;
  });

/** Changes the sale a return is about, which then looks again; false where `work` says so, or there is no return. */
async function withReturn(
  store: Store,
  receipt: string,
  now: Instant,
  work: (change: Change, number: number) => Promise<boolean>,
): Promise<boolean> {
  return store.db.transaction(async (tx) => {
    const [row] = await tx.select().from(returns).where(eq(returns.receipt, receipt));
    if (!row) return false;
    const sale = await loadLocked(store, tx, row.orderId);
    const number = sale.followUp.returns.findIndex((one) => one.receipt === receipt) + 1;
    if (!(await work({ tx, sale, note: (event, id) => add(tx, sale, event, id) }, number))) return false;
    await settle(tx, sale, now);
    await settleReorders(store, tx, sale.order.partyId, now);
    await poke(tx, row.orderId);
    return true;
  });
}

const joined = (store: Store) =>
  store.db
    .select({ goods: returns, order: orders, customer: customers })
    .from(returns)
    .innerJoin(orders, eq(orders.id, returns.orderId))
    .innerJoin(customers, eq(customers.id, returns.customerId));

/** A return, with the order it is about and who ordered. */
export type ReturnRow = Awaited<ReturnType<typeof joined>>[number];

/**
 * Returns, a page at a time: those that are open, the oldest first (returns_open), or those that are settled, the last
 * first (returns_settled).
 */
export async function listReturns(store: Store, settled: boolean, cursor?: string, limit = PAGE) {
  const by = settled ? returns.settledAt : returns.askedAt;
  const found = await joined(store)
    .where(
      and(
        settled ? isNotNull(returns.settledAt) : isNull(returns.settledAt),
        beyond(settled ? '<' : '>', by, returns.id, cursor),
      ),
    )
    .orderBy(...(settled ? [desc(by), desc(returns.id)] : [asc(by), asc(returns.id)]))
    .limit(limit + 1);
  return pageOf(
    found,
    ({ goods: { settledAt, askedAt, id } }) => writeCursor((settled && settledAt) || askedAt, id),
    limit,
  );
}

/** The returns of an order, the first first. */
export const returnsOf = (store: Store, orderId: string): Promise<Return[]> =>
  store.db.select().from(returns).where(eq(returns.orderId, orderId)).orderBy(asc(returns.askedAt));

/** A return by its receipt, as a customer or a parcel names it; null: there is none. */
export async function returnCalled(store: Store, receipt: string): Promise<ReturnRow | null> {
  const [row] = await joined(store).where(eq(returns.receipt, receipt.trim().toUpperCase()));
  return row ?? null;
}
