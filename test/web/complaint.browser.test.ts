import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import type { Page } from 'playwright-core';
import { DAY } from '../../domain/time.ts';
import { complaintsOf } from '../../store/complaints.ts';
import { customers, orders } from '../../store/schema.ts';
import { newTokens } from '../../store/tokens.ts';
import { flaws, type Shown, show } from '../support/browser.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';

/** Complaints in a browser: the page behind the link in every language, and the desk's. */
let house: House;
let shown: Shown;
/** Addresses of the pages, by name. */
let pages: Record<string, string>;

async function linkIn(locale: string) {
  const order = await house.order(`L-${locale}`);
  const [{ customerId }] = await house.store.db.select().from(orders).where(eq(orders.id, order));
  await house.store.db.update(customers).set({ locale }).where(eq(customers.id, customerId));
  return `/p/${(await newTokens(house.store.db, order, null, { person: null })).person}/complaint`;
}

beforeAll(async () => {
  house = await freshHouse();
  const order = await house.order('10042');
  await house.happens('10042', 'complained', { text: `The wand leaks. ${'x'.repeat(200)}` });
  const open = `/complaints/${(await complaintsOf(house.store.db, order))[0].id}`;
  const other = await house.order('10043');
  await house.happens('10043', 'complained', { text: 'It came late.' });
  const closed = `/complaints/${(await complaintsOf(house.store.db, other))[0].id}`;
  const cause = { cause: 'Lost by the carrier', changed: 'We send with another carrier now.' };
  for (const [form, typed] of Object.entries({
    listen: { text: 'They waited for a week.', wants: 'explanation', apologised: 'yes' },
    remedy: { remedy: 'Explanation', value: '' },
    fix: { text: 'Sent again by express.' },
    cause,
    tell: { by: 'call', text: 'They were glad.' },
  }))
    await house.post(`${closed}/${form}`, typed as Record<string, string>);
  pages = {
    complaints: '/complaints',
    closed: '/complaints?closed=yes',
    open,
    over: closed,
    letter: `${closed}/letter`,
    settings: '/settings',
  };
  for (const language of ['en', 'de', 'fr', 'es']) {
    pages[`to complain, ${language}`] = await linkIn(language);
    const path = await linkIn(`${language}-CH`);
    await house.post(path, { text: 'It leaks.' });
    pages[`where it stands, ${language}`] = path;
  }
  house.clock.now = NOON + 2 * DAY;
  shown = await show(house);
}, 60_000);

afterAll(async () => {
  await shown?.close();
  await house?.drop();
});

const inBrowser = <T>(options: Parameters<Shown['inBrowser']>[0], name: string, work: (page: Page) => Promise<T>) =>
  shown.inBrowser(options, async (page) => {
    await page.goto(pages[name]);
    return work(page);
  });

const languages = ['en', 'de', 'fr', 'es'];
const all = [
  'complaints',
  'closed',
  'open',
  'over',
  'letter',
  ...languages.flatMap((language) => [`to complain, ${language}`, `where it stands, ${language}`]),
];

describe.each([
  [360, 'light', all],
  [1280, 'light', all],
  [360, 'dark', ['open', 'to complain, en', 'where it stands, en']],
] as const)('%i pixels wide, %s', (width, colorScheme, names) => {
  it.each(names)('%s: everybody can use it, and nothing sticks out', (name) =>
    inBrowser({ viewport: { width, height: 800 }, colorScheme }, name, async (page) => {
      expect(await flaws(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      expect(await page.locator('html').getAttribute('lang')).toBe(/, (..)$/.exec(name)?.[1] ?? 'en');
    }),
  );
});

it.each(['complaints', 'closed'])('%s: on a phone nothing of the list lies beside the screen', (name) =>
  inBrowser({ viewport: { width: 360, height: 800 } }, name, async (page) => {
    const list = page.getByRole('region', { name: 'Complaints' });
    expect(await list.getByText('Sam Lee').first().isVisible()).toBe(true);
    expect(await list.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
  }),
);

it('a customer complains without scripts, and sees who calls and by when', () =>
  inBrowser({ javaScriptEnabled: false, viewport: { width: 360, height: 800 } }, 'to complain, de', async (page) => {
    await page.getByLabel('Was ist passiert?').fill('Es tropft.');
    await page.getByLabel('Was sollen wir tun?').selectOption('repair');
    await page.getByRole('button', { name: 'Absenden' }).click();
    const said = await page.getByRole('status').textContent();
    expect(said).toMatch(/Sam Lee kümmert sich darum; Sie hören bis .* davon\./);
    await page.getByLabel('Was ist passiert?').fill('Und es ist laut.');
    await page.getByRole('button', { name: 'Absenden' }).click();
    expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toEqual([
      'So steht es',
      'Möchten Sie etwas hinzufügen?',
    ]);
  }));

it('a colleague takes the next step by keyboard alone', () =>
  inBrowser({ viewport: { width: 1280, height: 800 } }, 'open', async (page) => {
    const text = page.getByLabel('What they told, in their words').first();
    await text.focus();
    await page.keyboard.type('It drips at every cup.');
    await page.keyboard.press('Tab');
    await page.keyboard.type('A repair');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(/saved=step/);
    expect(await page.getByRole('heading', { name: 'Now: put it right' }).count()).toBe(1);
    expect(await page.getByText('A repair').count()).toBeGreaterThan(0);
  }));
