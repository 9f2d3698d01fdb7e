import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import { DAY, iso } from '../../domain/time.ts';
import { pauseCustomer } from '../../store/pauses.ts';
import { customers, orders, outbox } from '../../store/schema.ts';
import { aftercare } from '../cli/command.ts';
import { type FreshApi, freshApi, NOON, overHttp, TOKEN } from '../support/api.ts';

let api: FreshApi;
beforeAll(async () => {
  api = await freshApi();
});
afterAll(() => api.drop());

const none = { until: null, why: null, waiting: 0 };

describe('over the API', () => {
  it('everything is paused, paused otherwise, and goes on', async () => {
    expect((await api.ask('GET', '/v1/pause')).body).toEqual(none);
    const paused = await api.ask('PUT', '/v1/pause', { until: '2026-11-04T08:00+01:00', why: 'Wrong prices' });
    expect([paused.status, paused.body]).toEqual([
      200,
      { until: '2026-11-04T07:00:00Z', why: 'Wrong prices', waiting: 0 },
    ]);
    await api.order({ number: 'P-1' });
    expect((await api.ask('GET', '/v1/pause')).body).toMatchObject({ waiting: 1 });
    // A day means its end, by the company's clocks.
    const day = await api.ask('PUT', '/v1/pause', { until: '2026-11-03', why: 'Wrong prices' });
    expect(day.body).toMatchObject({ until: '2026-11-03T23:59:59Z', waiting: 1 });
    expect((await api.ask('DELETE', '/v1/pause')).body).toEqual({ woken: 1 });
    expect((await api.ask('DELETE', '/v1/pause')).body).toEqual({ woken: 0 });
    expect((await api.ask('GET', '/v1/pause')).body).toEqual(none);
  });

  it.each([
    [{ why: 'x' }, 'until', 'is missing; a string is needed'],
    [{ until: '2026-11-04' }, 'why', 'is missing; a string is needed'],
    [
      { until: '2026-11-01', why: 'x' },
      'until',
      'is "2026-11-01", which is over; allowed: later than now, 2026-11-02T12:00:00Z',
    ],
    [{ until: '2028-11-01', why: 'x' }, 'until', 'more than a year ahead'],
    [{ until: '2026-11-04', why: 'a\nb' }, 'why', 'contains a line break'],
    [{ until: '2026-11-04', why: 'x', who: 'me' }, 'who', 'is not a field here; allowed: until, why'],
  ])('%j is refused', async (given, path, message) => {
    const { status, body } = await api.ask('PUT', '/v1/pause', given);
    expect([status, body.errors]).toEqual([422, [{ path, message: expect.stringContaining(message) }]]);
    expect((await api.ask('GET', '/v1/pause')).body).toEqual(none);
  });

  it('needs the token', async () => {
    for (const method of ['GET', 'PUT', 'DELETE'])
      expect((await api.app.request('/v1/pause', { method })).status).toBe(401);
  });
});

describe('on the command line', () => {
  const asking = (...words: string[]) =>
    overHttp(api, ({ url }) => aftercare(words, { AFTERCARE_PUBLIC_URL: url, AFTERCARE_API_TOKEN: TOKEN }));

  it('everything is paused, and goes on', async () => {
    const { code, out } = await asking('pause', '--until', '2026-11-04T08:00', 'Wrong prices');
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^Everything is paused until Wed 2026-11-04 \d\d:00 \(.+\): Wrong prices\n$/),
    ]);
    expect((await api.ask('GET', '/v1/pause')).body).toMatchObject({ until: '2026-11-04T08:00:00Z' });
    expect(await asking('resume')).toMatchObject({ code: 0, out: expect.stringContaining('Everything goes on.') });
    expect((await api.ask('GET', '/v1/pause')).body).toEqual(none);
  });

  it('what is wrong is said', async () => {
    expect(await asking('pause', 'Wrong prices')).toMatchObject({ code: 2, err: expect.stringContaining('--until') });
    expect(await asking('pause', '--until', 'tomorrow', 'x')).toMatchObject({
      code: 1,
      err: expect.stringContaining('until is "tomorrow", not a date'),
    });
  });
});

describe('for one customer', () => {
  it('all records and people of the party wait, and their open orders look again', async () => {
    const company = { id: 'p-3', name: 'Palmer Ltd' };
    const person = (id: string) => ({ id, name: id, email: `${id}@example.com`, company });
    for (const id of ['ada', 'eve']) await api.order({ number: id, customer: person(id) });
    await api.order({ number: 'other' });
    const all = await api.store.db.select().from(orders).innerJoin(customers, eq(customers.id, orders.customerId));
    const [ada, eve, other] = ['ada', 'eve', 'other'].map(
      (number) => all.find(({ orders }) => orders.number === number)!,
    );
    expect(ada.orders.partyId).toBe(eve.orders.partyId);
    await api.store.db.delete(outbox);

    await pauseCustomer(api.store, ada.customers.id, NOON + 20 * DAY, NOON);
    const stands = async () =>
      (await api.store.db.select().from(orders)).flatMap(({ id, brake, nextDueAt }) =>
        [ada, eve, other].some(({ orders }) => orders.id === id) ? [[brake, iso(nextDueAt!).slice(0, 10)]] : [],
      );
    // The twenty-second is a Sunday, and over the business hours of the Monday what waited is spread.
    expect((await stands()).filter(([brake, day]) => brake === 'customer-paused' && day! >= '2026-11-22')).toHaveLength(
      2,
    );
    const poked = async () => new Set((await api.store.db.select().from(outbox)).map(({ orderId }) => orderId));
    expect(await poked()).toEqual(new Set([ada.orders.id, eve.orders.id]));

    await pauseCustomer(api.store, eve.customers.id, null, NOON);
    expect((await stands()).map(([brake]) => brake)).toEqual([null, null, null]);
    expect((await api.store.db.select().from(customers)).every(({ pausedUntil }) => pausedUntil === null)).toBe(true);
  });
});
