import { createHash } from 'node:crypto';
import { type Attachment, type ParsedMail, type StructuredHeader, simpleParser } from 'mailparser';
import { type Delivery, type Inbound, ownWords, readDelivery, statusSaid, troubleBy } from '../domain/inbound.ts';
import { cleanProse } from '../domain/reading.ts';
import { askedIn } from '../domain/stop.ts';
import { bouncedMessage, isOurs } from './verp.ts';

/** Longer texts are cut: nobody reads them, and the mail itself stays in the mailbox. */
const LONGEST = 100_000;
const LONGEST_HTML = 5 * LONGEST;
const LONGEST_ID = 250;

/**
 * Reads a mail that came in, or the beginning of one that is very large, and tells what it is. `secret` proves which
 * bounces are about mail of ours.
 */
export async function readInbound(raw: Buffer, secret: string): Promise<Inbound> {
  const mail = await simpleParser(raw, {
    keepDeliveryStatus: true,
    skipTextToHtml: true,
    skipImageLinks: true,
    skipHtmlToText: true,
  });
  const text = cleanProse(mail.text?.trim() || (await inPlainText(mail.html || '')));
  const subject = cleanProse(mail.subject ?? '').slice(0, 500) || null;
  const [from] = mail.from?.value ?? [];
  const asked = () => askedIn(ownWords(text), subject, `${from?.name} ${from?.address}`);
  return {
    messageId:
      mail.messageId && mail.messageId.length <= LONGEST_ID
        ? cleanProse(mail.messageId)
        : createHash('sha256').update(raw).digest('hex'),
    ...whatItIs(mail, asked, secret),
    from: from?.address || null,
    subject,
    text: [...attachedTo(mail), text.slice(0, LONGEST)].filter(Boolean).join('\n\n'),
  };
}

/** Below several parts the parser leaves HTML as it is; as a mail of its own it becomes text. */
const inPlainText = (html: string): Promise<string> =>
  simpleParser(`Content-Type: text/html; charset=utf-8\r\n\r\n${html.slice(0, LONGEST_HTML)}`).then(
    ({ text }) => text ?? '',
    () => '',
  );

type What = Pick<Inbound, 'kind' | 'about' | 'trouble' | 'delivery'>;

function whatItIs(mail: ParsedMail, asked: () => Inbound['kind'], secret: string): What {
  const proven = headersOf(mail, SENT_TO).flatMap((line) => provenIn(line, secret));
  const report = reportIn(mail);
  if (report?.kind === 'bounce') {
    const delivery = deliveryIn(report.text);
    return { kind: 'bounce', about: proven, trouble: troubleBy(delivery), delivery };
  }
  // A report of spam comes to an address that anybody may know: it must show the mail, whose Message-ID nobody guesses.
  if (report)
    return {
      kind: 'spam-report',
      about: [...provenIn(report.text, secret), ...idsIn(report.text)],
      trouble: 'spam-report',
      delivery: null,
    };
  const answered = [...idsIn(mail.inReplyTo ?? ''), ...proven];
  const about = [...answered, ...idsIn([mail.references ?? []].flat().join(' ')).reverse()];
  const kind = isAutomatic(mail, answered.some(isOurs)) ? 'auto-reply' : asked();
  return { kind, about: [...new Set(about)], trouble: null, delivery: null };
}

/** Headers that name whom a mail was sent to; the first is the envelope's, where the server writes it down. */
const SENT_TO = ['to', 'cc', 'delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to'];

const headersOf = ({ headerLines }: ParsedMail, names: string[]) =>
  headerLines.filter(({ key }) => names.includes(key)).map(({ line }) => line);

const provenIn = (text: string, secret: string): string[] =>
  (text.match(/b\+[0-9a-f.]{53}@[a-z0-9.-]+/gi) ?? []).flatMap((address) => bouncedMessage(address, secret) ?? []);

const idsIn = (text: string): string[] => text.match(/<[^<>\s]{1,250}>/g) ?? [];

/** The part for machines of a report (RFC 6522) on delivery (RFC 3464) or of spam (RFC 5965), and the mail it shows. */
function reportIn(mail: ParsedMail): { kind: 'bounce' | 'spam-report'; text: string } | null {
  const type = mail.headers.get('content-type') as StructuredHeader | undefined;
  if (type?.value !== 'multipart/report') return null;
  const textOf = (one: Attachment) => one.content.toString('utf8');
  const status = mail.attachments.find(({ contentType }) => /^message\/(global-)?delivery-status$/.test(contentType));
  if (status) return { kind: 'bounce', text: textOf(status) };
  const feedback = mail.attachments.find(({ contentType }) => contentType === 'message/feedback-report');
  return feedback ? { kind: 'spam-report', text: mail.attachments.map(textOf).join('\n') } : null;
}

/** What a report on delivery says; null where it says nothing that can be understood. */
function deliveryIn(report: string): Delivery | null {
  const lines = report.replace(/\r?\n[ \t]+/g, ' ');
  const field = (name: string) => new RegExp(`^${name}: *(.*)`, 'im').exec(lines)?.[1].trim() ?? '';
  const [action] = field('action').toLowerCase().split(/[\s;]/);
  const [status] = field('status').split(/[\s;]/);
  // Many write that it failed for any reason, and leave the rest to what the other server said.
  const isTold = status !== '' && status !== '5.0.0';
  return readDelivery(`${action} ${isTold ? status : statusSaid(field('diagnostic-code'))}`);
}

/**
 * What only programs write (RFC 3834). Other headers a person's mail may have too: Exchange adds
 * X-Auto-Response-Suppress to it, a mailing list Precedence.
 */
const AUTOMATIC: Record<string, RegExp> = {
  'auto-submitted': /^(?!no\b)/i,
  'x-autoreply': /^(?!no\b)/i,
  'x-autorespond': /^/,
  precedence: /^auto_reply\b/i,
  'return-path': /^<>$/,
};
const IN_BULK: Record<string, RegExp> = { precedence: /^(bulk|junk)\b/i };

/** How such mails begin their subject, whatever their headers say. */
const AUTOMATIC_SUBJECT = new RegExp(
  `^(${[
    'automatic reply|auto-?\\s?reply|auto-?\\s?response|out of (the )?office',
    'automatische antwort|abwesenheits(notiz|nachricht|meldung|info|assistent|agent|benachrichtigung)|abwesenheit ?:|abwesend',
    "réponse automatique|absent(e)? du bureau|absence du bureau|(message|notification|avis) d['’]absence",
    'respuesta automática|fuera de (la )?oficina|aviso de ausencia|ausente',
  ].join('|')})(?!\\p{L})`,
  'iu',
);

function isAutomatic({ headerLines, subject }: ParsedMail, answersOurs: boolean): boolean {
  const says = (headers: Record<string, RegExp>) =>
    headerLines.some(({ key, line }) => headers[key]?.test(line.slice(key.length + 1).trim()));
  return (
    says(AUTOMATIC) || (says(IN_BULK) && !answersOurs) || AUTOMATIC_SUBJECT.test(subject?.trim().normalize() ?? '')
  );
}

/** What came with it is not kept, but named: it lies in the mailbox. */
const attachedTo = ({ attachments }: ParsedMail) =>
  attachments
    .filter(
      ({ related, contentType }) =>
        !related && !/^(message\/|application\/(x-)?(pkcs7|pgp)-signature)/.test(contentType),
    )
    .map(({ filename, contentType }) => `[In the mailbox: ${cleanProse(filename ?? contentType).slice(0, 200)}]`);
