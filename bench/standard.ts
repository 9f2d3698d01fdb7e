import { and, eq } from 'drizzle-orm';
import { followUps } from '../client/followUps.ts';
import { readEvent } from '../domain/messages.ts';
import { readOrder } from '../domain/order.ts';
import { DAY } from '../domain/time.ts';
import { readAllContent } from '../mail/content.ts';
import { openMailer } from '../mail/smtp.ts';
import { readTemplates, TEMPLATES } from '../mail/templates.ts';
import { recordAnswers } from '../store/answers.ts';
import { openStore, type Store } from '../store/database.ts';
import { takeEvent } from '../store/events.ts';
import { change, poke } from '../store/followUps.ts';
import { acceptOrder, findOrder } from '../store/orders.ts';
import { addPlaybooks } from '../store/playbooks.ts';
import { ledger, tasks } from '../store/schema.ts';
import { takeOutcome } from '../store/tasks.ts';
import { startDispatcher } from '../worker/dispatcher.ts';
import { openLog } from '../worker/log.ts';
import { startWorker } from '../worker/temporal.ts';
import { FOLLOW_UP } from '../workflows/messages.ts';
import { historyOf, untilDone } from './measure.ts';
import { type Places, progress } from './places.ts';

/** So that what a day apart is stays apart: the server rounds timers to about a second. */
const DAY_SECONDS = 2;
const TASK_QUEUE = 'standard';

/** The history of a standard follow-up in which everything happens that is planned, and everybody answers. */
export function measureStandard(places: Places) {
  return progress.during('Standard playbook', 'one order from thank-you to up-sell, about a minute', async (step) => {
    const store = await openStore(await places.database('standard'), DAY_SECONDS);
    const templates = await readTemplates(TEMPLATES);
    const house = {
      store,
      mailer: openMailer(places.smtpUrl),
      templates,
      content: readAllContent(TEMPLATES),
      hears: false,
      publicUrl: 'http://127.0.0.1:4280',
    };
    const worker = await startWorker(places.temporal, house, TASK_QUEUE, places.bundles.ours);
    const calls = followUps(places.temporal.client, TASK_QUEUE);
    const dispatcher = startDispatcher(store, calls, openLog('error'));
    try {
      const acceptedAt = await placeOrder(store, places.playbooks);
      for (;;) {
        const day = (Date.now() - acceptedAt) / (DAY_SECONDS * 1000);
        const { stage } = await live(store, day);
        step.far(`day ${Math.floor(day)}, ${stage}`);
        if (stage === 'waiting') break;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const done = { done: `WorkflowType = '${FOLLOW_UP}' AND ExecutionStatus = 'ContinuedAsNew'` };
      await untilDone(places, done, TASK_QUEUE, 1);
      return await historyOf(places, done, TASK_QUEUE);
    } finally {
      await dispatcher.stop();
      await worker.stop();
      house.mailer.close();
      await store.close();
    }
  });
}

const [SOURCE, NUMBER] = ['bench', '1'];

async function placeOrder(store: Store, folder: string): Promise<number> {
  const now = Date.now();
  const read = readOrder(
    {
      source: SOURCE,
      number: NUMBER,
      placedAt: new Date(now).toISOString(),
      currency: 'EUR',
      total: '129.90',
      customer: { id: 'c-77', name: 'Ada Palmer', email: 'ada@example.com', phone: '+49 30 123456' },
      lines: [{ sku: 'E-1', name: 'Espresso machine', quantity: 1, price: '129.90' }],
      promises: [{ what: 'Training booked', by: new Date(now + 3 * DAY).toISOString() }],
    },
    now,
  );
  if (!read.ok) throw new Error(JSON.stringify(read.errors));
  await acceptOrder(store, read.order, await addPlaybooks(store, folder, now), now);
  return now;
}

/** What customer and colleagues do on a day: delivered on the second, every task settled, the survey answered. */
async function live(store: Store, day: number) {
  const now = Date.now();
  const order = (await findOrder(store, SOURCE, NUMBER))!;
  if (day >= 2) {
    const read = readEvent({ id: 'delivery', type: 'delivered' }, now);
    if (read.ok) await takeEvent(store, SOURCE, NUMBER, read.event, now);
  }
  for (const { id, kind, reason } of await store.db.select().from(tasks).where(eq(tasks.status, 'open'))) {
    const outcome = kind === 'check' ? 'kept' : reason === 'up-sell' ? 'not-interested' : 'reached';
    await takeOutcome(store, id, { id: null, outcome, note: null, callBackAt: null, answers: null }, now);
  }
  const [survey] = await store.db
    .select()
    .from(ledger)
    .where(and(eq(ledger.touch, 'survey'), eq(ledger.state, 'sent')));
  if (survey && order.score === null && now > survey.sentAt! + DAY_SECONDS * 1000)
    await change(store, order.id, now, async ({ tx, sale }) => {
      await recordAnswers(
        store,
        tx,
        sale,
        { nps: 10, csat: null, benefit: 'Coffee before seven', better: null },
        'link',
        now,
      );
      await poke(tx, order.id);
    });
  return order;
}
