import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { readTemplates, sampleIn, TEMPLATES } from '../../mail/templates.ts';
import { flaws, openBrowser } from '../support/browser.ts';

/** The HTML part of every mail as a mail program shows it: on a phone and on a desk, by day and by night. */
const templates = await readTemplates(TEMPLATES);

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser?.close());

const company = 'Mill & Sons';
/** A mail is an article on somebody else's page: that one has the landmarks. */
const OF_PAGES = ['region', 'landmark-one-main'];

describe.each([
  [360, 'light'],
  [360, 'dark'],
  [1280, 'light'],
] as const)('%i pixels wide, %s', (width, colorScheme) => {
  it.each(templates.names)('%s: everybody can read it, and nothing sticks out', async (name) => {
    const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
    try {
      const page = await context.newPage();
      const fetched: string[] = [];
      page.on('request', (request) => fetched.push(request.url()));
      for (const language of templates.languages) {
        const long = `${sampleIn(language).order.products}, ${'Coffee'.repeat(12)}`;
        const order = { ...sampleIn(language).order, products: long };
        await page.setContent(templates.write(name, language, { ...sampleIn(language), company, order }).html);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
        expect(await page.locator('html').getAttribute('lang')).toBe(language);
      }
      await page.setContent(templates.write(name, 'en', { ...sampleIn('en'), company }).html);
      expect(await flaws(page, OF_PAGES)).toEqual([]);
      expect(fetched).toEqual([]);
    } finally {
      await context.close();
    }
  });
});

it('a score can be hit with a thumb, and is called by its name', async () => {
  const context = await browser.newContext({ viewport: { width: 360, height: 800 } });
  try {
    const page = await context.newPage();
    const { links } = sampleIn('de');
    const survey = 'https://care.example/s/x';
    const view = { ...sampleIn('de'), links: { ...links, survey } };
    await page.setContent(templates.write('nps', 'de', view).html);
    for (let score = 0; score <= 10; score++) {
      const link = page.getByRole('link', { name: `Ihre Antwort: ${score}`, exact: true });
      expect(await link.getAttribute('href')).toBe(`${survey}?score=${score}`);
      const { width, height } = (await link.boundingBox())!;
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(44);
    }
  } finally {
    await context.close();
  }
});
