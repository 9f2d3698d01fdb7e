import { createHash } from 'node:crypto';
import { and, asc, desc, eq, inArray, isNotNull, isNull, sql } from 'drizzle-orm';
import {
  type Closing,
  type Complaint,
  type Done,
  isDone,
  mayOffer,
  type Remedy,
  type Step,
  saying,
  type Want,
  type Word,
} from '../domain/complaint.ts';
import { nextOfComplaint } from '../domain/complaintSteps.ts';
import { followUpOf } from '../domain/followUp.ts';
import { money } from '../domain/money.ts';
import { isOurId } from '../domain/names.ts';
import type { Outcome } from '../domain/task.ts';
import type { Instant } from '../domain/time.ts';
import { awaitedWord } from './complaintWord.ts';
import type { Store, Tx } from './database.ts';
import { takeEvent } from './events.ts';
import { add, type Change, change, poke, type Sale } from './followUps.ts';
import { beyond, PAGE, pageOf, writeCursor } from './pages.ts';
import { complaints, customers, orders, staff, tasks, taskTouches } from './schema.ts';
import { colleague, managerOf } from './staff.ts';
import { takeOutcome } from './tasks.ts';

export type ComplaintRow = typeof complaints.$inferSelect;

/** Which of its order's complaints one is. */
export async function numberOf(tx: Tx, id: string): Promise<number> {
  const [row] = await tx.select({ number: complaints.number }).from(complaints).where(eq(complaints.id, id));
  return row.number;
}

/** What a customer says who complains by themselves. */
export interface Complained {
  /** Our id of them. */
  customerId: string;
  text: string;
  wants: Want | null;
  /** Which showing of the form it was written in; null: it is told by its words. */
  form: string | null;
}

/**
 * A customer complains, or says more of what they complain about; the story has it once, however often it is sent. False
 * where it has it already.
 */
export function complain(store: Store, sale: Sale, said: Complained, now: Instant): Promise<boolean> {
  const { source, number } = sale.order;
  const { customerId: customer, text, wants, form } = said;
  const nth = sale.followUp.complaints.filter(({ closedAt }) => closedAt !== null).length + 1;
  const id = createHash('sha256')
    .update(`${form ?? nth} ${customer} ${text}`)
    .digest('hex');
  const event = { id, type: 'complained', at: now, until: null, by: null, text, customer } as const;
  return takeEvent(store, source, number, { ...event, ...(wants && { wants }) }, now);
}

/** A complaint's next owner is the manager of the one it has, who gets its open tasks too; it is late. */
export async function handUp(store: Store, tx: Tx, sale: Sale, number: number, now: Instant): Promise<void> {
  // A copy decides: what it settles is for `settle` to write.
  const { next } = nextOfComplaint(followUpOf(sale.events), number, sale.terms, now);
  if (next.step !== 'escalate' || next.dueAt > now) return;
  const had = sale.followUp.complaints[number - 1].owner ?? sale.order.owner;
  const owner = await managerOf(store, tx, had);
  const why = owner === had ? 'late-again' : 'late';
  await add(tx, sale, { what: 'escalated', at: now, why, data: { number, owner } });
  await tx.execute(sql`
    UPDATE ${tasks} SET owner = ${owner}
    WHERE ${had} IN (owner, instead_of) AND status = 'open' AND id IN (
      SELECT task_id FROM ${taskTouches}
      WHERE order_id = ${sale.order.id} AND touch LIKE 'complaint-%' AND occurrence LIKE ${`${number}.%`})`);
}

/** How a step's task comes out when the step was taken. */
const TAKEN: Record<Step, Outcome[]> = {
  listen: ['reached', 'done'],
  fix: ['done'],
  apology: ['done'],
  cause: ['done'],
  tell: ['reached', 'done'],
};

/**
 * A colleague has taken a step, with its open task or without one. Known: it was taken before, or the complaint is
 * closed. Not taken: the word is returned that is awaited before.
 */
export async function takeStep(
  store: Store,
  row: ComplaintRow,
  done: Done,
  now: Instant,
): Promise<'taken' | 'known' | Word> {
  const task = await taskOf(store.db, row, done.step);
  if (task) {
    const note = 'text' in done ? done.text : done.changed;
    for (const outcome of TAKEN[done.step]) {
      const report = { id: null, outcome, note, callBackAt: null, answers: null, done };
      const told = await takeOutcome(store, task.id, report, now);
      if (told.answer === 'taken') return 'taken';
      if (told.answer === 'awaited') return told.word;
    }
  }
  let came: 'taken' | 'known' | Word = 'known';
  await changed(store, row, now, async ({ tx, sale, note }, complaint) => {
    // More may be said of what the customer told, and of what they want.
    if (done.step !== 'listen' && isDone(complaint, done.step)) return;
    const { number } = complaint;
    const word = done.step === 'fix' ? await awaitedWord(store, tx, sale, number) : null;
    came = word ?? 'taken';
    if (!word) for (const event of saying(number, done, now)) await note(event);
  });
  return came;
}

/** What is offered to a customer who complains. */
export interface Offer {
  remedy: Remedy['name'];
  /** What it costs us, in the order's currency. */
  value: number;
}

/**
 * A remedy is offered; what the complaint's owner may not offer by themselves is asked of their manager, if they have
 * one. Null: it is so already, or the complaint is closed.
 */
export async function offer(
  store: Store,
  row: ComplaintRow,
  { remedy, value }: Offer,
  now: Instant,
): Promise<'offered' | 'asked' | null> {
  let came: 'offered' | 'asked' | null = null;
  await changed(store, row, now, async ({ tx, sale, note }, { number, owner, remedy: stands, asked }) => {
    const { currency } = sale.order;
    const { handle, role } = await colleague(tx, owner ?? sale.order.owner);
    const text = value > 0 ? `${remedy}, ${money(String(value), currency, 'en')}` : remedy;
    const may =
      // What stands, by whosever word, is theirs to offer again.
      text === stands ||
      mayOffer(sale.terms.playbook.complaints.remedies, role, remedy, value, currency) ||
      (await managerOf(store, tx, handle)) === handle;
    if (may ? text === stands && asked === null : text === asked) return;
    came = may ? 'offered' : 'asked';
    await note({ what: `remedy-${came}`, at: now, text, data: { number } });
  });
  return came;
}

/** A complaint is closed though its customer was not told what was changed. False: it is closed already. */
export const close = (
  store: Store,
  row: ComplaintRow,
  { why, text }: { why: Closing; text: string },
  now: Instant,
): Promise<boolean> =>
  changed(store, row, now, async ({ note }, { number }) => {
    await note({ what: 'complaint-closed', at: now, why, text, data: { number } });
  });

/** Changes an open complaint by hand; its workflow and the follow-up look again. False: it is closed. */
async function changed(
  store: Store,
  { orderId, number }: ComplaintRow,
  now: Instant,
  work: (change: Change, complaint: Complaint) => Promise<void>,
): Promise<boolean> {
  let isOpen = false;
  await change(store, orderId, now, async (change) => {
    const complaint = change.sale.followUp.complaints[number - 1];
    if (complaint.closedAt !== null) return;
    isOpen = true;
    await work(change, complaint);
    await poke(change.tx, orderId);
  });
  return isOpen;
}

/** The open task of a complaint's step; null: there is none. */
async function taskOf(tx: Tx, { orderId, number }: ComplaintRow, step: Step): Promise<{ id: string } | null> {
  const touches = step === 'tell' ? sql`('complaint-tell', 'complaint-told')` : sql`(${`complaint-${step}`})`;
  const [task] = await tx
    .select({ id: tasks.id })
    .from(tasks)
    .innerJoin(taskTouches, eq(taskTouches.taskId, tasks.id))
    .where(
      and(
        eq(tasks.status, 'open'),
        eq(taskTouches.orderId, orderId),
        sql`${taskTouches.touch} IN ${touches} AND ${taskTouches.occurrence} LIKE ${`${number}.%`}`,
      ),
    );
  return task ?? null;
}

const joined = (store: Store) =>
  store.db
    .select({ complaint: complaints, order: orders, customer: customers, owner: staff })
    .from(complaints)
    .innerJoin(orders, eq(orders.id, complaints.orderId))
    .innerJoin(customers, eq(customers.id, complaints.customerId))
    .innerJoin(staff, eq(staff.handle, complaints.owner));

export type ComplaintView = Awaited<ReturnType<typeof joined>>[number];

/** Open complaints by due time, or closed ones, the last first, a page at a time (complaints_open, complaints_closed). */
export async function listComplaints(store: Store, closed: boolean, cursor?: string, limit = PAGE) {
  const by = closed ? complaints.closedAt : complaints.dueAt;
  const after = beyond(closed ? '<' : '>', by, complaints.id, cursor);
  const rows = await joined(store)
    .where(and((closed ? isNotNull : isNull)(complaints.closedAt), after))
    .orderBy(...(closed ? [desc(by), desc(complaints.id)] : [asc(by), asc(complaints.id)]))
    .limit(limit + 1);
  return pageOf(rows, ({ complaint: { closedAt, dueAt, id } }) => writeCursor((closed ? closedAt : dueAt)!, id), limit);
}

/** One complaint; null where there is none of this id. */
export async function readComplaint(store: Store, id: string): Promise<ComplaintView | null> {
  if (!isOurId(id)) return null;
  const [row] = await joined(store).where(eq(complaints.id, id));
  return row ?? null;
}

/** The complaints about an order, the first to come first. */
export const complaintsOf = (tx: Tx, orderId: string): Promise<ComplaintRow[]> =>
  tx.select().from(complaints).where(eq(complaints.orderId, orderId)).orderBy(asc(complaints.number));

/** What a complaint is found by among those of several orders. */
export const complaintKey = (orderId: string, number: number) => `${orderId} ${number}`;

/** Our ids of the complaints about these orders, by their keys. */
export async function complaintIds({ db }: Store, orderIds: string[]): Promise<Map<string, string>> {
  if (orderIds.length === 0) return new Map();
  const { id, orderId, number } = complaints;
  const rows = await db.select({ id, orderId, number }).from(complaints).where(inArray(orderId, orderIds));
  return new Map(rows.map((row) => [complaintKey(row.orderId, row.number), row.id]));
}

/** How many complaints are open. */
export const countOpen = ({ db }: Store): Promise<number> => db.$count(complaints, isNull(complaints.closedAt));

/** Causes that were found before, the most frequent first. */
export async function knownCauses({ db }: Store): Promise<string[]> {
  const rows = await db
    .select({ cause: complaints.cause })
    .from(complaints)
    .where(isNotNull(complaints.cause))
    .groupBy(complaints.cause)
    .orderBy(desc(sql`count(*)`), asc(complaints.cause))
    .limit(100);
  return rows.map(({ cause }) => cause!);
}
