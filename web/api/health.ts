import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Web } from '../web.ts';
import type { Meters } from './metrics.ts';
import { problem } from './problems.ts';
import { json, problems, route } from './route.ts';

/** What whoever runs Aftercare asks: alive, ready, how much. */
export function health(app: OpenAPIHono, web: Web, meters: Meters): void {
  const tags = ['Running it'];

  route(
    app,
    web,
    {
      method: 'get',
      path: '/healthz',
      tags,
      summary: 'Alive',
      responses: { 200: json('It is.', z.object({ status: z.literal('alive') })) },
    },
    (c) => c.json({ status: 'alive' }),
  );

  route(
    app,
    web,
    {
      method: 'get',
      path: '/readyz',
      tags,
      summary: 'Ready, or what is not',
      responses: {
        200: json('All parts are.', z.object({ status: z.literal('ready'), parts: z.array(z.string()) })),
        503: problems()[503],
      },
    },
    async (c) => {
      const parts = Object.entries(await web.readiness());
      const errors = parts.flatMap(([path, ready]) => (ready === true ? [] : [{ path, message: ready }]));
      if (errors.length === 0) return c.json({ status: 'ready', parts: parts.map(([name]) => name) });
      const names = errors.map(({ path }) => path).join(', ');
      return problem(503, `not ready: ${names}`, errors, { 'retry-after': '5' });
    },
  );

  route(
    app,
    web,
    {
      method: 'get',
      path: '/metrics',
      tags,
      summary: 'Numbers for Prometheus',
      responses: { 200: { description: 'Metrics.', content: { 'text/plain': { schema: z.string() } } } },
    },
    async (c) => c.body(await meters.register.metrics(), 200, { 'content-type': meters.register.contentType }),
  );
}
