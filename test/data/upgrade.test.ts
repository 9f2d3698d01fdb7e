import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { answersAbout } from '../../store/answers.ts';
import { hashOf } from '../../store/customers.ts';
import { openStore } from '../../store/database.ts';
import { loadSale } from '../../store/followUps.ts';
import { emptyDatabase } from '../support/database.ts';

const MIGRATIONS = fileURLToPath(new URL('../../store/migrations', import.meta.url));

/** A new database as far as these many migrations made it, with something in it, brought up to date by the program. */
async function upgraded(migrations: number, fill: (client: pg.Client) => Promise<string>) {
  const { url, drop } = await emptyDatabase();
  const migrationsFolder = mkdtempSync(join(tmpdir(), 'aftercare-migrations-'));
  cpSync(MIGRATIONS, migrationsFolder, { recursive: true });
  const journal = join(migrationsFolder, 'meta', '_journal.json');
  const { entries, ...rest } = JSON.parse(readFileSync(journal, 'utf8'));
  writeFileSync(journal, JSON.stringify({ ...rest, entries: entries.slice(0, migrations) }));
  const client = new pg.Client(url);
  await client.connect();
  await migrate(drizzle(client), { migrationsFolder, migrationsSchema: 'aftercare', migrationsTable: 'migrations' });
  rmSync(migrationsFolder, { recursive: true });
  await client.query(`
    INSERT INTO aftercare.settings (id, zone, secret, day_seconds) VALUES (1, 'UTC', 'secret', 86400);
    INSERT INTO aftercare.staff (handle, name) VALUES ('office', 'The office');`);
  await client.query(
    `INSERT INTO aftercare.playbooks (hash, name, source, added_at) VALUES ('h', 'standard', $1, now())`,
    [PLAYBOOK],
  );
  const id = await fill(client);
  await client.end();
  const store = await openStore(url);
  const close = () => store.close().then(drop);
  return { store, id, close };
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
  const { store, id, close } = await upgraded(1, async (client) => {
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
    await client.query(
      `INSERT INTO aftercare.answers (order_id, nps, benefit, better, way, at) VALUES ($1, 9, 'Coffee', NULL, 'link', now())`,
      [id],
    );
    return id;
  });
  const sale = await loadSale(store, store.db, id);
  expect(sale.order.partyId).toBe(sale.customer.partyId);
  expect(sale.customer.phoneHash).toBe(hashOf('+4930123456'));
  expect(sale.terms.party).toMatchObject({ nth: 1, value: 10, complaint: false });
  expect(sale.terms.party.mails).toEqual([expect.objectContaining({ selling: true, survey: null })]);
  expect(sale.terms.playbook.keepInTouch).toMatchObject({ carries: 'tip' });
  const bought = await store.pool.query('SELECT sku, name FROM aftercare.purchases');
  expect(bought.rows).toEqual([{ sku: 'E-1', name: 'Machine' }]);
  const [{ answer, customer }] = await answersAbout(store.db, [id]);
  expect([answer.survey, answer.nps, answer.benefit, customer.externalId]).toEqual(['nps', 9, 'Coffee', 'c-1']);
  await close();
});

it('answers are found to be those of whom the survey was mailed to, and else of who ordered', async () => {
  const { store, id, close } = await upgraded(3, async (client) => {
    const { rows } = await client.query(`
      WITH party AS (INSERT INTO aftercare.parties DEFAULT VALUES RETURNING id)
      INSERT INTO aftercare.customers (party_id, source, external_id, service, selling, referral_code, created_at)
      SELECT id, 'shop', name, true, true, name, now() FROM party, unnest(ARRAY['buyer', 'user']) name
      RETURNING id, party_id, external_id`);
    const [buyer, user] = ['buyer', 'user'].map((name) => rows.find(({ external_id }) => external_id === name));
    const { rows: orders } = await client.query(
      `INSERT INTO aftercare.orders (source, number, customer_id, party_id, placed_at, accepted_at, currency, total, lines,
         fingerprint, playbook, playbook_hash, owner, stage)
       VALUES ('shop', '1', $1, $2, now(), now(), 'EUR', 10, '[]', 'f', 'standard', 'h', 'office', 'following') RETURNING id`,
      [buyer.id, buyer.party_id],
    );
    const [{ id }] = orders;
    await client.query(
      `INSERT INTO aftercare.answers (order_id, survey, nps, way, at)
       SELECT $1, survey, 3, way, now()
       FROM (VALUES ('nps', 'link'), ('csat', 'phone'), ('both', 'link'), ('none', 'link')) answered (survey, way)`,
      [id],
    );
    await client.query(
      `INSERT INTO aftercare.tokens (hash, purpose, order_id, customer_id, survey)
       SELECT survey || customer, 'survey', $1, customer, nullif(survey, 'nps')
       FROM (VALUES ('nps', $3::uuid), ('csat', $3), ('both', $3), ('both', $2::uuid)) mailed (survey, customer)`,
      [id, buyer.id, user.id],
    );
    return id;
  });
  const whose = (await answersAbout(store.db, [id])).map(({ answer, customer }) => [
    answer.survey,
    customer.externalId,
  ]);
  expect(Object.fromEntries(whose)).toEqual({ nps: 'user', csat: 'buyer', both: 'buyer', none: 'buyer' });
  await close();
});
