import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { and, eq, sql } from 'drizzle-orm';
import type { OrderInput } from '../../domain/order.ts';
import { BURST, LEAD_DAYS, REFERRAL_BURST } from '../../domain/referral.ts';
import { DAY, iso } from '../../domain/time.ts';
import { markOfLead } from '../../store/attribution.ts';
import { eraseCustomer, exportCustomer, hashOf } from '../../store/customers.ts';
import { changeSettings } from '../../store/database.ts';
import { change, storyOf } from '../../store/followUps.ts';
import { link } from '../../store/parties.ts';
import { forgetLead, forgetLeads, giveReward, leaveLead, listReferrals } from '../../store/referrals.ts';
import { customers, orders, outbox, referralLeads, referrals, tasks, taskTouches } from '../../store/schema.ts';
import { putColleague } from '../../store/staff.ts';
import { takeOutcome } from '../../store/tasks.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';
import { phoneOf } from '../support/people.ts';

/** Who is thanked for whom, over a real database and with several orders at once. */
let house: House;
beforeAll(async () => {
  house = await freshHouse();
  await putColleague(house.store, { handle: 'eve', name: 'Eve Ray', email: 'eve@example.org', phone: null }, NOON);
});
afterAll(() => house.drop());
beforeEach(() => {
  house.clock.now = NOON;
});

let last = 0;
const fresh = () => {
  last += 1;
  return `f-${last}`;
};
const person = (id: string, more: Partial<OrderInput['customer']> = {}) => ({
  id,
  name: `Ada ${id}`,
  email: `${id}@example.com`,
  phone: phoneOf(id),
  ...more,
});

/** Places an order; its id, number, and who placed it. */
async function ordered(given: Partial<OrderInput> = {}) {
  const number = fresh();
  const id = await house.order(number, { customer: person(number), ...given });
  const [{ customer }] = await house.store.db
    .select({ customer: customers })
    .from(orders)
    .innerJoin(customers, eq(customers.id, orders.customerId))
    .where(eq(orders.id, id));
  return { id, number, customer };
}

/** Somebody who has a code to pass on. */
const referrer = (given: Partial<OrderInput> = {}) => ordered(given);

const referralOf = async (orderId: string) =>
  (await house.store.db.select().from(referrals).where(eq(referrals.orderId, orderId)))[0];
const orderOf = async (orderId: string) =>
  (await house.store.db.select().from(orders).where(eq(orders.id, orderId)))[0];
/** Looks at an order, as its workflow does when it wakes. */
const looks = (orderId: string) => change(house.store, orderId, house.clock.now);
const days = (count: number) => {
  house.clock.now = NOON + count * DAY;
};

describe('an order with a code', () => {
  it('counts for whose code it is, however it is typed', async () => {
    const ada = await referrer();
    const friend = await ordered({ referralCode: ` ${ada.customer.referralCode.toLowerCase()} ` });
    expect(await referralOf(friend.id)).toMatchObject({
      referrerId: ada.customer.id,
      thanksOrderId: ada.id,
      state: 'pending',
      why: null,
    });
    expect((await orderOf(friend.id)).referredBy).toBe(ada.customer.id);
    expect(await house.story(friend.id)).toContain('brought (code)');
    expect(await house.story(ada.id)).toContain('referred');
    // The same order again is no second one.
    await house.order(friend.number, {
      customer: person(friend.number),
      referralCode: ada.customer.referralCode,
    });
    expect(await house.store.db.select().from(referrals).where(eq(referrals.orderId, friend.id))).toHaveLength(1);
  });

  it.each<[string, string, (ada: Awaited<ReturnType<typeof referrer>>) => Promise<Partial<OrderInput>>]>([
    ['their own', 'self', async ({ customer }) => ({ customer: person(customer.externalId) })],
    [
      'their own in another shop',
      'self',
      async ({ customer }) => ({ customer: person(fresh(), { email: customer.email! }) }),
    ],
    [
      'of a colleague',
      'self',
      async ({ customer }) => ({ customer: person(fresh(), { company: { id: customer.companyId!, name: 'Palmer' } }) }),
    ],
    [
      'of somebody who has ordered before',
      'known-customer',
      async () => ({ customer: person((await ordered()).customer.externalId) }),
    ],
    ['of long ago', 'too-old', async () => ({ placedAt: iso(NOON - 60 * DAY) })],
  ])('is refused where it is %s', async (_, why, given) => {
    const company = { id: fresh(), name: 'Palmer' };
    const ada = await referrer({ customer: person(fresh(), { company }) });
    const friend = await ordered({ ...(await given(ada)), referralCode: ada.customer.referralCode });
    expect(await referralOf(friend.id)).toMatchObject({ state: 'refused', why });
    expect((await orderOf(friend.id)).referredBy).toBeNull();
    expect(await house.story(friend.id)).toContain(`referral-refused (${why})`);
    expect(await house.story(ada.id)).not.toContain('referred');
  });

  it('is refused where they were brought before, though that order was placed later', async () => {
    const [ada, eve] = [await referrer(), await referrer()];
    const first = await ordered({ referralCode: ada.customer.referralCode });
    const earlier = { customer: person(first.number), placedAt: iso(NOON - DAY) };
    const second = await ordered({ ...earlier, referralCode: eve.customer.referralCode });
    expect(await referralOf(second.id)).toMatchObject({ state: 'refused', why: 'referred-before' });
    expect(await referralOf(first.id)).toMatchObject({ state: 'pending' });
  });

  it.each(['NOBODY22', "'; DROP TABLE x; --", '<script>alert(1)</script>'])(
    "that is nobody's is said in its story alone: %s",
    async (referralCode) => {
      const friend = await ordered({ referralCode });
      expect(await referralOf(friend.id)).toBeUndefined();
      expect(await house.story(friend.id)).toContain('referral-refused (unknown-code)');
    },
  );

  it('that is mistyped does not lose the address that was left before; the story keeps both', async () => {
    const ada = await referrer();
    await leaveLead(house.store, ada.customer.id, hashOf('slip@example.com'), NOON);
    const given = { customer: person(fresh(), { email: 'slip@example.com' }), referralCode: ' WR0NG22 ' };
    const friend = await ordered(given);
    expect(await referralOf(friend.id)).toMatchObject({ referrerId: ada.customer.id, state: 'pending' });
    const brought = (await storyOf(house.store.db, friend.id)).find(({ what }) => what === 'brought');
    expect(brought).toMatchObject({ why: 'page', text: "The code that came with the order is nobody's: WR0NG22" });
    expect(await house.store.db.select().from(referralLeads)).toEqual([]);
    const other = await ordered({ referralCode: 'WR0NG23' });
    expect((await storyOf(house.store.db, other.id)).find(({ what }) => what === 'referral-refused')).toMatchObject({
      why: 'unknown-code',
      text: "The code that came with the order is nobody's: WR0NG23",
    });
  });

  it("of somebody who was erased is nobody's", async () => {
    const ada = await referrer();
    await eraseCustomer(house.store, ada.customer.id, NOON);
    const friend = await ordered({ referralCode: ada.customer.referralCode });
    expect(await house.story(friend.id)).toContain('referral-refused (unknown-code)');
  });
});

describe('an address that was left', () => {
  const left = (referrerId: string, email: string) =>
    leaveLead(house.store, referrerId, hashOf(email), house.clock.now);

  it('makes an order from there count, once', async () => {
    const ada = await referrer();
    await left(ada.customer.id, 'New@Example.com');
    const friend = await ordered({ customer: person(fresh(), { email: 'new@example.com' }) });
    expect(await house.story(friend.id)).toContain('brought (page)');
    expect(await referralOf(friend.id)).toMatchObject({ referrerId: ada.customer.id, state: 'pending' });
    expect(await house.store.db.select().from(referralLeads)).toEqual([]);
    const again = await ordered({ customer: { ...person(friend.number), email: 'new@example.com' } });
    expect(await referralOf(again.id)).toBeUndefined();
  });

  it('counts for the first who sent them there; a code that is given counts before it', async () => {
    const [ada, eve, kim] = [await referrer(), await referrer(), await referrer()];
    await left(ada.customer.id, 'two@example.com');
    days(1);
    await left(eve.customer.id, 'two@example.com');
    // Left again, it is kept longer, and is no later for that.
    await left(ada.customer.id, 'two@example.com');
    const friend = await ordered({ customer: person(fresh(), { email: 'two@example.com' }) });
    expect(await referralOf(friend.id)).toMatchObject({ referrerId: ada.customer.id });
    await left(ada.customer.id, 'three@example.com');
    const other = await ordered({
      customer: person(fresh(), { email: 'three@example.com' }),
      referralCode: kim.customer.referralCode,
    });
    expect(await referralOf(other.id)).toMatchObject({ referrerId: kim.customer.id });
  });

  it('is forgotten after its time, and counts no more by then', async () => {
    const ada = await referrer();
    await left(ada.customer.id, 'late@example.com');
    days(LEAD_DAYS);
    const friend = await ordered({ customer: person(fresh(), { email: 'late@example.com' }) });
    expect(await referralOf(friend.id)).toBeUndefined();
    days(0);
    await left(ada.customer.id, 'never@example.com');
    await forgetLeads(house.store, NOON + LEAD_DAYS * DAY - 1);
    expect(await house.store.db.select().from(referralLeads)).toHaveLength(1);
    await forgetLeads(house.store, NOON + LEAD_DAYS * DAY);
    expect(await house.store.db.select().from(referralLeads)).toEqual([]);
  });

  it('is kept as a mark that nobody makes without our secret', async () => {
    const ada = await referrer();
    await left(ada.customer.id, 'friend@example.com');
    const [{ addressHash }] = await house.store.db.select().from(referralLeads);
    expect(addressHash).not.toBe(hashOf('friend@example.com'));
    const elsewhere = { settings: { ...house.store.settings, secret: 'another' } };
    expect(markOfLead(house.store, hashOf('friend@example.com'))).toBe(addressHash);
    expect(markOfLead(elsewhere, hashOf('friend@example.com'))).not.toBe(addressHash);
    await forgetLead(house.store, ada.customer.id, hashOf('friend@example.com'));
    expect(await house.store.db.select().from(referralLeads)).toEqual([]);
  });

  it('goes with whoever is erased, on either side', async () => {
    const [ada, eve] = [await referrer(), await referrer()];
    await left(ada.customer.id, eve.customer.email!);
    await left(eve.customer.id, 'x@example.com');
    await eraseCustomer(house.store, eve.customer.id, NOON);
    expect(await house.store.db.select().from(referralLeads)).toEqual([]);
  });
});

describe('many at once', () => {
  /** As many as are too many, at once; those who wait. */
  async function burst(more: number) {
    const ada = await referrer({ salesperson: { name: 'Eve Ray', email: 'eve@example.org' } });
    const { referralCode } = ada.customer;
    const came = await Promise.all(Array.from({ length: BURST.most + more }, () => ordered({ referralCode })));
    const states = await Promise.all(came.map(async ({ id }) => (await referralOf(id)).state));
    return { came: () => ordered({ referralCode }), wait: came.filter((_, nth) => states[nth] === 'suspected') };
  }
  const open = async (...about: { id: string }[]) =>
    (await house.store.db.select().from(tasks).where(eq(tasks.reason, REFERRAL_BURST))).filter(
      ({ status, orderId }) => status === 'open' && about.some(({ id }) => id === orderId),
    );
  const comesOut = (id: string, outcome: 'done' | 'skipped') =>
    takeOutcome(house.store, id, { id: null, outcome, note: null, callBackAt: null, answers: null }, house.clock.now);

  it.each([
    ['done', { state: 'pending', why: null }, null],
    ['skipped', { state: 'refused', why: 'burst' }, 'referral-refused (burst)'],
  ] as const)(
    'beyond the measure wait in one task for whoever looks after the referrer, who says of all: %s',
    async (outcome, state, told) => {
      const { came, wait } = await burst(3);
      expect(wait).toHaveLength(3);
      const look = await open(...wait);
      expect(look.map(({ owner }) => owner)).toEqual(['eve']);
      expect(await comesOut(look[0].id, outcome)).toEqual({ answer: 'taken' });
      for (const { id } of wait) {
        expect(await referralOf(id)).toMatchObject(state);
        expect((await house.story(id)).at(-1)).toBe(told ?? 'outcome referral-burst (done)');
      }
      // Whoever comes next is looked at anew; a week later it is as it was, and what was refused never counted.
      const next = await came();
      expect(await open(next)).toHaveLength(1);
      days(BURST.days + 1);
      expect((await referralOf((await came()).id)).state).toBe('pending');
    },
  );

  it('one whose order falls away leaves the task to the others, and the last one takes it along', async () => {
    const { wait } = await burst(2);
    const [task] = await open(...wait);
    const first = wait.find(({ id }) => id === task.orderId)!;
    const [second] = wait.filter((one) => one !== first);
    await house.happens(first.number, 'cancelled');
    expect(await house.story(first.id)).toContain('task-cancelled referral-burst (cancelled)');
    expect(await open(first)).toHaveLength(1);
    await house.happens(second.number, 'cancelled');
    expect(await open(first)).toEqual([]);
  });

  it('who comes while it is being looked at is in that task or in another, and never left behind', async () => {
    const { came, wait } = await burst(1);
    const [task] = await open(...wait);
    const [, ...more] = await Promise.all([comesOut(task.id, 'done'), came(), came(), came()]);
    const left = (await Promise.all(more.map(async (one) => [one, await referralOf(one.id)] as const))).filter(
      ([, { state }]) => state === 'suspected',
    );
    const about = await house.store.db
      .select({ orderId: taskTouches.orderId })
      .from(taskTouches)
      .innerJoin(tasks, eq(tasks.id, taskTouches.taskId))
      .where(and(eq(tasks.status, 'open'), eq(tasks.reason, REFERRAL_BURST)));
    for (const [one] of left) expect(about.map(({ orderId }) => orderId)).toContain(one.id);
  });
});

describe('what comes of it', () => {
  /** Somebody came through somebody, and their order was delivered after two days. */
  async function brought() {
    const ada = await referrer();
    const friend = await ordered({ referralCode: ada.customer.referralCode });
    days(2);
    await house.happens(friend.number, 'delivered');
    return { ada, friend };
  }

  it('thanks are earned after the time for returns, and the referrer hears of it by the outbox', async () => {
    const { ada, friend } = await brought();
    await changeSettings(house.store, { reward: 'A bag of coffee' });
    days(32);
    await looks(friend.id);
    expect(await referralOf(friend.id)).toMatchObject({ state: 'pending', earnedAt: null });
    days(33);
    await house.store.db.delete(outbox);
    await looks(friend.id);
    const earned = await referralOf(friend.id);
    expect(earned).toMatchObject({
      state: 'earned',
      earnedAt: NOON + 33 * DAY,
      reward: 'A bag of coffee',
      thanksOrderId: ada.id,
    });
    expect(await house.store.db.select().from(outbox)).toEqual([expect.objectContaining({ orderId: ada.id })]);
    // What is changed afterwards does not change what was earned.
    await changeSettings(house.store, { reward: '' });
    await looks(friend.id);
    expect((await house.story(friend.id)).filter((line) => line === 'referral-earned')).toHaveLength(1);
    await looks(ada.id);
    await looks(ada.id);
    expect((await house.story(ada.id)).filter((line) => line === 'thanks-due')).toHaveLength(1);
  });

  it('the thanks go into the last order that is followed', async () => {
    const { ada, friend } = await brought();
    days(20);
    const later = await ordered({ customer: person(ada.number) });
    days(33);
    await looks(friend.id);
    expect((await referralOf(friend.id)).thanksOrderId).toBe(later.id);
  });

  it('it is refused where the order falls away, also after the next one', async () => {
    const { friend } = await brought();
    days(10);
    await ordered({ customer: person(friend.number) });
    expect((await orderOf(friend.id)).stage).not.toBe('ended');
    await house.happens(friend.number, 'returned');
    expect(await referralOf(friend.id)).toMatchObject({ state: 'refused', why: 'returned' });
    expect((await orderOf(friend.id)).stage).toBe('ended');
  });

  it('it is refused where the two turn out to be one customer', async () => {
    const { ada, friend } = await brought();
    await link(house.store, ada.customer.id, friend.customer.id, house.clock.now);
    await looks(friend.id);
    expect(await referralOf(friend.id)).toMatchObject({ state: 'refused', why: 'self' });
  });

  it('it is refused where either is erased; what was earned stays', async () => {
    const [one, two, three] = [await brought(), await brought(), await brought()];
    await eraseCustomer(house.store, one.friend.customer.id, house.clock.now);
    expect(await referralOf(one.friend.id)).toMatchObject({ state: 'refused', why: 'erased' });
    await eraseCustomer(house.store, two.ada.customer.id, house.clock.now);
    await looks(two.friend.id);
    expect(await referralOf(two.friend.id)).toMatchObject({ state: 'refused', why: 'erased' });
    days(40);
    await looks(three.friend.id);
    await eraseCustomer(house.store, three.friend.customer.id, house.clock.now);
    expect(await referralOf(three.friend.id)).toMatchObject({ state: 'earned' });
  });

  it('a reward is given once, by the task or by hand, and by hand closes the task', async () => {
    const { ada, friend } = await brought();
    await changeSettings(house.store, { reward: 'A bag of coffee' });
    days(33);
    await looks(friend.id);
    await looks(ada.id);
    await house.task(ada.id, 'other', 'reward', 'referral-reward', '1.1');
    const { id } = await referralOf(friend.id);
    expect((await listReferrals(house.store, { owed: true })).items.map(({ referral }) => referral.id)).toContain(id);
    expect(await giveReward(house.store, id, 'sam', house.clock.now)).toBe(true);
    expect(await giveReward(house.store, id, 'eve', house.clock.now)).toBe(false);
    expect(await referralOf(friend.id)).toMatchObject({ givenBy: 'sam' });
    await looks(ada.id);
    expect(await house.story(ada.id)).toContain('task-cancelled referral-reward (given)');
    expect((await listReferrals(house.store, { owed: true })).items.map(({ referral }) => referral.id)).not.toContain(
      id,
    );
    await changeSettings(house.store, { reward: '' });
  });

  it('whoever asks for what is held about them hears of it, and not who it was', async () => {
    const { ada, friend } = await brought();
    const held = await exportCustomer(house.store, ada.customer);
    expect(held.referrals).toEqual([expect.objectContaining({ state: 'pending' })]);
    expect(JSON.stringify(held)).not.toContain(friend.customer.id);
    expect(JSON.stringify(held)).not.toContain(friend.id);
  });
});

it('the list goes on from a place, by state, along its indexes', async () => {
  const ada = await referrer();
  for (let nth = 0; nth < 3; nth += 1) await ordered({ referralCode: ada.customer.referralCode });
  const all = (await listReferrals(house.store, {}, 500)).items.map(({ referral }) => referral.id);
  const first = await listReferrals(house.store, {}, 2);
  const rest = await listReferrals(house.store, { cursor: first.next! }, 500);
  expect([...first.items, ...rest.items].map(({ referral }) => referral.id)).toEqual(all);
  const refused = (await listReferrals(house.store, { state: 'refused' })).items;
  expect(new Set(refused.map(({ referral }) => referral.state))).toEqual(new Set(['refused']));

  const plan = async (query: string) =>
    house.store.db.transaction(async (tx) => {
      await tx.execute(sql`SET LOCAL enable_seqscan = off`);
      const { rows } = await tx.execute(sql.raw(`EXPLAIN ${query}`));
      return JSON.stringify(rows);
    });
  const list = 'SELECT id FROM aftercare.referrals';
  expect(await plan(`${list} ORDER BY at DESC, id DESC LIMIT 51`)).toContain('referrals_list');
  expect(await plan(`${list} WHERE state = 'suspected' ORDER BY at DESC, id DESC LIMIT 51`)).toContain(
    'referrals_state',
  );
  expect(await plan(`${list} WHERE given_at IS NULL AND reward_due_at IS NOT NULL`)).toContain('referrals_owed');
});
