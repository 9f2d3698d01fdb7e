import type { Hold } from '../../domain/against.ts';
import type { Closing, Step, Want } from '../../domain/complaint.ts';
import type { FollowUpEvent, FollowUpOutcome, Pledge, Stage } from '../../domain/followUp.ts';
import type { Delivery } from '../../domain/inbound.ts';
import type { EventType } from '../../domain/messages.ts';
import type { LinkedBy } from '../../domain/names.ts';
import type { Channel } from '../../domain/order.ts';
import type { Planned } from '../../domain/plan.ts';
import { APPROVE, NOT_DONE, type Purpose } from '../../domain/playbook.ts';
import { REFERRAL_BURST, REWARD, type ReferralState } from '../../domain/referral.ts';
import type { ReturnEnd, ReturnKind } from '../../domain/returns.ts';
import type { Expected } from '../../domain/rhythm.ts';
import { OUTCOMES, type Outcome, REPLY, type TaskKind } from '../../domain/task.ts';
import type { ZoneFrom } from '../../domain/zones.ts';
import type { NotDone } from '../../store/reasons.ts';
import type { InboundKind, LedgerState } from '../../store/schema.ts';

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
  complaint: 'A complaint: put it right',
  'complaint-listen': 'A complaint: hear the whole story, and what they want',
  'complaint-approval': 'More than your colleague may offer: do you agree?',
  'complaint-apology': 'A complaint: apologise by letter, or on the phone',
  'complaint-cause': 'A complaint: find the cause, and remove it for good',
  'complaint-tell': 'A complaint: tell the customer what was changed',
  'complaint-at-risk': 'A complaint: the next step is late soon',
  'complaint-late': 'A complaint was late: it is yours now',
  'all-well': 'After a complaint: is all well now?',
  [NOT_DONE]: 'A colleague has not done this in time',
  [APPROVE]: 'Read this mail: may it go?',
  uncertain: 'Did the mail arrive?',
  return: 'Something comes back: see to it until it is settled',
  [REWARD]: 'Give what was promised for a new customer',
  [REFERRAL_BURST]: 'Many came through one customer within a week: do they count?',
  'customer-asks': 'Asked to be called',
  [REPLY]: 'Answered a mail: write back',
  'spam-report': 'Reported a mail of ours as unwanted: call instead',
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
  if (reason === 'complaint-approval' && outcome === 'done') return 'Agree';
  if (reason === 'complaint-approval' && outcome === 'skipped') return 'Do not agree';
  if (reason === APPROVE && outcome === 'done') return 'Let it go';
  if (reason === APPROVE && outcome === 'skipped') return 'Do not send';
  if (reason === REFERRAL_BURST && outcome === 'done') return 'They count';
  if (reason === REFERRAL_BURST && outcome === 'skipped') return 'They do not count';
  if (reason === REWARD && outcome === 'done') return 'Given';
  if (reason === REPLY && outcome === 'done') return 'Answered';
  if (reason === 'uncertain' && outcome === 'kept') return 'It arrived';
  if (reason === 'uncertain' && outcome === 'broken') return 'It did not arrive: send again';
  return OUTCOMES[outcome];
}

export const HOLD_WORDS: Record<Hold, string> = {
  paused: 'waits: the follow-up is paused',
  complaint: 'waits: a complaint is open',
  'all-well': 'waits: after a complaint we ask first whether all is well',
  promise: 'waits: a promise was broken, and the apology is still owed',
  return: 'waits: something is on its way back',
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
  'not-promoter': 'the score was not high',
  'not-passive': 'the score was not in the middle',
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
  settled: 'it is settled',
  given: 'it was given already',
  'mail-server': 'the mail server did not take it',
  fault: 'something failed',
  'service-and-selling': 'mails about the order and offers',
  'service-only': 'about the order only, no offers',
  'selling-only': 'offers only',
  'some-ways-only': "by some ways only, as the customer's page shows",
  stop: 'they want no more mail',
  'address-refused': 'there is no such mailbox',
  'mail-refused': 'it was not taken there',
  'spam-report': 'its reader reported it as unwanted',
  'in-time': 'the pause is over',
  undecided: 'the customer has not decided',
  unlinked: "it was another customer's",
  'unknown-code': "the code is nobody's",
  self: 'it was themselves',
  'known-customer': 'they were a customer already',
  'referred-before': 'they were brought before',
  'too-old': 'the order came in too late to be followed',
  burst: 'too many came through the same customer at once',
  code: 'the code was given with the order',
  page: 'they left their address on the page behind the link',
  refunded: 'the money was given back',
  'refunded-in-part': 'the money was given back for a part of it',
  replaced: 'something else was sent for it',
  repaired: 'it was repaired',
  refused: 'it was not taken back',
  withdrawn: 'the customer keeps it',
  link: 'by the link in the mail',
  card: 'by the card in the parcel',
  phone: 'by phone',
  paper: 'on paper',
  call: 'by phone',
  letter: 'by letter',
  email: 'by mail',
  'done-meanwhile': 'it was done meanwhile',
  'asked-again': 'something else was asked for',
  late: 'it was late, and the manager has it now',
  complained: 'it is seen to as a complaint',
  'complaint-closed': 'the complaint was closed',
  heard: 'somebody has spoken to the customer meanwhile',
  granted: 'the manager agreed',
  told: 'the customer was told what was changed',
};
export const whyInWords = (why: string) => WHY[why] ?? why.replaceAll('-', ' ');

/** What an event's reason says, in the words of that kind of event. */
export function reasonOf({ what, why }: FollowUpEvent): string | null {
  if (!why) return null;
  if (what === 'complaint-closed') return closedInWords(why);
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

/** Where a referral stands. */
export const REFERRAL_WORDS: Record<ReferralState, string> = {
  pending: 'Waits until the order is paid and kept',
  suspected: 'A colleague looks at it',
  earned: 'Earned',
  refused: 'Refused',
};

/** What a customer wants who gives something back. */
/** What is done about a complaint, one step after the other. */
export const STEP_WORDS: Record<Step, string> = {
  listen: 'Hear the whole story',
  fix: 'Put it right',
  apology: 'Apologise',
  cause: 'Remove the cause for good',
  tell: 'Tell the customer what was changed',
};

/** What a customer who complains wants. */
export const WANT_WORDS: Record<Want, string> = {
  apology: 'An apology',
  repair: 'A repair',
  exchange: 'An exchange',
  refund: 'Their money back',
  explanation: 'An explanation',
  other: 'Something else',
};

/** Why a complaint is closed whose customer was not told what was changed. */
export const CLOSING_WORDS: Record<Closing, string> = {
  withdrawn: 'The customer takes it back',
  unjustified: 'There was nothing to put right',
  other: 'Another reason',
};

/** Why a complaint was closed, in the middle of a sentence. */
export const closedInWords = (why: string): string => CLOSING_WORDS[why as Closing]?.toLowerCase() ?? whyInWords(why);

export const RETURN_WORDS: Record<ReturnKind, string> = { return: 'Return', exchange: 'Exchange' };

/** How a return can end, on its button. */
export const RETURN_END_WORDS: Record<ReturnEnd, string> = {
  refunded: 'Money given back for the order',
  'refunded-in-part': 'Money given back for a part of it',
  replaced: 'Something else sent for it',
  repaired: 'Repaired and sent back',
  refused: 'Not taken back',
  withdrawn: 'The customer keeps it',
};

/** What a customer gave, 0 to 10 and 1 to 5. */
export const scoresInWords = ({ nps, csat }: { nps?: number | null; csat?: number | null }): string =>
  [typeof nps === 'number' && `${nps} of 10`, typeof csat === 'number' && `${csat} of 5`].filter(Boolean).join(', ') ||
  'No score';

/** What a customer said in their own words. */
export const QUOTE_WORDS = { benefit: 'How it benefited them', better: 'What could be better' } as const;

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
  'spam-report': 'its owner reported a mail as unwanted',
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

/** What a mail that came in was found to be. */
export const INBOUND_WORDS: Record<InboundKind, string> = {
  reply: 'Reply',
  stop: 'Wants no more mail',
  'stop-and-more': 'Wants no more mail, and says more',
  'auto-reply': 'Automatic answer',
  bounce: 'Came back',
  'spam-report': 'Reported as unwanted',
  unknown: 'Whose is it?',
};

/** What became of a mail of ours, as a report on its delivery says it. */
export const DELIVERY_WORDS: Record<Delivery['action'], string> = {
  failed: 'Came back',
  delayed: 'Delayed: the mail server is still trying',
  delivered: 'Arrived',
  relayed: 'Handed on',
  expanded: 'Handed on to several',
};

/** What a status says after its class (RFC 3463); one that is not here, as its first figure does. */
const STATUS: Record<string, string> = {
  '0': 'no reason was given',
  '1': 'something is wrong with the address',
  '1.1': 'there is no such mailbox',
  '1.2': 'there is no such domain',
  '1.6': 'the mailbox has moved',
  '1.7': "the sender's address was refused",
  '1.8': "the sender's address was refused",
  '1.10': 'the domain takes no mail',
  '2': 'something is wrong with the mailbox',
  '2.1': 'the mailbox is switched off',
  '2.2': 'the mailbox is full',
  '2.3': 'the mail is too large for the mailbox',
  '3': 'something is wrong with the mail server there',
  '3.4': 'the mail is too large for the mail server there',
  '4': 'the mail server there could not be reached',
  '5': 'the mail servers did not understand each other',
  '6': 'the mail server there could not read the mail',
  '7': 'the mail server there refuses it by its rules, as spam for instance',
};
export function statusInWords(status: string): string {
  const [, subject, detail] = status.split('.');
  return STATUS[`${subject}.${detail}`] ?? STATUS[subject] ?? STATUS['0'];
}

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
