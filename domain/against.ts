import { isSettled } from './anchors.ts';
import { type FollowUp, type FollowUpOutcome, isDetractor, isPromoter, openComplaint, progressOf } from './followUp.ts';
import { type Condition, type Deed, isOfTheWait, type Playbook, type Threshold, type Touch } from './playbook.ts';
import { TALK } from './task.ts';
import type { Party, Person, Terms } from './terms.ts';
import type { Instant } from './time.ts';

/** What holds a contact up for now. */
export type Hold = 'paused' | 'complaint' | 'promise' | 'unpaid' | 'approval';

/** What the customer does themselves is answered whatever else is going on. */
export const isResponse = ({ anchor }: Touch) => anchor === 'complaint' || anchor === 'interest';

/**
 * A pause and an open complaint hold everything but the answer to them, and a complaint about another order all but
 * owed care; selling waits for the payment, and for the apology where a promise was broken.
 */
export function holdOf(touch: Touch | null, followUp: FollowUp, { party, playbook }: Terms, now: Instant): Hold | null {
  if (touch && isResponse(touch)) return null;
  if (openComplaint(followUp) || (party.complaint && !touch?.owed)) return 'complaint';
  if (isPaused(followUp, now)) return 'paused';
  const selling = !touch || touch.purpose === 'selling';
  if (selling && owesApology(followUp, playbook)) return 'promise';
  return (selling || touch.when.includes('paid')) && followUp.paidAt === null ? 'unpaid' : null;
}

const owesApology = ({ promises, ...followUp }: FollowUp, { touches }: Playbook) =>
  promises.some(
    ({ state, number }) =>
      state === 'broken' &&
      touches.some(
        (touch) =>
          touch.anchor === 'broken promise' &&
          !isSettled(touch, progressOf({ promises, ...followUp }, touch.name, number)),
      ),
  );

export function againstIt(touch: Touch, deed: Deed, followUp: FollowUp, person: Person, terms: Terms): string | null {
  if (followUp.outcome !== null && !endures(touch, followUp.outcome)) return followUp.outcome;
  if (followUp.exchanged && touch.purpose === 'selling') return 'exchanged';
  if (followUp.dormant && touch.purpose === 'selling' && isOfTheWait(touch)) return 'dormant';
  const missing = unmet(touch, followUp, terms);
  if (missing) return missing;
  const { email, phone } = person.consent[touch.purpose];
  const may =
    deed === 'call' ? phone : deed === 'letter' ? email || phone : deed === 'send' || deed === 'ask' ? email : true;
  if (!may) return 'no-consent';
  if (deed === 'send' && !person.email) return 'no-email';
  if (touch.deed === 'ask' && deed === 'call' && !person.phone) return 'no-address';
  return null;
}

export const isReached = (threshold: Threshold, { nth, value, total, currency }: Party) =>
  'orders' in threshold
    ? nth === threshold.orders
    : threshold.currency === currency && value >= threshold.value && value - total < threshold.value;

/** The first condition that does not hold, as the reason against the touch. */
export function unmet(touch: Touch, followUp: FollowUp, { party }: Terms): string | null {
  const condition = touch.when.find((one) => !holds(one, followUp, party));
  return condition ? (condition === 'not detractor' ? 'detractor' : `not-${condition.replace(' ', '-')}`) : null;
}

function holds(condition: Condition, { score, answeredAt }: FollowUp, { nth, topFifth }: Party): boolean {
  switch (condition) {
    case 'paid':
      return true; // Not a reason against it: it waits for the payment.
    case 'promoter':
      return score !== null && isPromoter(score);
    case 'passive':
      return score !== null && !isPromoter(score) && !isDetractor(score);
    case 'detractor':
      return score !== null && isDetractor(score);
    case 'not detractor':
      return score === null || !isDetractor(score);
    case 'answered':
      return answeredAt !== null;
    case 'silent':
      return answeredAt === null;
    case 'first order':
      return nth <= 1;
    case 'repeat order':
      return nth > 1;
    case 'top fifth':
      return topFifth;
  }
}

export const isPaused = ({ pausedUntil }: FollowUp, now: Instant) => pausedUntil !== null && pausedUntil > now;

/**
 * Care outlives a reorder, a complaint even a cancelled sale, and so does a call the customer asked for, which no
 * playbook plans. Who wants no contact gets none.
 */
export function endures(touch: Touch | undefined, outcome: FollowUpOutcome, name = touch?.name): boolean {
  if (outcome === 'opted-out' || outcome === 'erased') return false;
  if (touch === undefined) return name === TALK;
  return touch.anchor === 'complaint' || (outcome === 'reordered' && touch.owed);
}
