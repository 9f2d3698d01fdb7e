import type { Child } from 'hono/jsx';
import { OUTCOMES_OF, type Outcome } from '../../domain/task.ts';
import { type Errors, FieldError, wrongness } from '../ui/layout.tsx';
import { fieldTime, phoneInGroups } from '../ui/show.ts';
import { KIND_FOR, outcomeOn, reasonInWords } from '../ui/words.ts';
import { At, orderPath, type View } from './frame.tsx';
import { nameOf, type TaskView } from './taskView.ts';

/** Calls on which the customer may answer the survey. */
const ASKED_ON_CALLS = ['check-in', 'detractor', 'survey-by-phone'];

interface Card {
  task: TaskView;
  view: View;
  /** The level of its heading. */
  level?: 2 | 3;
  /** Shows what to fill in at once. */
  open?: boolean;
  typed?: Record<string, string>;
  errors?: Errors;
}

/** A task: what it is about, whom to reach, what to say, and the buttons for how it came out. */
export const TaskCard = ({ task: row, view, level = 2, open = false, typed = {}, errors = {} }: Card) => {
  const { task, customer, script, wrote } = row;
  const title = `${KIND_FOR[task.kind]} ${nameOf(customer)}`;
  return (
    <article class="task">
      <header>
        {level === 2 ? <h2>{title}</h2> : <h3>{title}</h3>} <State row={row} view={view} />
      </header>
      <p>
        <strong>{reasonInWords(task.reason)}</strong>
      </p>
      <Facts row={row} view={view} />
      {wrote.map((text) => (
        <blockquote>{text}</blockquote>
      ))}
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

const State = ({ row: { task }, view: { now } }: { row: TaskView; view: View }) => {
  if (task.status === 'cancelled') return <span class="badge">No longer needed</span>;
  if (task.status === 'done') return <span class="badge">{outcomeOn(task.outcome!, task.reason)}</span>;
  return task.dueAt < now ? <span class="badge late">Overdue</span> : null;
};

const Facts = ({ row, view: { show, now } }: { row: TaskView; view: View }) => {
  const { task, order, customer, owner, settles } = row;
  const { bestTime } = customer.preferences;
  const zone = customer.timeZone && customer.timeZone !== show.zone ? customer.timeZone : null;
  const about = [order, ...settles.filter(({ orderId }) => orderId !== task.orderId)];
  return (
    <dl>
      <Fact name="Due">
        {show.ago(task.dueAt, now)}, <At at={task.dueAt} show={show} />
      </Fact>
      {customer.phone && (
        <Fact name="Phone">
          <a href={`tel:${customer.phone}`}>{phoneInGroups(customer.phone)}</a>
          {customer.phoneWrong && <span class="late"> (found to be wrong)</span>}
          {(zone || bestTime) && (
            <span class="quiet">
              {' '}
              (
              {[zone && `${timeIn(zone, now)} there`, bestTime && `best in the ${bestTime}`].filter(Boolean).join(', ')}
              )
            </span>
          )}
        </Fact>
      )}
      {customer.email && !customer.phone && (
        <Fact name="E-mail">
          <a href={`mailto:${customer.email}`}>{customer.email}</a>
        </Fact>
      )}
      {customer.name && customer.companyName && <Fact name="Company">{customer.companyName}</Fact>}
      <Fact name="Order">
        {about.map((one, index) => (
          <>
            {index > 0 && ', '}
            <a href={orderPath(one)}>
              {one.source}/{one.number}
            </a>
          </>
        ))}
      </Fact>
      <Fact name="Owner">{owner.name}</Fact>
    </dl>
  );
};

const Fact = ({ name, children }: { name: string; children?: Child }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

const timeIn = (zone: string, now: number) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(now);

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

const OutcomeForm = ({ row: { task }, view, typed, errors, open }: Form & { open: boolean }) => {
  const of = (name: string) => `${name}-${task.id}`;
  const asks = ASKED_ON_CALLS.includes(task.reason);
  return (
    <form method="post" action={`/tasks/${task.id}/outcome`}>
      <Hidden view={view} typed={typed} />
      <details open={open}>
        <summary>{asks ? 'Add a note, or what they answered' : 'Add a note'}</summary>
        <label for={of('note')}>Note</label>
        <textarea id={of('note')} name="note" rows={2} {...wrongness(errors, 'note', of('note'))}>
          {typed.note}
        </textarea>
        <FieldError errors={errors} name="note" of={of('note')} />
        {asks && <Answers of={of} typed={typed} />}
      </details>
      <fieldset class="buttons">
        <legend class="small quiet">How did it come out?</legend>
        {OUTCOMES_OF[task.kind]
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

const Answers = ({ of, typed }: { of: (name: string) => string; typed: Record<string, string> }) => (
  <>
    <label for={of('nps')}>How likely are they to recommend us?</label>
    <select id={of('nps')} name="nps">
      <option value="">Not asked</option>
      {Array.from({ length: 11 }, (_, score) => (
        <option value={score} selected={typed.nps === String(score)}>
          {score}
        </option>
      ))}
    </select>
    <label for={of('benefit')}>How did it benefit them? In their words</label>
    <textarea id={of('benefit')} name="benefit" rows={2}>
      {typed.benefit}
    </textarea>
    <label for={of('better')}>What could be better? In their words</label>
    <textarea id={of('better')} name="better" rows={2}>
      {typed.better}
    </textarea>
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
