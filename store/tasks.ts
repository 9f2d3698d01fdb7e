import { and, asc, eq, inArray, isNotNull, isNull, lte, ne, sql } from 'drizzle-orm';
import { demonstrated, nextTry, type Opening } from '../domain/calendar.ts';
import { isOfComplaint, RECEIVED, saidBy, stepOf, type Word } from '../domain/complaint.ts';
import { aboutOf, occurrenceOf, progressOf } from '../domain/followUp.ts';
import { deadlineOf } from '../domain/load.ts';
import type { TaskReport } from '../domain/messages.ts';
import type { Planned } from '../domain/plan.ts';
import { type Deadline, type Playbook, SAME_DAY } from '../domain/playbook.ts';
import { REFERRAL_BURST, REWARD } from '../domain/referral.ts';
import type { Answers, Given } from '../domain/survey.ts';
import { HEARD, OUTCOMES_OF, type Outcome, TALK, type TaskKind, type TaskStatus, UNANSWERED } from '../domain/task.ts';
import type { Instant, Span } from '../domain/time.ts';
import { recordAnswers } from './answers.ts';
import { letCount, rewardGiven } from './attribution.ts';
import { openingOf } from './complaintOpening.ts';
import { awaitedWord } from './complaintWord.ts';
import type { Store, Tx } from './database.ts';
import { add, type Change, loadSale, lockParty, poke, type Sale, settle } from './followUps.ts';
import { assignTask } from './load.ts';
import { beyond, PAGE, pageOf, writeCursor } from './pages.ts';
import { attempt, linkByRule, lockParties } from './parties.ts';
import { playbookOf } from './playbooks.ts';
import { customers, ledger, orders, referrals, staff, tasks, taskTouches } from './schema.ts';
import { managerOf } from './staff.ts';

export type Task = typeof tasks.$inferSelect;

interface Wanted {
  kind: TaskKind;
  reason: string;
  touch: string;
  occurrence: string;
  within: Deadline;
  /** When it may be done; in the owner's hours where left out. */
  openings?: readonly Opening[];
  /** A time agreed with the customer; else it is due within the span, in working hours. */
  dueAt?: Instant;
  /** The customer counts on it: it is never moved to another day. */
  promised?: boolean;
  /** The part in the purchase of who is to be contacted instead of who ordered, or who exactly. */
  to?: string | null;
  customerId?: string;
  /** Whose it is, where not the order's owner's; or whose manager's. */
  owner?: string;
  forManager?: boolean;
}

/** What became of a task that was asked for, as the story says it, and when it is due. */
interface Made {
  what: 'task-made' | 'task-joined';
  dueAt: Instant;
}

/** How often somebody who asked for a call is tried. */
const TALK_ATTEMPTS = 3;

/**
 * Makes the task a touch asks for, for its owner or whoever is there and has room. A call joins a call the same person
 * is to get for another order anyway: nobody is rung up twice, and one outcome settles both. Who complains is called by
 * whom they were told. What came through one customer in a burst is looked at in one task.
 */
export async function makeTask(store: Store, tx: Tx, sale: Sale, wanted: Wanted, now: Instant): Promise<Made> {
  const { order, customer } = sale;
  const { touch, occurrence } = wanted;
  const settles = { orderId: order.id, touch, occurrence };
  const worker = wanted.owner ?? order.owner;
  const contacted = wanted.customerId ?? ((wanted.to && sale.recipients[wanted.to]) || customer.id);
  const [other] =
    touch === REFERRAL_BURST
      ? await burstThrough(tx, order.referredBy!)
      : wanted.kind === 'call'
        ? await tx
            .select({ id: tasks.id, dueAt: tasks.dueAt })
            .from(tasks)
            .where(
              and(
                inArray(tasks.customerId, samePerson(tx, contacted)),
                eq(tasks.status, 'open'),
                eq(tasks.kind, 'call'),
                ne(tasks.orderId, order.id),
                isOfComplaint(touch) ? eq(tasks.owner, worker) : undefined,
              ),
            )
            .orderBy(asc(tasks.dueAt))
            .limit(1)
        : [];
  if (other) {
    await tx
      .insert(taskTouches)
      .values({ taskId: other.id, ...settles })
      .onConflictDoNothing();
    // Where the customer counts on this one, both are made in time for it.
    const promised = wanted.promised ? dueTimeOf(store, sale, wanted, now) : other.dueAt;
    const dueAt = Math.min(other.dueAt, wanted.dueAt ?? promised);
    await tx.update(tasks).set({ dueAt }).where(eq(tasks.id, other.id));
    return { what: 'task-joined', dueAt };
  }
  const dueAt = wanted.dueAt ?? dueTimeOf(store, sale, wanted, now);
  const latest = wanted.dueAt !== undefined || wanted.promised || wanted.within === SAME_DAY ? dueAt : null;
  const hours = wanted.openings?.slice(1) ?? [];
  const owner = wanted.forManager ? await managerOf(store, tx, worker) : worker;
  const given = await assignTask(store, tx, { owner, dueAt, latest, hours, seed: order.id });
  const [task] = await tx
    .insert(tasks)
    .values({
      orderId: order.id,
      customerId: contacted,
      kind: wanted.kind,
      reason: wanted.reason,
      owner: given.owner,
      dueAt: given.dueAt,
      madeAt: now,
      ...(given.owner !== owner && { insteadOf: owner, insteadWhy: given.why }),
    })
    .returning({ id: tasks.id });
  await tx.insert(taskTouches).values({ taskId: task.id, ...settles });
  if (given.why)
    await add(tx, sale, {
      what: 'spilled',
      at: now,
      touch,
      occurrence,
      why: given.why,
      data: { owner: given.owner, until: given.dueAt },
    });
  return { what: 'task-made', dueAt: given.dueAt };
}

/** Makes the task of a planned contact that is due, and says so in the story. */
export async function makeDue(store: Store, { tx, sale, note }: Change, due: Planned, now: Instant): Promise<void> {
  const { touch, occurrence } = due;
  const { what, dueAt } = await makeTask(store, tx, sale, wantedBy(due), now);
  await note({ what, at: now, touch, occurrence, why: due.what, data: { by: dueAt } });
}

/** The open task in which it is looked at what came through a customer; nobody closes it before it is joined. */
function burstThrough(tx: Tx, referrerId: string) {
  const looks = tx
    .select({ id: taskTouches.taskId })
    .from(referrals)
    .innerJoin(taskTouches, and(eq(taskTouches.orderId, referrals.orderId), eq(taskTouches.touch, REFERRAL_BURST)))
    .where(eq(referrals.referrerId, referrerId));
  return tx
    .select({ id: tasks.id, dueAt: tasks.dueAt })
    .from(tasks)
    .where(and(inArray(tasks.id, looks), eq(tasks.status, 'open')))
    .orderBy(asc(tasks.dueAt))
    .limit(1)
    .for('update');
}

/** Records of one person: who has the same number in the same party is rung up once. */
const samePerson = (tx: Tx, customerId: string) =>
  tx
    .select({ id: customers.id })
    .from(customers)
    .where(
      sql`${customers.id} = ${customerId} OR (party_id, phone_hash) =
        (SELECT me.party_id, me.phone_hash FROM ${customers} me WHERE me.id = ${customerId})`,
    );

/** When a task about a sale is due that is made now. */
export const dueTimeOf = (
  { calendar }: Store,
  { order, terms }: Sale,
  { within, openings = [terms.colleague], promised }: Pick<Wanted, 'within' | 'openings' | 'promised'>,
  now: Instant,
): Instant => deadlineOf(now, within, terms.colleague, openings, calendar, order.id, promised);

/** Makes a call out of a contact that cannot be made by mail; who complains is called anyway. */
export async function handOver(
  store: Store,
  tx: Tx,
  sale: Sale,
  contact: Pick<Planned, 'touch' | 'occurrence' | 'within' | 'to' | 'owner'>,
  why: string,
  now: Instant,
): Promise<void> {
  const { touch, occurrence, within, to, owner } = contact;
  if (touch === RECEIVED) {
    await add(tx, sale, { what: 'skipped', at: now, touch, occurrence, why });
    return;
  }
  await makeTask(store, tx, sale, { kind: 'call', reason: why, touch, occurrence, within, to, owner }, now);
  await add(tx, sale, { what: 'handed-over', at: now, touch, occurrence, why });
}

/** The task a planned contact makes. */
export const wantedBy = ({ deed, what, by, ...planned }: Planned): Wanted => {
  const { touch, occurrence, within, openings, promised, to, owner, forManager } = planned;
  return {
    kind: deed as TaskKind,
    reason: what,
    touch,
    occurrence,
    within,
    openings,
    promised,
    to,
    owner,
    forManager,
    dueAt: by,
  };
};

export type Told =
  | { answer: 'taken' | 'known' }
  | { answer: 'missing' }
  | { answer: 'closed'; status: TaskStatus }
  | { answer: 'awaited'; word: Word }
  | { answer: 'unfit'; kind: TaskKind; allowed: readonly Outcome[] };

/** Takes how a task came out, once; every order it was about hears of it. */
export async function takeOutcome(store: Store, id: string, report: TaskReport, now: Instant): Promise<Told> {
  let spokenTo: string | null = null;
  const told = await store.db.transaction<Told>(async (tx) => {
    const [found] = await tx
      .select({ customerId: orders.customerId, reason: tasks.reason })
      .from(tasks)
      .innerJoin(orders, eq(orders.id, tasks.orderId))
      .where(eq(tasks.id, id));
    if (!found) return { answer: 'missing' };
    if (found.reason === REFERRAL_BURST) await lockBurst(tx, id);
    else await lockParty(tx, found.customerId);
    const [task] = await tx.select().from(tasks).where(eq(tasks.id, id));
    if (task.status !== 'open') {
      const again = report.id !== null ? report.id === task.outcomeId : report.outcome === task.outcome;
      return again ? { answer: 'known' } : { answer: 'closed', status: task.status };
    }
    const allowed = OUTCOMES_OF[task.kind];
    if (!allowed.includes(report.outcome)) return { answer: 'unfit', kind: task.kind, allowed };
    const about = await tx
      .select()
      .from(taskTouches)
      .where(eq(taskTouches.taskId, id))
      .orderBy(asc(taskTouches.orderId));
    const fix = report.outcome === 'done' && about.find(({ touch }) => stepOf(touch) === 'fix');
    if (fix) {
      const sale = await loadSale(store, tx, fix.orderId);
      const word = await awaitedWord(store, tx, sale, aboutOf(fix.occurrence));
      if (word) return { answer: 'awaited', word };
    }
    await tx
      .update(tasks)
      .set({ status: 'done', outcome: report.outcome, outcomeId: report.id, note: report.note, doneAt: now })
      .where(eq(tasks.id, id));
    if (report.outcome === 'wrong-number')
      await tx.update(customers).set({ phoneWrong: true }).where(eq(customers.id, task.customerId));
    if (task.kind === 'call' && HEARD.includes(report.outcome)) {
      spokenTo = task.customerId;
      await tx
        .update(customers)
        .set({ phoneVerifiedAt: now })
        .where(and(eq(customers.id, task.customerId), isNull(customers.phoneVerifiedAt), isNotNull(customers.phone)));
    }
    for (const { orderId, touch, occurrence } of about) {
      const sale = await loadSale(store, tx, orderId);
      await settleUncertain(tx, orderId, touch, occurrence, report.outcome, now);
      const callBackAt = report.callBackAt ? demonstrated(report.callBackAt, now, now, store.calendar) : undefined;
      const complaint = sale.followUp.complaints[aboutOf(occurrence) - 1];
      const steps = saidBy(complaint, touch, { ...report, kind: task.kind }, now);
      await add(tx, sale, {
        what: 'outcome',
        at: now,
        touch,
        occurrence,
        why: report.outcome,
        // What a step of a complaint says with the same words is not said twice.
        ...(report.note && !steps.some(({ text }) => text === report.note) && { text: report.note }),
        data: {
          kind: task.kind,
          ...(callBackAt && { callBackAt }),
          ...(report.outcome === 'complaint' && (await complaintData(store, tx, sale, task, now))),
        },
      });
      for (const event of steps) await add(tx, sale, event);
      if (report.outcome === 'done') await doneForReferral(tx, sale, task, { touch, occurrence }, now);
      if (task.kind === 'call') await callAgain(store, tx, sale, task, { touch, occurrence }, report, callBackAt, now);
      if (report.answers) await takeDown(store, tx, sale, touch, report.answers, task, now);
      await settle(tx, sale, now);
      await poke(tx, orderId);
    }
    return { answer: 'taken' };
  });
  // Whoever was reached on it has that number, and so have their other records.
  if (spokenTo) await linkByRule(store, spokenTo, now);
  return told;
}

/** A burst is about customers of several parties: takes the locks of all, and of the task, which nobody joins then. */
async function lockBurst(tx: Tx, id: string): Promise<void> {
  const partiesOf = async (step: Tx) => {
    const about = step.select({ id: taskTouches.orderId }).from(taskTouches).where(eq(taskTouches.taskId, id));
    const rows = await step.select({ id: orders.partyId }).from(orders).where(inArray(orders.id, about));
    return [...new Set(rows.map((row) => row.id))];
  };
  for (let isWhole = false; !isWhole; )
    isWhole = await attempt(tx, async (step) => {
      const locked = await partiesOf(step);
      await lockParties(step, locked);
      await step.select({ id: tasks.id }).from(tasks).where(eq(tasks.id, id)).for('update');
      return (await partiesOf(step)).every((one) => locked.includes(one));
    });
}

/** A complaint on a call about several orders is opened with the task's own; the others say 0. */
const complaintData = async (store: Store, tx: Tx, sale: Sale, { orderId, customerId }: Task, now: Instant) =>
  orderId === sale.order.id ? openingOf(store, tx, sale, { customerId }, now) : { number: 0 };

/** The survey a touch asks; null: it is no survey. */
export const askedBy = ({ touches }: Playbook, touch: string): string | null =>
  touches.find(({ name, deed }) => name === touch && deed === 'ask')?.what ?? null;

/** The survey a task asks on the phone, be it that it joined another call; null: none. */
export async function surveyOfTask(store: Store, id: string): Promise<string | null> {
  const about = await store.db
    .select({ touch: taskTouches.touch, hash: orders.playbookHash })
    .from(taskTouches)
    .innerJoin(orders, eq(orders.id, taskTouches.orderId))
    .where(eq(taskTouches.taskId, id))
    .orderBy(asc(taskTouches.orderId));
  for (const { touch, hash } of about) {
    const survey = askedBy(await playbookOf(store.db, hash), touch);
    if (survey !== null) return survey;
  }
  return null;
}

/** What a customer said on the phone: to the survey that was to be asked, else on a call about something else. */
async function takeDown(
  store: Store,
  tx: Tx,
  sale: Sale,
  touch: string,
  { own, ...said }: Answers,
  { owner: by, customerId }: Task,
  now: Instant,
) {
  const asked = askedBy(sale.terms.playbook, touch);
  // What was not asked or not answered leaves what is known.
  const given: Given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null));
  const about = { customerId, by };
  if (asked !== null)
    return recordAnswers(store, tx, sale, { ...given, own }, 'phone', now, { ...about, survey: asked });
  await recordAnswers(store, tx, sale, given, 'phone', now, { ...about, extent: 'some' });
}

/**
 * Makes the next call where no playbook plans it: to a customer who asked for a person and was not reached, and to one
 * who wants to be called back about what was handed over from mail.
 */
async function callAgain(
  store: Store,
  tx: Tx,
  sale: Sale,
  { reason }: Task,
  { touch, occurrence }: { touch: string; occurrence: string },
  { outcome }: TaskReport,
  callBackAt: Instant | undefined,
  now: Instant,
) {
  const { calendar } = store;
  const about = aboutOf(occurrence);
  const { made, moved, done } = progressOf(sale.followUp, touch, about);
  const tried = made.size - moved;
  const again =
    (outcome === 'call-back' && (touch === TALK || done)) ||
    (touch === TALK && UNANSWERED.includes(outcome) && tried < TALK_ATTEMPTS);
  if (!again) return;
  const next = occurrenceOf(about, made.size + 1);
  const dueAt = callBackAt ?? nextTry(now, sale.terms.colleague, calendar);
  const within: Span = { amount: 1, unit: 'business days' };
  const { what } = await makeTask(
    store,
    tx,
    sale,
    { kind: 'call', reason, touch, occurrence: next, within, dueAt },
    now,
  );
  await add(tx, sale, { what, at: now, touch, occurrence: next, why: reason });
}

/** What was brought in a burst is let count, or what was promised for a new customer is given. */
async function doneForReferral(
  tx: Tx,
  { order, followUp }: Sale,
  { reason, owner }: Task,
  { touch, occurrence }: { touch: string; occurrence: string },
  now: Instant,
) {
  if (touch === REFERRAL_BURST) await letCount(tx, order.id);
  const thanks = reason === REWARD ? followUp.thanks[aboutOf(occurrence) - 1] : undefined;
  if (thanks) await rewardGiven(tx, thanks.referral, owner, now);
}

/** A person found out whether an uncertain mail arrived: the ledger says so, and one that did not may go again. */
const settleUncertain = (tx: Tx, orderId: string, touch: string, occurrence: string, outcome: Outcome, now: Instant) =>
  (outcome === 'kept' || outcome === 'broken') &&
  tx
    .update(ledger)
    .set(outcome === 'kept' ? { state: 'sent', sentAt: now } : { state: 'withdrawn' })
    .where(
      and(
        eq(ledger.orderId, orderId),
        eq(ledger.touch, touch),
        eq(ledger.occurrence, occurrence),
        eq(ledger.state, 'uncertain'),
      ),
    );

export interface TaskFilter {
  owner?: string;
  status?: TaskStatus;
  /** Due at or before this instant. */
  due?: Instant;
  orderId?: string;
  /** From the last page's `next`. */
  cursor?: string;
}

/** Tasks by due time, a page at a time. */
export async function listTasks(store: Store, filter: TaskFilter, limit = PAGE) {
  const rows = await store.db
    .select({ task: tasks, order: orders, customer: customers, owner: staff })
    .from(tasks)
    .innerJoin(orders, eq(orders.id, tasks.orderId))
    .innerJoin(customers, eq(customers.id, tasks.customerId))
    .innerJoin(staff, eq(staff.handle, tasks.owner))
    .where(
      and(
        filter.owner === undefined ? undefined : eq(tasks.owner, filter.owner),
        filter.status === undefined ? undefined : eq(tasks.status, filter.status),
        filter.due === undefined ? undefined : lte(tasks.dueAt, filter.due),
        filter.orderId === undefined ? undefined : eq(tasks.orderId, filter.orderId),
        beyond('>', tasks.dueAt, tasks.id, filter.cursor),
      ),
    )
    .orderBy(asc(tasks.dueAt), asc(tasks.id))
    .limit(limit + 1);
  return pageOf(rows, ({ task }) => writeCursor(task.dueAt, task.id), limit);
}
