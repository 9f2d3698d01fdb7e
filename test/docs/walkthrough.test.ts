import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Hono } from 'hono';
import { pino } from 'pino';
import { followUps } from '../../client/followUps.ts';
import { startCatcher } from '../../mail/catcher.ts';
import { readAllContent } from '../../mail/content.ts';
import { openMailer } from '../../mail/smtp.ts';
import { readTemplates, TEMPLATES } from '../../mail/templates.ts';
import { keepCaught } from '../../store/caughtMails.ts';
import { addPlaybooks } from '../../store/playbooks.ts';
import { createApp } from '../../web/app.ts';
import { readSayings } from '../../web/customer/words.ts';
import { startDispatcher } from '../../worker/dispatcher.ts';
import { addSearchAttributes, connectTemporal, logThrough, startWorker } from '../../worker/temporal.ts';
import { freshStore } from '../support/database.ts';
import { blocks } from './markdown.ts';
import { type Request, run } from './shell.ts';

/**
 * Does what README and walkthrough tell a reader to do, in a house with all its parts, and compares each answer with the
 * one that is shown. Days are shorter than the reader's, so that nobody has to wait.
 */
const DAY_SECONDS = 2;
const PATIENCE_MS = 40_000;
const URL = 'http://127.0.0.1:4280';
const TOKEN = 'a-token-for-the-walkthrough';
/** The Temporal server is shared by all tests; the reader's `shop` is a source of our own there. */
const SHOP = `shop-${Math.random().toString(36).slice(2, 8)}`;

logThrough(pino({ level: 'error' }));

let app: Hono;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  const folder = (name: string) => fileURLToPath(new globalThis.URL(`../../${name}`, import.meta.url));
  const { store, drop } = await freshStore(DAY_SECONDS);
  ends.push(drop);
  const catcher = await startCatcher((mail) => keepCaught(store, { ...mail, at: Date.now() }));
  ends.push(catcher.close);
  const mailer = openMailer(catcher.url);
  ends.push(mailer.close);
  const temporal = await connectTemporal(process.env.AFTERCARE_TEST_TEMPORAL_ADDRESS);
  ends.push(() => temporal.connection.close());
  await addSearchAttributes(temporal);
  const shelf = await addPlaybooks(store, folder('playbooks'), Date.now());
  const house = {
    store,
    mailer,
    templates: await readTemplates(TEMPLATES),
    content: readAllContent(TEMPLATES),
    hears: true,
    publicUrl: URL,
  };
  const worker = await startWorker(temporal, house, SHOP, process.env.AFTERCARE_TEST_BUNDLE!);
  ends.push(worker.stop);
  const log = pino({ level: 'silent' });
  const dispatcher = startDispatcher(store, followUps(temporal.client, SHOP), log);
  ends.push(dispatcher.stop);
  const readiness = async () => ({ database: true as const });
  const { templates, content } = house;
  const sayings = readSayings(TEMPLATES);
  const web = {
    store,
    shelf,
    templates,
    content,
    sayings,
    publicUrl: URL,
    apiToken: TOKEN,
    temporalUi: null,
    catching: true,
    catcherUrl: null,
  };
  app = createApp({ ...web, now: Date.now, log, readiness });
});

afterAll(async () => {
  for (let end = ends.pop(); end; end = ends.pop()) await end();
});

it('the walkthrough goes as it says', () => follow('docs/walkthrough.md'), 240_000);

it('the first order of the README is taken', () => follow('README.md'), 60_000);

/** Runs the commands of a page in their order; after each, the answer shown must come, if need be by asking again. */
async function follow(page: string) {
  const shown = blocks(page).filter(({ language }) => language === 'sh' || language === 'json');
  const env = new Map<string, string>();
  let block = '';
  let answer: string | undefined;
  for (const { language, text } of shown) {
    const here = text.replace(/\bshop\b(?=["/])/g, SHOP);
    if (language === 'sh') {
      // The token is in the reader's data folder.
      block = here.replace(/\$\(cat [^)]*api-token\)/, TOKEN);
      answer = await run(block, env, send);
    } else {
      const expected = JSON.parse(here);
      // What asks only may be asked again; what tells something is told once.
      const again = / -d /.test(block) ? undefined : () => run(block, env, send);
      await eventually(expected, answer, again);
    }
  }
}

async function send({ method, url, headers, body }: Request): Promise<string> {
  const response = await app.request(url, { method, headers, body });
  if (response.status >= 500) throw new Error(`${method} ${url}: ${response.status}`);
  return response.text();
}

async function eventually(expected: unknown, first: string | undefined, again?: () => Promise<string>) {
  const end = Date.now() + PATIENCE_MS;
  let answer = JSON.parse(first ?? '{}');
  while (again && !fits(expected, answer) && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    answer = JSON.parse(await again());
  }
  if (!fits(expected, answer)) expect(answer).toEqual(expected);
}

/** "…" stands for anything; at the beginning or end of a list, for any number of things. */
function fits(expected: unknown, answer: unknown): boolean {
  if (expected === '…') return answer !== null && answer !== undefined;
  if (Array.isArray(expected)) return Array.isArray(answer) && listFits(expected, answer);
  if (typeof expected !== 'object' || expected === null) return expected === answer;
  if (typeof answer !== 'object' || answer === null) return false;
  const names = Object.keys(expected);
  return (
    names.length === Object.keys(answer).length &&
    names.every((name) => fits((expected as Json)[name], (answer as Json)[name]))
  );
}

type Json = Record<string, unknown>;

function listFits(expected: unknown[], answer: unknown[]): boolean {
  if (expected[0] !== '…' || expected.length > answer.length + 1)
    return expected.length === answer.length && expected.every((one, at) => fits(one, answer[at]));
  const tail = expected.slice(1);
  return tail.every((one, at) => fits(one, answer[answer.length - tail.length + at]));
}
