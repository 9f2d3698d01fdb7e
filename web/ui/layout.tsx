import { raw } from 'hono/html';
import type { Child } from 'hono/jsx';
import { assetUrl } from './assets.ts';

/** The one frame of every page: a title, what leads the body, and the body. */
export const Layout = ({
  title,
  children,
  icon = false,
  language = 'en',
}: {
  title: string;
  children?: Child;
  icon?: boolean;
  language?: string;
}) => (
  <>
    {raw('<!doctype html>')}
    <html lang={language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>{title}</title>
        {icon && <link rel="icon" href={assetUrl('icon.svg')} />}
        <link rel="stylesheet" href={assetUrl('pico.css')} />
        <link rel="stylesheet" href={assetUrl('style.css')} />
      </head>
      <body>{children}</body>
    </html>
  </>
);

/** What was wrong with a form, by the name of its field. */
export type Errors = Readonly<Record<string, string>>;

/** The sentence under a field that was filled in wrongly; the field names it with `describedBy`. */
export const FieldError = ({ errors, name, of = name }: { errors: Errors; name: string; of?: string }) =>
  errors[name] ? (
    <small class="error" id={`${of}-error`}>
      {errors[name]}
    </small>
  ) : null;

/** A field for a few lines in the customer's own words. */
export const FreeText = (field: {
  name: string;
  /** Its id, where a page has several forms. */
  of?: string;
  label: string;
  typed?: string | null;
  longest: number;
  errors: Errors;
  required?: boolean;
}) => {
  const { name, of = name, label, typed, longest, errors, required = false } = field;
  return (
    <>
      <label for={of}>{label}</label>
      <textarea id={of} name={name} rows={3} maxlength={longest} required={required} {...wrongness(errors, name, of)}>
        {typed}
      </textarea>
      <FieldError errors={errors} name={name} of={of} />
    </>
  );
};

/** The attributes that tie a field to its error. */
export const wrongness = (errors: Errors, name: string, of = name) =>
  errors[name] ? { 'aria-invalid': 'true' as const, 'aria-describedby': `${of}-error` } : {};
