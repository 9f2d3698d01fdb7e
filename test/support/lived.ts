import { fileURLToPath } from 'node:url';
import { MockActivityEnvironment } from '@temporalio/testing';
import { asc, eq } from 'drizzle-orm';
import { type Activities, createActivities } from '../../activities/index.ts';
import { spread } from '../../domain/calendar.ts';
import type { ComplaintNext } from '../../domain/complaintSteps.ts';
import type { Next } from '../../domain/decide.ts';
import { readEvent } from '../../domain/messages.ts';
import { type OrderInput, readOrder } from '../../domain/order.ts';
import { DAY, HOUR, type Instant } from '../../domain/time.ts';
import { readAllContent } from '../../mail/content.ts';
import type { Mailer } from '../../mail/smtp.ts';
import { readTemplates, TEMPLATES } from '../../mail/templates.ts';
import { recordAnswers } from '../../store/answers.ts';
import { optOut } from '../../store/customers.ts';
import type { Store } from '../../store/database.ts';
import { takeEvent } from '../../store/events.ts';
import { change, poke } from '../../store/followUps.ts';
import { acceptOrder, findOrder } from '../../store/orders.ts';
import { addPlaybooks, type Shelf } from '../../store/playbooks.ts';
import { orders, outbox, tasks } from '../../store/schema.ts';
import { putColleague } from '../../store/staff.ts';
import { takeOutcome } from '../../store/tasks.ts';
import { linkBehind } from '../../store/tokens.ts';
import { freshStore } from './database.ts';
import { phoneOf, scoreOf } from './people.ts';

/** The order about which a score is given that is a complaint. */
export const VERY_LOW = 'very-low';

/** What is next for an order; or for a complaint, with the order it is about. */
type NextUp = (Next | ComplaintNext) & { complaintOf?: string };

const folder = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/**
 * A shop that lived through months: the real database and the real activities, called in the order in which Temporal
 * would call them, at instants that are told and not waited for.
 */
export class LivedShop {
  store!: Store;
  url!: string;
  #shelf!: Shelf;
  #activities!: Activities;
  #drop!: () => Promise<void>;
  /** What is next for each order, and under its own id for each complaint. */
  readonly #next = new Map<string, NextUp>();
  #ahead: { at: Instant; work: (now: Instant) => Promise<unknown> }[] = [];
  readonly #seen = new Set<string>();
  #mails: string[] = [];

  /** `refused`: addresses the mail server does not know. */
  async open(refused: string[] = []): Promise<this> {
    const { store, url, drop } = await freshStore();
    Object.assign(this, { store, url });
    this.#drop = drop;
    this.#shelf = await addPlaybooks(store, folder('playbooks'), 0);
    await putColleague(store, { handle: 'sam', name: 'Sam Lee', email: 'sam@example.org', phone: null }, 0);
    const mailer: Mailer = {
      send: async ({ to, text }, fence) => {
        if (refused.includes(to.address)) return { state: 'refused', reply: '550 no such user', address: true };
        if (!(await fence())) return { state: 'withdrawn' };
        this.#mails.push(text);
        return { state: 'sent', reply: '250 OK' };
      },
      answers: async () => true,
      close() {},
    };
    const templates = await readTemplates(TEMPLATES);
    const content = readAllContent(TEMPLATES);
    this.#activities = createActivities({
      store,
      mailer,
      templates,
      content,
      hears: true,
      publicUrl: 'http://shop.test',
    });
    return this;
  }

  close = () => this.#drop();

  /** An order that comes in then. */
  order(at: Instant, number: string, customer: string, given: Partial<OrderInput> = {}, history = false) {
    const input: OrderInput = {
      source: 'shop',
      number,
      placedAt: new Date(at).toISOString(),
      currency: 'EUR',
      total: '129.90',
      customer: { id: customer, name: 'Ada Palmer', email: `${customer}@example.com`, phone: phoneOf(customer) },
      salesperson: { name: 'Sam Lee', email: 'sam@example.org' },
      lines: [{ sku: 'E-1', name: 'Espresso machine', category: 'kitchen', quantity: 1, price: '129.90' }],
      ...given,
    };
    this.#at(at, async (now) => {
      const read = readOrder(input, now);
      if (!read.ok) throw new Error(JSON.stringify(read.errors));
      await acceptOrder(this.store, read.order, this.#shelf, now, { history });
    });
  }

  /** Something that is reported then. */
  happens(at: Instant, number: string, type: string, more: Record<string, unknown> = {}) {
    this.#at(at, async (now) => {
      const read = readEvent({ type, ...more }, now);
      if (!read.ok) throw new Error(JSON.stringify(read.errors));
      await takeEvent(this.store, 'shop', number, read.event, now);
    });
  }

  optsOut(at: Instant, number: string, everything: boolean) {
    this.#at(at, async (now) => {
      const order = await findOrder(this.store, 'shop', number);
      await optOut(this.store, order!.customerId, everything, now);
    });
  }

  #at(at: Instant, work: (now: Instant) => Promise<unknown>) {
    this.#ahead.push({ at, work });
  }

  /** Lets everything happen that happens until then. */
  async until(end: Instant) {
    for (;;) {
      const [happening] = this.#ahead.sort((a, b) => a.at - b.at);
      const [due] = [...this.#next].sort(([, a], [, b]) => a.dueAt - b.dueAt);
      const now = Math.min(happening?.at ?? Number.POSITIVE_INFINITY, due?.[1].dueAt ?? Number.POSITIVE_INFINITY);
      if (now > end) return;
      if (happening && happening.at === now) {
        this.#ahead = this.#ahead.filter((one) => one !== happening);
        await happening.work(now);
      } else await this.#perform(...due, now);
      await this.#lookWherePoked(now);
      await this.#people(now);
    }
  }

  async #perform(id: string, { step, touch, occurrence, complaintOf }: NextUp, now: Instant) {
    const { look, makeTask, sendMail, escalate } = this.#activities;
    const contact = { order: complaintOf ?? id, now, touch: touch!, occurrence: occurrence! };
    const verb = step === 'send' ? sendMail : step === 'task' ? makeTask : look;
    if (complaintOf === undefined) return this.#sleeps(id, await new MockActivityEnvironment().run(verb, contact), now);
    const late = { order: complaintOf, complaint: id, now };
    if (step === 'escalate') await new MockActivityEnvironment().run(escalate, late);
    else await new MockActivityEnvironment().run(verb, contact);
    await this.#lookAtComplaint(complaintOf, id, now);
  }

  async #lookAtComplaint(order: string, complaint: string, now: Instant) {
    const { lookAtComplaint } = this.#activities;
    const about = { order, complaint, now };
    const next: ComplaintNext = await new MockActivityEnvironment().run(lookAtComplaint, about);
    this.#sleeps(complaint, { ...next, complaintOf: order }, now);
  }

  #sleeps(id: string, next: NextUp, now: Instant) {
    if (next.step === 'end') this.#next.delete(id);
    else this.#next.set(id, { ...next, dueAt: Math.max(next.dueAt, now) });
  }

  async #lookWherePoked(now: Instant) {
    for (;;) {
      const poked = await this.store.db.delete(outbox).returning();
      if (poked.length === 0) return;
      for (const order of new Set(poked.flatMap(({ orderId, complaintId }) => (complaintId ? [] : [orderId]))))
        this.#sleeps(order, await new MockActivityEnvironment().run(this.#activities.look, { order, now }), now);
      const complaints = new Map(poked.map(({ orderId, complaintId }) => [complaintId, orderId]));
      for (const [complaint, order] of complaints)
        if (complaint !== null) await this.#lookAtComplaint(order, complaint, now);
    }
  }

  /** Colleagues settle a task some hours after it was made, and customers answer a day or two after they were asked. */
  async #people(now: Instant) {
    const open = await this.store.db.select().from(tasks).where(eq(tasks.status, 'open')).orderBy(asc(tasks.madeAt));
    for (const { id, kind, reason, orderId, madeAt } of open) {
      if (this.#seen.has(id)) continue;
      this.#seen.add(id);
      const [{ number }] = await this.store.db.select().from(orders).where(eq(orders.id, orderId));
      const chance = spread(`${number} ${reason} ${madeAt}`, 10);
      const call = chance < 6 ? 'reached' : chance < 8 ? 'no-answer' : chance < 9 ? 'not-interested' : 'call-back';
      const outcome = kind === 'call' ? call : kind === 'check' ? (chance < 7 ? 'kept' : 'broken') : 'done';
      this.#at(madeAt + HOUR + spread(id, 30 * HOUR), async (at) => {
        const nps = chance % 2 === 0 ? chance + 3 : null;
        const answers = outcome === 'reached' ? { nps, csat: null, benefit: null, better: null } : null;
        const callBackAt = outcome === 'call-back' ? at + 2 * DAY : null;
        await takeOutcome(this.store, id, { id: null, outcome, note: null, callBackAt, answers }, at);
      });
    }
    for (const text of this.#mails.splice(0)) {
      const token = /\/s\/(\S+)/.exec(text)?.[1];
      const order = token ? (await linkBehind(this.store.db, 'survey', token, now))?.orderId : null;
      if (!order || this.#seen.has(`answer ${order}`)) continue;
      this.#seen.add(`answer ${order}`);
      const chance = spread(`${order} answers`, 7);
      this.#at(now + HOUR + spread(order, 9 * DAY), (at) =>
        change(this.store, order, at, async ({ tx, sale }) => {
          const isVeryLow = sale.order.number === VERY_LOW;
          if (chance === 6 && !isVeryLow) return;
          const nps = isVeryLow ? 1 : scoreOf(String(chance));
          const given = { nps, csat: null, benefit: null, better: null };
          await recordAnswers(this.store, tx, sale, given, 'link', at);
          await poke(tx, order);
        }),
      );
    }
  }
}
