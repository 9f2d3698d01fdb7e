import type { Context } from 'hono';
import { readJson } from '../json.ts';
import { Refused } from './problems.ts';

/** Ours are a few kilobytes; an order with a thousand lines is below 300. */
const LARGEST = 1_000_000;

/** The JSON of a request's body, read with more care than JSON.parse; refused with 400, 413 or 415. */
export const jsonOf = async (c: Context): Promise<unknown> => jsonIn(await textOf(c));

/** The body as it came, for who has to see it before it is read; refused with 400, 413 or 415. */
export async function textOf(c: Context): Promise<string> {
  checkType(c);
  const bytes = await bytesOf(c);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refused(400, 'the body is not UTF-8');
  }
}

/** The JSON of a body that came as text; refused with 400. */
export function jsonIn(text: string): unknown {
  const read = readJson(text);
  if (!read.ok) throw new Refused(400, read.message);
  return read.value;
}

function checkType(c: Context) {
  const type = c.req.header('content-type') ?? '';
  const [name, ...parameters] = type.split(';').map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  const encoding = c.req.header('content-encoding') ?? 'identity';
  if (!/^application\/(merge-patch\+)?json$/.test(name) || (charset && !/^charset="?utf-8"?$/.test(charset)))
    throw new Refused(415, `the Content-Type is "${type.slice(0, 80)}"; allowed: application/json, in UTF-8`);
  if (encoding !== 'identity') throw new Refused(415, 'the body is compressed; send it as it is');
}

/** Read here and not by a middleware: what is sent in chunks says no length, so each chunk is counted. */
async function bytesOf(c: Context): Promise<Uint8Array> {
  const tooLarge = new Refused(413, `the body is too large; at most ${LARGEST} bytes are taken`);
  if (Number(c.req.header('content-length') ?? 0) > LARGEST) throw tooLarge;
  const { body } = c.req.raw;
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = body?.getReader();
  while (reader) {
    const { done, value } = await reader.read().catch(() => {
      throw new Refused(400, 'the body broke off');
    });
    if (done) break;
    size += value.length;
    if (size > LARGEST) {
      void reader.cancel().catch(() => {});
      throw tooLarge;
    }
    chunks.push(value);
  }
  return Buffer.concat(chunks);
}

/** The JSON of a body whose `id` may come as Idempotency-Key. */
export async function jsonWithId(c: Context): Promise<unknown> {
  const json = await jsonOf(c);
  const key = c.req.header('idempotency-key');
  if (!key || typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  const { id } = json as { id?: unknown };
  if (id != null && id !== key)
    throw new Refused(422, 'id and Idempotency-Key differ', [
      { path: 'id', message: 'differs from the Idempotency-Key; allowed: one of them, or both the same' },
    ]);
  return { ...json, id: key };
}
