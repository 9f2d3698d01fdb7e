import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import { close } from '../../store/complaints.ts';
import { changeCustomer, eraseCustomer, hashOf } from '../../store/customers.ts';
import { customers, ledger, suppressions } from '../../store/schema.ts';
import { phoneOf } from '../support/people.ts';
import { Sale, Shop } from '../support/sale.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await new Shop().open();
});
beforeEach(() => {
  Object.assign(shop.mailServer, { busy: false, breaksOff: false, beforeBody: null });
  return shop.monday();
});
afterAll(() => shop?.close());

const customer = (id: string) => ({ id, name: 'Ada Palmer', email: `${id}@example.com`, phone: phoneOf(id) });
const mailsTo = (id: string) =>
  shop.mailServer.mails
    .filter(({ to }) => JSON.stringify(to).includes(`${id}@example.com`))
    .map(({ subject }) => subject);

it('a refused address is suppressed, and its mail becomes a call', async () => {
  shop.mailServer.unknown.add('refused@example.com');
  const sale = await shop.order('1', { customer: customer('refused') });
  await shop.days(0.1);
  expect(await sale.tasks()).toEqual(['call: address-refused']);
  expect(await shop.store.db.select().from(suppressions)).toHaveLength(1);
  await shop.days(16);
  expect(await sale.tasks()).toEqual(['call: address-refused', 'call: check-in', 'call: survey-by-phone']);
});

it('a full mailbox takes no mail now: somebody calls, and the next mail is tried', async () => {
  shop.mailServer.full.add('full@example.com');
  const sale = await shop.order('1f', { customer: customer('full') });
  await shop.days(0.1);
  expect(await sale.tasks()).toEqual(['call: mail-refused']);
  const full = eq(suppressions.addressHash, hashOf('full@example.com'));
  expect(await shop.store.db.select().from(suppressions).where(full)).toEqual([]);
  shop.mailServer.full.clear();
  await sale.comesOut('mail-refused', 'reached');
  await shop.days(16);
  expect(await sale.story()).toContainEqual(expect.stringMatching(/sent survey$/));
});

it('a mail server that is down for two days is tried with growing pauses, and holds up no call', async () => {
  const sale = await shop.order('2', { customer: customer('down') });
  await sale.happens('delivered');
  shop.mailServer.busy = true;
  await shop.days(2.1);
  expect(await sale.tasks()).toEqual(['call: check-in']);
  shop.mailServer.busy = false;
  await shop.days(1);
  const story = await sale.story();
  expect(story.filter((line) => line.includes('put-off thank-you (mail-server)')).length).toBeGreaterThan(5);
  expect(story.filter((line) => line.includes('put-off')).length).toBeLessThan(15);
  expect(story.filter((line) => line.includes('sent thank-you'))).toHaveLength(1);
  expect(mailsTo('down')).toHaveLength(1);
  await shop.save('mail-server-down', '2');
});

it('a mail server that is down until it is too late hands the mail to a person', async () => {
  const sale = await shop.order('3', { customer: customer('gone') });
  shop.mailServer.busy = true;
  await shop.days(4);
  // The third day, at whatever hour of its morning this order's mail was spread to.
  expect(await sale.story()).toContainEqual(
    expect.stringMatching(/^day [23]: handed-over thank-you \(mail-server-for-days\)/),
  );
  expect(await sale.tasks()).toEqual(['call: mail-server-for-days']);
  shop.mailServer.busy = false;
});

it('a connection that breaks in the middle of a mail leaves it uncertain, and a person decides', async () => {
  shop.mailServer.breaksOff = true;
  const sale = await shop.order('4', { customer: customer('broken') });
  await shop.days(0.2);
  shop.mailServer.breaksOff = false;
  expect(await sale.story()).toContain('day 0: uncertain thank-you');
  expect(await sale.tasks()).toEqual(['check: uncertain']);
  await sale.comesOut('uncertain', 'broken');
  await shop.days(0.2);
  expect(mailsTo('broken')).toEqual(['Thank you for your order 4']);
  expect(
    (
      await shop.store.db
        .select()
        .from(ledger)
        .where(eq(ledger.orderId, (await sale.row()).id))
    )[0].state,
  ).toBe('sent');
});

it('an order cancelled before its first touch is left alone', async () => {
  const sale = await shop.order('5', { customer: customer('cancelled') });
  await sale.happens('cancelled');
  await shop.days(40);
  expect(await sale.stands()).toEqual({ stage: 'ended', outcome: 'cancelled', nextTouch: null });
  expect(mailsTo('cancelled')).toEqual([]);
  expect(await sale.story()).toContain('day 0: skipped thank-you (cancelled)');
});

it('an order cancelled before it came is never followed', async () => {
  const early = new Sale(shop, '6', await shop.now());
  await early.happens('cancelled', { id: 'e-1' });
  await shop.order('6', { customer: customer('early') });
  expect(await early.stands()).toMatchObject({ stage: 'ended', outcome: 'cancelled' });
  await expect(shop.describe('6')).rejects.toThrow();
});

it('a pause over a due date: what fell due comes afterwards, or is too late and says so', async () => {
  const sale = await shop.order('7', { customer: customer('paused') });
  await sale.happens('delivered');
  await sale.happens('paused', { until: new Date((await shop.now()) + 12 * 86_400_000).toISOString() });
  await shop.days(11.9);
  expect(await sale.stands()).toMatchObject({ stage: 'paused', nextTouch: null });
  expect(mailsTo('paused')).toEqual([]);
  await shop.days(0.6);
  expect(await sale.story()).toContain('day 12: skipped thank-you (too-late)');
  expect(mailsTo('paused')).toEqual(['How did we do?']);
  // That was a Saturday: nobody calls before Monday.
  expect(await sale.tasks()).toEqual([]);
  await shop.days(2);
  expect(await sale.story()).toContain('day 14: task-made check-in (check-in)');
});

it('a reorder in the middle of a call attempt: the check-in is still made, nothing is sold, then it ends', async () => {
  const sale = await shop.order('8', { customer: customer('again') });
  await sale.happens('delivered');
  await shop.days(2.1);
  await sale.comesOut('check-in', 'no-answer');
  await shop.order('9', { customer: customer('again') });
  expect(await sale.stands()).toMatchObject({ stage: 'following', outcome: 'reordered', nextTouch: 'check-in' });
  await shop.days(1.2);
  await sale.comesOut('check-in', 'reached');
  expect((await sale.story()).slice(-3)).toEqual([
    'day 3: task-made check-in #2 (check-in)',
    'day 3: outcome check-in #2 (reached)',
    'day 3: ended (reordered)',
  ]);
  expect(mailsTo('again')).toEqual(['Thank you for your order 8', 'Thank you for your order 9']);
});

it('two orders of one customer get one call', async () => {
  const first = await shop.order('10', { customer: customer('twice') });
  await first.happens('delivered');
  await shop.days(2.1);
  const second = await shop.order('11', { customer: customer('twice') });
  await second.happens('delivered');
  await shop.days(2.1);
  expect(await first.tasks()).toEqual(['call: check-in']);
  expect(await second.story()).toContain('day 2: task-joined check-in (check-in)');
  await first.comesOut('check-in', 'reached');
  expect(await second.story()).toContain('day 2: outcome check-in (reached)');
  expect((await first.stands()).stage).toBe('ended');
});

it('orders that arrive out of order: the later one by its date is the reorder', async () => {
  const now = await shop.now();
  const later = await shop.order('12', { customer: customer('mixed') });
  const earlier = await shop.order('13', {
    customer: customer('mixed'),
    placedAt: new Date(now - 5 * 86_400_000).toISOString(),
  });
  expect((await later.stands()).outcome).toBeNull();
  expect((await earlier.stands()).outcome).toBe('reordered');
});

it('orders of one customer at the same moment: exactly one stays open', async () => {
  const sales = await Promise.all(
    ['20', '21', '22', '23'].map((number) => shop.order(number, { customer: customer('crowd') })),
  );
  const outcomes = await Promise.all(sales.map(async (sale) => (await sale.stands()).outcome));
  expect(outcomes.filter((outcome) => outcome === null)).toHaveLength(1);
});

it('a later order that is returned brings the earlier one back to keeping in touch', async () => {
  const first = await shop.order('30', { customer: customer('back') });
  await first.happens('delivered');
  await shop.days(3);
  await first.comesOut('check-in', 'reached');
  const second = await shop.order('31', { customer: customer('back') });
  expect((await first.stands()).stage).toBe('ended');
  await second.happens('returned');
  expect(await first.stands()).toEqual({ stage: 'waiting', outcome: null, nextTouch: 'keep-in-touch' });
  await shop.days(61);
  expect((await first.story()).at(-1)).toMatch(/sent keep-in-touch/);
});

it('an unpaid later order is no reorder until it is paid', async () => {
  const first = await shop.order('32', { customer: customer('later') });
  const second = await shop.order('33', { customer: customer('later'), paidAt: null });
  expect((await first.stands()).outcome).toBeNull();
  await second.happens('paid');
  expect((await first.stands()).outcome).toBe('reordered');
});

it('opting out of selling ends selling only; opting out of everything ends the follow-up', async () => {
  const sale = await shop.order('34', { customer: customer('out') });
  await sale.optsOut(false);
  await shop.days(31);
  expect(await sale.story()).toContain('day 30: skipped up-sell (no-consent)');
  await sale.optsOut(true);
  expect(await sale.stands()).toMatchObject({ stage: 'ended', outcome: 'opted-out' });
  expect(await sale.tasks()).toEqual([]);
});

it('an erased customer is gone from the tables, stays suppressed, and is not followed again by mail', async () => {
  const sale = await shop.order('35', {
    customer: customer('erased'),
    promises: [{ what: 'Ask for Ada', by: '2050-01-01' }].slice(1),
  });
  await sale.happens('note', { text: 'Ada likes tea' });
  const { customerId } = await sale.row();
  await eraseCustomer(shop.store, customerId, await shop.now());
  await shop.quiet();
  expect(await sale.stands()).toMatchObject({ stage: 'ended', outcome: 'erased' });
  const [row] = await shop.store.db.select().from(customers).where(eq(customers.id, customerId));
  expect(JSON.stringify(row)).not.toMatch(/Ada|erased@example/);
  const again = await shop.order('36', { customer: customer('erased') });
  await shop.days(1);
  expect(mailsTo('erased')).toEqual([]);
  expect(await again.story()).toContain('day 0: skipped thank-you (no-email)');
});

it('a complaint about an order that has ended is seen to all the same', async () => {
  const sale = await shop.order('37', { customer: customer('late-complaint') });
  await sale.happens('returned');
  await sale.happens('complained', { text: 'The refund is missing' });
  expect(await sale.stands()).toMatchObject({ stage: 'complaint', outcome: 'returned' });
  expect((await sale.tasks()).sort()).toEqual(['call: complaint-listen', 'fix: complaint']);
  const closing = { why: 'unjustified', text: 'It had arrived.' } as const;
  await close(shop.store, await sale.complaint(), closing, await shop.now());
  await shop.quiet();
  expect(await sale.tasks()).toEqual([]);
  expect(await sale.stands()).toMatchObject({ stage: 'ended', outcome: 'returned' });
});

it('an opt-out in the last second stops a mail that was already being handed over', async () => {
  const sale = await shop.order('39', { customer: customer('last-second') });
  const { customerId } = await sale.row();
  shop.mailServer.beforeBody = async () => {
    shop.mailServer.beforeBody = null;
    await changeCustomer(shop.store, customerId, { consent: { service: false } }, await shop.now());
  };
  await shop.days(0.2);
  expect(mailsTo('last-second')).toEqual([]);
  expect(await sale.story()).toContain('day 0: skipped thank-you (no-consent)');
});
