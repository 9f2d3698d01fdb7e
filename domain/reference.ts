import { z } from 'zod';
import { playbookShape } from './playbook.ts';
import { AMOUNT, rulesShape } from './rules.ts';
import { FIGURE, surveyShape } from './survey.ts';

/** What editors and the docs say of playbooks, rules and surveys: made from their shapes by scripts/docs.mjs. */

/** JSON Schema (draft 2020-12), as far as it is used here. */
export interface Schema {
  title?: string;
  description?: string;
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  [keyword: string]: unknown;
}

/** The JSON Schema of a playbook, for editors. */
export const playbookSchema = (): Schema => schemaOf(playbookShape);

/** The JSON Schema of rules.yaml, for editors. */
export const rulesSchema = (): Schema => schemaOf(rulesShape);

/** The JSON Schema of a survey, for editors. */
export const surveySchema = (): Schema => schemaOf(surveyShape);

const YES_OR_NO: (string | boolean)[] = ['yes', 'no', true, false];

function schemaOf(shape: z.ZodType): Schema {
  return z.toJSONSchema(shape, {
    io: 'input',
    override: ({ jsonSchema }) => {
      // YAML 1.1 knows yes and no, as we do; to most editors, which know 1.2, they are texts.
      if (jsonSchema.type === 'boolean') {
        delete jsonSchema.type;
        jsonSchema.enum = YES_OR_NO;
      }
      // We read the text of an amount; an editor takes 49.90 for a number.
      if (jsonSchema.title === AMOUNT) Object.assign(jsonSchema, { type: ['string', 'number'], minimum: 0 });
      if (jsonSchema.title === FIGURE) Object.assign(jsonSchema, { type: ['string', 'integer'], minimum: 0 });
    },
  }) as Schema;
}

/** The tables of keys in docs/playbooks.md, by the name of the place they have there. */
export function keyTables(): Record<string, string> {
  const playbook = playbookSchema();
  const touch = playbook.properties!.touches.items!;
  const complaints = playbook.properties!.complaints;
  const [rules] = rulesSchema().anyOf!;
  const [choice, owner] = ['playbooks', 'owners'].map((list) => rules.properties![list].items!);
  const conditions = Object.keys(choice.properties!).filter((key) => key in owner.properties!);
  return {
    'keys of a playbook': tableOf(playbook),
    'keys of a touch': tableOf(touch),
    'keys of keep in touch': tableOf(playbook.properties!['keep in touch']),
    'keys of complaints': tableOf(complaints),
    'keys of a remedy': tableOf(complaints.properties!.remedies.items!),
    'keys of a rule': tableOf({
      ...choice,
      properties: Object.fromEntries(
        Object.entries({ ...choice.properties, ...owner.properties }).sort(
          ([a], [b]) => Number(conditions.includes(a)) - Number(conditions.includes(b)),
        ),
      ),
      required: [],
    }),
  };
}

/** The tables of keys in docs/surveys.md. */
export function surveyTables(): Record<string, string> {
  const survey = surveySchema();
  return { 'keys of a survey': tableOf(survey), 'keys of a question': tableOf(survey.properties!.questions.items!) };
}

/** The page with every table as it is to be; each stands between `<!-- its name -->` and `<!-- end -->`. */
export function withTables(page: string, tables = keyTables()): string {
  return Object.entries(tables).reduce((text, [name, table]) => {
    const [start, end] = [`<!-- ${name} -->\n`, '<!-- end -->'];
    const from = text.indexOf(start);
    const to = text.indexOf(end, from);
    if (from < 0 || to < 0) throw new Error(`the page has no place "${name}"`);
    return `${text.slice(0, from + start.length)}\n${table}\n${text.slice(to)}`;
  }, page);
}

const tableOf = ({ properties, required = [] }: Schema) =>
  [
    '| key | takes | what it says |',
    '|---|---|---|',
    ...Object.entries(properties!).map(
      ([key, value]) =>
        `| \`${key}\`${required.includes(key) ? ' *' : ''} | ${takes(value)} | ${value.description ?? ''} |`,
    ),
    '',
  ].join('\n');

/** What a key takes, in words. */
function takes({ title, const: only, enum: values, anyOf: [one, other] = [] }: Schema): string {
  if (title) return title;
  if (!one)
    return [values ?? only]
      .flat()
      .map((value) => `\`${value}\``)
      .join(' ');
  if (!other.items) return `${takes(one)}, or ${takes(other)}`;
  return one.enum ? `one or a list of ${takes(one)}` : `${takes(one)}, or a list`;
}
