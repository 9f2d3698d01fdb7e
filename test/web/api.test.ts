import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eq, sql } from 'drizzle-orm';
import { STORY } from '../../domain/followUp.ts';
import { isAway } from '../../store/away.ts';
import { changeSettings } from '../../store/database.ts';
import { change, loadSale, type Sale } from '../../store/followUps.ts';
import { findOrder } from '../../store/orders.ts';
import { tasks as taskRows } from '../../store/schema.ts';
import { makeTask } from '../../store/tasks.ts';
import { type FreshApi, freshApi, NOON, overHttp, SMALLEST, TOKEN } from '../support/api.ts';
import { phoneOf } from '../support/people.ts';

let api: FreshApi;
beforeAll(async () => {
  api = await freshApi();
});
afterAll(() => api.drop());

type Json = Record<string, unknown>;
const DAY = 86_400_000;

/** What a refusal says: its status and `path message` of each fault. */
const faults = ({ status, body }: { status: number; body: { errors?: { path: string; message: string }[] } }) => [
  status,
  ...(body.errors ?? []).map(({ path, message }) => `${path} ${message}`),
];

describe('an order', () => {
  it('is accepted, once', async () => {
    const reply = { order: 'shop/once', followUp: 'follow-up/shop/once' };
    const first = await api.order({ number: 'once' });
    expect([first.status, first.body]).toEqual([202, { ...reply, status: 'accepted' }]);
    const again = await api.order({ number: 'once' });
    expect([again.status, again.body]).toEqual([200, { ...reply, status: 'known' }]);
    const { body } = await api.ask('GET', '/v1/orders/shop/once');
    expect(body.story).toEqual([{ at: '2026-11-02T12:00:00Z', what: 'accepted' }]);
  });

  it.each<[string, Json, string]>([
    ['total', { total: '129.91' }, 'total'],
    ['currency', { currency: 'USD' }, 'currency'],
    ['placed', { placedAt: '2026-11-01' }, 'placedAt'],
    ['customer', { customer: { ...SMALLEST.customer, id: 'c-78' } }, 'customer.id'],
    ['lines', { lines: [{ sku: 'E-1' }] }, 'lines'],
  ])('of a known number with another %s is refused', async (name, difference, path) => {
    const number = `differs-${name}`;
    await api.order({ number });
    const refused = await api.order({ number, ...difference });
    expect(refused.body.detail).toBe(`shop/${number} is known with another ${path}`);
    expect(faults(refused)).toEqual([409, `${path} differs from the order that is known under this number`]);
  });

  it('that is too old is kept as history', async () => {
    const { status, body } = await api.order({ number: 'old', placedAt: '2026-09-01' });
    expect([status, body.status]).toEqual([202, 'history']);
    const standing = await api.ask('GET', '/v1/orders/shop/old');
    expect(standing.body).toMatchObject({ stage: 'history', outcome: null, nextTouch: null });
  });

  it('is kept as history whatever its age, where that is asked for', async () => {
    const { status, body } = await api.order({ number: 'past' }, '/v1/orders?history=true');
    expect([status, body.status]).toEqual([202, 'history']);
    expect((await api.ask('GET', '/v1/orders/shop/past')).body.stage).toBe('history');
    expect((await api.order({ number: 'past' })).body.status).toBe('known');
  });

  it('that is paid meanwhile says so in its story, and consent is not changed by it', async () => {
    await api.order({ number: 'later', paidAt: null, customer: { ...SMALLEST.customer, id: 'p', consent: {} } });
    await api.ask('PATCH', '/v1/customers/shop/p', { consent: { selling: false } });
    const again = {
      number: 'later',
      customer: { ...SMALLEST.customer, id: 'p', name: 'A. P.', consent: { selling: true } },
    };
    expect((await api.order(again)).body.status).toBe('known');
    const { body } = await api.ask('GET', '/v1/orders/shop/later');
    expect((body.story as { what: string }[]).map(({ what }) => what)).toEqual(['paid', 'accepted', 'changed']);
    const customer = await api.ask('GET', '/v1/customers/shop/p');
    expect(customer.body).toMatchObject({ name: 'A. P.', consent: { service: true, selling: false } });
  });

  it('names the playbooks there are when it asks for another, with all else that is wrong', async () =>
    expect(faults(await api.order({ playbook: 'golden', total: 'x' }))).toEqual([
      422,
      expect.stringMatching(/^total /),
      'playbook is "golden"; allowed: demo, retail, service, standard',
    ]));

  it('is found whatever is in its number', async () => {
    for (const number of ['A/1', 'a b', '100%', 'ü', '%2F', '?x=1', '+', '#', '..a', "'"]) {
      const { body } = await api.order({ number });
      expect(body.status).toBe('accepted');
      const found = await api.ask('GET', `/v1/orders/shop/${encodeURIComponent(number)}`);
      expect([found.status, found.body.order]).toEqual([200, `shop/${number}`]);
    }
  });
});

describe('bad inputs of the facts', () => {
  const customer = (change: Json) => ({ customer: { ...SMALLEST.customer, ...change } });
  const text = (change: string) => JSON.stringify({ ...SMALLEST, number: 'bad' }).replace('"number":"bad"', change);

  it.each<[string, string, number]>([
    ['7: cut', '{"number": "1"', 400],
    ['7: empty', '', 400],
    ['7: no JSON', 'number=1', 400],
    ['8: a key twice', text('"number":"1","number":"2"'), 400],
    ['9: __proto__', text('"number":"1","__proto__":{}'), 400],
    ['9: constructor', text('"number":"1","constructor":{}'), 400],
    ['11: 10,000 deep', '['.repeat(10_000), 400],
    ['10: 5 MB', text(`"number":"${'x'.repeat(5_000_000)}"`), 413],
    ['13: a lone surrogate', text('"number":"\\ud800"'), 422],
    ['21: 1e400', text('"number":"x","total":1e400').replace('"total":"129.90",', ''), 422],
    ['a list', '[]', 422],
  ])('%s', async (_, body, status) => {
    const answer = await api.ask('POST', '/v1/orders', body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toEqual({
      type: 'about:blank',
      title: expect.any(String),
      status,
      detail: expect.stringMatching(/./),
      errors: expect.any(Array),
    });
  });

  it.each<[string, Json, string]>([
    ['12: a line break in a name', customer({ name: 'Ada\r\nBcc: x@example.com' }), 'customer.name'],
    ['13: a NUL', customer({ name: 'A\0' }), 'customer.name'],
    ['14: two addresses', customer({ email: 'a@x.example,b@x.example' }), 'customer.email'],
    ['15: a quoted local part', customer({ email: '"e@evil x"@good.example' }), 'customer.email'],
    ['17: a local part too long', customer({ email: `${'a'.repeat(65)}@example.com` }), 'customer.email'],
    ['18: a local part beyond ASCII', customer({ email: 'ädä@example.com' }), 'customer.email'],
    ['20: a negative total', { total: '-1.00' }, 'total'],
    ['21: NaN', { total: 'NaN' }, 'total'],
    ['21: three decimals in JPY', { total: '1.001', currency: 'JPY' }, 'total'],
    ['22: currency XXX', { currency: 'XXX' }, 'currency'],
    ['23: 30 February', { placedAt: '2026-02-30' }, 'placedAt'],
    ['23: 2099', { placedAt: '2099-01-01' }, 'placedAt'],
    ['an unknown field', { colour: 'red' }, 'colour'],
    ['neither e-mail nor phone', { customer: { id: 'x' } }, 'customer'],
    ['a source in capitals', { source: 'Shop' }, 'source'],
  ])('%s is a 422 that names the field', async (_, order, path) => {
    const answer = await api.order(order);
    expect([answer.status, ...answer.body.errors.map((fault) => fault.path)]).toEqual([422, path]);
  });

  it.each<[string, Json, Json]>([
    ['16: a full-width at-sign', { email: 'ada＠example.com' }, { email: 'ada@example.com' }],
    ['18: a domain beyond ASCII', { email: 'ada@bücher.example' }, { email: 'ada@xn--bcher-kva.example' }],
    ['19: an override of direction', { name: '\u202eAda <script>' }, { name: 'Ada <script>' }],
    ['24: an unknown zone', { timeZone: 'Mars/X' }, { timeZone: null }],
  ])('%s is put right', async (name, given, kept) => {
    const id = name.slice(0, 2);
    expect((await api.order({ customer: { ...SMALLEST.customer, id, ...given } })).status).toBe(202);
    expect((await api.ask('GET', `/v1/customers/shop/${id}`)).body).toMatchObject(kept);
  });

  it('23: an order of 1970 is kept as history', async () =>
    expect((await api.order({ placedAt: '1970-01-01' })).body.status).toBe('history'));

  it('says everything that is wrong at once', async () =>
    expect((await api.order({ currency: 'XXX', placedAt: 'now', colour: 'red' })).body.errors).toHaveLength(3));

  it.each<[string, Record<string, string>]>([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['text', { 'content-type': 'text/plain' }],
    ['another encoding', { 'content-type': 'application/json; charset=latin1' }],
    ['compressed', { 'content-encoding': 'gzip' }],
  ])('%s is a 415', async (_, headers) =>
    expect((await api.ask('POST', '/v1/orders', SMALLEST, headers)).status).toBe(415),
  );

  it('what is not UTF-8 is a 400', async () => {
    const body = Buffer.from(JSON.stringify({ ...SMALLEST, customer: { id: 'x', name: 'Zoë' } }), 'latin1');
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json; charset=utf-8' };
    expect((await api.app.request('/v1/orders', { method: 'POST', headers, body })).status).toBe(400);
  });

  it.each([
    ['POST', '/v1/orders?histroy=true', 'histroy is not a field here; allowed: history'],
    ['POST', '/v1/orders?history=yes', 'history is "yes"; allowed: true, false'],
    ['POST', '/v1/orders?history=true&history=true', 'history is given more than once'],
    ['GET', '/v1/orders/Shop/1', 'source is "Shop"; allowed: 1 to 40 small letters, digits and hyphens'],
    ['GET', '/v1/orders/shop/%00', 'number contains a NUL character (U+0000), which is not allowed'],
    ['GET', `/v1/orders/shop/${'x'.repeat(101)}`, 'number is too long; at most 100 characters are allowed'],
    ['GET', '/v1/customers/shop/%00', 'id contains a NUL character (U+0000), which is not allowed'],
    ['GET', '/v1/tasks?staus=open', 'staus is not a field here; allowed: owner, status, due, cursor'],
    ['GET', '/v1/tasks?status=closed', 'status is "closed"; allowed: open, done, cancelled'],
    ['GET', '/v1/tasks?cursor=x', 'cursor is not a cursor; allowed: the next of another page'],
    [
      'GET',
      `/v1/tasks?cursor=${cursor(`1 ${'-'.repeat(36)}`)}`,
      'cursor is not a cursor; allowed: the next of another page',
    ],
    [
      'GET',
      `/v1/tasks?cursor=${cursor(`9999999999999999 ${crypto.randomUUID()}`)}`,
      'cursor is not a cursor; allowed: the next of another page',
    ],
    ['GET', '/v1/tasks?owner=%00', 'owner contains a NUL character (U+0000), which is not allowed'],
    ['GET', '/v1/tasks?owner=sam&owner=kim', 'owner is given more than once'],
    ['GET', '/v1/tasks?due=2026-02-30', 'due is "2026-02-30", a day the calendar does not have'],
  ])('%s %s', async (method, path, fault) =>
    expect(faults(await api.ask(method, path, method === 'POST' ? SMALLEST : undefined))).toEqual([422, fault]),
  );
});

function cursor(text: string) {
  return Buffer.from(text).toString('base64url');
}

describe('over a real connection', () => {
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };

  it('a slash in a number is found, and no guard is passed by it', () =>
    overHttp(api, async ({ url }) => {
      const body = JSON.stringify({ ...SMALLEST, number: 'real/1' });
      expect((await fetch(`${url}/v1/orders`, { method: 'POST', headers, body })).status).toBe(202);
      const found = await fetch(`${url}/v1/orders/shop/real%2F1`, { headers });
      expect(await found.json()).toMatchObject({ order: 'shop/real/1' });
      for (const path of ['/v1/orders/shop/real%2F1', '/v1%2Forders/shop/1', '//v1/orders/shop/1', '/v1/./tasks'])
        expect([401, 404]).toContain((await fetch(url + path)).status);
    }));

  it.each(['with its length', 'in chunks'])('5 MB %s are refused, and the server goes on', (way) =>
    overHttp(api, async ({ url, port }) => {
      const bytes = Buffer.alloc(5_000_000, ' ');
      const length = way === 'in chunks' ? {} : { 'content-length': String(bytes.length) };
      const status = await new Promise((settle, reject) => {
        let answered = false;
        const sent = request({
          port,
          host: '127.0.0.1',
          path: '/v1/orders',
          method: 'POST',
          headers: { ...headers, ...length },
        });
        sent.on('response', (response) => {
          answered = true;
          settle(response.resume().statusCode);
        });
        sent.on('error', reject);
        // Whoever has their answer sends no more; the server does not listen to the rest for long.
        const send = (at: number) => {
          if (answered) sent.destroy();
          else if (at >= bytes.length) sent.end();
          else sent.write(bytes.subarray(at, at + 50_000), () => setImmediate(send, at + 50_000));
        };
        send(0);
      });
      expect(status).toBe(413);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
    }),
  );
});

describe('the token', () => {
  it.each<[string, string | undefined]>([
    ['none', undefined],
    ['another one', 'Bearer another'],
    ['nothing after the word', 'Bearer '],
    ['another way', `Basic ${TOKEN}`],
    ['more than the token', `Bearer ${TOKEN}x`],
  ])('%s is a 401', async (_, authorization) => {
    const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) };
    const body = JSON.stringify(SMALLEST);
    for (const [method, path] of [
      ['POST', '/v1/orders'],
      ['GET', '/v1/tasks'],
      ['GET', '/v1/nothing'],
    ]) {
      const answer = await api.app.request(path, { method, headers, ...(method === 'POST' && { body }) });
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, expect.stringMatching(/^Bearer /)]);
    }
  });

  it.each(['/healthz', '/readyz', '/metrics', '/v1/openapi.json', '/v1/docs'])('%s needs none', async (path) =>
    expect((await api.app.request(path)).status).toBe(200),
  );

  it('may follow the word in any case', async () =>
    expect((await api.ask('GET', '/v1/tasks', undefined, { authorization: `bearer ${TOKEN}` })).status).toBe(200));
});

describe('an event', () => {
  const events = (number: string) => `/v1/orders/shop/${number}/events`;

  it.each<[string, Record<string, string>, Json]>([
    ['its id', {}, { id: 'e-1' }],
    ['the Idempotency-Key', { 'idempotency-key': 'e-1' }, {}],
  ])('counts once by %s', async (name, headers, id) => {
    const { body } = await api.order();
    const number = (body.order as string).slice(5);
    const event = { type: 'note', text: name, ...id };
    const first = await api.ask('POST', events(number), event, headers);
    expect([first.status, first.body]).toEqual([202, { order: `shop/${number}`, status: 'accepted' }]);
    const again = await api.ask('POST', events(number), event, headers);
    expect([again.status, again.body.status]).toEqual([200, 'known']);
    const standing = await api.ask('GET', `/v1/orders/shop/${number}`);
    expect(standing.body.story).toEqual([
      { at: '2026-11-02T12:00:00Z', what: 'accepted' },
      { at: '2026-11-02T12:00:00Z', what: 'note', why: name },
    ]);
  });

  it('that comes before its order is held, and happens when it comes (3, 4)', async () => {
    const held = await api.ask('POST', events('early'), { id: 'c', type: 'cancelled' });
    expect([held.status, held.body.status]).toEqual([202, 'held']);
    expect((await api.ask('POST', events('early'), { id: 'c', type: 'cancelled' })).status).toBe(200);
    await api.order({ number: 'early' });
    expect((await api.ask('GET', '/v1/orders/shop/early')).body).toMatchObject({
      stage: 'ended',
      outcome: 'cancelled',
    });
    expect((await api.ask('POST', events('early'), { id: 'c', type: 'cancelled' })).body.status).toBe('known');
  });

  it('stands in the story where it happened', async () => {
    await api.order({ number: 'backdated' });
    await api.ask('POST', events('backdated'), { type: 'delivered', at: '2026-11-02T11:00:00Z' });
    const { body } = await api.ask('GET', '/v1/orders/shop/backdated');
    expect((body.story as { what: string }[]).map(({ what }) => what)).toEqual(['delivered', 'accepted']);
  });

  it('without an offset is in the local time of the customer', async () => {
    await api.order({ number: 'zoned', customer: { ...SMALLEST.customer, id: 'z', timeZone: 'America/New_York' } });
    await api.ask('POST', events('zoned'), { type: 'delivered', at: '2026-11-02T06:30' });
    const { body } = await api.ask('GET', '/v1/orders/shop/zoned');
    expect(body.story).toContainEqual({ at: '2026-11-02T11:30:00Z', what: 'delivered' });
  });

  it.each<[Json, string]>([
    [{ type: 'exploded' }, 'type is "exploded"; allowed: paid, '],
    [{ type: 'promised', text: 'x' }, 'by is missing'],
    [{ type: 'note' }, 'text is missing'],
    [{ type: 'paid', until: '2027-01-01' }, 'until belongs to the type paused only'],
    [{ type: 'delivered', at: '2099-01-01' }, 'at is "2099-01-01", which is still to come'],
    [{ type: 'paid', colour: 'red' }, 'colour is not a field here'],
  ])('%j is refused', async (event, fault) => {
    const [status, first] = faults(await api.ask('POST', events('once'), event));
    expect([status, first]).toEqual([422, expect.stringContaining(fault)]);
  });

  it('whose id and Idempotency-Key differ is refused', async () => {
    const refused = await api.ask('POST', events('once'), { id: 'a', type: 'paid' }, { 'idempotency-key': 'b' });
    expect(refused.status).toBe(422);
  });
});

describe('a customer', () => {
  const ada = {
    ...SMALLEST.customer,
    id: 'ada@example.com',
    timeZone: 'Europe/Berlin',
    company: { name: 'Palmer Ltd' },
  };
  const at = `/v1/customers/shop/${encodeURIComponent(ada.id)}`;
  beforeAll(() => api.order({ number: 'of-ada', customer: ada }));

  it('is shown in the words of the order', async () =>
    expect((await api.ask('GET', at)).body).toEqual({
      source: 'shop',
      id: 'ada@example.com',
      name: 'Ada Palmer',
      email: 'ada@example.com',
      phone: '+4930123456',
      company: { id: null, name: 'Palmer Ltd' },
      role: null,
      timeZone: 'Europe/Berlin',
      locale: null,
      country: null,
      consent: { service: true, selling: true },
      channels: { email: { service: true, selling: true }, phone: { service: true, selling: true } },
      preferences: {},
      referralCode: expect.stringMatching(/^[2-9A-Z]{8}$/),
      pausedUntil: null,
      linked: [],
    }));

  it('is changed: what is left out stays, null clears', async () => {
    const changed = await api.ask('PATCH', at, { company: null, preferences: { channel: 'phone' } });
    expect(changed.body).toMatchObject({ name: 'Ada Palmer', company: null, preferences: { channel: 'phone' } });
  });

  it.each<[Json, string]>([
    [{ email: 'a@x.example,b@x.example' }, 'email'],
    [{ timeZone: 'Mars/X' }, 'timeZone'],
    [{ id: 'other' }, 'id'],
    [{ consent: { all: true } }, 'consent.all'],
    [{ consent: { selling: 'yes' } }, 'consent.selling'],
    [{ consent: { selling: { email: true } } }, 'consent.selling.phone'],
    [{ consent: { selling: { email: true, phone: true, fax: false } } }, 'consent.selling.fax'],
    [{ pausedUntil: '2026-11-01' }, 'pausedUntil'],
    [{ linked: [] }, 'linked'],
  ])('is not changed by %j', async (patch, path) => {
    const refused = await api.ask('PATCH', at, patch);
    expect([refused.status, ...refused.body.errors.map((fault) => fault.path)]).toEqual([422, path]);
  });

  const eve = '/v1/customers/shop/eve';
  beforeAll(() => api.order({ customer: { ...SMALLEST.customer, id: 'eve', timeZone: 'Europe/Berlin' } }));

  it('agrees by purpose, or by purpose and channel; what else it is, is said by name', async () => {
    const selling = { email: false, phone: true };
    const { body } = await api.ask('PATCH', eve, { consent: { selling } });
    expect(body).toMatchObject({
      consent: { service: true, selling: true },
      channels: { email: { service: true, selling: false }, phone: { service: true, selling: true } },
    });
    const forms = 'allowed: true, false, or both channels as { "email": true, "phone": false }';
    for (const [value, message] of [
      ['yes', `consent.selling is "yes"; ${forms}`],
      [{ email: 1, phone: true }, 'consent.selling.email is the number 1; true or false is needed'],
      [{}, 'consent.selling.email is missing; true or false is needed'],
      [{ ...selling, fax: true }, 'consent.selling.fax is not a field here; allowed: email, phone'],
      [[], `consent.selling is a list; ${forms}`],
    ] as const)
      expect(faults(await api.ask('PATCH', eve, { consent: { selling: value } }))).toContain(message);
    expect(
      (
        await api.order({
          customer: { ...SMALLEST.customer, id: 'c-fax', consent: { selling: { ...selling, fax: true } } },
        })
      ).body,
    ).toMatchObject({ errors: [{ path: 'customer.consent.selling.fax' }] });
    expect((await api.ask('PATCH', eve, { consent: null })).body.channels).toMatchObject({ email: { selling: true } });
  });

  it('waits for a day, in its own zone, and goes on', async () => {
    const { body } = await api.ask('PATCH', eve, { pausedUntil: '2026-11-20' });
    expect(body.pausedUntil).toBe('2026-11-20T22:59:59Z');
    api.clock.now += 30 * DAY;
    expect((await api.ask('GET', eve)).body.pausedUntil).toBeNull();
    api.clock.now = NOON;
    expect((await api.ask('PATCH', eve, { pausedUntil: null })).body.pausedUntil).toBeNull();
  });

  it('is linked to others of their company, whatever they are called there', async () => {
    const company = { id: 'p-3', name: 'Palmer Ltd' };
    await api.order({ customer: { id: 'buyer', email: 'buyer@example.com', company, role: 'Buyer' } });
    await api.order({ customer: { id: 'user', email: 'user@example.com', company, role: 'USER' }, number: 'of-user' });
    const { body } = await api.ask('GET', '/v1/customers/shop/buyer');
    expect(body).toMatchObject({ role: 'Buyer', linked: [{ source: 'shop', id: 'user', by: 'company' }] });
    const { recipients } = await loadSale(api.store, api.store.db, (await findOrder(api.store, 'shop', 'of-user'))!.id);
    expect(Object.keys(recipients).sort()).toEqual(['buyer', 'user']);
  });

  it('who withdraws all consent ends the follow-ups', async () => {
    await api.order({ number: 'of-bob', customer: { id: 'bob', email: 'bob@example.com' } });
    await api.ask('PATCH', '/v1/customers/shop/bob', { consent: { service: false, selling: false } });
    expect((await api.ask('GET', '/v1/orders/shop/of-bob')).body).toMatchObject({
      stage: 'ended',
      outcome: 'opted-out',
    });
  });

  it('has a copy of everything, with dates people can read', async () => {
    const copy = await api.ask('GET', `${at}/export`);
    expect(copy.headers.get('content-disposition')).toBe('attachment; filename="customer.json"');
    expect(copy.body).toMatchObject({
      customer: { name: 'Ada Palmer', createdAt: '2026-11-02T12:00:00.000Z' },
      orders: [{ number: 'of-ada', placedAt: '2026-11-02T10:15:00.000Z' }],
      events: [{ what: 'accepted', at: '2026-11-02T12:00:00.000Z' }],
      links: [],
      suppressions: [],
      purchases: [],
      ledger: [],
    });
  });

  it('is erased, and stays so', async () => {
    expect((await api.ask('DELETE', at)).status).toBe(204);
    for (const [method, path] of [
      ['GET', at],
      ['GET', `${at}/export`],
      ['DELETE', at],
    ])
      expect((await api.ask(method, path)).status).toBe(404);
    expect((await api.ask('PATCH', at, { name: 'Ada' })).status).toBe(404);
    expect((await api.ask('GET', '/v1/orders/shop/of-ada')).body).toMatchObject({ stage: 'ended', outcome: 'erased' });
    expect((await api.order({ number: 'of-ada', total: '1.00', customer: ada })).body.status).toBe('known');
    const note = { type: 'note', text: 'Ada Palmer called.' };
    expect((await api.ask('POST', '/v1/orders/shop/of-ada/events', note)).body.status).toBe('known');
    expect((await api.ask('GET', '/v1/orders/shop/of-ada')).text).not.toContain('Palmer');
  });
});

describe('tasks', () => {
  /** A call task on an order of its own. */
  async function call(
    number: string,
    now = NOON,
    given: Partial<Pick<typeof CALL, 'reason' | 'touch'>> = {},
  ): Promise<string> {
    const wanted = { ...CALL, ...given };
    await api.order({ number, customer: { ...SMALLEST.customer, id: number, phone: phoneOf(number) } });
    const order = await findOrder(api.store, 'shop', number);
    await change(api.store, order!.id, now, async ({ tx, sale, note }) => {
      await makeTask(api.store, tx, sale as Sale, wanted, now);
      const { touch, occurrence, reason } = wanted;
      await note({ what: 'task-made', at: now, touch, occurrence, why: reason });
    });
    const [task] = await api.store.db.select().from(taskRows).where(eq(taskRows.orderId, order!.id));
    return task.id;
  }
  const CALL = {
    kind: 'call' as const,
    reason: 'check-in',
    touch: 'check-in',
    occurrence: '1',
    within: { amount: 1, unit: 'business days' } as const,
  };

  it('are listed by due time, as the contract says', async () => {
    const id = await call('task-1');
    const { body } = await api.ask('GET', '/v1/tasks?owner=office&status=open&due=2026-11-03');
    expect(body).toEqual({
      items: [
        {
          id,
          kind: 'call',
          reason: 'check-in',
          order: 'shop/task-1',
          customer: { source: 'shop', id: 'task-1', name: 'Ada Palmer' },
          owner: 'office',
          dueAt: '2026-11-03T12:00:00Z',
          status: 'open',
        },
      ],
      next: null,
    });
  });

  it.each(['owner=nobody', 'status=cancelled', 'due=2026-11-02'])('not those that %s leaves out', async (filter) =>
    expect((await api.ask('GET', `/v1/tasks?${filter}`)).body).toEqual({ items: [], next: null }),
  );

  it('come out once', async () => {
    const task = await call('task-2');
    const outcome = { id: 'o-1', outcome: 'reached', note: 'Happy.', answers: { nps: 9 } };
    const first = await api.ask('POST', `/v1/tasks/${task}/outcome`, outcome);
    expect([first.status, first.body]).toEqual([202, { task, status: 'accepted' }]);
    const again = await api.ask('POST', `/v1/tasks/${task}/outcome`, outcome);
    expect([again.status, again.body]).toEqual([200, { task, status: 'known' }]);
    const other = await api.ask('POST', `/v1/tasks/${task}/outcome`, { outcome: 'no-answer' });
    expect([other.status, other.body.detail]).toEqual([409, 'the task is done already, and came out otherwise']);
    const { body } = await api.ask('GET', '/v1/orders/shop/task-2');
    expect(body.story).toContainEqual({
      at: '2026-11-02T12:00:00Z',
      what: 'outcome',
      touch: 'check-in',
      why: 'reached',
    });
  });

  it("take answers to a survey's own questions where it is asked, and name what is allowed", async () => {
    const checkIn = await call('task-own');
    const said = (own: unknown) => ({ outcome: 'reached', answers: { nps: 8, own } });
    expect(faults(await api.ask('POST', `/v1/tasks/${checkIn}/outcome`, said({ ten: 'The cable' })))).toEqual([
      422,
      'answers.own belongs to a survey by phone only, and this task asks none',
    ]);
    const survey = await call('task-survey', NOON, { reason: 'survey-by-phone', touch: 'survey' });
    expect(faults(await api.ask('POST', `/v1/tasks/${survey}/outcome`, said({ eleven: 'x' })))).toEqual([
      422,
      'answers.own.eleven is no question of the survey "nps"; allowed: ten',
    ]);
    expect((await api.ask('POST', `/v1/tasks/${survey}/outcome`, said({ ten: 'The cable' }))).status).toBe(202);
  });

  it('refuse an outcome that does not fit, and name those that do', async () => {
    const task = await call('task-3');
    const allowed =
      'reached, no-answer, voicemail, wrong-number, call-back, not-interested, complaint, ordered, skipped';
    expect(faults(await api.ask('POST', `/v1/tasks/${task}/outcome`, { outcome: 'kept' }))).toEqual([
      422,
      `outcome is "kept", which a task of the kind call cannot have; allowed: ${allowed}`,
    ]);
    expect(faults(await api.ask('POST', `/v1/tasks/${task}/outcome`, { outcome: 'call-back' }))).toEqual([
      422,
      'callBackAt is missing; the outcome call-back needs a time to call',
    ]);
  });

  it.each([crypto.randomUUID(), 'x', '%00'])('of the id %s are not there', async (id) =>
    expect((await api.ask('POST', `/v1/tasks/${id}/outcome`, { outcome: 'done' })).status).toBe(404),
  );

  it('come a page at a time', async () => {
    // One customer's calls would join, and full days would spill over.
    await changeSettings(api.store, { tasksPerDay: null });
    for (let at = 0; at < 51; at += 1) await call(`page-${at}`, NOON + DAY);
    const first = await api.ask('GET', '/v1/tasks?status=open');
    expect(first.body.items).toHaveLength(50);
    const second = await api.ask('GET', `/v1/tasks?status=open&cursor=${first.body.next}`);
    const ids = [...(first.body.items as Json[]), ...(second.body.items as Json[])].map(({ id }) => id);
    expect([new Set(ids).size, second.body.next]).toEqual([ids.length, null]);
  });
});

describe('what describes itself', () => {
  it('has all ways of the contract in its OpenAPI', async () => {
    const { body } = await api.ask('GET', '/v1/openapi.json');
    const ways = Object.entries(body.paths as Record<string, Json>).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    expect(ways).toEqual([
      'post /v1/orders',
      'get /v1/orders/{source}/{number}',
      'post /v1/orders/{source}/{number}/events',
      'get /v1/customers/{source}/{id}',
      'patch /v1/customers/{source}/{id}',
      'delete /v1/customers/{source}/{id}',
      'get /v1/customers/{source}/{id}/export',
      'get /v1/tasks',
      'post /v1/tasks/{id}/outcome',
      'post /v1/adoptions',
      'get /v1/not-done',
      'get /v1/playbooks',
      'post /v1/playbooks/{name}/move',
      'get /v1/pause',
      'put /v1/pause',
      'delete /v1/pause',
      'post /hooks/mail',
      'get /healthz',
      'get /readyz',
      'get /metrics',
    ]);
    expect(body).toMatchObject({ openapi: '3.1.0' });
  });

  it('shows it to people, with nothing from elsewhere', async () => {
    const { text } = await api.ask('GET', '/v1/docs');
    expect(text).toMatch(/^<!doctype html>/);
    expect(text).toContain('customer.preferences.bestTime');
    expect(text).not.toMatch(/(src|href)="https?:/);
  });

  it('says a story in words that are explained', async () => {
    const { body } = await api.ask('GET', '/v1/orders/shop/once');
    for (const { what } of body.story as { what: string }[]) expect(Object.keys(STORY)).toContain(what);
  });
});

describe('whoever runs it', () => {
  it('hears what is not ready', async () => {
    expect((await api.ask('GET', '/readyz')).body).toEqual({ status: 'ready', parts: ['database'] });
    const { readiness } = api.web;
    api.web.readiness = async () => ({ database: true, temporal: 'connection refused' });
    expect(faults(await api.ask('GET', '/readyz'))).toEqual([503, 'temporal connection refused']);
    api.web.readiness = readiness;
  });

  it('sees numbers by route, and none of them tells a name', async () => {
    const { text } = await api.ask('GET', '/metrics');
    expect(text).toMatch(
      /aftercare_http_request_duration_seconds_count\{method="POST",route="\/v1\/orders",status="202"\} \d+/,
    );
    expect(text).toMatch(/route="\/v1\/orders\/:source\/:number",status="200"/);
    expect(text).toMatch(/aftercare_orders_total\{status="accepted"\} \d+/);
    expect(text).toMatch(/aftercare_outbox_waiting \d+/);
    expect(text).not.toMatch(/ada|once/i);
  });

  it('finds no failure of ours in the log', () => expect(api.logged).toEqual([]));
});

it.each(['/v1', '/v1/nothing', '/v1/orders/shop/a/b', '/v1/scores'])('%s is a 404', async (path) => {
  const { status, headers } = await api.ask('GET', path);
  expect([status, headers.get('content-type')]).toEqual([404, 'application/problem+json']);
});

describe('without its database', () => {
  let alone: FreshApi;
  beforeAll(async () => {
    alone = await freshApi();
    await alone.store.pool.end();
  });
  afterAll(() => {
    alone.store.close = async () => {};
    return alone.drop();
  });

  it('lives on where a connection is cut in the middle of a transaction', async () => {
    const cut = api.store.db.transaction(async (tx) => {
      const { rows } = await tx.execute<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid`);
      await api.store.db.execute(sql`SELECT pg_terminate_backend(${rows[0].pid})`);
      await new Promise((resolve) => setTimeout(resolve, 200));
      await tx.execute(sql`SELECT 1`);
    });
    expect(isAway(await cut.catch((error) => error))).toBe(true);
    expect((await api.ask('GET', '/v1/tasks')).status).toBe(200);
  });

  it.each([
    ['GET', '/v1/tasks'],
    ['GET', '/v1/orders/shop/1'],
    ['POST', '/v1/orders'],
  ])('%s %s asks to come again', async (method, path) => {
    const answer = await alone.ask(method, path, method === 'POST' ? SMALLEST : undefined);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  });

  it('it still answers what needs none', async () => {
    for (const path of ['/healthz', '/metrics']) expect((await alone.ask('GET', path)).status).toBe(200);
    expect(alone.logged.join('')).not.toMatch(/ada|palmer|example\.com/i);
  });
});
