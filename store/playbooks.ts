import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eq } from 'drizzle-orm';
import { Problem } from '../domain/errors.ts';
import { type Playbook, readPlaybook } from '../domain/playbook.ts';
import { type Rules, readRules } from '../domain/rules.ts';
import { NPS, readSurvey, readTranslation, type Survey, type Surveys } from '../domain/survey.ts';
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
export function readPlaybooks(
  folder: string,
  templates?: string[],
  surveys = readSurveys(folder).names,
): (Version & { source: string })[] {
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
      const playbook = readPlaybook(source, basename(file), templates, surveys);
      return { playbook, source, hash: createHash('sha256').update(source).digest('hex').slice(0, 16) };
    });
}

/** Where surveys stand, in a folder of playbooks. */
const SURVEYS = 'surveys';
/** Those that come with Aftercare. */
const OURS = fileURLToPath(new URL('../playbooks', import.meta.url));

/**
 * Reads the surveys of a folder of playbooks, those that come with Aftercare where it has none of its own, in all their
 * languages: `nps.yaml` in English, `nps.de.yaml` in German. A mistake in one is a Problem naming file and line.
 */
export function readSurveys(folder: string): Surveys {
  const place = [folder, OURS].map((one) => join(one, SURVEYS)).find((one) => existsSync(one))!;
  const files = readdirSync(place)
    .filter((file) => /\.yaml$/.test(file))
    .sort();
  const source = (file: string) => readFileSync(join(place, file), 'utf8');
  const found = new Map<string, Survey>();
  for (const file of files.filter((file) => !TRANSLATION.test(file))) {
    const survey = readSurvey(source(file), file);
    found.set(`${survey.name} en`, survey);
  }
  const wrong = (file: string, what: string, allowed: string) =>
    new Problem('survey-wrong', { file, line: 1, what, allowed });
  if (!found.has(`${NPS} en`)) throw wrong(place, `there is no survey named "${NPS}"`, `any, one of them named ${NPS}`);
  const names = [...found.values()].map(({ name }) => name);
  for (const file of files) {
    const [, name, language] = TRANSLATION.exec(file) ?? [];
    if (name === undefined) continue;
    const english = found.get(`${name} en`);
    if (!english) throw wrong(file, `there is no survey "${name}" in English`, names.join(', '));
    found.set(`${name} ${language}`, readTranslation(source(file), file, language, english));
  }
  return {
    names,
    in(name, language) {
      const known = names.includes(name) ? name : NPS;
      return found.get(`${known} ${language}`) ?? found.get(`${known} en`)!;
    },
  };
}

const TRANSLATION = /^([^.]+)\.([a-z]{2,3})\.yaml$/;

/** The playbooks new orders follow, the rules by which they find theirs and their owner, and the surveys that are asked. */
export interface Shelf {
  current: Map<string, Version>;
  rules: Rules;
  surveys: Surveys;
}

/** Beside the playbooks: which of them an order follows that names none, and who owns it. */
const RULES = 'rules.yaml';

/** Makes the folder's playbooks the current ones; what runs keeps the version it began with. */
export async function addPlaybooks(store: Store, folder: string, now: number, templates?: string[]): Promise<Shelf> {
  const current = new Map<string, Version>();
  const surveys = readSurveys(folder);
  for (const { hash, playbook, source } of readPlaybooks(folder, templates, surveys.names)) {
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
    surveys,
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
