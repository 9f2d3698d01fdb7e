import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import type { Page } from 'playwright-core';
import { readInbound } from '../../mail/inbound.ts';
import { keepCaught, listCaught } from '../../store/caughtMails.ts';
import { takeInbound } from '../../store/inbound.ts';
import { customers, inboundMails, orders, tasks } from '../../store/schema.ts';
import { newTokens } from '../../store/tokens.ts';
import { flaws, type Shown, show } from '../support/browser.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';

/** What customers send back, and where they choose what they get, in a browser. */
let house: House;
let shown: Shown;
/** Addresses of the pages, by name. */
let pages: Record<string, string>;

const writes = async (from: string, words: string) => {
  const raw = Buffer.from(`From: ${from}\r\nSubject: Re: How did we do?\r\n\r\n${words}`);
  await takeInbound(house.store, await readInbound(raw, house.store.settings.secret), NOON);
};

/** Links about an order of a customer who reads this language. */
async function linksIn(locale: string) {
  const order = await house.order(`L-${locale}`);
  const [{ customerId }] = await house.store.db.select().from(orders).where(eq(orders.id, order));
  await house.store.db.update(customers).set({ locale }).where(eq(customers.id, customerId));
  const made = await newTokens(house.store.db, order, null, { unsubscribe: null, person: null });
  return {
    [`preferences ${locale}`]: `/u/${made.unsubscribe}`,
    [`person ${locale}`]: `/p/unsubscribe/${made.unsubscribe}`,
  };
}

beforeAll(async () => {
  house = await freshHouse();
  await house.order('10042');
  await writes(
    'ada-10042@example.com',
    `It leaks ${'x'.repeat(200)}.\r\n\r\nOn Mon, Sam Lee wrote:\r\n> ${'y'.repeat(300)}`,
  );
  await writes('stranger@example.net', 'Where is my order?');
  const [task] = await house.store.db.select().from(tasks).where(eq(tasks.reason, 'reply'));
  const raw = 'Return-Path: <b+x@shop.example>\r\nFrom: Sam <care@shop.example>\r\nSubject: Hello\r\n\r\nHow are you?';
  await keepCaught(house.store, { at: NOON, to: 'ada-10042@example.com', subject: 'Hello', raw });
  house.web.catcherUrl = 'smtp://127.0.0.1:9';
  pages = {
    replies: '/replies',
    'task of a reply': `/tasks/${task.id}`,
    'order with a reply': '/orders/shop/10042',
    'caught mail': `/dev/mail/${(await listCaught(house.store, null, 1))[0].id}`,
    ...(await linksIn('en')),
    ...(await linksIn('de')),
    ...(await linksIn('fr')),
    ...(await linksIn('es')),
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

const NAMES = [
  'replies',
  'task of a reply',
  'order with a reply',
  'caught mail',
  ...['en', 'de', 'fr', 'es'].flatMap((language) => [`preferences ${language}`, `person ${language}`]),
];

describe.each([360, 1280])('%i pixels wide', (width) => {
  it.each(NAMES)('%s: everybody can use it, and nothing sticks out', (name) =>
    inBrowser({ viewport: { width, height: 800 } }, name, async (page) => {
      expect(await flaws(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      expect(await page.locator('html').getAttribute('lang')).toBe(/ (de|fr|es)$/.exec(name)?.[1] ?? 'en');
    }),
  );
});

describe('without scripts', () => {
  const plain = { javaScriptEnabled: false, viewport: { width: 360, height: 800 } };

  it('a colleague says whose a mail is, and makes a complaint of a reply', async () => {
    await inBrowser(plain, 'replies', async (page) => {
      await page.getByLabel('The number of the order').fill('10042');
      await page.getByRole('button', { name: 'It is about this order' }).click();
      expect(await page.getByRole('status').innerText()).toBe('Saved.');
      expect(await house.store.db.select().from(inboundMails).where(eq(inboundMails.kind, 'unknown'))).toEqual([]);
    });
    await inBrowser(plain, 'task of a reply', async (page) => {
      await page.getByRole('button', { name: 'This is a complaint' }).click();
      expect(await page.getByRole('status').innerText()).toBe('Recorded: the customer complained.');
    });
  });

  it('a customer who reads German asks for a call from the page of their preferences', () =>
    inBrowser(plain, 'preferences de', async (page) => {
      await page.getByRole('link', { name: 'Mit einem Menschen sprechen' }).click();
      await page.getByLabel('Worum geht es?').fill('Die Maschine tropft.');
      await page.getByRole('button', { name: 'Rufen Sie mich an' }).click();
      expect(await page.getByRole('status').innerText()).toMatch(/^Vielen Dank\. Sam Lee ruft Sie bis .* an\.$/);
    }));
});
