import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { and, eq } from 'drizzle-orm';
import { plan } from '../../domain/plan.ts';
import { DAY } from '../../domain/time.ts';
import { answerOf, recordAnswers } from '../../store/answers.ts';
import { keepCaught } from '../../store/caughtMails.ts';
import { optOut } from '../../store/customers.ts';
import { change } from '../../store/followUps.ts';
import { addPlaybooks } from '../../store/playbooks.ts';
import { countFigures } from '../../store/purchases.ts';
import {
  caughtMails,
  customers,
  ledger,
  orders,
  settings,
  staff,
  tasks,
  taskTouches,
  tokens,
} from '../../store/schema.ts';
import { putAbsence, putColleague } from '../../store/staff.ts';
import { makeTask, wantedBy } from '../../store/tasks.ts';
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
    await putColleague(house.store, { handle: 'uma', name: 'Uma Ray', email: 'uma@example.org', phone: null }, NOON);
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
    await putColleague(house.store, { handle: 'many', name: 'Many', email: null, phone: null, team: 'many' }, NOON);
    await putColleague(house.store, { handle: 'few', name: 'Few', email: null, phone: null, team: 'many' }, NOON);
    const { id } = await anOrder({ salesperson: { name: 'Many' } });
    const [{ customerId }] = await house.store.db.select().from(orders).where(eq(orders.id, id));
    const made = await house.store.db
      .insert(tasks)
      .values(
        Array.from({ length: 120 }, (_, index) => ({
          orderId: id,
          customerId,
          kind: 'other' as const,
          reason: 'count',
          owner: index % 9 === 0 ? 'few' : 'many',
          dueAt: NOON + Math.floor(index / 7),
          madeAt: NOON,
        })),
      )
      .returning({ id: tasks.id });
    for (const show of ['open', 'done']) {
      if (show === 'done')
        await house.store.db.update(tasks).set({ status: 'done', outcome: 'done' }).where(eq(tasks.reason, 'count'));
      const seen: string[] = [];
      for (let path: string | undefined = `/?team=many&show=${show}`, pages = 0; path; pages += 1) {
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
    await house.store.db.delete(tasks).where(eq(tasks.reason, 'count'));
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
      recordAnswers(
        house.store,
        tx,
        sale,
        { nps: 2, csat: null, benefit: null, better: 'Nobody called.' },
        'link',
        NOON,
      ),
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
    expect(text).toContain('Delivered, by Monday, 9 November 2026: Beaten');
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
    expect((await house.get('/orders/shop/%00')).status).toBe(404);
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

/** A playbook for companies with machines: a mail to be let go, calls to the user, tips and offers. */
const MACHINES = `
name: machines
title: Machines with a contract
next order after: 6 months
touches:
  - { name: thank-you, after: order, wait: 1 hour, send: thank-you, approval: yes }
  - { name: promise-check, after: promise, check: promise, owed: yes }
  - { name: user-call, after: delivery, wait: 2 business days, call: check-in, to: user, owed: yes }
  - { name: survey, after: delivery, wait: 10 days, ask: nps, to: user }
  - { name: tip, after: delivery, wait: 3 days, send: tip, carries: tip }
  - { name: offer, after: order, wait: 5 days, send: up-sell, carries: offer, purpose: selling }
  - { name: second-offer, after: order, wait: 6 days, send: up-sell, carries: offer, purpose: selling }
  - { name: care-end, before: warranty end, wait: 5 days, send: renewal, approval: yes }
  - { name: up-sell, after: order, wait: 30 days, call: up-sell, purpose: selling }
  - { name: fix, after: complaint, fix: complaint, owed: yes }
keep in touch: { every: 60 days, send: keep-in-touch }
`;

describe('with a playbook for companies', () => {
  const timeZone = 'America/New_York';
  const buyer = {
    timeZone,
    id: 'ada',
    name: 'Ada Palmer',
    email: 'ada@palmer.example',
    phone: '+1 212 555 0123',
    role: 'buyer',
    preferences: { bestTime: 'afternoon' as const },
  };
  const user = {
    timeZone,
    id: 'uma',
    name: 'Uma Ray',
    email: 'uma@palmer.example',
    phone: '+1 212 555 0188',
    role: 'User',
  };
  const machine = {
    sku: 'E-1',
    name: 'Espresso machine',
    category: 'kitchen',
    serial: 'A55-1',
    warrantyUntil: '2026-11-12',
    term: { from: '2026-11-02', to: '2027-11-01' },
  };
  /** An order of a company of its own, and its company. */
  let at: Awaited<ReturnType<typeof anOrder>>;
  let company: { id: string; name: string };
  let offices: House;

  /** Somebody of that company. */
  const of = (person: typeof user) => ({ ...person, company, id: `${person.id}-${company.id}` });

  /** Makes the task of a touch as the workflow does, when its time has come. */
  const due = (orderId: string, touch: string) =>
    change(house.store, orderId, house.clock.now, async ({ tx, sale, note }) => {
      const planned = plan(sale.followUp, sale.terms, house.clock.now).find((one) => one.touch === touch)!;
      const { occurrence, what: why } = planned;
      const { what } = await makeTask(house.store, tx, sale, wantedBy(planned), house.clock.now);
      await note({ what, at: house.clock.now, touch, occurrence, why });
    }).then(async () => {
      const [row] = await house.store.db
        .select({ task: tasks })
        .from(taskTouches)
        .innerJoin(tasks, eq(tasks.id, taskTouches.taskId))
        .where(and(eq(taskTouches.orderId, orderId), eq(taskTouches.touch, touch)));
      return row.task;
    });
  const card = async (orderId: string, touch: string) => house.get(`/tasks/${(await due(orderId, touch)).id}`);

  beforeAll(async () => {
    offices = house;
    house = await freshHouse();
    const folder = mkdtempSync(join(tmpdir(), 'aftercare-desk-'));
    copyFileSync('playbooks/standard.yaml', join(folder, 'standard.yaml'));
    writeFileSync(join(folder, 'machines.yaml'), MACHINES);
    const { current } = await addPlaybooks(house.store, folder, NOON);
    house.web.shelf.current.set('machines', current.get('machines')!);
    rmSync(folder, { recursive: true });
    const kit = { handle: 'kit', name: 'Kit Moss', email: 'kit@example.org', phone: null };
    await putColleague(house.store, kit, NOON);
  });
  afterAll(async () => {
    await house.drop();
    house = offices;
  });
  beforeEach(async () => {
    company = { id: `p-${last}`, name: 'Palmer Ltd' };
    at = await anOrder({
      customer: { ...of(buyer), consent: { selling: { email: true, phone: false } } },
      playbook: 'machines',
      lines: [machine],
      promises: [{ what: 'Delivered', by: '2026-11-09', expected: '2026-11-06' }],
    });
  });

  it('a task tells the promises, by how much they were cautious, and what became of them', async () => {
    const { text } = await card(at.id, 'up-sell');
    expect(text).toContain(
      'We promised: Delivered, by Monday, 9 November 2026 (expected Friday, 6 November 2026: 3 days in hand) : Open',
    );
    house.clock.now += 5 * DAY;
    expect((await house.get(at.path)).text).toContain('Open (at risk: expected before now)');
    house.clock.now = NOON;
    await house.happens(at.number, 'delivered', { at: '2026-11-02T12:00:00Z' });
    expect((await house.get('/')).text).toContain(
      '3 days in hand) : Beaten ( Mon, 2 Nov 2026, 12:00 , 7 days early; it was reported)',
    );
  });

  it('a late delivery says by how many days, a word says whose it is', async () => {
    house.clock.now += 9 * DAY;
    await house.happens(at.number, 'delivered', { at: '2026-11-11T09:00:00Z' });
    expect((await house.get(at.path)).text).toContain(
      ': Broken ( Wed, 11 Nov 2026, 09:00 , 2 days late; it was reported)',
    );
    const other = await anOrder({ playbook: 'machines', promises: [{ what: 'A course', by: '2026-11-11' }] });
    house.clock.now += DAY;
    const check = await due(other.id, 'promise-check');
    await house.post(`/tasks/${check.id}/outcome`, { outcome: 'kept' });
    expect((await house.get(other.path)).text).toContain(': Kept ( Thu, 12 Nov 2026, 12:00 ; a colleague found out)');
  });

  it('a task asks for who has that part in the purchase, and says who ordered', async () => {
    await anOrder({ customer: of(user), placedAt: '2026-10-30T09:00:00Z' });
    const { text, html } = await card(at.id, 'user-call');
    expect(text).toContain('Call Uma Ray');
    expect(text).toContain('Uma Ray (User), Palmer Ltd (ordered by Ada Palmer (buyer))');
    expect(html).toContain('href="tel:+12125550188"');
    expect(html).not.toContain('tel:+12125550123');
    const [{ id }] = await house.store.db
      .select()
      .from(customers)
      .where(eq(customers.externalId, of(user).id));
    expect(html).toContain(`href="/customers/${id}"`);
  });

  it('a call says what time it is there and when it suits, and whether that is a time to call', async () => {
    const { id } = await due(at.id, 'up-sell');
    const said = async () => (await house.get(`/tasks/${id}`)).text;
    expect(await said()).toContain('Time there 07:00 (too early or too late to call now) , best in the afternoon');
    house.clock.now += DAY / 8;
    expect(await said()).toContain('Time there 10:00, best in the afternoon');
    house.clock.now += DAY / 2;
    expect(await said()).toContain('Time there Mon, 2 Nov 2026, 22:00 (too early');
  });

  it('a task knows the customer from before, whoever of the company it was', async () => {
    const customer = { ...user, id: 'old', name: 'Otto', company: { id: 'p-9', name: 'Old Ltd' } };
    const first = await anOrder({ customer, placedAt: '2023-10-02', total: '1000.50', lines: [{ name: 'Grinder' }] });
    const open = await anOrder({
      customer,
      placedAt: '2026-10-20T09:00:00Z',
      total: '200',
      promises: [{ what: 'New seal', by: '2026-11-20' }],
    });
    await anOrder({ customer, placedAt: '2026-10-22T09:00:00Z', total: '7', paidAt: null });
    await anOrder({ customer, placedAt: '2026-10-23T09:00:00Z', total: '9', currency: 'USD' });
    await change(house.store, first.id, NOON - 40 * DAY, ({ tx, sale }) =>
      recordAnswers(
        house.store,
        tx,
        sale,
        { nps: 9, csat: null, benefit: 'We start the day together.', better: null },
        'link',
        NOON - 40 * DAY,
      ),
    );
    const colleague = { ...customer, id: 'new', name: 'Nina', email: 'nina@old.example', phone: '+1 212 555 0177' };
    const now = await anOrder({ customer: colleague, playbook: 'machines', total: '40' });
    const { text, html } = await card(now.id, 'up-sell');
    // The unpaid one does not count, and dollars are not added to euros.
    expect(text).toContain('Order no. 4 of theirs; customer for 3 years, €1,240.50 so far');
    expect(text).toContain('Last order shop/');
    expect(text).toContain(', Friday, 23 October 2026');
    expect(text).toContain('Last score 9 of 10 , 40 days ago');
    expect(text).toContain('They said We start the day together. , 40 days ago');
    expect(text).toContain('Promised before: New seal, by Friday, 20 November 2026: Open');
    expect(html).toContain(`href="${open.path}"`);
    expect((await card(first.id, 'up-sell').catch(() => ({ text: 'history' }))).text).toBe('history');
  });

  it('of an order of the past it does not say that a promise is open', async () => {
    const customer = { id: 'past', email: 'past@example.com', timeZone: 'UTC' };
    const promises = [{ what: 'A course', by: '2026-03-09' }];
    const old = await anOrder({ customer, placedAt: '2026-03-01', promises });
    const { id } = await anOrder({ customer, playbook: 'machines', placedAt: '2026-11-02T12:30:00Z' });
    expect((await card(id, 'up-sell')).text).not.toContain('A course');
    await house.happens(old.number, 'promise-broken', { at: '2026-03-12', text: 'A course' });
    expect((await house.get('/')).text).toContain('Promised before: A course, by Monday, 9 March 2026: Broken');
  });

  it('asks the database as often for twenty tasks as for one', async () => {
    let asked = 0;
    house.store.pool.on('acquire', () => {
      asked += 1;
    });
    const count = async () => {
      const before = asked;
      await house.get('/');
      return asked - before;
    };
    await due(at.id, 'user-call');
    await due((await anOrder({ playbook: 'machines' })).id, 'up-sell');
    const few = await count();
    for (let index = 0; index < 19; index += 1) {
      const other = await anOrder({
        playbook: 'machines',
        customer: { id: `q-${index}`, email: `q${index}@example.com` },
      });
      await due(other.id, index % 2 ? 'user-call' : 'up-sell');
    }
    expect(await count()).toBe(few);
  });

  it('a sales call says what to offer: what others bought with it, and never what they own', async () => {
    for (let index = 0; index < 3; index += 1)
      await anOrder({
        customer: { id: `b-${index}`, email: `b${index}@example.com` },
        lines: [
          { sku: 'E-1', name: 'Espresso machine' },
          { sku: 'G-9', name: 'Steel burrs' },
          { sku: 'C-6', name: 'Six cups' },
        ],
      });
    await countFigures(house.store);
    const owns = { id: 'own', email: 'own@example.com', phone: '+1 212 555 0166' };
    await anOrder({
      customer: owns,
      lines: [
        { sku: 'C-6', name: 'Six cups' },
        { sku: 'g-1', name: 'Grinder' },
      ],
    });
    const { id } = await anOrder({ customer: owns, playbook: 'machines', lines: [machine] });
    const { text } = await card(id, 'up-sell');
    expect(text).toContain('Often bought with it: Steel burrs (3 customers have both)');
    expect(text).not.toContain('with it: Six cups');
    expect(text).toContain('Offer: A care set for your espresso machine');
    // It offers a grinder, which they own.
    expect(text).not.toContain('Offer: A grinder');
    expect((await card(id, 'user-call')).text).not.toContain('What to offer');
  });

  it('a task says why it is not its owner’s, or not on its day', async () => {
    const pat = { handle: 'pat', name: 'Pat Doe', email: null, phone: null, team: 'one', tasksPerDay: 0 };
    const patsOrder = async () => (await anOrder({ playbook: 'machines', salesperson: { name: 'Pat Doe' } })).id;
    await putColleague(house.store, pat, NOON);
    await putColleague(house.store, { handle: 'kit', name: 'Kit Moss', email: null, phone: null, team: 'one' }, NOON);
    expect((await card(await patsOrder(), 'up-sell')).text).toContain("Owner Kit Moss (Pat Doe's day is full)");
    expect((await house.get(`/orders/shop/D-${last}`)).text).toMatch(
      /Kit Moss has the task, due .*: its owner's day is full\./,
    );

    await putColleague(house.store, { ...pat, tasksPerDay: 1, team: null }, NOON);
    expect((await card(await patsOrder(), 'up-sell')).text).not.toContain('Moved');
    expect((await card(await patsOrder(), 'up-sell')).text).toMatch(
      /Call Ada Palmer Moved .* \(Pat Doe had a full day before\)/,
    );

    await putColleague(house.store, { ...pat, tasksPerDay: null }, NOON);
    await putAbsence(house.store, { handle: 'pat', from: '2026-11-03', to: '2026-11-04', standIn: 'kit' }, NOON);
    expect((await card(await patsOrder(), 'up-sell')).text).toContain('Owner Kit Moss (for Pat Doe, who is away)');
  });

  it('a mail that needs it is read as it would be sent, and let go or not', async () => {
    const approval = await due(at.id, 'thank-you-approval');
    const { text, html } = await house.get(`/tasks/${approval.id}`);
    expect(text).toContain('Read this mail: may it go? Thank you, as it would be sent');
    expect(html).toContain(`href="${at.path}/mail/thank-you"`);
    expect([...html.matchAll(/name="outcome" value="([^"]+)"/g)].map(([, outcome]) => outcome)).toEqual([
      'done',
      'skipped',
    ]);
    expect(text).toContain('Let it go Do not send');

    const preview = await house.get(`${at.path}/mail/thank-you`);
    expect(preview.text).toContain(`Thank you for your order ${at.number}`);
    expect(preview.text).toContain('When Mon, 2 Nov 2026, 13:00 - waits for its owner to let it go');
    expect(preview.text).toContain('To Ada Palmer (buyer), ada@palmer.example');
    expect(preview.html).toContain(`action="/tasks/${approval.id}/outcome"`);
    expect(preview.html).toContain(`src="${at.path}/mail/thank-you/html" sandbox=""`);
    const framed = await house.get(`${at.path}/mail/thank-you/html`);
    expect(framed.text).toContain('Hello Ada Palmer,');
    const policy = framed.headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/; sandbox$/);
    expect(await house.store.db.select().from(tokens)).toEqual([]);

    const back = `${at.path}/mail/thank-you`;
    const said = await house.post(`/tasks/${approval.id}/outcome`, { outcome: 'done', back });
    const gone = (await house.get(said.to!)).text;
    expect(gone).toContain('When Mon, 2 Nov 2026, 13:00');
    expect(gone).not.toContain('waits for its owner');

    const other = await anOrder({ playbook: 'machines' });
    const refused = await due(other.id, 'thank-you-approval');
    await house.post(`/tasks/${refused.id}/outcome`, { outcome: 'skipped' });
    for (const path of [other.path, `${other.path}/mail/thank-you`])
      expect((await house.get(path)).text).toContain('will not happen as things stand: its owner did not let it go');
  });

  it('of several mails each is let go by itself', async () => {
    const { html } = await card(at.id, 'care-end-approval');
    const path = `${at.path}/mail/care-end?of=1.1`;
    expect(html).toContain(`href="${path}"`);
    const preview = await house.get(path);
    expect(preview.text).toContain('Read this mail: may it go?');
    expect(preview.html).toContain(`src="${at.path}/mail/care-end/html?of=1.1"`);
    expect((await house.get(`${at.path}/mail/care-end/html?of=1.1`)).text).toContain('Espresso machine');
    expect((await house.get(at.path)).html).toContain(`href="${path}"`);
  });

  it('every mail that lies ahead can be read before, to whom it goes and with what it brings', async () => {
    await anOrder({ customer: of(user), placedAt: '2026-10-30T09:00:00Z' });
    const { html } = await house.get(at.path);
    for (const touch of ['survey', 'tip', 'offer']) expect(html).toContain(`href="${at.path}/mail/${touch}"`);
    expect(html).not.toContain('mail/up-sell');
    const survey = await house.get(`${at.path}/mail/survey`);
    expect(survey.text).toContain('To Uma Ray (User), uma@palmer.example');
    expect(survey.text).toContain('https://care.example/s/…');
    expect((await house.get(`${at.path}/mail/tip`)).text).toContain('When the espresso runs too fast or too slow');
    expect((await house.get(`${at.path}/mail/offer`)).text).toContain('A care set for your espresso machine');
    expect((await house.get(`${at.path}/mail/keep-in-touch`)).text).toContain('It does not lie ahead at present');
    for (const path of ['mail/up-sell', 'mail/nothing', 'mail/tip?of=x', 'mail/nothing/html'])
      expect((await house.get(`${at.path}/${path}`)).status).toBe(404);
    expect((await house.get('/orders/shop/none/mail/tip')).status).toBe(404);
    expect(await house.store.db.select().from(tokens)).toEqual([]);
  });

  it('says so where there is nothing of use left to send', async () => {
    const [{ customerId, partyId }] = await house.store.db.select().from(orders).where(eq(orders.id, at.id));
    for (const [index, { name }] of house.web.content.pieces.entries())
      await house.store.db.insert(ledger).values({
        orderId: at.id,
        touch: 'before',
        occurrence: String(index),
        state: 'sent',
        attempt: 1,
        messageId: name,
        partyId,
        customerId,
        purpose: 'service',
        content: name,
        claimedAt: NOON - 500 * DAY,
      });
    const { text } = await house.get(`${at.path}/mail/tip`);
    expect(text).toContain('There is no tip left that is new and of use to this customer');
    expect((await house.get(`${at.path}/mail/tip/html`)).status).toBe(404);
  });

  it('an order tells what is expected, what it is, whose and by which playbook', async () => {
    await anOrder({ customer: of(user), placedAt: '2026-10-30T09:00:00Z' });
    const { text, html } = await house.get(at.path);
    expect(text).toMatch(
      /Next order Expected about \w+, \d+ \w+ 20\d\d, in \d+ days \((by the playbook|as this is usually bought again): after \d+ days\)/,
    );
    expect(text).toContain('Serial number A55-1');
    expect(text).toContain('May be contacted About what they bought; offers and news (e-mail only)');
    expect(text).toContain('Warranty until Thursday, 12 November 2026 (10 days left)');
    expect(text).toContain('Contract from Monday, 2 November 2026 to Monday, 1 November 2027 (364 days left)');
    expect(text).toContain('At Palmer Ltd');
    expect(text).toMatch(/Uma Ray \(User\), \+1 212 555 0188/);
    const { hash } = house.web.shelf.current.get('machines')!;
    expect(html).toContain('href="/playbooks/machines"');
    expect(text).toContain(`Machines with a contract machines, version ${hash.slice(0, 8)}`);
    expect(text).not.toContain('not the one new orders follow');
    house.clock.now += 11 * DAY;
    expect((await house.get(at.path)).text).toContain('12 November 2026 (over)');
  });

  it('an order says that it is an add-on, and whom it names that nobody knows', async () => {
    const customer = { id: 'add', email: 'add@example.com', phone: '+1 212 555 0155' };
    const before = await anOrder({ customer, placedAt: '2026-10-30T09:00:00Z' });
    const salesperson = { name: 'Robin Roe', email: 'Robin@example.org' };
    const { path } = await anOrder({ customer, playbook: 'machines', salesperson });
    const { text } = await house.get(path);
    expect(text).toContain('bought within 7 days of the last order; it proves nobody satisfied');
    expect(text).toContain('(the order names Robin Roe, Robin@example.org, whom nobody has added');
    expect(text).toContain(`Their other orders shop/${before.number} , Friday, 30 October 2026`);
    expect((await house.get(before.path)).text).toContain(', an add-on, which proves nobody satisfied.');
  });

  it('what lies ahead says what puts it off and until when', async () => {
    const { path, id, number } = await anOrder({
      playbook: 'machines',
      customer: { id: 'cap', email: 'cap@example.com' },
      lines: [machine],
    });
    expect((await house.get('/orders?next=put-off')).html).not.toContain(`href="${path}"`);
    await house.store.db.update(settings).set({ pausedUntil: NOON + DAY, pausedWhy: 'a recall' });
    await change(house.store, id, NOON, () => {});
    const { text } = await house.get(path);
    expect(text).toContain('Everything is paused until Tue, 3 Nov 2026, 12:00 : a recall.');
    expect(text).toMatch(/Thank you approval \(.*\) - put off from Mon, 2 Nov 2026, 12:00: everything is paused/);
    const list = await house.get('/orders?next=put-off');
    expect(list.html).toContain(`href="${path}"`);
    expect(list.text).toContain('put off: everything is paused');
    await house.store.db.update(settings).set({ pausedUntil: null, pausedWhy: null });
    await change(house.store, id, NOON, () => {});
    await house.happens(number, 'paused', { until: '2026-11-20' });
    expect((await house.get(path)).text).toContain('waits: the follow-up is paused until Fri, 20 Nov 2026, 23:59');
  });

  it('who is left in peace is shown to be', async () => {
    await change(house.store, at.id, NOON, ({ note }) => note({ what: 'dormant', at: NOON }).then(() => {}));
    const { text } = await house.get(at.path);
    expect(text).toContain('Dormant: no sign of life since Monday, 2 November 2026. It waits for the next order');
  });

  it('a story tells who owns it now, who has the task and by what customers are one', async () => {
    await change(house.store, at.id, NOON, async ({ note }) => {
      await note({ what: 'adopted', at: NOON, data: { until: NOON + 3 * DAY } });
      await note({ what: 'moved', at: NOON, why: 'aaaa -> bbbb' });
      await note({ what: 'assigned', at: NOON, why: 'left', data: { owner: 'kit' } });
      await note({ what: 'linked', at: NOON, why: 'phone' });
      await note({ what: 'unlinked', at: NOON });
      const moved = { owner: 'sam', until: NOON + DAY };
      await note({ what: 'spilled', at: NOON, touch: 'up-sell', occurrence: '1', why: 'day-full-next', data: moved });
    });
    const { text } = await house.get(at.path);
    for (const words of [
      'Chosen out of the past: we keep in touch for the next order, from Thursday, 5 November 2026 on.',
      'The follow-up goes on by another version of its playbook: from version aaaa to bbbb.',
      'Kit Moss owns it now: its owner has left.',
      'This customer and another were found to be one: the same phone number.',
      'This customer and another are not one after all.',
      'Up sell: Sam Lee has the task, due Tue, 3 Nov 2026, 12:00: the day is full.',
    ])
      expect(text).toContain(words);
  });

  it('tasks stand by what is overdue, due today and later, and a colleague by how many they have today', async () => {
    await house.store.db.delete(taskTouches);
    await house.store.db.delete(tasks);
    const ids = [];
    for (const [touch, dueAt] of [
      ['thank-you-approval', NOON - DAY],
      ['user-call', NOON + DAY / 4],
      ['up-sell', NOON + 2 * DAY],
    ] as const) {
      const { id } = await due((await anOrder({ playbook: 'machines' })).id, touch);
      await house.store.db.update(tasks).set({ dueAt, owner: 'kit' }).where(eq(tasks.id, id));
      ids.push(id);
    }
    await house.store.db.update(staff).set({ team: 'two', tasksPerDay: 12 }).where(eq(staff.handle, 'kit'));
    const { text, html } = await house.get('/?team=two');
    const places = [
      'id="Overdue"',
      `/tasks/${ids[0]}/`,
      'id="Today"',
      `/tasks/${ids[1]}/`,
      'id="Later"',
      `/tasks/${ids[2]}/`,
    ];
    const found = places.map((place) => html.indexOf(place));
    expect(found).toEqual([...found].sort((a, b) => a - b));
    expect(found).not.toContain(-1);
    expect(text).toContain('Kit Moss (1 of 12)');
    expect((await house.get('/?team=two&owner=sam')).text).toContain('There is nothing to do here.');
    expect((await house.get('/?owner=kit&show=due')).html).not.toContain('id="Later"');
  });

  it('orders by owner are the open ones', async () => {
    const mine = await anOrder({ salesperson: { name: 'Kit Moss' } });
    const over = await anOrder({ salesperson: { name: 'Kit Moss' } });
    await house.happens(over.number, 'cancelled');
    const { html } = await house.get('/orders?owner=kit');
    expect(html).toContain(`href="${mine.path}"`);
    expect(html).not.toContain(`href="${over.path}"`);
    expect(html).not.toContain(`href="${at.path}"`);
    expect((await house.get('/orders?owner=kit&stage=paused')).text).toContain('No order is like that now.');
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
    expect(kit).toMatchObject({ handle: 'kit', name: 'Kit', email: null, phone: null });
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
