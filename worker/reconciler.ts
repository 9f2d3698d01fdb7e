import type { Logger } from 'pino';
import type { FollowUps } from '../client/followUps.ts';
import { complaintWorkflowId, followUpId } from '../domain/names.ts';
import { MINUTE } from '../domain/time.ts';
import { pokeComplaint } from '../store/complaintRows.ts';
import type { Store } from '../store/database.ts';
import { poke } from '../store/followUps.ts';
import { openComplaints, openOrders } from '../store/open.ts';
import { countOverdue } from '../store/overdue.ts';
import { linkWhatBelongsTogether } from '../store/parties.ts';
import { wakeOversleepers } from '../store/pauses.ts';
import { countFigures } from '../store/purchases.ts';
import { forgetLeads } from '../store/referrals.ts';
import { type Loop, loop } from './dispatcher.ts';

const HOURLY_MS = 60 * MINUTE;
const LATE_MS = 10 * MINUTE;

/**
 * At start and hourly: gives every open order and complaint without a run a new one, and wakes a run that sleeps past its next
 * contact. So a run that was terminated by hand, and a Temporal database that was lost or set back, heal. The figures
 * over all orders are counted anew, customers who turned out to be one are linked, and addresses that were left on
 * referral pages are forgotten in time.
 */
export const startReconciler = (store: Store, followUps: FollowUps, now: () => number, log: Logger): Loop =>
  loop(log, 'reconciler', async () => {
    const healed = (await reconcile(store, followUps, now())) + (await wakeOversleepers(store, now()));
    await countFigures(store);
    await linkWhatBelongsTogether(store, now());
    await countOverdue(store, now());
    await forgetLeads(store, now());
    if (healed > 0) log.info({ healed }, 'follow-ups were started or woken');
    return HOURLY_MS;
  });

/** One pass; how many orders and complaints had to be helped. */
export async function reconcile(store: Store, followUps: FollowUps, now: number): Promise<number> {
  const running = new Set<string>();
  for await (const id of followUps.running()) running.add(id);
  let healed = 0;
  for await (const page of openOrders(store, now - LATE_MS))
    for (const { id, source, number, late } of page) {
      if (running.has(followUpId(source, number)) && !late) continue;
      // By way of the outbox, as everything; where it runs after all, the poke does no harm.
      await poke(store.db, id);
      healed += 1;
    }
  for (const { id, orderId } of await openComplaints(store)) {
    if (running.has(complaintWorkflowId(id))) continue;
    await pokeComplaint(store.db, orderId, id);
    healed += 1;
  }
  return healed;
}
