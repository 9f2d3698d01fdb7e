import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { usefulFor } from '../../domain/content.ts';
import { readAllContent } from '../../mail/content.ts';
import { readTemplates, TEMPLATES, VARIABLES, type View } from '../../mail/templates.ts';
import { blocks, tableUnder } from '../docs/markdown.ts';

const view: View = {
  company: 'Mill & Sons',
  customer: { name: 'Ada Palmer', orders: 1 },
  order: {
    number: '10042',
    products: 'Espresso machine, Cups',
    product: 'Espresso machine',
    date: '2 November 2026',
  },
  owner: { name: 'Sam Lee', phone: '+49 30 123456', email: 'sam@example.org' },
  tip: { title: 'Descale in time', text: 'Hard water.\n\nSoft water.', link: 'https://example.org/lime?a=1&b=2' },
  offer: { title: 'A care set', text: 'For a year.', link: 'https://example.org/care' },
  gift: 'Postage on us',
  term: { product: 'Espresso machine', end: '2 November 2028' },
  promise: '',
  delivery_assumed: false,
  links: { survey: 'http://a/s', unsubscribe: 'http://a/u', person: 'http://a/p', referral: 'http://a/r' },
  reminder: 0,
};
const NOTHING = { title: '', text: '', link: '' };
/** As little as can be known. */
const bare: View = {
  ...view,
  customer: { name: '', orders: 1 },
  order: { ...view.order, products: '', product: '' },
  owner: { name: 'Sam Lee', phone: '', email: '' },
  tip: NOTHING,
  offer: NOTHING,
  gift: '',
  term: { product: '', end: '2 November 2028' },
};
const templates = readTemplates(TEMPLATES);
const text = (name: string, given: Partial<View> = {}) => templates.write(name, 'en', { ...view, ...given }).text;

describe.each(templates.names)('%s', (name) => {
  it.each([
    ['all that can be known', view],
    ['as little as can be', bare],
    ['a known customer, reminded', { ...view, customer: { ...view.customer, orders: 3 }, reminder: 1 }],
  ])('reads well with %s', (_, given) => {
    const { subject, text, html } = templates.write(name, null, given);
    expect(subject).toMatch(/^\S.*\S$/);
    expect(text).toMatch(new RegExp(`^Hello${given.customer.name && ' Ada Palmer'},\n\n`));
    expect(text).toContain('\n\nSam Lee\nMill & Sons\n\n-- \nYou get this mail because you placed order 10042');
    expect(text).toContain('Choose what we may write to you about:\nhttp://a/u');
    expect(text.replace('\n-- \n', '')).not.toMatch(/\n{3}|[ \t]$| {2}| [.,:;]|\(\)|\[|undefined|\{/m);
    expect(html).toContain('Mill &amp; Sons');
    expect(html).not.toMatch(/<p>\s*<\/p>|undefined/);
  });

  it('presses nobody, and boasts of nothing', () => {
    const { subject, text } = templates.write(name, null, view);
    const loud = /!|\b(best|perfect|amazing|exclusive|hurry|now or never|only today|last chance|don.t miss|unique)\b/i;
    expect(`${subject}\n${text}`).not.toMatch(loud);
  });
});

it('thanks a known customer without a second welcome', () => {
  expect(text('thank-you')).toContain('My name is Sam Lee');
  const again = text('thank-you', { customer: { name: 'Ada Palmer', orders: 2 } });
  expect(again).toContain('good to have you back');
  expect(again).not.toContain('My name is');
});

it('carries what is of use, with a way to more', () => {
  for (const name of ['tip', 'keep-in-touch']) {
    const written = templates.write(name, null, view);
    expect(written.subject).toBe('Descale in time');
    expect(written.text).toContain('Hard water.\n\nSoft water.\n\nRead more:\nhttps://example.org/lime?a=1&b=2\n');
    expect(written.html).toContain('<a class="button" href="https://example.org/lime?a=1&amp;b=2">Read more</a>');
    expect(written.html).toContain('<p>Soft water.</p>');
  }
  expect(text('up-sell')).toContain('For a year.\n\nHave a look:\nhttps://example.org/care\n');
  expect(text('loyalty')).toContain('\n\nPostage on us\n\n');
  expect(text('renewal')).toContain('the term of Espresso machine, from your order 10042');
  expect(text('replenishment')).toContain('Espresso machine, Cups. By now');
});

it('escapes what it is told in HTML, and leaves text as it is', () => {
  const written = templates.write('tip', null, { ...view, tip: { title: '<b>', text: '<i>{{ company }}', link: '' } });
  expect(written.html).toContain('&lt;i&gt;{{ company }}');
  expect(written.html).toContain('<title>&lt;b&gt;</title>');
  expect(written.text).toContain('<i>{{ company }}');
});

describe('another folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'templates-'));
    cpSync(TEMPLATES, folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const put = (file: string, source: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), source);
  };

  it.each([
    ['that is written', 'a {{ order.produkt }}', 'there is no "order.produkt"'],
    [
      'in a branch not taken',
      'a{% if reminder > 9 %}{% else %}{% for x in ordr %}{% endfor %}{% endif %}',
      'no "ordr"',
    ],
    ['in a condition', 'a{% unless tip %}{% endunless %}', 'there is no "tip"'],
    ['given to a filter', 'a{{ "" | default: gifts }}', 'there is no "gifts"'],
    ['that is a filter', 'a{{ gift | shout }}', 'undefined filter: shout'],
    ['that is no Liquid', 'a{% if gift %}', 'tag {% if gift %} not closed'],
  ])('refuses a name that does not exist, with file and line: %s', (_, source, what) => {
    put('en/mine.liquid', `Subject\n\n${source}\n`);
    const read = () => readTemplates(folder);
    expect(read).toThrow('en/mine.liquid, line 3: ');
    expect(read).toThrow(what);
    expect(read).toThrow(/Allowed: company, customer\.name, .*reminder\.$/);
  });

  it('refuses it in the frame and under the mail too', () => {
    put('en/footer.liquid', 'a\n{{ unsubscribe }}');
    expect(() => readTemplates(folder)).toThrow(
      'en/footer.liquid, line 2: there is no "unsubscribe". Allowed: company,',
    );
    put('layout.html.liquid', '{{ order.number }}');
    expect(() => readTemplates(folder)).toThrow(
      'layout.html.liquid, line 1: there is no "order.number". Allowed: language',
    );
  });

  it('writes in the language of the reader, and in English what that lacks', () => {
    put('de/tip.liquid', '\uFEFFEin Tipp\r\n\r\nHallo {{ customer.name }},\r\n\r\n{{ tip.text }}\r\n');
    const mine = readTemplates(folder);
    expect(mine.write('tip', 'de-AT', view).subject).toBe('Ein Tipp');
    expect(mine.write('tip', 'de-AT', view).text).toMatch(/^Hallo Ada Palmer,\n\nHard water\.[^\r]*-- \nYou get/);
    expect(mine.write('tip', 'fr', view).subject).toBe('Descale in time');
    expect(mine.write('nps', 'de', view).subject).toBe('How did we do?');
    expect(mine.names).toEqual(templates.names);
  });

  it('has tips in the language of the reader, and in English what that lacks', () => {
    put('de/content/kaffee.yaml', 'tips:\n  - name: espresso-lime\n    title: Entkalken\n    text: Nach Bedarf.\n');
    const content = readAllContent(folder);
    expect(content.pieces).toEqual(readAllContent(TEMPLATES).pieces);
    expect(content.pieceIn('de-AT', 'espresso-lime')).toMatchObject({ title: 'Entkalken', for: { sku: ['E-1'] } });
    expect(content.pieceIn('de', 'receipt')?.title).toBe('Keep the receipt where you will find it');
    expect(content.pieceIn(null, 'espresso-lime')?.title).toBe('Descale before you can taste it');
    expect(content.pieceIn('de', 'gone')).toBeNull();
    expect(readTemplates(folder).names).toEqual(templates.names);
  });

  it('refuses a piece twice in a language, and one that is not English', () => {
    put('en/content/zzz.yaml', 'tips:\n  - name: receipt\n    title: A\n    text: B\n');
    expect(() => readAllContent(folder)).toThrow('en/content/zzz.yaml, line 2: "receipt" is taken');
    rmSync(join(folder, 'en/content/zzz.yaml'));
    put('de/content/a.yaml', 'tips:\n  - name: kalk\n    title: A\n    text: B\n');
    expect(() => readAllContent(folder)).toThrow('de/content/a.yaml, line 2: there is no tip "kalk" in English');
  });

  it('may have no tips at all', () => {
    rmSync(join(folder, 'en/content'), { recursive: true });
    expect(readAllContent(folder).pieces).toEqual([]);
  });
});

describe('the samples', () => {
  const { pieces } = readAllContent(TEMPLATES);

  it('have something for what the samples sell, and offer nothing to everybody', () => {
    const first = (kind: 'tip' | 'offer', given: object) =>
      usefulFor(pieces, kind, [{ sku: null, category: null, name: null, ...given }], new Set(), new Set())?.name;
    expect(first('tip', { sku: 'E-1' })).toBe('espresso-grind');
    expect(first('tip', { category: 'kitchen' })).toBe('kitchen-holiday');
    expect(first('tip', { category: 'music' })).toBe('disc-skips');
    expect(first('tip', { category: 'Rock' })).toBe('second-copy');
    expect(first('tip', {})).toBe('receipt');
    expect(first('offer', { sku: 'E-1' })).toBe('espresso-care-set');
    expect(first('offer', {})).toBeUndefined();
  });
});

describe('content.md', () => {
  it('names what a template may use', () =>
    expect(tableUnder('docs/content.md', 'What a template may use').map(([name]) => name)).toEqual(VARIABLES));

  it('names the templates there are', () =>
    expect(
      tableUnder('docs/content.md', 'The templates there are')
        .map(([name]) => name)
        .sort(),
    ).toEqual(templates.names));

  it('shows a template that is sound, and a mistake as it is reported', () => {
    const folder = mkdtempSync(join(tmpdir(), 'templates-'));
    cpSync(TEMPLATES, folder, { recursive: true });
    const [{ text: shown }] = blocks('docs/content.md').filter(({ language }) => language === 'liquid');
    writeFileSync(join(folder, 'en/tip.liquid'), shown);
    expect(readTemplates(folder).write('tip', null, view).subject).toBe('Descale in time');
    writeFileSync(join(folder, 'en/tip.liquid'), shown.replace('order.product ', 'order.produkt '));
    const [, message] = blocks('docs/content.md').filter(({ language }) => language === 'text');
    expect(() => readTemplates(folder)).toThrow(message.text.trim());
    rmSync(folder, { recursive: true });
  });
});

it('every file of a language is read', () => {
  const others = (readdirSync(join(TEMPLATES, 'en'), { recursive: true }) as string[]).filter(
    (file) => !/\.liquid$|^content([\\/][\w-]+\.yaml)?$/.test(file),
  );
  expect(others).toEqual([]);
});
