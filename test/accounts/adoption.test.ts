import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { OrderInput } from '../../domain/order.ts';
import { DAY, iso } from '../../domain/time.ts';
import { countOverdue, silences } from '../../store/overdue.ts';
import { phoneOf } from '../support/people.ts';
import { type Sale, Shop } from '../support/sale.ts';

/** A house with years of customers comes in, and some of them are kept in touch with. */
let shop: Shop;
beforeAll(async () => {
  shop = await new Shop().open();
});
beforeEach(() => shop.monday());
afterAll(() => shop?.close());

/** Years of orders of a customer: every hundred days, the last time 300 days ago; the last of them. */
async function years(id: string, who: Partial<OrderInput['customer']> = {}): Promise<Sale> {
  const now = await shop.now();
  const customer = {
    id,
    name: `Customer ${id}`,
    email: `${id}@example.com`,
    phone: phoneOf(id),
    timeZone: 'UTC',
    ...who,
  };
  let last!: Sale;
  for (const ago of [500, 400, 300])
    last = await shop.order(`${id}-${ago}`, { customer, placedAt: iso(now - ago * DAY) });
  return last;
}

const mailsTo = (id: string) =>
  shop.mailServer.mails
    .filter(({ to }) => JSON.stringify(to).includes(`${id}@example.com`))
    .map(({ subject }) => subject);

/** The story since the customer was chosen, its days counted from there. */
async function since(sale: Sale, day: number): Promise<string[]> {
  const story = await sale.story();
  const from = story.findIndex((line) => line.includes(': adopted'));
  return story.slice(from).map((line) => line.replace(/^day (\d+)/, (_, at) => `day ${Number(at) - day}`));
}

it('history contacts nobody; who is chosen is kept in touch with from their day on, until they order again', async () => {
  const first = await years('first');
  const second = await years('second');
  const shy = await years('shy', { consent: { service: true, selling: false } });
  const left = await years('left');
  await shop.days(60);
  for (const sale of [first, second, shy, left]) {
    expect(await sale.story()).toEqual([expect.stringMatching(/: history$/)]);
    expect(await sale.stands()).toEqual({ stage: 'history', outcome: null, nextTouch: null });
    expect(await sale.tasks()).toEqual([]);
  }
  expect(shop.mailServer.mails).toEqual([]);
  await countOverdue(shop.store, await shop.now());
  expect(await silences(shop.store)).toMatchObject([{ customers: 4, overdue: 4, unknown: 0, value: '1558.80' }]);

  // It is a Friday, nine o'clock: two are chosen, one a business day.
  await shop.adopt([first, second], 1);
  await shop.adopt([shy], null);
  expect(await first.stands()).toMatchObject({ stage: 'waiting' });
  expect(await silences(shop.store)).toMatchObject([{ customers: 1 }]);
  await shop.days(4);
  const friday = 360;
  expect(await since(first, friday)).toEqual(
    expect.arrayContaining(['day 0: adopted', 'day 0: task-made win-back (win-back)', 'day 0: sent keep-in-touch']),
  );
  expect(await since(second, friday)).toEqual(
    expect.arrayContaining(['day 0: adopted', 'day 3: task-made win-back (win-back)', 'day 3: sent keep-in-touch']),
  );
  expect([mailsTo('first').length, mailsTo('second').length]).toEqual([1, 1]);

  // Nobody gets offers who did not agree to them, by mail or by phone, and the story says so.
  await shop.days(30);
  expect(mailsTo('shy')).toEqual([]);
  expect(await shy.tasks()).toEqual([]);
  expect(await since(shy, friday)).toContain('day 0: adopted (no-consent)');
  expect(await shy.stands()).toEqual({ stage: 'waiting', outcome: null, nextTouch: null });

  // Who was not chosen is where they were.
  expect(await left.stands()).toMatchObject({ stage: 'history' });

  await shop.order('back', { customer: { id: 'first', email: 'first@example.com', phone: phoneOf('first') } });
  expect(await first.stands()).toEqual({ stage: 'ended', outcome: 'reordered', nextTouch: null });
  expect(await first.tasks()).toEqual([]);
  expect((await since(first, friday)).at(-1)).toBe('day 34: ended (reordered)');
  expect(await second.stands()).toMatchObject({ stage: 'waiting', outcome: null });
});
