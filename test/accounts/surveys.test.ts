import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { readAllContent } from '../../mail/content.ts';
import { readTemplates, TEMPLATES } from '../../mail/templates.ts';
import { answerOf } from '../../store/answers.ts';
import { readSurveys } from '../../store/playbooks.ts';
import { customerPages } from '../../web/customer/index.ts';
import { readSayings } from '../../web/customer/words.ts';
import { phoneOf } from '../support/people.ts';
import { type Sale, Shop } from '../support/sale.ts';

/** Surveys from the mail to what comes of the answer: the customer follows the links they were really sent. */
let shop: Shop;
let pages: ReturnType<typeof customerPages>;
let now: number;

beforeAll(async () => {
  shop = await new Shop().open(fileURLToPath(new URL('playbooks', import.meta.url)));
  pages = customerPages({
    store: shop.store,
    shelf: { current: new Map(), rules: { playbooks: [], owners: [] }, surveys: readSurveys('playbooks') },
    templates: await readTemplates(TEMPLATES),
    content: readAllContent(TEMPLATES),
    sayings: readSayings(TEMPLATES),
    publicUrl: 'http://shop.test',
    apiToken: '',
    temporalUi: null,
    catching: true,
    catcherUrl: null,
    now: () => now,
    log: pino({ level: 'silent' }),
    readiness: async () => ({}),
  });
});
beforeEach(() => shop.monday());
afterAll(() => shop?.close());

const customer = (id: string) => ({ id, name: 'Ada Palmer', email: `${id}@example.com`, phone: phoneOf(id) });
const told = async (sale: Sale) => (await sale.story()).slice(1);

/** The link to the survey in the last mail to this customer. */
const linkTo = (id: string) =>
  shop.mailServer.mails
    .filter(({ to }) => JSON.stringify(to).includes(`${id}@example.com`))
    .map(({ text }) => /http:\/\/shop\.test(\/s\/\S+)/.exec(text ?? '')?.[1])
    .findLast(Boolean)!;

/** The customer sends a page of it. */
async function sends(path: string, form: Record<string, string>) {
  now = await shop.now();
  const page = await pages.request(path, { method: 'POST', body: new URLSearchParams(form) });
  await shop.quiet();
  return { status: page.status, html: await page.text() };
}

it('the first page that is sent ends the reminders, and another survey is still asked', async () => {
  const sale = await shop.order('s-1', { playbook: 'surveys', customer: customer('paged') });
  await shop.days(7.5);
  expect((await told(sale)).filter((line) => line.includes('first-hour'))).toEqual([
    'day 3: sent first-hour',
    'day 7: sent first-hour #2',
  ]);
  const path = linkTo('paged');
  const next = await sends(path, { page: '1', 'own.state': 'marked' });
  expect(next.html).toContain('How did it benefit you?');
  await shop.days(10);
  expect(await told(sale)).not.toContainEqual(expect.stringContaining('first-hour #3'));
  await sends(path, { page: '2', benefit: 'Coffee before seven' });
  const { id } = await sale.row();
  expect(await answerOf(shop.store.db, id, 'unboxing')).toMatchObject({
    own: { state: 'marked' },
    benefit: 'Coffee before seven',
    way: 'link',
  });
  expect((await told(sale)).filter((line) => line.includes('answered'))).toEqual(['day 7: answered (link)']);
  // The window is the playbook's: twenty days after the mail.
  await shop.days(20);
  expect((await sends(path, { page: '1', 'own.state': 'sound' })).status).toBe(404);
  await shop.days(64);
  expect(await told(sale)).toContain('day 101: sent satisfied');
});

it('a low satisfaction makes a call that the page promises, and nothing is sold until it was made', async () => {
  const sale = await shop.order('s-2', { playbook: 'surveys', customer: customer('low') });
  await shop.days(4);
  await sends(linkTo('low'), { page: '1', 'own.state': 'sound' });
  await shop.days(97.5);
  const { html } = await sends(linkTo('low'), { page: '1', csat: '1', better: 'It broke' });
  const [task] = await sale.tasks();
  expect(task).toBe('call: detractor');
  expect(html).toContain('Sam Lee will call you by');
  expect((await sale.row()).score).toBeNull();
  await shop.days(25);
  expect((await told(sale)).filter((line) => /answered|recovery|goes-with/.test(line))).toEqual([
    'day 4: answered (link)',
    'day 4: skipped recovery (not-detractor)',
    'day 101: answered (link)',
    'day 101: task-made recovery (detractor)',
    'day 121: skipped what-goes-with-it (detractor)',
  ]);
});

it('what is answered on the phone is not asked by mail', async () => {
  const sale = await shop.order('s-3', { playbook: 'checked', customer: customer('phoned') });
  await shop.days(3.5);
  await sale.comesOut('check-in', 'reached', { answers: { nps: 9, benefit: 'Coffee' } });
  await shop.days(20);
  expect((await told(sale)).filter((line) => /answered|survey/.test(line))).toEqual([
    'day 3: answered (phone)',
    'day 11: skipped survey (answered)',
  ]);
});
