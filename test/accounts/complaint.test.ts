import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { and, asc, eq } from 'drizzle-orm';
import { HOUR } from '../../domain/time.ts';
import { close, offer, takeStep } from '../../store/complaints.ts';
import { changeSettings } from '../../store/database.ts';
import { improvements, staff, tasks } from '../../store/schema.ts';
import { putColleague } from '../../store/staff.ts';
import { phoneOf } from '../support/people.ts';
import { type Sale, Shop } from '../support/sale.ts';

/** Complaints from the first word to the day the customer is told, as they would go. */
let shop: Shop;

beforeAll(async () => {
  shop = await new Shop().open();
  const all = { email: null, phone: null };
  await putColleague(shop.store, { ...all, handle: 'meg', name: 'Meg Ray', role: 'manager', manager: 'max' }, 0);
  await putColleague(shop.store, { ...all, handle: 'max', name: 'Max Orr', role: 'manager' }, 0);
  await shop.store.db.update(staff).set({ manager: 'meg' }).where(eq(staff.handle, 'sam'));
  await changeSettings(shop.store, { manager: 'max' });
  await shop.monday();
}, 60_000);
afterAll(() => shop.close(), 60_000);

const customer = (id: string) => ({ id, name: 'Ada Palmer', email: `${id}@example.com`, phone: phoneOf(id) });
const mailsTo = (id: string) =>
  shop.mailServer.mails
    .filter(({ to }) => JSON.stringify(to).includes(`${id}@`))
    .map(({ subject, text }) => ({ subject, text: text! }));
const hours = (count: number) => shop.days(count / 24);

/** Open tasks with whose they are, as `sam call: complaint-listen`. */
async function open(sale: Sale): Promise<string[]> {
  const { id } = await sale.row();
  const rows = await shop.store.db
    .select()
    .from(tasks)
    .where(and(eq(tasks.orderId, id), eq(tasks.status, 'open')))
    .orderBy(asc(tasks.reason));
  return rows.map(({ owner, kind, reason }) => `${owner} ${kind}: ${reason}`);
}

it('is heard, put right, apologised for and mended, and the customer is told', async () => {
  const sale = await shop.order('1', { customer: customer('heard') });
  await sale.happens('complained', { text: 'The wand leaks.' });
  expect(await sale.stands()).toMatchObject({ stage: 'complaint', nextTouch: null });
  expect(await open(sale)).toEqual(['sam fix: complaint', 'sam call: complaint-listen']);
  const [thanks] = mailsTo('heard');
  expect(thanks.subject).toBe('Thank you for telling us about your Espresso machine');
  expect(thanks.text).toMatch(/By Tuesday.*you will hear from me/);
  expect(thanks.text).toContain('Sam Lee');
  expect(thanks.text).toMatch(/\/p\/[\w-]+\/complaint\n/);

  // Nobody was there in the morning; in the afternoon of the next day somebody is.
  await hours(1);
  await sale.comesOut('complaint-listen', 'no-answer');
  expect(await open(sale)).toContain('sam call: complaint-listen');
  const now = await shop.now();
  const row = await sale.complaint();
  expect(row).toMatchObject({ step: 'listen', owner: 'sam', escalations: 0 });
  await takeStep(
    shop.store,
    row,
    { step: 'listen', text: 'It drips at every cup.', wants: 'repair', apologised: false },
    now,
  );
  await shop.quiet();
  expect(await sale.complaint()).toMatchObject({ step: 'fix', wants: 'repair' });
  expect(await open(sale)).toEqual(['sam fix: complaint', 'sam other: complaint-cause']);

  await offer(shop.store, row, { remedy: 'Repair', value: 0 }, await shop.now());
  await sale.comesOut('complaint', 'done', { note: 'New seal fitted.' });
  expect(await open(sale)).toEqual(['sam letter: complaint-apology', 'sam other: complaint-cause']);
  await sale.comesOut('complaint-apology', 'done');
  const cause = { step: 'cause', cause: 'Seal fitted dry', changed: 'Every seal is greased now.' } as const;
  await takeStep(shop.store, row, cause, await shop.now());
  await shop.quiet();
  // What waited goes on at once.
  const [, told, thankYou] = mailsTo('heard');
  expect(told.text).toContain('Every seal is greased now.');
  expect(thankYou.subject).toBe('Thank you for your order 1');
  expect(await sale.complaint()).toMatchObject({ step: null, dueAt: null, closedWhy: 'told', remedy: 'Repair' });
  expect(await sale.stands()).toMatchObject({ stage: 'following' });
  expect((await sale.story()).slice(1)).toEqual([
    'day 0: complained',
    'day 0: task-made complaint-listen #1.1 (complaint-listen)',
    'day 0: task-made complaint-fix #1.1 (complaint)',
    'day 0: sent complaint-received #1.1',
    'day 0: outcome complaint-listen #1.1 (no-answer)',
    'day 0: task-made complaint-listen #1.2 (complaint-listen)',
    'day 0: outcome complaint-listen #1.2 (reached)',
    'day 0: heard',
    'day 0: task-made complaint-cause #1.1 (complaint-cause)',
    'day 0: remedy-offered',
    'day 0: outcome complaint-fix #1.1 (done)',
    'day 0: remedied',
    'day 0: task-made complaint-apology #1.1 (complaint-apology)',
    'day 0: outcome complaint-apology #1.1 (done)',
    'day 0: apologised (letter)',
    'day 0: outcome complaint-cause #1.1 (done)',
    'day 0: cause-found',
    'day 0: mended',
    'day 0: sent complaint-told #1.1',
    'day 0: told (email)',
    'day 0: complaint-closed (told)',
    'day 0: sent thank-you',
  ]);

  // Five business days later somebody asks whether all is well.
  await shop.days(7.2);
  expect(await sale.tasks()).toContain('call: all-well');
  await shop.saveComplaint('complaint', sale);
});

it('goes to the manager when it is late, and when it is late again to theirs', async () => {
  await shop.monday();
  const sale = await shop.order('2', { customer: customer('late') });
  await sale.happens('complained', { text: 'Nobody answers.' });
  const { promisedAt, dueAt } = await sale.complaint();
  expect(promisedAt - dueAt!).toBe(2 * HOUR + 16 * HOUR);
  // Four working hours before that its owner is warned.
  await hours(2.1);
  expect(await open(sale)).toContain('sam other: complaint-at-risk');
  await hours(4.1);
  expect(await open(sale)).toEqual(['meg fix: complaint', 'meg other: complaint-late', 'meg call: complaint-listen']);
  expect(await sale.complaint()).toMatchObject({ owner: 'meg', escalations: 1 });
  // The customer was promised tomorrow morning: there is time yet.
  expect(promisedAt).toBeGreaterThan(await shop.now());
  await shop.days(1.1);
  expect(await sale.complaint()).toMatchObject({ owner: 'max', escalations: 2 });
  expect(await open(sale)).toEqual(['max fix: complaint', 'max other: complaint-late', 'max call: complaint-listen']);
  await sale.comesOut('complaint-listen', 'reached', { note: 'They want an answer.' });
  expect(await open(sale)).toEqual(['max fix: complaint', 'max other: complaint-cause']);
  expect((await sale.story()).filter((line) => /escalated|cancelled|at-risk|late/.test(line))).toEqual([
    'day 0: task-made complaint-at-risk #1.1 (complaint-at-risk)',
    'day 0: escalated (late)',
    'day 0: task-cancelled complaint-at-risk #1.1 (late)',
    'day 0: task-made complaint-late #1.1 (complaint-late)',
    'day 1: task-made complaint-at-risk #1.4 (complaint-at-risk)',
    'day 1: escalated (late)',
    'day 1: task-cancelled complaint-at-risk #1.4 (late)',
    'day 1: task-cancelled complaint-late #1.1 (late)',
    'day 1: task-made complaint-late #1.2 (complaint-late)',
    'day 1: task-cancelled complaint-late #1.2 (done-meanwhile)',
  ]);
  // It is put right too late as well, and there is nobody above: the same manager hears of it again.
  await shop.days(8);
  expect(await sale.complaint()).toMatchObject({ owner: 'max', escalations: 3 });
  expect((await sale.story()).filter((line) => line.includes('escalated')).at(-1)).toMatch(/late-again/);
  await shop.saveComplaint('complaint-late', sale);
});

it("waits for the manager's word where the remedy is more than its owner may offer", async () => {
  await shop.monday();
  const sale = await shop.order('3', { customer: customer('word') });
  await sale.happens('complained', { text: 'It came broken.' });
  const row = await sale.complaint();
  const offers = async (remedy: string, value: number) => {
    await offer(shop.store, row, { remedy, value }, await shop.now());
    await shop.quiet();
  };
  await offers('Refund', 129.9);
  expect(await sale.complaint()).toMatchObject({ remedy: null });
  expect(await open(sale)).toContain('meg other: complaint-approval');
  await sale.comesOut('complaint-approval', 'skipped', { note: 'Half of it.' });
  expect(await sale.complaint()).toMatchObject({ remedy: null });
  await offers('Refund', 60);
  await sale.comesOut('complaint-approval', 'done');
  expect(await sale.complaint()).toMatchObject({ remedy: 'Refund, €60.00' });
  // What needs nobody's word takes the question back.
  await offers('Refund', 80);
  await offers('Refund', 50);
  expect(await sale.complaint()).toMatchObject({ remedy: 'Refund, €50.00' });
  expect(await open(sale)).not.toContain('meg other: complaint-approval');
  expect((await sale.story()).filter((line) => line.includes('remedy'))).toEqual([
    'day 0: remedy-asked',
    'day 0: remedy-refused',
    'day 0: remedy-asked',
    'day 0: remedy-offered (granted)',
    'day 0: remedy-asked',
    'day 0: remedy-offered',
  ]);
});

it('whose customer has no address is told by somebody, and nothing is sent', async () => {
  const sale = await shop.order('4', { customer: { id: 'phone', name: 'Ada Palmer', phone: phoneOf('phone') } });
  await sale.happens('complained', { text: 'It is loud.' });
  for (const [reason, outcome] of [
    ['complaint-listen', 'reached'],
    ['complaint', 'done'],
    ['complaint-apology', 'done'],
    ['complaint-cause', 'done'],
    ['complaint-tell', 'no-answer'],
    ['complaint-tell', 'reached'],
  ])
    await sale.comesOut(reason, outcome);
  expect(await sale.complaint()).toMatchObject({ closedWhy: 'told' });
  expect(await sale.story()).toContain('day 0: skipped complaint-received #1.1 (no-email)');
  expect((await sale.story()).slice(-2)).toEqual(['day 0: told (call)', 'day 0: complaint-closed (told)']);
});

it('is closed by hand with a reason, and what was to be done about it is taken back', async () => {
  const sale = await shop.order('5', { customer: customer('withdrawn') });
  await sale.happens('complained', { text: 'Where is it?' });
  const row = await sale.complaint();
  const closing = { why: 'withdrawn', text: 'It arrived while we spoke.' } as const;
  expect(await close(shop.store, row, closing, await shop.now())).toBe(true);
  await shop.quiet();
  expect(await open(sale)).toEqual([]);
  expect(await sale.stands()).toMatchObject({ stage: 'following' });
  expect(await close(shop.store, row, closing, await shop.now())).toBe(false);
  // Nobody asks whether all is well; the next complaint is one of its own.
  await shop.days(10);
  expect(await sale.tasks()).not.toContain('call: all-well');
  await sale.happens('complained', { text: 'It broke.' });
  expect(await sale.complaint()).toMatchObject({ number: 2, step: 'listen' });
});

it('the same cause twice in three months is for the review, once, and counts on', async () => {
  for (const number of ['6', '7', '8']) {
    const sale = await shop.order(number, { customer: customer(`cause-${number}`) });
    await sale.happens('complained', { text: 'It came late.' });
    const cause = number === '7' ? 'lost by the CARRIER' : 'Lost by the carrier';
    const done = { step: 'cause', cause, changed: 'We track it now.' } as const;
    await takeStep(shop.store, await sale.complaint(), done, await shop.now());
    await shop.quiet();
  }
  const notes = (await shop.store.db.select().from(improvements)).filter(
    ({ cause }) => cause === 'lost by the CARRIER',
  );
  expect(notes.map(({ by, orderId, text }) => ({ by, orderId, text }))).toEqual([
    { by: null, orderId: null, text: expect.stringContaining('3 times: Lost by the carrier') },
  ]);
});

it('a low score is called about, the manager hears when it is not, and a complaint comes of it', async () => {
  await shop.monday();
  const sale = await shop.order('9', { customer: customer('low') });
  await shop.days(15.2);
  await sale.answers(5, null, 'It is slow.');
  expect(await open(sale)).toContain('sam call: detractor');
  await shop.days(4);
  expect(await open(sale)).toContain('meg other: not-done');
  await sale.comesOut('detractor', 'complaint', { note: 'It takes an hour.' });
  // Whoever complains is not asked by somebody else whether all is fine.
  expect(await open(sale)).toEqual(['sam fix: complaint', 'sam call: complaint-listen']);
  expect(await sale.stands()).toMatchObject({ stage: 'complaint' });
  expect(await sale.story()).toContain('day 19: task-cancelled recovery-not-done (done-meanwhile)');
});

it('runs on when its customer orders again, and ends when they want no contact', async () => {
  const sale = await shop.order('10', { customer: customer('again') });
  await sale.happens('complained', { text: 'It leaks.' });
  await shop.order('11', { customer: customer('again') });
  expect(await sale.stands()).toMatchObject({ stage: 'complaint', outcome: 'reordered' });
  expect(await open(sale)).toHaveLength(2);
  expect(await sale.complaint()).toMatchObject({ closedAt: null });
  const other = await shop.order('12', { customer: customer('stops') });
  await other.happens('complained', { text: 'It leaks.' });
  await other.optsOut(true);
  expect(await other.complaint()).toMatchObject({ closedWhy: 'opted-out' });
  expect(await open(other)).toEqual([]);
  // Whoever complains after that is heard, by a person.
  await other.happens('complained', { text: 'Now it burns.' });
  expect(await other.complaint()).toMatchObject({ number: 2, closedAt: null });
  expect(await open(other)).toEqual(['sam fix: complaint', 'sam other: complaint-listen']);
});

it('about an order that was kept for the record only is seen to, and nobody is contacted about anything else', async () => {
  const placedAt = '2024-03-01T10:00:00Z';
  const sale = await shop.order('13', { customer: customer('old'), placedAt }, { history: true });
  const young = await shop.order('14', { customer: customer('old') });
  await sale.happens('complained', { text: 'It broke after two years.' });
  expect(await sale.stands()).toMatchObject({ stage: 'complaint' });
  expect(await open(sale)).toEqual(['sam fix: complaint', 'sam call: complaint-listen']);
  expect(mailsTo('old').map(({ subject }) => subject)).toEqual([expect.stringMatching(/^Thank you for telling us/)]);
  // Their other order waits too.
  await shop.days(0.2);
  expect(await young.story()).not.toContain('day 0: sent thank-you');
  const closing = { why: 'other', text: 'Out of warranty; a spare part was sent.' } as const;
  await close(shop.store, await sale.complaint(), closing, await shop.now());
  await shop.quiet();
  expect(await sale.stands()).toMatchObject({ stage: 'history' });
  expect(await young.story()).toContain('day 0: sent thank-you');
});

it('whose thanks come back as undeliverable goes on: its customer is called anyway', async () => {
  shop.mailServer.unknown.add('nobody@example.com');
  const sale = await shop.order('15', { customer: customer('nobody') });
  await sale.happens('complained', { text: 'It leaks.' });
  expect(await open(sale)).toEqual(['sam fix: complaint', 'sam call: complaint-listen']);
  expect(await sale.story()).toContain('day 0: skipped complaint-received #1.1 (address-refused)');
});
