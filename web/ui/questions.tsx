import { LONGEST_TEXT } from '../../domain/reading.ts';
import { fieldOf, type Mistake, type Question } from '../../domain/survey.ts';
import type { Words } from '../customer/words.ts';
import { type Errors, FieldError, FreeText } from './layout.tsx';

interface Field {
  question: Question;
  typed: Readonly<Record<string, string | undefined>>;
  errors: Errors;
  /** What stands behind a question that needs no answer, as `optional`; empty: nothing. */
  optional: string;
  /** How an answer is left out, or taken back, where none is needed. */
  none: string;
  /** The id of a field, where a page has several forms. */
  of?: (name: string) => string;
}

/** A question of a survey as fields of a form: figures in a row, options one below the other, or room for words. */
export const QuestionField = ({ question, typed, errors, optional, none, of = same }: Field) => {
  const { kind, ask, required } = question;
  const name = fieldOf(question);
  const asked = required || !optional ? ask : `${ask} (${optional})`;
  const error = errors[name] ? `${of(name)}-error` : '';
  if (kind === 'text')
    return (
      <FreeText
        name={name}
        of={of(name)}
        label={asked}
        typed={typed[name]}
        longest={LONGEST_TEXT}
        errors={errors}
        required={required}
      />
    );
  const chosen = typed[name] ?? '';
  const choices = choicesOf(question).map(({ value, says }) => (
    <label>
      <input type="radio" name={name} value={value} required={required} checked={chosen === value} />
      {says}
    </label>
  ));
  if (!required)
    choices.push(
      <label class="none">
        <input type="radio" name={name} value="" checked={chosen === ''} />
        {none}
      </label>,
    );
  if (kind === 'choice')
    return (
      <fieldset class="choice" aria-describedby={error || undefined}>
        <legend>{asked}</legend>
        {choices}
        <FieldError errors={errors} name={name} of={of(name)} />
      </fieldset>
    );
  const { from, to, low, high } = question;
  return (
    <fieldset class="scale-of" aria-describedby={`${of(name)}-ends ${error}`.trim()}>
      <legend>{asked}</legend>
      <div class="scale">{choices}</div>
      <p class="ends small quiet" id={`${of(name)}-ends`}>
        <span>
          {from}: {low}
        </span>
        <span>
          {to}: {high}
        </span>
      </p>
      <FieldError errors={errors} name={name} of={of(name)} />
    </fieldset>
  );
};

const choicesOf = (question: Exclude<Question, { kind: 'text' }>): { value: string; says: string }[] =>
  question.kind === 'choice'
    ? question.options.map(({ name, says }) => ({ value: name, says }))
    : Array.from({ length: question.to - question.from + 1 }, (_, step) => String(question.from + step)).map(
        (figure) => ({
          value: figure,
          says: figure,
        }),
      );

const same = (name: string) => name;

/** What was wrong with the answers, by their fields, in the reader's language. */
export const errorsIn = (wrong: Readonly<Record<string, Mistake>>, words: Words<'survey'>): Errors =>
  Object.fromEntries(
    Object.entries(wrong).map(([field, mistake]) => [
      field,
      mistake.why === 'too-long'
        ? words.too_long({ length: mistake.length, most: LONGEST_TEXT })
        : words[mistake.why](),
    ]),
  );
