import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { asc, eq } from 'drizzle-orm';
import { DAY } from '../../domain/time.ts';
import { answerOf } from '../../store/answers.ts';
import { suppress } from '../../store/customers.ts';
import { pauseCustomer } from '../../store/pauses.ts';
import { customers, orders, outbox, type TokenPurpose, tasks } from '../../store/schema.ts';
import { takeOutcome } from '../../store/tasks.ts';
import { newTokens } from '../../store/tokens.ts';
import { createApp } from '../../web/app.ts';
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
    expect(page.text).toContain('Your answer has arrived. Thank you for saying it openly. Sam Lee will call you by');
    expect(page.text).toContain('You can change your answer until Sunday, 31 January 2027');
    expect(await answerOf(house.store.db, id)).toMatchObject({ nps: 3, benefit: 'Coffee', way: 'link' });
    expect(await house.story(id)).toEqual(['accepted', 'answered (link)', 'task-made recovery (detractor)']);
    expect(await house.store.db.select().from(outbox)).toMatchObject([{ orderId: id, start: false }]);

    const again = await house.get(path);
    expect(again.text).toContain('You have answered already.');
    expect(checked(again.html)).toEqual(['3']);
    expect(again.html).toContain('&lt;b&gt;Come&lt;/b&gt; on time');
  });

  it('the same answer twice is one, another takes its place', async () => {
    const path = await survey();
    for (const nps of ['7', '7', '8']) await house.post(path, { nps });
    expect(await answerOf(house.store.db, id)).toMatchObject({ nps: 8 });
    const story = await house.story(id);
    expect(story.filter((line) => line.startsWith('answered'))).toEqual(['answered (link)', 'answered (link)']);
  });

  it.each([
    ['without a score', {}, 'An answer is needed here.'],
    ['with a score that is none', { nps: '11' }, 'That is none of the answers.'],
  ])('%s it comes back with what was typed, which is kept and answers nothing', async (_, form, said) => {
    const page = await house.post(await survey(), { benefit: 'Much & more', ...form });
    expect(page.status).toBe(422);
    expect(page.text).toContain('Not everything is right yet');
    expect(page.text).toContain(said);
    expect(page.html).toContain('Much &amp; more');
    expect(await answerOf(house.store.db, id)).toMatchObject({ nps: null, benefit: 'Much & more', finishedAt: null });
    expect(await house.story(id)).toEqual(['accepted']);
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

  it('while the database is away they say so, in the language of the browser', async () => {
    const gone = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const db = {
      select: () => {
        throw gone;
      },
    };
    const app = createApp({ ...house.web, store: { ...house.store, db: db as never } });
    const page = await app.request('/s/x', { headers: { 'accept-language': 'de-DE,de;q=0.9' } });
    expect([page.status, page.headers.get('retry-after')]).toEqual([503, '10']);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain('Das geht gerade nicht');
  });

  it('a form of two megabytes is refused', async () => {
    expect((await house.post(`/s/${await link('survey')}`, { nps: '9', better: 'x'.repeat(2e6) })).status).toBe(413);
  });
});

describe('preferences', () => {
  const preferences = async () => `/u/${await link('unsubscribe')}`;
  const SERVICE = { 'service-email': 'on', 'service-phone': 'on' };
  const SELLING = { 'selling-email': 'on', 'selling-phone': 'on' };
  /** Sends the form as the page that is open has it. */
  const save = async (path: string, form: Record<string, string>) =>
    house.post(path, { ...form, shown: shownOn((await house.get(path)).html) });
  const shownOn = (html: string) => /name="shown" value="([^"]*)"/.exec(html)![1];
  const on = (html: string) => [...html.matchAll(/name="([a-z-]+)" checked/g)].map(([, name]) => name);

  it('show what holds now; looking changes nothing', async () => {
    const page = await house.get(await preferences());
    expect(on(page.html)).toEqual(['service-email', 'service-phone', 'selling-email', 'selling-phone']);
    expect(await house.story(id)).toEqual(['accepted']);
  });

  it('a purpose off is saved and told', async () => {
    const page = await save(await preferences(), SERVICE);
    expect(page.text).toContain('Saved.');
    expect(on(page.html)).toEqual(['service-email', 'service-phone']);
    expect(await customerOf()).toMatchObject({ service: true, selling: false });
    expect(await house.story(id)).toEqual(['accepted', 'changed (service-only)']);
  });

  it('so is a purpose by one way, which leaves the other as it is', async () => {
    const page = await save(await preferences(), { ...SERVICE, 'selling-phone': 'on' });
    expect(on(page.html)).toEqual(['service-email', 'service-phone', 'selling-phone']);
    expect(await customerOf()).toMatchObject({ service: true, selling: true, refused: ['selling:email'] });
    expect(await house.story(id)).toEqual(['accepted', 'changed (some-ways-only)']);
  });

  it('what was switched off is never on again by itself, and can be switched on', async () => {
    const path = await preferences();
    await save(path, { nothing: 'yes' });
    expect(on((await house.get(path)).html)).toEqual([]);
    await save(path, { 'service-email': 'on' });
    expect(on((await house.get(path)).html)).toEqual(['service-email']);
    expect(await customerOf()).toMatchObject({ service: true, selling: false });
  });

  it('saved as they were leave no mark', async () => {
    await save(await preferences(), { ...SERVICE, ...SELLING });
    expect(await house.story(id)).toEqual(['accepted']);
  });

  it('a pause waits until the end of a day in the zone of the customer, and can be ended', async () => {
    const [{ customerId }] = await house.store.db.select().from(orders).where(eq(orders.id, id));
    await house.store.db.update(customers).set({ timeZone: 'Europe/Berlin' }).where(eq(customers.id, customerId));
    const path = await preferences();
    const page = await save(path, { ...SERVICE, ...SELLING, pause: '2026-11-20' });
    expect(page.text).toContain('Everything waits until the end of Friday, 20 November 2026.');
    expect(await customerOf()).toMatchObject({ pausedUntil: Date.parse('2026-11-20T23:00:00Z') - 1 });
    const again = await save(path, { ...SERVICE, ...SELLING, pause: '2026-11-20' });
    expect(again.html).toContain('value="2026-11-20"');
    await save(path, { ...SERVICE, ...SELLING, pause: '' });
    expect(await customerOf()).toMatchObject({ pausedUntil: null });
    expect(await house.story(id)).toEqual(['accepted']);
  });

  it.each(['2026-11-01', '2027-12-31', '2026-02-30', 'tomorrow', '2026-11-20T10:00', '<script>'])(
    'a pause until %j is not taken, nor what came with it',
    async (pause) => {
      const page = await save(await preferences(), { ...SERVICE, pause });
      expect(page.status).toBe(422);
      expect(page.text).toContain('Please choose a day from today to');
      expect(page.html).not.toContain('<script');
      expect(on(page.html)).toEqual(['service-email', 'service-phone']);
      expect(await customerOf()).toMatchObject({ selling: true, pausedUntil: null });
    },
  );

  it('say that mail to an address that came back goes nowhere', async () => {
    await suppress(house.store.db, (await customerOf()).email!, 'refused', NOON);
    expect((await house.get(await preferences())).text).toContain('At present no mail goes to your address');
  });

  it.each([
    ['de-DE', 'Wozu dürfen wir uns bei Ihnen melden?', 'Montag, 9. November 2026'],
    ['fr-FR', 'À quel sujet pouvons-nous vous contacter ?', 'lundi 9 novembre 2026'],
    ['es-MX', '¿Sobre qué podemos ponernos en contacto con usted?', 'lunes, 9 de noviembre de 2026'],
  ])('speak to a customer of %s in their language, dates too', async (locale, title, day) => {
    const [{ customerId }] = await house.store.db.select().from(orders).where(eq(orders.id, id));
    await house.store.db.update(customers).set({ locale }).where(eq(customers.id, customerId));
    const page = await save(await preferences(), { ...SERVICE, pause: '2026-11-09' });
    expect(page.html).toContain(`<html lang="${locale.slice(0, 2)}">`);
    expect(page.text).toContain(title);
    expect(page.text).toContain(day);
  });

  it('what was switched off since the page was opened stays off: the page comes anew and says so', async () => {
    const path = await preferences();
    const shown = shownOn((await house.get(path)).html);
    await house.post(path, { 'List-Unsubscribe': 'One-Click' });
    const stale = await house.post(path, { ...SERVICE, ...SELLING, shown, pause: '2026-11-20' });
    expect(stale.status).toBe(422);
    expect(stale.text).toContain('This page was no longer up to date, so nothing was saved.');
    expect(on(stale.html)).toEqual([]);
    expect(await customerOf()).toMatchObject({ service: false, selling: false, pausedUntil: null });
    // The page that came instead is up to date.
    await house.post(path, { ...SERVICE, shown: shownOn(stale.html) });
    expect(await customerOf()).toMatchObject({ service: true, selling: false });
  });

  it('a pause that a colleague made since is not ended by a page from before it; nothing at all is taken from it', async () => {
    const path = await preferences();
    const shown = shownOn((await house.get(path)).html);
    await pauseCustomer(house.store, (await customerOf()).id, NOON + 7 * DAY, NOON);
    const stale = await house.post(path, { ...SERVICE, ...SELLING, shown, pause: '' });
    expect([stale.status, stale.html]).toEqual([422, expect.stringContaining('value="2026-11-09"')]);
    expect(await customerOf()).toMatchObject({ pausedUntil: NOON + 7 * DAY });
    const gone = await house.post(path, { ...SERVICE, shown, nothing: 'yes' });
    expect(gone.text).toContain('We will not contact you any more.');
    expect(await customerOf()).toMatchObject({ service: false, selling: false });
  });

  it.each<Record<string, string>>([
    {},
    { nothing: 'yes' },
    { 'list-unsubscribe': 'one-click' },
    { 'service-email': 'on' },
  ])('a form that is not from the page changes nothing, as a scanner sends it: %j', async (form) => {
    const page = await house.post(await preferences(), form);
    expect([page.status, on(page.html).length]).toEqual([422, 4]);
    expect(await customerOf()).toMatchObject({ service: true, selling: true });
    expect(await house.story(id)).toEqual(['accepted']);
  });

  it('nothing at all ends the follow-up, whatever the switches say', async () => {
    const page = await save(await preferences(), { ...SERVICE, ...SELLING, nothing: 'yes' });
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
    expect((await house.get(path)).text).toContain('Sam Lee will call you by Tue, 3 Nov 2026, 12:00');
    house.clock.now += 2 * DAY;
    const late = 'Sam Lee was to call you by Tue, 3 Nov 2026, 12:00 (UTC). We are late, and sorry';
    for (const page of [path, `/u/${await link('unsubscribe')}`]) expect((await house.get(page)).text).toContain(late);
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
    expect((await house.get(await person())).text).not.toContain('will call you');
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
    // What is added while the call is owed needs no number a second time.
    const asked = await house.get(path);
    expect(asked.html).toContain('Phone number (optional)');
    expect(asked.html).not.toMatch(/<input id="phone"[^>]* required/);
    const added = await house.post(path, { note: 'After five, please.', phone: '' });
    expect([added.status, added.text]).toEqual([200, expect.stringContaining('Sam Lee will call you by')]);
    expect((await house.get('/')).text).toContain('After five, please.');
  });

  it.each(['030 1', '+49 30 1', '0900 1 234567', '+49 180 1234567', '+44 871 234 5678', '+49 151 1234567'])(
    'promises no call to a number that cannot be called, or costs more than a call: %s',
    async (phone) => {
      const { id: customer } = await customerOf();
      await house.store.db.update(customers).set({ country: 'DE' }).where(eq(customers.id, customer));
      const path = await person();
      for (const at of [path, `${path}/complaint`]) {
        const page = await house.post(at, { phone, text: 'It leaks.' });
        expect([page.status, page.text]).toEqual([422, expect.stringContaining('This number cannot be called')]);
      }
      expect(await openTasks()).toEqual([]);
    },
  );
});

describe('a referral', () => {
  it('says who we are and which code to mention, and not who sent it', async () => {
    const { referralCode } = await customerOf();
    const page = await house.get(`/r/${referralCode.toLowerCase()}`);
    expect(page.status).toBe(200);
    expect(page.text).toContain('Somebody you know bought from Our company');
    expect(page.text).toContain(referralCode);
    expect(page.text).not.toContain('Ada');
  });
});
