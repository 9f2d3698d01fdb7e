import { z } from 'zod';
import { MOST_A_DAY, REFUSALS, type Refusal } from './adoption.ts';
import { FOLLOW_UP_OUTCOMES, STAGES, STORY, type What } from './followUp.ts';
import { LINKS } from './names.ts';
import { BEST_TIMES, CHANNELS } from './order.ts';
import { fields, id } from './reading.ts';
import { TASK_KINDS, TASK_STATUSES } from './task.ts';

/** What the API answers; the server describes itself by these, and the client has its types from them. */

const time = () => z.string().describe('ISO 8601 in UTC, as 2026-11-02T09:15:00Z.');
const refusalsInWords = () =>
  Object.entries(REFUSALS)
    .map(([why, words]) => `${why}: ${words}`)
    .join('; ');
const orderWord = () => z.string().describe('Source and number, as shop/10042.');

/** What became of an order that was handed in. */
export const orderReply = z.object({
  order: orderWord(),
  followUp: z.string().describe("The follow-up's id in Temporal; the number is percent-encoded."),
  status: z
    .enum(['accepted', 'history', 'known'])
    .describe('history: kept, and nobody is contacted. known: it was there already, nothing new came of it.'),
});
export type OrderReply = z.infer<typeof orderReply>;

/** What became of an event that was reported. */
export const eventReply = z.object({
  order: orderWord(),
  status: z
    .enum(['accepted', 'held', 'known'])
    .describe('held: kept until its order comes, which is not here yet. known: taken before, or nobody may be asked.'),
});
export type EventReply = z.infer<typeof eventReply>;

/** One line of a story. */
export const storyLine = z.object({
  at: time(),
  what: z.enum(Object.keys(STORY) as What[]),
  touch: z.string().optional().describe('The planned contact it is about.'),
  why: z.string().optional().describe('The reason; of a note, a promise or a complaint its text.'),
});
export type StoryLine = z.infer<typeof storyLine>;

/** Where an order stands, and how it came there. */
export const storyReply = z.object({
  order: orderWord(),
  stage: z.enum(STAGES),
  outcome: z.enum(FOLLOW_UP_OUTCOMES).nullable(),
  nextTouch: z.object({ name: z.string(), dueAt: time() }).nullable(),
  story: z.array(storyLine).describe('As it happened, the oldest first.'),
});
export type StoryReply = z.infer<typeof storyReply>;

const byPurpose = () => z.object({ service: z.boolean(), selling: z.boolean() });

/** A customer, with the words of the order. */
export const customerReply = z.object({
  source: z.string(),
  id: z.string(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  company: z.object({ id: z.string().nullable(), name: z.string().nullable() }).nullable(),
  role: z.string().nullable(),
  timeZone: z.string().nullable(),
  locale: z.string().nullable(),
  country: z.string().nullable(),
  consent: byPurpose().describe('What they agreed to, by any channel.'),
  channels: z.object({ email: byPurpose(), phone: byPurpose() }).describe('The same by channel.'),
  preferences: z.object({ channel: z.enum(CHANNELS).optional(), bestTime: z.enum(BEST_TIMES).optional() }),
  referralCode: z.string(),
  pausedUntil: time().nullable().describe('Everything for them waits until then.'),
  linked: z
    .array(z.object({ source: z.string(), id: z.string(), by: z.enum(LINKS) }))
    .describe('The first hundred other records that are one customer with this one: by the rule named, or by hand.'),
});
export type CustomerReply = z.infer<typeof customerReply>;

/** Work for a person. */
export const taskReply = z.object({
  id: z.string(),
  kind: z.enum(TASK_KINDS),
  reason: z.string(),
  order: orderWord(),
  customer: z.object({ source: z.string(), id: z.string(), name: z.string().nullable() }),
  owner: z.string().describe('The handle of a colleague.'),
  dueAt: time(),
  status: z.enum(TASK_STATUSES),
});
export type TaskReply = z.infer<typeof taskReply>;

/** A page of tasks. */
export const tasksReply = z.object({
  items: z.array(taskReply),
  next: z.string().nullable().describe('The cursor of the next page; null on the last one.'),
});
export type TasksReply = z.infer<typeof tasksReply>;

/** What became of the outcome of a task. */
export const outcomeReply = z.object({ task: z.string(), status: z.enum(['accepted', 'known']) });
export type OutcomeReply = z.infer<typeof outcomeReply>;

/** What runs by which version of a playbook. */
export const playbooksReply = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      current: z.string().nullable().describe('The hash of the version new orders begin with; null: no file has it.'),
      open: z.int().describe('Open follow-ups, by whichever version.'),
      versions: z
        .array(z.object({ hash: z.string(), addedAt: time(), open: z.int() }))
        .describe('The current version and all that open follow-ups run by, the newest first.'),
    }),
  ),
});
export type PlaybooksReply = z.infer<typeof playbooksReply>;

/** Which follow-ups are to move to another version of a playbook; with `go` they are moved, else it is only looked at. */
export const moveInput = fields({
  from: z.string().max(16).optional().describe('Only those that run by this version: its hash, or how that begins.'),
  to: z.string().max(16).optional().describe('The version they are to run by: a hash, or current, as if left out.'),
  orders: z
    .array(id(141))
    .min(1)
    .max(1000)
    .optional()
    .describe('Only these, as shop/10042, whatever playbook they run by. Left out: all of this playbook.'),
  go: z.boolean().describe('true: they are moved. false: nothing changes, it is only told what would.'),
  after: z.uuid().optional().describe('The `next` of the page before.'),
});

/** What moving follow-ups changes, or has changed: a page of two hundred at most. */
export const moveReply = z.object({
  playbook: z.string(),
  to: z.string().describe('The hash of the version.'),
  go: z.boolean(),
  left: z.int().describe('Follow-ups that were still to be moved before this page.'),
  followUps: z.int().describe('Those of this page.'),
  unchanged: z.int().describe('Of these, the ones whose plan stays as it is.'),
  added: z.int().describe('Contacts that come in addition.'),
  dropped: z.int().describe('Contacts that fall away.'),
  rescheduled: z.int().describe('Contacts that get another day.'),
  atOnce: z.int().describe('Of those added or rescheduled, the ones that are due at once.'),
  details: z
    .array(
      z.object({
        order: orderWord(),
        from: z.string().describe('The hash of the version it ran by.'),
        changes: z.array(
          z.object({
            what: z.enum(['added', 'dropped', 'rescheduled']),
            touch: z.string(),
            occurrence: z.string(),
            was: time().nullable(),
            dueAt: time().nullable(),
          }),
        ),
      }),
    )
    .describe('The first fifty.'),
  passedOver: z
    .array(z.object({ order: orderWord(), why: z.enum(['unknown', 'over', 'there', 'other-version']) }))
    .describe('Of the orders named, those that do not move: unknown, over, there already, or of another version.'),
  next: z.string().nullable().describe('What to go on after; null: that was all.'),
});
export type MoveReply = z.infer<typeof moveReply>;

/** The pause for everything; no end where there is none. */
export const pauseReply = z.object({
  until: time().nullable(),
  why: z.string().nullable(),
  waiting: z.int().describe('How many follow-ups wait for its end.'),
});
export type PauseReply = z.infer<typeof pauseReply>;

/** What the end of a pause did. */
export const resumeReply = z.object({ woken: z.int().describe('How many follow-ups look again at what is due.') });
export type ResumeReply = z.infer<typeof resumeReply>;

/** Customers of the past that are to be kept in touch with, each by one of their orders. */
export const adoptionInput = fields({
  orders: z
    .array(id(141))
    .min(1)
    .max(1000)
    .describe('Source and number, as shop/10042: any order of the customer; their last one is followed.'),
  perDay: z
    .int()
    .min(1)
    .max(MOST_A_DAY)
    .optional()
    .describe('So many begin a business day, after all who were given a day before. Left out: all at once.'),
});

/** What became of them. */
export const adoptionReply = z.object({
  adopted: z.int().describe('Customers that are kept in touch with from now on.'),
  known: z.int().describe('Those who have an open follow-up already.'),
  refused: z.array(
    z.object({ order: orderWord(), why: z.enum(Object.keys(REFUSALS) as Refusal[]).describe(refusalsInWords()) }),
  ),
  lastAt: time().nullable().describe('When the last of the adopted begins; null: there is none.'),
});
export type AdoptionReply = z.infer<typeof adoptionReply>;

/** What became of a mail provider's report. */
export const mailReportReply = z.object({
  status: z
    .enum(['accepted', 'known', 'unknown'])
    .describe('known: a webhook of this id was taken before. unknown: it is about no mail of ours.'),
});
export type MailReportReply = z.infer<typeof mailReportReply>;

/** What was not made as planned, by reason. */
export const notDoneReply = z.object({
  since: time(),
  reasons: z
    .array(
      z.object({
        what: z.enum(['skipped', 'put-off', 'spilled', 'task-joined', 'task-cancelled']),
        why: z.string().nullable().describe('Null where it became part of a call the customer gets anyway.'),
        count: z.int(),
      }),
    )
    .describe('The most frequent first.'),
});
export type NotDoneReply = z.infer<typeof notDoneReply>;

/** Why a request was refused: problem details (RFC 9457). */
export const problemReply = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z
    .array(z.object({ path: z.string(), message: z.string() }))
    .describe('Everything that is wrong, each with where and what is allowed.'),
});
export type ProblemReply = z.infer<typeof problemReply>;
