import type { AddressInfo } from 'node:net';
import { type AddressObject, simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
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
  /** With the Return-Path that says where its bounces go, as a mailbox keeps it. */
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
        const { mailFrom, rcptTo } = session.envelope;
        const to = rcptTo.map(({ address }) => address).join(', ');
        const path = `Return-Path: <${mailFrom ? mailFrom.address : ''}>\r\n`;
        await keep({ to, subject: subject ?? '', raw: path + raw.toString('utf8') });
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

const addressIn = (header: AddressObject | AddressObject[] | undefined) => [header].flat()[0]?.value[0];

/** Answers a caught mail as who got it would: really sent, to where it wants its answers. */
export async function answerCaught(url: string, raw: string, words: string): Promise<void> {
  const { messageId, from, to, replyTo, subject, text = '' } = await simpleParser(raw);
  const quoted = text.trimEnd().replace(/^/gm, '> ');
  await post(url, {
    from: addressIn(to),
    to: addressIn(replyTo) ?? addressIn(from),
    subject: `Re: ${subject ?? ''}`,
    inReplyTo: messageId,
    references: messageId,
    text: `${words}\n\nOn ${new Date().toUTCString()}, ${addressIn(from)?.name} wrote:\n${quoted}\n`,
  });
}

/** Sends a caught mail back, as the mail server of an address does that is not there (RFC 3464). */
export async function bounceCaught(url: string, raw: string): Promise<void> {
  const { headers, to } = await simpleParser(raw);
  const path = headers.get('return-path') as AddressObject | undefined;
  const envelope = { from: '', to: path?.value[0]?.address ?? '' };
  const address = addressIn(to)?.address ?? '';
  const report = [
    'From: Mail Delivery System <mailer-daemon@localhost.localdomain>',
    `To: <${envelope.to}>`,
    'Subject: Undelivered Mail Returned to Sender',
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="report"',
    '',
    '--report',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    `There is no such mailbox: <${address}>`,
    '',
    '--report',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; localhost.localdomain',
    '',
    `Final-Recipient: rfc822; ${address}`,
    'Action: failed',
    'Status: 5.1.1',
    '',
    '--report--',
    '',
  ].join('\r\n');
  await post(url, { envelope, raw: report });
}

async function post(url: string, mail: object): Promise<void> {
  const transport = createTransport({ url, disableFileAccess: true, disableUrlAccess: true } as never);
  await transport.sendMail(mail);
}
