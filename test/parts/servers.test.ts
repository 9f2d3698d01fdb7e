import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import pg from 'pg';
import { startPostgres } from '../../worker/parts/postgres.ts';
import { isAlive, type Part } from '../../worker/parts/processes.ts';
import { findTemporal, startTemporal } from '../../worker/parts/temporalServer.ts';
import { killed, livingProcess, withFolder } from './child.ts';

async function ask(url: string, query: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(query)).rows;
  } finally {
    await client.end();
  }
}

/** Whatever happens in the test, nothing it started stays behind. */
async function whileRunning<T extends Part>(part: T, test: (part: T) => Promise<void>): Promise<void> {
  try {
    await test(part);
  } finally {
    await part.stop();
  }
}

async function withTakenPort(test: (port: number) => Promise<void>): Promise<void> {
  const server = await new Promise<Server>((settle) => {
    const taken = createServer().listen(0, '127.0.0.1', () => settle(taken));
  });
  try {
    await test((server.address() as { port: number }).port);
  } finally {
    await new Promise((closed) => server.close(closed));
  }
}

describe('PostgreSQL', () => {
  it('keeps what it was told over a stop, a second start and a kill -9 of ours', () =>
    withFolder(async (dataDir) => {
      const first = await startPostgres({ dataDir });
      await whileRunning(first, async ({ url }) => {
        await ask(url, "create table kept (word text); insert into kept values ('told')");
      });
      expect(await first.exited).toEqual({ code: 0, signal: null, asked: true });

      // The run that started this one is taken to have been killed: nobody stops it before the next begins.
      const orphan = await startPostgres({ dataDir });
      await whileRunning(await startPostgres({ dataDir }), async ({ url, pid }) => {
        expect(isAlive(orphan.pid)).toBe(false);
        expect(isAlive(pid)).toBe(true);
        expect(await ask(url, 'select word from kept')).toEqual([{ word: 'told' }]);
      });
      expect(await orphan.exited).toMatchObject({ asked: false });
    }));

  it('begins anew when it was killed while its files were made', () =>
    withFolder(async (dataDir) => {
      mkdirSync(join(dataDir, 'postgres.new', 'base'), { recursive: true });
      await whileRunning(await startPostgres({ dataDir, fsync: false }), async ({ url }) => {
        expect(await ask(url, 'select current_database() as name')).toEqual([{ name: 'aftercare' }]);
      });
      expect(readdirSync(dataDir).sort()).toEqual(['postgres', 'postgres-password', 'postgres.log']);
    }));

  it('starts although its pid file names a process that is somebody else now', () =>
    withFolder(async (dataDir) => {
      await (await startPostgres({ dataDir, fsync: false })).stop();
      const other = await livingProcess();
      writeFileSync(join(dataDir, 'postgres', 'postmaster.pid'), `${other.pid}\n`);
      await whileRunning(await startPostgres({ dataDir, fsync: false }), async () => {
        expect(isAlive(other.pid)).toBe(true);
      });
      await killed(other);
    }));

  it('asks for a password that only this user can read', () =>
    withFolder(async (dataDir) => {
      await whileRunning(await startPostgres({ dataDir, fsync: false }), async ({ url }) => {
        expect(statSync(join(dataDir, 'postgres-password')).mode & 0o777).toBe(0o600);
        await expect(ask(url.replace(/:[^:@]+@/, ':guess@'), 'select 1')).rejects.toThrow('password');
      });
    }));

  it('says so when its port is taken', () =>
    withFolder((dataDir) =>
      withTakenPort(async (port) => {
        await expect(startPostgres({ dataDir, port })).rejects.toThrow(`port ${port} is in use`);
      }),
    ));

  it('shows that it died', () =>
    withFolder(async (dataDir) => {
      const postgres = await startPostgres({ dataDir, fsync: false });
      process.kill(postgres.pid, 'SIGKILL');
      expect(await postgres.exited).toEqual({ code: null, signal: 'SIGKILL', asked: false });
    }));
});

describe('the Temporal server', () => {
  const free = { port: 0, uiPort: 0, synchronous: 'NORMAL' } as const;

  it('serves, stops, and one that outlived its run is stopped by the next', () =>
    withFolder(async (dataDir) => {
      const executable = await findTemporal();
      const orphan = await startTemporal({ executable, dataDir, ...free });
      await whileRunning(await startTemporal({ executable, dataDir, ...free }), async ({ address, uiUrl, pid }) => {
        expect(isAlive(orphan.pid)).toBe(false);
        expect(Number(readFileSync(join(dataDir, 'temporal.pid'), 'utf8'))).toBe(pid);
        const connection = await Connection.connect({ address });
        await connection.workflowService.describeNamespace({ namespace: 'default' });
        await connection.close();
        expect((await fetch(uiUrl)).status).toBe(200);
      });
      expect(existsSync(join(dataDir, 'temporal.pid'))).toBe(false);
    }));

  it('names the setting when its port is taken', () =>
    withFolder((dataDir) =>
      withTakenPort(async (port) => {
        const executable = await findTemporal();
        const start = (ports: { port: number; uiPort: number }) => startTemporal({ executable, dataDir, ...ports });
        await expect(start({ port, uiPort: 0 })).rejects.toThrow('AFTERCARE_TEMPORAL_PORT');
        await expect(start({ port: 0, uiPort: port })).rejects.toThrow('AFTERCARE_TEMPORAL_UI_PORT');
      }),
    ));

  it('says why it did not start', () =>
    withFolder(async (dataDir) => {
      const executable = join(dataDir, 'temporal');
      writeFileSync(executable, '#!/bin/sh\n[ "$1" = --version ] && exit 0\necho out of luck >&2\nexit 3\n', {
        mode: 0o755,
      });
      await expect(startTemporal({ executable, dataDir, ...free })).rejects.toThrow(/exit code 3; out of luck/);
    }));
});

it('the time-skipping server skips time', async () => {
  const path = process.env.AFTERCARE_TEST_SERVER as string;
  const server = { executable: { type: 'existing-path', path } } as const;
  const skipping = await TestWorkflowEnvironment.createTimeSkipping({ server });
  try {
    const before = await skipping.currentTimeMs();
    await skipping.sleep('30 days');
    expect((await skipping.currentTimeMs()) - before).toBeGreaterThanOrEqual(30 * 24 * 3_600_000);
  } finally {
    await skipping.teardown();
  }
});
