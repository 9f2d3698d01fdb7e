import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, linkSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Is there a process of this id? One of another user counts. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return state(pid) !== 'Z'; // nobody has reaped it yet, but it does nothing any more
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When the process began, as the system writes it: tells a process from a later one that got the same id. */
export function startOf(pid: number): string {
  if (process.platform === 'linux') return procStat(pid)[19] ?? '';
  return ps(pid, 'lstart=');
}

/** The command line of a process, '' when it cannot be known. */
export function commandOf(pid: number): string {
  if (process.platform !== 'linux') return ps(pid, 'command=');
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

const state = (pid: number) => (process.platform === 'linux' ? procStat(pid)[0] : ps(pid, 'stat=')[0]);

/** The fields of /proc/PID/stat after the name, which may itself hold spaces and brackets. */
function procStat(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

function ps(pid: number, field: string): string {
  if (process.platform === 'win32') return '';
  try {
    const stdio = ['ignore', 'pipe', 'ignore'] as ['ignore', 'pipe', 'ignore'];
    return execFileSync('ps', ['-o', field, '-p', String(pid)], { encoding: 'utf8', stdio }).trim();
  } catch {
    return '';
  }
}

/** Waits until `when` holds; false when that took longer than `ms`. */
export async function waitFor(when: () => boolean | Promise<boolean>, ms: number, every = 25): Promise<boolean> {
  const end = Date.now() + ms;
  while (!(await when())) {
    if (Date.now() > end) return false;
    await pause(every);
  }
  return true;
}

/** Asks a process to stop and, if it has not after `patience` ms, kills it. Ready when it is gone. */
export async function stopProcess(pid: number, signal: NodeJS.Signals, patience = 20_000): Promise<void> {
  const send = (what: NodeJS.Signals) => {
    try {
      process.kill(pid, what);
    } catch {
      // gone already
    }
  };
  send(signal);
  if (await waitFor(() => !isAlive(pid), patience)) return;
  send('SIGKILL');
  await waitFor(() => !isAlive(pid), 5_000);
}

/** A lock held by this process: a file that names it by its id and its start. */
export interface Lock {
  release(): void;
}

/**
 * Takes the lock `file`, or says which living process holds it. One whose holder is gone (kill -9, power cut) is taken
 * over, also when its id now belongs to another process.
 */
export function takeLock(file: string): Lock | { heldBy: number } {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify({ pid: process.pid, start: startOf(process.pid) }));
  try {
    for (;;) {
      try {
        linkSync(own, file); // fails when the file exists, and never shows half a file
        return { release: () => rmSync(file, { force: true }) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const held = readOr(file, '');
      const pid = holder(held);
      if (pid !== undefined) return { heldBy: pid };
      // Two may find the same stale lock: each moves away what it finds, and puts back what is not the stale one.
      const aside = `${own}.stale`;
      try {
        renameSync(file, aside);
        if (readOr(aside, held) !== held) linkSync(aside, file);
      } catch {
        // the other was faster; look again
      }
      rmSync(aside, { force: true });
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** The living process that a lock file's text names, if any. */
function holder(text: string): number | undefined {
  try {
    const { pid, start } = JSON.parse(text);
    return isAlive(pid) && startOf(pid) === start ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** The text of a file, or `otherwise` when there is none. */
export function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}

/** How a part ended; `asked` when we stopped it. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  asked: boolean;
}

/** A program that was started and is stopped by us. */
export interface Part {
  pid: number;
  /** Settles when the program has ended, whoever ended it. */
  exited: Promise<Exit>;
  /** Stops the program cleanly; ready when it is gone. */
  stop(): Promise<void>;
}

/** Starts a program whose output goes to the file `log`. */
export async function startPart(
  executable: string,
  args: string[],
  options: { log: string; stopWith: NodeJS.Signals; uid?: number; gid?: number; env?: NodeJS.ProcessEnv },
): Promise<Part> {
  const output = openSync(options.log, 'a');
  let child: ChildProcess;
  try {
    child = spawn(executable, args, {
      // A group of its own: Ctrl-C in the terminal reaches us only, and we stop the parts in their order.
      detached: true,
      // Files, not pipes: should we be killed, the part does not stumble over a pipe nobody reads.
      stdio: ['ignore', output, output],
      uid: options.uid,
      gid: options.gid,
      env: options.env ?? process.env,
    });
  } finally {
    closeSync(output);
  }
  let asked = false;
  const exited = new Promise<Exit>((settle) => child.once('exit', (code, signal) => settle({ code, signal, asked })));
  await new Promise<void>((started, failed) => child.once('spawn', started).once('error', failed));
  const pid = child.pid as number;
  return {
    pid,
    exited,
    async stop() {
      asked = true;
      if (child.exitCode === null && child.signalCode === null) await stopProcess(pid, options.stopWith);
      await exited;
    },
  };
}

/** The last lines of a log file, for the sentence that says why something failed. */
export function lastLines(file: string, from = 0, count = 3): string {
  return readOr(file, '').slice(from).trim().split('\n').slice(-count).join(' / ').slice(-600);
}
