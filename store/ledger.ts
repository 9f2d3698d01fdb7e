import { createHmac } from 'node:crypto';
import { and, eq, ne, sql } from 'drizzle-orm';
import type { Instant } from '../domain/time.ts';
import type { Store, Tx } from './database.ts';
import { countedMails, type Sale } from './followUps.ts';
import { customers, events, ledger, orders, settings, suppressions } from './schema.ts';

export type Entry = typeof ledger.$inferSelect;

/** Which contact a row of the ledger is about. */
export interface Contact {
  orderId: string;
  touch: string;
  occurrence: string;
}

/** Who it goes to, what the contact policy counts it as, and the tip or offer it carries. */
export type About = Pick<Entry, 'partyId' | 'customerId' | 'purpose' | 'asks' | 'content'>;

/** The row of a contact. */
export const rowOf = ({ orderId, touch, occurrence }: Contact) =>
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
export async function claim(store: Store, tx: Tx, contact: Contact, about: About, now: Instant): Promise<Entry | null> {
  const goesTo = { addressHash: sql`(SELECT email_hash FROM ${customers} WHERE id = ${about.customerId})` };
  const [row] = await tx
    .insert(ledger)
    .values({
      ...contact,
      ...about,
      ...goesTo,
      state: 'claimed',
      attempt: 1,
      messageId: messageId(store, contact),
      claimedAt: now,
    })
    .onConflictDoUpdate({
      target: [ledger.orderId, ledger.touch, ledger.occurrence],
      set: { ...about, ...goesTo, state: 'claimed', attempt: sql`${ledger.attempt} + 1`, claimedAt: now },
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
 * suppression, no other mail to the party, no pause for everything. False says only that somebody has to look closer.
 * The caller holds the party's lock.
 */
export async function beginSendingUnchanged(
  tx: Tx,
  entry: Entry,
  { events: seen, customerVersion, order, terms }: Sale,
  now: Instant,
): Promise<boolean> {
  const own = `${entry.orderId}#${entry.touch}#${entry.occurrence}`;
  const others = terms.party.mails.filter(({ contact }) => contact !== own);
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
            AND o.party_id = ${order.partyId} AND c.id = ${entry.customerId}
            AND NOT EXISTS (SELECT FROM ${suppressions} s WHERE s.address_hash = c.email_hash))`,
        sql`(
          SELECT count(*) FROM ${ledger} l
          WHERE ${countedMails(sql`${order.partyId}`, 'l')} AND NOT (
            l.order_id = ${entry.orderId} AND l.touch = ${entry.touch} AND l.occurrence = ${entry.occurrence})
        ) = ${others.length}`,
        sql`NOT EXISTS (SELECT FROM ${settings} WHERE paused_until > ${new Date(now).toISOString()}::timestamptz)`,
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

/** The tips and offers a party has been told; what is just being claimed does not count. */
export async function toldTo(tx: Tx, partyId: string, contact: Contact): Promise<Set<string>> {
  const { rows } = await tx.execute<{ content: string }>(sql`
    SELECT DISTINCT content FROM ${ledger}
    WHERE party_id = ${partyId} AND content IS NOT NULL AND NOT ${rowOf(contact)}`);
  return new Set(rows.map(({ content }) => content));
}
