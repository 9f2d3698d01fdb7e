import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the project. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A text of the project, by its path from the top. */
export const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** README and everything under docs, by path from the top. */
export const pages = (): string[] => [
  'README.md',
  ...(readdirSync(join(root, 'docs'), { recursive: true }) as string[])
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file.replaceAll('\\', '/')}`)
    .sort(),
];

/** The rows of the nth table under a heading, each a list of cells without their backticks. */
export function tableUnder(path: string, heading: string, nth = 0): string[][] {
  const [, section] = read(path).split(new RegExp(`^#+ ${heading}$`, 'm'));
  if (section === undefined) throw new Error(`${path} has no heading "${heading}"`);
  const lines = section.split(/^#+ /m)[0].split('\n');
  const tables = lines
    .map((line) => (line.startsWith('|') ? line : ''))
    .join('\n')
    .split(/\n\n+/)
    .map((table) => table.split('\n').filter(Boolean))
    .filter((table) => table.length > 0);
  if (!tables[nth]) throw new Error(`${path} has no table number ${nth + 1} under "${heading}"`);
  return tables[nth].slice(2).map((row) =>
    row
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map(plain),
  );
}

const plain = (cell: string) => cell.replaceAll('`', '').replaceAll('\\|', '|').trim();

export interface Block {
  language: string;
  text: string;
}

/** The fenced blocks of a page, in their order. */
export const blocks = (path: string): Block[] =>
  [...read(path).matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, text]) => ({ language, text }));

/** The text of a page without its code. */
const prose = (path: string) =>
  read(path)
    .replace(/^```.*?^```$/gms, '')
    .replace(/`[^`\n]*`/g, '');

/** Where the links and pictures of a page point to. */
export const links = (path: string): string[] =>
  [...prose(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);

/** The names that a link to a page may end in, as GitHub makes them from headings. */
export const anchors = (path: string): string[] =>
  [
    ...read(path)
      .replace(/^```.*?^```$/gms, '')
      .matchAll(/^#+ (.*)$/gm),
  ].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

export const exists = (path: string) => existsSync(join(root, path));
