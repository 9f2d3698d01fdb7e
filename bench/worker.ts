import { NativeConnection, Worker } from '@temporalio/worker';
import { readAllContent } from '../mail/content.ts';
import { openMailer } from '../mail/smtp.ts';
import { readTemplates, TEMPLATES } from '../mail/templates.ts';
import { openStore } from '../store/database.ts';
import { openLog } from '../worker/log.ts';
import { connectTemporal, logThrough, startWorker } from '../worker/temporal.ts';
import { createBareActivities } from './bare/activities.ts';
import { DAY_SECONDS } from './plan.ts';

/** What a worker is told when it is started. */
export interface WorkerOrders {
  contender: 'ours' | 'bare';
  databaseUrl: string;
  temporalAddress: string;
  smtpUrl: string;
  taskQueue: string;
  bundle: string;
}

/** A process of its own for the workers of either contender: what it costs is theirs alone. */
async function main(orders: WorkerOrders) {
  logThrough(openLog('error'));
  const ended = await (orders.contender === 'ours' ? startOurs : startBare)(orders);
  process.on('message', async (message) => {
    if (message === 'cpu') process.send!(process.cpuUsage());
    if (message === 'stop') {
      await ended();
      process.exit(0);
    }
  });
  process.send!('ready');
}

async function startOurs({ databaseUrl, temporalAddress, smtpUrl, taskQueue, bundle }: WorkerOrders) {
  const store = await openStore(databaseUrl, DAY_SECONDS);
  const templates = await readTemplates(TEMPLATES);
  const house = {
    store,
    mailer: openMailer(smtpUrl),
    templates,
    content: readAllContent(TEMPLATES),
    hears: false,
    publicUrl: 'http://127.0.0.1:4280',
  };
  const worker = await startWorker(await connectTemporal(temporalAddress), house, taskQueue, bundle);
  return () => worker.stop();
}

async function startBare({ databaseUrl, temporalAddress, smtpUrl, taskQueue, bundle }: WorkerOrders) {
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address: temporalAddress }),
    taskQueue,
    workflowBundle: { codePath: bundle },
    activities: createBareActivities(databaseUrl, smtpUrl),
    shutdownGraceTime: '20 seconds',
    shutdownForceTime: '30 seconds',
  });
  const run = worker.run();
  return () => {
    worker.shutdown();
    return run;
  };
}

await main(JSON.parse(process.argv[2]));
