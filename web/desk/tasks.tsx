import type { Context } from 'hono';
import { DateTime } from 'luxon';
import { isDemonstration } from '../../domain/calendar.ts';
import { awaited } from '../../domain/complaint.ts';
import type { Fault } from '../../domain/reading.ts';
import { OUTCOMES_OF } from '../../domain/task.ts';
import { listOrders, readTask, type TaskRow, tasksOf, tasksToday } from '../../store/desk.ts';
import { allStaff, type Colleague } from '../../store/staff.ts';
import { takeOutcome } from '../../store/tasks.ts';
import { readTaskReport } from '../taskReport.ts';
import { errorsOf, filled, readForm } from '../ui/forms.ts';
import type { Errors } from '../ui/layout.tsx';
import { KIND_WORDS, QUOTE_WORDS, reasonInWords } from '../ui/words.ts';
import type { Web } from '../web.ts';
import { back, saidOf } from './back.ts';
import { TaskCard } from './card.tsx';
import { FirstOrder } from './firstOrder.tsx';
import { cursorIn, Filter, Frame, More, type View, viewOf, Wrong } from './frame.tsx';
import { noSuchPage } from './noSuchPage.tsx';
import { Praise } from './quotes.tsx';
import { nameOf, type TaskView, taskViews } from './taskView.ts';

/** Which tasks are shown. */
const SHOWN = { open: 'All open', due: 'Due by tonight', done: 'Done' } as const;
type Shown = keyof typeof SHOWN;

interface Chosen {
  owner: string;
  team: string;
  show: Shown;
}

/** `GET /`: the tasks, by due time. */
export const showTasks = (web: Web) => async (c: Context) => {
  const { owner = '', team = '', show = '', after = '' } = c.req.query();
  const view = viewOf(web, c);
  const colleagues = await allStaff(web.store);
  const chosen: Chosen = {
    owner: colleagues.some(({ handle }) => handle === owner) ? owner : '',
    team: colleagues.some((one) => one.team === team) ? team : '',
    show: (show in SHOWN ? show : 'open') as Shown,
  };
  const [{ items, next }, today] = await Promise.all([
    load(web, colleagues, chosen, cursorIn(after)),
    tasksToday(web.store, view.now),
  ]);
  const tasks = await taskViews(web, items, view.show);
  const whose = colleagues.find(({ handle }) => handle === chosen.owner);
  const anyOrder = tasks.length > 0 || (await listOrders(web.store, {}, 1)).items.length > 0;
  return c.html(
    <Frame view={view} title="Tasks" said={await saidOf(web, c)}>
      {anyOrder && <TaskFilter view={view} colleagues={colleagues} chosen={chosen} today={today} />}
      {tasks.length > 0 ? (
        groupsOf(web, tasks, chosen.show).map(([heading, some]) => (
          <TaskList heading={heading} tasks={some} view={view} />
        ))
      ) : (
        <NoTasks web={web} anyOrder={anyOrder} />
      )}
      <More path="/" query={filled({ ...chosen })} next={next} />
      {whose && <Praise view={view} of={whose} />}
    </Frame>,
  );
};

function load(web: Web, colleagues: Colleague[], { owner, team, show }: Chosen, cursor: string | undefined) {
  const chosen = colleagues.filter((one) => (!owner || one.handle === owner) && (!team || one.team === team));
  const owners = owner || team ? chosen.map(({ handle }) => handle) : undefined;
  if (show === 'done') return tasksOf(web.store, { status: 'done', owners, cursor });
  return tasksOf(web.store, { status: 'open', owners, due: show === 'due' ? tonight(web) : undefined, cursor });
}

const tonight = ({ store: { calendar }, now }: Web) =>
  isDemonstration(calendar)
    ? now() + calendar.dayMs
    : DateTime.fromMillis(now(), { zone: calendar.zone }).endOf('day').toMillis();

/** What is overdue, due today and later, as far as there is any; what is done stands together. */
function groupsOf(web: Web, tasks: TaskView[], show: Shown): [string, TaskView[]][] {
  if (show === 'done') return [[SHOWN.done, tasks]];
  const now = web.now();
  const night = tonight(web);
  const due = (from: number, to: number) => tasks.filter(({ task }) => task.dueAt >= from && task.dueAt < to);
  const groups: [string, TaskView[]][] = [
    ['Overdue', due(0, now)],
    ['Today', due(now, night + 1)],
    ['Later', due(night + 1, Number.POSITIVE_INFINITY)],
  ];
  return groups.filter(([, some]) => some.length > 0);
}

interface Filters {
  view: View;
  colleagues: Colleague[];
  chosen: Chosen;
  today: Map<string, number>;
}

const TaskFilter = ({ view, colleagues, chosen, today }: Filters) => {
  const teams = [...new Set(colleagues.flatMap(({ team }) => team ?? []))].sort();
  return (
    <Filter path="/" label="Tasks">
      <label>
        Owner, and tasks today
        <select name="owner">
          <option value="">Everybody</option>
          {colleagues.map((one) => (
            <option value={one.handle} selected={one.handle === chosen.owner}>
              {one.name}
              {loadOf(view.web, one, today)}
            </option>
          ))}
        </select>
      </label>
      {teams.length > 0 && (
        <label>
          Team
          <select name="team">
            <option value="">Every team</option>
            {teams.map((team) => (
              <option value={team} selected={team === chosen.team}>
                {team}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        Which
        <select name="show">
          {Object.entries(SHOWN).map(([name, words]) => (
            <option value={name} selected={name === chosen.show}>
              {words}
            </option>
          ))}
        </select>
      </label>
    </Filter>
  );
};

/** How many tasks a colleague has today, and of how many at most; in a demonstration there is no limit. */
function loadOf({ store }: Web, { handle, tasksPerDay, leftAt }: Colleague, today: Map<string, number>): string {
  if (leftAt !== null) return ' (has left)';
  if (isDemonstration(store.calendar)) return '';
  const most = tasksPerDay ?? store.settings.tasksPerDay;
  return ` (${today.get(handle) ?? 0}${most === null ? '' : ` of ${most}`})`;
}

const TaskList = ({ heading, tasks, view }: { heading: string; tasks: TaskView[]; view: View }) => (
  <section aria-labelledby={heading}>
    <h2 id={heading}>{heading}</h2>
    <ul class="tasks">
      {tasks.map((task) => (
        <li>
          <TaskCard task={task} view={view} level={3} />
        </li>
      ))}
    </ul>
  </section>
);

const NoTasks = ({ web, anyOrder }: { web: Web; anyOrder: boolean }) =>
  anyOrder ? (
    <p>
      There is nothing to do here. Tasks come by themselves when they fall due: the <a href="/orders">orders</a> show
      what lies ahead.
    </p>
  ) : (
    <FirstOrder web={web} />
  );

/** `GET /tasks/{id}`: one task by itself. */
export const showTask = (web: Web) => async (c: Context) => {
  const row = await readTask(web.store, c.req.param('id') ?? '');
  if (!row) return noSuchPage(web, c);
  return c.html(<TaskPage view={viewOf(web, c)} task={await viewed(web, c, row)} said={await saidOf(web, c)} />);
};

const viewed = async (web: Web, c: Context, row: TaskRow) => (await taskViews(web, [row], viewOf(web, c).show))[0];

const TaskPage = ({
  view,
  task,
  said,
  typed,
  errors = {},
}: {
  view: View;
  task: TaskView;
  said?: string | null;
  typed?: Record<string, string>;
  errors?: Errors;
}) => (
  <Frame view={view} title={`${nameOf(task.customer)}, ${task.order.source}/${task.order.number}`} said={said}>
    <Wrong errors={Object.values(errors)} />
    <TaskCard task={task} view={view} open typed={typed} errors={errors} />
  </Frame>
);

const LABELS = {
  note: 'The note',
  callBackAt: 'The time to call back',
  outcome: 'The outcome',
  nps: 'The score',
  csat: 'The score',
  ...QUOTE_WORDS,
};

/** The API has the answers in an object of their own, the form beside the other fields. */
const atItsField = ({ path, message }: Fault): Fault => ({ path: path.replace(/^answers\./, ''), message });

/** `POST /tasks/{id}/outcome`: takes how it came out, and leads back to where it was said. */
export const takeTaskOutcome = (web: Web) => async (c: Context) => {
  const id = c.req.param('id') ?? '';
  const row = await readTask(web.store, id);
  if (!row) return noSuchPage(web, c);
  const typed = await readForm(c);
  const again = async (errors: Errors) => {
    const task = await viewed(web, c, row);
    return c.html(<TaskPage view={viewOf(web, c)} task={task} typed={typed} errors={errors} />, 422);
  };
  const now = web.now();
  const read = await readTaskReport(web, id, reportOf(typed), now);
  if (!read.ok) return again(errorsOf(read.errors.map(atItsField), LABELS));
  const told = await takeOutcome(web.store, id, read.outcome, now);
  switch (told.answer) {
    case 'taken':
    case 'known':
      return back(c, typed.back, 'recorded', id);
    case 'closed':
      return back(c, typed.back, 'closed', id);
    case 'awaited':
      return again({ outcome: `${awaited(told.word)}.` });
    case 'unfit': {
      const kind = `${KIND_WORDS[row.task.kind]} (${reasonInWords(row.task.reason)})`;
      return again({
        outcome: `"${typed.outcome}" is no outcome of ${kind}; allowed: ${OUTCOMES_OF[told.kind].join(', ')}.`,
      });
    }
    case 'missing':
      return noSuchPage(web, c);
  }
};

/** The form as the API would have it. */
function reportOf(form: Record<string, string>) {
  const { id, outcome, note, callBackAt, nps, csat, benefit, better, ...rest } = filled(form);
  const own = Object.entries(rest).flatMap(([name, value]) =>
    name.startsWith('own.') ? [[name.slice(4), value]] : [],
  );
  const figure = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  const answers = { nps: figure(nps), csat: figure(csat), benefit, better };
  const said = own.length > 0 || Object.values(answers).some((value) => value !== undefined);
  return {
    id,
    outcome,
    note,
    callBackAt: outcome === 'call-back' ? callBackAt : undefined,
    answers: said ? { ...answers, own: Object.fromEntries(own) } : undefined,
  };
}
