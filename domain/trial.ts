import { isDemonstration, localDay, type Opening, opensOn, scaled } from './calendar.ts';
import { isOfComplaint } from './complaint.ts';
import type { Day } from './dates.ts';
import type { FollowUpEvent, What } from './followUp.ts';
import { assign, type Colleague } from './load.ts';
import { orderName } from './names.ts';
import { KEEP_IN_TOUCH, type Playbook } from './playbook.ts';
import { isOnlyKept, type RecordedOrder, type RecordedParty } from './recorded.ts';
import { type Circumstances, type Played, type PlayedTask, play } from './simulate.ts';
import { DAY, type Instant } from './time.ts';
import { localAt } from './zones.ts';

/** What is tried on which orders, and how things stand meanwhile. */
export interface Setting extends Circumstances {
  playbook: Playbook;
  /** The orders it is tried on; all others are left as they were. */
  isTried(order: RecordedOrder): boolean;
  /** What orders followed, by hash. */
  versions: ReadonlyMap<string, Playbook>;
  /** Orders placed from then on are tried, and played through to then. */
  from: Instant;
  to: Instant;
  staff: readonly Colleague[];
  /** Whose a task is that nobody else can do. */
  fallback: string;
  /** Work of other customers, by owner and the owner's local day. */
  elsewhere: readonly { owner: string; day: Day; calls: number; tasks: number }[];
}

/** How some counts are spread: over customers and weeks, or salespeople and days. */
export interface Spread {
  mean: number;
  p95: number;
  most: number;
}

/** A customer who got more mail than the caps allow; service mail is under no cap, but counted. */
export interface TooOften {
  /** The customer's last order of those tried. */
  order: string;
  mails: number;
  days: number;
  /** The day of the first of these mails. */
  from: Day;
}

/** What one way of following up comes to. */
export interface Figures {
  mails: number;
  /** Surveys asked by mail, without reminders. */
  surveys: number;
  tasks: number;
  calls: number;
  /** Mails, calls and letters, over all weeks from a customer's first order on. */
  perCustomerWeek: Spread;
  /** Over all working days of each salesperson who had any. */
  callsPerDay: Spread;
  tasksPerDay: Spread;
  /** Days on which a salesperson had more tasks than their limit. */
  overfullDays: number;
  tooOften: { customers: number; shown: TooOften[] };
  /** By `what` and `why` of the story, as `skipped too-late`. */
  notMade: Record<string, number>;
}

/** What a playbook would change. */
export interface Trial {
  playbook: string;
  /** The first and the last day, as the company counts them. */
  from: Day;
  to: Day;
  customers: number;
  orders: number;
  /** Of these, orders that were only kept: they are compared with what the playbook they came with would have done. */
  onlyKept: number;
  was: Figures;
  would: Figures;
  /** By touch, how many contacts more. */
  added: Record<string, number>;
  /** By touch, how many contacts less, and why. */
  dropped: Record<string, { count: number; why: Record<string, number> }>;
}

/** Takes in customers one by one, and says in the end what the playbook would change. */
export interface Trying {
  take(party: RecordedParty): void;
  result(): Trial;
}

const SHOWN = 20;

/** Why a contact would not be made that the playbook does not know, or that would come later than all this. */
const UNKNOWN = 'not-in-playbook';
const LATER = 'later';

/** What a story says of a contact that was not made, or not as planned. */
const NOT_MADE: readonly What[] = ['skipped', 'put-off', 'task-cancelled', 'task-joined', 'spilled'];
const MADE: readonly What[] = ['sent', 'uncertain', 'handed-over', 'task-made', 'task-joined'];

/** Compares what was with what would have been; of orders nobody followed, with what would have been otherwise. */
export function trying(setting: Setting): Trying {
  const { from, to } = setting;
  const was = new Side(setting);
  const would = new Side(setting);
  const [added, dropped]: [Trial['added'], Trial['dropped']] = [{}, {}];
  let [customers, orders, onlyKept] = [0, 0, 0];

  const compare = (before: readonly FollowUpEvent[], after: Played) => {
    const [made, makes] = [madeIn(before, to), madeIn(after.story, to)];
    for (const touch of new Set([...made.keys(), ...makes.keys()])) {
      const more = (makes.get(touch) ?? 0) - (made.get(touch) ?? 0);
      if (more > 0) added[touch] = (added[touch] ?? 0) + more;
      if (more >= 0) continue;
      dropped[touch] ??= { count: 0, why: {} };
      dropped[touch].count -= more;
      const why = whyNot(touch, after);
      dropped[touch].why[why] = (dropped[touch].why[why] ?? 0) - more;
    }
  };

  return {
    take(party) {
      const tried = new Set(party.orders.filter((order) => isIn(order, setting)));
      if (tried.size === 0) return;
      const then = play(party, (order) => (tried.has(order) ? setting.playbook : null), setting, to);
      const kept = new Set([...tried].filter(isOnlyKept));
      const own = (order: RecordedOrder) => (kept.has(order) ? setting.versions.get(order.playbook)! : null);
      const before = kept.size > 0 ? play(party, own, setting, to) : [];
      const since = Math.min(...[...tried].map(({ placedAt }) => placedAt));
      const last = [...tried].reduce((a, b) => (b.placedAt > a.placedAt ? b : a));
      for (const side of [was, would]) side.begin(orderName(last.source, last.number), since);

      customers += 1;
      orders += tried.size;
      onlyKept += kept.size;
      const byId = new Map(party.orders.map((order) => [order.id, order]));
      const asked = new Set<string>();
      for (const { order, at, survey, contact } of party.mails.toSorted((a, b) => a.at - b.at)) {
        if (isOfComplaint(contact.split('#')[1])) continue;
        const one = byId.get(order)!;
        const mail = { at, asks: survey !== null && !asked.has(survey) };
        if (survey !== null) asked.add(survey);
        if (!kept.has(one)) was.mail(mail, tried.has(one));
        if (!tried.has(one)) would.mail(mail, false);
      }
      for (const task of party.tasks) {
        const one = byId.get(task.order)!;
        if (!kept.has(one)) was.task(task, tried.has(one));
        if (!tried.has(one)) would.task(task, false);
      }
      for (const one of before) if (kept.has(one.order)) was.played(one);
      for (const one of then) {
        if (!tried.has(one.order)) continue;
        would.played(one);
        const story = kept.has(one.order)
          ? before.find(({ order }) => order === one.order)!.story
          : one.order.story.filter(({ at }) => at <= to);
        if (!kept.has(one.order)) was.story(story);
        compare(story, one);
      }
      for (const side of [was, would]) side.end();
    },
    result: () => ({
      playbook: setting.playbook.name,
      from: localDay(from, setting.calendar.zone),
      to: localDay(to, setting.calendar.zone),
      customers,
      orders,
      onlyKept,
      was: was.figures(),
      would: would.figures(),
      added,
      dropped,
    }),
  };
}

const isIn = (order: RecordedOrder, { isTried, from, to }: Setting) =>
  order.placedAt >= from && order.placedAt <= to && !order.isErased && isTried(order);

/** How often each touch was made, by a story. */
function madeIn(story: readonly FollowUpEvent[], until: Instant): Map<string, number> {
  const occurrences = new Set(
    story
      .filter(({ what, at, touch }) => touch !== undefined && MADE.includes(what) && at <= until)
      .map(({ touch, occurrence }) => `${touch}#${occurrence ?? '1'}`),
  );
  const counts = new Map<string, number>();
  for (const one of occurrences) {
    const touch = one.slice(0, one.indexOf('#'));
    counts.set(touch, (counts.get(touch) ?? 0) + 1);
  }
  return counts;
}

/** Why a touch that was made would not be. */
function whyNot(touch: string, { playbook, followUp, story }: Played): string {
  const { touches, keepInTouch } = playbook!;
  if (touch === KEEP_IN_TOUCH ? !keepInTouch : !touches.some(({ name }) => name === touch)) return UNKNOWN;
  if (followUp.history) return 'history';
  const said = story.findLast((event) => event.touch === touch && NOT_MADE.includes(event.what));
  return said?.why ?? followUp.outcome ?? LATER;
}

/** A mail, as far as it is counted; `asks` where it asks a survey for the first time. */
interface Mail {
  at: Instant;
  asks: boolean;
}

/** Counts one way of following up. */
class Side {
  readonly #setting: Setting;
  readonly #sums = { mails: 0, surveys: 0, tasks: 0, calls: 0 };
  readonly #weeks = new Counts();
  #tooOften: TooOften[] = [];
  #tooOftenCount = 0;
  readonly #notMade: Record<string, number> = {};
  /** Work whose day and owner are known. */
  readonly #work = new Map<string, { calls: number; tasks: number }>();
  /** Work that is still to be shared out. */
  #toShare: { task: PlayedTask; seed: string }[] = [];
  /** Of the customer in hand. */
  #order = '';
  #since: Instant = 0;
  #mails: Instant[] = [];
  #contacts: Instant[] = [];

  constructor(setting: Setting) {
    this.#setting = setting;
    for (const { owner, day, calls, tasks } of setting.elsewhere) this.#add(owner, day, calls, tasks);
  }

  begin(order: string, since: Instant) {
    this.#order = order;
    this.#since = since;
    this.#mails = [];
    this.#contacts = [];
  }

  mail({ at, asks }: Mail, isTried: boolean) {
    const { from, to } = this.#setting;
    if (at < from || at > to) return;
    this.#mails.push(at);
    this.#contacts.push(at);
    if (isTried) this.#sums.mails += 1;
    if (isTried && asks) this.#sums.surveys += 1;
  }

  task(task: Pick<PlayedTask, 'kind' | 'owner' | 'madeAt' | 'dueAt' | 'cancelled'>, isTried: boolean) {
    const { staff, calendar, to } = this.#setting;
    if (task.madeAt > to) return;
    const { kind, owner, madeAt, dueAt } = task;
    if (kind === 'call' || kind === 'letter') this.#contacts.push(madeAt);
    if (isTried) this.#sums.tasks += 1;
    if (isTried && kind === 'call') this.#sums.calls += 1;
    if (task.cancelled) return;
    const zone = staff.find(({ handle }) => handle === owner)?.opening.zone ?? calendar.zone;
    this.#add(owner, localDay(dueAt, zone), Number(kind === 'call'), 1);
  }

  /** What would have become of an order. */
  played({ order, contacts, story }: Played) {
    const asked = new Set<string>();
    for (const { at, survey, task, deed } of contacts) {
      if (deed === 'send' || deed === 'ask') {
        this.mail({ at, asks: survey !== null && !asked.has(survey) }, true);
        if (survey !== null) asked.add(survey);
      }
      if (task === null) continue;
      this.#sums.tasks += 1;
      if (task.kind === 'call') this.#sums.calls += 1;
      if (task.kind === 'call' || task.kind === 'letter') this.#contacts.push(at);
      if (!task.cancelled) this.#toShare.push({ task, seed: order.id });
    }
    this.story(story);
  }

  story(story: readonly FollowUpEvent[]) {
    for (const { what, why } of story)
      if (NOT_MADE.includes(what)) this.#isNotMade(what === 'task-joined' ? what : `${what} ${why}`);
  }

  #isNotMade(reason: string) {
    this.#notMade[reason] = (this.#notMade[reason] ?? 0) + 1;
  }

  #add(owner: string, day: string, calls: number, tasks: number) {
    const key = `${day} ${owner}`;
    const found = this.#work.get(key) ?? { calls: 0, tasks: 0 };
    this.#work.set(key, { calls: found.calls + calls, tasks: found.tasks + tasks });
  }

  end() {
    const { calendar, to } = this.#setting;
    const weekOf = (at: Instant) => Math.floor((localAt(at, calendar.zone) / DAY + 3) / 7);
    const first = weekOf(this.#since);
    const weeks = Array<number>(weekOf(to) - first + 1).fill(0);
    for (const at of this.#contacts) if (weekOf(at) >= first) weeks[weekOf(at) - first] += 1;
    for (const count of weeks) this.#weeks.add(count);
    const worst = this.#worst();
    if (!worst) return;
    this.#tooOftenCount += 1;
    this.#tooOften = [...this.#tooOften, worst].sort((a, b) => b.mails - a.mails).slice(0, SHOWN);
  }

  /** The most mails of the customer in the time of a cap, where it is more than the cap. */
  #worst(): TooOften | null {
    const { policy, calendar } = this.#setting;
    const mails = this.#mails.sort((a, b) => a - b);
    const found = policy.caps.flatMap((cap) => {
      const within = (at: Instant) => mails.filter((one) => one >= at && one - at < scaled(calendar, cap.days * DAY));
      const [most] = mails.map(within).sort((a, b) => b.length - a.length);
      if (!most || most.length <= cap.mails) return [];
      return {
        order: this.#order,
        mails: most.length,
        days: cap.days,
        from: localDay(most[0], calendar.zone),
        over: most.length - cap.mails,
      };
    });
    const [worst] = found.sort((a, b) => b.over - a.over);
    if (!worst) return null;
    const { over: _, ...shown } = worst;
    return shown;
  }

  /** Gives each task to somebody who is there and has room, in the order in which they were made. */
  #shareOut() {
    const { staff, fallback, calendar } = this.#setting;
    const tasks = new Map(staff.map(({ handle }) => [handle, {} as Record<string, number>]));
    for (const [key, work] of this.#work) {
      const [day, owner] = [key.slice(0, key.indexOf(' ')), key.slice(key.indexOf(' ') + 1)];
      const theirs = tasks.get(owner);
      if (theirs) theirs[day] = work.tasks;
    }
    const people = staff.map((one) => ({ ...one, tasks: tasks.get(one.handle)! }));
    for (const { task, seed } of this.#toShare.sort((a, b) => a.task.madeAt - b.task.madeAt)) {
      const { owner, dueAt, latest, hours, kind } = task;
      const given = assign({ owner, dueAt, latest, hours, seed }, people, fallback, calendar);
      if (given.why) this.#isNotMade(`spilled ${given.why}`);
      const zone = people.find(({ handle }) => handle === given.owner)?.opening.zone ?? calendar.zone;
      const day = localDay(given.dueAt, zone);
      const theirs = tasks.get(given.owner);
      if (theirs) theirs[day] = (theirs[day] ?? 0) + 1;
      this.#add(given.owner, day, Number(kind === 'call'), 1);
    }
    this.#toShare = [];
  }

  figures(): Figures {
    this.#shareOut();
    const { staff, calendar, from, to } = this.#setting;
    const [calls, tasks] = [new Counts(), new Counts()];
    const owners = new Set([...this.#work.keys()].map((key) => key.slice(key.indexOf(' ') + 1)));
    let overfullDays = 0;
    for (const owner of owners) {
      const one = staff.find(({ handle }) => handle === owner);
      const days = new Set(one && !isDemonstration(calendar) ? workingDays(one.opening, from, to) : []);
      for (const key of this.#work.keys()) if (key.endsWith(` ${owner}`)) days.add(key.slice(0, key.indexOf(' ')));
      for (const day of days) {
        const work = this.#work.get(`${day} ${owner}`) ?? { calls: 0, tasks: 0 };
        calls.add(work.calls);
        tasks.add(work.tasks);
        if (one && one.perDay !== null && work.tasks > one.perDay) overfullDays += 1;
      }
    }
    return {
      ...this.#sums,
      perCustomerWeek: this.#weeks.spread(),
      callsPerDay: calls.spread(),
      tasksPerDay: tasks.spread(),
      overfullDays,
      tooOften: { customers: this.#tooOftenCount, shown: this.#tooOften },
      notMade: this.#notMade,
    };
  }
}

/** The local days of a time on which somebody works. */
function workingDays(opening: Opening, from: Instant, to: Instant): string[] {
  const days: string[] = [];
  for (let at = from; at <= to; at += DAY) if (opensOn(at, opening)) days.push(localDay(at, opening.zone));
  return days;
}

/** How often each count came. */
class Counts {
  readonly #counts = new Map<number, number>();

  add(count: number) {
    this.#counts.set(count, (this.#counts.get(count) ?? 0) + 1);
  }

  /** The 95th percentile by nearest rank: no more than that many in 95 of 100 cases. */
  spread(): Spread {
    const counts = [...this.#counts].sort((a, b) => a[0] - b[0]);
    const all = counts.reduce((sum, [, times]) => sum + times, 0);
    if (all === 0) return { mean: 0, p95: 0, most: 0 };
    const sum = counts.reduce((total, [count, times]) => total + count * times, 0);
    let seen = 0;
    const p95 = counts.find(([, times]) => {
      seen += times;
      return seen >= all * 0.95;
    })![0];
    return { mean: sum / all, p95, most: counts.at(-1)![0] };
  }
}
