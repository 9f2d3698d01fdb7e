import { Context } from '@temporalio/activity';
import type { Content } from '../mail/content.ts';
import type { Mailer } from '../mail/smtp.ts';
import type { Templates } from '../mail/templates.ts';
import type { Store } from '../store/database.ts';

/** What the activities work with. */
export interface House {
  store: Store;
  mailer: Mailer;
  templates: Templates;
  /** What mails bring along that is of use. */
  content: Content;
  /** Answers and bounces come to us: there is a mailbox that is read, or mail is caught. */
  hears: boolean;
  /** Where customers reach the pages behind links, without a slash at the end. */
  publicUrl: string;
}

/** How much of a story an admin is shown. */
export const MOST_LINES = 30;

/** Which follow-up, and the workflow's own instant: an activity has no clock of its own. */
export interface Now {
  order: string;
  now: number;
}

/** The same of a complaint about the order. */
export interface NowOfComplaint extends Now {
  complaint: string;
}

/** And which contact of it. */
export interface Due extends Now {
  touch: string;
  occurrence: string;
}

/** The workflow's instant, moved on by what has passed since the first try of this activity. */
export function instantOf({ now }: Now): number {
  const { attempt, scheduledTimestampMs, currentAttemptScheduledTimestampMs } = Context.current().info;
  return attempt > 1 ? now + (currentAttemptScheduledTimestampMs - scheduledTimestampMs) : now;
}
