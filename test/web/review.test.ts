import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import { DAY } from '../../domain/time.ts';
import { eraseCustomer, exportCustomer } from '../../store/customers.ts';
import { loadSale } from '../../store/followUps.ts';
import { listImprovements, noteImprovement } from '../../store/improvements.ts';
import { improvements } from '../../store/schema.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';

/** "Something should be better": said by anybody, and settled by what was made of it. */
let house: House;
beforeAll(async () => {
  house = await freshHouse();
});
afterAll(() => house.drop());
beforeEach(async () => {
  house.clock.now = NOON;
  await house.store.db.delete(improvements);
});

const SCRIPT = '<script>alert(1)</script>';
const LONG = 'x'.repeat(100_000);
let last = 0;
async function ordered() {
  last += 1;
  const id = await house.order(`i-${last}`);
  const { customer } = await loadSale(house.store, house.store.db, id);
  return { id, customer, path: `/orders/shop/i-${last}` };
}
const all = () => house.store.db.select().from(improvements);

it("is said on an order's page or a customer's, listed, and settled with what was made of it", async () => {
  const { id, customer, path } = await ordered();
  expect((await house.get(path)).text).toContain('Something should be better');
  const said = await house.post(`${path}/improvements`, { by: 'sam', text: `The box ${SCRIPT}` });
  expect(said.to).toBe(`${path}?saved=improvement`);
  house.clock.now = NOON + DAY;
  const own = `/customers/${customer.id}`;
  expect((await house.get(own)).text).toContain('Something should be better');
  await house.post(`${own}/improvements`, { by: 'sam', text: 'Nobody answers on Saturdays' });
  expect(await all()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ orderId: id, customerId: customer.id, by: 'sam', cause: null }),
      expect.objectContaining({ orderId: null, customerId: customer.id }),
    ]),
  );

  const list = await house.get('/review');
  expect(list.text).toMatch(/Saturdays.*The box/);
  expect(list.html).not.toContain(SCRIPT);
  expect(list.html).toContain(`href="${path}"`);
  const [box] = (await all()).filter(({ orderId }) => orderId === id);
  const settled = await house.post(`/review/${box.id}`, { by: 'sam', text: 'A new box since June' });
  expect(settled.to).toBe('/review?saved=settled');
  // Somebody else was too late: what stands stands.
  await house.post(`/review/${box.id}`, { by: 'office', text: 'Nothing' });
  expect((await house.get('/review')).text).not.toContain('The box');
  expect((await house.get('/review?settled=yes')).text).toMatch(/The box .*Sam Lee A new box since June/);
});

describe('what is wrong comes back with what was typed, and nothing is kept', () => {
  const wrong: [string, Record<string, string>, string][] = [
    ['nobody', { by: '', text: 'x' }, 'Say who you are'],
    ['somebody else', { by: SCRIPT, text: 'x' }, 'Say who you are'],
    ['nothing', { by: 'sam', text: ' \n ' }, 'is empty.'],
    ['too much', { by: 'sam', text: LONG }, 'is 100000 characters long; at most 10000 are allowed.'],
    ['a NUL', { by: 'sam', text: 'a\0b' }, 'contains a NUL character'],
  ];

  it.each(wrong)('when it is said: %s', async (_, form, says) => {
    const { customer, path } = await ordered();
    for (const place of [path, `/customers/${customer.id}`]) {
      const { status, text, html } = await house.post(`${place}/improvements`, form);
      expect([status, text]).toEqual([422, expect.stringContaining(says)]);
      expect(html).not.toContain(SCRIPT);
    }
    expect(await all()).toEqual([]);
  });

  it.each(wrong)('when it is settled: %s', async (_, form, says) => {
    await house.post(`${(await ordered()).path}/improvements`, { by: 'sam', text: 'The box' });
    const [{ id }] = await all();
    const { status, text } = await house.post(`/review/${id}`, form);
    expect([status, text]).toEqual([422, expect.stringContaining(says)]);
    expect(await all()).toMatchObject([{ settledAt: null, result: null }]);
  });

  it('about what is not there', async () => {
    const form = { by: 'sam', text: 'x' };
    expect((await house.post('/orders/shop/none/improvements', form)).status).toBe(404);
    expect((await house.post('/customers/none/improvements', form)).status).toBe(404);
    expect((await house.post('/review/none', form)).status).toBe(404);
    expect((await house.get('/review?after=x')).status).toBe(200);
  });
});

it('a cause that came again gets one open note', async () => {
  const { id, customer } = await ordered();
  const again = {
    at: NOON,
    by: null,
    orderId: id,
    customerId: customer.id,
    cause: 'late-parcel',
    text: 'Twice in a quarter',
  };
  await noteImprovement(house.store.db, again);
  await noteImprovement(house.store.db, again);
  expect(await all()).toHaveLength(1);
  expect((await house.get('/review')).text).toContain('Came again: Late parcel');
  await house.post(`/review/${(await all())[0].id}`, { by: 'sam', text: 'Another carrier' });
  await noteImprovement(house.store.db, again);
  expect(await all()).toHaveLength(2);
});

it('the lists go on from a place', async () => {
  for (let nth = 0; nth < 5; nth += 1) {
    const said = { at: NOON + nth, by: 'sam', orderId: null, customerId: null, cause: null, text: String(nth) };
    await noteImprovement(house.store.db, said);
  }
  const texts = ({ items }: Awaited<ReturnType<typeof listImprovements>>) =>
    items.map(({ improvement }) => improvement.text);
  const first = await listImprovements(house.store, false, undefined, 2);
  expect([...texts(first), ...texts(await listImprovements(house.store, false, first.next!))]).toEqual([...'43210']);
  for (const { id } of await all()) await house.post(`/review/${id}`, { by: 'sam', text: 'Done' });
  const settled = await listImprovements(house.store, true, undefined, 2);
  const rest = await listImprovements(house.store, true, settled.next!);
  expect(new Set([...texts(settled), ...texts(rest)]).size).toBe(5);
});

it('goes with the words about a customer who is erased, and is told to who asks', async () => {
  const { customer, path } = await ordered();
  await house.post(`${path}/improvements`, { by: 'sam', text: 'Ada waited for three weeks' });
  expect((await exportCustomer(house.store, customer)).improvements).toMatchObject([
    { text: 'Ada waited for three weeks' },
  ]);
  await eraseCustomer(house.store, customer.id, NOON);
  expect(
    await house.store.db.select().from(improvements).where(eq(improvements.customerId, customer.id)),
  ).toMatchObject([{ text: '' }]);
  expect((await house.get('/review')).text).toContain('The text was erased with the customer.');
});
