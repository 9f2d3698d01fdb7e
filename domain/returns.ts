import { deliveryOf } from './anchors.ts';
import { after, isDemonstration, startOfDay } from './calendar.ts';
import { type FollowUp, openReturn } from './followUp.ts';
import type { Terms } from './terms.ts';
import type { Instant, Span } from './time.ts';

/** Goods come back for money, or for other goods. */
export const RETURN_KINDS = ['return', 'exchange'] as const;
export type ReturnKind = (typeof RETURN_KINDS)[number];

/** How it ends: what went out to the customer, or why nothing did. */
export const RETURN_ENDS = ['refunded', 'refunded-in-part', 'replaced', 'repaired', 'refused', 'withdrawn'] as const;
export type ReturnEnd = (typeof RETURN_ENDS)[number];

/** What each end makes of the order; null: it stays as it was, and selling goes on. */
export const COMES_TO: Record<ReturnEnd, 'returned' | 'exchanged' | null> = {
  refunded: 'returned',
  'refunded-in-part': null,
  replaced: 'exchanged',
  repaired: 'exchanged',
  refused: null,
  withdrawn: null,
};

/** How a return ended of which a sales system says no more than what became of the order. */
export const ENDS_BY = { returned: 'refunded', exchanged: 'replaced' } as const;

/** How long the customer has to send it, once they have asked: as the law of the EU has it (2011/83/EU, article 14). */
export const SEND_WITHIN: Span = { amount: 14, unit: 'days' };

/** Something that is to come back is seen to, unless its customer was erased. */
export const isReturning = (followUp: FollowUp) => openReturn(followUp) && followUp.outcome !== 'erased';

/** The last instant at which a return may be asked for: the end of that day where the customer is. */
export function returnDeadline(followUp: FollowUp, terms: Terms): Instant {
  const { playbook, person, calendar } = terms;
  const last = after(deliveryOf(followUp, terms).at, playbook.returnWithin, person.zone, calendar);
  if (isDemonstration(calendar)) return last;
  return startOfDay(after(last, { amount: 1, unit: 'days' }, person.zone, calendar), person.zone) - 1;
}

/** By when what is asked for now is to be sent. */
export const sendBy = (now: Instant, { person, calendar }: Terms): Instant =>
  after(now, SEND_WITHIN, person.zone, calendar);
