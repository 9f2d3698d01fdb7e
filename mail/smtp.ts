import { Readable } from 'node:stream';
import { createTransport } from 'nodemailer';
import { statusSaid, troubleOf } from '../domain/inbound.ts';

/** A mail, ready to go. */
export interface Mail {
  from: { name: string; address: string };
  to: { name: string; address: string };
  replyTo?: { name: string; address: string };
  /** Where the mail server sends what comes of it, and whom it is for; else what the headers say. */
  envelope?: { from: string; to: string };
  subject: string;
  text: string;
  html: string;
  messageId: string;
  headers: Record<string, string>;
}

/** How handing a mail over came out. */
export type Delivery =
  | { state: 'sent'; reply: string }
  /** The fence said no: not a byte of the mail left. */
  | { state: 'withdrawn' }
  /** For good. `address`: there is no such mailbox; else the server takes no mail like this. */
  | { state: 'refused'; reply: string; address: boolean }
  /** For now. */
  | { state: 'failed'; reply: string }
  /** The connection broke where nobody can tell whether the mail was taken (RFC 1047). */
  | { state: 'uncertain'; reply: string };

export interface Mailer {
  /**
   * Hands a mail to the mail server. `fence` is asked at the last moment before the body goes out, when the server has
   * agreed to take it; if it says no, nothing is sent.
   */
  send(mail: Mail, fence: () => Promise<boolean>): Promise<Delivery>;
  /** Whether the mail server answers. */
  answers(): Promise<boolean>;
  close(): void;
}

/** Connects to the mail server behind an smtp:// or smtps:// URL. */
export function openMailer(url: string): Mailer {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: 5,
    maxMessages: 100,
    // The pool would send again by itself what may have arrived.
    maxRequeues: 0,
    disableFileAccess: true,
    disableUrlAccess: true,
  } as never);

  // nodemailer reads the body only once the server said 354, but what composes it buffers ahead: the fence stands last.
  transport.use('stream', (mail, done) => {
    const { fence } = mail.data as { fence?: () => Promise<void> };
    const compose = mail.message.createReadStream.bind(mail.message);
    mail.message.createReadStream = () =>
      Readable.from(
        (async function* () {
          await fence?.();
          yield* compose();
        })(),
        { objectMode: false },
      ) as never;
    done();
  });

  return {
    async send(mail, fence) {
      let stage: 'before' | 'withdrawn' | 'body' = 'before';
      const guard = async () => {
        if (!(await fence())) {
          stage = 'withdrawn';
          throw new Error('withdrawn');
        }
        stage = 'body';
      };
      try {
        const { response } = await transport.sendMail({ ...mail, fence: guard } as never);
        return { state: 'sent', reply: response };
      } catch (error) {
        return judge(error as SmtpError, stage as typeof stage);
      }
    },
    answers: () =>
      transport.verify().then(
        () => true,
        () => false,
      ),
    close: () => transport.close(),
  };
}

interface SmtpError extends Error {
  code?: string;
  responseCode?: number;
  response?: string;
}

/** Errors of ours, not of the mail: a wrong setting or a bug; they fail loudly. */
const OURS = ['ECONFIG', 'EFILEACCESS', 'EURLACCESS'];

function judge(error: SmtpError, stage: 'before' | 'withdrawn' | 'body'): Delivery {
  if (stage === 'withdrawn') return { state: 'withdrawn' };
  if (error.code && OURS.includes(error.code)) throw error;
  const reply = error.response ?? `${error.code ?? 'error'}: ${error.message}`;
  const { responseCode } = error;
  if (stage === 'body' && responseCode === undefined) return { state: 'uncertain', reply };
  // 503 is a muddle in the conversation; 5.7.x and a failed login mean the sender, not the one who was to get it.
  const forGood = responseCode !== undefined && responseCode >= 500 && responseCode !== 503;
  const status = statusSaid(reply);
  if (!forGood || error.code === 'EAUTH' || status.startsWith('5.7.')) return { state: 'failed', reply };
  return { state: 'refused', reply, address: troubleOf(status) === 'address-refused' };
}
