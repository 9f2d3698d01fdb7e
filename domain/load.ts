import {
  type Away,
  after,
  type Calendar,
  dueBy,
  endOfBusinessDay,
  isDemonstration,
  isOpen,
  localDay,
  type Opening,
  within,
} from './calendar.ts';
import type { Day } from './dates.ts';
import { type Deadline, SAME_DAY } from './playbook.ts';
import type { Instant } from './time.ts';

/** Days a colleague is away, and who takes over meanwhile. */
export interface Absence extends Away {
  /** By handle; null: nobody named. */
  standIn: string | null;
}

/** When a colleague is at work. */
export interface Presence extends Opening {
  away: readonly Absence[];
}

/** A colleague, as far as sharing out tasks goes. */
export interface Colleague {
  handle: string;
  /** Who shares full days; null: nobody. */
  team: string | null;
  /** The most tasks that fall due on a day; null: any number. */
  perDay: number | null;
  /** How many there are on which day, as the colleague's zone counts days. */
  tasks: Readonly<Record<Day, number>>;
  opening: Presence;
}

/** A task that is to be given to somebody. */
export interface Work {
  owner: string;
  /** When it falls due, in hours in which the owner works when not away. */
  dueAt: Instant;
  /** The last instant it may be moved to, as with a promise; null: there is none. */
  latest: Instant | null;
  /** What it has to keep to beside a colleague's hours, as those the customer takes calls in. */
  hours: readonly Opening[];
  /** Makes spreading steady: the order's id. */
  seed: string;
}

/**
 * When a task is due that is made now, in the hours of its owner or what else it has to keep to; no later than its span
 * where the customer counts on it.
 */
export function deadlineOf(
  madeAt: Instant,
  span: Deadline,
  owner: Opening,
  openings: readonly Opening[],
  calendar: Calendar,
  seed: string,
  promised = false,
): Instant {
  if (span === SAME_DAY) return endOfBusinessDay(madeAt, owner, calendar);
  const at = after(madeAt, span, calendar.zone, calendar);
  return promised ? dueBy(madeAt, at, openings, calendar, seed) : within(at, openings, calendar, seed);
}

/** Who has a task, when it falls due, and why it is not as it was wished; null: it is. */
export interface Assignment {
  owner: string;
  dueAt: Instant;
  why: null | 'away' | 'day-full' | 'day-full-next';
}

/** How many business days a task may be put off: after three months of full days another one is no help. */
const MOST_DAYS = 60;

/**
 * Gives a task to somebody who is there and has room for it. Who is away is stood in for; a full day is shared with the
 * team, by who has the fewest tasks; where they are full too the task moves to the next business day with room, unless
 * that is too late: then it stays, one too many. `staff` are the owner, the team, and all who may stand in; `fallback`
 * is the default owner.
 */
export function assign(work: Work, staff: readonly Colleague[], fallback: string, calendar: Calendar): Assignment {
  const { dueAt, latest } = work;
  const owner = find(staff, work.owner);
  // Nearly always the owner is there and has room.
  if (!owner || isDemonstration(calendar) || hasRoom(owner, dueAt)) return { owner: work.owner, dueAt, why: null };
  const hoursOf = ({ opening }: Colleague, at: Instant) => within(at, [opening, ...work.hours], calendar, work.seed);
  const inTime = (at: Instant) => latest === null || at <= Math.max(dueAt, latest);

  const mates = staff
    .filter((one) => one !== owner && one.team !== null && one.team === owner.team)
    .map((one) => ({ one, at: hoursOf(one, dueAt) }))
    // Hours that never come are passed over by within(), so that nothing is lost; but nobody is there in them.
    .filter(({ one, at }) => isOpen(at, one.opening) && inTime(at) && dayOf(one, at) === dayOf(one, dueAt))
    .sort((a, b) => tasksOn(a.one, a.at) - tasksOn(b.one, b.at) || a.one.handle.localeCompare(b.one.handle));

  const there = standIn(owner, dueAt, staff) ?? mates[0]?.one ?? find(staff, fallback);
  if (!there) return { owner: fallback, dueAt, why: 'away' };
  // Whoever is alone finds it on the first day back.
  const resumed = there === owner && !absence(owner, dueAt) ? dueAt : hoursOf(there, dueAt);
  const at = inTime(resumed) ? resumed : dueAt;
  const stays: Assignment = { owner: there.handle, dueAt: at, why: there === owner && at === dueAt ? null : 'away' };
  if (!isFull(there, at)) return stays;

  const mate = mates.find(({ one, at }) => !isFull(one, at));
  if (mate) return { owner: mate.one.handle, dueAt: mate.at, why: 'day-full' };
  for (let amount = 1; amount <= MOST_DAYS; amount += 1) {
    const next = hoursOf(there, after(at, { amount, unit: 'business days' }, there.opening.zone, calendar));
    if (inTime(next) && !isFull(there, next)) return { owner: there.handle, dueAt: next, why: 'day-full-next' };
  }
  return stays;
}

/** Who is there on the day: the owner, or whoever stands in, or stands in for them; null where that leads to nobody. */
function standIn(owner: Colleague, at: Instant, staff: readonly Colleague[]): Colleague | null {
  const asked = new Set<Colleague>();
  for (let one: Colleague | null = owner; one && !asked.has(one); ) {
    const away = absence(one, at);
    if (!away) return one;
    asked.add(one);
    one = find(staff, away.standIn);
  }
  return null;
}

const find = (staff: readonly Colleague[], wanted: string | null) =>
  staff.find(({ handle }) => handle === wanted) ?? null;

const dayOf = ({ opening }: Colleague, at: Instant): Day => localDay(at, opening.zone);

const tasksOn = (colleague: Colleague, at: Instant) => colleague.tasks[dayOf(colleague, at)] ?? 0;

/** Whether somebody is there that day and can have one more task. */
const hasRoom = (colleague: Colleague, at: Instant) => !absence(colleague, at) && !isFull(colleague, at);

const isFull = (colleague: Colleague, at: Instant) =>
  colleague.perDay !== null && tasksOn(colleague, at) >= colleague.perDay;

function absence(colleague: Colleague, at: Instant): Absence | undefined {
  const day = dayOf(colleague, at);
  return colleague.opening.away.find(({ from, to }) => from <= day && day <= to);
}
