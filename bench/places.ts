import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import pg from 'pg';
import { SMTPServer } from 'smtp-server';
import { type Postgres, startPostgres } from '../worker/parts/postgres.ts';
import { progressOn } from '../worker/parts/progress.ts';
import { findTemporal, startTemporal, type TemporalServer } from '../worker/parts/temporalServer.ts';
import { addSearchAttributes, connectTemporal, type Temporal } from '../worker/temporal.ts';
import { BARE_TABLE } from './bare/activities.ts';

export const progress = progressOn();

/** What both contenders share: one Temporal server, one PostgreSQL, one mail server, in a folder thrown away. */
export interface Places {
  server: TemporalServer;
  postgres: Postgres;
  temporal: Temporal;
  smtpUrl: string;
  mails: () => number;
  /** The standard playbook and the one measured. */
  playbooks: string;
  bundles: { ours: string; bare: string };
  /** A fresh database in the PostgreSQL. */
  database(name: string): Promise<string>;
  close(): Promise<void>;
}

export async function openPlaces(): Promise<Places> {
  const dataDir = mkdtempSync(join(tmpdir(), 'aftercare-bench-'));
  chmodSync(dataDir, 0o711); // PostgreSQL may run as another user
  const ends: (() => unknown)[] = [() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 })];
  const close = async () => {
    for (let end = ends.pop(); end; end = ends.pop()) await end();
  };
  try {
    const executable = await findTemporal({ progress });
    const postgres = await progress.during('PostgreSQL', 'as it is run in production', () =>
      startPostgres({ dataDir }),
    );
    ends.push(() => postgres.stop());
    const server = await progress.during('Temporal', 'WAL, synchronous NORMAL', () =>
      startTemporal({ executable, dataDir, port: 0, uiPort: 0, synchronous: 'NORMAL' }),
    );
    ends.push(() => server.stop());
    const temporal = await connectTemporal(server.address);
    ends.push(() => temporal.connection.close());
    await addSearchAttributes(temporal);
    const sink = await startSink();
    ends.push(sink.close);
    await query(postgres.url, BARE_TABLE);
    return {
      server,
      postgres,
      temporal,
      smtpUrl: sink.url,
      mails: sink.count,
      playbooks: playbooksIn(dataDir),
      bundles: {
        ours: fileURLToPath(new URL('../workflows/bundle.js', import.meta.url)),
        bare: await bundleBare(dataDir),
      },
      async database(name) {
        await query(postgres.url, `CREATE DATABASE ${name}`);
        const url = new URL(postgres.url);
        url.pathname = `/${name}`;
        return url.href;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function query(url: string, statement: string) {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(statement);
  await client.end();
}

/** Takes every mail and forgets it. */
async function startSink() {
  let count = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onData(stream, _session, done) {
      stream.resume().once('end', () => {
        count += 1;
        done();
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    count: () => count,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function playbooksIn(dataDir: string): string {
  const folder = join(dataDir, 'playbooks');
  mkdirSync(folder);
  copyFileSync(new URL('../playbooks/standard.yaml', import.meta.url), join(folder, 'standard.yaml'));
  // It is no part of the program, so the build leaves it where it is.
  copyFileSync(new URL('../../bench/six-mails.yaml', import.meta.url), join(folder, 'six-mails.yaml'));
  return folder;
}

async function bundleBare(dataDir: string): Promise<string> {
  const file = join(dataDir, 'bare.js');
  const workflowsPath = fileURLToPath(new URL('./bare/workflow.js', import.meta.url));
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') });
  writeFileSync(file, code);
  return file;
}
