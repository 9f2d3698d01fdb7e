import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BRAKES, FOLLOW_UP_OUTCOMES, PLEDGE_STATES } from '../../domain/followUp.ts';
import { CONDITIONS } from '../../domain/playbook.ts';
import { DAY } from '../../domain/time.ts';
import { countReasons, listNotMade, NOT_DONE, type NotDone } from '../../store/reasons.ts';
import { events } from '../../store/schema.ts';
import { notDoneInWords } from '../../web/ui/words.ts';
import { type FreshApi, freshApi } from '../support/api.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';

/** What was not done, and why: each reason the code can give has its words, is counted, and leads to what it was about. */

const RULES = ['anchors', 'against', 'plan', 'decide'].map((name) => `domain/${name}.ts`);

describe('the words', () => {
  const code = (...files: string[]) => files.map((file) => readFileSync(file, 'utf8')).join('\n');
  /** Reasons the code gives as they stand there, where the rules and the activities name them. */
  const written = (text: string) =>
    [
      // why: 'unreached', and what speaks against a touch: return 'no-consent', ? 'not-approved' : 'not-done'.
      ...text.matchAll(/\bwhy: '([a-z-]+)'/g),
      ...text.matchAll(/return '([a-z]+(?:-[a-z]+)*)';/g),
      ...text.matchAll(/[?:|] '((?:not?|too|something|asked)-[a-z-]+)'/g),
    ].map(([, why]) => why);
  const given = [
    // What is no reason: a stage, and what is said of other events.
    ...written(code(...RULES, 'domain/load.ts', 'activities/sendMail.ts')).filter(
      (why) =>
        !['complaint', 'all-well', 'paused', 'unpaid', 'promise', 'return', 'following', 'waiting', 'ended'].includes(
          why,
        ),
    ),
    ...[...code('activities/sendMail.ts', 'activities/putOff.ts').matchAll(/putOffOrHandOver\([^']*'([a-z-]+)'/g)].map(
      ([, why]) => why,
    ),
    // Those that hold always are no reason against anything.
    ...CONDITIONS.filter((one) => !['paid', 'not detractor', 'review page'].includes(one)).map(
      (one) => `not-${one.replace(' ', '-')}`,
    ),
    ...BRAKES,
    ...FOLLOW_UP_OUTCOMES,
    ...PLEDGE_STATES.filter((one) => one !== 'open'),
  ];

  it('are there for every reason the code can give', () => {
    // So that a change of the code's form is noticed: these are only found by reading it.
    for (const one of [
      'too-late',
      'no-consent',
      'not-approved',
      'not-done',
      'unreached',
      'nothing-useful',
      'mail-server',
      'fault',
      'away',
      'day-full',
      'dormant',
    ])
      expect(given).toContain(one);
    const wordless = [...new Set(given)].filter((why) => notDoneInWords('skipped', why) === why.replaceAll('-', ' '));
    expect(wordless).toEqual([]);
  });

  it('are there for whatever has become of a contact', () => {
    for (const what of NOT_DONE) expect(notDoneInWords(what, null)).not.toBe('');
    expect(notDoneInWords('task-joined', 'check-in')).toBe('the customer gets a call anyway');
    expect(notDoneInWords('spilled', 'day-full')).toBe("its owner's day is full");
  });
});

type Line = [what: NotDone | 'sent', daysAgo: number, why: string, until?: number];
const LINES: Line[] = [
  ['skipped', 1, 'too-late'],
  ['skipped', 2, 'too-late'],
  ['skipped', 20, 'no-consent'],
  ['skipped', 80, 'no-consent'],
  ['put-off', 3, 'too-often', NOON + DAY],
  ['spilled', 3, 'away', NOON + DAY],
  ['task-joined', 4, 'check-in'],
  ['task-joined', 4, 'up-sell'],
  ['task-cancelled', 5, 'answered'],
  ['sent', 1, 'too-late'],
];
const rowsOf = (orderId: string, lines: Line[] = LINES) =>
  lines.map(([what, days, why, until]) => ({
    orderId,
    what,
    at: NOON - days * DAY,
    touch: 'survey',
    occurrence: '1',
    why,
    ...(until && { data: { until } }),
  }));

describe('the page', () => {
  let house: House;
  let order: string;
  beforeAll(async () => {
    house = await freshHouse();
    order = await house.order('10042');
  });
  afterAll(() => house.drop());

  it('says what to expect of it where nothing was left undone', async () => {
    const { status, text } = await house.get('/not-done');
    expect(status).toBe(200);
    expect(text).toContain('everything was made as planned');
  });

  it('counts by reason, in words, the most frequent first, each leading to its records', async () => {
    await house.store.db.insert(events).values(rowsOf(order));
    const { text, html } = await house.get('/not-done');
    expect(text).toContain('8 contacts since');
    const order1 = [
      'It would be too late for it Not made 2',
      'The customer gets a call anyway Made part of another call 2',
    ];
    for (const words of [
      ...order1,
      'The customer does not want it Not made 1',
      'The customer has had mail often enough Put off 1',
      'Its owner is away Given to somebody else, or to another day 1',
      'The customer has answered meanwhile Not needed any more 1',
    ])
      expect(text).toContain(words);
    expect(text.indexOf(order1[0])).toBeLessThan(text.indexOf('The customer does not want it'));
    expect(html).toContain('href="/not-done?days=30&amp;what=skipped&amp;why=too-late"');
  });

  it('looks as far back as is asked for', async () => {
    expect((await house.get('/not-done?days=90')).text).toContain('The customer does not want it Not made 2');
    expect((await house.get('/not-done?days=7')).text).not.toContain('The customer does not want it');
    // What it does not offer is the usual.
    expect((await house.get('/not-done?days=10000')).text).toContain('8 contacts since');
  });

  it('shows the records behind a reason: order, contact, when, and until when', async () => {
    const { text, html } = await house.get('/not-done?days=30&what=put-off&why=too-often');
    expect(text).toContain('The customer has had mail often enough');
    expect(text).toMatch(/shop\/10042 Survey .*30 Oct.* .*3 Nov/);
    expect(html).toContain('href="/orders/shop/10042"');
    expect((await house.get('/not-done?what=task-joined')).text.match(/shop\/10042/g)).toHaveLength(2);
    expect((await house.get('/not-done?what=skipped&why=never')).text).toContain('There is none in this time');
    expect((await house.get('/not-done?what=sent&why=too-late')).text).toContain('8 contacts since');
  });

  it('goes on page by page, also over what happened at the same moment', async () => {
    const many = Array.from({ length: 120 }, (): Line => ['skipped', 6, 'no-email']);
    await house.store.db.insert(events).values(rowsOf(order, many));
    let path: string | undefined = '/not-done?days=30&what=skipped&why=no-email';
    const sizes: number[] = [];
    while (path) {
      const { html, text } = await house.get(path);
      sizes.push(text.match(/shop\/10042/g)!.length);
      path = /rel="next" href="([^"]+)"/.exec(html)?.[1].replaceAll('&amp;', '&');
    }
    expect(sizes).toEqual([50, 50, 20]);
    const first = await listNotMade(house.store, { what: 'skipped', why: 'no-email' }, 0, undefined, 70);
    const second = await listNotMade(house.store, { what: 'skipped', why: 'no-email' }, 0, first.next!, 70);
    expect(new Set([...first.items, ...second.items].map(({ event }) => event.id)).size).toBe(120);
    expect((await house.get('/not-done?what=skipped&why=no-email&after=nonsense')).status).toBe(200);
  });

  it('is counted in short days in a demonstration', async () => {
    const short = await freshHouse(5);
    try {
      const id = await short.order('1');
      const [line] = rowsOf(id, [['skipped', 0, 'too-late']]);
      await short.store.db.insert(events).values([
        { ...line, at: NOON - 100_000 },
        { ...line, at: NOON - 200_000 },
      ]);
      expect((await short.get('/not-done?days=30')).text).toContain('Not made 1');
      expect(await countReasons(short.store, 0)).toEqual([{ what: 'skipped', why: 'too-late', count: 2 }]);
    } finally {
      await short.drop();
    }
  });
});

describe('GET /v1/not-done', () => {
  let api: FreshApi;
  beforeAll(async () => {
    api = await freshApi();
  });
  afterAll(() => api.drop());

  it('gives the same figures', async () => {
    await api.order({ number: '1' });
    const { rows } = await api.store.pool.query('SELECT id FROM aftercare.orders');
    await api.store.db.insert(events).values(rowsOf(rows[0].id));
    const { status, body } = await api.ask('GET', '/v1/not-done?days=90');
    expect(status).toBe(200);
    expect(body).toEqual({
      since: '2026-08-04T12:00:00Z',
      reasons: [
        { what: 'skipped', why: 'no-consent', count: 2 },
        { what: 'skipped', why: 'too-late', count: 2 },
        { what: 'task-joined', why: null, count: 2 },
        { what: 'put-off', why: 'too-often', count: 1 },
        { what: 'spilled', why: 'away', count: 1 },
        { what: 'task-cancelled', why: 'answered', count: 1 },
      ],
    });
    expect((await api.ask('GET', '/v1/not-done')).body).toMatchObject({ since: '2026-10-03T12:00:00Z' });
    expect((await api.ask('GET', '/v1/not-done?days=1')).body.detail).toBe('days is "1"; allowed: 7, 30, 90');
  });
});
