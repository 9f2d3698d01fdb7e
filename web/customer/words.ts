import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Liquid, type Template } from 'liquidjs';
import { z } from 'zod';
import type { Problem } from '../../domain/errors.ts';
import { unbroken } from '../../domain/reading.ts';
import { readYaml } from '../../domain/yaml.ts';
import { languageOf, languagesIn } from '../../mail/templates.ts';

/**
 * Every sentence of the customer's pages, by page, and the names it may use. How they read stands in
 * `templates/{language}/pages/{page}.yaml`: a language is added by adding files.
 */
export const PAGES = {
  common: {
    bad_link: [],
    bad_link_reason: [],
    bad_link_next: [],
    too_often: [],
    too_often_next: [],
    too_large: [],
    too_large_next: [],
    elsewhere: [],
    elsewhere_next: [],
    no_form: [],
    no_form_next: [],
    away: [],
    away_next: [],
    failed: [],
    failed_next: [],
    phone: [],
    email: [],
    looks_after: ['name'],
    talk: [],
    call_by: ['by'],
    call_coming: ['name', 'by'],
    call_late: ['name', 'by'],
    number: [],
    number_optional: [],
    number_known: ['ending'],
    number_missing: [],
    number_wrong: [],
  },
  person: {
    title: [],
    thanks: [],
    order: ['name', 'number'],
    add: [],
    ask: [],
    about: [],
    about_long: ['length', 'most'],
    send: [],
    call: [],
    by: ['by'],
    not_right: [],
  },
  preferences: {
    title: [],
    saved: [],
    saved_nothing: [],
    stale: [],
    nothing_now: [],
    paused: ['day'],
    no_mail: [],
    service: [],
    selling: [],
    email: [],
    phone: [],
    pause: [],
    pause_wrong: ['last'],
    save: [],
    nothing: [],
  },
  referral: {
    title: [],
    recommended: ['company'],
    how: [],
    code: [],
    address: [],
    address_how: [],
    email: [],
    email_wrong: [],
    consent: ['days'],
    consent_missing: [],
    leave: [],
    left: ['days'],
    forget: [],
    forgotten: [],
    questions: [],
    questions_who: ['name'],
  },
  complaint: {
    title: [],
    order: ['number'],
    lead: [],
    text: [],
    text_missing: [],
    too_long: ['length', 'most'],
    wants: [],
    wants_open: [],
    apology: [],
    repair: [],
    exchange: [],
    refund: [],
    explanation: [],
    other: [],
    send: [],
    by: ['name', 'by'],
    arrived: ['name', 'by'],
    open: ['name', 'by'],
    late: ['name', 'by'],
    heard: ['name'],
    stands: [],
    step_listen: [],
    step_fix: [],
    step_apology: [],
    step_cause: [],
    step_tell: [],
    done: ['day'],
    until: ['day'],
    overdue: ['day'],
    more: [],
    closed: [],
  },
  apology: {
    title: [],
    dear: ['name'],
    about: ['number', 'date', 'products'],
    sorry: [],
    done: [],
    changed: [],
    reach: ['phone'],
    reach_mail: [],
    regards: [],
  },
  receipt: {
    return: [],
    exchange: [],
    write: [],
    order: ['number', 'date'],
    what: [],
    send_by: ['date'],
    next: ['name'],
  },
  survey: {
    order: ['number', 'products'],
    again: [],
    goes_on: [],
    refused: [],
    page: ['page', 'pages'],
    benefit: [],
    better: [],
    optional: [],
    none: [],
    missing: [],
    unknown: [],
    too_long: ['length', 'most'],
    next: [],
    back: [],
    send: [],
    reads: ['name'],
    not_right: [],
    thanks: [],
    arrived: [],
    arrived_high: [],
    arrived_low: [],
    call: ['name', 'by'],
    hear: ['name', 'by'],
    still: ['name'],
    change_until: ['day'],
    change: [],
    card: [],
    card_why: ['company'],
    card_how: [],
  },
} as const satisfies Record<string, Record<string, readonly string[]>>;

type Pages = typeof PAGES;
export type PageName = keyof Pages;

/** The sentences of a page: each takes what it speaks of. Fits into JSX, which escapes it. */
export type Words<Page extends PageName> = {
  [Key in keyof Pages[Page]]: (
    ...values: Pages[Page][Key] extends readonly []
      ? []
      : [Record<Extract<Pages[Page][Key], readonly string[]>[number], string | number>]
  ) => string;
};

/** The pages in one language. */
export type Wording = { [Page in PageName]: Words<Page> } & {
  /** As the page says it is written in, as de; of a page that is not translated it is English all the same. */
  language: string;
};

/** The pages' words for a reader of this locale; English where there is no such language. */
export type Sayings = (locale: string | null) => Wording;

const liquid = new Liquid({ strictVariables: true, strictFilters: true, ownPropertyOnly: true });

/** Reads the words of all languages. A sentence that is missing, unknown or uses a wrong name is a Problem, at start. */
export function readSayings(folder: string): Sayings {
  const wordings = new Map(languagesIn(folder).map((language) => [language, readLanguage(folder, language)]));
  return (locale) => wordings.get(languageOf(locale)) ?? wordings.get('en')!;
}

function readLanguage(folder: string, language: string): Wording {
  const pages = Object.keys(PAGES).map((page) => {
    const translated = existsSync(join(folder, language, 'pages', `${page}.yaml`));
    return [page, readPage(folder, translated ? language : 'en', page as PageName)] as const;
  });
  return { ...(Object.fromEntries(pages) as Omit<Wording, 'language'>), language } as Wording;
}

function readPage(folder: string, language: string, page: PageName) {
  const file = `${language}/pages/${page}.yaml`;
  const sentences: Record<string, readonly string[]> = PAGES[page];
  const text = z.string({ error: 'is no text; allowed: a sentence in quotes' }).trim().min(1);
  const shape = z.strictObject(Object.fromEntries(Object.keys(sentences).map((key) => [key, text])));
  const reading = { code: 'template-wrong', page: 'docs/content.md', plain: 'text' } as const;
  const { data, wrong } = readYaml(readFileSync(join(folder, file), 'utf8'), file, shape, reading);
  return Object.fromEntries(
    Object.entries(data).map(([key, sentence]) => {
      const allowed = sentences[key];
      const fault = (what: string) => wrong([key], what, allowed.join(', ') || 'no names');
      const parsed = parse(sentence, fault);
      const unknown = Object.keys(liquid.analyzeSync(parsed, { partials: false }).globals).find(
        (name) => !allowed.includes(name),
      );
      if (unknown) throw fault(`there is no "${unknown}" here`);
      return [
        key,
        (values: Record<string, string | number> = {}) => unbroken(String(liquid.renderSync(parsed, values))),
      ];
    }),
  );
}

function parse(sentence: string, fault: (what: string) => Problem): Template[] {
  try {
    return liquid.parse(sentence);
  } catch (error) {
    throw fault((error as Error).message.split(', ')[0]);
  }
}
