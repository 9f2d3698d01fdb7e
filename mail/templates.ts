import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Liquid, type Template } from 'liquidjs';
import { Problem } from '../domain/errors.ts';

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
  /** What a playbook may send. */
  names: string[];
}

const SAMPLE: View = {
  company: 'Example Ltd',
  customer: { name: 'Ada Palmer', orders: 2 },
  order: {
    number: '10042',
    products: 'Espresso machine, Cups',
    product: 'Espresso machine',
    date: '2 November 2026',
  },
  owner: { name: 'Sam Lee', phone: '+49 30 123456', email: 'sam@example.org' },
  tip: { title: 'Descale in time', text: 'Hard water leaves lime.', link: 'https://example.org/lime' },
  offer: { title: 'A care set', text: 'Descaler for a year.', link: 'https://example.org/care' },
  gift: 'Postage on us',
  term: { product: 'Espresso machine', end: '2 November 2028' },
  promise: 'Delivered',
  delivery_assumed: true,
  links: { survey: '/s/x', unsubscribe: '/u/x', person: '/p/x', referral: '/r/x' },
  reminder: 0,
};

/** Every name a template may use. */
export const VARIABLES: readonly string[] = Object.entries(SAMPLE).flatMap(([name, value]) =>
  typeof value === 'object' ? Object.keys(value).map((key) => `${name}.${key}`) : [name],
);
const OF_THE_LAYOUT = ['language', 'subject', 'company', 'body', 'footer'];

/** A line of its own like `[Answer](https://...)` is a link to follow. */
const LINK = /^\[([^\]]+)\]\((\S+)\)$/;

/** Where the templates that come with Aftercare lie. */
export const TEMPLATES = fileURLToPath(new URL('../templates', import.meta.url));

/** The languages there are: one folder each. */
export const languagesIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

/** The language of a locale, as de of de-AT; English where it is not known. */
export const languageOf = (locale: string | null): string => locale?.split('-')[0].toLowerCase() ?? 'en';

/**
 * Reads the templates, one folder a language. The first line is the subject, the rest is written once: paragraphs, and
 * links on lines of their own. A variable that does not exist is a Problem naming file and line, at start.
 */
export function readTemplates(folder: string): Templates {
  const strict = { strictVariables: true, strictFilters: true, ownPropertyOnly: true };
  const plain = new Liquid({ ...strict, cache: true });
  const escaped = new Liquid({ ...strict, cache: true, outputEscape: 'escape' });
  const read = (file: string, allowed: readonly string[]) =>
    check(file, allowed, () => {
      const source = readFileSync(join(folder, file), 'utf8')
        .replace(/^\uFEFF/, '')
        .replaceAll('\r\n', '\n');
      const text = plain.parse(source);
      // Names are looked up before anything is written: the sample takes only one of the branches.
      const unknown = Object.values(plain.analyzeSync(text, { partials: false }).globals)
        .flat()
        .filter(({ segments }) => !allowed.includes(segments.join('.')))
        .sort((a, b) => a.location.row - b.location.row)[0];
      if (unknown) throw new Error(`there is no "${unknown.segments.join('.')}", line:${unknown.location.row}`);
      return { text, html: escaped.parse(source) };
    });

  const layout = read('layout.html.liquid', OF_THE_LAYOUT).html;
  const found = new Map<string, { text: Template[]; html: Template[] }>();
  for (const language of languagesIn(folder))
    for (const file of readdirSync(join(folder, language)).filter((file) => file.endsWith('.liquid')))
      found.set(`${language}/${file.replace(/\.liquid$/, '')}`, read(`${language}/${file}`, VARIABLES));
  /** The language a template is written in for a reader of this one. */
  const inLanguage = (language: string, name: string) => (found.has(`${language}/${name}`) ? language : 'en');

  const write = (language: string, name: string, view: View): Written => {
    const body = found.get(`${language}/${name}`)!;
    const footer = found.get(`${inLanguage(language, 'footer')}/footer`)!;
    const [subject, ...lines] = tidy(plain.renderSync(body.text, view)).split('\n');
    const text = `${lines.join('\n').trim()}\n\n-- \n${tidy(plain.renderSync(footer.text, view))}`;
    const [, ...marked] = tidy(escaped.renderSync(body.html, view)).split('\n');
    const html = String(
      escaped.renderSync(layout, {
        language,
        subject,
        company: view.company,
        body: paragraphs(marked.join('\n').trim()),
        footer: paragraphs(tidy(escaped.renderSync(footer.html, view))),
      }),
    );
    return { subject, text: text.replace(new RegExp(LINK, 'gm'), '$1:\n$2'), html };
  };

  for (const key of found.keys()) {
    const [language, name] = key.split('/');
    if (name !== 'footer') check(`${key}.liquid`, VARIABLES, () => write(language, name, SAMPLE));
  }
  return {
    write: (name, locale, view) => write(inLanguage(languageOf(locale), name), name, view),
    names: [...found.keys()].flatMap((key) => /^en\/(?!footer$)(.*)/.exec(key)?.[1] ?? []).sort(),
  };
}

function check<T>(file: string, allowed: readonly string[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { message } = error as Error;
    const line = /line:(\d+)/.exec(message)?.[1] ?? 1;
    const [what] = message.split(/, (?:file|line):/);
    throw new Problem('template-wrong', { file, line, what, allowed: allowed.join(', ') });
  }
}

/** What was written, without the gaps that an empty variable or a branch not taken leaves. */
const tidy = (written: unknown) =>
  String(written)
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();

const paragraphs = (text: string) =>
  text
    .split('\n\n')
    .map((block) => {
      const link = LINK.exec(block);
      return link
        ? `<p><a class="button" href="${link[2]}">${link[1]}</a></p>`
        : `<p>${block.replace(/\n/g, '<br>')}</p>`;
    })
    .join('\n');
