import { expect, it } from '@jest/globals';
import { sql } from 'drizzle-orm';
import pg from 'pg';
import { freshStore } from '../support/database.ts';

it('gives every connection back, also one that breaks as a transaction begins', async () => {
  const { store, url, drop } = await freshStore();
  const admin = new pg.Client(url);
  await admin.connect();
  const look = () => store.db.transaction((tx) => tx.execute(sql`SELECT 1`));
  let broken = 0;
  for (let round = 0; round < 50 && broken < 5; round += 1) {
    await Promise.all(Array.from({ length: 10 }, look));
    await admin.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    // Nobody has told the pool yet.
    const looks = await Promise.allSettled(Array.from({ length: 10 }, look));
    broken += looks.filter(({ status }) => status === 'rejected').length;
  }
  expect(broken).toBeGreaterThan(0);
  await Promise.all(Array.from({ length: 40 }, look));
  expect(store.pool.idleCount).toBe(store.pool.totalCount);
  await admin.end();
  await drop();
});
