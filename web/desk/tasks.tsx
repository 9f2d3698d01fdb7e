import type { Context } from 'hono';
import { DateTime } from 'luxon';
import { isDemonstration } from '../../domain/calendar.ts';
import { readOutcome } from '../../domain/messages.ts';
import { OUTCOMES_OF } from '../../domain/task.ts';
import { doneTasks, listOrders, readTask } from '../../store/desk.ts';
import { allStaff, type Colleague } from '../../store/staff.ts';
import { listTasks, takeOutcome } from '../../store/tasks.ts';
import { errorsOf, filled, readForm } from '../ui/forms.ts';
import type { Errors } from '../ui/layout.tsx';
import { KIND_WORDS, reasonInWords } from '../ui/words.ts';
import type { Web } from '../web.ts';
import { back, saidOf } from './back.ts';
import { TaskCard } from './card.tsx';
import { FirstOrder } from './firstOrder.tsx';
import { cursorIn, Frame, More, type View, viewOf, Wrong } from './frame.tsx';
import { noSuchPage } from './noSuchPage.tsx';
import { nameOf, type TaskView, taskViews } from './taskView.ts';

/** Which tasks are shown. */
const SHOWN = { open: 'All open', due: 'Due by tonight', done: 'Done' } as const;
type Shown = keyof typeof SHOWN;

/** `GET /`: the tasks, by due time. */
export const showTasks = (web: Web) => async (c: Context) => {
  const { owner = '', show = '', after = '' } = c.req.query();
  const view = viewOf(web, c);
  const colleagues = await allStaff(web.store);
  const chosen = {
    owner: colleagues.some(({ handle }) => handle === owner) ? owner : '',
    show: (show in SHOWN ? show : 'open') as Shown,
  };
  const { items, next } = await load(web, chosen.owner || undefined, chosen.show, cursorIn(after));
  const tasks = await taskViews(web.store, items, view.show);
  const anyOrder = tasks.length > 0 || (await listOrders(web.store, {}, 1)).items.length > 0;
  return c.html(
    <Frame view={view} title="Tasks" said={await saidOf(web, c)}>
      {anyOrder && <Filter colleagues={colleagues} chosen={chosen} />}
      {tasks.length > 0 ? <TaskList tasks={tasks} view={view} /> : <NoTasks web={web} anyOrder={anyOrder} />}
      <More path="/" query={filled(chosen)} next={next} />
    </Frame>,
  );
};

function load(web: Web, owner: string | undefined, show: Shown, cursor: string | undefined) {
  if (show === 'done') return doneTasks(web.store, { owner, cursor });
  const due = show === 'due' ? tonight(web) : undefined;
  return listTasks(web.store, { owner, status: 'open', due, cursor });
}

const tonight = ({ store: { calendar }, now }: Web) =>
  isDemonstration(calendar)
    ? now() + calendar.dayMs
    : DateTime.fromMillis(now(), { zone: calendar.zone }).endOf('day').toMillis();

const Filter = ({ colleagues, chosen }: { colleagues: Colleague[]; chosen: { owner: string; show: Shown } }) => (
  <form method="get" action="/" class="filter" aria-label="Tasks">
    <label>
      Owner
      <select name="owner">
        <option value="">Everybody</option>
        {colleagues.map(({ handle, name }) => (
          <option value={handle} selected={handle === chosen.owner}>
            {name}
          </option>
        ))}
      </select>
    </label>
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
    <button type="submit" class="secondary">
      Show
    </button>
  </form>
);

const TaskList = ({ tasks, view }: { tasks: TaskView[]; view: View }) => (
  <ul class="tasks">
    {tasks.map((task) => (
      <li>
        <TaskCard task={task} view={view} />
      </li>
    ))}
  </ul>
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

const viewed = async (web: Web, c: Context, row: NonNullable<Awaited<ReturnType<typeof readTask>>>) =>
  (await taskViews(web.store, [row], viewOf(web, c).show))[0];

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
  'answers.nps': 'The score',
};

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
  const read = readOutcome(reportOf(typed), now, { zone: web.store.calendar.zone });
  if (!read.ok) return again(errorsOf(read.errors, LABELS));
  const told = await takeOutcome(web.store, id, read.outcome, now);
  switch (told.answer) {
    case 'taken':
    case 'known':
      return back(c, typed.back, 'recorded', id);
    case 'closed':
      return back(c, typed.back, 'closed', id);
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
  const { id, outcome, note, callBackAt, nps, benefit, better } = filled(form);
  return {
    id,
    outcome,
    note,
    callBackAt: outcome === 'call-back' ? callBackAt : undefined,
    answers: nps || benefit || better ? { nps: nps ? Number(nps) : undefined, benefit, better } : undefined,
  };
}
