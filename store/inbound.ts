import { and, asc, desc, eq, inArray, isNull } from 'drizzle-orm';
import { complaintAtHand, progressOf } from '../domain/followUp.ts';
import { type Inbound, keptDelivery, type MailReport, ownWords } from '../domain/inbound.ts';
import { type Asked, askedIn } from '../domain/stop.ts';
import { REPLY } from '../domain/task.ts';
import type { Instant, Span } from '../domain/time.ts';
import { addressWorks, comeBack, lastMailTo, mailsOf, suppressedAs } from './bounces.ts';
import { customerById, hashOf, stopEverything, suppress } from './customers.ts';
import type { Store, Tx } from './database.ts';
import { add, loadLocked, lockParty, poke, settle } from './followUps.ts';
import type { Entry } from './ledger.ts';
import { beyond, PAGE, pageOf, writeCursor } from './pages.ts';
import { customers, inboundMails, orders } from './schema.ts';
import { makeTask } from './tasks.ts';

export type InboundMail = typeof inboundMails.$inferSelect;

/** How long somebody who wrote waits for an answer. */
const ANSWER_WITHIN: Span = { amount: 1, unit: 'business days' };

/** A mail names so many others at most that are looked up. */
const MOST_NAMED = 50;

/** Whose a mail is: the order, and of the mail that it answers what is known. */
interface Whose {
  orderId: string;
  customerId: string;
  entry: Entry | null;
  /** It is from an address of theirs; else whoever wrote only had a mail of theirs to answer. */
  isTheirs: boolean;
}

/**
 * Takes a mail that came in, once by its Message-ID, with all that follows from it. `later`: it is about a mail that is
 * still being handed over, and nothing was done.
 */
export async function takeInbound(store: Store, mail: Inbound, now: Instant): Promise<'taken' | 'known' | 'later'> {
  return store.db.transaction(async (tx) => {
    const whose = await lockedWhose(tx, mail);
    const { trouble, delivery, from } = mail;
    if (trouble && whose?.entry?.state === 'sending') return 'later';
    // Nobody but a customer stops their mail: what somebody else writes about it a person reads.
    const kind = whose && !whose.isTheirs && isAsked(mail.kind) ? 'reply' : mail.kind;
    // Nobody reads what a machine wrote, and it names the address of somebody who may be erased by now.
    const isOfMachine = kind === 'bounce' || kind === 'spam-report';
    const taken = await tx
      .insert(inboundMails)
      .values({
        messageId: mail.messageId,
        at: now,
        kind: isAsked(kind) && !whose ? 'unknown' : kind,
        orderId: whose?.orderId,
        customerId: whose?.customerId,
        touch: whose?.entry?.touch,
        from,
        subject: mail.subject,
        text: delivery ? keptDelivery(delivery) : isOfMachine ? null : mail.text,
      })
      .onConflictDoNothing()
      .returning({ id: inboundMails.id });
    if (taken.length === 0) return 'known';
    if (whose?.isTheirs && isAsked(kind)) await addressWorks(store, tx, whose.customerId, now);
    if (whose && isAsked(kind)) await hear(store, tx, whose, kind, now);
    if (whose?.entry && trouble) await comeBack(store, tx, whose.entry, trouble, now);
    return 'taken';
  });
}

/** Whether somebody wrote it who wants something. */
const isAsked = (kind: Inbound['kind']): kind is Asked =>
  kind === 'reply' || kind === 'stop' || kind === 'stop-and-more';

/**
 * Takes a mail provider's report, once by its id. `unknown`: it names no mail of ours; an address it names is not
 * written to any more all the same. `later`: the mail is still being handed over, and nothing was done.
 */
export async function takeMailReport(
  store: Store,
  id: string,
  { messageId, email, trouble, delivery, at }: MailReport,
  now: Instant,
): Promise<'accepted' | 'known' | 'unknown' | 'later'> {
  return store.db.transaction(async (tx) => {
    const [named] = await mailsOf(tx, messageId ? [messageId] : []);
    const entry = named ?? (email ? await lastMailTo(tx, hashOf(email)) : null);
    if (entry?.state === 'sending') return 'later';
    const taken = await tx
      .insert(inboundMails)
      .values({
        messageId: `webhook ${id}`,
        at,
        kind: trouble === 'spam-report' ? 'spam-report' : 'bounce',
        orderId: entry?.orderId,
        customerId: entry?.customerId,
        touch: entry?.touch,
        text: delivery && keptDelivery(delivery),
      })
      .onConflictDoNothing()
      .returning({ id: inboundMails.id });
    if (taken.length === 0) return 'known';
    if (email && trouble && trouble !== 'mail-refused') await suppress(tx, email, suppressedAs(trouble), now);
    if (entry && trouble) await comeBack(store, tx, entry, trouble, now);
    return entry ? 'accepted' : 'unknown';
  });
}

/** Whose a mail is, under their lock: whoever is erased meanwhile is nobody's by then. */
async function lockedWhose(tx: Tx, mail: Inbound): Promise<Whose | null> {
  const whose = await whoseIs(tx, mail);
  if (!whose) return null;
  await lockParty(tx, whose.customerId);
  return (await customerById(tx, whose.customerId)).erasedAt === null ? whose : null;
}

/** By the mail it answers; else by its sender, whose newest order it is taken to be about. */
async function whoseIs(tx: Tx, { about, kind, from }: Inbound): Promise<Whose | null> {
  const [entry] = await mailsOf(tx, about.slice(0, MOST_NAMED));
  const sender = from && kind !== 'bounce' && kind !== 'spam-report' ? hashOf(from) : null;
  if (entry) {
    const { orderId, partyId, customerId } = entry;
    const [writer] = await tx
      .select({ id: customers.id })
      .from(customers)
      .where(and(eq(customers.partyId, partyId), eq(customers.emailHash, sender ?? '')))
      .orderBy(desc(eq(customers.id, customerId)))
      .limit(1);
    return { orderId, customerId: writer?.id ?? customerId, entry, isTheirs: writer !== undefined };
  }
  if (sender === null) return null;
  const [newest] = await tx
    .select({ orderId: orders.id, customerId: customers.id })
    .from(customers)
    .innerJoin(orders, eq(orders.customerId, customers.id))
    .where(eq(customers.emailHash, sender))
    .orderBy(desc(orders.placedAt), desc(orders.source), desc(orders.number))
    .limit(1);
  return newest ? { ...newest, entry: null, isTheirs: true } : null;
}

/** The customer wrote: reminders stop, and somebody answers. Whoever asks for no more mail gets none from here on. */
async function hear(store: Store, tx: Tx, whose: Omit<Whose, 'isTheirs'>, asked: Asked, now: Instant): Promise<void> {
  const { orderId, customerId, entry } = whose;
  const sale = await loadLocked(store, tx, orderId);
  const answered = entry && { touch: entry.touch, occurrence: entry.occurrence };
  await add(tx, sale, { what: 'replied', at: now, ...answered, ...(asked !== 'reply' && { why: 'stop' }) });
  const { openTask, made } = progressOf(sale.followUp, REPLY);
  // Whoever sees to what they complain about reads what they write meanwhile.
  const owner = complaintAtHand(sale.followUp)?.owner ?? undefined;
  if (asked !== 'stop' && openTask === null) {
    const task = { touch: REPLY, occurrence: String(made.size + 1) };
    const wanted = {
      ...task,
      kind: 'other',
      reason: REPLY,
      within: ANSWER_WITHIN,
      promised: true,
      customerId,
      owner,
    } as const;
    await makeTask(store, tx, sale, wanted, now);
    await add(tx, sale, { what: 'task-made', at: now, ...task, why: REPLY });
  }
  await settle(tx, sale, now);
  await poke(tx, orderId);
  if (asked === 'reply') return;
  await lockParty(tx, customerId);
  await stopEverything(store, tx, customerId, now);
}

/**
 * Somebody has found out whose a mail is, who is then heard as if we had known, or that there is nothing to do (null).
 * False: that was done already.
 */
export async function settleInbound(store: Store, id: string, orderId: string | null, now: Instant): Promise<boolean> {
  return store.db.transaction(async (tx) => {
    const [mail] = await tx
      .select()
      .from(inboundMails)
      .where(and(eq(inboundMails.id, id), isUnsettled))
      .for('update');
    if (!mail) return false;
    const [order] = orderId
      ? await tx
          .select({ customerId: orders.customerId, name: customers.name })
          .from(orders)
          .innerJoin(customers, eq(customers.id, orders.customerId))
          .where(eq(orders.id, orderId))
      : [];
    const kind = askedBy(mail, order?.name);
    await tx
      .update(inboundMails)
      .set({ settledAt: now, ...(order && { kind, orderId, customerId: order.customerId }) })
      .where(eq(inboundMails.id, id));
    if (order) await hear(store, tx, { orderId: orderId!, customerId: order.customerId, entry: null }, kind, now);
    return true;
  });
}

/** What somebody wants whose mail was kept; `name`: whose it turned out to be. */
export const askedBy = ({ text, subject, from }: InboundMail, name?: string | null): Asked =>
  askedIn(ownWords(text ?? ''), subject, `${name ?? ''} ${from ?? ''}`);

/** What customers wrote about these orders, the oldest first; `heardAt` is when it became a reply to the order. */
export async function repliesTo({ db }: Store, orderIds: string[]) {
  if (orderIds.length === 0) return [];
  const rows = await db
    .select()
    .from(inboundMails)
    .where(and(inArray(inboundMails.orderId, orderIds), inArray(inboundMails.kind, ['reply', 'stop-and-more'])))
    .orderBy(asc(inboundMails.at));
  return rows.map((row) => ({ ...row, orderId: row.orderId!, heardAt: row.settledAt ?? row.at }));
}

/** Mails that came in, newest first, a page at a time; or only those nobody knows whose they are. */
export async function listInbound({ db }: Store, { unsettled, cursor }: { unsettled?: boolean; cursor?: string }) {
  const rows = await db
    .select({ mail: inboundMails, order: orders, customer: customers })
    .from(inboundMails)
    .leftJoin(orders, eq(orders.id, inboundMails.orderId))
    .leftJoin(customers, eq(customers.id, inboundMails.customerId))
    .where(and(unsettled ? isUnsettled : undefined, beyond('<', inboundMails.at, inboundMails.id, cursor)))
    .orderBy(desc(inboundMails.at), desc(inboundMails.id))
    .limit(PAGE + 1);
  return pageOf(rows, ({ mail }) => writeCursor(mail.at, mail.id));
}

const isUnsettled = and(eq(inboundMails.kind, 'unknown'), isNull(inboundMails.settledAt));

/** How many mails wait for somebody to say whose they are. */
export const countUnsettled = ({ db }: Store) => db.$count(inboundMails, isUnsettled);
