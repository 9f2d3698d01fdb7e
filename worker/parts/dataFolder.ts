import { accessSync, constants, mkdirSync, realpathSync, statfsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Problem } from '../../domain/errors.ts';
import { commandOf, isAlive, readOr, stopProcess, takeLock } from './processes.ts';

/** The folder that holds what one Aftercare keeps; nobody else has it open. */
export interface DataFolder {
  /** Absolute, without symbolic links. */
  path: string;
  /** Gives the folder free for the next one. */
  close(): void;
}

/** Makes the folder if need be, checks that it is of use, and takes it for this process. */
export function openDataFolder(folder: string, { minimumFreeMb = 500 } = {}): DataFolder {
  const wanted = resolve(folder);
  const { path, lock } = attempt(wanted, () => {
    // Nobody else's business; but where we are root, PostgreSQL runs as another user and must get through.
    mkdirSync(wanted, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
    const path = realpathSync(wanted);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    const disk = statfsSync(path);
    const free = Math.floor((disk.bavail * disk.bsize) / 1024 / 1024);
    if (free < minimumFreeMb) throw new Problem('disk-full', { folder: path, free, needed: minimumFreeMb });
    return { path, lock: takeLock(join(path, 'lock')) };
  });
  if ('heldBy' in lock) throw new Problem('data-folder-in-use', { folder: path, pid: lock.heldBy });
  return { path, close: lock.release };
}

function attempt<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem('data-folder-unusable', { folder, reason: (error as Error).message });
  }
}

/**
 * Stops a part that outlived an earlier run (kill -9): the process that `pidFile` names, if its command line still
 * has the word `expected`: something only this part has, such as the path of its files. True when there was one.
 */
export async function leftOver(
  pidFile: string,
  expected: string,
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<boolean> {
  const pid = Number.parseInt(readOr(pidFile, ''), 10);
  if (!(pid > 1) || !isAlive(pid) || !` ${commandOf(pid)} `.includes(` ${expected} `)) return false;
  await stopProcess(pid, signal);
  return true;
}
