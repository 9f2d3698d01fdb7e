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

/** Sends the form, and reads the page it leads to. */
const complains = async (path: string, form: Record<string, string>) =>
  house.get((await house.post(path, form)).to ?? 'nowhere');

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
    const { text } = await house.get(path);
    expect(text).toContain('You were to hear from us by Tue, 3 Nov 2026, 12:00 (UTC). We are late, and sorry.');
    expect(text).toContain(
      'We hear the whole story: was to be done by Tuesday, 3 November 2026; we are late, and sorry',
    );
    house.clock.now = NOON;
  });

  it('takes a complaint, and says who sees to it and by when they hear', async () => {
    const id = await house.order('a');
    const path = `${await link(id)}/complaint`;
    const before = await house.get(path);
    expect(before.status).toBe(200);
    expect(before.text).toContain('You will hear from Sam Lee by Tue, 3 Nov 2026, 12:00 (UTC)');
    expect(await complaintOf(id)).toBeUndefined();

    const after = await complains(path, { text: 'It leaks <b>.', wants: 'repair', phone: '+49 30 999' });
    expect(after.text).toContain(
      'Thank you for telling us. Sam Lee sees to it, and you will hear from them by Tue, 3 Nov 2026, 12:00 (UTC).',
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

  it('sent again from the same showing it is the same, even when it is closed by then', async () => {
    const id = await house.order('resent');
    const path = `${await link(id)}/complaint`;
    const [, form] = /name="form" value="([^"]+)"/.exec((await house.get(path)).html)!;
    await complains(path, { text: 'It leaks.', form });
    const { number } = (await complaintOf(id))!;
    const close = { what: 'complaint-closed', at: NOON, why: 'withdrawn', data: { number } } as const;
    await change(house.store, id, NOON, async ({ note }) => {
      await note(close);
    });
    expect((await complains(path, { text: 'It leaks.', form })).text).toContain('Your last complaint is closed.');
    expect((await house.story(id)).filter((line) => line.startsWith('complained'))).toHaveLength(1);
    // Opened anew it is a new one, with the same words.
    await complains(path, { text: 'It leaks.', form: 'another showing' });
    expect((await house.story(id)).filter((line) => line.startsWith('complained'))).toHaveLength(2);
  });

  it('who has more to say after being heard is heard again, as soon as the first time', async () => {
    const id = await house.order('more');
    const path = `${await link(id)}/complaint`;
    await complains(path, { text: 'It leaks.' });
    await work(id);
    const listen = async () =>
      (await house.store.db.select().from(tasks).where(eq(tasks.orderId, id))).filter(
        ({ reason, status }) => reason === 'complaint-listen' && status === 'open',
      );
    const [call] = await listen();
    await house.post(`/tasks/${call.id}/outcome`, { outcome: 'reached' });
    expect(await complaintOf(id)).toMatchObject({ step: 'fix' });
    expect(await listen()).toEqual([]);

    house.clock.now = NOON + DAY;
    const said = await complains(path, { text: 'It also burnt my hand.' });
    expect(said.text).toContain('you will hear from them by Wed, 4 Nov 2026, 12:00 (UTC).');
    expect(await complaintOf(id)).toMatchObject({ step: 'listen', promisedAt: NOON + 2 * DAY });
    await work(id);
    expect(await listen()).toMatchObject([{ kind: 'call', owner: 'sam', dueAt: NOON + 2 * DAY - 2 * HOUR }]);
    house.clock.now = NOON;
  });

  it('is reached from every other page of the customer too, and in their language', async () => {
    const id = await house.order('b', {
      customer: { id: 'c-b', name: 'Ada', email: 'b@example.com', locale: 'de-DE', country: 'DE' },
    });
    const path = `${await link(id, 'unsubscribe')}/complaint`;
    expect((await house.get(path)).html).toContain('<html lang="de">');
    const said = await complains(path, { text: 'Es tropft.' });
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

describe('a remedy', () => {
  /** A complaint about a new order, with a way to send its forms. */
  async function complaint(number: string) {
    const id = await house.order(number);
    await house.happens(number, 'complained', { text: 'It leaks.' });
    await work(id);
    const path = `/complaints/${(await complaintOf(id))!.id}`;
    const record = (form: string, typed: Record<string, string>) => house.post(`${path}/${form}`, typed);
    const refund = async (value: string) => {
      const { to } = await record('remedy', { remedy: 'Refund', value });
      await work(id);
      return to?.replace(`${path}?saved=`, '');
    };
    const remedies = async () => (await house.story(id)).filter((line) => line.startsWith('remed'));
    return { id, path, record, refund, remedies };
  }
  const all = async (orderId: string, reason: string) =>
    (await house.store.db.select().from(tasks).where(eq(tasks.orderId, orderId)).orderBy(tasks.madeAt)).filter(
      (task) => task.reason === reason,
    );
  const last = async (orderId: string, reason: string) =>
    (await all(orderId, reason)).find(({ status }) => status === 'open')!;

  it('that is limited needs an amount, one without a limit does not; a comma is a point', async () => {
    const { record, refund, id } = await complaint('limited');
    for (const value of ['', ' ', '0', '0,00']) {
      const page = await record('remedy', { remedy: 'Refund', value });
      expect([value, page.status]).toEqual([value, 422]);
      expect(page.text).toContain(
        'What it costs us is not said, and Refund is yours to offer up to a limit only; allowed: an amount above 0.',
      );
    }
    expect((await record('remedy', { remedy: 'Refund', value: '1,250' })).status).toBe(422);
    expect((await complaintOf(id))!.remedy).toBeNull();
    expect(await refund('12,50')).toBe('offered');
    expect((await complaintOf(id))!.remedy).toBe('Refund, €12.50');
    expect((await record('remedy', { remedy: 'Repair', value: '' })).to).toContain('saved=offered');
  });

  it('is what the manager has read: on another sum they are asked anew, and the old page is too late', async () => {
    const { id, refund, remedies } = await complaint('read');
    expect(await refund('60')).toBe('asked');
    const read = await last(id, 'complaint-approval');
    expect(await refund('9000')).toBe('asked');
    const late = await house.post(`/tasks/${read.id}/outcome`, { outcome: 'done', id: 'x', back: '/' });
    expect(late.to).toContain('closed=');
    expect((await complaintOf(id))!.remedy).toBeNull();
    expect(await house.story(id)).toContain('task-cancelled complaint-approval (asked-again)');
    expect((await house.get(`/orders/shop/read`)).text).toContain(
      'The task was no longer needed: something else was asked for.',
    );
    const anew = await last(id, 'complaint-approval');
    const card = await house.get(`/tasks/${anew.id}`);
    expect(card.text).toContain('Refund, €9,000.00');
    expect(card.text).not.toContain('€60.00');

    // Refused, and asked once more, it is a task once more.
    await house.post(`/tasks/${anew.id}/outcome`, { outcome: 'skipped', note: 'Half of it.', id: 'y' });
    expect(await refund('70')).toBe('asked');
    const third = await last(id, 'complaint-approval');
    expect((await house.get(`/tasks/${third.id}`)).text).toContain('Refund, €70.00');
    await house.post(`/tasks/${third.id}/outcome`, { outcome: 'done', id: 'z' });
    expect((await complaintOf(id))!.remedy).toBe('Refund, €70.00');
    expect(await remedies()).toEqual([
      'remedy-asked',
      'remedy-asked',
      'remedy-refused',
      'remedy-asked',
      'remedy-offered (granted)',
    ]);
  });

  it('is not put right while the word on it is awaited; what needs nobody takes the question back', async () => {
    const { id, path, record, refund } = await complaint('awaited');
    await refund('80');
    const said = `Meg Ray's word on "Refund, €80.00" is awaited, and it can be put right after that; offering something that needs nobody's word takes the question back`;
    const fix = await last(id, 'complaint');
    const byStep = await record('fix', { text: 'Paid back.' });
    expect(byStep).toMatchObject({ status: 422 });
    expect(byStep.text).toContain(said);
    const byTask = await house.post(`/tasks/${fix.id}/outcome`, { outcome: 'done', note: 'Paid back.', id: 'x' });
    expect(byTask).toMatchObject({ status: 422 });
    expect(byTask.text).toContain(said);
    const byApi = await house.app.request(`/v1/tasks/${fix.id}/outcome`, {
      method: 'POST',
      headers: { authorization: 'Bearer a-token-for-tests', 'content-type': 'application/json' },
      body: JSON.stringify({ outcome: 'done' }),
    });
    expect([byApi.status, ((await byApi.json()) as { detail: string }).detail]).toEqual([409, said]);
    // Nor without its task.
    await house.store.db.update(tasks).set({ status: 'cancelled' }).where(eq(tasks.id, fix.id));
    expect((await record('fix', {})).text).toContain(said);
    await house.store.db.update(tasks).set({ status: 'open' }).where(eq(tasks.id, fix.id));
    expect(await house.story(id)).not.toContain('remedied');

    expect(await refund('20')).toBe('offered');
    expect(await record('fix', { text: 'Paid back.' })).toMatchObject({ to: `${path}?saved=step` });
    expect(await openTasks(id)).not.toContain('complaint-approval');
  });

  it('that stands, or is asked for, is there once however often it is sent', async () => {
    const { refund, remedies } = await complaint('twice');
    expect([await refund('20'), await refund('20')]).toEqual(['offered', 'nothing']);
    expect([await refund('80'), await refund('80')]).toEqual(['asked', 'nothing']);
    // The first still stands: to offer it again takes the question back.
    expect([await refund('20'), await refund('20')]).toEqual(['offered', 'nothing']);
    expect(await remedies()).toEqual(['remedy-offered', 'remedy-asked', 'remedy-offered']);
  });

  it('of who has nobody above them stands at once', async () => {
    const { id, path, record } = await complaint('top');
    const { number } = (await complaintOf(id))!;
    await house.store.db.update(staff).set({ role: 'salesperson' }).where(eq(staff.handle, 'meg'));
    await change(house.store, id, NOON, async ({ note }) => {
      await note({ what: 'escalated', at: NOON, why: 'late', data: { number, owner: 'meg' } });
    });
    expect((await house.get(path)).text).not.toContain("Meg Ray's word");
    expect((await record('remedy', { remedy: 'Refund', value: '800' })).to).toContain('saved=offered');
    expect(await complaintOf(id)).toMatchObject({ remedy: 'Refund, €800.00', owner: 'meg' });
    await house.store.db.update(staff).set({ role: 'manager' }).where(eq(staff.handle, 'meg'));
  });

  it("shows the manager's word to who asked, with what they wrote", async () => {
    const { id, path, record, refund } = await complaint('word');
    expect((await house.get(path)).text).toContain('Offer something ');
    await record('listen', { text: 'It drips.' });
    await refund('80');
    const { id: asked } = await last(id, 'complaint-approval');
    await house.post(`/tasks/${asked}/outcome`, { outcome: 'skipped', note: 'Half of it.', id: 'x' });
    const refused = 'Refund, €80.00: the manager did not agree. They wrote: Half of it.';
    const fix = `/tasks/${(await last(id, 'complaint')).id}`;
    for (const page of [path, fix]) expect((await house.get(page)).text).toContain(refused);
    await refund('60');
    const { id: again } = await last(id, 'complaint-approval');
    await house.post(`/tasks/${again}/outcome`, { outcome: 'done', id: 'y' });
    const granted = 'Refund, €60.00: the manager agreed, and it is offered.';
    for (const page of [path, fix]) expect((await house.get(page)).text).toContain(granted);
    const { text } = await house.get(path);
    expect(text.indexOf(granted)).toBeLessThan(text.indexOf('It is put right'));
    expect(text).not.toContain(refused);
  });

  it('can be offered before the customer was heard, in a fold of its own', async () => {
    const { path, record, refund } = await complaint('early');
    const folds = async () =>
      [...(await house.get(path)).html.matchAll(/<summary>(.*?)<\/summary>/g)].map(([, title]) => title);
    expect(await folds()).toContain('Offer something');
    expect((await house.get(path)).html.match(/id="remedy-value"/g)).toHaveLength(1);
    const wrong = await record('remedy', { remedy: 'Refund', value: 'much' });
    expect(wrong.html).toContain('<details open=""><summary>Offer something</summary>');
    await refund('20');
    expect(await folds()).toContain('Offer something else');
  });
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
    const said = await complains(path, { text: 'It leaks.' });
    expect(said.text).toContain('Meg Ray sees to it, and you will hear from them by');
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

  it('calls by themselves: the call does not join one that somebody else is to make, and goes up with the complaint', async () => {
    const customer = { id: 'c-two', name: 'Ada', email: 'two@example.com', phone: '+49 30 7000077', timeZone: 'UTC' };
    await putColleague(house.store, { handle: 'tom', name: 'Tom Ash', email: 'tom@example.org', phone: null }, NOON);
    const sams = await house.order('two-1', { customer });
    await house.task(sams, 'call', 'check-in');
    const toms = { salesperson: { name: 'Tom Ash', email: 'tom@example.org' } };
    const id = await house.order('two-2', { customer, ...toms });
    await house.happens('two-2', 'complained', { text: 'It leaks.' });
    await work(id);
    const ofToms = async () =>
      (await house.store.db.select().from(tasks).where(eq(tasks.orderId, id))).map(
        ({ reason, owner }) => `${owner} ${reason}`,
      );
    expect((await ofToms()).sort()).toEqual(['tom complaint', 'tom complaint-listen']);
    const { number } = (await complaintOf(id))!;
    const late = NOON + 3 * DAY;
    await change(house.store, id, late, ({ tx, sale }) => handUp(house.store, tx, sale, number, late));
    expect((await ofToms()).sort()).toEqual(['meg complaint', 'meg complaint-listen']);

    // Two orders of one colleague: one call, and it goes up too.
    const second = { ...customer, id: 'c-second', email: 'second@example.com', phone: '+49 30 7000078' };
    const more = await house.order('two-3', { customer: second, ...toms });
    await house.task(more, 'call', 'check-in');
    const other = await house.order('two-4', { customer: second, ...toms });
    await house.happens('two-4', 'complained', { text: 'This too.' });
    await work(other);
    expect(await house.story(other)).toContain('task-joined complaint-listen (complaint-listen)');
    await change(house.store, other, late, ({ tx, sale }) => handUp(house.store, tx, sale, 1, late));
    const [joined] = await house.store.db.select().from(tasks).where(eq(tasks.orderId, more));
    expect(joined).toMatchObject({ owner: 'meg', status: 'open' });
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
