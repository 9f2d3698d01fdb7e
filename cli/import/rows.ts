import { createReadStream, type ReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { Problem } from '../../domain/errors.ts';
import { csvRows } from './csv.ts';
import { elements } from './elements.ts';

/** An order of the file as JSON text, or why it is none. `line` is where it begins. */
export type Row = { line: number; json: string } | { line: number; wrong: string };

/** The orders of a file, and how many of its bytes have been read. */
export interface Rows extends AsyncIterable<Row> {
  size: number;
  readBytes(): number;
}

const READERS: Record<string, (file: string) => { rows: AsyncIterable<Row>; stream?: ReadStream }> = {
  '.json': (file) => ({ rows: jsonRows(file) }),
  '.jsonl': jsonLines,
  '.ndjson': jsonLines,
  '.csv': (file) => {
    const stream = streamOf(file);
    return { stream, rows: csvRows(linesOf(stream), file) };
  },
};

/**
 * Reads the orders of a .json, .jsonl or .csv file, one by one. Files are read as Latin-1, in which every byte is a
 * character, and each row is made UTF-8 by itself: so one row that is none spoils no other.
 */
export async function readRows(file: string): Promise<Rows> {
  const extension = extname(file).toLowerCase();
  const reader = READERS[extension];
  if (!reader) throw unreadable(file, `its name ends in "${extension}"`);
  const size = await checkBeginning(file);
  const { rows, stream } = reader(file);
  return {
    size,
    readBytes: () => stream?.bytesRead ?? size,
    [Symbol.asyncIterator]: () => rows[Symbol.asyncIterator](),
  };
}

export const unreadable = (file: string, reason: string) => new Problem('file-unreadable', { file, reason });

async function checkBeginning(file: string): Promise<number> {
  try {
    const { size } = await stat(file);
    const handle = await open(file);
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0).finally(() => handle.close());
    const mark = buffer.readUInt16BE();
    if (mark === 0xfeff || mark === 0xfffe) throw unreadable(file, 'it is UTF-16 and not UTF-8');
    return size;
  } catch (error) {
    throw error instanceof Problem ? error : unreadable(file, (error as Error).message);
  }
}

/** What was read as Latin-1 as the UTF-8 it should be; null where it is not. */
export function utf8(text: string): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(text, 'latin1'));
  } catch {
    return null;
  }
}

export const NOT_UTF8 = 'is not UTF-8; save the file as UTF-8';

const BOM = '\u00ef\u00bb\u00bf';
const withoutMark = (text: string) => (text.startsWith(BOM) ? text.slice(BOM.length) : text);

const streamOf = (file: string) => createReadStream(file, 'latin1');

/** A line with its number. */
export interface Line {
  line: number;
  text: string;
}

async function* linesOf(stream: ReadStream): AsyncGenerator<Line> {
  let line = 0;
  for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1;
    yield { line, text: line === 1 ? withoutMark(text) : text };
  }
}

const rowOf = ({ line, text }: Line): Row => {
  const json = utf8(text);
  return json === null ? { line, wrong: NOT_UTF8 } : { line, json };
};

function jsonLines(file: string) {
  const stream = streamOf(file);
  const rows = (async function* () {
    for await (const line of linesOf(stream)) if (line.text.trim() !== '') yield rowOf(line);
  })();
  return { stream, rows };
}

async function* jsonRows(file: string): AsyncGenerator<Row> {
  const text = withoutMark(await readFile(file, 'latin1'));
  const found = elements(text);
  if ('wrong' in found) throw unreadable(file, found.wrong);
  for (const element of found.elements) yield rowOf(element);
}
