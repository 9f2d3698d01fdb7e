import type { Logger } from 'pino';
import type { Instant } from '../domain/time.ts';
import type { Store } from '../store/database.ts';
import type { Shelf } from '../store/playbooks.ts';

/** What the web part works with. */
export interface Web {
  store: Store;
  /** The playbooks new orders may begin with, and the rules by which they find theirs. */
  shelf: Shelf;
  /** Where customers and sales systems reach us, without a slash at the end. */
  publicUrl: string;
  /** Full rights to the API. */
  apiToken: string;
  /** Temporal's own pages, if they are known. */
  temporalUi: string | null;
  /** Mail is caught and not delivered: the desk shows it under /dev/mail. */
  catching: boolean;
  now: () => Instant;
  log: Logger;
  /** Parts and whether each is ready; a reason where it is not. */
  readiness: () => Promise<Record<string, true | string>>;
}
