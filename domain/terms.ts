import { businessHours, type Calendar, type Hours, type Opening, type Place } from './calendar.ts';
import type { BestTime, Channel } from './order.ts';
import type { Playbook, Purpose } from './playbook.ts';
import { type ContactPolicy, type PastMail, STANDARD_POLICY } from './policy.ts';
import type { Instant } from './time.ts';

/** What the rules must know of a person; no name, no address. */
export interface Person {
  consent: Record<Purpose, Record<Channel, boolean>>;
  /** An address mail may go to: known and not refused. */
  email: boolean;
  /** A number that is known and was not found to be wrong. */
  phone: boolean;
  prefers: Channel | null;
  bestTime: BestTime | null;
  /** Their IANA time zone. */
  zone: string;
  /** Whose public holidays they have. */
  place: Place | null;
}

/** What the rules must know of the customer beyond this order: all their orders, and all people of their company. */
export interface Party {
  /** Which paid order of theirs this is, from 1. */
  nth: number;
  /** What they have bought for in this order's currency, this order included. */
  value: number;
  total: number;
  currency: string;
  /** When they ordered, up to this order, ascending. */
  placed: Instant[];
  /** They are among the fifth of customers with the highest value. */
  topFifth: boolean;
  /** In how many days this product is usually bought again; null: not known. */
  productDays: number | null;
  /** Mails that went out to them or are on their way, each with its `order#touch#occurrence`. */
  mails: (PastMail & { contact: string })[];
  /** They have an open complaint about another order. */
  complaint: boolean;
}

/** Whom this order's customer brought, and who brought them, as far as the rules go. */
export interface Referrals {
  /** Those they are owed thanks for in this order's follow-up, in the order in which they were earned. */
  earned: { id: string; reward: string; given: boolean }[];
  /** What speaks against thanking whoever brought them, as it is known now; null: nothing. */
  against: 'self' | 'erased' | null;
}

/** What a decision is made with. */
export interface Terms {
  playbook: Playbook;
  /** Who ordered. */
  person: Person;
  /** Others of their company, by the part they have in the purchase. */
  people: Record<string, Person>;
  party: Party;
  policy: ContactPolicy;
  /** When mail and calls may reach anybody, in their own time. */
  quiet: { mail: Hours; call: Hours };
  referrals: Referrals;
  /** Where customers may speak of the company in public; null: nowhere. */
  reviewPage: string | null;
  /** Until when everything, or everything for this customer, is paused; null: it is not. */
  pauses: { everything: Instant | null; customer: Instant | null };
  calendar: Calendar;
  /** When the owner works. */
  colleague: Opening;
  /** Makes spreading steady: the order's id. */
  seed: string;
  /** Mails that are being handed over right now, as `touch#occurrence`, and since when. */
  onTheWay: Record<string, Instant>;
}

/** Mail reaches people while they are up, calls while they are not at table; settings may say otherwise. */
export const QUIET: Terms['quiet'] = { mail: { from: 480, to: 1_200 }, call: { from: 540, to: 1_200 } };

/** What shows a playbook at its plainest: a first order of a customer who agreed to everything, anywhere and any day. */
export const plainTerms = (playbook: Playbook, calendar: Calendar): Terms => {
  const yes = { email: true, phone: true };
  return {
    playbook,
    calendar,
    person: {
      consent: { service: yes, selling: yes },
      email: true,
      phone: true,
      prefers: null,
      bestTime: null,
      zone: calendar.zone,
      place: null,
    },
    people: {},
    party: {
      nth: 1,
      value: 0,
      total: 0,
      currency: '',
      placed: [],
      topFifth: false,
      productDays: null,
      mails: [],
      complaint: false,
    },
    policy: STANDARD_POLICY,
    quiet: QUIET,
    referrals: { earned: [], against: null },
    reviewPage: 'https://example.com/reviews',
    pauses: { everything: null, customer: null },
    colleague: businessHours(calendar),
    seed: '',
    onTheWay: {},
  };
};
