import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import type { OrderInput } from '../../domain/order.ts';
import { DAY, iso } from '../../domain/time.ts';
import { hashOf } from '../../store/customers.ts';
import { changeSettings } from '../../store/database.ts';
import { leaveLead } from '../../store/referrals.ts';
import { askReturn, settleReturn } from '../../store/returns.ts';
import { customers, referrals } from '../../store/schema.ts';
import { phoneOf } from '../support/people.ts';
import { type Sale, Shop } from '../support/sale.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await new Shop().open();
  await changeSettings(shop.store, { reward: 'A bag of coffee', reviewUrl: 'https://example.com/reviews' });
});
beforeEach(() => shop.monday());
afterAll(() => shop?.close());

const person = (id: string): OrderInput['customer'] => ({
  id,
  name: 'Ada Palmer',
  email: `${id}@example.com`,
  phone: phoneOf(id),
});
const customerOf = async (sale: Sale) =>
  (
    await shop.store.db
      .select()
      .from(customers)
      .where(eq(customers.id, (await sale.row()).customerId))
  )[0];
const referralOf = async (sale: Sale) =>
  (
    await shop.store.db
      .select()
      .from(referrals)
      .where(eq(referrals.orderId, (await sale.row()).id))
  )[0];
const lines = async (sale: Sale, ...words: string[]) =>
  (await sale.story()).filter((line) => words.some((word) => line.includes(word)));
const mailsTo = (email: string) =>
  shop.mailServer.mails.filter(({ to }) => JSON.stringify(to).includes(email)).map(({ subject }) => subject);

it('from a high score to the link, the friend, and the thanks', async () => {
  const sale = await shop.order('1', { customer: person('ada') });
  await sale.happens('delivered');
  await shop.days(2.1);
  await sale.comesOut('check-in', 'reached');
  await shop.days(9);
  await sale.answers(10);
  await shop.days(5);
  const { referralCode } = await customerOf(sale);
  const asked = shop.mailServer.mails.find(({ text }) => text?.includes(`http://shop.test/r/${referralCode}`));
  expect(asked?.subject).toBe('Do you know somebody we could do the same for?');
  // To be copied out of it, and not to be passed on with its own links.
  expect(asked?.text).toContain(`code alone does as well: ${referralCode}\n`);
  expect(asked?.html).toContain(`>http://shop.test/r/${referralCode}<`);
  expect(asked?.html).not.toContain(`"http://shop.test/r/`);
  expect(asked?.text).toContain('Sam Lee looks after it, +49 30 123456.');
  expect(asked?.html).toContain('<a href="tel:+4930123456"');

  // The friend orders with the code, pays a week later, and has it two days after that.
  const friend = await shop.order('2', { customer: person('friend'), referralCode, paidAt: null });
  expect(await lines(friend, 'brought')).toEqual(['day 0: brought (code)']);
  await shop.days(7);
  await friend.happens('paid');
  await shop.days(2);
  await friend.happens('delivered');
  await shop.days(29);
  expect(await referralOf(friend)).toMatchObject({ state: 'pending' });
  expect(await lines(sale, 'thanks-due')).toEqual([]);
  await shop.days(3);

  expect(await lines(friend, 'referral')).toEqual(['day 39: referral-earned']);
  expect(await referralOf(friend)).toMatchObject({ state: 'earned', reward: 'A bag of coffee', givenAt: null });
  expect(await lines(sale, 'thanks', 'reward')).toEqual([
    expect.stringMatching(/^day \d+: thanks-due$/),
    expect.stringMatching(/^day \d+: task-made referral-reward #1.1 \(reward\)$/),
    expect.stringMatching(/^day \d+: sent referral-thanks #1.1$/),
  ]);
  const thanks = shop.mailServer.mails.find(({ subject }) => subject === 'Thank you for recommending us');
  expect(thanks?.text).toContain('A bag of coffee');
  const afterTheScore = [
    'Thank you for your good words',
    'Do you know somebody we could do the same for?',
    'Would you tell others what you told us?',
  ];
  expect(mailsTo('ada@example.com').filter((subject) => afterTheScore.includes(subject!))).toEqual(afterTheScore);
  await sale.comesOut('reward', 'done');
  expect(await referralOf(friend)).toMatchObject({ givenBy: 'sam', givenAt: expect.any(Number) });
});

it('the friend who left an address orders again soon: their first follow-up waits for the thanks', async () => {
  const sale = await shop.order('3', { customer: person('eve') });
  await leaveLead(shop.store, (await sale.row()).customerId, hashOf('kim@example.com'), await shop.now());
  const friend = await shop.order('4', { customer: person('kim') });
  expect(await lines(friend, 'brought')).toEqual(['day 0: brought (page)']);
  await friend.happens('delivered');
  await shop.days(2.2);
  await friend.comesOut('check-in', 'reached');
  await shop.days(1);
  await shop.order('5', { customer: person('kim') });
  expect(await friend.stands()).toMatchObject({ stage: 'following', outcome: 'reordered' });
  // Meanwhile the one who sent them has ordered again too, and their first follow-up is over.
  await shop.order('6', { customer: person('eve') });
  await shop.days(28);
  expect(await lines(friend, 'referral-earned', 'ended')).toEqual([
    'day 30: referral-earned',
    'day 30: ended (reordered)',
  ]);
  expect(await friend.stands()).toMatchObject({ stage: 'ended', outcome: 'reordered' });
  expect(mailsTo('eve@example.com')).toContain('Thank you for recommending us');
});

it('what is asked back in time stops the selling, and ends the order and the thanks for it', async () => {
  const sale = await shop.order('7', { customer: person('lou') });
  const { referralCode } = await customerOf(sale);
  const friend = await shop.order('8', { customer: person('max'), referralCode });
  await friend.happens('delivered');
  await shop.days(28);
  const { id } = await friend.row();
  const asked = { id: 'form-1', kind: 'return', what: 'The machine', why: null, word: null } as const;
  const answer = await askReturn(shop.store, id, asked, await shop.now());
  if (!('receipt' in answer)) throw new Error(JSON.stringify(answer));
  await shop.quiet();
  expect(await friend.tasks()).toContain('other: return');
  await shop.days(1);
  const mail = shop.mailServer.mails.find(({ subject }) => subject?.startsWith(`Your return ${answer.receipt}`));
  expect(mail?.text).toContain('The machine');
  // Selling would have come on day 30; it waits, and so do the thanks.
  await shop.days(6);
  expect(await lines(friend, 'up-sell', 'referral')).toEqual([]);
  await friend.comesOut('return', 'done');
  await shop.days(1.5);
  expect(await friend.tasks()).toContain('other: return');
  await settleReturn(shop.store, answer.receipt, { as: 'refunded', note: null }, await shop.now());
  await shop.quiet();
  expect(await friend.stands()).toMatchObject({ stage: 'ended', outcome: 'returned' });
  const about = (await friend.story()).map((line) => line.replace(/^day \d+: /, ''));
  expect(about.filter((line) => /^return|goods-back|return-receipt|^referral-refused|^ended/.test(line))).toEqual([
    'return-asked',
    'task-made goods-back #1.1 (return)',
    'sent return-receipt #1.1',
    'outcome goods-back #1.1 (done)',
    'task-made goods-back #1.2 (return)',
    'return-settled (refunded)',
    'returned',
    'referral-refused (returned)',
    'task-cancelled goods-back #1.2 (settled)',
    'ended (returned)',
  ]);
  expect(await referralOf(friend)).toMatchObject({ state: 'refused', why: 'returned' });
});

it('what comes back of an order of the past is followed to its end, and nothing else of it', async () => {
  const placedAt = iso((await shop.now()) - 400 * DAY);
  const sale = await shop.order('9', { customer: person('pat'), placedAt });
  await expect(shop.describe('9')).rejects.toThrow();
  const word = 'Meg Ray: it was to be repaired for two years';
  const asked = { id: 'form-2', kind: 'exchange', what: 'The grinder', why: null, word } as const;
  const answer = await askReturn(shop.store, (await sale.row()).id, asked, await shop.now());
  if (!('receipt' in answer)) throw new Error(JSON.stringify(answer));
  await shop.quiet();
  expect(await sale.stands()).toMatchObject({ stage: 'history', outcome: null });
  expect(mailsTo('pat@example.com')).toEqual([expect.stringContaining(answer.receipt)]);
  await sale.comesOut('return', 'done');
  await shop.days(1.5);
  expect(await sale.tasks()).toEqual(['other: return']);
  expect((await shop.describe('9')).status.name).toBe('RUNNING');
  await settleReturn(shop.store, answer.receipt, { as: 'repaired', note: null }, await shop.now());
  await shop.quiet();
  expect((await shop.describe('9')).status.name).toBe('COMPLETED');
  await shop.days(100);
  expect(await sale.stands()).toEqual({ stage: 'history', outcome: null, nextTouch: null });
  expect((await sale.story()).map((line) => line.replace(/^day \d+: /, ''))).toEqual([
    'history',
    'return-asked',
    'task-made goods-back #1.1 (return)',
    'sent return-receipt #1.1',
    'outcome goods-back #1.1 (done)',
    'task-made goods-back #1.2 (return)',
    'return-settled (repaired)',
    'exchanged',
    'task-cancelled goods-back #1.2 (settled)',
  ]);
});
