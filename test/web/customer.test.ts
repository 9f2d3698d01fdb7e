import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { asc, eq } from 'drizzle-orm';
import { DAY } from '../../domain/time.ts';
import { answerOf } from '../../store/answers.ts';
import { eraseCustomer } from '../../store/customers.ts';
import { customers, orders, outbox, type TokenPurpose, tasks } from '../../store/schema.ts';
import { takeOutcome } from '../../store/tasks.ts';
import { newTokens } from '../../store/tokens.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';

let house: House;
let last = 0;
/** The order of this test, and links about it. */
let id: string;
let number: string;

beforeAll(async () => {
  house = await freshHouse();
});
afterAll(() => house.drop());
beforeEach(async () => {
  house.clock.now = NOON;
  last += 1;
  number = `A-${last}`;
  id = await house.order(number);
  await house.store.db.delete(outbox);
});

const link = (purpose: TokenPurpose, expiresAt: number | null = null, order = id) =>
  newTokens(house.store.db, order, null, { [purpose]: expiresAt }).then((made) => made[purpose]!);
const customerOf = async (orderId = id) => {
  const [{ customer }] = await house.store.db
    .select({ customer: customers })
    .from(orders)
    .innerJoin(customers, eq(customers.id, orders.customerId))
    .where(eq(orders.id, orderId));
  return customer;
};
const openTasks = async () =>
  (await house.store.db.select().from(tasks).where(eq(tasks.orderId, id)).orderBy(asc(tasks.madeAt))).filter(
    ({ status }) => status === 'open',
  );
const checked = (html: string) => [...html.matchAll(/name="nps" value="(\d+)"[^>]* checked/g)].map(([, nps]) => nps);

describe('the survey', () => {
  const survey = async () => `/s/${await link('survey', NOON + 90 * DAY)}`;

  it('a score in the link preselects, and nothing is kept by looking', async () => {
    const page = await house.get(`${await survey()}?score=9`);
    expect(page.status).toBe(200);
    expect(checked(page.html)).toEqual(['9']);
    expect(await answerOf(house.store.db, id)).toBeNull();
    expect(await house.story(id)).toEqual(['accepted']);
  });

  it.each(['11', '-1', '9.5', '"><script>', ''])('a score %p preselects nothing', async (score) => {
    const page = await house.get(`${await survey()}?score=${encodeURIComponent(score)}`);
    expect(checked(page.html)).toEqual([]);
    expect(page.html).not.toContain('<script');
  });

  it('an answer is kept, told to the workflow and thanked for, with who reads it and until when it can be changed', async () => {
    const path = await survey();
    const page = await house.post(path, { nps: '3', benefit: 'Coffee', better: '<b>Come</b> on time' });
    expect(page.status).toBe(200);
    expect(page.text).toContain('Your answer has arrived. Sam Lee will read it.');
    expect(page.text).toContain('You can change it until Sunday, 31 January 2027');
    expect(await answerOf(house.store.db, id)).toMatchObject({ nps: 3, benefit: 'Coffee', way: 'link' });
    expect(await house.story(id)).toEqual(['accepted', 'answered (link)']);
    expect(await house.store.db.select().from(outbox)).toMatchObject([{ orderId: id, start: false }]);

    const again = await house.get(path);
    expect(again.text).toContain('You have answered already.');
    expect(checked(again.html)).toEqual(['3']);
    expect(again.html).toContain('&lt;b&gt;Come&lt;/b&gt; on time');
  });

  it('the same answer twice is one, another takes its place', async () => {
    const path = await survey();
    for (const nps of ['3', '3', '2']) await house.post(path, { nps });
    expect(await answerOf(house.store.db, id)).toMatchObject({ nps: 2 });
    expect(await house.story(id)).toEqual(['accepted', 'answered (link)', 'answered (link)']);
  });

  it.each([
    ['without a score', {}],
    ['with a score that is none', { nps: '11' }],
  ])('%s it comes back with what was typed', async (_, form) => {
    const page = await house.post(await survey(), { benefit: 'Much & more', ...form });
    expect(page.status).toBe(422);
    expect(page.text).toContain('It was not sent yet');
    expect(page.text).toContain('allowed: a whole number from 0 to 10');
    expect(page.html).toContain('Much &amp; more');
    expect(await answerOf(house.store.db, id)).toBeNull();
  });

  it('weighs less than 50 kB with all that belongs to it', async () => {
    const { html } = await house.get(await survey());
    let weight = html.length;
    for (const [, path] of html.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)) {
      const asset = await house.app.request(path.replaceAll('&amp;', '&'), { headers: { 'accept-encoding': 'gzip' } });
      expect(asset.headers.get('cache-control')).toContain('immutable');
      weight += (await asset.arrayBuffer()).byteLength;
    }
    expect(weight).toBeLessThan(50_000);
    expect(html).not.toContain('<script');
  });

  it('nobody posts to a link a hundred times an hour', async () => {
    const path = await survey();
    for (let count = 0; count < 30; count += 1) await house.post(path, { nps: '5' });
    expect((await house.post(path, { nps: '5' })).status).toBe(429);
    expect((await house.get(path)).status).toBe(200);
    house.clock.now += DAY;
    expect((await house.post(path, { nps: '5' })).status).toBe(200);
  });
});

describe('a link that does not work', () => {
  it('is the same page whatever is wrong with it', async () => {
    const wrong = await house.get('/s/AAAAAAAAAAAAAAAAAAAAAA');
    expect(wrong.status).toBe(404);
    expect(wrong.text).toContain('answer that mail: a person reads it');
    const others = [
      `/s/${await link('survey', NOON - 1)}`,
      `/s/${await link('person')}`,
      `/s/${await link('unsubscribe')}`,
      `/u/${await link('survey', NOON + DAY)}`,
      `/p/${await link('unsubscribe')}`,
      '/u/x',
      '/p/%00',
      '/r/NOBODY22',
    ];
    for (const path of others) expect(await house.get(path)).toMatchObject({ status: 404, html: wrong.html });
    for (const path of others.slice(0, 5))
      expect(await house.post(path, { nps: '1', service: 'on' })).toMatchObject({ status: 404, html: wrong.html });
  });

  it('so are the links of somebody who was erased', async () => {
    const paths = [`/s/${await link('survey', NOON + DAY)}`, `/r/${(await customerOf()).referralCode}`];
    await eraseCustomer(house.store, (await customerOf()).id, NOON);
    for (const path of paths) expect((await house.get(path)).status).toBe(404);
  });
});

describe('what all these pages keep to', () => {
  it('headers', async () => {
    for (const path of [
      `/s/${await link('survey')}`,
      `/u/${await link('unsubscribe')}`,
      `/p/${await link('person')}`,
      '/r/x',
    ]) {
      const { headers } = await house.get(path);
      expect(Object.fromEntries(headers)).toMatchObject({
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'content-security-policy':
          "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      });
      expect(headers.get('set-cookie')).toBeNull();
    }
  });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 403],
    [
      'another site, in a browser that tells the origin alone',
      { 'sec-fetch-site': '', origin: 'https://evil.example' },
      403,
    ],
    ['a page without an origin on another site', { 'sec-fetch-site': 'cross-site', origin: 'null' }, 403],
    ['our page over plain http, which tells no origin', { 'sec-fetch-site': '', origin: 'null' }, 200],
    ['our page, behind a proxy', { 'sec-fetch-site': '', origin: 'https://care.example' }, 200],
    ['our page', { 'sec-fetch-site': 'same-origin', origin: 'null' }, 200],
  ])('a form from %s: %j gives %i', async (_, headers, status) => {
    const sent = Object.fromEntries(Object.entries(headers).filter(([, value]) => value));
    const answer = await house.app.request(`/s/${await link('survey')}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...(sent as Record<string, string>) },
      body: 'nps=9',
    });
    expect(answer.status).toBe(status);
  });

  it('a form of a megabyte is refused', async () => {
    expect((await house.post(`/s/${await link('survey')}`, { nps: '9', better: 'x'.repeat(1e6) })).status).toBe(413);
  });
});

describe('preferences', () => {
  const preferences = async () => `/u/${await link('unsubscribe')}`;

  it('show what holds now; looking changes nothing', async () => {
    const page = await house.get(await preferences());
    expect(page.html.match(/role="switch"[^>]* checked/g)).toHaveLength(2);
    expect(await house.story(id)).toEqual(['accepted']);
  });

  it('one switch off is saved and told', async () => {
    const page = await house.post(await preferences(), { service: 'on' });
    expect(page.text).toContain('Saved.');
    expect(page.html.match(/role="switch"[^>]* checked/g)).toHaveLength(1);
    expect(await customerOf()).toMatchObject({ service: true, selling: false });
    expect(await house.story(id)).toEqual(['accepted', 'changed (service-only)']);
  });

  it('saved as they were leave no mark', async () => {
    await house.post(await preferences(), { service: 'on', selling: 'on' });
    expect(await house.story(id)).toEqual(['accepted']);
  });

  it('nothing at all ends the follow-up, whatever the switches say', async () => {
    const page = await house.post(await preferences(), { service: 'on', selling: 'on', nothing: 'yes' });
    expect(page.text).toContain('We will not contact you any more.');
    expect(await customerOf()).toMatchObject({ service: false, selling: false });
    expect(await house.story(id)).toContain('opted-out');
    expect((await house.get(await preferences())).text).toContain('At present we do not contact you at all.');
  });
});

describe('one click in the mail program', () => {
  const click = async (path: string, body: string | FormData = 'List-Unsubscribe=One-Click') =>
    house.app.request(path, {
      method: 'POST',
      headers: {
        origin: 'https://mail.example',
        'sec-fetch-site': 'cross-site',
        ...(typeof body === 'string' && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      body,
    });

  it.each(['as a form', 'in parts'])(
    'sent %s it stops everything at once, from anywhere, without cookie or redirect',
    async (way) => {
      const parts = new FormData();
      parts.set('List-Unsubscribe', 'One-Click');
      const answer = await click(`/u/${await link('unsubscribe')}`, way === 'in parts' ? parts : undefined);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('set-cookie')).toBeNull();
      expect(await answer.text()).toBe('Done: no more mail.');
      expect(await customerOf()).toMatchObject({ service: false, selling: false });
    },
  );

  it('twice is as once', async () => {
    const path = `/u/${await link('unsubscribe')}`;
    await click(path);
    const story = await house.story(id);
    expect((await click(path)).status).toBe(200);
    expect(await house.story(id)).toEqual(story);
  });

  it('needs the link, and its own body: nothing else passes from another site', async () => {
    expect((await click('/u/AAAA')).status).toBe(404);
    expect((await click(`/u/${await link('unsubscribe')}`, 'nothing=yes')).status).toBe(403);
    expect(await customerOf()).toMatchObject({ service: true, selling: true });
  });
});

describe('talk to a person', () => {
  const person = async () => `/p/${await link('person')}`;

  it('names who looks after the order, and how to reach them', async () => {
    const page = await house.get(await person());
    expect(page.text).toContain('Sam Lee looks after your order');
    expect(page.html).toContain('href="tel:+4930123456"');
    expect(page.html).toContain('href="mailto:sam@example.org"');
    expect(page.html).not.toContain('+49 30 123456</label>');
  });

  it('makes a call for the owner, with a promised time in the zone of the customer', async () => {
    const [{ customerId }] = await house.store.db.select().from(orders).where(eq(orders.id, id));
    await house.store.db.update(customers).set({ timeZone: 'America/New_York' }).where(eq(customers.id, customerId));
    const page = await house.post(await person(), { note: 'It leaks.' });
    expect(page.text).toContain('Sam Lee will call you by Tue, 3 Nov 2026, 07:00 (America/New_York).');
    expect(await openTasks()).toMatchObject([
      { kind: 'call', reason: 'customer-asks', owner: 'sam', dueAt: Date.parse('2026-11-03T12:00:00Z') },
    ]);
    expect(await house.story(id)).toEqual(['accepted', 'task-made talk-to-a-person (customer-asks)']);
    expect((await house.get('/')).text).toContain('It leaks.');
  });

  it('twice makes no second call, but adds what was written', async () => {
    const path = await person();
    await house.post(path, { note: 'It leaks.' });
    house.clock.now += 3_600_000;
    const page = await house.post(path, { note: 'Now it drips.' });
    expect(page.text).toContain('Sam Lee will call you by Tue, 3 Nov 2026, 12:00');
    expect(await openTasks()).toHaveLength(1);
    expect(await house.story(id)).toEqual([
      'accepted',
      'task-made talk-to-a-person (customer-asks)',
      'note talk-to-a-person',
    ]);
    expect((await house.get(path)).text).toContain('You have asked for a call.');
  });

  it('who is not reached is tried again, three times in all; who wants another time gets it', async () => {
    await house.post(await person(), {});
    const comesOut = async (outcome: 'no-answer' | 'call-back' | 'reached', callBackAt: number | null = null) => {
      const [{ id: task }] = await openTasks();
      await takeOutcome(
        house.store,
        task,
        { id: null, outcome, note: null, callBackAt, answers: null },
        house.clock.now,
      );
    };
    await comesOut('no-answer');
    expect(await openTasks()).toMatchObject([{ dueAt: Date.parse('2026-11-03T15:00:00Z') }]);
    await comesOut('call-back', NOON + 2 * DAY);
    expect(await openTasks()).toMatchObject([{ dueAt: NOON + 2 * DAY }]);
    await comesOut('no-answer');
    await comesOut('no-answer');
    expect(await openTasks()).toEqual([]);
    await house.post(await person(), {});
    await comesOut('reached');
    expect(await openTasks()).toEqual([]);
    expect((await house.get(await person())).text).not.toContain('You have asked for a call.');
  });

  it('works when the follow-up is over', async () => {
    await house.happens(number, 'cancelled');
    const page = await house.post(await person(), {});
    expect(page.text).toContain('Sam Lee will call you by');
    expect(await openTasks()).toHaveLength(1);
  });

  it('joins a call the customer gets anyway, which is then made in time', async () => {
    const { externalId } = await customerOf();
    const other = await house.order(`B-${last}`, {
      customer: { id: externalId, name: 'Ada Palmer', email: 'ada@example.com', phone: '+49 30 123456' },
    });
    const call = await house.task(other, 'call', 'check-in');
    await house.store.db
      .update(tasks)
      .set({ dueAt: NOON + 9 * DAY })
      .where(eq(tasks.id, call.id));
    const page = await house.post(await person(), {});
    expect(page.text).toContain('by Tue, 3 Nov 2026, 12:00');
    expect(await openTasks()).toEqual([]);
    expect(await house.store.db.select().from(tasks).where(eq(tasks.id, call.id))).toMatchObject([
      { dueAt: NOON + DAY },
    ]);
  });

  it('asks for a number where none is known, and passes on one that is given', async () => {
    const { id: customer } = await customerOf();
    await house.store.db.update(customers).set({ phone: null }).where(eq(customers.id, customer));
    const path = await person();
    const without = await house.post(path, { note: 'Hello?' });
    expect(without.status).toBe(422);
    expect(without.text).toContain('We have no phone number of yours');
    expect(without.html).toContain('Hello?');
    expect((await house.post(path, { phone: '123' })).status).toBe(422);
    await house.post(path, { phone: '+44 20 7946 0958' });
    expect((await house.get('/')).text).toContain('Call at +442079460958.');
    expect(await customerOf()).toMatchObject({ phone: null });
  });
});

describe('a referral', () => {
  it('says who we are and which code to mention, and not who sent it', async () => {
    const { referralCode } = await customerOf();
    const page = await house.get(`/r/${referralCode.toLowerCase()}`);
    expect(page.status).toBe(200);
    expect(page.text).toContain('A friend of yours bought from Our company');
    expect(page.text).toContain(referralCode);
    expect(page.text).not.toContain('Ada');
  });
});
