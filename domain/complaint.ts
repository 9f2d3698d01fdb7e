import type { FollowUpEvent, What } from './followUp.ts';
import type { ComplaintRules } from './playbook.ts';
import type { Answers } from './survey.ts';
import { type Outcome, UNANSWERED } from './task.ts';
import type { Instant } from './time.ts';

/** What a customer who complains wants. */
export const WANTS = ['apology', 'repair', 'exchange', 'refund', 'explanation', 'other'] as const;
export type Want = (typeof WANTS)[number];

/** What is done about a complaint, in this order as far as one thing needs another. */
export const STEPS = ['listen', 'fix', 'apology', 'cause', 'tell'] as const;
export type Step = (typeof STEPS)[number];

/** How somebody closes a complaint whose customer was not told what was changed. */
export const CLOSINGS = ['withdrawn', 'unjustified', 'other'] as const;
export type Closing = (typeof CLOSINGS)[number];

/**
 * The contacts a complaint makes beside those of the playbook: `received` and `told` are mails, `at-risk` and `late` warn
 * colleagues, `approval` asks the manager, and the others are its steps.
 */
const TOUCHES = ['received', ...STEPS, 'approval', 'told', 'at-risk', 'late'] as const;
export type ComplaintTouch = `complaint-${(typeof TOUCHES)[number]}`;
export const COMPLAINT_TOUCHES: readonly string[] = TOUCHES.map((name) => `complaint-${name}`);

/** Whether a score is a complaint by itself, as the playbook has it. */
export const isAComplaint = ({ openedBy }: ComplaintRules, { nps, csat }: Pick<Answers, 'nps' | 'csat'>) =>
  (nps !== null && nps <= (openedBy.nps ?? -1)) || (csat !== null && csat <= (openedBy.csat ?? -1));

/** The mail that thanks for a complaint. */
export const RECEIVED: ComplaintTouch = 'complaint-received';

/** Whether a contact belongs to a complaint's own process; no playbook has one of this name. */
export const isOfComplaint = (touch: string | undefined): touch is ComplaintTouch =>
  touch !== undefined && COMPLAINT_TOUCHES.includes(touch);

/** The words of the story for what is done about a complaint. */
export const COMPLAINT_WORDS = [
  'heard',
  'remedy-asked',
  'remedy-offered',
  'remedy-refused',
  'remedied',
  'apologised',
  'cause-found',
  'mended',
  'told',
  'complaint-closed',
  'escalated',
] as const satisfies readonly What[];

/** By when what is done; set when it is opened, so that what was promised to the customer stands. */
export interface DueTimes {
  /** What the customer was told: they hear from somebody by then; from the last time that they had something to say. */
  promised: Instant;
  /** The colleague's own time for that, earlier by a margin. */
  answer: Instant;
  fix: Instant;
  told: Instant;
}

/** A complaint about an order, as its story tells it. */
export interface Complaint {
  /** Which of the order's complaints it is, from 1. */
  number: number;
  since: Instant;
  /** Null: it is older than the process of complaints, and closed by the fix task of its playbook. */
  due: DueTimes | null;
  /** Our id of who complained; null: who ordered. */
  customer: string | null;
  /** Whose it is, by handle; null: the order's owner's. */
  owner: string | null;
  wants: Want | null;
  /** When the customer last had something to say, and when they were heard. */
  saidAt: Instant;
  heardAt: Instant | null;
  /** The remedy that was offered, and the one that waits for the manager's word. */
  remedy: string | null;
  asked: string | null;
  /** How often the manager was asked. */
  asks: number;
  remediedAt: Instant | null;
  apologisedAt: Instant | null;
  cause: string | null;
  mendedAt: Instant | null;
  /** What was changed, in the words the customer is told. */
  changed: string | null;
  toldAt: Instant | null;
  /** Steps that somebody found not to be needed. */
  passed: Set<Step>;
  /** How often it was late and went to the manager, and when it last did. */
  escalations: number;
  escalatedAt: Instant | null;
  closedAt: Instant | null;
  closedWhy: string | null;
}

/** The complaint an event opens. */
export const openedBy = ({ at, data = {} }: FollowUpEvent, number: number): Complaint => ({
  number,
  since: at,
  due: data.due ?? null,
  customer: data.customer ?? null,
  owner: data.owner ?? null,
  wants: data.wants ?? null,
  saidAt: at,
  heardAt: null,
  remedy: null,
  asked: null,
  asks: 0,
  remediedAt: null,
  apologisedAt: null,
  cause: null,
  mendedAt: null,
  changed: null,
  toldAt: null,
  passed: new Set(),
  escalations: 0,
  escalatedAt: null,
  closedAt: null,
  closedWhy: null,
});

/** What becomes of a complaint by an event that is about it; changes the complaint given. */
export function evolveComplaint(complaint: Complaint, { what, at, touch, why, text, data = {} }: FollowUpEvent): void {
  switch (what) {
    case 'complained':
    case 'heard':
      complaint.wants = data.wants ?? complaint.wants;
      if (what === 'heard') complaint.heardAt ??= at;
      else if (data.due && complaint.due && complaint.heardAt !== null) {
        const { promised, answer } = data.due;
        Object.assign(complaint, { saidAt: at, heardAt: null, due: { ...complaint.due, promised, answer } });
      }
      break;
    case 'remedy-asked':
      complaint.asked = text ?? '';
      complaint.asks += 1;
      break;
    case 'remedy-offered':
      complaint.remedy = text ?? null;
      complaint.asked = null;
      break;
    case 'remedy-refused':
      complaint.asked = null;
      break;
    case 'remedied':
      complaint.remediedAt ??= at;
      break;
    case 'apologised':
      complaint.apologisedAt ??= at;
      break;
    case 'cause-found':
      complaint.cause = text ?? null;
      break;
    case 'mended':
      complaint.mendedAt ??= at;
      complaint.changed = text ?? complaint.changed;
      break;
    case 'told':
      complaint.toldAt ??= at;
      break;
    case 'escalated':
      complaint.escalations += 1;
      complaint.escalatedAt = at;
      complaint.owner = data.owner ?? complaint.owner;
      break;
    case 'assigned':
      complaint.owner = data.owner ?? complaint.owner;
      break;
    case 'complaint-closed':
      complaint.closedAt ??= at;
      complaint.closedWhy = why ?? null;
      break;
    case 'outcome': {
      const step = stepOf(touch);
      if (step && why === 'skipped') complaint.passed.add(step);
      break;
    }
  }
}

/** The step a contact of a complaint takes; null: it is none of them. */
export const stepOf = (touch: string | undefined): Step | null =>
  STEPS.find((step) => touch === `complaint-${step}`) ?? null;

/** Whether a step is behind us, done or not needed. */
export function isDone(complaint: Complaint, step: Step): boolean {
  if (step === 'tell') return complaint.toldAt !== null;
  const { heardAt, remediedAt, apologisedAt, mendedAt, passed } = complaint;
  return (
    { listen: heardAt, fix: remediedAt, apology: apologisedAt, cause: mendedAt }[step] !== null || passed.has(step)
  );
}

/** What comes first of what is still to be done; null: it is closed. */
export const stepAtHand = (complaint: Complaint): Step | null =>
  complaint.closedAt === null ? (STEPS.find((step) => !isDone(complaint, step)) ?? 'tell') : null;

/** What a colleague says they have done about a complaint. */
export type Done =
  | { step: 'listen'; text: string | null; wants: Want | null; apologised: boolean }
  | { step: 'fix'; text: string | null }
  | { step: 'apology'; text: string | null; by: 'call' | 'letter' }
  | { step: 'cause'; cause: string | null; changed: string | null }
  | { step: 'tell'; text: string | null; by: 'call' | 'letter' | 'email' };

/** The story of something a colleague has done about a complaint. */
export function saying(number: number, done: Done, at: Instant): FollowUpEvent[] {
  const event = (what: What, text: string | null, why?: string, wants?: Want | null): FollowUpEvent => ({
    what,
    at,
    ...(why && { why }),
    ...(text && { text }),
    data: { number, ...(wants && { wants }) },
  });
  switch (done.step) {
    case 'listen':
      return [
        event('heard', done.text, undefined, done.wants),
        ...(done.apologised ? [event('apologised', null, 'call')] : []),
      ];
    case 'fix':
      return [event('remedied', done.text)];
    case 'apology':
      return [event('apologised', done.text, done.by)];
    case 'cause':
      return [
        // Blanks that nobody sees make no other cause.
        ...(done.cause ? [event('cause-found', done.cause.trim().replace(/\s+/g, ' '))] : []),
        event('mended', done.changed),
      ];
    case 'tell':
      return [event('told', done.text, done.by)];
  }
}

/**
 * The story of a task of a complaint that came out: what was done, and the manager's word. `done` says more than the
 * outcome does, where the colleague wrote it on the complaint's page; nothing is said twice.
 */
export function saidBy(
  complaint: Complaint | undefined,
  touch: string,
  { kind, outcome, note, done }: { kind: string; outcome: Outcome; note: string | null; done?: Done },
  at: Instant,
): FollowUpEvent[] {
  if (!complaint || !isOfComplaint(touch) || complaint.closedAt !== null) return [];
  const { number, asked } = complaint;
  if (touch === 'complaint-approval') {
    if (asked === null) return [];
    const what = outcome === 'done' ? 'remedy-offered' : 'remedy-refused';
    return [{ what, at, text: asked, ...(what === 'remedy-offered' && { why: 'granted' }), data: { number } }];
  }
  const step = touch === 'complaint-told' ? 'tell' : stepOf(touch);
  if (!step || isNothing(step, outcome) || isDone(complaint, step)) return [];
  if (done?.step === step) return saying(number, done, at);
  const by = kind === 'call' ? 'call' : kind === 'check' ? 'email' : 'letter';
  const plain: Record<Step, Done> = {
    listen: { step: 'listen', text: note, wants: null, apologised: false },
    fix: { step: 'fix', text: note },
    apology: { step: 'apology', text: note, by: by === 'call' ? 'call' : 'letter' },
    // A note is for colleagues: only what is written for the customer is sent to them.
    cause: { step: 'cause', cause: null, changed: null },
    tell: { step: 'tell', text: note, by },
  };
  return saying(number, plain[step], at);
}

/** Outcomes by which nothing was done; who hangs up has heard us at most. */
const isNothing = (step: Step, outcome: Outcome) =>
  UNANSWERED.includes(outcome) ||
  ['wrong-number', 'call-back', 'skipped', 'broken'].includes(outcome) ||
  (step !== 'tell' && ['not-interested', 'ordered'].includes(outcome));

/** What colleagues may offer a customer who complains. */
export interface Remedy {
  name: string;
  /** The roles that may offer it by themselves; empty: everybody. */
  roles: string[];
  /** Up to what it may cost us; null: whatever it costs. */
  upTo: { value: number; currency: string } | null;
}

/** What of a remedy somebody of this role may offer by themselves; empty: nothing. */
export const rightsTo = (remedies: readonly Remedy[], role: string, name: string): Remedy[] =>
  remedies.filter((one) => one.name === name && (one.roles.length === 0 || one.roles.includes(role.toLowerCase())));

/** Whether they may offer it only up to some value, so that it has to be said what it costs. */
export const isLimited = (rights: readonly Remedy[]) => rights.length > 0 && rights.every(({ upTo }) => upTo !== null);

/** Whether somebody of this role may offer a remedy of this value by themselves; more needs the manager's word. */
export const mayOffer = (remedies: readonly Remedy[], role: string, name: string, value: number, currency: string) =>
  rightsTo(remedies, role, name).some(
    ({ upTo }) => upTo === null || (upTo.currency === currency && value > 0 && value <= upTo.value),
  );

/** The word that a complaint waits for before it is put right: whose, and what they were asked for. */
export interface Word {
  whose: string;
  asked: string;
}

/** What is said to who takes it as put right before. */
export const awaited = ({ whose, asked }: Word) =>
  `${whose}'s word on "${asked}" is awaited, and it can be put right after that; offering something that needs nobody's word takes the question back`;
