import { z } from 'zod';

/** One thing that is wrong with an input: where, as `lines[2].price`, and what, with what is allowed. */
export interface Fault {
  path: string;
  message: string;
}

/** What a reader of a whole input answers: the thing under its name, or everything that was found wrong. */
export type Result<Name extends string, T> = ({ ok: true } & { [K in Name]: T }) | { ok: false; errors: Fault[] };

/** What a reader of one value answers: the value, or what is wrong with it and what is allowed. */
export type Read<T> = { value: T } | { wrong: string };

/** More are not listed: whoever made a hundred faults made one, a hundred times. */
const MOST_FAULTS = 100;

/** The longest free text, in UTF-16 units. */
export const LONGEST_TEXT = 10_000;

/** Collects faults while an input is read, so that the sender hears all of them at once. */
export class Faults {
  readonly all: Fault[] = [];

  add(path: string, message: string) {
    if (this.all.length < MOST_FAULTS && !this.all.some((fault) => fault.path === path))
      this.all.push({ path, message });
  }

  /** The value that was read; where there is none, notes the fault and goes on with a stand-in nobody will see. */
  take<T>(path: string, read: Read<T>, standIn: T): T {
    if ('value' in read) return read.value;
    this.add(path, read.wrong);
    return standIn;
  }
}

/** A value in a message: quoted, and cut where it is long. Not for what is personal, since messages may be logged. */
export const shown = (value: unknown) => {
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value);
  return typeof value === 'string' && value.length > 40 ? `${text} (cut)` : text;
};

/** An object with these fields and no others; a fault names those that are allowed. */
export const fields = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? `is not a field here; allowed: ${Object.keys(shape).join(', ')}` : undefined,
  });

/**
 * A schema whose values also pass a reader. A refinement and no transform: the schema goes on to describe the input,
 * and OpenAPI can be generated from it.
 */
export const checked = <Schema extends z.ZodType>(
  schema: Schema,
  reader: (value: z.output<Schema>) => Read<unknown>,
): Schema =>
  schema.superRefine((value, context) => {
    const read = reader(value);
    if ('wrong' in read) context.addIssue({ code: 'custom', message: read.wrong });
  });

/** A field that may be left out, be null, or be empty as many systems write what they do not have. */
export const optional = (schema: z.ZodString, reader: (text: string) => Read<unknown>) =>
  checked(schema, (text) => (text.trim() === '' ? { value: null } : reader(text))).nullish();

/** Holds an input against its schema, with our words for what is wrong. */
export function check<Schema extends z.ZodType>(schema: Schema, json: unknown): Result<'input', z.output<Schema>> {
  const parsed = schema.safeParse(json, { error: explain });
  if (parsed.success) return { ok: true, input: parsed.data };
  const faults = new Faults();
  for (const issue of parsed.error.issues.flatMap(ofWhatWasMeant)) {
    if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys.slice(0, MOST_FAULTS)) faults.add(pathOf([...issue.path, key]), issue.message);
    else faults.add(pathOf(issue.path), issue.message);
  }
  return { ok: false, errors: faults.all };
}

/** Where a value may be one thing or an object and is one: what is wrong inside it. */
function ofWhatWasMeant(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const inside = issue.errors.find((all) =>
    all.every(({ code, path }) => path.length > 0 || code === 'unrecognized_keys'),
  );
  return inside?.map((one) => ({ ...one, path: [...issue.path, ...one.path] })) ?? [issue];
}

/** `['lines', 2, 'price']` as `lines[2].price`; a name that is none of ours is quoted. */
function pathOf(steps: readonly PropertyKey[]): string {
  return steps.reduce<string>((path, step) => {
    if (typeof step === 'number') return `${path}[${step}]`;
    const name = String(step);
    if (!/^[A-Za-z_$][\w$-]{0,60}$/.test(name)) return `${path}[${shown(name)}]`;
    return path ? `${path}.${name}` : name;
  }, '');
}

type Issue = Parameters<z.core.$ZodErrorMap>[0];

function explain(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return isNot(issue.input, NEEDED[issue.expected] ?? issue.expected);
    case 'invalid_value': {
      const allowed = `allowed: ${issue.values.map(String).join(', ')}`;
      return issue.input === undefined ? `is missing; ${allowed}` : `is ${kindOf(issue.input, true)}; ${allowed}`;
    }
    case 'too_big':
      if (issue.origin === 'string') return `is too long; at most ${issue.maximum} characters are allowed`;
      if (issue.origin === 'array') return `has too many entries; at most ${issue.maximum} are allowed`;
      return `is ${shown(issue.input)}; at most ${issue.maximum} is allowed`;
    case 'too_small':
      return `is ${shown(issue.input)}; ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum} is needed`;
    default:
      return undefined;
  }
}

/** The sentence for a value of the wrong kind. */
export const isNot = (input: unknown, needed: string) =>
  input === undefined ? `is missing; ${needed} is needed` : `is ${kindOf(input)}; ${needed} is needed`;

const NEEDED: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
};

function kindOf(input: unknown, showText = false): string {
  if (input === null) return 'null';
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'string') return showText ? shown(input) : 'a string';
  if (typeof input === 'number')
    return Number.isFinite(input) ? `the number ${input}` : 'a number too large or none at all';
  return typeof input === 'boolean' ? String(input) : 'an object';
}

/** What no text may hold: PostgreSQL stores neither, and no mail can carry half a character. */
function unstorable(text: string): string | null {
  if (text.includes('\0')) return 'contains a NUL character (U+0000), which is not allowed';
  if (/\p{Cs}/u.test(text)) return 'contains half a character (a lone surrogate), which is not allowed';
  return null;
}

/** Overrides and isolates of the writing direction, and the byte order mark: they change how the rest of a page reads. */
const DECEIVERS = /[\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** A text on one line, as a name: a line break is refused, since it could become a header; controls are stripped. */
export function readLine(text: string): Read<string> {
  const wrong = unstorable(text);
  if (wrong) return { wrong };
  if (/[\r\n]/.test(text)) return { wrong: 'contains a line break; one line is allowed' };
  return { value: cleanLine(text) };
}

const cleanLine = (text: string) =>
  text
    .replace(/[\t\v\f\u0085\u2028\u2029]/gu, ' ')
    .replace(/\p{Cc}/gu, '')
    .replace(DECEIVERS, '')
    .normalize('NFC')
    .trim();

/** A text that may have several lines; line ends become LF, controls are stripped. */
export function readProse(text: string): Read<string> {
  const wrong = unstorable(text);
  return wrong ? { wrong } : { value: cleanProse(text) };
}

/** Prose without what cannot be stored or shown; for people, who cannot be asked to mend an invisible character. */
export const cleanProse = (text: string) =>
  text
    .replace(/\r\n?|[\u0085\u2028\u2029]/gu, '\n')
    .replace(/(?![\t\n])\p{Cc}/gu, '')
    .replace(/\p{Cs}/gu, '\ufffd')
    .replace(DECEIVERS, '')
    .normalize('NFC')
    .trim();

/** A text to be read, in which a mark that stands apart from its word, as in French, does not begin a line. */
export const unbroken = (text: string) => text.replace(/ (?=[:;?!»])/g, '\u00A0');

/**
 * A name others know something by. What cannot be seen is refused and not stripped, or two ids would become one;
 * `.` and `..` are refused because no address can end in them.
 */
export function readId(text: string): Read<string> {
  const wrong = unstorable(text);
  if (wrong) return { wrong };
  const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.exec(text);
  if (invisible) {
    const code = invisible[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    return { wrong: `contains an invisible character (U+${code}), which is not allowed` };
  }
  const id = text.normalize('NFC').trim();
  if (id === '') return { wrong: 'is empty' };
  return id === '.' || id === '..' ? { wrong: `is ${shown(id)}, which cannot be part of an address` } : { value: id };
}

/** A schema for one line of at most so many UTF-16 units. */
export const line = (most: number) => checked(z.string().max(most), readLine);

/** A schema for free text. */
export const prose = () => checked(z.string().max(LONGEST_TEXT), readProse);

/** A schema for an id of at most so many UTF-16 units; counted again once normalised, which can lengthen it. */
export const id = (most: number) =>
  checked(z.string().max(most), (text) => {
    const read = readId(text);
    if ('wrong' in read || read.value.length <= most) return read;
    return { wrong: `is too long; at most ${most} characters are allowed` };
  });

/** The text of a line that has passed its schema; null where it was left out or nothing is left of it. */
export const lineOf = (text: string | null | undefined) => (text && cleanLine(text)) || null;

/** The prose that has passed its schema; null where it was left out or nothing is left of it. */
export const proseOf = (text: string | null | undefined) => (text && cleanProse(text)) || null;

/** The id that has passed its schema. */
export const idOf = (text: string) => text.normalize('NFC').trim();
