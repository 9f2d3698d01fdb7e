import { after, type Calendar, isDemonstration, type Opening, within } from './calendar.ts';
import { COMPLAINT_WORDS, isAComplaint, isOfComplaint } from './complaint.ts';
import { opening } from './complaintSteps.ts';
import { type Piece, usefulFor } from './content.ts';
import { decide, type Next } from './decide.ts';
import {
  evolve,
  type FollowUp,
  type FollowUpEvent,
  followUpOf,
  openComplaint,
  type Stage,
  type What,
} from './followUp.ts';
import { deadlineOf } from './load.ts';
import { orderName } from './names.ts';
import { dueNow, type Planned } from './plan.ts';
import { type Deed, type Playbook, type Purpose, SAME_DAY } from './playbook.ts';
import { type ContactPolicy, MAIL_COUNTS_DAYS } from './policy.ts';
import { Queue } from './queue.ts';
import {
  isBesideThePlan,
  isOnlyKept,
  type Outside,
  outsideOf,
  type RecordedAnswer,
  type RecordedMail,
  type RecordedOrder,
  type RecordedParty,
} from './recorded.ts';
import { ORDERS_BACK } from './rhythm.ts';
import { agree, isKnown, peopleOf, personOf, type Somebody } from './somebody.ts';
import { OUTCOMES_OF, type Outcome, type TaskKind } from './task.ts';
import type { Party, Terms } from './terms.ts';
import { DAY, type Instant, iso, type Span } from './time.ts';

/** What is true of the whole house while orders are played through. */
export interface Circumstances {
  calendar: Calendar;
  policy: ContactPolicy;
  quiet: Terms['quiet'];
  /** The tips and offers there are. */
  pieces: readonly Piece[];
  /** From what value on a customer is in the top fifth, by currency. */
  topFifths: Readonly<Record<string, number>>;
}

/** Work that a contact makes for somebody. */
export interface PlayedTask {
  kind: TaskKind;
  owner: string;
  madeAt: Instant;
  dueAt: Instant;
  /** The last instant it may be moved to; null: there is none. */
  latest: Instant | null;
  /** What it keeps to beside the owner's hours. */
  hours: readonly Opening[];
  cancelled: boolean;
}

/** A contact that would have been made. */
export interface Contact {
  touch: string;
  occurrence: string;
  at: Instant;
  deed: Deed;
  purpose: Purpose;
  openings: readonly Opening[];
  /** The survey it asks by mail, the same for its reminders. */
  survey: string | null;
  /** The work it makes; null: it is a mail, or joined a call that was to be made anyway. */
  task: PlayedTask | null;
}

/** What would have become of an order. */
export interface Played {
  order: RecordedOrder;
  /** What it followed; null: it was left as it was. */
  playbook: Playbook | null;
  story: FollowUpEvent[];
  followUp: FollowUp;
  stage: Stage;
  contacts: Contact[];
}

/**
 * Plays the time through for one customer: all that came from outside comes as it did, and what the rules would have
 * done with it by the playbook given for each order is done at once when it is due. Where there is none the order goes
 * on as it did. An order that was only kept is followed from the day it was placed. Tasks come out as they did, else
 * well on the next business day; a survey that was answered is answered as long after it was asked. Pure: the same
 * record gives the same answer.
 */
export function play(
  party: RecordedParty,
  playbookOf: (order: RecordedOrder) => Playbook | null,
  circumstances: Circumstances,
  until: Instant,
): Played[] {
  const run = new Run(party, playbookOf, circumstances);
  run.until(until);
  return run.played();
}

/** A day in which what is not known comes out. */
const NEXT_DAY: Span = { amount: 1, unit: 'business days' };
const COMES_OUT: Record<TaskKind, Outcome> = {
  call: 'reached',
  letter: 'done',
  check: 'kept',
  fix: 'done',
  other: 'done',
};

/** What is done about a complaint, as its story says it. */
const IS_DONE_ABOUT_IT: readonly What[] = COMPLAINT_WORDS;

/** Whoever is looked at so often in one instant is never left in peace. */
const MOST_LOOKS = 200;

interface Sale {
  order: RecordedOrder;
  customer: Somebody;
  playbook: Playbook | null;
  outside: Outside;
  story: FollowUpEvent[];
  /** Null: the order is still to come. */
  followUp: FollowUp | null;
  paid: boolean;
  fellAway: boolean;
  stage: Stage;
  next: Next | null;
  /** Counts decisions: only the last one's due time wakes it. */
  decided: number;
  contacts: Contact[];
  answers: (RecordedAnswer & { given: boolean })[];
  /** When each survey was asked by mail last, by its name. */
  asked: Map<string, Instant>;
  looks: { at: Instant; count: number };
  /** How many of its complaints are being seen to, or were. */
  seenTo: number;
  /** What all orders say of this one, and after which change of them. */
  facts: { after: number; of: Facts } | null;
}

type Facts = Pick<Party, 'nth' | 'value' | 'placed' | 'topFifth'>;

/** A task that is open, and the touches it settles. */
interface OpenTask {
  task: PlayedTask;
  contacted: Somebody;
  settles: { sale: Sale; touch: string; occurrence: string }[];
  /** `asItWas`: the same was done, and came out so. */
  outcome: { why: Outcome; callBackAt: Instant | null; asItWas: boolean };
}

const contactOf = ({ touch, occurrence }: { touch: string; occurrence: string }) => `${touch}#${occurrence}`;

class Run {
  readonly #circumstances: Circumstances;
  readonly #queue = new Queue();
  readonly #sales: Sale[];
  readonly #people: Map<string, Somebody>;
  /** Orders that have come in, as they follow one another. */
  #known: Sale[] = [];
  /** Counts what changes which order follows which. */
  #changes = 0;
  #mails: Party['mails'] = [];
  readonly #told = new Set<string>();
  #open: OpenTask[] = [];

  constructor(
    party: RecordedParty,
    playbookOf: (order: RecordedOrder) => Playbook | null,
    circumstances: Circumstances,
  ) {
    this.#circumstances = circumstances;
    this.#people = peopleOf(party);
    const mailsOf = new Map(party.orders.map(({ id }) => [id, [] as RecordedMail[]]));
    for (const mail of party.mails) mailsOf.get(mail.order)?.push(mail);
    this.#sales = party.orders.toSorted(byPlacing).map((order) => {
      const outside = outsideOf(order, mailsOf.get(order.id)!);
      return {
        order,
        customer: this.#people.get(order.customer)!,
        playbook: playbookOf(order),
        outside,
        story: [],
        followUp: null,
        paid: false,
        fellAway: false,
        stage: 'history',
        next: null,
        decided: 0,
        contacts: [],
        answers: outside.answers.map((answer) => ({ ...answer, given: false })),
        asked: new Map(),
        looks: { at: 0, count: 0 },
        seenTo: 0,
        facts: null,
      };
    });
    for (const sale of this.#sales) {
      const { order, outside } = sale;
      const comesAt = isOnlyKept(order) ? order.placedAt : order.acceptedAt;
      if (sale.playbook) {
        this.#queue.add(comesAt, () => this.#comesIn(sale, comesAt));
        for (const { at, event } of outside.events) {
          const knownAt = Math.max(at, comesAt);
          const happens = () => this.#happens(sale, event, knownAt);
          // What is done about a complaint, and said on a call about it, comes after what of the same instant opened it.
          const { what, touch, why } = event;
          const isAfter = isOfComplaint(touch) || IS_DONE_ABOUT_IT.includes(what) || why === 'phone' || why === 'score';
          this.#queue.add(knownAt, isAfter ? () => this.#queue.add(knownAt, happens) : happens);
        }
        continue;
      }
      this.#queue.add(comesAt, () => this.#begins(sale, [...order.story.slice(0, 1)], comesAt));
      let known = comesAt;
      for (const event of order.story.slice(1)) {
        known = Math.max(known, event.at);
        const at = known;
        this.#queue.add(at, () => this.#happened(sale, event, at));
      }
      for (const mail of mailsOf.get(order.id)!)
        this.#queue.add(mail.at, () => {
          this.#mails.push(mail);
          if (mail.content) this.#told.add(mail.content);
        });
    }
  }

  until(end: Instant) {
    for (let next = this.#queue.next(end); next; next = this.#queue.next(end)) next();
  }

  played(): Played[] {
    return this.#sales.flatMap(({ order, playbook, story, followUp, stage, contacts }) =>
      followUp ? [{ order, playbook, story, followUp, stage, contacts }] : [],
    );
  }

  #comesIn(sale: Sale, now: Instant) {
    const { order, playbook } = sale;
    const [{ data = {} }] = order.story;
    const paidAt = data.paidAt ?? null;
    const paid = paidAt !== null && paidAt <= now;
    // In an order of the past the payment comes when it came.
    if (paidAt !== null && !paid)
      this.#queue.add(paidAt, () => this.#happens(sale, { what: 'paid', at: paidAt }, paidAt));
    const real = { ...this.#circumstances.calendar, dayMs: DAY };
    const since = paid ? Math.max(order.placedAt, paidAt) : order.placedAt;
    const tooOld = after(since, playbook!.followWithin, real.zone, real) < now;
    const kept = order.story[0].what === 'history' && !isOnlyKept(order);
    const begins: FollowUpEvent = {
      what: kept || tooOld ? 'history' : 'accepted',
      at: now,
      data: { ...data, paidAt: paid ? paidAt : null },
    };
    this.#begins(sale, [begins], now);
    if (begins.what === 'accepted') this.#settle(sale, now);
    this.#settleReorders(now);
  }

  #begins(sale: Sale, story: FollowUpEvent[], now: Instant) {
    sale.story = story;
    sale.followUp = followUpOf(story);
    sale.paid = sale.followUp.paidAt !== null;
    sale.stage = sale.followUp.history ? 'history' : 'following';
    this.#known = this.#sales.filter(({ followUp }) => followUp !== null);
    this.#changes += 1;
    if (sale.playbook === null) this.#settleReorders(now);
  }

  /** Something comes from outside. */
  #happens(sale: Sale, reported: FollowUpEvent, now: Instant) {
    const event = { ...reported };
    const { what, at, touch, occurrence } = event;
    if (what === 'interested') {
      const { playbook, customer } = sale;
      const until = after(at, playbook!.interestPauses, customer.recorded.person.zone, this.#circumstances.calendar);
      event.data = { ...event.data, until };
    }
    if (what === 'changed' || what === 'opted-out') agree(sale.customer, event);
    if (isBesideThePlan(event)) {
      const contact = `${sale.order.id}#${touch}#${occurrence ?? '1'}`;
      if (what === 'sent') this.#mails.push({ at: now, selling: false, survey: null, contact });
    } else if (what === 'task-made' || what === 'task-joined') {
      const task = what === 'task-made' ? this.#task(sale, 'call', now, NEXT_DAY, [sale.order.colleague], true) : null;
      const { colleague } = sale.order;
      sale.contacts.push({
        touch: touch!,
        occurrence: occurrence ?? '1',
        at: now,
        deed: 'call',
        purpose: 'service',
        openings: [colleague],
        survey: null,
        task,
      });
    }
    this.#note(sale, event);
    this.#settle(sale, now);
    this.#settleReorders(now);
  }

  /** Something happens to an order that is left as it was. */
  #happened(sale: Sale, event: FollowUpEvent, now: Instant) {
    if (event.what === 'changed' || event.what === 'opted-out') agree(sale.customer, event);
    this.#note(sale, event);
    const { followUp } = sale;
    const stage = followUp!.history ? 'history' : openComplaint(followUp!) ? 'complaint' : 'following';
    this.#stands(sale, followUp!.endedAt === null ? stage : 'ended', now);
    this.#settleReorders(now);
  }

  #note(sale: Sale, event: FollowUpEvent) {
    sale.story.push(event);
    evolve(sale.followUp!, event);
    const fellAway = sale.fellAway || event.what === 'cancelled' || event.what === 'returned';
    const paid = sale.paid || event.what === 'paid';
    if (fellAway !== sale.fellAway || paid !== sale.paid) this.#changes += 1;
    Object.assign(sale, { fellAway, paid });
  }

  /** Every order says truly whether a later paid one followed it, as far as is known by now. */
  #settleReorders(now: Instant) {
    const last = this.#known.findLast(({ paid, fellAway }) => paid && !fellAway);
    const later = last ? this.#known.indexOf(last) : -1;
    for (const [nth, sale] of this.#known.entries()) {
      const { playbook, followUp, fellAway } = sale;
      if (playbook === null || followUp!.history) continue;
      const followed = nth < later;
      if (followUp!.outcome === null && followed)
        this.#note(sale, { what: 'reordered', at: now, why: orderName(last!.order.source, last!.order.number) });
      else if (followUp!.outcome === 'reordered' && !fellAway && !followed)
        this.#note(sale, { what: 'reorder-undone', at: now });
      else continue;
      this.#settle(sale, now);
    }
  }

  /** Decides what comes next. */
  #settle(sale: Sale, now: Instant) {
    const { record, next } = decide(sale.followUp!, this.#terms(sale, now), now);
    sale.story.push(...record);
    for (const event of record) if (event.what === 'task-cancelled') this.#takeBack(sale, event);
    sale.next = next;
    sale.decided += 1;
    const { decided } = sale;
    if (next.step !== 'end')
      this.#queue.add(Math.max(next.dueAt, now), (at) => decided === sale.decided && this.#wakes(sale, at));
    this.#stands(sale, next.stage, now);
    this.#seeTo(sale, now);
  }

  /** A complaint is seen to beside the plan: as long as it was, or as long as it may take. */
  #seeTo(sale: Sale, now: Instant) {
    const { complaints } = sale.followUp!;
    const { touches, complaints: rules } = sale.playbook!;
    if (complaints.length === sale.seenTo) return;
    const recorded = followUpOf([...sale.order.story]).complaints;
    for (const complaint of complaints.slice(sale.seenTo)) {
      sale.seenTo += 1;
      if (!complaint.due && touches.some(({ anchor, deed }) => anchor === 'complaint' && deed === 'fix')) continue;
      const { number } = complaint;
      const was = recorded[number - 1];
      const closedAt = was?.closedAt ?? 0;
      // Its own story comes from outside, where it has one.
      if (was?.due && (was.closedAt === null || closedAt >= now)) continue;
      const { zone } = sale.customer.recorded.person;
      const at = closedAt > now ? closedAt : after(now, rules.toldWithin, zone, this.#circumstances.calendar);
      const event: FollowUpEvent = { what: 'complaint-closed', at, why: 'told', data: { number } };
      this.#queue.add(at, () => complaint.closedAt === null && this.#happens(sale, event, at));
    }
  }

  #stands(sale: Sale, stage: Stage, now: Instant) {
    const changed = (sale.stage === 'complaint') !== (stage === 'complaint');
    sale.stage = stage;
    if (!changed) return;
    // A complaint holds up the party's other orders too, and its end lets them go on.
    for (const other of this.#known)
      if (other !== sale && other.playbook && other.next && other.next.step !== 'end')
        this.#queue.add(now, (at) => this.#settle(other, at));
  }

  #wakes(sale: Sale, now: Instant) {
    const { looks, next } = sale;
    sale.looks = { at: now, count: looks.at === now ? looks.count + 1 : 1 };
    if (sale.looks.count > MOST_LOOKS)
      throw new Error(`${orderName(sale.order.source, sale.order.number)} comes to no rest at ${iso(now)}`);
    if (next!.step !== 'wait') {
      const due = dueNow(sale.followUp!, this.#terms(sale, now), now, next!.touch!, next!.occurrence!);
      if (due) this.#contact(sale, due, now);
    }
    this.#settle(sale, now);
  }

  #contact(sale: Sale, due: Planned, now: Instant) {
    const { touch, occurrence, deed, what, purpose, openings } = due;
    if (deed !== 'send' && deed !== 'ask') return this.#call(sale, due, deed, now);
    const about = { at: now, touch, occurrence };
    const contact = `${sale.order.id}#${touch}#${occurrence}`;
    if (due.carries) {
      const piece = this.#usefulFor(sale, due.carries);
      if (!piece) return this.#note(sale, { what: 'skipped', why: 'nothing-useful', ...about });
      this.#told.add(piece.name);
    }
    const refused = sale.outside.refused.get(contactOf(due));
    if (refused) return this.#call(sale, { ...due, what: refused }, 'call', now, 'handed-over');
    const survey = deed === 'ask' ? `${sale.order.id}#${touch}` : null;
    this.#mails.push({ at: now, selling: purpose === 'selling', survey, contact });
    sale.contacts.push({ touch, occurrence, at: now, deed, purpose, openings, survey, task: null });
    this.#note(sale, { what: 'sent', ...about });
    if (deed === 'ask') this.#asked(sale, what, now);
  }

  #usefulFor(sale: Sale, kind: Piece['kind']) {
    const owned = this.#known.filter(({ fellAway }) => !fellAway).flatMap(({ order }) => order.lines);
    return usefulFor(
      this.#circumstances.pieces,
      kind,
      sale.order.lines,
      new Set(owned.flatMap(({ sku }) => sku ?? [])),
      this.#told,
    );
  }

  /** The customer is asked, and answers as they did. */
  #asked(sale: Sale, survey: string, now: Instant) {
    const first = !sale.asked.has(survey);
    sale.asked.set(survey, now);
    if (!first) return;
    for (const answer of answersTo(survey, sale)) {
      const at = answer.after === null ? this.#nextDay(sale, now) : now + answer.after;
      this.#queue.add(at, () => this.#answers(sale, survey, answer, at));
    }
  }

  #answers(sale: Sale, survey: string, answer: Sale['answers'][number], now: Instant) {
    const { why, given } = answer;
    const { calendar } = this.#circumstances;
    const closes = after(
      sale.asked.get(survey) ?? now,
      sale.playbook!.answerWithin,
      sale.customer.recorded.person.zone,
      calendar,
    );
    if (given || now > closes) return;
    // What is taken down on the phone comes with the call, where there is one.
    if (this.#open.some(({ settles }) => settles.some((one) => one.sale === sale && contactOf(one) === answer.with)))
      return;
    this.#says(sale, survey, answer, why, now);
    this.#settle(sale, now);
  }

  /** What is answered is written down, and is a complaint where the playbook has it so. */
  #says(sale: Sale, survey: string, answer: Sale['answers'][number], why: string | undefined, now: Instant) {
    const { scores, complaint } = answer;
    answer.given = true;
    this.#note(sale, { what: 'answered', at: now, why, data: { ...scores, survey } });
    const { followUp } = sale;
    const terms = this.#terms(sale, now);
    const { score = null, csat = null } = scores;
    if (terms.party.complaint || followUp!.answers.get(survey)!.complaint !== null) return;
    if (!isAComplaint(sale.playbook!.complaints, { nps: score, csat })) return;
    const { number, due } = opening(followUp!, terms, now);
    const data = { ...(due && { due }), ...complaint, ...scores, number, survey };
    this.#note(sale, { what: 'complained', at: now, why: 'score', data });
  }

  /** Makes the task of a contact, or lets it join a call the same person is to get anyway. */
  #call(sale: Sale, due: Planned, kind: TaskKind, now: Instant, as?: 'handed-over') {
    const { touch, occurrence, what, within: span, openings, promised, purpose } = due;
    const settles = { sale, touch, occurrence };
    const colleagues = sale.customer.colleagues.filter(isKnown(now));
    const contacted = colleagues.findLast(({ role }) => role === due.to)?.somebody ?? sale.customer;
    const hours = as ? [sale.order.colleague] : openings;
    const made = { touch, occurrence, at: now, deed: kind, purpose, openings: hours, survey: null };
    const joined = kind === 'call' ? this.#openCall(sale, contacted) : null;
    const task = joined ? null : this.#task(sale, kind, now, span, hours, promised && !as);
    sale.contacts.push({ ...made, task });
    if (joined) joined.settles.push(settles);
    else this.#opens(sale, { task: task!, contacted, settles: [settles] }, now);
    this.#note(sale, { what: as ?? (joined ? 'task-joined' : 'task-made'), at: now, touch, occurrence, why: what });
  }

  #openCall(sale: Sale, contacted: Somebody): OpenTask | null {
    const same = ({ recorded }: Somebody) =>
      recorded === contacted.recorded || (recorded.number !== null && recorded.number === contacted.recorded.number);
    return (
      this.#open
        .filter(
          ({ task, settles, ...open }) => task.kind === 'call' && settles[0].sale !== sale && same(open.contacted),
        )
        .sort((a, b) => a.task.dueAt - b.task.dueAt)[0] ?? null
    );
  }

  #task(
    { order }: Sale,
    kind: TaskKind,
    madeAt: Instant,
    span: Planned['within'],
    openings: readonly Opening[],
    promised: boolean,
  ): PlayedTask {
    const { calendar } = this.#circumstances;
    const dueAt = deadlineOf(madeAt, span, order.colleague, openings, calendar, order.id, promised);
    const latest = promised || span === SAME_DAY ? dueAt : null;
    return { kind, owner: order.owner, madeAt, dueAt, latest, hours: openings.slice(1), cancelled: false };
  }

  /** How a task will come out: as it did, where the same was done. */
  #opens(sale: Sale, made: Omit<OpenTask, 'outcome'>, now: Instant) {
    const { kind } = made.task;
    const {
      why = null,
      after: wait = 0,
      callBackAfter = null,
    } = sale.outside.outcomes.get(contactOf(made.settles[0])) ?? {};
    const asItWas = why !== null && OUTCOMES_OF[kind].includes(why);
    // What nobody has done by the end of the record stays undone; what was taken back would have been done later.
    const at = wait === null ? null : asItWas ? now + wait : this.#nextDay(sale, now + wait);
    const callBackAt = callBackAfter === null || at === null ? null : at + callBackAfter;
    const open = { ...made, outcome: { why: asItWas ? why : COMES_OUT[kind], callBackAt, asItWas } };
    this.#open.push(open);
    if (at !== null) this.#queue.add(at, () => this.#comesOut(open, at));
  }

  #nextDay({ order }: Sale, now: Instant): Instant {
    const { calendar } = this.#circumstances;
    return within(after(now, NEXT_DAY, calendar.zone, calendar), [order.colleague], calendar, order.id);
  }

  #comesOut(open: OpenTask, now: Instant) {
    const { task, settles, contacted, outcome } = open;
    if (task.cancelled) return;
    this.#open = this.#open.filter((one) => one !== open);
    const { why, callBackAt, asItWas } = outcome;
    if (why === 'wrong-number') contacted.phone = false;
    for (const { sale, touch, occurrence } of settles) {
      const complaint = asItWas ? sale.outside.outcomes.get(contactOf({ touch, occurrence }))?.complaint : undefined;
      const data = { ...complaint, kind: task.kind, ...(callBackAt !== null && { callBackAt }) };
      this.#note(sale, { what: 'outcome', at: now, touch, occurrence, why, data });
      const asked = sale.playbook!.touches.find(({ name, deed }) => name === touch && deed === 'ask')?.what;
      const onThePhone = asked === undefined || asItWas ? [] : answersTo(asked, sale);
      for (const answer of sale.answers)
        if (!answer.given && (answer.with === contactOf({ touch, occurrence }) || onThePhone.includes(answer)))
          this.#says(sale, asked ?? answer.survey, answer, 'phone', now);
      this.#settle(sale, now);
    }
  }

  #takeBack(sale: Sale, { touch, occurrence }: FollowUpEvent) {
    const open = this.#open.find(({ settles }) =>
      settles.some((one) => one.sale === sale && one.touch === touch && one.occurrence === occurrence),
    );
    if (!open) return;
    open.settles = open.settles.filter(
      (one) => one.sale !== sale || one.touch !== touch || one.occurrence !== occurrence,
    );
    if (open.settles.length > 0) return;
    open.task.cancelled = true;
    this.#open = this.#open.filter((one) => one !== open);
  }

  #terms(sale: Sale, now: Instant): Terms {
    const { calendar, policy, quiet } = this.#circumstances;
    const { order, playbook, customer } = sale;
    const people: Terms['people'] = {};
    for (const { role, somebody } of customer.colleagues.filter(isKnown(now))) people[role] = personOf(somebody, now);
    return {
      playbook: playbook!,
      person: personOf(customer, now),
      people,
      party: this.#party(sale, now),
      policy,
      quiet,
      // Who brought whom goes by other customers, and nobody knows what page there was then.
      referrals: { earned: [], against: null },
      reviewPage: null,
      pauses: { everything: null, customer: null },
      calendar,
      colleague: order.colleague,
      seed: order.id,
      onTheWay: {},
    };
  }

  /** What the rules know of a party, as store/followUps.ts reads it. */
  #party(sale: Sale, now: Instant): Party {
    while (this.#mails.length > 0 && this.#mails[0].at <= now - MAIL_COUNTS_DAYS * DAY) this.#mails.shift();
    const { currency, total, productDays } = sale.order;
    if (sale.facts?.after !== this.#changes) sale.facts = { after: this.#changes, of: this.#factsOf(sale) };
    const others = this.#known.filter((one) => one !== sale && !one.fellAway);
    return {
      ...sale.facts.of,
      total,
      currency,
      productDays,
      mails: this.#mails,
      complaint: others.some(({ stage }) => stage === 'complaint'),
    };
  }

  #factsOf(sale: Sale): Facts {
    const { currency } = sale.order;
    const standing = this.#known.filter(({ fellAway }) => !fellAway);
    const value = (sales: Sale[]) =>
      sales.filter(({ order }) => order.currency === currency).reduce((sum, { order }) => sum + order.total, 0);
    const before = this.#known.slice(0, this.#known.indexOf(sale));
    const earlier = [...before.filter(({ paid }) => paid), sale].filter(({ fellAway }) => !fellAway);
    const least = this.#circumstances.topFifths[currency];
    const short = isDemonstration(this.#circumstances.calendar);
    return {
      nth: earlier.length,
      value: value(earlier),
      placed: earlier.map(({ order }) => (short ? order.acceptedAt : order.placedAt)).slice(-ORDERS_BACK),
      topFifth: least !== undefined && value(standing) >= least,
    };
  }
}

/** How a survey would be answered: as it was, or, by the first one that is asked now, as one that is asked no more was. */
function answersTo(survey: string, { answers, playbook }: Sale): Sale['answers'] {
  const asked = playbook!.touches.flatMap(({ deed, what }) => (deed === 'ask' ? [what] : []));
  return answers.filter((one) => one.survey === survey || (survey === asked[0] && !asked.includes(one.survey)));
}

/** Which of two orders is the later one. */
const byPlacing = (a: RecordedOrder, b: RecordedOrder) =>
  a.placedAt - b.placedAt || compare(a.source, b.source) || compare(a.number, b.number);
const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));
