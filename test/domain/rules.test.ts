import { describe, expect, it } from '@jest/globals';
import { type OrderFacts, ownerFor, playbookFor, readRules } from '../../domain/rules.ts';

const source = `# Which playbook an order follows that names none: the first rule that fits.
playbooks:
  - use: service
    category: [machines, heating]
  - use: retail
    source: [shop]
    country: [de, AT, NO]
    total from: 50
    total under: 199.90
    currency: EUR
    order: repeat
  - use: little
    total under: 50
owners:
  - owner: sam-lee
    country: UK
  - team: north
    category: Machines
`;
const rules = readRules(source, 'rules.yaml');
const order: OrderFacts = {
  source: 'shop',
  categories: ['Kitchen'],
  total: '120.00',
  currency: 'EUR',
  country: 'DE',
  repeat: true,
};
const playbook = (facts: Partial<OrderFacts>) => playbookFor(rules, { ...order, ...facts });
const owner = (facts: Partial<OrderFacts>) => ownerFor(rules, { ...order, ...facts });

describe('the first rule that fits', () => {
  it.each<[string, Partial<OrderFacts>, string | null]>([
    ['all of it', {}, 'retail'],
    ['one line of a category, small or capital', { categories: ['Kitchen', ' MACHINES'] }, 'service'],
    ['no line at all', { categories: [] }, 'retail'],
    ['another source', { source: 'erp' }, null],
    ['another country', { country: 'FR' }, null],
    ['Norway, which some YAML takes for no', { country: 'NO' }, 'retail'],
    ['no country', { country: null }, null],
    ['a first order', { repeat: false }, null],
    ['another currency', { currency: 'CHF' }, null],
    ['just enough', { total: '50.00' }, 'retail'],
    ['just too much', { total: '199.90' }, null],
    ['a cent less', { total: '199.89' }, 'retail'],
    ['too little', { total: '49.99' }, 'little'],
  ])('says the playbook: %s', (_, facts, wanted) => expect(playbook(facts)).toBe(wanted));

  it('says the owner', () => {
    expect(owner({ country: 'GB', categories: ['machines'] })).toEqual({ owner: 'sam-lee' });
    expect(owner({ categories: ['machines'] })).toEqual({ team: 'north' });
    expect(owner({})).toBeNull();
  });

  it('is any where it names no condition, and none where there are no rules', () => {
    expect(playbookFor(readRules('playbooks:\n  - use: retail\n', 'rules.yaml'), order)).toBe('retail');
    for (const empty of ['', '# nothing yet\n', '{}']) {
      expect(playbookFor(readRules(empty, 'rules.yaml'), order)).toBeNull();
      expect(ownerFor(readRules(empty, 'rules.yaml'), order)).toBeNull();
    }
  });
});

describe('a mistake is told by file, line, what is wrong and what is allowed', () => {
  it.each([
    [
      'an unknown key',
      'total from: 50',
      'total above: 50',
      '"total above" is not known here',
      'total from, total under',
    ],
    ['an unknown key beside the lists', 'owners:', 'owner:', '"owner" is not known here', 'playbooks, owners'],
    ['no country', '[de, AT, NO]', '[de, XX]', 'is not a country', 'ISO 3166-1'],
    ['no country alone', 'country: UK', 'country: XX', 'is not a country', 'ISO 3166-1'],
    ['an empty list', '[shop]', '[]', 'playbooks.1.source is not understood', 'or a list of such'],
    ['a list in a list', '[machines, heating]', '[[machines]]', 'is not understood', 'a category in words'],
    ['no sales system', '[shop]', 'The Shop', 'is not a sales system', 'small letters'],
    ['no amount', 'from: 50', 'from: fifty', 'is not an amount', 'as 49.90'],
    ['less than nothing', 'from: 50', 'from: -50', 'is not an amount', 'zero or more'],
    ['no currency', 'currency: EUR', 'currency: euros', 'not a currency in use', 'ISO 4217'],
    ['neither first nor repeat', 'order: repeat', 'order: second', 'order is unknown', 'first, repeat'],
    ['no playbook', '- use: retail', '- use: Retail shops', 'use is not a playbook', 'small letters'],
    ['an owner who is none', '- owner: sam-lee', '- owner: Sam Lee', 'owner is not a handle', 'small letters'],
  ])('%s', (_, right, wrong, what, allowed) => {
    const line = source.split('\n').findIndex((text) => text.includes(right)) + 1;
    const read = () => readRules(source.replace(right, wrong), 'mine.yaml');
    expect(read).toThrow(`mine.yaml, line ${line}: `);
    expect(read).toThrow(what);
    expect(read).toThrow(allowed);
  });

  it('a rule that says nothing, or two things, or is none', () => {
    expect(() => readRules('playbooks:\n  - order: first\n', 'r.yaml')).toThrow(
      'r.yaml, line 2: playbooks.0.use is missing. Allowed: 1 to 40 small letters, digits and hyphens',
    );
    const wanted = 'r.yaml, line 2: owners.0 must name who owns the order. Allowed: exactly one of owner, team';
    expect(() => readRules('owners:\n  - country: DE\n', 'r.yaml')).toThrow(wanted);
    expect(() => readRules('owners:\n  - owner: sam\n    team: north\n', 'r.yaml')).toThrow(wanted);
    expect(() => readRules('owners: sam-lee', 'r.yaml')).toThrow(
      'r.yaml, line 1: owners is not a list. Allowed: rules',
    );
    expect(() => readRules('playbooks: [', 'r.yaml')).toThrow(/r\.yaml, line 1: /);
  });

  it('a playbook that is not there, where they are known', () => {
    expect(() => readRules(source, 'mine.yaml', ['standard', 'service'])).toThrow(
      'mine.yaml, line 5: there is no playbook "retail". Allowed: standard, service',
    );
  });
});
