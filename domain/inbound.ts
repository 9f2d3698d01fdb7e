import { z } from 'zod';
import { readEmail } from './address.ts';
import { instant, readPast } from './dates.ts';
import { check, checked, Faults, fields, line, type Result } from './reading.ts';
import type { Instant } from './time.ts';

/** Why a mail of ours did not do its work: no such mailbox; taken by nobody there; or its reader called it spam. */
export type Trouble = 'address-refused' | 'mail-refused' | 'spam-report';

/**
 * What it means that a mail failed for good with this status (RFC 3463). 5.7.x is about who sends, and one that was
 * tried in vain for days says nothing of the address: only the others mean that no mail arrives there.
 */
export const troubleOf = (status: string): Trouble =>
  status.startsWith('5.') && !status.startsWith('5.7.') ? 'address-refused' : 'mail-refused';

/** What a mail provider reports by webhook of a mail of ours. */
export const mailReportInput = fields({
  type: z
    .enum(['bounce', 'complaint'])
    .describe('bounce: the mail did not arrive. complaint: its reader reported it as unwanted.'),
  messageId: line(250).optional().describe('The Message-ID of our mail. Needed where there is no email.'),
  email: checked(z.string(), readEmail).optional().describe('Where it went. Needed where there is no messageId.'),
  status: z
    .string()
    .regex(/^[45]\.\d{1,3}\.\d{1,3}$/, 'is no status of a bounce; allowed: as 5.1.1 or 4.2.2 (RFC 3463)')
    .optional()
    .describe('Of a bounce; 4.x.x: it is only late, and nothing comes of it. Left out: it failed for good.'),
  at: instant().optional().describe('When it happened: ISO 8601. Left out: now.'),
});

/** A report of a mail provider, as it was read. */
export interface MailReport {
  messageId: string | null;
  email: string | null;
  trouble: Trouble | null;
  at: Instant;
}

/** Reads a report of a mail provider. */
export function readMailReport(json: unknown, now: Instant): Result<'report', MailReport> {
  const form = check(mailReportInput, json);
  if (!form.ok) return form;
  const { type, messageId, email, status = '5.0.0', at } = form.input;
  const faults = new Faults();
  if (!messageId && !email) faults.add('messageId', 'is missing; a messageId or an email is needed');
  if (type === 'complaint' && form.input.status) faults.add('status', 'belongs to the type bounce only');
  const report: MailReport = {
    messageId: messageId ? `<${messageId.trim().replace(/^<|>$/g, '')}>` : null,
    email: email ? faults.take('email', readEmail(email), '') : null,
    trouble: type === 'complaint' ? 'spam-report' : status.startsWith('4.') ? null : troubleOf(status),
    at: at ? Math.min(faults.take('at', readPast(at, 'UTC', now), now), now) : now,
  };
  return faults.all.length > 0 ? { ok: false, errors: faults.all } : { ok: true, report };
}

/** A mail that came in, as it was read; whose it is shows in the store. */
export interface Inbound {
  /** Its Message-ID, or a hash of it where it has none. */
  messageId: string;
  kind: 'reply' | 'stop' | 'auto-reply' | 'bounce' | 'spam-report';
  /** Message-IDs of mails it answers or reports on, the likeliest first; of a bounce, what its address proves alone. */
  about: string[];
  /** What a report says became of our mail; null: nothing that is over. */
  trouble: Trouble | null;
  /** The address it says it is from. */
  from: string | null;
  subject: string | null;
  /** As it came, the quoted mail below it included. */
  text: string;
}

/** Lines a mail program writes over the whole of the mail that is answered. */
const ORIGINAL = /^-{2,} ?(original message|ursprüngliche nachricht|message d['’]origine|mensaje original) ?-{2,}$/i;

/** The same as a block of headers: the line it begins with, and one that follows soon. */
const FROM = /^\*?(from|von|de)\s?:\*?\s/i;
const SENT = /^\*?(sent|date|gesendet|datum|envoyé|enviado|enviado el|fecha)\s?:\*?\s/i;

/** What stands over quoted lines, on one line or broken into several. */
const WROTE = /^(on|am|le|el)\s.*\b(wrote|schrieb\b.*|a écrit|escribió)\s?:$/i;
const LONGEST_WROTE = 3;

const isQuoted = (line: string) => line.startsWith('>');
const isRule = (line: string) => /^[_-]{5,}$/.test(line);

/**
 * What the sender of a mail wrote, without the quoted mail below it. Answers between quoted lines stay, with the lines
 * they answer. Empty where nothing was written.
 */
export function ownWords(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/\u00a0/g, ' ').trimEnd());
  const original = lines.findIndex(
    (line, index) => ORIGINAL.test(line) || (FROM.test(line) && lines.slice(index + 1, index + 4).some(isSent)),
  );
  const own = original < 0 ? lines : lines.slice(0, original);
  const last = () => own.at(-1) ?? 'the beginning';
  let quotes = false;
  while (last() === '' || isQuoted(last()) || isRule(last())) quotes = isQuoted(own.pop()!) || quotes;
  if (quotes)
    for (let count = 1; count <= LONGEST_WROTE; count += 1)
      if (WROTE.test(own.slice(-count).join(' '))) {
        own.splice(-count);
        break;
      }
  return own.join('\n').trim();
}

const isSent = (line: string) => SENT.test(line);

/** Whole messages that ask for no more mail, in small letters without accents. */
const STOPS = new Set([
  'stop',
  'stopp',
  'unsubscribe',
  'unsubscribe me',
  'opt out',
  'remove me',
  'abmelden',
  'abmeldung',
  'abbestellen',
  'austragen',
  'arret',
  'arreter',
  'arretez',
  'desabonner',
  'me desabonner',
  'desabonnement',
  'desinscription',
  'desinscrire',
  'desinscrivez moi',
  'desabonnez moi',
  'baja',
  'dar de baja',
  'darme de baja',
  'denme de baja',
  'deme de baja',
  'cancelar suscripcion',
  'cancelar la suscripcion',
]);
const PLEASE = /\b(please|bitte|s'il vous plait|svp|por favor)\b/g;

/** What programs add below a message, and signatures. */
const SIGNATURE =
  /^(--|(sent|get outlook) (from|for) |gesendet (von|mit) |von mein\S+ .*gesendet|envoye (de|depuis) |enviado desde )/;

/** Whether these words are one of those that stop all mail, and nothing more. */
export function asksToStop(words: string): boolean {
  const plain = words.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('’', "'").toLowerCase();
  const lines = plain.split('\n').map((line) => line.trim());
  const signature = lines.findIndex((line) => SIGNATURE.test(line));
  const said = lines.slice(0, signature < 0 ? undefined : signature).join(' ');
  return STOPS.has(
    said
      .replace(PLEASE, ' ')
      .replace(/[^a-z]+/g, ' ')
      .trim(),
  );
}
