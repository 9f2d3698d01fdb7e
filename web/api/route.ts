import type { OpenAPIHono, RouteConfig } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { z } from 'zod';
import { orderInput } from '../../domain/order.ts';
import { check, fields, idOf } from '../../domain/reading.ts';
import { problemReply } from '../../domain/replies.ts';
import type { Web } from '../web.ts';
import { faulty, problemOf, read } from './problems.ts';

/**
 * Adds a way to the app, and to its description. Not by `app.openapi`, which would parse the body by itself: ours is
 * read with more care, and refused with everything that is wrong. What fails is answered here and not by an error
 * handler of the app's, which would answer for the desk's pages as well.
 */
export function route(
  app: OpenAPIHono,
  web: Web,
  spec: RouteConfig,
  handler: (c: Context) => Promise<Response> | Response,
): void {
  app.openAPIRegistry.registerPath(spec);
  app.on(spec.method, spec.path.replace(/\{(\w+)\}/g, ':$1'), async (c) => {
    try {
      return await handler(c);
    } catch (error) {
      return problemOf(error, c, web.log);
    }
  });
}

export const SECURED = [{ token: [] }];

/** A JSON answer in the description. */
export const json = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema } },
});

const PROBLEMS: Record<number, string> = {
  400: 'Not JSON, or JSON with traps: a key twice, nested too deep.',
  401: 'No token, or a wrong one.',
  404: 'There is none of that name.',
  409: 'It contradicts what is there; the detail says in what.',
  413: 'More than 1 MB.',
  415: 'Not application/json in UTF-8.',
  422: 'Something in it is wrong; `errors` names everything, and what is allowed.',
  503: 'The database is away. Try again after the seconds in Retry-After.',
};

/** Refusals in the description: those of every way, and the ones given. */
export const problems = (...statuses: (keyof typeof PROBLEMS)[]) =>
  Object.fromEntries(
    [...statuses, 401, 503].map((status) => [
      status,
      { description: PROBLEMS[status], content: { 'application/problem+json': { schema: problemReply } } },
    ]),
  );

/** Refusals of ways that take a body. */
export const BODY_PROBLEMS = [400, 413, 415, 422];

/** The body of a request in the description. */
export const body = (schema: z.ZodType, example: unknown) => ({
  body: { required: true, content: { 'application/json': { schema, example } } },
});

const { source, number, customer } = orderInput.shape;
export const orderPath = fields({
  source: source.unwrap().unwrap(),
  number: number.describe('The number of the order, percent-encoded: a slash in it is %2F.'),
});
export const customerPath = fields({
  source: source.unwrap().unwrap(),
  id: customer.shape.id.describe("The sales system's id of the customer, percent-encoded."),
});
export const taskPath = z.object({ id: z.string().describe('The id of the task.') });

/** The order that the address names. */
export function orderIn(c: Context) {
  const { input } = read(check(orderPath, c.req.param()));
  return { source: input.source, number: idOf(input.number) };
}

/** The customer that the address names. */
export function customerIn(c: Context) {
  const { input } = read(check(customerPath, c.req.param()));
  return { source: input.source, id: idOf(input.id) };
}

/** The query parameters, each given once; unknown ones are refused by name. */
export function queryOf<Schema extends z.ZodType>(c: Context, schema: Schema): z.output<Schema> {
  const given = Object.entries(c.req.queries());
  const twice = given.filter(([, values]) => values.length > 1);
  if (twice.length > 0) throw faulty(twice.map(([path]) => ({ path, message: 'is given more than once' })));
  const asked = check(schema, Object.fromEntries(given.map(([name, [value]]) => [name, value])));
  if (!asked.ok) throw faulty(asked.errors);
  return asked.input;
}
