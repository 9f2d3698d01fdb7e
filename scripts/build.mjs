/** Builds dist: the compiled program, what it reads, and the workflows in one bundle. Prints a line for each part. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

clean();

console.log('compiling');
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const compiled = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
if (compiled.status !== 0) process.exit(1);

console.log('copying what is read at run time');
for (const folder of ['playbooks', 'templates', 'store/migrations']) copy(folder, () => true);
copy('web', (file) => !['.ts', '.tsx'].includes(extname(file)));

console.log('bundling the workflows');
await bundle();

/** Empties dist, but leaves alone what scripts/prepare.mjs keeps there. */
function clean() {
  mkdirSync(dist, { recursive: true });
  for (const name of readdirSync(dist)) {
    if (!name.startsWith('.preparing')) rmSync(join(dist, name), { recursive: true });
  }
}

function copy(folder, wanted) {
  if (!existsSync(join(root, folder))) return;
  for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !wanted(entry.name)) continue;
    const from = join(entry.parentPath, entry.name);
    cpSync(from, join(dist, from.slice(root.length + 1)));
  }
}

async function bundle() {
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(root, 'workflows', 'index.ts'),
    logger: new DefaultLogger('WARN'),
    // The worker insists on a map. This one holds lines only, by names without this machine's folders: an error in the
    // Temporal UI names the line in workflows/, and the bundle stays small.
    webpackConfigHook: (config) => ({
      ...config,
      context: root,
      devtool: 'inline-nosources-cheap-module-source-map',
      output: { ...config.output, devtoolModuleFilenameTemplate: '[resource-path]' },
    }),
  });
  writeFileSync(join(dist, 'workflows', 'bundle.js'), code);
}
