import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Starts the built `aftercare` as people start it: a process of its own, which runs several times faster than in Jest. */
export function startProgram(words: string[], env: Record<string, string>): ChildProcess {
  if (!existsSync(main)) throw new Error('the program is not built; npm run build');
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(AFTERCARE_|TEMPORAL|DATABASE_URL|SMTP_URL|IMAP_URL)/.test(name),
  );
  // Ends as scripts/aftercare.mjs does, without its look at whether everything is built.
  const code = `import(${JSON.stringify(main)}).then(({ main }) => main(process.argv.slice(1))).then((code) => process.exit(code))`;
  return spawn(process.execPath, ['-e', code, ...words], {
    env: { ...Object.fromEntries(own), LOG_LEVEL: 'error', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs it to its end: the exit code, and all it said. */
export async function runProgram(words: string[], env: Record<string, string>) {
  const child = startProgram(words, env);
  const said = { out: '', err: '' };
  child.stdout!.on('data', (text) => {
    said.out += text;
  });
  child.stderr!.on('data', (text) => {
    said.err += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...said };
}

/** Asks it to stop, and waits until it has. */
export async function stopProgram(child: ChildProcess): Promise<void> {
  const ended = new Promise<boolean>((resolve) => child.once('exit', () => resolve(true)));
  child.kill('SIGTERM');
  const patience = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 10_000).unref());
  if (await Promise.race([ended, patience])) return;
  child.kill('SIGKILL');
  throw new Error('ten seconds after SIGTERM it still ran, and had to be killed');
}
