import type { OpenAPIHono } from '@hono/zod-openapi';
import { pauseInput, readPause } from '../../domain/pause.ts';
import { type PauseReply, pauseReply, type ResumeReply, resumeReply } from '../../domain/replies.ts';
import { iso } from '../../domain/time.ts';
import { pauseEverything, pauseOfEverything, putOffByPause, resumeEverything } from '../../store/pauses.ts';
import type { Web } from '../web.ts';
import { jsonOf } from './body.ts';
import { read } from './problems.ts';
import { BODY_PROBLEMS, body, json, problems, route, SECURED } from './route.ts';

/** The pause for everything, for an incident. */
export function pause(app: OpenAPIHono, web: Web): void {
  const { store } = web;
  const common = { path: '/v1/pause', tags: ['Pause'], security: SECURED };

  async function shown(): Promise<PauseReply> {
    const pause = await pauseOfEverything(store, web.now());
    return {
      until: pause && iso(pause.until),
      why: pause?.why ?? null,
      waiting: pause === null ? 0 : await putOffByPause(store),
    };
  }

  route(
    app,
    web,
    {
      ...common,
      method: 'get',
      summary: 'Whether everything is paused',
      responses: { 200: json('The pause, or nulls.', pauseReply), ...problems() },
    },
    async (c) => c.json(await shown()),
  );

  route(
    app,
    web,
    {
      ...common,
      method: 'put',
      summary: 'Pause everything',
      description:
        'No mail goes out and no task is made before the end; orders are taken as ever. Again: another end. Complaints and customers who want to buy are seen to all the same.',
      request: body(pauseInput, { until: '2026-12-01T08:00', why: 'The shop sent wrong orders.' }),
      responses: { 200: json('The pause as it is now.', pauseReply), ...problems(...BODY_PROBLEMS) },
    },
    async (c) => {
      const now = web.now();
      const given = read(readPause(await jsonOf(c), now, store.settings.zone));
      await pauseEverything(store, given.pause, now);
      return c.json(await shown());
    },
  );

  route(
    app,
    web,
    {
      ...common,
      method: 'delete',
      summary: 'Go on',
      description: 'What fell due in the pause is made now, or passed over where it is too late.',
      responses: { 200: json('It goes on.', resumeReply), ...problems() },
    },
    async (c) => c.json({ woken: await resumeEverything(store) } satisfies ResumeReply),
  );
}
