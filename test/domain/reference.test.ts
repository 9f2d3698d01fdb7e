import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { parse } from 'yaml';
import { playbookShape } from '../../domain/playbook.ts';
import {
  keyTables,
  playbookSchema,
  rulesSchema,
  surveySchema,
  surveyTables,
  withTables,
} from '../../domain/reference.ts';
import { rulesShape } from '../../domain/rules.ts';
import { surveyShape } from '../../domain/survey.ts';

/** What editors and the page on playbooks say of them, held against what is taken. */

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const ajv = new Ajv2020({ allowUnionTypes: true });
const editor = ajv.compile(playbookSchema());
const editorOfRules = ajv.compile(rulesSchema());
const editorOfSurveys = ajv.compile(surveySchema());
/** As we read YAML, and as editors do. */
const versions = ['1.1', '1.2'] as const;

describe('what is generated is up to date; if not: node scripts/docs.mjs', () => {
  it.each([
    ['playbooks/playbook.schema.json', playbookSchema],
    ['playbooks/rules.schema.json', rulesSchema],
    ['playbooks/survey.schema.json', surveySchema],
  ])('%s', (file, schema) => expect(JSON.parse(read(file))).toEqual(JSON.parse(JSON.stringify(schema()))));

  it.each([
    ['docs/playbooks.md', keyTables],
    ['docs/surveys.md', surveyTables],
  ])('%s', (page, tables) => expect(read(page)).toBe(withTables(read(page), tables())));
});

describe('an editor', () => {
  const files = readdirSync(new URL('../../playbooks', import.meta.url)).filter((file) => file.endsWith('.yaml'));

  it.each(files)('finds its schema in %s, and nothing wrong', (file) => {
    const source = read(`playbooks/${file}`);
    const kind = file === 'rules.yaml' ? 'rules' : 'playbook';
    expect(source.split('\n')[0]).toBe(`# yaml-language-server: $schema=./${kind}.schema.json`);
    const validate = kind === 'rules' ? editorOfRules : editor;
    for (const version of versions)
      expect([validate(parse(source, { version })), validate.errors]).toEqual([true, null]);
  });

  it.each([
    ['an unknown key', 'reminders: 2', 'remainders: 2'],
    ['a span that is none', 'wait: 1 hour', 'wait: one hour'],
    ['an unknown condition', 'when: promoter', 'when: fan'],
    ['a number out of range', 'attempts: 3', 'attempts: 30'],
    ['a threshold that is none', '5 orders', 'five orders'],
    ['no title', 'title: Standard follow-up', ''],
    ['two deeds', 'send: referral', 'send: referral\n    call: referral'],
    ['no deed', 'send: referral', ''],
    ['two things to count from', 'before: promise', 'before: promise\n    after: order'],
    ['nothing to count from', 'before: promise', ''],
    ['approval of a call', 'call: check-in', 'call: check-in\n    approval: yes'],
    ['a tip that no mail carries', 'call: check-in', 'call: check-in\n    carries: tip'],
    ['yes or no that is neither', 'owed: yes', 'owed: often'],
  ])('warns of what is refused: %s', (_, right, wrong) => {
    const source = read('playbooks/standard.yaml').replace(right, wrong);
    expect(source).not.toBe(read('playbooks/standard.yaml'));
    expect(playbookShape.safeParse(parse(source, { version: '1.1' })).success).toBe(false);
    for (const version of versions) expect(editor(parse(source, { version }))).toBe(false);
  });

  it('takes for a touch what we take, and nothing else', () => {
    const values: Record<string, unknown[]> = {
      name: ['a', 'A b'],
      after: ['order', 'broken promise', 'term end'],
      before: ['promise', 'term end', 'order'],
      wait: ['2 business days', '1 year', 'soon', 3],
      between: ['9:00-17:00', '08:00 - 24:00', '25:00-26:00'],
      when: ['paid', ['paid', 'top fifth'], 'fan', ['fan']],
      'on reaching': ['5 orders', '1000 EUR', '5 order'],
      send: ['tip', 'A tip'],
      call: ['check-in'],
      carries: ['tip', 'offer', 'nothing'],
      approval: [true, false, 'maybe'],
      gift: ['a cup', ''],
      attempts: [1, 9, 0, 1.5, '2'],
      'due within': ['same business day', '1 hour', 'today'],
    };
    const change = fc
      .constantFrom(...Object.keys(values))
      .chain((key) => fc.constantFrom(undefined, ...values[key]).map((value) => [key, value] as const));
    const taken = { yes: 0, no: 0 };
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), (changes) => {
        const touch: Record<string, unknown> = { name: 'a', after: 'order', send: 'tip' };
        for (const [key, value] of changes) {
          if (value === undefined) delete touch[key];
          else touch[key] = value;
        }
        const playbook = { name: 'x', title: 'X', touches: [touch] };
        const { success } = playbookShape.safeParse(playbook);
        taken[success ? 'yes' : 'no'] += 1;
        expect(editor(playbook)).toBe(success);
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(taken.yes, taken.no)).toBeGreaterThan(200);
  });

  it.each([
    ['nothing yet', '# nothing yet', true],
    [
      'all there is',
      'playbooks:\n  - use: retail\n    source: shop\n    country: [DE, AT]\n    total from: 49.90',
      true,
    ],
    ['an owner', 'owners:\n  - owner: sam\n    order: repeat', true],
    ['an owner and a team', 'owners:\n  - owner: sam\n    team: north', false],
    ['nobody', 'owners:\n  - country: DE', false],
    ['no playbook', 'playbooks:\n  - source: shop', false],
    ['an amount that is none', 'playbooks:\n  - use: retail\n    total from: much', false],
    ['an unknown key', 'playbooks:\n  - use: retail\n    from: 50', false],
  ])('takes of rules what we take: %s', (_, source, right) => {
    // We read them as text, an editor as values.
    expect(rulesShape.safeParse(parse(source, { schema: 'failsafe' }) ?? null).success).toBe(right);
    expect(editorOfRules(parse(source) ?? null)).toBe(right);
  });

  it.each(['nps', 'csat', 'unboxing'])('finds its schema in the survey %s, and nothing wrong', (name) => {
    const source = read(`playbooks/surveys/${name}.yaml`);
    expect(source.split('\n')[0]).toBe('# yaml-language-server: $schema=../survey.schema.json');
    expect([editorOfSurveys(parse(source)), editorOfSurveys.errors]).toEqual([true, null]);
  });

  it.each([
    ['an unknown key', 'ask: What', 'asks: What'],
    ['an unknown kind', 'kind: choice', 'kind: list'],
    ['a name that is none', 'name: state', 'name: The state'],
    ['a figure that is none', 'from: 1', 'from: one'],
    ['no title', 'title: How was the first hour with it?\n', ''],
  ])('warns of what is refused in a survey: %s', (_, right, wrong) => {
    const source = read('playbooks/surveys/unboxing.yaml').replace(right, wrong);
    expect(source).not.toBe(read('playbooks/surveys/unboxing.yaml'));
    expect(surveyShape.safeParse(parse(source, { schema: 'failsafe' })).success).toBe(false);
    expect(editorOfSurveys(parse(source))).toBe(false);
  });
});
