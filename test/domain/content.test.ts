import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Bought, contentShape, type Piece, readContent, usefulFor } from '../../domain/content.ts';
import type { Problem } from '../../domain/errors.ts';
import { blocks, tableUnder } from '../docs/markdown.ts';

const piece = (name: string, given: Partial<Piece> = {}): Piece => ({
  name,
  kind: 'tip',
  for: {},
  sku: null,
  title: name,
  text: name,
  link: null,
  ...given,
});
const bought = (given: Partial<Bought> = {}): Bought => ({ sku: null, category: null, name: null, ...given });
const none = new Set<string>();

describe('what is useful', () => {
  const pieces = [
    piece('anybody'),
    piece('kitchen', { for: { category: ['Kitchen'] } }),
    piece('machine', { for: { sku: ['E-1'] } }),
    piece('machine-too', { for: { sku: ['X', 'E-1'] } }),
    piece('grinder', { kind: 'offer', sku: 'G-1', for: { category: ['kitchen'] } }),
    piece('service', { kind: 'offer' }),
  ];
  const line = bought({ sku: 'e-1', category: 'kitchen' });
  const choose = (kind: Piece['kind'], lines: Bought[], owned: string[] = [], told: string[] = []) =>
    usefulFor(pieces, kind, lines, new Set(owned), new Set(told))?.name ?? null;

  it('comes from the specific to the general, each once, until nothing is left', () => {
    const told: string[] = [];
    for (let next = choose('tip', [line]); next; next = choose('tip', [line], [], told)) told.push(next);
    expect(told).toEqual(['machine', 'machine-too', 'kitchen', 'anybody']);
  });

  it('fits any line of the order', () => {
    expect(choose('tip', [bought(), bought({ category: ' KITCHEN ' })])).toBe('kitchen');
    expect(choose('tip', [bought({ category: 'garden' })])).toBe('anybody');
    expect(choose('tip', [])).toBe('anybody');
  });

  it('never offers what they own, or have just bought', () => {
    expect(choose('offer', [line])).toBe('grinder');
    expect(choose('offer', [line], ['g-1'])).toBe('service');
    expect(choose('offer', [line, bought({ sku: 'G-1' })])).toBe('service');
    expect(choose('offer', [line], ['G-1'], ['service'])).toBeNull();
  });

  it('is for an article or a category where both are named', () => {
    const both = [piece('both', { for: { sku: ['E-1'], category: ['garden'] } })];
    expect(usefulFor(both, 'tip', [bought({ category: 'garden' })], none, none)?.name).toBe('both');
    expect(usefulFor(both, 'tip', [line], none, none)?.name).toBe('both');
    expect(usefulFor(both, 'tip', [bought()], none, none)).toBeNull();
  });

  it('is never of the other kind, told before, owned or for somebody else, whatever there is', () => {
    const some = fc.constantFrom('a', 'B', 'b', 'C');
    const several = fc.option(fc.array(some, { minLength: 1, maxLength: 2 }), { nil: undefined });
    const oneOf = fc.record({
      kind: fc.constantFrom<Piece['kind'][]>('tip', 'offer'),
      for: fc.record({ sku: several, category: several }),
      sku: fc.option(some),
    });
    const lines = fc.array(fc.record({ sku: fc.option(some), category: fc.option(some), name: fc.constant(null) }));
    const same = (x: string | null) => (y: string) => x?.toLowerCase() === y.toLowerCase();
    fc.assert(
      fc.property(fc.array(oneOf), lines, fc.array(some), fc.nat(), (made, orders, owned, past) => {
        const all = made.map((one, at) => piece(`p-${at}`, one));
        const told = new Set(all.filter((_, at) => (past >> at) & 1).map(({ name }) => name));
        const found = usefulFor(all, 'offer', orders, new Set(owned), told);
        const fits = (one: Piece) =>
          one.kind === 'offer' &&
          !told.has(one.name) &&
          !(one.sku && [...owned, ...orders.flatMap(({ sku }) => sku ?? [])].some(same(one.sku))) &&
          ((!one.for.sku && !one.for.category) ||
            orders.some(({ sku, category }) => one.for.sku?.some(same(sku)) || one.for.category?.some(same(category))));
        expect(found !== null).toBe(all.some(fits));
        if (found) expect(fits(found)).toBe(true);
      }),
    );
  });
});

const sound = `tips:
  - name: lime
    for:
      sku: E-1
    title: Descale
    text: >
      Hard water
      leaves lime.

      Soft water less.
    link: https://example.com/lime
  - name: receipt
    title: Keep the receipt
    text: It fades.
offers:
  - name: care-set
    for: { category: [kitchen, Bath] }
    sku: E-1-CARE
    title: A care set
    text: For a year.
`;
const lineOf = (text: string) => sound.split('\n').findIndex((line) => line.includes(text)) + 1;

describe('a file of tips and offers', () => {
  it('is read', () => {
    expect(readContent(sound, 'x.yaml')).toEqual([
      {
        name: 'lime',
        kind: 'tip',
        for: { sku: ['E-1'] },
        sku: null,
        title: 'Descale',
        text: 'Hard water leaves lime.\n\nSoft water less.',
        link: 'https://example.com/lime',
      },
      { ...piece('receipt'), title: 'Keep the receipt', text: 'It fades.' },
      {
        ...piece('care-set', { kind: 'offer', for: { category: ['kitchen', 'Bath'] }, sku: 'E-1-CARE' }),
        title: 'A care set',
        text: 'For a year.',
      },
    ]);
  });

  it.each(['E-1', '007', '1E5', '1001', 'no', '2026-01-01'])('takes words as they are written: %s', (written) => {
    const [piece] = readContent(sound.replace('E-1', written).replace('Descale', written), 'x.yaml');
    expect([piece.for.sku, piece.title]).toEqual([[written], written]);
  });

  it.each([
    ['an unknown list', 'offers:', 'offer:', '"offer" is not known here', 'tips, offers'],
    ['an unknown key', 'text: It fades', 'txt: It fades', '"txt" is not known here', 'name, title, text, link, for'],
    [
      'a key of offers in a tip',
      'text: It fades.',
      'sku: X',
      '"sku" is not known here',
      'name, title, text, link, for',
    ],
    ['an unknown key below', 'sku: E-1\n', 'skus: E-1\n', '"skus" is not known here', 'sku, category'],
    ['a key that is missing', '    title: Keep the receipt\n', '', 'tips.1.title is missing', '100', 'name: receipt'],
    ['an article that is none', 'sku: E-1\n', 'sku: { a: b }\n', 'tips.0.for.sku is no sku', 'a list of them'],
    ['a list that is empty', '[kitchen, Bath]', '[]', 'offers.0.for.category is no category', 'a list of them'],
    ['nobody', '{ category: [kitchen, Bath] }', '{}', 'offers.0.for says nobody', 'no "for" at all'],
    ['a name that is none', 'name: receipt', 'name: The receipt', 'tips.1.name is not a name', 'hyphens'],
    ['a name that is taken', 'name: care-set', 'name: lime', '"lime" is taken', 'a name of its own'],
    ['a link that is none', 'https://example.com/lime', 'javascript:alert(1)', 'is not a link', 'https://'],
    ['a title of two lines', 'title: A care set', 'title: "A\\ncare set"', 'is not one line', '1 to 100 characters'],
    ['no text', 'text: It fades.', 'text:', 'tips.1.text is not text', '1 to 2000 characters'],
    ['YAML that is broken', 'title: A care set', 'title: A care: set', 'mappings', 'YAML as in docs/content.md'],
    ['what stands for nothing', 'text: It fades.', 'text: *fades', '"*fades" stands for nothing', 'YAML as in'],
  ])('names file, line, what is wrong and what is allowed: %s', (_, right, wrong, what, allowed, at = right) => {
    const read = () => readContent(sound.replace(right, wrong), 'mine.yaml');
    expect(read).toThrow(`mine.yaml, line ${lineOf(at.trim())}: `);
    expect(read).toThrow(what);
    expect(read).toThrow(allowed);
  });

  it.each(['', '[]', 'tips: lime', '- name: lime'])('is no other YAML: %j', (source) => {
    expect(() => readContent(source, 'mine.yaml')).toThrow(/^mine\.yaml, line 1: .*(tips, offers|a hyphen before)/);
  });

  it('takes no name of another file', () => {
    expect(() => readContent(sound, 'b.yaml', ['receipt'])).toThrow(
      `b.yaml, line ${lineOf('name: receipt')}: "receipt"`,
    );
  });
});

describe('a translation', () => {
  const english = readContent(sound, 'en.yaml');
  const german = (source: string) => readContent(source, 'de.yaml', [], english);

  it('has its own words, and is for whom the English one is', () => {
    expect(german('offers:\n  - name: care-set\n    title: Pflege\n    text: Für ein Jahr.')).toEqual([
      { ...english[2], title: 'Pflege', text: 'Für ein Jahr.' },
    ]);
    const [lime] = german(
      'tips:\n  - name: lime\n    title: Entkalken\n    text: Kalk.\n    link: https://example.de/',
    );
    expect(lime).toMatchObject({ for: { sku: ['E-1'] }, link: 'https://example.de/' });
  });

  it('is of something English, and says no more than that', () => {
    expect(() => german('tips:\n  - name: kalk\n    title: Kalk\n    text: Kalk.')).toThrow(
      'de.yaml, line 2: there is no tip "kalk" in English. Allowed: lime, receipt.',
    );
    expect(() => german('tips:\n  - name: care-set\n    title: Kalk\n    text: Kalk.')).toThrow(
      'there is no tip "care-set"',
    );
    expect(() => german('tips:\n  - name: lime\n    title: K\n    text: K\n    for: { sku: Z }')).toThrow(
      'de.yaml, line 5: "for" is not known here. Allowed: name, title, text, link.',
    );
  });
});

describe('content.md', () => {
  const [shown, mistaken] = blocks('docs/content.md').filter(({ language }) => language === 'yaml');

  it('has every key, and what it says', () => {
    const offer = contentShape.shape.offers.unwrap().element.shape;
    const rows = Object.entries(offer).map(([key, shape]) => [
      shape.safeParse(undefined).success ? key : `${key} *`,
      shape.description,
    ]);
    const documented = tableUnder('docs/content.md', 'Every key').map(([key, , says]) => [key, says]);
    expect(documented).toEqual(rows.map(([key, says]) => [key, key === 'sku' ? `${says} Of offers only.` : says]));
    const below = Object.entries(offer.for.unwrap().shape).map(([key, shape]) => [key, shape.description]);
    expect(tableUnder('docs/content.md', 'Every key', 1).map(([key, , says]) => [key, says])).toEqual(below);
  });

  it('shows a file that is sound, and a mistake as it is reported', () => {
    expect(readContent(shown.text, 'sound.yaml').map(({ kind }) => kind)).toEqual(['tip', 'offer']);
    const [message] = blocks('docs/content.md').filter(({ language }) => language === 'text');
    let problem: Problem | undefined;
    try {
      readContent(mistaken.text, 'en/content/kitchen.yaml');
    } catch (error) {
      problem = error as Problem;
    }
    expect(problem?.message).toBe(message.text.trim());
  });
});
