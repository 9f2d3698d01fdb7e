import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { z } from 'zod';
import { customerPatchInput, readCustomerPatch } from '../../domain/messages.ts';
import { type CustomerReply, customerReply } from '../../domain/replies.ts';
import { changeCustomer, eraseCustomer, exportCustomer, findCustomer } from '../../store/customers.ts';
import type { Customer } from '../../store/followUps.ts';
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
    async (c) => c.json(shown(await customerAt(c))),
  );

  route(
    app,
    web,
    {
      ...common,
      method: 'patch',
      summary: 'Change a customer',
      description: 'Fields left out stay as they are; null clears one. Withdrawn consent ends at once what it covered.',
      request: { ...request, ...body(customerPatchInput, { consent: { selling: false } }) },
      responses: { 200: json('The customer as changed.', customerReply), ...problems(...BODY_PROBLEMS, 404) },
    },
    async (c) => {
      const given = await jsonOf(c);
      const customer = await customerAt(c);
      const { patch } = read(readCustomerPatch(given, { country: customer.country ?? undefined }));
      await changeCustomer(store, customer.id, patch, web.now());
      return c.json(shown(await customerAt(c)));
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
        'Follow-ups end, and what tells who it was is deleted. Orders stay as figures. The address is never written to again.',
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
        200: json('Customer, orders, events, tasks and answers.', z.record(z.string(), z.unknown())),
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
  typeof value === 'number' && /(^at|At|^by|^until)$/.test(name) ? new Date(value).toISOString() : value;

const shown = (row: Customer): CustomerReply => ({
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
  preferences: row.preferences,
  referralCode: row.referralCode,
});
