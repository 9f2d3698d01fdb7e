import { DateTime } from 'luxon';
import { phoneInGroups } from '../domain/address.ts';
import { deliveryOf } from '../domain/anchors.ts';
import { isOfComplaint } from '../domain/complaint.ts';
import type { Piece } from '../domain/content.ts';
import { aboutOf, type FollowUp } from '../domain/followUp.ts';
import type { Planned } from '../domain/plan.ts';
import type { Terms } from '../domain/terms.ts';
import type { Instant } from '../domain/time.ts';
import type { Content } from './content.ts';
import { languageOf, type Templates, type Told, type View, type Written } from './templates.ts';

/** What a mail is written from. */
export interface Letter {
  contact: Pick<Planned, 'touch' | 'occurrence' | 'what' | 'gift'>;
  company: string;
  order: { number: string; placedAt: Instant; lines: readonly { name: string | null }[] };
  owner: { name: string; phone: string | null; email: string | null };
  recipient: { name: string | null; locale: string | null; referralCode: string };
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

/** A time that somebody relies on, with its zone. */
const DAY_AND_TIME = {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  hour: '2-digit',
  minute: '2-digit',
  timeZoneName: 'short',
} as const;

/** What asks a survey that has no mail of its own. */
const ANY_SURVEY = 'survey';

/**
 * Writes the mail of a contact in its reader's language, with the links it is given. `complete` may add to what it is
 * written with.
 */
export function writeLetter(
  { templates, content }: Writing,
  letter: Letter,
  links: View['links'],
  complete: (view: View) => View = (view) => view,
): Written {
  const { contact, company, order, owner, recipient, followUp, terms, piece } = letter;
  const { zone } = terms.person;
  // One mail, one language: dates and tips follow the template.
  const name = templates.names.includes(contact.what) ? contact.what : ANY_SURVEY;
  const language = templates.languageFor(name, recipient.locale);
  const locale = recipient.locale && languageOf(recipient.locale) === language ? recipient.locale : language;
  const date = (at: Instant) => DateTime.fromMillis(at, { zone }).setLocale(locale).toLocaleString(DateTime.DATE_FULL);
  const anchor = terms.playbook.touches.find(({ name }) => name === contact.touch)?.anchor;
  const about = aboutOf(contact.occurrence);
  const end = followUp.ends.find(({ of, line }) => `${of} end` === anchor && line === about);
  const goods = anchor === 'return' ? followUp.returns[about - 1] : undefined;
  const thanks = anchor === 'earned referral' ? followUp.thanks[about - 1] : undefined;
  const complaint = isOfComplaint(contact.touch) ? followUp.complaints[about - 1] : undefined;
  const promised = complaint?.due?.promised;
  const isPromise = anchor === 'promise' || anchor === 'broken promise';
  const told = piece && content.pieceIn(language, piece.name);
  const as = (kind: Piece['kind']): Told =>
    told?.kind === kind ? { ...told, link: told.link ?? '' } : { title: '', text: '', link: '' };
  const view: View = {
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
    owner: { name: owner.name, phone: owner.phone ? phoneInGroups(owner.phone) : '', email: owner.email ?? '' },
    tip: as('tip'),
    offer: as('offer'),
    gift: contact.gift,
    term: { product: (end && order.lines[end.line - 1]?.name) ?? '', end: end ? date(end.at) : '' },
    promise: isPromise ? (followUp.promises[about - 1]?.what ?? '') : '',
    return: {
      receipt: goods?.receipt ?? '',
      what: goods?.what ?? '',
      until: goods ? date(goods.sendBy) : '',
      exchange: goods?.kind === 'exchange',
    },
    complaint: {
      promised:
        promised === undefined
          ? ''
          : DateTime.fromMillis(promised, { zone }).setLocale(locale).toLocaleString(DAY_AND_TIME),
      changed: complaint?.changed ?? '',
    },
    reward: thanks ? (terms.referrals.earned.find(({ id }) => id === thanks.referral)?.reward ?? '') : '',
    review_page: terms.reviewPage ?? '',
    referral_code: recipient.referralCode,
    delivery_assumed: deliveryOf(followUp, terms).assumed,
    links,
    reminder: Number(contact.occurrence.split('.').at(-1)) - 1,
  };
  return templates.write(name, language, complete(view));
}
