import { aboutOf, type FollowUp, type Pledge } from '../../domain/followUp.ts';
import { APPROVE } from '../../domain/playbook.ts';
import type { Settles } from '../../store/desk.ts';
import type { Customer } from '../../store/followUps.ts';
import { agreed, type Show } from '../ui/show.ts';
import { PLEDGE_WORDS } from '../ui/words.ts';

/** What a script is written from. */
export interface Situation {
  reason: string;
  customer: Customer;
  /** The order the task is about, and what has become of it. */
  followUp: FollowUp;
  about: Settles | undefined;
  /** What was bought, in a few words. */
  products: string;
  show: Show;
}

/** What to say or do, step by step; short enough to be read while the phone rings. */
export function scriptOf(situation: Situation): string[] {
  const { reason, followUp, about, products, show, customer } = situation;
  const spoken = spokenTo(show, customer.timeZone ?? show.zone);
  const bought = products || 'what was bought';
  const meant = about ? followUp.promises[aboutOf(about.occurrence) - 1] : undefined;
  switch (reason) {
    case 'check-in':
      return [
        ...arrival(followUp, bought),
        ...followUp.promises.map((promise) => `${spoken(promise)} Did it happen as agreed?`),
        'Is everything fine with it? Let them tell it all, and write it down in their words.',
        'How did it benefit you? What could be better?',
        'Before you hang up: what happens next, and how they reach you.',
      ];
    case 'survey-by-phone':
      return [
        'From 0 to 10: how likely are you to recommend us?',
        'How did it benefit you?',
        'What could be better?',
        'Thank them, and fill in the answers below while they speak.',
      ];
    case 'detractor':
      return [
        `They gave ${followUp.score ?? 'a low score'} of 10. Thank them for saying so.`,
        'Ask what went wrong, and listen to the end.',
        'Ask what would put it right, and say what you will do by when.',
        'If it is a complaint, record it as one: then somebody puts it right for good.',
      ];
    case 'broken-promise':
      return [
        meant ? `Apologise: ${lower(spoken(meant))}` : 'Apologise for the promise that was broken.',
        'Say what you do about it, and agree on a new date. Add that promise on the order page.',
        'Promise a day you are sure to beat.',
      ];
    case 'promise':
      return [
        meant ? spoken(meant) : 'Look at the promises of this order.',
        'Find out from those who did it, or from the customer, whether it happened; then say kept or broken.',
      ];
    case 'promise-at-risk':
      return [
        meant ? spoken(meant) : 'Look at the promises of this order.',
        'Will it happen in time? Ask those who do it, and see to it that it does.',
        'If it will not, tell the customer today, before the day is there, and say when it will.',
      ];
    case 'month-in-use':
      return [
        `They have had it for a month (${bought}). Does it do what it was bought for?`,
        'What takes too long, what do they not use, what would they ask for now? Write it down in their words.',
        'Agree on one thing that you will do for them, and by when.',
      ];
    case 'first-maintenance':
      return [
        'Agree on a day with those who use it.',
        'Do the maintenance, or see to it that it is done, and write down what was found.',
        'Done means: the machine runs, and the customer knows what was done.',
      ];
    case 'yearly-review':
      return [
        'What went well in the last year, and what did not? Read the story of this order before you call.',
        'What do they plan for the next year, and what will they need for it?',
        'Agree on what each of you does, and by when.',
      ];
    case 'renewal':
      return [
        'Look first whether it has been renewed already: then skip this.',
        'Say which contract ends, and on which day. Ask how it served them.',
        'Is it to go on as it is, or otherwise? Say what it costs, and send it in writing.',
      ];
    case 'top-customer':
      return [
        `They belong to the fifth of customers who have bought for the most. Thank them for the order (${bought}).`,
        'Has it arrived, and is it what they wanted? Offer nothing.',
        'Tell them your name and how they reach you.',
      ];
    case 'loyalty':
      return ['Thank them in your own words for coming back.', 'Say what they get, and how they get it.'];
    case 'win-back':
      return [
        `It is later than they usually order. Ask how they are, and how what they bought serves them (${bought}).`,
        'Was something not right? Listen to the end; a complaint is recorded as one.',
        'If they simply need nothing, ask when you may get in touch again.',
      ];
    case APPROVE:
      return [
        'Read the mail as the customer would: is it true for them, today?',
        'If it is not, do not send it, and write or call yourself where that helps.',
      ];
    case 'up-sell':
      return [
        `They bought ${bought}. Ask how they use it before you offer anything.`,
        'Offer one thing that goes with it, and say what they gain by it.',
        'A no is a no: write down why, and thank them.',
      ];
    case 'interested':
      return [
        'They want to buy. Call soon: interest cools.',
        'Ask what for and by when; make the offer.',
        'When they order, the new order ends this follow-up by itself.',
      ];
    case 'complaint':
      return [
        'Thank them for telling us, and apologise.',
        'Let them tell it all. Ask what they want.',
        'Put it right for good: the cause, not only this case.',
        'Tell the customer that it is done, and how. Only then is it done.',
      ];
    case 'uncertain':
      return [
        'The connection broke while the mail was handed over: nobody can tell whether it arrived.',
        "Look into the mail server's log, or ask the customer.",
        'If it did not arrive, it is sent again.',
      ];
    case 'customer-asks':
      return ['They asked for a call, and were told by when. Call in time, even if you have no answer yet.'];
    default:
      return [];
  }
}

/** Delivery that nobody reported is asked for first: everything else would sound odd if nothing has come. */
const arrival = (followUp: FollowUp, bought: string) =>
  followUp.deliveredAt === null
    ? [`Nobody has reported the delivery. Ask first: has it arrived (${bought})?`]
    : [`It has arrived (${bought}).`];

/** A promise as it is said to the customer, whose days count. */
const spokenTo =
  (show: Show, zone: string) =>
  ({ what, by, state }: Pledge) =>
    `We promised: ${what}, by ${agreed(by, show, zone)} (${PLEDGE_WORDS[state].toLowerCase()}).`;

const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
