import type { Child } from 'hono/jsx';
import { phoneInGroups } from '../../domain/address.ts';
import { everyDay, isDemonstration, isOpen } from '../../domain/calendar.ts';
import { isOfComplaint } from '../../domain/complaint.ts';
import type { Pledge } from '../../domain/followUp.ts';
import { APPROVE, NOT_DONE } from '../../domain/playbook.ts';
import { LONGEST_TEXT } from '../../domain/reading.ts';
import { NPS, QUOTES, type Survey } from '../../domain/survey.ts';
import { OUTCOMES_OF, type Outcome, REPLY } from '../../domain/task.ts';
import { zoneOf } from '../../domain/zones.ts';
import type { Store } from '../../store/database.ts';
import type { Known } from '../../store/desk.ts';
import type { Customer } from '../../store/followUps.ts';
import type { Task } from '../../store/tasks.ts';
import { type Errors, FieldError, FreeText, wrongness } from '../ui/layout.tsx';
import { QuestionField } from '../ui/questions.tsx';
import { agreed, fieldTime, type Show } from '../ui/show.ts';
import {
  EVIDENCE_WORDS,
  KIND_FOR,
  outcomeOn,
  PLEDGE_WORDS,
  QUOTE_WORDS,
  reasonInWords,
  scoresInWords,
  sentence,
} from '../ui/words.ts';
import { Giving } from './answer.tsx';
import { At, complaintPath, customerPath, mailPath, orderPath, type View } from './frame.tsx';
import { Replies } from './replies.tsx';
import { ONLY_IF } from './script.ts';
import {
  daysApart,
  daysInWords,
  type Moved,
  nameOf,
  productsOf,
  spanSince,
  type TaskView,
  type ToOffer,
} from './taskView.ts';

/** Calls about something else on which the customer may say what the survey asks. */
const ASKED_ON_CALLS = ['check-in', 'detractor'];

interface Card {
  task: TaskView;
  view: View;
  /** The level of its heading. */
  level?: 2 | 3;
  /** Leaves out what is known of the customer and was promised with the order, where the page says so. */
  brief?: boolean;
  /** Shows what to fill in at once. */
  open?: boolean;
  typed?: Record<string, string>;
  errors?: Errors;
}

/** A task: what it is about, whom to reach, what to say, and the buttons for how it came out. */
export const TaskCard = ({
  task: row,
  view,
  level = 2,
  brief = false,
  open = false,
  typed = {},
  errors = {},
}: Card) => {
  const { task, order, customer, script, answers, wrote, replies, known, toOffer, mail, complaint } = row;
  const title = `${KIND_FOR[task.kind]} ${nameOf(customer)}`;
  return (
    <article class="task">
      <header>
        {level === 2 ? <h2>{title}</h2> : <h3>{title}</h3>} <State row={row} view={view} />
      </header>
      <p>
        <strong>{reasonInWords(task.reason)}</strong>
        {mail && (
          <>
            {' '}
            <a href={mailPath(order, mail)}>{sentence(mail.touch)}, as it would be sent</a>
          </>
        )}
        {complaint && (
          <>
            {' '}
            <a href={complaintPath({ id: complaint })}>The complaint, step by step</a>
          </>
        )}
      </p>
      <Promises row={row} view={view} brief={brief} />
      <Facts row={row} view={view} />
      {!brief && (
        <dl>
          {knownFacts(known, order.currency, view).map(([name, said]) => (
            <Fact name={name}>{said}</Fact>
          ))}
        </dl>
      )}
      {answers.map((one) => (
        <Giving of={one} who={customer.id} />
      ))}
      {wrote.map((text) => (
        <blockquote>{text}</blockquote>
      ))}
      {task.reason === REPLY && <Replies mails={replies} task={task} order={order} />}
      {toOffer && <Offers toOffer={toOffer} />}
      {script.length > 0 && (
        <details open={open || task.kind !== 'call'}>
          <summary>{task.kind === 'call' ? 'What to say' : 'What to do'}</summary>
          <ul class="script">
            {script.map((line) => (
              <li>{line}</li>
            ))}
          </ul>
        </details>
      )}
      {task.status === 'open' && (
        <>
          <OutcomeForm row={row} view={view} typed={typed} errors={errors} open={open} />
          {OUTCOMES_OF[task.kind].includes('call-back') && (
            <CallBackForm row={row} view={view} typed={typed} errors={errors} />
          )}
        </>
      )}
      {task.status !== 'open' && task.note && <p>{task.note}</p>}
    </article>
  );
};

const State = ({ row: { task, moved }, view: { now } }: { row: TaskView; view: View }) => {
  if (task.status === 'cancelled') return <span class="badge">No longer needed</span>;
  if (task.status === 'done') return <span class="badge">{outcomeOn(task.outcome!, task.reason)}</span>;
  return (
    <>
      {task.dueAt < now && <span class="badge late">Overdue</span>}{' '}
      {moved && <span class="badge">{moved.to === 'another day' ? 'Moved' : `For ${moved.whose}`}</span>}
    </>
  );
};

const Facts = ({ row, view: { show, now, web } }: { row: TaskView; view: View }) => {
  const { task, order, customer, owner, orderer, settles, moved, zone } = row;
  const { bestTime } = customer.preferences;
  const about = [order, ...settles.filter(({ orderId }) => orderId !== task.orderId)];
  return (
    <dl>
      <Fact name="Due">
        {show.ago(task.dueAt, now)}, <At at={task.dueAt} show={show} />
        {moved?.to === 'another day' && <span class="quiet"> ({movedInWords(moved)})</span>}
      </Fact>
      <Fact name="Customer">
        <Person of={customer} />
        {customer.name && customer.companyName && `, ${customer.companyName}`}
        {orderer && (
          <span class="quiet">
            {' '}
            (ordered by <Person of={orderer} />)
          </span>
        )}
      </Fact>
      {customer.phone && (
        <Fact name="Phone">
          <a href={`tel:${customer.phone}`}>{phoneInGroups(customer.phone)}</a>
          {customer.phoneWrong && <span class="late"> (found to be wrong)</span>}
        </Fact>
      )}
      {customer.phone && task.kind === 'call' && (zone !== show.zone || bestTime) && (
        <Fact name="Time there">
          {timeThere(show, zone, now)}
          {!mayBeCalled(web.store, zone, now) && <span class="late"> (too early or too late to call now)</span>}
          {bestTime && `, best in the ${bestTime}`}
        </Fact>
      )}
      {customer.email && !customer.phone && (
        <Fact name="E-mail">
          <a href={`mailto:${customer.email}`}>{customer.email}</a>
        </Fact>
      )}
      <Fact name="Order">
        {about.map((one, index) => (
          <>
            {index > 0 && ', '}
            <OrderLink order={one} />
          </>
        ))}
      </Fact>
      <Fact name="Owner">
        {owner.name}
        {moved?.to === 'somebody else' && <strong> ({movedInWords(moved)})</strong>}
      </Fact>
    </dl>
  );
};

const Person = ({ of }: { of: Customer }) => (
  <>
    <a href={customerPath(of)}>{nameOf(of)}</a>
    {of.role && ` (${of.role})`}
  </>
);

/** Why somebody else has it, or why it is due on another day. Who stands in may have a full day too. */
function movedInWords({ to, whose, why }: Moved): string {
  if (to === 'another day') return why === 'away' ? `${whose} is away until then` : `${whose} had a full day before`;
  return why === 'day-full' ? `${whose}'s day is full` : `for ${whose}, who is away`;
}

/** The time where the customer is, with the day where it is another one. */
function timeThere(show: Show, zone: string, now: number): string {
  const there = show.in(zone);
  return there.day(now) === show.day(now) ? there.time(now) : there.when(now);
}

/** Whether the customer's clocks show a time at which calls may reach anybody. */
const mayBeCalled = ({ settings, calendar }: Store, zone: string, now: number) => {
  const { from, to } = settings.quiet.call;
  return isDemonstration(calendar) || isOpen(now, { zone, week: everyDay(from, to), place: null, away: [] });
};

const Promises = ({ row, view, brief }: { row: TaskView; view: View; brief: boolean }) => {
  const { promisedBefore, orderer, customer, settles } = row;
  const promises = row.promises.filter(({ order }) => !brief || order.id !== row.order.id);
  const zone = zoneOf(orderer ?? customer, view.web.store.calendar.zone);
  const several = new Set(settles.map(({ orderId }) => orderId)).size > 1;
  if (promises.length === 0 && promisedBefore.length === 0) return null;
  return (
    <ul class="plain">
      {promises.map(({ order, promise }) => (
        <li>
          We promised: <Pledged promise={promise} view={view} zone={zone} />
          {several && <InOrder order={order} />}
        </li>
      ))}
      {promisedBefore.map(({ order, promise }) => (
        <li class="quiet">
          Promised before: <Pledged promise={promise} view={view} zone={zone} />
          <InOrder order={order} />
        </li>
      ))}
    </ul>
  );
};

const InOrder = ({ order }: { order: { source: string; number: string } }) => (
  <span class="small">
    {' '}
    (<OrderLink order={order} />)
  </span>
);

/** A promise with its dates as the customer counts them, what became of it and what shows that. */
export const Pledged = ({ promise, view, zone }: { promise: Pledge; view: View; zone: string }) => {
  const { what, by, expected, state, settledAt, evidence } = promise;
  const { show, now, web } = view;
  const { calendar } = web.store;
  const margin = expected === undefined ? 0 : daysApart(expected, by, zone, calendar);
  const early = settledAt === null ? 0 : daysApart(settledAt, by, zone, calendar);
  return (
    <>
      {what}, by {agreed(by, show, zone)}
      {expected !== undefined && (
        <span class="quiet">
          {' '}
          (expected {agreed(expected, show, zone)}
          {margin !== 0 && `: ${daysInWords(margin)} ${margin > 0 ? 'in hand' : 'too late'}`})
        </span>
      )}
      : <strong class={state === 'broken' ? 'late' : ''}>{PLEDGE_WORDS[state]}</strong>
      {state === 'open' && (expected ?? by) < now && (
        <span class="late"> ({by < now ? 'the day is over' : 'at risk: expected before now'})</span>
      )}
      {settledAt !== null && (
        <span class="quiet small">
          {' '}
          (<At at={settledAt} show={show} />
          {state === 'beaten' && `, ${daysInWords(early)} early`}
          {state === 'broken' && evidence === 'event' && early < 0 && `, ${daysInWords(early)} late`}
          {evidence && `; ${EVIDENCE_WORDS[evidence]}`})
        </span>
      )}
    </>
  );
};

/** What is known of the customer from before, as names and what is said under them. */
export function knownFacts(known: Known, currency: string, { show, now }: View): [string, Child][] {
  const { nth, since, value, last, score, quote } = known;
  const span = spanSince(since, now);
  const soFar = `${span ? `customer for ${span}, ` : ''}${show.money(value, currency)} so far`;
  return [
    ['Known', nth > 1 ? `Order no. ${nth} of theirs; ${soFar}` : 'Their first order'],
    ...facts(last, (order) => [
      'Last order',
      <>
        <OrderLink order={order} />, {show.day(order.placedAt)}
        {productsOf(order.lines) && `: ${productsOf(order.lines)}`}
      </>,
    ]),
    ...facts(score, ({ at, ...scores }) => [
      'Last score',
      <>
        <strong>{scoresInWords(scores)}</strong>, {show.ago(at, now)}
      </>,
    ]),
    ...facts(quote, ({ text, at }) => [
      'They said',
      <>
        <q>{text}</q>, {show.ago(at, now)}
      </>,
    ]),
  ];
}

const facts = <T,>(one: T | null, fact: (one: T) => [string, Child]) => (one === null ? [] : [fact(one)]);

const OrderLink = ({ order }: { order: { source: string; number: string } }) => (
  <a href={orderPath(order)}>
    {order.source}/{order.number}
  </a>
);

/** What others often bought with it, and offers that fit; never what they own. */
const Offers = ({ toOffer: { together, offers } }: { toOffer: ToOffer }) =>
  together.length === 0 && offers.length === 0 ? null : (
    <details>
      <summary>What to offer</summary>
      <ul class="script">
        {together.map(({ sku, name, customers }) => (
          <li>
            Often bought with it: <strong>{name ?? sku}</strong>
            <span class="quiet"> ({customers} customers have both)</span>
          </li>
        ))}
        {offers.map(({ title, text }) => (
          <li>
            Offer: <strong>{title}</strong>. {text}
          </li>
        ))}
      </ul>
    </details>
  );

const Fact = ({ name, children }: { name: string; children?: Child }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

interface Form {
  row: TaskView;
  view: View;
  typed: Record<string, string>;
  errors: Errors;
}

/** Where a form leads back to, and an id of its own, so that a second click does nothing. */
const Hidden = ({ view, typed }: { view: View; typed: Record<string, string> }) => (
  <>
    <input type="hidden" name="back" value={typed.back ?? view.here} />
    <input type="hidden" name="id" value={typed.id ?? crypto.randomUUID()} />
  </>
);

const OutcomeForm = ({ row: { task, survey }, view, typed, errors, open }: Form & { open: boolean }) => {
  const of = (name: string) => `${name}-${task.id}`;
  const asked = survey ?? (ASKED_ON_CALLS.includes(task.reason) ? view.web.shelf.surveys.in(NPS, 'en') : null);
  return (
    <form method="post" action={`/tasks/${task.id}/outcome`}>
      <Hidden view={view} typed={typed} />
      <details open={open}>
        <summary>{asked ? 'Add a note, or what they answered' : 'Add a note'}</summary>
        <label for={of('note')}>Note</label>
        <textarea id={of('note')} name="note" rows={2} {...wrongness(errors, 'note', of('note'))}>
          {typed.note}
        </textarea>
        <FieldError errors={errors} name="note" of={of('note')} />
        {asked && <Answers survey={asked} own={survey !== null} of={of} typed={typed} errors={errors} />}
      </details>
      <fieldset class="buttons">
        <legend class="small quiet">How did it come out?</legend>
        {outcomesFor(task)
          .filter((outcome) => outcome !== 'call-back')
          .map((outcome, index) => (
            <button type="submit" name="outcome" value={outcome} class={index === 0 ? '' : 'secondary outline'}>
              {outcomeOn(outcome, task.reason)}
            </button>
          ))}
      </fieldset>
    </form>
  );
};

/** Of what was done for colleagues there is no more to say; of a reply, whether it was answered. */
const outcomesFor = ({ kind, reason }: Task): readonly Outcome[] =>
  [APPROVE, REPLY, NOT_DONE].includes(reason) || (kind === 'other' && isOfComplaint(reason))
    ? ['done', 'skipped']
    : OUTCOMES_OF[kind];

interface Asked {
  survey: Survey;
  /** Its own questions are asked too, not the score alone. */
  own: boolean;
  of: (name: string) => string;
  typed: Record<string, string>;
  errors: Errors;
}

/** What a survey asks, to be filled in while the customer speaks. */
const Answers = ({ survey, own, of, typed, errors }: Asked) => (
  <>
    {survey.questions
      .filter(({ kind }) => own || kind === 'nps' || kind === 'csat')
      .map((question) => (
        <QuestionField
          question={{ ...question, required: false }}
          typed={typed}
          errors={errors}
          optional={question.when === null ? '' : ONLY_IF[question.when].toLowerCase()}
          none="Not asked"
          of={of}
        />
      ))}
    {QUOTES.map((name) => (
      <FreeText
        name={name}
        of={of(name)}
        label={`${QUOTE_WORDS[name]}, in their words`}
        typed={typed[name]}
        longest={LONGEST_TEXT}
        errors={errors}
      />
    ))}
  </>
);

/** A form of its own: it alone needs a time, and no Enter in that field shall record something else. */
const CallBackForm = ({ row: { task }, view, typed, errors }: Form) => {
  const of = (name: string) => `${name}-${task.id}`;
  const outcome: Outcome = 'call-back';
  return (
    <details open={Boolean(errors.callBackAt)}>
      <summary>They want to be called back later</summary>
      <form method="post" action={`/tasks/${task.id}/outcome`}>
        <Hidden view={view} typed={typed} />
        <input type="hidden" name="outcome" value={outcome} />
        <label for={of('callBackAt')}>When ({view.show.zone})</label>
        <input
          id={of('callBackAt')}
          name="callBackAt"
          type="datetime-local"
          min={fieldTime(view.now, view.show.zone)}
          value={typed.callBackAt}
          required
          {...wrongness(errors, 'callBackAt', of('callBackAt'))}
        />
        <FieldError errors={errors} name="callBackAt" of={of('callBackAt')} />
        <label for={of('backNote')}>Note (optional)</label>
        <textarea id={of('backNote')} name="note" rows={2}>
          {typed.note}
        </textarea>
        <button type="submit" class="secondary">
          Call back then
        </button>
      </form>
    </details>
  );
};
