import type { Want } from '../domain/complaint.ts';
import { opening } from '../domain/complaintSteps.ts';
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
  { customerId, wants, themselves = false }: { customerId?: string; wants?: Want; themselves?: boolean },
  now: Instant,
): Promise<FollowUpEvent['data']> {
  const isOther = customerId !== undefined && customerId !== order.customerId;
  const said = { ...(wants && { wants }), ...(isOther && { customer: customerId }) };
  const { number, due } = opening(followUp, terms, now, themselves);
  if (openComplaint(followUp)) return { number, ...said, ...(due && { due }) };
  const { answer } = due!;
  const work = { owner: order.owner, dueAt: answer, latest: answer, hours: [], seed: order.id };
  const { owner } = await assignTask(store, tx, work);
  return {
    number,
    due,
    ...said,
    ...(owner !== order.owner && { owner }),
  };
}
