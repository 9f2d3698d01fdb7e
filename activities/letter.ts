import { after } from '../domain/calendar.ts';
import type { Piece } from '../domain/content.ts';
import type { Planned } from '../domain/plan.ts';
import type { Instant } from '../domain/time.ts';
import { writeLetter } from '../mail/letter.ts';
import type { Mail } from '../mail/smtp.ts';
import { bounceAddress } from '../mail/verp.ts';
import type { Tx } from '../store/database.ts';
import type { Customer, Sale } from '../store/followUps.ts';
import type { Entry } from '../store/ledger.ts';
import { colleague } from '../store/staff.ts';
import { newTokens } from '../store/tokens.ts';
import type { House } from './house.ts';

/** Who a mail goes to, and what of use it brings along. */
export interface Address {
  recipient: Customer;
  piece: Piece | null;
}

/**
 * Where answers and bounces go: to us, where they are heard, the answers under the name of the person who gets them;
 * else to the owner's own mailbox.
 */
function answersTo(
  { store: { settings }, hears }: Pick<House, 'store' | 'hears'>,
  owner: Sale['owner'],
  recipient: Customer,
  { messageId }: Pick<Entry, 'messageId'>,
): Pick<Mail, 'replyTo' | 'envelope'> {
  if (!hears) return owner.email ? { replyTo: { name: owner.name, address: owner.email } } : {};
  return {
    replyTo: { name: owner.name, address: settings.mailFrom },
    envelope: { from: bounceAddress(messageId, settings.secret), to: recipient.email! },
  };
}

/** Writes the mail of a contact, with links made for it alone. */
export async function writeMail(
  house: House,
  tx: Tx,
  sale: Sale,
  due: Planned,
  { recipient, piece }: Address,
  entry: Pick<Entry, 'messageId'>,
  now: Instant,
): Promise<Mail> {
  const { store, publicUrl } = house;
  const { order, terms, followUp } = sale;
  const owner = due.owner === undefined ? sale.owner : await colleague(tx, due.owner);
  const { settings, calendar } = store;
  const closes = after(now, terms.playbook.answerWithin, terms.person.zone, calendar);
  const asks = due.deed === 'ask' ? { survey: closes } : {};
  const purposes = { ...asks, unsubscribe: null, person: null };
  const tokens = await newTokens(tx, order.id, recipient.id, purposes, due.deed === 'ask' ? due.what : null);
  const unsubscribe = `${publicUrl}/u/${tokens.unsubscribe}`;
  const letter = { contact: due, company: settings.company, order, owner, recipient, followUp, terms, piece };
  const written = writeLetter(house, letter, {
    survey: `${publicUrl}/s/${tokens.survey ?? ''}`,
    unsubscribe,
    person: `${publicUrl}/p/${tokens.person}`,
    referral: `${publicUrl}/r/${recipient.referralCode}`,
  });
  return {
    ...written,
    from: { name: settings.company, address: settings.mailFrom },
    to: { name: recipient.name ?? '', address: recipient.email! },
    ...answersTo(house, owner, recipient, entry),
    messageId: entry.messageId,
    headers: {
      // One click, acted on at once (RFC 8058); nobody's auto-reply answers an automatic mail (RFC 3834).
      'List-Unsubscribe': `<${unsubscribe}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'Auto-Submitted': 'auto-generated',
    },
  };
}
