import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { sql } from 'drizzle-orm';
import { readOrder } from '../../domain/order.ts';
import { OUTCOMES_OF, UNANSWERED } from '../../domain/task.ts';
import { changeSettings, openStore, type Store } from '../../store/database.ts';
import { acceptOrder } from '../../store/orders.ts';
import { addPlaybooks, type Shelf } from '../../store/playbooks.ts';
import { listTasks, takeOutcome } from '../../store/tasks.ts';
import { type Postgres, startPostgres } from '../../worker/parts/postgres.ts';
import { findTemporal, startTemporal, type TemporalServer } from '../../worker/parts/temporalServer.ts';
import { MailServer } from '../support/mailServer.ts';
import { phoneOf } from '../support/people.ts';
import { type Acknowledged, customersSpeak } from './customers.ts';

/**
 * A hundred orders in short days, while workers are killed, the Temporal server is restarted twice and the database
 * once. In the end every contact was made once, or is uncertain. Beside them companies whose people order while they
 * are sold to: the cap on mail to each is never broken. And customers answer and complain: what they were told has
 * arrived is there.
 */
const ORDERS = 100;
const DAY_SECONDS = 3;
const KILLS = 24;
const COMPANIES = 8;
const CAP_DAYS = 3;
const program = fileURLToPath(new URL('../../dist/worker/up.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'aftercare-crash-'));
const mailServer = new MailServer();

let postgres: Postgres;
let temporal: TemporalServer;
let executable: string;
let environment: NodeJS.ProcessEnv;
let store: Store;
const workers: ChildProcess[] = [];
let restarts = 0;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const portOf = (url: string) => Number(new URL(url.includes('//') ? url : `tcp://${url}`).port);

beforeAll(async () => {
  executable = await findTemporal();
  [postgres, temporal] = await Promise.all([
    startPostgres({ dataDir: folder, fsync: false }),
    startTemporal({ executable, dataDir: folder, port: 0, uiPort: 0, synchronous: 'NORMAL' }),
  ]);
  environment = {
    ...process.env,
    DATABASE_URL: postgres.url,
    TEMPORAL_ADDRESS: temporal.address,
    SMTP_URL: await mailServer.start(),
    AFTERCARE_DAY_SECONDS: String(DAY_SECONDS),
    AFTERCARE_DATA_DIR: join(folder, 'data'),
    LOG_LEVEL: 'error',
  };
  store = await openStore(postgres.url, DAY_SECONDS);
  await changeSettings(store, { policy: { caps: [{ mails: 1, days: CAP_DAYS }], surveyEvery: 90 } });
});

afterAll(async () => {
  for (const worker of workers) worker.kill('SIGKILL');
  await store?.close();
  await mailServer.stop();
  await Promise.all([postgres?.stop(), temporal?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

function startWorker(slot: number) {
  workers[slot] = spawn(
    process.execPath,
    ['-e', `import(${JSON.stringify(program)}).then((m) => m.up({ only: 'worker' }))`],
    {
      env: environment,
      stdio: 'ignore',
    },
  );
  // One that starts while the database is away says so and ends; whoever runs it starts it again, as any supervisor.
  workers[slot].once('exit', (code) => {
    if (!code) return;
    restarts += 1;
    setTimeout(() => startWorker(slot), 1_000);
  });
}

/** The standard playbook in which nothing is ever too late: in days of three seconds every outage would be. */
function playbooksWithoutHurry(): string {
  const source = readFileSync(new URL('../../playbooks/standard.yaml', import.meta.url), 'utf8');
  const playbooks = join(folder, 'playbooks');
  mkdirSync(playbooks);
  writeFileSync(join(playbooks, 'standard.yaml'), source.replace(/^ *too late after:.*\n/gm, ''));
  writeFileSync(join(playbooks, 'pushy.yaml'), PUSHY);
  return playbooks;
}

/** An offer every day, which no cap lets out that often. */
const PUSHY = [
  'name: pushy',
  'title: An offer every day',
  'touches:',
  ...Array.from({ length: 20 }, (_, day) => [
    `  - name: offer-${day + 1}`,
    '    after: order',
    `    wait: ${day + 1} days`,
    '    send: up-sell',
    '    purpose: selling',
  ]),
]
  .flat()
  .join('\n');

/** An order of somebody of a company; the first is paid, and sold after, the others get what service there is. */
async function acceptOfCompany(shelf: Shelf, company: number, person: number) {
  const now = Date.now();
  const id = `f-${company}-${person}`;
  const read = readOrder(
    {
      source: 'firm',
      number: id,
      placedAt: new Date(now).toISOString(),
      paidAt: person === 1 ? undefined : null,
      currency: 'EUR',
      total: '10.00',
      playbook: person === 1 ? 'pushy' : 'standard',
      customer: {
        id,
        name: `Secret Name ${id}`,
        email: `secret-${id}@example.com`,
        company: { id: `firm-${company}`, name: 'Secret Ltd' },
      },
    },
    now,
  );
  if (!read.ok) throw new Error(JSON.stringify(read.errors));
  await acceptOrder(store, read.order, shelf, now);
}

/** People of the companies order now and then, whatever is down: a sales system tries again. */
async function companiesOrder(shelf: Shelf) {
  for (let person = 1; person <= 4; person += 1)
    for (let company = 1; company <= COMPANIES; company += 1) {
      for (let taken = false; !taken; )
        taken = await acceptOfCompany(shelf, company, person).then(
          () => true,
          () => wait(500).then(() => false),
        );
      await wait(Math.random() * 2_000);
    }
}

async function acceptOrders(shelf: Shelf) {
  for (let nth = 1; nth <= ORDERS; nth += 1) {
    const now = Date.now();
    const read = readOrder(
      {
        source: 'crash',
        number: String(nth),
        placedAt: new Date(now).toISOString(),
        currency: 'EUR',
        total: '10.00',
        customer: {
          id: `c-${nth}`,
          name: `Secret Name ${nth}`,
          email: `secret${nth}@example.com`,
          phone: phoneOf(`c-${nth}`),
        },
      },
      now,
    );
    if (!read.ok) throw new Error(JSON.stringify(read.errors));
    await acceptOrder(store, read.order, shelf, now);
  }
}

/** A colleague who takes every task as it comes; now and then nobody answers the phone. */
async function workTasks(until: () => boolean) {
  let turn = 0;
  while (!until()) {
    try {
      const { items } = await listTasks(store, { status: 'open' });
      for (const { task } of items) {
        turn += 1;
        const uncertain = task.reason === 'uncertain';
        if (uncertain && Date.now() - task.madeAt < 2_000) continue; // Whoever asks the mail server gives it a moment.
        const [wellDone] = OUTCOMES_OF[task.kind];
        const outcome = uncertain
          ? await whetherArrived(task.id)
          : task.kind === 'call' && turn % 4 === 0
            ? UNANSWERED[0]
            : wellDone;
        await takeOutcome(
          store,
          task.id,
          { id: null, outcome, note: null, callBackAt: null, answers: null },
          Date.now(),
        );
      }
    } catch {
      // The database is away; the colleague comes back later.
    }
    await wait(200);
  }
}

/** What the colleague finds out when asking the mail server about an uncertain mail. */
async function whetherArrived(taskId: string) {
  const [{ message_id }] = await rows<{ message_id: string }>(sql`
    SELECT l.message_id FROM aftercare.task_touches tt
    JOIN aftercare.ledger l USING (order_id, touch, occurrence) WHERE tt.task_id = ${taskId}`);
  return mailServer.mails.some(({ messageId }) => messageId === message_id) ? 'kept' : 'broken';
}

async function wreak() {
  for (let kill = 1; kill <= KILLS; kill += 1) {
    await wait(700 + Math.random() * 1800);
    if (restarts > 15) throw new Error('the workers do not start');
    const slot = kill % 2;
    workers[slot].kill('SIGKILL');
    startWorker(slot);
    if (kill === 7 || kill === 15) {
      const [port, uiPort] = [portOf(temporal.address), portOf(temporal.uiUrl)];
      process.kill(temporal.pid, kill === 7 ? 'SIGKILL' : 'SIGTERM');
      await temporal.exited;
      temporal = await startTemporal({ executable, dataDir: folder, port, uiPort, synchronous: 'NORMAL' });
    }
    if (kill === 11) {
      const port = portOf(postgres.url);
      await postgres.stop();
      await wait(3_000);
      postgres = await startPostgres({ dataDir: folder, port, fsync: false });
    }
  }
}

async function rows<Row>(query: ReturnType<typeof sql>): Promise<Row[]> {
  return (await store.db.execute(query)).rows as Row[];
}

/**
 * Whatever arrived before an offer, in the order in which the receiving server took it, lies a whole cap before it: by
 * the instants of the contacts, for whole seconds may pass until a killed worker's mail goes out.
 */
async function expectTheCapHeld() {
  const sent = await rows<{ message_id: string; party_id: string; selling: boolean; at: string }>(sql`
    SELECT message_id, l.party_id, purpose = 'selling' AS selling, extract(epoch FROM claimed_at) * 1000 AS at
    FROM aftercare.ledger l JOIN aftercare.orders o ON o.id = order_id AND o.source = 'firm'`);
  const mails = sent.flatMap(({ message_id, party_id, selling, at }) => {
    const nth = mailServer.mails.findIndex(({ messageId }) => messageId === message_id);
    return nth < 0 ? [] : [{ party: party_id, selling, at: Number(at), arrived: mailServer.arrivals[nth] }];
  });
  const offers = mails.filter(({ selling }) => selling);
  const cap = CAP_DAYS * DAY_SECONDS * 1_000;
  const broken = offers.flatMap((offer) =>
    mails.filter(
      // Two that arrive within the same moment may have passed one another on the way.
      ({ party, at, arrived }) => party === offer.party && arrived < offer.arrived - 300 && offer.at - at < cap,
    ),
  );
  console.log(`${offers.length} offers among ${mails.length} mails to ${COMPANIES} companies`);
  expect(broken).toEqual([]);
  expect(offers.length).toBeGreaterThanOrEqual(COMPANIES);
}

/** What a customer was told has arrived is kept, once; and who complained was told what came of it. */
async function expectWhatWasSaid({ scores, complaints }: Acknowledged) {
  const kept = await rows<{ email: string; nps: number | null; times: number }>(sql`
    SELECT c.email, a.nps, (SELECT count(*)::int FROM aftercare.events e
                            WHERE e.order_id = o.id AND what = 'answered') AS times
    FROM aftercare.orders o JOIN aftercare.customers c ON c.id = o.customer_id
    JOIN aftercare.answers a ON a.order_id = o.id WHERE o.source = 'crash'`);
  expect(new Map(kept.map(({ email, nps }) => [email, nps]))).toEqual(scores);
  expect(kept.filter(({ times }) => times !== 1)).toEqual([]);
  const heard = await rows<{ email: string; text: string; closed_why: string | null; times: number }>(sql`
    SELECT c.email, e.text, k.closed_why, count(*) OVER (PARTITION BY o.id)::int AS times
    FROM aftercare.complaints k JOIN aftercare.orders o ON o.id = k.order_id
    JOIN aftercare.customers c ON c.id = o.customer_id
    JOIN aftercare.events e ON e.order_id = o.id AND e.what = 'complained'`);
  expect(new Map(heard.map(({ email, text }) => [email, text]))).toEqual(complaints);
  expect(heard.filter(({ closed_why, times }) => closed_why !== 'told' || times !== 1)).toEqual([]);
  console.log(`${scores.size} answers and ${complaints.size} complaints were acknowledged`);
  expect(scores.size).toBe(ORDERS);
  expect(complaints.size).toBeGreaterThan(0);
}

it('loses nothing and does nothing twice', async () => {
  let over = false;
  startWorker(0);
  startWorker(1);
  const colleague = workTasks(() => over);
  const shelf = await addPlaybooks(store, playbooksWithoutHurry(), Date.now());
  const customers = customersSpeak(store, shelf, mailServer, () => over);
  await acceptOrders(shelf);
  await Promise.all([wreak(), companiesOrder(shelf)]);
  // The plan takes thirty days and what the outages put off; then every order keeps in touch. What comes
  // of a late answer is said last: whether they are asked to recommend us.
  const patience = Date.now() + 150_000;
  for (let open = 1; open > 0 && Date.now() < patience; await wait(1_000))
    [{ open }] = await rows<{ open: number }>(
      sql`SELECT count(*)::int AS open FROM aftercare.orders o WHERE source = 'crash' AND (stage <> 'waiting' OR NOT EXISTS (
        SELECT FROM aftercare.events WHERE order_id = o.id AND touch = 'referral'))`,
    );
  over = true;
  await colleague;
  const said = await customers;
  for (const worker of workers) worker.kill('SIGTERM');
  await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve))));

  const stages = await rows(
    sql`SELECT stage, count(*)::int AS count FROM aftercare.orders WHERE source = 'crash' GROUP BY stage`,
  );
  expect(stages).toEqual([{ stage: 'waiting', count: ORDERS }]);

  // As the receiving mail server counts them.
  const arrived = mailServer.mails.map(({ messageId }) => messageId!);
  expect(new Set(arrived).size).toBe(arrived.length);

  const ledger = await rows<{ state: string; message_id: string }>(sql`SELECT state, message_id FROM aftercare.ledger`);
  const inState = (state: string) => ledger.filter((entry) => entry.state === state).map((entry) => entry.message_id);
  const sent = inState('sent');
  expect(sent.filter((id) => !arrived.includes(id))).toEqual([]);
  const known = new Set([...sent, ...inState('uncertain')]);
  expect(arrived.filter((id) => !known.has(id))).toEqual([]);
  expect(inState('sending')).toEqual([]);

  // Once each: no contact has two tasks, none was told twice. (One that was uncertain, did not arrive and was sent again
  // may have been uncertain a second time.)
  const twice = await rows(sql`
    SELECT order_id, touch, occurrence, what, count(*) FROM aftercare.events
    WHERE what IN ('sent', 'task-made', 'handed-over')
    GROUP BY order_id, touch, occurrence, what HAVING count(*) > 1`);
  expect(twice).toEqual([]);
  const doubled = await rows(sql`
    SELECT tt.order_id, tt.touch, tt.occurrence FROM aftercare.task_touches tt JOIN aftercare.tasks t ON t.id = tt.task_id
    WHERE t.reason <> 'uncertain' GROUP BY 1, 2, 3 HAVING count(*) > 1`);
  expect(doubled).toEqual([]);

  // Everything planned was made, or the story says why not, and the reason is true.
  const fates = await rows<{ touch: string; fate: string; count: number }>(sql`
    SELECT touch, what || coalesce(' ' || why, '') AS fate, count(*)::int FROM (
      SELECT DISTINCT ON (order_id, touch) order_id, touch, what, CASE WHEN what = 'skipped' THEN why END AS why
      FROM aftercare.events JOIN aftercare.orders o ON o.id = order_id AND o.source = 'crash'
      WHERE touch IS NOT NULL AND what IN ('sent', 'uncertain', 'task-made', 'handed-over', 'skipped')
      ORDER BY order_id, touch, events.id) first
    GROUP BY 1, 2 ORDER BY 1, 2`);
  const [{ uncertain }] = await rows<{ uncertain: number }>(
    sql`SELECT count(*)::int AS uncertain FROM aftercare.events WHERE what = 'uncertain'`,
  );
  console.log(`${arrived.length} mails arrived, ${uncertain} were uncertain on the way`);
  console.log(fates.map(({ touch, fate, count }) => `${touch}: ${fate} ${count}`).join('\n'));
  for (const touch of ['thank-you', 'check-in', 'survey', 'up-sell'])
    expect(fates.filter((fate) => fate.touch === touch).reduce((sum, { count }) => sum + count, 0)).toBe(ORDERS);
  // Every second customer gave a nine or a ten, nobody less than seven; and to some of those who complained somebody had
  // spoken before.
  const skipped = fates.flatMap(({ touch, fate, count }) =>
    fate.startsWith('skipped') && fate !== 'skipped heard' ? [`${touch}: ${fate} ${count}`] : [],
  );
  expect(skipped).toEqual([
    `praise: skipped not-promoter ${ORDERS / 2}`,
    `recovery: skipped not-detractor ${ORDERS}`,
    `referral: skipped not-promoter ${ORDERS / 2}`,
  ]);
  const heard = fates.filter(({ fate }) => fate === 'skipped heard');
  for (const { touch } of heard) expect(['complaint-received', 'check-in']).toContain(touch);
  for (const { count } of heard) expect(count).toBeLessThanOrEqual(said.complaints.size);
  expect(await rows(sql`SELECT id FROM aftercare.outbox`)).toEqual([]);

  await expectTheCapHeld();
  await expectWhatWasSaid(said);

  // Nothing personal reached Temporal: not its histories, not what lies in its database.
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection });
  let histories = 0;
  for await (const { workflowId, runId } of client.workflow.list()) {
    const history = JSON.stringify(await client.workflow.getHandle(workflowId, runId).fetchHistory(), (_, value) =>
      value?.type === 'Buffer' || value instanceof Uint8Array ? Buffer.from(value.data ?? value).toString() : value,
    );
    expect(history).not.toMatch(/secret|\+4930/i);
    histories += 1;
  }
  expect(histories).toBeGreaterThanOrEqual(ORDERS);
  await connection.close();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.db')))
    expect(readFileSync(join(folder, file)).includes('secret')).toBe(false);
}, 400_000);
