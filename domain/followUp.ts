import {
  COMPLAINT_WORDS,
  type Complaint,
  type DueTimes,
  evolveComplaint,
  isOfComplaint,
  openedBy,
  type Want,
} from './complaint.ts';
import { KEEP_IN_TOUCH } from './playbook.ts';
import type { ReturnKind } from './returns.ts';
import { type Band, bandOf, NPS } from './survey.ts';
import { HEARD, type Outcome as TaskOutcome, UNANSWERED } from './task.ts';
import { DAY, type Instant } from './time.ts';

/** Where an order stands. */
export const STAGES = ['history', 'unpaid', 'following', 'paused', 'complaint', 'waiting', 'ended'] as const;
export type Stage = (typeof STAGES)[number];

/** How a follow-up came out; only a reorder is a good end. */
export const FOLLOW_UP_OUTCOMES = ['reordered', 'cancelled', 'returned', 'opted-out', 'erased'] as const;
export type FollowUpOutcome = (typeof FOLLOW_UP_OUTCOMES)[number];

/** Every word a story can say under `what`, and what it means. docs/concepts.md shows this table. */
export const STORY = {
  accepted: 'The order came in and its follow-up began.',
  history: 'The order came in too late to be followed; it is kept, and nobody is contacted.',
  adopted: 'An order of the past was chosen to be kept in touch with; from the day given, for the next one.',
  moved: 'The follow-up goes on by another version of its playbook.',
  assigned: 'Somebody else owns it now, for the reason given.',
  linked: 'This customer and another were found to be one.',
  unlinked: 'This customer and another are not one after all.',
  paid: 'The order was paid; selling steps may begin.',
  delivered: 'What was bought has arrived.',
  installed: 'What was bought has been put to work.',
  promised: 'Something was agreed with the customer, with a date.',
  'promise-kept': 'A promise was kept.',
  'promise-broken': 'A promise was broken.',
  exchanged: 'What was bought was exchanged; selling steps stop.',
  'return-asked':
    'The customer wants to give something back, or have it exchanged; selling waits until that is settled.',
  'return-received': 'What the customer gave back has arrived.',
  'return-settled': 'What the customer gave back is settled, as the reason says.',
  complained: 'The customer is not satisfied; everything else waits until it is put right.',
  heard: 'The customer who complained has told the whole story.',
  'remedy-asked': "A remedy waits for the manager's word: it is more than the colleague may offer.",
  'remedy-offered': 'A remedy was offered to the customer.',
  'remedy-refused': 'The manager did not agree to the remedy.',
  remedied: 'The complaint was put right.',
  apologised: 'We apologised for it.',
  'cause-found': 'The cause of the complaint was found.',
  mended: 'The cause was removed for good.',
  told: 'The customer was told what was changed.',
  'complaint-closed': 'The complaint was closed, for the reason given.',
  escalated: 'The complaint was late: the manager owns it now.',
  interested: 'The customer wants to buy; sales takes over and the follow-up pauses.',
  paused: 'The follow-up waits, until the given day or until it is resumed.',
  resumed: 'The follow-up goes on.',
  note: 'Somebody wrote a note.',
  changed: 'The customer changed what we may contact them for.',
  answered: 'The customer answered the survey.',
  replied: 'The customer answered a mail.',
  referred: 'A customer who was brought by this one placed an order.',
  brought: 'Another customer brought this one, and is thanked once this is paid and can no longer be given back.',
  'referral-refused': 'Nobody is thanked for having brought this customer, for the reason given.',
  'referral-earned': 'Whoever brought this customer has earned their thanks.',
  'thanks-due': 'A customer who was brought by this one has paid and kept their order: thanks are due.',
  sent: 'A mail was handed to the mail server.',
  bounced: 'A mail came back, for the reason given.',
  uncertain: 'The connection broke while a mail was handed over: it may have arrived. A person looks.',
  'put-off': 'It could not be done now and is tried again later.',
  'handed-over': 'It could not be done by mail; a person does it.',
  skipped: 'A planned contact was not made, for the reason given.',
  'task-made': 'A task was made for the owner.',
  'task-joined': 'The contact became part of a call the customer gets anyway.',
  'task-cancelled': 'A task was no longer needed.',
  spilled: 'The task went to somebody else or to another day: its owner is away or has a full day.',
  outcome: 'A task came out as the reason says.',
  reordered: 'The customer ordered again.',
  'reorder-undone': 'The later order fell away; keeping in touch goes on.',
  dormant: 'There was no sign of life for long: it still waits for the next order, and bothers nobody.',
  cancelled: 'The order was cancelled.',
  returned: 'The order was returned.',
  'opted-out': 'The customer wants no contact at all.',
  erased: 'The customer was erased.',
  ended: 'The follow-up ended.',
} as const;
export type What = keyof typeof STORY;

export interface PromiseMade {
  what: string;
  by: Instant;
  /** When it will probably be kept; the margin before `by` is what was promised less than hoped for. */
  expected?: Instant;
}

/** A contract or a warranty that ends, of the nth line of the order, from 1. */
export interface End {
  line: number;
  of: 'term' | 'warranty';
  at: Instant;
}

/** One thing that happened on an order. All of them in their order are its story, and all that is known of it. */
export interface FollowUpEvent {
  what: What;
  at: Instant;
  touch?: string;
  occurrence?: string;
  why?: string;
  /** What a person wrote: a note, a promise. */
  text?: string;
  /** Figures and instants the rules need. */
  data?: {
    placedAt?: Instant;
    paidAt?: Instant | null;
    promises?: PromiseMade[];
    ends?: End[];
    /** How long a day lasts in milliseconds, where it is a demonstration. */
    dayMs?: number;
    /** The number of the promise, complaint, interest or return meant, from 1. */
    number?: number;
    /** What the customer writes on what they give back. */
    receipt?: string;
    /** Our id of the referral that thanks are due for. */
    referral?: string;
    until?: Instant;
    by?: Instant;
    /**
     * What was answered, 0 to 10 and 1 to 5, and to which survey; to `nps` where it is not said. Of a complaint: the score
     * that opened it.
     */
    score?: number;
    csat?: number;
    survey?: string;
    kind?: string;
    callBackAt?: Instant;
    /** A person says so; no system reported it. */
    word?: boolean;
    /** Whose it is now: the handle of a colleague. */
    owner?: string;
    /** By when what is done about a complaint, what the customer wants, and our id of them where they did not order. */
    due?: DueTimes;
    wants?: Want;
    customer?: string;
    /** The later order is an add-on: it proves nobody satisfied. */
    addOn?: boolean;
  };
}

export const PLEDGE_STATES = ['open', 'kept', 'beaten', 'broken'] as const;

export interface Pledge extends PromiseMade {
  number: number;
  /** Beaten: kept on an earlier day than promised. */
  state: (typeof PLEDGE_STATES)[number];
  /** When it was made. */
  since: Instant;
  settledAt: Instant | null;
  /** What shows it: an event of the sales system, or what a person says. */
  evidence: 'event' | 'word' | null;
}

/** Something a customer gives back, or has exchanged. */
export interface Return {
  /** From 1. */
  number: number;
  receipt: string;
  kind: ReturnKind;
  /** What it is, as the colleague wrote it down. */
  what: string;
  since: Instant;
  /** By when the customer is to send it. */
  sendBy: Instant;
  receivedAt: Instant | null;
  settledAt: Instant | null;
}

/** What came of a survey that was answered. */
export interface Answered {
  at: Instant;
  /** Whom its score shows; null: it has none. */
  band: Band | null;
  /** Which of the surveys with a low score it is or once was, from 1; null: none of them. */
  low: number | null;
  /** Which of the order's complaints its score opened, or belongs to; null: none. */
  complaint: number | null;
}

/** How far one touch has come. */
export interface Progress {
  /** Contacts made: mails handed over, tasks made. */
  made: Set<string>;
  /** Of these, the ones a customer asked to have moved; they do not count as attempts. */
  moved: number;
  lastAt: Instant | null;
  openTask: string | null;
  /** When that task is due, where its story tells. */
  taskDueAt: Instant | null;
  uncertain: boolean;
  /** Tries in a row that failed, and since when. */
  failures: number;
  failingSince: Instant | null;
  notBefore: Instant | null;
  /** What the contact policy or a pause put it off for; not a failure. */
  brake: string | null;
  done: boolean;
  /** When it came out well: a mail went, a task was done, somebody was reached. */
  wentWellAt: Instant | null;
  /** Why it was passed over, if it was. */
  passedOver: string | null;
}

/** What has become of a follow-up. */
export interface FollowUp {
  placedAt: Instant;
  acceptedAt: Instant;
  history: boolean;
  paidAt: Instant | null;
  deliveredAt: Instant | null;
  installedAt: Instant | null;
  exchanged: boolean;
  /** How the order fell away, which an end that came before does not undo. */
  fellAway: 'cancelled' | 'returned' | null;
  returns: Return[];
  /** What has become of the referral that brought this customer; null: none did. */
  broughtBy: 'pending' | 'refused' | 'earned' | null;
  /** Those who were brought by this customer and kept what they bought: thanks are due for each. */
  thanks: { referral: string; at: Instant }[];
  ends: End[];
  dayMs: number;
  /** An order of the past that is kept in touch with, from this day. */
  adoptedFrom: Instant | null;
  promises: Pledge[];
  touches: Map<string, Progress>;
  /** The last score of 0 to 10, and the last of 1 to 5. */
  score: number | null;
  csat: number | null;
  /** Whom the last answer with a score shows; null: there is none. */
  band: Band | null;
  /** What came of each survey that was answered, by its name. */
  answers: Map<string, Answered>;
  answeredAt: Instant | null;
  /** The last time the customer answered a mail. */
  repliedAt: Instant | null;
  complaints: Complaint[];
  interests: Instant[];
  pausedUntil: Instant | null;
  pausedFor: 'interested' | 'paused' | null;
  /** The last time anything was done for the customer: keeping in touch counts from here. */
  lastContactAt: Instant;
  /** The last time the customer did anything: answered, was reached, asked. */
  lastSignAt: Instant;
  /** How often keeping in touch was heard by nobody since. */
  unheard: number;
  dormant: boolean;
  outcome: FollowUpOutcome | null;
  endedAt: Instant | null;
}

/** The promise, complaint or interest an occurrence is about: 0 where the touch has just one anchor. */
export const aboutOf = (occurrence: string) =>
  occurrence.includes('.') ? Number(occurrence.slice(0, occurrence.indexOf('.'))) : 0;
export const occurrenceOf = (about: number, nth: number) => (about ? `${about}.${nth}` : `${nth}`);

const keyOf = (touch: string, about: number) => (about ? `${touch}:${about}` : touch);

const untouched = (): Progress => ({
  made: new Set(),
  moved: 0,
  lastAt: null,
  openTask: null,
  taskDueAt: null,
  uncertain: false,
  failures: 0,
  failingSince: null,
  notBefore: null,
  brake: null,
  done: false,
  wentWellAt: null,
  passedOver: null,
});

export const progressOf = (followUp: FollowUp, touch: string, about = 0): Progress =>
  followUp.touches.get(keyOf(touch, about)) ?? untouched();

/** How far a touch has come with each thing it is about, by their numbers; 0 where it is one contact. */
export const progressByAbout = (followUp: FollowUp, touch: string): { about: number; progress: Progress }[] =>
  [...followUp.touches].flatMap(([key, progress]) => {
    if (key === touch) return [{ about: 0, progress }];
    return key.startsWith(`${touch}:`) ? [{ about: Number(key.slice(touch.length + 1)), progress }] : [];
  });

/** A touch's progress for each promise, complaint or interest it is about. */
export const progressesOf = (followUp: FollowUp, touch: string): Progress[] =>
  progressByAbout(followUp, touch).map(({ progress }) => progress);

/** What puts a contact off without anything having failed. */
export const BRAKES = [
  'too-often',
  'asked-recently',
  'something-better',
  'everything-paused',
  'customer-paused',
] as const;
export type Brake = (typeof BRAKES)[number];
const isBrake = (why: string | undefined) => (BRAKES as readonly (string | undefined)[]).includes(why);

/** The complaint that is being seen to: there is one at most, since what is said meanwhile belongs to it. */
export const complaintAtHand = ({ complaints }: FollowUp): Complaint | undefined =>
  complaints.find(({ closedAt }) => closedAt === null);

export const openComplaint = (followUp: FollowUp) => complaintAtHand(followUp) !== undefined;

/** Goods are on their way back, or were asked to be. */
export const openReturn = ({ returns }: FollowUp) => returns.some(({ settledAt }) => settledAt === null);

const blank = (event: FollowUpEvent): FollowUp => ({
  placedAt: event.data?.placedAt ?? event.at,
  acceptedAt: event.at,
  history: event.what === 'history',
  paidAt: event.data?.paidAt ?? null,
  deliveredAt: null,
  installedAt: null,
  exchanged: false,
  fellAway: null,
  returns: [],
  broughtBy: null,
  thanks: [],
  ends: event.data?.ends ?? [],
  dayMs: event.data?.dayMs ?? DAY,
  adoptedFrom: null,
  promises: (event.data?.promises ?? []).map((promise, index) =>
    pledge(index + 1, promise, event.data?.placedAt ?? event.at),
  ),
  touches: new Map(),
  score: null,
  csat: null,
  band: null,
  answers: new Map(),
  answeredAt: null,
  repliedAt: null,
  complaints: [],
  interests: [],
  pausedUntil: null,
  pausedFor: null,
  lastContactAt: event.at,
  lastSignAt: event.data?.placedAt ?? event.at,
  unheard: 0,
  dormant: false,
  outcome: null,
  endedAt: null,
});

const pledge = (number: number, promise: PromiseMade, since: Instant): Pledge => ({
  number,
  ...promise,
  since,
  state: 'open',
  settledAt: null,
  evidence: null,
});

/** A promise that is about delivery, or about installation: the event of that name is its evidence. */
export const isAbout = (promise: PromiseMade, what: 'delivered' | 'installed') =>
  new RegExp(what === 'delivered' ? '^deliver' : '^install', 'i').test(promise.what.trim());

/** What has become of a follow-up after all that happened. The first event is `accepted` or `history`. */
export function followUpOf(events: FollowUpEvent[]): FollowUp {
  const followUp = blank(events[0]);
  for (const event of events.slice(1)) evolve(followUp, event);
  return followUp;
}

/** What becomes of a follow-up by one more event; changes the follow-up given. */
export function evolve(followUp: FollowUp, event: FollowUpEvent): void {
  const { at, data = {} } = event;
  const evidence = data.word ? 'word' : 'event';
  if (event.touch) evolveTouch(followUp, event as FollowUpEvent & { touch: string });
  switch (event.what) {
    case 'paid':
      followUp.paidAt ??= at;
      break;
    case 'adopted':
      followUp.history = false;
      followUp.adoptedFrom = data.until ?? at;
      // It was only kept: the last we did for them was the order itself.
      followUp.lastContactAt = followUp.placedAt;
      break;
    case 'delivered':
    case 'installed':
      followUp.deliveredAt ??= at;
      if (event.what === 'installed') followUp.installedAt ??= at;
      for (const promise of followUp.promises)
        if (promise.state === 'open' && isAbout(promise, event.what))
          settle(followUp, promise, at <= promise.by, at, evidence);
      break;
    case 'promised':
      followUp.promises.push(pledge(followUp.promises.length + 1, { what: event.text ?? '', by: data.by ?? at }, at));
      break;
    case 'promise-kept':
    case 'promise-broken': {
      const open = followUp.promises.filter((promise) => promise.state === 'open').sort((a, b) => a.by - b.by);
      const meant = data.number ? followUp.promises[data.number - 1] : open[0];
      if (meant) settle(followUp, meant, event.what === 'promise-kept', at, evidence);
      if (meant) arrived(followUp, meant, Math.min(at, meant.by));
      break;
    }
    case 'exchanged':
      followUp.exchanged = true;
      break;
    case 'return-asked':
      sign(followUp, at);
      followUp.returns.push({
        number: followUp.returns.length + 1,
        receipt: data.receipt ?? '',
        kind: (data.kind ?? 'return') as ReturnKind,
        what: event.text ?? '',
        since: at,
        sendBy: data.until ?? at,
        receivedAt: null,
        settledAt: null,
      });
      // Goods that come back are seen to for anybody, whether or not they want to hear from us.
      if (followUp.outcome !== 'erased') followUp.endedAt = null;
      break;
    case 'return-received':
    case 'return-settled': {
      const meant = followUp.returns[(data.number ?? 1) - 1];
      if (meant && event.what === 'return-received') meant.receivedAt ??= at;
      else if (meant) meant.settledAt ??= at;
      break;
    }
    case 'brought':
      followUp.broughtBy ??= 'pending';
      break;
    case 'referral-refused':
      followUp.broughtBy = 'refused';
      break;
    case 'referral-earned':
      followUp.broughtBy = 'earned';
      break;
    case 'thanks-due':
      sign(followUp, at);
      followUp.thanks.push({ referral: data.referral ?? '', at });
      goOn(followUp);
      break;
    case 'complained':
      sign(followUp, at);
      complain(followUp, event);
      break;
    case 'interested':
      sign(followUp, at);
      followUp.interests.push(at);
      // A longer pause that somebody asked for stands.
      if ((followUp.pausedUntil ?? 0) < (data.until ?? 0)) {
        followUp.pausedUntil = data.until ?? null;
        followUp.pausedFor = 'interested';
      }
      break;
    case 'paused':
      followUp.pausedUntil = data.until ?? Number.POSITIVE_INFINITY;
      followUp.pausedFor = 'paused';
      break;
    case 'resumed':
      followUp.pausedUntil = null;
      break;
    case 'changed':
    case 'heard':
    case 'referred':
      sign(followUp, at);
      break;
    case 'dormant':
      followUp.dormant = true;
      break;
    case 'replied':
      sign(followUp, at);
      followUp.repliedAt = at;
      break;
    case 'answered':
      sign(followUp, at);
      answer(followUp, data, at);
      break;
    case 'reordered':
      followUp.outcome = 'reordered';
      break;
    case 'reorder-undone':
      followUp.outcome = null;
      followUp.endedAt = null;
      // It never was one: what was passed over for it is due again.
      if (event.why === 'unlinked')
        for (const progress of followUp.touches.values())
          if (progress.passedOver === 'reordered') Object.assign(progress, { done: false, passedOver: null });
      break;
    case 'cancelled':
    case 'returned':
    case 'opted-out':
    case 'erased':
      if (event.what === 'cancelled' || event.what === 'returned') followUp.fellAway = event.what;
      if (followUp.endedAt === null) followUp.outcome = event.what;
      break;
    case 'ended':
      followUp.endedAt = at;
      break;
  }
  const complaint = followUp.complaints[complaintMeant(event) - 1];
  if (complaint) evolveComplaint(complaint, event);
}

/** Nobody's complaint is too late: even an ended follow-up sees to it, unless the customer wants no contact. */
function complain(followUp: FollowUp, event: FollowUpEvent) {
  openUnlessOpen(followUp, event);
  const answered = followUp.answers.get(event.data?.survey ?? '');
  if (answered) answered.complaint = followUp.complaints.length;
  goOn(followUp);
}

/** What has ended goes on for what cannot wait for another order, unless the customer wants no contact. */
function goOn(followUp: FollowUp) {
  if (followUp.outcome !== 'opted-out' && followUp.outcome !== 'erased') followUp.endedAt = null;
}

/** What is said while a complaint is open belongs to that. */
function openUnlessOpen(followUp: FollowUp, event: FollowUpEvent) {
  const { complaints } = followUp;
  if (!openComplaint(followUp)) complaints.push(openedBy(event, complaints.length + 1));
}

/** Which of an order's complaints an event is about, or opens; 0: none. */
export function complaintMeant({ what, touch, occurrence, why, data }: FollowUpEvent): number {
  if (isOfComplaint(touch)) return aboutOf(occurrence ?? '1');
  const isAbout = ABOUT_COMPLAINTS.includes(what) || (what === 'outcome' && why === 'complaint');
  return isAbout ? (data?.number ?? 0) : 0;
}
const ABOUT_COMPLAINTS: readonly What[] = [...COMPLAINT_WORDS, 'complained', 'assigned'];

/** Reasons against a touch that a changed answer may take away. */
const BY_SCORE = ['not-promoter', 'not-passive', 'not-detractor', 'detractor', 'not-answered', 'not-silent'];

/** A changed answer may call for what the first one did not; a low one is heard even after the next order. */
function answer(followUp: FollowUp, { score, csat, survey = NPS }: NonNullable<FollowUpEvent['data']>, at: Instant) {
  const band = bandOf({ nps: score ?? null, csat: csat ?? null });
  followUp.score = score ?? followUp.score;
  followUp.csat = csat ?? followUp.csat;
  followUp.band = band ?? followUp.band;
  const before = followUp.answers.get(survey);
  const lows = [...followUp.answers.values()].filter(({ low }) => low !== null).length;
  followUp.answers.set(survey, {
    at,
    band: band ?? before?.band ?? null,
    low: before?.low ?? (band === 'detractor' ? lows + 1 : null),
    complaint: before?.complaint ?? null,
  });
  followUp.answeredAt = at;
  for (const progress of followUp.touches.values())
    if (BY_SCORE.includes(progress.passedOver ?? '')) Object.assign(progress, { done: false, passedOver: null });
  if (followUp.outcome === 'reordered' && band === 'detractor') followUp.endedAt = null;
}

/** The customer did something: whoever was given up is not. */
function sign(followUp: FollowUp, at: Instant) {
  followUp.lastSignAt = Math.max(followUp.lastSignAt, at);
  followUp.unheard = 0;
  followUp.dormant = false;
}

function settle(followUp: FollowUp, promise: Pledge, kept: boolean, at: Instant, evidence: Pledge['evidence']) {
  promise.state = !kept ? 'broken' : promise.by - at >= followUp.dayMs ? 'beaten' : 'kept';
  promise.settledAt = at;
  promise.evidence = evidence;
}

export const isKept = ({ state }: Pledge) => state === 'kept' || state === 'beaten';

function arrived(followUp: FollowUp, promise: Pledge, at: Instant) {
  if (!isKept(promise)) return;
  if (isAbout(promise, 'delivered') || isAbout(promise, 'installed')) followUp.deliveredAt ??= at;
  if (isAbout(promise, 'installed')) followUp.installedAt ??= at;
}

function evolveTouch(followUp: FollowUp, event: FollowUpEvent & { touch: string }) {
  const { at, occurrence = '1' } = event;
  const key = keyOf(event.touch, aboutOf(occurrence));
  const progress = followUp.touches.get(key) ?? untouched();
  followUp.touches.set(key, progress);
  switch (event.what) {
    case 'sent':
    case 'uncertain':
      progress.made.add(occurrence);
      progress.uncertain = event.what === 'uncertain';
      progress.openTask = progress.uncertain ? occurrence : null;
      progress.wentWellAt = progress.uncertain ? null : at;
      if (event.touch === KEEP_IN_TOUCH) followUp.unheard += 1;
      contacted(followUp, progress, at);
      break;
    case 'bounced':
      // It is known now that it went, and that it is not there.
      if (progress.uncertain) Object.assign(progress, { uncertain: false, openTask: null });
      progress.wentWellAt = null;
      break;
    case 'task-made':
    case 'task-joined':
      progress.made.add(occurrence);
      progress.openTask = occurrence;
      progress.taskDueAt = event.data?.by ?? null;
      contacted(followUp, progress, at);
      break;
    case 'handed-over':
      progress.made.add(occurrence);
      progress.openTask = occurrence;
      progress.done = true;
      contacted(followUp, progress, at);
      break;
    case 'put-off':
      progress.notBefore = event.data?.until ?? at;
      progress.brake = isBrake(event.why) ? event.why! : null;
      if (progress.brake) break;
      progress.failures += 1;
      progress.failingSince ??= at;
      break;
    case 'skipped':
    case 'task-cancelled':
      progress.openTask = null;
      // It waits until the complaint is seen to, and is made again then.
      if (event.what === 'task-cancelled' && event.why === 'complained') {
        progress.moved += 1;
        progress.notBefore = at;
        break;
      }
      progress.passedOver = event.why ?? null;
      progress.lastAt ??= at;
      // Keeping in touch comes again: this time only is passed over.
      if (event.touch !== KEEP_IN_TOUCH) progress.done = true;
      else Object.assign(progress, { lastAt: at, notBefore: null, brake: null });
      if (event.touch === KEEP_IN_TOUCH) progress.made.add(occurrence);
      break;
    case 'outcome':
      evolveOutcome(followUp, progress, event, occurrence);
      break;
  }
}

function contacted(followUp: FollowUp, progress: Progress, at: Instant) {
  progress.lastAt = at;
  progress.notBefore = null;
  progress.brake = null;
  progress.failures = 0;
  progress.failingSince = null;
  followUp.lastContactAt = at;
}

/** A task came out: who was not reached is tried again, everything else settles the touch. */
function evolveOutcome(followUp: FollowUp, progress: Progress, event: FollowUpEvent, occurrence: string) {
  const outcome = event.why as TaskOutcome;
  const { kind, callBackAt } = event.data ?? {};
  progress.openTask = null;
  progress.lastAt = event.at;
  followUp.lastContactAt = event.at;
  if (HEARD.includes(outcome)) sign(followUp, event.at);
  if (progress.uncertain) {
    progress.uncertain = false;
    if (outcome === 'broken') progress.made.delete(occurrence);
    return;
  }
  if (outcome === 'call-back') {
    progress.moved += 1;
    progress.notBefore = callBackAt ?? event.at;
  } else if (!UNANSWERED.includes(outcome)) {
    progress.done = true;
    const well = kind === 'other' ? outcome === 'done' : outcome !== 'skipped' && outcome !== 'wrong-number';
    if (well) progress.wentWellAt = event.at;
  }
  if (kind === 'check' && outcome !== 'skipped') {
    const promise = followUp.promises[aboutOf(occurrence) - 1];
    if (promise) settle(followUp, promise, outcome === 'kept', event.at, 'word');
    if (promise) arrived(followUp, promise, promise.by);
  }
  if (kind === 'fix') for (const complaint of followUp.complaints) if (!complaint.due) complaint.closedAt ??= event.at;
  // Number 0: the call was about several orders, and the complaint stands with another.
  if (outcome === 'complaint' && event.data?.number !== 0) openUnlessOpen(followUp, event);
  if (outcome === 'not-interested' && followUp.pausedFor === 'interested') followUp.pausedUntil = null;
}
