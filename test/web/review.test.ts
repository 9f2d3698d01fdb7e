import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import { DAY } from '../../domain/time.ts';
import { complaintsOf, takeStep } from '../../store/complaints.ts';
import { eraseCustomer, exportCustomer } from '../../store/customers.ts';
import { loadSale } from '../../store/followUps.ts';
import { listImprovements, noteImprovement } from '../../store/improvements.ts';
import { PAGE } from '../../store/pages.ts';
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
  const number = `i-${last}`;
  const id = await house.order(number);
  const { customer } = await loadSale(house.store, house.store.db, id);
  return { id, number, customer, path: `/orders/shop/${number}` };
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
  const settling = { by: 'sam', text: 'A new box since June' };
  expect((await house.post(`/review/${box.id}`, settling)).to).toBe('/review?saved=settled');
  // Who sends the same twice has settled it.
  expect((await house.post(`/review/${box.id}`, settling)).to).toBe('/review?saved=settled');
  expect((await house.get('/review')).text).not.toContain('The box');
  expect((await house.get('/review?settled=yes')).text).toMatch(/The box .*Sam Lee A new box since June/);
});

it('somebody else was quicker: they are named, what they said stands, and what was written meanwhile is there to read', async () => {
  const { path } = await ordered();
  await house.post(`${path}/improvements`, { by: 'sam', text: 'The box' });
  const [{ id }] = await all();
  const office = house.store.settings.defaultOwner;
  const said = [
    { by: 'sam', text: 'A new box since June' },
    { by: office, text: `Another supplier ${SCRIPT}` },
  ];
  const came = await Promise.all(said.map((form) => house.post(`/review/${id}`, form)));
  expect(came.map(({ status }) => status).sort()).toEqual([303, 409]);
  const late = came.findIndex(({ status }) => status === 409);
  const [{ settledBy, result }] = await all();
  expect({ by: settledBy, text: result }).toEqual(said[1 - late]);
  // The other way round it reads the same.
  const { status, text, html } = await house.post(`/review/${id}`, { by: 'sam', text: `A third box ${SCRIPT}` });
  expect(status).toBe(409);
  expect(text).toMatch(/ settled this meanwhile: what you wrote was not kept\./);
  expect(text).toContain(result!);
  expect(text).toContain(`A third box ${SCRIPT}`);
  expect(html).not.toContain(SCRIPT);
});

it('a form that is sent twice says it once', async () => {
  const { customer, path } = await ordered();
  for (const place of [path, `/customers/${customer.id}`]) {
    const [, id] = /improvements">\s*<input type="hidden" name="id" value="([\w-]+)"/.exec(
      (await house.get(place)).html,
    )!;
    const form = { id, by: 'sam', text: 'The box' };
    const answers = await Promise.all([1, 2].map(() => house.post(`${place}/improvements`, form)));
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
  }
  expect(await all()).toHaveLength(2);
  await house.post(`${path}/improvements`, { id: "x'", by: 'sam', text: 'The lid' });
  expect(await all()).toHaveLength(3);
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

describe('a cause that comes again', () => {
  /** Somebody complains, and this was the cause; our id of the complaint. */
  async function complained(cause: string): Promise<string> {
    const { id, number } = await ordered();
    await house.happens(number, 'complained', { text: 'It leaks' });
    const [row] = await complaintsOf(house.store.db, id);
    await takeStep(house.store, row, { step: 'cause', cause, changed: 'A new seal' }, house.clock.now);
    return row.id;
  }

  it('gets one open note, which counts on and leads to the complaints, and names nobody', async () => {
    const ids = [await complained('Seal worn')];
    expect(await all()).toEqual([]);
    house.clock.now = NOON + DAY;
    ids.push(await complained('seal  WORN'));
    expect(await all()).toMatchObject([{ by: null, orderId: null, customerId: null }]);
    expect((await all())[0].text).toMatch(/^The same cause 2 times: seal WORN\./);
    house.clock.now = NOON + 80 * DAY;
    ids.push(await complained('Seal worn'));
    await complained('Another cause');
    // What came within three months of the note is what it is about, however long that stays open.
    house.clock.now = NOON + 120 * DAY;
    ids.push(await complained('Seal\u00a0worn '));
    expect((await all()).map(({ text }) => text)).toEqual([
      expect.stringMatching(/^The same cause 4 times: Seal worn\./),
    ]);
    const { html, text } = await house.get('/review');
    expect([...html.matchAll(/href="\/complaints\/([\w-]+)"/g)].map(([, id]) => id)).toEqual(ids);
    expect(text).toMatch(/Complaint of .*, about shop\/i-\d+/);
    expect(text).not.toContain('Ada Palmer');

    await house.post(`/review/${(await all())[0].id}`, { by: 'sam', text: 'Another seal' });
    house.clock.now += DAY;
    await complained('seal worn');
    expect(await all()).toHaveLength(2);
    const settled = await house.get('/review?settled=yes');
    expect(settled.html.match(/href="\/complaints\//g)).toHaveLength(4);
  });

  it('by two at the same moment gets one note', async () => {
    await complained('Late parcel');
    await Promise.all([complained('late parcel'), complained('Late  parcel')]);
    expect(await all()).toMatchObject([{ text: expect.stringContaining('3 times') }]);
  });

  it('after more than three months gets none', async () => {
    await complained('Wrong label');
    house.clock.now = NOON + 100 * DAY;
    await complained('wrong label');
    expect(await all()).toEqual([]);
  });
});

it('the lists go on from a place', async () => {
  for (let nth = 0; nth < 5; nth += 1) {
    const about = { orderId: null, customerId: null };
    const said = { id: crypto.randomUUID(), at: NOON + nth, by: 'sam', ...about, text: String(nth) };
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

it('what was typed on a later page of the list comes back there', async () => {
  const notes = Array.from({ length: PAGE + 1 }, (_, nth) => ({ at: NOON + nth, by: 'sam', text: `Note ${nth}` }));
  await house.store.db.insert(improvements).values(notes);
  const [, next] = /href="(\/review\?after=[^"]+)"/.exec((await house.get('/review')).html)!;
  const [, action] = /action="(\/review\/[^"]+)"/.exec((await house.get(next.replaceAll('&amp;', '&'))).html)!;
  const { status, text } = await house.post(action.replaceAll('&amp;', '&'), { by: '', text: 'A new box since June' });
  expect([status, text]).toEqual([422, expect.stringContaining('A new box since June')]);
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
