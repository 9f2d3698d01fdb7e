import type { Logger } from 'pino';
import type { Instant } from '../domain/time.ts';
import type { Content } from '../mail/content.ts';
import type { Templates } from '../mail/templates.ts';
import type { Store } from '../store/database.ts';
import type { Shelf } from '../store/playbooks.ts';
import type { Sayings } from './customer/words.ts';

/** What the web part works with. */
export interface Web {
  store: Store;
  /** The playbooks new orders may begin with, and the rules by which they find theirs. */
  shelf: Shelf;
  /** What mails are written with, to show them before they are sent. */
  templates: Templates;
  /** What mails bring along and calls can offer. */
  content: Content;
  /** What customers' pages say, in their languages. */
  sayings: Sayings;
  /** Where customers and sales systems reach us, without a slash at the end. */
  publicUrl: string;
  /** Full rights to the API. */
  apiToken: string;
  /** Temporal's own pages, if they are known. */
  temporalUi: string | null;
  /** Mail is caught and not delivered: the desk shows it under /dev/mail. */
  catching: boolean;
  /** Where what is caught can be answered; null: it is not caught, or nothing runs that catches it. */
  catcherUrl: string | null;
  now: () => Instant;
  log: Logger;
  /** Parts and whether each is ready; a reason where it is not. */
  readiness: () => Promise<Record<string, true | string>>;
}
