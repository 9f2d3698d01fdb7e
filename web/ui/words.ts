import type { Hold } from '../../domain/against.ts';
import type { FollowUpEvent, FollowUpOutcome, Pledge, Stage } from '../../domain/followUp.ts';
import type { EventType } from '../../domain/messages.ts';
import type { LinkedBy } from '../../domain/names.ts';
import type { Channel } from '../../domain/order.ts';
import type { Planned } from '../../domain/plan.ts';
import { APPROVE, type Purpose } from '../../domain/playbook.ts';
import type { Expected } from '../../domain/rhythm.ts';
import { OUTCOMES, type Outcome, type TaskKind } from '../../domain/task.ts';
import type { ZoneFrom } from '../../domain/zones.ts';
import type { NotDone } from '../../store/reasons.ts';
import type { LedgerState } from '../../store/schema.ts';

export const STAGE_WORDS: Record<Stage, string> = {
  history: 'History: kept, not followed up',
  unpaid: 'Not paid yet: care runs, selling waits',
  following: 'Being followed up',
  paused: 'Paused',
  complaint: 'Complaint open: everything else waits',
  waiting: 'Keeping in touch until the next order',
  ended: 'Ended',
};

/** The same in a word or two, for lists and filters. */
export const STAGE_NAMES: Record<Stage, string> = {
  history: 'History',
  unpaid: 'Not paid',
  following: 'Following up',
  paused: 'Paused',
  complaint: 'Complaint',
  waiting: 'Keeping in touch',
  ended: 'Ended',
};

export const OUTCOME_WORDS: Record<FollowUpOutcome, string> = {
  reordered: 'The customer ordered again',
  cancelled: 'The order was cancelled',
  returned: 'The order was returned',
  'opted-out': 'The customer wants no contact',
  erased: 'The customer was erased',
};

export const KIND_WORDS: Record<TaskKind, string> = {
  call: 'Call',
  letter: 'Letter',
  check: 'Check',
  fix: 'Put right',
  other: 'To do',
};

/** The same with the customer's name after it. */
export const KIND_FOR: Record<TaskKind, string> = {
  call: 'Call',
  letter: 'Write to',
  check: 'Check for',
  fix: 'Put right for',
  other: 'To do for',
};

/** Why there is a task. Playbooks may bring words of their own: those are shown as they are. */
const REASONS: Record<string, string> = {
  'check-in': 'Is everything fine?',
  'survey-by-phone': 'Ask the survey by phone',
  detractor: 'Low score: find out what went wrong',
  'broken-promise': 'A promise was broken: apologise',
  promise: 'Was this promise kept?',
  'promise-at-risk': 'This promise may break: see to it',
  'up-sell': 'Offer what goes with it',
  'month-in-use': 'A month in use: does it do what it was bought for?',
  'first-maintenance': 'The first maintenance: agree on a day, and do it',
  'yearly-review': 'The yearly review: what went well, what comes next',
  renewal: 'The contract ends: is it to go on?',
  'top-customer': 'One of the best customers: thank them',
  loyalty: 'Thank them for staying, with something of value',
  'win-back': 'The next order was expected and did not come',
  interested: 'Wants to buy',
  complaint: 'A complaint: put it right for good, and tell the customer',
  [APPROVE]: 'Read this mail: may it go?',
  uncertain: 'Did the mail arrive?',
  'customer-asks': 'Asked to be called',
  'address-refused': 'The e-mail address does not exist: call instead',
  'mail-refused': 'The mail was refused: call instead',
  'mail-server-for-days': 'Mail could not be sent for days: call instead',
  'fault-for-days': 'Something failed for days: call instead',
};
export const reasonInWords = (reason: string) => REASONS[reason] ?? sentence(reason);

/** `keep-in-touch` as `Keep in touch`. */
export const sentence = (name: string) => {
  const words = name.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** The outcome on its button; a check about a mail asks something else than one about a promise. */
export function outcomeOn(outcome: Outcome, reason: string): string {
  if (reason === APPROVE && outcome === 'done') return 'Let it go';
  if (reason === APPROVE && outcome === 'skipped') return 'Do not send';
  if (reason === 'uncertain' && outcome === 'kept') return 'It arrived';
  if (reason === 'uncertain' && outcome === 'broken') return 'It did not arrive: send again';
  return OUTCOMES[outcome];
}

export const HOLD_WORDS: Record<Hold, string> = {
  paused: 'waits: the follow-up is paused',
  complaint: 'waits: a complaint is open',
  promise: 'waits: a promise was broken, and the apology is still owed',
  unpaid: 'waits for the payment',
  approval: 'waits for its owner to let it go',
};

/** Reasons of steps that were not made, put off or taken back. */
const WHY: Record<string, string> = {
  'too-late': 'it would be too late for it',
  'no-consent': 'the customer does not want it',
  'no-email': 'there is no e-mail address mail may go to',
  'no-address': 'there is neither an e-mail address nor a phone number',
  exchanged: 'the order was exchanged',
  detractor: 'the score was low',
  'not-promoter': 'the score was not 9 or 10',
  'not-passive': 'the score was not 7 or 8',
  'not-detractor': 'the score was not low',
  'not-answered': 'the survey was not answered',
  'not-silent': 'the survey was answered',
  'no-answer': 'the survey was not answered',
  'not-first-order': 'it was not their first order',
  'not-repeat-order': 'it was their first order',
  'not-top-fifth': 'others have bought for more',
  'not-approved': 'its owner did not let it go',
  'not-done': 'what it was to follow did not come about',
  'nothing-useful': 'there was nothing new of use to tell',
  'too-often': 'the customer has had mail often enough',
  'asked-recently': 'the customer was asked not long ago',
  'something-better': 'something better goes out around that day',
  'everything-paused': 'everything is paused',
  'customer-paused': 'everything for this customer is paused',
  dormant: 'there was no sign of life for long',
  unreached: 'nobody was reached',
  answered: 'the customer has answered meanwhile',
  arrived: 'the mail arrived after all',
  kept: 'the promise was kept meanwhile',
  beaten: 'the promise was kept early',
  broken: 'the promise was broken meanwhile',
  reordered: 'the customer ordered again',
  cancelled: 'the order was cancelled',
  returned: 'the order was returned',
  'opted-out': 'the customer wants no contact',
  erased: 'the customer was erased',
  'mail-server': 'the mail server did not take it',
  fault: 'something failed',
  'service-and-selling': 'mails about the order and offers',
  'service-only': 'about the order only, no offers',
  'selling-only': 'offers only',
  'some-ways-only': "by some ways only, as the customer's page shows",
  'in-time': 'the pause is over',
  undecided: 'the customer has not decided',
  unlinked: "it was another customer's",
  link: 'by the link in the mail',
  phone: 'by phone',
};
export const whyInWords = (why: string) => WHY[why] ?? why.replaceAll('-', ' ');

/** What an event's reason says, in the words of that kind of event. */
export function reasonOf({ what, why }: FollowUpEvent): string | null {
  if (!why) return null;
  if (what === 'moved') return `from version ${why.replace(' -> ', ' to ')}`;
  if (what === 'outcome') return OUTCOMES[why as Outcome] ?? sentence(why);
  if (what === 'task-made' || what === 'task-joined' || what === 'handed-over') return reasonInWords(why);
  return whyInWords(why);
}

export const PLEDGE_WORDS: Record<Pledge['state'], string> = {
  open: 'Open',
  kept: 'Kept',
  beaten: 'Beaten',
  broken: 'Broken',
};

/** What shows that a promise was kept or broken. */
export const EVIDENCE_WORDS: Record<NonNullable<Pledge['evidence']>, string> = {
  event: 'it was reported',
  word: 'a colleague found out',
};

/** By what two customers came to be one. */
export const LINK_WORDS: Record<LinkedBy, string> = {
  email: 'the same e-mail address',
  phone: 'the same phone number',
  company: 'the same company',
  hand: 'linked by hand',
};

/** What a customer may be contacted for. */
export const PURPOSE_WORDS: Record<Purpose, string> = {
  service: 'About what they bought',
  selling: 'Offers and news',
};

/** By what way. */
export const CHANNEL_WORDS: Record<Channel, string> = { email: 'E-mail', phone: 'Phone' };

/** From what a customer's zone is known. */
export const ZONE_WORDS: Record<ZoneFrom, string> = {
  own: 'as we were told',
  country: 'guessed from their country',
  phone: 'guessed from their phone number',
  company: "not known: the company's own",
};

/** Why an address or a number is not used any more. */
export const SUPPRESSED_WORDS: Record<string, string> = {
  refused: 'the mail server refused it',
  erased: 'its owner asked to be forgotten',
};

/** What says when the next order is expected. */
export const EXPECTED_WORDS: Record<Expected['by'], string> = {
  rhythm: 'by their own rhythm',
  product: 'as this is usually bought again',
  playbook: 'by the playbook',
};

/** Why a task went to somebody else or to another day. */
export const SPILL_WORDS: Record<string, string> = {
  away: 'its owner is away',
  'day-full': "its owner's day is full",
  'day-full-next': 'the day is full',
};

/** What became of a contact that was not made as planned. */
export const NOT_DONE_WORDS: Record<NotDone, string> = {
  skipped: 'Not made',
  'put-off': 'Put off',
  spilled: 'Given to somebody else, or to another day',
  'task-joined': 'Made part of another call',
  'task-cancelled': 'Not needed any more',
};

/** Why it was not made as planned. */
export function notDoneInWords(what: NotDone, why: string | null): string {
  if (what === 'task-joined') return 'the customer gets a call anyway';
  if (why === null) return 'no reason is known';
  return SPILL_WORDS[why] ?? whyInWords(why);
}

/** Why an order was given to somebody else. */
export const ASSIGNED_WORDS: Record<string, string> = {
  'known-now': 'the order named them, and they are known now',
  left: 'its owner has left',
};

export const DEED_WORDS: Record<Planned['deed'], string> = { send: 'Mail', ask: 'Survey by mail', ...KIND_WORDS };

export const LEDGER_WORDS: Record<LedgerState, string> = {
  claimed: 'About to be sent',
  sending: 'On its way: not known yet',
  sent: 'Sent: the mail server has taken it',
  uncertain: 'Uncertain: it may have arrived',
  refused: 'Refused by the mail server',
  withdrawn: 'Not sent',
};

/** Events a colleague can report, as the desk names them. */
export const EVENT_WORDS: Record<EventType, string> = {
  paid: 'It was paid',
  delivered: 'It was delivered',
  installed: 'It was installed',
  promised: 'Something was promised',
  'promise-kept': 'A promise was kept',
  'promise-broken': 'A promise was broken',
  cancelled: 'The order was cancelled',
  returned: 'It was returned',
  exchanged: 'It was exchanged',
  complained: 'The customer complained',
  interested: 'The customer wants to buy more',
  paused: 'Pause the follow-up',
  resumed: 'Go on with the follow-up',
  note: 'A note',
};
