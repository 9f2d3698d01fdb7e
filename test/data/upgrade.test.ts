import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { hashOf } from '../../store/customers.ts';
import { openStore } from '../../store/database.ts';
import { loadSale } from '../../store/followUps.ts';
import { emptyDatabase } from '../support/database.ts';

const MIGRATIONS = fileURLToPath(new URL('../../store/migrations', import.meta.url));

/** The migrations as they were at first: a database that was begun then has nothing later. */
function theFirst(): string {
  const folder = mkdtempSync(join(tmpdir(), 'aftercare-migrations-'));
  cpSync(MIGRATIONS, folder, { recursive: true });
  const journal = join(folder, 'meta', '_journal.json');
  const { entries, ...rest } = JSON.parse(readFileSync(journal, 'utf8'));
  writeFileSync(journal, JSON.stringify({ ...rest, entries: entries.slice(0, 1) }));
  return folder;
}

const PLAYBOOK = `name: standard
title: Old
touches:
  - name: thank-you
    after: order
    send: thank-you
keep in touch:
  every: 60 days
  send: keep-in-touch
`;

it('a database of the first version is brought up to date, and its follow-ups go on', async () => {
  const { url, drop } = await emptyDatabase();
  const folder = theFirst();
  const client = new pg.Client(url);
  await client.connect();
  await migrate(drizzle(client), {
    migrationsFolder: folder,
    migrationsSchema: 'aftercare',
    migrationsTable: 'migrations',
  });
  await client.query(`
    INSERT INTO aftercare.settings (id, zone, secret, day_seconds) VALUES (1, 'UTC', 'secret', 86400);
    INSERT INTO aftercare.staff (handle, name) VALUES ('office', 'The office');`);
  await client.query(
    `INSERT INTO aftercare.playbooks (hash, name, source, added_at) VALUES ('h', 'standard', $1, now())`,
    [PLAYBOOK],
  );
  const { rows } = await client.query(`
    INSERT INTO aftercare.customers (source, external_id, email, phone, service, selling, referral_code, created_at)
    VALUES ('shop', 'c-1', 'ada@example.com', '+4930123456', true, true, 'CODE', now()) RETURNING id`);
  const { rows: orders } = await client.query(
    `INSERT INTO aftercare.orders (source, number, customer_id, placed_at, paid_at, accepted_at, currency, total, lines,
       fingerprint, playbook, playbook_hash, owner, stage)
     VALUES ('shop', '1', $1, now(), now(), now(), 'EUR', 10, '[{"sku":"E-1","name":"Machine","quantity":1}]', 'f',
       'standard', 'h', 'office', 'following') RETURNING id`,
    [rows[0].id],
  );
  const { id } = orders[0];
  await client.query(
    `INSERT INTO aftercare.events (order_id, what, at, data)
     VALUES ($1, 'accepted', now(), json_build_object('placedAt', 1793600000000, 'paidAt', 1793600000000))`,
    [id],
  );
  await client.query(
    `INSERT INTO aftercare.ledger (order_id, touch, occurrence, state, attempt, message_id, claimed_at, sent_at)
     VALUES ($1, 'keep-in-touch', '1', 'sent', 1, '<m@x>', now(), now())`,
    [id],
  );
  await client.end();

  const store = await openStore(url);
  const sale = await loadSale(store, store.db, id);
  expect(sale.order.partyId).toBe(sale.customer.partyId);
  expect(sale.customer.phoneHash).toBe(hashOf('+4930123456'));
  expect(sale.terms.party).toMatchObject({ nth: 1, value: 10, complaint: false });
  expect(sale.terms.party.mails).toEqual([expect.objectContaining({ selling: true, survey: null })]);
  expect(sale.terms.playbook.keepInTouch).toMatchObject({ carries: 'tip' });
  const bought = await store.pool.query('SELECT sku, name FROM aftercare.purchases');
  expect(bought.rows).toEqual([{ sku: 'E-1', name: 'Machine' }]);
  await store.close();
  await drop();
  rmSync(folder, { recursive: true });
});
