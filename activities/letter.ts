import { DateTime } from 'luxon';
import { after } from '../domain/calendar.ts';
import { deliveryOf, type Planned } from '../domain/decide.ts';
import type { Instant } from '../domain/time.ts';
import type { Mail } from '../mail/smtp.ts';
import type { Tx } from '../store/database.ts';
import type { Sale } from '../store/followUps.ts';
import type { Entry } from '../store/ledger.ts';
import { newTokens } from '../store/tokens.ts';
import type { House } from './house.ts';

/** Writes the mail of a contact, with links made for it alone. */
export async function writeMail(
  house: House,
  tx: Tx,
  sale: Sale,
  due: Planned,
  entry: Entry,
  now: Instant,
): Promise<Mail> {
  const { store, templates, publicUrl } = house;
  const { order, customer, owner, terms } = sale;
  const { settings, calendar } = store;
  const closes = after(now, terms.playbook.answerWithin, terms.person.zone, calendar);
  const asks = due.deed === 'ask' ? { survey: closes } : {};
  const links = await newTokens(tx, order.id, { ...asks, unsubscribe: null, person: null });
  const unsubscribe = `${publicUrl}/u/${links.unsubscribe}`;
  const placed = DateTime.fromMillis(order.placedAt, { zone: terms.person.zone });
  const written = templates.write(due.what, customer.locale, {
    company: settings.company,
    customer: { name: customer.name ?? '' },
    order: {
      number: order.number,
      products: order.lines
        .flatMap(({ name }) => name ?? [])
        .slice(0, 3)
        .join(', '),
      date: placed.setLocale(customer.locale ?? 'en').toLocaleString(DateTime.DATE_FULL),
    },
    owner: { name: owner.name, phone: owner.phone ?? '', email: owner.email ?? '' },
    delivery_assumed: deliveryOf(sale.followUp, terms).assumed,
    links: {
      survey: `${publicUrl}/s/${links.survey ?? ''}`,
      unsubscribe,
      person: `${publicUrl}/p/${links.person}`,
      referral: `${publicUrl}/r/${customer.referralCode}`,
    },
    reminder: Number(due.occurrence) - 1,
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
