import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { and, eq, sql } from 'drizzle-orm';
import { dueOfComplaint } from '../../domain/complaintSteps.ts';
import { plan } from '../../domain/plan.ts';
import { DAY } from '../../domain/time.ts';
import { answerOf, answersAbout, recordAnswers } from '../../store/answers.ts';
import { complaintsOf } from '../../store/complaints.ts';
import { eraseCustomer, exportCustomer, findCustomer } from '../../store/customers.ts';
import { change, loadSale } from '../../store/followUps.ts';
import { addPlaybooks } from '../../store/playbooks.ts';
import { listQuotes } from '../../store/quotes.ts';
import { answers, customers, orders, outbox, tasks, tokens } from '../../store/schema.ts';
import { putColleague } from '../../store/staff.ts';
import { makeTask } from '../../store/tasks.ts';
import { newTokens } from '../../store/tokens.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';
import { phoneOf } from '../support/people.ts';

/** Surveys as customers meet them behind a link or a card, and as colleagues take their answers down. */
let house: House;
let last = 0;
/** The order of this test. */
let id: string;
let number: string;

const UNBOX = `
name: unbox
title: The first hour
touches:
  - { name: first-hour, after: delivery, wait: 2 days, ask: unboxing, reminders: 2 }
  - { name: satisfied, after: delivery, wait: 30 days, ask: csat }
  - { name: recovery, after: answer, when: detractor, call: detractor, owed: yes }
`;

beforeAll(async () => {
  house = await freshHouse();
  const folder = mkdtempSync(join(tmpdir(), 'aftercare-surveys-'));
  writeFileSync(join(folder, 'standard.yaml'), readFileSync('playbooks/standard.yaml'));
  writeFileSync(join(folder, 'unbox.yaml'), UNBOX);
  const { current } = await addPlaybooks(house.store, folder, NOON);
  house.web.shelf.current.set('unbox', current.get('unbox')!);
  rmSync(folder, { recursive: true });
});
afterAll(() => house?.drop());
beforeEach(async () => {
  house.clock.now = NOON;
  last += 1;
  number = `S-${last}`;
  id = await house.order(number);
  await house.store.db.delete(outbox);
});

const survey = async (name: string | null = null, order = id) =>
  `/s/${(await newTokens(house.store.db, order, null, { survey: NOON + 90 * DAY }, name)).survey}`;
const answer = (name = 'nps', order = id) => answerOf(house.store.db, order, name);
const checked = (html: string) =>
  [...html.matchAll(/name="([^"]+)" value="([^"]*)"[^>]* checked/g)].map(([, ...one]) => one.join(' '));
const locale = (to: string) =>
  house.store.db
    .update(customers)
    .set({ locale: to })
    .where(eq(customers.id, sql`(SELECT customer_id FROM ${orders} WHERE ${orders.id} = ${id})`));
const ahead = async (order = id) => {
  const { followUp, terms } = await loadSale(house.store, house.store.db, order);
  return plan(followUp, terms, house.clock.now).flatMap(({ touch, occurrence, against }) =>
    against === null ? [`${touch} ${occurrence}`] : [],
  );
};
/** How often, and by what way, the story has heard of an answer. */
const answered = async () => (await house.story(id)).filter((line) => line.startsWith('answered'));
const openTasks = () =>
  house.store.db
    .select()
    .from(tasks)
    .where(and(eq(tasks.orderId, id), eq(tasks.status, 'open')));

describe('a survey of one page and a half', () => {
  it('asks who gave a seven or an eight what would have made it a ten', async () => {
    const path = await survey();
    const next = await house.post(path, { page: '1', nps: '8', benefit: 'Coffee' });
    expect(next.status).toBe(200);
    expect(next.text).toContain('Page 2 of 2');
    expect(next.text).toContain('What would have made it a ten? (optional)');
    expect(await answer()).toMatchObject({ nps: 8, benefit: 'Coffee', finishedAt: null });
    expect(await answered()).toEqual(['answered (link)']);

    house.clock.now += DAY;
    const again = await house.get(path);
    expect(again.text).toContain('What you have answered so far is kept. Here it goes on.');
    expect(again.text).toContain('What would have made it a ten?');
    const first = await house.get(`${path}?page=1`);
    expect([checked(first.html), first.html.includes('Coffee')]).toEqual([['nps 8'], true]);
    expect(await answered()).toEqual(['answered (link)']);

    const thanks = await house.post(path, { page: '2', band: 'passive', 'own.ten': 'A longer cable' });
    expect(thanks.text).toContain('Thank you Your answer has arrived. Sam Lee reads every answer.');
    expect(await answer()).toMatchObject({
      nps: 8,
      benefit: 'Coffee',
      own: { ten: 'A longer cable' },
      finishedAt: NOON + DAY,
    });
    expect(await answered()).toEqual(['answered (link)']);
  });

  it('thanks who gave a ten, and asks for nothing more', async () => {
    await house.store.db.execute(sql`UPDATE aftercare.settings SET review_url = 'https://reviews.example/us'`);
    const { text } = await house.post(await survey(), { page: '1', nps: '10' });
    expect(text).toContain('Your answer has arrived, and we are glad to hear it.');
    expect(text).not.toMatch(/reviews\.example|recommend/);
    expect(await openTasks()).toEqual([]);
  });

  it('says to who gave a low score who calls and by when, and that call is there at once', async () => {
    const path = await survey();
    const { text } = await house.post(path, { page: '1', nps: '4' });
    const promise = 'Sam Lee will call you by Tue, 3 Nov 2026, 12:00 (UTC)';
    expect(text).toContain(promise);
    const call = { kind: 'call', reason: 'detractor', owner: 'sam', dueAt: NOON + DAY };
    expect(await openTasks()).toMatchObject([call]);
    // Whoever changes their answer is told the same, and gets the one call.
    house.clock.now += DAY / 24;
    expect((await house.post(path, { page: '1', nps: '3' })).text).toContain(promise);
    expect(await openTasks()).toMatchObject([call]);
  });

  it('names who calls where the owner is away', async () => {
    await putColleague(house.store, { handle: 'kit', name: 'Kit Moss', email: null, phone: null }, NOON);
    await house.store.db.execute(sql`
      INSERT INTO aftercare.absences (handle, "from", "to", stand_in) VALUES ('sam', '2026-11-02', '2026-11-06', 'kit')`);
    expect((await house.post(await survey(), { page: '1', nps: '4' })).text).toContain(
      'Kit Moss will call you by Tue, 3 Nov',
    );
    await house.store.db.execute(sql`DELETE FROM aftercare.absences`);
  });

  const customer = (set: Partial<typeof customers.$inferInsert>) =>
    house.store.db
      .update(customers)
      .set(set)
      .where(eq(customers.externalId, `c-${number}`));
  const HEARS = 'You will hear from Sam Lee by Tue, 3 Nov 2026, 12:00 (UTC).';
  const READS = 'Sam Lee reads every answer.';
  it.each([
    ['without a number', { phone: null }, HEARS, HEARS],
    ['with a number that is wrong', { phoneWrong: true }, HEARS, HEARS],
    ['who wants no calls', { refused: ['service:phone'] }, HEARS, READS],
    ['who wants nothing', { service: false }, HEARS, READS],
    ['whom nothing reaches', { phone: null, email: null }, HEARS, READS],
  ])('promises no call to somebody %s', async (_, set, complaint, lowScore) => {
    await customer(set);
    const four = await house.post(await survey(), { page: '1', nps: '4' });
    expect(four.text).toContain(`Thank you for saying it openly. ${lowScore}`);
    const zero = await house.post(await survey(), { page: '1', nps: '0' });
    expect(zero.text).toContain(`Thank you for saying it openly. ${complaint}`);
  });

  it('says that we are late where the promised time has passed', async () => {
    const path = await survey();
    await house.post(path, { page: '1', nps: '1' });
    house.clock.now = NOON + 2 * DAY;
    expect((await house.post(path, { page: '1', nps: '0' })).text).toContain(
      'You were to hear from us by Tue, 3 Nov 2026, 12:00 (UTC). We are late, and sorry. Sam Lee sees to it now.',
    );
  });

  it('sent twice at once is one answer, and one call', async () => {
    const path = await survey();
    const pages = await Promise.all([1, 2, 3].map(() => house.post(path, { page: '1', nps: '4', benefit: 'Coffee' })));
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await answered()).toEqual(['answered (link)']);
    expect(await openTasks()).toHaveLength(1);
  });

  it('a very low score is a complaint by itself, with one promise and one call', async () => {
    const path = await survey();
    const { text } = await house.post(path, { page: '1', nps: '2', better: 'It leaks.' });
    expect(text).toContain('Sam Lee will call you by Tue, 3 Nov 2026, 12:00 (UTC)');
    // Lower still, it is the same complaint.
    await house.post(path, { page: '1', nps: '0', better: 'It leaks.' });
    expect((await house.story(id)).filter((line) => /^(complained|answered)/.test(line))).toEqual([
      'answered (link)',
      'complained (score)',
      'answered (link)',
    ]);
    const { followUp, terms, order } = await loadSale(house.store, house.store.db, id);
    expect(order.stage).toBe('complaint');
    expect(followUp.complaints).toMatchObject([{ number: 1, closedAt: null }]);
    const page = await house.get(`/orders/shop/${number}`);
    expect(page.text).toContain('answered the survey: 2 of 10: that is a complaint');
    expect(page.text).toContain('It leaks.');
    // Its workflow makes the call; there is none about a low score beside it.
    expect(await openTasks()).toEqual([]);
    const recovery = plan(followUp, terms, NOON).find(({ touch }) => touch === 'recovery');
    expect(recovery).toMatchObject({ against: 'complained' });
  });

  it('a very low score about another order of who complains already is called about, by the call they get', async () => {
    const customer = {
      id: `c-${number}`,
      name: 'Ada Palmer',
      email: `ada-${number}@example.com`,
      phone: phoneOf(number),
    };
    const other = await house.order(`${number}-2`, { customer });
    await house.happens(`${number}-2`, 'complained', { text: 'It leaks.' });
    const listen = await house.task(other, 'call', 'complaint-listen', 'complaint-listen', '1.1');
    const { text } = await house.post(await survey(), { page: '1', nps: '0', better: 'It is loud.' });
    expect(text).toContain('Sam Lee will call you by');
    expect((await house.story(id)).slice(-2)).toEqual(['answered (link)', 'task-joined recovery (detractor)']);
    const { followUp } = await loadSale(house.store, house.store.db, other);
    expect(followUp.complaints).toHaveLength(1);
    const card = await house.get(`/tasks/${listen.id}`);
    expect(card.text).toContain('They gave 0 of 10 . What could be better It is loud. It leaks.');
  });

  it('what they say after it is a complaint is read with it, as it stands then', async () => {
    const path = await survey();
    await house.post(path, { page: '1', nps: '1', benefit: 'The colour' });
    const listen = await house.task(id, 'call', 'complaint-listen', 'complaint-listen', '1.1');
    const [complaint] = await complaintsOf(house.store.db, id);
    const seen = async () =>
      Promise.all([`/tasks/${listen.id}`, `/complaints/${complaint.id}`].map(async (at) => (await house.get(at)).text));
    for (const text of await seen()) expect(text).toContain('They gave 1 of 10 . How it benefited them The colour');
    await house.post(path, { page: '1', nps: '1', benefit: 'The colour', better: 'It leaks.' });
    await house.post(path, { page: '2', band: 'passive', 'own.ten': 'A seal' });
    for (const text of await seen()) {
      expect(text).toContain(
        'They gave 1 of 10 . What could be better It leaks. What would have made it a ten? A seal',
      );
      expect(text).not.toContain('changed their answer');
    }
    // The last they said is what went wrong, also where something benefited them.
    expect((await seen())[0]).toContain('They said It leaks.');
    // The story has none of it: it goes when they take it back.
    await house.post(path, { page: '1', nps: '1', benefit: 'The colour', better: '' });
    for (const text of await seen()) expect(text).not.toContain('It leaks.');
  });

  it('a score that was a mistake leaves the complaint open, and everybody knows', async () => {
    const path = await survey();
    await house.post(path, { page: '1', nps: '0' });
    const listen = await house.task(id, 'call', 'complaint-listen', 'complaint-listen', '1.1');
    const { text } = await house.post(path, { page: '1', nps: '10' });
    expect(text).toContain(
      'we are glad to hear it. Sam Lee will still be in touch about your first answer. If all is well by now, just say so then.',
    );
    const [complaint] = await complaintsOf(house.store.db, id);
    expect(complaint.closedAt).toBeNull();
    for (const at of [`/tasks/${listen.id}`, `/complaints/${complaint.id}`])
      expect((await house.get(at)).text).toContain(
        'They gave 0 of 10 . They have changed their answer to 10 of 10 since.',
      );
    await house.post(path, { page: '1', nps: '2' });
    expect((await house.get(`/complaints/${complaint.id}`)).text).toMatch(/They gave 2 of 10 \.(?! They have)/);
  });

  it('can be changed until it closes, and not after', async () => {
    const path = await survey();
    await house.post(path, { page: '1', nps: '9' });
    house.clock.now = NOON + 90 * DAY;
    expect((await house.get(path)).text).toContain('You have answered already.');
    await house.post(path, { page: '1', nps: '10' });
    house.clock.now += 1;
    expect((await house.get(path)).status).toBe(404);
    expect((await house.post(path, { page: '1', nps: '0' })).status).toBe(404);
    expect(await answer()).toMatchObject({ nps: 10 });
  });

  it('a page of a score that was changed meanwhile is kept all the same', async () => {
    const path = await survey();
    await house.post(path, { page: '1', nps: '8' });
    await house.post(path, { page: '1', nps: '10' });
    await house.post(path, { page: '2', band: 'passive', 'own.ten': 'A longer cable' });
    expect(await answer()).toMatchObject({ nps: 10, own: { ten: 'A longer cable' } });
  });
});

describe('a survey of several pages', () => {
  const first = { page: '1', 'own.state': 'marked', 'own.setting-up': '6', 'own.manual': '', 'own.surprise': '' };

  it('is kept page by page, and goes on where it was left', async () => {
    id = await house.order(`${number}-u`, { playbook: 'unbox' });
    expect(await ahead()).toContain('first-hour 1');
    const path = await survey('unboxing');
    const start = await house.get(path);
    expect(start.text).toContain('Page 1 of 2');
    expect(start.text).toContain(
      'How easy was it to set up? (optional) 1 2 3 4 5 6 7 No answer 1: very hard 7: very easy',
    );
    const next = await house.post(path, first);
    expect(next.text).toContain('How did it benefit you? (optional)');
    expect(await answer('unboxing')).toMatchObject({ own: { state: 'marked', 'setting-up': 6 }, finishedAt: null });
    // The first page that was kept ends the reminders, and settles no other survey.
    expect(await ahead()).toEqual(['satisfied 1']);
    const again = await house.get(path);
    expect(again.text).toContain('How did it benefit you?');
    const back = await house.get(`${path}?page=1`);
    expect(checked(back.html)).toEqual(['own.state marked', 'own.setting-up 6', 'own.manual ']);
    await house.post(path, { page: '2', better: 'The box' });
    expect(await answer('unboxing')).toMatchObject({ better: 'The box', finishedAt: NOON });
    expect(await answered()).toEqual(['answered (link)']);
    // An answer that was given can be taken back.
    await house.post(path, { ...first, 'own.setting-up': '' });
    expect((await answer('unboxing'))!.own).toEqual({ state: 'marked' });
  });

  it('a page refused for one wrong field keeps what was right', async () => {
    const path = await survey('unboxing');
    const page = await house.post(path, { ...first, 'own.state': '', 'own.surprise': 'So light' });
    expect(page.status).toBe(422);
    expect(page.html).toMatch(/aria-describedby="own.state-error"/);
    expect(page.text).toContain('An answer is needed here.');
    expect(checked(page.html)).toContain('own.setting-up 6');
    expect(await answer('unboxing')).toMatchObject({
      own: { 'setting-up': 6, surprise: 'So light' },
      finishedAt: null,
    });
    const again = await house.get(path);
    expect([again.text.includes('Page 1 of 2'), again.html.includes('So light')]).toEqual([true, true]);
  });

  it('of satisfaction: a low one is answered as a low score, and is no score of 0 to 10', async () => {
    id = await house.order(`${number}-c`, { playbook: 'unbox' });
    const { text } = await house.post(await survey('csat'), { page: '1', csat: '2' });
    expect(text).toContain('Sam Lee will call you by');
    expect(await house.story(id)).toEqual(['accepted', 'answered (link)', 'task-made recovery (detractor)']);
    expect(await house.store.db.select().from(orders).where(eq(orders.id, id))).toMatchObject([{ score: null }]);
    const [{ id: task }] = await openTasks();
    expect((await house.get(`/tasks/${task}`)).text).toContain('They gave 2 of 5. Thank them for saying so.');
    expect((await house.get(`/orders/shop/${number}-c`)).text).toContain('2 of 5 (csat), by the link in the mail');
  });

  it('is asked by the mail of its name, or by the one for any survey', async () => {
    await house.order(`${number}-m`, { playbook: 'unbox' });
    const mail = async (touch: string) => (await house.get(`/orders/shop/${number}-m/mail/${touch}`)).text;
    expect(await mail('satisfied')).toContain('from 1 (not at all) to 5 (completely)?');
    expect(await mail('first-hour')).toContain('How is it going?');
  });

  it('a score tapped on in the mail is chosen on the page that asks for it', async () => {
    const page = await house.get(`${await survey('csat')}?score=4`);
    expect(checked(page.html)).toEqual(['csat 4']);
    expect(checked((await house.get(`${await survey('csat')}?score=9`)).html)).toEqual([]);
    expect(await answer('csat')).toBeNull();
  });
});

describe('what is wrong', () => {
  it.each(['a', 'ä', '語', '😡'])(
    'a comment of 100,000 letters as %s comes back with all that was typed',
    async (letter) => {
      const comment = letter.repeat(100_000);
      const page = await house.post(await survey(), { page: '1', nps: '3', benefit: 'Coffee', better: comment });
      expect(page.status).toBe(422);
      expect(page.text).toContain(`That is ${comment.length} characters long; at most 10000 fit. Please shorten it.`);
      expect(page.html).toMatch(/<textarea id="better"[^>]*aria-invalid="true"[^>]*aria-describedby="better-error"/);
      expect(page.html).toContain(comment);
      expect(checked(page.html)).toEqual(['nps 3']);
      // A low score is acted on all the same.
      expect(await answer()).toMatchObject({ nps: 3, benefit: 'Coffee', better: null, finishedAt: null });
      expect(await openTasks()).toMatchObject([{ reason: 'detractor' }]);
    },
  );

  it("what is larger still is refused on a page in the reader's language", async () => {
    const german = { 'accept-language': 'de-DE' };
    const page = await house.post(await survey(), { page: '1', nps: '3', better: '😡'.repeat(200_000) }, german);
    expect([page.status, page.html]).toEqual([413, expect.stringContaining('<html lang="de"')]);
    expect(await answer()).toBeNull();
  });

  it('script in every field is shown as it was written, wherever it is shown', async () => {
    const evil = '"><script>alert(1)</script><img onerror=x src=y>';
    const path = await survey();
    const form = { page: evil, band: evil, nps: evil, benefit: evil, better: evil, 'own.ten': evil, [evil]: evil };
    const pages = [await house.post(path, form)];
    await house.post(path, { page: '1', nps: '7', benefit: evil, better: evil });
    await house.post(path, { page: '2', band: 'passive', 'own.ten': evil });
    for (const seen of [
      path,
      `${path}?page=2&score=${encodeURIComponent(evil)}`,
      `/orders/shop/${number}`,
      '/quotes',
      '/?owner=sam',
    ])
      pages.push(await house.get(seen));
    for (const { html } of pages) expect(html).not.toMatch(/<script|<img/);
    expect(pages[1].html).toContain('&lt;script&gt;');
  });
});

describe("in the reader's language", () => {
  it.each([
    [
      ...['de-AT', 'de', 'Wie waren wir?', 'Antwort absenden', 'Keine Angabe'],
      ...['ruft Sie bis', 'Sie hören bis', 'meldet sich wegen Ihrer ersten Antwort trotzdem'],
    ],
    [
      ...['fr', 'fr', 'Qu’avez-vous pensé de nous ?', 'Envoyer ma réponse', 'Sans réponse'],
      ...['vous appellera au plus tard', 'vous donnera des nouvelles au plus tard', 'vous contactera tout de même'],
    ],
    [
      ...['es-MX', 'es', '¿Qué le hemos parecido?', 'Enviar mi respuesta', 'Sin respuesta'],
      ...['le llamará a más tardar', 'Tendrá noticias de Sam Lee a más tardar', 'se pondrá igualmente en contacto'],
    ],
    [
      ...['nl', 'en', 'How did we do?', 'Send my answer', 'No answer'],
      ...['will call you by', 'You will hear from Sam Lee by', 'will still be in touch'],
    ],
  ])('%s', async (reader, language, title, send, none, promise, hears, still) => {
    await locale(reader);
    const page = await house.get(await survey());
    for (const said of [title, send]) expect(page.text).toContain(said);
    expect(page.html).toContain(`<html lang="${language}"`);
    // A mark that stands apart from its word does not begin a line.
    if (reader === 'fr') expect(page.html).toContain('pensé de nous\u00a0?');
    expect((await house.get(await survey('unboxing'))).text).toContain(none);
    const thanks = await house.post(await survey(), { page: '1', nps: '0' });
    expect(thanks.text).toContain(promise);
    expect(thanks.html).toContain(`<html lang="${language}"`);
    await house.store.db
      .update(customers)
      .set({ phoneWrong: true })
      .where(eq(customers.externalId, `c-${number}`));
    expect((await house.post(await survey(), { page: '1', nps: '0' })).text).toContain(hears);
    expect((await house.post(await survey(), { page: '1', nps: '9' })).text).toContain(still);
  });

  it('weighs less than 50 kB with all that belongs to it, and no script', async () => {
    for (const reader of ['de', 'fr', 'es', 'en'])
      for (const name of ['nps', 'csat', 'unboxing']) {
        await locale(reader);
        const { html } = await house.get(await survey(name));
        let weight = Buffer.byteLength(html);
        for (const [, path] of html.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)) {
          const headers = { 'accept-encoding': 'gzip' };
          weight += (await (await house.app.request(path.replaceAll('&amp;', '&'), { headers })).arrayBuffer())
            .byteLength;
        }
        expect(weight).toBeLessThan(50_000);
        expect(html).not.toContain('<script');
      }
  });
});

describe('by the card', () => {
  const made = async (form = {}) => {
    const { html, text, status } = await house.post(`/orders/shop/${number}/card`, form);
    return { html, text, status, path: /care\.example(\/s\/[\w-]{22})/.exec(html)![1] };
  };

  it('is made by a button, not by looking, and printed with its code and its address', async () => {
    const before = (await house.store.db.select().from(tokens)).length;
    expect((await house.get(`/orders/shop/${number}/card`)).text).toContain('Make a card Make a sheet of 4');
    expect(await house.store.db.select().from(tokens)).toHaveLength(before);
    await locale('de');
    const one = await made();
    expect(one.status).toBe(200);
    expect(one.text).toContain('Our company Sagen Sie es uns gleich');
    expect(one.html.match(/<svg/g)).toHaveLength(1);
    expect(one.html).toContain(`role="img" aria-label="https://care.example${one.path}"`);
    expect((await made({ copies: '4' })).html.match(/<svg/g)).toHaveLength(4);
    expect(await house.store.db.select().from(tokens)).toHaveLength(before + 2);
    expect((await house.get('/orders/shop/nothing/card')).status).toBe(404);
    expect((await house.post('/orders/shop/nothing/card', {})).status).toBe(404);
  });

  it('leads to the survey, to a complaint and to a person, for as long as a survey takes answers', async () => {
    const { path } = await made();
    const page = await house.get(path);
    expect(page.text).toContain('Something is not right? Tell us, and we put it right.');
    const person = path.replace('/s/', '/p/card/');
    expect(page.html).toContain(`href="${person}/complaint"`);
    expect(page.html).toContain(`href="${person}"`);
    for (const to of [person, `${person}/complaint`]) expect((await house.get(to)).status).toBe(200);
    await house.post(path, { page: '1', nps: '9' });
    expect(await answer()).toMatchObject({ nps: 9, way: 'card' });
    expect(await answered()).toEqual(['answered (card)']);
    expect(await ahead()).not.toContain('survey 1');
    house.clock.now = NOON + 91 * DAY;
    expect((await house.get(path)).status).toBe(404);
  });
});

describe('on paper', () => {
  it('is typed in by a colleague, and marked so', async () => {
    const path = `/orders/shop/${number}/answer`;
    const page = await house.get(path);
    expect(page.text).toContain('An answer on paper: How did we do?');
    expect(page.text).toContain('What would have made it a ten?');
    const form = { survey: 'nps', by: 'sam', nps: '8', benefit: 'Coffee', 'own.ten': 'A longer cable', better: '' };
    expect((await house.post(path, form)).to).toBe(`/orders/shop/${number}?saved=answer`);
    expect(await answer()).toMatchObject({
      nps: 8,
      own: { ten: 'A longer cable' },
      way: 'paper',
      takenBy: 'sam',
      finishedAt: NOON,
    });
    expect(await answered()).toEqual(['answered (paper)']);
    expect(await house.store.db.select().from(outbox)).toMatchObject([{ orderId: id }]);
    const { text } = await house.get(`/orders/shop/${number}`);
    expect(text).toContain('8 of 10 , on paper, typed in by Sam Lee');
    expect(text).toContain('What would have made it a ten? A longer cable');
    expect(checked((await house.get(path)).html)).toEqual(['nps 8']);
  });

  it.each([
    [{ by: 'sam' }, 'Nothing is filled in.'],
    [{ by: 'nobody', nps: '3' }, 'Say who types it in.'],
    [{ by: 'sam', nps: '11' }, 'That is none of the answers.'],
  ])('%j is refused', async (form, said) => {
    const page = await house.post(`/orders/shop/${number}/answer`, form as Record<string, string>);
    expect([page.status, page.text]).toEqual([422, expect.stringContaining(said)]);
    expect(await answer()).toBeNull();
  });

  it('of another survey', async () => {
    const path = `/orders/shop/${number}/answer`;
    expect((await house.get(`${path}?survey=unboxing`)).text).toContain('How did it arrive?');
    await house.post(path, { survey: 'unboxing', by: 'sam', 'own.state': 'sound' });
    expect(await answer('unboxing')).toMatchObject({ own: { state: 'sound' } });
    expect((await house.get(`/orders/shop/${number}`)).text).toContain('How did it arrive? In good order');
  });
});

describe('by phone', () => {
  const byPhone = async () => {
    id = await house.order(`${number}-p`, { playbook: 'unbox' });
    return house.task(id, 'call', 'survey-by-phone', 'first-hour');
  };

  it("the task shows the survey's own questions, and what is answered is kept", async () => {
    const task = await byPhone();
    const page = await house.get(`/tasks/${task.id}`);
    expect(page.text).toContain('How did it arrive? (In good order / The packaging was damaged');
    expect(page.html).toContain('name="own.state" value="sound"');
    const form = {
      outcome: 'reached',
      'own.state': 'sound',
      'own.setting-up': '7',
      'own.manual': '',
      benefit: 'Coffee',
    };
    expect((await house.post(`/tasks/${task.id}/outcome`, form)).status).toBe(303);
    expect(await answer('unboxing')).toMatchObject({
      own: { state: 'sound', 'setting-up': 7 },
      benefit: 'Coffee',
      way: 'phone',
      takenBy: 'sam',
      finishedAt: NOON,
    });
    expect(await answered()).toEqual(['answered (phone)']);
  });

  it('what is no answer comes back with what is allowed, and everything else that was typed', async () => {
    const task = await byPhone();
    const page = await house.post(`/tasks/${task.id}/outcome`, {
      outcome: 'reached',
      note: 'Kind',
      'own.state': 'broken',
      better: 'The box',
    });
    expect(page.status).toBe(422);
    expect(page.text).toContain('is "broken"; allowed: sound, marked, damaged, missing');
    for (const typed of ['Kind', 'The box']) expect(page.html).toContain(typed);
    expect(await answer('unboxing')).toBeNull();
  });

  it('a call about something else asks for the score, and its answer cancels the survey by mail', async () => {
    expect(await ahead()).toContain('survey 1');
    const task = await house.task(id, 'call', 'check-in');
    const page = await house.get(`/tasks/${task.id}`);
    expect(page.html).toContain('name="nps" value="10"');
    expect(page.html).not.toContain('own.ten');
    await house.post(`/tasks/${task.id}/outcome`, { outcome: 'reached', nps: '9' });
    expect(await ahead()).not.toContain('survey 1');
    expect(await house.story(id)).toContain('answered (phone)');
  });

  it('words alone are kept, and the survey is still asked', async () => {
    const task = await house.task(id, 'call', 'check-in');
    await house.post(`/tasks/${task.id}/outcome`, { outcome: 'reached', benefit: 'Coffee' });
    expect(await answer()).toMatchObject({ nps: null, benefit: 'Coffee', finishedAt: null });
    expect(await ahead()).toContain('survey 1');
  });
});

it('an erased customer leaves the figures, and none of the words', async () => {
  const given = { nps: 3, benefit: 'Coffee', better: 'My name is Ada', own: { ten: 'Call Ada' } };
  await change(house.store, id, NOON, ({ tx, sale }) => recordAnswers(house.store, tx, sale, given, 'link', NOON));
  const [{ customerId }] = await house.store.db.select().from(orders).where(eq(orders.id, id));
  await eraseCustomer(house.store, customerId, NOON);
  expect(await answer()).toMatchObject({ nps: 3, benefit: null, better: null, own: {} });
});

describe('of a company, where those who work with it are asked', () => {
  const company = () => ({ id: `mill-${last}`, name: 'Mill Ltd' });
  const person = (role: string, name: string) => ({
    ...{ id: `${role}-${last}`, name, role, company: company(), timeZone: 'UTC' },
    ...{ email: `${role}-${last}@mill.example`, phone: phoneOf(`${role}-${last}`) },
  });
  const known = async (role: string) => (await findCustomer(house.store, 'shop', `${role}-${last}`))!;
  /** The survey as a mail to somebody of theirs leads to it. */
  const surveyTo = async (role: string) => {
    const { id: to } = await known(role);
    return `/s/${(await newTokens(house.store.db, id, to, { survey: NOON + 90 * DAY }, 'nps')).survey}`;
  };
  const complaintPage = async (role: string) => {
    const { id: to } = await known(role);
    return house.get(`/p/${(await newTokens(house.store.db, id, to, { person: null })).person}/complaint`);
  };

  beforeEach(async () => {
    await house.order(`${number}-u`, { customer: person('user', 'Kit Moss'), paidAt: null });
    id = await house.order(`${number}-b`, { customer: person('buyer', 'Bo Day'), playbook: 'service' });
  });

  it('a very low score is the complaint of who gave it, and of nobody else', async () => {
    const user = await known('user');
    const thanks = await house.post(await surveyTo('user'), { page: '1', nps: '0', better: 'The guard is loose.' });
    expect(thanks.text).toContain('Sam Lee will call you by');
    expect(await complaintsOf(house.store.db, id)).toMatchObject([{ customerId: user.id, closedAt: null }]);
    const { followUp, terms, recipients } = await loadSale(house.store, house.store.db, id);
    for (const touch of ['complaint-received', 'complaint-listen'])
      expect(recipients[dueOfComplaint(followUp, terms, NOON, touch, '1.1')!.to!]).toBe(user.id);
    expect((await complaintPage('user')).text).toContain('You have told us that something is not right.');
    expect((await complaintPage('buyer')).text).not.toMatch(/You have told us|Where it stands/);
    // What the buyer answers is their own, beside it.
    const buyers = await surveyTo('buyer');
    expect((await house.get(buyers)).text).not.toMatch(/You have answered|guard/);
    const { text } = await house.post(buyers, { page: '1', nps: '9', benefit: 'It is quick.' });
    expect(text).toContain('we are glad to hear it. Sam Lee reads every answer.');
    const page = await house.get(`/orders/shop/${number}-b`);
    expect(page.text).toContain('0 of 10 from Kit Moss (user), by the link in the mail');
    expect(page.text).toContain('9 of 10 , by the link in the mail');
    const quotes = await house.get('/quotes');
    expect(quotes.html).toMatch(
      new RegExp(`0 of 10</strong>[^<]*<[^/]*/time>: <a href="/customers/${user.id}">Kit Moss`),
    );
    expect((await house.get('/?owner=sam')).text).toContain(`Bo Day , about shop/${number}-b`);
    const complaint = (await complaintsOf(house.store.db, id))[0];
    expect((await house.get(`/complaints/${complaint.id}`)).text).toContain('They gave 0 of 10 .');
  });

  it('what the buyer adds to it is theirs too, and they are told so', async () => {
    await house.post(await surveyTo('user'), { page: '1', nps: '0' });
    const { id: buyer } = await known('buyer');
    const path = `/p/${(await newTokens(house.store.db, id, buyer, { person: null })).person}/complaint`;
    const { to } = await house.post(path, { text: 'It is loose.' });
    expect((await house.get(to!)).text).toContain('Thank you for telling us. Sam Lee sees to it');
    expect((await house.get(path)).text).toContain('You have told us that something is not right.');
    expect(await complaintsOf(house.store.db, id)).toHaveLength(1);
  });

  it("a call that is another's is promised to nobody else", async () => {
    const low = { page: '1', nps: '4', better: 'Too dear.' };
    expect((await house.post(await surveyTo('buyer'), low)).text).toContain('Sam Lee reads every answer.');
    const [call] = await openTasks();
    expect(call).toMatchObject({ reason: 'detractor', customerId: (await known('user')).id });
    expect((await house.get(`/tasks/${call.id}`)).text).toContain('Bo Day (buyer) gave 4 of 10 .');
  });

  it('on the phone it is who was called, on paper who is named', async () => {
    const [user, buyer] = [await known('user'), await known('buyer')];
    await change(house.store, id, NOON, async ({ tx, sale, note }) => {
      const wanted = { kind: 'call', reason: 'survey-by-phone', touch: 'survey', occurrence: '1', to: 'user' } as const;
      await makeTask(house.store, tx, sale, { ...wanted, within: { amount: 1, unit: 'business days' } }, NOON);
      await note({ what: 'task-made', at: NOON, touch: 'survey', occurrence: '1' });
    });
    const [call] = await openTasks();
    await house.post(`/tasks/${call.id}/outcome`, { outcome: 'reached', nps: '2' });
    expect(await complaintsOf(house.store.db, id)).toMatchObject([{ customerId: user.id }]);

    const path = `/orders/shop/${number}-b/answer`;
    const page = await house.get(path);
    expect(page.text).toContain('answered by Bo Day (buyer)');
    const other = /href="([^"]+)">Kit Moss/.exec(page.html)![1].replaceAll('&amp;', '&');
    expect(checked((await house.get(other)).html)).toEqual(['nps 2']);
    await house.post(path, { survey: 'nps', by: 'sam', of: user.id, nps: '3' });
    await house.post(path, { survey: 'nps', by: 'sam', of: 'x', nps: '8' });
    const all = await answersAbout(house.store.db, [id]);
    expect(new Map(all.map((row) => [row.answer.customerId, row.answer.nps]))).toEqual(
      new Map([
        [user.id, 3],
        [buyer.id, 8],
      ]),
    );
  });

  it('their words are told to them alone, and go with them', async () => {
    await house.post(await surveyTo('user'), { page: '1', nps: '0', better: 'The guard is loose.' });
    await house.post(await surveyTo('buyer'), { page: '1', nps: '6', better: 'Too dear.' });
    const [user, buyer] = [await known('user'), await known('buyer')];
    const copies = [await exportCustomer(house.store, user), await exportCustomer(house.store, buyer)];
    expect(copies.map(({ answers }) => answers.map(({ better }) => better))).toEqual([
      ['The guard is loose.'],
      ['Too dear.'],
    ]);
    expect(JSON.stringify(copies[1])).not.toContain('guard');
    await eraseCustomer(house.store, user.id, NOON);
    const words = async () => (await answersAbout(house.store.db, [id])).map(({ answer }) => answer.better);
    expect((await words()).sort()).toEqual(['Too dear.', null]);
    // What was on its way then is not kept.
    await change(house.store, id, NOON, ({ tx, sale }) =>
      recordAnswers(house.store, tx, sale, { nps: 0, better: 'So loose.' }, 'link', NOON, { customerId: user.id }),
    );
    expect((await words()).sort()).toEqual(['Too dear.', null]);
    await eraseCustomer(house.store, buyer.id, NOON);
    expect(await words()).toEqual([null, null]);
  });
});

describe('quotes', () => {
  const say = (order: string, at: number, nps: number | null, benefit: string | null, better: string | null = null) =>
    change(house.store, order, at, ({ tx, sale }) =>
      recordAnswers(house.store, tx, sale, { nps, benefit, better }, 'link', at),
    );

  beforeEach(async () => {
    await house.store.db.delete(answers);
  });

  it('come newest first, each with its order, by owner and by score', async () => {
    await putColleague(house.store, { handle: 'kit', name: 'Kit Moss', email: 'kit@example.org', phone: null }, NOON);
    const other = await house.order(`${number}-k`, { salesperson: { name: 'Kit Moss', email: 'kit@example.org' } });
    await say(id, NOON - 2 * DAY, 10, 'Coffee before seven');
    await say(other, NOON - DAY, 3, null, 'It came late');
    const third = await house.order(`${number}-l`);
    await say(third, NOON, null, 'A quiet kitchen');
    const texts = async (query: string) =>
      [...(await house.get(`/quotes${query}`)).html.matchAll(/<\/span>([^<]+)<\/blockquote>/g)].map(([, text]) => text);
    expect(await texts('')).toEqual(['A quiet kitchen', 'It came late', 'Coffee before seven']);
    expect(await texts('?owner=kit')).toEqual(['It came late']);
    expect(await texts('?band=promoter')).toEqual(['Coffee before seven']);
    expect(await texts('?band=detractor&owner=sam')).toEqual([]);
    expect(await texts('?band=detractor&owner=kit')).toEqual(['It came late']);
    const page = await house.get('/quotes');
    expect(page.html).toContain(`href="/orders/shop/${number}"`);
    expect(page.text).toContain('No score');
    for (const query of ['?owner=nobody&band=x&after=%00', '?after=x'])
      expect((await house.get(`/quotes${query}`)).status).toBe(200);
  });

  it('are also what was said to questions of a survey in own words, and no choices', async () => {
    const give = (order: string, own: Record<string, string | number>, survey: string) =>
      change(house.store, order, NOON, ({ tx, sale }) =>
        recordAnswers(house.store, tx, sale, { own }, 'link', NOON, { survey }),
      );
    await give(id, { ten: 'A longer cable' }, 'nps');
    await give(
      await house.order(`${number}-w`),
      { state: 'marked', 'setting-up': 5, surprise: 'So light' },
      'unboxing',
    );
    await give(await house.order(`${number}-x`), { state: 'sound', 'setting-up': 7 }, 'unboxing');
    await give(await house.order(`${number}-y`), { gone: 'It hums' }, 'forgotten');
    const { text } = await house.get('/quotes');
    for (const said of ['made it a ten? A longer cable', 'What surprised you? So light', 'Gone: It hums'])
      expect(text).toContain(said);
    expect(text).not.toMatch(/marked|sound|In good order|The packaging|easy was it/);
    expect((await listQuotes(house.store, house.web.shelf.surveys, {})).items).toHaveLength(3);
  });

  it('a colleague finds the last praise about their orders beside their tasks', async () => {
    await say(id, NOON, 9, 'Coffee before seven', 'The cable');
    expect((await house.get('/?owner=sam')).text).toContain("What customers say of Sam Lee's orders");
    expect((await house.get('/?owner=sam')).text).toContain('Coffee before seven');
    expect((await house.get('/')).text).not.toContain('Coffee before seven');
    await say(id, NOON, 2, 'Coffee before seven', 'It broke');
    expect((await house.get('/?owner=sam')).text).not.toContain('What customers say');
  });

  it('go on page by page, along their index, also where a filter finds few', async () => {
    await house.store.db.execute(sql`
      INSERT INTO aftercare.answers (order_id, customer_id, survey, nps, benefit, way, at)
      SELECT id, customer_id, 's-' || n, CASE WHEN n % 900 = 0 THEN 1 ELSE 9 END, 'Quote ' || n, 'link',
        ${new Date(NOON).toISOString()}::timestamptz - n * interval '1 minute'
      FROM generate_series(1, 2100) n, ${orders} WHERE id = ${id}`);
    const all: string[] = [];
    let pages = 0;
    for (let cursor: string | undefined, more = true; more; pages += 1) {
      const { items, next } = await listQuotes(house.store, house.web.shelf.surveys, { band: 'detractor', cursor });
      all.push(...items.map(({ answer }) => answer.benefit!));
      cursor = next ?? undefined;
      more = next !== null;
    }
    expect([all, pages]).toEqual([['Quote 900', 'Quote 1800'], 3]);
    const first = await listQuotes(house.store, house.web.shelf.surveys, {});
    const second = await listQuotes(house.store, house.web.shelf.surveys, { cursor: first.next! });
    expect([first.items.at(-1)!.answer.benefit, second.items[0].answer.benefit]).toEqual(['Quote 50', 'Quote 51']);
    await house.store.db.execute(sql`ANALYZE aftercare.answers`);
    const { rows } = await house.store.db.execute<{ 'QUERY PLAN': string }>(sql`
      EXPLAIN SELECT * FROM aftercare.answers WHERE (benefit IS NOT NULL OR better IS NOT NULL OR own <> '{}')
        AND (at, order_id) < (${new Date(NOON).toISOString()}::timestamptz, ${id}::uuid)
      ORDER BY at DESC, order_id DESC LIMIT 51`);
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index Scan Backward using answers_quotes/);
  });
});
