import { OpenAPIHono } from '@hono/zod-openapi';
import type { Web } from '../web.ts';
import { adoptions } from './adoptions.ts';
import { needsToken } from './auth.ts';
import { customers } from './customers.ts';
import { docs } from './docs.tsx';
import { health } from './health.ts';
import { hooks } from './hooks.ts';
import { createMeters } from './metrics.ts';
import { notDone } from './notDone.ts';
import { orders } from './orders.ts';
import { pause } from './pause.ts';
import { playbooks } from './playbooks.ts';
import { problem } from './problems.ts';
import { tasks } from './tasks.ts';

/** The API for sales systems under /v1, and what whoever runs Aftercare asks. */
export function api(web: Web): OpenAPIHono {
  const app = new OpenAPIHono();
  const meters = createMeters(web);
  app.use(meters.requests);
  app.use('/v1/*', needsToken(web.apiToken));
  orders(app, web, meters);
  customers(app, web);
  tasks(app, web);
  adoptions(app, web);
  notDone(app, web);
  playbooks(app, web);
  pause(app, web);
  hooks(app, web);
  health(app, web, meters);
  docs(app, web);
  app.all('/v1/*', (c) => problem(404, `there is no ${c.req.method} at this address; /v1/docs shows what there is`));
  return app;
}
