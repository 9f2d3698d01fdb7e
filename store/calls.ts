import { and, asc, eq, inArray } from 'drizzle-orm';
import { isRecovery } from '../domain/against.ts';
import { isAComplaint } from '../domain/complaint.ts';
import { mayBeCalled } from '../domain/complaintSteps.ts';
import { complaintAtHand, complaintMeant, progressesOf, progressOf } from '../domain/followUp.ts';
import { plan } from '../domain/plan.ts';
import type { Playbook, Touch } from '../domain/playbook.ts';
import { bandOf } from '../domain/survey.ts';
import { TALK } from '../domain/task.ts';
import type { Instant, Span } from '../domain/time.ts';
import { answerOf, complainedBy } from './answers.ts';
import type { Store, Tx } from './database.ts';
import { type Change, change, loadSale, poke, type Sale } from './followUps.ts';
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

/** Makes the calls the playbook answers a low score with, where they are due, so that whoever gave it can be told. */
export async function callForLowScore(store: Store, change: Change, now: Instant): Promise<void> {
  const { followUp, terms } = change.sale;
  const names = recoveriesIn(terms.playbook).map(({ name }) => name);
  for (const due of plan(followUp, terms, now))
    if (names.includes(due.touch) && due.held === null && due.against === null && due.dueAt <= now)
      await makeDue(store, change, due, now);
}

/** Who is in touch about an answer, and how: by a call, in another way, or still because of what it was before. */
export interface Coming extends AskedCall {
  how: 'call' | 'other' | 'still';
}

/**
 * What comes of an answer for who gave it; null: nothing they could be told. With a low score it is the call of their
 * complaint, or of the playbook where it calls them; with one that is none any more, the complaint that it opened.
 */
export async function comingTo(
  store: Store,
  orderId: string,
  survey: string,
  customerId: string,
): Promise<Coming | null> {
  const { db } = store;
  const answer = await answerOf(db, orderId, survey, customerId);
  // They were erased while the page was on its way.
  if (answer === null) return null;
  const sale = await loadSale(store, db, orderId);
  const { order, followUp, terms } = sale;
  const isLow = bandOf(answer) === 'detractor';
  const complaint = complaintAtHand(followUp);
  if (complaint?.due && (complaint.customer ?? order.customerId) === customerId) {
    const seen = { by: await colleague(db, complaint.owner ?? order.owner), dueAt: complaint.due.promised };
    if (isLow && complaint.heardAt === null) return { ...seen, how: mayBeCalled(complaint, terms) ? 'call' : 'other' };
    const told = complainedBy(sale.events, order.customerId, answer);
    const isOpened = told !== undefined && complaintMeant(told) === complaint.number;
    if (isOpened && !isAComplaint(terms.playbook.complaints, answer)) return { ...seen, how: 'still' };
  }
  return isLow ? recoveryOf(db, sale, customerId) : null;
}

/** The call that the playbook answers a low score with, and that this customer is to get. */
async function recoveryOf(tx: Tx, sale: Sale, customerId: string): Promise<Coming | null> {
  const { followUp, terms, recipients, order } = sale;
  const isTheirs = ({ to }: Touch) => ((to && recipients[to]) || order.customerId) === customerId;
  const open = recoveriesIn(terms.playbook).filter(
    (touch) => isTheirs(touch) && progressesOf(followUp, touch.name).some(({ openTask }) => openTask !== null),
  );
  const names = open.map(({ name }) => name);
  const call = names.length === 0 ? null : await taskOf(tx, sale, names);
  if (call === null) return null;
  const [{ to, purpose }] = open;
  const { phone, email, consent } = (to && terms.people[to]) || terms.person;
  if (phone && consent[purpose].phone) return { ...call, how: 'call' };
  return email && consent[purpose].email ? { ...call, how: 'other' } : null;
}

const recoveriesIn = ({ touches }: Playbook) => touches.filter((touch) => isRecovery(touch) && touch.deed === 'call');

/** By when somebody calls who asks for it now. */
export const promisedBy = (store: Store, sale: Sale, now: Instant): Instant =>
  dueTimeOf(store, sale, { within: CALL_WITHIN, promised: true }, now);

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
