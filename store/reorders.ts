import { sql } from 'drizzle-orm';
import type { Instant } from '../domain/time.ts';
import type { Store, Tx } from './database.ts';
import { add, loadSale, poke, settle } from './followUps.ts';

/**
 * Makes every order of a party say truly whether a later one followed it; the caller holds the party's lock. The later
 * one is the later paid order by placed-at, source and number, however late or early it came in, and not one that was
 * cancelled, returned or erased. When it falls away and no other is there, the earlier one comes back. `undoneBy` says
 * that it never was the same customer's.
 */
export async function settleReorders(
  store: Store,
  tx: Tx,
  partyId: string,
  now: Instant,
  undoneBy?: 'unlinked',
): Promise<void> {
  const { rows } = await tx.execute<{ id: string; followed_by: string | null; add_on: boolean | null }>(sql`
    WITH last AS (
      SELECT placed_at, source, number, add_on FROM aftercare.orders
      WHERE party_id = ${partyId} AND paid_at IS NOT NULL AND NOT fell_away
      ORDER BY placed_at DESC, source DESC, number DESC LIMIT 1)
    SELECT o.id, last.add_on, CASE WHEN (o.placed_at, o.source, o.number) < (last.placed_at, last.source, last.number)
                                   THEN last.source || '/' || last.number END AS followed_by
    FROM aftercare.orders o LEFT JOIN last ON true
    WHERE o.party_id = ${partyId} AND o.stage <> 'history'
      AND (o.outcome IS NULL AND (o.placed_at, o.source, o.number) < (last.placed_at, last.source, last.number)
        OR o.outcome = 'reordered' AND NOT o.fell_away
           AND EXISTS (SELECT FROM aftercare.customers c WHERE c.id = o.customer_id AND c.erased_at IS NULL)
           AND (last.number IS NULL OR (o.placed_at, o.source, o.number) >= (last.placed_at, last.source, last.number)))
    ORDER BY o.placed_at, o.source, o.number`);
  for (const { id, followed_by, add_on } of rows) {
    const sale = await loadSale(store, tx, id);
    const reordered = {
      what: 'reordered',
      at: now,
      why: followed_by!,
      ...(add_on && { data: { addOn: true } }),
    } as const;
    await add(
      tx,
      sale,
      followed_by ? reordered : { what: 'reorder-undone', at: now, ...(undoneBy && { why: undoneBy }) },
    );
    await settle(tx, sale, now);
    await poke(tx, id);
  }
}
