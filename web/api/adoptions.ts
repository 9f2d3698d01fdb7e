import type { OpenAPIHono } from '@hono/zod-openapi';
import { check, type Fault, idOf, shown } from '../../domain/reading.ts';
import { type AdoptionReply, adoptionInput, adoptionReply } from '../../domain/replies.ts';
import { iso } from '../../domain/time.ts';
import { adopt, idsOf } from '../../store/adoption.ts';
import type { Web } from '../web.ts';
import { jsonOf } from './body.ts';
import { faulty, read } from './problems.ts';
import { BODY_PROBLEMS, body, json, problems, route, SECURED } from './route.ts';

/** Customers with years of orders, kept as history until they are chosen to be kept in touch with. */
export function adoptions(app: OpenAPIHono, web: Web): void {
  const { store } = web;
  route(
    app,
    web,
    {
      method: 'post',
      path: '/v1/adoptions',
      tags: ['Adoptions'],
      security: SECURED,
      summary: 'Keep in touch with customers of the past',
      description:
        'The last order of each, kept as history until now, waits for the next one. Nobody gets mail they did not agree to. Who is followed up already stays as they are, so a request whose answer was lost may be repeated.',
      request: body(adoptionInput, { orders: ['shop/10042', 'shop/10043'], perDay: 5 }),
      responses: { 202: json('Taken.', adoptionReply), ...problems(...BODY_PROBLEMS) },
    },
    async (c) => {
      const { input } = read(check(adoptionInput, await jsonOf(c)));
      const names = input.orders.map(named);
      const wrong = names.flatMap((name, at): Fault[] =>
        name ? [] : [{ path: `orders[${at}]`, message: `is ${shown(input.orders[at])}; allowed: as shop/10042` }],
      );
      if (wrong.length > 0) throw faulty(wrong);
      const ids = await idsOf(
        store,
        names.map((name) => name!),
      );
      const found = ids.flatMap((id) => id ?? []);
      const { adopted, known, refused, lastAt } = await adopt(store, web.shelf, found, input.perDay ?? null, web.now());
      const nameOf = (id: string) => input.orders[ids.indexOf(id)];
      const reply: AdoptionReply = {
        adopted,
        known,
        refused: [
          ...input.orders.filter((_, at) => ids[at] === null).map((order) => ({ order, why: 'unknown' as const })),
          ...refused.map(({ orderId, why }) => ({ order: nameOf(orderId), why })),
        ],
        lastAt: lastAt === null ? null : iso(lastAt),
      };
      return c.json(reply, 202);
    },
  );
}

/** `shop/10042` in its two halves; the second may have slashes in it. */
function named(text: string): { source: string; number: string } | null {
  const [, source, number] = /^([a-z0-9-]{1,40})\/(.+)$/.exec(idOf(text)) ?? [];
  return source === undefined ? null : { source, number };
}
