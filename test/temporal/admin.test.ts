import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import { complaintWorkflowId, followUpId } from '../../domain/names.ts';
import { recordAnswers } from '../../store/answers.ts';
import { complaintsOf } from '../../store/complaints.ts';
import { takeEvent } from '../../store/events.ts';
import { change, poke } from '../../store/followUps.ts';
import { findOrder } from '../../store/orders.ts';
import { tasks } from '../../store/schema.ts';
import { reconcile } from '../../worker/reconciler.ts';
import { openHouse, type RunningHouse, until } from '../support/house.ts';

/** What an admin sees in the Temporal UI, on a real server. */
let house: RunningHouse;
beforeAll(async () => {
  house = await openHouse(4);
});
afterAll(() => house?.close());

const handle = (number: string) => house.temporal.client.workflow.getHandle(followUpId(house.source, number));
const orderOf = async (number: string) => (await findOrder(house.store, house.source, number))!;

async function found(query: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { workflowId } of house.temporal.client.workflow.list({ query })) ids.push(workflowId);
  return ids;
}

it('finds follow-ups by stage, customer, owner, playbook, next touch and score', async () => {
  await house.order('1');
  await house.order('2', { paidAt: null });
  const { customerId, id } = await orderOf('1');
  const one = [followUpId(house.source, '1')];
  const two = [followUpId(house.source, '2')];
  const mine = (query: string) => () => found(`${query} AND TaskQueue = '${house.source}'`);
  const only = (ids: string[]) => (seen: string[]) => JSON.stringify(seen) === JSON.stringify(ids);
  await until(mine(`AftercareStage = 'unpaid'`), only(two));
  await until(mine(`AftercareStage = 'following'`), only(one));
  await until(mine(`AftercareCustomer = '${customerId}'`), only(one));
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  await until(mine(`AftercareNextTouch < '${soon}' AND AftercareOwner = 'office'`), (seen) => seen.length === 2);
  await until(mine(`AftercarePlaybook = 'standard'`), (seen) => seen.length === 2);
  await change(house.store, id, Date.now(), async ({ tx, sale }) => {
    await recordAnswers(
      house.store,
      tx,
      sale,
      { nps: 3, csat: null, benefit: null, better: 'Secret words' },
      'phone',
      Date.now(),
    );
    await poke(tx, id);
  });
  await until(mine('AftercareScore <= 6'), only(one));
});

it('says at a glance where an order stands, why it waits and until when, and nothing personal', async () => {
  await house.order('3', { customer: { id: 'secret-id', name: 'Secret Name', email: 'secret@example.com' } });
  await until(
    async () => (await orderOf('3')).nextTouch,
    (touch) => touch === 'check-in',
  );
  const metadata = await until(
    () => handle('3').query<{ currentDetails: string }>('__temporal_workflow_metadata'),
    ({ currentDetails }) => currentDetails.includes('until check-in'),
  );
  expect(metadata.currentDetails).toMatch(
    /^\*\*following\*\*: waits until check-in #1, \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/,
  );
  expect(metadata.currentDetails).toMatch(/: sent thank-you #1$/m);
  const history = await handle('3').fetchHistory();
  const summaries = (history.events ?? []).flatMap(({ userMetadata }) =>
    userMetadata?.summary?.data ? [Buffer.from(userMetadata.summary.data).toString()] : [],
  );
  expect(summaries[0]).toBe(`"${house.source}/3, playbook standard"`);
  expect(summaries[1]).toMatch(/^"until thank-you #1|^"thank-you #1"/);
  expect(summaries.some((summary) => summary.startsWith('"until check-in #1"'))).toBe(true);
  const text = JSON.stringify(history, (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString() : value,
  );
  expect(text).not.toMatch(/secret/i);
});

it('starts a terminated follow-up again, where it was, and nothing is done twice', async () => {
  await house.order('4');
  await until(
    async () => (await orderOf('4')).nextTouch,
    (touch) => touch === 'check-in',
  );
  await handle('4').terminate('by hand');
  await until(
    () => found(`ExecutionStatus = 'Terminated' AND TaskQueue = '${house.source}'`),
    (seen) => seen.length === 1,
  );
  expect(await reconcile(house.store, house.followUps, Date.now())).toBeGreaterThan(0);
  const { id } = await orderOf('4');
  const made = await until(
    () => house.store.db.select().from(tasks).where(eq(tasks.orderId, id)),
    (seen) => seen.length > 0,
    40_000,
  );
  expect(made).toHaveLength(1);
  expect((await handle('4').describe()).status.name).toBe('RUNNING');
  expect(house.mailServer.mails.filter(({ to }) => JSON.stringify(to).includes('c-4@'))).toHaveLength(1);
});

it('a complaint has a workflow of its own, which says what it waits for and nothing personal', async () => {
  await house.order('5', { customer: { id: 'secret-5', name: 'Secret Name', email: 'secret-5@example.com' } });
  const event = { id: null, type: 'complained', at: Date.now(), until: null, by: null, text: 'Secret words' } as const;
  await takeEvent(house.store, house.source, '5', event, Date.now());
  const { id: order } = await orderOf('5');
  const [{ id }] = await complaintsOf(house.store.db, order);
  const run = house.temporal.client.workflow.getHandle(complaintWorkflowId(id));
  const its = (query: string) => () => found(`${query} AND TaskQueue = '${house.source}'`);
  await until(its(`AftercareStage = 'complaint: listen'`), (seen) => seen[0] === complaintWorkflowId(id));
  await until(
    () => house.store.db.select().from(tasks).where(eq(tasks.orderId, order)),
    (seen) => seen.length >= 2,
  );
  await run.terminate('by hand');
  await until(its(`WorkflowType = 'complaint' AND ExecutionStatus = 'Running'`), (seen) => seen.length === 0);
  expect(await reconcile(house.store, house.followUps, Date.now())).toBeGreaterThan(0);
  await until(its(`WorkflowType = 'complaint' AND ExecutionStatus = 'Running'`), (seen) => seen.length === 1);
  const { currentDetails } = await until(
    () => run.query<{ currentDetails: string }>('__temporal_workflow_metadata'),
    (seen) => seen.currentDetails.includes('task-made complaint-listen #1.1'),
  );
  expect(currentDetails).toMatch(/^\*\*complaint, listen\*\*: waits /);
  const text = JSON.stringify(await run.fetchHistory(), (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString() : value,
  );
  expect(text).not.toMatch(/secret/i);
}, 60_000);
