import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eq, sql } from 'drizzle-orm';
import { type OrderInput, readOrder } from '../../domain/order.ts';
import { DAY, iso } from '../../domain/time.ts';
import { recordAnswers } from '../../store/answers.ts';
import { changeCustomer, eraseCustomer, findCustomer, suppress, verifyEmail } from '../../store/customers.ts';
import { change } from '../../store/followUps.ts';
import { acceptOrder } from '../../store/orders.ts';
import { linkByRule } from '../../store/parties.ts';
import { customers, events } from '../../store/schema.ts';
import { newTokens } from '../../store/tokens.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';

/** The page that brings a new colleague up to speed. */
let house: House;
beforeAll(async () => {
  house = await freshHouse();
});
afterAll(() => house.drop());
beforeEach(() => {
  house.clock.now = NOON;
});

let last = 0;
const fresh = () => {
  last += 1;
  return `k-${last}`;
};
const named = (id: string, more: Partial<OrderInput['customer']> = {}) => ({
  id,
  name: `Ada ${id}`,
  email: `${id}@example.com`,
  ...more,
});

/** An order so many days ago; its number, its id, and who placed it. */
async function ordered(customer: OrderInput['customer'], given: Partial<OrderInput> = {}, days = 0) {
  house.clock.now = NOON - days * DAY;
  const number = fresh();
  const { now } = house.clock;
  const source = given.source ?? 'shop';
  const read = readOrder(
    {
      source,
      number,
      placedAt: iso(now),
      currency: 'EUR',
      total: '1299.90',
      customer,
      salesperson: { email: 'sam@example.org' },
      ...given,
    },
    now,
  );
  if (!read.ok) throw new Error(JSON.stringify(read.errors));
  await acceptOrder(house.store, read.order, house.web.shelf, now);
  house.clock.now = NOON;
  const { id } = (await findCustomer(house.store, source, customer.id))!;
  const { rows } = await house.store.db.execute<{ id: string }>(
    sql`SELECT id FROM aftercare.orders WHERE source = ${source} AND number = ${number}`,
  );
  return { number, orderId: rows[0].id, id, page: () => house.get(`/customers/${id}`) };
}
const rowOf = async (id: string) => (await house.store.db.select().from(customers).where(eq(customers.id, id)))[0];
const verified = async (id: string) => {
  await verifyEmail(house.store.db, id, NOON);
  await linkByRule(house.store, id, NOON);
};

describe('the page', () => {
  it('is found by our id, and by what the sales system calls them', async () => {
    const odd = 'a/b c@example.com?%';
    const { id, page } = await ordered(named(odd, { email: 'odd@example.com' }));
    expect((await page()).status).toBe(200);
    const path = `/customers/shop/${encodeURIComponent(odd)}`;
    expect(await house.get(path)).toMatchObject({ status: 302, to: `/customers/${id}` });
    for (const wrong of [
      '/customers/x',
      '/customers/shop/%00',
      '/customers/%00/x',
      '/customers/shop/%2E%2E',
      `/customers/${crypto.randomUUID()}`,
      '/customers/shop/none',
      '/customers/a/b/c',
    ])
      expect((await house.get(wrong)).status).toBe(404);
    for (const form of ['consent', 'pause', 'link', 'unlink'])
      expect((await house.post(`/customers/${crypto.randomUUID()}/${form}`, { until: '2026-12-01' })).status).toBe(404);
  });

  it('tells who they are and how they are reached', async () => {
    const { id, page } = await ordered(
      named(fresh(), {
        name: 'Kim <b>',
        phone: '+49 30 123456',
        company: { name: 'Palmer Ltd' },
        role: 'Buyer',
        locale: 'de-AT',
        country: 'DE',
        preferences: { channel: 'phone', bestTime: 'morning' },
      }),
    );
    await house.store.db
      .update(customers)
      .set({ phoneWrong: true, marks: ['time zone "Mars/X" is unknown; the company\'s is used'] })
      .where(eq(customers.id, id));
    await suppress(house.store.db, (await rowOf(id)).email!, 'refused', NOON);
    await suppress(house.store.db, '+4930123456', 'stop', NOON);
    const { html, text } = await page();
    for (const words of [
      'Kim <b>',
      'Palmer Ltd Role Buyer',
      '+49 30 123456 (found to be wrong) (do not call: stop)',
      '@example.com (nothing is sent there: the mail server refused it)',
      'time zone "Mars/X" is unknown',
      'Phone, in the morning',
      'German (Austria)',
      '13:00 (Europe/Berlin, guessed from their country)',
      '€1,299.90 in 1 order',
      'Looked after by Sam Lee',
      `Referral code ${(await rowOf(id)).referralCode}`,
      'Nothing yet. Silence is not satisfaction: ask.',
      'is their only record',
    ])
      expect(text).toContain(words);
    expect(html).toContain('href="tel:+4930123456"');
    expect(html).not.toContain('<b>');
  });

  it.each([
    [{ timeZone: 'America/New_York' }, '07:00 (America/New_York, as we were told)'],
    [{ phone: '+33 1 23 45 67 89' }, '13:00 (Europe/Paris, guessed from their phone number)'],
    [{}, "12:00 (UTC, not known: the company's own)"],
  ])('knows the time there from %j', async (more, words) => {
    const { page } = await ordered(named(fresh(), more));
    expect((await page()).text).toContain(words);
  });

  it('counts what all of them bought, by currency and without what came back; and says when the next is expected', async () => {
    const company = { id: fresh() };
    const who = named(fresh(), { company });
    await ordered(who, { total: '100.00' }, 80);
    const back = await ordered(named(fresh(), { company }), { total: '70.00' }, 65);
    await ordered(named(fresh(), { company }), { total: '50.00', currency: 'USD' }, 50);
    await house.happens(back.number, 'returned');
    const { page } = await ordered(who, { total: '200.00' }, 20);
    const { text } = await page();
    expect(text).toContain('€300.00 and US$50.00 in 3 orders (1 more cancelled or returned), customer for 2 months');
    expect(text).toContain(
      'Expected about Thursday, 12 November 2026, in 10 days (by their own rhythm: every 30 days)',
    );
    expect(text).toContain('Ended The order was returned');
    house.clock.now += 30 * DAY;
    expect((await page()).text).toContain('overdue since 20 days ago');
  });

  it('says first what is open: complaints, promises and tasks of any of them', async () => {
    const company = { id: fresh() };
    const colleague = await ordered(named(fresh(), { company }), {
      promises: [{ what: 'Training', by: '2026-11-06' }],
    });
    const one = await ordered(named(fresh(), { company }), { paidAt: null });
    await house.happens(colleague.number, 'complained', { text: 'It leaks <i>.' });
    await house.task(one.orderId, 'call', 'check-in');
    await change(house.store, one.orderId, NOON, ({ tx, sale }) =>
      recordAnswers(
        house.store,
        tx,
        sale,
        { nps: 9, csat: null, benefit: 'Coffee', better: 'Sooner' },
        'link',
        NOON - DAY,
      ),
    );
    const { text, html } = await one.page();
    expect(text).toContain(`Complaint , now: shop/${colleague.number} It leaks <i>.`);
    expect(text).toContain('We promised: Training, by Friday, 6 November 2026: Open');
    expect(text).toContain('Call: Is everything fine? , Sam Lee, due in 24 hours');
    expect(text).toMatch(/9 of 10 , .* How it benefited them: Coffee What could be better: Sooner/);
    expect(html).toMatch(/<a href="\/complaints\/[0-9a-f-]{36}">Complaint/);
    expect(html.indexOf('Open now')).toBeLessThan(html.indexOf('At a glance'));
    expect(html).not.toContain('<i>');
  });

  it('lists the people of a company with their roles, and machines with what runs out', async () => {
    const company = { id: fresh(), name: 'Mill Ltd' };
    const user = await ordered(named(fresh(), { company, role: 'User' }), {
      lines: [
        {
          name: 'Mill',
          serial: 'M-1',
          warrantyUntil: '2026-11-02',
          term: { from: '2025-12-02', to: '2026-12-02' },
        },
        { name: 'Belt' },
        { name: 'Oven', term: { from: '2026-01-01' }, warrantyUntil: '2026-11-01' },
      ],
    });
    const boss = await ordered(named(fresh(), { company, role: 'Buyer' }));
    const { text, html } = await boss.page();
    expect(text).toContain(
      `Mill M-1 Monday, 2 November 2026 (ends today) Wednesday, 2 December 2026 (30 days left) shop/${user.number}`,
    );
    expect(text).toContain(`Oven None Sunday, 1 November 2026 (over for 1 day) Further notice shop/${user.number}`);
    expect(text).not.toContain('Belt None');
    expect(text).toMatch(/shop\/k-\d+, User, Mill Ltd, k-\d+@example.com the same company/);
    expect(html).toContain(`href="/customers/${user.id}"`);
    await house.happens(user.number, 'returned');
    expect((await boss.page()).text).not.toContain('Machines and contracts');
  });

  it('tells one story over all orders, the last thing first, a page at a time and nothing twice', async () => {
    const company = { id: fresh() };
    const one = await ordered(named(fresh(), { company }), { paidAt: null });
    const two = await ordered(named(fresh(), { company }), { paidAt: null });
    const text = (nth: number) => `Note no. ${nth}.`;
    for (let nth = 0; nth < 120; nth += 1)
      await house.store.db
        .insert(events)
        .values({ orderId: nth % 3 === 0 ? one.orderId : two.orderId, what: 'note', at: NOON, text: text(nth) });
    const seen: string[] = [];
    let path: string | undefined = `/customers/${one.id}`;
    for (
      ;
      path !== undefined;
      path = /href="(\/customers\/[^"]*\?story=[^"#]*)#story"/.exec((await house.get(path)).html)?.[1]
    ) {
      const page = await house.get(path);
      seen.push(...(page.html.slice(page.html.indexOf('id="story"')).match(/Note no\. \d+\./g) ?? []));
      expect(page.html).toContain(`href="/orders/shop/${two.number}"`);
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, nth) => text(119 - nth)));
  });

  it('pages records, orders and machines as well, and takes no nonsense for a place', async () => {
    const company = { id: fresh() };
    const who = [];
    for (let nth = 0; nth < 52; nth += 1)
      who.push(
        await ordered(named(fresh(), { company }), { lines: [{ name: 'Mill', serial: `S-${nth}` }] }, 100 - nth),
      );
    const page = await who[0].page();
    const path = (list: string) => new RegExp(`href="(/customers/[^"]*\\?${list}=[^"#]*)#${list}"`).exec(page.html)![1];
    expect(page.text).toContain('S-51');
    expect(page.text).not.toContain('S-1 ');
    expect((await house.get(path('machines'))).text).toContain('S-1 ');
    expect(page.html.match(/<th scope="row" class="nowrap">/g)).toHaveLength(50);
    expect((await house.get(path('orders'))).html.match(/<th scope="row" class="nowrap">/g)).toHaveLength(2);
    expect(page.html.match(/name="other"/g)).toHaveLength(49);
    expect((await house.get(path('records'))).html.match(/name="other"/g)).toHaveLength(2);
    for (const wrong of ['records=x', 'orders=%00', 'story=-1', 'story=1e9', 'machines=abc', 'with=', 'with=%00'])
      expect((await house.get(`/customers/${who[0].id}?${wrong}`)).status).toBe(200);
  });

  it('of somebody erased tells figures only', async () => {
    const { id, page } = await ordered(named(fresh(), { phone: '+49 30 123456' }));
    await eraseCustomer(house.store, id, NOON);
    const { text, html, status } = await page();
    expect(status).toBe(200);
    expect(text).toContain('Erased customer Erased on Mon, 2 Nov 2026');
    expect(text).toContain('€1,299.90 in 1 order');
    expect(html).not.toMatch(/tel:|mailto:|Ada|erased-|\/consent|\/link|\/pause/);
  });
});

describe('what a customer said', () => {
  const yes = { 'service-email': 'on', 'service-phone': 'on', 'selling-email': 'on', 'selling-phone': 'on' };
  const ticked = (html: string) =>
    [...html.matchAll(/name="(\w+-\w+)"[^>]* checked/g)].map(([, name]) => name).join(' ');

  it('is recorded by purpose and way, once, for all records of theirs', async () => {
    const email = `${fresh()}@example.com`;
    const one = await ordered(named(fresh(), { email }));
    await verified(one.id);
    const two = await ordered(named(fresh(), { email }), { source: 'market', paidAt: null });
    expect(ticked((await one.page()).html)).toBe(Object.keys(yes).join(' '));
    const { 'selling-phone': _, ...wanted } = yes;
    const path = `/customers/${one.id}/consent`;
    const { to } = await house.post(path, wanted);
    expect((await house.get(to!)).text).toContain('Saved.');
    expect(ticked((await house.get(to!)).html)).toBe('service-email service-phone selling-email');
    expect((await one.page()).text).toContain('It holds for all 2 records with this e-mail address.');
    expect(await rowOf(two.id)).toMatchObject({ service: true, selling: true, refused: ['selling:phone'] });
    const story = await house.story(two.orderId);
    expect(story).toContain('changed (some-ways-only)');
    await house.post(path, wanted);
    expect(await house.story(two.orderId)).toEqual(story);
    await house.post(path, {});
    expect(await house.story(two.orderId)).toContain('opted-out');
  });

  const switched = (html: string) =>
    [...html.matchAll(/role="switch" name="([^"]+)" checked/g)].map(([, name]) => name);

  it('by the link in the mail leaves what they refused by one way alone', async () => {
    const { id, orderId } = await ordered(named(fresh()));
    await changeCustomer(house.store, id, { consent: { selling: { email: true, phone: false } } }, NOON);
    const { unsubscribe } = await newTokens(house.store.db, orderId, null, { unsubscribe: null });
    expect(switched((await house.get(`/u/${unsubscribe}`)).html)).toEqual([
      'service-email',
      'service-phone',
      'selling-email',
    ]);
    const shown = 'service-email service-phone selling-email ';
    await house.post(`/u/${unsubscribe}`, { 'selling-email': 'on', shown });
    expect(await rowOf(id)).toMatchObject({ service: false, selling: true });
    expect((await rowOf(id)).refused).toContain('selling:phone');
  });

  it('by the link holds for every record of theirs, also where only another was switched on', async () => {
    const email = `${fresh()}@example.com`;
    const one = await ordered(named(fresh(), { email, consent: { selling: false } }));
    await verified(one.id);
    const two = await ordered(named(fresh(), { email }), { source: 'market' });
    const { unsubscribe } = await newTokens(house.store.db, one.orderId, null, { unsubscribe: null });
    expect(switched((await house.get(`/u/${unsubscribe}`)).html)).toHaveLength(4);
    const shown = 'service-email service-phone selling-email selling-phone ';
    await house.post(`/u/${unsubscribe}`, { 'service-email': 'on', 'service-phone': 'on', shown });
    for (const { id } of [one, two]) expect(await rowOf(id)).toMatchObject({ service: true, selling: false });
    await house.post(`/u/${unsubscribe}`, { 'List-Unsubscribe': 'One-Click' });
    for (const { id } of [one, two]) expect(await rowOf(id)).toMatchObject({ service: false, selling: false });
  });
});

describe('a pause', () => {
  it('waits until a day, for all of them, and goes on', async () => {
    const company = { id: fresh() };
    const one = await ordered(named(fresh(), { company }));
    const two = await ordered(named(fresh(), { company }));
    const path = `/customers/${one.id}/pause`;
    const { to } = await house.post(path, { until: '2026-11-20' });
    expect((await house.get(to!)).text).toContain('Everything waits until Fri, 20 Nov 2026, 23:59.');
    expect((await two.page()).text).toContain('Everything is paused until Fri, 20 Nov 2026, 23:59');
    const on = await house.post(path, { on: 'yes' });
    expect((await house.get(on.to!)).text).toContain('It goes on');
    expect((await two.page()).text).not.toContain('Everything is paused');
    house.clock.now += 30 * DAY;
    expect((await house.get(to!)).text).not.toContain('Everything waits');
  });

  it.each([
    ['2026-11-01', 'The end of the pause is "2026-11-01", which is over'],
    ['', 'Say until when it is to wait.'],
    ['soon', 'not a date'],
  ])('until %j is refused with what is allowed', async (until, message) => {
    const { id } = await ordered(named(fresh()));
    const page = await house.post(`/customers/${id}/pause`, { until });
    expect(page.status).toBe(422);
    expect(page.text).toContain(message);
    expect(page.html).toContain('aria-invalid="true"');
    expect((await rowOf(id)).pausedUntil).toBeNull();
  });
});

describe('linked by hand', () => {
  it.each(['id', 'number', 'bare number', 'e-mail'])(
    'somebody is found by %s, shown, and linked by a button',
    async (by) => {
      const one = await ordered(named(fresh()), {}, 2);
      const id = fresh();
      const two = await ordered(named(id), {}, 1);
      const words = {
        id: `shop/${id}`,
        number: `shop/${two.number}`,
        'bare number': two.number,
        'e-mail': `${id}@example.com`,
      };
      const found = await house.get(`/customers/${one.id}?with=${encodeURIComponent(words[by as keyof typeof words])}`);
      expect(found.text).toContain('Is this the same customer?');
      expect(found.html).toContain(`name="other" value="${two.id}"`);
      expect((await rowOf(one.id)).partyId).not.toBe((await rowOf(two.id)).partyId);
      const { to } = await house.post(`/customers/${one.id}/link`, { other: two.id });
      const page = await house.get(to!);
      expect(page.text).toContain('Linked: they are one customer from now on.');
      expect(page.text).toContain('linked by hand');
      expect(await house.story(one.orderId)).toEqual(
        expect.arrayContaining(['linked (hand)', `reordered (shop/${two.number})`]),
      );
      expect((await house.get(`/customers/${one.id}?with=shop/${id}`)).text).toContain(
        'They are one customer already.',
      );
      const again = await house.post(`/customers/${one.id}/link`, { other: two.id });
      expect((await house.get(again.to!)).text).toContain('Nothing was changed');
    },
  );

  it('and taken apart again, once it was said twice', async () => {
    const company = { id: fresh() };
    const one = await ordered(named(fresh(), { company }), {}, 2);
    const two = await ordered(named(fresh(), { company }), {}, 1);
    const page = await one.page();
    expect(page.html).toMatch(/<details><summary[^>]*>Not the same customer<\/summary><form method="post"/);
    const { to } = await house.post(`/customers/${one.id}/unlink`, { other: two.id });
    expect((await house.get(to!)).text).toContain('Taken apart: they are two customers from now on');
    expect(await house.story(one.orderId)).toContain('reorder-undone (unlinked)');
    expect((await two.page()).text).toContain('It was taken apart from another by hand');
    const stale = await house.post(`/customers/${one.id}/unlink`, { other: two.id });
    expect((await house.get(stale.to!)).text).toContain('Nothing was changed');
  });

  it.each(['nobody', 'shop/none', "'", '%', 'a/b/c'])('nobody is found by %j', async (words) => {
    const { id } = await ordered(named(fresh()));
    const page = await house.get(`/customers/${id}?with=${encodeURIComponent(words)}`);
    expect(page.text).toContain(`Nobody else is called "${words}".`);
  });

  it('nobody is linked to themselves or to somebody erased', async () => {
    const id = fresh();
    const one = await ordered(named(id));
    const gone = await ordered(named(fresh()));
    await eraseCustomer(house.store, gone.id, NOON);
    expect((await house.get(`/customers/${one.id}?with=shop/${id}`)).text).toContain('Nobody else is called');
    expect((await house.get(`/customers/${one.id}?with=shop/${gone.number}`)).text).toContain('Nobody else is called');
    for (const other of [one.id, gone.id]) {
      const { to } = await house.post(`/customers/${one.id}/link`, { other });
      expect((await house.get(to!)).text).toContain('Nothing was changed');
    }
    expect((await house.post(`/customers/${one.id}/link`, { other: 'x' })).status).toBe(404);
  });
});

it('an order page and a task lead to it', async () => {
  const { id, number, orderId } = await ordered(named(fresh()));
  await house.task(orderId, 'call', 'check-in');
  expect((await house.get(`/orders/shop/${number}`)).html).toContain(`href="/customers/${id}"`);
  expect((await house.get('/')).html).toContain(`href="/customers/${id}"`);
});
