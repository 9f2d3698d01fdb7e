import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { main } from '../../cli/main.ts';

/** What a command said on its way. */
export interface Said {
  code: number | undefined;
  out: string;
  err: string;
}

/** Runs `aftercare` with these words, and an environment of its own. */
export async function aftercare(words: string[], env: Record<string, string> = {}): Promise<Said> {
  const before = { ...process.env };
  for (const name of Object.keys(process.env))
    if (/^(AFTERCARE_(?!TEST)|TEMPORAL|DATABASE_URL|SMTP_URL|IMAP_URL)/.test(name)) delete process.env[name];
  Object.assign(process.env, env);
  const [out, err] = [process.stdout, process.stderr].map(listenTo);
  const [log, error] = [console.log, console.error];
  console.log = (text: string) => process.stdout.write(`${text}\n`);
  console.error = (text: string) => process.stderr.write(`${text}\n`);
  try {
    const code = await main(words);
    return { code, out: out.said(), err: err.said() };
  } finally {
    Object.assign(console, { log, error });
    for (const one of [out, err]) one.end();
    process.env = before;
  }
}

function listenTo(stream: NodeJS.WriteStream) {
  const { write } = stream;
  let said = '';
  stream.write = ((text: string) => {
    said += text;
    return true;
  }) as typeof write;
  return {
    said: () => said,
    end() {
      stream.write = write;
    },
  };
}

/** Lets `work` have a folder with these files in it. */
export async function withFiles<T>(files: Record<string, string | Uint8Array>, work: (folder: string) => Promise<T>) {
  const folder = mkdtempSync(join(tmpdir(), 'aftercare-cli-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
