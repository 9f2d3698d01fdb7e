import { z } from 'zod';
import { cleanProse, type Fault, LONGEST_TEXT, type Result, shown, unbroken } from './reading.ts';
import { type Path, readYaml } from './yaml.ts';

/** How a question is answered: by the two usual scores, by one of several options, on a scale, or in own words. */
export const QUESTION_KINDS = ['nps', 'csat', 'choice', 'scale', 'text'] as const;

/** Whom a score shows. */
export const BANDS = ['promoter', 'passive', 'detractor'] as const;
export type Band = (typeof BANDS)[number];

/** The survey whose questions are asked on calls, and where an answer does not say which it is to. */
export const NPS = 'nps';

/** What every survey asks beside its own questions: how it benefited the customer, and what could be better. */
export const QUOTES = ['benefit', 'better'] as const;
export type Quote = (typeof QUOTES)[number];

interface Asked {
  /** What it is known by, the same in every language; of a score its kind. */
  name: string;
  /** The question itself. */
  ask: string;
  required: boolean;
  /** It is asked on a page after the others, once the score is known and of this band; null: it is asked everybody. */
  when: Band | null;
}

export interface Option {
  name: string;
  says: string;
}

export type Question = Asked &
  (
    | { kind: 'nps' | 'csat' | 'scale'; from: number; to: number; low: string; high: string }
    | { kind: 'choice'; options: Option[] }
    | { kind: 'text' }
  );

/** What customers are asked, in one language. */
export interface Survey {
  name: string;
  /** As it heads the page. */
  title: string;
  language: string;
  questions: Question[];
}

/** The surveys there are. */
export interface Surveys {
  names: string[];
  /** A survey in a language as `de`, in English where it is not translated. One that is gone asks what `nps` asks. */
  in(name: string, language: string): Survey;
}

/** What was answered to a survey's own questions, by their names: a figure, the name of an option, or words. */
export type OwnAnswers = Record<string, string | number>;

/** What a customer answered; what was not asked or not answered is null. */
export interface Answers {
  /** 0 to 10. */
  nps: number | null;
  /** 1 to 5. */
  csat: number | null;
  benefit: string | null;
  better: string | null;
  /** Left out: nothing. */
  own?: OwnAnswers;
}

/** Some of the answers: what is left out stays as it was, null takes it back. */
export type Given = Partial<Omit<Answers, 'own'>> & { own?: Record<string, string | number | null> };

/**
 * Whom the scores of an answer show, the lower one where there are both; null: there is none, and no score is never taken
 * for a good one. NPS goes by its bands, 0 to 6, 7 and 8, 9 and 10. Of CSAT the top two boxes are the satisfied ones, as
 * that score is usually counted: 4 and 5; 3 is neither, 1 and 2 are low.
 */
export function bandOf({ nps, csat }: Pick<Answers, 'nps' | 'csat'>): Band | null {
  const bands = [
    ...(nps === null ? [] : [nps >= 9 ? 'promoter' : nps >= 7 ? 'passive' : 'detractor']),
    ...(csat === null ? [] : [csat >= 4 ? 'promoter' : csat === 3 ? 'passive' : 'detractor']),
  ];
  return BANDS.findLast((band) => bands.includes(band)) ?? null;
}

/** Whether nothing at all was answered. */
export const isBlank = ({ own = {}, ...given }: Given) =>
  Object.values({ ...given, ...own }).every((value) => value === null);

/** What stands on one page. */
export interface Page {
  questions: Question[];
  /** The two questions that are always there stand on it too. */
  quotes: boolean;
}

/** A page asks no more than this. */
export const MOST_ON_A_PAGE = 5;

/**
 * The pages of a survey for who gave a score of this band; null: it is not known yet. What everybody is asked comes
 * first, with the two questions that are always there at its end; what is asked for the score's sake follows.
 */
export function pagesOf({ questions }: Survey, band: Band | null): Page[] {
  const pages = inPages(questions.filter(({ when }) => when === null));
  const last = pages.at(-1);
  if (last && last.questions.length + QUOTES.length <= MOST_ON_A_PAGE) last.quotes = true;
  else pages.push({ questions: [], quotes: true });
  return [...pages, ...inPages(questions.filter(({ when }) => when !== null && when === band))];
}

const inPages = (questions: Question[]): Page[] =>
  Array.from({ length: Math.ceil(questions.length / MOST_ON_A_PAGE) }, (_, nth) => ({
    questions: questions.slice(nth * MOST_ON_A_PAGE, (nth + 1) * MOST_ON_A_PAGE),
    quotes: false,
  }));

/** The first page on which nothing was answered, or not what is needed, from 0; -1: there is none. */
export const firstOpen = (pages: readonly Page[], answers: Answers): number =>
  pages.findIndex(({ questions, quotes }) => {
    const said = [
      ...questions.map((question) => answerTo(question, answers)),
      ...(quotes ? QUOTES.map((name) => answers[name]) : []),
    ];
    const needed = questions.filter(({ required }) => required);
    return said.every((one) => one === null) || needed.some((question) => answerTo(question, answers) === null);
  });

/** What was answered to a question; null: nothing. */
export const answerTo = (question: Question, answers: Answers): string | number | null =>
  question.kind === 'nps' || question.kind === 'csat' ? answers[question.kind] : (answers.own?.[question.name] ?? null);

/** An answer to a question in words that people read; what is no answer of it any more is shown as it is. */
export function answerInWords(question: Question, answer: string | number): string {
  if (question.kind === 'text') return String(answer);
  if (question.kind === 'choice') return question.options.find(({ name }) => name === answer)?.says ?? String(answer);
  return `${answer} of ${question.to}`;
}

/** The field of a form that takes the answer to a question. */
export const fieldOf = ({ kind, name }: Question) => (kind === 'nps' || kind === 'csat' ? kind : `own.${name}`);

/** A form's fields with the answers that are there already. */
export function fieldsOf({ nps, csat, benefit, better, own = {} }: Answers): Record<string, string> {
  const fields = { nps, csat, benefit, better, ...named(own) };
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]])),
  );
}

const named = (own: OwnAnswers) =>
  Object.fromEntries(Object.entries(own).map(([name, value]) => [`own.${name}`, value]));

/** What is wrong with an answer. */
export type Mistake = { why: 'missing' | 'unknown' } | { why: 'too-long'; length: number };

/**
 * Reads the fields of a page: what is right, and what is wrong by its field. Fields it does not ask for are passed over,
 * since forms carry other things too; what cannot be stored is stripped and not refused, since a customer cannot mend
 * an invisible character.
 */
export function readPage(
  { questions, quotes }: Page,
  form: Readonly<Record<string, unknown>>,
): { given: Given; wrong: Record<string, Mistake> } {
  const given: Given = {};
  const wrong: Record<string, Mistake> = {};
  for (const question of questions) {
    const field = fieldOf(question);
    const read = readAnswer(question, form[field]);
    if ('mistake' in read) wrong[field] = read.mistake;
    else if (read.value === null && question.required) wrong[field] = { why: 'missing' };
    else if (question.kind === 'nps' || question.kind === 'csat') given[question.kind] = read.value as number | null;
    else given.own = { ...given.own, [question.name]: read.value };
  }
  for (const name of quotes ? QUOTES : []) {
    const read = readText(form[name]);
    if ('mistake' in read) wrong[name] = read.mistake;
    else given[name] = read.value;
  }
  return { given, wrong };
}

type Reading<T> = { value: T | null } | { mistake: Mistake };

const textOf = (given: unknown) => (typeof given === 'string' || typeof given === 'number' ? String(given) : '');

function readText(given: unknown): Reading<string> {
  const text = cleanProse(textOf(given));
  return text.length > LONGEST_TEXT ? { mistake: { why: 'too-long', length: text.length } } : { value: text || null };
}

function readAnswer(question: Question, given: unknown): Reading<string | number> {
  if (question.kind === 'text') return readText(given);
  const chosen = textOf(given).trim();
  if (chosen === '') return { value: null };
  if (question.kind === 'choice') {
    const known = question.options.some(({ name }) => name === chosen);
    return known ? { value: chosen } : { mistake: { why: 'unknown' } };
  }
  const figure = Number(chosen);
  const fits =
    String(figure) === chosen && Number.isInteger(figure) && figure >= question.from && figure <= question.to;
  return fits ? { value: figure } : { mistake: { why: 'unknown' } };
}

/** Holds answers to a survey's own questions against it; a fault says what is allowed. Nothing is required here. */
export function readOwn(survey: Survey, own: Readonly<Record<string, unknown>>): Result<'own', OwnAnswers> {
  const questions = survey.questions.filter(({ kind }) => kind !== 'nps' && kind !== 'csat');
  const errors: Fault[] = [];
  const answers: OwnAnswers = {};
  for (const [name, given] of Object.entries(own)) {
    const question = questions.find((one) => one.name === name);
    const read = question && readAnswer(question, given);
    if (!question || !read) {
      const allowed = questions.map((one) => one.name).join(', ') || 'none';
      errors.push({ path: name, message: `is no question of the survey "${survey.name}"; allowed: ${allowed}` });
    } else if ('mistake' in read) errors.push({ path: name, message: refusal(question, given, read.mistake) });
    else if (read.value !== null) answers[name] = read.value;
  }
  return errors.length > 0 ? { ok: false, errors } : { ok: true, own: answers };
}

function refusal(question: Question, given: unknown, mistake: Mistake): string {
  if (mistake.why === 'too-long') return `is ${mistake.length} characters long; at most ${LONGEST_TEXT} are allowed`;
  if (question.kind === 'choice')
    return `is ${shown(given)}; allowed: ${question.options.map(({ name }) => name).join(', ')}`;
  return `is ${shown(given)}; allowed: a whole number${question.kind === 'text' ? '' : ` from ${question.from} to ${question.to}`}`;
}

// The titles say what a key takes: editors show them, and so does docs/surveys.md.
const name = (what: string) => {
  const error = `is not the name of ${what}; allowed: up to 40 small letters, digits and hyphens, a letter first`;
  return z
    .string({ error })
    .regex(/^[a-z][a-z0-9-]{0,39}$/, { error })
    .meta({ title: 'a name' });
};
const words = (most: number) => {
  const error = `is no text, or too short or too long; allowed: 1 to ${most} characters`;
  return z
    .string({ error })
    .trim()
    .min(1, { error })
    .max(most, { error })
    .meta({ title: `up to ${most} characters` });
};
const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `is unknown; allowed: ${values.join(', ')}` });

/** How a figure is told in a schema: editors take it for a number, we read its text. */
export const FIGURE = 'a whole number, 0 to 99';
const figure = () => {
  const error = 'is no such number; allowed: whole numbers from 0 to 99';
  return z
    .string({ error })
    .regex(/^\d{1,2}$/, { error })
    .meta({ title: FIGURE });
};
const options = () =>
  z
    .record(name('an option'), words(80), {
      error: 'is no list of options; allowed: a name and its words on each line',
    })
    .meta({ title: 'names, and what each says' });

const questionShape = z
  .strictObject({
    name: name('a question').describe(
      'What it is known by, the same in every language; of `nps` and `csat` just that.',
    ),
    kind: oneOf(QUESTION_KINDS).describe('How it is answered.'),
    ask: words(300).describe('The question itself.'),
    required: oneOf(['yes', 'no']).optional().describe('The page is not taken without an answer; `no` if left out.'),
    when: oneOf(BANDS)
      .optional()
      .describe('Asked on a page after the others, of those whose score shows this; everybody if left out.'),
    low: words(60).optional().describe('What the lowest figure means. Of scores and scales, which need it.'),
    high: words(60).optional().describe('What the highest figure means. Of scores and scales, which need it.'),
    from: figure().optional().describe('The lowest figure. Of a scale, which needs it.'),
    to: figure().optional().describe('The highest figure, at most 10 above the lowest. Of a scale, which needs it.'),
    options: options().optional().describe('What there is to choose from, 2 to 12. Of a choice, which needs it.'),
  })
  .superRefine((question, issue) => {
    const { kind } = question;
    const wrong = (message: string, ...path: string[]) => issue.addIssue({ code: 'custom', message, path });
    const isScore = kind === 'nps' || kind === 'csat';
    const needs = { low: isScore || kind === 'scale', high: isScore || kind === 'scale', from: kind === 'scale' };
    for (const [key, needed] of Object.entries({ ...needs, to: kind === 'scale', options: kind === 'choice' })) {
      const given = question[key as keyof typeof question] !== undefined;
      if (needed && !given) wrong(`a ${kind} needs "${key}"; allowed: with ${key}`);
      if (!needed && given) wrong(`a ${kind} has no "${key}"; allowed: without it`, key);
    }
    if (isScore && question.name !== kind) wrong(`is "${question.name}"; allowed: ${kind}, as its kind`, 'name');
    if (!isScore && (RESERVED as readonly string[]).includes(question.name))
      wrong(`"${question.name}" is taken; allowed: a name of its own`, 'name');
    if (isScore && question.when) wrong('is for what follows a score; allowed: with the other kinds', 'when');
    const [from, to] = [Number(question.from), Number(question.to)];
    if (kind === 'scale' && (to <= from || to > from + 10))
      wrong(`is ${to}; allowed: more than ${from}, and at most ${from + 10}`, 'to');
    const count = Object.keys(question.options ?? {}).length;
    if (kind === 'choice' && question.options && (count < 2 || count > 12))
      wrong(`are ${count}; allowed: 2 to 12`, 'options');
  })
  .meta({ title: 'One question' });

const RESERVED = ['nps', 'csat', ...QUOTES] as const;

/** A survey as it stands in its YAML file, in English. */
export const surveyShape = z
  .strictObject({
    name: name('a survey').describe('What playbooks ask for it by, and the name of the file.'),
    title: words(80).describe('What heads the page.'),
    questions: z
      .array(questionShape, { error: 'is not a list; allowed: questions, each beginning with "-"' })
      .min(1, { error: 'is empty; allowed: one question or more' })
      .meta({ title: 'a list of questions', description: 'In the order in which they are asked.' }),
  })
  .superRefine(({ questions }, issue) => {
    const seen = new Set<string>();
    const wrong = (at: number, key: string, message: string) =>
      issue.addIssue({ code: 'custom', path: ['questions', at, key], message });
    for (const [at, { name, when }] of questions.entries()) {
      if (seen.has(name)) wrong(at, 'name', `"${name}" is taken; allowed: a name of its own`);
      seen.add(name);
      if (when && !questions.some(({ kind }) => kind === 'nps' || kind === 'csat'))
        wrong(at, 'when', 'waits for a score nobody is asked for; allowed: in a survey with nps or csat');
    }
  })
  .meta({ title: 'A survey of Aftercare' });

/** The same survey in another language: its words, by the names of the questions. */
const translated = (most: number) => words(most).transform(unbroken);
const translationShape = z.strictObject({
  title: translated(80),
  questions: z.record(
    z.string(),
    z.strictObject({
      ask: translated(300),
      low: translated(60).optional(),
      high: translated(60).optional(),
      options: z.record(z.string(), translated(80)).optional(),
    }),
    { error: 'is no list; allowed: the names of the questions, each with its words' },
  ),
});

// Words are words here: an option "No" is none of YAML's yes and no.
const READING = { code: 'survey-wrong', page: 'docs/surveys.md', plain: 'text' } as const;

/** Reads a survey; a mistake is a Problem naming file, line, what is wrong and what is allowed. */
export function readSurvey(source: string, file: string): Survey {
  const { data, wrong } = readYaml(source, file, surveyShape, READING);
  if (`${data.name}.yaml` !== file)
    throw wrong(['name'], `"${data.name}" is not the name of the file`, file.slice(0, -5));
  return {
    name: data.name,
    title: data.title,
    language: 'en',
    questions: data.questions.map(
      ({ kind, low = '', high = '', options = {}, required, when, ...question }): Question => {
        const asked = { name: question.name, ask: question.ask, required: required === 'yes', when: when ?? null };
        if (kind === 'text') return { ...asked, kind };
        if (kind === 'choice')
          return { ...asked, kind, options: Object.entries(options).map(([name, says]) => ({ name, says })) };
        const [from, to] = RANGES[kind] ?? [Number(question.from), Number(question.to)];
        return { ...asked, kind, from, to, low, high };
      },
    ),
  };
}

const RANGES: Record<string, [number, number]> = { nps: [0, 10], csat: [1, 5] };

/** Reads the words of a survey in another language: all of them, and no others. Mistakes are Problems, as above. */
export function readTranslation(source: string, file: string, language: string, english: Survey): Survey {
  const { data, wrong } = readYaml(source, file, translationShape, READING);
  const same = (path: Path, given: object, names: readonly string[]) => {
    const unknown = Object.keys(given).find((name) => !names.includes(name));
    if (unknown) throw wrong([...path, unknown], `"${unknown}" is not there in English`, names.join(', ') || 'nothing');
    const missing = names.find((name) => !(name in given));
    if (missing) throw wrong(path, `"${missing}" is missing`, `all of ${names.join(', ')}`);
  };
  same(
    ['questions'],
    data.questions,
    english.questions.map(({ name }) => name),
  );
  const questions = english.questions.map((question): Question => {
    const { name, kind } = question;
    const { ask, low = '', high = '', options = {} } = data.questions[name];
    const path = ['questions', name];
    const keys = kind === 'text' ? ['ask'] : kind === 'choice' ? ['ask', 'options'] : ['ask', 'low', 'high'];
    same(path, data.questions[name], keys);
    if (kind === 'text') return { ...question, ask };
    if (kind !== 'choice') return { ...question, ask, low, high };
    const names = question.options.map((option) => option.name);
    same([...path, 'options'], options, names);
    return { ...question, ask, options: names.map((one) => ({ name: one, says: options[one] })) };
  });
  return { name: english.name, title: data.title, language, questions };
}
