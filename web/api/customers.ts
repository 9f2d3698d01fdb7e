import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { z } from 'zod';
import { demonstrated } from '../../domain/calendar.ts';
import { customerPatchInput, readCustomerPatch } from '../../domain/messages.ts';
import { type CustomerReply, customerReply } from '../../domain/replies.ts';
import { iso } from '../../domain/time.ts';
import { agreedBy } from '../../store/consent.ts';
import { changeCustomer, eraseCustomer, exportCustomer, findCustomer } from '../../store/customers.ts';
import type { Customer } from '../../store/followUps.ts';
import { linkedTo } from '../../store/parties.ts';
import { pauseCustomer } from '../../store/pauses.ts';
import type { Web } from '../web.ts';
import { jsonOf } from './body.ts';
import { Refused, read } from './problems.ts';
import { BODY_PROBLEMS, body, customerIn, customerPath, json, problems, route, SECURED } from './route.ts';

/** Customers: what is known of them, what they agreed to, and their right to a copy and to be forgotten. */
export function customers(app: OpenAPIHono, web: Web): void {
  const { store } = web;
  const path = '/v1/customers/{source}/{id}';
  const common = { path, tags: ['Customers'], security: SECURED };
  const request = { params: customerPath };

  async function customerAt(c: Context): Promise<Customer> {
    const { source, id } = customerIn(c);
    const customer = await findCustomer(store, source, id);
    // Not said by name: an id may be an e-mail address.
    if (!customer || customer.erasedAt !== null) throw new Refused(404, `there is no such customer of ${source}`);
    return customer;
  }

  const shown = async (row: Customer): Promise<CustomerReply> => ({
    source: row.source,
    id: row.externalId,
    name: row.name,
    email: row.email,
    phone: row.phone,
    company: row.companyId || row.companyName ? { id: row.companyId, name: row.companyName } : null,
    role: row.role,
    timeZone: row.timeZone,
    locale: row.locale,
    country: row.country,
    consent: { service: row.service, selling: row.selling },
    channels: {
      email: { service: agreedBy(row, 'service', 'email'), selling: agreedBy(row, 'selling', 'email') },
      phone: { service: agreedBy(row, 'service', 'phone'), selling: agreedBy(row, 'selling', 'phone') },
    },
    preferences: row.preferences,
    referralCode: row.referralCode,
    pausedUntil: row.pausedUntil !== null && row.pausedUntil > web.now() ? iso(row.pausedUntil) : null,
    linked: await linkedTo(store.db, row),
  });

  route(
    app,
    web,
    {
      ...common,
      method: 'get',
      summary: 'What is known of a customer',
      request,
      responses: { 200: json('The customer.', customerReply), ...problems(404, 422) },
    },
    async (c) => c.json(await shown(await customerAt(c))),
  );

  route(
    app,
    web,
    {
      ...common,
      method: 'patch',
      summary: 'Change a customer',
      description:
        'Fields left out stay as they are; null clears one. Withdrawn consent ends at once what it covered, and holds for all records of the same person. A pause holds for all that is one customer.',
      request: { ...request, ...body(customerPatchInput, { consent: { selling: false } }) },
      responses: { 200: json('The customer as changed.', customerReply), ...problems(...BODY_PROBLEMS, 404) },
    },
    async (c) => {
      const given = await jsonOf(c);
      const customer = await customerAt(c);
      const now = web.now();
      const { country, timeZone } = customer;
      const defaults = { country: country ?? undefined, zone: timeZone ?? store.settings.zone };
      const { pausedUntil, ...patch } = read(readCustomerPatch(given, now, defaults)).patch;
      await changeCustomer(store, customer.id, patch, now);
      if (pausedUntil !== undefined) {
        const until = pausedUntil === null ? null : demonstrated(pausedUntil, now, now, store.calendar);
        await pauseCustomer(store, customer.id, until, now);
      }
      return c.json(await shown(await customerAt(c)));
    },
  );

  route(
    app,
    web,
    {
      ...common,
      method: 'delete',
      summary: 'Erase a customer',
      description:
        'Follow-ups end, and what tells who it was is deleted. Orders stay as figures. The address is never written to again. Other records of the same customer stay.',
      request,
      responses: { 204: { description: 'Erased.' }, ...problems(404, 422) },
    },
    async (c) => {
      await eraseCustomer(store, (await customerAt(c)).id, web.now());
      return c.body(null, 204);
    },
  );

  route(
    app,
    web,
    {
      ...common,
      method: 'get',
      path: `${path}/export`,
      summary: 'Everything held about a customer',
      description: 'For themselves, when they ask what is known of them.',
      request,
      responses: {
        200: json(
          'Customer, links, suppressions, orders, purchases, events, ledger, tasks and answers.',
          z.record(z.string(), z.unknown()),
        ),
        ...problems(404, 422),
      },
    },
    async (c) => {
      const everything = await exportCustomer(store, await customerAt(c));
      return c.body(JSON.stringify(everything, readable, 2), 200, {
        'content-type': 'application/json',
        'content-disposition': 'attachment; filename="customer.json"',
      });
    },
  );
}

/** Instants of the store, which are numbers, for people. */
const readable = (name: string, value: unknown) =>
  typeof value === 'number' && /(^at|At|^by|^until|Until)$/.test(name) ? new Date(value).toISOString() : value;
