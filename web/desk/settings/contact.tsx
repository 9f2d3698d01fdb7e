import type { Cap } from '../../../domain/policy.ts';
import { changeSettings } from '../../../store/database.ts';
import { FieldError, wrongness } from '../../ui/layout.tsx';
import type { View } from '../frame.tsx';
import { type Failed, Field, type Form, formOf, readNumber, type TakeForm, type Typed, take } from './form.tsx';
import { HoursTable, readHours, typedHours } from './hours.tsx';

const FORM = 'contact';
const CAPS = [1, 2, 3];
const NTH = ['First', 'Second', 'Third'];
const CHANNELS = [
  ['mail', 'Mail'],
  ['call', 'Calls'],
] as const;
/** Mails that lie further back do not count: the ledger is not asked for them. */
const MOST_DAYS = 365;
const MOST_MAILS = 100;

/** `POST /settings/contact`: when customers may be reached, and how often. */
export const takeContact: TakeForm = async ({ store }, typed) => {
  const errors: Record<string, string> = {};
  const [mail, call] = CHANNELS.map(([name, words]) => {
    const hours = take(errors, name, `The hours for ${words.toLowerCase()}`, readHours(typed, name));
    if (hours === null)
      errors[name] ??= `The hours for ${words.toLowerCase()} are missing; allowed: two times, as 09:00.`;
    return hours;
  });
  const caps = CAPS.flatMap((nth) => readCap(typed, nth, errors) ?? []);
  const surveyEvery = take(
    errors,
    'surveyEvery',
    'The time between surveys',
    readNumber(typed.surveyEvery ?? '', 1, MOST_DAYS),
  );
  if (surveyEvery === null)
    errors.surveyEvery ??= `The time between surveys is empty; allowed: 1 to ${MOST_DAYS} days.`;
  if (mail === null || call === null || surveyEvery === null || Object.keys(errors).length > 0)
    return { form: FORM, errors };
  await changeSettings(store, { quiet: { mail, call }, policy: { caps, surveyEvery } });
  return { saved: 'yes' };
};

/** One limit; null where its row is empty or wrong. */
function readCap(typed: Typed, nth: number, errors: Record<string, string>): Cap | null {
  const name = `cap${nth}`;
  const label = `The ${NTH[nth - 1].toLowerCase()} limit`;
  const mails = take(
    errors,
    name,
    `${label}: the number of mails`,
    readNumber(typed[`${name}-mails`] ?? '', 1, MOST_MAILS),
  );
  const days = take(
    errors,
    name,
    `${label}: the number of days`,
    readNumber(typed[`${name}-days`] ?? '', 1, MOST_DAYS),
  );
  if (name in errors || (mails === null && days === null)) return null;
  if (mails !== null && days !== null) return { mails, days };
  errors[name] = `${label} needs both: how many mails, and in how many days.`;
  return null;
}

/** Hours by channel, limits, and how far apart surveys are. */
export const ContactForm = ({ view, failure }: { view: View; failure?: Failed }) => {
  const { quiet, policy } = view.web.store.settings;
  const there = {
    ...typedHours('mail', quiet.mail),
    ...typedHours('call', quiet.call),
    surveyEvery: String(policy.surveyEvery),
    ...Object.assign(
      {},
      ...policy.caps.map(({ mails, days }, at) => ({
        [`cap${at + 1}-mails`]: String(mails),
        [`cap${at + 1}-days`]: String(days),
      })),
    ),
  };
  const form = formOf(FORM, there, failure);
  return (
    <form method="post" action="/settings/contact">
      <fieldset>
        <legend>When customers may be reached, by their own clocks</legend>
        <HoursTable form={form} rows={CHANNELS} />
      </fieldset>
      <fieldset>
        <legend>How many mails a customer gets</legend>
        <p class="quiet small">
          Every mail counts, about whichever order. Limits put off offers and keeping in touch, never what is about an
          order itself.
        </p>
        <Caps form={form} />
      </fieldset>
      <Field
        form={form}
        name="surveyEvery"
        label="Days between two surveys"
        type="number"
        min={1}
        max={MOST_DAYS}
        required
      />
      <button type="submit">Save</button>
    </form>
  );
};

const Caps = ({ form }: { form: Form }) => (
  <table class="hours">
    <thead>
      <tr>
        <td />
        <th scope="col">Mails</th>
        <th scope="col">In days</th>
      </tr>
    </thead>
    <tbody>
      {CAPS.map((nth) => {
        const name = `cap${nth}`;
        const words = `${NTH[nth - 1]} limit`;
        return (
          <>
            <tr>
              <th scope="row">{words}</th>
              {(['mails', 'days'] as const).map((what) => (
                <td>
                  <input
                    type="number"
                    name={`${name}-${what}`}
                    aria-label={`${words}, ${what}`}
                    min={1}
                    max={what === 'mails' ? MOST_MAILS : MOST_DAYS}
                    value={form.typed[`${name}-${what}`] ?? ''}
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
        );
      })}
    </tbody>
  </table>
);
