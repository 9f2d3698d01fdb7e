import { z } from 'zod';
import { readEmail } from './address.ts';
import { instant, readPast } from './dates.ts';
import { check, checked, Faults, fields, line, type Result } from './reading.ts';
import type { Asked } from './stop.ts';
import type { Instant } from './time.ts';

/** Why a mail of ours did not do its work: no such mailbox; taken by nobody there; or its reader called it spam. */
export type Trouble = 'address-refused' | 'mail-refused' | 'spam-report';

/**
 * What it means that a mail failed for good with this status (RFC 3463). 5.1.x is the address, but for 5.1.7 to 5.1.9,
 * which are the sender's, and 5.2.1 a mailbox that is switched off. All else is about the mail, who sends it or the
 * server there, or passes, as a full mailbox does (5.2.2): it says nothing of the address.
 */
export const troubleOf = (status: string): Trouble =>
  /^5\.(1\.([0-6]|\d\d+)|2\.1)$/.test(status) ? 'address-refused' : 'mail-refused';

/** How mail servers say without a status that there is no such mailbox, some in the words of RFC 5321 (4.2.3). */
const NO_MAILBOX =
  /\b(no such|unknown|invalid|no) (local )?(user|recipient|mailbox|address|account|person)\b|\b(user|recipient|mailbox|address|account) (is )?(unknown|unavailable|disabled|not found|not local|(does not|doesn't) exist)\b/i;

/** The status in the last words of a mail server, as in `550 5.1.1 No such mailbox`; by its words where it gives none. */
export function statusSaid(reply: string): string {
  const [, afterCode, inBrackets] =
    /\b[45]\d\d[ -]#?([45]\.\d{1,3}\.\d{1,3})\b|\(#([45]\.\d{1,3}\.\d{1,3})\)/.exec(reply) ?? [];
  const isTemporary = /^\D*4\d\d\b/.test(reply);
  return afterCode ?? inBrackets ?? (isTemporary ? '4.0.0' : NO_MAILBOX.test(reply) ? '5.1.1' : '5.0.0');
}

/** What can have become of a mail, as reports on delivery say it (RFC 3464, 2.3.3). */
const DELIVERIES = ['failed', 'delayed', 'delivered', 'relayed', 'expanded'] as const;

/** What a report says became of a mail of ours, and by which status. */
export interface Delivery {
  action: (typeof DELIVERIES)[number];
  status: string;
}

/** As it is kept: `failed 5.1.1`. The words of mail servers are not, for they name addresses. */
export const keptDelivery = ({ action, status }: Delivery) => `${action} ${status}`;

/** Reads what was kept, or is written in a report; null where it is nothing of the kind. */
export function readDelivery(text: string): Delivery | null {
  const [action, status] = text.split(' ');
  const known = DELIVERIES.find((one) => one === action);
  return known && /^[245]\.\d{1,3}\.\d{1,3}$/.test(status) ? { action: known, status } : null;
}

/** What is over by it: only what failed is. */
export const troubleBy = (delivery: Delivery | null): Trouble | null =>
  delivery?.action === 'failed' ? troubleOf(delivery.status) : null;

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
    .describe('Of a bounce; 4.x.x: it is only late, and nothing comes of it. Left out: there is no such mailbox.'),
  at: instant().optional().describe('When it happened: ISO 8601. Left out: now.'),
});

/** A report of a mail provider, as it was read. */
export interface MailReport {
  messageId: string | null;
  email: string | null;
  trouble: Trouble | null;
  /** Of a bounce what it says; null: a complaint. */
  delivery: Delivery | null;
  at: Instant;
}

/** Reads a report of a mail provider. */
export function readMailReport(json: unknown, now: Instant): Result<'report', MailReport> {
  const form = check(mailReportInput, json);
  if (!form.ok) return form;
  // What a provider calls a bounce and says no more of is a mailbox that is not there.
  const { type, messageId, email, status = '5.1.1', at } = form.input;
  const faults = new Faults();
  if (!messageId && !email) faults.add('messageId', 'is missing; a messageId or an email is needed');
  if (type === 'complaint' && form.input.status) faults.add('status', 'belongs to the type bounce only');
  const delivery: Delivery | null =
    type === 'complaint' ? null : { action: status.startsWith('4.') ? 'delayed' : 'failed', status };
  const report: MailReport = {
    messageId: messageId ? `<${messageId.trim().replace(/^<|>$/g, '')}>` : null,
    email: email ? faults.take('email', readEmail(email), '') : null,
    trouble: type === 'complaint' ? 'spam-report' : troubleBy(delivery),
    delivery,
    at: at ? Math.min(faults.take('at', readPast(at, 'UTC', now), now), now) : now,
  };
  return faults.all.length > 0 ? { ok: false, errors: faults.all } : { ok: true, report };
}

/** A mail that came in, as it was read; whose it is shows in the store. */
export interface Inbound {
  /** Its Message-ID, or a hash of it where it has none. */
  messageId: string;
  kind: Asked | 'auto-reply' | 'bounce' | 'spam-report';
  /** Message-IDs of mails it answers or reports on, the likeliest first; of a bounce, what its address proves alone. */
  about: string[];
  /** What a report says became of our mail; null: nothing that is over. */
  trouble: Trouble | null;
  /** The same as a bounce says it. */
  delivery: Delivery | null;
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
