/**
 * `node scripts/docs.mjs`: writes what is made from the definition of playbooks, rules and surveys, the JSON Schemas for
 * editors and the tables of keys in the docs. A test says when they are stale.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (path) => join(root, path);

try {
  await prepare();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const { keyTables, playbookSchema, rulesSchema, surveySchema, surveyTables, withTables } = await import(
  '../dist/domain/reference.js'
);

const pages = { 'docs/playbooks.md': keyTables(), 'docs/surveys.md': surveyTables() };
for (const [page, tables] of Object.entries(pages))
  writeFileSync(at(page), withTables(readFileSync(at(page), 'utf8'), tables));

const schemas = {
  'playbooks/playbook.schema.json': playbookSchema(),
  'playbooks/rules.schema.json': rulesSchema(),
  'playbooks/survey.schema.json': surveySchema(),
};
for (const [file, schema] of Object.entries(schemas)) writeFileSync(at(file), JSON.stringify(schema, null, 2));
const biome = at('node_modules/@biomejs/biome/bin/biome');
const { status } = spawnSync(process.execPath, [biome, 'format', '--write', ...Object.keys(schemas)], { cwd: root });
if (status !== 0) throw new Error('the schemas could not be formatted');
console.log([...Object.keys(pages), ...Object.keys(schemas)].map((file) => `${file} is up to date`).join('\n'));
