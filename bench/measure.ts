import { type ChildProcess, fork } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import type { Contender } from './contenders.ts';
import { type Places, progress } from './places.ts';
import type { WorkerOrders } from './worker.ts';

/** What one round of one contender came to. CPU is in milliseconds per order; null where the system does not tell. */
export interface Round {
  startsPerSecond: number;
  ordersPerSecond: number;
  workerCpu: number;
  serverCpu: number | null;
  postgresCpu: number | null;
  /** Mean history length. */
  events: number;
}

/** Starts orders that nobody works on, then as many that are followed to the end of their plan. */
export async function measureRound(places: Places, contender: Contender, count: number, id: string): Promise<Round> {
  const what = `${id}: ${contender.name}`;
  const starting = await timed(() =>
    progress.during(what, `starts ${count} orders, without a worker`, () => contender.start(count, `${id}-starts`)),
  );
  return progress.during(what, `${count} orders to the end of their plan`, async (step) => {
    const taskQueue = `${id}-orders`;
    const worker = await startWorkerProcess(places, contender, taskQueue);
    try {
      const before = { worker: await worker.cpu(), ...serversCpu(places) };
      const seconds = await timed(async () => {
        await contender.start(count, taskQueue);
        await untilDone(places, contender, taskQueue, count, (done) => step.far(`${done} of ${count} done`));
      });
      const after = { worker: await worker.cpu(), ...serversCpu(places) };
      const spent = (part: 'server' | 'postgres') =>
        before[part] === null || after[part] === null ? null : (after[part] - before[part]) / count;
      const lengths = (await doneRuns(places, contender, taskQueue)).map(({ historyLength }) => historyLength);
      return {
        startsPerSecond: count / starting,
        ordersPerSecond: count / seconds,
        workerCpu: (after.worker - before.worker) / count,
        serverCpu: spent('server'),
        postgresCpu: spent('postgres'),
        events: lengths.reduce((sum, length) => sum + length, 0) / lengths.length,
      };
    } finally {
      await worker.stop();
    }
  });
}

/** The history of one order on a machine that does nothing else, so that every wait is a timer. */
export async function measureHistory(places: Places, contender: Contender) {
  return progress.during(`History: ${contender.name}`, 'one order alone', async () => {
    const taskQueue = `alone-${contender.name}`;
    const worker = await startWorkerProcess(places, contender, taskQueue);
    try {
      await contender.start(1, taskQueue);
      await untilDone(places, contender, taskQueue, 1);
      return await historyOf(places, contender, taskQueue);
    } finally {
      await worker.stop();
    }
  });
}

/** The one run of a task queue whose plan is done. */
export async function historyOf(places: Places, contender: Pick<Contender, 'done'>, taskQueue: string) {
  const [{ workflowId, runId, historyLength }] = await doneRuns(places, contender, taskQueue);
  const handle = places.temporal.client.workflow.getHandle(workflowId, runId);
  const { historySize } = await handle.describe();
  return { events: historyLength, bytes: historySize ?? 0, history: await handle.fetchHistory() };
}

const byQueue = ({ done }: Pick<Contender, 'done'>, taskQueue: string) => `TaskQueue = '${taskQueue}' AND ${done}`;

/** Asks as often for both, and of Temporal, so that asking costs both the same. */
export async function untilDone(
  { temporal }: Places,
  contender: Pick<Contender, 'done'>,
  taskQueue: string,
  count: number,
  tell: (done: number) => void = () => {},
) {
  for (;;) {
    const done = await temporal.client.workflow.count(byQueue(contender, taskQueue));
    tell(done.count);
    if (done.count >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function doneRuns({ temporal }: Places, contender: Pick<Contender, 'done'>, taskQueue: string) {
  const runs = [];
  for await (const run of temporal.client.workflow.list({ query: byQueue(contender, taskQueue) })) runs.push(run);
  return runs;
}

type History = Parameters<typeof Worker.runReplayHistory>[1];

/** How long a fresh worker needs to bring a history back, in milliseconds; the first time does not count. */
export async function measureReplay(bundle: string, history: History): Promise<number> {
  const times: number[] = [];
  for (let nth = 0; nth < 6; nth += 1)
    times.push(1000 * (await timed(() => Worker.runReplayHistory({ workflowBundle: { codePath: bundle } }, history))));
  return median(times.slice(1));
}

/** The bundle as workers evaluate it, in bytes; its source map they leave aside. */
export const bundleBytes = (file: string) =>
  Buffer.byteLength(readFileSync(file, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, ''));

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await work();
  return (performance.now() - since) / 1000;
}

async function startWorkerProcess(places: Places, { name }: Contender, taskQueue: string) {
  const { postgres, server, smtpUrl, bundles } = places;
  const orders: WorkerOrders = {
    contender: name,
    databaseUrl: postgres.url,
    temporalAddress: server.address,
    smtpUrl,
    taskQueue,
    bundle: bundles[name],
  };
  const child = fork(fileURLToPath(new URL('./worker.js', import.meta.url)), [JSON.stringify(orders)]);
  await said(child);
  return {
    async cpu() {
      child.send('cpu');
      const { user, system } = (await said(child)) as NodeJS.CpuUsage;
      return (user + system) / 1000;
    },
    async stop() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.send('stop');
      await gone;
    },
  };
}

function said(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null) => reject(new Error(`the worker process ended with ${code}`));
    child.once('exit', died);
    child.once('message', (message) => {
      child.off('exit', died);
      resolve(message);
    });
  });
}

/** Milliseconds of CPU the servers have used so far; null where there is no /proc. */
function serversCpu({ server, postgres }: Places): { server: number | null; postgres: number | null } {
  if (process.platform !== 'linux') return { server: null, postgres: null };
  return { server: cpuOf(server.pid), postgres: cpuOf(postgres.pid) };
}

/** A process, those it has started, and those that have ended: fields 14 to 17 of /proc/PID/stat, in ticks of 10 ms. */
function cpuOf(pid: number): number {
  let ticks = 0;
  for (const name of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const fields = statOf(name);
    if (Number(name) === pid) ticks += sum(fields.slice(11, 15));
    else if (Number(fields[1]) === pid) ticks += sum(fields.slice(11, 13));
  }
  return ticks * 10;
}

const sum = (numbers: string[]) => numbers.reduce((total, one) => total + Number(one), 0);

/** From the third field on: the second, the name, may hold blanks. */
function statOf(pid: string): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return []; // gone meanwhile
  }
}
