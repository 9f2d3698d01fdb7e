import { BY_ITSELF, isSettled, lowAnswers } from './anchors.ts';
import { isOfComplaint } from './complaint.ts';
import { type FollowUp, type FollowUpOutcome, openComplaint, openReturn, progressOf } from './followUp.ts';
import { type Condition, type Deed, isOfTheWait, type Playbook, type Threshold, type Touch } from './playbook.ts';
import { REFERRAL_BURST } from './referral.ts';
import { REPLY, TALK } from './task.ts';
import type { Party, Person, Terms } from './terms.ts';
import type { Instant } from './time.ts';

/** What holds a contact up for now. */
export type Hold = 'paused' | 'complaint' | 'all-well' | 'promise' | 'return' | 'unpaid' | 'approval';

/** What the customer does themselves is answered whatever else is going on. */
export const isResponse = ({ anchor }: Touch) => anchor === 'complaint' || anchor === 'interest' || anchor === 'return';

/**
 * A pause and an open complaint hold everything but the answer to them, and a complaint about another order all but
 * owed care; selling waits for the payment, for the apology where a promise was broken, and for the end of a return.
 * Whoever was told that their complaint is settled is asked first whether all is well: surveys, the plan's own calls and
 * selling come after that.
 */
export function holdOf(touch: Touch | null, followUp: FollowUp, { party, playbook }: Terms, now: Instant): Hold | null {
  if (touch && isResponse(touch)) return null;
  if (openComplaint(followUp) || (party.complaint && !touch?.owed)) return 'complaint';
  if (isPaused(followUp, now)) return 'paused';
  const selling = !touch || touch.purpose === 'selling';
  if ((!touch || yields(touch)) && asksWhetherAllIsWell(followUp, playbook)) return 'all-well';
  if (selling && owesApology(followUp, playbook)) return 'promise';
  if (selling && openReturn(followUp)) return 'return';
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

/**
 * Whether an open call is taken back because the customer complains: about a low score where the complaint answers that
 * too; selling, surveys and the plan's own, which come again when all is well. Selling also where it is about another order.
 */
export function yieldsToComplaint(touch: Touch, about: number, followUp: FollowUp, { party }: Terms): boolean {
  if (isResponse(touch)) return false;
  if (isRecovery(touch)) return lowAnswers(followUp).some((low) => low.about === about && low.against !== undefined);
  return yields(touch) && (openComplaint(followUp) || (party.complaint && !touch.owed));
}

/** A call that is made to everybody, and answers to nothing the customer did. */
const isCallOfThePlan = ({ deed, anchor }: Touch) =>
  deed === 'call' && BY_ITSELF.includes(anchor) && anchor !== 'promise';

/** What can wait until who complained says that all is well. */
const yields = (touch: Touch) => touch.purpose === 'selling' || touch.deed === 'ask' || isCallOfThePlan(touch);

/** The calls a playbook makes once a complaint is closed, with what has become of each. */
const callsAfterComplaints = (followUp: FollowUp, { touches }: Playbook) =>
  followUp.complaints
    .filter(({ closedWhy }) => closedWhy === 'told')
    .flatMap(({ number }) =>
      touches
        .filter(({ anchor, deed, reaching }) => anchor === 'complaint closed' && deed === 'call' && reaching === null)
        .map((touch) => ({ touch, progress: progressOf(followUp, touch.name, number) })),
    );

const asksWhetherAllIsWell = (followUp: FollowUp, playbook: Playbook) =>
  callsAfterComplaints(followUp, playbook).some(({ touch, progress }) => !isSettled(touch, progress));

/** Whether the talk after a complaint has taken the place of a call to ask after them that was to be made before it. */
export const wasTalkedTo = (touch: Touch, planned: Instant, followUp: FollowUp, { playbook }: Terms) =>
  touch.purpose === 'service' &&
  isCallOfThePlan(touch) &&
  callsAfterComplaints(followUp, playbook).some(({ progress: { wentWellAt } }) => (wentWellAt ?? 0) >= planned);

export function againstIt(touch: Touch, deed: Deed, followUp: FollowUp, person: Person, terms: Terms): string | null {
  if (followUp.outcome !== null && !endures(touch, followUp.outcome)) return followUp.outcome;
  if (followUp.exchanged && touch.purpose === 'selling') return 'exchanged';
  if (followUp.dormant && touch.purpose === 'selling' && isOfTheWait(touch)) return 'dormant';
  if (touch.purpose === 'selling' && isUnheard(followUp, terms.playbook)) return 'detractor';
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

/** What a low score is answered with. */
export const isRecovery = ({ anchor, when }: Touch) => anchor === 'answer' && when.includes('detractor');

/** A low score stops selling until somebody has heard them out: until what answers it, a call or a complaint, is done. */
const isUnheard = (followUp: FollowUp, { touches }: Playbook) =>
  lowAnswers(followUp).some(
    ({ about, against }) =>
      against === undefined &&
      !touches.some((touch) => isRecovery(touch) && progressOf(followUp, touch.name, about).wentWellAt !== null),
  );

export const isReached = (threshold: Threshold, { nth, value, total, currency }: Party) =>
  'orders' in threshold
    ? nth === threshold.orders
    : threshold.currency === currency && value >= threshold.value && value - total < threshold.value;

/** The first condition that does not hold, as the reason against the touch. */
export function unmet(touch: Touch, followUp: FollowUp, { party }: Terms): string | null {
  const condition = touch.when.find((one) => !holds(one, followUp, party));
  return condition ? (condition === 'not detractor' ? 'detractor' : `not-${condition.replace(' ', '-')}`) : null;
}

function holds(condition: Condition, { band, answeredAt }: FollowUp, { nth, topFifth }: Party): boolean {
  switch (condition) {
    case 'paid':
      return true; // Not a reason against it: it waits for the payment.
    case 'review page':
      return true; // Where there is none, there is no such contact at all.
    case 'promoter':
    case 'passive':
    case 'detractor':
      return band === condition;
    case 'not detractor':
      return band !== 'detractor';
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

/** Whether there is what a contact needs of the company; one that lacks it is no part of the plan. */
export const isSetUp = ({ when }: Touch, { reviewPage }: Terms) => reviewPage !== null || !when.includes('review page');

export const isPaused = ({ pausedUntil }: FollowUp, now: Instant) => pausedUntil !== null && pausedUntil > now;

/**
 * Care outlives a reorder; a complaint, thanks for a new customer, and what no playbook plans, a call they asked for or
 * a mail they answered, even a cancelled sale. Who wants no contact gets none, but what they wrote is answered, what they
 * send back is seen to, and whoever brought them is not judged by it.
 */
export function endures(touch: Touch | undefined, outcome: FollowUpOutcome, name = touch?.name): boolean {
  if (touch?.anchor === 'return') return outcome !== 'erased';
  if (name === REFERRAL_BURST) return outcome === 'reordered' || outcome === 'opted-out';
  if (touch === undefined && name === REPLY) return outcome !== 'erased';
  if (outcome === 'opted-out' || outcome === 'erased') return false;
  if (touch === undefined) return name === TALK || isOfComplaint(name?.split(':')[0]);
  return touch.anchor === 'complaint' || touch.anchor === 'earned referral' || (outcome === 'reordered' && touch.owed);
}
