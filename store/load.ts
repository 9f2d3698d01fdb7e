import { and, eq, gte, inArray, isNull, lte, ne, sql } from 'drizzle-orm';
import { isDemonstration, localDay } from '../domain/calendar.ts';
import { type Assignment, assign, type Colleague, type Work } from '../domain/load.ts';
import { DAY } from '../domain/time.ts';
import type { Store, Tx } from './database.ts';
import { hoursOf } from './followUps.ts';
import { absences, staff, tasks } from './schema.ts';

/** How far ahead a full day is looked past. */
const LOOK_AHEAD = 120 * DAY;

/** Who has a task and when, by who is there and how much they have; one at a time for an owner. */
export async function assignTask(store: Store, tx: Tx, work: Work): Promise<Assignment> {
  const { calendar, settings } = store;
  if (isDemonstration(calendar)) return { owner: work.owner, dueAt: work.dueAt, why: null };
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtextextended(${work.owner}, 2))`);
  if (await isThereWithRoom(store, tx, work)) return { owner: work.owner, dueAt: work.dueAt, why: null };
  return assign(work, await colleagues(store, tx, work), settings.defaultOwner, calendar);
}

/** Nearly always the owner is there and has room. */
async function isThereWithRoom({ settings, calendar }: Store, tx: Tx, { owner, dueAt }: Work): Promise<boolean> {
  const [one] = await tx.select().from(staff).where(eq(staff.handle, owner));
  const { zone } = hoursOf(one, calendar);
  const day = localDay(dueAt, zone);
  const { rows } = await tx.execute<{ away: boolean; tasks: string }>(sql`
    SELECT EXISTS (SELECT FROM ${absences} WHERE handle = ${owner} AND ${day} BETWEEN "from" AND "to") AS away,
      (SELECT count(*) FROM ${tasks} WHERE owner = ${owner} AND status <> 'cancelled'
         AND due_at >= ${day}::date::timestamp AT TIME ZONE ${zone}
         AND due_at < (${day}::date + 1)::timestamp AT TIME ZONE ${zone}) AS tasks`);
  const perDay = one.tasksPerDay ?? settings.tasksPerDay;
  return one.leftAt === null && !rows[0].away && (perDay === null || Number(rows[0].tasks) < perDay);
}

/** The owner, everybody who could do it instead, and how much each of them has in the time to come. */
async function colleagues({ settings, calendar }: Store, tx: Tx, { dueAt }: Work): Promise<Colleague[]> {
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
        ne(tasks.status, 'cancelled'),
        gte(tasks.dueAt, dueAt - DAY),
        lte(tasks.dueAt, dueAt + LOOK_AHEAD),
      ),
    );
  return people.map((one) => {
    const opening = hoursOf(one, calendar);
    const counts: Record<string, number> = {};
    for (const task of due) {
      if (task.owner !== one.handle) continue;
      const day = localDay(task.dueAt, opening.zone);
      counts[day] = (counts[day] ?? 0) + 1;
    }
    return {
      handle: one.handle,
      team: one.team,
      perDay: one.tasksPerDay ?? settings.tasksPerDay,
      tasks: counts,
      opening: { ...opening, away: away.filter(({ handle }) => handle === one.handle) },
    };
  });
}
