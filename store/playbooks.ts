import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { eq } from 'drizzle-orm';
import { Problem } from '../domain/errors.ts';
import { type Playbook, readPlaybook } from '../domain/playbook.ts';
import { type Rules, readRules } from '../domain/rules.ts';
import type { Store, Tx } from './database.ts';
import { playbooks } from './schema.ts';

/** A version of a playbook, known by the hash of its text. */
export interface Version {
  hash: string;
  playbook: Playbook;
}

/** The playbook for orders that name none and fit no rule. */
export const STANDARD = 'standard';

/** Versions never change, so each is read once. */
const read = new Map<string, Playbook>();

/** Reads every playbook of a folder; a mistake in one is a Problem naming file and line. */
export function readPlaybooks(folder: string, templates?: string[]): (Version & { source: string })[] {
  let files: string[];
  try {
    files = readdirSync(folder).filter((file) => /\.ya?ml$/.test(file));
  } catch (error) {
    throw new Problem('file-unreadable', { file: folder, reason: (error as Error).message });
  }
  return files
    .filter((file) => file !== RULES)
    .sort()
    .map((file) => {
      const source = readFileSync(join(folder, file), 'utf8');
      const playbook = readPlaybook(source, basename(file), templates);
      return { playbook, source, hash: createHash('sha256').update(source).digest('hex').slice(0, 16) };
    });
}

/** The playbooks new orders follow, and the rules by which they find theirs and their owner. */
export interface Shelf {
  current: Map<string, Version>;
  rules: Rules;
}

/** Beside the playbooks: which of them an order follows that names none, and who owns it. */
const RULES = 'rules.yaml';

/** Makes the folder's playbooks the current ones; what runs keeps the version it began with. */
export async function addPlaybooks(store: Store, folder: string, now: number, templates?: string[]): Promise<Shelf> {
  const current = new Map<string, Version>();
  for (const { hash, playbook, source } of readPlaybooks(folder, templates)) {
    await store.db.insert(playbooks).values({ hash, name: playbook.name, source, addedAt: now }).onConflictDoNothing();
    read.set(hash, playbook);
    current.set(playbook.name, { hash, playbook });
  }
  if (!current.has(STANDARD))
    throw new Problem('playbook-wrong', {
      file: folder,
      line: 1,
      what: 'there is no playbook named "standard"',
      allowed: 'any playbooks, one of them named standard',
    });
  const rules = join(folder, RULES);
  return {
    current,
    rules: existsSync(rules)
      ? readRules(readFileSync(rules, 'utf8'), RULES, [...current.keys()])
      : { playbooks: [], owners: [] },
  };
}

/** The version an order runs by. */
export async function playbookOf(tx: Tx, hash: string): Promise<Playbook> {
  const known = read.get(hash);
  if (known) return known;
  const [row] = await tx.select().from(playbooks).where(eq(playbooks.hash, hash));
  const playbook = readPlaybook(row.source, `${row.name}.yaml`);
  read.set(hash, playbook);
  return playbook;
}
