import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { type DataFolder, leftOver, openDataFolder } from '../../worker/parts/dataFolder.ts';
import { startPostgres } from '../../worker/parts/postgres.ts';
import type { Part } from '../../worker/parts/processes.ts';
import { progressOn } from '../../worker/parts/progress.ts';
import { findTemporal, startTemporal } from '../../worker/parts/temporalServer.ts';
import { findGreenMail } from './mailbox.ts';
import { findTestServer } from './timeSkippingServer.ts';

const workflows = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'workflows', 'index.ts');
const ours = 'aftercare-test-';

declare global {
  /** What globalTeardown.ts ends. */
  var aftercareParts: { stop(): Promise<void> } | undefined;
}

/** Once for all tests: a PostgreSQL, a Temporal server, the test servers' paths and the workflows' bundle. */
export default async function globalSetup(): Promise<void> {
  if (process.env.AFTERCARE_TEST_PARTS === 'none') return; // a quick round on rules that need none of it
  await removeLeftOvers();
  const folder = openDataFolder(join(tmpdir(), `${ours}${process.pid}`));
  const started: Part[] = [];
  const keep = <T extends Part>(part: T): T => {
    started.push(part);
    return part;
  };
  globalThis.aftercareParts = { stop: () => stop(started, folder) };
  stopOnExit(started, folder);

  const progress = progressOn();
  const bundle = join(folder.path, 'workflows.js');
  const all = await Promise.allSettled([
    progress.during('PostgreSQL', 'one for all tests, thrown away afterwards', async () => {
      const postgres = keep(await startPostgres({ dataDir: folder.path, fsync: false }));
      process.env.AFTERCARE_TEST_DATABASE_URL = postgres.url;
    }),
    findTemporal({ progress }).then((executable) =>
      progress.during('Temporal', 'one for all tests, thrown away afterwards', async () => {
        const options = { executable, dataDir: folder.path, port: 0, uiPort: 0, synchronous: 'NORMAL' } as const;
        process.env.AFTERCARE_TEST_TEMPORAL_ADDRESS = keep(await startTemporal(options)).address;
      }),
    ),
    findTestServer({ progress }).then((path) => {
      process.env.AFTERCARE_TEST_SERVER = path;
    }),
    findGreenMail({ progress }).then((path) => {
      process.env.AFTERCARE_TEST_GREENMAIL = path;
    }),
    progress.during('Workflows', 'bundled once for all tests', async () => {
      const { code } = await bundleWorkflowCode({ workflowsPath: workflows, logger: new DefaultLogger('WARN') });
      writeFileSync(bundle, code);
      process.env.AFTERCARE_TEST_BUNDLE = bundle;
    }),
  ]);
  const failed = all.find((one) => one.status === 'rejected');
  if (!failed) return;
  await stop(started, folder);
  throw failed.reason;
}

async function stop(started: Part[], folder: DataFolder): Promise<void> {
  await Promise.all(started.splice(0).map((part) => part.stop()));
  rmSync(folder.path, { recursive: true, force: true });
}

/** Jest skips the teardown at Ctrl-C. Nothing there is worth a clean end, so the parts are killed on the spot. */
function stopOnExit(started: Part[], folder: DataFolder): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
  process.once('exit', () => {
    for (const { pid } of started) {
      try {
        process.kill(pid, 'SIGQUIT'); // for PostgreSQL the end without ado, its children included
      } catch {
        // gone already
      }
    }
    rmSync(folder.path, { recursive: true, force: true });
  });
}

/** Stops and removes what an earlier run left that was killed. */
async function removeLeftOvers(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((name) => name.startsWith(ours))) {
    try {
      const { path } = openDataFolder(join(tmpdir(), name)); // throws while that run lives
      const cluster = join(path, 'postgres');
      await leftOver(join(cluster, 'postmaster.pid'), cluster, 'SIGQUIT');
      const temporal = readdirSync(path).find((file) => file.endsWith('.db'));
      if (temporal) await leftOver(join(path, 'temporal.pid'), join(path, temporal));
      rmSync(path, { recursive: true, force: true });
    } catch {
      // in use, or another user's
    }
  }
}
