import { createHash } from 'node:crypto';
import { type Attachment, type ParsedMail, type StructuredHeader, simpleParser } from 'mailparser';
import { asksToStop, type Inbound, ownWords, type Trouble, troubleOf } from '../domain/inbound.ts';
import { cleanProse } from '../domain/reading.ts';
import { bouncedMessage } from './verp.ts';

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
  return {
    messageId:
      mail.messageId && mail.messageId.length <= LONGEST_ID
        ? cleanProse(mail.messageId)
        : createHash('sha256').update(raw).digest('hex'),
    ...whatItIs(mail, ownWords(text), subject ?? '', secret),
    from: mail.from?.value[0]?.address || null,
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

type What = Pick<Inbound, 'kind' | 'about' | 'trouble'>;

function whatItIs(mail: ParsedMail, words: string, subject: string, secret: string): What {
  const proven = headersOf(mail, SENT_TO).flatMap((line) => provenIn(line, secret));
  const report = reportIn(mail);
  if (report?.kind === 'bounce') return { kind: 'bounce', about: proven, trouble: troubleIn(report.text) };
  // A report of spam comes to an address that anybody may know: it must show the mail, whose Message-ID nobody guesses.
  if (report)
    return {
      kind: 'spam-report',
      about: [...provenIn(report.text, secret), ...idsIn(report.text)],
      trouble: 'spam-report',
    };
  const about = [
    ...idsIn(mail.inReplyTo ?? ''),
    ...proven,
    ...idsIn([mail.references ?? []].flat().join(' ')).reverse(),
  ];
  const isStop = asksToStop(words || subject.replace(/^((re|aw|antw|rép|res?p)\s?:\s*)+/i, ''));
  const kind = isAutomatic(mail, subject) ? 'auto-reply' : isStop ? 'stop' : 'reply';
  return { kind, about: [...new Set(about)], trouble: null };
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

/** What a report on delivery says; null where the mail is only late, or has arrived. */
function troubleIn(report: string): Trouble | null {
  const field = (name: string) => new RegExp(`^${name}: *([^\\s;]+)`, 'im').exec(report)?.[1].toLowerCase() ?? '';
  return field('action') === 'failed' ? troubleOf(field('status')) : null;
}

/** Headers that only programs write, and what they say where a person's mail may have them too (RFC 3834). */
const AUTOMATIC: Record<string, RegExp> = {
  'auto-submitted': /^(?!no\b)/i,
  'x-autoreply': /^(?!no\b)/i,
  'x-autorespond': /^/,
  'x-auto-response-suppress': /^(?!none\b)/i,
  precedence: /^(bulk|list|junk|auto_reply)\b/i,
  'return-path': /^<>$/,
};

/** How such mails begin their subject, where nothing else tells. */
const AUTOMATIC_SUBJECT =
  /^(automatic reply|auto-?reply|out of (the )?office|automatische antwort|abwesenheit\w*|réponse automatique|absence du bureau|respuesta automática|fuera de (la )?oficina)\b/i;

const isAutomatic = ({ headerLines }: ParsedMail, subject: string) =>
  headerLines.some(({ key, line }) => AUTOMATIC[key]?.test(line.slice(key.length + 1).trim())) ||
  AUTOMATIC_SUBJECT.test(subject);

/** What came with it is not kept, but named: it lies in the mailbox. */
const attachedTo = ({ attachments }: ParsedMail) =>
  attachments
    .filter(
      ({ related, contentType }) =>
        !related && !/^(message\/|application\/(x-)?(pkcs7|pgp)-signature)/.test(contentType),
    )
    .map(({ filename, contentType }) => `[In the mailbox: ${cleanProse(filename ?? contentType).slice(0, 200)}]`);
