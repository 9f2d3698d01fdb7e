import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Template } from 'liquidjs';
import { unbroken } from '../domain/reading.ts';
import { blocksOf, held, LINK, released, textOf } from './blocks.ts';
import { readFrame } from './frame.ts';
import { check, liquid, parse, sourceOf, wrong } from './liquid.ts';

/** A tip or an offer in the words of the reader's language; empty where the mail carries none. */
export interface Told {
  title: string;
  text: string;
  link: string;
}

/** What a template may speak of; text that is not known is empty. docs/content.md says what each is. */
export interface View {
  company: string;
  customer: { name: string; orders: number };
  order: { number: string; products: string; product: string; date: string };
  owner: { name: string; phone: string; email: string };
  tip: Told;
  offer: Told;
  gift: string;
  term: { product: string; end: string };
  promise: string;
  /** What the customer gives back, or has exchanged; empty where the mail is about nothing of the kind. */
  return: { receipt: string; what: string; until: string; exchange: boolean };
  /** By when somebody calls who complained, and what was changed; empty where the mail is about no complaint. */
  complaint: { promised: string; changed: string };
  /** What they get for a new customer they brought. */
  reward: string;
  /** Where they may speak of the company in public. */
  review_page: string;
  /** What a friend of theirs names with an order. */
  referral_code: string;
  /** Nobody told us of the delivery yet. */
  delivery_assumed: boolean;
  links: { survey: string; unsubscribe: string; person: string; referral: string };
  /** How often this has been asked before. */
  reminder: number;
}

export interface Written {
  subject: string;
  text: string;
  html: string;
}

export interface Templates {
  /** Writes a mail in the reader's language, or in English where there is no such template. */
  write(name: string, locale: string | null, view: View): Written;
  /** The language `write` takes for a reader of this locale. */
  languageFor(name: string, locale: string | null): string;
  /** What a playbook may send. */
  names: string[];
  /** The languages some mail is written in, English first. */
  languages: string[];
}

/** What templates are tried with at start, and shown with on the desk; days as the language writes them. */
export const sampleIn = (language: string): View => ({
  company: 'Example Ltd',
  customer: { name: 'Ada Palmer', orders: 2 },
  order: {
    number: '10042',
    products: 'Espresso machine, Cups',
    product: 'Espresso machine',
    date: dayOf(2026, language),
  },
  owner: { name: 'Sam Lee', phone: '+49 30 123456', email: 'sam@example.org' },
  tip: { title: 'Descale in time', text: 'Hard water leaves lime.', link: 'https://example.org/lime' },
  offer: { title: 'A care set', text: 'Descaler for a year.', link: 'https://example.org/care' },
  gift: 'Postage on us',
  term: { product: 'Espresso machine', end: dayOf(2028, language) },
  promise: 'Delivered',
  return: { receipt: 'R-7K3QF', what: 'Espresso machine', until: dayOf(2027, language), exchange: false },
  complaint: { promised: dayOf(2026, language), changed: 'Every machine is now tried out before it leaves us.' },
  reward: 'A bag of coffee',
  review_page: 'https://example.org/reviews',
  referral_code: '7K3QF2MN',
  delivery_assumed: true,
  links: { survey: '/s/x', unsubscribe: '/u/x', person: '/p/x', referral: '/r/x' },
  reminder: 0,
});
const dayOf = (year: number, language: string) =>
  new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' }).format(Date.UTC(year, 10, 2));

/** Every name a template may use. */
export const VARIABLES: readonly string[] = Object.entries(sampleIn('en')).flatMap(([name, value]) =>
  typeof value === 'object' ? Object.keys(value).map((key) => `${name}.${key}`) : [name],
);

/** Where the templates that come with Aftercare lie. */
export const TEMPLATES = fileURLToPath(new URL('../templates', import.meta.url));

/** The languages there are: one folder each. */
export const languagesIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

/** The language of a locale, as de of de-AT; English where it is not known. */
export const languageOf = (locale: string | null): string => locale?.split('-')[0].toLowerCase() ?? 'en';

const FOOTER = 'footer';
const filesIn = (folder: string, language: string) =>
  readdirSync(join(folder, language)).flatMap((file) => /^(.+)\.liquid$/.exec(file)?.[1] ?? []);

/** The mails there are, as those of `readTemplates`, without reading them. */
export const templateNames = (folder: string): string[] =>
  filesIn(folder, 'en')
    .filter((name) => name !== FOOTER)
    .sort();

/**
 * Reads the templates, one folder a language, and the frame of the HTML part. The first line of a template is the
 * subject, the rest is written once: paragraphs, and links on lines of their own. What is wrong is a Problem naming file
 * and line, at start: a variable that does not exist, a link that is none, a mail that is not there in English.
 */
export async function readTemplates(folder: string): Promise<Templates> {
  const frame = await readFrame(folder);
  const names = templateNames(folder);
  const english = [...names, FOOTER];
  const found = new Map<string, Template[]>();
  for (const language of languagesIn(folder))
    for (const name of language === 'en' ? english : filesIn(folder, language)) {
      const file = `${language}/${name}.liquid`;
      if (!english.includes(name)) throw wrong(file, 1, `there is no mail "${name}" in English`, names);
      const source = sourceOf(folder, file);
      if (name !== FOOTER && !shapeOf(source)[0])
        throw wrong(file, 1, 'the subject is missing', ['a first line that says what the mail is about']);
      checkLinks(file, source);
      found.set(`${language}/${name}`, parse(words, file, source, VARIABLES));
    }
  /** The language a template is written in for a reader of this one. */
  const inLanguage = (language: string, name: string) => (found.has(`${language}/${name}`) ? language : 'en');

  const write = (language: string, name: string, view: View): Written => {
    const written = (of: string, name: string) => tidy(words.renderSync(found.get(`${of}/${name}`)!, view));
    const [subject, ...lines] = written(language, name).split('\n');
    const blocks = blocksOf(lines.join('\n'));
    const footer = blocksOf(written(inLanguage(language, FOOTER), FOOTER));
    const mail = { language, subject: released(subject), company: view.company, blocks, footer };
    return { subject: mail.subject, text: `${textOf(blocks)}\n\n-- \n${textOf(footer)}`, html: frame(mail) };
  };

  for (const key of found.keys()) {
    const [language, name] = key.split('/');
    if (name !== FOOTER) check(`${key}.liquid`, VARIABLES, () => write(language, name, sampleIn(language)));
  }
  const languageFor = (name: string, locale: string | null) => inLanguage(languageOf(locale), name);
  return {
    write: (name, locale, view) => write(languageFor(name, locale), name, view),
    languageFor,
    names,
    languages: [...new Set(['en', ...[...found.keys()].map((key) => key.split('/')[0])])],
  };
}

/** Brackets in a value are held: what somebody wrote never becomes a link. */
const words = liquid(held);

/** The lines of a template as they are shaped, whatever is put in. */
const shapeOf = (source: string): string[] =>
  source.split('\n').map((line) =>
    line
      .replace(/\{%.*?%\}/g, '')
      .replace(/\{\{.*?\}\}/g, 'x')
      .trim(),
  );

/** Finds what looks like a link and is none. */
function checkLinks(file: string, source: string): void {
  for (const [index, line] of shapeOf(source).entries())
    if (/^\[|\]\s*\(/.test(line) && !LINK.test(line))
      throw wrong(file, index + 1, `"${line}" is no link`, ['[words](address), on a line of its own']);
}

/** What was written, without the gaps that an empty variable or a branch not taken leaves. */
const tidy = (written: unknown) =>
  unbroken(String(written))
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
