import { type FollowUp, type FollowUpEvent, openComplaint, openReturn, progressOf } from './followUp.ts';
import { returnDeadline } from './returns.ts';
import type { Terms } from './terms.ts';
import type { Instant } from './time.ts';

/** Where a referral stands: it waits for the order to be paid and kept, is earned or refused, or a person looks at it. */
export const REFERRAL_STATES = ['pending', 'earned', 'refused', 'suspected'] as const;
export type ReferralState = (typeof REFERRAL_STATES)[number];

/** Why nobody is thanked for a customer who came with a code. */
export const REFUSALS = [
  'unknown-code',
  'self',
  'known-customer',
  'referred-before',
  'too-old',
  'burst',
  'cancelled',
  'returned',
  'erased',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/**
 * More than these through one customer in so many days are looked at by a person. Whoever tells friends brings one or
 * two in a week, and hardly ever a third; six are a code put up in public, or customers who were made up. It holds up
 * nothing but the thanks, so a generous figure costs little where it is wrong.
 */
export const BURST = { most: 5, days: 7 } as const;

/** The task in which a person looks at a burst: its touch, and its reason. */
export const REFERRAL_BURST = 'referral-burst';

/** The reason on the task to give what was promised for a new customer. */
export const REWARD = 'reward';

/** For how many days an address that was left on a referral page is waited for. */
export const LEAD_DAYS = 90;

/** A code as it is kept, however it was typed. */
export const readCode = (typed: string): string => typed.trim().toUpperCase();

/** What is known when an order comes in that somebody is said to have brought. */
export interface Brought {
  /** Whoever brought it is the same customer. */
  bySelf: boolean;
  /** The customer has ordered before. */
  known: boolean;
  /** The customer was brought before. */
  before: boolean;
  /** The order is kept as history. */
  history: boolean;
}

/** Why nobody is thanked for this order; null: nothing speaks against it. */
export function refusalOf({ bySelf, known, before, history }: Brought): Refusal | null {
  if (bySelf) return 'self';
  if (known) return 'known-customer';
  if (before) return 'referred-before';
  return history ? 'too-old' : null;
}

/** What becomes of the referral that brought this order's customer, once it is known; null: it is not known yet. */
export function referralComesOut(followUp: FollowUp, terms: Terms, now: Instant): FollowUpEvent | null {
  if (followUp.broughtBy !== 'pending') return null;
  const why = speaksAgainst(followUp, terms);
  if (why) return { what: 'referral-refused', at: now, why };
  return (earnedFrom(followUp, terms) ?? Number.POSITIVE_INFINITY) <= now ? { what: 'referral-earned', at: now } : null;
}

/**
 * From when on whoever brought this order's customer has earned their thanks: it is paid, and can no longer be given
 * back. Null: not as things stand, or no more.
 */
export function earnedFrom(followUp: FollowUp, terms: Terms): Instant | null {
  if (followUp.broughtBy !== 'pending' || followUp.paidAt === null) return null;
  // How these come out decides whether it is kept.
  if (openReturn(followUp) || openComplaint(followUp)) return null;
  if (progressOf(followUp, REFERRAL_BURST).openTask !== null) return null;
  return Math.max(followUp.paidAt, returnDeadline(followUp, terms) + 1);
}

function speaksAgainst(followUp: FollowUp, { referrals }: Terms): Refusal | null {
  if (followUp.fellAway !== null) return followUp.fellAway;
  // Nobody hears any more whether it was kept.
  if (followUp.outcome === 'erased') return 'erased';
  if (referrals.against) return referrals.against;
  const { done, wentWellAt } = progressOf(followUp, REFERRAL_BURST);
  return done && wentWellAt === null ? 'burst' : null;
}
