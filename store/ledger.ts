import { createHmac } from 'node:crypto';
import { and, eq, ne, sql } from 'drizzle-orm';
import type { Instant } from '../domain/time.ts';
import type { Store, Tx } from './database.ts';
import type { Sale } from './followUps.ts';
import { customers, events, ledger, orders, suppressions } from './schema.ts';

export type Entry = typeof ledger.$inferSelect;

/** Which contact a row of the ledger is about. */
export interface Contact {
  orderId: string;
  touch: string;
  occurrence: string;
}

const rowOf = ({ orderId, touch, occurrence }: Contact) =>
  and(eq(ledger.orderId, orderId), eq(ledger.touch, touch), eq(ledger.occurrence, occurrence));

/** The row of a contact, if one was begun. */
export async function entryOf(tx: Tx, contact: Contact): Promise<Entry | null> {
  const [row] = await tx.select().from(ledger).where(rowOf(contact));
  return row ?? null;
}

/**
 * Claims a contact for one try. A claim that came to nothing is taken over, and its try loses its right to send; what
 * was already on its way or gone is not claimed again, and null is returned.
 */
export async function claim(store: Store, tx: Tx, contact: Contact, now: Instant): Promise<Entry | null> {
  const [row] = await tx
    .insert(ledger)
    .values({ ...contact, state: 'claimed', attempt: 1, messageId: messageId(store, contact), claimedAt: now })
    .onConflictDoUpdate({
      target: [ledger.orderId, ledger.touch, ledger.occurrence],
      set: { state: 'claimed', attempt: sql`${ledger.attempt} + 1`, claimedAt: now },
      setWhere: sql`${ledger.state} in ('claimed', 'withdrawn')`,
    })
    .returning();
  return row ?? null;
}

/** The fence: the last word before a mail's body goes out. False when this try lost its claim. */
export async function beginSending(tx: Tx, entry: Entry): Promise<boolean> {
  const rows = await tx
    .update(ledger)
    .set({ state: 'sending' })
    .where(stillClaimed(entry))
    .returning({ row: ledger.attempt });
  return rows.length > 0;
}

/**
 * The fence where nothing has happened since the claim: no event on the order, no change of the customer, no
 * suppression. False says only that somebody has to look closer. The caller holds the customer's lock.
 */
export async function beginSendingUnchanged(
  tx: Tx,
  entry: Entry,
  { events: seen, customerVersion }: Sale,
): Promise<boolean> {
  const rows = await tx
    .update(ledger)
    .set({ state: 'sending' })
    .where(
      and(
        stillClaimed(entry),
        sql`(SELECT count(*) FROM ${events} WHERE order_id = ${entry.orderId}) = ${seen.length}`,
        sql`EXISTS (
          SELECT FROM ${orders} o JOIN ${customers} c ON c.id = o.customer_id
          WHERE o.id = ${entry.orderId} AND c.xmin::text = ${customerVersion}
            AND NOT EXISTS (SELECT FROM ${suppressions} s WHERE s.address_hash = c.email_hash))`,
      ),
    )
    .returning({ row: ledger.attempt });
  return rows.length > 0;
}

const stillClaimed = (entry: Entry) =>
  and(rowOf(entry), eq(ledger.attempt, entry.attempt), eq(ledger.state, 'claimed'));

/**
 * Writes down how a try came out, once: false when the row is another try's by now, or says so already. A late `sent`
 * corrects `uncertain`.
 */
export async function conclude(
  tx: Tx,
  entry: Entry,
  state: Entry['state'],
  reply: string | null,
  now: Instant,
): Promise<boolean> {
  const rows = await tx
    .update(ledger)
    .set({ state, reply: reply?.slice(0, 500) ?? null, ...(state === 'sent' && { sentAt: now }) })
    .where(and(rowOf(entry), eq(ledger.attempt, entry.attempt), ne(ledger.state, state)))
    .returning({ attempt: ledger.attempt });
  return rows.length > 0;
}

/** The same for every try of a contact, so that two copies could be told to be one; tells nothing by itself. */
function messageId({ settings }: Store, { orderId, touch, occurrence }: Contact): string {
  const mark = createHmac('sha256', settings.secret).update(`${orderId} ${touch} ${occurrence}`).digest('hex');
  return `<${mark.slice(0, 32)}@${settings.mailFrom.split('@').at(-1)}>`;
}
