import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { Problem } from '../../domain/errors.ts';
import { cacheFolder, firstThatWorks, onlyOne, programIn, programName, run, sdkDownload } from './cache.ts';
import { leftOver } from './dataFolder.ts';
import { answers, freePort, isFree } from './ports.ts';
import { type Exit, lastLines, type Part, readOr, startPart, waitFor } from './processes.ts';
import { type Progress, quiet, type Step } from './progress.ts';

/** The newest version that `go install` builds: later ones hold a replace directive. */
const buildable = '1.5.1';

/** The path of a `temporal` program: the user's own if recent enough, else ours, else downloaded, else built with Go. */
export async function findTemporal({ progress = quiet }: { progress?: Progress } = {}): Promise<string> {
  const installed = onPath('temporal');
  if (installed && recentEnough(installed)) return installed;

  const built = join(cacheFolder(), `temporal-cli-${buildable}`, programName('temporal'));
  const downloads = join(cacheFolder(), 'temporal-cli-from-sdk');
  const cached = () => (existsSync(built) ? built : programIn(downloads));
  const fetch = async (step: Step) => {
    mkdirSync(cacheFolder(), { recursive: true });
    return onlyOne(`${dirname(built)}.lock`, step, async () => {
      return (
        cached() ??
        firstThatWorks('no-temporal-server', [
          () => sdkDownload('dev-server', downloads, step),
          () => build(built, step),
        ])
      );
    });
  };
  return cached() ?? progress.during('Temporal server', 'none is here yet; fetched once, then kept', fetch);
}

async function build(program: string, step: Step): Promise<string> {
  // Beside its final place, so that it gets there by a rename: whole or not at all.
  const bin = mkdtempSync(`${dirname(program)}.building-`);
  const since = Date.now();
  let downloaded = 0;
  let compiled = 0;
  const tell = () => {
    const count = compiled ? `${compiled} packages compiled` : `${downloaded} modules downloaded`;
    const minutes = ((Date.now() - since) / 60_000).toFixed(1);
    step.far(`building with Go, takes 4 to 5 minutes the first time only; ${count}, ${minutes} min`);
  };
  const timer = setInterval(tell, 1000);
  try {
    tell();
    await run('go', ['install', '-v', `github.com/temporalio/cli/cmd/temporal@v${buildable}`], {
      env: { ...process.env, CGO_ENABLED: '0', GOBIN: bin, GOOS: '', GOARCH: '' },
      onLine: (line) => {
        if (line.startsWith('go: downloading')) downloaded += 1;
        else compiled += 1;
      },
    });
    mkdirSync(dirname(program), { recursive: true });
    renameSync(join(bin, programName('temporal')), program);
    return program;
  } finally {
    clearInterval(timer);
    rmSync(bin, { recursive: true, force: true });
  }
}

function onPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, programName(name))).find((path) => existsSync(path));
}

/** What `temporal --version` says; one built from source knows only its server's version. */
function versions(executable: string): { cli: string; server: string } {
  const stdio = ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'];
  const said = execFileSync(executable, ['--version'], { encoding: 'utf8', stdio, timeout: 10_000 });
  return { cli: /version (\S+)/.exec(said)?.[1] ?? '', server: /Server (\d+\.\d+\.\d+)/.exec(said)?.[1] ?? '' };
}

function recentEnough(executable: string): boolean {
  const atLeast = (version: string, minor: number) => {
    const [major = 0, found = 0] = version.split('.').map(Number);
    return major > 1 || (major === 1 && found >= minor);
  };
  try {
    const { cli, server } = versions(executable);
    return atLeast(cli, 5) || atLeast(server, 29);
  } catch {
    return false; // something else of that name, or one for another system
  }
}

/** A Temporal server that runs. */
export interface TemporalServer extends Part {
  /** For TEMPORAL_ADDRESS. */
  address: string;
  /** Temporal's own pages. */
  uiUrl: string;
}

/**
 * Starts a Temporal server on 127.0.0.1 whose database is a file in `dataDir`, and waits until it serves. Port 0 means
 * any free one. `synchronous` FULL survives a power cut; NORMAL is for tests and benchmarks.
 */
export async function startTemporal(options: {
  executable: string;
  dataDir: string;
  port: number;
  uiPort: number;
  log?: string;
  synchronous?: 'FULL' | 'NORMAL';
}): Promise<TemporalServer> {
  const { executable, dataDir, synchronous = 'FULL', log = join(dataDir, 'temporal.log') } = options;
  // A file for each version of the server: it does not migrate one that another version made.
  const database = join(dataDir, `temporal-${versions(executable).server}.db`);
  const pidFile = join(dataDir, 'temporal.pid');
  await leftOver(pidFile, database);

  const port = await portFor(options.port, 'Temporal', 'AFTERCARE_TEMPORAL_PORT');
  const uiPort = await portFor(options.uiPort, "Temporal's pages", 'AFTERCARE_TEMPORAL_UI_PORT');
  const logged = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
  const part = await startPart(
    executable,
    [
      ...['server', 'start-dev', '--db-filename', database],
      ...['--ip', '127.0.0.1', '--port', String(port), '--ui-ip', '127.0.0.1', '--ui-port', String(uiPort)],
      ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', `synchronous=${synchronous}`],
      ...['--log-level', 'warn', '--log-format', 'json'],
    ],
    { log, stopWith: 'SIGTERM' },
  );
  writeFileSync(pidFile, `${part.pid}\n`);
  void part.exited.then(() => {
    if (Number(readOr(pidFile, '')) === part.pid) rmSync(pidFile);
  });

  const address = `127.0.0.1:${port}`;
  try {
    await serves(address, part);
  } catch (error) {
    await part.stop();
    const reason = `${(error as Error).message}; ${lastLines(log, logged)}`;
    throw new Problem('temporal-failed', { reason, log });
  }
  return { ...part, address, uiUrl: `http://127.0.0.1:${uiPort}` };
}

async function portFor(wanted: number, what: string, name: string): Promise<number> {
  if (wanted === 0) return freePort();
  if (!(await isFree(wanted))) throw new Problem('port-taken', { port: wanted, what, name });
  return wanted;
}

/** Ready when the namespace is served: the port alone opens before that. */
async function serves(address: string, part: Part): Promise<void> {
  let over: Exit | undefined;
  void part.exited.then((exit) => {
    over = exit;
  });
  // A client that comes too early waits a second before it tries again, so it comes when the port is open.
  const port = Number(address.split(':')[1]);
  await waitFor(async () => over !== undefined || (await answers(port)), 60_000);
  const end = Date.now() + 10_000;
  for (;;) {
    let connection: Connection | undefined;
    try {
      connection = await Connection.connect({ address, connectTimeout: 1000 });
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      return;
    } catch (error) {
      if (over) throw new Error(`exit code ${over.code ?? over.signal}`);
      if (Date.now() > end) throw error;
      await pause(50);
    } finally {
      await connection?.close();
    }
  }
}
