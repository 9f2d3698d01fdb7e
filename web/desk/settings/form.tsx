import type { JSX } from 'hono/jsx';
import { LONGEST_TEXT, type Read, readProse } from '../../../domain/reading.ts';
import { type Errors, FieldError, FreeText, wrongness } from '../../ui/layout.tsx';
import type { Web } from '../../web.ts';

/** What was typed into a form, by the name of its field. */
export type Typed = Record<string, string>;

/** What became of a form: what was saved, as the next page says it; else which form comes back, and what was wrong. */
export type Taken = { saved: string } | { form: string; errors: Errors };

/** Takes one of the forms of the settings. */
export type TakeForm = (web: Web, typed: Typed) => Promise<Taken>;

/** A form that came back: which one, what was typed, and what was wrong. */
export interface Failed {
  form: string;
  typed: Typed;
  errors: Errors;
}

/** A form as it is drawn: ids in it begin with its own, so that several of a kind fit one page. */
export interface Form {
  id: string;
  typed: Readonly<Record<string, string | null | undefined>>;
  errors: Errors;
}

/** The form with what is there, or with what was typed where it came back. */
export const formOf = (id: string, there: Form['typed'], failure: Failed | undefined): Form =>
  failure?.form === id ? { id, typed: failure.typed, errors: failure.errors } : { id, typed: there, errors: {} };

/** A field with its label, and under it what was wrong. */
export const Field = ({
  form,
  name,
  label,
  ...input
}: { form: Form; name: string; label: string } & Omit<JSX.IntrinsicElements['input'], 'form'>) => {
  const id = `${form.id}-${name}`;
  return (
    <>
      <label for={id}>{label}</label>
      <input id={id} name={name} value={form.typed[name] ?? ''} {...input} {...wrongness(form.errors, name, id)} />
      <FieldError errors={form.errors} name={name} of={id} />
    </>
  );
};

/** One of several to choose, by value and words. */
export const Choice = ({
  form,
  name,
  label,
  of,
}: {
  form: Form;
  name: string;
  label: string;
  of: readonly (readonly [string, string])[];
}) => {
  const id = `${form.id}-${name}`;
  return (
    <>
      <label for={id}>{label}</label>
      <select id={id} name={name} {...wrongness(form.errors, name, id)}>
        {of.map(([value, words]) => (
          <option value={value} selected={value === (form.typed[name] ?? '')}>
            {words}
          </option>
        ))}
      </select>
      <FieldError errors={form.errors} name={name} of={id} />
    </>
  );
};

/** Reads a text that must be there. */
export const needed = (text: string): Read<string> => (text.trim() ? { value: text.trim() } : { wrong: 'is empty' });

/** Reads a whole number; null where the field was left empty. */
export function readNumber(text: string, least: number, most: number): Read<number | null> {
  const written = text.trim();
  if (written === '') return { value: null };
  const value = /^\d{1,6}$/.test(written) ? Number(written) : -1;
  return value >= least && value <= most
    ? { value }
    : { wrong: `is not a number that fits; allowed: a whole number from ${least} to ${most}` };
}

/** The value of what its schema has let through. */
export const valueIn = <T,>(read: Read<T>): T | null => ('value' in read ? read.value : null);

/** Takes the value of a reading; what was wrong is noted under the field's name, as a sentence. */
export function take<T>(errors: Record<string, string>, name: string, label: string, read: Read<T>): T | null {
  if ('value' in read) return read.value;
  errors[name] = `${label} ${read.wrong}.`;
  return null;
}

/** Reads a colleague's text that must be there: prose of at most LONGEST_TEXT characters. */
export const readWords = (text: string): Read<string> => shortEnough(readProse(text), LONGEST_TEXT);

/** The same of anything that was read: it must be there, and be no longer than this. */
export function shortEnough(read: Read<string>, longest: number): Read<string> {
  if ('wrong' in read) return read;
  const { length } = read.value;
  return length > longest
    ? { wrong: `is ${length} characters long; at most ${longest} are allowed` }
    : needed(read.value);
}

/** The same of words that may be left out; null where they are, or where they were wrong, which is noted. */
export const optionalWords = (text: string | undefined, label: string, name: string, errors: Record<string, string>) =>
  text?.trim() ? take(errors, name, label, readWords(text)) : null;

/** A field for several lines, with its label, and under it what was wrong. */
export const Words = ({
  form,
  name,
  label,
  required,
}: {
  form: Form;
  name: string;
  label: string;
  required?: boolean;
}) => (
  <FreeText
    name={name}
    of={`${form.id}-${name}`}
    label={label}
    typed={form.typed[name]?.slice(0, LONGEST_TEXT)}
    longest={LONGEST_TEXT}
    errors={form.errors}
    required={required}
  />
);
