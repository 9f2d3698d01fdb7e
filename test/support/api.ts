import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { type Logger, pino } from 'pino';
import type { ProblemReply } from '../../domain/replies.ts';
import { readAllContent } from '../../mail/content.ts';
import { readTemplates, TEMPLATES } from '../../mail/templates.ts';
import { addPlaybooks } from '../../store/playbooks.ts';
import { api } from '../../web/api/index.ts';
import { readSayings } from '../../web/customer/words.ts';
import type { Web } from '../../web/web.ts';
import { freshStore } from './database.ts';

export const TOKEN = 'a-token-for-tests';
/** A Monday, noon. */
export const NOON = Date.parse('2026-11-02T12:00:00Z');

export const SMALLEST = {
  source: 'shop',
  number: '1',
  placedAt: '2026-11-02T10:15:00Z',
  currency: 'EUR',
  total: '129.90',
  customer: { id: 'c-77', name: 'Ada Palmer', email: 'ada@example.com', phone: '+49 30 123456' },
};

type Json = Record<string, unknown>;

/** What was answered; `text` is empty where there was no body. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  body: ProblemReply & Json;
}

/** The API over a database of its own. */
export async function freshApi() {
  const { store, url, drop } = await freshStore();
  const clock = { now: NOON };
  const logged: string[] = [];
  const web: Web = {
    store,
    shelf: await addPlaybooks(store, 'playbooks', NOON),
    templates: await readTemplates(TEMPLATES),
    content: readAllContent(TEMPLATES),
    sayings: readSayings(TEMPLATES),
    publicUrl: 'http://aftercare.example',
    apiToken: TOKEN,
    temporalUi: null,
    catching: true,
    catcherUrl: null,
    now: () => clock.now,
    log: pino({ base: null }, { write: (line) => void logged.push(line) }) as Logger,
    readiness: async () => ({ database: true }),
  };
  const app = api(web);
  let last = 0;

  /** Asks with the token; text goes as it is, everything else as JSON. */
  async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await app.request(path, {
      method,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    return answerOf(response);
  }

  return {
    web,
    store,
    app,
    url,
    clock,
    logged,
    drop,
    ask,
    /** Hands in an order, with a number and a customer of its own unless it brings them. */
    order(change: Json = {}, path = '/v1/orders') {
      last += 1;
      const number = change.number ?? `N-${last}`;
      return ask('POST', path, {
        ...SMALLEST,
        number,
        customer: { ...SMALLEST.customer, id: `of-${number}` },
        ...change,
      });
    },
  };
}

export type FreshApi = Awaited<ReturnType<typeof freshApi>>;

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const body = /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : {};
  return { status: response.status, headers: response.headers, text, body };
}

/** Lets the API answer on a port of this machine while `work` lasts. */
export async function overHttp<T>({ app }: FreshApi, work: (place: { url: string; port: number }) => Promise<T>) {
  const server = await new Promise<Server>((listening) => {
    const started = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, () => listening(started as Server));
  });
  const { port } = server.address() as AddressInfo;
  try {
    return await work({ url: `http://127.0.0.1:${port}`, port });
  } finally {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}
