import { Context } from '@temporalio/activity';
import type { Next } from '../domain/decide.ts';
import { aboutOf, progressOf } from '../domain/followUp.ts';
import type { Instant } from '../domain/time.ts';
import type { Delivery, Mail } from '../mail/smtp.ts';
import { suppress, verifyEmail } from '../store/customers.ts';
import {
  type Change,
  type Customer,
  change,
  dueContact,
  loadSale,
  lockParty,
  type Sale,
  takeBack,
} from '../store/followUps.ts';
import { beginSending, beginSendingUnchanged, claim, conclude, type Entry, entryOf } from '../store/ledger.ts';
import { recipientOf, usefulTo } from '../store/letters.ts';
import { linkByRule } from '../store/parties.ts';
import { handOver, makeTask } from '../store/tasks.ts';
import { type Due, type House, instantOf } from './house.ts';
import { writeMail } from './letter.ts';
import { putOffOrHandOver } from './trouble.ts';

interface Claimed {
  entry: Entry;
  mail: Mail;
  recipient: Customer;
  /** The sale as it was when the claim was made. */
  sale: Sale;
}

const HEARTBEAT_MS = 3_000;

/**
 * Sends the mail of a contact, once: claimed in the ledger before connecting, fenced when the server is about to take
 * the body, written down after. A crash between any two lines leaves it sent once, to be tried again, or uncertain.
 */
export const sendMail =
  (house: House) =>
  async (input: Due): Promise<Next> => {
    const now = instantOf(input);
    const heartbeat = setInterval(() => Context.current().heartbeat(), HEARTBEAT_MS);
    try {
      let claimed: Claimed | null = null;
      const next = await change(house.store, input.order, now, async (change) => {
        claimed = await claimMail(house, change, input, now);
      });
      if (!claimed) return next;
      const { entry, mail, sale, recipient } = claimed as Claimed;
      const delivery = await house.mailer.send(mail, () => stillWanted(house, entry, sale, now));
      const after = await withPatience(() =>
        change(house.store, input.order, now, (change) => record(house, change, entry, recipient, delivery, now)),
      );
      // Mail arrives there: their other records with this address are theirs indeed.
      if (delivery.state === 'sent' && recipient.emailVerifiedAt === null)
        await linkByRule(house.store, recipient.id, now);
      // That it was sent goes without saying: it would stand in every history.
      return after.last === `sent ${input.touch} #${input.occurrence}` ? { ...after, last: undefined } : after;
    } finally {
      clearInterval(heartbeat);
    }
  };

/** How a hand-over came out is known to nobody else: a database that is away for a moment must not lose it. */
async function withPatience<T>(work: () => Promise<T>, pauses = [500, 1_000, 2_000, 4_000, 8_000, 16_000]): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const [pause, ...rest] = pauses;
    if (pause === undefined) throw error;
    await new Promise((resolve) => setTimeout(resolve, pause));
    return withPatience(work, rest);
  }
}

async function claimMail(
  house: House,
  change: Change,
  { touch, occurrence }: Due,
  now: Instant,
): Promise<Claimed | null> {
  const { store } = house;
  const { tx, sale } = change;
  const contact = { orderId: sale.order.id, touch, occurrence };
  if (`${touch}#${occurrence}` in sale.terms.onTheWay) {
    // A try got as far as the fence and was never heard of again: nobody can tell whether the mail arrived.
    await uncertain(house, change, (await entryOf(tx, contact))!, 'interrupted', now);
    return null;
  }
  const due = dueContact(sale, now, touch, occurrence);
  if (!due || (due.deed !== 'send' && due.deed !== 'ask')) return null;
  const piece = due.carries && (await usefulTo(tx, sale, due.carries, house.content.pieces, contact));
  if (due.carries && !piece) {
    await change.note({ what: 'skipped', at: now, touch, occurrence, why: 'nothing-useful' });
    return null;
  }
  const recipient = await recipientOf(tx, sale, due.to);
  const { id: customerId, partyId } = recipient;
  const about = { customerId, partyId, purpose: due.purpose, asks: due.deed === 'ask', content: piece?.name ?? null };
  const entry = await claim(store, tx, contact, about, now);
  if (!entry) return null;
  return { entry, sale, recipient, mail: await writeMail(house, tx, sale, due, { recipient, piece }, entry, now) };
}

/** The fence: this try still holds its claim, and opt-out, suppression, pause, complaint and reorder still allow it. */
async function stillWanted({ store }: House, entry: Entry, seen: Sale, now: Instant): Promise<boolean> {
  return store.db.transaction(async (tx) => {
    // The lock first: what somebody is just writing is seen by the statement after it.
    await lockParty(tx, seen.customer.id);
    if (await beginSendingUnchanged(tx, entry, seen, now)) return true;
    const sale = await loadSale(store, tx, entry.orderId);
    return dueContact(sale, now, entry.touch, entry.occurrence) !== null && (await beginSending(tx, entry));
  });
}

async function record(
  house: House,
  change: Change,
  entry: Entry,
  recipient: Customer,
  delivery: Delivery,
  now: Instant,
) {
  const { store } = house;
  const { tx, sale, note } = change;
  const { touch, occurrence } = entry;
  const reply = 'reply' in delivery ? delivery.reply : null;
  // It is on its way no more.
  sale.terms.onTheWay = {};
  const due = dueContact(sale, now, touch, occurrence);
  switch (delivery.state) {
    case 'sent':
      if (!(await conclude(tx, entry, 'sent', reply, now))) return;
      // Somebody may have taken this try for lost: there is nothing to find out any more.
      if (progressOf(sale.followUp, touch, aboutOf(occurrence)).uncertain)
        await takeBack(tx, sale.order.id, { touch, occurrence, why: 'arrived' }, 'check', now);
      await note({ what: 'sent', at: now, touch, occurrence });
      if (recipient.emailVerifiedAt === null) await verifyEmail(tx, recipient.id, now);
      return;
    case 'uncertain':
      await uncertain(house, change, entry, reply!, now);
      return;
    case 'refused':
      if (!(await conclude(tx, entry, 'refused', reply, now))) return;
      if (due) await handOver(store, tx, sale, due, delivery.address ? 'address-refused' : 'mail-refused', now);
      if (delivery.address && recipient.email) {
        await suppress(tx, recipient.email, 'refused', now);
        if (recipient.id === sale.customer.id) sale.terms.person.email = false;
      }
      return;
    case 'failed':
      if (!(await conclude(tx, entry, 'withdrawn', reply, now))) return;
      if (due) await putOffOrHandOver(store, change, due, 'mail-server', now);
      return;
    case 'withdrawn':
      // Lost the claim, or something came up in the last second: the story says what, and the decision follows it.
      if (await entryOf(tx, entry).then((row) => row?.attempt === entry.attempt && row.state === 'claimed'))
        await conclude(tx, entry, 'withdrawn', null, now);
  }
}

/** Nobody knows whether the mail arrived: the story says so, and a person finds out. */
async function uncertain({ store }: House, change: Change, entry: Entry, reply: string, now: Instant) {
  const { tx, sale, note } = change;
  const { touch, occurrence } = entry;
  sale.terms.onTheWay = {};
  if (!(await conclude(tx, entry, 'uncertain', reply, now))) return;
  const within = { amount: 1, unit: 'business days' } as const;
  await makeTask(store, tx, sale, { kind: 'check', reason: 'uncertain', touch, occurrence, within }, now);
  await note({ what: 'uncertain', at: now, touch, occurrence });
}
