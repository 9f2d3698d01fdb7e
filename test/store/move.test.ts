import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { and, eq, sql } from 'drizzle-orm';
import { progressOf } from '../../domain/followUp.ts';
import { DAY } from '../../domain/time.ts';
import { change, loadSale, lockParty } from '../../store/followUps.ts';
import { type Choice, countChosen, figuresOf, movePage, passedOver, readChoice } from '../../store/move.ts';
import { addPlaybooks, type Shelf } from '../../store/playbooks.ts';
import { events, orders, outbox, tasks } from '../../store/schema.ts';
import { takeOutcome } from '../../store/tasks.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';

/** Follow-ups that run, moved to another version of their playbook on purpose. */
const OLD = `
name: care
title: Care
touches:
  - { name: thanks, after: order, wait: 1 hour, send: thank-you }
  - { name: check-in, after: order, wait: 3 days, call: check-in }
  - { name: survey, after: order, wait: 10 days, ask: nps }
keep in touch: { every: 60 days, send: keep-in-touch }
`;
/** A letter more, the survey later, no call. */
const NEW = `
name: care
title: Care
touches:
  - { name: thanks, after: order, wait: 2 hours, send: thank-you }
  - { name: letter, after: order, wait: 20 days, letter: hello }
  - { name: survey, after: order, wait: 12 days, ask: nps }
keep in touch: { every: 60 days, send: keep-in-touch }
`;
const OTHER = OLD.replace('name: care', 'name: other');

let house: House;
/** The shelves before and after the file was changed. */
let shelves: { old: Shelf; fresh: Shelf };
let hashes: { old: string; fresh: string; other: string };
let last = 0;

async function shelfOf(texts: Record<string, string>): Promise<Shelf> {
  const folder = mkdtempSync(join(tmpdir(), 'aftercare-move-'));
  for (const file of readdirSync('playbooks').filter((name) => /^standard/.test(name)))
    writeFileSync(join(folder, file), readFileSync(join('playbooks', file)));
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, `${name}.yaml`), text);
  try {
    return await addPlaybooks(house.store, folder, house.clock.now);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

beforeAll(async () => {
  house = await freshHouse();
  const old = await shelfOf({ care: OLD, other: OTHER });
  house.clock.now += DAY;
  const fresh = await shelfOf({ care: NEW, other: OTHER });
  shelves = { old, fresh };
  hashes = {
    old: old.current.get('care')!.hash,
    fresh: fresh.current.get('care')!.hash,
    other: old.current.get('other')!.hash,
  };
  house.web.shelf.current.clear();
  for (const [name, version] of old.current) house.web.shelf.current.set(name, version);
});
afterAll(() => house.drop());
beforeEach(async () => {
  house.clock.now = NOON;
  // What earlier tests left is over.
  await house.store.db.update(orders).set({ stage: 'ended' });
});

/** An open order by the old version, with a customer of its own. */
async function anOrder(playbook = 'care') {
  last += 1;
  const number = `M-${last}`;
  const email = `m${last}@example.com`;
  const customer = { id: `m-${last}`, name: 'Ada Palmer', email, phone: `+49 30 1234${1000 + last}` };
  return { number, id: await house.order(number, { playbook, customer }) };
}

const all: () => Choice = () => ({ name: 'care', to: hashes.fresh, from: null, orders: null });
const look = (choice = all()) => movePage(house.store, choice, house.clock.now, { go: false });
const go = (choice = all(), more = {}) => movePage(house.store, choice, house.clock.now, { go: true, ...more });
const rowOf = async (id: string) => (await house.store.db.select().from(orders).where(eq(orders.id, id)))[0];
const pokes = (id: string) => house.store.db.$count(outbox, eq(outbox.orderId, id));
const movedOf = (id: string) =>
  house.store.db
    .select({ why: events.why })
    .from(events)
    .where(and(eq(events.orderId, id), eq(events.what, 'moved')));

describe('a preview', () => {
  it('tells what comes in addition, falls away and gets another day, and changes nothing', async () => {
    const { id, number } = await anOrder();
    const before = [await rowOf(id), await pokes(id), await house.story(id)];
    const { moves } = await look();
    expect(moves).toEqual([{ source: 'shop', number, from: hashes.old, changes: expect.anything() }]);
    const days = (at: number | null) => at && Math.floor((at - NOON) / DAY);
    expect(moves[0].changes.map(({ what, touch, was, dueAt }) => [what, touch, days(was), days(dueAt)])).toEqual([
      ['rescheduled', 'thanks', 0, 0],
      ['dropped', 'check-in', 3, null],
      ['rescheduled', 'survey', 10, 12],
      ['added', 'letter', null, 20],
    ]);
    expect(figuresOf(moves, house.clock.now)).toEqual({
      followUps: 1,
      unchanged: 0,
      added: 1,
      dropped: 1,
      rescheduled: 2,
      atOnce: 0,
    });
    expect([await rowOf(id), await pokes(id), await house.story(id)]).toEqual(before);
  });

  it('says what would be made at once because its day has passed', async () => {
    await anOrder();
    house.clock.now = NOON + 30 * DAY;
    const { moves } = await look();
    // The survey is overdue by both versions; that is no change.
    expect(moves[0].changes.map(({ what, touch }) => `${what} ${touch}`)).toEqual(['dropped check-in', 'added letter']);
    expect(figuresOf(moves, house.clock.now)).toMatchObject({ added: 1, atOnce: 1 });
  });

  it('is not that nobody keeps in touch any more, where that only waits for something new', async () => {
    const { id } = await anOrder();
    const at = NOON + 15 * DAY;
    await change(house.store, id, at, async ({ note }) => {
      for (const touch of ['thanks', 'check-in', 'survey'])
        await note({ what: 'skipped', at, touch, occurrence: '1', why: 'too-late' });
    });
    house.clock.now = at;
    expect(await rowOf(id)).toMatchObject({ stage: 'waiting', nextTouch: 'keep-in-touch' });
    expect((await look()).moves[0].changes.map(({ what, touch }) => `${what} ${touch}`)).toEqual(['added letter']);
  });
});

describe('a move', () => {
  it('is told in the story, wakes the workflow, and what was done stays done', async () => {
    const { id } = await anOrder();
    await change(house.store, id, NOON + DAY, ({ note }) =>
      note({ what: 'sent', at: NOON + DAY, touch: 'thanks', occurrence: '1' }).then(() => {}),
    );
    house.clock.now = NOON + 2 * DAY;
    const before = await pokes(id);
    const { moves } = await go();
    expect(moves.map(({ changes }) => changes.map(({ touch }) => touch))).toEqual([['check-in', 'survey', 'letter']]);
    expect(await movedOf(id)).toEqual([{ why: `${hashes.old.slice(0, 8)} -> ${hashes.fresh.slice(0, 8)}` }]);
    expect(await pokes(id)).toBe(before + 1);
    expect(await rowOf(id)).toMatchObject({ playbook: 'care', playbookHash: hashes.fresh, nextTouch: 'survey' });
    const { followUp, terms } = await loadSale(house.store, house.store.db, id);
    expect(terms.playbook.touches.map(({ name }) => name)).toContain('letter');
    expect(progressOf(followUp, 'thanks').made.size).toBe(1);
  });

  it('done twice, or by two at once, is one move', async () => {
    const { id } = await anOrder();
    const { customerId } = await rowOf(id);
    let both: Promise<unknown>[] = [];
    await house.store.db.transaction(async (tx) => {
      await lockParty(tx, customerId);
      both = [go(), go()];
      // Until both have chosen it, and wait for it.
      const waiting = sql<number>`SELECT count(*)::int AS waiting FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      while ((await house.store.db.execute<{ waiting: number }>(waiting)).rows[0].waiting < 2) {}
    });
    await Promise.all(both);
    await go();
    expect(await movedOf(id)).toHaveLength(1);
    expect(await countChosen(house.store, all())).toBe(0);
  });

  it('that breaks off leaves the rest as it was, and goes on with it', async () => {
    const ids = [(await anOrder()).id, (await anOrder()).id, (await anOrder()).id].sort();
    await house.store.db.execute(
      sql.raw(`
      CREATE FUNCTION aftercare.break_off() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the power failed'; END $$;
      CREATE TRIGGER break_off BEFORE INSERT ON aftercare.events FOR EACH ROW
        WHEN (NEW.order_id = '${ids[1]}' AND NEW.what = 'moved') EXECUTE FUNCTION aftercare.break_off()`),
    );
    await expect(go()).rejects.toThrow();
    const hashesNow = async () => Promise.all(ids.map(async (id) => (await rowOf(id)).playbookHash));
    expect(await hashesNow()).toEqual([hashes.fresh, hashes.old, hashes.old]);
    expect(await house.story(ids[1])).not.toContainEqual(expect.stringMatching(/^moved/));
    await house.store.db.execute(sql.raw('DROP TRIGGER break_off ON aftercare.events'));
    expect((await go()).moves).toHaveLength(2);
    expect(await hashesNow()).toEqual([hashes.fresh, hashes.fresh, hashes.fresh]);
    for (const id of ids) expect(await movedOf(id)).toHaveLength(1);
  });

  it('goes page by page, by the keys of the orders', async () => {
    const ids = [(await anOrder()).id, (await anOrder()).id, (await anOrder()).id].sort();
    const first = await go(all(), { limit: 2 });
    expect([first.moves.length, first.next]).toEqual([2, ids[1]]);
    const second = await go(all(), { limit: 2, after: first.next! });
    expect([second.moves.length, second.next]).toEqual([1, null]);
  });

  it('does not move what is over', async () => {
    const { id, number } = await anOrder();
    await house.happens(number, 'cancelled');
    expect((await go()).moves).toEqual([]);
    expect(await movedOf(id)).toEqual([]);
  });

  it('can be to another playbook, which the order then has', async () => {
    const { id } = await anOrder('other');
    expect((await go()).moves).toEqual([]);
    await go({ ...all(), from: hashes.other });
    expect(await rowOf(id)).toMatchObject({ playbook: 'care', playbookHash: hashes.fresh });
  });
});

describe('a touch that the new version has lost', () => {
  it('keeps its open task until that comes out', async () => {
    const { id } = await anOrder();
    const task = await house.task(id, 'call', 'check-in');
    await go();
    const open = async () =>
      (await house.store.db.select().from(tasks).where(eq(tasks.orderId, id))).map(({ status }) => status);
    expect(await open()).toEqual(['open']);
    const report = { id: null, outcome: 'no-answer', note: null, callBackAt: null, answers: null } as const;
    expect(await takeOutcome(house.store, task.id, report, house.clock.now)).toEqual({ answer: 'taken' });
    expect(await open()).toEqual(['done']);
    // Nobody plans a second try.
    expect(await rowOf(id)).toMatchObject({ nextTouch: 'thanks', stage: 'following' });
  });

  it('does not hold up the end of the follow-up, nor is held up by it', async () => {
    const { id, number } = await anOrder();
    const task = await house.task(id, 'call', 'check-in');
    await go();
    await house.happens(number, 'cancelled');
    const report = { id: null, outcome: 'reached', note: null, callBackAt: null, answers: null } as const;
    // Whether the rules have taken the call back or left it to come out, then it is over.
    await takeOutcome(house.store, task.id, report, house.clock.now);
    expect(await rowOf(id)).toMatchObject({ stage: 'ended', outcome: 'cancelled' });
  });

  it('and of which a mail may have arrived is still asked after', async () => {
    const { id } = await anOrder();
    const at = house.clock.now;
    await change(house.store, id, at, async ({ note }) => {
      await note({ what: 'uncertain', at, touch: 'check-in', occurrence: '1', why: 'uncertain' });
    });
    await go();
    const { followUp } = await loadSale(house.store, house.store.db, id);
    expect(progressOf(followUp, 'check-in')).toMatchObject({ uncertain: true, openTask: '1' });
    expect(await rowOf(id)).toMatchObject({ stage: 'following', nextTouch: 'thanks' });
  });
});

describe('which are meant', () => {
  const readIt = (given: object, name = 'care') => readChoice(house.store, shelves.fresh, name, given);

  it('the current version unless another is named, and hashes may be cut short', async () => {
    expect(await readIt({})).toEqual({ ok: true, choice: all() });
    expect(await readIt({ to: 'current', from: hashes.old.slice(0, 8), orders: ['shop/a/1'] })).toEqual({
      ok: true,
      choice: { ...all(), from: hashes.old, orders: [{ source: 'shop', number: 'a/1' }] },
    });
    expect(await readIt({ to: hashes.old })).toMatchObject({ choice: { to: hashes.old } });
  });

  it.each([
    [{ to: '00000000' }, 'to', /is "00000000", which there is not; allowed: current, or the hash of a version of care/],
    [{ to: 'ab' }, 'to', /which there is not/],
    [{ from: 'zz' }, 'from', /allowed: the hash of a version/],
    [{ orders: ['10042'] }, 'orders[0]', /is "10042"; allowed: source and number/],
  ])('%j is refused', async (given, path, message) =>
    expect(await readIt(given)).toEqual({
      ok: false,
      errors: [{ path, message: expect.stringMatching(message) }],
    }),
  );

  it('a version of another playbook, and the version they are to run by, are refused', async () => {
    expect(await readIt({ to: hashes.other })).toMatchObject({ errors: [{ path: 'to' }] });
    expect(await readIt({ from: hashes.fresh })).toMatchObject({ errors: [{ path: 'from' }] });
    expect(await readIt({}, 'nothing')).toBeNull();
    expect(await readChoice(house.store, { ...shelves.fresh, current: new Map() }, 'care', {})).toMatchObject({
      errors: [{ path: 'to', message: expect.stringContaining('no file has care any more') }],
    });
  });

  it('of those named, who stays and why', async () => {
    const [moves, ended, there] = [await anOrder(), await anOrder(), await anOrder()];
    await house.happens(ended.number, 'cancelled');
    await house.store.db.update(orders).set({ playbookHash: hashes.fresh }).where(eq(orders.id, there.id));
    const named = [moves, ended, there, { number: 'nobody' }].map(({ number }) => ({ source: 'shop', number }));
    const choice = { ...all(), orders: named };
    expect((await passedOver(house.store, choice)).map(({ number, why }) => [number, why])).toEqual([
      [ended.number, 'over'],
      [there.number, 'there'],
      ['nobody', 'unknown'],
    ]);
    expect(await passedOver(house.store, { ...choice, from: hashes.other })).toContainEqual({
      source: 'shop',
      number: moves.number,
      why: 'other-version',
    });
    expect((await look(choice)).moves.map(({ number }) => number)).toEqual([moves.number]);
  });
});
