import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import { hashOf } from '../../store/customers.ts';
import { change, storyOf } from '../../store/followUps.ts';
import { claim, conclude } from '../../store/ledger.ts';
import { findOrder } from '../../store/orders.ts';
import { inboundMails, ledger, suppressions, tasks } from '../../store/schema.ts';
import { mailHookSecret } from '../../web/api/hooks.ts';
import { type FreshApi, freshApi, NOON } from '../support/api.ts';

let api: FreshApi;
let last = 0;
beforeAll(async () => {
  api = await freshApi();
});
afterAll(() => api.drop());

/** An order whose survey has gone out; its Message-ID. */
async function sent(customer: { phone?: string } = { phone: '+49 30 7654321' }) {
  last += 1;
  const number = `H-${last}`;
  const email = `hooked-${last}@example.com`;
  await api.order({ number, customer: { id: number, email, ...customer } });
  const { id, customerId, partyId } = (await findOrder(api.store, 'shop', number))!;
  let messageId = '';
  await change(api.store, id, NOON, async ({ tx, note }) => {
    const contact = { orderId: id, touch: 'survey', occurrence: '1' };
    const about = { customerId, partyId, purpose: 'service', asks: true, content: null } as const;
    const entry = (await claim(api.store, tx, contact, about, NOON))!;
    await conclude(tx, entry, 'sent', '250', NOON);
    await note({ what: 'sent', at: NOON, touch: 'survey', occurrence: '1' });
    messageId = entry.messageId;
  });
  return { id, email, messageId };
}

interface How {
  id?: string;
  secret?: string;
  /** Seconds from now at which it was signed. */
  age?: number;
  /** What is signed instead of what is sent. */
  signed?: string;
}

/** Sends a webhook as a provider does that signs it by hand, and not with the library that checks it. */
async function hook(payload: unknown, { id = `msg_${randomUUID()}`, secret, age = 0, signed }: How = {}) {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const time = Math.floor(Date.now() / 1000) - age;
  const key = Buffer.from((secret ?? mailHookSecret(api.store)).slice('whsec_'.length), 'base64');
  const mac = createHmac('sha256', key)
    .update(`${id}.${time}.${signed ?? text}`)
    .digest('base64');
  return api.ask('POST', '/hooks/mail', text, {
    authorization: '',
    'webhook-id': id,
    'webhook-timestamp': String(time),
    'webhook-signature': `v1,bm90IHRoaXM= v1,${mac}`,
  });
}

const reasonFor = async (email: string) =>
  (
    await api.store.db
      .select()
      .from(suppressions)
      .where(eq(suppressions.addressHash, hashOf(email)))
  )[0]?.reason ?? null;
/** What the story says of it. */
const told = async (id: string) =>
  (await storyOf(api.store.db, id))
    .filter(({ what }) => what === 'bounced' || what === 'handed-over')
    .map(({ what, why }) => `${what} ${why}`);
const openTasks = async (id: string) =>
  (await api.store.db.select().from(tasks).where(eq(tasks.orderId, id))).map(
    ({ kind, reason }) => `${kind}: ${reason}`,
  );
const count = () => api.store.db.$count(inboundMails);

describe('a bounce', () => {
  it('by Message-ID: the address is used no more, and somebody calls; once', async () => {
    const { id, email, messageId } = await sent();
    const again = { id: `msg_${randomUUID()}` };
    const bounce = { type: 'bounce', messageId, status: '5.1.1', at: '2026-11-02T11:00:00Z' };
    expect(await hook(bounce, again)).toMatchObject({ status: 202, body: { status: 'accepted' } });
    expect(await hook(bounce, again)).toMatchObject({ status: 200, body: { status: 'known' } });
    expect(await hook(bounce)).toMatchObject({ status: 202 });
    expect(await reasonFor(email)).toBe('refused');
    expect(await openTasks(id)).toEqual(['call: address-refused']);
    expect(await told(id)).toEqual(['bounced address-refused', 'handed-over address-refused']);
  });

  it('by address alone is about the last mail to it', async () => {
    const { id, email } = await sent();
    const bounce = { type: 'bounce', email: email.toUpperCase(), status: '5.1.1' };
    expect(await hook(bounce)).toMatchObject({ body: { status: 'accepted' } });
    expect(await reasonFor(email)).toBe('refused');
    expect(await told(id)).toContain('bounced address-refused');
  });

  it.each([
    ['4.2.2', null, []],
    ['5.2.1', 'refused', ['call: address-refused']],
    ['5.2.2', null, ['call: mail-refused']],
    ['5.4.4', null, ['call: mail-refused']],
    ['5.7.1', null, ['call: mail-refused']],
    [undefined, 'refused', ['call: address-refused']],
  ])('with the status %s: %j, %j', async (status, reason, open) => {
    const { id, email, messageId } = await sent();
    expect(await hook({ type: 'bounce', messageId: messageId.slice(1, -1), status })).toMatchObject({ status: 202 });
    expect(await reasonFor(email)).toBe(reason);
    expect(await openTasks(id)).toEqual(open);
  });

  it('about no mail of ours is told so, and its address is used no more', async () => {
    const bounce = { type: 'bounce', email: 'nobody@example.net', messageId: '<x@y>', status: '5.1.1' };
    expect(await hook(bounce)).toMatchObject({ status: 202, body: { status: 'unknown' } });
    expect(await reasonFor('nobody@example.net')).toBe('refused');
  });
});

it('about a mail that is just being handed over is to come again, and nothing is kept', async () => {
  const { id, email, messageId } = await sent();
  await api.store.db.update(ledger).set({ state: 'sending' }).where(eq(ledger.orderId, id));
  const bounce = { type: 'bounce', messageId };
  const again = { id: `msg_${randomUUID()}` };
  const before = await count();
  const answer = await hook(bounce, again);
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await count()).toBe(before);
  expect(await reasonFor(email)).toBeNull();
  await api.store.db.update(ledger).set({ state: 'sent' }).where(eq(ledger.orderId, id));
  expect(await hook(bounce, again)).toMatchObject({ status: 202, body: { status: 'accepted' } });
});

describe('a report of spam', () => {
  it('ends all mail to the address, and somebody calls', async () => {
    const { id, email, messageId } = await sent();
    await hook({ type: 'complaint', messageId });
    expect(await reasonFor(email)).toBe('spam-report');
    expect(await openTasks(id)).toEqual(['call: spam-report']);
  });

  it('where nobody may be called is told in the story', async () => {
    const { id, email, messageId } = await sent({});
    await hook({ type: 'complaint', messageId });
    expect(await reasonFor(email)).toBe('spam-report');
    expect(await openTasks(id)).toEqual([]);
    expect(await told(id)).toEqual(['bounced spam-report']);
  });
});

describe('is refused, and nothing is kept', () => {
  const good = { type: 'bounce', email: 'kept@example.com' };
  it.each<[string, unknown, How, number]>([
    ['another secret', good, { secret: `whsec_${Buffer.from('guessed').toString('base64')}` }, 401],
    ['a body that was changed', good, { signed: '{}' }, 401],
    ['ten minutes old', good, { age: 600 }, 401],
    ['from the future', good, { age: -600 }, 401],
    ['cut short', '{"type": "bounce", "email"', {}, 400],
    ['a key twice', '{"type": "bounce", "type": "complaint", "email": "kept@example.com"}', {}, 400],
    ['a poisoned key', '{"type": "bounce", "email": "kept@example.com", "__proto__": {}}', {}, 400],
    ['too long an id', good, { id: 'x'.repeat(300) }, 400],
    ['an unknown field', { ...good, recipient: 'x' }, {}, 422],
    ['an unknown type', { ...good, type: 'open' }, {}, 422],
    ['about nothing', { type: 'bounce' }, {}, 422],
    ['two addresses', { type: 'bounce', email: 'kept@example.com,b@example.com' }, {}, 422],
    ['no status', { ...good, status: '550' }, {}, 422],
    ['a status of a good end', { ...good, status: '2.0.0' }, {}, 422],
    ['a status of a complaint', { ...good, type: 'complaint', status: '5.1.1' }, {}, 422],
    ['a time to come', { ...good, at: '2099-01-01T00:00:00Z' }, {}, 422],
    ['a megabyte', { ...good, status: 'x'.repeat(1_000_000) }, {}, 413],
  ])('%s', async (_, payload, how, status) => {
    const before = await count();
    const answer = await hook(payload, how);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ status, detail: expect.any(String) });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await count()).toBe(before);
    expect(await reasonFor('kept@example.com')).toBeNull();
    expect(api.logged.join('')).not.toContain('kept@example.com');
  });

  it.each([
    ['without a signature', {}],
    ['with half of one', { 'webhook-id': 'a', 'webhook-timestamp': '1', 'webhook-signature': 'v1' }],
    ['with a time that is none', { 'webhook-id': 'a', 'webhook-timestamp': 'now', 'webhook-signature': 'v1,a' }],
  ])('%s, whatever token it brings', async (_, headers) => {
    expect((await api.ask('POST', '/hooks/mail', good, headers)).status).toBe(401);
  });
});

it('is described with the API', async () => {
  const { body } = await api.ask('GET', '/v1/openapi.json');
  expect(Object.keys((body.paths as Record<string, object>)['/hooks/mail'])).toEqual(['post']);
});
