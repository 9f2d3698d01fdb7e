import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as driver, type Page } from 'playwright-core';

/** A real browser; the test closes it. */
export async function openBrowser(): Promise<Browser> {
  // In a single process it would end with its first window.
  const args = chromium.args.filter((arg) => arg !== '--single-process');
  return driver.launch({ executablePath: await chromium.executablePath(), args });
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds, as `rule: first element`; rules that do not concern what is shown can be left out. */
export async function flaws(page: Page, without: readonly string[] = []): Promise<string[]> {
  await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
  await page.evaluate(axe);
  const rules = Object.fromEntries(without.map((rule) => [rule, { enabled: false }]));
  const { violations } = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
    `axe.run({ rules: ${JSON.stringify(rules)} })`,
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`);
}
