import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { leftOver, openDataFolder } from '../../worker/parts/dataFolder.ts';
import { isAlive, startOf, takeLock } from '../../worker/parts/processes.ts';
import { killed, livingProcess, withFolder } from './child.ts';

describe('the data folder', () => {
  it('is made, taken and given back', () =>
    withFolder(async (parent) => {
      const path = join(parent, 'deep', 'data');
      const first = openDataFolder(path);
      expect(first.path).toBe(path);
      expect(() => openDataFolder(path)).toThrow(`is in use by process ${process.pid}`);
      first.close();
      openDataFolder(path).close();
      expect(readdirSync(path)).toEqual([]);
    }));

  it('is one folder by whatever way it is reached', () =>
    withFolder(async (parent) => {
      mkdirSync(join(parent, 'data'));
      symlinkSync(join(parent, 'data'), join(parent, 'link'));
      const first = openDataFolder(join(parent, 'data'));
      expect(() => openDataFolder(join(parent, 'link'))).toThrow('is in use');
      first.close();
    }));

  it('is refused while another process lives, and free once that one was killed', () =>
    withFolder(async (path) => {
      const other = await livingProcess();
      writeFileSync(join(path, 'lock'), JSON.stringify({ pid: other.pid, start: startOf(other.pid) }));
      expect(() => openDataFolder(path)).toThrow(`process ${other.pid}`);
      await killed(other);
      openDataFolder(path).close();
    }));

  it('is free when the process id in its lock belongs to a later process', () =>
    withFolder(async (path) => {
      writeFileSync(join(path, 'lock'), JSON.stringify({ pid: process.pid, start: 'long ago' }));
      openDataFolder(path).close();
    }));

  it('is free when the power went while the lock was written', () =>
    withFolder(async (path) => {
      writeFileSync(join(path, 'lock'), '');
      openDataFolder(path).close();
    }));

  it('is refused when it cannot be made or the disk is full, in words', () =>
    withFolder(async (path) => {
      writeFileSync(join(path, 'file'), '');
      expect(() => openDataFolder(join(path, 'file'))).toThrow('cannot be used');
      expect(() => openDataFolder(path, { minimumFreeMb: 1e9 })).toThrow('1000000000 MB are needed');
      expect(existsSync(join(path, 'lock'))).toBe(false);
    }));
});

it('a lock has one holder, and nothing else is left beside it', () =>
  withFolder(async (folder) => {
    const lock = takeLock(join(folder, 'lock'));
    expect(takeLock(join(folder, 'lock'))).toEqual({ heldBy: process.pid });
    expect(readdirSync(folder)).toEqual(['lock']);
    if ('release' in lock) lock.release();
    expect(readdirSync(folder)).toEqual([]);
  }));

describe('what is left over from a killed run', () => {
  it('is stopped when its command line is the one expected', () =>
    withFolder(async (folder) => {
      const child = await livingProcess('/some/files');
      writeFileSync(join(folder, 'pid'), `${child.pid}\n`);
      expect(await leftOver(join(folder, 'pid'), '/some/files')).toBe(true);
      expect(isAlive(child.pid)).toBe(false);
    }));

  it('is left alone when it is something else by now, or nothing', () =>
    withFolder(async (folder) => {
      const child = await livingProcess('/some/files2');
      writeFileSync(join(folder, 'pid'), `${child.pid}\n`);
      expect(await leftOver(join(folder, 'pid'), '/some/files')).toBe(false);
      expect(isAlive(child.pid)).toBe(true);
      await killed(child);
      expect(await leftOver(join(folder, 'pid'), '/some/files2')).toBe(false);
      expect(await leftOver(join(folder, 'none'), '/some/files2')).toBe(false);
    }));
});
