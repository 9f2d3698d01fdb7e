import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { changeSettings, openStore, type Store } from '../../store/database.ts';

/** An empty database of its own in the PostgreSQL of this run; dropped by `drop`. */
export async function emptyDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const server = process.env.AFTERCARE_TEST_DATABASE_URL!;
  const name = `test_${randomBytes(6).toString('hex')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  await administer(server, `CREATE DATABASE ${name}`);
  return { url: url.href, drop: () => administer(server, `DROP DATABASE ${name} WITH (FORCE)`) };
}

/** A database of its own, with its schema; dropped by `drop`. */
export async function freshStore(
  daySeconds?: number,
): Promise<{ store: Store; url: string; drop: () => Promise<void> }> {
  const { url, drop } = await emptyDatabase();
  const store = await openStore(url, daySeconds);
  // Tests speak of a company whose days are UTC's, wherever they run.
  await changeSettings(store, { zone: 'UTC' });
  return {
    store,
    url,
    async drop() {
      await store.close();
      await drop();
    },
  };
}

async function administer(server: string, statement: string) {
  const client = new pg.Client(server);
  await client.connect();
  await client.query(statement);
  await client.end();
}
