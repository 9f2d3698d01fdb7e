import { inArray, sql } from 'drizzle-orm';
import { DAY } from '../domain/time.ts';
import type { Store, Tx } from './database.ts';
import { boughtTogether, orders, productRhythms, purchases, topFifths } from './schema.ts';

/** What a party has bought, by SKU. */
export async function ownedBy(tx: Tx, partyId: string): Promise<Set<string>> {
  const { rows } = await tx.execute<{ sku: string }>(sql`
    SELECT DISTINCT p.sku FROM ${purchases} p JOIN ${orders} o ON o.id = p.order_id
    WHERE p.party_id = ${partyId} AND NOT o.fell_away`);
  return new Set(rows.map(({ sku }) => sku));
}

/** A product that others bought too. */
export interface Suggestion {
  sku: string;
  name: string | null;
  /** How many customers bought both. */
  customers: number;
}

/** What was bought with an order, and what its party owns, by SKU. */
export interface Basket {
  skus: readonly string[];
  owned: ReadonlySet<string>;
}

/**
 * For each basket what the customers who bought the same often bought too, and this party does not own; the most
 * frequent first. One question for all of them.
 */
export async function oftenBoughtWith(tx: Tx, baskets: readonly Basket[], most = 3): Promise<Suggestion[][]> {
  const asked = [...new Set(baskets.flatMap(({ skus }) => skus))];
  const rows =
    asked.length === 0 ? [] : await tx.select().from(boughtTogether).where(inArray(boughtTogether.sku, asked));
  return baskets.map(({ skus, owned }) => {
    const found = new Map<string, Suggestion>();
    for (const { sku, other, name, customers } of rows)
      if (skus.includes(sku) && !owned.has(other) && (found.get(other)?.customers ?? 0) < customers)
        found.set(other, { sku: other, name, customers });
    return [...found.values()].sort((a, b) => b.customers - a.customers || a.sku.localeCompare(b.sku)).slice(0, most);
  });
}

/** So many customers at least: fewer are chance. */
const LEAST_CUSTOMERS = 3;
/** Somebody who bought more than so many different products, as a reseller, says nothing about what goes together. */
const MOST_PRODUCTS = 50;
/** How many companions of a product are kept. */
const COMPANIONS = 10;

/**
 * Counts anew what all orders show: in how many days a product is usually bought again, what is bought together, and
 * from what value on a customer is in the top fifth.
 */
export async function countFigures(store: Store): Promise<void> {
  await store.db.transaction(async (tx) => {
    // One at a time, wherever it is asked for; who comes second has nothing to do.
    const { rows } = await tx.execute<{ mine: boolean }>(sql`SELECT pg_try_advisory_xact_lock(4281) AS mine`);
    if (!rows[0].mine) return;
    await tx.execute(sql`SET LOCAL statement_timeout = '10min'`);
    await tx.delete(productRhythms);
    await tx.execute(sql`
      INSERT INTO ${productRhythms} (sku, days, customers)
      SELECT sku, percentile_cont(0.5) WITHIN GROUP (ORDER BY days), count(DISTINCT party_id)
      FROM (
        SELECT sku, party_id, extract(epoch FROM day - lag(day) OVER (PARTITION BY sku, party_id ORDER BY day)) * 1000 / ${DAY} AS days
        FROM (SELECT DISTINCT p.sku, p.party_id, date_trunc('day', p.placed_at) AS day
              FROM ${purchases} p JOIN ${orders} o ON o.id = p.order_id AND o.paid_at IS NOT NULL AND NOT o.fell_away) bought
      ) gaps WHERE days IS NOT NULL GROUP BY sku HAVING count(DISTINCT party_id) >= ${LEAST_CUSTOMERS}`);
    await tx.delete(boughtTogether);
    await tx.execute(sql`
      WITH bought AS (
        SELECT DISTINCT p.party_id, p.sku FROM ${purchases} p JOIN ${orders} o ON o.id = p.order_id AND NOT o.fell_away),
      usual AS (
        SELECT party_id FROM bought GROUP BY party_id HAVING count(*) BETWEEN 2 AND ${MOST_PRODUCTS}),
      pairs AS (
        SELECT a.sku, b.sku AS other, count(*) AS customers,
          row_number() OVER (PARTITION BY a.sku ORDER BY count(*) DESC, b.sku) AS nth
        FROM usual JOIN bought a USING (party_id) JOIN bought b USING (party_id)
        WHERE a.sku <> b.sku GROUP BY a.sku, b.sku HAVING count(*) >= ${LEAST_CUSTOMERS})
      INSERT INTO ${boughtTogether} (sku, other, name, customers)
      SELECT sku, other, (SELECT p.name FROM ${purchases} p WHERE p.sku = other AND p.name IS NOT NULL LIMIT 1), customers
      FROM pairs WHERE nth <= ${COMPANIONS}`);
    await tx.delete(topFifths);
    await tx.execute(sql`
      INSERT INTO ${topFifths} (currency, least)
      SELECT currency, percentile_disc(0.8) WITHIN GROUP (ORDER BY value)
      FROM (SELECT party_id, currency, sum(total) AS value FROM ${orders}
            WHERE paid_at IS NOT NULL AND NOT fell_away GROUP BY party_id, currency) parties
      GROUP BY currency HAVING count(*) >= 5`);
  });
}
