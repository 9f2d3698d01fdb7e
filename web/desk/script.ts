import { aboutOf, type FollowUp, type Pledge } from '../../domain/followUp.ts';
import { APPROVE, NOT_DONE } from '../../domain/playbook.ts';
import { REFERRAL_BURST, REWARD } from '../../domain/referral.ts';
import { type Band, bandOf, type Survey } from '../../domain/survey.ts';
import type { Settles } from '../../store/desk.ts';
import type { Customer } from '../../store/followUps.ts';
import { agreed, type Show } from '../ui/show.ts';
import { PLEDGE_WORDS, sentence } from '../ui/words.ts';

/** What a script is written from. */
export interface Situation {
  reason: string;
  customer: Customer;
  /** The order the task is about, and what has become of it. */
  followUp: FollowUp;
  about: Settles | undefined;
  /** What was bought, in a few words. */
  products: string;
  /** The survey that is asked. */
  survey: Survey | null;
  show: Show;
}

/** What to say or do, step by step; short enough to be read while the phone rings. */
export function scriptOf(situation: Situation): string[] {
  const { reason, followUp, about, products, survey, show, customer } = situation;
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
        ...(survey?.questions ?? []).map(spokenQuestion),
        'How did it benefit you?',
        'What could be better?',
        'Thank them, and fill in the answers below while they speak.',
      ];
    case 'detractor':
      return [
        `They gave ${lowScoreOf(followUp)}. Thank them for saying so.`,
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
        'Hear them first, if nobody has. Choose what you offer on the page of the complaint: if it is more than you may offer, your manager is asked there.',
        'Put it right, and soon. Done means: it is put right for this customer. The cause comes after that.',
      ];
    case 'complaint-listen':
      return [
        'Thank them for telling us, and apologise, also where you think they are wrong.',
        'Let them tell it all; do not interrupt, and do not defend us. Write it down in their words.',
        'Ask what they want: an apology, a repair, an exchange, their money back, an explanation, or something else.',
        'Say what happens next, and by when.',
      ];
    case 'complaint-approval':
      return [
        'What has it cost the customer, and what is the customer worth to us?',
        'Agree, or write in the note what they may offer instead. The customer waits.',
      ];
    case 'complaint-apology':
      return [
        'Apologise in your own words. The page of the complaint has a letter to print, in their language.',
        'If you would rather call, or have apologised on the phone, say so on that page.',
      ];
    case 'complaint-cause':
      return [
        'Why did it happen? Ask why once more of each answer, until it is something that can be changed.',
        'Change it, so that it happens to nobody again. Write down both on the page of the complaint: what you write there about the change is what the customer is told.',
      ];
    case 'complaint-tell':
      return [
        'Tell them what was changed so that it does not happen again, and thank them for having said so.',
        'Ask whether anything is left. Only then is the complaint closed.',
      ];
    case 'complaint-at-risk':
      return ['The next step of this complaint is late in a few hours, and then goes to your manager. See to it now.'];
    case 'complaint-late':
      return [
        'It was not done in time, so it is yours now, with its open tasks. The customer was told by when somebody calls.',
        'See to the customer first; ask your colleague what stood in the way after that.',
      ];
    case 'all-well':
      return [
        'They complained, and it was put right. Ask whether all is well now, and listen to the end.',
        'If it is not, record it as a complaint: it begins anew. Sell nothing.',
      ];
    case NOT_DONE:
      return [
        about
          ? `${sentence(about.touch.replace(/-not-done$/, ''))} was due, and nobody has done it.`
          : 'See what is overdue.',
        'Do it yourself, or see to it that it is done today. This task goes away when it is.',
      ];
    case 'return': {
      const goods = about && followUp.returns[aboutOf(about.occurrence) - 1];
      return [
        goods
          ? `${goods.receipt}: ${goods.what || 'something'}, to be sent by ${show.day(goods.sendBy)}.`
          : 'Look at what comes back.',
        'Is it on its way, or here? Write down under Returns when it has arrived.',
        'Then settle it there, and tell the customer. That closes this task; until then it comes again.',
      ];
    }
    case REWARD:
      return [
        'Somebody they sent has paid and kept what they bought. What they were promised stands under Referrals.',
        'See to it that they get it, and let them know. Given means: they have it.',
      ];
    case REFERRAL_BURST:
      return [
        'See under Referrals who else came through the same customer: real people, who know them?',
        'A code that was put up in public, or customers that are all alike, do not count. If in doubt, ask who sent them.',
        'What you say is said of all who wait now. If they count, whoever sent them is thanked for each order that is paid and kept.',
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

/** A question as it is put on the phone. */
function spokenQuestion(question: Survey['questions'][number]): string {
  const { kind, ask, when } = question;
  const said =
    kind === 'text'
      ? ask
      : kind === 'choice'
        ? `${ask} (${question.options.map(({ says }) => says).join(' / ')})`
        : `${ask} From ${question.from}, ${question.low}, to ${question.to}, ${question.high}.`;
  return when === null ? said : `${ONLY_IF[when]}: ${said}`;
}

/** Whom a question is for that not everybody is asked. */
export const ONLY_IF: Record<Band, string> = {
  promoter: 'If the score is high',
  passive: 'If the score is in the middle',
  detractor: 'If the score is low',
};

/** The score that made somebody call. */
function lowScoreOf({ score, csat }: FollowUp): string {
  if (score !== null && bandOf({ nps: score, csat: null }) === 'detractor') return `${score} of 10`;
  return csat === null ? 'a low score' : `${csat} of 5`;
}

const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
