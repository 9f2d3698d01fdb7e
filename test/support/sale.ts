import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { and, asc, eq } from 'drizzle-orm';
import { pino } from 'pino';
import { followUps as temporalFollowUps } from '../../client/followUps.ts';
import { nextOfComplaint } from '../../domain/complaintSteps.ts';
import type { FollowUpEvent } from '../../domain/followUp.ts';
import { readEvent, readOutcome } from '../../domain/messages.ts';
import { complaintWorkflowId, followUpId } from '../../domain/names.ts';
import { type OrderInput, readOrder } from '../../domain/order.ts';
import { DAY, HOUR, type Instant } from '../../domain/time.ts';
import { readAllContent } from '../../mail/content.ts';
import { openMailer } from '../../mail/smtp.ts';
import { readTemplates, TEMPLATES } from '../../mail/templates.ts';
import { adopt } from '../../store/adoption.ts';
import { recordAnswers } from '../../store/answers.ts';
import { complaintsOf } from '../../store/complaints.ts';
import { optOut } from '../../store/customers.ts';
import type { Store } from '../../store/database.ts';
import { takeEvent } from '../../store/events.ts';
import { change, loadSale, poke, storyOf } from '../../store/followUps.ts';
import { acceptOrder, findOrder } from '../../store/orders.ts';
import { addPlaybooks, type Shelf } from '../../store/playbooks.ts';
import { complaints, orders, outbox, tasks } from '../../store/schema.ts';
import { putColleague } from '../../store/staff.ts';
import { takeOutcome } from '../../store/tasks.ts';
import { linkBehind } from '../../store/tokens.ts';
import { dispatchOnce } from '../../worker/dispatcher.ts';
import { logThrough, searchAttributeTypes, startWorker } from '../../worker/temporal.ts';
import { freshStore } from './database.ts';
import { MailServer } from './mailServer.ts';

logThrough(pino({ level: 'error' }));

const folder = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** The SDK gives the server five seconds to start, which a busy machine may not manage at once. */
async function startTestServer(tries = 5): Promise<TestWorkflowEnvironment> {
  const executable = { type: 'existing-path', path: process.env.AFTERCARE_TEST_SERVER! } as const;
  try {
    return await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
  } catch (error) {
    if (tries > 1 && /did not start/.test((error as Error).message)) return startTestServer(tries - 1);
    throw error;
  }
}

/** A shop in which time can be skipped: real database, real mail, real workflows. */
export class Shop {
  readonly mailServer = new MailServer();
  store!: Store;
  #env!: TestWorkflowEnvironment;
  #shelf!: Shelf;
  #close: (() => Promise<unknown>)[] = [];

  /** Opens it, with the playbooks of a folder. */
  async open(playbooks = folder('playbooks')): Promise<this> {
    const { store, drop } = await freshStore();
    this.store = store;
    this.#shelf = await addPlaybooks(store, playbooks, 0);
    const sam = { handle: 'sam', name: 'Sam Lee', email: 'sam@example.org', phone: '+4930123456' };
    await putColleague(store, sam, 0);
    this.#env = await startTestServer();
    // This server lists none, so they are added without asking.
    await this.#env.connection.operatorService.addSearchAttributes({
      namespace: 'default',
      searchAttributes: searchAttributeTypes,
    });
    const mailer = openMailer(await this.mailServer.start());
    const house = {
      store,
      mailer,
      templates: await readTemplates(TEMPLATES),
      content: readAllContent(TEMPLATES),
      hears: true,
      publicUrl: 'http://shop.test',
    };
    const worker = await startWorker(
      { namespace: 'default', options: { address: this.#env.address } },
      house,
      'accounts',
      process.env.AFTERCARE_TEST_BUNDLE!,
    );
    this.#close = [
      () => worker.stop(),
      async () => mailer.close(),
      () => this.mailServer.stop(),
      () => this.#env.teardown(),
      drop,
    ];
    return this;
  }

  /** Lets time pass until the next Monday, nine o'clock UTC: an account reads the same on whatever day it is run. */
  async monday(): Promise<this> {
    const now = new Date(await this.now());
    const days = (8 - now.getUTCDay()) % 7 || 7;
    const monday = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + days, 9);
    await this.days((monday - now.getTime()) / DAY);
    return this;
  }

  async close() {
    for (const close of this.#close) await close();
  }

  now = async (): Promise<Instant> => Math.round(await this.#env.currentTimeMs());

  get followUps() {
    return temporalFollowUps(this.#env.client, 'accounts');
  }

  /** A run as the Temporal UI shows it. */
  describe = (number: string) => this.#env.client.workflow.getHandle(followUpId('shop', number)).describe();

  /** Saves the runs of a follow-up to be replayed by later versions, when SAVE_HISTORIES is set. */
  save = (name: string, number: string) => this.#saveRuns(name, followUpId('shop', number));

  /** The same of the last complaint about an order. */
  async saveComplaint(name: string, sale: Sale) {
    const row = await sale.complaint();
    await this.#saveRuns(name, complaintWorkflowId(row.id));
  }

  async #saveRuns(name: string, workflowId: string) {
    if (!process.env.SAVE_HISTORIES) return;
    let runId: string | undefined;
    for (let nth = 1; nth === 1 || runId; nth += 1) {
      const history = await this.#env.client.workflow.getHandle(workflowId, runId).fetchHistory();
      writeFileSync(join(folder('test/histories'), `${name}-${nth}.json`), historyToJSON(history));
      runId = history.events?.[0].workflowExecutionStartedEventAttributes?.continuedExecutionRunId || undefined;
    }
  }

  /** Places an order, now unless it says otherwise. */
  async order(number: string, given: Partial<OrderInput> = {}, options: { history?: boolean } = {}): Promise<Sale> {
    const now = await this.now();
    const read = readOrder(
      {
        source: 'shop',
        number,
        placedAt: new Date(now).toISOString(),
        currency: 'EUR',
        total: '129.90',
        customer: { id: 'c-77', name: 'Ada Palmer', email: 'ada@example.com', phone: '+49 30 123456' },
        salesperson: { name: 'Sam Lee', email: 'sam@example.org' },
        lines: [{ sku: 'E-1', name: 'Espresso machine', quantity: 1, price: '129.90' }],
        ...given,
      },
      now,
    );
    if (!read.ok) throw new Error(JSON.stringify(read.errors));
    await acceptOrder(this.store, read.order, this.#shelf, now, options);
    await this.quiet();
    return new Sale(this, number, read.order.placedAt, read.order.source);
  }

  /** Chooses customers of the past to be kept in touch with, so many a business day; null: at once. */
  async adopt(sales: Sale[], perDay: number | null) {
    const ids = await Promise.all(sales.map(async (sale) => (await sale.row()).id));
    await adopt(this.store, this.#shelf, ids, perDay, await this.now());
    await this.quiet();
  }

  async days(days: number) {
    await this.#env.sleep(Math.round(days * DAY));
    await this.quiet();
  }

  /** Until nothing is under way any more: the outbox is empty, and no workflow or activity has work. */
  async quiet() {
    for (let calm = 0; calm < 2; ) {
      await dispatchOnce(this.store, this.followUps);
      calm = (await this.#busy()) ? 0 : calm + 1;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async #busy(): Promise<boolean> {
    if ((await this.store.db.select().from(outbox).limit(1)).length > 0) return true;
    const now = await this.now();
    for (const { source, number, stage, nextDueAt } of await this.store.db.select().from(orders)) {
      if (stage !== 'ended' && nextDueAt !== null && nextDueAt <= now) return true;
      if (await this.#works(followUpId(source, number))) return true;
    }
    for (const { id, orderId, number, closedAt } of await this.store.db.select().from(complaints)) {
      const { followUp, terms } = await loadSale(this.store, this.store.db, orderId);
      const { dueAt } = nextOfComplaint(followUp, number, terms, now).next;
      if ((closedAt === null && dueAt <= now) || (await this.#works(complaintWorkflowId(id)))) return true;
    }
    return false;
  }

  async #works(workflowId: string): Promise<boolean> {
    const handle = this.#env.client.workflow.getHandle(workflowId);
    const raw = await handle.describe().then(
      ({ raw }) => raw,
      () => null,
    );
    return Boolean(raw?.pendingWorkflowTask || raw?.pendingActivities?.length);
  }
}

/** One sale's account. */
export class Sale {
  readonly shop: Shop;
  readonly number: string;
  readonly placedAt: Instant;
  readonly source: string;

  constructor(shop: Shop, number: string, placedAt: Instant, source = 'shop') {
    this.shop = shop;
    this.number = number;
    this.placedAt = placedAt;
    this.source = source;
  }

  row = async () => (await findOrder(this.shop.store, this.source, this.number))!;

  async happens(type: string, more: Record<string, unknown> = {}) {
    const now = await this.shop.now();
    const read = readEvent({ type, ...more }, now);
    if (!read.ok) throw new Error(JSON.stringify(read.errors));
    await takeEvent(this.shop.store, this.source, this.number, read.event, now);
    await this.shop.quiet();
  }

  /** The last complaint about it. */
  complaint = async () => (await complaintsOf(this.shop.store.db, (await this.row()).id)).at(-1)!;

  /** Open tasks, as `kind: reason`. */
  async tasks(): Promise<string[]> {
    return (await this.#open()).map(({ kind, reason }) => `${kind}: ${reason}`);
  }

  async #open() {
    const { id } = await this.row();
    return this.shop.store.db
      .select()
      .from(tasks)
      .where(and(eq(tasks.orderId, id), eq(tasks.status, 'open')))
      .orderBy(asc(tasks.madeAt));
  }

  /** The colleague says how the open task of this reason came out. */
  async comesOut(reason: string, outcome: string, more: Record<string, unknown> = {}) {
    const now = await this.shop.now();
    const task = (await this.#open()).find((open) => open.reason === reason);
    if (!task) throw new Error(`no open task for ${reason}, but ${await this.tasks()}`);
    const read = readOutcome({ outcome, ...more }, now);
    if (!read.ok) throw new Error(JSON.stringify(read.errors));
    const told = await takeOutcome(this.shop.store, task.id, read.outcome, now);
    if (told.answer !== 'taken') throw new Error(JSON.stringify(told));
    await this.shop.quiet();
  }

  /** The customer follows the link in the last mail that has one, and answers. */
  async answers(nps: number, benefit: string | null = null, better: string | null = null) {
    const now = await this.shop.now();
    const token = this.shop.mailServer.mails.map(({ text }) => /\/s\/(\S+)/.exec(text ?? '')?.[1]).findLast(Boolean);
    const order = (await linkBehind(this.shop.store.db, 'survey', token ?? '', now))?.orderId;
    if (!order) throw new Error('no survey to answer');
    await change(this.shop.store, order, now, async ({ tx, sale }) => {
      await recordAnswers(this.shop.store, tx, sale, { nps, csat: null, benefit, better }, 'link', now);
      await poke(tx, order);
    });
    await this.shop.quiet();
  }

  async optsOut(everything: boolean) {
    await optOut(this.shop.store, (await this.row()).customerId, everything, await this.shop.now());
    await this.shop.quiet();
  }

  async stands() {
    const { stage, outcome, nextTouch } = await this.row();
    return { stage, outcome, nextTouch };
  }

  /** The story since the order was placed, as `day 3: sent survey (why)`. */
  async story(): Promise<string[]> {
    const { id } = await this.row();
    return (await storyOf(this.shop.store.db, id)).map((event) => this.#line(event));
  }

  #line({ at, what, touch, occurrence, why }: FollowUpEvent): string {
    const day = Math.floor((at - this.placedAt + HOUR / 60) / DAY);
    const nth = occurrence && occurrence !== '1' ? ` #${occurrence}` : '';
    return `day ${day}: ${what}${touch ? ` ${touch}${nth}` : ''}${why ? ` (${why})` : ''}`;
  }
}
