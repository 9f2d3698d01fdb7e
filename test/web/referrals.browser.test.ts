import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { DAY } from '../../domain/time.ts';
import { markOfLead } from '../../store/attribution.ts';
import { hashOf } from '../../store/customers.ts';
import { changeSettings } from '../../store/database.ts';
import { change, loadSale } from '../../store/followUps.ts';
import { askReturn, returnsOf } from '../../store/returns.ts';
import { improvements, referralLeads } from '../../store/schema.ts';
import { flaws, type Shown, show } from '../support/browser.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';

/** Referrals, returns and the review in a browser: small and wide, without scripts. */
let house: House;
let shown: Shown;
let pages: Record<string, string>;
/** The order of a customer who came through another. */
let friend: string;

beforeAll(async () => {
  house = await freshHouse();
  const order = await house.order('1');
  const { customer } = await loadSale(house.store, house.store.db, order);
  friend = await house.order('2', { referralCode: customer.referralCode });
  await house.order('3', { customer: { id: 'c-1', email: 'ada-1@example.com' }, referralCode: customer.referralCode });
  const asked = {
    id: 'a',
    kind: 'exchange',
    what: `The grinder ${'x'.repeat(150)}`,
    why: 'It jams',
    word: null,
  } as const;
  const answer = await askReturn(house.store, order, asked, NOON);
  await house.post('/orders/shop/1/improvements', { by: 'sam', text: `The box: ${'x'.repeat(200)}` });
  await changeSettings(house.store, { reward: 'A bag of coffee' });
  house.clock.now = NOON + 60 * DAY;
  await change(house.store, friend, house.clock.now);
  const receipt = 'receipt' in answer ? answer.receipt : '';
  pages = {
    referral: `/r/${customer.referralCode}`,
    referrals: '/referrals',
    returns: '/returns',
    return: `/returns/${receipt}`,
    'to print': `/returns/${receipt}/print`,
    review: '/review',
    order: '/orders/shop/2',
    customer: `/customers/${customer.id}`,
  };
  shown = await show(house);
});

afterAll(async () => {
  await shown?.close();
  await house?.drop();
});

const inBrowser = <T>(options: Parameters<Shown['inBrowser']>[0], name: string, work: (page: Page) => Promise<T>) =>
  shown.inBrowser(options, async (page) => {
    await page.goto(pages[name]);
    return work(page);
  });

describe.each([360, 1280])('%i pixels wide', (width) => {
  it.each(['referral', 'referrals', 'returns', 'return', 'to print', 'review', 'order', 'customer'])(
    '%s: everybody can use it, and nothing sticks out',
    (name) =>
      inBrowser({ viewport: { width, height: 800 } }, name, async (page) => {
        expect(await flaws(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      }),
  );
});

it('on a phone the list of referrals shows state and reward without being pushed aside', () =>
  inBrowser({ viewport: { width: 360, height: 800 } }, 'referrals', async (page) => {
    const list = page.getByRole('region', { name: 'Referrals' });
    for (const words of ['A bag of coffee', 'Refused: it was themselves'])
      expect(await list.getByText(words).first().isVisible()).toBe(true);
    expect(await list.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
  }));

describe('without scripts', () => {
  const plain = { javaScriptEnabled: false, viewport: { width: 360, height: 800 } };

  it('a visitor leaves their address, and hears what is missing first', () =>
    inBrowser(plain, 'referral', async (page) => {
      await page.getByLabel('Your e-mail address').fill('friend@example.com');
      await page.getByRole('button', { name: 'Recognise my order' }).click();
      expect(await page.getByText('Without your consent we keep nothing').isVisible()).toBe(true);
      expect(await page.getByLabel('Your e-mail address').inputValue()).toBe('friend@example.com');
      await page.getByRole('checkbox').check();
      await page.getByRole('button', { name: 'Recognise my order' }).click();
      expect(await page.getByRole('status').innerText()).toContain('for 90 days');
      expect(await house.store.db.select().from(referralLeads)).toMatchObject([
        { addressHash: markOfLead(house.store, hashOf('friend@example.com')) },
      ]);
    }));

  it("a colleague writes down a return after the deadline, with a manager's word, and settles it", () =>
    inBrowser(plain, 'order', async (page) => {
      await page.getByText('The customer wants to return or exchange something').click();
      await page.getByLabel('What comes back').fill('The cups');
      await page.getByRole('button', { name: 'Write it down' }).click();
      expect(await page.getByRole('alert').innerText()).toContain("Later it takes a manager's word");
      await page.getByLabel('Which manager lets it in').selectOption({ label: 'The office' });
      await page.getByLabel('What they said').fill('They were in hospital');
      await page.getByRole('button', { name: 'Write it down' }).click();
      expect(await page.getByRole('status').innerText()).toContain('Written down:');
      await page.getByRole('button', { name: 'It is here' }).click();
      await page.getByLabel('How it ended').selectOption('withdrawn');
      await page.getByRole('button', { name: 'Settle' }).click();
      expect(await page.getByRole('status').innerText()).toBe('Settled.');
      expect(await returnsOf(house.store, friend)).toMatchObject([
        { what: 'The cups', settledAs: 'withdrawn', note: 'The office: They were in hospital' },
      ]);
    }));

  it('a colleague says that something should be better', () =>
    inBrowser(plain, 'customer', async (page) => {
      await page.getByText('Something should be better').click();
      await page.getByLabel('Who says so').selectOption('sam');
      await page.getByLabel('What, and how it could be').fill('Nobody answers on Saturdays');
      await page.getByRole('button', { name: 'Put it into the review' }).click();
      expect(await page.getByRole('status').first().innerText()).toBe('Saved.');
      expect((await house.store.db.select().from(improvements)).map(({ text }) => text)).toContain(
        'Nobody answers on Saturdays',
      );
    }));
});
