import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import { dueOfComplaint, nextOfComplaint } from '../../domain/complaintSteps.ts';
import { DAY, HOUR } from '../../domain/time.ts';
import { complaintsOf, handUp } from '../../store/complaints.ts';
import { findCustomer } from '../../store/customers.ts';
import { changeSettings } from '../../store/database.ts';
import { change, loadSale } from '../../store/followUps.ts';
import { complaints, customers, staff, tasks } from '../../store/schema.ts';
import { leave, putAbsence, putColleague } from '../../store/staff.ts';
import { makeTask, wantedBy } from '../../store/tasks.ts';
import { newTokens } from '../../store/tokens.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';

/** The pages of complaints: the customer's, behind a link, and the desk's. */
let house: House;
beforeAll(async () => {
  house = await freshHouse();
  await putColleague(house.store, { handle: 'meg', name: 'Meg Ray', email: null, phone: null, role: 'manager' }, NOON);
  await changeSettings(house.store, { manager: 'meg' });
}, 60_000);
afterAll(() => house.drop());

/** The link to talk to a person in a mail about an order. */
async function link(orderId: string, purpose: 'person' | 'unsubscribe' = 'person'): Promise<string> {
  const tokens = await newTokens(house.store.db, orderId, null, { [purpose]: null });
  return purpose === 'person' ? `/p/${tokens.person}` : `/p/unsubscribe/${tokens.unsubscribe}`;
}
const complaintOf = async (orderId: string) => (await complaintsOf(house.store.db, orderId)).at(-1);

/** Makes the tasks a complaint wants now, as its workflow would. */
async function work(orderId: string) {
  for (;;) {
    let made = false;
    await change(house.store, orderId, house.clock.now, async ({ tx, sale, note }) => {
      const { number } = sale.followUp.complaints.at(-1)!;
      const { step, touch, occurrence, dueAt } = nextOfComplaint(
        sale.followUp,
        number,
        sale.terms,
        house.clock.now,
      ).next;
      if (step === 'escalate' || step === 'end' || dueAt > house.clock.now) return;
      const due = dueOfComplaint(sale.followUp, sale.terms, house.clock.now, touch!, occurrence!)!;
      const about = { at: house.clock.now, touch, occurrence };
      made = true;
      if (step === 'send') return void (await note({ what: 'sent', ...about }));
      const { what } = await makeTask(house.store, tx, sale, wantedBy(due), house.clock.now);
      await note({ what, ...about, why: due.what });
    });
    if (!made) return;
  }
}
const openTasks = async (orderId: string) =>
  (await house.store.db.select().from(tasks).where(eq(tasks.orderId, orderId)))
    .filter(({ status }) => status === 'open')
    .map(({ reason }) => reason)
    .sort();

describe("the customer's page", () => {
  it('is sorry where nobody called in time', async () => {
    const id = await house.order('z');
    const path = `${await link(id)}/complaint`;
    await house.post(path, { text: 'It leaks.' });
    house.clock.now = NOON + 2 * DAY;
    expect((await house.get(path)).text).toContain('We are late, and sorry: the call is still coming.');
    house.clock.now = NOON;
  });

  it('takes a complaint, and says who calls and by when', async () => {
    const id = await house.order('a');
    const path = `${await link(id)}/complaint`;
    const before = await house.get(path);
    expect(before.status).toBe(200);
    expect(before.text).toContain('Sam Lee will call you by Tue, 3 Nov 2026, 12:00 (UTC)');
    expect(await complaintOf(id)).toBeUndefined();

    const after = await house.post(path, { text: 'It leaks <b>.', wants: 'repair', phone: '+49 30 999' });
    expect(after.text).toContain(
      'Thank you for telling us. Sam Lee sees to it, and will call you by Tue, 3 Nov 2026, 12:00 (UTC).',
    );
    expect(after.text).toContain('We hear the whole story: by Tuesday, 3 November 2026');
    expect(after.html).not.toContain('It leaks');
    expect(await complaintOf(id)).toMatchObject({ step: 'listen', owner: 'sam', wants: 'repair', number: 1 });
    // Sent twice it is there once; more words are the same complaint's.
    await house.post(path, { text: 'It leaks <b>.', wants: 'repair', phone: '+49 30 999' });
    await house.post(path, { text: 'And it is loud.' });
    expect(await house.story(id)).toEqual(['accepted', 'complained', 'complained']);
    const order = await house.get('/orders/shop/a');
    expect(order.html).toContain('It leaks &lt;b&gt;.\nCall at +4930999.');
    expect((await house.get(path)).text).toContain('You have told us that something is not right.');
  });

  it('is reached from every other page of the customer too, and in their language', async () => {
    const id = await house.order('b', {
      customer: { id: 'c-b', name: 'Ada', email: 'b@example.com', locale: 'de-DE', country: 'DE' },
    });
    const path = `${await link(id, 'unsubscribe')}/complaint`;
    expect((await house.get(path)).html).toContain('<html lang="de">');
    const said = await house.post(path, { text: 'Es tropft.' });
    expect(said.text).toContain('Danke, dass Sie es uns gesagt haben. Sam Lee kümmert sich darum');
  });

  it('refuses what is empty, too long or no number, and every wrong link alike', async () => {
    const id = await house.order('c');
    const path = `${await link(id)}/complaint`;
    const empty = await house.post(path, { text: '  ' });
    expect(empty).toMatchObject({ status: 422 });
    expect(empty.text).toContain('Please tell us what happened.');
    const long = await house.post(path, { text: 'x'.repeat(100_000) });
    expect(long).toMatchObject({ status: 422 });
    expect(long.text).toContain('This is 100000 characters long; at most 10000 are allowed.');
    expect((await house.post(path, { text: 'It leaks.', phone: '12' })).text).toContain('This number cannot be called');
    expect(await complaintOf(id)).toBeUndefined();
    for (const wrong of ['/p/wrong/complaint', `${path.replace('/p/', '/p/survey/')}`, '/p/x/complaint'])
      expect([(await house.get(wrong)).status, (await house.post(wrong, { text: 'x' })).status]).toEqual([404, 404]);
    expect(
      (await house.post(path, { text: 'x' }, { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }))
        .status,
    ).toBe(403);
  });
});

describe("the desk's page", () => {
  it('leads through a complaint step by step, and lists it while it is open', async () => {
    const id = await house.order('d');
    await house.happens('d', 'complained', { text: 'The wand leaks.' });
    await work(id);
    expect(await openTasks(id)).toEqual(['complaint', 'complaint-listen']);
    const { id: complaint } = (await complaintOf(id))!;
    const path = `/complaints/${complaint}`;
    const list = await house.get('/complaints');
    expect(list.html).toContain(`href="${path}"`);
    expect(list.text).toMatch(/Complaints \d+ open/);
    expect(list.text).toContain('Hear the whole story');
    const tasksPage = await house.get('/');
    expect(tasksPage.html).toContain(`<a href="${path}">The complaint, step by step</a>`);
    expect((await house.get(path)).text).toContain('Now: hear the whole story');

    const record = (form: string, typed: Record<string, string>) => house.post(`${path}/${form}`, typed);
    expect(await record('listen', { text: 'It drips.', wants: 'refund', apologised: 'yes' })).toMatchObject({
      status: 303,
      to: `${path}?saved=step`,
    });
    await work(id);
    // The refund is more than Sam may offer.
    expect((await house.get(path)).text).toContain('Refund (up to 50 EUR without Meg Ray');
    expect(await record('remedy', { remedy: 'Refund', value: '80' })).toMatchObject({ to: `${path}?saved=asked` });
    await work(id);
    expect(await openTasks(id)).toEqual(['complaint', 'complaint-approval', 'complaint-cause']);
    const [approval] = (await house.store.db.select().from(tasks)).filter(
      ({ reason }) => reason === 'complaint-approval',
    );
    expect(approval.owner).toBe('meg');
    const card = await house.get(`/tasks/${approval.id}`);
    expect(card.text).toContain('Refund, €80.00');
    expect(card.text).toMatch(/How did it come out\? Agree Do not agree/);
    await house.post(`/tasks/${approval.id}/outcome`, { outcome: 'done', id: 'x' });
    expect(await complaintOf(id)).toMatchObject({ remedy: 'Refund, €80.00', wants: 'refund' });

    expect(await record('fix', { text: 'Paid back.' })).toMatchObject({ to: `${path}?saved=step` });
    expect(await record('fix', { text: 'Paid back.' })).toMatchObject({ to: `${path}?saved=nothing` });
    const cause = await record('cause', { cause: 'Seal fitted dry', changed: 'Every seal is greased now.' });
    expect(cause).toMatchObject({ to: `${path}?saved=step` });
    await work(id);
    expect(await complaintOf(id)).toMatchObject({ closedWhy: 'told', cause: 'Seal fitted dry' });
    expect((await house.get('/complaints?closed=yes')).text).toContain('the customer was told what was changed');
    const { html } = await house.get(path);
    expect(html).toContain('The cause was removed for good.');
    // A step and its task tell the same words once.
    expect(html.split('Paid back.')).toHaveLength(2);
    expect(await record('close', { why: 'other', text: 'x' })).toMatchObject({ to: `${path}?saved=nothing` });
    expect((await house.get('/orders/shop/d')).html).toContain(`href="${path}"`);
  });

  it('says what is wrong with a form, and keeps what was typed', async () => {
    const id = await house.order('e');
    await house.happens('e', 'complained', { text: 'Too late.' });
    const path = `/complaints/${(await complaintOf(id))!.id}`;
    const faults: [string, Record<string, string>, string][] = [
      [
        'remedy',
        { remedy: 'A boat', value: '5' },
        'Choose what you offer; allowed: Explanation, Repair, Exchange, Refund.',
      ],
      ['remedy', { remedy: 'Refund', value: '-5' }, 'What it costs us is &quot;-5&quot;'],
      ['cause', { cause: '', changed: '' }, 'The cause is empty.'],
      ['cause', { cause: 'x'.repeat(200), changed: 'y' }, 'at most 120 are allowed'],
      ['apology', { by: 'pigeon' }, 'Say how you apologised'],
      ['tell', {}, 'Say how the customer was told.'],
      ['close', { why: 'other', text: ' ' }, 'What happened is empty'],
      ['close', { text: 'Gone.' }, 'Say why it is closed.'],
    ];
    for (const [form, typed, said] of faults) {
      const page = await house.post(`${path}/${form}`, typed);
      expect([form, page.status]).toEqual([form, 422]);
      expect(page.html).toContain(said);
    }
    expect((await house.post(`${path}/dance`, {})).status).toBe(404);
    expect((await house.get('/complaints/nobody')).status).toBe(404);
    expect((await house.post(`${path}/close`, { why: 'withdrawn', text: '<script>alert(1)</script>' })).to).toContain(
      'saved=closed',
    );
    const page = await house.get(path);
    expect(page.html).not.toContain('<script>');
    expect(page.text).toContain('the customer takes it back');
  });

  it("prints a letter in the customer's language, with what was changed", async () => {
    const id = await house.order('f', {
      customer: { id: 'c-f', name: 'Zoé', email: 'f@example.com', locale: 'fr-FR' },
    });
    await house.happens('f', 'complained', { text: 'Trop tard.' });
    const path = `/complaints/${(await complaintOf(id))!.id}`;
    await house.post(`${path}/cause`, { cause: 'Late', changed: 'Nous partons plus tôt.' });
    const letter = await house.get(`${path}/letter`);
    expect(letter.html).toContain('<html lang="fr">');
    expect(letter.text).toContain('Nous partons plus tôt.');
    expect(letter.text).toContain('Sam Lee');
  });

  it('goes on from page to page, by due time', async () => {
    const ids: string[] = [];
    for (let nth = 0; nth < 52; nth += 1) {
      house.clock.now = NOON + nth * HOUR;
      ids.push(await house.order(`many-${nth}`));
      await house.happens(`many-${nth}`, 'complained', { text: 'x' });
    }
    const first = await house.get('/complaints');
    const next = /href="(\/complaints\?[^"]*after=[^"]*)"/.exec(first.html)![1].replaceAll('&amp;', '&');
    const second = await house.get(next);
    const rows = [first, second].flatMap(({ html }) => html.match(/href="\/complaints\/[0-9a-f-]{36}"/g) ?? []);
    const open = (await house.store.db.select().from(complaints)).filter(({ closedAt }) => closedAt === null);
    expect(new Set(rows).size).toBe(open.length);
    expect((await house.get('/complaints?after=rubbish')).status).toBe(200);
    house.clock.now = NOON;
  }, 60_000);
});

it('roles and managers are kept under Settings', async () => {
  const typed = { handle: 'sam', name: 'Sam Lee', email: 'sam@example.org', role: 'Team lead', manager: 'meg' };
  expect((await house.post('/settings/colleagues', typed)).status).toBe(303);
  const [sam] = await house.store.db.select().from(staff).where(eq(staff.handle, 'sam'));
  expect(sam).toMatchObject({ role: 'team lead', manager: 'meg' });
  for (const manager of ['sam', 'nobody']) {
    const page = await house.post('/settings/colleagues', { ...typed, manager });
    expect(page.status).toBe(422);
    expect(page.text).toContain('The manager must be another colleague, and be there.');
  }
  expect((await house.get('/settings')).text).toContain('Who hears what colleagues without a manager');
});

it('a complaint that nobody was told about in time says so', async () => {
  const id = await house.order('g');
  await house.happens('g', 'complained', { text: 'x' });
  house.clock.now = NOON + 2 * DAY;
  expect((await house.get(`/complaints/${(await complaintOf(id))!.id}`)).text).toContain('(that is over)');
  house.clock.now = NOON;
});

describe('whoever has it', () => {
  it('is somebody who is there; the customer is told their name', async () => {
    const id = await house.order('away');
    const days = { from: '2026-11-01', to: '2026-11-20', standIn: 'meg' };
    await putAbsence(house.store, { handle: 'sam', ...days }, NOON);
    const path = `${await link(id)}/complaint`;
    expect((await house.post(path, { text: 'It leaks.' })).text).toContain('Meg Ray sees to it, and will call you by');
    expect(await complaintOf(id)).toMatchObject({ owner: 'meg' });
  });

  it('is whom the order named, once they are known, with all that is to be done', async () => {
    const id = await house.order('unknown', { salesperson: { name: 'Una Fox' } });
    await house.happens('unknown', 'complained', { text: 'x' });
    const { number, owner } = (await complaintOf(id))!;
    await change(house.store, id, NOON, async ({ note }) => {
      await note({ what: 'escalated', at: NOON, why: 'late-again', data: { number, owner } });
    });
    await work(id);
    await putColleague(house.store, { handle: 'una', name: 'Una Fox', email: null, phone: null }, NOON);
    await change(house.store, id, NOON);
    expect(await complaintOf(id)).toMatchObject({ owner: 'una' });
    const todo = await house.store.db.select().from(tasks).where(eq(tasks.orderId, id));
    expect(new Set(todo.map((task) => task.owner))).toEqual(new Set(['una']));
  });

  it('is late: what has settled itself by then is told too', async () => {
    const id = await house.order('handed-up');
    await house.happens('handed-up', 'complained', { text: 'x' });
    const { number, customerId } = (await complaintOf(id))!;
    await change(house.store, id, NOON, async ({ note }) => {
      for (const touch of ['complaint-listen', 'complaint-fix'])
        await note({ what: 'task-made', at: NOON, touch, occurrence: `${number}.1`, why: touch });
    });
    await house.store.db.update(customers).set({ email: null, emailHash: null }).where(eq(customers.id, customerId));
    const late = NOON + 3 * DAY;
    await change(house.store, id, late, ({ tx, sale }) => handUp(house.store, tx, sale, number, late));
    expect((await house.story(id)).slice(-2)).toEqual([
      'escalated (late-again)',
      'skipped complaint-received (no-email)',
    ]);
  });

  it('hands it over on leaving, and so does who is a manager', async () => {
    const id = await house.order('leaves', { salesperson: null });
    await putColleague(house.store, { handle: 'kim', name: 'Kim Roe', email: 'kim@example.org', phone: null }, NOON);
    await house.happens('leaves', 'complained', { text: 'x' });
    const { number } = (await complaintOf(id))!;
    await change(house.store, id, NOON, async ({ note }) => {
      await note({ what: 'escalated', at: NOON, why: 'late', data: { number, owner: 'kim' } });
    });
    expect(await complaintOf(id)).toMatchObject({ owner: 'kim', escalations: 1 });
    expect(await leave(house.store, 'kim', 'meg', NOON)).toMatchObject({ moved: 0 });
    expect(await complaintOf(id)).toMatchObject({ owner: 'meg' });
    await change(house.store, id, NOON);
    expect(await complaintOf(id)).toMatchObject({ owner: 'meg' });
  });
});

it('a complaint of somebody else of the company is theirs: they get the mail and the call', async () => {
  const company = { id: 'mill', name: 'Mill Ltd' };
  const id = await house.order('mill', {
    customer: {
      id: 'buyer',
      name: 'Bo Day',
      email: 'bo@mill.example',
      phone: '+49 30 7000001',
      company,
      role: 'buyer',
    },
  });
  await house.order('mill-2', {
    customer: {
      id: 'user',
      name: 'Kit Moss',
      email: 'kit@mill.example',
      phone: '+49 30 7000002',
      company,
      role: 'user',
    },
    paidAt: null,
  });
  const user = (await findCustomer(house.store, 'shop', 'user'))!;
  const { person } = await newTokens(house.store.db, id, user.id, { person: null });
  await house.post(`/p/${person}/complaint`, { text: 'The guard is loose.' });
  expect(await complaintOf(id)).toMatchObject({ customerId: user.id });
  const { followUp, terms, recipients } = await loadSale(house.store, house.store.db, id);
  const mail = dueOfComplaint(followUp, terms, NOON, 'complaint-received', '1.1')!;
  expect(recipients[mail.to!]).toBe(user.id);
  await work(id);
  const calls = await house.store.db.select().from(tasks).where(eq(tasks.orderId, id));
  expect(calls.map(({ customerId }) => customerId)).toEqual([user.id, user.id]);
});
