import { dueBy, nextTry, worked } from './calendar.ts';
import {
  type Complaint,
  type ComplaintTouch,
  type DueTimes,
  isDone,
  isOfComplaint,
  RECEIVED,
  type Step,
  stepAtHand,
} from './complaint.ts';
import {
  aboutOf,
  complaintAtHand,
  evolve,
  type FollowUp,
  type FollowUpEvent,
  occurrenceOf,
  progressOf,
} from './followUp.ts';
import { leaveWhatIsOnItsWay, type Planned } from './plan.ts';
import type { Deed } from './playbook.ts';
import type { Person, Terms } from './terms.ts';
import type { Instant, Span } from './time.ts';

/** What a complaint's workflow does next. Small and free of personal data, for Temporal keeps it. */
export interface ComplaintNext {
  step: 'send' | 'task' | 'escalate' | 'end';
  /** Where it stands: the step at hand, or why it was closed. */
  at: string;
  dueAt: Instant;
  touch?: string;
  occurrence?: string;
  /** What happened so far, and whose it is. */
  story: string[];
  owner: string;
}

/** What comes next for a complaint, and what has to be written into the story first. */
export interface ComplaintDecision {
  record: FollowUpEvent[];
  next: Omit<ComplaintNext, 'story' | 'owner'>;
}

/**
 * What comes next for one of an order's complaints. Pure, but that what it records is evolved into the follow-up: the
 * same events, terms and instant give the same answer.
 */
export function nextOfComplaint(followUp: FollowUp, number: number, terms: Terms, now: Instant): ComplaintDecision {
  const complaint = followUp.complaints[number - 1];
  const record: FollowUpEvent[] = [];
  const note = (event: FollowUpEvent) => {
    record.push(event);
    evolve(followUp, event);
  };
  if (complaint.closedAt === null) settleWhatIsSettled(complaint, followUp, terms, now, note);
  if (complaint.closedAt !== null) {
    for (const { touch, occurrence } of openTasks(complaint, followUp))
      note(takenBack(touch, occurrence, 'complaint-closed', now));
    return { record, next: { step: 'end', at: complaint.closedWhy ?? 'closed', dueAt: now } };
  }
  const at = stepAtHand(complaint)!;
  const lateAt = lateFrom(complaint, terms);
  const [first] = contactsOf(complaint, followUp, terms, now).sort((a, b) => a.dueAt - b.dueAt);
  if (!first || first.dueAt > lateAt) return { record, next: { step: 'escalate', at, dueAt: lateAt } };
  const { touch, occurrence, dueAt, deed } = first;
  return { record, next: { step: deed === 'send' ? 'send' : 'task', at, dueAt, touch, occurrence } };
}

/** The mail or task of a complaint, when its time has come; null when it is not wanted now. */
export function dueOfComplaint(
  followUp: FollowUp,
  terms: Terms,
  now: Instant,
  touch: string,
  occurrence: string,
): Planned | null {
  const complaint = isOfComplaint(touch) ? followUp.complaints[aboutOf(occurrence) - 1] : undefined;
  if (!complaint?.due || complaint.closedAt !== null) return null;
  const all = contactsOf(complaint, followUp, terms, now);
  return all.find((one) => one.touch === touch && one.occurrence === occurrence && one.dueAt <= now) ?? null;
}

/** By when what is done about a complaint that is heard of now. */
export function dueTimes(terms: Terms, now: Instant): DueTimes {
  const { playbook, colleague, calendar } = terms;
  const { answerWithin, margin, fixWithin, toldWithin } = playbook.complaints;
  const promised = deadline(now, answerWithin, terms);
  return {
    promised,
    answer: Math.max(now, worked(promised, margin, colleague, calendar, -1)),
    fix: deadline(now, fixWithin, terms),
    told: deadline(now, toldWithin, terms),
  };
}

/**
 * With which of an order's complaints it stands what is complained about now, and by when what is done about it. That is
 * new of a new one, and where `themselves` say more after having been heard: they are heard again, as soon as the first time.
 */
export function opening(followUp: FollowUp, terms: Terms, now: Instant, themselves = false) {
  const open = complaintAtHand(followUp);
  if (!open) return { number: followUp.complaints.length + 1, due: dueTimes(terms, now) };
  const again = themselves && open.due !== null && open.heardAt !== null;
  return { number: open.number, ...(again && { due: dueTimes(terms, now) }) };
}

/** With its number, the role in which a complaint's mail and calls find who complained. */
export const COMPLAINANT = 'complaint ';

/** The same of a complaint; null: it is who ordered. */
const complainantOf = ({ number, customer }: Complaint) => (customer === null ? null : `${COMPLAINANT}${number}`);

/** The end of a length of time, in the colleague's hours. */
const deadline = (from: Instant, span: Span, { colleague, calendar, seed }: Terms): Instant =>
  dueBy(from, worked(from, span, colleague, calendar), [colleague], calendar, seed);

type Note = (event: FollowUpEvent) => void;

/** What the passing of time, an end of the follow-up or another step has settled. */
function settleWhatIsSettled(complaint: Complaint, followUp: FollowUp, terms: Terms, now: Instant, note: Note) {
  const { number, since } = complaint;
  const close = (why: string) => note({ what: 'complaint-closed', at: now, why, data: { number } });
  const { outcome, endedAt } = followUp;
  if (outcome === 'erased') return close(outcome);
  // Whoever wants no contact and complains after that is heard; whoever says so meanwhile is left in peace.
  if (outcome === 'opted-out' && (endedAt === null || since < endedAt)) return close(outcome);

  const of = (touch: ComplaintTouch) => progressOf(followUp, touch, number);
  const received = of(RECEIVED);
  const unsent = complaint.heardAt !== null ? 'heard' : mailIsRefused(complaint, terms);
  if (unsent && received.made.size === 0 && !received.done && !isOnItsWay(RECEIVED, number, terms))
    note({ what: 'skipped', at: now, touch: RECEIVED, occurrence: occurrenceOf(number, 1), why: unsent });

  if (complaint.toldAt === null && of('complaint-told').wentWellAt !== null)
    note({ what: 'told', at: now, why: 'email', data: { number } });
  if (complaint.toldAt !== null) return close('told');

  const late = occurrenceOf(number, complaint.escalations);
  const wanted: Partial<Record<ComplaintTouch, boolean>> = {
    // The manager's word is on what they read: whatever else is asked for is a question of its own.
    'complaint-approval': complaint.asked !== null && of('complaint-approval').openTask === questionOf(complaint),
    'complaint-at-risk': of('complaint-at-risk').openTask === warningOf(complaint),
    'complaint-late': of('complaint-late').openTask === late && clockOf(complaint).dueAt <= now,
  };
  for (const [touch, isWanted] of Object.entries(wanted)) {
    const { openTask } = of(touch as ComplaintTouch);
    const isAsked = touch === 'complaint-approval' && complaint.asked !== null;
    // A warning that came true has gone on to the manager: nothing of it was done.
    const why = isAsked ? 'asked-again' : complaint.escalatedAt === now ? 'late' : 'done-meanwhile';
    if (openTask !== null && !isWanted) note(takenBack(touch, openTask, why, now));
  }
}

const takenBack = (touch: string, occurrence: string, why: string, at: Instant): FollowUpEvent => ({
  what: 'task-cancelled',
  at,
  touch,
  occurrence,
  why,
});

/** Tasks of a complaint that somebody still has; what became of a mail is found out all the same. */
const openTasks = ({ number }: Complaint, { touches }: FollowUp): { touch: string; occurrence: string }[] =>
  [...touches].flatMap(([key, { openTask, uncertain }]) => {
    const [touch, about] = key.split(':');
    const isIts = isOfComplaint(touch) && Number(about) === number;
    return isIts && openTask !== null && !uncertain ? [{ touch, occurrence: openTask }] : [];
  });

/** Why no mail may go to who complained; null: it may. */
function mailIsRefused(complaint: Complaint, terms: Terms): string | null {
  const { email, consent } = complainant(complaint, terms) ?? ANYBODY;
  if (!consent.service.email) return 'no-consent';
  return email ? null : 'no-email';
}

/** Somebody of whom it is not known yet how they may be reached: their complaint has only just been heard. */
const ANYBODY: Pick<Person, 'email' | 'phone' | 'consent'> = {
  email: true,
  phone: true,
  consent: { service: { email: true, phone: true }, selling: { email: true, phone: true } },
};

function complainant(complaint: Complaint, { person, people }: Terms): Person | undefined {
  const role = complainantOf(complaint);
  return role === null ? person : people[role];
}

/** Whether who complained may and can be called. */
export const mayBeCalled = (complaint: Complaint, terms: Terms): boolean => {
  const { phone, consent } = complainant(complaint, terms) ?? ANYBODY;
  return phone && consent.service.phone;
};

const isOnItsWay = (touch: ComplaintTouch, number: number, { onTheWay }: Terms) =>
  `${touch}#${occurrenceOf(number, 1)}` in onTheWay;

/** The first of what was to be done by a certain time and is not, and that time. */
function clockOf(complaint: Complaint): { nth: number; dueAt: Instant } {
  const { answer, fix, told } = complaint.due!;
  const clocks = [
    { nth: 1, dueAt: answer, met: isDone(complaint, 'listen') },
    { nth: 2, dueAt: fix, met: isDone(complaint, 'fix') },
    { nth: 3, dueAt: told, met: false },
  ];
  return clocks.filter(({ met }) => !met).sort((a, b) => a.dueAt - b.dueAt)[0];
}

/** By when the step at hand is to be done. */
export function dueAtHand(complaint: Complaint): Instant {
  const { answer, fix, told } = complaint.due!;
  const step = stepAtHand(complaint);
  return step === 'listen' ? answer : step === 'fix' ? fix : told;
}

/** Whoever takes over has as long as an answer may take, and twice as long after each time it was late again. */
function lateFrom(complaint: Complaint, terms: Terms): Instant {
  const { escalations, escalatedAt } = complaint;
  const { dueAt } = clockOf(complaint);
  if (escalatedAt === null) return dueAt;
  const { amount, unit } = terms.playbook.complaints.answerWithin;
  return Math.max(dueAt, deadline(escalatedAt, { amount: amount * 2 ** (escalations - 1), unit }, terms));
}

/** There is one warning for each time something may be late: which of a complaint's that is. */
const warningOf = (complaint: Complaint) =>
  occurrenceOf(complaint.number, 3 * complaint.escalations + clockOf(complaint).nth);

/** Each time something is asked of the manager it is a task of its own: which of a complaint's the last one is. */
const questionOf = ({ number, asks }: Complaint) => occurrenceOf(number, asks);

/** Contacts that are wanted as things stand, each with when it is made and, where a task, by when that is due. */
function contactsOf(complaint: Complaint, followUp: FollowUp, terms: Terms, now: Instant): Planned[] {
  const { number, since, escalations, owner } = complaint;
  const due = complaint.due!;
  const { calendar, colleague, playbook } = terms;
  const of = (touch: ComplaintTouch) => progressOf(followUp, touch, number);
  const done = (step: Step) => isDone(complaint, step);
  const nextDay = deadline(now, { amount: 1, unit: 'business days' }, terms);

  const contact = (touch: ComplaintTouch, deed: Deed, by: Instant, more: Partial<Planned> = {}): Planned[] => {
    const { openTask, made, notBefore } = of(touch);
    const occurrence = more.occurrence ?? occurrenceOf(number, made.size + 1);
    if (openTask !== null || made.has(occurrence)) return [];
    const dueAt = more.dueAt ?? (deed === 'send' ? (notBefore ?? since) : since);
    return [
      {
        touch,
        occurrence,
        deed,
        what: touch === 'complaint-fix' ? 'complaint' : touch,
        purpose: 'service',
        to: complainantOf(complaint),
        carries: null,
        gift: '',
        dueAt,
        wantedAt: dueAt,
        brake: null,
        tooLateAt: null,
        within: { amount: 1, unit: 'business days' },
        promised: true,
        openings: [colleague],
        ofTheWait: false,
        rank: 0,
        held: null,
        against: null,
        by,
        ...(owner !== null && { owner }),
        ...more,
      },
    ];
  };
  /** A call is tried at another time of day until somebody is reached, or at the time the customer asked for. */
  const byPhone = (touch: ComplaintTouch, otherwise: Deed, by: Instant) => {
    const { made, notBefore, lastAt } = of(touch);
    const isFirst = made.size === 0 || lastAt! < complaint.saidAt;
    const again = isFirst ? by : (notBefore ?? nextTry(lastAt!, colleague, calendar));
    return mayBeCalled(complaint, terms)
      ? contact(touch, 'call', again)
      : contact(touch, otherwise, Math.max(by, nextDay));
  };
  /** Once, and no more when it would say nothing new; what is half out of the house is nobody's to call off. */
  const isToSend = (touch: ComplaintTouch, isNew: boolean) =>
    isOnItsWay(touch, number, terms) ||
    (isNew && of(touch).made.size === 0 && !of(touch).done && mailIsRefused(complaint, terms) === null);

  const toTell = done('fix') && done('apology') && done('cause');
  const tellsByMail = isToSend('complaint-told', toTell && complaint.changed !== null);
  const isTelling = tellsByMail || of('complaint-told').openTask !== null;
  const lateAt = lateFrom(complaint, terms);
  const warnAt = worked(lateAt, playbook.complaints.warnBefore, colleague, calendar, -1);
  const warning = { occurrence: warningOf(complaint), dueAt: warnAt };
  const question = { occurrence: questionOf(complaint), forManager: true };
  const isWarned = warnAt > (complaint.escalatedAt ?? since) && now < lateAt;
  return [
    ...(done('listen') ? [] : byPhone('complaint-listen', 'other', due.answer)),
    ...(done('fix') ? [] : contact('complaint-fix', 'fix', due.fix)),
    ...(complaint.asked === null ? [] : contact('complaint-approval', 'other', nextDay, question)),
    ...(isToSend(RECEIVED, complaint.heardAt === null) ? contact(RECEIVED, 'send', now) : []),
    ...(done('apology') || !done('fix') ? [] : contact('complaint-apology', 'letter', Math.max(due.fix, nextDay))),
    ...(done('cause') || !done('listen') ? [] : contact('complaint-cause', 'other', due.told)),
    ...(tellsByMail ? contact('complaint-told', 'send', now) : []),
    ...(toTell && !isTelling
      ? complaint.passed.has('tell')
        ? contact('complaint-tell', 'letter', Math.max(due.told, nextDay))
        : byPhone('complaint-tell', 'letter', due.told)
      : []),
    ...(isWarned ? contact('complaint-at-risk', 'other', lateAt, warning) : []),
    ...(escalations > 0 && clockOf(complaint).dueAt <= now
      ? contact('complaint-late', 'other', lateAt, { occurrence: occurrenceOf(number, escalations) })
      : []),
  ].map((one) => leaveWhatIsOnItsWay(one, terms));
}
