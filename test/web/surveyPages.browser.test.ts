import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import type { Page } from 'playwright-core';
import { DAY } from '../../domain/time.ts';
import { answerOf, recordAnswers } from '../../store/answers.ts';
import { complaintsOf } from '../../store/complaints.ts';
import { change } from '../../store/followUps.ts';
import { customers, orders } from '../../store/schema.ts';
import { newTokens } from '../../store/tokens.ts';
import { flaws, type Shown, show } from '../support/browser.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';

/** Surveys in a browser: behind the link, from the card, on the desk and on the printer. */
let house: House;
let shown: Shown;
let order: string;

const survey = async (name: string, of = order) =>
  `/s/${(await newTokens(house.store.db, of, null, { survey: NOON + 90 * DAY }, name)).survey}`;
/** An order nothing was answered about. */
let last = 0;
const fresh = () => {
  last += 1;
  return house.order(`F-${last}`);
};

/** What is done to come to a page, by its name; in the order in which a survey shows them. */
const PAGES: Record<string, (page: Page) => Promise<unknown>> = {
  'own questions': async (page) => page.goto(await survey('unboxing', await fresh())),
  'a page refused': async (page) => {
    await page.goto(await survey('unboxing', await fresh()));
    await page.evaluate('for (const one of document.querySelectorAll("[required]")) one.required = false');
    await page.getByLabel('What surprised you?').fill('So light');
    await page.getByRole('button', { name: 'Go on' }).click();
  },
  'what would have made it a ten': async (page) => {
    await page.goto(`${await survey('nps', await fresh())}?score=8`);
    await page.getByRole('button', { name: 'Send my answer' }).click();
  },
  'a low score': async (page) => {
    await page.goto(`${await survey('csat', await fresh())}?score=1`);
    await page.getByRole('button', { name: 'Send my answer' }).click();
  },
  'a complaint by a score that was changed': async (page) => {
    const of = await fresh();
    for (const nps of ['0', '10']) {
      await page.goto(`${await survey('nps', of)}?score=${nps}`);
      await page.getByLabel('What could be better?').fill('x'.repeat(200));
      await page.getByRole('button', { name: 'Send my answer' }).click();
      await page.getByText('Thank you').first().waitFor();
    }
    const [{ id }] = await complaintsOf(house.store.db, of);
    await page.goto(`/complaints/${id}`);
    await page.getByText('They have changed their answer to 10 of 10 since.').waitFor();
  },
  card: async (page) => {
    const { card } = await newTokens(house.store.db, await fresh(), null, { card: NOON + 90 * DAY });
    await page.goto(`/s/${card}`);
  },
  'card to print': async (page) => {
    await page.goto(`/orders/shop/10042/card`);
    await page.getByRole('button', { name: 'Make a sheet of 4' }).click();
  },
  'answer on paper': (page) => page.goto(`/orders/shop/10042/answer`),
  'answered order': (page) => page.goto(`/orders/shop/10042`),
  'survey by phone': async (page) => {
    const task = await house.task(await fresh(), 'call', 'survey-by-phone', 'survey');
    await page.goto(`/tasks/${task.id}`);
  },
  quotes: (page) => page.goto(`/quotes`),
  praise: (page) => page.goto(`/?owner=sam`),
};

beforeAll(async () => {
  house = await freshHouse();
  order = await house.order('10042');
  await change(house.store, order, NOON, ({ tx, sale }) =>
    recordAnswers(
      house.store,
      tx,
      sale,
      { nps: 10, benefit: `Coffee, and ${'x'.repeat(200)}`, better: 'The cable', own: { ten: 'Nothing' } },
      'paper',
      NOON,
      { by: 'sam' },
    ),
  );
  shown = await show(house);
});

afterAll(async () => {
  await shown?.close();
  await house?.drop();
});

describe.each([
  [360, 'light'],
  [1280, 'light'],
  [360, 'dark'],
] as const)('%i pixels wide, %s', (width, colorScheme) => {
  it.each(Object.keys(PAGES))('%s: everybody can use it, and nothing sticks out', (name) =>
    shown.inBrowser({ viewport: { width, height: 800 }, colorScheme }, async (page) => {
      await PAGES[name](page);
      expect(await flaws(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }),
  );
});

it('four cards fill a sheet of A4, and nothing else is printed', () =>
  shown.inBrowser({}, async (page) => {
    await PAGES['card to print'](page);
    await page.emulateMedia({ media: 'print' });
    const pdf = await page.pdf({ preferCSSPageSize: true });
    expect(pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g)).toHaveLength(1);
    expect(await page.getByRole('navigation').isVisible()).toBe(false);
    expect(await page.getByRole('heading', { level: 1 }).isVisible()).toBe(false);
    expect(await page.getByText('cut along the lines').isVisible()).toBe(false);
    const boxes = await page
      .locator('.cards > section')
      .evaluateAll((cards) =>
        cards.map((card) => [card.getBoundingClientRect().width, card.getBoundingClientRect().height]),
      );
    expect(boxes).toHaveLength(4);
    for (const [width, height] of boxes)
      expect([Math.round((width / 96) * 25.4), Math.round((height / 96) * 25.4)]).toEqual([105, 148]);
  }));

it('a customer answers by keyboard alone, without scripts, in their language', () =>
  shown.inBrowser({ javaScriptEnabled: false, viewport: { width: 360, height: 800 } }, async (page) => {
    const of = await fresh();
    const [{ customerId }] = await house.store.db.select().from(orders).where(eq(orders.id, of));
    await house.store.db.update(customers).set({ locale: 'de-DE' }).where(eq(customers.id, customerId));
    await page.goto(await survey('nps', of));
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    for (let step = 0; step < 8; step += 1) await page.keyboard.press('ArrowRight');
    expect(await page.getByRole('radio', { name: '8', exact: true }).isChecked()).toBe(true);
    await page.keyboard.press('Tab');
    await page.keyboard.type('Guter Kaffee');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('Was hätte daraus eine Zehn gemacht?').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.type('Ein längeres Kabel');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('status').innerText()).toContain('Ihre Antwort ist angekommen.');
    expect(await answerOf(house.store.db, of)).toMatchObject({
      nps: 8,
      benefit: 'Guter Kaffee',
      own: { ten: 'Ein längeres Kabel' },
      finishedAt: NOON,
    });
  }));
