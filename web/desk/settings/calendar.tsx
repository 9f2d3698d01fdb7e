import { localDay } from '../../../domain/calendar.ts';
import { countries, holidaysOf, isKnownPlace, type Place, regionsOf } from '../../../domain/holidays.ts';
import { changeSettings } from '../../../store/database.ts';
import { FieldError } from '../../ui/layout.tsx';
import type { View } from '../frame.tsx';
import { Choice, type Failed, Field, formOf, readNumber, type TakeForm, take } from './form.tsx';
import { readWeek, typedWeek, WeekTable } from './hours.tsx';

const FORM = 'calendar';
/** The most tasks a day anybody may be given. */
export const MOST_TASKS = 1_000;

/** `POST /settings/calendar`: whose holidays the company has, when it is open, and how much a day holds. */
export const takeCalendar: TakeForm = async ({ store }, typed) => {
  const errors: Record<string, string> = {};
  const country = typed.country || null;
  // The regions shown were those of the country before.
  const region = typed.regionOf === typed.country ? typed.region || null : null;
  if (country !== null && !isKnownPlace({ country, region: null }))
    errors.country = `The country is "${country.slice(0, 40)}", whose holidays are not known; allowed: one of the list.`;
  else if (country !== null && !isKnownPlace({ country, region }))
    errors.region = `The region is none of the country's; allowed: ${codesOf(country).join(', ')}, or none.`;
  const week = readWeek(typed, errors);
  if (week.every((hours) => hours === null) && Object.keys(errors).length === 0)
    errors.week = 'The company is never open; allowed: hours on one day at least, for tasks fall due in them.';
  const tasksPerDay = take(errors, 'tasksPerDay', 'The limit', readNumber(typed.tasksPerDay ?? '', 1, MOST_TASKS));
  if (Object.keys(errors).length > 0) return { form: FORM, errors };
  await changeSettings(store, { country, region, week, tasksPerDay });
  return { saved: 'yes' };
};

const codesOf = (country: string) => regionsOf(country).map(({ code }) => code);

/** Holidays, hours and load of the company. */
export const CalendarForm = ({ view, failure }: { view: View; failure?: Failed }) => {
  const { country, region, week, tasksPerDay } = view.web.store.settings;
  const there = { country, region, tasksPerDay: tasksPerDay?.toString(), ...typedWeek(week) };
  const form = formOf(FORM, there, failure);
  const regions = country === null ? [] : regionsOf(country);
  return (
    <form method="post" action="/settings/calendar">
      <Choice
        form={form}
        name="country"
        label="Country whose public holidays you keep"
        of={[['', 'None: every day counts'], ...countries().map(({ code, name }) => [code, name] as const)]}
      />
      <input type="hidden" name="regionOf" value={country ?? ''} />
      {regions.length > 0 && (
        <Choice
          form={form}
          name="region"
          label="Region"
          of={[['', 'Only those of the whole country'], ...regions.map(({ code, name }) => [code, name] as const)]}
        />
      )}
      <Holidays view={view} />
      <fieldset>
        <legend>Business hours</legend>
        <p class="quiet small">A day without times is closed.</p>
        <WeekTable form={form} />
        <FieldError errors={form.errors} name="week" />
      </fieldset>
      <Field
        form={form}
        name="tasksPerDay"
        label="Tasks a day and colleague; empty: as many as come"
        type="number"
        min={1}
        max={MOST_TASKS}
      />
      <button type="submit">Save</button>
    </form>
  );
};

/** The public holidays of the next twelve months, so that one sees that place and region are right. */
const Holidays = ({ view }: { view: View }) => {
  const { show, now, web } = view;
  const { country, region, zone } = web.store.settings;
  if (country === null) return <p class="quiet small">Choose a country and save: then its regions can be chosen.</p>;
  const coming = comingHolidays({ country, region }, localDay(now, zone));
  const date = (day: string) => show.in('UTC').day(Date.parse(day));
  return (
    <details>
      <summary>
        {coming.length === 0
          ? 'No public holidays in the next twelve months'
          : `${coming.length} public holidays in the next twelve months, the first on ${date(coming[0].day)}`}
      </summary>
      <ul class="plain small">
        {coming.map(({ day, name }) => (
          <li>
            {date(day)}: {name}
          </li>
        ))}
      </ul>
    </details>
  );
};

function comingHolidays(place: Place, today: string) {
  const year = Number(today.slice(0, 4));
  const until = `${year + 1}${today.slice(4)}`;
  return [year, year + 1].flatMap((one) => holidaysOf(one, place)).filter(({ day }) => today <= day && day < until);
}
