import { type Outcome as TaskOutcome, UNANSWERED } from './task.ts';
import type { Instant } from './time.ts';

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
  paid: 'The order was paid; selling steps may begin.',
  delivered: 'What was bought has arrived.',
  installed: 'What was bought has been put to work.',
  promised: 'Something was agreed with the customer, with a date.',
  'promise-kept': 'A promise was kept.',
  'promise-broken': 'A promise was broken.',
  exchanged: 'What was bought was exchanged; selling steps stop.',
  complained: 'The customer is not satisfied; everything else waits until it is put right.',
  interested: 'The customer wants to buy; sales takes over and the follow-up pauses.',
  paused: 'The follow-up waits, until the given day or until it is resumed.',
  resumed: 'The follow-up goes on.',
  note: 'Somebody wrote a note.',
  changed: 'The customer changed what we may contact them for.',
  answered: 'The customer answered the survey.',
  referred: 'A customer who was brought by this one placed an order.',
  sent: 'A mail was handed to the mail server.',
  uncertain: 'The connection broke while a mail was handed over: it may have arrived. A person looks.',
  'put-off': 'It could not be done now and is tried again later.',
  'handed-over': 'It could not be done by mail; a person does it.',
  skipped: 'A planned contact was not made, for the reason given.',
  'task-made': 'A task was made for the owner.',
  'task-joined': 'The contact became part of a call the customer gets anyway.',
  'task-cancelled': 'A task was no longer needed.',
  outcome: 'A task came out as the reason says.',
  reordered: 'The customer ordered again.',
  'reorder-undone': 'The later order fell away; keeping in touch goes on.',
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
    /** The number of the promise, complaint or interest meant, from 1. */
    number?: number;
    until?: Instant;
    by?: Instant;
    score?: number;
    kind?: string;
    callBackAt?: Instant;
  };
}

export interface Pledge extends PromiseMade {
  number: number;
  state: 'open' | 'kept' | 'broken';
  settledAt: Instant | null;
}

/** How far one touch has come. */
export interface Progress {
  /** Contacts made: mails handed over, tasks made. */
  made: Set<string>;
  /** Of these, the ones a customer asked to have moved; they do not count as attempts. */
  moved: number;
  lastAt: Instant | null;
  openTask: string | null;
  uncertain: boolean;
  /** Tries in a row that failed, and since when. */
  failures: number;
  failingSince: Instant | null;
  notBefore: Instant | null;
  done: boolean;
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
  exchanged: boolean;
  promises: Pledge[];
  touches: Map<string, Progress>;
  score: number | null;
  answeredAt: Instant | null;
  complaints: { since: Instant; closedAt: Instant | null }[];
  interests: Instant[];
  pausedUntil: Instant | null;
  pausedFor: 'interested' | 'paused' | null;
  /** The last time anything was done for the customer: keeping in touch counts from here. */
  lastContactAt: Instant;
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
  uncertain: false,
  failures: 0,
  failingSince: null,
  notBefore: null,
  done: false,
  passedOver: null,
});

export const progressOf = (followUp: FollowUp, touch: string, about = 0): Progress =>
  followUp.touches.get(keyOf(touch, about)) ?? untouched();

/** A touch's progress for each promise, complaint or interest it is about. */
export const progressesOf = (followUp: FollowUp, touch: string): Progress[] =>
  [...followUp.touches].filter(([key]) => key === touch || key.startsWith(`${touch}:`)).map(([, progress]) => progress);

/** The customer's category by the Net Promoter Score's bands. */
export const isPromoter = (score: number) => score >= 9;
export const isDetractor = (score: number) => score <= 6;

export const openComplaint = (followUp: FollowUp) =>
  followUp.complaints.some((complaint) => complaint.closedAt === null);

const blank = (event: FollowUpEvent): FollowUp => ({
  placedAt: event.data?.placedAt ?? event.at,
  acceptedAt: event.at,
  history: event.what === 'history',
  paidAt: event.data?.paidAt ?? null,
  deliveredAt: null,
  exchanged: false,
  promises: (event.data?.promises ?? []).map(({ what, by }, index) => pledge(index + 1, what, by)),
  touches: new Map(),
  score: null,
  answeredAt: null,
  complaints: [],
  interests: [],
  pausedUntil: null,
  pausedFor: null,
  lastContactAt: event.at,
  outcome: null,
  endedAt: null,
});

const pledge = (number: number, what: string, by: Instant): Pledge => ({
  number,
  what,
  by,
  state: 'open',
  settledAt: null,
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
  if (event.touch) evolveTouch(followUp, event as FollowUpEvent & { touch: string });
  switch (event.what) {
    case 'paid':
      followUp.paidAt ??= at;
      break;
    case 'delivered':
    case 'installed':
      followUp.deliveredAt ??= at;
      for (const promise of followUp.promises)
        if (promise.state === 'open' && isAbout(promise, event.what)) settle(promise, at <= promise.by, at);
      break;
    case 'promised':
      followUp.promises.push(pledge(followUp.promises.length + 1, event.text ?? '', data.by ?? at));
      break;
    case 'promise-kept':
    case 'promise-broken': {
      const open = followUp.promises.filter((promise) => promise.state === 'open').sort((a, b) => a.by - b.by);
      const meant = data.number ? followUp.promises[data.number - 1] : open[0];
      if (meant) settle(meant, event.what === 'promise-kept', at);
      if (meant?.state === 'kept' && isAbout(meant, 'delivered')) followUp.deliveredAt ??= Math.min(at, meant.by);
      break;
    }
    case 'exchanged':
      followUp.exchanged = true;
      break;
    case 'complained':
      complain(followUp, at);
      break;
    case 'interested':
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
    case 'answered':
      answer(followUp, data.score ?? null, at);
      break;
    case 'reordered':
      followUp.outcome = 'reordered';
      break;
    case 'reorder-undone':
      followUp.outcome = null;
      followUp.endedAt = null;
      break;
    case 'cancelled':
    case 'returned':
    case 'opted-out':
    case 'erased':
      if (followUp.endedAt === null) followUp.outcome = event.what;
      break;
    case 'ended':
      followUp.endedAt = at;
      break;
  }
}

/** Nobody's complaint is too late: even an ended follow-up sees to it, unless the customer wants no contact. */
function complain(followUp: FollowUp, at: Instant) {
  if (!openComplaint(followUp)) followUp.complaints.push({ since: at, closedAt: null });
  if (followUp.outcome !== 'opted-out' && followUp.outcome !== 'erased') followUp.endedAt = null;
}

/** A changed answer may call for what the first one did not; a low one is heard even after the next order. */
function answer(followUp: FollowUp, score: number | null, at: Instant) {
  followUp.score = score ?? followUp.score;
  followUp.answeredAt = at;
  for (const progress of followUp.touches.values())
    if (progress.passedOver?.startsWith('not-') || progress.passedOver === 'detractor')
      Object.assign(progress, { done: false, passedOver: null });
  if (followUp.outcome === 'reordered' && score !== null && isDetractor(score)) followUp.endedAt = null;
}

function settle(promise: Pledge, kept: boolean, at: Instant) {
  promise.state = kept ? 'kept' : 'broken';
  promise.settledAt = at;
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
      contacted(followUp, progress, at);
      break;
    case 'task-made':
    case 'task-joined':
      progress.made.add(occurrence);
      progress.openTask = occurrence;
      contacted(followUp, progress, at);
      break;
    case 'handed-over':
      progress.made.add(occurrence);
      progress.openTask = occurrence;
      progress.done = true;
      contacted(followUp, progress, at);
      break;
    case 'put-off':
      progress.failures += 1;
      progress.failingSince ??= at;
      progress.notBefore = event.data?.until ?? at;
      break;
    case 'skipped':
    case 'task-cancelled':
      progress.openTask = null;
      progress.done = true;
      progress.passedOver = event.why ?? null;
      break;
    case 'outcome':
      evolveOutcome(followUp, progress, event, occurrence);
      break;
  }
}

function contacted(followUp: FollowUp, progress: Progress, at: Instant) {
  progress.lastAt = at;
  progress.notBefore = null;
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
  if (progress.uncertain) {
    progress.uncertain = false;
    if (outcome === 'broken') progress.made.delete(occurrence);
    return;
  }
  if (outcome === 'call-back') {
    progress.moved += 1;
    progress.notBefore = callBackAt ?? event.at;
  } else if (!UNANSWERED.includes(outcome)) progress.done = true;
  if (kind === 'check' && outcome !== 'skipped') {
    const promise = followUp.promises[aboutOf(occurrence) - 1];
    if (promise) settle(promise, outcome === 'kept', event.at);
    if (promise && outcome === 'kept' && isAbout(promise, 'delivered')) followUp.deliveredAt ??= promise.by;
  }
  if (kind === 'fix') for (const complaint of followUp.complaints) complaint.closedAt ??= event.at;
  if (outcome === 'complaint' && !openComplaint(followUp))
    followUp.complaints.push({ since: event.at, closedAt: null });
  if (outcome === 'not-interested' && followUp.pausedFor === 'interested') followUp.pausedUntil = null;
}
