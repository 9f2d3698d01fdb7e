import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { catalogue, type Problem } from '../../domain/errors.ts';
import { FOLLOW_UP_OUTCOMES, STAGES, STORY } from '../../domain/followUp.ts';
import { EVENT_TYPES } from '../../domain/messages.ts';
import { ANCHORS, CONDITIONS, ENDS, readPlaybook } from '../../domain/playbook.ts';
import { BURST, LEAD_DAYS, REFUSALS } from '../../domain/referral.ts';
import { RETURN_ENDS, SEND_WITHIN } from '../../domain/returns.ts';
import { readRules } from '../../domain/rules.ts';
import { OUTCOMES, OUTCOMES_OF } from '../../domain/task.ts';
import { readPlaybooks } from '../../store/playbooks.ts';
import { LEDGER_STATES } from '../../store/schema.ts';
import { reasonInWords, sentence, whyInWords } from '../../web/ui/words.ts';
import { readEnvironment } from '../../worker/environment.ts';
import { searchAttributes } from '../../workflows/messages.ts';
import { Account } from '../support/account.ts';
import { anchors, blocks, exists, links, pages, read, root, tableUnder } from './markdown.ts';

/** What the documents say, held against what the code does: neither changes without the other. */

const column = (rows: string[][], at = 0) => rows.map((cells) => cells[at]);

describe('errors.md', () => {
  it('lists the catalogue, word for word', () => {
    const documented = tableUnder('docs/errors.md', 'The catalogue');
    const known = Object.entries(catalogue).map(([code, { sentence, remedy }]) => [code, sentence, remedy]);
    expect(documented).toEqual(known);
  });
});

describe('concepts.md', () => {
  const table = (heading: string, nth = 0) => tableUnder('docs/concepts.md', heading, nth);

  it('names every stage', () => expect(column(table('Stages'))).toEqual([...STAGES]));

  it('names every outcome of a follow-up', () =>
    expect(column(table('Outcomes of a follow-up'))).toEqual([...FOLLOW_UP_OUTCOMES]));

  it('has the words of a story, and what they mean', () =>
    expect(table('What a story says')).toEqual(Object.entries(STORY).map((row) => [...row])));

  it('names everything that can be reported', () =>
    expect(column(table('What can be reported'))).toEqual([...EVENT_TYPES]));

  it('says which outcomes fit which kind of task', () => {
    const kinds = table('Tasks').map(([kind, , outcomes]) => [kind, outcomes.split(' ')]);
    expect(kinds).toEqual(Object.entries(OUTCOMES_OF));
  });

  it('has the outcomes of tasks, with the words on their buttons', () =>
    expect(table('Tasks', 1).map(([outcome, button]) => [outcome, button])).toEqual(Object.entries(OUTCOMES)));

  it('gives reasons of tasks in the words of the desk', () => {
    for (const [reason, words] of table('Tasks', 2)) expect([reason, words]).toEqual([reason, reasonInWords(reason)]);
  });

  it.each([0, 1])('gives reasons why not in the words of the desk (table %d)', (nth) => {
    for (const [why, words] of table('Why a contact was not made', nth))
      expect([why, words]).toEqual([why, whyInWords(why)]);
  });

  it('knows every reason the rules give', () => {
    const givers = [
      'domain/decide.ts',
      'domain/anchors.ts',
      'domain/against.ts',
      'domain/plan.ts',
      'domain/policy.ts',
      'activities/trouble.ts',
      'activities/sendMail.ts',
    ];
    const rules = givers.map(read).join('');
    const known = new Set([0, 1].flatMap((nth) => column(table('Why a contact was not made', nth))));
    const given = [
      ...rules.matchAll(/'((?:not?|too|nothing|asked|something)-[a-z-]+|[a-z]+-paused|exchanged|unreached|arrived)'/g),
    ].map(([, why]) => why);
    expect(given.filter((why) => !known.has(why))).toEqual([]);
  });

  it('names the states of the ledger', () => expect(column(table("The ledger's states"))).toEqual([...LEDGER_STATES]));
});

describe('playbooks.md', () => {
  const page = 'docs/playbooks.md';
  const examples = blocks(page).flatMap(({ language, text }) => (language === 'yaml' ? [text] : []));
  const [example] = examples;
  const [shown] = blocks(page).filter(({ language }) => language === 'text');
  const story = (text: string, until: number) => new Account(readPlaybook(text, 'x.yaml')).until(until).story;

  // What a key takes and says is held to account in test/domain/reference.test.ts.
  it('names all that a touch can count from, and every condition', () => {
    expect(column(tableUnder(page, 'From which day')).sort()).toEqual([...new Set([...ANCHORS, ...ENDS])].sort());
    expect(column(tableUnder(page, 'If'))).toEqual([...CONDITIONS]);
  });

  it('lists the playbooks that come with Aftercare', () =>
    expect(
      column(tableUnder(page, 'Playbooks'))
        .map((name) => name.replace(/^\[(.*)\]\(\.\.\/playbooks\/\1\.yaml\)$/, '$1'))
        .sort(),
    ).toEqual(
      readPlaybooks(join(root, 'playbooks'))
        .map(({ playbook }) => playbook.name)
        .sort(),
    ));

  it.each(examples.map((text) => [text.trim().split('\n')[0], text]))('shows what can be read: %s', (_, text) => {
    if (/^(playbooks|owners):/.test(text)) readRules(text, 'rules.yaml');
    else if (text.includes('two hours'))
      expect(() => readPlaybook(text, 'boiler-service.yaml')).toThrow(shown.text.trim());
    else readPlaybook(text.startsWith('-') ? `name: x\ntitle: X\ntouches:\n${text}` : text, 'x.yaml');
  });

  it('says on which days the contacts of the first example come', () => {
    const happened = story(example, 300);
    for (const [touch, when] of tableUnder(page, 'Reading one')) {
      const [, weekday, day] = /^(...)[a-z]*, (day \d+)$/.exec(when)!;
      const { what } = readPlaybook(example, 'x.yaml').touches.find(({ name }) => name === touch)!;
      expect(happened).toContainEqual(expect.stringMatching(`^${day} ${weekday}: (mail|survey|call) ${what}`));
    }
  });

  it('says how keeping in touch grows rarer and ends', () => {
    const quiet = examples.find((text) => text.includes('name: quiet'))!;
    const [, days, last] = /of this on the days ([\d, and]+), and from day (\d+) on nothing more/.exec(read(page))!;
    const told = story(quiet, 800).filter((line) => /keep-in-touch|dormant/.test(line));
    const happened = told.map((line) => line.replace(/ ...: (mail )?/, ' '));
    expect(happened).toEqual([...days.match(/\d+/g)!.map((day) => `day ${day} keep-in-touch`), `day ${last} dormant`]);
  });

  it('names the reasons that have words and hints of their own', () => {
    const [, listed] = /have words and hints of their own on the desk: ([^.]*)\./.exec(read(page))!;
    const reasons = [...listed.matchAll(/`([a-z-]+)`/g)].map(([, reason]) => reason);
    expect(reasons.filter((reason) => reasonInWords(reason) === sentence(reason))).toEqual([]);
    const script = read('web/desk/script.ts');
    expect(reasons.filter((reason) => !script.includes(`case '${reason}':`))).toEqual([]);
  });
});

describe('referrals.md', () => {
  const page = 'docs/referrals.md';

  it('gives every reason why nobody is thanked, in the words of the desk', () =>
    expect(tableUnder(page, 'Who counts')).toEqual(REFUSALS.map((why) => [why, whyInWords(why)])));

  it('says what comes of every end of a return', () =>
    expect(column(tableUnder(page, 'When something comes back'))).toEqual([...RETURN_ENDS]));

  it('says how many are too many, and how long an address is kept', () => {
    expect([BURST.most + 1, BURST.days, SEND_WITHIN]).toEqual([6, 7, { amount: 14, unit: 'days' }]);
    expect(read(page)).toContain(`kept for ${LEAD_DAYS} days`);
  });
});

describe('operating.md', () => {
  const documented = tableUnder('docs/operating.md', 'Environment variables');

  it('names exactly the variables that are read', () => {
    const known = read('worker/environment.ts').match(/\b(AFTERCARE|TEMPORAL)_[A-Z_]+\b|\b(DATABASE|SMTP|IMAP)_URL\b/g);
    expect(column(documented).sort()).toEqual([...new Set(known)].sort());
  });

  it.each(documented)('%s: what is allowed', (name, _unset, allowed) => {
    const wrong = ['!', '\u0000', 'ftp://example.com'].flatMap((value) => {
      try {
        readEnvironment({ [name]: value });
        return [];
      } catch (error) {
        return [(error as Problem).remedy];
      }
    });
    for (const remedy of wrong) expect(remedy).toBe(`Allowed: ${allowed}.`);
  });

  it('says what holds where nothing is set', () => {
    const unset = Object.fromEntries(documented.map(([name, standard]) => [name, standard]));
    const { port, host, daySeconds, temporalPort, temporalUiPort } = readEnvironment({});
    expect([port, host, daySeconds, temporalPort, temporalUiPort].map(String)).toEqual(
      ['PORT', 'HOST', 'DAY_SECONDS', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT'].map((name) => unset[`AFTERCARE_${name}`]),
    );
  });

  it('lists the search attributes to be added by hand', () => {
    const types = { KEYWORD: 'Keyword', DATETIME: 'Datetime', INT: 'Int' } as Record<string, string>;
    const known = Object.values(searchAttributes).map(({ name, type }) => [name, types[type]]);
    expect(tableUnder('docs/operating.md', 'Temporal Cloud').map((row) => row.slice(0, 2))).toEqual(known);
  });
});

describe('architecture.md', () => {
  it('shows code as it stands', () => {
    for (const { text } of blocks('docs/architecture.md').filter(({ language }) => language === 'ts')) {
      const [first, ...code] = text.split('\n');
      expect(read(first.replace('// ', ''))).toContain(code.join('\n').trim());
    }
  });

  it('leaves no folder with rules of its own out, and the README none at all', () => {
    const rows = (page: string, heading: string) =>
      column(tableUnder(page, heading)).flatMap((cell) => cell.split(/, ?/));
    const here = readdirSync(root, { withFileTypes: true }).filter((one) => one.isDirectory() && isOurs(one.name));
    const shown = rows('README.md', 'Where things live');
    expect(here.map(({ name }) => `${name}/`).filter((folder) => !shown.includes(folder))).toEqual([]);
    const { include } = JSON.parse(read('tsconfig.json'));
    const ruled = rows('docs/architecture.md', 'The folders, and who may import whom');
    expect(ruled.sort()).toEqual(
      include
        .filter((name: string) => !['test', 'bench'].includes(name))
        .map((name: string) => `${name}/`)
        .sort(),
    );
  });
});

const isOurs = (name: string) => !/^(\.|node_modules$|dist$|coverage$)/.test(name) && !isEmpty(name);
const isEmpty = (name: string) => readdirSync(join(root, name)).length === 0;

describe.each(pages())('%s', (page) => {
  it('points at what exists', () => {
    const broken = links(page).filter((target) => {
      if (/^[a-z]+:/.test(target)) return false;
      const [file, anchor] = target.split('#');
      const path = file ? relative(root, join(root, dirname(page), file)).replaceAll('\\', '/') : page;
      return !exists(path) || (anchor && !anchors(path).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  it('names variables that are read, commands that are there, and no folder of the machine it was written on', () => {
    const text = read(page);
    const known = read('worker/environment.ts');
    const variables = text.match(/\bAFTERCARE_[A-Z_]+\b/g) ?? [];
    expect(variables.filter((name) => !known.includes(`${name}`))).toEqual([]);

    const { scripts } = JSON.parse(read('package.json'));
    const runs = [...text.matchAll(/npm run ([a-z:-]+)/g)].map(([, name]) => name);
    expect(runs.filter((name) => !(name in scripts))).toEqual([]);

    const commands = [...text.matchAll(/npx aftercare ([a-z]+)/g)].map(([, name]) => name);
    expect(commands.filter((name) => !read('cli/main.ts').includes(`.command('${name}')`))).toEqual([]);

    expect(text).not.toMatch(/\/(work|root|home|tmp|Users)\//);
  });
});

it('every decision is short, and says what was decided, why, and what follows', () => {
  const decisions = pages().filter((page) => page.startsWith('docs/decisions/'));
  expect(decisions.length).toBeGreaterThan(5);
  for (const page of decisions) {
    expect(page).toMatch(/\/\d{4}-[a-z0-9-]+\.md$/);
    expect(read(page).match(/^## .*$/gm)).toEqual(['## Context', '## Decision', '## Consequences']);
  }
});
