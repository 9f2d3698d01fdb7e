import type { Logger } from 'pino';
import type { Caught } from '../mail/catcher.ts';
import { readInbound } from '../mail/inbound.ts';
import { type Inbox, openInbox } from '../mail/inbox.ts';
import { bouncedMessage } from '../mail/verp.ts';
import { keepCaught } from '../store/caughtMails.ts';
import type { Store } from '../store/database.ts';
import { takeInbound } from '../store/inbound.ts';
import { type Loop, loop } from './dispatcher.ts';

const PAUSE_MS = 10_000;

/** Reads the mailbox again and again; `trouble` is what is wrong with it, null where it answers. */
export function startInbox(
  store: Store,
  url: string,
  now: () => number,
  log: Logger,
): Loop & { trouble(): string | null } {
  const inbox = openInbox(url);
  let trouble: string | null = null;
  const reading = loop(log, 'inbox', async () => {
    let failed: unknown = null;
    try {
      failed = await readOnce(store, inbox, now);
      trouble = null;
    } catch (error) {
      trouble = 'the mailbox does not answer';
      throw error;
    }
    if (failed) throw failed;
    return PAUSE_MS;
  });
  return {
    trouble: () => trouble,
    stop() {
      inbox.close();
      return reading.stop();
    },
  };
}

/** One round: takes what is new. A mail that cannot be taken stays unread and keeps no other up; what was wrong, if so. */
export async function readOnce(store: Store, inbox: Inbox, now: () => number): Promise<unknown> {
  let failed: unknown = null;
  await inbox.round(async (raw) => {
    try {
      return await take(store, raw, now());
    } catch (error) {
      failed ??= error;
      return false;
    }
  });
  return failed;
}

/** False: it is about a mail that is just being handed over, and comes again. */
const take = async (store: Store, raw: Buffer, now: number): Promise<boolean> =>
  (await takeInbound(store, await readInbound(raw, store.settings.secret), now)) !== 'later';

/** In development there is no mailbox: what is caught on its way to us is taken, everything else is kept to be read. */
export const catchMail = (store: Store, now: () => number) => async (mail: Caught) => {
  const { mailFrom, secret } = store.settings;
  if (mail.to.toLowerCase() !== mailFrom.toLowerCase() && bouncedMessage(mail.to, secret) === null)
    return keepCaught(store, { ...mail, at: now() });
  if (!(await take(store, Buffer.from(mail.raw), now()))) throw new Error('The mail it is about is still on its way.');
};
