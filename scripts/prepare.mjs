/**
 * Sets up what a fresh clone lacks: the dependencies and the built program. Plain JavaScript with nothing but what Node
 * brings, because nothing else is there yet. When all is up to date it only compares two hashes.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => join(root, ...parts);
const oldestNode = [20, 19];

/** What the build reads: a change in any of it makes dist stale. */
const folders = 'domain workflows activities store mail web client worker cli bench playbooks templates';
const settings = 'scripts/build.mjs tsconfig.json tsconfig.build.json package-lock.json';
const builtFrom = `${folders} ${settings}`.split(' ').map((part) => at(part));

/** Makes everything ready to run; throws with a sentence that says what is wrong and what to do. */
export async function prepare() {
  await install();
  await build();
}

/** Installs the locked dependencies unless exactly these are installed. */
export async function install() {
  checkNode();
  if (!hasSources()) return;
  const installed = () => readOr(at('node_modules', '.aftercare-lock')) === hashOf([at('package-lock.json')]);
  if (installed()) return;
  if (isInstalledByNpm()) return rememberInstalled();
  await onlyOne(installed, async () => {
    const locked = Object.entries(readJson('package-lock.json').packages);
    const total = locked.filter(([path, { optional }]) => !optional && path.lastIndexOf('node_modules/') === 0).length;
    const why = existsSync(at('node_modules'))
      ? 'what is there is not what package-lock.json names'
      : 'nothing is installed yet';
    await step('Dependencies', `npm ci, because ${why}`, ...npm('ci', '--no-audit', '--no-fund', '--include=dev'), {
      far: () => {
        const count = countPackages(at('node_modules'));
        if (count === 0) return 'asking the npm registry';
        return count < total ? `${count} of about ${total} packages are there` : 'all packages are there, finishing';
      },
      remedy: 'Check that the npm registry can be reached, then try again.',
    });
    rememberInstalled();
  });
}

/** Builds dist unless it was built from exactly these sources. */
export async function build() {
  if (!hasSources()) return;
  const built = () => readOr(at('dist', '.built')) === hashOf(builtFrom);
  if (built()) return;
  await onlyOne(built, async () => {
    const hash = hashOf(builtFrom);
    const why = existsSync(at('dist', '.built')) ? 'the sources have changed' : 'it has not been built yet';
    await step('Build', why, process.execPath, [at('scripts', 'build.mjs')], {
      far: (line) => line,
      remedy: 'Mend what it names, then try again.',
    });
    writeFileSync(at('dist', '.built'), hash);
  });
}

/** An image for production holds dist and node_modules alone: nothing is left to prepare there. */
const hasSources = () => existsSync(at('tsconfig.build.json')) && existsSync(at('package-lock.json'));

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  throw new Error(`Node ${process.versions.node} is too old. Install Node ${oldestNode.join('.')} or newer.`);
}

/** True when somebody ran npm themselves: npm notes in node_modules what it put there. */
function isInstalledByNpm() {
  if (!existsSync(at('node_modules', '.package-lock.json'))) return false;
  const found = readJson('node_modules/.package-lock.json').packages;
  return Object.entries(readJson('package-lock.json').packages).every(
    ([path, { version, optional }]) => path === '' || (found[path] ? found[path].version === version : optional),
  );
}

const rememberInstalled = () => writeFileSync(at('node_modules', '.aftercare-lock'), hashOf([at('package-lock.json')]));

/** npm as it was started, so that the same version is used, or the one on the PATH. */
function npm(...args) {
  const own = process.env.npm_execpath ?? '';
  if (/npm-cli\.c?js$/.test(own)) return [process.execPath, [own, ...args]];
  return process.platform === 'win32' ? ['cmd.exe', ['/c', 'npm', ...args]] : ['npm', args];
}

/** npm makes all folders first and fills them then; one with a package.json is filled. */
function countPackages(folder) {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : [];
  const count = (name) => {
    if (name.startsWith('@')) return countPackages(join(folder, name));
    return existsSync(join(folder, name, 'package.json')) ? 1 : 0;
  };
  return names.reduce((sum, name) => sum + count(name), 0);
}

/** Hash over the names and contents of files and folders. */
function hashOf(paths) {
  const hash = createHash('sha256');
  const add = (path, entry) => {
    if (!existsSync(path)) return;
    if (entry?.isFile() || /\.[a-z]+$/.test(path))
      return hash.update(path.slice(root.length)).update(readFileSync(path));
    const inside = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const one of inside) add(join(path, one.name), one);
  };
  for (const path of paths) add(path);
  return hash.digest('hex');
}

const readJson = (file) => JSON.parse(readFileSync(at(file), 'utf8'));

function readOr(file, otherwise = '') {
  return existsSync(file) ? readFileSync(file, 'utf8') : otherwise;
}

/** Does `work` while no other process does; whoever waited finds it done. */
async function onlyOne(done, work) {
  const lock = at('dist', '.preparing');
  mkdirSync(at('dist'), { recursive: true });
  let waiting = false;
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const holder = Number(readOr(lock));
      if (holder && (!isAlive(holder) || isOld(lock))) moveAway(lock, holder);
      else if (!waiting) say(`  Waiting for process ${holder}, which is setting up already`);
      waiting = true;
      await new Promise((later) => setTimeout(later, 300));
    }
  }
  try {
    if (!done()) await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Removes the lock of a process that was killed, unless somebody else has taken it over meanwhile. */
function moveAway(lock, holder) {
  const aside = `${lock}.${process.pid}`;
  try {
    renameSync(lock, aside);
    if (Number(readOr(aside)) !== holder) renameSync(aside, lock);
  } catch {
    // the other one was faster
  }
  rmSync(aside, { force: true });
}

/** So old that its number must belong to another process by now. */
const isOld = (lock) => Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > 3_600_000;

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

const say = (line) => process.stderr.write(`${line}\n`);

/** Runs a command and tells what it does, why, and how far it is; its output is shown when it fails. */
async function step(what, why, command, args, { far, remedy }) {
  const { isTTY, columns = 80 } = process.stderr;
  const since = Date.now();
  const seconds = () => `${((Date.now() - since) / 1000).toFixed(0)} s`;
  let output = '';
  let lastLine = '';
  const tell = () => {
    const line = `  ${what}: ${far(lastLine) || 'still at it'} (${seconds()})`;
    process.stderr.write(isTTY ? `\r\x1b[K${line.slice(0, columns - 1)}` : `${line}\n`);
  };

  say(`  ${what}: ${why}`);
  const timer = setInterval(tell, isTTY ? 500 : 10_000);
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
      lastLine = output.trimEnd().split('\n').at(-1);
    });
  }
  const code = await new Promise((settle) => {
    child.once('error', (error) => settle(error.message));
    child.once('close', (code, signal) => settle(code ?? signal));
  });
  clearInterval(timer);
  if (isTTY) process.stderr.write('\r\x1b[K');
  if (code !== 0) throw new Error(`${output.trimEnd()}\n${what} failed (${code}). ${remedy}`);
  say(`+ ${what} (${seconds()})`);
}
