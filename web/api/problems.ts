import { STATUS_CODES } from 'node:http';
import type { Context } from 'hono';
import type { Logger } from 'pino';
import type { Fault } from '../../domain/reading.ts';
import type { ProblemReply } from '../../domain/replies.ts';
import { isAway } from '../../store/away.ts';

/** Thrown where a request cannot be done; `errors` are everything that is wrong with it. */
export class Refused extends Error {
  readonly status: number;
  readonly errors: Fault[];

  constructor(status: number, detail: string, errors: Fault[] = []) {
    super(detail);
    this.status = status;
    this.errors = errors;
  }
}

/** The refusal of an input, with everything that is wrong with it. */
export const faulty = (errors: Fault[]) =>
  new Refused(422, errors.length === 1 ? `${errors[0].path} ${errors[0].message}` : 'several fields are wrong', errors);

/** What a reader read; thrown as a refusal where it found faults. */
export function read<T extends { ok: true }>(result: T | { ok: false; errors: Fault[] }): T {
  if (!result.ok) throw faulty(result.errors);
  return result;
}

/** Problem details (RFC 9457). */
export function problem(status: number, detail: string, errors: Fault[] = [], headers: Record<string, string> = {}) {
  const title = STATUS_CODES[status] ?? 'Error';
  const body = { type: 'about:blank', title, status, detail, errors } satisfies ProblemReply;
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
  });
}

/** The answer to a request that failed. */
export function problemOf(error: unknown, c: Context, log: Logger): Response {
  if (error instanceof Refused) return problem(error.status, error.message, error.errors);
  if (isAway(error)) {
    log.warn({ way: c.req.routePath, code: codeOf(error) }, 'the database is away');
    return problem(503, 'the database does not answer; try again in a few seconds', [], { 'retry-after': '5' });
  }
  log.error({ way: c.req.routePath, ...traceOf(error) }, 'a request failed');
  return problem(500, 'something went wrong here; it has been logged');
}

/** An error without its message, which may quote a person's data: a failed query lists its parameters. */
function traceOf(error: unknown) {
  const { name, stack } = error instanceof Error ? error : new Error();
  const trace = stack?.split('\n').filter((line) => /^ {4}at /.test(line));
  return { error: name, code: codeOf(error), trace: trace?.slice(0, 12) };
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error ? ((error as { code?: unknown }).code ?? codeOf(error.cause)) : undefined;
