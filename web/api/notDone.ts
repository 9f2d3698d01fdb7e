import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { scaled } from '../../domain/calendar.ts';
import { fields } from '../../domain/reading.ts';
import { type NotDoneReply, notDoneReply } from '../../domain/replies.ts';
import { DAY, iso } from '../../domain/time.ts';
import { countReasons } from '../../store/reasons.ts';
import type { Web } from '../web.ts';
import { json, problems, queryOf, route, SECURED } from './route.ts';

const daysQuery = fields({
  days: z.enum(['7', '30', '90']).optional().describe('How many days back; 30 if left out.'),
});

/** What was not made as planned, and why. */
export function notDone(app: OpenAPIHono, web: Web): void {
  const { store } = web;
  route(
    app,
    web,
    {
      method: 'get',
      path: '/v1/not-done',
      tags: ['Orders'],
      security: SECURED,
      summary: 'What was not made as planned, counted by reason',
      description: 'What was skipped, put off, given to somebody else, joined to another call, or not needed any more.',
      request: { query: daysQuery },
      responses: { 200: json('The reasons.', notDoneReply), ...problems(422) },
    },
    async (c) => {
      const { days = '30' } = queryOf(c, daysQuery);
      const since = web.now() - scaled(store.calendar, Number(days) * DAY);
      return c.json({ since: iso(since), reasons: await countReasons(store, since) } satisfies NotDoneReply);
    },
  );
}
