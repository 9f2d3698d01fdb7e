import { ImapFlow } from 'imapflow';

/** A mailbox in which answers and bounces arrive. */
export interface Inbox {
  /**
   * Hands over what is not marked as read, oldest first, and marks what was taken (`true`) once `take` has said so.
   * Fails where the mailbox does not answer; the next round connects anew.
   */
  round(take: (raw: Buffer) => Promise<boolean>): Promise<void>;
  /** Whether it can be opened. */
  answers(): Promise<boolean>;
  close(): void;
}

/** The words of a mail come first; what is attached to it is not needed. */
const LARGEST = 2 * 1024 * 1024;
const AT_ONCE = 100;
const PATIENCE_MS = 20_000;

/** The mailbox behind an imaps:// or imap:// URL with user and password, as imaps://user:password@host/INBOX. */
export function openInbox(url: string): Inbox {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  const secure = protocol === 'imaps:';
  const folder = decodeURIComponent(pathname.slice(1)) || 'INBOX';
  let client: ImapFlow | null = null;

  async function connected(): Promise<ImapFlow> {
    if (client?.usable) return client;
    client?.close();
    const fresh = new ImapFlow({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (secure ? 993 : 143),
      secure,
      auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
      logger: false,
      connectionTimeout: PATIENCE_MS,
      greetingTimeout: PATIENCE_MS,
      socketTimeout: 3 * PATIENCE_MS,
    });
    client = fresh;
    // Whoever waits for an answer hears of it too; unheard it would end the process.
    fresh.on('error', () => fresh.close());
    await fresh.connect();
    await fresh.mailboxOpen(folder);
    return fresh;
  }

  return {
    async round(take) {
      const imap = await connected();
      const unread = (await imap.search({ seen: false }, { uid: true })) || [];
      for (const uid of unread.slice(0, AT_ONCE)) {
        const part = { source: { start: 0, maxLength: LARGEST } };
        const { source } = (await imap.fetchOne(String(uid), part, { uid: true })) || {};
        if (source && (await take(source))) await imap.messageFlagsAdd(String(uid), ['\\Seen'], { uid: true });
      }
    },
    answers: () =>
      connected().then(
        () => true,
        () => false,
      ),
    close() {
      client?.close();
      client = null;
    },
  };
}
