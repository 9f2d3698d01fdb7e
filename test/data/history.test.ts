import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { OrderInput } from '../../domain/order.ts';
import { addPlaybooks } from '../../store/playbooks.ts';
import { api } from '../../web/api/index.ts';
import { freshStore } from '../support/database.ts';
import { cdnowOrders, chinookOrders, hasRealData, withRealData } from '../support/realData.ts';

type Row = Record<string, unknown>;
let app: ReturnType<typeof api>;
let sql: (query: string) => Promise<Row[]>;
let drop: () => Promise<void>;
beforeAll(async () => {
  const fresh = await freshStore();
  const { store } = fresh;
  drop = fresh.drop;
  sql = async (query) =>
    ((await store.pool.query(`SET search_path TO aftercare; ${query}`)) as never as { rows: Row[] }[])[1].rows;
  app = api({
    store,
    playbooks: await addPlaybooks(store, 'playbooks', Date.now()),
    publicUrl: 'http://shop.test',
    apiToken: TOKEN,
    temporalUi: null,
    catching: false,
    now: Date.now,
    log: pino({ level: 'silent' }),
    readiness: async () => ({}),
  });
});
afterAll(() => drop?.());

const TOKEN = 'token-of-the-history-test';
const AT_ONCE = 8;

async function handIn(order: OrderInput): Promise<string> {
  const response = await app.request('/v1/orders', {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(order),
  });
  const said = (await response.json()) as { status: string };
  return response.ok ? said.status : `refused: ${JSON.stringify(said)}`;
}

/** Hands all orders in, some at once as importers do; how many came out how. */
async function handInAll(orders: OrderInput[], what: string): Promise<Record<string, number>> {
  const answers: Record<string, number> = {};
  const left = [...orders].reverse();
  const since = performance.now();
  const work = async () => {
    for (let order = left.pop(); order; order = left.pop()) {
      const status = await handIn(order);
      answers[status] = (answers[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const seconds = (performance.now() - since) / 1000;
  console.info(`${what}: ${orders.length} orders in ${seconds.toFixed(1)} s, ${Math.round(orders.length / seconds)}/s`);
  return answers;
}

const everything = () =>
  sql(`SELECT (SELECT count(*)::int FROM orders) AS orders, (SELECT count(*)::int FROM events) AS events,
    (SELECT count(*)::int FROM customers) AS customers, (SELECT count(*)::int FROM outbox) AS outbox,
    (SELECT count(*)::int FROM tasks) AS tasks, (SELECT count(*)::int FROM ledger) AS ledger,
    (SELECT count(*)::int FROM tokens) AS tokens`);

(hasRealData ? describe : describe.skip)(withRealData('orders of years ago, handed in today'), () => {
  it('are all kept: 6,919 of a music shop in 1997 and 1998', async () => {
    expect(await handInAll(cdnowOrders(), 'CDNOW')).toEqual({ history: 6919 });
    const [figures] = await sql(`
      SELECT count(*)::int AS orders, count(DISTINCT customer_id)::int AS customers, sum(total)::text AS total,
        count(*) FILTER (WHERE total = 0)::int AS free, min(placed_at)::date::text AS first,
        count(DISTINCT (customer_id, placed_at::date))::int AS "customerDays"
      FROM orders WHERE source = 'cdnow'`);
    expect(figures).toEqual({
      orders: 6919,
      customers: 2357,
      total: '244091.94',
      free: 8,
      first: '1997-01-01',
      customerDays: 6696,
    });
  }, 180_000);

  it('still tell first orders from repeated ones', async () => {
    const [first] = await sql(`
      SELECT sum(total)::text AS total, round(100 - 100 * sum(total) / 244091.94, 2)::text AS "repeatedPercent" FROM (
        SELECT DISTINCT ON (customer_id) total FROM orders WHERE source = 'cdnow'
        ORDER BY customer_id, placed_at, source, number) AS firsts`);
    expect(first).toEqual({ total: '76208.93', repeatedPercent: '68.78' });
    const [{ unsorted }] = await sql(`
      SELECT count(*)::int AS unsorted FROM (
        SELECT number::int - lag(number::int) OVER (PARTITION BY customer_id ORDER BY placed_at, source, number) AS step
        FROM orders WHERE source = 'cdnow') AS steps WHERE step < 0`);
    expect(unsorted).toBe(0);
  });

  it('are all kept: 412 of the Chinook shop, with names as people write them', async () => {
    const { orders, withoutPhone, withoutEmail } = chinookOrders();
    console.info(`Chinook: no phone kept of customers ${withoutPhone}, no e-mail address of ${withoutEmail}`);
    expect(await handInAll(orders, 'Chinook')).toEqual({ history: 412 });
    const [figures] = await sql(`
      SELECT count(*)::int AS orders, count(DISTINCT o.customer_id)::int AS customers, sum(total)::text AS total,
        count(DISTINCT owner)::int AS salespeople, count(DISTINCT country)::int AS countries,
        min(placed_at)::date::text AS first, max(placed_at)::date::text AS last
      FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.source = 'chinook'`);
    expect(figures).toEqual({
      orders: 412,
      customers: 59,
      total: '2328.60',
      salespeople: 3,
      countries: 24,
      first: '2021-01-01',
      last: '2025-12-22',
    });
    const names = await sql(`SELECT name FROM customers WHERE source = 'chinook' AND external_id IN ('2', '49')`);
    expect(names.map(({ name }) => name).sort()).toEqual(['Leonie Köhler', 'Stanisław Wójcik']);
  }, 60_000);

  it('are history, and nobody is contacted', async () => {
    expect(await sql('SELECT stage, outcome, count(*)::int AS count FROM orders GROUP BY 1, 2')).toEqual([
      { stage: 'history', outcome: null, count: 7331 },
    ]);
    const what = await sql(`SELECT what, count(*)::int AS count FROM events GROUP BY 1`);
    expect(what).toEqual([{ what: 'history', count: 7331 }]);
    expect(await everything()).toEqual([
      { orders: 7331, events: 7331, customers: 2416, outbox: 0, tasks: 0, ledger: 0, tokens: 0 },
    ]);
  });

  it('handed in again change nothing', async () => {
    const before = await everything();
    expect(await handInAll([...cdnowOrders(), ...chinookOrders().orders], 'again')).toEqual({ known: 7331 });
    expect(await everything()).toEqual(before);
  }, 180_000);
});
