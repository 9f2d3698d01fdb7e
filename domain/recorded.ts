import type { Opening } from './calendar.ts';
import { COMPLAINT_WORDS, isOfComplaint } from './complaint.ts';
import type { Bought } from './content.ts';
import type { FollowUpEvent, What } from './followUp.ts';
import { isNotDone } from './playbook.ts';
import type { PastMail } from './policy.ts';
import { NPS } from './survey.ts';
import type { Outcome, TaskKind } from './task.ts';
import type { Person } from './terms.ts';
import type { Instant } from './time.ts';

/** An order as it was recorded, with its whole story. */
export interface RecordedOrder {
  /** Ours, for it makes spreading steady. */
  id: string;
  source: string;
  number: string;
  /** The id of who ordered. */
  customer: string;
  placedAt: Instant;
  acceptedAt: Instant;
  currency: string;
  total: number;
  lines: readonly Bought[];
  /** The handle of who owns it, and when they work. */
  owner: string;
  colleague: Opening;
  /** The version it followed, by hash. */
  playbook: string;
  /** Who ordered was erased: what they had agreed to is not known any more. */
  isErased: boolean;
  /** In how many days what was bought is usually bought again; null: not known. */
  productDays: number | null;
  /** In the order in which it became known; the first is `accepted` or `history`. */
  story: readonly FollowUpEvent[];
}

/** Somebody of a party, as far as the rules go. */
export interface RecordedCustomer {
  id: string;
  /** Since when they were known: the first come first. */
  since: Instant;
  /** As they stand now, but for what their orders' stories tell of before. */
  person: Person;
  /** Since when nothing is mailed to their address; null: it may be. */
  noMailSince: Instant | null;
  /** Records with the same number are one person, who is rung up once; null: none. */
  number: string | null;
  company: string | null;
  role: string | null;
}

/** A mail that went out. */
export interface RecordedMail extends PastMail {
  /** As `order#touch#occurrence`. */
  contact: string;
  order: string;
  /** The tip or offer it carried. */
  content: string | null;
}

/** A task that was made. */
export interface RecordedTask {
  order: string;
  kind: TaskKind;
  owner: string;
  madeAt: Instant;
  dueAt: Instant;
  cancelled: boolean;
}

/** All that was recorded of one customer: everybody who belongs to them, and all their orders. */
export interface RecordedParty {
  id: string;
  customers: readonly RecordedCustomer[];
  orders: readonly RecordedOrder[];
  mails: readonly RecordedMail[];
  tasks: readonly RecordedTask[];
}

/** How a task came out, and how long after it was made. */
export interface RecordedOutcome {
  /** Null: it never did. It was taken back, or is still open. */
  why: Outcome | null;
  /** Null: it is still open. */
  after: number | null;
  /** How long after that the customer wanted to be called back. */
  callBackAfter: number | null;
  /** What is known of the complaint it opened. */
  complaint?: FollowUpEvent['data'];
}

/** An answer to a survey. */
export interface RecordedAnswer {
  survey: string;
  /** 0 to 10, and 1 to 5; left out: none. */
  scores: { score?: number; csat?: number };
  /** How it came: by the link, or on the phone. */
  why: string | undefined;
  /** How long after the first mail of the survey that was asked last before; null: nobody had asked by mail. */
  after: number | null;
  /** The task it was taken down with, as `touch#occurrence`; null: none. */
  with: string | null;
  /** What is known of the complaint its score opened. */
  complaint?: FollowUpEvent['data'];
}

/** What a story tells beside what the rules did by themselves: it would have come whatever the playbook. */
export interface Outside {
  /** What was reported, each with when it became known. */
  events: { at: Instant; event: FollowUpEvent }[];
  /** By `touch#occurrence`. */
  outcomes: Map<string, RecordedOutcome>;
  answers: RecordedAnswer[];
  /** Mails that the mail server would not take, by `touch#occurrence`, with the reason for the call instead. */
  refused: Map<string, string>;
}

/** What no rule makes happen. */
const REPORTED: readonly What[] = [
  'adopted',
  'paid',
  'delivered',
  'installed',
  'promised',
  'promise-kept',
  'promise-broken',
  'exchanged',
  'return-asked',
  'return-received',
  'return-settled',
  'complained',
  ...COMPLAINT_WORDS,
  'interested',
  'paused',
  'resumed',
  'changed',
  'referred',
  'brought',
  'referral-refused',
  'thanks-due',
  'cancelled',
  'returned',
  'opted-out',
  'erased',
];

/** Complaints have a process of their own, and what managers hear of is due to what colleagues did. */
export const isBesideThePlan = ({ what, touch }: FollowUpEvent): boolean =>
  isOfComplaint(touch) || (isNotDone(touch) && what !== 'task-cancelled');

/** Why there is a call that no playbook plans. */
const ASKED_FOR = 'customer-asks';
const REFUSED = ['address-refused', 'mail-refused'];

/** Whether an order was kept for the record only: nobody was ever contacted about it. */
export const isOnlyKept = ({ story }: RecordedOrder) =>
  story[0].what === 'history' && !story.some(({ what }) => what === 'adopted');

/** Takes apart what came from outside in an order's story. `mails` are those that went out about it. */
export function outsideOf({ story }: RecordedOrder, mails: readonly RecordedMail[]): Outside {
  const outside: Outside = { events: [], outcomes: new Map(), answers: [], refused: new Map() };
  const asked = new Set(story.filter(({ why }) => why === ASKED_FOR).map(({ touch }) => touch));
  const asking = mails.filter(({ survey }) => survey !== null).toSorted((a, b) => a.at - b.at);
  const firstAsked = asking
    .filter(({ survey }, nth) => asking.findIndex((one) => one.survey === survey) === nth)
    .map(({ at }) => at);
  const madeAt = new Map<string, Instant>();
  // What is reported late has an earlier time than what was known before it.
  let known = story[0].at;
  let answer: RecordedAnswer | null = null;
  for (const [nth, event] of story.entries()) {
    const { what, at, touch, occurrence, why, data } = event;
    known = Math.max(known, at);
    const contact = `${touch}#${occurrence ?? '1'}`;
    if (nth === 0) continue;
    if (isBesideThePlan(event) || (touch !== undefined && asked.has(touch))) outside.events.push({ at: known, event });
    else if (what === 'task-made' || what === 'task-joined' || what === 'handed-over') {
      madeAt.set(contact, at);
      outside.outcomes.set(contact, { why: null, after: null, callBackAfter: null });
      if (what === 'handed-over' && REFUSED.includes(why!)) outside.refused.set(contact, why!);
    } else if (what === 'outcome' || what === 'task-cancelled') {
      const callBackAfter = data?.callBackAt === undefined ? null : data.callBackAt - at;
      const outcome = what === 'outcome' ? (why as Outcome) : null;
      const made = madeAt.get(contact);
      const complaint = outcome === 'complaint' ? data : undefined;
      if (made !== undefined)
        outside.outcomes.set(contact, { why: outcome, after: at - made, callBackAfter, complaint });
    } else if (what === 'answered') {
      const before = story[nth - 1];
      const onThePhone = before.what === 'outcome' && before.at === at;
      const askedAt = firstAsked.findLast((first) => first <= at);
      const after = askedAt === undefined ? null : at - askedAt;
      const taskOf = onThePhone ? `${before.touch}#${before.occurrence ?? '1'}` : null;
      // On a call about a complaint it comes with that; and who answered without being asked did so by themselves.
      const isOfACall = story
        .slice(0, nth)
        .some((one) => one.at === at && one.what === 'outcome' && isBesideThePlan(one));
      const isAsked = !isOfACall && (onThePhone || after !== null);
      answer = isAsked ? { survey: data?.survey ?? NPS, scores: scoresOf(data), why, after, with: taskOf } : null;
      if (answer) outside.answers.push(answer);
      else outside.events.push({ at: known, event });
    } else if (what === 'complained' && why === 'score' && answer) answer.complaint = data;
    else if (REPORTED.includes(what) && !(what === 'resumed' && why)) outside.events.push({ at: known, event });
  }
  return outside;
}

const scoresOf = ({ score, csat }: NonNullable<FollowUpEvent['data']> = {}): RecordedAnswer['scores'] => ({
  ...(score !== undefined && { score }),
  ...(csat !== undefined && { csat }),
});
