import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import { DAY, HOUR, iso } from '../../domain/time.ts';
import { unlink } from '../../store/parties.ts';
import { pauseEverything, resumeEverything } from '../../store/pauses.ts';
import { tasks } from '../../store/schema.ts';
import { putAbsence, putColleague } from '../../store/staff.ts';
import { linkBehind } from '../../store/tokens.ts';
import { phoneOf } from '../support/people.ts';
import { type Sale, Shop } from '../support/sale.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await new Shop().open(fileURLToPath(new URL('playbooks', import.meta.url)));
});
beforeEach(() => shop.monday());
afterAll(() => shop?.close());

const customer = (id: string) => ({ id, name: 'Ada Palmer', email: `${id}@example.com`, phone: phoneOf(id) });
const mailsTo = (id: string) =>
  shop.mailServer.mails
    .filter(({ to }) => JSON.stringify(to).includes(`${id}@example.com`))
    .map(({ subject }) => subject);
const inDays = async (days: number) => iso((await shop.now()) + days * DAY);
const dayIn = async (days: number) => (await inDays(days)).slice(0, 10);
/** The story without what every one begins with. */
const told = async (sale: Sale) => (await sale.story()).slice(1);

it('the cap sees all mail to a customer: an offer waits three days after a thank-you for another order', async () => {
  const first = await shop.order('1', { playbook: 'selling', customer: customer('capped') });
  await shop.days(1.9);
  const second = await shop.order('2', { playbook: 'standard', customer: customer('capped'), paidAt: null });
  await shop.days(3.5);
  expect(mailsTo('capped')).toEqual([
    'Thank you for your order 1',
    'Thank you for your order 2',
    'A question about your order',
  ]);
  expect(await told(first)).toEqual([
    'day 0: sent thank-you',
    'day 2: put-off first-offer (too-often)',
    'day 4: sent first-offer',
  ]);
  expect(await told(second)).toEqual(['day 0: sent thank-you']);
  await shop.save('capped', '1');
});

it('what would come too late because of the cap is not sent, and says why', async () => {
  const first = await shop.order('3', { playbook: 'selling', customer: customer('late') });
  await shop.days(9.9);
  await shop.order('4', { customer: customer('late'), paidAt: null });
  await shop.days(1);
  expect(await told(first)).toContain('day 10: skipped second-offer (too-often)');
});

it('nobody is asked twice in ninety days', async () => {
  const first = await shop.order('5', { customer: customer('asked') });
  await shop.days(16);
  expect(await told(first)).toContain('day 15: sent survey');
  const second = await shop.order('6', { customer: customer('asked') });
  await shop.days(16);
  expect(await told(second)).toContain('day 15: skipped survey (asked-recently)');
  await shop.days(80);
  const third = await shop.order('7', { customer: customer('asked') });
  await shop.days(16);
  expect(await told(third)).toContain('day 15: sent survey');
});

it('an order through another shop counts as the reorder, where the address is known to be theirs', async () => {
  const first = await shop.order('8', { customer: customer('guest') });
  await shop.days(1);
  const second = await shop.order('8', {
    source: 'market',
    customer: { ...customer('guest'), id: 'm-1', phone: null },
  });
  expect(await first.stands()).toMatchObject({ outcome: 'reordered' });
  expect(await told(first)).toContain('day 1: reordered (market/8)');
  await unlink(shop.store, (await second.row()).customerId, await shop.now());
  await shop.quiet();
  expect(await told(first)).toContain('day 1: reorder-undone (unlinked)');
  expect(await first.stands()).toMatchObject({ stage: 'following', outcome: null });
});

it('a number is not taken for theirs before anybody was reached on it', async () => {
  const phone = phoneOf('shared');
  const first = await shop.order('9', { customer: { id: 'p-1', phone } });
  const second = await shop.order('9', { source: 'market', customer: { id: 'p-2', phone } });
  expect((await first.row()).partyId).not.toBe((await second.row()).partyId);
  await shop.days(15.2);
  await first.comesOut('survey-by-phone', 'reached');
  expect((await first.row()).partyId).toBe((await second.row()).partyId);
  expect(await first.stands()).toMatchObject({ outcome: 'reordered' });
});

it('a complaint of one person holds up what others of the company get', async () => {
  const company = { id: 'firm', name: 'Palmer Ltd' };
  const old = await shop.order('10', { customer: { ...customer('buyer'), company, role: 'buyer' } });
  const young = await shop.order('11', {
    customer: { ...customer('user'), company, role: 'user' },
    paidAt: null,
  });
  await old.happens('complained');
  await shop.days(15.2);
  expect(mailsTo('user')).toEqual([]);
  expect(await young.stands()).toMatchObject({ stage: 'unpaid', nextTouch: null });
});

it('a reorder by anybody of the company ends what the others were to get', async () => {
  const company = { id: 'works', name: 'Works Ltd' };
  const first = await shop.order('12', { customer: { ...customer('one'), company } });
  await shop.days(1);
  await shop.order('13', { customer: { ...customer('two'), company } });
  expect(await first.stands()).toMatchObject({ outcome: 'reordered' });
});

it('while everything is paused nothing goes out; afterwards it comes in good order, or is too late', async () => {
  const sale = await shop.order('14', { playbook: 'selling', customer: customer('incident') });
  const later = await shop.order('15', { customer: customer('beside') });
  await pauseEverything(shop.store, { until: (await shop.now()) + 8 * DAY, why: 'mail trouble' }, await shop.now());
  await shop.days(7.9);
  expect(mailsTo('incident')).toEqual([]);
  await shop.days(0.5);
  expect(mailsTo('incident')).toEqual(['Thank you for your order 14']);
  await shop.days(3);
  expect(await told(sale)).toEqual([
    'day 0: put-off thank-you (everything-paused)',
    'day 2: put-off first-offer (everything-paused)',
    'day 8: sent thank-you',
    expect.stringMatching(/^day \d+: put-off first-offer/),
    expect.stringMatching(/^day 10: skipped second-offer \((too-often|something-better)\)/),
    'day 11: sent first-offer',
  ]);
  expect(await told(later)).toContain('day 8: sent thank-you');
  await shop.save('incident', '14');
});

it('a pause that ends early lets go what fell due in it', async () => {
  const sale = await shop.order('16', { customer: customer('early') });
  await pauseEverything(shop.store, { until: (await shop.now()) + 100 * DAY, why: 'stock-taking' }, await shop.now());
  await shop.days(5);
  expect(mailsTo('early')).toEqual([]);
  await resumeEverything(shop.store);
  await shop.quiet();
  await shop.days(0.1);
  expect(await told(sale)).toEqual(['day 0: put-off thank-you (everything-paused)', 'day 5: sent thank-you']);
});

it('a machine: the owner lets the mail go, the user is asked, the buyer hears of the renewal', async () => {
  const company = { id: 'mill', name: 'Mill Ltd' };
  await shop.order('u', { customer: { ...customer('miller'), company, role: 'user' }, paidAt: null });
  const sale = await shop.order('17', {
    playbook: 'machine',
    customer: { ...customer('boss'), company, role: 'Buyer' },
    lines: [{ name: 'Mill', serial: 'M-1', term: { from: await dayIn(0), to: await dayIn(400) } }],
  });
  await shop.days(1.2);
  expect(await sale.tasks()).toEqual(['other: approve-mail']);
  expect(mailsTo('boss')).toEqual([]);
  await sale.comesOut('approve-mail', 'done');
  await shop.days(1);
  expect(mailsTo('boss')).toEqual(['Thank you for your order 17']);
  await sale.happens('installed');
  await shop.days(4);
  await sale.comesOut('check-in', 'reached');
  await shop.days(45);
  expect(mailsTo('miller')).toEqual(['How did we do?']);
  // The links in it are the user's own: the buyer has not opted out of anything.
  const survey = shop.mailServer.mails.findLast(({ to }) => JSON.stringify(to).includes('miller@'))!;
  const unsubscribe = /\/u\/(\S+)/.exec(survey.text!)![1];
  const link = await linkBehind(shop.store.db, 'unsubscribe', unsubscribe, await shop.now());
  expect(link!.customerId).not.toBe((await sale.row()).customerId);
  await shop.days(140);
  await sale.comesOut('first-maintenance', 'done');
  await shop.days(10);
  expect(await sale.tasks()).toEqual(['call: up-sell']);
  await sale.comesOut('up-sell', 'not-interested');
  await shop.days(150);
  expect(mailsTo('boss').at(-1)).toContain('Mill');
  await shop.days(30);
  expect(await sale.tasks()).toEqual(['call: yearly-review']);
  await sale.comesOut('yearly-review', 'reached');
  await shop.days(366);
  expect(await sale.tasks()).toEqual(['call: yearly-review']);
  await shop.save('machine', '17');
});

it('a mail its owner does not let go is not sent, and neither is what hangs on it', async () => {
  const sale = await shop.order('18', { playbook: 'machine', customer: customer('unapproved') });
  await shop.days(1.2);
  await sale.comesOut('approve-mail', 'skipped');
  await shop.days(3);
  expect(mailsTo('unapproved')).toEqual([]);
  expect(await told(sale)).toContain('day 1: skipped thank-you (not-approved)');
});

it('a promise at risk warns its owner; kept a day early it is beaten; broken, selling waits for the apology', async () => {
  const promises = [
    { what: 'Delivered', by: await dayIn(10), expected: await dayIn(7) },
    { what: 'Training', by: await dayIn(5) },
  ];
  const sale = await shop.order('19', { playbook: 'again', customer: customer('promised'), promises });
  await shop.days(4.2);
  await sale.happens('delivered');
  expect((await sale.tasks()).sort()).toEqual(['other: promise-at-risk']);
  await shop.days(2);
  await sale.comesOut('promise', 'broken');
  expect(await sale.tasks()).toEqual(['call: broken-promise']);
  expect(await sale.stands()).toMatchObject({ nextTouch: null });
  await shop.days(3);
  expect(mailsTo('promised')).toEqual(['Thank you for your order 19']);
  await sale.comesOut('broken-promise', 'reached');
  await shop.days(1.5);
  expect(mailsTo('promised')).toHaveLength(2);
  expect(await told(sale)).toContain('day 4: delivered');
});

it('interested and undecided for fourteen days: the follow-up goes on', async () => {
  const sale = await shop.order('20', { playbook: 'again', customer: customer('undecided') });
  await sale.happens('interested');
  const [task] = await shop.store.db
    .select()
    .from(tasks)
    .where(eq(tasks.orderId, (await sale.row()).id));
  expect(task).toMatchObject({ kind: 'call', reason: 'interested', owner: 'sam' });
  expect(task.dueAt - task.madeAt).toBeLessThanOrEqual(DAY / 24);
  await shop.days(13.9);
  expect(await sale.stands()).toMatchObject({ stage: 'paused' });
  await shop.days(0.5);
  expect(await told(sale)).toContain('day 14: resumed (undecided)');
  expect(mailsTo('undecided')).toHaveLength(2);
});

it('three orders show a rhythm: a reminder comes before the next, a call after it was missed', async () => {
  const now = await shop.now();
  for (const [number, days] of [
    ['21', 90],
    ['22', 60],
    ['23', 30],
  ] as const)
    await shop.order(number, { customer: customer('regular'), placedAt: iso(now - days * DAY) }, { history: true });
  const sale = await shop.order('24', { playbook: 'again', customer: customer('regular') });
  expect(Math.abs((await sale.row()).expectedAt! - now - 30 * DAY)).toBeLessThan(2 * HOUR);
  await shop.days(60);
  const story = await told(sale);
  expect(story).toContain('day 0: skipped welcome (not-first-order)');
  expect(story).toContain('day 22: sent replenishment');
  expect(story).toContainEqual(expect.stringMatching(/^day 4[456]: task-made win-back/));
});

it('who reaches a threshold gets something of value, once', async () => {
  const orders: Sale[] = [];
  for (const number of ['25', '26', '27', '28'])
    orders.push(await shop.order(number, { playbook: 'again', customer: customer('loyal') }));
  const letters = await Promise.all(
    orders.map(async (sale) => (await sale.story()).filter((line) => /made fifth/.test(line))),
  );
  expect(letters).toEqual([[], [], ['day 0: task-made fifth (loyalty)'], []]);
});

it('two contacts without a sign of life halve how often; then there is nothing more to tell, and then silence', async () => {
  const sale = await shop.order('29', {
    playbook: 'again',
    customer: customer('silent'),
    lines: [{ name: 'Something', category: 'unheard-of' }],
  });
  await shop.days(900);
  const keeping = (await told(sale)).filter((line) => /keep-in-touch|dormant/.test(line));
  const days = keeping.map((line) => Number(/day (\d+)/.exec(line)![1]));
  expect(keeping.at(-1)).toMatch(/dormant/);
  expect(keeping.some((line) => line.includes('skipped keep-in-touch') && line.includes('(nothing-useful)'))).toBe(
    true,
  );
  expect(days[2] - days[1]).toBeGreaterThan(70);
  expect(await sale.stands()).toMatchObject({ stage: 'waiting', nextTouch: null });
  await sale.happens('note', { text: 'seen at the fair' });
  expect(await sale.stands()).toMatchObject({ nextTouch: null });
  await sale.happens('interested');
  expect(await sale.tasks()).toContain('call: interested');
});

it('a full day spills over to the team mate, and then to the next day', async () => {
  await putColleague(
    shop.store,
    { handle: 'kim', name: 'Kim', email: 'kim@example.org', phone: null, team: 'desk', tasksPerDay: 1 },
    0,
  );
  await putColleague(
    shop.store,
    { handle: 'lou', name: 'Lou', email: 'lou@example.org', phone: null, team: 'desk', tasksPerDay: 1 },
    0,
  );
  const given = { playbook: 'machine', salesperson: { email: 'kim@example.org' } };
  const sales = [];
  for (const number of ['30', '31', '32'])
    sales.push(await shop.order(number, { ...given, customer: customer(`busy-${number}`) }));
  await shop.days(1.2);
  const rows = await shop.store.db.select().from(tasks);
  const made = (await Promise.all(sales.map((sale) => sale.row()))).map(
    ({ id }) => rows.find(({ orderId }) => orderId === id)!,
  );
  const owners = made.map(({ owner }) => owner).sort();
  expect(owners).toEqual(['kim', 'kim', 'lou']);
  expect(new Set(made.map(({ owner, dueAt }) => `${owner} ${iso(dueAt).slice(0, 10)}`)).size).toBe(3);
  const spilled = (await Promise.all(sales.map((sale) => sale.story())))
    .flat()
    .filter((line) => line.includes('spilled'));
  expect(spilled).toHaveLength(2);
});

it('who is away is stood in for', async () => {
  await putColleague(shop.store, { handle: 'ann', name: 'Ann', email: 'ann@example.org', phone: null }, 0);
  await putAbsence(
    shop.store,
    { handle: 'ann', from: await dayIn(0), to: await dayIn(6), standIn: 'sam' },
    await shop.now(),
  );
  const sale = await shop.order('33', {
    playbook: 'machine',
    customer: customer('stood-in'),
    salesperson: { email: 'ann@example.org' },
  });
  await shop.days(1.2);
  const [task] = await shop.store.db
    .select()
    .from(tasks)
    .where(eq(tasks.orderId, (await sale.row()).id));
  expect(task).toMatchObject({ owner: 'sam', insteadOf: 'ann', insteadWhy: 'away' });
});
