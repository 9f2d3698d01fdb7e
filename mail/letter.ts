import { DateTime } from 'luxon';
import { deliveryOf } from '../domain/anchors.ts';
import type { Piece } from '../domain/content.ts';
import { aboutOf, type FollowUp } from '../domain/followUp.ts';
import type { Planned } from '../domain/plan.ts';
import type { Terms } from '../domain/terms.ts';
import type { Instant } from '../domain/time.ts';
import type { Content } from './content.ts';
import type { Templates, Told, View, Written } from './templates.ts';

/** What a mail is written from. */
export interface Letter {
  contact: Pick<Planned, 'touch' | 'occurrence' | 'what' | 'gift'>;
  company: string;
  order: { number: string; placedAt: Instant; lines: readonly { name: string | null }[] };
  owner: { name: string; phone: string | null; email: string | null };
  recipient: { name: string | null; locale: string | null };
  followUp: FollowUp;
  terms: Terms;
  /** What of use it brings along. */
  piece: Piece | null;
}

/** What mails are written with. */
export interface Writing {
  templates: Templates;
  content: Content;
}

/** Writes the mail of a contact in its reader's language, with the links it is given. */
export function writeLetter({ templates, content }: Writing, letter: Letter, links: View['links']): Written {
  const { contact, company, order, owner, recipient, followUp, terms, piece } = letter;
  const { zone } = terms.person;
  const date = (at: Instant) =>
    DateTime.fromMillis(at, { zone })
      .setLocale(recipient.locale ?? 'en')
      .toLocaleString(DateTime.DATE_FULL);
  const anchor = terms.playbook.touches.find(({ name }) => name === contact.touch)?.anchor;
  const about = aboutOf(contact.occurrence);
  const end = followUp.ends.find(({ of, line }) => `${of} end` === anchor && line === about);
  const isPromise = anchor === 'promise' || anchor === 'broken promise';
  const told = piece && content.pieceIn(recipient.locale, piece.name);
  const as = (kind: Piece['kind']): Told =>
    told?.kind === kind ? { ...told, link: told.link ?? '' } : { title: '', text: '', link: '' };
  return templates.write(contact.what, recipient.locale, {
    company,
    customer: { name: recipient.name ?? '', orders: Math.max(terms.party.nth, 1) },
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
    gift: contact.gift,
    term: { product: (end && order.lines[end.line - 1]?.name) ?? '', end: end ? date(end.at) : '' },
    promise: isPromise ? (followUp.promises[about - 1]?.what ?? '') : '',
    delivery_assumed: deliveryOf(followUp, terms).assumed,
    links,
    reminder: Number(contact.occurrence.split('.').at(-1)) - 1,
  });
}
