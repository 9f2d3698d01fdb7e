import { readPause } from '../../../domain/pause.ts';
import { type Pause, pauseEverything, resumeEverything } from '../../../store/pauses.ts';
import { errorsOf } from '../../ui/forms.ts';
import { fieldTime } from '../../ui/show.ts';
import { At, ended, type View } from '../frame.tsx';
import { type Failed, Field, type Form, formOf, type TakeForm } from './form.tsx';

const FORM = 'pause';

/** `POST /settings/pause`: everything waits, or waits for another end. */
export const takePause: TakeForm = async ({ store, now }, { until = '', why = '' }) => {
  const at = now();
  const read = readPause({ until, why }, at, store.settings.zone);
  if (!read.ok) return { form: FORM, errors: errorsOf(read.errors, { until: 'The end', why: 'The reason' }) };
  return { saved: `paused-${await pauseEverything(store, read.pause, at)}` };
};

/** `POST /settings/pause/over`: everything goes on. */
export const takeResume: TakeForm = async ({ store }) => ({ saved: `resumed-${await resumeEverything(store)}` });

/** The pause that is on, with what waits for its end; else a form to begin one. */
export const PauseEverything = ({
  view,
  pause,
  waiting,
  failure,
}: {
  view: View;
  pause: Pause | null;
  waiting: number;
  failure?: Failed;
}) => {
  const { zone } = view.show;
  const there = pause ? { until: fieldTime(pause.until, zone), why: pause.why } : {};
  const form = formOf(FORM, there, failure);
  return (
    <section aria-labelledby="pause">
      <h2 id="pause">Pause for everything</h2>
      {pause && (
        <>
          <p>
            Everything waits until <At at={pause.until} show={view.show} />: {ended(pause.why)}{' '}
            {waiting > 0 &&
              `${view.show.number(waiting)} ${waiting === 1 ? 'follow-up was' : 'follow-ups were'} put off by it so far.`}
          </p>
          <form method="post" action="/settings/pause/over" class="inline">
            <button type="submit">Go on now</button>
          </form>
        </>
      )}
      <details open={failure?.form === FORM}>
        <summary>{pause ? 'Another end or reason' : 'Something has happened: let everything wait'}</summary>
        <p class="quiet small">
          No mail goes out and no task is made before the end; orders are taken as ever. What fell due meanwhile comes
          afterwards, spread over two hours, or is passed over where it would be too late. Complaints and customers who
          want to buy are seen to all the same.
        </p>
        <PauseForm form={form} zone={zone} again={pause !== null} />
      </details>
    </section>
  );
};

const PauseForm = ({ form, zone, again }: { form: Form; zone: string; again: boolean }) => (
  <form method="post" action="/settings/pause">
    <Field form={form} name="until" label={`Until when (${zone})`} type="datetime-local" required />
    <Field form={form} name="why" label="Why, for colleagues" maxlength={200} required />
    <button type="submit" class="secondary">
      {again ? 'Save' : 'Let everything wait'}
    </button>
  </form>
);
