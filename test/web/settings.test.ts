import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { asc, eq } from 'drizzle-orm';
import { DAY, HOUR } from '../../domain/time.ts';
import { changeSettings } from '../../store/database.ts';
import { absences, orders, outbox, settings, staff, tasks } from '../../store/schema.ts';
import { leave, putAbsence, putColleague } from '../../store/staff.ts';
import { handleFor } from '../../web/desk/settings/unknown.tsx';
import { freshHouse, type House, NOON } from '../support/pages.ts';

let house: House;
/** For tests that change nothing: what is refused leaves no trace, and each says so. */
let untouched: House;

async function open() {
  const fresh = await freshHouse();
  await putColleague(fresh.store, { handle: 'kim', name: 'Kim Ray', email: 'kim@example.org', phone: null }, NOON);
  return fresh;
}

beforeAll(async () => {
  untouched = await open();
});
beforeEach(async () => {
  house = / is refused/.test(expect.getState().currentTestName!) ? untouched : await open();
});
afterEach(async () => {
  if (house !== untouched) await house.drop();
});
afterAll(() => untouched.drop());

const one = async (handle: string) => (await house.store.db.select().from(staff).where(eq(staff.handle, handle)))[0];
const saved = async () => (await house.store.db.select().from(settings))[0];

/** Sends a form, and reads the page it leads to. */
async function save(path: string, form: Record<string, string>) {
  const { status, to, text } = await house.post(path, form);
  if (status !== 303) throw new Error(text);
  return house.get(to!);
}

/** Sends a form that is wrong; the page says it at the field and keeps what was typed. */
async function refused(path: string, form: Record<string, string>, message: string, field?: string) {
  const page = await house.post(path, form);
  expect([page.status, page.text]).toEqual([422, expect.stringContaining(message)]);
  const said = /<small class="error" id="([^"]+)-error">[^<]*/.exec(page.html);
  expect(said?.[0].replaceAll('&quot;', '"').replaceAll('&#39;', "'")).toContain(message);
  expect(page.html).toContain(`aria-describedby="${said![1]}-error"`);
  if (field) expect(page.html).toContain(`value="${form[field]}"`);
  return page;
}

const week = (hours: Record<string, [string, string]>) =>
  Object.assign(
    {},
    ...Object.entries(hours).map(([day, [from, to]]) => ({ [`${day}-from`]: from, [`${day}-to`]: to })),
  ) as Record<string, string>;
const opening = week({ mon: ['09:00', '17:00'], fri: ['8:30', '12:00'], sat: ['18:00', '00:00'] });

describe('the calendar', () => {
  it('country first, then its regions, and the holidays of the place', async () => {
    expect((await house.get('/settings')).text).toContain('Choose a country and save');
    const austria = await save('/settings/calendar', { country: 'AT', regionOf: '', tasksPerDay: '', ...opening });
    expect(austria.text).toContain('Saved.');
    expect(austria.html).toMatch(/<option value="AT" selected="">Austria/);
    expect(austria.text).toMatch(/13 public holidays in the next twelve months, the first on Tuesday, 8 December 2026/);
    expect(austria.text).toContain('Tuesday, 26 October 2027: Nationalfeiertag');
    expect(await saved()).toMatchObject({
      country: 'AT',
      region: null,
      tasksPerDay: null,
      week: [{ from: 540, to: 1020 }, null, null, null, { from: 510, to: 720 }, { from: 1080, to: 1440 }, null],
    });
    // What is shown goes in again unchanged: midnight is the end of the day.
    expect(austria.html).toContain('name="sat-to" aria-label="Saturday, to" value="00:00"');

    const bavaria = { country: 'DE', regionOf: 'DE', region: 'BY', tasksPerDay: '12', ...opening };
    // The region shown was one of Austria's.
    await save('/settings/calendar', { ...bavaria, regionOf: 'AT', region: '9' });
    expect(await saved()).toMatchObject({ country: 'DE', region: null });
    const page = await save('/settings/calendar', bavaria);
    expect(page.html).toMatch(/<option value="BY" selected="">/);
    expect(page.text).toContain('Wednesday, 6 January 2027: Heilige Drei Könige');
    expect(await saved()).toMatchObject({ region: 'BY', tasksPerDay: 12 });
    expect(house.store.calendar.place).toEqual({ country: 'DE', region: 'BY' });
    await save('/settings/calendar', { ...bavaria, country: '' });
    expect(house.store.calendar.place).toBeNull();
  });

  it.each([
    [{ country: 'XX' }, 'The country is "XX", whose holidays are not known'],
    [{ country: 'DE', regionOf: 'DE', region: 'ZZ' }, "The region is none of the country's; allowed: BW, BY, BY.KATH"],
    [{ 'tue-from': '09:00' }, 'The hours of Tuesday have one time only'],
    [{ 'tue-from': '17:00', 'tue-to': '09:00' }, 'The hours of Tuesday end before they begin'],
    [{ 'tue-from': '09:00', 'tue-to': '09:00' }, 'The hours of Tuesday end before they begin'],
    [{ 'tue-from': 'nine', 'tue-to': '17:00' }, 'The hours of Tuesday have "nine", which is no time'],
    [{ 'tue-from': '09:00', 'tue-to': '24:30' }, 'The hours of Tuesday have "24:30", which is no time'],
    [{ tasksPerDay: '0' }, 'The limit is not a number that fits; allowed: a whole number from 1 to 1000'],
    [{ tasksPerDay: 'many' }, 'The limit is not a number that fits'],
  ])('%j is refused at its field', async (wrong, message) => {
    await changeSettings(house.store, { country: 'DE' });
    const form = { country: 'DE', regionOf: 'DE', region: 'BY', tasksPerDay: '12', ...opening, ...wrong };
    const page = await refused('/settings/calendar', form, message);
    expect(page.html).toContain('name="fri-to" aria-label="Friday, to" value="12:00"');
    expect(await saved()).toMatchObject({ region: null, tasksPerDay: 30 });
  });

  it('is open some time', async () => {
    const page = await house.post('/settings/calendar', { country: '', tasksPerDay: '' });
    expect([page.status, page.text]).toEqual([422, expect.stringContaining('The company is never open')]);
  });
});

describe('the contact policy', () => {
  const good = {
    ...week({ mail: ['08:00', '21:00'], call: ['10:00', '18:30'] }),
    'cap1-mails': '2',
    'cap1-days': '7',
    'cap2-mails': '',
    'cap2-days': '',
    'cap3-mails': '6',
    'cap3-days': '60',
    surveyEvery: '120',
  };

  it('has hours by channel, as many limits as are filled in, and a time between surveys', async () => {
    const before = await house.get('/settings');
    expect(before.html).toContain('aria-label="Second limit, days" min="1" max="365" value="30"');
    const page = await save('/settings/contact', good);
    expect(await saved()).toMatchObject({
      quiet: { mail: { from: 480, to: 1260 }, call: { from: 600, to: 1110 } },
      policy: {
        caps: [
          { mails: 2, days: 7 },
          { mails: 6, days: 60 },
        ],
        surveyEvery: 120,
      },
    });
    expect(page.html).toContain('aria-label="Second limit, days" min="1" max="365" value="60"');
    await save('/settings/contact', {
      ...good,
      ...Object.fromEntries(
        [1, 3].flatMap((nth) => [
          [`cap${nth}-mails`, ''],
          [`cap${nth}-days`, ''],
        ]),
      ),
    });
    expect((await saved()).policy.caps).toEqual([]);
  });

  it.each([
    [
      { 'cap1-mails': '0' },
      'The first limit: the number of mails is not a number that fits; allowed: a whole number from 1',
    ],
    [
      { 'cap1-days': '366' },
      'The first limit: the number of days is not a number that fits; allowed: a whole number from 1 to 365',
    ],
    [{ 'cap2-days': '3' }, 'The second limit needs both'],
    [{ surveyEvery: '' }, 'The time between surveys is empty'],
    [{ surveyEvery: '0' }, 'The time between surveys is not a number that fits'],
    [{ 'mail-from': '', 'mail-to': '' }, 'The hours for mail are missing'],
    [{ 'call-from': '19:00' }, 'The hours for calls end before they begin'],
  ])('%j is refused at its field', async (wrong, message) => {
    const { policy, quiet } = await saved();
    await refused('/settings/contact', { ...good, ...wrong }, message, 'cap3-days');
    expect(await saved()).toMatchObject({ policy, quiet });
  });
});

describe('colleagues', () => {
  const kim = { handle: 'kim', name: 'Kim Ray', email: 'kim@example.org', phone: '' };

  it('have a team, a limit, and hours and a zone of their own', async () => {
    const form = { ...kim, team: 'north', tasksPerDay: '5', zone: 'Asia/Tokyo', ...opening };
    const page = await save('/settings/colleagues', form);
    expect(await one('kim')).toMatchObject({
      team: 'north',
      tasksPerDay: 5,
      zone: 'Asia/Tokyo',
      week: [{ from: 540, to: 1020 }, null, null, null, { from: 510, to: 720 }, { from: 1080, to: 1440 }, null],
    });
    expect(page.html).toContain('<datalist id="teams"><option value="north">');
    await save('/settings/colleagues', kim);
    expect(await one('kim')).toMatchObject({ team: null, tasksPerDay: null, zone: null, week: null });
  });

  it.each([
    [{ team: 'The North' }, 'The team is not one; allowed: 1 to 60 small letters, digits and hyphens'],
    [{ zone: 'Mars/X' }, 'The time zone is "Mars/X", not a known time zone'],
    [{ 'wed-from': '9:00' }, 'The hours of Wednesday have one time only'],
    [{ tasksPerDay: '1001' }, 'The limit is not a number that fits'],
    [{ email: 'SAM@example.org' }, 'The e-mail address is that of Sam Lee'],
  ])('%j is refused at its field', async (wrong, message) => {
    const page = await refused('/settings/colleagues', { ...kim, name: 'Kimberly', ...wrong }, message);
    expect(page.html).toContain('value="Kimberly"');
    expect((await one('kim')).name).toBe('Kim Ray');
  });

  it('who are not there are not changed', async () => {
    await leave(house.store, 'kim', 'sam', NOON);
    for (const [form, message] of [
      [kim, 'Kim Ray has left, and is not changed any more'],
      [{ ...kim, handle: 'nobody' }, 'There is no colleague "nobody"'],
      [
        { ...kim, adding: 'yes', handle: 'kim-2' },
        'is that of Kim Ray, who has left; orders that name it go to Sam Lee',
      ],
    ] as [Record<string, string>, string][]) {
      const page = await house.post('/settings/colleagues', form);
      expect([page.status, page.text]).toEqual([422, expect.stringContaining(message)]);
    }
  });
});

describe('leaving', () => {
  it('hands over to a successor, says how much, and keeps the name below', async () => {
    const id = await house.order('L-1');
    const task = await house.task(id, 'call', 'check-in');
    const page = await save('/settings/leaving', { handle: 'sam', successor: 'kim', sure: 'yes' });
    expect(page.text).toContain('Sam Lee has left. Kim Ray took over one open order.');
    expect(page.text).toMatch(/Have left Sam Lee on Monday, 2 November 2026, followed by Kim Ray/);
    expect(page.html).not.toContain('action="/settings/leaving"><input type="hidden" name="handle" value="sam"');
    expect(page.html).not.toContain('<option value="sam">');
    expect((await house.store.db.select().from(tasks).where(eq(tasks.id, task.id)))[0].owner).toBe('kim');
    expect((await house.get('/orders/shop/L-1')).text).toContain('Kim Ray');
  });

  it.each([
    [{ successor: '', sure: 'yes' }, 'Choose who takes over'],
    [{ successor: 'kim' }, 'Nothing was changed: tick the box'],
    [{ successor: 'sam', sure: 'yes' }, 'The successor must be another colleague, and be there'],
    [{ successor: 'nobody', sure: 'yes' }, 'The successor must be another colleague, and be there'],
  ])('%j is refused', async (form, message) => {
    const page = await house.post('/settings/leaving', { handle: 'sam', ...form } as Record<string, string>);
    expect([page.status, page.text]).toEqual([422, expect.stringContaining(message)]);
    expect((await one('sam')).leftAt).toBeNull();
  });

  it('is not for the default owner', async () => {
    const page = await house.post('/settings/leaving', { handle: 'office', successor: 'kim', sure: 'yes' });
    expect([page.status, page.text]).toEqual([422, expect.stringContaining('choose another default owner first')]);
    expect((await house.get('/settings')).text).toContain('The office is the default owner, and cannot leave before');
    const company = { company: 'Ours', zone: 'UTC', mailFrom: 'a@example.org', askFirstIn: '' };
    await save('/settings/leaving', { handle: 'sam', successor: 'kim', sure: 'yes' });
    const gone = await house.post('/settings', { ...company, defaultOwner: 'sam' });
    expect([gone.status, gone.text]).toEqual([422, expect.stringContaining('not a colleague; allowed: kim, office')]);
    await save('/settings', { ...company, defaultOwner: 'kim' });
    await save('/settings/leaving', { handle: 'office', successor: 'kim', sure: 'yes' });
  });
});

describe('absences', () => {
  const good = { handle: 'sam', from: '2026-11-03', to: '2026-11-06', standIn: 'kim' };

  it('move what is open, are listed, and end when somebody is back', async () => {
    const id = await house.order('A-1');
    await house.task(id, 'call', 'check-in');
    const page = await save('/settings/absences', good);
    expect(page.text).toContain('Saved. One open task of Sam Lee went to others.');
    expect(page.text).toMatch(
      /Sam Lee : Tuesday, 3 November 2026 to Friday, 6 November 2026 Kim Ray stands in\. Does not go/,
    );
    expect(await house.store.db.select().from(tasks)).toMatchObject([{ owner: 'kim', insteadOf: 'sam' }]);
    house.clock.now = NOON + 2 * DAY;
    expect((await house.get('/settings')).html).toContain('aria-label="Sam Lee is back"');
    const [{ id: absence }] = await house.store.db.select().from(absences);
    const after = await save('/settings/absences/over', { id: String(absence) });
    expect(after.text).toContain("What went to others stays with them; what comes now is Sam Lee's again");
    expect(after.text).toContain('Nobody is going to be away.');
    expect((await save('/settings/absences/over', { id: String(absence) })).text).toContain('Saved.');
  });

  it('show that who stands in is away too', async () => {
    await putAbsence(house.store, { handle: 'kim', from: '2026-11-05', to: '2026-11-09', standIn: null }, NOON);
    const page = await save('/settings/absences', good);
    expect(page.text).toContain(
      'Kim Ray is away too, from Thursday, 5 November 2026 to Monday, 9 November 2026: in these days whoever stands in for Kim Ray has the tasks.',
    );
    await save('/settings/absences', { ...good, handle: 'office', from: '2026-11-10', to: '2026-11-10' });
    expect((await house.get('/settings')).html.match(/is away too/g)).toHaveLength(1);
  });

  it.each([
    [{ handle: '' }, 'Choose who is away'],
    [{ from: '' }, 'The first day is missing'],
    [{ from: '2026-02-30' }, 'The first day is "2026-02-30", a day the calendar does not have'],
    [{ to: 'Friday' }, 'The last day is "Friday", not a date'],
    [{ to: '2026-11-02' }, 'The last day comes before the first'],
    [{ from: '2026-10-01', to: '2026-11-01' }, 'The last day is over; allowed: 2026-11-02 or later'],
    [{ to: '2066-11-06' }, 'The last day is more than three years ahead'],
    [{ standIn: 'sam' }, 'Nobody stands in for themselves'],
    [{ standIn: 'nobody' }, 'Choose who stands in, or nobody'],
  ])('%j is refused at its field', async (wrong, message) => {
    await refused('/settings/absences', { ...good, ...wrong }, message);
    expect(await house.store.db.select().from(absences)).toEqual([]);
  });

  it('do not come twice', async () => {
    await save('/settings/absences', good);
    await refused(
      '/settings/absences',
      { ...good, from: '2026-11-06' },
      'Sam Lee is away from 2026-11-03 to 2026-11-06 already',
    );
  });
});

describe('salespeople nobody has added', () => {
  const uma = { name: 'Uma Ray', email: 'uma.ray@example.org' };

  it('are shown with their orders on the page and beside its name, and added with one press', async () => {
    expect((await house.get('/')).text).not.toContain('to add');
    await house.order('U-1', { salesperson: uma });
    await house.order('U-2', { salesperson: uma });
    await house.order('U-3', { salesperson: { name: 'Zoë Łuk' } });
    expect((await house.get('/orders')).text).toContain('Settings 2 to add');
    const page = await house.get('/settings');
    expect(page.text).toContain('Orders named 2 salespeople nobody has added');
    expect(page.text).toContain('Uma Ray uma.ray@example.org 2 open orders wait');
    expect(page.html).toContain('value="uma-ray"');
    const added = await save('/settings/unknown', { key: 'uma.ray@example.org', handle: 'uma' });
    expect(added.text).toContain('Uma Ray is known now, and has 2 open orders that named them.');
    expect(added.text).toContain('Orders named a salesperson nobody has added');
    expect(await one('uma')).toMatchObject({ name: 'Uma Ray', email: 'uma.ray@example.org' });
    await save('/settings/unknown', { key: 'zoë łuk', handle: 'zoe' });
    expect((await house.get('/')).text).not.toContain('to add');
    const owners = await house.store.db.select().from(orders).orderBy(asc(orders.number));
    expect(owners.map(({ owner, unknownSalesperson }) => [owner, unknownSalesperson])).toEqual([
      ['uma', null],
      ['uma', null],
      ['zoe', null],
    ]);
  });

  it('need a short name of their own', async () => {
    await house.order('U-1', { salesperson: uma });
    const add = (handle: string, message: string) =>
      refused('/settings/unknown', { key: 'uma.ray@example.org', handle }, message, 'handle');
    await add('sam', 'The short name "sam" is taken; choose another.');
    await add('Uma', 'The short name may have 1 to 40 small letters');
    // Added meanwhile by somebody else, or named by an order that came at the same moment: no error.
    expect((await save('/settings/unknown', { key: 'nobody', handle: 'x' })).text).toContain('Saved.');
    await house.store.db.insert(staff).values({ handle: 'uma', name: 'Uma Ray', email: 'Uma.Ray@example.org' });
    expect((await save('/settings/unknown', { key: 'uma.ray@example.org', handle: 'x' })).text).toContain(
      'Uma Ray is known now, and has one open order that named them.',
    );
  });

  it('get short names everybody can type and nobody has', () => {
    const short = (name: string | null, email: string | null, taken: string[] = []) =>
      handleFor({ name, email }, taken);
    expect(short('Uma Ray', 'Uma.Ray+shop@example.org')).toBe('uma-ray-shop');
    expect(short('Zoë Łuk', null)).toBe('zoe-uk');
    expect(short('王芳', null)).toBe('colleague');
    expect(short('Sam', null, ['sam', 'sam-2'])).toBe('sam-3');
    expect(short('x'.repeat(100), null)).toBe('x'.repeat(36));
  });
});

describe('a pause for everything', () => {
  const good = { until: '2026-11-03T08:00', why: 'Wrong prices in the shop' };
  const pokes = async () =>
    (
      await house.store.db
        .select({ number: orders.number })
        .from(outbox)
        .innerJoin(orders, eq(orders.id, outbox.orderId))
        .where(eq(outbox.start, false))
        .orderBy(asc(outbox.id))
    ).map(({ number }) => number);

  it('is said on every page until it ends', async () => {
    expect((await house.get('/')).text).not.toContain('Everything is paused');
    expect((await save('/settings/pause', good)).text).toContain('Everything waits.');
    for (const path of ['/', '/orders', '/settings', '/dev/mail'])
      expect((await house.get(path)).text).toContain(
        'Everything is paused until Tue, 3 Nov 2026, 08:00 : Wrong prices in the shop. Settings',
      );
    house.clock.now = NOON + 21 * HOUR;
    expect((await house.get('/')).text).not.toContain('Everything is paused');
  });

  it('is known though another part of the house began it', async () => {
    await house.store.db.update(settings).set({ pausedUntil: NOON + DAY, pausedWhy: 'Fire' });
    expect((await house.get('/')).text).toContain('Everything is paused until Tue, 3 Nov 2026, 12:00 : Fire.');
    // As is whatever else was set there.
    await house.store.db.update(settings).set({ company: 'Theirs', tasksPerDay: 17 });
    expect((await house.get('/settings')).html).toMatch(/value="Theirs".*name="tasksPerDay" value="17"/s);
  });

  it('holds what falls due; its end, and an earlier one, wakes that in order of its time', async () => {
    await save('/settings/pause', good);
    for (const number of ['1', '2', '3']) await house.order(number);
    expect((await house.get('/settings')).text).toContain('3 follow-ups were put off by it so far.');
    await house.store.db.delete(outbox);
    const due = await house.store.db.select().from(orders).orderBy(asc(orders.nextDueAt));
    expect(
      due.every(
        ({ brake, nextDueAt }) => brake === 'everything-paused' && nextDueAt! >= Date.parse('2026-11-03T08:00Z'),
      ),
    ).toBe(true);
    const inOrder = due.map(({ number }) => number);

    await save('/settings/pause', { ...good, until: '2026-11-05T08:00' });
    expect(await pokes()).toEqual([]);
    expect((await save('/settings/pause', { ...good, until: '2026-11-02T18:00' })).text).toContain(
      '3 follow-ups look again at the new end.',
    );
    expect(await pokes()).toEqual(inOrder);
    await house.store.db.delete(outbox);
    const after = await save('/settings/pause/over', {});
    expect(after.text).toContain('Everything goes on. 3 follow-ups look again at what is due.');
    expect(await pokes()).toEqual(inOrder);
    expect(await saved()).toMatchObject({ pausedUntil: null, pausedWhy: null });
    expect(after.text).not.toContain('Everything is paused');
    // Nothing more to end.
    expect((await save('/settings/pause/over', {})).text).toContain('Everything goes on.');
  });

  it('lasts short days in a demonstration', async () => {
    const fresh = await freshHouse(120);
    try {
      await fresh.post('/settings/pause', { until: '2026-11-03T12:00', why: 'Show' });
      expect(fresh.store.settings.pausedUntil).toBe(NOON + 120_000);
    } finally {
      await fresh.drop();
    }
  });

  it.each([
    [{ until: '' }, 'The end is "", not a date'],
    [{ until: '2026-11-02T12:00' }, 'The end is "2026-11-02T12:00", which is over; allowed: later than now'],
    [{ until: '2027-11-05T12:00' }, 'The end is "2027-11-05T12:00", more than a year ahead'],
    [{ why: ' ' }, 'The reason is empty; say why everything waits'],
    [{ why: 'x'.repeat(201) }, 'The reason is too long'],
  ])('%j is refused at its field', async (wrong, message) => {
    await refused('/settings/pause', { ...good, ...wrong }, message);
    expect((await saved()).pausedUntil).toBeNull();
  });
});
