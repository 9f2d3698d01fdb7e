import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as driver, type Page } from 'playwright-core';
import type { House } from './pages.ts';

/** A real browser; the test closes it. */
export async function openBrowser(): Promise<Browser> {
  // In a single process it would end with its first window.
  const args = chromium.args.filter((arg) => arg !== '--single-process');
  return driver.launch({ executablePath: await chromium.executablePath(), args });
}

/** A house whose pages are served to a real browser. */
export interface Shown {
  /** Opens a window of its own, in which addresses are paths, and closes it after the work. */
  inBrowser<T>(options: Parameters<Browser['newContext']>[0], work: (page: Page) => Promise<T>): Promise<T>;
  /** Ends the browser and the server. */
  close(): Promise<void>;
}

/** Serves the pages of a house to a browser. */
export async function show(house: House): Promise<Shown> {
  const server = await new Promise<Server>((listening) => {
    const started = serve({ fetch: house.app.fetch, hostname: '127.0.0.1', port: 0 }, () =>
      listening(started as Server),
    );
  });
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await openBrowser();
  return {
    async inBrowser(options, work) {
      const context = await browser.newContext({ baseURL, ...options });
      try {
        return await work(await context.newPage());
      } finally {
        await context.close();
      }
    },
    async close() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
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
