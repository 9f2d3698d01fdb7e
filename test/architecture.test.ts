import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { parseSync } from '@swc/core';

/** Imports point inwards: see docs/architecture.md. Every fault is named by file and import. */

interface Import {
  /** The importing file, from the top, as `store/orders.ts`. */
  file: string;
  /** What is imported: a file of ours from the top, or the name of a package. */
  target: string;
  /** Gone once compiled. */
  typeOnly: boolean;
}

interface Rule {
  /** Folders or files of ours it may import, beside its own folder. */
  ours: string[];
  /** Of those, what it may import for their types only. */
  types?: string[];
  /** Packages it may import; all where left out. Whole scopes end in a slash. */
  packages?: string[];
  /** Packages it may not import. */
  never?: string[];
}

const TEMPORAL = '@temporalio/';
const EVERYTHING = ['domain', 'workflows', 'activities', 'store', 'mail', 'web', 'client', 'worker'];

const RULES: Record<string, Rule> = {
  domain: { ours: [], never: ['node:', TEMPORAL] },
  store: { ours: ['domain'], never: [TEMPORAL] },
  mail: { ours: ['domain'], never: [TEMPORAL] },
  activities: { ours: ['domain', 'store', 'mail'], never: ['@temporalio/workflow', '@temporalio/client'] },
  workflows: {
    ours: ['domain', 'activities'],
    types: ['domain', 'activities'],
    packages: ['@temporalio/workflow', '@temporalio/common'],
  },
  client: { ours: ['domain', 'workflows/messages.ts'] },
  web: { ours: ['domain', 'store', 'mail'], never: [TEMPORAL] },
  worker: { ours: EVERYTHING },
  cli: { ours: [...EVERYTHING, 'cli'] },
};

const root = fileURLToPath(new URL('..', import.meta.url));
const folders = Object.keys(RULES);
const imports = folders.flatMap((folder) => sources(folder).flatMap(importsOf));

describe.each(Object.entries(RULES))('%s', (folder, rule) => {
  it('imports what it may, and nothing else', () => {
    const faults = imports.filter(({ file }) => inside(file, folder)).filter((one) => !mayImport(folder, rule, one));
    expect(faults.map(inWords)).toEqual([]);
  });
});

it('reads every way to import', () => {
  expect(imports.length).toBeGreaterThan(300);
  const some = new Set(imports.map(({ file, target }) => `${file} ${target}`));
  expect(some).toContain('worker/up.ts web/app.ts'); // import()
  expect(some).toContain('workflows/index.ts workflows/followUp.ts'); // export from
  expect(imports).toContainEqual({ file: 'workflows/steps.ts', target: 'activities/house.ts', typeOnly: true });
});

it('only the dispatcher, the reconciler and what wires them know how workflows are reached', () => {
  const users = imports.filter(({ target }) => target === 'client/followUps.ts').map(({ file }) => file);
  expect(users.sort()).toEqual(['worker/dispatcher.ts', 'worker/reconciler.ts', 'worker/up.ts']);
});

it('nothing that ships imports a test', () => {
  expect(imports.filter(({ target }) => inside(target, 'test')).map(inWords)).toEqual([]);
});

it('the rules have no clock, no dice and no environment of their own', () => {
  const own = /Date\.now\(|new Date\(\)|Math\.random\(|performance\.|process\.|DateTime\.(now|local|utc)\(\)/;
  const faults = sources('domain').flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, at) => (own.test(line) ? [`${file}:${at + 1}: ${line.trim()}`] : [])),
  );
  expect(faults).toEqual([]);
});

function mayImport(folder: string, rule: Rule, { target, typeOnly }: Import): boolean {
  if (isOurs(target)) {
    if (inside(target, folder)) return true;
    if (!rule.ours.some((allowed) => inside(target, allowed))) return false;
    return typeOnly || !rule.types?.some((allowed) => inside(target, allowed));
  }
  if (rule.never?.some((name) => isPackage(target, name))) return false;
  return rule.packages === undefined || rule.packages.some((name) => isPackage(target, name));
}

const inWords = ({ file, target, typeOnly }: Import) => `${file} imports ${typeOnly ? 'a type of ' : ''}${target}`;
const inside = (file: string, folder: string) => file === folder || file.startsWith(`${folder}/`);
const isOurs = (target: string) =>
  /^[^@:]+\/.*\.\w+$/.test(target) && folders.concat('test').some((one) => inside(target, one));
const isPackage = (target: string, name: string) =>
  /[/:]$/.test(name) ? target.startsWith(name) : target === name || target.startsWith(`${name}/`);

function sources(folder: string): string[] {
  return (readdirSync(join(root, folder), { recursive: true }) as string[])
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => posix.join(folder, file.replaceAll('\\', '/')));
}

type Node = { type?: string; [name: string]: unknown };

/** Every import, export from, import() and type import of a file. */
function importsOf(file: string): Import[] {
  const tree = parseSync(readFileSync(join(root, file), 'utf8'), {
    syntax: 'typescript',
    tsx: file.endsWith('.tsx'),
    target: 'es2022',
  });
  const found: Import[] = [];
  const add = (source: unknown, typeOnly: boolean) => {
    const { value } = source as { value: string };
    const target = value.startsWith('.')
      ? relative(root, join(root, dirname(file), value)).replaceAll('\\', '/')
      : value;
    found.push({ file, target, typeOnly });
  };
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const {
      type,
      source,
      specifiers,
      typeOnly,
      callee,
      arguments: args,
      argument,
    } = node as Node & {
      specifiers?: { isTypeOnly?: boolean }[];
      callee?: Node;
      arguments?: { expression: Node }[];
    };
    if (
      type === 'ImportDeclaration' ||
      ((type === 'ExportNamedDeclaration' || type === 'ExportAllDeclaration') && source)
    )
      add(source, Boolean(typeOnly) || (!!specifiers?.length && specifiers.every(({ isTypeOnly }) => isTypeOnly)));
    else if (type === 'CallExpression' && callee?.type === 'Import' && args?.[0].expression.type === 'StringLiteral')
      add(args[0].expression, false);
    else if (type === 'TsImportType') add(argument, true);
    for (const inner of Object.values(node)) visit(inner);
  };
  visit(tree.body);
  return found;
}
