import { z } from 'zod';
import { readCountry, readEmail, readZone } from '../../../domain/address.ts';
import { check, checked, fields, line, lineOf, type Read } from '../../../domain/reading.ts';
import { changeSettings } from '../../../store/database.ts';
import { allStaff, type Colleague } from '../../../store/staff.ts';
import { errorsOf } from '../../ui/forms.ts';
import type { View } from '../frame.tsx';
import { Choice, type Failed, Field, formOf, needed, type TakeForm, valueIn } from './form.tsx';

const FORM = 'company';

function readCountries(text: string): Read<string[]> {
  const read = text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map((code) => ({ code, country: readCountry(code) }));
  const wrong = read.find(({ country }) => 'wrong' in country);
  if (wrong)
    return { wrong: `has "${wrong.code}", which is no country; allowed: codes of ISO 3166-1 such as DE AT CH` };
  return { value: [...new Set(read.flatMap(({ country }) => valueIn(country) ?? []))] };
}

const input = fields({
  company: checked(line(200), needed),
  zone: checked(z.string(), readZone),
  mailFrom: checked(z.string(), readEmail),
  defaultOwner: z.string(),
  askFirstIn: checked(z.string().max(2_000), readCountries),
});

const LABELS = {
  company: 'The company name',
  zone: 'The time zone',
  mailFrom: "The sender's address",
  defaultOwner: 'The default owner',
  askFirstIn: 'The list of countries',
};

/** `POST /settings`: changes what is true of the whole house. */
export const takeCompany: TakeForm = async ({ store }, typed) => {
  const read = check(input, typed);
  if (!read.ok) return { form: FORM, errors: errorsOf(read.errors, LABELS) };
  const { company, zone, mailFrom, defaultOwner, askFirstIn } = read.input;
  const there = (await allStaff(store)).filter(({ leftAt }) => leftAt === null).map(({ handle }) => handle);
  if (!there.includes(defaultOwner)) {
    const errors = { defaultOwner: `The default owner is not a colleague; allowed: ${there.join(', ')}.` };
    return { form: FORM, errors };
  }
  await changeSettings(store, {
    company: lineOf(company)!,
    zone,
    mailFrom: valueIn(readEmail(mailFrom))!,
    defaultOwner,
    askFirstIn: valueIn(readCountries(askFirstIn))!,
  });
  return { saved: 'yes' };
};

/** Name, zone, sender, and who owns what nobody sold. */
export const CompanyForm = ({ view, there, failure }: { view: View; there: Colleague[]; failure?: Failed }) => {
  const { company, zone, mailFrom, defaultOwner, askFirstIn } = view.web.store.settings;
  const form = formOf(FORM, { company, zone, mailFrom, defaultOwner, askFirstIn: askFirstIn.join(' ') }, failure);
  return (
    <form method="post" action="/settings">
      <Field form={form} name="company" label="Company name" required />
      <Field form={form} name="zone" label="Time zone" list="zones" required />
      <datalist id="zones">
        {Intl.supportedValuesOf('timeZone').map((zone) => (
          <option value={zone} />
        ))}
      </datalist>
      <Field form={form} name="mailFrom" label="Sender's e-mail address" type="email" required />
      <Choice
        form={form}
        name="defaultOwner"
        label="Default owner of orders nobody sold"
        of={there.map(({ handle, name }) => [handle, name])}
      />
      <Field form={form} name="askFirstIn" label="Countries where offers need an explicit yes" placeholder="DE AT CH" />
      <button type="submit">Save</button>
    </form>
  );
};
