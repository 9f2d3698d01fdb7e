import { and, asc, eq, gte, inArray, isNull, lt, lte, sql } from 'drizzle-orm';
import { type Away, isDemonstration, localDay } from '../domain/calendar.ts';
import type { Day } from '../domain/dates.ts';
import { type Assignment, assign, type Colleague, type Work } from '../domain/load.ts';
import { DAY, type Instant } from '../domain/time.ts';
import { firstAt } from '../domain/zones.ts';
import type { Store, Tx } from './database.ts';
import { hoursOf } from './followUps.ts';
import { absences, events, staff, tasks, taskTouches } from './schema.ts';

type Row = typeof staff.$inferSelect;

/** How far ahead a full day is looked past. */
const LOOK_AHEAD = 120 * DAY;

/** Tasks that fill a day. */
const COUNTED = ['open', 'done'] as const;

/** Who has a task and when, by who is there and how much they have; one at a time within a team. */
export async function assignTask(store: Store, tx: Tx, work: Work): Promise<Assignment> {
  const { calendar, settings } = store;
  if (isDemonstration(calendar)) return { owner: work.owner, dueAt: work.dueAt, why: null };
  const one = await takeTurn(tx, work.owner);
  if (await isThereWithRoom(store, tx, one, work.dueAt)) return { owner: one.handle, dueAt: work.dueAt, why: null };
  const wanted = { ...work, owner: one.handle };
  return assign(wanted, await colleagues(store, tx, work.dueAt), settings.defaultOwner, calendar);
}

/**
 * Takes the lock under which tasks are given to a colleague and their team, until the transaction ends; the colleague as
 * they are then. Who has left meanwhile is succeeded.
 */
export async function takeTurn(tx: Tx, handle: string): Promise<Row> {
  await tx.execute(sql`
    SELECT pg_advisory_xact_lock(hashtextextended(coalesce('team ' || team, handle), 2))
    FROM ${staff} WHERE handle = ${handle}`);
  // What is read before the lock is there may be stale.
  const [one] = await tx.select().from(staff).where(eq(staff.handle, handle));
  return one.leftAt === null ? one : takeTurn(tx, one.successor!);
}

/** Nearly always the owner is there and has room. */
async function isThereWithRoom({ settings, calendar }: Store, tx: Tx, one: Row, dueAt: Instant): Promise<boolean> {
  const { zone } = hoursOf(one, calendar);
  const day = localDay(dueAt, zone);
  const has = and(eq(tasks.owner, one.handle), inArray(tasks.status, COUNTED), dueWithin(day, day, zone));
  const { rows } = await tx.execute<{ away: boolean; tasks: string }>(sql`
    SELECT EXISTS (SELECT FROM ${absences} WHERE handle = ${one.handle} AND ${day} BETWEEN "from" AND "to") AS away,
      (SELECT count(*) FROM ${tasks} WHERE ${has}) AS tasks`);
  const perDay = one.tasksPerDay ?? settings.tasksPerDay;
  return !rows[0].away && (perDay === null || Number(rows[0].tasks) < perDay);
}

/** Due from the first of these days to the last, as clocks in the zone count them. */
const dueWithin = (from: Day, to: Day, zone: string) =>
  and(gte(tasks.dueAt, firstAt(Date.parse(from), zone)), lt(tasks.dueAt, firstAt(Date.parse(to) + DAY, zone)));

/** A colleague whose tasks can be added to. */
type Loaded = Colleague & { tasks: Record<Day, number> };

/** Everybody who could have a task that is due then, and how much each of them has in the time to come. */
async function colleagues({ settings, calendar }: Store, tx: Tx, dueAt: Instant): Promise<Loaded[]> {
  const people = await tx.select().from(staff).where(isNull(staff.leftAt));
  const handles = people.map(({ handle }) => handle);
  const away = await tx
    .select()
    .from(absences)
    .where(gte(absences.to, localDay(dueAt - DAY, calendar.zone)));
  const due = await tx
    .select({ owner: tasks.owner, dueAt: tasks.dueAt })
    .from(tasks)
    .where(
      and(
        inArray(tasks.owner, handles),
        inArray(tasks.status, COUNTED),
        gte(tasks.dueAt, dueAt - DAY),
        lte(tasks.dueAt, dueAt + LOOK_AHEAD),
      ),
    );
  return people.map((one) => {
    const opening = hoursOf(one, calendar);
    const loaded: Loaded = {
      handle: one.handle,
      team: one.team,
      perDay: one.tasksPerDay ?? settings.tasksPerDay,
      tasks: {},
      opening: { ...opening, away: away.filter(({ handle }) => handle === one.handle) },
    };
    for (const task of due) if (task.owner === one.handle) count(loaded, task.dueAt);
    return loaded;
  });
}

function count({ tasks, opening }: Loaded, dueAt: Instant) {
  const day = localDay(dueAt, opening.zone);
  tasks[day] = (tasks[day] ?? 0) + 1;
}

/**
 * Gives what a colleague has to do in days away to whoever is there, to be done when it was due anyway; once the absence
 * has begun, what is overdue as well. The stories say so. How many tasks went; the caller has the turn.
 */
export async function coverFor(
  store: Store,
  tx: Tx,
  { handle, from, to }: Away & { handle: string },
  now: Instant,
): Promise<number> {
  const { calendar, settings } = store;
  const [one] = await tx.select().from(staff).where(eq(staff.handle, handle));
  const { zone } = hoursOf(one, calendar);
  const first = from <= localDay(now, zone) ? BEGINNING : from;
  const open = await tx
    .select()
    .from(tasks)
    .where(and(eq(tasks.owner, handle), eq(tasks.status, 'open'), dueWithin(first, to, zone)))
    .orderBy(asc(tasks.dueAt));
  if (open.length === 0) return 0;
  const people = await colleagues(store, tx, Math.max(open[0].dueAt, now));
  let moved = 0;
  for (const { id, orderId, dueAt } of open) {
    const at = Math.max(dueAt, now);
    const work = { owner: handle, dueAt: at, latest: null, hours: [], seed: orderId };
    const { owner, why } = assign(work, people, settings.defaultOwner, calendar);
    const taker = people.find((each) => each.handle === owner);
    if (owner === handle || !taker) continue;
    count(taker, at);
    await tx.update(tasks).set({ owner, insteadOf: handle, insteadWhy: why }).where(eq(tasks.id, id));
    await tx.execute(sql`
      INSERT INTO ${events} (order_id, what, at, touch, occurrence, why, data)
      SELECT order_id, 'spilled', ${new Date(now).toISOString()}::timestamptz, touch, occurrence, ${why},
        ${JSON.stringify({ owner, until: dueAt })}::jsonb
      FROM ${taskTouches} WHERE task_id = ${id}`);
    moved += 1;
  }
  return moved;
}

const BEGINNING: Day = '1970-01-01';
