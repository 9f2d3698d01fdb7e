import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { type ErrorCode, Problem } from './errors.ts';

/** Where in a YAML file something stands: the keys and positions that lead to it. */
export type Path = readonly (string | number)[];

/** A YAML file that has its shape. */
export interface Yaml<T> {
  data: T;
  /** A mistake that the shape cannot see, as a Problem naming the line of a path. */
  wrong(path: Path, what: string, allowed: string): Problem;
}

/** How a kind of YAML file is read. */
export interface Reading {
  /** The code of its Problems. */
  code: ErrorCode;
  /** The page that explains it. */
  page: string;
  /**
   * What the plain words in it are: `text` as they are written; `values` also numbers, and yes and no. YAML takes more
   * for a number than people do, an article E-1 among them.
   */
  plain: 'text' | 'values';
}

/**
 * Reads YAML of a shape; a mistake is a Problem naming file, line, what is wrong and what is allowed. A message of the
 * shape says both, as "is no colour; allowed: red, blue"; one that does not points at the page.
 */
export function readYaml<Shape extends z.ZodType>(
  source: string,
  file: string,
  shape: Shape,
  { code, page, plain }: Reading,
): Yaml<z.output<Shape>> {
  const lines = new LineCounter();
  // Of the versions of YAML, only 1.1 knows yes and no.
  const version = plain === 'text' ? { schema: 'failsafe' as const } : { version: '1.1' as const };
  const document = parseDocument(source, { lineCounter: lines, ...version });
  const at = (offset: number, what: string, allowed: string) =>
    new Problem(code, { file, line: lines.linePos(offset).line || 1, what, allowed });
  const wrong = (path: Path, what: string, allowed: string) => at(offsetOf(document.contents, path), what, allowed);

  const [broken] = document.errors;
  if (broken) throw at(broken.pos[0], firstLine(broken.message), `YAML as in ${page}`);
  visit(document, {
    Alias(_, alias) {
      if (!alias.resolve(document))
        throw at(alias.range?.[0] ?? 0, `"*${alias.source}" stands for nothing`, `YAML as in ${page}`);
    },
  });
  const json: unknown = document.toJS();
  const read = shape.safeParse(json);
  if (read.success) return { data: read.data, wrong };

  // A key that is mistyped is often missing too; the typing mistake is what helps.
  const issue = read.error.issues.find((one) => one.code === 'unrecognized_keys') ?? read.error.issues[0];
  const path = issue.path as (string | number)[];
  if (issue.code === 'unrecognized_keys') {
    const [key] = issue.keys;
    throw wrong([...path, key], `"${key}" is not known here`, keysAt(shape, path).join(', '));
  }
  const [what, allowed] = issue.message.split('; allowed: ');
  const where = path.length > 0 ? `${path.join('.')} ` : '';
  const missing = path.length > 0 && valueAt(json, path) === undefined;
  throw wrong(path, `${where}${missing ? 'is missing' : what}`, allowed ?? `see ${page}`);
}

const firstLine = (text: string) => text.split('\n')[0].replace(/ at line.*$/, '');

/** Where in the source a path stands: its key, or the nearest thing around it. */
function offsetOf(node: unknown, [step, ...rest]: Path): number {
  const start = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  if (step === undefined) return start;
  if (isSeq(node)) return offsetOf(node.items[Number(step)], rest);
  if (!isMap(node)) return start;
  const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === step);
  if (!pair) return start;
  return offsetOf(rest.length > 0 ? pair.value : pair.key, rest);
}

const valueAt = (json: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, step) => (value as Record<string | number, unknown> | undefined)?.[step], json);

/** The keys that a shape allows at a path; of a choice between several shapes, those of all of them. */
function keysAt(shape: unknown, path: Path): string[] {
  if (shape instanceof z.ZodOptional || shape instanceof z.ZodNullable || shape instanceof z.ZodDefault)
    return keysAt(shape.unwrap(), path);
  if (shape instanceof z.ZodPipe) return keysAt(shape.in, path);
  if (shape instanceof z.ZodUnion) return [...new Set(shape.options.flatMap((one) => keysAt(one, path)))];
  const [step, ...rest] = path;
  if (shape instanceof z.ZodObject)
    return step === undefined ? Object.keys(shape.shape) : keysAt(shape.shape[step], rest);
  if (shape instanceof z.ZodArray && step !== undefined) return keysAt(shape.element, rest);
  if (shape instanceof z.ZodRecord && step !== undefined) return keysAt(shape.valueType, rest);
  return [];
}
