import { pino } from 'pino';
import { readEvent } from '../../domain/messages.ts';
import { type OrderInput, readOrder } from '../../domain/order.ts';
import type { TaskKind } from '../../domain/task.ts';
import { iso } from '../../domain/time.ts';
import { readAllContent } from '../../mail/content.ts';
import { readTemplates, TEMPLATES } from '../../mail/templates.ts';
import { takeEvent } from '../../store/events.ts';
import { change, storyOf } from '../../store/followUps.ts';
import { acceptOrder, findOrder } from '../../store/orders.ts';
import { addPlaybooks } from '../../store/playbooks.ts';
import { tasks } from '../../store/schema.ts';
import { putColleague } from '../../store/staff.ts';
import { makeTask } from '../../store/tasks.ts';
import { createApp } from '../../web/app.ts';
import { readSayings } from '../../web/customer/words.ts';
import type { Web } from '../../web/web.ts';
import { freshStore } from './database.ts';
import { phoneOf } from './people.ts';

/** A Monday, noon. */
export const NOON = Date.parse('2026-11-02T12:00:00Z');

/** The pages for customers and colleagues, over a database of their own and a clock to be set. */
export async function freshHouse(daySeconds?: number) {
  const { store, drop } = await freshStore(daySeconds);
  const clock = { now: NOON };
  const shelf = await addPlaybooks(store, 'playbooks', NOON);
  const web: Web = {
    store,
    shelf,
    templates: await readTemplates(TEMPLATES),
    content: readAllContent(TEMPLATES),
    sayings: readSayings(TEMPLATES),
    publicUrl: 'https://care.example',
    apiToken: 'a-token-for-tests',
    temporalUi: 'http://127.0.0.1:8233',
    catching: true,
    catcherUrl: null,
    now: () => clock.now,
    log: pino({ level: 'silent' }),
    readiness: async () => ({ database: true }),
  };
  const app = createApp(web);
  await putColleague(store, { handle: 'sam', name: 'Sam Lee', email: 'sam@example.org', phone: '+4930123456' }, NOON);

  /** Places an order; its id. */
  async function order(number: string, given: Partial<OrderInput> = {}): Promise<string> {
    const read = readOrder(
      {
        source: 'shop',
        number,
        placedAt: iso(clock.now),
        currency: 'EUR',
        total: '1299.90',
        customer: {
          id: `c-${number}`,
          name: 'Ada Palmer',
          email: `ada-${number.replace(/[^A-Za-z0-9-]/g, '')}@example.com`,
          phone: phoneOf(number),
          timeZone: 'UTC',
        },
        salesperson: { name: 'Sam Lee', email: 'sam@example.org' },
        lines: [{ sku: 'E-1', name: 'Espresso machine', quantity: 1, price: '1299.90' }],
        ...given,
      },
      clock.now,
    );
    if (!read.ok) throw new Error(JSON.stringify(read.errors));
    await acceptOrder(store, read.order, shelf, clock.now);
    return (await findOrder(store, 'shop', number))!.id;
  }

  /** Makes a task as the workflow would. */
  async function task(orderId: string, kind: TaskKind, reason: string, touch = reason, occurrence = '1') {
    const before = new Set((await store.db.select().from(tasks)).map(({ id }) => id));
    await change(store, orderId, clock.now, async ({ tx, sale, note }) => {
      const within = { amount: 1, unit: 'business days' } as const;
      await makeTask(store, tx, sale, { kind, reason, touch, occurrence, within }, clock.now);
      await note({ what: 'task-made', at: clock.now, touch, occurrence, why: reason });
    });
    return (await store.db.select().from(tasks)).find(({ id }) => !before.has(id))!;
  }

  async function happens(number: string, type: string, more: Record<string, unknown> = {}) {
    const read = readEvent({ type, ...more }, clock.now);
    if (!read.ok) throw new Error(JSON.stringify(read.errors));
    await takeEvent(store, 'shop', number, read.event, clock.now);
  }

  return {
    web,
    store,
    app,
    clock,
    drop,
    order,
    task,
    happens,
    /** The story as `what touch (why)`. */
    story: async (orderId: string) =>
      (await storyOf(store.db, orderId)).map(({ what, touch, why }) =>
        [what, touch, why && `(${why})`].filter(Boolean).join(' '),
      ),
    get: async (path: string, headers: Record<string, string> = {}) => answered(await app.request(path, { headers })),
    /** Sends a form as a browser on the same site does. */
    post: async (path: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
      answered(
        await app.request(path, {
          method: 'POST',
          headers: {
            'content-type': 'application/x-www-form-urlencoded',
            'sec-fetch-site': 'same-origin',
            ...headers,
          },
          body: new URLSearchParams(form).toString(),
        }),
      ),
  };
}

export type House = Awaited<ReturnType<typeof freshHouse>>;

async function answered(response: Response) {
  const { status, headers } = response;
  const html = await response.text();
  return { status, headers, html, text: textOf(html), to: headers.get('location') };
}

/** What a page says, without its markup. */
const textOf = (html: string) =>
  html
    .replace(/<head>.*?<\/head>/s, '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ');
