import { type SQL, sql } from 'drizzle-orm';
import { OUR_ID } from '../domain/names.ts';
import type { Instant } from '../domain/time.ts';

/** How many rows a list shows at once. */
export const PAGE = 50;

/** A page of a list, and where the next one begins; null: that was all. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

/** The page of rows of which one more was read than it shows; `placeOf` its last row the next one begins. */
export const pageOf = <T>(rows: T[], placeOf: (last: T) => string, limit = PAGE): Page<T> => ({
  items: rows.slice(0, limit),
  next: rows.length > limit ? placeOf(rows[limit - 1]) : null,
});

/** The place of a row in a list by what it goes by, mostly time, and by id. */
export const writeCursor = (by: Instant | string, id: string | number) =>
  Buffer.from(`${by} ${id}`).toString('base64url');

const TIME = '\\d{1,15}';

/** Reads the places of a list that goes by `by`; throws RangeError on a text that is none. */
const reader = (by: string, id: string) => (cursor: string) => {
  const match = new RegExp(`^(${by}) (${id})$`).exec(Buffer.from(cursor, 'base64url').toString());
  if (!match) throw new RangeError('no cursor');
  return [match[1], match[2]] as const;
};

/** The place a list by time and our id goes on from. */
export function readCursor(cursor: string): [Instant, string] {
  const [at, id] = reader(TIME, OUR_ID)(cursor);
  return [Number(at), id];
}

/** The place a list by time and a number that counts up goes on from. */
export function readCount(cursor: string): [Instant, number] {
  const [at, id] = reader(TIME, TIME)(cursor);
  return [Number(at), Number(id)];
}

/** The place a list by value and our id goes on from. */
export const readValue = reader('\\d{1,40}(?:\\.\\d{1,40})?', OUR_ID);

/** Rows beyond the place a list by time and our id goes on from; `<` where it runs backwards. */
export function beyond(sign: '<' | '>', at: unknown, id: unknown, cursor: string | undefined): SQL | undefined {
  if (cursor === undefined) return undefined;
  const [instant, uuid] = readCursor(cursor);
  return sql`(${at}, ${id}) ${sql.raw(sign)} (${new Date(instant).toISOString()}::timestamptz, ${uuid}::uuid)`;
}
