import { and, desc, eq, type SQL, sql } from 'drizzle-orm';
import { after, before, type Calendar, isDemonstration } from '../domain/calendar.ts';
import { ORDERS_BACK } from '../domain/rhythm.ts';
import { DAY, type Instant, type Span } from '../domain/time.ts';
import { zoneOf } from '../domain/zones.ts';
import type { Store, Tx } from './database.ts';
import { PAGE, pageOf, readValue, writeCursor } from './pages.ts';
import { playbookOf } from './playbooks.ts';
import { customers, orders, overdue, playbooks, productRhythms, purchases } from './schema.ts';

/** Where customers are, as one text to join by. A number's beginning tells its country. */
const PLACE = sql.raw(`concat(time_zone, '|', country, '|',
  CASE WHEN time_zone IS NULL AND country IS NULL THEN left(phone, 7) END)`);

/**
 * Counts anew who has no open follow-up, and when their next order is expected: by their own rhythm, else by the
 * product's median, else by the playbook, as {@link expectedNext} says it. In one statement, since it goes over all
 * orders. Who wants no contact at all is left out.
 */
export async function countOverdue(store: Store, now: Instant): Promise<void> {
  await store.db.transaction(async (tx) => {
    // One at a time, wherever it is asked for; who comes second has nothing to do.
    const { rows } = await tx.execute<{ mine: boolean }>(sql`SELECT pg_try_advisory_xact_lock(4282) AS mine`);
    if (!rows[0].mine) return;
    await tx.execute(sql`SET LOCAL statement_timeout = '10min'`);
    await tx.delete(overdue);
    await tx.execute(
      counting(store.calendar, await zonesOf(tx, store.calendar), await spansOf(tx, store.calendar, now), now),
    );
  });
}

function counting(calendar: Calendar, zones: Zone[], spans: NextOrder[], now: Instant): SQL {
  const { dayMs } = calendar;
  const short = isDemonstration(calendar);
  const fallback = zones.find(({ place }) => place === null)!.zone;
  const day = short
    ? sql`floor(extract(epoch FROM at) * 1000 / ${dayMs})`
    : sql`(at AT TIME ZONE zone)::date - date '1970-01-01'`;
  const later = (span: SQL) =>
    short ? sql`placed[1] + ${span}` : sql`(placed[1] AT TIME ZONE zone + ${span}) AT TIME ZONE zone`;
  const aDay = short ? `${dayMs} milliseconds` : '1 day';
  // Arrays and not joins over the orders: right after an import PostgreSQL does not know yet how many there are.
  return sql`
    WITH zones AS (SELECT * FROM json_to_recordset(${JSON.stringify(zones)}) AS z(place text, zone text)),
    spans AS (SELECT * FROM json_to_recordset(${JSON.stringify(spans)}) AS s(playbook text, span interval)),
    silent AS (
      SELECT party_id, count(*) FILTER (WHERE counts) AS orders,
        (array_agg(id ORDER BY placed_at DESC, source DESC, number DESC) FILTER (WHERE counts))[1] AS last,
        (array_agg(placed ORDER BY placed DESC) FILTER (WHERE counts))[1:${sql.raw(String(ORDERS_BACK))}] AS placed,
        array_agg(total) FILTER (WHERE counts) AS totals, array_agg(currency) FILTER (WHERE counts) AS currencies
      FROM (SELECT *, ${sql.raw(short ? 'accepted_at' : 'placed_at')} AS placed,
              paid_at IS NOT NULL AND NOT fell_away AS counts FROM ${orders}) o
      GROUP BY party_id HAVING NOT bool_or(stage NOT IN ('history', 'ended'))),
    known AS (
      SELECT silent.*, o.customer_id, o.currency, o.playbook, coalesce(zones.zone, ${fallback}) AS zone
      FROM silent JOIN ${orders} o ON o.id = last AND o.stage = 'history'
        JOIN ${customers} c ON c.id = o.customer_id AND c.erased_at IS NULL AND (c.service OR c.selling)
        LEFT JOIN zones ON zones.place = ${PLACE}),
    rhythms AS MATERIALIZED (
      SELECT known.*, (
        SELECT sum(each.total) FROM unnest(totals, currencies) AS each(total, currency)
        WHERE each.currency = known.currency) AS value, (
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY gap)
        FROM (SELECT (day - lag(day) OVER (ORDER BY day))::float8 AS gap
              FROM (SELECT DISTINCT ${day} AS day FROM unnest(CASE WHEN orders > 2 THEN placed END) AS at) days) gaps
        WHERE gap IS NOT NULL HAVING count(*) > 1) AS own
      FROM known),
    usual AS MATERIALIZED (
      SELECT rhythms.*, coalesce(own, (
        SELECT min(r.days) FROM ${purchases} p JOIN ${productRhythms} r ON r.sku = p.sku WHERE p.order_id = last)) AS days
      FROM rhythms),
    expected AS (
      SELECT usual.*, span, CASE WHEN days IS NOT NULL THEN greatest(1, floor(days + 0.5))::integer END AS every
      FROM usual LEFT JOIN spans USING (playbook))
    INSERT INTO ${overdue}
      (party_id, customer_id, order_id, expected_at, every_days, by, orders, value, currency, counted_at)
    SELECT party_id, customer_id, last, at,
      CASE WHEN at IS NOT NULL
           THEN coalesce(every, greatest(1, round(extract(epoch FROM at - placed[1]) * 1000 / ${dayMs}))) END,
      CASE WHEN own IS NOT NULL THEN 'rhythm' WHEN every IS NOT NULL THEN 'product' WHEN at IS NOT NULL THEN 'playbook' END,
      orders, value, currency, ${new Date(now).toISOString()}
    FROM expected, LATERAL (SELECT ${later(sql`coalesce(every * ${aDay}::interval, span)`)} AS at) found`;
}

interface Zone {
  /** Null: everywhere else. */
  place: string | null;
  zone: string;
}

/** The zones customers are in, as the rules take them to be; only such as PostgreSQL knows too. */
async function zonesOf(tx: Tx, calendar: Calendar): Promise<Zone[]> {
  const { rows } = await tx.execute<Record<'place' | 'timeZone' | 'country' | 'phone', string>>(sql`
    SELECT ${PLACE} AS place, min(time_zone) AS "timeZone", min(country) AS country, min(phone) AS phone
    FROM ${customers} GROUP BY 1`);
  const found: Zone[] = [...rows, { place: null, timeZone: null, country: null, phone: null }].map(
    ({ place, ...whereabouts }) => ({ place, zone: zoneOf(whereabouts, calendar.zone) }),
  );
  const names = [...new Set(found.map(({ zone }) => zone))];
  const known = await tx.execute<{ name: string }>(sql`
    SELECT name FROM pg_timezone_names WHERE name IN (SELECT json_array_elements_text(${JSON.stringify(names)}))`);
  const usable = new Set(known.rows.map(({ name }) => name));
  const company = usable.has(calendar.zone) ? calendar.zone : 'UTC';
  return found.map(({ place, zone }) => ({ place, zone: usable.has(zone) ? zone : company }));
}

interface NextOrder {
  playbook: string;
  /** As PostgreSQL reads an interval. */
  span: string;
}

/** When each playbook expects the next order, by its newest version. */
async function spansOf(tx: Tx, calendar: Calendar, now: Instant): Promise<NextOrder[]> {
  const versions = await tx.select().from(playbooks).orderBy(playbooks.addedAt);
  const newest = new Map(versions.map(({ name, hash }) => [name, hash]));
  const spans: NextOrder[] = [];
  for (const [playbook, hash] of newest) {
    const { nextOrderAfter } = await playbookOf(tx, hash);
    if (nextOrderAfter) spans.push({ playbook, span: interval(nextOrderAfter, calendar, now) });
  }
  return spans;
}

function interval(span: Span, calendar: Calendar, now: Instant): string {
  if (isDemonstration(calendar)) return `${after(0, span, 'UTC', calendar)} milliseconds`;
  if (span.unit !== 'business days') return `${span.amount} ${span.unit}`;
  // PostgreSQL knows none: as many days as they come to now.
  return `${Math.round((now - before(now, span, calendar.zone, calendar)) / DAY)} days`;
}

const joined = (store: Store) =>
  store.db
    .select({ overdue, customer: customers, order: orders })
    .from(overdue)
    .innerJoin(customers, eq(customers.id, overdue.customerId))
    .innerJoin(orders, eq(orders.id, overdue.orderId));

export type OverdueRow = Awaited<ReturnType<typeof joined>>[number];

/** Who is overdue as of the last count, by value in one currency, the highest first; a page at a time (overdue_list). */
export async function listOverdue(store: Store, currency: string, cursor?: string, limit = PAGE) {
  const [value, partyId] = cursor ? readValue(cursor) : [];
  const rows = await joined(store)
    .where(
      and(
        eq(overdue.currency, currency),
        sql`${overdue.expectedAt} <= ${overdue.countedAt}`,
        value === undefined
          ? undefined
          : sql`(${overdue.value}, ${overdue.partyId}) < (${value}::numeric, ${partyId}::uuid)`,
        // Who ordered since the count, or is followed again, is not silent.
        sql`NOT EXISTS (SELECT FROM ${orders} open WHERE open.party_id = ${overdue.partyId}
          AND open.stage NOT IN ('history', 'ended'))`,
      ),
    )
    .orderBy(desc(overdue.value), desc(overdue.partyId))
    .limit(limit + 1);
  return pageOf(rows, ({ overdue }) => writeCursor(overdue.value, overdue.partyId), limit);
}

/** What the last count found in one currency. */
export interface Silence {
  currency: string;
  /** Customers without an open follow-up. */
  customers: number;
  /** Of these, whose next order should have come by then, and whose is not expected by anything that is known. */
  overdue: number;
  unknown: number;
  /** What the overdue have bought for. */
  value: string;
  countedAt: Instant;
}

/** What the last count found, by currency, the one with the most overdue customers first. */
export async function silences(store: Store): Promise<Silence[]> {
  const late = sql`FILTER (WHERE expected_at <= counted_at)`;
  const { rows } = await store.db.execute<Record<keyof Silence, string>>(sql`
    SELECT currency, count(*) AS customers, count(*) ${late} AS overdue, count(*) FILTER (WHERE expected_at IS NULL) AS unknown,
      coalesce(sum(value) ${late}, 0) AS value, extract(epoch FROM max(counted_at)) * 1000 AS "countedAt"
    FROM ${overdue} GROUP BY currency ORDER BY count(*) ${late} DESC, count(*) DESC, currency`);
  return rows.map(({ currency, value, ...figures }) => ({
    currency,
    value,
    customers: Number(figures.customers),
    overdue: Number(figures.overdue),
    unknown: Number(figures.unknown),
    countedAt: Number(figures.countedAt),
  }));
}
