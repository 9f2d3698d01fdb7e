import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import { DAY } from '../../domain/time.ts';
import { markOfLead } from '../../store/attribution.ts';
import { hashOf } from '../../store/customers.ts';
import { changeSettings } from '../../store/database.ts';
import { change } from '../../store/followUps.ts';
import { customers, orders, referralLeads, referrals } from '../../store/schema.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';

/** The page behind a customer's link, and what the desk shows of who came through it. */
let house: House;
beforeAll(async () => {
  house = await freshHouse();
});
afterAll(() => house.drop());
beforeEach(() => {
  house.clock.now = NOON;
});

const SCRIPT = '<script>alert(1)</script>';
const LONG = 'x'.repeat(100_000);
let last = 0;
/** Places an order; its id, number, and who placed it. */
async function ordered(given: Parameters<House['order']>[1] = {}) {
  last += 1;
  const number = `w-${last}`;
  const id = await house.order(number, given);
  const [{ customer }] = await house.store.db
    .select({ customer: customers })
    .from(orders)
    .innerJoin(customers, eq(customers.id, orders.customerId))
    .where(eq(orders.id, id));
  return { id, number, customer };
}
const leads = () => house.store.db.select().from(referralLeads);

describe('the page behind a link', () => {
  it('says how it works and not who recommends, and keeps nothing of who looks', async () => {
    const { customer } = await ordered();
    const page = await house.get(`/r/${customer.referralCode}`, { 'accept-language': 'de-AT,de;q=0.9' });
    expect(page.status).toBe(200);
    expect(page.html).toContain('<html lang="de">');
    expect(page.text).toContain(customer.referralCode);
    expect(page.text).toContain('90 Tage');
    expect(page.text).not.toContain('Ada Palmer');
    expect(page.html).not.toMatch(/<script|https?:\/\//);
    expect(await leads()).toEqual([]);
  });

  it.each(['en', 'de', 'fr', 'es'])('reads in %s', async (language) => {
    const { customer } = await ordered();
    const { html, text } = await house.get(`/r/${customer.referralCode}`, { 'accept-language': language });
    expect(html).toContain(`<html lang="${language}">`);
    expect(text).not.toMatch(/\{\{|undefined/);
  });

  it('keeps a fingerprint of the address that is left, and nothing else; left twice it is one', async () => {
    const { customer } = await ordered();
    const path = `/r/${customer.referralCode}`;
    for (const email of ['Friend@Example.com', ' friend@example.com ']) {
      const { status, text } = await house.post(path, { email, consent: 'on' });
      expect([status, text]).toEqual([200, expect.stringContaining('Thank you. We recognise an order')]);
    }
    expect(await leads()).toEqual([
      {
        addressHash: markOfLead(house.store, hashOf('friend@example.com')),
        ...{ referrerId: customer.id, at: NOON, expiresAt: NOON + 90 * DAY },
      },
    ]);
    expect(JSON.stringify(await leads())).not.toContain(hashOf('friend@example.com'));
    const forgotten = await house.post(path, { email: 'friend@example.com', forget: 'yes' });
    expect(forgotten.text).toContain('nothing about this address is kept');
    expect(await leads()).toEqual([]);
  });

  it.each<[string, Record<string, string>, string]>([
    ['no consent', { email: 'friend@example.com' }, 'Without your consent we keep nothing'],
    ['no address', { consent: 'on' }, 'This is not a whole e-mail address'],
    ['no address to forget', { forget: 'yes' }, 'This is not a whole e-mail address'],
    ['a script', { email: SCRIPT, consent: 'on' }, 'This is not a whole e-mail address'],
    ['a header', { email: 'a@example.com\r\nBcc: b@example.com', consent: 'on' }, 'This is not a whole e-mail address'],
    ['a very long one', { email: `${LONG}@example.com`, consent: 'on' }, 'This is not a whole e-mail address'],
  ])('keeps nothing without what it needs: %s', async (_, form, says) => {
    const { customer } = await ordered();
    const { status, text, html } = await house.post(`/r/${customer.referralCode}`, form);
    expect([status, text]).toEqual([422, expect.stringContaining(says)]);
    expect(html).not.toContain(SCRIPT);
    expect(html.length).toBeLessThan(20_000);
    expect(await leads()).toEqual([]);
  });

  it('is the same for every code that is none', async () => {
    const { customer } = await ordered();
    const pages = await Promise.all(
      ['NOBODY22', 'x', `${customer.referralCode}X`, '%3Cscript%3E', 'A'.repeat(1_000)].map((code) =>
        house.get(`/r/${code}`),
      ),
    );
    expect(new Set(pages.map(({ status, html }) => `${status} ${html}`)).size).toBe(1);
    expect(pages[0].status).toBe(404);
    expect((await house.post('/r/NOBODY22', { email: 'a@example.com', consent: 'on' })).status).toBe(404);
    expect(await leads()).toEqual([]);
  });

  it('takes no form from another site', async () => {
    const { customer } = await ordered();
    const form = { email: 'friend@example.com', consent: 'on' };
    const from = { 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' };
    expect((await house.post(`/r/${customer.referralCode}`, form, from)).status).toBe(403);
    expect(await leads()).toEqual([]);
  });
});

describe('on the desk', () => {
  it('the list says who came through whom, where it stands, and what is owed until it is given', async () => {
    const ada = await ordered({ customer: { id: 'ada', name: 'Ada Byron', email: 'byron@example.com' } });
    const { referralCode } = ada.customer;
    const friend = await ordered({
      customer: { id: 'kim', name: 'Kim Novak', email: 'kim@example.com' },
      referralCode,
    });
    await ordered({ customer: { id: 'ada', name: 'Ada Byron', email: 'byron@example.com' }, referralCode });
    const { text } = await house.get('/referrals');
    expect(text).toMatch(/Kim Novak +Ada Byron +shop\/w-\d+ .* Waits until the order is paid and kept/);
    expect(text).toMatch(/Ada Byron +Ada Byron .* Refused: it was themselves/);
    expect((await house.get('/referrals?state=refused')).text).not.toContain('Kim Novak');

    await changeSettings(house.store, { reward: SCRIPT });
    house.clock.now = NOON + 60 * DAY;
    await change(house.store, friend.id, house.clock.now);
    const owed = await house.get('/referrals?owed=yes');
    expect(owed.text).toContain(`${SCRIPT} owed since`);
    expect(owed.html).not.toContain(SCRIPT);
    const [{ id }] = await house.store.db.select().from(referrals).where(eq(referrals.orderId, friend.id));
    for (const by of ['', 'nobody', LONG, SCRIPT]) {
      const refused = await house.post(`/referrals/${id}/given`, { by });
      expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('Say who gave it')]);
    }
    const headers = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
    const json = await house.app.request(`/referrals/${id}/given`, { method: 'POST', headers, body: '{"by":"sam"}' });
    expect([json.status, await json.text()]).toEqual([
      415,
      'What came is not sent as a form; allowed: application/x-www-form-urlencoded, multipart/form-data.',
    ]);
    expect((await house.post(`/referrals/${id}/given`, { by: 'sam' })).to).toBe('/referrals?saved=given');
    expect((await house.get('/referrals')).text).toMatch(/given Friday, 1 January 2027, Sam Lee/);
    expect((await house.get('/referrals?owed=yes')).text).toContain('No referral is like that now');
    for (const wrong of ['x', `${id}x`]) expect((await house.post(`/referrals/${wrong}/given`, {})).status).toBe(404);
  });

  it("a customer's page says who sent them and whom they sent, an order's through whom it came", async () => {
    const ada = await ordered({ customer: { id: 'ada2', name: 'Ada Lovelace', email: 'lovelace@example.com' } });
    const friend = await ordered({ referralCode: ada.customer.referralCode });
    expect((await house.get(`/customers/${ada.customer.id}`)).text).toContain('They sent Ada Palmer : ');
    expect((await house.get(`/customers/${friend.customer.id}`)).text).toContain('They came through Ada Lovelace ,');
    const { text } = await house.get(`/orders/shop/${friend.number}`);
    expect(text).toContain('Came through Ada Lovelace Waits until the order is paid and kept');
    const unknown = await ordered({ referralCode: 'NOBODY22' });
    expect((await house.get(`/orders/shop/${unknown.number}`)).text).toContain(
      "for the reason given: the code is nobody's.",
    );
  });

  it('what is sent after a high score is set where the company is', async () => {
    const form = { company: 'Shop', zone: 'UTC', mailFrom: 'care@example.com', defaultOwner: 'office', askFirstIn: '' };
    const saved = await house.post('/settings', { ...form, reviewUrl: 'https://example.com/r', reward: ' A cup ' });
    expect(saved.status).toBe(303);
    expect(house.store.settings).toMatchObject({ reviewUrl: 'https://example.com/r', reward: 'A cup' });
    for (const reviewUrl of ['javascript:alert(1)', 'example.com', 'https://', `https://example.com/${LONG}`]) {
      const { status, text } = await house.post('/settings', { ...form, reviewUrl });
      expect([status, text]).toEqual([422, expect.stringContaining('The page for reviews is')]);
    }
    expect((await house.post('/settings', { ...form, reward: LONG })).status).toBe(422);
    await house.post('/settings', form);
    expect(house.store.settings).toMatchObject({ reviewUrl: null, reward: '' });
  });
});
