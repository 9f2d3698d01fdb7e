import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type ErrorCode, Problem } from '../../domain/errors.ts';
import { takeLock } from './processes.ts';
import type { Step } from './progress.ts';

/** Where programs that were downloaded or built once are kept for every checkout on this machine. */
export function cacheFolder(): string {
  const local = process.env.LOCALAPPDATA;
  if (process.platform === 'win32' && local) return join(local, 'aftercare');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'aftercare');
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'aftercare');
}

/** The name of a program as this system writes it. */
export const programName = (name: string) => (process.platform === 'win32' ? `${name}.exe` : name);

/** Runs `work` while no other process on this machine does: one builds, the others wait and find it built. */
export async function onlyOne<T>(lockFile: string, step: Step, work: () => Promise<T>): Promise<T> {
  for (;;) {
    const lock = takeLock(lockFile);
    if ('heldBy' in lock) {
      step.far(`waiting for process ${lock.heldBy}, which is already at it`);
      await pause(500);
      continue;
    }
    try {
      return await work();
    } finally {
      lock.release();
    }
  }
}

/** What the first of the ways gives that does not fail; a Problem with the reasons of each when all do. */
export async function firstThatWorks(problem: ErrorCode, ways: (() => Promise<string>)[]): Promise<string> {
  const reasons: string[] = [];
  for (const way of ways) {
    try {
      return await way();
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  throw new Problem(problem, { reason: reasons.join('; ') });
}

/** Runs a command to its end, each line of its output passed on; fails with its last lines. */
export async function run(
  command: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; uid?: number; gid?: number; onLine?: (line: string) => void } = {},
): Promise<string> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    uid: options.uid,
    gid: options.gid,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      options.onLine?.(line);
    });
  }
  const ended = await new Promise<string>((settle) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      settle(error.code === 'ENOENT' ? 'not installed' : `${error}`),
    );
    child.once('close', (code, signal) => settle(code === 0 ? '' : (signal ?? `exit code ${code}`)));
  });
  if (ended) throw new Error([`${command}: ${ended}`, ...lines.filter(Boolean).slice(-2)].join(', '));
  return lines.join('\n');
}

const noGrowth = 20_000;

/**
 * Has the SDK download one of its servers into `folder` and returns the program's path. In a process of its own: where
 * the internet is closed without a word, the SDK's attempt cannot be called off, but a process can.
 */
export async function sdkDownload(kind: 'dev-server' | 'time-skipping', folder: string, step: Step): Promise<string> {
  rmSync(folder, { recursive: true, force: true }); // half a download would be waited for in vain
  mkdirSync(folder, { recursive: true });
  const testing = pathToFileURL(createRequire(import.meta.url).resolve('@temporalio/testing')).href;
  const make = kind === 'dev-server' ? 'createLocal' : 'createTimeSkipping';
  const server = JSON.stringify({ executable: { type: 'cached-download', downloadDir: folder } });
  const script = `const { TestWorkflowEnvironment: T } = await import('${testing}');
    const env = await T.${make}({ server: ${server} }); await env.teardown(); process.exit(0);`;

  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  let size = 0;
  let grown = Date.now();
  const watch = setInterval(() => {
    const now = sizeOf(folder);
    if (now !== size) {
      size = now;
      grown = Date.now();
      step.far(`downloading with the SDK, ${Math.round(size / 1e6)} MB so far`);
    } else if (Date.now() - grown > noGrowth) child.kill('SIGKILL');
  }, 250);
  const code = await new Promise((settle) => child.once('exit', settle).once('error', settle));
  clearInterval(watch);

  const program = programIn(folder);
  if (code === 0 && program) return program;
  rmSync(folder, { recursive: true, force: true });
  const host = /url \((https:\/\/[^/)]+)/.exec(errors)?.[1];
  const said = errors
    .split('\n')
    .find((line) => /error/i.test(line))
    ?.trim();
  throw new Error(`the SDK's download: ${host ? `${host} cannot be reached` : (said ?? 'no answer within 20 s')}`);
}

/** The program that the SDK downloaded into `folder`, if any: it names it after itself. */
export function programIn(folder: string): string | undefined {
  return files(folder).find(({ path, size }) => size > 1e6 && !path.endsWith('.downloading'))?.path;
}

const sizeOf = (folder: string) => files(folder).reduce((sum, { size }) => sum + size, 0);

function files(folder: string): { path: string; size: number }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const found = statSync(path, { throwIfNoEntry: false }); // a download that ends is renamed
    return found ? [{ path, size: found.size }] : [];
  });
}
