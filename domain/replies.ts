import { z } from 'zod';
import { FOLLOW_UP_OUTCOMES, STAGES, STORY, type What } from './followUp.ts';
import { BEST_TIMES, CHANNELS } from './order.ts';
import { TASK_KINDS, TASK_STATUSES } from './task.ts';

/** What the API answers; the server describes itself by these, and the client has its types from them. */

const time = () => z.string().describe('ISO 8601 in UTC, as 2026-11-02T09:15:00Z.');
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
  consent: z.object({ service: z.boolean(), selling: z.boolean() }),
  preferences: z.object({ channel: z.enum(CHANNELS).optional(), bestTime: z.enum(BEST_TIMES).optional() }),
  referralCode: z.string(),
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
