import { BUSINESS_WEEK, type Calendar } from '../../domain/calendar.ts';
import { decide } from '../../domain/decide.ts';
import { type End, type FollowUpEvent, followUpOf, type PromiseMade } from '../../domain/followUp.ts';
import { dueNow, type Planned } from '../../domain/plan.ts';
import type { Playbook } from '../../domain/playbook.ts';
import type { Outcome } from '../../domain/task.ts';
import { type Party, type Person, plainTerms, type Terms } from '../../domain/terms.ts';
import { DAY, type Instant } from '../../domain/time.ts';

/** The 1st of June 2026, nine o'clock. */
export const MONDAY = Date.UTC(2026, 5, 1, 9);
const calendar: Calendar = { dayMs: DAY, zone: 'UTC', week: BUSINESS_WEEK, place: null };
/** So many days after that. */
export const at = (days: number) => MONDAY + days * DAY;

/** What is particular to an account. */
export interface Given {
  promises?: PromiseMade[];
  ends?: End[];
  party?: Partial<Party>;
  /** Others of the company, by their role: only what differs from somebody who agreed to everything. */
  people?: Record<string, Partial<Person>>;
  /** How tasks come out, by their reason; the others as one would wish. */
  outcomes?: Record<string, Outcome>;
  placedAt?: Instant;
  /** Days are this long, in milliseconds. */
  dayMs?: number;
}

const WISHED = { call: 'reached', letter: 'done', check: 'kept', fix: 'done', other: 'done' } as const;

/** Whatever comes to rest never takes so many steps. */
const MOST_STEPS = 5_000;

/**
 * One sale as the rules alone decide it, in no time at all: placed and paid on Monday the 1st of June 2026 at nine where
 * nothing else is said. Each contact is made when it is due.
 */
export class Account {
  /** What was done and what was not, each line with the day. */
  readonly story: string[] = [];
  /** When each mail went out. */
  readonly mailed: Instant[] = [];
  readonly #events: FollowUpEvent[];
  readonly #terms: Terms;
  readonly #outcomes: Record<string, Outcome>;
  readonly #placedAt: Instant;
  #now: Instant;

  constructor(playbook: Playbook, given: Given = {}) {
    const { promises = [], ends = [], party, people = {}, outcomes = {}, placedAt = MONDAY, dayMs = DAY } = given;
    const plain = plainTerms(playbook, { ...calendar, dayMs });
    this.#terms = {
      ...plain,
      seed: 'order',
      people: Object.fromEntries(Object.entries(people).map(([role, one]) => [role, { ...plain.person, ...one }])),
      party: { ...plain.party, ...party, mails: [] },
    };
    this.#events = [{ what: 'accepted', at: placedAt, data: { placedAt, paidAt: placedAt, promises, ends, dayMs } }];
    this.#outcomes = outcomes;
    this.#placedAt = placedAt;
    this.#now = placedAt;
  }

  /** Lets time pass until so many days after the order. */
  until(days: number): this {
    const end = this.#placedAt + days * this.#terms.calendar.dayMs;
    for (let steps = 0; ; steps += 1) {
      if (steps > MOST_STEPS) throw new Error(`it comes to no rest: ${this.story.slice(-3).join('; ')}`);
      const { record, next } = decide(followUpOf(this.#events), this.#terms, this.#now);
      for (const event of record) this.#happened(event);
      if (next.step === 'end' || next.dueAt > end) break;
      this.#now = Math.max(this.#now, next.dueAt);
      const due = next.touch && dueNow(followUpOf(this.#events), this.#terms, this.#now, next.touch, next.occurrence!);
      if (due) this.#make(due);
    }
    this.#now = end;
    return this;
  }

  /** Something happens now. */
  happens(what: FollowUpEvent['what'], data: FollowUpEvent['data'] = {}): this {
    this.#happened({ what, at: this.#now, data });
    return this.until((this.#now - this.#placedAt) / this.#terms.calendar.dayMs);
  }

  #happened(event: FollowUpEvent) {
    const { what, touch, why, data } = event;
    this.#events.push(event);
    const score = data?.score === undefined ? '' : ` ${data.score}`;
    this.#tell(`${what}${touch ? ` ${touch}` : score}${why ? ` (${why})` : ''}`);
  }

  /** Makes the contact that is due, as an activity would, and whoever has the task does it at once. */
  #make({ touch, occurrence, deed, what, purpose, to }: Planned) {
    const made = { at: this.#now, touch, occurrence };
    const whom = to ? ` to ${to}` : '';
    if (deed === 'send' || deed === 'ask') {
      this.#events.push({ what: 'sent', ...made });
      this.#terms.party.mails.push({
        at: this.#now,
        selling: purpose === 'selling',
        survey: deed === 'ask' ? `order#${touch}` : null,
        contact: `order#${touch}#${occurrence}`,
      });
      this.mailed.push(this.#now);
      this.#tell(`${deed === 'ask' ? 'survey' : 'mail'} ${what}${whom}`);
      return;
    }
    const outcome = this.#outcomes[what] ?? WISHED[deed];
    this.#events.push({ what: 'task-made', ...made, why: what });
    this.#events.push({ what: 'outcome', ...made, why: outcome, data: { kind: deed } });
    this.#tell(`${deed} ${what}${whom}: ${outcome}`);
  }

  #tell(line: string) {
    const { dayMs } = this.#terms.calendar;
    const days = (this.#now - this.#placedAt) / dayMs;
    // As people count: tomorrow is day 1, from midnight on. Short days have none.
    const day = Math.floor(dayMs < DAY ? days : days + (this.#placedAt % DAY) / DAY);
    const weekday = dayMs < DAY ? '' : ` ${WEEKDAYS[new Date(this.#now).getUTCDay()]}`;
    this.story.push(`day ${day}${weekday}: ${line}`);
  }
}

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
