import { followUps } from '../client/followUps.ts';
import { readOrder } from '../domain/order.ts';
import type { Store } from '../store/database.ts';
import { acceptOrder } from '../store/orders.ts';
import { waiting } from '../store/outbox.ts';
import { addPlaybooks } from '../store/playbooks.ts';
import { startDispatcher } from '../worker/dispatcher.ts';
import { openLog } from '../worker/log.ts';
import { FOLLOW_UP } from '../workflows/messages.ts';
import type { Places } from './places.ts';
import { PLAYBOOK } from './plan.ts';

/** One of the two that are compared. */
export interface Contender {
  name: 'ours' | 'bare';
  /** Starts so many orders for the workers of a task queue; ready when Temporal has heard of all. */
  start(count: number, taskQueue: string): Promise<void>;
  /** What Temporal lists the runs by whose plan is done. */
  done: string;
}

/** As many requests at once as our dispatcher makes. */
const AT_ONCE = 10;

async function each(count: number, work: (nth: number) => Promise<unknown>) {
  let next = 0;
  const worker = async () => {
    for (let nth = next++; nth < count; nth = next++) await work(nth);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

export function bare({ temporal }: Places): Contender {
  return {
    name: 'bare',
    done: `WorkflowType = 'bare' AND ExecutionStatus = 'Completed'`,
    start: (count, taskQueue) =>
      each(count, (nth) => {
        const workflowId = `${taskQueue}/${nth}`;
        return temporal.client.workflow.start('bare', { workflowId, taskQueue, args: [workflowId] });
      }),
  };
}

/** Through the intake, into PostgreSQL, out of its outbox and to Temporal, while the next orders come in. */
export async function ours({ temporal, playbooks }: Places, store: Store): Promise<Contender> {
  const shelf = await addPlaybooks(store, playbooks, Date.now());
  const log = openLog('error');
  const accept = async (source: string, nth: number) => {
    const now = Date.now();
    const read = readOrder(orderOf(source, nth, now), now);
    if (!read.ok) throw new Error(JSON.stringify(read.errors));
    await acceptOrder(store, read.order, shelf, now);
  };
  return {
    name: 'ours',
    // When the plan is done the run goes over into a new one, which keeps in touch.
    done: `WorkflowType = '${FOLLOW_UP}' AND ExecutionStatus = 'ContinuedAsNew'`,
    async start(count, taskQueue) {
      const dispatcher = startDispatcher(store, followUps(temporal.client, taskQueue), log);
      try {
        await each(count, (nth) => accept(taskQueue, nth));
        while ((await waiting(store)) > 0) await new Promise((resolve) => setTimeout(resolve, 10));
      } finally {
        await dispatcher.stop();
      }
    },
  };
}

let phones = 1_000_000;

const orderOf = (source: string, nth: number, now: number) => ({
  playbook: PLAYBOOK,
  source,
  number: String(nth),
  placedAt: new Date(now).toISOString(),
  currency: 'EUR',
  total: '129.90',
  customer: {
    id: `c-${nth}`,
    name: 'Ada Palmer',
    // Somebody else in every run: one customer's orders wait for one another.
    email: `ada-${nth}@${source}.example`,
    phone: `+49 30 ${phones++}`,
    timeZone: 'Europe/Berlin',
    locale: 'de-DE',
    country: 'DE',
  },
  salesperson: { name: 'Sam Lee', email: 'sam@example.org' },
  lines: [{ sku: 'E-1', name: 'Espresso machine', category: 'kitchen', quantity: 1, price: '129.90' }],
});
