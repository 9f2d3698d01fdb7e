import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eq, sql } from 'drizzle-orm';
import { readEvent } from '../../domain/messages.ts';
import { type OrderInput, readOrder } from '../../domain/order.ts';
import { DAY, iso } from '../../domain/time.ts';
import {
  changeCustomer,
  eraseCustomer,
  exportCustomer,
  findCustomer,
  optOut,
  suppress,
  verifyEmail,
} from '../../store/customers.ts';
import type { Store } from '../../store/database.ts';
import { takeEvent } from '../../store/events.ts';
import { type Customer, change, loadSale, lockParty, storyOf } from '../../store/followUps.ts';
import { claim, conclude } from '../../store/ledger.ts';
import { acceptOrder, findOrder } from '../../store/orders.ts';
import { link, linkByRule, linkedTo, linkWhatBelongsTogether, unlink } from '../../store/parties.ts';
import { pauseCustomer } from '../../store/pauses.ts';
import { addPlaybooks, type Shelf } from '../../store/playbooks.ts';
import { customers, ledger, orders, purchases, tasks, taskTouches } from '../../store/schema.ts';
import { makeTask, takeOutcome } from '../../store/tasks.ts';
import { freshStore } from '../support/database.ts';
import { phoneOf } from '../support/people.ts';

/** A Monday, noon. */
const NOON = Date.parse('2026-11-02T12:00:00Z');

/** Who is one customer, over a real database and with several things at once. */
let store: Store;
let shelf: Shelf;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ store, drop } = await freshStore());
  shelf = await addPlaybooks(store, 'playbooks', NOON);
});
afterAll(() => drop());

let last = 0;
const fresh = (what: string) => {
  last += 1;
  return `${what}-${last}`;
};
const named = (id: string, more: Partial<OrderInput['customer']> = {}) => ({
  id,
  name: 'Ada Palmer',
  email: `${id}@example.com`,
  ...more,
});

/** Places an order, an hour after the one before; who placed it. */
async function order(customer: OrderInput['customer'], given: Partial<OrderInput> = {}): Promise<Placed> {
  const number = fresh('n');
  const source = given.source ?? 'shop';
  const now = NOON + last * 1000;
  const read = readOrder(
    {
      source,
      number,
      placedAt: iso(now),
      currency: 'EUR',
      total: '129.90',
      lines: [{ sku: 'E-1', name: 'Espresso machine', quantity: 1 }],
      customer,
      ...given,
    },
    now,
  );
  if (!read.ok) throw new Error(JSON.stringify(read.errors));
  await acceptOrder(store, read.order, shelf, now);
  return { source, number, customer: (await findCustomer(store, source, customer.id))! };
}
interface Placed {
  source: string;
  number: string;
  customer: Customer;
}

const rowOf = async ({ source, number }: Placed) => (await findOrder(store, source, number))!;
const partyOf = async (placed: Placed) => (await rowOf(placed)).partyId;
const customerOf = async ({ customer }: Placed) =>
  (await store.db.select().from(customers).where(eq(customers.id, customer.id)))[0];
const parties = async (...placed: Placed[]) => new Set(await Promise.all(placed.map(partyOf))).size;
const told = async (placed: Placed) =>
  (await storyOf(store.db, (await rowOf(placed)).id)).map(({ what, why }) => (why ? `${what} (${why})` : what));
const verified = async ({ customer }: Placed) => {
  await verifyEmail(store.db, customer.id, NOON);
  return linkByRule(store, customer.id, NOON);
};
const happens = async ({ source, number }: Placed, type: string) => {
  const read = readEvent({ type }, NOON);
  if (read.ok) await takeEvent(store, source, number, read.event, NOON);
};
/** A mail of this contact went to somebody. */
async function mailed(placed: Placed, to = placed, touch = 'thank-you') {
  const { id: orderId } = await rowOf(placed);
  const { id: customerId, partyId } = await customerOf(to);
  const about = { customerId, partyId, purpose: 'service', asks: false, content: null } as const;
  const entry = await claim(store, store.db, { orderId, touch, occurrence: '1' }, about, Date.now());
  await conclude(store.db, entry!, 'sent', '250 ok', Date.now());
}
const mailsOf = async (placed: Placed) =>
  (await loadSale(store, store.db, (await rowOf(placed)).id)).terms.party.mails.length;
async function call(placed: Placed, reason: string) {
  const { id } = await rowOf(placed);
  await change(store, id, NOON, async ({ tx, sale, note }) => {
    const within = { amount: 1, unit: 'business days' } as const;
    const { what } = await makeTask(
      store,
      tx,
      sale,
      { kind: 'call', reason, touch: reason, occurrence: '1', within },
      NOON,
    );
    await note({
      what,
      at: NOON,
      touch: reason,
      occurrence: '1',
      why: reason,
    });
  });
}
const openTasks = async (placed: Placed) => {
  const rows = await store.db
    .select({ id: tasks.id, reason: tasks.reason, customerId: tasks.customerId, taskOrder: tasks.orderId })
    .from(tasks)
    .innerJoin(taskTouches, eq(taskTouches.taskId, tasks.id))
    .where(sql`${taskTouches.orderId} = ${(await rowOf(placed)).id} AND ${tasks.status} = 'open'`);
  return rows;
};

describe('linked by rule', () => {
  it('people of one company of one source are one customer at once; of another source they are not', async () => {
    const company = { id: fresh('firm'), name: 'Palmer Ltd' };
    const one = await order(named(fresh('c'), { company }));
    const two = await order(named(fresh('c'), { company }));
    const other = await order(named(fresh('c'), { company }), { source: 'market' });
    expect(await parties(one, two)).toBe(1);
    expect(await parties(one, other)).toBe(2);
    expect(await told(one)).toContain(`reordered (shop/${two.number})`);
    expect(two.customer.linkedBy).toBe('company');
  });

  it('the same address links nobody until mail arrived there; then everybody who has it, and who comes later', async () => {
    const email = `${fresh('e')}@example.com`;
    const placed = [];
    for (const source of ['shop', 'market', 'fair', 'till'])
      placed.push(await order(named(fresh('c'), { email }), { source }));
    expect(await parties(...placed)).toBe(4);
    expect(await verified(placed[2])).toBe(true);
    expect(await parties(...placed)).toBe(1);
    const later = await order(named(fresh('c'), { email: email.toUpperCase() }), { source: 'booth' });
    expect(await parties(placed[0], later)).toBe(1);
    expect(await linkedTo(store.db, await customerOf(later))).toHaveLength(4);
    expect((await linkedTo(store.db, await customerOf(later))).every(({ by }) => by === 'email')).toBe(true);
    expect(await told(placed[0])).toContain('linked (email)');
    expect(await told(placed[0])).toContain(`reordered (till/${placed[3].number})`);
    expect((await rowOf(placed[0])).outcome).toBe('reordered');
    expect((await rowOf(later)).outcome).toBeNull();
    expect(await verified(placed[1])).toBe(false);
  });

  it('the same number links once somebody was reached on it', async () => {
    const phone = phoneOf(fresh('p'));
    const one = await order({ id: fresh('c'), phone });
    const two = await order({ id: fresh('c'), phone }, { source: 'market' });
    expect(await parties(one, two)).toBe(2);
    await call(one, 'check-in');
    const [task] = await openTasks(one);
    await takeOutcome(
      store,
      task.id,
      { id: null, outcome: 'reached', note: null, callBackAt: null, answers: null },
      NOON,
    );
    expect(await parties(one, two)).toBe(1);
    expect(await told(two)).toContain('linked (phone)');
  });

  it('a new address or company links as well, and who goes to another company leaves their colleagues', async () => {
    const [mill, works] = [{ id: fresh('mill') }, { id: fresh('works') }];
    const boss = await order(named(fresh('c'), { company: mill }));
    const worker = await order(named(fresh('c'), { company: works }));
    const goes = await order(named(fresh('c'), { company: mill }));
    const own = await order(named(fresh('c'), { email: goes.customer.email! }), { source: 'market' });
    await verified(goes);
    expect(await parties(boss, goes, own)).toBe(1);
    expect((await rowOf(boss)).outcome).toBe('reordered');

    await changeCustomer(store, goes.customer.id, { company: { id: works.id, name: null } }, NOON);
    expect(await parties(goes, own, worker)).toBe(1);
    expect(await parties(boss, worker)).toBe(2);
    expect(await told(boss)).toContain('reorder-undone (unlinked)');

    const back = await order(named(goes.customer.externalId, { company: mill }));
    expect(await parties(back, goes, own, boss)).toBe(1);
    expect(await parties(boss, worker)).toBe(2);
    expect((await rowOf(boss)).outcome).toBe('reordered');
    await changeCustomer(store, goes.customer.id, { company: null }, NOON);
    expect(await parties(boss, goes)).toBe(2);
  });

  it('who works for two companies makes no merger of them', async () => {
    const [mill, works] = [{ id: fresh('mill') }, { id: fresh('works') }];
    const email = `${fresh('consultant')}@example.com`;
    const here = await order(named(fresh('c'), { email, company: mill }));
    const there = await order(named(fresh('c'), { email, company: works }));
    const own = await order(named(fresh('c'), { email }), { source: 'market' });
    await verified(here);
    await verified(there);
    await verified(own);
    expect(await parties(here, there)).toBe(2);
    expect(await parties(here, own)).toBe(1);
    expect(await linkWhatBelongsTogether(store, NOON)).toBe(0);
    expect(await link(store, here.customer.id, there.customer.id, NOON)).toBe(true);
    expect(await parties(here, there, own)).toBe(1);
  });

  it("an address that hundreds have is nobody's", async () => {
    const email = `${fresh('till')}@example.com`;
    const one = await order(named(fresh('c'), { email }));
    const values = Array.from(
      { length: 199 },
      (_, nth) => `('00000000-0000-4000-8000-${String(nth).padStart(12, '0')}'::uuid)`,
    );
    await store.db.execute(sql.raw(`INSERT INTO aftercare.parties (id) VALUES ${values.join()}`));
    await store.db.execute(sql`
      INSERT INTO aftercare.customers (party_id, source, external_id, email_hash, service, selling, referral_code, created_at)
      SELECT p.id, 'till', p.id, ${one.customer.emailHash}, true, true, p.id, now() FROM aftercare.parties p
      WHERE p.id::text LIKE '00000000-0000-4000-8000-%'`);
    const two = await order(named(fresh('c'), { email }));
    expect(await verified(one)).toBe(false);
    expect(await parties(one, two)).toBe(2);
    await store.db.execute(
      sql`DELETE FROM aftercare.customers WHERE external_id = '00000000-0000-4000-8000-000000000000'`,
    );
    expect(await verified(two)).toBe(true);
    expect(await parties(one, two)).toBe(1);
  });

  it('what was missed is found later, once, and what nothing links does not keep it busy', async () => {
    const email = `${fresh('e')}@example.com`;
    const one = await order(named(fresh('c'), { email }));
    const two = await order(named(fresh('c'), { email }), { source: 'market' });
    const [a, b] = [await order(named(fresh('c'))), await order(named(fresh('c')))];
    await verifyEmail(store.db, one.customer.id, NOON);
    await store.db.update(customers).set({ companyId: 'old' }).where(sql`id IN (${a.customer.id}, ${b.customer.id})`);
    expect(await linkWhatBelongsTogether(store, NOON)).toBe(2);
    expect(await parties(one, two)).toBe(1);
    expect(await parties(a, b)).toBe(1);
    await unlink(store, two.customer.id, NOON);
    expect(await linkWhatBelongsTogether(store, NOON)).toBe(0);
  });
});

describe('by hand', () => {
  /** Two records of one customer. */
  async function pair(given: Partial<OrderInput> = {}) {
    const email = `${fresh('e')}@example.com`;
    const one = await order(named(fresh('c'), { email }), given);
    await verified(one);
    const two = await order(named(fresh('c'), { email }), { source: 'market' });
    expect(await parties(one, two)).toBe(1);
    return [one, two] as const;
  }

  it('what is taken apart stays so: no rule links it, and nobody to it; the reorder is taken back', async () => {
    const [one, two] = await pair();
    expect((await rowOf(one)).outcome).toBe('reordered');
    expect(await unlink(store, two.customer.id, NOON)).toBe(true);
    expect(await parties(one, two)).toBe(2);
    expect(await told(one)).toContain('reorder-undone (unlinked)');
    expect((await rowOf(one)).outcome).toBeNull();
    expect(await told(two)).toContain('unlinked');
    expect(await customerOf(two)).toMatchObject({ apart: true, linkedBy: null });
    expect(await unlink(store, two.customer.id, NOON)).toBe(false);

    expect(await verified(two)).toBe(false);
    expect(await verified(one)).toBe(false);
    const email = one.customer.email!;
    await order(named(two.customer.externalId, { email, name: 'Another' }), { source: 'market' });
    expect(await parties(one, two)).toBe(2);
    // Both match whoever comes with that address now; taken apart, neither is guessed.
    const three = await order(named(fresh('c'), { email }), { source: 'fair' });
    expect(await parties(two, three)).toBe(2);
    expect(await parties(one, three)).toBe(1);
  });

  it('linked again they are one; who is taken from one and given to another is not drawn back', async () => {
    const [one, two] = await pair();
    await unlink(store, two.customer.id, NOON);
    expect(await link(store, one.customer.id, two.customer.id, NOON)).toBe(true);
    expect(await link(store, one.customer.id, two.customer.id, NOON)).toBe(false);
    expect(await parties(one, two)).toBe(1);
    expect(await customerOf(two)).toMatchObject({ apart: false });
    expect(await told(one)).toContain('linked (hand)');

    await unlink(store, two.customer.id, NOON);
    const other = await order(named(fresh('c')));
    await link(store, two.customer.id, other.customer.id, NOON);
    expect(await customerOf(two)).toMatchObject({ apart: true });
    await verified(other);
    await verified(one);
    expect(await linkWhatBelongsTogether(store, NOON)).toBe(0);
    expect(await parties(two, other)).toBe(1);
    expect(await parties(one, two)).toBe(2);
  });

  it('nor is who was taken apart drawn back by somebody who belongs with both', async () => {
    const [one, two] = await pair();
    await unlink(store, two.customer.id, NOON);
    const other = await order(named(fresh('c')));
    await link(store, two.customer.id, other.customer.id, NOON);
    const company = { id: fresh('firm') };
    await changeCustomer(store, other.customer.id, { company: { ...company, name: null } }, NOON);
    const both = await order(named(fresh('c'), { email: one.customer.email!, company }));
    expect([await parties(both, one), await parties(both, two)]).toEqual([1, 2]);
    // Of the same company as people of both parties, so that joining both would draw the two together.
    const third = await order(named(fresh('c')));
    await changeCustomer(store, third.customer.id, { company: { ...company, name: null } }, NOON);
    expect(await linkWhatBelongsTogether(store, NOON)).toBe(0);
    expect(await parties(one, two)).toBe(2);
  });

  it('the party goes on with who is left, and says how they came together', async () => {
    const company = { id: fresh('firm') };
    const [one, two, three] = [
      await order(named(fresh('c'), { company })),
      await order(named(fresh('c'), { company })),
      await order(named(fresh('c'), { company })),
    ];
    await unlink(store, one.customer.id, NOON);
    expect((await customerOf(two)).linkedBy).toBeNull();
    expect(await linkedTo(store.db, await customerOf(three))).toEqual([
      { source: 'shop', id: two.customer.externalId, by: 'company' },
    ]);
    expect(await linkedTo(store.db, await customerOf(one))).toEqual([]);
  });

  it('the erased are linked to nobody, and erasing one leaves the others', async () => {
    const [one, two] = await pair();
    await eraseCustomer(store, one.customer.id, NOON);
    expect(await customerOf(two)).toMatchObject({ email: two.customer.email, erasedAt: null });
    expect((await rowOf(two)).outcome).toBeNull();
    expect(await linkedTo(store.db, await customerOf(two))).toEqual([]);
    const other = await order(named(fresh('c')));
    expect(await link(store, one.customer.id, other.customer.id, NOON)).toBe(false);
    expect(await linkByRule(store, one.customer.id, NOON)).toBe(false);
  });

  it('what ended for somebody erased does not come back because the later order was not theirs after all', async () => {
    const [one, two] = await pair({ placedAt: iso(NOON - 29 * DAY) });
    expect(await rowOf(one)).toMatchObject({ stage: 'ended', outcome: 'reordered' });
    await eraseCustomer(store, one.customer.id, NOON);
    await unlink(store, two.customer.id, NOON);
    expect(await rowOf(one)).toMatchObject({ stage: 'ended', outcome: 'reordered' });
  });

  it('a call for both becomes two', async () => {
    const phone = phoneOf(fresh('p'));
    const one = await order({ id: fresh('c'), phone }, { paidAt: null });
    const two = await order({ id: fresh('c'), phone }, { source: 'market', paidAt: null });
    await link(store, one.customer.id, two.customer.id, NOON);
    await call(one, 'check-in');
    await call(two, 'survey-by-phone');
    expect(await told(two)).toContain('task-joined (survey-by-phone)');
    expect((await openTasks(one))[0].id).toBe((await openTasks(two))[0].id);
    await unlink(store, one.customer.id, NOON);
    const [[mine], [theirs]] = [await openTasks(one), await openTasks(two)];
    expect(mine).toMatchObject({ reason: 'check-in', customerId: one.customer.id });
    expect(theirs).toMatchObject({
      reason: 'survey-by-phone',
      customerId: two.customer.id,
      taskOrder: (await rowOf(two)).id,
    });
    await takeOutcome(
      store,
      mine.id,
      { id: null, outcome: 'reached', note: null, callBackAt: null, answers: null },
      NOON,
    );
    expect(await openTasks(two)).toHaveLength(1);
    expect(await told(two)).not.toContain('outcome (reached)');
  });

  it('who is erased leaves calls about others to these', async () => {
    const phone = phoneOf(fresh('p'));
    const one = await order({ id: fresh('c'), phone }, { paidAt: null });
    const two = await order({ id: fresh('c'), phone }, { source: 'market', paidAt: null });
    await link(store, one.customer.id, two.customer.id, NOON);
    await call(one, 'check-in');
    await call(two, 'survey-by-phone');
    await eraseCustomer(store, one.customer.id, NOON);
    expect(await openTasks(one)).toEqual([]);
    expect(await openTasks(two)).toMatchObject([{ customerId: two.customer.id, taskOrder: (await rowOf(two)).id }]);
  });
});

describe('what holds for all of them', () => {
  it('mail counts for the person who got it, with them from party to party', async () => {
    const one = await order(named(fresh('c')));
    const two = await order(named(fresh('c')), { source: 'market' });
    await mailed(one);
    await mailed(two);
    await mailed(two, one, 'survey');
    expect([await mailsOf(one), await mailsOf(two)]).toEqual([2, 1]);
    await link(store, one.customer.id, two.customer.id, NOON);
    expect([await mailsOf(one), await mailsOf(two)]).toEqual([3, 3]);
    await unlink(store, two.customer.id, NOON);
    expect([await mailsOf(one), await mailsOf(two)]).toEqual([2, 1]);
  });

  it('opting out holds for every record of the person, whenever it was linked, and not for colleagues', async () => {
    const company = { id: fresh('firm') };
    const email = `${fresh('e')}@example.com`;
    const colleague = await order(named(fresh('c'), { company }), { paidAt: null });
    const one = await order(named(fresh('c'), { company, email }), { paidAt: null });
    const before = await order(named(fresh('c'), { email }), { source: 'market', paidAt: null });
    await verified(one);
    expect(await parties(colleague, one, before)).toBe(1);
    await optOut(store, one.customer.id, false, NOON);
    expect(await customerOf(one)).toMatchObject({ service: true, selling: false });
    expect(await customerOf(before)).toMatchObject({ service: true, selling: false });
    expect(await customerOf(colleague)).toMatchObject({ service: true, selling: true });
    expect(await told(before)).toContain('changed (service-only)');
    expect(await told(colleague)).not.toContain('changed (service-only)');

    await optOut(store, before.customer.id, true, NOON);
    expect(await told(one)).toContain('opted-out');
    expect((await rowOf(before)).outcome).toBe('opted-out');
    expect((await rowOf(colleague)).outcome).toBeNull();
    // A guest's next order with the box ticked takes nothing back.
    const guest = await order(named(fresh('c'), { email, consent: { service: true, selling: true } }), {
      source: 'fair',
    });
    expect(await customerOf(guest)).toMatchObject({ partyId: one.customer.partyId, service: false, selling: false });
    // What they said to one record they may take back by another.
    await changeCustomer(store, guest.customer.id, { consent: { service: true } }, NOON);
    expect(await customerOf(one)).toMatchObject({ service: true, selling: false });
  });

  it('what was said no to before they were linked holds after it; a box not ticked elsewhere does not', async () => {
    const email = `${fresh('e')}@example.com`;
    const one = await order(named(fresh('c'), { email }), { paidAt: null });
    const two = await order(named(fresh('c'), { email, consent: { service: false } }), {
      source: 'market',
      paidAt: null,
    });
    await changeCustomer(store, two.customer.id, { consent: { selling: { email: true, phone: false } } }, NOON);
    await optOut(store, one.customer.id, false, NOON);
    expect(await customerOf(two)).toMatchObject({ selling: true });
    await verified(one);
    expect(await parties(one, two)).toBe(1);
    expect(await customerOf(two)).toMatchObject({
      service: false,
      selling: false,
      refused: ['selling:email', 'selling:phone'],
    });
    expect(await customerOf(one)).toMatchObject({ service: true, selling: false });
    expect((await rowOf(two)).outcome).toBe('opted-out');
  });

  it('a pause holds for whoever comes to them', async () => {
    const company = { id: fresh('firm') };
    const one = await order(named(fresh('c'), { company }));
    await pauseCustomer(store, one.customer.id, NOON + 30 * DAY, NOON);
    const two = await order(named(fresh('c'), { company }));
    const three = await order(named(fresh('c')));
    await link(store, three.customer.id, one.customer.id, NOON);
    for (const placed of [two, three]) expect((await customerOf(placed)).pausedUntil).toBe(NOON + 30 * DAY);
  });

  it('a number can be suppressed; who is erased is not called again, unless the number is a colleague’s too', async () => {
    const [own, shared] = [phoneOf(fresh('p')), phoneOf(fresh('p'))];
    const one = await order({ id: fresh('c'), phone: own });
    const person = async (placed: Placed) => (await loadSale(store, store.db, (await rowOf(placed)).id)).terms.person;
    expect((await person(one)).phone).toBe(true);
    await suppress(store.db, one.customer.phone!, 'asked', NOON);
    expect((await person(one)).phone).toBe(false);
    const two = await order({ id: fresh('c'), phone: shared });
    const three = await order({ id: fresh('c'), phone: shared });
    await eraseCustomer(store, two.customer.id, NOON);
    expect((await person(three)).phone).toBe(true);
    await eraseCustomer(store, three.customer.id, NOON);
    expect((await person(await order({ id: fresh('c'), phone: shared }))).phone).toBe(false);
  });

  it('a copy of everything has links, ledger and purchases, and names no colleague', async () => {
    const company = { id: fresh('firm') };
    const colleague = await order(named(fresh('c'), { company }));
    const one = await order(named(fresh('c'), { company }));
    const own = await order(named(fresh('c'), { email: one.customer.email! }), { source: 'market' });
    await verified(one);
    await mailed(one);
    await mailed(colleague, one, 'survey');
    await mailed(colleague);
    const copy = await exportCustomer(store, await customerOf(one));
    expect(copy.links).toEqual([{ source: 'market', id: own.customer.externalId, by: 'email' }]);
    expect(copy.ledger.map(({ touch }) => touch).sort()).toEqual(['survey', 'thank-you']);
    expect(copy.purchases).toMatchObject([{ sku: 'E-1', orderId: (await rowOf(one)).id }]);
    expect(JSON.stringify(copy)).not.toContain(colleague.customer.externalId);
  });
});

describe('at the same moment', () => {
  it('twenty people of a company come', async () => {
    const company = { id: fresh('firm') };
    const placed = await Promise.all(Array.from({ length: 20 }, () => order(named(fresh('c'), { company }))));
    expect(await parties(...placed)).toBe(1);
    const outcomes = await Promise.all(placed.map(async (one) => (await rowOf(one)).outcome));
    expect(outcomes.filter((outcome) => outcome === null)).toHaveLength(1);
  });

  it('one record is verified while others come', async () => {
    for (let round = 0; round < 8; round += 1) {
      const email = `${fresh('e')}@example.com`;
      const first = await order(named(fresh('c'), { email }));
      const [, ...others] = await Promise.all([
        verified(first),
        ...['market', 'fair', 'till'].map((source) => order(named(fresh('c'), { email }), { source })),
      ]);
      expect(await parties(first, ...others)).toBe(1);
    }
  });

  it('whom a new record belongs with moves while it waits for them', async () => {
    const email = `${fresh('e')}@example.com`;
    const [first, elsewhere] = [await order(named(fresh('c'), { email })), await order(named(fresh('c')))];
    await verified(first);
    const coming = await store.db.transaction(async (tx) => {
      await lockParty(tx, first.customer.id);
      const placed = order(named(fresh('c'), { email }), { source: 'market' });
      await new Promise((resolve) => setTimeout(resolve, 500));
      const { partyId } = elsewhere.customer;
      await tx.update(customers).set({ partyId, linkedBy: 'hand' }).where(eq(customers.id, first.customer.id));
      const moved = eq(orders.customerId, first.customer.id);
      await tx.update(orders).set({ partyId }).where(moved);
      await tx.update(purchases).set({ partyId }).where(eq(purchases.partyId, first.customer.partyId));
      return { placed };
    });
    expect((await coming.placed).customer.partyId).toBe(elsewhere.customer.partyId);
  });

  it('records are linked, taken apart, changed and erased: nothing waits in a circle, and all of it fits together', async () => {
    const company = { id: fresh('firm') };
    const email = `${fresh('e')}@example.com`;
    const placed = await Promise.all([
      ...['shop', 'market', 'fair'].flatMap((source) => [
        order(named(fresh('c'), { email }), { source }),
        order(named(fresh('c'), { company }), { source }),
        order(named(fresh('c')), { source }),
      ]),
    ]);
    const failed: unknown[] = [];
    let seed = 7;
    const any = <T>(list: readonly T[]): T => {
      seed = (seed * 48_271) % 2_147_483_647;
      return list[seed % list.length];
    };
    const work = [
      () => link(store, any(placed).customer.id, any(placed).customer.id, NOON),
      () => link(store, any(placed).customer.id, any(placed).customer.id, NOON),
      () => unlink(store, any(placed).customer.id, NOON),
      () => unlink(store, any(placed).customer.id, NOON),
      () => verified(any(placed)),
      () => linkByRule(store, any(placed).customer.id, NOON),
      async () => change(store, (await rowOf(any(placed))).id, NOON),
      () => happens(any(placed), any(['note', 'delivered', 'complained', 'interested', 'resumed'])),
      () => changeCustomer(store, any(placed).customer.id, { company: any([company, null]) as never }, NOON),
      () => changeCustomer(store, any(placed).customer.id, { consent: { selling: any([true, false]) } }, NOON),
      () => order(named(any(placed).customer.externalId, { email: any([email, `${fresh('e')}@example.com`]) })),
      () => pauseCustomer(store, any(placed).customer.id, any([null, NOON + DAY]), NOON),
      () => linkWhatBelongsTogether(store, NOON),
    ];
    const one = async () => {
      for (let turn = 0; turn < 25; turn += 1)
        await any(work)().catch((error) => failed.push((error as { cause?: unknown }).cause ?? error));
    };
    await Promise.all(Array.from({ length: 8 }, one));
    expect(failed).toEqual([]);

    const { rows } = await store.db.execute<{ what: string; count: string }>(sql`
      SELECT 'orders' AS what, count(*) FROM ${orders} o JOIN ${customers} c ON c.id = o.customer_id WHERE o.party_id <> c.party_id
      UNION ALL
      SELECT 'purchases', count(*) FROM ${purchases} p JOIN ${orders} o ON o.id = p.order_id WHERE p.party_id <> o.party_id
      UNION ALL
      SELECT 'ledger', count(*) FROM ${ledger} l JOIN ${customers} c ON c.id = l.customer_id WHERE l.party_id <> c.party_id
      UNION ALL
      SELECT 'beginnings', count(*) FROM (SELECT FROM ${customers} GROUP BY party_id HAVING count(*) - count(linked_by) <> 1) odd
      UNION ALL
      SELECT 'reorders', count(*) FROM ${orders} o JOIN ${customers} c ON c.id = o.customer_id AND c.erased_at IS NULL
      WHERE stage <> 'history' AND NOT fell_away AND paid_at IS NOT NULL
        AND (outcome = 'reordered' OR outcome IS NULL) AND (outcome = 'reordered') <> EXISTS (
          SELECT FROM ${orders} l WHERE l.party_id = o.party_id AND l.paid_at IS NOT NULL AND NOT l.fell_away
            AND (l.placed_at, l.source, l.number) > (o.placed_at, o.source, o.number))`);
    expect(Object.fromEntries(rows.map(({ what, count }) => [what, Number(count)]))).toEqual({
      orders: 0,
      purchases: 0,
      ledger: 0,
      beginnings: 0,
      reorders: 0,
    });
  }, 120_000);
});
