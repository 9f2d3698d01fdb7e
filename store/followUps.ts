import { eq, type SQL, sql } from 'drizzle-orm';
import { expectedOrder } from '../domain/anchors.ts';
import { BUSINESS_WEEK, type Calendar } from '../domain/calendar.ts';
import { COMPLAINANT, dueOfComplaint, nextOfComplaint } from '../domain/complaintSteps.ts';
import { decide, type Next } from '../domain/decide.ts';
import { evolve, type FollowUp, type FollowUpEvent, followUpOf } from '../domain/followUp.ts';
import type { BestTime, Channel } from '../domain/order.ts';
import { dueNow } from '../domain/plan.ts';
import { MAIL_COUNTS_DAYS } from '../domain/policy.ts';
import { ORDERS_BACK } from '../domain/rhythm.ts';
import type { TaskKind } from '../domain/task.ts';
import type { Party, Person, Terms } from '../domain/terms.ts';
import type { Instant } from '../domain/time.ts';
import { zoneOf } from '../domain/zones.ts';
import { referralCameOut } from './attribution.ts';
import { keepComplaints } from './complaintRows.ts';
import { refresh, type Store, type Tx } from './database.ts';
import { playbookOf } from './playbooks.ts';
import {
  complaints,
  customers,
  events,
  ledger,
  orders,
  outbox,
  parties,
  productRhythms,
  purchases,
  referrals,
  settings,
  staff,
  suppressions,
  tasks,
  taskTouches,
  topFifths,
} from './schema.ts';
import type { Colleague } from './staff.ts';

export type Order = typeof orders.$inferSelect;
export type Customer = typeof customers.$inferSelect;

/** An order with all the rules need, under its party's lock while it is being changed. */
export interface Sale {
  order: Order;
  customer: Customer;
  owner: Colleague;
  events: FollowUpEvent[];
  /** Of these, the ones that are still to be written. */
  unwritten: FollowUpEvent[];
  followUp: FollowUp;
  terms: Terms;
  /** Others of the customer's company who may be contacted instead, by the part they have in the purchase. */
  recipients: Record<string, string>;
  /** The version of the customer's row that was read. */
  customerVersion: string;
}

/** Thrown inside `change` by an order that is not there (any more). */
export class NoSuchOrder extends Error {}

// One query brings all of a sale: it is read at every step of every follow-up.
const happened = sql<FollowUpEvent[]>`(
  SELECT json_agg(json_strip_nulls(json_build_object('what', what, 'at', (extract(epoch FROM at) * 1000)::bigint,
    'touch', touch, 'occurrence', occurrence, 'why', why, 'text', text, 'data', data)) ORDER BY id)
  FROM ${events} WHERE order_id = orders.id)`;
const onTheWay = sql<Record<string, Instant> | null>`(
  SELECT json_object_agg(touch || '#' || occurrence, (extract(epoch FROM claimed_at) * 1000)::bigint)
  FROM ${ledger} WHERE order_id = orders.id AND state = 'sending')`;
const ms = (time: string) => sql.raw(`(extract(epoch FROM ${time}) * 1000)::bigint`);
const isSuppressed = (hash: string) => sql`EXISTS (SELECT FROM ${suppressions} WHERE address_hash = ${sql.raw(hash)})`;
const suppressed = sql<{ email: boolean; phone: boolean }>`json_build_object(
  'email', ${isSuppressed('customers.email_hash')}, 'phone', ${isSuppressed('customers.phone_hash')})`;

/** What the rules need of a party, and what has to be turned into it here. */
interface PartyRow extends Omit<Party, 'topFifth' | 'currency' | 'total' | 'mails' | 'placed'> {
  placed: Instant[] | null;
  all: number;
  least: number | null;
  mails: Party['mails'] | null;
}

/** Mails that count: gone, on their way, or about to go. */
export const countedMails = (partyId: SQL, of: string) =>
  sql`${sql.raw(of)}.party_id = ${partyId} AND ${sql.raw(`${of}.state IN ('claimed', 'sending', 'sent', 'uncertain')
    AND ${of}.claimed_at > now() - interval '${MAIL_COUNTS_DAYS} days'`)}`;

// One pass over the party's orders; times are those of the demonstration in a demonstration.
const party = sql<PartyRow>`(
  SELECT json_build_object(
    'nth', count(*) FILTER (WHERE earlier),
    'value', coalesce(sum(total) FILTER (WHERE earlier AND currency = orders.currency), 0),
    'all', coalesce(sum(total) FILTER (WHERE currency = orders.currency), 0),
    'placed', (array_agg(${ms('placed')} ORDER BY placed DESC) FILTER (WHERE earlier))[1:${sql.raw(String(ORDERS_BACK))}],
    'complaint', coalesce(bool_or(stage = 'complaint' AND id <> orders.id), false),
    'least', (SELECT least FROM ${topFifths} top WHERE top.currency = orders.currency),
    'productDays', (SELECT min(days) FROM ${productRhythms} r JOIN ${purchases} bought ON bought.sku = r.sku
                    WHERE bought.order_id = orders.id),
    'mails', (SELECT json_agg(json_build_object('at', ${ms('coalesce(sent_at, claimed_at)')},
                'selling', purpose = 'selling', 'survey', CASE WHEN asks THEN order_id || '#' || touch END,
                'contact', order_id || '#' || touch || '#' || occurrence))
              FROM ${ledger} l WHERE ${countedMails(sql.raw('orders.party_id'), 'l')}))
  FROM (
    SELECT p.*, CASE WHEN settings.day_seconds < 86400 THEN p.accepted_at ELSE p.placed_at END AS placed,
      p.id = orders.id OR p.paid_at IS NOT NULL
        AND (p.placed_at, p.source, p.number) < (orders.placed_at, orders.source, orders.number) AS earlier
    FROM ${orders} p WHERE p.party_id = orders.party_id AND NOT p.fell_away) p)`;

/** Somebody else of the same company, as far as the rules go. */
interface Member {
  id: string;
  service: boolean;
  selling: boolean;
  refused: string[];
  email: boolean;
  phone: boolean;
  number: string | null;
  preferences: { channel?: Channel; bestTime?: BestTime };
  timeZone: string | null;
  country: string | null;
}

// The last to come of each role, nobody being asked for but where there is a company; and whoever else complained.
const members = sql<Record<string, Member> | null>`(
  SELECT json_object_agg(as_role, json_build_object('id', id, 'service', service, 'selling', selling, 'refused', refused,
    'email', email IS NOT NULL AND NOT ${isSuppressed('c.email_hash')},
    'phone', phone IS NOT NULL AND NOT phone_wrong AND NOT ${isSuppressed('c.phone_hash')},
    'number', phone, 'preferences', preferences, 'timeZone', time_zone, 'country', country))
  FROM ((SELECT DISTINCT ON (lower(c.role)) lower(c.role) AS as_role, c.*
         FROM ${customers} c
         WHERE customers.company_id IS NOT NULL AND c.party_id = customers.party_id
           AND c.company_id = customers.company_id AND c.role IS NOT NULL AND c.erased_at IS NULL
         ORDER BY lower(c.role), c.created_at DESC)
        UNION ALL
        SELECT ${COMPLAINANT} || open.number, c.*
        FROM ${complaints} open JOIN ${customers} c ON c.id = open.customer_id
        WHERE open.order_id = orders.id AND open.closed_at IS NULL AND open.customer_id <> orders.customer_id) c)`;
// Whom they brought, and what speaks by now against thanking whoever brought them.
const referred = sql<{
  earned: Terms['referrals']['earned'] | null;
  against: Terms['referrals']['against'];
}>`json_build_object(
  'earned', (SELECT json_agg(json_build_object('id', r.id, 'reward', r.reward, 'given', r.given_at IS NOT NULL)
               ORDER BY r.earned_at, r.id)
             FROM ${referrals} r
             WHERE r.referrer_id = orders.customer_id AND r.thanks_order_id = orders.id AND r.state = 'earned'),
  'against', (SELECT CASE WHEN by.erased_at IS NOT NULL THEN 'erased' WHEN by.party_id = orders.party_id THEN 'self' END
              FROM ${customers} by WHERE by.id = orders.referred_by))`;
const customerVersion = sql<string>`customers.xmin::text`;
const saleColumns = {
  order: orders,
  customer: customers,
  owner: staff,
  settings,
  happened,
  onTheWay,
  suppressed,
  party,
  members,
  referred,
  customerVersion,
};

/** Takes the lock on a customer's party: whatever changes any order of theirs comes one by one. The party's id. */
export async function lockParty(tx: Tx, customerId: string): Promise<string> {
  for (;;) {
    const { rows } = await tx.execute<{ id: string }>(sql`
      SELECT id FROM ${parties} WHERE id = (SELECT party_id FROM ${customers} WHERE id = ${customerId}) FOR UPDATE`);
    // While it was waited for, they may have come to another.
    const [{ partyId }] = await tx
      .select({ partyId: customers.partyId })
      .from(customers)
      .where(eq(customers.id, customerId));
    if (rows[0]?.id === partyId) return partyId;
  }
}

/** Reads a sale; to change it, hold its party's lock. */
export async function loadSale(store: Store, tx: Tx, orderId: string): Promise<Sale> {
  const [row] = await tx
    .select(saleColumns)
    .from(orders)
    .innerJoin(customers, eq(customers.id, orders.customerId))
    .innerJoin(staff, eq(staff.handle, orders.owner))
    .innerJoin(settings, eq(settings.id, 1))
    .where(eq(orders.id, sql.placeholder('id')))
    // Planned once a connection.
    .prepare('load_sale')
    .execute({ id: orderId });
  if (!row) throw new NoSuchOrder(orderId);
  const { order, customer, owner, happened, onTheWay, suppressed, party, referred, customerVersion } = row;
  // What is true of the whole house may have been changed by another part of it.
  refresh(store, row.settings);
  const members = row.members ?? {};
  return {
    order,
    customer,
    owner,
    events: happened,
    unwritten: [],
    followUp: followUpOf(happened),
    recipients: Object.fromEntries(Object.entries(members).map(([role, { id }]) => [role, id])),
    customerVersion,
    terms: {
      playbook: await playbookOf(tx, order.playbookHash),
      calendar: store.calendar,
      seed: order.id,
      onTheWay: onTheWay ?? {},
      person: personOf(
        {
          ...customer,
          // Whoever wants no calls on a number gets none, also where a colleague could find another.
          refused: suppressed.phone ? [...customer.refused, 'service:phone', 'selling:phone'] : customer.refused,
          email: customer.email !== null && !suppressed.email,
          phone: customer.phone !== null && !customer.phoneWrong && !suppressed.phone,
        },
        customer.phone,
        store.calendar,
      ),
      people: Object.fromEntries(
        Object.entries(members).map(([role, member]) => [role, personOf(member, member.number, store.calendar)]),
      ),
      party: partyOf(party, order),
      policy: row.settings.policy,
      quiet: row.settings.quiet,
      referrals: { ...referred, earned: referred.earned ?? [] },
      reviewPage: row.settings.reviewUrl,
      pauses: { everything: row.settings.pausedUntil, customer: customer.pausedUntil },
      colleague: hoursOf(owner, store.calendar),
    },
  };
}

/** When a colleague works; the company's hours where they have none of their own. Days away are seen to elsewhere. */
export const hoursOf = ({ zone, week }: Pick<Colleague, 'zone' | 'week'>, calendar: Calendar) => ({
  zone: zone ?? calendar.zone,
  week: week ?? calendar.week ?? BUSINESS_WEEK,
  place: calendar.place,
  away: [],
});

function partyOf({ all, least, placed, mails, ...row }: PartyRow, { currency, total }: Order): Party {
  return {
    ...row,
    value: Number(row.value),
    total: Number(total),
    currency,
    placed: (placed ?? []).reverse(),
    topFifth: least !== null && Number(all) >= Number(least),
    mails: mails ?? [],
  };
}

/** Somebody as the rules see them; `number` may tell their zone. */
export const personOf = (who: Omit<Member, 'id' | 'number'>, number: string | null, calendar: Calendar): Person => {
  const { service, selling, refused, email, phone, preferences, timeZone, country } = who;
  const by = (purpose: 'service' | 'selling', agreed: boolean) => ({
    email: agreed && !refused.includes(`${purpose}:email`),
    phone: agreed && !refused.includes(`${purpose}:phone`),
  });
  return {
    consent: { service: by('service', service), selling: by('selling', selling) },
    email,
    phone,
    prefers: preferences.channel ?? null,
    bestTime: preferences.bestTime ?? null,
    zone: zoneOf({ timeZone, country, phone: number }, calendar.zone),
    place: country === null ? null : { country, region: null },
  };
};

/** What happened on an order, in the order in which it became known. */
export async function storyOf(tx: Tx, orderId: string): Promise<FollowUpEvent[]> {
  const [row] = await tx.select({ happened }).from(orders).where(eq(orders.id, orderId));
  return row.happened;
}

/** What a change may do to a sale; everything it says is written in the one transaction around it. */
export interface Change {
  tx: Tx;
  sale: Sale;
  /** Adds to the story; an event whose `externalId` is known already is not added again, and false is returned. */
  note(event: FollowUpEvent, externalId?: string): Promise<boolean>;
}

/**
 * Changes a follow-up: takes its party's lock, lets `work` add what happened, decides what comes of it, writes both
 * down, and returns what is next. This is the only way a follow-up changes.
 */
export async function change(
  store: Store,
  orderId: string,
  now: Instant,
  work: (change: Change) => Promise<void> | void = () => {},
): Promise<Next> {
  return store.db.transaction(async (tx) => {
    // The lock comes first: what is read before it may be stale.
    const sale = await loadLocked(store, tx, orderId);
    await work({ tx, sale, note: (event, externalId) => add(tx, sale, event, externalId) });
    return settle(tx, sale, now);
  });
}

/** Takes the lock of an order's party and reads the sale. */
export async function loadLocked(store: Store, tx: Tx, orderId: string): Promise<Sale> {
  const { rows } = await tx.execute<{ id: string }>(sql`
    SELECT id FROM ${parties} WHERE id = (SELECT party_id FROM ${orders} WHERE id = ${orderId}) FOR UPDATE`);
  const sale = await loadSale(store, tx, orderId);
  // While it was waited for, the customer may have come to another party.
  return rows[0]?.id === sale.order.partyId ? sale : loadLocked(store, tx, orderId);
}

/**
 * Lets an event have its effect on the sale in hand; `settle` writes it. One with a sender's id is written at once, for
 * only that shows whether it is known.
 */
export async function add(tx: Tx, sale: Sale, event: FollowUpEvent, externalId?: string): Promise<boolean> {
  if (externalId === undefined) sale.unwritten.push(event);
  else {
    await writeDown(tx, sale);
    const row = { orderId: sale.order.id, externalId, ...event };
    const written = await tx.insert(events).values(row).onConflictDoNothing().returning({ id: events.id });
    if (written.length === 0) return false;
  }
  sale.events.push(event);
  evolve(sale.followUp, event);
  return true;
}

async function writeDown(tx: Tx, sale: Sale) {
  const rows = sale.unwritten.splice(0).map((event) => ({ orderId: sale.order.id, ...event }));
  if (rows.length > 0) await tx.insert(events).values(rows);
}

/** Decides what comes next and writes it down: the story's additions, tasks taken back, where the order stands. */
export async function settle(tx: Tx, sale: Sale, now: Instant): Promise<Next> {
  const { order, followUp, terms } = sale;
  const open = followUp.complaints.filter(({ due }) => due);
  const seenTo = open.flatMap(({ number }) => nextOfComplaint(followUp, number, terms, now).record);
  // What becomes of a complaint decides what comes of the follow-up.
  const { record: decided, next, contact } = decide(followUp, terms, now);
  const record = [...seenTo, ...decided];
  sale.unwritten.push(...record);
  sale.events.push(...record);
  await writeDown(tx, sale);
  for (const event of record) {
    if (event.what === 'task-cancelled') await takeBack(tx, order.id, event, null, now);
    const brought = event.what === 'referral-earned' || event.what === 'referral-refused';
    const thanks = brought ? await referralCameOut(tx, order.id, event) : null;
    // They look for it themselves, under the lock of their own party.
    if (thanks !== null) await poke(tx, thanks);
  }
  await keepComplaints(tx, order, followUp.complaints, now);
  const { stage: stoodAt } = order;
  const stands = {
    stage: next.stage,
    outcome: followUp.outcome,
    score: followUp.score,
    paidAt: order.paidAt ?? followUp.paidAt,
    nextTouch: contact?.touch ?? null,
    nextDueAt: contact?.dueAt ?? null,
    brake: contact?.brake ?? null,
    expectedAt: followUp.history || followUp.endedAt !== null ? null : (expectedOrder(followUp, terms)?.at ?? null),
  };
  if (Object.entries(stands).some(([name, value]) => order[name as keyof Order] !== value)) {
    await tx.update(orders).set(stands).where(eq(orders.id, order.id));
    Object.assign(order, stands);
  }
  // A complaint holds up the party's other orders too, and its end lets them go on.
  if ((stoodAt === 'complaint') !== (next.stage === 'complaint')) await pokeOthers(tx, order);
  return { ...next, last: inWords(sale.events.at(-1)!) };
}

const pokeOthers = (tx: Tx, { id, partyId }: Order) =>
  tx.execute(sql`
    INSERT INTO ${outbox} (order_id, start)
    SELECT id, false FROM ${orders} WHERE party_id = ${partyId} AND id <> ${id} AND stage NOT IN ('history', 'ended')`);

/** An event in a few words, for the Temporal UI: never what a person wrote. */
export const inWords = ({ what, touch, occurrence, why }: FollowUpEvent) =>
  [what, touch && `${touch} #${occurrence}`, why].filter(Boolean).join(' ');

/** The contact of the plan or of a complaint under this name, if its time has come and nothing speaks against it. */
export const dueContact = ({ followUp, terms }: Sale, now: Instant, touch: string, occurrence: string) =>
  dueNow(followUp, terms, now, touch, occurrence) ?? dueOfComplaint(followUp, terms, now, touch, occurrence);

/** A touch no longer needs its task: the task is cancelled, unless another order's touch still needs it. */
export async function takeBack(
  tx: Tx,
  orderId: string,
  { touch, occurrence, why }: Pick<FollowUpEvent, 'touch' | 'occurrence' | 'why'>,
  kind: TaskKind | null,
  now: Instant,
) {
  await tx.execute(sql`
    WITH gone AS (
      DELETE FROM ${taskTouches}
      WHERE order_id = ${orderId} AND touch = ${touch} AND occurrence = ${occurrence}
        AND task_id IN (SELECT id FROM ${tasks} WHERE status = 'open' AND (${kind}::text IS NULL OR kind = ${kind}))
      RETURNING task_id
    )
    UPDATE ${tasks} SET status = 'cancelled', note = ${why}, done_at = ${new Date(now).toISOString()}
    WHERE id IN (SELECT task_id FROM gone)
      AND NOT EXISTS (
        SELECT FROM ${taskTouches} other
        WHERE other.task_id = tasks.id
          AND NOT (other.order_id = ${orderId} AND other.touch = ${touch} AND other.occurrence = ${occurrence}))`);
}

/** Asks for a run of the order's follow-up, or for the one there is to look again; its open complaints' look too. */
export async function poke(tx: Tx, orderId: string, start = false): Promise<void> {
  await tx.execute(sql`
    INSERT INTO ${outbox} (order_id, complaint_id, start)
    SELECT ${orderId}::uuid, NULL::uuid, ${start}::boolean
    UNION ALL SELECT order_id, id, false FROM ${complaints} WHERE order_id = ${orderId} AND closed_at IS NULL`);
}
