import { and, desc, eq, inArray, isNull } from 'drizzle-orm';
import { againstIt } from '../domain/against.ts';
import { aboutOf, progressOf } from '../domain/followUp.ts';
import type { Trouble } from '../domain/inbound.ts';
import type { Instant, Span } from '../domain/time.ts';
import { recordsOfPerson } from './consent.ts';
import { customerById, eachOpenOrder, REFUSED, suppressHash } from './customers.ts';
import type { Store, Tx } from './database.ts';
import { add, loadLocked, loadSale, poke, type Sale, settle, takeBack } from './followUps.ts';
import { type Entry, rowOf } from './ledger.ts';
import { customers, ledger, suppressions } from './schema.ts';
import { handOver } from './tasks.ts';

/** How long a colleague has for a call in place of a mail that no playbook plans. */
const CALL_WITHIN: Span = { amount: 1, unit: 'business days' };

/**
 * A mail came back, which is told once: an address that does not exist, or whose owner reports our mail as spam, is
 * not written to any more, and where the customer may be called somebody does instead.
 */
export async function comeBack(store: Store, tx: Tx, entry: Entry, why: Trouble, now: Instant): Promise<void> {
  await loadLocked(store, tx, entry.orderId);
  const marked = await tx
    .update(ledger)
    .set({ bouncedAt: now, ...(entry.state === 'uncertain' && { state: 'sent' as const }) })
    .where(and(rowOf(entry), isNull(ledger.bouncedAt)))
    .returning({ attempt: ledger.attempt });
  if (marked.length === 0) return;
  if (why !== 'mail-refused' && entry.addressHash) await suppressHash(tx, entry.addressHash, suppressedAs(why), now);
  // Read after it was suppressed: the next mail is decided on here.
  const sale = await loadSale(store, tx, entry.orderId);
  const { touch, occurrence } = entry;
  if (progressOf(sale.followUp, touch, aboutOf(occurrence)).uncertain)
    await takeBack(tx, entry.orderId, { touch, occurrence, why: 'bounced' }, 'check', now);
  await add(tx, sale, { what: 'bounced', at: now, touch, occurrence, why });
  const planned = sale.terms.playbook.touches.find(({ name }) => name === touch);
  const contact = { touch, occurrence, within: planned?.within ?? CALL_WITHIN, to: planned?.to ?? null };
  if (mayBeCalled(sale, entry)) await handOver(store, tx, sale, contact, why, now);
  await settle(tx, sale, now);
  await poke(tx, entry.orderId);
}

/** Why an address is not written to any more. */
export const suppressedAs = (why: Trouble) => (why === 'spam-report' ? why : REFUSED);

/**
 * A customer wrote from their address, so there is such a mailbox after all, and it is written to again if that was all
 * that spoke against it. The caller holds their party's lock.
 */
export async function addressWorks(store: Store, tx: Tx, customerId: string, now: Instant): Promise<void> {
  const customer = await customerById(tx, customerId);
  const lifted = await tx
    .delete(suppressions)
    .where(and(eq(suppressions.addressHash, customer.emailHash ?? ''), eq(suppressions.reason, REFUSED)))
    .returning({ addressHash: suppressions.addressHash });
  if (lifted.length === 0) return;
  for (const { id } of await recordsOfPerson(tx, customer)) await eachOpenOrder(store, tx, id, now, null);
}

/** Whether a call may take the place of a mail. */
function mayBeCalled({ followUp, terms }: Sale, { touch, purpose }: Entry): boolean {
  const planned = terms.playbook.touches.find(({ name }) => name === touch);
  const person = (planned?.to && terms.people[planned.to]) || terms.person;
  if (!person.phone || !person.consent[purpose].phone) return false;
  return planned ? againstIt(planned, 'call', followUp, person, terms) === null : followUp.outcome === null;
}

/** Mails of ours by their Message-IDs, in the order of these; those to somebody who was erased are nobody's. */
export async function mailsOf(tx: Tx, messageIds: string[]): Promise<Entry[]> {
  if (messageIds.length === 0) return [];
  const rows = await tx
    .select({ entry: ledger })
    .from(ledger)
    .innerJoin(customers, eq(customers.id, ledger.customerId))
    .where(and(inArray(ledger.messageId, messageIds), isNull(customers.erasedAt)));
  const place = ({ messageId }: Entry) => messageIds.indexOf(messageId);
  return rows.map(({ entry }) => entry).sort((a, b) => place(a) - place(b));
}

/** The last mail that went to an address, by its hash. */
export async function lastMailTo(tx: Tx, addressHash: string): Promise<Entry | null> {
  const [row] = await tx
    .select({ entry: ledger })
    .from(customers)
    .innerJoin(ledger, and(eq(ledger.partyId, customers.partyId), eq(ledger.customerId, customers.id)))
    .where(and(eq(customers.emailHash, addressHash), eq(ledger.addressHash, addressHash)))
    .orderBy(desc(ledger.claimedAt))
    .limit(1);
  return row?.entry ?? null;
}
