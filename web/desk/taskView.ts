import { Interval } from 'luxon';
import { isRecovery } from '../../domain/against.ts';
import { type Calendar, isDemonstration, localDay } from '../../domain/calendar.ts';
import { isAComplaint, isOfComplaint } from '../../domain/complaint.ts';
import { type Piece, usefulFor } from '../../domain/content.ts';
import {
  aboutOf,
  complaintMeant,
  type FollowUp,
  type FollowUpEvent,
  followUpOf,
  occurrenceOf,
  type Pledge,
} from '../../domain/followUp.ts';
import type { OrderLine } from '../../domain/order.ts';
import { APPROVE, type ComplaintRules, KEEP_IN_TOUCH, type Playbook } from '../../domain/playbook.ts';
import type { Survey, Surveys } from '../../domain/survey.ts';
import { REPLY, TALK } from '../../domain/task.ts';
import { DAY, type Instant } from '../../domain/time.ts';
import { zoneOf } from '../../domain/zones.ts';
import { type Answer, type AnswerRow, answersAbout, complainedBy } from '../../store/answers.ts';
import { complaintIds, complaintKey } from '../../store/complaints.ts';
import type { Store } from '../../store/database.ts';
import {
  type Known,
  knownBefore,
  orderersOf,
  ownedAndTold,
  type Settles,
  settledBy,
  storiesOf,
  type TaskRow,
} from '../../store/desk.ts';
import type { Customer } from '../../store/followUps.ts';
import { type InboundMail, repliesTo } from '../../store/inbound.ts';
import { playbookOf } from '../../store/playbooks.ts';
import { oftenBoughtWith, type Suggestion } from '../../store/purchases.ts';
import { allStaff } from '../../store/staff.ts';
import { askedBy } from '../../store/tasks.ts';
import type { Show } from '../ui/show.ts';
import type { Web } from '../web.ts';
import { scriptOf } from './script.ts';

/** A promise, and the order it was made with. */
export interface Promised {
  order: { id: string; source: string; number: string };
  promise: Pledge;
}

/** Why a task is not where it was planned to be. */
export interface Moved {
  to: 'somebody else' | 'another day';
  /** The name of who would have had it, or would have had it earlier. */
  whose: string;
  why: string | null;
}

/** A mail that is planned: the touch that sends it, and which of several it is. */
export interface Mail {
  touch: string;
  occurrence: string;
}

/** What a call may offer: what is often bought with this and not theirs yet, and offers that fit and are new to them. */
export interface ToOffer {
  together: Suggestion[];
  offers: Piece[];
}

/** A task as its card shows it. */
export interface TaskView extends TaskRow {
  /** What its outcome settles; several orders where a call joined another. */
  settles: Settles[];
  /** Who ordered, where somebody else of theirs is to be contacted. */
  orderer: Customer | null;
  /** Where who is to be contacted lives. */
  zone: string;
  /** What was promised with the orders it is about. */
  promises: Promised[];
  /** What was promised with the order before, and what is still open of others. */
  promisedBefore: Promised[];
  known: Known;
  moved: Moved | null;
  toOffer: ToOffer | null;
  /** The mail it lets go. */
  mail: Mail | null;
  script: string[];
  /** The complaint it is a step of, by our id. */
  complaint: string | null;
  /** The answers it is about, as they stand now. */
  answers: SeenTo[];
  /** What the customer wrote or said that made this task, and what became of remedies. */
  wrote: string[];
  /** The mails it answers, where it is about mails. */
  replies: InboundMail[];
  /** The survey that is asked on this call; null: none is. */
  survey: Survey | null;
}

/** Reads what the cards of these tasks need, in as few questions as there are kinds of it. */
export async function taskViews({ store, content, shelf }: Web, rows: TaskRow[], show: Show): Promise<TaskView[]> {
  if (rows.length === 0) return [];
  const orderIds = [...new Set(rows.map(({ order }) => order.id))];
  const elsewhere = rows.filter(({ task, order }) => order.customerId !== task.customerId);
  const [settled, known, orderers, staff, replies] = await Promise.all([
    settledBy(
      store,
      rows.map(({ task }) => task.id),
    ),
    knownBefore(store, orderIds),
    orderersOf(
      store,
      elsewhere.map(({ order }) => order.id),
    ),
    allStaff(store),
    repliesTo(
      store,
      rows.filter(({ task }) => task.reason === REPLY).map(({ order }) => order.id),
    ),
  ]);
  const names = new Map(staff.map(({ handle, name }) => [handle, name]));
  const others = [...known.values()].flatMap(({ last, open }) => [...(last ? [last] : []), ...open]);
  const joined = [...settled.values()].flat().map(({ orderId }) => orderId);
  const stories = await storiesOf(store, [...new Set([...orderIds, ...joined, ...others.map(({ id }) => id)])]);
  const followUps = new Map([...stories].map(([id, story]) => [id, followUpOf(story)]));
  const playbooks = new Map(
    await Promise.all(
      [
        ...new Set([...rows.map(({ order }) => order), ...[...settled.values()].flat()].map((one) => one.playbookHash)),
      ].map(async (hash) => [hash, await playbookOf(store.db, hash)] as const),
    ),
  );
  const selling = rows.filter(({ task, order }) =>
    isSelling(task, settled.get(task.id)!, order.id, playbooks.get(order.playbookHash)!),
  );
  const offers = await offersFor(store, content.pieces, selling);
  const answered = [...settled.values()]
    .flat()
    .filter(({ touch, playbookHash }) => isOfComplaint(touch) || recovers(playbooks.get(playbookHash)!, touch));
  const answers = await answersAbout(
    store.db,
    answered.map(({ orderId }) => orderId),
  );
  const complaining = [...settled.values()].flat().filter(({ touch }) => isOfComplaint(touch));
  const complaints = await complaintIds(
    store,
    complaining.map(({ orderId }) => orderId),
  );

  return rows.map((row) => {
    const { task, order, customer } = row;
    const settles = settled.get(task.id)!;
    const own = settles.find(({ orderId }) => orderId === order.id);
    const step = settles.find(({ touch }) => isOfComplaint(touch));
    const before = known.get(order.id)!;
    const orderer = task.customerId === order.customerId ? null : orderers.get(order.id)!;
    const zone = zoneOf(customer, store.calendar.zone);
    const [asked] = settles.flatMap(({ playbookHash, touch }) => askedBy(playbooks.get(playbookHash)!, touch) ?? []);
    const survey = asked === undefined || task.kind !== 'call' ? null : shelf.surveys.in(asked, 'en');
    const about = [order, ...settles.filter(({ orderId }) => orderId !== order.id).map(asOrder)];
    const earlier = before.open.filter(({ id }) => !about.some((one) => one.id === id) && id !== before.last?.id);
    return {
      ...row,
      settles,
      orderer,
      zone,
      known: before,
      survey,
      promises: about.flatMap((one) => promisesOf(one, followUps)),
      promisedBefore: [
        ...(before.last ? promisesOf(before.last, followUps) : []),
        ...earlier.flatMap((one) => promisesOf(one, followUps)).filter(({ promise }) => promise.state === 'open'),
      ],
      moved: movedFrom(row, own, stories.get(order.id)!, names),
      toOffer: offers.get(task.id) ?? null,
      mail: task.reason === APPROVE && own ? mailBehind(playbooks.get(order.playbookHash)!, own) : null,
      complaint: (step && complaints.get(complaintKey(step.orderId, aboutOf(step.occurrence)))) ?? null,
      answers: settles.flatMap((one) =>
        answersFor(one, playbooks.get(one.playbookHash)!, stories.get(one.orderId)!, answers, shelf.surveys),
      ),
      wrote: settles.flatMap((one) => writtenFor(one, task.reason, stories.get(one.orderId) ?? [])),
      replies: replies.filter(
        ({ orderId, heardAt }) => orderId === order.id && heardAt >= task.madeAt && heardAt <= (task.doneAt ?? heardAt),
      ),
      script: scriptOf({
        reason: task.reason,
        // A promise is told in the days of whom it was made to.
        customer: { ...customer, timeZone: zoneOf(orderer ?? customer, store.calendar.zone) },
        followUp: followUps.get(order.id)!,
        about: own,
        products: productsOf(order.lines),
        survey,
        show,
      }),
    };
  });
}

const asOrder = ({ orderId, source, number }: Settles) => ({ id: orderId, source, number });

/** What was promised with an order; of the past only what is known to have been kept or broken. */
const promisesOf = (
  order: { id: string; source: string; number: string },
  followUps: Map<string, FollowUp>,
): Promised[] => {
  const { promises, history } = followUps.get(order.id)!;
  return promises.flatMap((promise) => (history && promise.state === 'open' ? [] : [{ order, promise }]));
};

/** The mail that a task lets go; null where the playbook has none such. */
export function mailBehind({ touches }: Playbook, { touch, occurrence }: Mail): Mail | null {
  const mail = touches.find(({ approvedBy }) => approvedBy === touch);
  return mail ? { touch: mail.name, occurrence: occurrenceOf(aboutOf(occurrence), 1) } : null;
}

/** Offers belong into calls that need the customer's consent to selling, and into no others. */
function isSelling(
  { kind, status }: TaskRow['task'],
  settles: Settles[],
  order: string,
  { touches, keepInTouch }: Playbook,
): boolean {
  if (kind !== 'call' || status !== 'open') return false;
  const purposeOf = (touch: string) =>
    touch === KEEP_IN_TOUCH ? keepInTouch?.purpose : touches.find(({ name }) => name === touch)?.purpose;
  return settles.some(({ orderId, touch }) => orderId === order && purposeOf(touch) === 'selling');
}

/** How many offers a card shows. */
const OFFERS = 3;

async function offersFor(store: Store, pieces: readonly Piece[], rows: TaskRow[]): Promise<Map<string, ToOffer>> {
  if (rows.length === 0) return new Map();
  const theirs = await ownedAndTold(store, [...new Set(rows.map(({ order }) => order.partyId))]);
  const baskets = rows.map(({ order: { partyId, lines } }) => ({
    skus: lines.flatMap(({ sku }) => sku ?? []),
    owned: theirs.get(partyId)!.owned,
  }));
  const together = await oftenBoughtWith(store.db, baskets);
  return new Map(
    rows.map(({ task, order }, index) => {
      const { owned, told } = theirs.get(order.partyId)!;
      return [task.id, { together: together[index], offers: fitting(pieces, order.lines, owned, told) }];
    }),
  );
}

/** The offers that fit what was bought best and are new to them. */
function fitting(pieces: readonly Piece[], lines: OrderLine[], owned: Set<string>, told: Set<string>): Piece[] {
  const offers: Piece[] = [];
  for (let heard = told; offers.length < OFFERS; ) {
    const offer = usefulFor(pieces, 'offer', lines, owned, heard);
    if (!offer) break;
    offers.push(offer);
    heard = new Set([...heard, offer.name]);
  }
  return offers;
}

/** Whose task it was and why it is not theirs, or why it is not on its day. */
function movedFrom(
  { task: { insteadOf, insteadWhy } }: TaskRow,
  own: Settles | undefined,
  story: FollowUpEvent[],
  names: Map<string, string>,
): Moved | null {
  const nameIn = (handle: string) => names.get(handle) ?? handle;
  if (insteadOf !== null) return { to: 'somebody else', whose: nameIn(insteadOf), why: insteadWhy };
  const spilled = story.findLast(
    ({ what, touch, occurrence }) => what === 'spilled' && touch === own?.touch && occurrence === own?.occurrence,
  );
  return spilled ? { to: 'another day', whose: nameIn(spilled.data?.owner ?? ''), why: spilled.why ?? null } : null;
}

function writtenFor({ touch, occurrence }: Settles, reason: string, story: FollowUpEvent[]): string[] {
  const texts = (events: FollowUpEvent[]) => events.flatMap(({ text }) => text ?? []);
  if (touch === TALK) return texts(story.filter((event) => event.touch === TALK));
  if (isOfComplaint(touch)) {
    const number = aboutOf(occurrence);
    const own = story.filter((event) => complaintMeant(event) === number);
    if (touch === 'complaint-approval') {
      const made = own.findIndex((event) => event.touch === touch && event.occurrence === occurrence);
      return texts(own.slice(0, made).filter(({ what }) => what === 'remedy-asked')).slice(-1);
    }
    const told = own.filter(
      ({ what, why }) => what === 'complained' || what === 'heard' || (what === 'outcome' && why === 'complaint'),
    );
    return [...texts(told), ...(touch === 'complaint-fix' ? remediesIn(own) : [])];
  }
  if (reason === 'complaint') {
    const told = story.filter(({ what }) => what === 'complained');
    // A complaint may be told in several goes; those that follow the first are about the same one until it is closed.
    return texts(told.slice(Math.max(aboutOf(occurrence) - 1, 0)));
  }
  return [];
}

/** What was offered and asked for about a complaint, with the manager's word and what they wrote to it. */
export const remediesIn = (story: FollowUpEvent[]): string[] =>
  story.flatMap(({ what, why, text }, index) => {
    const became = what === 'remedy-offered' && why === 'granted' ? 'granted' : what;
    if (!Object.hasOwn(REMEDY_WORDS, became)) return [];
    // The manager's task came out just before.
    const { touch, text: wrote } = story[index - 1] ?? {};
    const words = touch === 'complaint-approval' && wrote ? ` They wrote: ${wrote}` : '';
    return [`${text}: ${REMEDY_WORDS[became]}${words}`];
  });

const REMEDY_WORDS: Record<string, string> = {
  'remedy-asked': 'the manager was asked.',
  'remedy-offered': 'it is offered.',
  'remedy-refused': 'the manager did not agree.',
  granted: 'the manager agreed, and it is offered.',
};

/** An answer that somebody sees to, as it stands now, with what it answers. */
export interface SeenTo extends AnswerRow {
  survey: Survey;
  /** The score that was a complaint, where they have changed it to one that is none. */
  before: Pick<Answer, 'nps' | 'csat'> | null;
}

/** The answers that are part of one of an order's complaints by their scores. */
export const answersIn = (
  number: number,
  story: FollowUpEvent[],
  answers: AnswerRow[],
  rules: ComplaintRules,
  surveys: Surveys,
): SeenTo[] =>
  answers.flatMap((row) => {
    const told = complainedBy(story, row.orderer, row.answer);
    if (told === undefined || complaintMeant(told) !== number) return [];
    const { score = null, csat = null } = told.data!;
    const before = isAComplaint(rules, row.answer) ? null : { nps: score, csat };
    return [{ ...row, survey: surveys.in(row.answer.survey, 'en'), before }];
  });

/** The same of what a task settles: of a complaint's step, or of the call about a low score. */
function answersFor(
  { touch, occurrence, orderId }: Settles,
  playbook: Playbook,
  story: FollowUpEvent[],
  all: AnswerRow[],
  surveys: Surveys,
): SeenTo[] {
  const answers = all.filter(({ answer }) => answer.orderId === orderId);
  const about = aboutOf(occurrence);
  if (isOfComplaint(touch)) return answersIn(about, story, answers, playbook.complaints, surveys);
  if (!recovers(playbook, touch)) return [];
  // The first low score has the number 0 there.
  const low = [...followUpOf(story).answers].find(([, answered]) => answered.low === (about || 1));
  return answers
    .filter(({ answer }) => answer.survey === low?.[0])
    .map((row) => ({ ...row, survey: surveys.in(row.answer.survey, 'en'), before: null }));
}

const recovers = ({ touches }: Playbook, touch: string) => touches.some((one) => one.name === touch && isRecovery(one));

/** What was bought, in a few words. */
export const productsOf = (lines: { name: string | null }[]) =>
  lines
    .flatMap(({ name }) => name ?? [])
    .slice(0, 3)
    .join(', ');

/** What a customer is called where there is no name. */
export const nameOf = ({ erasedAt, name, companyName, email, externalId }: Customer) =>
  erasedAt !== null ? 'Erased customer' : (name ?? companyName ?? email ?? externalId);

/** How many days of the calendar lie between two instants, where somebody lives; short ones in a demonstration. */
export const daysApart = (from: Instant, to: Instant, zone: string, calendar: Calendar): number =>
  isDemonstration(calendar)
    ? Math.round((to - from) / calendar.dayMs)
    : (Date.parse(localDay(to, zone)) - Date.parse(localDay(from, zone))) / DAY;

/** `1 day`, `3 days`, whichever way. */
export const daysInWords = (days: number) => counted(Math.abs(days), 'day');

const counted = (count: number, unit: string) => `${count} ${unit}${count === 1 ? '' : 's'}`;

/** How long it is since something, in the largest whole unit: `3 years`, `5 months`, `12 days`; null: not even a day. */
export function spanSince(since: Instant, now: Instant): string | null {
  const {
    years = 0,
    months = 0,
    days = 0,
  } = Interval.fromDateTimes(new Date(since), new Date(now)).toDuration(['years', 'months', 'days']).toObject();
  if (years >= 1) return counted(years, 'year');
  if (months >= 1) return counted(months, 'month');
  return days >= 1 ? counted(Math.floor(days), 'day') : null;
}
