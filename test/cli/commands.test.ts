import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { playbookInWords } from '../../cli/playbook.ts';
import { storyInWords } from '../../cli/story.ts';
import { readPlaybooks } from '../../store/playbooks.ts';
import { type FreshApi, freshApi, overHttp, TOKEN } from '../support/api.ts';
import { aftercare, withFiles } from './command.ts';

let api: FreshApi;
beforeAll(async () => {
  api = await freshApi();
  await api.order({ number: 'A/1' });
});
afterAll(() => api.drop());

/** Runs a command against the API of this test. */
const asking = (...words: string[]) =>
  overHttp(api, ({ url }) => aftercare(words, { AFTERCARE_PUBLIC_URL: url, AFTERCARE_API_TOKEN: TOKEN }));

describe('used wrongly', () => {
  it.each([
    [['frobnicate'], 'unknown command'],
    [['story', 'shop/1', '--loud'], 'unknown option'],
    [['story'], 'missing required argument'],
    [['story', '10042'], 'It is a source, a slash and a number or id'],
    [['story', 'shop/1', 'more'], 'too many arguments'],
    [['up', '--only', 'half'], 'Allowed choices are web, worker'],
    [['orders'], 'import'],
    [[], 'Usage: aftercare'],
  ])('%j is a 2, with help', async (words, says) => {
    const { code, err } = await aftercare(words);
    expect(code).toBe(2);
    expect(err).toContain(says);
    expect(err).toContain('Usage: aftercare');
  });

  it('help asked for is no error', async () => {
    const { code, out } = await aftercare(['--help']);
    expect([code, out]).toEqual([0, expect.stringContaining('Usage: aftercare')]);
  });

  it('a wrong environment is named in a sentence', async () => {
    const { code, err } = await aftercare(['story', 'shop/1'], { AFTERCARE_PORT: 'x' });
    expect([code, err]).toEqual([1, 'AFTERCARE_PORT is "x". Allowed: a whole number from 0 to 65535.\n']);
  });
});

describe('story', () => {
  it('shows where an order stands', async () => {
    const { code, out } = await asking('story', 'shop/A/1');
    expect(code).toBe(0);
    expect(out).toMatch(/^shop\/A\/1 {2}following\nNext: thank-you, /);
    expect(out).toMatch(/accepted\n$/);
  });

  it('says that there is no such order', async () =>
    expect(await asking('story', 'shop/none')).toEqual({ code: 1, out: '', err: 'there is no order shop/none\n' }));

  it('has local times', () =>
    expect(
      storyInWords(
        {
          order: 'shop/1',
          stage: 'ended',
          outcome: 'reordered',
          nextTouch: null,
          story: [
            { at: '2026-11-02T23:30:00Z', what: 'accepted' },
            { at: '2026-11-03T08:00:00Z', what: 'skipped', touch: 'up-sell', why: 'reordered' },
          ],
        },
        'Europe/Berlin',
      ),
    ).toBe(`shop/1  ended (reordered)
Times are those of Europe/Berlin.

Tue 2026-11-03 00:30  accepted
Tue 2026-11-03 09:00  skipped   up-sell  reordered`));
});

describe('playbook', () => {
  it('check says that one is sound', async () => {
    const { code, out } = await aftercare(['playbook', 'check', 'playbooks/standard.yaml']);
    expect([code, out]).toEqual([0, expect.stringContaining('is sound: playbook standard')]);
  });

  it('check names the line of a mistake', () =>
    withFiles(
      { 'wrong.yaml': 'name: wrong\ntitle: Wrong\ntouches:\n  - name: a\n    after: ordr\n' },
      async (folder) => {
        const { code, err } = await aftercare(['playbook', 'check', join(folder, 'wrong.yaml')]);
        expect([code, err]).toEqual([1, expect.stringMatching(/^wrong\.yaml, line 5: .*Allowed: order, payment/)]);
      },
    ));

  it('show tells it day by day', () => {
    const { playbook } = readPlaybooks('playbooks').find((one) => one.playbook.name === 'standard')!;
    const days = playbookInWords(playbook)
      .split('\n')
      .filter((line) => line.startsWith('  day'));
    expect(days.map((line) => line.trim().split(/ +/).slice(0, 3).join(' '))).toEqual([
      'day 0 thank-you',
      'day 8 check-in',
      'day 15 survey',
      'day 30 up-sell',
    ]);
    expect(playbookInWords(playbook)).toMatch(/When it happens:\n.*promise-check/);
    expect(playbookInWords(playbook)).toContain('every 60 days until the next order');
  });
});

describe('customer', () => {
  it('export prints everything', async () => {
    const { code, out } = await asking('customer', 'export', 'shop/of-A/1');
    expect([code, JSON.parse(out)]).toEqual([
      0,
      expect.objectContaining({ orders: [expect.objectContaining({ number: 'A/1' })] }),
    ]);
  });

  it('erase wants to be told twice', async () => {
    expect(await asking('customer', 'erase', 'shop/of-A/1')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--yes'),
    });
    expect(await asking('customer', 'erase', 'shop/of-A/1', '--yes')).toMatchObject({
      code: 0,
      out: 'shop/of-A/1 is erased.\n',
    });
    expect((await asking('customer', 'export', 'shop/of-A/1')).code).toBe(1);
  });
});

describe('doctor', () => {
  it('says what is there and what is missing', () =>
    withFiles({}, async (folder) => {
      await overHttp(api, async ({ url }) => {
        const env = {
          AFTERCARE_PUBLIC_URL: url,
          AFTERCARE_API_TOKEN: TOKEN,
          AFTERCARE_DATA_DIR: folder,
          DATABASE_URL: api.url,
        };
        const { out } = await aftercare(['doctor'], env);
        expect(out).toMatch(/^\+ Node +v/m);
        expect(out).toMatch(/^\+ Database +127\.0\.0\.1:\d+\/test_\w+, PostgreSQL 18/m);
        expect(out).toMatch(/^\+ Web +http.*takes the token/m);
        expect(out).toMatch(/^\. Temporal +not running; npm start starts it/m);
        expect(out).not.toContain(new URL(api.url).password);
      });
      const env = {
        AFTERCARE_DATA_DIR: folder,
        DATABASE_URL: 'postgres://me:secret@127.0.0.1:9/none',
        SMTP_URL: 'smtp://127.0.0.1:9',
      };
      const { code, out } = await aftercare(['doctor'], { ...env, AFTERCARE_PUBLIC_URL: 'http://127.0.0.1:9' });
      expect(code).toBe(1);
      expect(out).toMatch(/^- Database +127\.0\.0\.1:9\/none does not answer: .*; start it, or correct DATABASE_URL/m);
      expect(out).toMatch(/^\. Web/m);
      expect(out).toMatch(/Missing: .*Database, Mail server/);
      expect(out).not.toContain('secret');
    }));
});
