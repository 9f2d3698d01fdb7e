import { localDay } from '../../../domain/calendar.ts';
import { type Day, readWritten } from '../../../domain/dates.ts';
import { type Read, shown } from '../../../domain/reading.ts';
import { DAY } from '../../../domain/time.ts';
import { type Absence, absencesFrom, allStaff, type Colleague, dropAbsence, putAbsence } from '../../../store/staff.ts';
import type { View } from '../frame.tsx';
import { Choice, type Failed, Field, formOf, type TakeForm, take } from './form.tsx';

const FORM = 'absence';
/** Farther ahead is a slip of the keyboard. */
const FARTHEST = 3 * 366 * DAY;

/** `POST /settings/absences`: a colleague is going to be away. */
export const takeAbsence: TakeForm = async ({ store, now }, typed) => {
  const errors: Record<string, string> = {};
  const { handle = '', standIn = '' } = typed;
  const today = localDay(now(), store.settings.zone);
  const there = (await allStaff(store)).filter(({ leftAt }) => leftAt === null);
  const nameOf = (one: string) => there.find((each) => each.handle === one)?.name;
  if (!nameOf(handle)) errors.handle = 'Choose who is away.';
  const from = take(errors, 'from', 'The first day', readDay(typed.from ?? ''));
  const to = take(errors, 'to', 'The last day', readDay(typed.to ?? ''));
  const last = localDay(now() + FARTHEST, store.settings.zone);
  if (from && to && to < from) errors.to = 'The last day comes before the first; allowed: the same day or a later one.';
  else if (to && to < today) errors.to = `The last day is over; allowed: ${today} or later.`;
  else if (to && to > last) errors.to = `The last day is more than three years ahead; allowed: up to ${last}.`;
  if (standIn && standIn === handle) errors.standIn = 'Nobody stands in for themselves; choose another, or nobody.';
  else if (standIn && !nameOf(standIn)) errors.standIn = 'Choose who stands in, or nobody.';
  if (from === null || to === null || Object.keys(errors).length > 0) return { form: FORM, errors };
  const known = (await absencesFrom(store, today)).find(
    (one) => one.handle === handle && one.from <= to && from <= one.to,
  );
  if (known)
    return { form: FORM, errors: { from: `${nameOf(handle)} is away from ${known.from} to ${known.to} already.` } };
  const moved = await putAbsence(store, { handle, from, to, standIn: standIn || null }, now());
  return { saved: `away-${moved}-${handle}` };
};

function readDay(text: string): Read<Day> {
  const read = readWritten(text);
  if (text.trim() === '') return { wrong: 'is missing; allowed: a day, as 2026-11-02' };
  if ('wrong' in read) return read;
  return read.value.hasTime ? { wrong: `is ${shown(text)}; allowed: a day, as 2026-11-02` } : { value: read.value.day };
}

/** `POST /settings/absences/over`: a colleague is back, or does not go. */
export const takeReturn: TakeForm = async ({ store }, { id = '' }) => {
  const handle = /^\d{1,15}$/.test(id) ? await dropAbsence(store, Number(id)) : null;
  return { saved: handle === null ? 'yes' : `back-0-${handle}` };
};

/** Who is going to be away, and a form for one more. */
export const Absences = ({
  view,
  there,
  absences,
  failure,
}: {
  view: View;
  there: Colleague[];
  absences: Absence[];
  failure?: Failed;
}) => {
  const form = formOf(FORM, {}, failure);
  const people = there.map(({ handle, name }) => [handle, name] as const);
  return (
    <>
      {absences.length > 0 && (
        <ul class="plain away">
          {absences.map((one) => (
            <li>
              <Away one={one} among={absences} view={view} people={new Map(people)} />
            </li>
          ))}
        </ul>
      )}
      <details open={failure?.form === FORM}>
        <summary>Somebody is going to be away</summary>
        <form method="post" action="/settings/absences">
          <Choice form={form} name="handle" label="Who" of={[['', 'Choose'], ...people]} />
          <Field form={form} name="from" label="First day away" type="date" required />
          <Field form={form} name="to" label="Last day away" type="date" required />
          <Choice
            form={form}
            name="standIn"
            label="Who stands in"
            of={[['', 'Nobody named: the team, else the default owner'], ...people]}
          />
          <button type="submit" class="secondary">
            Save
          </button>
        </form>
      </details>
    </>
  );
};

const Away = ({
  one,
  among,
  view: { show, now, web },
  people,
}: {
  one: Absence;
  among: Absence[];
  view: View;
  people: Map<string, string>;
}) => {
  const begun = one.from <= localDay(now, web.store.settings.zone);
  const date = (day: Day) => show.in('UTC').day(Date.parse(day));
  const name = people.get(one.handle) ?? one.handle;
  const standIn = one.standIn && (people.get(one.standIn) ?? one.standIn);
  const both = among.find(({ handle, from, to }) => handle === one.standIn && from <= one.to && one.from <= to);
  return (
    <>
      <strong>{name}</strong>: {date(one.from)}
      {one.to !== one.from && ` to ${date(one.to)}`}
      <br />
      <span class="quiet small">
        {standIn ? `${standIn} stands in.` : 'The team stands in, else the default owner.'}
      </span>
      {both && (
        <span class="late small">
          {' '}
          {standIn} is away too, from {date(both.from)} to {date(both.to)}: in these days whoever stands in for{' '}
          {standIn} has the tasks.
        </span>
      )}
      <form method="post" action="/settings/absences/over" class="inline">
        <input type="hidden" name="id" value={String(one.id)} />
        <button type="submit" class="secondary outline" aria-label={`${name} ${begun ? 'is back' : 'does not go'}`}>
          {begun ? 'Is back' : 'Does not go'}
        </button>
      </form>
    </>
  );
};
