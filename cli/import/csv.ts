import { parse } from 'csv-parse/sync';
import { orderInput } from '../../domain/order.ts';
import { check } from '../../domain/reading.ts';
import { type Line, NOT_UTF8, type Row, unreadable, utf8 } from './rows.ts';

/** A quoted cell may have line breaks in it; one that goes on for longer has lost its closing quote. */
const LONGEST_ROW = 100;

/**
 * The orders of a CSV file whose first row names our fields: number, customer.id, lines[0].sku and so on; `lines` and
 * `promises` may also hold JSON. Each row is parsed by itself, so that a broken one takes no other with it.
 */
export async function* csvRows(lines: AsyncIterable<Line>, file: string): AsyncGenerator<Row> {
  let columns: string[] | undefined;
  for await (const { line, ...row } of records(lines)) {
    if (columns) yield { line, ...('wrong' in row ? row : orderOf(columns, row.cells)) };
    else {
      if ('wrong' in row) throw unreadable(file, `line ${line} ${row.wrong}`);
      columns = row.cells.map((name) => name.trim());
      checkColumns(columns, file);
    }
  }
}

type Parsed = { line: number; cells: string[] } | { line: number; wrong: string };

async function* records(lines: AsyncIterable<Line>): AsyncGenerator<Parsed> {
  const source = lines[Symbol.asyncIterator]();
  const ahead: Line[] = [];
  const nextLine = async () => ahead.shift() ?? ((await source.next()).value as Line | undefined);
  let delimiter: string | undefined;
  for (let first = await nextLine(); first; first = await nextLine()) {
    if (first.text.trim() === '') continue;
    delimiter ??= delimiterOf(first.text);
    const taken: Line[] = [];
    let row = cellsOf(first.text, delimiter);
    while ('open' in row && taken.length < LONGEST_ROW) {
      const more = await nextLine();
      if (!more) break;
      taken.push(more);
      row = cellsOf([first, ...taken].map(({ text }) => text).join('\n'), delimiter);
    }
    if ('cells' in row) yield { line: first.line, cells: row.cells };
    else {
      // Only the row that broke is lost: what was read while its end was looked for is read again.
      ahead.unshift(...taken);
      yield { line: first.line, wrong: row.wrong };
    }
  }
}

/** Spreadsheets in much of Europe separate by semicolons: whatever the names in the first line are separated by. */
const delimiterOf = (names: string) =>
  [',', ';', '\t'].sort((a, b) => names.split(b).length - names.split(a).length)[0];

function cellsOf(text: string, delimiter: string): { cells: string[] } | { wrong: string; open?: true } {
  try {
    const [cells = []] = parse(text, { delimiter, relax_column_count: true }) as string[][];
    const read = cells.map(utf8);
    const bad = read.indexOf(null);
    return bad < 0 ? { cells: read as string[] } : { wrong: `cell ${bad + 1} ${NOT_UTF8}` };
  } catch (error) {
    if ((error as { code?: string }).code === 'CSV_QUOTE_NOT_CLOSED')
      return { wrong: 'has a quote that is not closed', open: true };
    return { wrong: 'has a quote inside a cell; a cell with quotes is quoted, and they are doubled: "a ""b"" c"' };
  }
}

/** Says at once, and not with every row, that a column is none of ours. */
function checkColumns(columns: string[], file: string) {
  const twice = columns.find((name, at) => columns.indexOf(name) !== at);
  if (twice !== undefined) throw unreadable(file, `the column "${twice}" is there twice`);
  const probe: Json = {};
  for (const name of columns) {
    const steps = stepsOf(name);
    if (!steps || !put(probe, steps, '')) throw unreadable(file, `its first line has a column "${name}"`);
  }
  const checked = check(orderInput, probe);
  const unknown = checked.ok ? [] : checked.errors.filter(({ message }) => message.startsWith('is not a field here'));
  const [first] = unknown;
  if (first) throw unreadable(file, `the column "${first.path}" ${first.message}`);
}

type Json = { [name: string]: unknown };

/** Cells that are not plain text in an order. */
const BOOLEANS = /^customer\.consent\.(service|selling)$/;
const NUMBERS = /^lines\[\d+\]\.quantity$/;
const LISTS = /^(lines|promises)$/;

function orderOf(columns: string[], cells: string[]): { json: string } | { wrong: string } {
  if (cells.length !== columns.length) return { wrong: `has ${cells.length} cells; ${columns.length} are needed` };
  const order: Json = {};
  for (const [at, name] of columns.entries()) {
    const cell = cells[at].trim();
    // A spreadsheet would have run it; nothing of ours begins so.
    if (cell.startsWith('=')) return { wrong: `${name} is a formula; save the file with its values` };
    if (cell === '') {
      // Who has a column for it and leaves it empty says that it is not paid; no column says nothing.
      if (name === 'paidAt') order.paidAt = null;
      continue;
    }
    const value = inJson(name, cell);
    if (value === undefined) return { wrong: `${name} is not JSON; a list is needed` };
    put(order, stepsOf(name)!, value);
  }
  return { json: JSON.stringify(order) };
}

function inJson(name: string, cell: string): unknown {
  if (BOOLEANS.test(name)) return /^(true|false)$/i.test(cell) ? cell.toLowerCase() === 'true' : cell;
  if (NUMBERS.test(name)) return Number.isFinite(Number(cell)) ? Number(cell) : cell;
  if (!LISTS.test(name)) return cell;
  try {
    return JSON.parse(cell);
  } catch {
    return undefined;
  }
}

/** `lines[0].sku` as lines, 0, sku; null where it is no such name. */
function stepsOf(name: string): (string | number)[] | null {
  if (!/^[A-Za-z]+(\[\d{1,3}\]|\.[A-Za-z]+)*$/.test(name) || /constructor|prototype/.test(name)) return null;
  return name.match(/[A-Za-z]+|\d+/g)!.map((step) => (/^\d/.test(step) ? Number(step) : step));
}

/** Sets a value deep inside; false where something else is in the way, as `lines` for `lines[0]`. */
function put(target: Json, [step, ...rest]: (string | number)[], value: unknown): boolean {
  if (rest.length === 0) {
    if (target[step] !== undefined) return false;
    target[step] = value;
    return true;
  }
  target[step] ??= typeof rest[0] === 'number' ? [] : {};
  const inner = target[step];
  if (inner === null || typeof inner !== 'object' || Array.isArray(inner) !== (typeof rest[0] === 'number'))
    return false;
  return put(inner as Json, rest, value);
}
