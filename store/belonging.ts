import { type SQL, sql } from 'drizzle-orm';
import type { LinkedBy } from '../domain/names.ts';
import type { Instant } from '../domain/time.ts';
import type { Store, Tx } from './database.ts';
import type { Customer } from './followUps.ts';
import { customers } from './schema.ts';

/** What a customer is recognised by. */
export type Marks = Pick<Customer, 'source' | 'companyId' | 'emailHash' | 'phoneHash'>;

/** Who looks for others of the same customer: a record there is, or one to come, which is in no party yet. */
export interface Seeker extends Marks {
  partyId: string | null;
  emailVerifiedAt: Instant | null;
  phoneVerifiedAt: Instant | null;
}

/** A party somebody belongs to by rule. */
export interface Home {
  partyId: string;
  by: LinkedBy;
}

/**
 * An address or number that more records have than anybody orders by as a guest is nobody's: a till's, or a
 * marketplace's.
 */
const MOST_RECORDS = 200;

/**
 * Takes turns on everything customers are recognised by, so that two records of one customer that come at the same
 * moment find each other. Always in the same order, so that nobody waits in a circle; before any party's lock.
 */
export async function lockMarks(tx: Tx, { source, companyId, emailHash, phoneHash }: Marks, more: string[] = []) {
  const keys = [companyId && `company ${source}/${companyId}`, emailHash, phoneHash, ...more].filter(Boolean);
  if (keys.length === 0) return;
  await tx.execute(sql`
    SELECT pg_advisory_xact_lock(key)
    FROM (SELECT DISTINCT hashtextextended(one, 1) AS key FROM unnest(${sql.param(keys)}::text[]) one ORDER BY key) keys`);
}

/** SQL: whether two rows of customers could be taken for one by any rule. */
export const isSame = (one: string, other: string) =>
  sql.raw(`(${other}.source = ${one}.source AND ${other}.company_id = ${one}.company_id
    OR ${other}.email_hash = ${one}.email_hash OR ${other}.phone_hash = ${one}.phone_hash)`);

/**
 * Where somebody belongs: with others of their company; and with who has the same address or number, where either is
 * known to be right because mail arrived there or somebody was reached. Not with who was taken apart by hand, and not
 * by address with another company of the same shop: whoever works for two is no merger.
 */
export async function homesOf(tx: Tx, seeker: Seeker): Promise<Home[]> {
  const { source, companyId, emailHash, phoneHash, partyId, emailVerifiedAt, phoneVerifiedAt } = seeker;
  const few = (where: SQL) =>
    sql`(SELECT count(*) FROM (SELECT FROM ${customers} WHERE ${where} LIMIT ${MOST_RECORDS + 1}) few) <= ${MOST_RECORDS}`;
  const same = (by: LinkedBy, nth: number, where: SQL) => sql`
    SELECT party_id, ${by}::text AS by, ${sql.raw(String(nth))} AS nth FROM ${customers}
    WHERE ${where} AND erased_at IS NULL AND party_id IS DISTINCT FROM ${partyId}::uuid`;
  const rules = [
    ...(companyId === null ? [] : [same('company', 1, sql`source = ${source} AND company_id = ${companyId}`)]),
    ...(emailHash === null
      ? []
      : [
          same(
            'email',
            2,
            sql`email_hash = ${emailHash} AND (${emailVerifiedAt !== null} OR email_verified_at IS NOT NULL)
              AND ${few(sql`email_hash = ${emailHash}`)}`,
          ),
        ]),
    ...(phoneHash === null
      ? []
      : [
          same(
            'phone',
            3,
            sql`phone_hash = ${phoneHash} AND (${phoneVerifiedAt !== null} OR phone_verified_at IS NOT NULL)
              AND ${few(sql`phone_hash = ${phoneHash}`)}`,
          ),
        ]),
  ];
  if (rules.length === 0) return [];
  const { rows: found } = await tx.execute<{ party_id: string; by: LinkedBy }>(sql`
    SELECT party_id, (array_agg(by ORDER BY nth))[1] AS by FROM (${sql.join(rules, sql` UNION ALL `)}) found
    GROUP BY party_id ORDER BY min(nth), party_id`);
  if (found.length === 0) return [];
  // Most are nobody's: only who is found is looked at closely.
  const ids = found.map(({ party_id }) => party_id);
  const me = sql`(SELECT source, company_id, email_hash, phone_hash, apart FROM ${customers}
      WHERE party_id = ${partyId}::uuid AND erased_at IS NULL
    UNION ALL SELECT ${source}, ${companyId}, ${emailHash}, ${phoneHash}, false WHERE ${partyId}::uuid IS NULL)`;
  const companiesIn = sql`coalesce(array_agg(DISTINCT source || ' ' || company_id) FILTER (WHERE company_id IS NOT NULL), '{}')`;
  const { rows } = await tx.execute<Looked & Record<string, unknown>>(sql`
    SELECT party_id AS id, ${companiesIn} AS companies, bool_or(apart) AS some_apart, bool_or(EXISTS (
      SELECT FROM ${me} mine WHERE (mine.apart OR theirs.apart) AND ${isSame('mine', 'theirs')})) AS from_me
    FROM ${customers} theirs WHERE party_id = ANY(${sql.param(ids)}::uuid[]) AND erased_at IS NULL GROUP BY party_id
    UNION ALL
    SELECT NULL, ${companiesIn}, coalesce(bool_or(apart), false), false FROM ${me} mine`);
  // Between the two questions all of a party may have come to another.
  if (rows.length <= found.length) return homesOf(tx, seeker);
  const all = rows.find(({ id }) => id === null)!;
  const homes: Home[] = [];
  for (const { party_id, by } of found) {
    const party = rows.find(({ id }) => id === party_id)!;
    if (party.from_me || (by !== 'company' && areOthers(all.companies, party.companies))) continue;
    // Where somebody was taken apart they come one by one: from whom is seen only when they have come.
    if (homes.length > 0 && (all.some_apart || party.some_apart)) continue;
    all.companies.push(...party.companies);
    all.some_apart ||= party.some_apart;
    homes.push({ partyId: party_id, by });
  }
  return homes;
}

/** What is seen of a party when it is looked at closely; of who looks, the id is null. */
interface Looked {
  id: string | null;
  /** Companies that are in it, each with its source. */
  companies: string[];
  /** Somebody in it was taken apart, or taken apart from who looks. */
  some_apart: boolean;
  from_me: boolean;
}

/** Whether two parties have different companies in one shop; each company comes after its source and a space. */
const areOthers = (mine: string[], theirs: string[]) => {
  const shop = (company: string) => company.slice(0, company.indexOf(' '));
  return theirs.some((one) => !mine.includes(one) && mine.some((other) => shop(other) === shop(one)));
};

/**
 * Customers who share a company, or an address or number that is known to be right, and are not all of one party; but for
 * those who were taken apart.
 */
export async function unlinkedGroups(store: Store): Promise<string[][]> {
  return store.db.transaction(async (tx) => {
    await tx.execute(sql`SET LOCAL statement_timeout = '10min'`);
    // The index tells which marks several have, and only who has one of these is looked at.
    const shared = (mark: string, several: string, known: string) =>
      sql.raw(`
        SELECT array_agg(id) AS ids FROM aftercare.customers
        WHERE (${mark}) IN (
            SELECT ${mark} FROM aftercare.customers WHERE (${mark}) IS NOT NULL GROUP BY ${mark} HAVING count(*) ${several})
          AND erased_at IS NULL AND NOT apart
        GROUP BY ${mark} HAVING min(party_id::text) <> max(party_id::text) AND ${known}`);
    const few = `BETWEEN 2 AND ${MOST_RECORDS}`;
    const { rows } = await tx.execute<{ ids: string[] }>(sql`
      ${shared('source, company_id', '> 1', 'true')} UNION ALL
      ${shared('email_hash', few, 'count(email_verified_at) > 0')} UNION ALL
      ${shared('phone_hash', few, 'count(phone_verified_at) > 0')}`);
    return rows.map(({ ids }) => ids);
  });
}

/** Whether customers are all of one party. */
export async function areOne(tx: Tx, ids: string[]): Promise<boolean> {
  const { rows } = await tx.execute<{ one: boolean }>(sql`
    SELECT count(DISTINCT party_id) = 1 AS one FROM ${customers} WHERE id = ANY(${sql.param(ids)}::uuid[])`);
  return rows[0].one;
}
