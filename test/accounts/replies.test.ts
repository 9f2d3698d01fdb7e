import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import { pino } from 'pino';
import { readInbound } from '../../mail/inbound.ts';
import { type Inbox, openInbox } from '../../mail/inbox.ts';
import { bounceAddress } from '../../mail/verp.ts';
import { hashOf, suppress } from '../../store/customers.ts';
import { changeSettings } from '../../store/database.ts';
import { takeInbound } from '../../store/inbound.ts';
import { inboundMails, suppressions } from '../../store/schema.ts';
import { readOnce, startInbox } from '../../worker/inbox.ts';
import { until } from '../support/house.ts';
import { Mailbox } from '../support/mailbox.ts';
import { phoneOf } from '../support/people.ts';
import { type Sale, Shop } from '../support/sale.ts';

/** What customers and mail servers send back: through a real mailbox, by SMTP and IMAP. */
const mailbox = new Mailbox();
let shop: Shop;
let inbox: Inbox;
let last = 0;
let who: string;
let sale: Sale;

beforeAll(async () => {
  await mailbox.start();
  shop = await new Shop().open();
  await changeSettings(shop.store, { mailFrom: 'care@shop.example' });
}, 120_000);
beforeEach(async () => {
  inbox = openInbox(mailbox.url);
  await shop.monday();
  last += 1;
  who = `reader-${last}`;
  sale = await order();
});
afterEach(async () => {
  inbox.close();
  // Nothing of it is due any more while time passes for the others.
  await sale.happens('cancelled');
});
afterAll(async () => {
  await shop?.close();
  await mailbox.stop();
});

const order = (given: { phone?: string } = { phone: phoneOf(`replies-${last}`) }) =>
  shop.order(`R-${last}`, { customer: { id: who, name: 'Ada Palmer', email: `${who}@example.com`, ...given } });

/** The last mail to this test's customer, and where its bounces go. */
function lastMail() {
  const { mails, senders } = shop.mailServer;
  const nth = mails.findLastIndex(({ to }) => JSON.stringify(to).includes(`${who}@example.com`));
  return { mail: mails[nth], sender: senders[nth] };
}

/** What happened, without the days. */
const story = async () => (await sale.story()).map((line) => line.replace(/^day \d+: /, ''));

/** The first mail has gone out. */
const thanked = async () => {
  await shop.days(0.2);
  expect(await story()).toContain('sent thank-you');
  return lastMail();
};
/** The survey has gone out. */
const asked = async () => {
  await shop.days(16);
  expect(await story()).toContain('sent survey');
  return lastMail();
};

let written = 0;
/** A mail from this test's customer arrives. */
function writes(lines: string[], words: string) {
  written += 1;
  return mailbox.receive([
    `From: Ada <${who}@example.com>`,
    `Message-ID: <${written}@pc.example>`,
    ...lines,
    '',
    words,
  ]);
}

async function read(through = inbox) {
  const now = await shop.now();
  expect(await readOnce(shop.store, through, () => now)).toBeNull();
  await shop.quiet();
}

const kept = async () =>
  (
    await shop.store.db
      .select()
      .from(inboundMails)
      .where(eq(inboundMails.orderId, (await sale.row()).id))
  ).map(({ kind, text }) => `${kind}: ${text}`);

const dsn = (to: string, status: string, action = 'failed') => [
  `From: MAILER-DAEMON@mx.example`,
  `To: ${to}`,
  `Message-ID: <dsn-${randomUUID()}@mx.example>`,
  'MIME-Version: 1.0',
  'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
  '',
  '--b',
  'Content-Type: message/delivery-status',
  '',
  'Reporting-MTA: dns; mx.example',
  '',
  `Final-Recipient: rfc822; ${who}@example.com`,
  `Action: ${action}`,
  `Status: ${status}`,
  '',
  '--b--',
];

it('mail goes out under the name of a person, to be answered to us, and tells where its bounces go', async () => {
  const { mail, sender } = await thanked();
  expect(mail.replyTo?.text).toBe('"Sam Lee" <care@shop.example>');
  expect(mail.from?.value[0].address).toBe('care@shop.example');
  expect(sender).toBe(bounceAddress(mail.messageId!, shop.store.settings.secret));
});

describe('a reply', () => {
  it('to the survey stops its reminders, and is a task with its words', async () => {
    const { mail } = await asked();
    await writes(
      [`In-Reply-To: ${mail.messageId}`, 'Subject: Re: survey'],
      'It is good.\r\n\r\nOn Mon, Sam Lee wrote:\r\n> How?',
    );
    await read();
    expect(await sale.tasks()).toContain('other: reply');
    expect(await kept()).toEqual(['reply: It is good.\n\nOn Mon, Sam Lee wrote:\n> How?']);
    await sale.comesOut('reply', 'done');
    await shop.days(30);
    expect((await story()).filter((line) => line.includes('survey'))).toEqual(['sent survey', 'replied survey']);
    expect(await story()).toContain('task-made reply (reply)');
  });

  it('while one waits for its answer adds to it; after that there is a task again', async () => {
    const { mail } = await thanked();
    for (const words of ['One.', 'Two.']) {
      await writes([`References: <x@y> ${mail.messageId}`], words);
      await read();
    }
    expect((await sale.tasks()).filter((task) => task === 'other: reply')).toHaveLength(1);
    await sale.comesOut('reply', 'done');
    await writes([], 'Three, without a word of what it answers.');
    await read();
    expect(await sale.tasks()).toContain('other: reply');
    expect((await kept()).map((line) => line.slice(0, 12))).toEqual(['reply: One.', 'reply: Two.', 'reply: Three']);
  });

  it('after the end of the follow-up is still answered', async () => {
    await sale.happens('cancelled');
    await writes([], 'What about my money?');
    await read();
    expect(await sale.tasks()).toEqual(['other: reply']);
  });

  it('from a stranger waits for somebody who knows whose it is', async () => {
    await mailbox.receive(['From: stranger@example.net', `Message-ID: <${last}@net>`, '', 'Where is my order?']);
    await read();
    expect(
      await shop.store.db.select().from(inboundMails).where(eq(inboundMails.from, 'stranger@example.net')),
    ).toMatchObject([{ kind: 'unknown', orderId: null, text: 'Where is my order?' }]);
  });

  it('that says STOP stops everything at once', async () => {
    const { mail } = await thanked();
    await writes([`In-Reply-To: ${mail.messageId}`], 'STOP\r\n\r\nOn Mon, Sam Lee wrote:\r\n> How?');
    await read();
    expect(await story()).toEqual(
      expect.arrayContaining(['replied thank-you (stop)', 'opted-out', 'ended (opted-out)']),
    );
    expect(await sale.stands()).toMatchObject({ outcome: 'opted-out' });
    expect(await sale.tasks()).toEqual([]);
  });

  it('that says STOP and more stops everything at once, and is answered', async () => {
    const { mail } = await thanked();
    await writes([`In-Reply-To: ${mail.messageId}`], 'Bitte keine E-Mails mehr. Wann kommt mein Geld?');
    await read();
    expect(await sale.tasks()).toEqual(['other: reply']);
    expect(await kept()).toEqual(['stop-and-more: Bitte keine E-Mails mehr. Wann kommt mein Geld?']);
    expect(await story()).toEqual(expect.arrayContaining(['replied thank-you (stop)', 'opted-out']));
    expect(await sale.stands()).toMatchObject({ outcome: 'opted-out' });
    const before = shop.mailServer.mails.length;
    await shop.days(30);
    expect(shop.mailServer.mails.slice(before).filter(({ to }) => JSON.stringify(to).includes(who))).toEqual([]);
    expect(await sale.tasks()).toEqual(['other: reply']);
    await sale.comesOut('reply', 'done');
    expect((await story()).at(-1)).toBe('ended (opted-out)');
  });

  it('of somebody else to a mail of theirs stops nothing: a person reads it', async () => {
    const { mail } = await thanked();
    await mailbox.receive([
      `From: friend-${last}@example.net`,
      `Message-ID: <friend-${last}@net>`,
      `In-Reply-To: ${mail.messageId}`,
      '',
      'STOP',
    ]);
    await read();
    expect(await kept()).toEqual(['reply: STOP']);
    expect(await sale.tasks()).toEqual(['other: reply']);
    expect(await story()).not.toContain('opted-out');
  });

  it('through Exchange, which asks for no automatic answers, is one', async () => {
    const { mail } = await asked();
    const headers = ['X-Auto-Response-Suppress: DR, OOF, AutoReply', `In-Reply-To: ${mail.messageId}`];
    await writes(headers, 'It leaks.');
    await read();
    expect(await sale.tasks()).toContain('other: reply');
    expect(await story()).toContain('replied survey');
  });

  it('of a machine does nothing', async () => {
    const { mail } = await asked();
    const before = await story();
    await writes([`In-Reply-To: ${mail.messageId}`, 'Auto-Submitted: auto-replied'], 'I am away until Monday.');
    await read();
    expect(await story()).toEqual(before);
    expect(await kept()).toEqual(['auto-reply: I am away until Monday.']);
    await shop.days(8);
    expect(await story()).toContain('sent survey #2');
  });
});

describe('a bounce', () => {
  const suppressed = async () => {
    const [row] = await shop.store.db
      .select()
      .from(suppressions)
      .where(eq(suppressions.addressHash, hashOf(`${who}@example.com`)));
    return row?.reason ?? null;
  };

  it('of an address that is not there: no more mail, and a call instead', async () => {
    const { sender } = await thanked();
    await mailbox.receive(dsn(sender, '5.1.1'));
    await mailbox.receive(dsn(sender, '5.1.1'));
    await read();
    expect(await suppressed()).toBe('refused');
    expect(await sale.tasks()).toContain('call: address-refused');
    expect((await story()).slice(-2)).toEqual([
      'bounced thank-you (address-refused)',
      'handed-over thank-you (address-refused)',
    ]);
    const before = shop.mailServer.mails.length;
    await shop.days(30);
    expect(shop.mailServer.mails.slice(before).filter(({ to }) => JSON.stringify(to).includes(who))).toEqual([]);
  });

  it('without a number to call stands in the story', async () => {
    last += 1;
    who = `reader-${last}`;
    sale = await order({});
    const { sender } = await thanked();
    await mailbox.receive(dsn(sender, '5.1.1'));
    await read();
    expect((await story()).at(-1)).toBe('bounced thank-you (address-refused)');
    expect(await suppressed()).toBe('refused');
  });

  it.each(['5.7.1', '5.2.2'])('of a mail that is not taken (%s) says nothing of the address', async (status) => {
    const { sender } = await thanked();
    await mailbox.receive(dsn(sender, status));
    await read();
    expect(await suppressed()).toBeNull();
    expect(await sale.tasks()).toContain('call: mail-refused');
    expect(await kept()).toEqual([`bounce: failed ${status}`]);
  });

  it('is forgotten when a mail comes from that address, and mail goes there again', async () => {
    const { sender } = await thanked();
    await mailbox.receive(dsn(sender, '5.1.1'));
    await read();
    expect(await suppressed()).toBe('refused');
    await writes(['Auto-Submitted: auto-replied'], 'I am away');
    await read();
    expect(await suppressed()).toBe('refused');
    await writes([], 'It works again.');
    await read();
    expect(await suppressed()).toBeNull();
    await sale.comesOut('address-refused', 'reached');
    await sale.comesOut('reply', 'done');
    await shop.days(16);
    expect(await story()).toContain('sent survey');
  });

  it('of an address that was also reported or asked for rest is not', async () => {
    const { sender } = await thanked();
    await mailbox.receive(dsn(sender, '5.1.1'));
    await read();
    await suppress(shop.store.db, `${who}@example.com`, 'spam-report', await shop.now());
    await writes([], 'Hello?');
    await read();
    expect(await suppressed()).toBe('spam-report');
  });

  it('that is only late, or that our address does not prove, is kept and no more', async () => {
    const { mail, sender } = await thanked();
    const before = await story();
    await mailbox.receive(dsn(sender, '4.4.1', 'delayed'));
    await mailbox.receive(dsn(bounceAddress(mail.messageId!, 'guessed'), '5.1.1'));
    await mailbox.receive([...dsn('care@shop.example', '5.1.1'), `In-Reply-To: ${mail.messageId}`]);
    await read();
    expect(await suppressed()).toBeNull();
    expect(await story()).toEqual(before);
  });
});

describe('the mailbox', () => {
  it('a mail that was taken by a worker killed before it could mark it is not taken twice', async () => {
    await writes([], 'Hello?');
    const now = await shop.now();
    await expect(
      inbox.round(async (raw) => {
        await takeInbound(shop.store, await readInbound(raw, shop.store.settings.secret), now);
        throw new Error('killed');
      }),
    ).rejects.toThrow('killed');
    const next = openInbox(mailbox.url);
    await read(next);
    await next.round(async () => {
      throw new Error('there was a mail that is not marked as read');
    });
    next.close();
    expect(await kept()).toEqual(['reply: Hello?']);
    expect((await story()).filter((line) => line.includes('replied'))).toHaveLength(1);
  });

  it('goes away and comes back: nothing else stops, and what comes then is read', async () => {
    const lines: string[] = [];
    const log = pino({ base: null }, { write: (line) => void lines.push(line) });
    const now = await shop.now();
    await mailbox.stop();
    const loop = startInbox(shop.store, mailbox.url, () => now, log);
    try {
      expect(
        await until(
          async () => loop.trouble(),
          (trouble) => trouble !== null,
        ),
      ).toBe('the mailbox does not answer');
      await mailbox.start();
      await writes([], 'Back again');
      await until(kept, (mails) => mails.length > 0);
      expect(await kept()).toEqual(['reply: Back again']);
      // The round that read it may still be at its last words with the mailbox.
      await until(
        async () => loop.trouble(),
        (trouble) => trouble === null,
      );
      expect(lines.join('')).not.toMatch(/example\.com|Back again|a\/b%c/);
    } finally {
      await loop.stop();
    }
  });
});
