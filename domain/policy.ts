import { type Calendar, scaled } from './calendar.ts';
import { DAY, type Instant } from './time.ts';

/** At most so many mails (one or more) in any so many days. */
export interface Cap {
  mails: number;
  days: number;
}

/** How often mail may go to a customer, whichever of their orders and people it is about. */
export interface ContactPolicy {
  caps: Cap[];
  /** Days between two surveys. */
  surveyEvery: number;
}

/** For how many days a mail is remembered: longer than any cap may look back. */
export const MAIL_COUNTS_DAYS = 400;

/** What holds where the company has set nothing else. */
export const STANDARD_POLICY: ContactPolicy = {
  caps: [
    { mails: 1, days: 3 },
    { mails: 4, days: 30 },
  ],
  surveyEvery: 90,
};

/** A mail as the policy sees it. */
export interface Mail {
  selling: boolean;
  /** The survey it asks, as order and touch, the same for its reminders; null: none. */
  survey: string | null;
}

/** A mail that went out, or is on its way, to somebody of the customer's. */
export interface PastMail extends Mail {
  at: Instant;
}

/** What holds a mail back. */
export type Brake = 'too-often' | 'asked-recently' | 'something-better';

/** From when on a mail may go, and what holds it until then; null: nothing does. */
export interface Allowed {
  at: Instant;
  brake: Brake | null;
}

/**
 * From when on a mail may go, at or after `due`. Caps hold selling mails only, but count every mail; surveys of either
 * purpose keep their distance from other surveys. A past mail later than `due` counts too: what is overdue goes no
 * earlier than now, which is after it.
 */
export function allowedFrom(
  due: Instant,
  mail: Mail,
  past: readonly PastMail[],
  policy: ContactPolicy,
  calendar: Calendar,
): Allowed {
  const days = (count: number) => scaled(calendar, count * DAY);
  const times = past.map(({ at }) => at).sort((a, b) => a - b);
  // A cap of four is kept by what comes its whole length after the fourth last.
  const capped = mail.selling
    ? policy.caps.filter(({ mails }) => times.length >= mails).map((cap) => times.at(-cap.mails)! + days(cap.days))
    : [];
  const asked =
    mail.survey === null
      ? []
      : past
          .filter(({ survey }) => survey !== null && survey !== mail.survey)
          .map(({ at }) => at + days(policy.surveyEvery));
  const rested = Math.max(due, ...capped);
  const at = Math.max(rested, ...asked);
  return { at, brake: at > rested ? 'asked-recently' : at > due ? 'too-often' : null };
}

/** A mail under the caps that lies ahead on another order of the customer. */
export interface Rival {
  /** How good it is: the higher goes first. */
  rank: number;
  dueAt: Instant;
}

/**
 * From when on a mail may go that yields to better ones of other orders: to each that it would hold up, or that would
 * hold it up.
 */
export function yieldTo(
  due: Instant,
  rank: number,
  rivals: readonly Rival[],
  policy: ContactPolicy,
  calendar: Calendar,
): Allowed {
  // One mail shuts out the next only under a cap of one.
  const pause = Math.max(0, ...policy.caps.filter(({ mails }) => mails === 1).map(({ days }) => days));
  const apart = scaled(calendar, pause * DAY);
  const better = rivals.filter((rival) => rival.rank > rank).sort((a, b) => a.dueAt - b.dueAt);
  let at = due;
  for (const { dueAt } of better) if (Math.abs(dueAt - at) < apart) at = dueAt + apart;
  return { at, brake: at > due ? 'something-better' : null };
}
