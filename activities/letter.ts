import { DateTime } from 'luxon';
import { after } from '../domain/calendar.ts';
import type { Piece } from '../domain/content.ts';
import { aboutOf } from '../domain/followUp.ts';
import { deliveryOf, type Planned } from '../domain/plan.ts';
import type { Instant } from '../domain/time.ts';
import type { Mail } from '../mail/smtp.ts';
import type { Told } from '../mail/templates.ts';
import type { Tx } from '../store/database.ts';
import type { Customer, Sale } from '../store/followUps.ts';
import type { Entry } from '../store/ledger.ts';
import { newTokens } from '../store/tokens.ts';
import type { House } from './house.ts';

/** Who a mail goes to, and what of use it brings along. */
export interface Address {
  recipient: Customer;
  piece: Piece | null;
}

/** Writes the mail of a contact, with links made for it alone. */
export async function writeMail(
  house: House,
  tx: Tx,
  sale: Sale,
  due: Planned,
  { recipient: customer, piece }: Address,
  entry: Pick<Entry, 'messageId'>,
  now: Instant,
): Promise<Mail> {
  const { store, templates, publicUrl } = house;
  const { order, owner, terms, followUp } = sale;
  const { settings, calendar } = store;
  const closes = after(now, terms.playbook.answerWithin, terms.person.zone, calendar);
  const asks = due.deed === 'ask' ? { survey: closes } : {};
  const links = await newTokens(tx, order.id, { ...asks, unsubscribe: null, person: null });
  const unsubscribe = `${publicUrl}/u/${links.unsubscribe}`;
  const { zone } = terms.person;
  const date = (at: Instant) =>
    DateTime.fromMillis(at, { zone })
      .setLocale(customer.locale ?? 'en')
      .toLocaleString(DateTime.DATE_FULL);
  const anchor = terms.playbook.touches.find(({ name }) => name === due.touch)?.anchor;
  const about = aboutOf(due.occurrence);
  const end = followUp.ends.find(({ of, line }) => `${of} end` === anchor && line === about);
  const isPromise = anchor === 'promise' || anchor === 'broken promise';
  const told = piece && house.content.pieceIn(customer.locale, piece.name);
  const as = (kind: Piece['kind']): Told =>
    told?.kind === kind ? { ...told, link: told.link ?? '' } : { title: '', text: '', link: '' };
  const written = templates.write(due.what, customer.locale, {
    company: settings.company,
    customer: { name: customer.name ?? '', orders: Math.max(terms.party.nth, 1) },
    order: {
      number: order.number,
      products: order.lines
        .flatMap(({ name }) => name ?? [])
        .slice(0, 3)
        .join(', '),
      product: order.lines[0]?.name ?? '',
      date: date(order.placedAt),
    },
    owner: { name: owner.name, phone: owner.phone ?? '', email: owner.email ?? '' },
    tip: as('tip'),
    offer: as('offer'),
    gift: due.gift,
    term: { product: (end && order.lines[end.line - 1]?.name) ?? '', end: end ? date(end.at) : '' },
    promise: isPromise ? (followUp.promises[about - 1]?.what ?? '') : '',
    delivery_assumed: deliveryOf(followUp, terms).assumed,
    links: {
      survey: `${publicUrl}/s/${links.survey ?? ''}`,
      unsubscribe,
      person: `${publicUrl}/p/${links.person}`,
      referral: `${publicUrl}/r/${customer.referralCode}`,
    },
    reminder: Number(due.occurrence.split('.').at(-1)) - 1,
  });
  return {
    ...written,
    from: { name: settings.company, address: settings.mailFrom },
    to: { name: customer.name ?? '', address: customer.email! },
    ...(owner.email && { replyTo: { name: owner.name, address: owner.email } }),
    messageId: entry.messageId,
    headers: {
      // One click, acted on at once (RFC 8058); nobody's auto-reply answers an automatic mail (RFC 3834).
      'List-Unsubscribe': `<${unsubscribe}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'Auto-Submitted': 'auto-generated',
    },
  };
}
