import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DAY, iso } from '../../domain/time.ts';
import { countOverdue } from '../../store/overdue.ts';
import { events, overdue } from '../../store/schema.ts';
import { type FreshApi, freshApi } from '../support/api.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';

/** What the desk shows of customers of the past, and how they are chosen. */

let house: House;
beforeAll(async () => {
  house = await freshHouse();
});
afterAll(() => house.drop());

let count = 0;
/** A customer who ordered every so many days, the last time so many days ago; the id of the last order. */
async function silent(
  name: string,
  every: number,
  ago: number,
  given: { total?: string; currency?: string; selling?: boolean } = {},
) {
  const { total = '100.00', currency = 'EUR', selling = true } = given;
  let last = '';
  for (const nth of [2, 1, 0]) {
    count += 1;
    last = await house.order(`past-${count}`, {
      placedAt: iso(NOON - (ago + nth * every) * DAY),
      total,
      currency,
      customer: {
        id: `c-${name}`,
        name,
        email: `${name.toLowerCase()}@example.com`,
        timeZone: 'UTC',
        consent: { service: true, selling },
      },
      lines: [],
    });
  }
  return last;
}

const PATH = '/overdue';

it('says what to do where there is nobody', async () => {
  const { status, text } = await house.get(PATH);
  expect(status).toBe(200);
  expect(text).toContain('orders import FILE --history');
  expect(text).toContain('Count again');
});

describe('with customers of the past', () => {
  let ada: string;
  beforeAll(async () => {
    ada = await silent('Ada', 30, 100, { total: '250.00' });
    await silent('Ben', 60, 70);
    await silent('Cleo', 60, 50);
    await silent('Dan', 30, 200, { selling: false });
    await silent('Eve', 10, 100, { currency: 'USD', total: '999.99' });
    await house.order('once', { placedAt: iso(NOON - 90 * DAY), lines: [] });
  });

  it('counts when it is asked to, and says when that was', async () => {
    expect((await house.get(PATH)).text).not.toContain('Ada');
    const counted = await house.post('/overdue/count', {});
    expect([counted.status, counted.to]).toEqual([303, '/overdue?counted=yes']);
    const { text } = await house.get(counted.to!);
    expect(text).toContain('Counted. Overdue');
    expect(text).toContain('Counted Mon, 2 Nov 2026, 12:00 , and again every hour.');
  });

  it('sums up by currency: how many, how many of them overdue, and the revenue behind those', async () => {
    const { text } = await house.get(PATH);
    expect(text).toMatch(
      /3 of 5 customers are overdue. They have bought for €1,350.00 so far. Not due yet: 1. Not known when: 1,/,
    );
    expect(text).toContain('EUR : 3 of 5, €1,350.00 USD : 1 of 1, US$2,999.97');
    expect((await house.get('/overdue?currency=USD')).text).toContain('1 of 1 customers is overdue');
  });

  it('lists who is overdue, by value, with their rhythm and how late they are', async () => {
    const { text, html } = await house.get(PATH);
    expect(text).toMatch(
      /Ada €750\.00 3 Saturday,? 25 July 2026 Monday,? 24 August 2026 by their own rhythm, every 30 days 70 days/,
    );
    expect(text).toMatch(/Ben €300\.00 .* 10 days/);
    expect(text).not.toContain('Cleo');
    expect(text).not.toContain('Eve');
    expect(text.indexOf('Ada')).toBeLessThan(text.indexOf('Ben'));
    expect(text).toContain('Dan no mail may go');
    expect(html).toMatch(/href="\/customers\/[0-9a-f-]{36}">Ada/);
    const dollars = await house.get('/overdue?currency=USD');
    expect(dollars.text).toContain('Eve US$2,999.97');
    expect(dollars.text).not.toContain('Ada');
  });

  it('takes nobody without a tick, and no pace that is none', async () => {
    const none = await house.post('/overdue/chosen', { currency: 'EUR', perDay: '' });
    expect(none.status).toBe(422);
    expect(none.text).toContain('Nobody is ticked; tick the customers to be followed up.');
    for (const perDay of ['0', '-1', '1001', '2.5', 'five'])
      for (const form of ['chosen', 'all']) {
        const { status, text, html } = await house.post(`/overdue/${form}`, { currency: 'EUR', order: ada, perDay });
        expect([form, perDay, status]).toEqual([form, perDay, 422]);
        expect(text).toContain('How many a day is not a number; allowed: 1 to 1000.');
        expect(html).toContain(`value="${perDay}"`);
      }
    expect((await house.post('/overdue/all', { currency: 'EUR', perDay: '' })).status).toBe(422);
    expect(await house.story(ada)).toEqual(['history']);
  });

  it('lets the ticked ones be followed up', async () => {
    const { status, to } = await house.post('/overdue/chosen', { currency: 'EUR', order: ada, perDay: '' });
    expect(status).toBe(303);
    const { text } = await house.get(to!);
    expect(text).toContain('One customer is followed up from now on.');
    expect(text).not.toContain('Ada');
    expect((await house.story(ada)).slice(0, 2)).toEqual(['history', 'adopted']);
    const again = await house.post('/overdue/chosen', { currency: 'EUR', order: ada, perDay: '5' });
    expect((await house.get(again.to!)).text).toContain('One customer was followed up already.');
  });

  it('lets all of a list be, so many a day, and says when the last begins', async () => {
    const { to } = await house.post('/overdue/all', { currency: 'EUR', perDay: '1' });
    const { text } = await house.get(to!);
    expect(text).toContain('2 customers are followed up from now on.');
    expect(text).toContain(
      '2 of those chosen have a day that is still to come; the last begins on Tue, 3 Nov 2026, 13:00 .',
    );
    // Nobody of another currency, nobody who is not overdue.
    expect(await house.store.db.select().from(overdue)).toHaveLength(3);
  });

  it('takes what it did not ask for as nothing', async () => {
    const { status, text } = await house.post('/overdue/chosen', { currency: 'XXX', order: "1' OR true", perDay: '' });
    expect([status, text.includes('Nobody is ticked')]).toEqual([422, true]);
    expect((await house.get('/overdue?after=nonsense&currency=nonsense&adopted=<b>')).status).toBe(200);
  });
});

it('goes on page by page, and by hundreds', async () => {
  const { rows } = await house.store.pool.query('SELECT customer_id, id FROM aftercare.orders LIMIT 1');
  const many = Array.from({ length: 120 }, (_, nth) => ({
    partyId: `00000000-0000-4000-8000-${String(nth).padStart(12, '0')}`,
    customerId: rows[0].customer_id,
    orderId: rows[0].id,
    expectedAt: NOON - DAY,
    everyDays: 10,
    by: 'rhythm' as const,
    orders: 3,
    value: '5.00',
    currency: 'CHF',
    countedAt: NOON,
  }));
  await house.store.db.insert(overdue).values(many);
  let path: string | undefined = '/overdue?currency=CHF';
  const sizes: number[] = [];
  while (path) {
    const { html } = await house.get(path);
    sizes.push(html.match(/type="checkbox"/g)!.length);
    path = /rel="next" href="([^"]+)"/.exec(html)?.[1].replaceAll('&amp;', '&');
  }
  expect(sizes).toEqual([50, 50, 20]);
});

describe('POST /v1/adoptions', () => {
  let api: FreshApi;
  beforeAll(async () => {
    api = await freshApi();
  });
  afterAll(() => api.drop());
  const past = (number: string, more = {}) => api.order({ number, placedAt: '2025-01-01', ...more });

  it('takes customers by their orders, paced, and says what became of each', async () => {
    await past('1');
    await past('2');
    await past('a/3');
    await past('4', { paidAt: null });
    const orders = ['shop/1', 'shop/2', 'shop/a/3', 'shop/4', 'shop/none'];
    const first = await api.ask('POST', '/v1/adoptions', { orders, perDay: 2 });
    expect(first.status).toBe(202);
    expect(first.body).toEqual({
      adopted: 3,
      known: 0,
      refused: [
        { order: 'shop/none', why: 'unknown' },
        { order: 'shop/4', why: 'unpaid' },
      ],
      // It is Monday noon: one place is left today.
      lastAt: '2026-11-03T15:00:00Z',
    });
    const again = await api.ask('POST', '/v1/adoptions', { orders: orders.slice(0, 3) });
    expect(again.body).toEqual({ adopted: 0, known: 3, refused: [], lastAt: null });
    const { body } = await api.ask('GET', '/v1/orders/shop/1');
    expect(body).toMatchObject({ stage: 'waiting', outcome: null });
    const told = await api.store.db.select().from(events);
    expect(told.filter(({ what }) => what === 'adopted')).toHaveLength(3);
  });

  it('names everything that is wrong', async () => {
    const refused = async (given: unknown) => (await api.ask('POST', '/v1/adoptions', given)).body.errors;
    expect(await refused({ orders: ['shop/1', 'nothing', '/2'], perDay: 5 })).toEqual([
      { path: 'orders[1]', message: 'is "nothing"; allowed: as shop/10042' },
      { path: 'orders[2]', message: 'is "/2"; allowed: as shop/10042' },
    ]);
    expect(await refused({ orders: [], perDay: 0 })).toMatchObject([{ path: 'orders' }, { path: 'perDay' }]);
    expect(await refused({ orders: ['shop/1'], perDay: 1001 })).toMatchObject([{ path: 'perDay' }]);
    expect(await refused({ orders: Array(1001).fill('shop/1') })).toMatchObject([{ path: 'orders' }]);
    expect(await refused({ order: ['shop/1'] })).toMatchObject([{ path: 'orders' }, { path: 'order' }]);
    expect((await api.ask('POST', '/v1/adoptions', { orders: ['shop/1'] }, { authorization: '' })).status).toBe(401);
  });

  it('is never done by an import', async () => {
    await past('quiet', { customer: { id: 'q', email: 'q@example.com' } });
    await countOverdue(api.store, api.clock.now);
    expect((await api.ask('GET', '/v1/orders/shop/quiet')).body).toMatchObject({ stage: 'history' });
  });
});
