import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  customType,
  date,
  doublePrecision,
  index,
  integer,
  jsonb,
  numeric,
  pgSchema,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { BUSINESS_WEEK, type Week } from '../domain/calendar.ts';
import type { Want } from '../domain/complaint.ts';
import type { Brake, FollowUpEvent, FollowUpOutcome, Stage } from '../domain/followUp.ts';
import type { ReportedEvent } from '../domain/messages.ts';
import type { LinkedBy } from '../domain/names.ts';
import type { OrderLine, Preferences } from '../domain/order.ts';
import type { Purpose } from '../domain/playbook.ts';
import { type ContactPolicy, STANDARD_POLICY } from '../domain/policy.ts';
import type { ReferralState } from '../domain/referral.ts';
import type { ReturnEnd, ReturnKind } from '../domain/returns.ts';
import type { Expected } from '../domain/rhythm.ts';
import type { TaskKind, Outcome as TaskOutcome, TaskStatus } from '../domain/task.ts';
import { QUIET, type Terms } from '../domain/terms.ts';

/** All of it lives in a schema of its own, so that Aftercare can share a database. */
export const aftercare = pgSchema('aftercare');

/** timestamptz, as the domain's instants: milliseconds since the epoch. */
const instant = customType<{ data: number; driverData: string }>({
  dataType: () => 'timestamp (3) with time zone',
  toDriver: (value) => new Date(value).toISOString(),
  fromDriver: (value) => Date.parse(value),
});

/** One row: what is true of the whole house. */
export const settings = aftercare.table('settings', {
  id: integer().primaryKey().default(1),
  company: text().notNull().default('Our company'),
  zone: text().notNull().default('UTC'),
  /** Whose public holidays the company has; null: none are known. */
  country: text(),
  region: text(),
  /** Business hours, Monday first. */
  week: jsonb().$type<Week>().notNull().default(BUSINESS_WEEK),
  /** When mail and calls may reach anybody, in their own time. */
  quiet: jsonb().$type<Terms['quiet']>().notNull().default(QUIET),
  /** How often mail may go to a customer. */
  policy: jsonb().$type<ContactPolicy>().notNull().default(STANDARD_POLICY),
  /** How many tasks a colleague gets a day where they have no limit of their own; null: as many as come. */
  tasksPerDay: integer().default(30),
  /** Everything waits until then, for the reason given. */
  pausedUntil: instant(),
  pausedWhy: text(),
  mailFrom: text().notNull().default('aftercare@localhost.localdomain'),
  defaultOwner: text().notNull().default('office'),
  /** Who hears what colleagues without a manager of their own did not do; null: the default owner. */
  manager: text(),
  /** Where satisfied customers may speak of the company in public; null: nowhere. */
  reviewUrl: text(),
  /** What a customer gets whose friend has bought, in the words of the mail; empty: thanks alone. */
  reward: text().notNull().default(''),
  /** Countries where selling needs an explicit yes; elsewhere a customer's details may be used until they object. */
  askFirstIn: text().array().notNull().default([]),
  /** Signs what must not be guessed; made at the first start. */
  secret: text().notNull(),
  /** How long a day lasts in this database, in seconds. */
  daySeconds: integer().notNull(),
});

/** Who owns follow-ups and tasks. */
export const staff = aftercare.table('staff', {
  handle: text().primaryKey(),
  name: text().notNull(),
  email: text().unique(),
  phone: text(),
  team: text(),
  /** What they are allowed, by the playbooks' remedies. */
  role: text().notNull().default('salesperson'),
  /** The handle of whom they report to; null: the company's manager. */
  manager: text(),
  /** Their own time zone and hours; null: the company's. */
  zone: text(),
  week: jsonb().$type<Week>(),
  tasksPerDay: integer(),
  /** They have left; who took over. */
  leftAt: instant(),
  successor: text(),
});

/** When a colleague is away, and who stands in. */
export const absences = aftercare.table(
  'absences',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    handle: text()
      .notNull()
      .references(() => staff.handle),
    from: date({ mode: 'string' }).notNull(),
    /** The last day away. */
    to: date({ mode: 'string' }).notNull(),
    standIn: text().references(() => staff.handle),
  },
  (table) => [index('absences_handle').on(table.handle, table.to)],
);

/** Salespeople that orders named and nobody has added: their orders go to the default owner. */
export const unknownSalespeople = aftercare.table('unknown_salespeople', {
  /** The address, else the name, in small letters. */
  key: text().primaryKey(),
  name: text(),
  email: text(),
  lastAt: instant().notNull(),
});

/**
 * All that is one customer to us: a person, the records of them in several shops, and the people of a company. Orders
 * are followed, mail is counted and complaints are heard by party. Its row is the lock under which any of its
 * follow-ups changes.
 */
export const parties = aftercare.table('parties', {
  id: uuid().primaryKey().defaultRandom(),
});

export const customers = aftercare.table(
  'customers',
  {
    id: uuid().primaryKey().defaultRandom(),
    partyId: uuid()
      .notNull()
      .references(() => parties.id),
    /** By what rule or hand they came into this party; null: it began with them. */
    linkedBy: text().$type<LinkedBy>(),
    /** Somebody took them out of a party: no rule links them again. */
    apart: boolean().notNull().default(false),
    source: text().notNull(),
    externalId: text().notNull(),
    name: text(),
    email: text(),
    emailHash: text(),
    phone: text(),
    phoneHash: text(),
    /** A colleague found the number to be wrong. */
    phoneWrong: boolean().notNull().default(false),
    /** A mail arrived there, or somebody was reached: it is theirs. */
    emailVerifiedAt: instant(),
    phoneVerifiedAt: instant(),
    companyId: text(),
    companyName: text(),
    role: text(),
    timeZone: text(),
    locale: text(),
    country: text(),
    service: boolean().notNull(),
    selling: boolean().notNull(),
    /** What of this the customer does not want by a certain channel, as selling:phone. */
    refused: text().array().notNull().default([]),
    /** Everything for this customer waits until then. */
    pausedUntil: instant(),
    preferences: jsonb().$type<Preferences>().notNull().default({}),
    /** What was odd about the data we were given. */
    marks: text().array().notNull().default([]),
    referralCode: text().notNull().unique(),
    createdAt: instant().notNull(),
    erasedAt: instant(),
  },
  (table) => [
    unique('customers_source_external_id').on(table.source, table.externalId),
    index('customers_email_hash').on(table.emailHash),
    index('customers_phone_hash').on(table.phoneHash),
    index('customers_party').on(table.partyId),
    index('customers_company').on(table.source, table.companyId),
  ],
);

/** Addresses nothing is sent to; outlives the customer's erasure, and no import clears it. */
export const suppressions = aftercare.table('suppressions', {
  addressHash: text().primaryKey(),
  reason: text().notNull(),
  at: instant().notNull(),
});

/** Every version of every playbook that was ever in use, by the hash of its text. */
export const playbooks = aftercare.table('playbooks', {
  hash: text().primaryKey(),
  name: text().notNull(),
  source: text().notNull(),
  addedAt: instant().notNull(),
});

export const orders = aftercare.table(
  'orders',
  {
    id: uuid().primaryKey().defaultRandom(),
    source: text().notNull(),
    number: text().notNull(),
    customerId: uuid()
      .notNull()
      .references(() => customers.id),
    /** The customer's party, kept with them. */
    partyId: uuid()
      .notNull()
      .references(() => parties.id),
    /** As the sales system says it; decides which order is the later one. */
    placedAt: instant().notNull(),
    paidAt: instant(),
    acceptedAt: instant().notNull(),
    currency: text().notNull(),
    total: numeric().notNull(),
    lines: jsonb().$type<OrderLine[]>().notNull(),
    /** Hash over what makes an order the same order. */
    fingerprint: text().notNull(),
    playbook: text().notNull(),
    playbookHash: text()
      .notNull()
      .references(() => playbooks.hash),
    owner: text()
      .notNull()
      .references(() => staff.handle),
    referredBy: uuid().references(() => customers.id),
    /** The order fell away: cancelled or returned. It is nobody's reorder. */
    fellAway: boolean().notNull().default(false),
    /** Spare parts and the like, or so soon after the last order that it proves nobody satisfied. */
    addOn: boolean().notNull().default(false),
    /** The salesperson the order named and nobody knew. */
    unknownSalesperson: text(),
    stage: text().$type<Stage>().notNull(),
    outcome: text().$type<FollowUpOutcome>(),
    score: integer(),
    nextTouch: text(),
    nextDueAt: instant(),
    /** What puts the next contact off. */
    brake: text().$type<Brake>(),
    /** When the next order is expected. */
    expectedAt: instant(),
  },
  (table) => [
    unique('orders_source_number').on(table.source, table.number),
    index('orders_customer').on(table.customerId, table.placedAt, table.source, table.number),
    index('orders_party').on(table.partyId, table.placedAt, table.source, table.number),
    index('orders_braked').on(table.brake).where(sql`brake is not null`),
    index('orders_owner').on(table.owner).where(sql`stage not in ('history', 'ended')`),
    index('orders_unknown_salesperson').on(table.unknownSalesperson).where(sql`unknown_salesperson is not null`),
    index('orders_open').on(table.id).where(sql`stage not in ('history', 'ended')`),
    index('orders_placed').on(table.placedAt, table.id),
    index('orders_stage').on(table.stage, table.placedAt, table.id),
  ],
);

/** What happened, in the order it became known: the story, and all the rules know. */
export const events = aftercare.table(
  'events',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    orderId: uuid()
      .notNull()
      .references(() => orders.id),
    /** The sender's id of it; each is taken once. */
    externalId: text(),
    what: text().$type<FollowUpEvent['what']>().notNull(),
    at: instant().notNull(),
    touch: text(),
    occurrence: text(),
    why: text(),
    text: text(),
    data: jsonb().$type<FollowUpEvent['data']>(),
  },
  (table) => [
    unique('events_external_id').on(table.orderId, table.externalId),
    index('events_order').on(table.orderId, table.id),
    index('events_not_made')
      .on(table.at, table.what)
      .where(sql`what in ('skipped', 'put-off', 'spilled', 'task-joined', 'task-cancelled')`),
    index('events_adopted').on(sql`((data->>'until')::bigint)`).where(sql`what = 'adopted'`),
  ],
);

/** Events that came before their order. */
export const earlyEvents = aftercare.table(
  'early_events',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    source: text().notNull(),
    number: text().notNull(),
    externalId: text().notNull(),
    event: jsonb().$type<ReportedEvent>().notNull(),
  },
  (table) => [unique('early_events_external_id').on(table.source, table.number, table.externalId)],
);

export const tasks = aftercare.table(
  'tasks',
  {
    id: uuid().primaryKey().defaultRandom(),
    orderId: uuid()
      .notNull()
      .references(() => orders.id),
    customerId: uuid()
      .notNull()
      .references(() => customers.id),
    kind: text().$type<TaskKind>().notNull(),
    reason: text().notNull(),
    owner: text()
      .notNull()
      .references(() => staff.handle),
    dueAt: instant().notNull(),
    status: text().$type<TaskStatus>().notNull().default('open'),
    outcome: text().$type<TaskOutcome>(),
    /** The sender's id of the outcome; sent again it changes nothing. */
    outcomeId: text(),
    note: text(),
    madeAt: instant().notNull(),
    doneAt: instant(),
    /** Whose task it was before it went to somebody else, and why. */
    insteadOf: text(),
    insteadWhy: text(),
  },
  (table) => [
    index('tasks_due').on(table.status, table.dueAt, table.id),
    index('tasks_owner').on(table.owner, table.status, table.dueAt, table.id),
    index('tasks_open_of_customer').on(table.customerId).where(sql`status = 'open'`),
    index('tasks_order').on(table.orderId),
  ],
);

/** What a task settles: the touch it was made for, and those of other orders that joined it. */
export const taskTouches = aftercare.table(
  'task_touches',
  {
    taskId: uuid()
      .notNull()
      .references(() => tasks.id),
    orderId: uuid()
      .notNull()
      .references(() => orders.id),
    touch: text().notNull(),
    occurrence: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.taskId, table.orderId, table.touch, table.occurrence] }),
    index('task_touches_order').on(table.orderId, table.touch, table.occurrence),
  ],
);

export const LEDGER_STATES = ['claimed', 'sending', 'sent', 'uncertain', 'refused', 'withdrawn'] as const;
export type LedgerState = (typeof LEDGER_STATES)[number];

/** What was sent, and how sure we are; one row a contact, however often it was tried. */
export const ledger = aftercare.table(
  'ledger',
  {
    orderId: uuid()
      .notNull()
      .references(() => orders.id),
    touch: text().notNull(),
    occurrence: text().notNull(),
    state: text().$type<LedgerState>().notNull(),
    /** Counts the tries; a try whose number is not the row's any more has lost its right to send. */
    attempt: integer().notNull(),
    messageId: text().notNull(),
    partyId: uuid()
      .notNull()
      .references(() => parties.id),
    /** Who it went to, who is not always who ordered. */
    customerId: uuid()
      .notNull()
      .references(() => customers.id),
    purpose: text().$type<Purpose>().notNull(),
    /** It asked a survey. */
    asks: boolean().notNull().default(false),
    /** The tip or offer it carried. */
    content: text(),
    claimedAt: instant().notNull(),
    sentAt: instant(),
    reply: text(),
    /** The address it went to, as a hash: what comes back tells of that one, whatever the customer's is by now. */
    addressHash: text(),
    /** It came back: there is no such mailbox, or its owner reported it. */
    bouncedAt: instant(),
  },
  (table) => [
    primaryKey({ columns: [table.orderId, table.touch, table.occurrence] }),
    index('ledger_party').on(table.partyId, table.claimedAt),
    index('ledger_message').on(table.messageId),
    index('ledger_content').on(table.partyId, table.content).where(sql`content is not null`),
  ],
);

/** What was bought, line by line, for what is bought again and what is bought together. */
export const purchases = aftercare.table(
  'purchases',
  {
    orderId: uuid()
      .notNull()
      .references(() => orders.id),
    line: integer().notNull(),
    partyId: uuid()
      .notNull()
      .references(() => parties.id),
    sku: text().notNull(),
    name: text(),
    placedAt: instant().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.orderId, table.line] }),
    index('purchases_party').on(table.partyId, table.sku),
    index('purchases_sku').on(table.sku, table.partyId),
  ],
);

/** Figures over all customers, counted anew now and then: in how many days a product is usually bought again. */
export const productRhythms = aftercare.table('product_rhythms', {
  sku: text().primaryKey(),
  days: doublePrecision().notNull(),
  customers: integer().notNull(),
});

/** Which products the same customers bought. */
export const boughtTogether = aftercare.table(
  'bought_together',
  {
    sku: text().notNull(),
    other: text().notNull(),
    name: text(),
    customers: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.sku, table.other] })],
);

/** The value from which a customer is in the top fifth, by currency. */
export const topFifths = aftercare.table('top_fifths', {
  currency: text().primaryKey(),
  least: numeric().notNull(),
});

export const TOKEN_PURPOSES = ['survey', 'card', 'unsubscribe', 'person'] as const;
export type TokenPurpose = (typeof TOKEN_PURPOSES)[number];

/** Links in mails, kept as hashes only. */
export const tokens = aftercare.table(
  'tokens',
  {
    hash: text().primaryKey(),
    purpose: text().$type<TokenPurpose>().notNull(),
    orderId: uuid()
      .notNull()
      .references(() => orders.id),
    /** Who the mail went to; null: who ordered. */
    customerId: uuid().references(() => customers.id),
    /** Which survey it leads to; null: nps, as far as it leads to any. */
    survey: text(),
    expiresAt: instant(),
  },
  (table) => [index('tokens_order').on(table.orderId)],
);

/** How an answer came: by a link, by the card in the parcel, on the phone, or on paper and typed in. */
export const ANSWER_WAYS = ['link', 'card', 'phone', 'paper'] as const;
export type AnswerWay = (typeof ANSWER_WAYS)[number];

/** What somebody answered to a survey about an order; it may be changed while the survey is open. */
export const answers = aftercare.table(
  'answers',
  {
    orderId: uuid()
      .notNull()
      .references(() => orders.id),
    survey: text().notNull(),
    /** Who answered, who is not always who ordered. */
    customerId: uuid()
      .notNull()
      .references(() => customers.id),
    /** 0 to 10. Null: quotes only; no score is never counted as a good one. */
    nps: integer(),
    /** 1 to 5. */
    csat: integer(),
    benefit: text(),
    better: text(),
    /** What was answered to the survey's own questions, by their names. */
    own: jsonb().$type<Record<string, string | number>>().notNull().default({}),
    way: text().$type<AnswerWay>().notNull(),
    /** The colleague who wrote it down; null: the customer did. */
    takenBy: text(),
    at: instant().notNull(),
    /** All pages of it were answered; null: the customer may go on where they were. */
    finishedAt: instant(),
  },
  (table) => [
    primaryKey({ columns: [table.orderId, table.survey, table.customerId] }),
    index('answers_customer').on(table.customerId),
    index('answers_quotes')
      .on(table.at, table.orderId)
      .where(sql`benefit is not null or better is not null or own <> '{}'`),
  ],
);

/** Complaints, one workflow each; what happened on one stands in its order's story. */
export const complaints = aftercare.table(
  'complaints',
  {
    id: uuid().primaryKey().defaultRandom(),
    orderId: uuid()
      .notNull()
      .references(() => orders.id),
    /** Which of the order's complaints it is, from 1. */
    number: integer().notNull(),
    customerId: uuid()
      .notNull()
      .references(() => customers.id),
    owner: text()
      .notNull()
      .references(() => staff.handle),
    openedAt: instant().notNull(),
    /** By when the customer was told they would hear from somebody. */
    promisedAt: instant().notNull(),
    /** What is done next, and by when; null: it is closed. */
    step: text(),
    dueAt: instant(),
    /** How often it was taken over because it was late. */
    escalations: integer().notNull().default(0),
    wants: text().$type<Want>(),
    remedy: text(),
    cause: text(),
    closedAt: instant(),
    closedWhy: text(),
  },
  (table) => [
    unique('complaints_order').on(table.orderId, table.number),
    index('complaints_open').on(table.dueAt, table.id).where(sql`closed_at is null`),
    index('complaints_closed').on(table.closedAt, table.id).where(sql`closed_at is not null`),
    index('complaints_cause').on(sql`lower(${table.cause})`, table.openedAt).where(sql`cause is not null`),
  ],
);

/** Goods on their way back: a return or an exchange, followed to its end. */
export const returns = aftercare.table(
  'returns',
  {
    id: uuid().primaryKey().defaultRandom(),
    /** What the customer writes on the parcel. */
    receipt: text().notNull(),
    orderId: uuid()
      .notNull()
      .references(() => orders.id),
    customerId: uuid()
      .notNull()
      .references(() => customers.id),
    kind: text().$type<ReturnKind>().notNull(),
    /** What comes back, and why, in a few words. */
    what: text().notNull(),
    why: text(),
    askedAt: instant().notNull(),
    /** The last moment it could be asked for. */
    deadline: instant().notNull(),
    receivedAt: instant(),
    /** Money or goods went out to the customer, or it came to nothing. */
    settledAt: instant(),
    settledAs: text().$type<ReturnEnd>(),
    note: text(),
  },
  (table) => [
    unique('returns_receipt').on(table.receipt),
    index('returns_order').on(table.orderId),
    index('returns_open').on(table.askedAt, table.id).where(sql`settled_at is null`),
    index('returns_settled').on(table.settledAt, table.id).where(sql`settled_at is not null`),
  ],
);

/** Who came through whom, and what the one who sent them gets for it. */
export const referrals = aftercare.table(
  'referrals',
  {
    id: uuid().primaryKey().defaultRandom(),
    referrerId: uuid()
      .notNull()
      .references(() => customers.id),
    /** The referrer's order in whose follow-up they are thanked. */
    thanksOrderId: uuid()
      .notNull()
      .references(() => orders.id),
    /** The new customer's first order. */
    orderId: uuid()
      .notNull()
      .references(() => orders.id),
    state: text().$type<ReferralState>().notNull(),
    /** Why it is refused, or looked at. */
    why: text(),
    at: instant().notNull(),
    /** The order is paid and can no longer be returned. */
    earnedAt: instant(),
    reward: text().notNull().default(''),
    rewardDueAt: instant(),
    givenAt: instant(),
    givenBy: text(),
  },
  (table) => [
    unique('referrals_order').on(table.orderId),
    index('referrals_referrer').on(table.referrerId, table.at),
    index('referrals_list').on(table.at, table.id),
    index('referrals_state').on(table.state, table.at, table.id),
    index('referrals_owed').on(table.rewardDueAt).where(sql`reward_due_at is not null and given_at is null`),
  ],
);

/** Addresses that were left on a referral page, as hashes: an order from there is that customer's doing. */
export const referralLeads = aftercare.table(
  'referral_leads',
  {
    addressHash: text().notNull(),
    referrerId: uuid()
      .notNull()
      .references(() => customers.id),
    at: instant().notNull(),
    expiresAt: instant().notNull(),
  },
  (table) => [primaryKey({ columns: [table.addressHash, table.referrerId] })],
);

/** "Something should be better": what colleagues see and what comes back again, for the review. */
export const improvements = aftercare.table(
  'improvements',
  {
    id: uuid().primaryKey().defaultRandom(),
    at: instant().notNull(),
    /** The colleague who says so; null: it was noticed by the house itself. */
    by: text(),
    orderId: uuid().references(() => orders.id),
    customerId: uuid().references(() => customers.id),
    /** The cause that came again, where one did. */
    cause: text(),
    text: text().notNull(),
    /** What was made of it. */
    settledAt: instant(),
    settledBy: text(),
    result: text(),
  },
  (table) => [
    index('improvements_open').on(table.at, table.id).where(sql`settled_at is null`),
    index('improvements_settled').on(table.settledAt, table.id).where(sql`settled_at is not null`),
    index('improvements_order').on(table.orderId).where(sql`order_id is not null`),
    index('improvements_customer').on(table.customerId).where(sql`customer_id is not null`),
  ],
);

/** What was made of a mail that came in. */
export const INBOUND_KINDS = [
  'reply',
  'stop',
  'stop-and-more',
  'auto-reply',
  'bounce',
  'spam-report',
  'unknown',
] as const;
export type InboundKind = (typeof INBOUND_KINDS)[number];

/** Mail that came back to us, each taken once. */
export const inboundMails = aftercare.table(
  'inbound_mails',
  {
    id: uuid().primaryKey().defaultRandom(),
    /** Its Message-ID, or a hash of it where it has none. */
    messageId: text().notNull(),
    at: instant().notNull(),
    kind: text().$type<InboundKind>().notNull(),
    /** Which mail of ours it answers, as far as that is known. */
    orderId: uuid().references(() => orders.id),
    touch: text(),
    customerId: uuid().references(() => customers.id),
    from: text(),
    subject: text(),
    /** What somebody wrote; of a bounce what became of our mail, as `failed 5.1.1`. */
    text: text(),
    /** Somebody has seen to what could not be told whose it is. */
    settledAt: instant(),
  },
  (table) => [
    unique('inbound_mails_message').on(table.messageId),
    index('inbound_mails_list').on(table.at, table.id),
    index('inbound_mails_order').on(table.orderId),
    index('inbound_mails_customer').on(table.customerId),
    index('inbound_mails_from').on(sql`lower(${table.from})`),
    index('inbound_mails_unsettled').on(table.at, table.id).where(sql`kind = 'unknown' and settled_at is null`),
  ],
);

/** What Temporal has still to hear: start this order's follow-up or a complaint's workflow, or look at it again. */
export const outbox = aftercare.table(
  'outbox',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    orderId: uuid()
      .notNull()
      .references(() => orders.id),
    /** The complaint about the order; null: the order's follow-up. */
    complaintId: uuid().references(() => complaints.id),
    start: boolean().notNull(),
    leasedUntil: instant(),
    attempts: integer().notNull().default(0),
  },
  (table) => [index('outbox_order').on(table.orderId)],
);

/** Mail that was caught in development instead of being delivered. */
export const caughtMails = aftercare.table('caught_mails', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  at: instant().notNull(),
  to: text().notNull(),
  subject: text().notNull(),
  raw: text().notNull(),
});

/**
 * Customers without an open follow-up, counted anew now and then: when their next order is expected, what says so, and
 * what they have bought for in the currency of their last order.
 */
export const overdue = aftercare.table(
  'overdue',
  {
    partyId: uuid().primaryKey(),
    /** Who placed the last order, and which that is. */
    customerId: uuid().notNull(),
    orderId: uuid().notNull(),
    /** Null: nothing says when. */
    expectedAt: instant(),
    everyDays: integer(),
    by: text().$type<Expected['by']>(),
    orders: integer().notNull(),
    value: numeric().notNull(),
    currency: text().notNull(),
    countedAt: instant().notNull(),
  },
  (table) => [
    index('overdue_list').on(table.currency, table.value, table.partyId).where(sql`expected_at <= counted_at`),
  ],
);
