import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import { DAY } from '../../domain/time.ts';
import { answerOf, recordAnswers } from '../../store/answers.ts';
import { keepCaught } from '../../store/caughtMails.ts';
import { optOut } from '../../store/customers.ts';
import { change } from '../../store/followUps.ts';
import { caughtMails, orders, staff, tasks } from '../../store/schema.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';

let house: House;
let last = 0;
beforeAll(async () => {
  house = await freshHouse();
});
afterAll(() => house.drop());
beforeEach(() => {
  house.clock.now = NOON;
});

/** An order of its own, and a number for it. */
async function anOrder(given = {}) {
  last += 1;
  const number = `D-${last}`;
  return { number, id: await house.order(number, given), path: `/orders/shop/${number}` };
}

const readTask = async (id: string) => (await house.store.db.select().from(tasks).where(eq(tasks.id, id)))[0];

describe('before the first order', () => {
  it('says what to do next, and in a demonstration that it is one', async () => {
    const fresh = await freshHouse(120);
    try {
      for (const path of ['/', '/orders']) {
        const page = await fresh.get(path);
        expect(page.status).toBe(200);
        expect(page.text).toContain('curl https://care.example/v1/orders');
        expect(page.text).toContain('Bearer $AFTERCARE_API_TOKEN');
        expect(page.text).toContain('It is printed when Aftercare starts');
        expect(page.text).toContain('A day lasts 120 seconds');
        expect(page.html).not.toContain('a-token-for-tests');
      }
      expect((await fresh.get('/dev/mail')).text).toContain('Nothing was sent yet.');
    } finally {
      await fresh.drop();
    }
  });
});

describe('who may see it', () => {
  const from = (remoteAddress: string | undefined, headers: Record<string, string> = {}) =>
    house.app.request('/', { headers }, remoteAddress ? { incoming: { socket: { remoteAddress } } } : undefined);

  it.each([
    ['127.0.0.1', 'localhost:4280'],
    ['127.0.0.1', '127.0.0.1'],
    ['127.8.0.1', 'LOCALHOST:80'],
    ['::1', '[::1]:4280'],
    ['::ffff:127.0.0.1', '127.0.0.1:4280'],
  ])('%s asking for %s', async (remote, host) => {
    expect((await from(remote, { host })).status).toBe(200);
  });

  it.each([
    ['127.0.0.1', 'evil.example'],
    ['127.0.0.1', 'localhost.evil.example'],
    ['127.0.0.1', '127.0.0.1.evil.example'],
    ['127.0.0.1', 'localhost@evil.example'],
    ['10.0.0.7', 'localhost:4280'],
    ['::ffff:10.0.0.7', '127.0.0.1'],
    ['fe80::1', '[::1]'],
  ])('not %s asking for %s', async (remote, host) => {
    const answer = await from(remote, { host });
    expect(answer.status).toBe(403);
    const text = await answer.text();
    expect(text).toContain('The desk has no login yet and answers on this machine only');
    expect(text).toContain(
      `asked as "${new URL(`http://${host}`).hostname === 'evil.example' ? host : new URL(`http://${host}`).hostname}"`,
    );
  });

  it.each(['x-forwarded-for', 'x-forwarded-host', 'forwarded'])('not what came through a proxy (%s)', async (name) => {
    expect((await from('127.0.0.1', { host: 'localhost', [name]: 'shop.example' })).status).toBe(403);
  });

  it('every page and form of it', async () => {
    const { path } = await anOrder();
    for (const one of ['/', '/orders', path, '/dev/mail', '/settings', '/tasks/x'])
      expect((await house.get(one, { host: 'evil.example' })).status).toBe(403);
    for (const one of ['/settings', `${path}/events`, '/tasks/x/outcome', '/settings/colleagues'])
      expect((await house.post(one, {}, { host: 'evil.example' })).status).toBe(403);
  });

  it('no form from another site', async () => {
    const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    expect((await house.post('/settings', { company: 'Mine' }, foreign)).status).toBe(403);
    expect(house.store.settings.company).toBe('Our company');
  });

  it('headers', async () => {
    const { headers } = await house.get('/');
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
    });
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self'; form-action 'self'/);
  });
});

describe('tasks', () => {
  it('by due time, with whom to call and about what', async () => {
    const { id, number } = await anOrder({
      customer: { id: 'z', name: '<i>Zoe</i>', phone: '+44 20 7946 0958', email: 'z@example.com' },
    });
    const task = await house.task(id, 'call', 'check-in');
    house.clock.now += 3 * DAY;
    const page = await house.get('/');
    expect(page.text).toContain('Call <i>Zoe</i> Overdue');
    expect(page.html).not.toContain('<i>Zoe');
    expect(page.html).toContain('href="tel:+442079460958"');
    expect(page.text).toContain('+44 20 7946 0958');
    expect(page.html).toContain(`href="/orders/shop/${number}"`);
    expect(page.text).toContain('Nobody has reported the delivery. Ask first');
    expect(page.html).toContain(`action="/tasks/${task.id}/outcome"`);
    expect(page.html).toContain('value="no-answer"');
    expect(page.html).not.toContain('value="kept"');
  });

  it('by owner, by what is due and by what is done', async () => {
    const { id } = await anOrder({ salesperson: { name: 'Uma Ray', email: 'uma@example.org' } });
    const task = await house.task(id, 'letter', 'check-in');
    const shown = async (query: string) => (await house.get(`/?${query}`)).html.includes(task.id);
    expect(await shown('owner=uma')).toBe(true);
    expect(await shown('owner=sam')).toBe(false);
    expect(await shown('owner=uma&show=due')).toBe(false);
    expect(await shown('owner=uma&show=done')).toBe(false);
    house.clock.now += DAY;
    expect(await shown('owner=uma&show=due')).toBe(true);
    const back = `/?owner=uma`;
    const said = await house.post(`/tasks/${task.id}/outcome`, { outcome: 'done', back });
    expect(said).toMatchObject({ status: 303, to: `/?owner=uma&recorded=${task.id}` });
    const page = await house.get(said.to!);
    expect(page.text).toContain('Recorded. Letter for Ada Palmer (is everything fine?): Done.');
    expect(await shown('owner=uma')).toBe(false);
    expect((await house.get('/?owner=uma&show=done')).text).toContain('Write to Ada Palmer Done');
  });

  it('fifty at a time, each once', async () => {
    const { id } = await anOrder({ salesperson: { name: 'Many', email: 'many@example.org' } });
    const [{ customerId }] = await house.store.db.select().from(orders).where(eq(orders.id, id));
    const made = await house.store.db
      .insert(tasks)
      .values(
        Array.from({ length: 120 }, (_, index) => ({
          orderId: id,
          customerId,
          kind: 'other' as const,
          reason: 'count',
          owner: 'many',
          dueAt: NOON + Math.floor(index / 7),
          madeAt: NOON,
        })),
      )
      .returning({ id: tasks.id });
    for (const show of ['open', 'done']) {
      if (show === 'done')
        await house.store.db.update(tasks).set({ status: 'done', outcome: 'done' }).where(eq(tasks.owner, 'many'));
      const seen: string[] = [];
      for (let path: string | undefined = `/?owner=many&show=${show}`, pages = 0; path; pages += 1) {
        expect(pages).toBeLessThan(3);
        const { html } = await house.get(path);
        seen.push(
          ...(show === 'open'
            ? [...html.matchAll(/action="\/tasks\/([^/]+)\/outcome"/g)].map(([, one]) => one)
            : html.match(/class="task"/g)!),
        );
        path = /rel="next" href="([^"]+)"/.exec(html)?.[1].replaceAll('&amp;', '&');
      }
      expect(seen).toHaveLength(120);
      if (show === 'open') expect(new Set(seen)).toEqual(new Set(made.map((one) => one.id)));
    }
    await house.store.db.delete(tasks).where(eq(tasks.owner, 'many'));
  });

  it('a place in the list that is none begins it anew', async () => {
    expect((await house.get('/?after=nonsense')).status).toBe(200);
    expect((await house.get('/orders?after=nonsense')).status).toBe(200);
  });

  it.each([
    'https://evil.example/',
    '//evil.example/x',
    '/\\evil.example',
    'javascript:alert(1)',
    '',
    '/%5cevil.example',
  ])('leads nowhere but back to the desk: %p', async (back) => {
    const { id } = await anOrder();
    const task = await house.task(id, 'letter', 'check-in');
    const { to } = await house.post(`/tasks/${task.id}/outcome`, { outcome: 'done', back });
    expect(new URL(to!, 'http://localhost').origin).toBe('http://localhost');
  });

  it('what was said twice, and what somebody else said before', async () => {
    const { id } = await anOrder();
    const task = await house.task(id, 'call', 'check-in');
    const path = `/tasks/${task.id}/outcome`;
    const form = { outcome: 'reached', id: 'one-click', back: '/' };
    expect((await house.post(path, form)).to).toBe(`/?recorded=${task.id}`);
    expect((await house.post(path, form)).to).toBe(`/?recorded=${task.id}`);
    const late = await house.post(path, { ...form, outcome: 'no-answer', id: 'another' });
    expect(late.to).toBe(`/?closed=${task.id}`);
    expect((await house.get(late.to!)).text).toContain('Nothing was changed: this was done already.');
    expect(await readTask(task.id)).toMatchObject({ outcome: 'reached' });
  });

  it('a call back needs its time, and keeps the note meanwhile', async () => {
    const { id } = await anOrder();
    const task = await house.task(id, 'call', 'check-in');
    const path = `/tasks/${task.id}/outcome`;
    const without = await house.post(path, { outcome: 'call-back', note: 'In a meeting & busy', back: '/' });
    expect(without.status).toBe(422);
    expect(without.text).toContain('The time to call back is missing');
    expect(without.html).toContain('In a meeting &amp; busy');
    expect((await house.post(path, { outcome: 'call-back', callBackAt: '2020-01-01T10:00' })).status).toBe(422);
    expect((await readTask(task.id)).status).toBe('open');
    const taken = await house.post(path, { outcome: 'call-back', callBackAt: '2026-11-05T15:00', note: 'x' });
    expect(taken.status).toBe(303);
    expect(await readTask(task.id)).toMatchObject({ outcome: 'call-back', note: 'x' });
    expect((await house.get(`/orders/shop/D-${last}`)).text).toContain('Call back later, on Thu, 5 Nov 2026, 15:00');
  });

  it('an outcome that does not fit names those that do', async () => {
    const { id } = await anOrder();
    const task = await house.task(id, 'letter', 'check-in');
    const page = await house.post(`/tasks/${task.id}/outcome`, { outcome: 'voicemail' });
    expect(page.status).toBe(422);
    expect(page.text).toContain('allowed: done, skipped');
    expect((await house.post(`/tasks/${task.id}/outcome`, { outcome: 'nonsense' })).status).toBe(422);
  });

  it('what the customer answered on the phone is kept; without a score the words are', async () => {
    const { id } = await anOrder();
    const task = await house.task(id, 'call', 'check-in');
    const said = { outcome: 'reached', benefit: 'Coffee', better: 'Sooner' };
    await house.post(`/tasks/${task.id}/outcome`, { ...said, nps: '9', note: 'Kind' });
    expect(await answerOf(house.store.db, id)).toMatchObject({
      nps: 9,
      benefit: 'Coffee',
      better: 'Sooner',
      way: 'phone',
    });
    expect(await readTask(task.id)).toMatchObject({ note: 'Kind' });

    const other = await anOrder();
    const second = await house.task(other.id, 'call', 'check-in');
    await house.post(`/tasks/${second.id}/outcome`, { ...said, nps: '', note: '' });
    expect(await answerOf(house.store.db, other.id)).toMatchObject({ nps: null, benefit: 'Coffee', better: 'Sooner' });
  });

  it('whether an uncertain mail arrived is asked in other words', async () => {
    const { id } = await anOrder();
    const task = await house.task(id, 'check', 'uncertain', 'thank-you');
    const page = await house.get(`/tasks/${task.id}`);
    expect(page.text).toContain('Did the mail arrive?');
    expect(page.text).toContain('It arrived It did not arrive: send again');
  });

  it('a task that is not there', async () => {
    for (const id of ['x', crypto.randomUUID()]) {
      expect((await house.get(`/tasks/${id}`)).status).toBe(404);
      expect((await house.post(`/tasks/${id}/outcome`, { outcome: 'done' })).status).toBe(404);
    }
  });

  it('shows what the customer said that made it', async () => {
    const { id, number } = await anOrder({ promises: [{ what: 'Delivered', by: '2026-11-06' }] });
    await house.happens(number, 'complained', { text: 'The wand leaks.' });
    const fix = await house.task(id, 'fix', 'complaint', 'fix', '1.1');
    expect((await house.get(`/tasks/${fix.id}`)).text).toContain('The wand leaks.');
    const check = await house.task(id, 'check', 'promise', 'promise-check', '1.1');
    expect((await house.get(`/tasks/${check.id}`)).text).toContain(
      'We promised: Delivered, by Friday, 6 November 2026',
    );
    const other = await anOrder();
    await change(house.store, other.id, NOON, ({ tx, sale }) =>
      recordAnswers(tx, sale, { nps: 2, csat: null, benefit: null, better: 'Nobody called.' }, 'link', NOON),
    );
    const call = await house.task(other.id, 'call', 'detractor', 'recovery');
    const { text } = await house.get(`/tasks/${call.id}`);
    expect(text).toContain('They gave 2 of 10.');
    expect(text).toContain('Nobody called.');
  });

  it('an address puts no words into our mouth', async () => {
    const { text } = await house.get('/?recorded=You%20won&reported=a%20prize&closed=now&saved=');
    expect(text).not.toMatch(/won|prize/);
  });
});

describe('orders', () => {
  it('newest first and by stage; a search opens what it finds', async () => {
    const { number, path } = await anOrder({ paidAt: null });
    const newer = await anOrder({ placedAt: '2026-11-02T12:30:00Z' });
    const { html } = await house.get('/orders');
    expect(html.indexOf(newer.path)).toBeLessThan(html.indexOf(path));
    expect((await house.get('/orders?stage=unpaid')).html).toContain(`href="${path}"`);
    expect((await house.get('/orders?stage=paused')).html).not.toContain(`href="${path}"`);
    for (const q of [number, `shop/${number}`, ` ${number} `])
      expect(await house.get(`/orders?q=${encodeURIComponent(q)}`)).toMatchObject({ status: 302, to: path });
    expect((await house.get(`/orders?q=ada-${number}@example.com`)).to).toBe(path);
    for (const q of ['nothing', 'web/1', "'", '/', '%'])
      expect((await house.get(`/orders?q=${encodeURIComponent(q)}`)).text).toContain('No order is called');
  });

  it('the same number in two shops gives a choice', async () => {
    await house.order('same');
    await house.order('same', { source: 'web' });
    const { html, status } = await house.get('/orders?q=same');
    expect(status).toBe(200);
    expect(html).toContain('href="/orders/shop/same"');
    expect(html).toContain('href="/orders/web/same"');
    expect((await house.get('/orders?q=web/same')).to).toBe('/orders/web/same');
  });

  it('a number with a slash and a percent sign has its page', async () => {
    const number = '20/7% #1?';
    await house.order(number);
    const { to } = await house.get(`/orders?q=${encodeURIComponent(number)}`);
    const page = await house.get(to!);
    expect(page.status).toBe(200);
    expect(page.text).toContain(`Order shop/${number}`);
    expect((await house.post(`${to}/events`, { type: 'delivered' })).to).toBe(`${to}?reported=delivered`);
  });

  it('an order page tells all there is to know', async () => {
    const { id, path, number } = await anOrder({
      promises: [{ what: 'Delivered', by: '2026-11-06' }],
      customer: {
        id: 'k',
        name: 'Kim <b>',
        email: 'k@example.com',
        phone: '+49 30 123456',
        timeZone: 'America/New_York',
      },
    });
    await house.task(id, 'call', 'check-in');
    const { text, html } = await house.get(path, { 'accept-language': 'de-DE,de;q=0.9' });
    for (const words of [
      'Being followed up',
      'Kim <b>',
      '1.299,90',
      'Delivered, by Friday, 6 November 2026: Open',
      'Thank you (mail)',
      'Call Kim <b>',
      'The order came in and its follow-up began.',
      'None yet. Silence is not satisfaction: ask.',
      'None was sent yet.',
      '1 x Espresso machine',
    ])
      expect(text).toContain(words);
    expect(html).toContain(
      `href="http://127.0.0.1:8233/namespaces/default/workflows/${encodeURIComponent(`follow-up/shop/${number}`)}"`,
    );
  });

  it('what happened is reported, and said', async () => {
    const { path, id } = await anOrder({ promises: [{ what: 'Delivered', by: '2026-11-06' }] });
    const report = (form: Record<string, string>) => house.post(`${path}/events`, form);
    const done = await report({ form: 'happened', type: 'complained', text: 'It leaks.\n<script>', at: '', id: 'a' });
    expect(done).toMatchObject({ status: 303, to: `${path}?reported=complained` });
    const page = await house.get(done.to!);
    expect(page.text).toContain('Recorded: the customer complained.');
    expect(page.text).toContain('Complaint open: everything else waits');
    expect(page.text).toContain('It leaks. <script>');
    expect(page.html).not.toContain('<script>');
    await report({ form: 'happened', type: 'complained', text: 'It leaks.', id: 'a' });
    await report({ type: 'promise-kept', text: 'Delivered', id: 'b' });
    await report({ form: 'promised', type: 'promised', text: 'A new one', by: '2026-11-20', id: 'c' });
    await report({ form: 'paused', type: 'paused', until: '', id: 'd' });
    expect(await house.story(id)).toEqual(['accepted', 'complained', 'promise-kept', 'promised', 'paused']);
    const { text } = await house.get(path);
    expect(text).toContain('Delivered, by Friday, 6 November 2026');
    expect(text).toContain('A new one, by Friday, 20 November 2026: Open');
    expect(text).toContain('Paused, until somebody goes on with it.');
  });

  it('a promise that is made anew after it was broken is the one that is kept', async () => {
    const { path, number } = await anOrder({ promises: [{ what: 'Delivered', by: '2026-11-06' }] });
    await house.happens(number, 'promise-broken', { text: 'Delivered' });
    await house.happens(number, 'promised', { text: 'Delivered', by: '2026-11-09' });
    await house.post(`${path}/events`, { type: 'promise-kept', text: 'Delivered' });
    const { text } = await house.get(path);
    expect(text).toContain('Delivered, by Friday, 6 November 2026: Broken');
    expect(text).toContain('Delivered, by Monday, 9 November 2026: Kept');
  });

  it('a report that is wrong comes back with what was typed', async () => {
    const { path } = await anOrder();
    const page = await house.post(`${path}/events`, { form: 'promised', type: 'promised', text: 'A new pump', by: '' });
    expect(page.status).toBe(422);
    expect(page.text).toContain('The date is missing; a promise needs its date.');
    expect(page.html).toContain('value="A new pump"');
    expect((await house.post(`${path}/events`, { type: 'erased' })).status).toBe(422);
    expect(
      (await house.post(`${path}/events`, { type: 'paused', until: '2020-01-01', form: 'paused' })).text,
    ).toContain('which is over');
  });

  it('an order that is not there', async () => {
    expect((await house.get('/orders/shop/none')).status).toBe(404);
    expect((await house.post('/orders/shop/none/events', { type: 'paid' })).status).toBe(404);
    expect((await house.get('/orders/a/b/c')).status).toBe(404);
  });

  it('every word of a story can be shown', async () => {
    const { path, number, id } = await anOrder({ promises: [{ what: 'Delivered', by: '2026-11-06' }], paidAt: null });
    for (const type of ['paid', 'installed', 'exchanged', 'interested', 'resumed', 'cancelled'])
      await house.happens(number, type);
    await house.happens(number, 'note', { text: 'A note' });
    const [{ customerId }] = await house.store.db.select().from(orders).where(eq(orders.id, id));
    await optOut(house.store, customerId, true, NOON);
    const { status, text } = await house.get(path);
    expect(status).toBe(200);
    expect(text).toContain('Ended . The order was cancelled.');
    expect(text).toContain('Nothing: this follow-up is over.');
    expect(text).not.toContain('undefined');
  });
});

describe('caught mail', () => {
  const raw = [
    'From: "Our company" <a@example.org>',
    'To: ada@example.com',
    'Subject: Hello',
    'X-Odd: <b>',
    'MIME-Version: 1.0',
    'Content-Type: multipart/alternative; boundary=B',
    '',
    '--B',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'Look: https://care.example/s/abc <script>',
    '--B',
    'Content-Type: text/html; charset=utf-8',
    '',
    '<html><head><title>x</title></head><body><script>alert(1)</script><a href="https://care.example/s/abc">Go</a></body></html>',
    '--B--',
  ].join('\r\n');

  it('can be read, and does nothing', async () => {
    await keepCaught(house.store, { at: NOON, to: 'ada@example.com', subject: 'Hello <b>', raw });
    const [{ id }] = await house.store.db.select().from(caughtMails);
    expect((await house.get('/dev/mail')).text).toContain('Hello <b>');
    const page = await house.get(`/dev/mail/${id}`);
    expect(page.text).toContain('X-Odd: <b>');
    expect(page.html).toContain('<a href="https://care.example/s/abc">');
    expect(page.html).not.toContain('<script');
    expect(page.html).toContain(`sandbox="allow-popups allow-popups-to-escape-sandbox"`);
    const shown = await house.get(`/dev/mail/${id}/html`);
    expect(shown.html).toContain('<base target="_blank">');
    const policy = shown.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain('sandbox');
    expect(policy).not.toContain('allow-scripts');
  });

  it('is not there where mail is delivered', async () => {
    house.web.catching = false;
    expect((await house.get('/dev/mail')).status).toBe(404);
    expect((await house.get('/dev/mail/1')).status).toBe(404);
    expect((await house.get('/')).html).not.toContain('href="/dev/mail"');
    house.web.catching = true;
  });

  it.each(['0', '-1', 'x', '9999999999999999999', '1%20or%201'])('nor mail %s', async (id) => {
    expect((await house.get(`/dev/mail/${id}`)).status).toBe(404);
    expect((await house.get(`/dev/mail/${id}/html`)).status).toBe(404);
  });
});

describe('settings', () => {
  const good = {
    company: 'Palmer & Sons',
    zone: 'Europe/Berlin',
    mailFrom: 'care@example.org',
    defaultOwner: 'sam',
    askFirstIn: 'de, AT de',
  };

  it('are changed', async () => {
    const { company, zone, mailFrom, defaultOwner } = house.store.settings;
    const { to } = await house.post('/settings', good);
    expect((await house.get(to!)).text).toContain('Saved.');
    expect(house.store.settings).toMatchObject({ ...good, askFirstIn: ['DE', 'AT'] });
    expect(house.store.calendar.zone).toBe('Europe/Berlin');
    expect((await house.get('/')).text).toContain('Palmer & Sons');
    await house.post('/settings', { company, zone, mailFrom, defaultOwner, askFirstIn: '' });
    expect(house.store.settings.askFirstIn).toEqual([]);
  });

  it.each([
    ['company', ' ', 'The company name is empty'],
    ['company', 'a\nb', 'The company name contains a line break'],
    ['zone', 'Mars/X', 'The time zone is "Mars/X", not a known time zone'],
    ['mailFrom', 'a@x, b@x', "The sender's address has more than one @"],
    ['defaultOwner', 'nobody', 'The default owner is not a colleague; allowed:'],
    ['askFirstIn', 'DE Germany', 'has "Germany", which is no country'],
  ])('%s: %j is refused with what is allowed, and nothing is lost', async (name, value, message) => {
    const page = await house.post('/settings', { ...good, [name]: value });
    expect(page.status).toBe(422);
    expect(page.text).toContain(message);
    if (name !== 'zone') expect(page.html).toContain('value="Europe/Berlin"');
    expect(house.store.settings.company).toBe('Our company');
  });

  it('colleagues are changed and added, each with an address of their own', async () => {
    const save = (form: Record<string, string>) => house.post('/settings/colleagues', form);
    const sam = { handle: 'sam', name: 'Sam Lee', email: 'sam@example.org', phone: '+49 30 123456' };
    expect((await save({ ...sam, phone: '' })).status).toBe(303);
    expect((await save(sam)).status).toBe(303);
    expect((await save({ adding: 'yes', handle: 'kit', name: 'Kit', email: '', phone: '' })).status).toBe(303);
    const [kit] = await house.store.db.select().from(staff).where(eq(staff.handle, 'kit'));
    expect(kit).toEqual({ handle: 'kit', name: 'Kit', email: null, phone: null });
    for (const [form, message] of [
      [{ adding: 'yes', ...sam }, 'The short name "sam" is taken'],
      [{ adding: 'yes', ...sam, handle: 'Sam Lee' }, 'may have 1 to 40 small letters'],
      [{ handle: 'kit', name: 'Kit', email: 'sam@example.org', phone: '' }, 'is that of Sam Lee'],
      [{ ...sam, phone: '030 123456' }, 'is no phone number with a country code'],
      [{ ...sam, email: 'sam' }, 'has no @'],
      [{ ...sam, name: '' }, 'The name is empty'],
    ] as [Record<string, string>, string][]) {
      const page = await save(form);
      expect(page.status).toBe(422);
      expect(page.text).toContain(message);
    }
  });
});
