import type { Context } from 'hono';
import type { Fault } from '../../domain/reading.ts';
import type { Errors } from './layout.tsx';

/** A form as it was sent: texts only, the last where a name came twice; files are passed over. */
export async function readForm(c: Context): Promise<Record<string, string>> {
  const body = await c.req.parseBody().catch(() => ({}));
  return Object.fromEntries(Object.entries(body).filter(([, value]) => typeof value === 'string')) as Record<
    string,
    string
  >;
}

/** Without the fields that were left empty: browsers send them all. */
export const filled = (form: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(form).filter(([, value]) => value.trim() !== ''));

/** Faults by their field, as sentences: the field's label and what is wrong with it. */
export const errorsOf = (faults: Fault[], labels: Record<string, string>): Errors =>
  Object.fromEntries(faults.map(({ path, message }) => [path, `${labels[path] ?? path} ${message}.`]));
