import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { orderName } from '../../domain/names.ts';
import { check } from '../../domain/reading.ts';
import { type MoveReply, moveInput, moveReply, type PlaybooksReply, playbooksReply } from '../../domain/replies.ts';
import { iso } from '../../domain/time.ts';
import { countChosen, figuresOf, listPlaybooks, movePage, passedOver, readChoice } from '../../store/move.ts';
import type { Web } from '../web.ts';
import { jsonOf } from './body.ts';
import { Refused, read } from './problems.ts';
import { BODY_PROBLEMS, body, json, problems, route, SECURED } from './route.ts';

/** How many follow-ups are told of one by one. */
const MOST_DETAILS = 50;

const path = z.object({ name: z.string().describe('The name of a playbook.') });

/** Playbooks: what runs by which version, and moving follow-ups from one to another. */
export function playbooks(app: OpenAPIHono, web: Web): void {
  const { store } = web;
  const common = { tags: ['Playbooks'], security: SECURED };

  route(
    app,
    web,
    {
      ...common,
      method: 'get',
      path: '/v1/playbooks',
      summary: 'Playbooks, and what runs by which version of them',
      responses: { 200: json('All of them, by name.', playbooksReply), ...problems() },
    },
    async (c) => {
      const items = (await listPlaybooks(store, web.shelf)).map(({ versions, ...playbook }) => ({
        ...playbook,
        open: versions.reduce((sum, { open }) => sum + open, 0),
        versions: versions.map(({ addedAt, ...version }) => ({ ...version, addedAt: iso(addedAt) })),
      }));
      return c.json({ items } satisfies PlaybooksReply);
    },
  );

  route(
    app,
    web,
    {
      ...common,
      method: 'post',
      path: '/v1/playbooks/{name}/move',
      summary: 'Move running follow-ups to another version, or see what that would change',
      description:
        'A touch of the same name keeps how far it has come. A page of follow-ups at a time: ask again with `next` until there is none. What broke off is gone on with by asking again.',
      request: { params: path, ...body(moveInput, { orders: ['shop/10042'], go: false }) },
      responses: { 200: json('What changes, or has changed.', moveReply), ...problems(...BODY_PROBLEMS, 404) },
    },
    async (c) => {
      const name = c.req.param('name')!;
      const now = web.now();
      const { go, after, ...given } = read(check(moveInput, await jsonOf(c))).input;
      const asked = await readChoice(store, web.shelf, name, given);
      if (!asked) throw new Refused(404, 'there is no playbook of this name');
      const { choice } = read(asked);
      const [left, passed] = [await countChosen(store, choice), await passedOver(store, choice)];
      const { moves, next } = await movePage(store, choice, now, { go, after });
      return c.json({
        playbook: name,
        to: choice.to,
        go,
        left,
        ...figuresOf(moves, now),
        details: moves.slice(0, MOST_DETAILS).map(({ source, number, from, changes }) => ({
          order: orderName(source, number),
          from,
          changes: changes.map(({ was, dueAt, ...change }) => ({ ...change, was: at(was), dueAt: at(dueAt) })),
        })),
        passedOver: passed.map(({ source, number, why }) => ({ order: orderName(source, number), why })),
        next,
      } satisfies MoveReply);
    },
  );
}

const at = (instant: number | null) => (instant === null ? null : iso(instant));
