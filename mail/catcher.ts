import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A mail server on loopback that delivers nothing: what it gets is kept, to be read under /dev/mail. */
export interface Catcher {
  /** Where to send: smtp://127.0.0.1:port */
  url: string;
  close(): Promise<void>;
}

const LARGEST = 5 * 1024 * 1024;

/** A mail as it was caught. */
export interface Caught {
  to: string;
  subject: string;
  raw: string;
}

/** Starts catching mail on a free port of this machine; `keep` puts it where it can be read. */
export async function startCatcher(keep: (mail: Caught) => Promise<unknown>): Promise<Catcher> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: LARGEST,
    async onData(stream, session, done) {
      try {
        const chunks: Buffer[] = [];
        for await (const chunk of stream) chunks.push(chunk);
        const raw = Buffer.concat(chunks);
        const { subject } = await simpleParser(raw, { skipTextToHtml: true, skipImageLinks: true });
        const to = session.envelope.rcptTo.map(({ address }) => address).join(', ');
        await keep({ to, subject: subject ?? '', raw: raw.toString('utf8') });
        done();
      } catch (error) {
        // A mail that was not kept was not taken: 451, so that the sender tries again.
        done(Object.assign(new Error('Could not keep the mail.'), { responseCode: 451, cause: error }));
      }
    },
  });
  // A client that hangs up is no matter of ours.
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
