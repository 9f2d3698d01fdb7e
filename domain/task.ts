/** Work for a person, with one owner and a due time. */
export const TASK_KINDS = ['call', 'letter', 'check', 'fix', 'other'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

export const TASK_STATUSES = ['open', 'done', 'cancelled'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** How a task can come out, each with the words on its button. */
export const OUTCOMES = {
  reached: 'Reached',
  'no-answer': 'No answer',
  voicemail: 'Left a voicemail',
  'wrong-number': 'Wrong number',
  'call-back': 'Call back later',
  'not-interested': 'Not interested',
  complaint: 'Has a complaint',
  ordered: 'Ordered again',
  done: 'Done',
  kept: 'Kept',
  broken: 'Broken',
  skipped: 'Skip',
} as const;
export type Outcome = keyof typeof OUTCOMES;

/** Which outcomes fit which kind of task. */
export const OUTCOMES_OF: Record<TaskKind, readonly Outcome[]> = {
  call: [
    'reached',
    'no-answer',
    'voicemail',
    'wrong-number',
    'call-back',
    'not-interested',
    'complaint',
    'ordered',
    'skipped',
  ],
  letter: ['done', 'skipped'],
  check: ['kept', 'broken', 'skipped'],
  fix: ['done', 'skipped'],
  other: ['done', 'not-interested', 'complaint', 'ordered', 'skipped'],
};

/** Outcomes of a call that nobody took: it is tried again. */
export const UNANSWERED: readonly Outcome[] = ['no-answer', 'voicemail'];

/** What no playbook plans: the customer asked for a person. */
export const TALK = 'talk-to-a-person';

/** Nor this: the customer answered a mail. */
export const REPLY = 'reply';

/** Outcomes that show that the customer was there. */
export const HEARD: readonly Outcome[] = ['reached', 'call-back', 'not-interested', 'complaint', 'ordered'];
