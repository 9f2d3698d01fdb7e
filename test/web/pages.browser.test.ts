import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { DAY } from '../../domain/time.ts';
import { answerOf } from '../../store/answers.ts';
import { findCustomer } from '../../store/customers.ts';
import { tasks } from '../../store/schema.ts';
import { newTokens } from '../../store/tokens.ts';
import { flaws, type Shown, show } from '../support/browser.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';

/** The pages as people meet them: in a browser, small and wide, in the dark, without scripts, by keyboard. */
let house: House;
let shown: Shown;
/** Addresses of the pages, by name. */
let pages: Record<string, string>;
let order: string;

beforeAll(async () => {
  house = await freshHouse();
  order = await house.order('10042', { promises: [{ what: 'Delivered', by: '2026-11-06' }] });
  await house.task(order, 'call', 'check-in');
  await house.happens('10042', 'note', { text: `A long word: ${'x'.repeat(200)}` });
  const company = { id: 'mill', name: 'Mill Ltd' };
  const mill = { name: 'Mill', serial: 'M-1', warrantyUntil: '2026-11-01', term: { to: '2027-11-01' } };
  for (const role of ['User', 'Buyer'])
    await house.order(role, {
      customer: { id: role, name: 'Kit Moss', email: `${role}@mill.example`, phone: '+49 30 7654321', company, role },
      lines: [mill],
    });
  await house.happens('Buyer', 'complained', { text: 'It leaks.' });
  house.clock.now = NOON + 2 * DAY;
  const token = (purpose: 'survey' | 'unsubscribe' | 'person') =>
    newTokens(house.store.db, order, null, { [purpose]: null }).then((made) => made[purpose]!);
  pages = {
    tasks: '/',
    orders: '/orders',
    order: '/orders/shop/10042',
    preview: '/orders/shop/10042/mail/thank-you',
    templates: '/templates',
    template: '/templates/de/nps?order=shop/10042',
    customer: `/customers/${(await findCustomer(house.store, 'shop', 'User'))!.id}?with=c-10042`,
    mail: '/dev/mail',
    settings: '/settings',
    survey: `/s/${await token('survey')}?score=9`,
    preferences: `/u/${await token('unsubscribe')}`,
    person: `/p/${await token('person')}`,
    'broken link': '/s/nothing',
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

const all = [
  'tasks',
  'orders',
  'order',
  'preview',
  'templates',
  'template',
  'customer',
  'mail',
  'settings',
  'survey',
  'preferences',
  'person',
  'broken link',
];
/** Those that show every colour there is. */
const some = ['order', 'customer', 'survey', 'broken link'];

describe.each([
  [360, 'light', all],
  [1280, 'light', all],
  [360, 'dark', some],
] as const)('%i pixels wide, %s', (width, colorScheme, names) => {
  it.each(names)('%s: everybody can use it, and nothing sticks out', (name) =>
    inBrowser({ viewport: { width, height: 800 }, colorScheme }, name, async (page) => {
      expect(await flaws(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      expect(await page.locator('html').getAttribute('lang')).toBe('en');
    }),
  );
});

describe('without scripts', () => {
  const plain = { javaScriptEnabled: false, viewport: { width: 360, height: 800 } };

  it('a customer answers the survey', () =>
    inBrowser(plain, 'survey', async (page) => {
      expect(await page.getByRole('radio', { name: '9' }).isChecked()).toBe(true);
      await page.getByText('7', { exact: true }).click();
      await page.getByLabel('What could be better?').fill('The manual');
      await page.getByRole('button', { name: 'Send my answer' }).click();
      await page.getByLabel('What would have made it a ten?').fill('A better one');
      await page.getByRole('button', { name: 'Send my answer' }).click();
      expect(await page.getByRole('status').innerText()).toContain('Sam Lee reads every answer');
      const answer = { nps: 7, better: 'The manual', own: { ten: 'A better one' } };
      expect(await answerOf(house.store.db, order)).toMatchObject(answer);
    }));

  it('a customer chooses what to hear of', () =>
    inBrowser(plain, 'preferences', async (page) => {
      const offers = page.getByRole('group', { name: 'Offers and news' });
      await offers.getByLabel('By phone').uncheck();
      await page.getByLabel('Wait until').fill('2026-11-20');
      await page.getByRole('button', { name: 'Save' }).click();
      expect(await page.getByRole('status').innerText()).toContain('Saved');
      expect(await page.getByText('Everything waits').innerText()).toContain('Friday, 20 November 2026');
      expect(await offers.getByLabel('By phone').isChecked()).toBe(false);
      expect(await offers.getByLabel('By e-mail').isChecked()).toBe(true);
    }));

  it('a colleague records a call by keyboard', () =>
    inBrowser(plain, 'tasks', async (page) => {
      await page.getByText('Add a note, or what they answered').focus();
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      await page.keyboard.type('All is well');
      await page.getByRole('button', { name: 'Reached' }).press('Enter');
      expect(await page.getByRole('status').innerText()).toContain('Recorded. Call for Ada Palmer');
      expect(await house.store.db.select().from(tasks)).toMatchObject([{ outcome: 'reached', note: 'All is well' }]);
    }));

  it('a colleague links a record, and takes it apart again', () =>
    inBrowser(plain, 'customer', async (page) => {
      await page.getByRole('searchbox').fill('10042');
      await page.getByRole('button', { name: 'Look for it' }).click();
      await page.getByRole('button', { name: 'Link Ada Palmer' }).click();
      expect(await page.getByRole('status').first().innerText()).toContain('Linked');
      await page.getByRole('listitem').filter({ hasText: 'Ada Palmer' }).getByText('Not the same customer').click();
      await page.getByRole('button', { name: 'Take Ada Palmer apart' }).click();
      expect(await page.getByRole('status').first().innerText()).toContain('Taken apart');
    }));

  it('a colleague records what a customer said', () =>
    inBrowser(plain, 'customer', async (page) => {
      await page.getByLabel('Offers and news: Phone').uncheck();
      await page.getByRole('button', { name: 'Save what they said' }).click();
      expect(await page.getByLabel('Offers and news: Phone').isChecked()).toBe(false);
      expect(await page.getByLabel('Offers and news: E-mail').isChecked()).toBe(true);
    }));

  it('a colleague reports a delivery', () =>
    inBrowser(plain, 'order', async (page) => {
      await page.getByText('Something happened').click();
      await page.getByLabel('What', { exact: true }).selectOption('delivered');
      await page.getByRole('button', { name: 'Record', exact: true }).click();
      expect(await page.getByRole('status').innerText()).toBe('Recorded: it was delivered.');
      expect(page.url()).toContain('/orders/shop/10042');
    }));
});
