import { asc, eq } from 'drizzle-orm';
import { spread } from '../../domain/calendar.ts';
import { recordAnswers } from '../../store/answers.ts';
import type { Store } from '../../store/database.ts';
import { change, poke } from '../../store/followUps.ts';
import { orders, tasks } from '../../store/schema.ts';
import { type Task, takeOutcome } from '../../store/tasks.ts';
import { linkBehind } from '../../store/tokens.ts';
import type { RunningHouse } from './house.ts';

/** A phone number of their own: who has the same is linked to one customer. */
export const phoneOf = (id: string) => `+49 30 ${1_000_000 + spread(id, 9_000_000)}`;

/** How likely a customer is to recommend us, by their number at the shop: of every bands some. */
export const scoreOf = (customerId: string) => [10, 8, 3, 9, 7, 5, 10][Number(customerId) % 7];

/** Colleagues who settle each task as soon as it is made, and customers who answer each survey that reaches them. */
export class People {
  #stopped = false;
  #done: Promise<void>;

  constructor({ store, mailServer }: RunningHouse, customerOf: (orderNumber: string) => string) {
    const scoreFor = async (orderId: string) => {
      const [{ number }] = await store.db.select({ number: orders.number }).from(orders).where(eq(orders.id, orderId));
      return scoreOf(customerOf(number));
    };
    let read = 0;
    const turn = async () => {
      for (const task of await store.db.select().from(tasks).where(eq(tasks.status, 'open')).orderBy(asc(tasks.madeAt)))
        await settleTask(store, task, await scoreFor(task.orderId));
      for (; read < mailServer.mails.length; read += 1) {
        const token = /\/s\/(\S+)/.exec(mailServer.mails[read].text ?? '')?.[1];
        const order = token ? (await linkBehind(store.db, 'survey', token, Date.now()))?.orderId : null;
        if (order) await answer(store, order, await scoreFor(order));
      }
    };
    this.#done = (async () => {
      while (!this.#stopped) {
        await turn();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();
    // Whoever stops them hears of what went wrong.
    this.#done.catch(() => {});
  }

  stop() {
    this.#stopped = true;
    return this.#done;
  }
}

async function settleTask(store: Store, { id, kind, reason }: Task, nps: number) {
  const answers = reason === 'survey-by-phone' ? { nps, csat: null, benefit: null, better: null } : null;
  const outcome = reason === 'up-sell' ? 'not-interested' : kind === 'call' ? 'reached' : 'done';
  const report = { id: null, outcome, note: null, callBackAt: null, answers } as const;
  const told = await takeOutcome(store, id, report, Date.now());
  // With the call it is about, what the manager was to hear of it may be taken back.
  const takenBack = told.answer === 'closed' && told.status === 'cancelled';
  if (told.answer !== 'taken' && !takenBack) throw new Error(`${kind} ${reason}: ${JSON.stringify(told)}`);
}

async function answer(store: Store, order: string, nps: number) {
  const now = Date.now();
  await change(store, order, now, async ({ tx, sale }) => {
    await recordAnswers(store, tx, sale, { nps, csat: null, benefit: 'Music', better: null }, 'link', now);
    await poke(tx, order);
  });
}
