import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/** A mail server for tests: takes mail, and misbehaves when told to. */
export class MailServer {
  readonly mails: ParsedMail[] = [];
  /** Where each of them says its bounces go. */
  readonly senders: string[] = [];
  /** When each of them was taken, by the wall's clock. */
  readonly arrivals: number[] = [];
  /** Addresses it has no mailbox for. */
  readonly unknown = new Set<string>();
  /** Addresses whose mailbox is full. */
  readonly full = new Set<string>();
  /** Says no to every mail for now, as an overloaded server does. */
  busy = false;
  /** Breaks the connection after the body, before saying whether it took it. */
  breaksOff = false;
  /** Runs when a sender has named the recipient and is about to send the body. */
  beforeBody: (() => Promise<void>) | null = null;
  #server: SMTPServer;
  #port = 0;

  constructor() {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      onRcptTo: async ({ address }, _session, done) => {
        await this.beforeBody?.();
        if (this.unknown.has(address)) done(answer(550, '5.1.1 No such mailbox'));
        else if (this.full.has(address)) done(answer(552, '5.2.2 Mailbox full'));
        else if (this.busy) done(answer(451, '4.3.2 Come back later'));
        else done();
      },
      onData: async (stream, { envelope }, done) => {
        const chunks: Buffer[] = [];
        try {
          for await (const chunk of stream) chunks.push(chunk);
        } catch {
          return done(answer(451, '4.4.2 The sender broke off'));
        }
        if (this.breaksOff) {
          this.#server.connections.forEach((connection) => {
            connection.close();
          });
          return;
        }
        const at = Date.now();
        this.mails.push(await simpleParser(Buffer.concat(chunks)));
        this.arrivals.push(at);
        this.senders.push(envelope.mailFrom ? envelope.mailFrom.address : '');
        done();
      },
    });
    this.#server.on('error', () => {});
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.server.address() as AddressInfo).port;
    return `smtp://127.0.0.1:${this.#port}`;
  }

  stop = () => new Promise<void>((resolve) => this.#server.close(() => resolve()));
}

const answer = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode });
