import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eq, sql } from 'drizzle-orm';
import { simpleParser } from 'mailparser';
import { startCatcher } from '../../mail/catcher.ts';
import { readInbound } from '../../mail/inbound.ts';
import { openMailer } from '../../mail/smtp.ts';
import { bounceAddress } from '../../mail/verp.ts';
import { listCaught, readCaught } from '../../store/caughtMails.ts';
import { complaintsOf } from '../../store/complaints.ts';
import { eraseCustomer, exportCustomer, findCustomer, hashOf } from '../../store/customers.ts';
import { change, lockParty } from '../../store/followUps.ts';
import { takeInbound } from '../../store/inbound.ts';
import { claim, conclude } from '../../store/ledger.ts';
import { findOrder } from '../../store/orders.ts';
import { customers, inboundMails, suppressions } from '../../store/schema.ts';
import { mailHookSecret } from '../../web/api/hooks.ts';
import { catchMail } from '../../worker/inbox.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';

let house: House;
let last = 0;
let id: string;
let number: string;

beforeAll(async () => {
  house = await freshHouse();
});
afterAll(() => house.drop());
beforeEach(async () => {
  last += 1;
  number = `W-${last}`;
  id = await house.order(number);
});

const email = (of = number) => `ada-${of}@example.com`;

/** A mail comes in from this test's customer, or somebody else. */
async function writes(words: string, from = email(), headers: string[] = []) {
  const raw = [`From: ${from}`, 'Subject: Re: A question', ...headers, '', words].join('\r\n');
  const mail = await readInbound(Buffer.from(raw), house.store.settings.secret);
  return takeInbound(house.store, mail, house.clock.now);
}
const unsettled = async (from: string) =>
  (await house.store.db.select().from(inboundMails).where(eq(inboundMails.from, from)))[0];
const story = async () => (await house.story(id)).filter((line) => line !== 'accepted');

describe('the card of a reply', () => {
  it('shows what was written without what was quoted, and how to answer', async () => {
    await writes('It <b>leaks</b>.\r\n\r\nOn Mon, Sam Lee wrote:\r\n> How is it?');
    const page = await house.get(`/orders/shop/${number}`);
    expect(page.html).toContain('<blockquote>It &lt;b&gt;leaks&lt;/b&gt;.</blockquote>');
    expect(page.html).toMatch(/<summary>The whole mail<\/summary><pre>[^<]*&gt; How is it\?<\/pre>/);
    expect(page.html).toContain(`href="mailto:${email()}?subject=Re%3A%20A%20question"`);
    expect(page.text).toContain('Answered a mail: write back');
    expect(page.html).toContain('>Answered</button>');
  });

  it('shows all mails that wait for the answer, and none that were answered', async () => {
    const card = async () => {
      const { html } = await house.get(`/orders/shop/${number}`);
      const [, task] = /action="\/tasks\/([^/]+)\/outcome"/.exec(html)!;
      return { task, ...(await house.get(`/tasks/${task}`)) };
    };
    for (const words of ['First', 'Second']) await writes(words);
    const first = await card();
    expect(first.text).toMatch(/First .*Second/);
    await house.post(`/tasks/${first.task}/outcome`, { outcome: 'done', back: '/' });
    house.clock.now += 1_000;
    await writes('Third');
    const next = await card();
    expect(next.text).toContain('Third');
    expect(next.text).not.toContain('First');
  });

  it.each([
    ['complained', 'This is a complaint'],
    ['interested', 'Wants to buy'],
  ])('makes it %s, once', async (what, words) => {
    await writes('It leaks, I want another one.');
    const { html } = await house.get(`/orders/shop/${number}`);
    const form = [...html.matchAll(/<form method="post" action="[^"]+\/events">(.*?)<\/form>/gs)]
      .map(([, inside]) => inside)
      .find((inside) => inside.includes(words))!;
    const fields = Object.fromEntries(
      [...form.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    );
    expect(fields).toMatchObject({ type: what, text: 'It leaks, I want another one.' });
    for (let clicks = 0; clicks < 2; clicks += 1)
      expect((await house.post(`/orders/shop/${number}/events`, fields)).status).toBe(303);
    expect((await story()).filter((line) => line.startsWith(what))).toHaveLength(1);
  });
});

describe('what is in the list', () => {
  /** A report on the delivery of a mail to this test's customer. */
  async function reports(action: string, status: string) {
    const { customerId, partyId } = (await findOrder(house.store, 'shop', number))!;
    const { secret } = house.store.settings;
    let messageId = '';
    await change(house.store, id, NOON, async ({ tx, note }) => {
      const about = { customerId, partyId, purpose: 'service', asks: true, content: null } as const;
      const entry = (await claim(house.store, tx, { orderId: id, touch: 'survey', occurrence: '1' }, about, NOON))!;
      await conclude(tx, entry, 'sent', '250', NOON);
      await note({ what: 'sent', at: NOON, touch: 'survey', occurrence: '1' });
      messageId = entry.messageId;
    });
    const raw = [
      `To: ${bounceAddress(messageId, secret)}`,
      'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
      '',
      '--b',
      'Content-Type: message/delivery-status',
      '',
      'Reporting-MTA: dns; mx.example',
      '',
      `Final-Recipient: rfc822; ${email()}`,
      `Action: ${action}`,
      `Status: ${status}`,
      `Diagnostic-Code: smtp; said of ${email()}`,
      '--b--',
    ].join('\r\n');
    house.clock.now += 1_000;
    await takeInbound(house.store, await readInbound(Buffer.from(raw), secret), house.clock.now);
    const [, first] = (await house.get('/replies')).html.split('<article>');
    return first.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
  }

  it.each([
    ['failed', '5.1.1', /Came back .*There is no such mailbox \(5\.1\.1\)/],
    ['failed', '5.2.2', /Came back .*The mailbox is full \(5\.2\.2\)/],
    ['delayed', '4.4.1', /Delayed: the mail server is still trying .*could not be reached \(4\.4\.1\)/],
    ['delivered', '2.0.0', /Arrived /],
  ])('a mail that %s with %s says so, and names no address', async (action, status, words) => {
    const said = await reports(action, status);
    expect(said).toMatch(words);
    expect(said).not.toContain(email());
    if (action !== 'failed') expect(said).not.toContain('Came back');
  });

  it('somebody else who asks for no more mail is told apart on the card', async () => {
    await writes('Hello');
    expect((await house.get(`/orders/shop/${number}`)).text).not.toContain('not from an address of this customer');
    const { customerId, partyId } = (await findOrder(house.store, 'shop', number))!;
    let messageId = '';
    await change(house.store, id, NOON, async ({ tx }) => {
      const about = { customerId, partyId, purpose: 'service', asks: true, content: null } as const;
      const entry = (await claim(house.store, tx, { orderId: id, touch: 'survey', occurrence: '1' }, about, NOON))!;
      await conclude(tx, entry, 'sent', '250', NOON);
      messageId = entry.messageId;
    });
    await writes('Unsubscribe', `friend-${last}@example.net`, [`In-Reply-To: ${messageId}`]);
    const page = await house.get(`/orders/shop/${number}`);
    expect(page.text).toContain('not from an address of this customer');
    expect(await story()).not.toContain('opted-out');
  });
});

it('what a customer writes while their complaint is open stands among what happened on its page', async () => {
  await writes('Before it.');
  house.clock.now += 1_000;
  await house.happens(number, 'complained', { text: 'It leaks.' });
  house.clock.now += 1_000;
  await writes('It leaks <i>more</i>.\r\n\r\nOn Mon, Sam Lee wrote:\r\n> How is it?');
  const [complaint] = await complaintsOf(house.store.db, id);
  const path = `/complaints/${complaint.id}`;
  const happened = async () => (await house.get(path)).html.split('<h2>What happened</h2>')[1];
  expect(await happened()).toMatch(
    /<time[^>]*>[^<]+<\/time>.*The customer answered a mail\.<blockquote>It leaks &lt;i&gt;more/s,
  );
  expect(await happened()).not.toMatch(/How is it|Before it/);
  house.clock.now += 1_000;
  await house.post(`${path}/close`, { why: 'withdrawn', text: 'It was the cup.' });
  house.clock.now += 1_000;
  await writes('After it.');
  expect(await happened()).toContain('It leaks &lt;i&gt;more');
  expect(await happened()).not.toContain('After it');
});

describe('a mail of somebody unknown', () => {
  const stranger = () => `stranger-${last}@example.net`;

  it.each([
    ['STOP', 'stop', ['replied (stop)', 'opted-out']],
    ['STOP. It leaks.', 'stop-and-more', ['replied (stop)', 'task-made reply (reply)', 'opted-out']],
  ])('that says %j stops everything once somebody knows whose it is', async (words, kind, happened) => {
    await writes(words, stranger());
    expect((await house.get('/replies')).text).toContain(
      'whoever you say it is from gets no mail and no call any more',
    );
    expect(await story()).toEqual([]);
    await house.post(`/replies/${(await unsettled(stranger())).id}`, { order: number });
    expect(await unsettled(stranger())).toMatchObject({ kind });
    expect(await story()).toEqual(expect.arrayContaining(happened));
    const { service, selling } = (await findCustomer(house.store, 'shop', `c-${number}`))!;
    expect([service, selling]).toEqual([false, false]);
  });

  it('is counted everywhere, and given to its order by number', async () => {
    await writes('Where is it?', stranger());
    expect((await house.get('/orders')).text).toContain('Replies 1 to settle');
    const page = await house.get('/replies');
    expect(page.text).toContain('Whose are these?');
    expect(page.text).toContain('Where is it?');
    const { id: mail } = await unsettled(stranger());
    for (const order of ['', 'none', 'nobody@example.net']) {
      const refused = await house.post(`/replies/${mail}`, { order });
      expect(refused.status).toBe(422);
      expect(refused.text).toContain('There is no order of this number or address');
    }
    const { to } = await house.post(`/replies/${mail}`, { order: number });
    expect((await house.get(to!)).text).toContain('Saved.');
    expect((await house.get('/replies')).text).not.toContain('Whose are these?');
    expect(await story()).toEqual(['replied', 'task-made reply (reply)']);
    expect((await house.get(`/orders/shop/${number}`)).text).toContain('Where is it?');
    await house.post(`/replies/${mail}`, { order: number });
    expect(await story()).toHaveLength(2);
  });

  it('is given to the newest order of an address, or to none', async () => {
    await writes('One', stranger());
    await house.post(`/replies/${(await unsettled(stranger())).id}`, { order: email() });
    expect(await story()).toContain('replied');
    await writes('Two', `other-${stranger()}`);
    await house.post(`/replies/${(await unsettled(`other-${stranger()}`)).id}`, { nothing: 'yes', order: '' });
    expect((await house.get('/replies')).text).not.toContain('Whose are these?');
    expect(await story()).toHaveLength(2);
  });

  it.each(['none', "'", '00000000-0000-0000-0000-000000000000'])('%j is none', async (mail) => {
    const { status } = await house.post(`/replies/${encodeURIComponent(mail)}`, { nothing: 'yes' });
    expect(status).toBe(mail.length === 36 ? 303 : 404);
  });
});

it('what somebody wrote goes with them, and is handed out to them before', async () => {
  await writes('My secret garden');
  const customer = (await findCustomer(house.store, 'shop', `c-${number}`))!;
  expect(JSON.stringify(await exportCustomer(house.store, customer))).toContain('My secret garden');
  await eraseCustomer(house.store, customer.id, NOON);
  expect(JSON.stringify(await house.store.db.select().from(inboundMails))).not.toMatch(
    new RegExp(`secret garden|${email()}`),
  );
  await writes('Me again');
  expect(await unsettled(email())).toMatchObject({ kind: 'unknown', orderId: null, text: 'Me again' });
});

it('a mail of somebody who is just being erased is not kept as theirs', async () => {
  const { db } = house.store;
  const { id: customer } = (await findCustomer(house.store, 'shop', `c-${number}`))!;
  let taking!: Promise<unknown>;
  await db.transaction(async (tx) => {
    await lockParty(tx, customer);
    taking = writes('My secret garden');
    const waits = sql`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    while ((await db.execute(waits)).rows.length === 0);
    await tx.update(customers).set({ erasedAt: NOON, email: null, emailHash: null }).where(eq(customers.id, customer));
  });
  await taking;
  expect(await unsettled(email())).toMatchObject({ kind: 'unknown', orderId: null, customerId: null });
  expect(await story()).toEqual([]);
});

it('the settings say where a mail provider reports, and what it signs with', async () => {
  const page = await house.get('/settings');
  expect(page.text).toContain('POST https://care.example/hooks/mail');
  expect(page.text).toContain(mailHookSecret(house.store));
});

describe('a mail that was caught', () => {
  /** The survey goes out by SMTP and is caught; the page of it. */
  async function caught(): Promise<{ path: string; close: () => Promise<void> }> {
    const catcher = await startCatcher(catchMail(house.store, () => house.clock.now));
    const mailer = openMailer(catcher.url);
    house.web.catcherUrl = catcher.url;
    const { customerId, partyId } = (await findOrder(house.store, 'shop', number))!;
    const { mailFrom, secret } = house.store.settings;
    await change(house.store, id, NOON, async ({ tx, note }) => {
      const contact = { orderId: id, touch: 'survey', occurrence: '1' };
      const about = { customerId, partyId, purpose: 'service', asks: true, content: null } as const;
      const entry = (await claim(house.store, tx, contact, about, NOON))!;
      await mailer.send(
        {
          from: { name: 'Our company', address: mailFrom },
          to: { name: 'Ada Palmer', address: email() },
          replyTo: { name: 'Sam Lee', address: mailFrom },
          envelope: { from: bounceAddress(entry.messageId, secret), to: email() },
          subject: 'How did we do?',
          text: 'How likely?\n\nhttps://care.example/s/token',
          html: '<p>How likely?</p>',
          messageId: entry.messageId,
          headers: {},
        },
        async () => true,
      );
      await conclude(tx, entry, 'sent', '250', NOON);
      await note({ what: 'sent', at: NOON, touch: 'survey', occurrence: '1' });
    });
    const [{ id: mail }] = await listCaught(house.store, null, 1);
    const close = async () => {
      house.web.catcherUrl = null;
      mailer.close();
      await catcher.close();
    };
    return { path: `/dev/mail/${mail}`, close };
  }

  it('is answered as the customer would: what they write is a reply to it', async () => {
    const { path, close } = await caught();
    expect((await house.get(path)).html).toContain(`action="${path}/reply"`);
    expect((await house.post(`${path}/reply`, { words: ' ' })).status).toBe(422);
    const { to } = await house.post(`${path}/reply`, { words: 'Very likely,\nthank you.' });
    expect((await house.get(to!)).text).toContain('It is read as every reply');
    expect(await story()).toEqual(expect.arrayContaining(['replied survey', 'task-made reply (reply)']));
    expect((await house.get('/replies')).html).toContain('<blockquote>Very likely,\nthank you.</blockquote>');
    await close();
    expect((await house.get(path)).html).not.toContain(`action="${path}/reply"`);
    expect((await house.post(`${path}/reply`, { words: 'Hello' })).status).toBe(404);
  });

  it('is sent back as if there were no such mailbox', async () => {
    const { path, close } = await caught();
    await house.post(`${path}/bounce`, {});
    expect(await story()).toEqual(expect.arrayContaining(['bounced survey (address-refused)']));
    expect(
      await house.store.db
        .select()
        .from(suppressions)
        .where(eq(suppressions.addressHash, hashOf(email()))),
    ).toMatchObject([{ reason: 'refused' }]);
    await close();
  });

  it('says where its bounces go, as in a mailbox', async () => {
    const { path, close } = await caught();
    const { raw } = (await readCaught(house.store, Number(path.split('/').at(-1))))!;
    expect((await simpleParser(raw)).headers.get('return-path')).toMatchObject({ text: expect.stringMatching(/^b\+/) });
    await close();
  });

  it('cannot be answered where nothing catches any more', async () => {
    const { path, close } = await caught();
    const url = house.web.catcherUrl;
    await close();
    house.web.catcherUrl = url;
    const refused = await house.post(`${path}/reply`, { words: 'Hello' });
    expect(refused.status).toBe(503);
    expect(refused.text).toContain('It could not be sent');
    house.web.catcherUrl = null;
  });
});
