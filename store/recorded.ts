import { and, asc, eq, inArray, notInArray, sql } from 'drizzle-orm';
import { before } from '../domain/calendar.ts';
import { COMPLAINT_TOUCHES } from '../domain/complaint.ts';
import type { FollowUpEvent } from '../domain/followUp.ts';
import type { Colleague } from '../domain/load.ts';
import { NOT_DONE, type Playbook } from '../domain/playbook.ts';
import type { RecordedCustomer, RecordedOrder, RecordedParty } from '../domain/recorded.ts';
import type { Instant } from '../domain/time.ts';
import type { Setting } from '../domain/trial.ts';
import type { Store, Tx } from './database.ts';
import { hoursOf, personOf } from './followUps.ts';
import { playbookOf } from './playbooks.ts';
import {
  absences,
  customers,
  events,
  ledger,
  orders,
  productRhythms,
  purchases,
  settings,
  staff,
  suppressions,
  tasks,
  topFifths,
} from './schema.ts';

/** A time orders were placed in, both ends included. */
export interface Period {
  from: Instant;
  to: Instant;
}

/** What was recorded of the customers who placed orders in a time. */
export interface Recorded {
  /** How many orders were placed in it, and by which playbooks they went. */
  orders: number;
  playbooks: ReadonlySet<string>;
  /** How the house stands. */
  house: Omit<Setting, 'playbook' | 'isTried' | 'pieces' | 'from' | 'to'>;
  /** A page of customers at a time, each with all their orders. */
  parties(): AsyncGenerator<RecordedParty[]>;
}

const PAGE = 200;
const time = (at: Instant) => sql`${new Date(at).toISOString()}::timestamptz`;

/** The last year in which anything was recorded; null where there are no orders. */
export async function lastYear({ db, calendar }: Store, now: Instant): Promise<Period | null> {
  const ms = (column: string) => sql.raw(`(extract(epoch FROM ${column}) * 1000)::float8`);
  const { rows } = await db.execute<{ placed: number | null; happened: number | null }>(sql`
    SELECT (SELECT ${ms('max(placed_at)')} FROM ${orders}) AS placed,
      (SELECT ${ms('at')} FROM ${events} WHERE what <> 'history' ORDER BY id DESC LIMIT 1) AS happened`);
  const [{ placed, happened }] = rows;
  if (placed === null) return null;
  const to = Math.min(Math.max(placed, happened ?? 0), now);
  return { from: before(to, { amount: 1, unit: 'years' }, calendar.zone, calendar), to };
}

/** Reads what was recorded, all of it as it was at one moment; nothing is changed. */
export const readRecorded = <T>(store: Store, period: Period, work: (recorded: Recorded) => Promise<T>): Promise<T> =>
  store.db.transaction(async (tx) => work(await recordedIn(store, tx, period)), {
    isolationLevel: 'repeatable read',
    accessMode: 'read only',
  });

async function recordedIn(store: Store, tx: Tx, period: Period): Promise<Recorded> {
  const { calendar } = store;
  const [{ policy, quiet, tasksPerDay, defaultOwner }] = await tx.select().from(settings);
  const { rows: names } = await tx.execute<{ playbook: string; hash: string; orders: string }>(sql`
    SELECT playbook, playbook_hash AS hash, count(*) AS orders FROM ${orders} WHERE ${placedIn(period)} GROUP BY 1, 2`);
  const versions = new Map<string, Playbook>();
  for (const { hash } of names) versions.set(hash, await playbookOf(tx, hash));
  const people = await tx.select().from(staff);
  const away = await tx.select().from(absences);
  const working = new Map(
    people.map((one) => [
      one.handle,
      { ...hoursOf(one, calendar), away: away.filter(({ handle }) => handle === one.handle) },
    ]),
  );
  const least = await tx.select().from(topFifths);
  return {
    orders: names.reduce((sum, { orders: count }) => sum + Number(count), 0),
    playbooks: new Set(names.map(({ playbook }) => playbook)),
    house: {
      calendar,
      policy,
      quiet,
      topFifths: Object.fromEntries(least.map(({ currency, least }) => [currency, Number(least)])),
      versions,
      staff: people
        .filter(({ leftAt }) => leftAt === null)
        .map(
          (one): Colleague => ({
            handle: one.handle,
            team: one.team,
            perDay: one.tasksPerDay ?? tasksPerDay,
            tasks: {},
            opening: working.get(one.handle)!,
          }),
        ),
      fallback: defaultOwner,
      elsewhere: await workElsewhere(tx, period, calendar.zone),
    },
    parties: () => pages(store, tx, period, new Map(people.map((one) => [one.handle, hoursOf(one, calendar)]))),
  };
}

/** Work on complaints, and what managers hear of, goes its way whatever the playbook. */
const isOfThePlan = notInArray(tasks.reason, [...COMPLAINT_TOUCHES, 'complaint', NOT_DONE]);

const placedIn = ({ from, to }: Period) => sql`placed_at BETWEEN ${time(from)} AND ${time(to)}`;

/** Tasks about customers who placed no order in the time: they fill the same days. */
async function workElsewhere(tx: Tx, period: Period, zone: string): Promise<Setting['elsewhere']> {
  const { rows } = await tx.execute<{ owner: string; day: string; calls: string; tasks: string }>(sql`
    SELECT t.owner, (t.due_at AT TIME ZONE coalesce(s.zone, ${zone}))::date::text AS day,
      count(*) FILTER (WHERE t.kind = 'call') AS calls, count(*) AS tasks
    FROM ${tasks} t JOIN ${staff} s ON s.handle = t.owner JOIN ${orders} o ON o.id = t.order_id
    WHERE t.due_at BETWEEN ${time(period.from)} AND ${time(period.to)} AND t.status <> 'cancelled'
      AND NOT EXISTS (SELECT FROM ${orders} theirs WHERE theirs.party_id = o.party_id AND ${placedIn(period)})
    GROUP BY 1, 2`);
  return rows.map(({ calls, tasks: all, ...row }) => ({ ...row, calls: Number(calls), tasks: Number(all) }));
}

type Working = ReadonlyMap<string, RecordedOrder['colleague']>;

/** Parties in the order of their ids, by the index orders_party alone. */
async function* pages(store: Store, tx: Tx, period: Period, working: Working): AsyncGenerator<RecordedParty[]> {
  let last = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const { rows } = await tx.execute<{ id: string }>(sql`
      SELECT DISTINCT party_id AS id FROM ${orders}
      WHERE party_id > ${last} AND ${placedIn(period)} ORDER BY party_id LIMIT ${PAGE}`);
    if (rows.length === 0) return;
    const ids = rows.map(({ id }) => id);
    yield readParties(store, tx, ids, working);
    last = ids.at(-1)!;
  }
}

async function readParties(store: Store, tx: Tx, ids: string[], working: Working): Promise<RecordedParty[]> {
  const productDays = sql<number | null>`(
    SELECT min(days) FROM ${productRhythms} r JOIN ${purchases} bought ON bought.sku = r.sku
    WHERE bought.order_id = orders.id)`;
  const theirOrders = await tx
    .select({ order: orders, erasedAt: customers.erasedAt, productDays })
    .from(orders)
    .innerJoin(customers, eq(customers.id, orders.customerId))
    .where(inArray(orders.partyId, ids));
  const orderIds = theirOrders.map(({ order }) => order.id);
  const happened = await tx
    .select()
    .from(events)
    .where(inArray(events.orderId, orderIds))
    .orderBy(asc(events.orderId), asc(events.id));
  const people = await tx
    .select({ customer: customers, noMailSince: suppressions.at })
    .from(customers)
    .leftJoin(suppressions, eq(suppressions.addressHash, customers.emailHash))
    .where(inArray(customers.partyId, ids))
    .orderBy(asc(customers.createdAt), asc(customers.id));
  const silent = await tx
    .select({ id: customers.id })
    .from(customers)
    .innerJoin(suppressions, eq(suppressions.addressHash, customers.phoneHash))
    .where(inArray(customers.partyId, ids));
  const mails = await tx
    .select()
    .from(ledger)
    .where(and(inArray(ledger.partyId, ids), inArray(ledger.state, ['sending', 'sent', 'uncertain'])))
    .orderBy(asc(ledger.partyId), asc(ledger.claimedAt));
  const work = await tx
    .select()
    .from(tasks)
    .where(and(inArray(tasks.orderId, orderIds), isOfThePlan));

  const stories = grouped(happened, ({ orderId }) => orderId);
  const ordersOf = grouped(theirOrders, ({ order }) => order.partyId);
  const peopleOf = grouped(people, ({ customer }) => customer.partyId);
  const mailsOf = grouped(mails, ({ partyId }) => partyId);
  const workOf = grouped(work, ({ orderId }) => orderId);
  const unwanted = new Set(silent.map(({ id }) => id));
  return ids.map((id): RecordedParty => {
    const mine = ordersOf(id).map(({ order, erasedAt, productDays }): RecordedOrder => {
      const { customerId, placedAt, acceptedAt, currency, lines, owner, playbookHash } = order;
      return {
        id: order.id,
        source: order.source,
        number: order.number,
        customer: customerId,
        placedAt,
        acceptedAt,
        currency,
        total: Number(order.total),
        lines,
        owner,
        colleague: working.get(owner)!,
        playbook: playbookHash,
        isErased: erasedAt !== null,
        productDays,
        story: stories(order.id).map(eventOf),
      };
    });
    return {
      id,
      orders: mine,
      customers: peopleOf(id).map(({ customer, noMailSince }): RecordedCustomer => {
        const { id, email, phone, phoneWrong, phoneHash: number, companyId: company, role } = customer;
        // Whose orders were handed in later was there before.
        const placed = mine.filter((order) => order.customer === id).map(({ placedAt }) => placedAt);
        // A number that a call found to be wrong was right until that call.
        const foundOut = mine.some(({ story }) => story.some(({ why }) => why === 'wrong-number'));
        const hasPhone = phone !== null && (!phoneWrong || foundOut) && !unwanted.has(id);
        const refused = unwanted.has(id) ? [...customer.refused, 'service:phone', 'selling:phone'] : customer.refused;
        return {
          id,
          since: Math.min(customer.createdAt, ...placed),
          person: personOf({ ...customer, refused, email: email !== null, phone: hasPhone }, phone, store.calendar),
          noMailSince,
          number,
          company,
          role,
        };
      }),
      mails: mailsOf(id).map(({ orderId, touch, occurrence, purpose, asks, content, sentAt, claimedAt }) => ({
        order: orderId,
        at: sentAt ?? claimedAt,
        selling: purpose === 'selling',
        survey: asks ? `${orderId}#${touch}` : null,
        contact: `${orderId}#${touch}#${occurrence}`,
        content,
      })),
      tasks: mine.flatMap((order) =>
        workOf(order.id).map(({ kind, owner, madeAt, dueAt, status }) => {
          return { order: order.id, kind, owner, madeAt, dueAt, cancelled: status === 'cancelled' };
        }),
      ),
    };
  });
}

/** Rows by what they belong to. */
function grouped<Row>(rows: readonly Row[], key: (row: Row) => string): (of: string) => Row[] {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const group = found.get(key(row));
    if (group) group.push(row);
    else found.set(key(row), [row]);
  }
  return (of) => found.get(of) ?? [];
}

/** An event as the rules know it: what it does not say is not there. */
function eventOf({ what, at, touch, occurrence, why, text, data }: typeof events.$inferSelect): FollowUpEvent {
  return {
    what,
    at,
    ...(touch !== null && { touch }),
    ...(occurrence !== null && { occurrence }),
    ...(why !== null && { why }),
    ...(text !== null && { text }),
    ...(data != null && { data }),
  };
}
