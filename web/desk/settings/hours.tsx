import type { Hours, Week } from '../../../domain/calendar.ts';
import { type Read, shown } from '../../../domain/reading.ts';
import { FieldError, wrongness } from '../../ui/layout.tsx';
import type { Form, Typed } from './form.tsx';

/** The days of a week, as the rules count them, and what their fields are called. */
const DAYS = [
  ['mon', 'Monday'],
  ['tue', 'Tuesday'],
  ['wed', 'Wednesday'],
  ['thu', 'Thursday'],
  ['fri', 'Friday'],
  ['sat', 'Saturday'],
  ['sun', 'Sunday'],
] as const;

const MIDNIGHT = 24 * 60;

/** Minutes from midnight as a field for a time takes them; the end of a day as midnight. */
const timeOf = (minutes: number) =>
  [Math.floor(minutes / 60) % 24, minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');

function minutesOf(text: string): number | null {
  const match = /^([01]?\d|2[0-4]):([0-5]\d)(?::00)?$/.exec(text);
  const minutes = match ? Number(match[1]) * 60 + Number(match[2]) : MIDNIGHT + 1;
  return minutes <= MIDNIGHT ? minutes : null;
}

/** Reads a part of a day from its two fields; null where both were left empty. Midnight may end it. */
export function readHours(typed: Typed, name: string): Read<Hours | null> {
  const [from, to] = [typed[`${name}-from`] ?? '', typed[`${name}-to`] ?? ''].map((text) => text.trim());
  if (!from && !to) return { value: null };
  if (!from || !to) return { wrong: 'have one time only; allowed: both times, or none' };
  const [begin, end] = [minutesOf(from), minutesOf(to)];
  const odd = begin === null ? from : end === null ? to : null;
  if (begin === null || end === null)
    return { wrong: `have ${shown(odd)}, which is no time; allowed: a time, as 09:00` };
  const hours = { from: begin, to: end || MIDNIGHT };
  return hours.from < hours.to
    ? { value: hours }
    : { wrong: 'end before they begin; allowed: a beginning and a later end on the same day' };
}

/** What the fields of a part of a day show. */
export const typedHours = (name: string, hours: Hours | null): Typed =>
  hours === null ? {} : { [`${name}-from`]: timeOf(hours.from), [`${name}-to`]: timeOf(hours.to) };

/** Reads the hours of a week, what is wrong day by day; a day without times is closed. */
export function readWeek(typed: Typed, errors: Record<string, string>): Week {
  return DAYS.map(([name, day]) => {
    const read = readHours(typed, name);
    if ('value' in read) return read.value;
    errors[name] = `The hours of ${day} ${read.wrong}.`;
    return null;
  });
}

/** What the fields of a week show. */
export const typedWeek = (week: Week | null): Typed =>
  Object.assign({}, ...DAYS.map(([name], at) => typedHours(name, week?.[at] ?? null)));

/** Rows of hours, each with a name and words. */
export const HoursTable = ({ form, rows }: { form: Form; rows: readonly (readonly [string, string])[] }) => (
  <table class="hours">
    <thead>
      <tr>
        <td />
        <th scope="col">From</th>
        <th scope="col">To</th>
      </tr>
    </thead>
    <tbody>
      {rows.map(([name, words]) => (
        <>
          <tr>
            <th scope="row">{words}</th>
            {(['from', 'to'] as const).map((end) => (
              <td>
                <input
                  type="time"
                  name={`${name}-${end}`}
                  aria-label={`${words}, ${end}`}
                  value={form.typed[`${name}-${end}`] ?? ''}
                  {...wrongness(form.errors, name, `${form.id}-${name}`)}
                />
              </td>
            ))}
          </tr>
          {form.errors[name] && (
            <tr>
              <td colspan={3}>
                <FieldError errors={form.errors} name={name} of={`${form.id}-${name}`} />
              </td>
            </tr>
          )}
        </>
      ))}
    </tbody>
  </table>
);

/** The hours of a week, a row a day. */
export const WeekTable = ({ form }: { form: Form }) => <HoursTable form={form} rows={DAYS} />;
