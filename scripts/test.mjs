/**
 * `npm test`: sets up, checks style and types, then runs the tests. `npm test -- NAME` runs only the tests of that
 * name, without checks and build. The last line is always `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, install } from './prepare.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (...path) => join(root, 'node_modules', ...path);
const args = process.argv.slice(2);

try {
  await install();
} catch (error) {
  console.error(error.message);
  console.log('0 passed, 1 failed');
  process.exit(1);
}

const failedChecks = args.length === 0 ? await checks() : 0;
const jest = await node([
  ...['--disable-warning=ExperimentalWarning', '--experimental-vm-modules', bin('jest', 'bin', 'jest.js'), ...args],
]);

// Where Jest failed but names no test (its set-up broke, a suite leaked), that counts as one.
const { passed, failed, skipped } = jest.said ?? { passed: 0, failed: 0, skipped: 0 };
const allFailed = (failed || (jest.code === 0 ? 0 : 1)) + failedChecks;
process.exitCode = allFailed > 0 ? 1 : 0;
console.log(`${passed} passed, ${allFailed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);

/** How many of the checks failed. */
async function checks() {
  const style = await node([bin('@biomejs', 'biome', 'bin', 'biome'), 'check', '.']);
  const types = await node([bin('typescript', 'bin', 'tsc'), '--noEmit']);
  const built = await build().then(
    () => 0,
    (error) => console.error(error.message) ?? 1,
  );
  return [style.code, types.code, built].filter((code) => code !== 0).length;
}

/** Runs a Node program with our own input and output: its exit code, and what test/support/closingLine.mjs sent. */
function node(args) {
  return new Promise((settle) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
    const wait = () => {}; // Ctrl-C reaches the child as well, which tidies up; we wait for it
    let said;
    process.on('SIGINT', wait);
    child.on('message', (message) => {
      said = message;
      // All is said: what is still open after two minutes leaked, and counts as a failure.
      setTimeout(() => child.kill('SIGKILL'), 120_000).unref();
    });
    child.once('close', (code) => {
      process.off('SIGINT', wait);
      settle({ code: code ?? 1, said });
    });
  });
}
