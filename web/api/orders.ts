import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import type { FollowUpEvent } from '../../domain/followUp.ts';
import { eventInput, readEvent } from '../../domain/messages.ts';
import { followUpId, orderName } from '../../domain/names.ts';
import { differences, type Order, orderInput, readOrder } from '../../domain/order.ts';
import { type Fault, fields, type Result, shown } from '../../domain/reading.ts';
import {
  type EventReply,
  eventReply,
  type OrderReply,
  orderReply,
  type StoryReply,
  storyReply,
} from '../../domain/replies.ts';
import { iso } from '../../domain/time.ts';
import { takeEvent } from '../../store/events.ts';
import { loadSale, type Sale } from '../../store/followUps.ts';
import { acceptOrder, findOrder } from '../../store/orders.ts';
import type { Web } from '../web.ts';
import { jsonOf, jsonWithId } from './body.ts';
import type { Meters } from './metrics.ts';
import { Refused, read } from './problems.ts';
import { BODY_PROBLEMS, body, json, orderIn, orderPath, problems, queryOf, route, SECURED } from './route.ts';

const acceptQuery = fields({
  history: z
    .enum(['true', 'false'])
    .optional()
    .describe('true: kept as history whatever its age, and nobody is contacted. For past orders that are imported.'),
});

const EXAMPLE = {
  source: 'shop',
  number: '10042',
  placedAt: '2026-11-02T10:15:00+01:00',
  currency: 'EUR',
  total: '129.90',
  customer: { id: 'c-77', name: 'Ada Palmer', email: 'ada@example.com', timeZone: 'Europe/Berlin' },
  lines: [{ sku: 'E-1', name: 'Espresso machine', quantity: 1, price: '129.90' }],
  promises: [{ what: 'Delivered', by: '2026-11-09' }],
};

/** Orders as sales systems hand them in, what happens to them, and their story. */
export function orders(app: OpenAPIHono, web: Web, meters: Meters): void {
  const { store } = web;
  const tags = ['Orders'];
  const security = SECURED;

  route(
    app,
    web,
    {
      method: 'post',
      path: '/v1/orders',
      tags,
      security,
      summary: 'Hand in an order',
      description:
        'A follow-up starts with the order. The same order again changes nothing, so a request whose answer was lost may be repeated.',
      request: { query: acceptQuery, ...body(orderInput, EXAMPLE) },
      responses: {
        202: json('Accepted; or kept as history, because it is too old to be followed.', orderReply),
        200: json('This order is known.', orderReply),
        ...problems(...BODY_PROBLEMS, 409),
      },
    },
    async (c) => {
      const { history } = queryOf(c, acceptQuery);
      const now = web.now();
      const given = await jsonOf(c);
      const { order } = read(withPlaybook(web, given, readOrder(given, now, { zone: store.settings.zone })));
      const status = await acceptOrder(store, order, web.shelf, now, { history: history === 'true' });
      meters.orders.inc({ status });
      if (status === 'different') throw await contradicts(order);
      const { source, number } = order;
      const reply: OrderReply = { order: orderName(source, number), followUp: followUpId(source, number), status };
      return c.json(reply, status === 'known' ? 200 : 202);
    },
  );

  async function contradicts(given: Order): Promise<Refused> {
    const known = await findOrder(store, given.source, given.number);
    const { order, customer } = await loadSale(store, store.db, known!.id);
    const { placedAt, currency, total, lines } = order;
    const before = {
      ...given,
      placedAt,
      currency,
      total,
      lines,
      customer: { ...given.customer, id: customer.externalId },
    };
    const names = differences(before, given);
    const message = 'differs from the order that is known under this number';
    return new Refused(
      409,
      `${orderName(given.source, given.number)} is known with another ${names.join(', ')}`,
      names.map((path) => ({ path, message })),
    );
  }

  route(
    app,
    web,
    {
      method: 'get',
      path: '/v1/orders/{source}/{number}',
      tags,
      security,
      summary: 'Where an order stands, and its story',
      request: { params: orderPath },
      responses: { 200: json('The order.', storyReply), ...problems(404, 422) },
    },
    async (c) => {
      const { source, number } = orderIn(c);
      const known = await findOrder(store, source, number);
      if (!known) throw new Refused(404, `there is no order ${orderName(source, number)}`);
      return c.json(standing(await loadSale(store, store.db, known.id)));
    },
  );

  route(
    app,
    web,
    {
      method: 'post',
      path: '/v1/orders/{source}/{number}/events',
      tags,
      security,
      summary: 'Report what happened to an order',
      description:
        'May come before its order: then it is kept, and happens when the order comes. With an id, or an Idempotency-Key, it counts once however often it is sent.',
      request: {
        params: orderPath,
        headers: z.object({ 'Idempotency-Key': z.string().optional().describe('Taken as the id.') }),
        ...body(eventInput, { id: 'parcel-8812', type: 'delivered', at: '2026-11-06T14:20:00+01:00' }),
      },
      responses: {
        202: json('Taken.', eventReply),
        200: json('An event of this id was taken before.', eventReply),
        ...problems(...BODY_PROBLEMS),
      },
    },
    async (c) => {
      const { source, number } = orderIn(c);
      const now = web.now();
      const given = await jsonWithId(c);
      const known = await findOrder(store, source, number);
      const customer = known && (await loadSale(store, store.db, known.id)).customer;
      const { event } = read(readEvent(given, now, { zone: customer?.timeZone ?? store.settings.zone }));
      const taken = await takeEvent(store, source, number, event, now);
      const status = !taken ? 'known' : known ? 'accepted' : 'held';
      return c.json({ order: orderName(source, number), status } satisfies EventReply, taken ? 202 : 200);
    },
  );
}

/** Adds the one fault a reader cannot see, so that the sender hears of all at once: a playbook that is not here. */
function withPlaybook(web: Web, given: unknown, result: Result<'order', Order>): Result<'order', Order> {
  const { playbook } = (given ?? {}) as { playbook?: unknown };
  if (typeof playbook !== 'string' || web.shelf.current.has(playbook)) return result;
  const fault: Fault = {
    path: 'playbook',
    message: `is ${shown(playbook)}; allowed: ${[...web.shelf.current.keys()].join(', ')}`,
  };
  const others = result.ok ? [] : result.errors.filter(({ path }) => path !== fault.path);
  return { ok: false, errors: [...others, fault] };
}

function standing({ order, events }: Sale): StoryReply {
  const { source, number, stage, outcome, nextTouch, nextDueAt } = order;
  return {
    order: orderName(source, number),
    stage,
    outcome,
    nextTouch: nextTouch !== null && nextDueAt !== null ? { name: nextTouch, dueAt: iso(nextDueAt) } : null,
    // Stable: what happened at the same instant stays in the order in which it became known.
    story: [...events].sort((a, b) => a.at - b.at).map(told),
  };
}

function told({ at, what, touch, why, text }: FollowUpEvent): StoryReply['story'][number] {
  const reason = why ?? text;
  return { at: iso(at), what, ...(touch && { touch }), ...(reason && { why: reason }) };
}
