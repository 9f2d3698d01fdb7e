import { and, asc, count, desc, eq, gt, inArray, ne, type SQL, sql } from 'drizzle-orm';
import { type Planned, plan } from '../domain/plan.ts';
import { KEEP_IN_TOUCH, type Playbook } from '../domain/playbook.ts';
import { Faults, type Result, shown } from '../domain/reading.ts';
import type { Instant } from '../domain/time.ts';
import type { Store } from './database.ts';
import { change, loadSale, poke, type Sale } from './followUps.ts';
import { playbookOf, type Shelf } from './playbooks.ts';
import { orders, playbooks } from './schema.ts';

/** A playbook, and what runs by which version of it. */
export interface PlaybookRow {
  name: string;
  title: string;
  /** The version new orders begin with; null: no file has this playbook any more. */
  current: string | null;
  /** The current version and all that open follow-ups run by, the newest first. */
  versions: VersionRow[];
}
interface VersionRow {
  hash: string;
  addedAt: Instant;
  /** Open follow-ups that run by it. */
  open: number;
}

const isOpen = sql`${orders.stage} NOT IN ('history', 'ended')`;

/** The playbooks of the shelf and all that open follow-ups run by, by name: as many as people have written. */
export async function listPlaybooks(store: Store, { current }: Shelf): Promise<PlaybookRow[]> {
  const runs = await store.db
    .select({ hash: orders.playbookHash, open: count() })
    .from(orders)
    .where(isOpen)
    .groupBy(orders.playbookHash);
  const open = new Map(runs.map((row) => [row.hash, row.open]));
  const hashes = [...[...current.values()].map(({ hash }) => hash), ...open.keys()];
  const rows = await store.db
    .select({ hash: playbooks.hash, name: playbooks.name, addedAt: playbooks.addedAt })
    .from(playbooks)
    .where(inArray(playbooks.hash, hashes))
    .orderBy(asc(playbooks.name), desc(playbooks.addedAt), asc(playbooks.hash));
  const names = [...new Set(rows.map(({ name }) => name))];
  return Promise.all(
    names.map(async (name) => {
      const versions = rows.filter((row) => row.name === name);
      const { title } = current.get(name)?.playbook ?? (await playbookOf(store.db, versions[0].hash));
      return {
        name,
        title,
        current: current.get(name)?.hash ?? null,
        versions: versions.map(({ hash, addedAt }) => ({ hash, addedAt, open: open.get(hash) ?? 0 })),
      };
    }),
  );
}

/** Open follow-ups that run by a version. */
export async function countRunning(store: Store, hash: string): Promise<number> {
  const [row] = await store.db
    .select({ open: count() })
    .from(orders)
    .where(and(isOpen, eq(orders.playbookHash, hash)));
  return row.open;
}

/** The first two versions whose hash begins so, of a name or of any. */
export const versionsLike = (store: Store, name: string | null, prefix: string) =>
  store.db
    .select()
    .from(playbooks)
    .where(and(sql`starts_with(${playbooks.hash}, ${prefix})`, name === null ? undefined : eq(playbooks.name, name)))
    .limit(2);

/** The version of a name that came last; null where there was never one. */
export async function newestVersion(store: Store, name: string) {
  const [row] = await store.db
    .select()
    .from(playbooks)
    .where(eq(playbooks.name, name))
    .orderBy(desc(playbooks.addedAt))
    .limit(1);
  return row ?? null;
}

/** How a version is called by people. */
export const shortHash = (hash: string) => hash.slice(0, 8);

/** Which open follow-ups are to move, and to which version. */
export interface Choice {
  /** The version they are to run by, of the playbook of this name. */
  name: string;
  to: string;
  /** Only those that run by this version; null: by any other version of the playbook. */
  from: string | null;
  /** Only these, by whatever playbook they run; null: all. */
  orders: { source: string; number: string }[] | null;
}

/**
 * Reads which follow-ups are meant; `to` may be left out or be "current", a hash may be cut short. Null where there is
 * no playbook of this name.
 */
export async function readChoice(
  store: Store,
  { current }: Shelf,
  name: string,
  given: { from?: string; to?: string; orders?: string[] },
): Promise<Result<'choice', Choice> | null> {
  if ((await newestVersion(store, name)) === null) return null;
  const faults = new Faults();
  const of = async (path: 'from' | 'to', begins: string): Promise<string> => {
    const found = HASH.test(begins) ? await versionsLike(store, path === 'to' ? name : null, begins) : [];
    if (found.length === 1) return found[0].hash;
    const allowed = path === 'to' ? `current, or the hash of a version of ${name}` : 'the hash of a version';
    const wrong =
      found.length > 1 ? `is ${shown(begins)}, as several begin` : `is ${shown(begins)}, which there is not`;
    faults.add(path, `${wrong}; allowed: ${allowed}, or its first characters`);
    return '';
  };
  const now = current.get(name)?.hash;
  const isCurrent = given.to === undefined || given.to === 'current';
  if (isCurrent && !now) faults.add('to', `is needed, since no file has ${name} any more; allowed: a version's hash`);
  const to = isCurrent ? (now ?? '') : await of('to', given.to!);
  const from = given.from === undefined ? null : await of('from', given.from);
  if (from !== null && from !== '' && from === to) faults.add('from', 'is the version they are to move to');
  const orders = given.orders?.map((text, at) => {
    const slash = text.indexOf('/');
    if (slash < 1 || slash === text.length - 1)
      faults.add(`orders[${at}]`, `is ${shown(text)}; allowed: source and number, as shop/10042`);
    return { source: text.slice(0, slash), number: text.slice(slash + 1) };
  });
  if (faults.all.length > 0) return { ok: false, errors: faults.all };
  return { ok: true, choice: { name, to, from, orders: orders ?? null } };
}

/** Four characters at least: fewer are a slip. */
const HASH = /^[0-9a-f]{4,16}$/;

/** Open follow-ups of a choice that do not run by its version yet. */
function chosen({ name, to, from, orders: only }: Choice): SQL | undefined {
  return and(
    isOpen,
    ne(orders.playbookHash, to),
    from === null ? undefined : eq(orders.playbookHash, from),
    from === null && only === null ? eq(orders.playbook, name) : undefined,
    only === null ? undefined : isAmong(only),
  );
}

/** Orders by their names, of which there is at least one (index orders_source_number). */
const isAmong = (named: { source: string; number: string }[]) => {
  const pairs = named.map(({ source, number }) => sql`(${source}::text, ${number}::text)`);
  return sql`(${orders.source}, ${orders.number}) IN (${sql.join(pairs, sql`, `)})`;
};

/** How many follow-ups of a choice are still to be moved. */
export async function countChosen(store: Store, choice: Choice): Promise<number> {
  const [row] = await store.db.select({ count: count() }).from(orders).where(chosen(choice));
  return row.count;
}

/** What becomes of a planned contact: it comes in addition, falls away, or gets another day. */
export interface Changed {
  what: 'added' | 'dropped' | 'rescheduled';
  touch: string;
  occurrence: string;
  /** When it was due; null: not at all. */
  was: Instant | null;
  /** When it is due now; null: not at all. In the past: at once. */
  dueAt: Instant | null;
}

/** A follow-up that moves, and what that changes. */
export interface Move {
  source: string;
  number: string;
  from: string;
  changes: Changed[];
}

/** How many follow-ups are looked at in one go. */
const PAGE = 200;

/**
 * A page of a choice by the keys of the orders: what moving changes, and with `go` also the move, each follow-up in a
 * transaction of its own. Whatever breaks off leaves the rest as it was, and the same choice goes on with it.
 */
export async function movePage(
  store: Store,
  choice: Choice,
  now: Instant,
  { go, after, limit = PAGE }: { go: boolean; after?: string; limit?: number },
): Promise<{ moves: Move[]; next: string | null }> {
  const rows = await store.db
    .select({ id: orders.id })
    .from(orders)
    .where(and(chosen(choice), after === undefined ? undefined : gt(orders.id, after)))
    .orderBy(asc(orders.id))
    .limit(limit + 1);
  const page = rows.slice(0, limit);
  const playbook = await playbookOf(store.db, choice.to);
  const moves: Move[] = [];
  for (const { id } of page) {
    const move = go
      ? await moveOne(store, id, choice, playbook, now)
      : moveOf(await loadSale(store, store.db, id), playbook, now);
    if (move) moves.push(move);
  }
  return { moves, next: rows.length > limit ? page.at(-1)!.id : null };
}

async function moveOne(
  store: Store,
  id: string,
  { name, to, from }: Choice,
  playbook: Playbook,
  now: Instant,
): Promise<Move | null> {
  let move: Move | null = null;
  await change(store, id, now, async ({ tx, sale, note }) => {
    const { order } = sale;
    const before = order.playbookHash;
    // While the lock was waited for it may have ended, or been moved.
    const isOver = order.stage === 'history' || order.stage === 'ended';
    if (isOver || before === to || (from !== null && before !== from)) return;
    move = moveOf(sale, playbook, now);
    const set = { playbook: name, playbookHash: to };
    await tx.update(orders).set(set).where(eq(orders.id, id));
    Object.assign(order, set);
    sale.terms.playbook = playbook;
    await note({ what: 'moved', at: now, why: `${shortHash(before)} -> ${shortHash(to)}` });
    await poke(tx, id);
  });
  return move;
}

const moveOf = ({ order, followUp, terms }: Sale, playbook: Playbook, now: Instant): Move => {
  const ahead = (by: Playbook) =>
    plan(followUp, { ...terms, playbook: by }, now).filter(({ against }) => against === null);
  return {
    source: order.source,
    number: order.number,
    from: order.playbookHash,
    changes: changesBetween(ahead(terms.playbook), ahead(playbook), terms.playbook, playbook, now),
  };
};

/** What differs between two plans, the first due first. */
function changesBetween(old: Planned[], fresh: Planned[], from: Playbook, to: Playbook, now: Instant): Changed[] {
  const keyOf = ({ touch, occurrence }: Planned) => `${touch}#${occurrence}`;
  const before = new Map(old.map((one) => [keyOf(one), one]));
  const after = new Map(fresh.map((one) => [keyOf(one), one]));
  // Where both keep in touch it only has to wait until nothing else lies ahead.
  const isPutOff = ({ touch }: Planned) => touch === KEEP_IN_TOUCH && !!from.keepInTouch && !!to.keepInTouch;
  const changes = [...new Set([...before.keys(), ...after.keys()])].flatMap((key): Changed[] => {
    const [was, is] = [before.get(key), after.get(key)];
    const { touch, occurrence } = (was ?? is)!;
    const change = { touch, occurrence, was: was?.dueAt ?? null, dueAt: is?.dueAt ?? null };
    const isDue = was !== undefined && is !== undefined && Math.max(was.dueAt, is.dueAt) <= now;
    if (was && is) return isDue || was.dueAt === is.dueAt ? [] : [{ what: 'rescheduled', ...change }];
    if (isPutOff((was ?? is)!)) return [];
    return [{ what: is ? 'added' : 'dropped', ...change }];
  });
  return changes.sort((a, b) => (a.dueAt ?? a.was!) - (b.dueAt ?? b.was!) || a.touch.localeCompare(b.touch));
}

/** What moves come to, in figures. */
export interface MoveFigures {
  followUps: number;
  /** Follow-ups whose plan stays as it is. */
  unchanged: number;
  added: number;
  dropped: number;
  rescheduled: number;
  /** Of those added or given another day, the ones that are due at once. */
  atOnce: number;
}

/** Counts what moves change. */
export function figuresOf(moves: Move[], now: Instant): MoveFigures {
  const changes = moves.flatMap((move) => move.changes);
  const of = (what: Changed['what']) => changes.filter((one) => one.what === what).length;
  return {
    followUps: moves.length,
    unchanged: moves.filter((move) => move.changes.length === 0).length,
    added: of('added'),
    dropped: of('dropped'),
    rescheduled: of('rescheduled'),
    atOnce: changes.filter(({ dueAt }) => dueAt !== null && dueAt <= now).length,
  };
}

/** Of the orders named in a choice, those that will not move, and why. */
export async function passedOver(
  store: Store,
  choice: Choice,
): Promise<{ source: string; number: string; why: 'unknown' | 'over' | 'there' | 'other-version' }[]> {
  const { orders: named, to, from } = choice;
  if (named === null) return [];
  const rows = await store.db
    .select({ source: orders.source, number: orders.number, stage: orders.stage, hash: orders.playbookHash })
    .from(orders)
    .where(isAmong(named));
  return named.flatMap(({ source, number }) => {
    const row = rows.find((one) => one.source === source && one.number === number);
    const why = !row
      ? 'unknown'
      : row.stage === 'ended' || row.stage === 'history'
        ? 'over'
        : row.hash === to
          ? 'there'
          : from !== null && row.hash !== from
            ? 'other-version'
            : null;
    return why ? [{ source, number, why }] : [];
  });
}
