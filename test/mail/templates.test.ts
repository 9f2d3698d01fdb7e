import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ParsedMail, simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
import { usefulFor } from '../../domain/content.ts';
import { readAllContent } from '../../mail/content.ts';
import { FRAME_NAMES } from '../../mail/frame.ts';
import { readTemplates, sampleIn, TEMPLATES, VARIABLES, type View } from '../../mail/templates.ts';
import { blocks, tableUnder } from '../docs/markdown.ts';

const view: View = {
  ...sampleIn('en'),
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
const templates = await readTemplates(TEMPLATES);
const text = (name: string, given: Partial<View> = {}) => templates.write(name, 'en', { ...view, ...given }).text;

/** As each language greets, and as its footer begins. */
const WAYS: Record<string, { hello: string; footer: string }> = {
  en: { hello: 'Hello Ada Palmer,', footer: 'You get this mail because of order 10042, placed with Mill & Sons' },
  de: { hello: 'Guten Tag Ada Palmer,', footer: 'Sie erhalten diese E-Mail wegen der Bestellung 10042' },
  fr: { hello: 'Bonjour Ada Palmer,', footer: 'Vous recevez ce message au sujet de la commande 10042' },
  es: { hello: 'Hola, Ada Palmer:', footer: 'Recibe este mensaje por el pedido 10042 hecho a Mill & Sons' },
};

it('every mail is there in every language', () => {
  expect(templates.languages.sort()).toEqual(Object.keys(WAYS).sort());
  for (const name of templates.names)
    for (const language of templates.languages) expect(templates.languageFor(name, language)).toBe(language);
});

describe.each(Object.entries(WAYS))('in the language %s', (language, { hello, footer }) => {
  it.each(
    templates.names.flatMap((name) => [
      [name, 'all that can be known', view] as const,
      [name, 'as little as can be', bare] as const,
      [
        name,
        'a known customer, reminded',
        { ...view, customer: { ...view.customer, orders: 3 }, reminder: 1 },
      ] as const,
    ]),
  )('%s reads well with %s', (name, _, given) => {
    const { subject, text, html } = templates.write(name, language, given);
    expect(subject).toMatch(/^\S.*\S$/);
    expect(text.split('\n\n')[0]).toBe(given.customer.name ? hello : hello.replace(/,? Ada Palmer/, ''));
    expect(text).toContain(`\nSam Lee\nMill & Sons\n\n-- \n${footer}`);
    // What it is about, who answers for it, and the two ways out.
    const [, under] = text.split('\n-- \n');
    for (const known of [given.order.products, given.owner.name, given.owner.phone]) expect(under).toContain(known);
    expect(under).toMatch(/\n\n\S.*\nhttp:\/\/a\/p\n\n\S.*\nhttp:\/\/a\/u$/);
    expect(`${subject}\n${text.replace('\n-- \n', '')}`).not.toMatch(
      /\n{3}|[ \t]$|[ \u00A0]{2}| [.,:;?]|\(\)|[[\]{}\uE000\uE001]|undefined/m,
    );
    if (language !== 'fr') expect(text).not.toContain('\u00A0');
    expect(html).toContain(`<html lang="${language}"`);
    expect(html).toContain('Mill &amp; Sons');
    expect(html).not.toMatch(/<(p|h1|div)[^>]*>\s*<\/\1>|undefined|\{\{|\{%|[\uE000\uE001]|<img|https?:\/\/fonts/);
  });

  it.each(templates.names)('%s says the same in both parts', async (name) => {
    const { subject, text, html } = templates.write(name, language, view);
    const mail = await asReceived({ subject, text, html });
    expect(mail.subject).toBe(subject);
    expect(mail.text?.trim()).toBe(text);
    // The parser's own reading of the HTML part, with no text part beside it.
    const seen = wordsOf((await asReceived({ subject, html })).text!).replace(/ \[tel:\+\d+\]/g, '');
    let at = seen.indexOf(wordsOf(subject));
    expect(at).toBeGreaterThan(0);
    for (const paragraph of text.replace('\n-- \n', '\n\n').split(/\n{2,}/)) {
      const [said] = wordsOf(paragraph).split(/ (?=http:\/\/a\/|https:\/\/example)/);
      expect(seen.slice(at)).toContain(said);
      at = seen.indexOf(said, at) + said.length;
    }
    const leads = (part: string) => new Set(part.match(/https?:\/\/(a|example\.org)\/[^\s"?<]*/g));
    expect(leads(html)).toEqual(leads(text));
  });

  it.each(templates.names)('%s presses nobody, and boasts of nothing', (name) => {
    const { subject, text } = templates.write(name, language, view);
    const loud =
      /[!¡]|\b(best|perfect|amazing|exclusive|hurry|now or never|only today|last chance|don.t miss|unique)\b|\b(nur heute|letzte Chance|einmalig|exklusiv|perfekt|dépêchez|exclusif|dernière chance|parfaite?|exclusiv[oa]|última oportunidad|perfect[oa])\b/i;
    expect(`${subject}\n${text}`).not.toMatch(loud);
  });
});

/** The words alone: how lines break and how a heading is shown is left to the reader. */
const wordsOf = (text: string) => text.replace(/\s+/g, ' ').trim().toLowerCase();

/** A mail as it comes out of a mail server, read by a parser. */
async function asReceived(mail: { subject: string; text?: string; html: string }): Promise<ParsedMail> {
  const composer = createTransport({ streamTransport: true, buffer: true });
  const { message } = await composer.sendMail({ from: 'a@example.org', to: 'b@example.org', ...mail });
  return simpleParser(message as Buffer);
}

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
    expect(written.text).toContain('Hard water.\n\nSoft water.\n\nRead more\nhttps://example.org/lime?a=1&b=2\n');
    expect(written.html).toMatch(/<a\s+href="https:\/\/example\.org\/lime\?a=1&amp;b=2"[^>]*>\s*Read more\s*<\/a>/);
    expect(written.html).toMatch(/<div[^>]*>Hard water\.<\/div>.*<div[^>]*>Soft water\.<\/div>/s);
  }
  expect(text('up-sell')).toContain('For a year.\n\nHave a look\nhttps://example.org/care\n');
  expect(text('loyalty')).toContain('\n\nPostage on us\n\n');
  expect(text('renewal')).toContain('the term of Espresso machine, from your order 10042');
  expect(text('replenishment')).toContain('Espresso machine, Cups. By now');
});

it('escapes what it is told in HTML, and leaves text as it is', () => {
  const written = templates.write('tip', null, { ...view, tip: { title: '<b>"', text: '<i>{{ company }}', link: '' } });
  expect(written.html).toContain('&lt;i&gt;{{ company }}');
  expect(written.html).toContain('<title>&lt;b&gt;&#34;</title>');
  expect(written.html).not.toMatch(/<[bi]>/);
  expect(written.text).toContain('<i>{{ company }}');
});

it('makes no link of what somebody wrote', () => {
  const tip = {
    title: 'A [b] c',
    text: 'Look:\n\n[Click](https://evil.example)\n\n[0-10: x](https://evil.example)',
    link: '',
  };
  const { subject, text, html } = templates.write('tip', null, { ...view, tip });
  expect(subject).toBe('A [b] c');
  expect(text).toContain('\n\n[Click](https://evil.example)\n\n[0-10: x](https://evil.example)\n\n');
  expect(html).toContain('[Click](https://evil.example)');
  expect(html).not.toContain('href="https://evil.example');
});

it('brings the link to pass on and its code as words to copy, and asks to pass on these and not the mail', () => {
  for (const language of templates.languages) {
    const { text, html } = templates.write('referral', language, view);
    for (const part of [text, html]) {
      expect(part).toMatch(/(^|>)http:\/\/a\/r($|<)/m);
      expect(part).toContain('7K3QF2MN');
    }
    expect(html).not.toContain('href="http://a/r"');
  }
  expect(text('referral')).toContain('pass on the link or the code, not this mail');
});

it('promises that an answer will be read, and does not claim that it was: the mail goes out by itself', () => {
  const claims = /\b(have|has) read\b|gelesen|j’ai lu|l’ont lue|he leído|han leído/;
  for (const language of templates.languages)
    expect(templates.write('praise', language, view).text).not.toMatch(claims);
});

it('makes a number to call of a phone number in the HTML part, wherever it stands, and of nothing else', () => {
  const tip = { title: 'A', text: 'Call +1 202-555-0123 <b> +49, at 12:00+02:00.', link: '' };
  const { text, html } = templates.write('tip', null, { ...view, tip });
  expect(text).toContain('Call +1 202-555-0123 <b> +49, at 12:00+02:00.');
  expect([...html.matchAll(/<a href="(tel:[^"]*)"[^>]*>([^<]*)</g)].map(([, to, number]) => [to, number])).toEqual([
    ['tel:+12025550123', '+1 202-555-0123'],
    ['tel:+4930123456', '+49 30 123456'],
    ['tel:+4930123456', '+49 30 123456'],
  ]);
  expect(html).toContain('&lt;b&gt; +49, at 12:00+02:00.');
});

describe('another folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'templates-'));
    cpSync(TEMPLATES, folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  /** What is said at start of a file with this in it. */
  const readAfter = async (file: string, source: string) => {
    put(file, source);
    return readTemplates(folder).then(
      () => 'nothing wrong',
      ({ message }: Error) => message,
    );
  };
  const put = (file: string, source: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), source);
  };

  it('keeps the brackets of a name in the words of a link', async () => {
    put('en/mine.liquid', 'Subject\n\n[From {{ company }}]({{ links.referral }})\n');
    const { text } = (await readTemplates(folder)).write('mine', null, { ...view, company: 'Mill [and] Sons' });
    expect(text).toContain('From Mill [and] Sons\nhttp://a/r\n');
  });

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
  ])('refuses a name that does not exist, with file and line: %s', async (_, source, what) => {
    const found = await readAfter('en/mine.liquid', `Subject\n\n${source}\n`);
    expect(found).toContain('en/mine.liquid, line 3: ');
    expect(found).toContain(what);
    expect(found).toMatch(/Allowed: company, customer\.name, .*reminder\.$/);
  });

  it('refuses it under the mail too, and in every language', async () => {
    expect(await readAfter('en/footer.liquid', 'a\n{{ unsubscribe }}')).toContain(
      'en/footer.liquid, line 2: there is no "unsubscribe". Allowed: company,',
    );
    put('en/footer.liquid', 'a');
    expect(await readAfter('fr/nps.liquid', 'Un sujet\n\n\n{{ links.sondage }}')).toContain(
      'fr/nps.liquid, line 4: there is no "links.sondage". Allowed: company,',
    );
  });

  it.each([
    ['a mail about nothing', '\nHello', 'line 1: the subject is missing. Allowed: a first line'],
    ['a mail about nothing known', '{% if true %}{% endif %}\nHello', 'line 1: the subject is missing'],
    [
      'a link among words',
      'A\n\nSee [this](https://a).',
      'line 3: "See [this](https://a)." is no link. Allowed: [words]',
    ],
    ['a gap in a link', 'A\n\n[This] (https://a)', 'line 3: "[This] (https://a)" is no link'],
    ['a link without an end', 'A\n\n\n[This](https://a', 'line 4: "[This](https://a" is no link'],
  ])('refuses %s', async (_, source, what) => expect(await readAfter('de/tip.liquid', source)).toContain(what));

  it('refuses a mail that is not there in English', async () => {
    expect(await readAfter('de/tipp.liquid', 'A')).toContain(
      `de/tipp.liquid, line 1: there is no mail "tipp" in English. Allowed: ${templates.names.join(', ')}.`,
    );
  });

  it.each([
    ['a name', '{{ subject }}', '{{ subjekt }}', 'there is no "subjekt". Allowed: language, subject,'],
    ['a name of a part', 'one.score }}"', 'one.skore }}"', 'undefined variable: one.skore. Allowed'],
    ['Liquid', '{% for block in footer %}', '{% for block footer %}', 'illegal tag'],
    ['an element', '<mj-button href', '<mj-buton href', "Element mj-buton doesn't exist"],
    ['an attribute', 'border-radius="12px"', 'rounded="12px"', 'Attribute rounded is illegal'],
    [
      'a value',
      'background-color="#f3f3ef"',
      'background-color="pale"',
      'Attribute background-color has invalid value',
    ],
  ])('refuses a mistake in the frame, with its line: %s', async (_, right, mistake, what) => {
    const source = readFileSync(join(TEMPLATES, 'layout.mjml'), 'utf8');
    const line = source.slice(0, source.indexOf(right)).split('\n').length;
    const found = await readAfter('layout.mjml', source.replace(right, mistake));
    expect(found).toContain(`layout.mjml, line ${line}: ${what}`);
  });

  it('refuses a frame that leaves something out, and none at all', async () => {
    const source = readFileSync(join(TEMPLATES, 'layout.mjml'), 'utf8');
    expect(await readAfter('layout.mjml', source.replace('in footer', 'in blocks'))).toContain(
      'layout.mjml, line 1: it shows no "footer". Allowed: all of language,',
    );
    rmSync(join(folder, 'layout.mjml'));
    await expect(readTemplates(folder)).rejects.toThrow('layout.mjml, line 1: ENOENT');
  });

  it('shows a row of numbers to choose from, each with its own link and name', async () => {
    put('en/mine.liquid', 'A\n\nOne?\n\n[1-5: Your answer]({{ links.survey }})\n\n[1-5: Here]({{ links.survey }}?a=b)');
    const { text, html } = (await readTemplates(folder)).write('mine', null, view);
    expect(text).toMatch(/^One\?\n\nYour answer\nhttp:\/\/a\/s\n\nHere\nhttp:\/\/a\/s\?a=b\n/);
    for (const score of [1, 2, 3, 4, 5]) {
      const link = new RegExp(
        `href="http://a/s\\?score=${score}"[^>]*aria-label="Your answer: ${score}"[^>]*>${score}</a>`,
      );
      expect(html).toMatch(link);
      expect(html).toContain(`href="http://a/s?a=b&amp;score=${score}"`);
    }
    expect(html).not.toMatch(/score=(0|6)/);
  });

  it('sees links also where no empty line parts them from the words', async () => {
    put('en/mine.liquid', 'A\n\nLook:\n[Here](/a)\n[There](/b)\nThanks');
    const { text, html } = (await readTemplates(folder)).write('mine', null, view);
    expect(text).toMatch(/^Look:\n\nHere\n\/a\n\nThere\n\/b\n\nThanks\n/);
    expect(html).toContain('href="/b"');
  });

  it('writes in the language of the reader, and in English what that lacks', async () => {
    rmSync(join(folder, 'de'), { recursive: true });
    put('de/tip.liquid', '\uFEFFEin Tipp\r\n\r\nHallo {{ customer.name }},\r\n\r\n{{ tip.text }}\r\n');
    const mine = await readTemplates(folder);
    expect(mine.write('tip', 'de-AT', view).subject).toBe('Ein Tipp');
    expect(mine.write('tip', 'de-AT', view).text).toMatch(/^Hallo Ada Palmer,\n\nHard water\.[^\r]*-- \nYou get/);
    expect(mine.write('tip', 'it', view).subject).toBe('Descale in time');
    expect(mine.write('nps', 'de', view).subject).toBe('How did we do?');
    expect(mine.write('nps', 'de', view).html).toContain('<html lang="en"');
    expect(mine.languageFor('nps', 'de')).toBe('en');
    expect(mine.names).toEqual(templates.names);
  });

  it('has tips in the language of the reader, and in English what that lacks', () => {
    rmSync(join(folder, 'de'), { recursive: true });
    put('de/content/kaffee.yaml', 'tips:\n  - name: espresso-lime\n    title: Entkalken\n    text: Nach Bedarf.\n');
    const content = readAllContent(folder);
    expect(content.pieces).toEqual(readAllContent(TEMPLATES).pieces);
    expect(content.pieceIn('de-AT', 'espresso-lime')).toMatchObject({ title: 'Entkalken', for: { sku: ['E-1'] } });
    expect(content.pieceIn('de', 'receipt')?.title).toBe('Keep the receipt where you will find it');
    expect(content.pieceIn(null, 'espresso-lime')?.title).toBe('Descale before you can taste it');
    expect(content.pieceIn('de', 'gone')).toBeNull();
  });

  it('refuses a piece twice in a language, and one that is not English', () => {
    put('en/content/zzz.yaml', 'tips:\n  - name: receipt\n    title: A\n    text: B\n');
    expect(() => readAllContent(folder)).toThrow('en/content/zzz.yaml, line 2: "receipt" is taken');
    rmSync(join(folder, 'en/content/zzz.yaml'));
    put('de/content/a.yaml', 'tips:\n  - name: kalk\n    title: A\n    text: B\n');
    expect(() => readAllContent(folder)).toThrow('de/content/a.yaml, line 2: there is no tip "kalk" in English');
  });

  it('may have no tips at all', () => {
    for (const language of templates.languages) rmSync(join(folder, language, 'content'), { recursive: true });
    expect(readAllContent(folder).pieces).toEqual([]);
  });
});

describe('the samples', () => {
  const { pieces, pieceIn } = readAllContent(TEMPLATES);

  it.each(templates.languages.filter((language) => language !== 'en'))(
    'are all there in the language %s',
    (language) => {
      for (const { name, title } of pieces) expect(pieceIn(language, name)!.title).not.toBe(title);
    },
  );

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

  it('names what the frame may use', () =>
    expect(tableUnder('docs/content.md', 'How do I change how mails look\\?').map(([name]) => name)).toEqual(
      FRAME_NAMES,
    ));

  it('names the templates there are', () =>
    expect(
      tableUnder('docs/content.md', 'The templates there are')
        .map(([name]) => name)
        .sort(),
    ).toEqual(templates.names));

  it('shows a template that is sound, and a mistake as it is reported', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'templates-'));
    cpSync(TEMPLATES, folder, { recursive: true });
    const [{ text: shown }] = blocks('docs/content.md').filter(({ language }) => language === 'liquid');
    writeFileSync(join(folder, 'en/tip.liquid'), shown);
    expect((await readTemplates(folder)).write('tip', null, view).subject).toBe('Descale in time');
    writeFileSync(join(folder, 'en/tip.liquid'), shown.replace('order.product ', 'order.produkt '));
    const [, message] = blocks('docs/content.md').filter(({ language }) => language === 'text');
    await expect(readTemplates(folder)).rejects.toThrow(message.text.trim());
    rmSync(folder, { recursive: true });
  });
});

it('every file of a language is read', () => {
  const others = (readdirSync(join(TEMPLATES, 'en'), { recursive: true }) as string[]).filter(
    (file) => !/\.liquid$|^(content|pages)([\\/][\w-]+\.yaml)?$/.test(file),
  );
  expect(others).toEqual([]);
});
