import { z } from 'zod';
import { readCountry } from './address.ts';
import { readCurrency } from './money.ts';
import { checked, type Read } from './reading.ts';
import { readYaml } from './yaml.ts';

/** What the rules ask of an order. */
export interface OrderFacts {
  source: string;
  /** The categories of its lines, as they were sent. */
  categories: string[];
  /** A canonical decimal, in the order's currency. */
  total: string;
  /** ISO 4217. */
  currency: string;
  /** The customer's: ISO 3166-1, two letters. */
  country: string | null;
  /** Whether the customer has ordered before. */
  repeat: boolean;
}

// The titles say what a key takes: editors show them, and so does docs/playbooks.md.
const word = (what: string, most: number) => {
  const error = `is not a ${what}; allowed: 1 to ${most} small letters, digits and hyphens`;
  return z
    .string({ error })
    .regex(new RegExp(`^[a-z0-9-]{1,${most}}$`), { error })
    .meta({ title: `a ${what}` });
};
const some = <T extends z.ZodType>(one: T, allowed: string) => {
  const error = `is not understood; allowed: ${allowed}, or a list of such`;
  return z.union([one, z.array(one).min(1, { error })], { error }).optional();
};
/** What `total from` and `total under` take. */
export const AMOUNT = 'an amount';
const amountError = 'is not an amount; allowed: zero or more, as 49.90';
const amount = () =>
  z
    .string({ error: amountError })
    .regex(/^\d{1,12}(\.\d{1,4})?$/, { error: amountError })
    .meta({ title: AMOUNT })
    .optional();

/** What must be true of an order for a rule to fit; all that is named must be, and of a list one. */
const conditions = {
  source: some(word('sales system', 40), 'the name of a sales system').describe('Where the order comes from.'),
  category: some(z.string().min(1).max(100).meta({ title: 'a category' }), 'a category in words').describe(
    'That of any line, in small or capital letters.',
  ),
  country: some(
    checked(z.string(), readCountry).meta({ title: 'a country' }),
    'a code of ISO 3166-1 such as DE',
  ).describe("The customer's, by its code of ISO 3166-1, as `DE`."),
  'total from': amount().describe("In the order's currency; this or more."),
  'total under': amount().describe("In the order's currency; less than this."),
  currency: checked(z.string({ error: 'is not a currency; allowed: a code of ISO 4217 such as EUR' }), readCurrency)
    .meta({ title: 'a currency' })
    .optional()
    .describe("The order's, by its code of ISO 4217, as `EUR`."),
  order: z
    .enum(['first', 'repeat'], { error: 'is unknown; allowed: first, repeat' })
    .optional()
    .describe("Whether it is the customer's first order."),
};
type Conditional = z.output<z.ZodObject<typeof conditions>>;

const ownerShape = z
  .strictObject({
    owner: word('handle', 60).optional().describe('The colleague who owns the order.'),
    team: word('team', 60).optional().describe('The team whose member with the least open work owns it.'),
    ...conditions,
  })
  .superRefine(({ owner, team }, issue) => {
    if ((owner === undefined) === (team === undefined))
      issue.addIssue({ code: 'custom', message: 'must name who owns the order; allowed: exactly one of owner, team' });
  })
  // The same for editors, which cannot run our checks.
  .meta({ oneOf: [{ required: ['owner'] }, { required: ['team'] }] });

const list = { error: 'is not a list; allowed: rules, each beginning with "-"' };

/** The rules as they stand in their YAML file; a file of comments only is null. */
export const rulesShape = z
  .strictObject({
    playbooks: z
      .array(
        z.strictObject({
          use: word('playbook', 40).describe('Which playbook the order follows, by its name.'),
          ...conditions,
        }),
        list,
      )
      .optional()
      .describe('Which playbook an order follows that names none: the first rule that fits.'),
    owners: z
      .array(ownerShape, list)
      .optional()
      .describe('Who owns an order without a salesperson we know, from a customer nobody owned before.'),
  })
  .nullable();

interface Conditions {
  sources: string[];
  /** In small letters. */
  categories: string[];
  /** In capitals. */
  countries: string[];
  from: number;
  under: number;
  currency: string | null;
  repeat: boolean | null;
}

/** Who owns an order: a colleague by handle, or whoever of a team has the least open work. */
export type Assignee = { owner: string } | { team: string };

/** How an order finds its playbook and its owner where nobody says; the first rule that fits decides. */
export interface Rules {
  playbooks: { when: Conditions; use: string }[];
  owners: { when: Conditions; whose: Assignee }[];
}

/**
 * Reads `rules.yaml`; a mistake is a Problem naming file, line, what is wrong and what is allowed. Where the names of
 * the playbooks are given, it may use no others.
 */
export function readRules(source: string, file: string, playbooks?: string[]): Rules {
  // As text, or NO would be no country but "no".
  const reading = { code: 'playbook-wrong', page: 'docs/playbooks.md', plain: 'text' } as const;
  const { data, wrong } = readYaml(source, file, rulesShape, reading);
  for (const [at, { use }] of (data?.playbooks ?? []).entries())
    if (playbooks && !playbooks.includes(use))
      throw wrong(['playbooks', at, 'use'], `there is no playbook "${use}"`, playbooks.join(', '));
  return {
    playbooks: (data?.playbooks ?? []).map((rule) => ({ when: compile(rule), use: rule.use })),
    owners: (data?.owners ?? []).map((rule) => ({
      when: compile(rule),
      whose: rule.owner === undefined ? { team: rule.team! } : { owner: rule.owner },
    })),
  };
}

/** The name of the playbook for an order that names none; null where no rule fits. */
export const playbookFor = (rules: Rules, facts: OrderFacts): string | null =>
  rules.playbooks.find(({ when }) => fits(when, facts))?.use ?? null;

/** Who owns an order that nothing else gives an owner; null where no rule fits. */
export const ownerFor = (rules: Rules, facts: OrderFacts): Assignee | null =>
  rules.owners.find(({ when }) => fits(when, facts))?.whose ?? null;

function fits(when: Conditions, { source, categories, total, currency, country, repeat }: OrderFacts): boolean {
  const among = (allowed: string[], given: string[]) =>
    allowed.length === 0 || given.some((one) => allowed.includes(one));
  // A number tells totals apart up to 15 digits.
  const amount = Number(total);
  return (
    among(when.sources, [source]) &&
    among(when.categories, categories.map(lower)) &&
    among(when.countries, country === null ? [] : [country.toUpperCase()]) &&
    amount >= when.from &&
    amount < when.under &&
    (when.currency === null || when.currency === currency) &&
    (when.repeat === null || when.repeat === repeat)
  );
}

function compile(rule: Conditional): Conditions {
  const all = <T>(given: T | T[] | undefined) => (given === undefined ? [] : ([given].flat() as T[]));
  return {
    sources: all(rule.source),
    categories: all(rule.category).map(lower),
    countries: all(rule.country).map((code) => known(readCountry(code))),
    from: Number(rule['total from'] ?? 0),
    under: Number(rule['total under'] ?? Number.POSITIVE_INFINITY),
    currency: rule.currency === undefined ? null : known(readCurrency(rule.currency)),
    repeat: rule.order === undefined ? null : rule.order === 'repeat',
  };
}

const lower = (text: string) => text.normalize().trim().toLowerCase();

/** The value of what its schema has let through. */
const known = (read: Read<string>) => ('value' in read ? read.value : '');
