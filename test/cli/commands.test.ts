import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exampleOf, playbookInWords } from '../../cli/playbook.ts';
import { storyInWords } from '../../cli/story.ts';
import { addPlaybooks, readPlaybooks } from '../../store/playbooks.ts';
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
    withFiles({ 'wrong.yaml': ONE.replace('after: order', 'after: ordr') }, async (folder) => {
      const { code, err } = await aftercare(['playbook', 'check', join(folder, 'wrong.yaml')]);
      expect([code, err]).toEqual([1, expect.stringMatching(/^wrong\.yaml, line 5: .*Allowed: order, payment/)]);
    }));

  it('check goes through a folder, and through the rules beside the playbooks', () =>
    withFiles(
      {
        'standard.yaml': ONE.replace('one', 'standard'),
        'wrong.yaml': ONE.replace('after: order', 'after: ordr'),
        'rules.yaml': 'playbooks:\n  - use: standard\n',
      },
      async (folder) => {
        const { code, out, err } = await aftercare(['playbook', 'check', folder]);
        expect(code).toBe(1);
        expect(out).toMatch(/standard\.yaml is sound: playbook standard, 1 touches\.\n.*rules\.yaml is sound: 1 rules/);
        expect(err).toMatch(/^wrong\.yaml, line 5: .*Allowed: order, payment/);
      },
    ));

  it.each([['rules.yaml'], ['one.yaml'], ['']])('check of "%s" finds a rule for a playbook that is not there', (file) =>
    withFiles(
      { 'standard.yaml': ONE.replace('one', 'standard'), 'one.yaml': ONE, 'rules.yaml': RULES },
      async (folder) => {
        const { code, err } = await aftercare(['playbook', 'check', join(folder, file)]);
        expect([code, err]).toEqual([1, 'rules.yaml, line 2: there is no playbook "none". Allowed: one, standard.\n']);
      },
    ),
  );

  it('check goes through the surveys beside the playbooks, and holds those to them', () =>
    withFiles(
      {
        'standard.yaml': ONE.replace('one', 'standard').replace(/send: .*/, 'ask: mood'),
        'surveys/nps.yaml': readFileSync('playbooks/surveys/nps.yaml'),
        'surveys/nps.nl.yaml': 'title: Hoe was het?\nquestions: {}\n',
      },
      async (folder) => {
        const said = async () => (await aftercare(['playbook', 'check', folder])).err;
        expect(await said()).toContain('nps.nl.yaml, line 2: "nps" is missing. Allowed: all of nps, ten.');
        rmSync(join(folder, 'surveys/nps.nl.yaml'));
        expect(await said()).toMatch(/^standard\.yaml, line \d+: there is no survey "mood"\. Allowed: nps\.\n$/);
        writeFileSync(join(folder, 'surveys/nps.yaml'), 'name: nps\ntitle: How?\nquestions: []\n');
        expect(await said()).toMatch(/^nps\.yaml, line 3: questions is empty\. Allowed: one question or more\.\n/);
        rmSync(join(folder, 'surveys/nps.yaml'));
        expect(await said()).toContain('there is no survey named "nps"');
      },
    ));

  it('check misses the standard in a folder, and the folder itself', () =>
    withFiles({ 'one.yaml': ONE }, async (folder) => {
      const { code, err } = await aftercare(['playbook', 'check', folder]);
      expect([code, err]).toEqual([1, expect.stringContaining('there is no playbook named "standard"')]);
      expect((await aftercare(['playbook', 'check', join(folder, 'none')])).err).toContain('cannot be read');
    }));

  it('show tells it day by day, by the answer, and what answers to something', () => {
    const { playbook } = readPlaybooks('playbooks').find((one) => one.playbook.name === 'standard')!;
    const shown = playbookInWords(playbook, exampleOf(playbook, Date.parse('2026-11-04T12:00:00Z')));
    const days = shown.split('\n').filter((line) => /^ {2}day .*\d-\d/.test(line) && !line.includes('*'));
    const first = days.map((line) => line.trim().split(/ +/).slice(0, 3).join(' '));
    expect(first).toEqual(
      expect.arrayContaining(['day 0 thank-you', 'day 8 check-in', 'day 15 survey', 'day 30 up-sell']),
    );
    expect(shown).toContain('ordered and paid on Mon 2026-11-02');
    expect(shown).toMatch(/day 5 +Sat 2026-11-07 +\* Delivered/);
    expect(shown).toMatch(/Detractor: 0 to 6: +recovery on day 16, no up-sell/);
    expect(shown).toMatch(/When it happens:\n.*apology/);
    expect(shown).toContain('every 60 days until the next order');
  });

  it('show draws it', () =>
    withFiles({ 'one.yaml': ONE }, async (folder) => {
      const picture = join(folder, 'one.svg');
      const { code, out } = await aftercare(['playbook', 'show', join(folder, 'one.yaml'), '--picture', picture]);
      expect([code, out]).toEqual([0, expect.stringContaining(`The picture is in ${picture}.`)]);
      expect(readFileSync(picture, 'utf8')).toMatch(/^<svg xmlns.*Thanks, day 0/s);
      const nowhere = await aftercare([
        'playbook',
        'show',
        join(folder, 'one.yaml'),
        '--picture',
        join(folder, 'a', 'b'),
      ]);
      expect([nowhere.code, nowhere.err]).toEqual([1, expect.stringMatching(/cannot be written: .*ENOENT/)]);
    }));

  it('move tells what would change, does it when it is told to, and has nothing left to do', async () => {
    await api.order({ number: 'A/2' });
    const before = api.web.shelf;
    const later = readFileSync('playbooks/standard.yaml', 'utf8').replace(/wait: 10 days/, 'wait: 12 days');
    try {
      await withFiles({ 'standard.yaml': later }, async (folder) => {
        api.web.shelf = await addPlaybooks(api.store, folder, api.clock.now);
      });
      const { hash } = api.web.shelf.current.get('standard')!;
      const preview = await asking('playbook', 'move', 'standard', '--orders', 'shop/A/2,shop/none');
      expect(preview.code).toBe(0);
      expect(preview.out).toMatch(/^shop\/none does not move: there is no such order\.\nshop\/A\/2, version /);
      expect(preview.out).toMatch(/rescheduled +survey +\w{3} 2026-11-17 .* -> \w{3} 2026-11-19/);
      expect(preview.out).toContain('1 on another day; 0 of them are due at once.\nNothing was moved. Add --yes');
      const told = async () => (await api.ask('GET', '/v1/orders/shop/A%2F2')).text;
      expect(await told()).not.toContain('"moved"');
      const moved = await asking('playbook', 'move', 'standard', '--orders', 'shop/A/2', '--yes');
      expect(moved.out).toContain(`All of them run by version ${hash} of standard now.`);
      expect(await told()).toContain('"moved"');
      expect((await asking('playbook', 'move', 'standard', '--all', '--yes')).out).toMatch(/^shop\/A\/1, version/);
      expect((await asking('playbook', 'move', 'standard', '--all')).out).toMatch(/^0 follow-ups/);
    } finally {
      api.web.shelf = before;
    }
  });

  it.each([
    [['standard'], 2, 'say which: --orders shop/1,shop/2 or --all'],
    [['standard', '--all', '--orders', 'shop/1'], 2, 'cannot be used with'],
    [['none', '--all'], 1, 'there is no playbook of this name'],
    [['standard', '--all', '--to', 'ffff'], 1, 'to is "ffff", which there is not; allowed: current'],
  ])('move %j is a %d', async (words, code, says) =>
    expect(await asking('playbook', 'move', ...words)).toMatchObject({ code, err: expect.stringContaining(says) }),
  );
});

const ONE = 'name: one\ntitle: One\ntouches:\n  - name: thanks\n    after: order\n    send: thank-you\n';
const RULES = 'playbooks:\n  - use: none\n';

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
