import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { followUps } from '../../client/followUps.ts';
import type { FollowUpEvent } from '../../domain/followUp.ts';
import { type OrderInput, readOrder } from '../../domain/order.ts';
import { openMailer } from '../../mail/smtp.ts';
import { readTemplates } from '../../mail/templates.ts';
import type { Store } from '../../store/database.ts';
import { storyOf } from '../../store/followUps.ts';
import { acceptOrder } from '../../store/orders.ts';
import { waiting } from '../../store/outbox.ts';
import { addPlaybooks } from '../../store/playbooks.ts';
import { ledger, orders as orderRows } from '../../store/schema.ts';
import { startDispatcher } from '../../worker/dispatcher.ts';
import { addSearchAttributes, connectTemporal, startWorker, type Temporal } from '../../worker/temporal.ts';
import { FOLLOW_UP } from '../../workflows/messages.ts';
import { freshStore } from '../support/database.ts';
import { MailServer } from '../support/mailServer.ts';
import { People, scoreOf } from '../support/people.ts';
import { chinookOrders, hasRealData, withRealData } from '../support/realData.ts';

/** So long that a busy machine is not late for a whole day, so short that a month passes in a minute. */
const DAY_SECONDS = 2;
const TASK_QUEUE = 'chinook';

let store: Store;
let temporal: Temporal;
const mailServer = new MailServer();
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  if (!hasRealData) return;
  const fresh = await freshStore(DAY_SECONDS);
  store = fresh.store;
  closing.push(fresh.drop);
  const mailer = openMailer(await mailServer.start());
  closing.push(() => mailServer.stop());
  closing.push(() => mailer.close());
  temporal = await connectTemporal(process.env.AFTERCARE_TEST_TEMPORAL_ADDRESS);
  closing.push(() => temporal.connection.close());
  await addSearchAttributes(temporal);
  const house = { store, mailer, templates: readTemplates('templates'), publicUrl: 'http://shop.test' };
  const worker = await startWorker(temporal, house, TASK_QUEUE, { codePath: process.env.AFTERCARE_TEST_BUNDLE! });
  closing.push(() => worker.stop());
  const log = pino({ level: 'warn' });
  const dispatcher = startDispatcher(store, followUps(temporal.client, TASK_QUEUE), log);
  closing.push(() => dispatcher.stop());
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

/** The newest order of each customer, as if it had been placed now. */
function newestOrders(): OrderInput[] {
  const newest = new Map(chinookOrders().orders.map((order) => [order.customer.id, order]));
  return [...newest.values()].map((order) => ({ ...order, placedAt: new Date().toISOString() }));
}

async function place(orders: OrderInput[]) {
  const playbook = (await addPlaybooks(store, 'playbooks', Date.now())).get('standard')!;
  for (const order of orders) {
    const read = readOrder(order, Date.now());
    if (!read.ok) throw new Error(`${order.number}: ${JSON.stringify(read.errors)}`);
    expect(await acceptOrder(store, read.order, playbook, Date.now())).toBe('accepted');
  }
}

/** Until the plan of every order is done, with the day on which that is expected. */
async function untilAllWait(count: number, seconds: number) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const rows = await store.db.select({ stage: orderRows.stage }).from(orderRows);
    const there = rows.filter(({ stage }) => stage === 'waiting').length;
    if (there === count && (await waiting(store)) === 0) return;
    if (Date.now() > end) throw new Error(`after ${seconds} s only ${there} of ${count} follow-ups are waiting`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** How a touch came out, by the story: made and settled, or the reason against it. */
function cameOut(story: FollowUpEvent[], touch: string): string {
  const about = story.filter((event) => event.touch === touch);
  const against = about.find(({ what }) => what === 'skipped');
  const last = against ?? about.findLast(({ what }) => what === 'outcome' || what === 'sent');
  return [last?.what ?? 'nothing', last?.why].filter(Boolean).join(': ');
}

/** What must come of each touch when all goes well, by what the customer answers and how they can be reached. */
function expected(score: number, email: boolean) {
  const promoter = score >= 9;
  const detractor = score <= 6;
  return {
    'thank-you': email ? 'sent' : 'skipped: no-email',
    'check-in': 'outcome: reached',
    survey: email ? 'sent' : 'outcome: reached',
    recovery: detractor ? 'outcome: reached' : 'skipped: not-detractor',
    referral: !promoter ? 'skipped: not-promoter' : email ? 'sent' : 'skipped: no-email',
    'up-sell': detractor ? 'skipped: detractor' : 'outcome: not-interested',
  };
}

/** How many runs Temporal finds; its lists follow what happens within a moment. */
async function found(query: string): Promise<number> {
  return (await temporal.client.workflow.count(`TaskQueue = '${TASK_QUEUE}' AND ${query}`)).count;
}

(hasRealData ? describe : describe.skip)(withRealData('the customers of the Chinook shop buy today'), () => {
  const placed = hasRealData ? newestOrders() : [];
  const customerOf = (number: string) => placed.find((order) => order.number === number)!.customer;

  it('and every follow-up goes its whole way', async () => {
    expect(placed).toHaveLength(59);
    await place(placed);
    const people = new People(store, mailServer, (number) => customerOf(number).id);
    try {
      await untilAllWait(59, 42 * DAY_SECONDS);
    } finally {
      await people.stop();
    }
    for (const { id, number } of await store.db.select().from(orderRows)) {
      const customer = customerOf(number);
      const story = await storyOf(store.db, id);
      const touches = expected(scoreOf(customer.id), customer.email !== null);
      const outcomes = Object.fromEntries(Object.keys(touches).map((touch) => [touch, cameOut(story, touch)]));
      expect({ number, ...outcomes }).toEqual({ number, ...touches });
    }
  }, 120_000);

  it('each mail arrived once', async () => {
    const sent = (await store.db.select().from(ledger)).map(({ state, messageId }) => `${state} ${messageId}`);
    const arrived = mailServer.mails.map(({ messageId }) => `sent ${messageId}`);
    expect(arrived.sort()).toEqual(sent.sort());
    expect(new Set(arrived).size).toBe(arrived.length);
  });

  it('nothing is left to tell, and no task is left to do', async () => {
    const { rows } = await store.pool.query(
      `SELECT (SELECT count(*) FROM aftercare.outbox)::int AS outbox,
        (SELECT count(*) FROM aftercare.tasks WHERE status = 'open')::int AS tasks`,
    );
    expect(rows).toEqual([{ outbox: 0, tasks: 0 }]);
  });

  it('an admin finds them in Temporal by what is known of them', async () => {
    const rows = await store.db.select().from(orderRows);
    const running = "ExecutionStatus = 'Running'";
    const count = (what: (row: (typeof rows)[number]) => boolean) => rows.filter(what).length;
    expect(await found(`AftercareStage = 'waiting' AND ${running}`)).toBe(59);
    expect(await found(`AftercareScore >= 9 AND ${running}`)).toBe(count(({ score }) => score! >= 9));
    expect(await found(`AftercareScore <= 6 AND ${running}`)).toBe(count(({ score }) => score! <= 6));
    expect(await found(`AftercarePlaybook = 'standard' AND ${running}`)).toBe(59);
    expect(await found(`AftercareCustomer = '${rows[0].customerId}' AND ${running}`)).toBe(1);
    const { owner } = rows[0];
    expect(await found(`AftercareOwner = '${owner}' AND ${running}`)).toBe(count((row) => row.owner === owner));
    const soon = new Date(Date.now() + 70 * DAY_SECONDS * 1000).toISOString();
    expect(await found(`AftercareNextTouch < '${soon}' AND ${running}`)).toBe(count((row) => row.nextTouch !== null));
  });

  it('a whole standard follow-up is a short history', async () => {
    const closed = temporal.client.workflow.list({
      query: `WorkflowType = '${FOLLOW_UP}' AND TaskQueue = '${TASK_QUEUE}' AND ExecutionStatus = 'ContinuedAsNew'`,
    });
    const lengths: number[] = [];
    for await (const { historyLength } of closed) lengths.push(historyLength);
    console.info(`events of a follow-up: ${Math.min(...lengths)} to ${Math.max(...lengths)}`);
    expect(lengths).toHaveLength(59);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(140);
  });
});
