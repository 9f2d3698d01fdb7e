import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { eq, sql } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import type { Calendar } from '../domain/calendar.ts';
import { Problem, reasonOf } from '../domain/errors.ts';
import { settings, staff } from './schema.ts';

export type Db = NodePgDatabase;
/** A transaction; every query of the store takes one or the database itself. */
export type Tx = Pick<Db, 'select' | 'insert' | 'update' | 'delete' | 'execute' | 'transaction'>;
export type Settings = typeof settings.$inferSelect;

/** The database, and what of the house every rule needs. */
export interface Store {
  db: Db;
  pool: pg.Pool;
  calendar: Calendar;
  settings: Settings;
  close(): Promise<void>;
}

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));
const LOCK = 4280;

/** Connects, brings the schema up to date and reads the settings. `daySeconds` is how long a day lasts here. */
export async function openStore(url: string, daySeconds = 86_400): Promise<Store> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 20,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    options: '-c timezone=UTC -c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000',
  });
  // A connection that breaks while idle is replaced by the pool; the next query tells whoever waits for it.
  pool.on('error', () => {});
  // So does one that breaks between two queries of a transaction: unheard, it would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  try {
    const db = openDb(pool);
    await bringUpToDate(pool);
    const row = await readSettings(db, daySeconds);
    if (row.daySeconds !== daySeconds)
      throw new Problem('bad-environment', {
        name: 'AFTERCARE_DAY_SECONDS',
        value: daySeconds,
        allowed: `${row.daySeconds}, the length of a day this database was begun with; another needs another database`,
      });
    return {
      db,
      pool,
      settings: row,
      calendar: calendarOf(row),
      close: () => pool.end(),
    };
  } catch (error) {
    await pool.end();
    throw error instanceof Problem ? error : new Problem('database-unreachable', { reason: reasonOf(error) });
  }
}

/**
 * drizzle begins a transaction before it minds the connection it took from the pool: where the server has just gone away
 * that connection is never given back, and in the end there is none left. So it is taken and given back here.
 */
function openDb(pool: pg.Pool): Db {
  const over = (client: pg.Pool | pg.PoolClient) => drizzle(client, { casing: 'snake_case' });
  const db = over(pool);
  // Kept with its connection, for it remembers how every column is called.
  const known = new WeakMap<pg.PoolClient, Db>();
  db.transaction = async (work, config) => {
    const client = await pool.connect();
    if (!known.has(client)) known.set(client, over(client));
    try {
      return await known.get(client)!.transaction(work, config);
    } finally {
      client.release();
    }
  };
  return db;
}

/** Applies the migrations that are missing; refuses a database that is newer than this program, or not ours. */
async function bringUpToDate(pool: pg.Pool) {
  const client = await pool.connect();
  try {
    // One at a time: several parts may start at the same moment.
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    const { entries } = JSON.parse(readFileSync(`${MIGRATIONS}/meta/_journal.json`, 'utf8')) as {
      entries: { when: number; tag: string }[];
    };
    const known = entries.at(-1)!;
    const { rows } = await client.query<{ ours: boolean; theirs: boolean }>(
      `SELECT to_regclass('aftercare.migrations') IS NOT NULL AS ours, EXISTS (SELECT FROM pg_tables WHERE schemaname = 'aftercare') AS theirs`,
    );
    if (rows[0].theirs && !rows[0].ours) throw new Problem('database-not-ours');
    if (rows[0].ours) {
      const found = await client.query<{ last: string }>('SELECT max(created_at) AS last FROM aftercare.migrations');
      const last = Number(found.rows[0].last);
      if (last === known.when) return;
      if (last > known.when) throw new Problem('database-too-new', { found: last, known: known.tag });
    }
    await migrate(drizzle(client), {
      migrationsFolder: MIGRATIONS,
      migrationsSchema: 'aftercare',
      migrationsTable: 'migrations',
    });
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [LOCK]).catch(() => {});
    client.release();
  }
}

async function readSettings(db: Db, daySeconds: number): Promise<Settings> {
  const row = { daySeconds, secret: randomBytes(32).toString('hex'), zone: process.env.TZ || systemZone() };
  await db.insert(settings).values(row).onConflictDoNothing();
  const [found] = await db.select().from(settings);
  await db.insert(staff).values({ handle: found.defaultOwner, name: 'The office' }).onConflictDoNothing();
  return found;
}

const systemZone = () => new Intl.DateTimeFormat().resolvedOptions().timeZone;

const calendarOf = ({ daySeconds, zone, week, country, region }: Settings): Calendar => ({
  dayMs: daySeconds * 1000,
  zone,
  week,
  place: country === null ? null : { country, region },
});

/** Takes over the settings as they were read just now: another part may have changed them. */
export function refresh(store: Store, row: Settings): void {
  Object.assign(store.settings, row);
  Object.assign(store.calendar, calendarOf(row));
}

/** Changes settings; every running part sees them when it next reads a sale. */
export async function changeSettings(store: Store, change: Partial<Settings>): Promise<void> {
  const [row] = await store.db.update(settings).set(change).where(eq(settings.id, 1)).returning();
  refresh(store, row);
}

/** Whether the database answers. */
export const alive = (store: Store) => store.db.execute(sql`SELECT 1`).then(() => true);
