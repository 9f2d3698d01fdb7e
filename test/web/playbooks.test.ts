import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import { BUSINESS_WEEK } from '../../domain/calendar.ts';
import { readOrder } from '../../domain/order.ts';
import { type Playbook, readPlaybook } from '../../domain/playbook.ts';
import { planOf } from '../../domain/preview.ts';
import type { MoveReply, PlaybooksReply } from '../../domain/replies.ts';
import { DAY, iso } from '../../domain/time.ts';
import { shortHash } from '../../store/move.ts';
import { acceptOrder } from '../../store/orders.ts';
import { addPlaybooks } from '../../store/playbooks.ts';
import { orders } from '../../store/schema.ts';
import { pictureFile } from '../../web/ui/picture.tsx';
import { type FreshApi, freshApi, SMALLEST } from '../support/api.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';

/** Playbooks as pages and over the API: seen, printed, and follow-ups moved between their versions. */
let house: House;
/** The version the open follow-ups run by, and the one that came after. */
let hashes: { old: string; fresh: string };

const CARE = `
name: care
title: Care & more
touches:
  - { name: thanks, after: order, wait: 1 hour, send: thank-you }
  - { name: check-in, after: delivery, wait: 2 business days, call: check-in, attempts: 3 }
  - { name: survey, after: delivery, wait: 10 days, ask: nps, reminders: 1 }
  - { name: referral, after: answer, wait: 1 day, when: promoter, send: referral, purpose: selling }
  - { name: loyalty, after: delivery, wait: 3 days, on reaching: 5 orders, letter: loyalty }
  - { name: fix, after: complaint, fix: complaint }
keep in touch: { every: 60 days, send: keep-in-touch }
`;
const LATER = CARE.replace('wait: 10 days', 'wait: 20 days');

/** Makes this the current version of the playbook "care"; its hash. */
async function use({ web, store }: Pick<House, 'web' | 'store'>, text: string, at: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'aftercare-web-'));
  try {
    writeFileSync(join(folder, 'standard.yaml'), readFileSync('playbooks/standard.yaml'));
    writeFileSync(join(folder, 'care.yaml'), text);
    web.shelf = await addPlaybooks(store, folder, at);
    return web.shelf.current.get('care')!.hash;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

beforeAll(async () => {
  house = await freshHouse();
  hashes = { old: await use(house, CARE, NOON), fresh: '' };
  // Orders are taken by the shelf of that day.
  for (const number of ['1', '2', '3']) await anOrder(number);
  house.clock.now = NOON + DAY;
  hashes.fresh = await use(house, LATER, house.clock.now);
});
afterAll(() => house?.drop());

const read = (text: string, file = 'test') => readPlaybook(text, file);

/** An order that follows "care" as it stands on the shelf. */
async function anOrder(number: string) {
  const given = readOrder(
    {
      source: 'shop',
      number,
      placedAt: iso(house.clock.now),
      currency: 'EUR',
      total: '129.90',
      playbook: 'care',
      customer: { id: `c-${number}`, name: 'Ada Palmer', email: `ada-${number}@example.com` },
    },
    house.clock.now,
  );
  if (!given.ok) throw new Error(JSON.stringify(given.errors));
  await acceptOrder(house.store, given.order, house.web.shelf, house.clock.now);
}

const hashOf = async (number: string) =>
  (await house.store.db.select().from(orders).where(eq(orders.number, number)))[0].playbookHash;

describe('GET /playbooks', () => {
  it('lists versions, what runs by them, and the way from an old one', async () => {
    const { status, html, text } = await house.get('/playbooks');
    expect(status).toBe(200);
    expect(text).toContain('Care & more');
    expect(text).toContain(`Version ${shortHash(hashes.fresh)} current since`);
    expect(text).toMatch(new RegExp(`Version ${shortHash(hashes.old)} +since .*?3 follow-ups run by it *: +move them`));
    expect(html.indexOf(hashes.fresh)).toBeLessThan(html.indexOf(hashes.old));
    expect(html).toContain(`/playbooks/care/move?from=${hashes.old}`);
  });

  it('says what was moved, and lets nobody put words in its mouth', async () => {
    expect((await house.get('/playbooks?moved=12')).text).toContain('Moved: 12 follow-ups.');
    expect((await house.get('/playbooks?moved=Call%20us')).text).not.toContain('Call us');
  });
});

describe('GET /playbooks/{name}', () => {
  it('has the picture, the calendar, the words and the file', async () => {
    const { status, html, text } = await house.get('/playbooks/care');
    expect(status).toBe(200);
    expect(html).toMatch(/<svg [^>]*role="img"[^>]*aria-labelledby="picture-title picture-text"/);
    expect(html).toContain('<title id="picture-title">Care &amp; more: the plan of an example order</title>');
    // The pages allow neither scripts nor styles in markup.
    expect(html).not.toMatch(/<script|\sstyle=|<style/);
    expect(text).toContain('ordered and paid on Monday, 2 November 2026');
    expect(text).toMatch(/8 +Tuesday, 10 November 2026 +9:00-17:00 +Check in +call check-in: 2 business days after/);
    expect(text).toMatch(/Promoter: 9 or 10 +Referral on day 28, Monday, 30 November 2026/);
    expect(text).toMatch(/When it happens .*Fix +fix complaint: after complaint/);
    expect(text).toContain('Then, every 60 days until the next order');
    expect(text).toContain('- { name: thanks, after: order, wait: 1 hour, send: thank-you }');
  });

  it('shows an old version by its hash, and says which is current', async () => {
    const { text, html } = await house.get(`/playbooks/care/${hashes.old}`);
    expect(text).toContain('3 follow-ups run by it');
    expect(html).toContain('href="/playbooks/care"');
    expect(text).toMatch(/Promoter: 9 or 10 +Referral on day 18/);
  });

  it('shows the last version of a playbook whose file is gone, and the way to the standard', async () => {
    const { shelf } = house.web;
    house.web.shelf = { ...shelf, current: new Map([...shelf.current].filter(([name]) => name !== 'care')) };
    try {
      expect((await house.get('/playbooks/care')).text).toContain(`version ${shortHash(hashes.fresh)}`);
      const { html } = await house.get('/playbooks');
      expect(html).toContain(`/playbooks/standard/move?from=${hashes.old}`);
    } finally {
      house.web.shelf = shelf;
    }
  });

  it.each(['/playbooks/nothing', '/playbooks/care/0123456789abcdef', '/playbooks/nothing/move', `/playbooks/care/ab`])(
    '%s is not found',
    async (path) => expect((await house.get(path)).status).toBe(404),
  );

  it('shows nobody a version of another name', async () =>
    expect((await house.get(`/playbooks/standard/${hashes.old}`)).status).toBe(404));
});

describe('moving by hand', () => {
  const path = () => `/playbooks/care/move?from=${hashes.old}`;

  it('shows what would change, and changes nothing', async () => {
    const { status, text } = await house.get(path());
    expect(status).toBe(200);
    expect(text).toMatch(
      /shop\/1 +\w{8} +Another day: Survey, not Tuesday, 17 November 2026 but Friday, 27 November 2026/,
    );
    expect(text).toContain('3 contacts on another day');
    expect(text).toContain('Move 3 follow-ups');
    expect(await hashOf('1')).toBe(hashes.old);
  });

  it('names what is wrong with the choice', async () => {
    const { status, text } = await house.get('/playbooks/care/move?to=00000000&orders=1');
    expect(status).toBe(422);
    expect(text).toContain('The version to move to is "00000000", which there is not');
    expect(text).toContain('orders[0] is "1"; allowed: source and number');
    expect(text).not.toContain('What would change');
  });

  it('moves the orders that are named, and no others', async () => {
    const form = { from: hashes.old, to: '', orders: 'shop/2, shop/9' };
    expect((await house.get(`${path()}&orders=shop/2+shop/9`)).text).toContain('shop/9 does not move');
    const { status, to } = await house.post('/playbooks/care/move', form);
    expect([status, to]).toEqual([303, '/playbooks?moved=1']);
    expect(await Promise.all(['1', '2', '3'].map(hashOf))).toEqual([hashes.old, hashes.fresh, hashes.old]);
    expect((await house.get('/orders/shop/2')).text).toContain(
      `from version ${shortHash(hashes.old)} to ${shortHash(hashes.fresh)}`,
    );
  });

  it('moves the rest, and then there is nothing left', async () => {
    await house.post('/playbooks/care/move', { from: hashes.old, to: '', orders: '' });
    expect(await Promise.all(['1', '2', '3'].map(hashOf))).toEqual(Array(3).fill(hashes.fresh));
    expect((await house.get(path())).text).toContain('No open follow-up is left to be moved');
  });

  it('is refused from another site', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    expect((await house.post('/playbooks/care/move', {}, headers)).status).toBe(403);
  });
});

describe('over the API', () => {
  let api: FreshApi;
  let of: { old: string; fresh: string };
  beforeAll(async () => {
    api = await freshApi();
    const old = await use(api, CARE, NOON);
    of = { old, fresh: '' };
    const { web } = api;
    // The API was made for the shelf of that day; its orders are taken by hand here.
    for (const number of ['1', '2']) await acceptOrder(api.store, orderOf(number), web.shelf, NOON);
    of.fresh = await use(api, LATER, NOON + DAY);
  });
  afterAll(() => api?.drop());

  function orderOf(number: string) {
    const customer = { id: `c-${number}`, email: `c-${number}@example.com` };
    const given = readOrder({ ...SMALLEST, number, customer, playbook: 'care' }, NOON);
    if (!given.ok) throw new Error(JSON.stringify(given.errors));
    return given.order;
  }

  const ask = async (given: object) =>
    (await api.ask('POST', '/v1/playbooks/care/move', given)) as never as {
      status: number;
      body: MoveReply & { errors: { path: string; message: string }[] };
    };

  it('tells what runs by which version', async () => {
    const { body } = await api.ask('GET', '/v1/playbooks');
    const { items } = body as unknown as PlaybooksReply;
    expect(items.map(({ name }) => name)).toEqual(['care', 'standard']);
    expect(items[0]).toEqual({
      name: 'care',
      title: 'Care & more',
      current: of.fresh,
      open: 2,
      versions: [
        { hash: of.fresh, addedAt: expect.any(String), open: 0 },
        { hash: of.old, addedAt: expect.any(String), open: 2 },
      ],
    });
  });

  it('previews, moves one, then the rest', async () => {
    const preview = await ask({ go: false });
    expect(preview.status).toBe(200);
    expect(preview.body).toMatchObject({ to: of.fresh, go: false, left: 2, followUps: 2, rescheduled: 2, next: null });
    expect(preview.body.details[0].changes).toEqual([
      { what: 'rescheduled', touch: 'survey', occurrence: '1', was: expect.any(String), dueAt: expect.any(String) },
    ]);
    const one = await ask({ go: true, orders: ['shop/1', 'shop/none'], from: of.old.slice(0, 6) });
    expect(one.body).toMatchObject({ followUps: 1, passedOver: [{ order: 'shop/none', why: 'unknown' }] });
    expect((await ask({ go: true })).body).toMatchObject({ left: 1, followUps: 1 });
    expect((await ask({ go: true })).body).toMatchObject({ left: 0, followUps: 0, details: [], next: null });
  });

  it.each([
    [{}, 'go'],
    [{ go: false, orders: [] }, 'orders'],
    [{ go: false, orders: ['x'] }, 'orders[0]'],
    [{ go: false, to: 'ffff' }, 'to'],
    [{ go: false, after: 'x' }, 'after'],
    [{ go: false, force: true }, 'force'],
  ])('%j is a 422 that names %s', async (given, path) => {
    const { status, body } = await ask(given);
    expect([status, body.errors.map((fault) => fault.path)]).toEqual([422, [path]]);
  });

  it('knows no playbook of another name, and wants a token', async () => {
    expect((await api.ask('POST', '/v1/playbooks/none/move', { go: false })).status).toBe(404);
    expect((await api.app.request('/v1/playbooks')).status).toBe(401);
  });
});

describe('the picture', () => {
  const calendar = { dayMs: DAY, zone: 'UTC', week: BUSINESS_WEEK, place: null };
  const draw = (playbook: Playbook) => pictureFile(playbook, planOf(playbook, calendar, { placedAt: NOON }));
  const files = readdirSync('playbooks').filter((file) => /^(?!rules).*\.yaml$/.test(file));

  it.each(files)('%s: no words cover others, and none stick out', (file) => {
    const svg = draw(read(readFileSync(join('playbooks', file), 'utf8'), file));
    const words = [...svg.matchAll(/<text class="words" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</g)].map(
      ([, x, y, text]) => ({ text, y: Number(y), from: Number(x), to: Number(x) + text.length * 6.5 }),
    );
    expect(words.length).toBeGreaterThan(4);
    for (const one of words) {
      const covered = words.filter(
        (other) => other !== one && other.y === one.y && other.from < one.to && one.from < other.to,
      );
      expect([one.text, covered.map(({ text }) => text)]).toEqual([one.text, []]);
      expect(one.to).toBeLessThanOrEqual(1120);
    }
  });

  it('is a file of its own, with what people wrote kept as text', () => {
    const svg = draw(read(CARE.replace('Care & more', '<script>alert(1)</script>')));
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).not.toContain('<script');
    expect(svg).toContain('&lt;script&gt;');
  });

  it('draws a playbook of one contact', () =>
    expect(draw(read('name: one\ntitle: One\ntouches:\n  - { name: a, after: complaint, fix: it }\n'))).toContain(
      'A: fix, after complaint',
    ));
});
