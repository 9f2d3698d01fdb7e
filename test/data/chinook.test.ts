import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FollowUpEvent } from '../../domain/followUp.ts';
import type { OrderInput } from '../../domain/order.ts';
import { storyOf } from '../../store/followUps.ts';
import { waiting } from '../../store/outbox.ts';
import { ledger, orders as orderRows } from '../../store/schema.ts';
import { listTasks } from '../../store/tasks.ts';
import { FOLLOW_UP } from '../../workflows/messages.ts';
import { openHouse, type RunningHouse, until } from '../support/house.ts';
import { People, scoreOf } from '../support/people.ts';
import { chinookOrders, hasRealData, withRealData } from '../support/realData.ts';

/** So long that a busy machine is not late for a whole day, so short that a month passes in a minute. */
const DAY_SECONDS = 2;

let house: RunningHouse;
beforeAll(async () => {
  if (hasRealData) house = await openHouse(DAY_SECONDS);
});
afterAll(() => house?.close());

/** The newest order of each customer; it is placed now, at this house. */
function newestOrders(): OrderInput[] {
  const newest = new Map(chinookOrders().orders.map((order) => [order.customer.id, order]));
  return [...newest.values()];
}

const rowsOf = () => house.store.db.select().from(orderRows);

/** Until every plan is done, and so is all that was made of it. */
async function untilAllWait(count: number, seconds: number) {
  const look = async () => ({
    waiting: (await rowsOf()).filter(({ stage }) => stage === 'waiting').length,
    outbox: await waiting(house.store),
    // The last touch is a call: the plan is done when it is made, the colleague a moment later.
    tasks: (await listTasks(house.store, { status: 'open' })).items.length,
  });
  await until(look, (seen) => seen.waiting === count && seen.outbox + seen.tasks === 0, seconds * 1000);
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
  return (await house.temporal.client.workflow.count(`TaskQueue = '${house.source}' AND ${query}`)).count;
}

(hasRealData ? describe : describe.skip)(withRealData('the customers of the Chinook shop buy today'), () => {
  const placed = hasRealData ? newestOrders() : [];
  const customerOf = (number: string) => placed.find((order) => order.number === number)!.customer;

  it('and every follow-up goes its whole way', async () => {
    expect(placed).toHaveLength(59);
    for (const { number, customer, total, currency, salesperson, lines } of placed)
      await house.order(number, { customer, total, currency, salesperson, lines });
    const people = new People(house, (number) => customerOf(number).id);
    try {
      await untilAllWait(59, 42 * DAY_SECONDS);
    } finally {
      await people.stop();
    }
    for (const { id, number } of await rowsOf()) {
      const customer = customerOf(number);
      const story = await storyOf(house.store.db, id);
      const touches = expected(scoreOf(customer.id), customer.email !== null);
      const outcomes = Object.fromEntries(Object.keys(touches).map((touch) => [touch, cameOut(story, touch)]));
      expect({ number, ...outcomes }).toEqual({ number, ...touches });
    }
  }, 120_000);

  it('each mail arrived once', async () => {
    const sent = (await house.store.db.select().from(ledger)).map(({ state, messageId }) => `${state} ${messageId}`);
    const arrived = house.mailServer.mails.map(({ messageId }) => `sent ${messageId}`);
    expect(arrived.sort()).toEqual(sent.sort());
    expect(new Set(arrived).size).toBe(arrived.length);
  });

  it('nothing is left to tell, and no task is left to do', async () => {
    const { rows } = await house.store.pool.query(
      `SELECT (SELECT count(*) FROM aftercare.outbox)::int AS outbox,
        (SELECT count(*) FROM aftercare.tasks WHERE status = 'open')::int AS tasks`,
    );
    expect(rows).toEqual([{ outbox: 0, tasks: 0 }]);
  });

  it('an admin finds them in Temporal by what is known of them', async () => {
    const rows = await rowsOf();
    const running = "ExecutionStatus = 'Running'";
    const count = (what: (row: (typeof rows)[number]) => boolean) => rows.filter(what).length;
    await until(
      () => found(`AftercareStage = 'waiting' AND ${running}`),
      (count) => count === 59,
    );
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
    const closed = house.temporal.client.workflow.list({
      query: `WorkflowType = '${FOLLOW_UP}' AND TaskQueue = '${house.source}' AND ExecutionStatus = 'ContinuedAsNew'`,
    });
    const lengths: number[] = [];
    for await (const { historyLength } of closed) lengths.push(historyLength);
    console.info(`events of a follow-up: ${Math.min(...lengths)} to ${Math.max(...lengths)}`);
    expect(lengths).toHaveLength(59);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(140);
  });
});
