import type { Want } from '../domain/complaint.ts';
import { dueTimes } from '../domain/complaintSteps.ts';
import type { FollowUpEvent } from '../domain/followUp.ts';
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
  { customerId, wants, themselves = false }: { customerId?: string; wants?: Want; themselves?: boolean },
  now: Instant,
): Promise<FollowUpEvent['data']> {
  const isOther = customerId !== undefined && customerId !== order.customerId;
  const said = { ...(wants && { wants }), ...(isOther && { customer: customerId }) };
  const { complaints } = followUp;
  const due = dueTimes(terms, now);
  const open = complaints.findLast(({ closedAt }) => closedAt === null);
  // Somebody who was heard and has more to say is heard again, as soon as the first time.
  if (open) return { number: open.number, ...said, ...(themselves && open.due && open.heardAt !== null && { due }) };
  const work = { owner: order.owner, dueAt: due.answer, latest: due.answer, hours: [], seed: order.id };
  const { owner } = await assignTask(store, tx, work);
  return {
    number: complaints.length + 1,
    due,
    ...said,
    ...(owner !== order.owner && { owner }),
  };
}
