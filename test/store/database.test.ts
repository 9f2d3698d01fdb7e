import { expect, it } from '@jest/globals';
import { sql } from 'drizzle-orm';
import pg from 'pg';
import { freshStore } from '../support/database.ts';

it('gives every connection back, also one that breaks as a transaction begins', async () => {
  const { store, url, drop } = await freshStore();
  const admin = new pg.Client(url);
  await admin.connect();
  /** Looks through that many connections at once; how many of them were broken. */
  const look = async (times: number) => {
    const looks = Array.from({ length: times }, () => store.db.transaction((tx) => tx.execute(sql`SELECT 1`)));
    return (await Promise.allSettled(looks)).filter(({ status }) => status === 'rejected').length;
  };
  /** Until the pool has let go of every connection it had not heard was gone. */
  const recovered = async (times: number) => {
    while ((await look(times)) > 0);
  };
  let broken = 0;
  for (let round = 0; round < 50 && broken < 5; round += 1) {
    await recovered(10);
    await admin.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    // Nobody has told the pool yet.
    broken += await look(10);
  }
  expect(broken).toBeGreaterThan(0);
  await recovered(40);
  expect(store.pool.idleCount).toBe(store.pool.totalCount);
  await admin.end();
  await drop();
});
