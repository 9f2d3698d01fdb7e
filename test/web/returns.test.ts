import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import { DAY } from '../../domain/time.ts';
import { eraseCustomer } from '../../store/customers.ts';
import { changeSettings } from '../../store/database.ts';
import { loadSale } from '../../store/followUps.ts';
import { returnsOf } from '../../store/returns.ts';
import { staff } from '../../store/schema.ts';
import { putColleague } from '../../store/staff.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';

/** What comes back, as colleagues see to it. */
let house: House;
beforeAll(async () => {
  house = await freshHouse();
  const all = { email: null, phone: null, manager: null };
  await putColleague(house.store, { ...all, handle: 'meg', name: 'Meg Ray', role: 'manager' }, NOON);
  await putColleague(house.store, { ...all, handle: 'ann', name: 'Ann Roe' }, NOON);
});
afterAll(() => house.drop());
beforeEach(() => {
  house.clock.now = NOON;
});

const SCRIPT = '<script>alert(1)</script>';
const LONG = 'x'.repeat(100_000);
const GOOD = { kind: 'return', what: 'The machine', why: '', by: '', word: '' };
const WORD = { by: 'meg', word: 'On the phone' };
let last = 0;
const ordered = async (given: Parameters<House['order']>[1] = {}) => {
  last += 1;
  const number = `b/${last}`;
  const id = await house.order(number, given);
  return { id, number, path: `/orders/shop/${encodeURIComponent(number)}` };
};
/** Writes down a return, as the form on the order's page does; the path of its own page. */
async function asked(path: string, form: Partial<typeof GOOD> = {}) {
  const { status, to } = await house.post(`${path}/returns`, { ...GOOD, ...form });
  expect(status).toBe(303);
  return to!.replace(/\?.*/, '');
}

it("from the wish to the end: the order's page, the list, the number on the parcel", async () => {
  const { id, path } = await ordered();
  expect((await house.get(path)).text).toContain('Nothing was given back.');
  const own = await asked(path, { what: `Grinder ${SCRIPT}`, why: 'It jams' });
  const receipt = own.replace('/returns/', '');
  const page = await house.get(`${own}?saved=asked`);
  expect(page.text).toContain('it brings them the number');
  expect(page.text).toMatch(/It jams/);
  expect(page.html).not.toContain(SCRIPT);
  expect((await house.get(path)).text).toContain(`${receipt} : return, Grinder ${SCRIPT} on its way since`);
  const list = await house.get('/returns');
  expect(list.text).toContain(`${receipt} Return: Grinder`);
  expect((await house.get(`/returns?receipt=%20${receipt.toLowerCase()}`)).to).toBe(own);

  house.clock.now = NOON + DAY;
  expect((await house.post(`${own}/received`, {})).to).toBe(`${own}?saved=received`);
  expect((await house.post(`${own}/received`, {})).to).toBe(`${own}?saved=nothing`);
  expect((await house.get(own)).text).toContain('here since');
  expect((await house.post(`${own}/settled`, { as: 'withdrawn', note: 'They like it' })).to).toBe(
    `${own}?saved=settled`,
  );
  expect((await house.get(own)).text).toMatch(/The customer keeps it, .* Notes They like it/);
  expect((await house.get('/returns')).text).not.toContain(receipt);
  expect((await house.get('/returns?settled=yes')).text).toContain(receipt);
  expect(await house.story(id)).toContain('return-settled (withdrawn)');
});

it('after the deadline a manager has to agree, and the form says so', async () => {
  const { id, path } = await ordered();
  house.clock.now = NOON + 90 * DAY;
  const late = await house.post(`${path}/returns`, { ...GOOD, why: 'Broke' });
  expect(late.status).toBe(422);
  expect(late.text).toMatch(/It could be asked for until .*Later it takes a manager's word/);
  expect(late.html).toContain('Broke');
  expect(await returnsOf(house.store, id)).toEqual([]);
  const own = await asked(path, WORD);
  expect((await house.get(own)).text).toMatch(/too late: it could be asked for until .* Notes Meg Ray: On the phone/);
});

it('until when it may be asked for stands there before anybody is refused', async () => {
  const { path } = await ordered();
  expect((await house.get(path)).text).toMatch(
    /It can be asked for until Mon, 7 Dec 2026, 23:59; later it takes a manager's word/,
  );
  house.clock.now = NOON + 90 * DAY;
  expect((await house.get(path)).text).toMatch(/It could be asked for until .*: now it takes a manager's word/);
  const gone = await ordered();
  await house.happens(gone.number, 'cancelled');
  const { text } = await house.get(gone.path);
  expect(text).toContain('there is nothing left to give back');
  expect(text).not.toContain('asked for until');
});

it("the word is a manager's, by role or because somebody reports to them; the default owner's where there is none", async () => {
  const { path } = await ordered();
  const choices = async () =>
    [
      ...((await house.get(path)).html.match(/<select id="return-by".*?<\/select>/s)?.[0] ?? '').matchAll(
        /value="(\w+)"/g,
      ),
    ].map(([, handle]) => handle);
  expect(await choices()).toEqual(['meg']);
  await house.store.db.update(staff).set({ manager: 'ann' }).where(eq(staff.handle, 'sam'));
  expect(await choices()).toEqual(['ann', 'meg']);
  await house.store.db.update(staff).set({ manager: null, role: 'salesperson' });
  expect(await choices()).toEqual([house.store.settings.defaultOwner]);
  await changeSettings(house.store, { manager: 'sam' });
  expect(await choices()).toEqual(['sam']);
  await changeSettings(house.store, { manager: null });
  await house.store.db.update(staff).set({ role: 'manager' }).where(eq(staff.handle, 'meg'));
});

describe('what is wrong comes back with what was typed, and nothing is kept', () => {
  it.each<[string, Record<string, string>, string]>([
    ['no kind', { ...GOOD, kind: '' }, 'What the customer wants is missing; allowed: return, exchange.'],
    ['another kind', { ...GOOD, kind: 'gift' }, 'What the customer wants is missing'],
    ['nothing', { ...GOOD, what: ' ' }, 'What comes back is empty.'],
    ['too much', { ...GOOD, what: LONG }, 'What comes back is 100000 characters long; at most 200 are allowed.'],
    ['several lines', { ...GOOD, what: 'a\nb' }, 'What comes back contains a line break'],
    ['a NUL', { ...GOOD, what: 'a\0b' }, 'What comes back contains a NUL character'],
    ['a long reason', { ...GOOD, why: LONG }, 'Why is 100000 characters long'],
    ['a long word', { ...GOOD, by: 'meg', word: LONG }, "The manager's word is 100000 characters long"],
    ['a word of nobody', { ...GOOD, word: 'xx' }, 'Choose which manager said so: Meg Ray.'],
    ['a word of who is no manager', { ...GOOD, by: 'sam', word: 'xx' }, 'Choose which manager said so: Meg Ray.'],
    ['a manager without a word', { ...GOOD, by: 'meg' }, 'What Meg Ray said is missing.'],
  ])('%s', async (_, form, says) => {
    const { id, path } = await ordered();
    const { status, text, html } = await house.post(`${path}/returns`, form);
    expect([status, text]).toEqual([422, expect.stringContaining(says)]);
    expect(html.length).toBeLessThan(60_000);
    expect(await returnsOf(house.store, id)).toEqual([]);
  });

  it('how it ended', async () => {
    const own = await asked((await ordered()).path);
    for (const as of ['', 'eaten', SCRIPT]) {
      const { status, text } = await house.post(`${own}/settled`, { as, note: SCRIPT });
      expect([status, text]).toEqual([422, expect.stringContaining('How it ended is missing; allowed: refunded')]);
    }
    expect((await house.post(`${own}/settled`, { as: 'refunded', note: LONG })).status).toBe(422);
    expect((await house.get('/returns')).text).toContain(own.replace('/returns/', ''));
  });

  it('an order or a return that is not there', async () => {
    expect((await house.post('/orders/shop/none/returns', GOOD)).status).toBe(404);
    for (const receipt of ['R-22222', 'x', '%00', 'R-%3Cscript%3E', 'A'.repeat(500)]) {
      expect((await house.get(`/returns/${receipt}`)).status).toBe(404);
      expect((await house.get(`/returns/${receipt}/print`)).status).toBe(404);
      expect((await house.post(`/returns/${receipt}/received`, {})).status).toBe(404);
      expect((await house.post(`/returns/${receipt}/settled`, { as: 'refunded' })).status).toBe(404);
    }
    expect((await house.get('/returns?receipt=%00')).status).toBe(200);
    expect((await house.get('/returns?after=x')).status).toBe(200);
  });
});

it.each([
  ['de-DE', 'Umtausch', 'Bitte schicken Sie es bis zum Montag, 16. November 2026 ab.'],
  ['fr-FR', 'Échange', 'au plus tard le lundi 16 novembre 2026'],
  ['es-ES', 'Cambio', 'Envíelo a más tardar el lunes, 16 de noviembre de 2026, por favor.'],
  ['en-GB', 'Exchange', 'Please send it by Monday, 16 November 2026.'],
])("what goes into the parcel is in the customer's language: %s", async (locale, title, says) => {
  const customer = { id: `p-${locale}`, name: 'Ada Palmer', email: `${locale}@example.com`, locale, timeZone: 'UTC' };
  const { id, path } = await ordered({ customer });
  const own = await asked(path, { kind: 'exchange' });
  const { html, text } = await house.get(`${own}/print`);
  expect(html).toContain(`<html lang="${locale.slice(0, 2)}">`);
  expect(text).toContain(title);
  expect(text).toContain(own.replace('/returns/', ''));
  expect(text).toContain(says);
  const { customer: row } = await loadSale(house.store, house.store.db, id);
  await eraseCustomer(house.store, row.id, NOON);
  expect((await house.get(own)).text).toContain('Erased with the customer');
});
