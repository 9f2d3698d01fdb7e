import { z } from 'zod';
import type { Hours } from './calendar.ts';
import { isOfComplaint, type Remedy } from './complaint.ts';
import { TASK_KINDS, type TaskKind } from './task.ts';
import { readSpan, SPAN_FORM, type Span } from './time.ts';
import { readYaml } from './yaml.ts';

/**
 * What a touch counts from. `promise`, `broken promise`, `complaint`, `complaint closed`, `interest`, `return`, `earned
 * referral`, `term end` and `warranty end` make one contact for each of them; `touch` counts from when another touch came
 * out well.
 */
export const ANCHORS = [
  'order',
  'payment',
  'delivery',
  'installation',
  'promise',
  'broken promise',
  'answer',
  'complaint',
  'complaint closed',
  'interest',
  'return',
  'earned referral',
  'expected order',
] as const;
/** What a touch may come before. */
export const ENDS = ['promise', 'term end', 'warranty end', 'expected order'] as const;
export type Anchor = (typeof ANCHORS)[number] | (typeof ENDS)[number] | 'touch';

/** What must be true of the follow-up for a touch to happen; all that are named must be. */
export const CONDITIONS = [
  'paid',
  'promoter',
  'passive',
  'detractor',
  'not detractor',
  'answered',
  'silent',
  'first order',
  'repeat order',
  'top fifth',
  'review page',
] as const;
export type Condition = (typeof CONDITIONS)[number];

/** Why someone is contacted; each has its own consent. */
export const PURPOSES = ['service', 'selling'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** What a mail brings along that is of use: told once, and never what the customer owns. */
export const CARGOES = ['tip', 'offer'] as const;
export type Cargo = (typeof CARGOES)[number];

/** How a touch reaches out: a mail, a mail with a survey, or a task for a person. */
export type Deed = 'send' | 'ask' | TaskKind;
const DEEDS: readonly Deed[] = ['send', 'ask', ...TASK_KINDS];

/** How long a colleague has for a task: a length of time, or until the business day is over. */
export type Deadline = Span | typeof SAME_DAY;
export const SAME_DAY = 'same business day';

/** What a customer reaches with an order: so many orders, or so much value in the order's currency. */
export type Threshold = { orders: number } | { value: number; currency: string };

/** One planned contact. */
export interface Touch {
  name: string;
  anchor: Anchor;
  /** The touch it counts from, where the anchor is one. */
  follows: string | null;
  /** It comes before what it counts from, not after. */
  before: boolean;
  wait: Span;
  /** It comes again and again; null: once. */
  every: Span | null;
  when: Condition[];
  /** It is made for the order that reaches this. */
  reaching: Threshold | null;
  deed: Deed;
  /** The template that is sent, the survey that is asked, or the reason on the task. */
  what: string;
  purpose: Purpose;
  /** The part a person has in the purchase who is contacted instead of who ordered, as user; null: who ordered. */
  to: string | null;
  carries: Cargo | null;
  /** What the customer is given. */
  gift: string;
  /** Hours of the day, where the customer is; null: those of the channel. */
  between: Hours | null;
  /** How often a call is tried. */
  attempts: number;
  /** How often an unanswered survey is asked again. */
  reminders: number;
  remindAfter: Span;
  within: Deadline;
  /** How long after its task was due the manager hears that it is not done; null: never. */
  escalateAfter: Span | null;
  /** Care that is still made when the customer has ordered again. */
  owed: boolean;
  /** From when on it is better not made at all; null: never. */
  tooLateAfter: Span | null;
  /** The task in which its owner lets this mail go, by name; null: nobody has to. */
  approvedBy: string | null;
  /** It is that task: made a business day ahead, as far as there is one. */
  approves: boolean;
}

export interface KeepInTouch {
  every: Span;
  what: string;
  purpose: Purpose;
  carries: Cargo | null;
  /** Without a sign of life for this long nobody is bothered any more. */
  dormantAfter: Span;
}

/** How complaints are seen to. */
export interface ComplaintRules {
  /** How soon the customer hears from somebody, and how much earlier the colleague is to call. */
  answerWithin: Span;
  margin: Span;
  /** How soon it is put right, and how soon the customer is told what was changed for good. */
  fixWithin: Span;
  toldWithin: Span;
  /** How long before something is late its owner is warned. */
  warnBefore: Span;
  /** A score this low, or lower, is a complaint by itself; null: none is. */
  openedBy: { nps: number | null; csat: number | null };
  remedies: Remedy[];
}

/** The after-sale process as data. A running follow-up keeps the version it started with. */
export interface Playbook {
  name: string;
  title: string;
  /** An order older than this when it comes in is history. */
  followWithin: Span;
  /** How long delivery takes when nobody says. */
  deliveryAfter: Span;
  /** How long an answer to a survey is taken. */
  answerWithin: Span;
  /** How long an interested customer is left to sales. */
  interestPauses: Span;
  /** How long after the delivery something may be given back. */
  returnWithin: Span;
  /** When the next order is expected where neither the customer nor the product shows a rhythm; null: not at all. */
  nextOrderAfter: Span | null;
  /** An order this soon after the last is an add-on: it proves nobody satisfied. */
  addOnWithin: Span;
  /** Categories that always are add-ons, as spare parts; in small letters. */
  addOns: string[];
  touches: Touch[];
  /** What happens between the end of the plan and the next order; null: nothing. */
  keepInTouch: KeepInTouch | null;
  complaints: ComplaintRules;
}

/** Touches that belong to the wait for the next order, not to the plan after this one. */
export const isOfTheWait = ({ anchor, every }: Touch) =>
  every !== null || anchor === 'expected order' || anchor === 'term end' || anchor === 'warranty end';

// The titles say what a key takes: editors show them, and so does docs/playbooks.md.
const span = z
  .string({ error: `is not a length of time; allowed: ${SPAN_FORM}` })
  .regex(/^ *\d{1,4} (minute|hour|business day|day|week|month|year)s? *$/, {
    error: `is not a length of time; allowed: ${SPAN_FORM}`,
  })
  .meta({ title: 'a length of time' });
const name = (what: string) => {
  const error = `is not the name of a ${what}; allowed: up to 40 small letters, digits and hyphens, a letter first`;
  return z
    .string({ error })
    .regex(/^[a-z][a-z0-9-]{0,39}$/, { error })
    .meta({ title: 'a name' });
};
const yes = z.boolean({ error: 'is neither yes nor no; allowed: yes, no' }).meta({ title: 'yes or no' });
const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `is unknown; allowed: ${values.join(', ')}` });
const pattern = (form: RegExp, what: string, allowed: string) => {
  const error = `is not ${what}; allowed: ${allowed}`;
  return z.string({ error }).regex(form, { error }).meta({ title: what });
};
const count = (least: number, most: number) => {
  const error = `is no such number; allowed: whole numbers from ${least} to ${most}`;
  return z
    .int({ error })
    .min(least, { error })
    .max(most, { error })
    .meta({ title: `${least} to ${most}` });
};
const text = (most: number) => {
  const error = `is no text, or too short or too long; allowed: 1 to ${most} characters`;
  return z
    .string({ error })
    .min(1, { error })
    .max(most, { error })
    .meta({ title: `up to ${most} characters` });
};
/** For editors, which cannot run our checks: exactly one of these keys is there. */
const exactlyOne = (keys: readonly string[]) => ({ oneOf: keys.map((key) => ({ required: [key] })) });
/** For editors: whoever gives this key one of these values needs the other. */
const needs = (key: string, values: readonly unknown[], other: string) => ({
  if: { properties: { [key]: { enum: values } }, required: [key] },
  // biome-ignore lint/suspicious/noThenProperty: JSON Schema calls it so.
  then: { required: [other] },
});

const HOURS_FORM = /^([01]?\d|2[0-3]):([0-5]\d) ?- ?([01]?\d|2[0-4]):([0-5]\d)$/;
const UP_TO_FORM = /^(\d{1,9}) ([A-Z]{3})$/;
const REACHING_FORM = /^(\d{1,9}) (orders|[A-Z]{3})$/;

const touchShape = z
  .strictObject({
    name: name('touch').describe('What the touch is called in stories, lists and the Temporal UI.'),
    after: z
      .union([oneOf(ANCHORS), name('touch').meta({ title: 'the name of another touch' })], {
        error: `is unknown; allowed: ${ANCHORS.join(', ')}, or the name of another touch`,
      })
      .optional()
      .describe('What it counts from; of another touch: from when that came out well.'),
    before: oneOf(ENDS).optional().describe('What it comes before, instead of `after`.'),
    wait: span.optional().describe('How long after that, or before it; at once if left out.'),
    every: span.optional().describe('It comes again and again: first after the wait, then each time this much later.'),
    between: pattern(HOURS_FORM, 'hours of a day', 'two times, as 10:00-17:00')
      .refine((text) => endsAfterItBegins(hoursOf(text)), {
        error: 'ends before it begins; allowed: two times on one day, as 10:00-17:00',
      })
      .optional()
      .describe('When a mail or a call may be made, by the clock where the customer is, as `10:00-17:00`.'),
    when: z
      .union([oneOf(CONDITIONS), z.array(oneOf(CONDITIONS))], {
        error: `is unknown; allowed: ${CONDITIONS.join(', ')}`,
      })
      .optional()
      .describe('What must be true; all of it if several.'),
    'on reaching': pattern(
      REACHING_FORM,
      'a number of orders or a value',
      'a number of orders or a value and its currency, as 5 orders or 1000 EUR',
    )
      .optional()
      .describe('Only for the order with which the customer reaches this, as `5 orders` or `1000 EUR` in all.'),
    send: name('template').optional().describe('Send this template.'),
    ask: name('survey').optional().describe('Send this survey.'),
    call: name('reason').optional().describe('A call task for this reason.'),
    letter: name('reason').optional().describe('A letter task for this reason.'),
    check: name('reason').optional().describe('A check task: was it kept?'),
    fix: name('reason').optional().describe('A task to put something right.'),
    other: name('reason').optional().describe('Any other task.'),
    to: name('role')
      .optional()
      .describe('Who of the company is contacted, by their role, as `user`; who ordered if left out or not known.'),
    carries: oneOf(CARGOES)
      .optional()
      .describe('What of use the mail brings; it is not sent when there is none left for this customer.'),
    gift: text(200).optional().describe('Something of value the customer gets, in the words of the mail.'),
    approval: yes.optional().describe('The owner gets a task to read the mail first, and lets it go or not.'),
    purpose: oneOf(PURPOSES).optional().describe('Which consent it needs; service if left out.'),
    attempts: count(1, 9).optional().describe('How often a call is tried; once if left out.'),
    reminders: count(0, 5).optional().describe('How often an unanswered survey is asked again; never if left out.'),
    'remind after': span.optional().describe('The pause before each reminder; 5 days if left out.'),
    'due within': z
      .union([z.literal(SAME_DAY), span], {
        error: `is not a length of time; allowed: ${SPAN_FORM}, or "${SAME_DAY}"`,
      })
      .optional()
      .describe('How long the colleague has for the task; 1 business day if left out.'),
    'escalate after': span
      .optional()
      .describe('How long after its task was due the manager gets a task because it is not done; never if left out.'),
    owed: yes.optional().describe('Care that is still made after a reorder.'),
    'too late after': span
      .optional()
      .describe('How long after its first day it is better not made at all; never if left out.'),
  })
  .superRefine((touch, issue) => {
    const wrong = (message: string, ...path: string[]) => issue.addIssue({ code: 'custom', message, path });
    const deeds = DEEDS.filter((deed) => touch[deed] !== undefined);
    if (deeds.length !== 1) wrong(`must do one thing; allowed: exactly one of ${DEEDS.join(', ')}`);
    if ((touch.after === undefined) === (touch.before === undefined))
      wrong('must count from one thing; allowed: exactly one of after, before');
    if (touch.approval && touch.send === undefined) wrong('is only for mail; allowed: with send', 'approval');
    if (touch.carries && touch.send === undefined) wrong('is only for mail; allowed: with send', 'carries');
    if (touch.gift && touch.send === undefined) wrong('is only for mail; allowed: with send', 'gift');
    if (touch.attempts && touch.call === undefined) wrong('is only for calls; allowed: with call', 'attempts');
    for (const key of ['reminders', 'remind after'] as const)
      if (touch[key] !== undefined && touch.ask === undefined) wrong('is only for surveys; allowed: with ask', key);
    if (touch.between && touch.send === undefined && touch.ask === undefined && touch.call === undefined)
      wrong('is for what reaches the customer; allowed: with send, ask or call', 'between');
    if (touch['escalate after'] && touch.send !== undefined)
      wrong('is for what a colleague does; allowed: not with send', 'escalate after');
    if (touch.every && touch.before !== undefined) wrong('never ends; allowed: with after', 'every');
  })
  .meta({
    title: 'One planned contact',
    allOf: [
      exactlyOne(DEEDS),
      exactlyOne(['after', 'before']),
      needs('approval', [true, 'yes'], 'send'),
      needs('carries', CARGOES, 'send'),
    ],
    dependentRequired: {
      gift: ['send'],
      attempts: ['call'],
      reminders: ['ask'],
      'remind after': ['ask'],
      every: ['after'],
    },
    dependentSchemas: { between: { anyOf: ['send', 'ask', 'call'].map((key) => ({ required: [key] })) } },
  });

const keepInTouchShape = z
  .strictObject({
    every: span.describe('The pause since the last contact; it doubles after every two without a sign of life.'),
    send: name('template').describe('Send this template.'),
    purpose: oneOf(PURPOSES).optional().describe('Which consent it needs; selling if left out.'),
    carries: oneOf([...CARGOES, 'nothing'])
      .optional()
      .describe('What of use it brings; a tip if left out. With nothing useful left nothing is sent.'),
    'dormant after': span
      .optional()
      .describe('Without a sign of life for this long the customer is left in peace; 2 years if left out.'),
  })
  .meta({ title: 'its keys, below' });

const remedyShape = z
  .strictObject({
    name: text(80).describe('What is offered, as colleagues call it.'),
    for: z.array(text(40), { error: 'is not a list; allowed: a list of roles, as [salesperson]' }).optional().meta({
      title: 'a list of roles',
      description:
        "Who may offer it without the manager's word, by their roles, as `[salesperson]`; everybody if left out.",
    }),
    'up to': pattern(UP_TO_FORM, 'an amount', 'a whole number and its currency, as 50 EUR')
      .optional()
      .describe('How much of it they may offer, as `50 EUR`; as much as they see fit if left out.'),
  })
  .meta({ title: 'One remedy' });

const complaintsShape = z
  .strictObject({
    'answer within': span
      .optional()
      .describe('How soon the customer is told that somebody calls; 1 business day if left out.'),
    margin: span.optional().describe('How much earlier than that the call is due; 2 hours if left out.'),
    'fix within': span.optional().describe('How soon it is put right; 5 business days if left out.'),
    'told within': span
      .optional()
      .describe('How soon the customer is told what was changed for good; 10 business days if left out.'),
    'warn before': span
      .optional()
      .describe('How long before something is late its owner is warned; 4 hours if left out.'),
    'opened by nps': count(0, 6)
      .optional()
      .describe('An `nps` score this low, or lower, is a complaint by itself; none is if left out.'),
    'opened by csat': count(1, 2).optional().describe('The same of a `csat` score.'),
    remedies: z
      .array(remedyShape, { error: 'is not a list; allowed: remedies, each beginning with "-"' })
      .min(1, { error: 'is empty; allowed: one remedy or more' })
      .optional()
      .meta({
        title: 'a list of remedies',
        description: 'What may be offered, and by whom; the same name may come again for another role.',
      }),
  })
  .meta({ title: 'its keys, below' });

/** A playbook as it stands in its YAML file. */
export const playbookShape = z
  .strictObject({
    name: name('playbook').describe('What orders ask for it by.'),
    title: text(80).describe('What people call it.'),
    'follow within': span.optional().describe('An older order is kept as history; 30 days if left out.'),
    'delivery after': span.optional().describe('How long delivery takes when nobody says; 5 days if left out.'),
    'answer within': span.optional().describe('How long a survey takes answers; 90 days if left out.'),
    'interest pauses': span
      .optional()
      .describe('How long an interested customer is left to sales; 14 days if left out.'),
    'return within': span
      .optional()
      .describe('How long after the delivery something may be given back or exchanged; 30 days if left out.'),
    'next order after': span
      .optional()
      .describe('When the next order is expected where neither the customer nor the product shows a rhythm.'),
    'add-on within': span
      .optional()
      .describe('An order this soon after the last proves nobody satisfied; 7 days if left out.'),
    'add-ons': z
      .array(text(80), { error: 'is not a list; allowed: a list of categories, as [spare parts]' })
      .optional()
      .meta({
        title: 'a list of categories',
        description: 'What proves nobody satisfied at any time, as `[spare parts]`.',
      }),
    touches: z
      .array(touchShape, { error: 'is not a list; allowed: touches, each beginning with "-"' })
      .min(1, { error: 'is empty; allowed: one touch or more' })
      .meta({ title: 'a list of touches', description: 'The contacts, in any order.' }),
    'keep in touch': keepInTouchShape
      .optional()
      .describe('What goes on between the end of the plan and the next order.'),
    complaints: complaintsShape.optional().describe('How complaints are seen to, and what colleagues may offer.'),
  })
  .superRefine((playbook, issue) => {
    const seen = new Set<string>();
    const wrong = (at: number, key: string, message: string) =>
      issue.addIssue({ code: 'custom', path: ['touches', at, key], message });
    for (const [at, touch] of playbook.touches.entries())
      for (const taken of namesOf(touch)) {
        if (seen.has(taken) || taken === KEEP_IN_TOUCH || isOfComplaint(taken))
          wrong(at, 'name', `"${taken}" is taken; allowed: a name of its own`);
        seen.add(taken);
      }
    for (const [at, { name, after }] of playbook.touches.entries())
      if (after !== undefined && !isAnchor(after) && (!seen.has(after) || after === name))
        wrong(
          at,
          'after',
          `"${after}" is neither an anchor nor another touch; allowed: ${[...ANCHORS, ...seen].filter((one) => one !== name).join(', ')}`,
        );
    const circle = inCircles(playbook.touches);
    if (circle >= 0) wrong(circle, 'after', 'waits for itself in the end; allowed: touches that do not wait for it');
  })
  .meta({ title: 'A playbook of Aftercare' });

/** The names a touch takes: its own, and those of the tasks that come with it. */
const namesOf = ({ name, approval, 'escalate after': escalates }: z.infer<typeof touchShape>) => [
  name,
  ...(approval ? [approvalOf(name)] : []),
  ...(escalates ? [notDoneOf(name)] : []),
];

const isAnchor = (text: string): text is (typeof ANCHORS)[number] => (ANCHORS as readonly string[]).includes(text);

/** The first touch that waits for itself by way of others; -1: none. */
function inCircles(touches: { name: string; after?: string }[]): number {
  const waitsFor = new Map(touches.map(({ name, after }) => [name, after]));
  return touches.findIndex(({ name }) => {
    let at = waitsFor.get(name);
    for (let steps = 0; at !== undefined && steps < touches.length; steps += 1, at = waitsFor.get(at))
      if (at === name) return true;
    return false;
  });
}

/** The task in which the owner lets a mail go. */
export const approvalOf = (touch: string) => `${touch}-approval`;
/** The reason on that task. */
export const APPROVE = 'approve-mail';

/** The task by which the manager hears that another is not done, and the reason on it. */
export const notDoneOf = (touch: string) => `${touch}-not-done`;
export const NOT_DONE = 'not-done';
export const isNotDone = (touch: string | undefined): boolean => touch?.endsWith(notDoneOf('')) ?? false;

/** The touch that goes on until the reorder. */
export const KEEP_IN_TOUCH = 'keep-in-touch';

/**
 * Reads a playbook; a mistake is a Problem naming file, line, what is wrong and what is allowed. Where the names of the
 * templates or the surveys are given, it may send or ask no others.
 */
export function readPlaybook(source: string, file: string, templates?: string[], surveys?: string[]): Playbook {
  const reading = { code: 'playbook-wrong', page: 'docs/playbooks.md', plain: 'values' } as const;
  const { data, wrong } = readYaml(source, file, playbookShape, reading);
  const known = { template: templates, survey: surveys };
  for (const { kind, path, name } of namedIn(data)) {
    const names = known[kind];
    if (names && !names.includes(name)) throw wrong(path, `there is no ${kind} "${name}"`, names.join(', '));
  }
  return compile(data);
}

/** The templates a playbook sends and the surveys it asks, and where it says so. */
function namedIn(data: z.infer<typeof playbookShape>) {
  const named = (kind: 'template' | 'survey', name: string | undefined, ...path: (string | number)[]) =>
    name ? [{ kind, name, path }] : [];
  return [
    ...data.touches.flatMap(({ send, ask }, at) => [
      ...named('template', send, 'touches', at, 'send'),
      ...named('survey', ask, 'touches', at, 'ask'),
    ]),
    ...named('template', data['keep in touch']?.send, 'keep in touch', 'send'),
  ];
}

function compile(data: z.infer<typeof playbookShape>): Playbook {
  const or = (text: string | undefined, standard: string) => readSpan(text ?? standard)!;
  const maybe = (text: string | undefined) => (text ? readSpan(text) : null);
  const keep = data['keep in touch'];
  const complaints = data.complaints ?? {};
  return {
    name: data.name,
    title: data.title,
    followWithin: or(data['follow within'], '30 days'),
    deliveryAfter: or(data['delivery after'], '5 days'),
    answerWithin: or(data['answer within'], '90 days'),
    interestPauses: or(data['interest pauses'], '14 days'),
    returnWithin: or(data['return within'], '30 days'),
    nextOrderAfter: maybe(data['next order after']),
    addOnWithin: or(data['add-on within'], '7 days'),
    addOns: (data['add-ons'] ?? []).map((category) => category.toLowerCase()),
    keepInTouch: keep
      ? {
          every: readSpan(keep.every)!,
          what: keep.send,
          purpose: keep.purpose ?? 'selling',
          carries: keep.carries === 'nothing' ? null : (keep.carries ?? 'tip'),
          dormantAfter: or(keep['dormant after'], '2 years'),
        }
      : null,
    complaints: {
      answerWithin: or(complaints['answer within'], '1 business day'),
      margin: or(complaints.margin, '2 hours'),
      fixWithin: or(complaints['fix within'], '5 business days'),
      toldWithin: or(complaints['told within'], '10 business days'),
      warnBefore: or(complaints['warn before'], '4 hours'),
      openedBy: { nps: complaints['opened by nps'] ?? null, csat: complaints['opened by csat'] ?? null },
      remedies: (complaints.remedies ?? USUAL_REMEDIES).map((remedy) => ({
        name: remedy.name,
        roles: (remedy.for ?? []).map((role) => role.toLowerCase()),
        upTo: remedy['up to'] ? amountOf(remedy['up to']) : null,
      })),
    },
    touches: data.touches.flatMap((touch) => {
      const deed = DEEDS.find((one) => touch[one] !== undefined)!;
      const after = touch.after ?? touch.before!;
      const known = touch.before !== undefined || isAnchor(after);
      const compiled: Touch = {
        name: touch.name,
        anchor: known ? (after as Anchor) : 'touch',
        follows: known ? null : after,
        before: touch.before !== undefined,
        wait: or(touch.wait, '0 minutes'),
        every: maybe(touch.every),
        when: touch.when === undefined ? [] : [touch.when].flat(),
        reaching: touch['on reaching'] ? thresholdOf(touch['on reaching']) : null,
        deed,
        what: touch[deed]!,
        purpose: touch.purpose ?? 'service',
        to: touch.to ?? null,
        carries: touch.carries ?? null,
        gift: touch.gift ?? '',
        between: touch.between ? hoursOf(touch.between) : null,
        attempts: touch.attempts ?? 1,
        reminders: touch.reminders ?? 0,
        remindAfter: or(touch['remind after'], '5 days'),
        within: touch['due within'] === SAME_DAY ? SAME_DAY : or(touch['due within'], '1 business day'),
        escalateAfter: maybe(touch['escalate after']),
        owed: touch.owed ?? false,
        tooLateAfter: maybe(touch['too late after']),
        approvedBy: touch.approval ? approvalOf(touch.name) : null,
        approves: false,
      };
      return touch.approval ? withApproval(compiled) : [compiled];
    }),
  };
}

/** What is offered where a playbook does not say: everybody may, but for money. */
const USUAL_REMEDIES: z.infer<typeof remedyShape>[] = [
  { name: 'Explanation' },
  { name: 'Repair' },
  { name: 'Exchange' },
  { name: 'Refund', for: ['manager'] },
];

/** A mail that the owner lets go is two touches: the task to read it, and the mail, which waits for that. */
const withApproval = (mail: Touch): Touch[] => [
  {
    ...mail,
    name: approvalOf(mail.name),
    deed: 'other',
    what: APPROVE,
    carries: null,
    gift: '',
    between: null,
    approvedBy: null,
    approves: true,
  },
  mail,
];

const endsAfterItBegins = (hours: Hours | null) => hours === null || hours.from < hours.to;

function hoursOf(text: string): Hours | null {
  const [, fromHour, fromMinute, toHour, toMinute] = (HOURS_FORM.exec(text) ?? []).map(Number);
  return Number.isNaN(fromHour) || toHour === undefined
    ? null
    : { from: fromHour * 60 + fromMinute, to: Math.min(toHour * 60 + toMinute, 1_440) };
}

function amountOf(text: string) {
  const [, value, currency] = UP_TO_FORM.exec(text)!;
  return { value: Number(value), currency };
}

function thresholdOf(text: string): Threshold {
  const [, figure, unit] = REACHING_FORM.exec(text)!;
  return unit === 'orders' ? { orders: Number(figure) } : { value: Number(figure), currency: unit };
}
