import { proxyActivities, sleep } from '@temporalio/workflow';
import { MAILS, WAIT_MS } from '../plan.ts';
import type { BareActivities } from './activities.ts';

const { sendMail } = proxyActivities<BareActivities>({ startToCloseTimeout: '15 minutes' });

/**
 * The floor: wait, send, six times, and nothing else. Like ours it counts each wait from when the mail before was
 * begun, so both set the same timers, also where a busy machine is late and there is nothing left to wait for.
 */
export async function bare(order: string): Promise<void> {
  let dueAt = Date.now() + WAIT_MS;
  for (let nth = 1; nth <= MAILS; nth += 1) {
    const wait = dueAt - Date.now();
    if (wait > 0) await sleep(wait);
    dueAt = Date.now() + WAIT_MS;
    await sendMail(order, nth);
  }
}
