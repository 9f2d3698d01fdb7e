import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { catalogue, type Problem } from '../../domain/errors.ts';
import { FOLLOW_UP_OUTCOMES, STAGES, STORY } from '../../domain/followUp.ts';
import { EVENT_TYPES } from '../../domain/messages.ts';
import { playbookShape, readPlaybook } from '../../domain/playbook.ts';
import { OUTCOMES, OUTCOMES_OF } from '../../domain/task.ts';
import { LEDGER_STATES } from '../../store/schema.ts';
import { reasonInWords, whyInWords } from '../../web/ui/words.ts';
import { readEnvironment } from '../../worker/environment.ts';
import { searchAttributes } from '../../workflows/messages.ts';
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
    const rules = read('domain/decide.ts') + read('activities/trouble.ts') + read('activities/sendMail.ts');
    const known = new Set([0, 1].flatMap((nth) => column(table('Why a contact was not made', nth))));
    const given = [...rules.matchAll(/'((?:not?|too)-[a-z-]+|exchanged|unreached|arrived)'/g)].map(([, why]) => why);
    expect(given.filter((why) => !known.has(why))).toEqual([]);
  });

  it('names the states of the ledger', () => expect(column(table("The ledger's states"))).toEqual([...LEDGER_STATES]));
});

describe('playbooks.md', () => {
  const shape = z.toJSONSchema(playbookShape) as unknown as Shape;
  const touches = shape.properties.touches.items!;
  const keepInTouch = shape.properties['keep in touch'];
  const parts: [string, Shape][] = [
    ['Of the playbook', shape],
    ['Of a touch', touches],
    ['Of keeping in touch', keepInTouch],
  ];

  it.each(parts)('%s: every key, what it takes and what it says', (heading, part) => {
    const documented = tableUnder('docs/playbooks.md', heading);
    const known = Object.entries(part.properties).map(([key, value], at) => [
      part.required?.includes(key) ? `${key} *` : key,
      takes(value),
      // Some are clear from their name and not described in the schema; then the page says it alone.
      value.description ?? documented[at]?.[2],
    ]);
    expect(documented).toEqual(known);
  });

  it('shows a playbook that is sound, and a mistake as it is reported', () => {
    const [sound, wrong] = blocks('docs/playbooks.md').filter(({ language }) => language === 'yaml');
    expect(readPlaybook(sound.text, 'sound.yaml').touches).toHaveLength(5);
    const [shown] = blocks('docs/playbooks.md').filter(({ language }) => language === 'text');
    expect(() => readPlaybook(wrong.text, 'boiler-service.yaml')).toThrow(shown.text.trim());
  });
});

interface Shape {
  type?: string;
  properties: Record<string, Shape>;
  required?: string[];
  items?: Shape;
  anyOf?: Shape[];
  enum?: string[];
  description?: string;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  maxLength?: number;
}

/** What a key of a playbook takes, in the words of the page. */
function takes(value: Shape): string {
  const one = value.anyOf?.[0] ?? value;
  if (one.enum) return (value.anyOf ? 'one or a list of ' : '') + one.enum.join(' ');
  if (value.type === 'integer') return `${value.minimum} to ${value.maximum}`;
  if (value.type === 'boolean') return 'yes or no';
  if (value.type === 'array') return 'a list of touches';
  if (value.type === 'object') return 'its keys, below';
  if (value.pattern) return 'a name';
  return value.maxLength ? `up to ${value.maxLength} characters` : 'a length of time';
}

describe('operating.md', () => {
  const documented = tableUnder('docs/operating.md', 'Environment variables');

  it('names exactly the variables that are read', () => {
    const known = read('worker/environment.ts').match(/\b(AFTERCARE|TEMPORAL)_[A-Z_]+\b|\b(DATABASE|SMTP)_URL\b/g);
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
