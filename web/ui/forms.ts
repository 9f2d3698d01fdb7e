import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Fault } from '../../domain/reading.ts';
import type { Errors } from './layout.tsx';

/** What a form is sent as. */
const FORMS = ['application/x-www-form-urlencoded', 'multipart/form-data'];

/**
 * A form as it was sent: texts only, the last where a name came twice; files are passed over. What is none is refused,
 * and not taken for one that was left empty.
 */
export async function readForm(c: Context): Promise<Record<string, string>> {
  const type = c.req.header('content-type')?.split(';')[0].trim().toLowerCase() ?? '';
  if (!FORMS.includes(type)) throw noForm(415, 'is not sent as a form');
  const body = await c.req.parseBody().catch(() => {
    throw noForm(400, 'is a form that breaks off or cannot be read');
  });
  return Object.fromEntries(Object.entries(body).filter(([, value]) => typeof value === 'string')) as Record<
    string,
    string
  >;
}

const noForm = (status: 400 | 415, what: string) =>
  new HTTPException(status, { message: `What came ${what}; allowed: ${FORMS.join(', ')}.` });

/** Without the fields that were left empty: browsers send them all. */
export const filled = (form: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(form).filter(([, value]) => value.trim() !== ''));

/** Faults by their field, as sentences: the field's label and what is wrong with it. */
export const errorsOf = (faults: Fault[], labels: Record<string, string>): Errors =>
  Object.fromEntries(faults.map(({ path, message }) => [path, `${labels[path] ?? path} ${message}.`]));
