import type { Want } from '../domain/complaint.ts';
import { dueTimes } from '../domain/complaintSteps.ts';
import { type FollowUpEvent, openComplaint } from '../domain/followUp.ts';
import type { Instant } from '../domain/time.ts';
import type { Store, Tx } from './database.ts';
import type { Sale } from './followUps.ts';
import { assignTask } from './load.ts';

/**
 * What the story says of somebody who complains now: with which of the order's complaints it stands and, where that is a
 * new one, by when what is done and who is there to do it. The customer is told both, so both stand.
 */
export async function openingOf(
  store: Store,
  tx: Tx,
  { order, followUp, terms }: Sale,
  { customerId, wants }: { customerId?: string; wants?: Want },
  now: Instant,
): Promise<FollowUpEvent['data']> {
  const said = wants && { wants };
  const { complaints } = followUp;
  if (openComplaint(followUp))
    return { number: complaints.findLastIndex(({ closedAt }) => closedAt === null) + 1, ...said };
  const due = dueTimes(terms, now);
  const work = { owner: order.owner, dueAt: due.answer, latest: due.answer, hours: [], seed: order.id };
  const { owner } = await assignTask(store, tx, work);
  return {
    number: complaints.length + 1,
    due,
    ...said,
    ...(owner !== order.owner && { owner }),
    ...(customerId !== undefined && customerId !== order.customerId && { customer: customerId }),
  };
}
