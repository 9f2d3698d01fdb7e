import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Liquid, type Template } from 'liquidjs';
import { Problem } from '../domain/errors.ts';

/** What a template may speak of. */
export interface View {
  company: string;
  customer: { name: string };
  order: { number: string; products: string; date: string };
  owner: { name: string; phone: string; email: string };
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
  customer: { name: 'Ada Palmer' },
  order: { number: '10042', products: 'Espresso machine', date: '2 November 2026' },
  owner: { name: 'Sam Lee', phone: '+49 30 123456', email: 'sam@example.org' },
  delivery_assumed: true,
  links: { survey: '/s/x', unsubscribe: '/u/x', person: '/p/x', referral: '/r/x' },
  reminder: 0,
};

/** A line of its own like `[Answer](https://...)` is a link to follow. */
const LINK = /^\[([^\]]+)\]\((\S+)\)$/;

/** Where the templates that come with Aftercare lie. */
export const TEMPLATES = fileURLToPath(new URL('../templates', import.meta.url));

/**
 * Reads the templates, one folder a language. The first line is the subject, the rest is written once: paragraphs, and
 * links on lines of their own. A variable that does not exist is a Problem naming file and line, at start.
 */
export function readTemplates(folder: string): Templates {
  const languages = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const strict = { strictVariables: true, strictFilters: true, ownPropertyOnly: true };
  const plain = new Liquid({ ...strict, cache: true });
  const escaped = new Liquid({ ...strict, cache: true, outputEscape: 'escape' });
  const layout = escaped.parse(readFileSync(join(folder, 'layout.html.liquid'), 'utf8'));
  const found = new Map<string, { text: Template[]; html: Template[] }>();
  const at = (language: string, name: string) => `${language}/${name}`;
  for (const { name: language } of languages)
    for (const file of readdirSync(join(folder, language))) {
      const source = readFileSync(join(folder, language, file), 'utf8');
      const name = file.replace(/\.liquid$/, '');
      found.set(
        at(language, name),
        check(at(language, file), () => ({ text: plain.parse(source), html: escaped.parse(source) })),
      );
    }

  const write = (language: string, name: string, view: View): Written => {
    const body = found.get(at(language, name))!;
    const footer = found.get(at(language, 'footer'))!;
    const [subject, ...lines] = String(plain.renderSync(body.text, view)).trim().split('\n');
    const text = `${lines.join('\n').trim()}\n\n-- \n${String(plain.renderSync(footer.text, view)).trim()}`;
    const [, ...marked] = String(escaped.renderSync(body.html, view)).trim().split('\n');
    const html = String(
      escaped.renderSync(layout, {
        language,
        subject,
        company: view.company,
        body: paragraphs(marked.join('\n')),
        footer: paragraphs(String(escaped.renderSync(footer.html, view))),
      }),
    );
    return { subject, text: text.replace(new RegExp(LINK, 'gm'), '$1:\n$2'), html };
  };

  for (const key of found.keys()) {
    const [language, name] = key.split('/');
    if (name !== 'footer') check(`${key}.liquid`, () => write(language, name, SAMPLE));
  }
  return {
    write(name, locale, view) {
      const language = locale?.slice(0, 2).toLowerCase() ?? 'en';
      return write(found.has(at(language, name)) ? language : 'en', name, view);
    },
    names: [...found.keys()].flatMap((key) => /^en\/(?!footer$)(.*)/.exec(key)?.[1] ?? []).sort(),
  };
}

function check<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { message } = error as Error;
    const line = /line:(\d+)/.exec(message)?.[1] ?? 1;
    const allowed = `company, ${Object.entries(SAMPLE)
      .filter(([, value]) => typeof value === 'object')
      .flatMap(([name, value]) => Object.keys(value).map((key) => `${name}.${key}`))
      .join(', ')}, delivery_assumed, reminder`;
    throw new Problem('template-wrong', { file, line, what: message.split(', file')[0], allowed });
  }
}

const paragraphs = (text: string) =>
  text
    .trim()
    .split(/\n{2,}/)
    .map((block) => {
      const link = LINK.exec(block.trim());
      return link
        ? `<p><a class="button" href="${link[2]}">${link[1]}</a></p>`
        : `<p>${block.trim().replace(/\n/g, '<br>')}</p>`;
    })
    .join('\n');
