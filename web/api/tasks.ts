import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { awaited } from '../../domain/complaint.ts';
import { instant, readInstant } from '../../domain/dates.ts';
import { outcomeInput } from '../../domain/messages.ts';
import { orderName } from '../../domain/names.ts';
import { checked, fields, id } from '../../domain/reading.ts';
import { type OutcomeReply, outcomeReply, type TaskReply, type TasksReply, tasksReply } from '../../domain/replies.ts';
import { TASK_STATUSES } from '../../domain/task.ts';
import { iso } from '../../domain/time.ts';
import { readCursor } from '../../store/pages.ts';
import { listTasks, takeOutcome } from '../../store/tasks.ts';
import { readTaskReport } from '../taskReport.ts';
import type { Web } from '../web.ts';
import { jsonWithId } from './body.ts';
import { faulty, Refused, read } from './problems.ts';
import { BODY_PROBLEMS, body, json, problems, queryOf, route, SECURED, taskPath } from './route.ts';

const listQuery = fields({
  owner: id(100).optional().describe("A colleague's handle."),
  status: z.enum(TASK_STATUSES).optional(),
  due: instant().optional().describe('Due by then: an instant, or a day, which means its end.'),
  cursor: checked(z.string().max(200), cursorOf).optional().describe('The `next` of the page before.'),
});

function cursorOf(text: string) {
  try {
    return { value: readCursor(text) };
  } catch {
    return { wrong: 'is not a cursor; allowed: the next of another page' };
  }
}

const NO_SUCH_TASK = 'there is no task of this id';
const isUuid = (text: string) => z.uuid().safeParse(text).success;

/** Work for people, and how it came out. */
export function tasks(app: OpenAPIHono, web: Web): void {
  const { store } = web;
  const { zone } = store.settings;
  const common = { tags: ['Tasks'], security: SECURED };

  route(
    app,
    web,
    {
      ...common,
      method: 'get',
      path: '/v1/tasks',
      summary: 'Tasks, by due time',
      request: { query: listQuery },
      responses: { 200: json('A page of tasks.', tasksReply), ...problems(422) },
    },
    async (c) => {
      const { due, ...filter } = queryOf(c, listQuery);
      const until = due === undefined ? undefined : readInstant(due, zone, 'its end');
      if (until && 'wrong' in until) throw faulty([{ path: 'due', message: until.wrong }]);
      const { items, next } = await listTasks(store, { ...filter, due: until?.value });
      return c.json({ items: items.map(shown), next } satisfies TasksReply);
    },
  );

  route(
    app,
    web,
    {
      ...common,
      method: 'post',
      path: '/v1/tasks/{id}/outcome',
      summary: 'Say how a task came out',
      description: 'Every order the task was about hears of it. With an id, or an Idempotency-Key, it counts once.',
      request: {
        params: taskPath,
        headers: z.object({ 'Idempotency-Key': z.string().optional().describe('Taken as the id.') }),
        ...body(outcomeInput, { outcome: 'reached', note: 'Very happy with it.' }),
      },
      responses: {
        202: json('Taken.', outcomeReply),
        200: json('Taken before.', outcomeReply),
        ...problems(...BODY_PROBLEMS, 404, 409),
      },
    },
    async (c) => {
      const task = c.req.param('id')!;
      const now = web.now();
      const json = await jsonWithId(c);
      if (!isUuid(task)) throw new Refused(404, NO_SUCH_TASK);
      const { outcome } = read(await readTaskReport(web, task, json, now));
      const told = await takeOutcome(store, task, outcome, now);
      switch (told.answer) {
        case 'missing':
          throw new Refused(404, NO_SUCH_TASK);
        case 'closed':
          throw new Refused(409, `the task is ${told.status} already, and came out otherwise`);
        case 'awaited':
          throw new Refused(409, awaited(told.word));
        case 'unfit':
          throw faulty([
            {
              path: 'outcome',
              message: `is "${outcome.outcome}", which a task of the kind ${told.kind} cannot have; allowed: ${told.allowed.join(', ')}`,
            },
          ]);
        case 'known':
          return c.json({ task, status: 'known' } satisfies OutcomeReply, 200);
        case 'taken':
          return c.json({ task, status: 'accepted' } satisfies OutcomeReply, 202);
      }
    },
  );
}

const shown = ({ task, order, customer }: Awaited<ReturnType<typeof listTasks>>['items'][number]): TaskReply => ({
  id: task.id,
  kind: task.kind,
  reason: task.reason,
  order: orderName(order.source, order.number),
  customer: { source: customer.source, id: customer.externalId, name: customer.name },
  owner: task.owner,
  dueAt: iso(task.dueAt),
  status: task.status,
});
