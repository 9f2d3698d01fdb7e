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

/** The longest link and the longest words for a reward. */
const LONGEST = { reviewUrl: 1_000, reward: 500 };

/** Reads the address of a page for everybody; null where the field was left empty. */
function readPage(text: string): Read<string | null> {
  const url = text.trim();
  if (url === '') return { value: null };
  return /^https?:\/\/\S+$/.test(url) && URL.canParse(url)
    ? { value: url }
    : { wrong: 'is no address of a page; allowed: one that begins with https:// or http://' };
}

const input = fields({
  company: checked(line(200), needed),
  zone: checked(z.string(), readZone),
  mailFrom: checked(z.string(), readEmail),
  defaultOwner: z.string(),
  manager: z
    .string()
    .optional()
    .transform((text) => text || null),
  askFirstIn: checked(z.string().max(2_000), readCountries),
  reviewUrl: checked(z.string().max(LONGEST.reviewUrl), readPage).default(''),
  reward: line(LONGEST.reward).default(''),
});

const LABELS = {
  company: 'The company name',
  zone: 'The time zone',
  mailFrom: "The sender's address",
  defaultOwner: 'The default owner',
  manager: 'The manager',
  askFirstIn: 'The list of countries',
  reviewUrl: 'The page for reviews',
  reward: 'What a customer gets for a new one',
};

/** `POST /settings`: changes what is true of the whole house. */
export const takeCompany: TakeForm = async ({ store }, typed) => {
  const read = check(input, typed);
  if (!read.ok) return { form: FORM, errors: errorsOf(read.errors, LABELS) };
  const { company, zone, mailFrom, defaultOwner, manager, askFirstIn, reviewUrl, reward } = read.input;
  const there = (await allStaff(store)).filter(({ leftAt }) => leftAt === null).map(({ handle }) => handle);
  if (!there.includes(defaultOwner)) {
    const errors = { defaultOwner: `The default owner is not a colleague; allowed: ${there.join(', ')}.` };
    return { form: FORM, errors };
  }
  if (manager !== null && !there.includes(manager)) {
    const errors = { manager: `The manager is not a colleague; allowed: ${there.join(', ')}.` };
    return { form: FORM, errors };
  }
  await changeSettings(store, {
    company: lineOf(company)!,
    zone,
    mailFrom: valueIn(readEmail(mailFrom))!,
    defaultOwner,
    manager,
    askFirstIn: valueIn(readCountries(askFirstIn))!,
    reviewUrl: valueIn(readPage(reviewUrl)),
    reward: lineOf(reward) ?? '',
  });
  return { saved: 'yes' };
};

/** Name, zone, sender, and who owns what nobody sold. */
export const CompanyForm = ({ view, there, failure }: { view: View; there: Colleague[]; failure?: Failed }) => {
  const { company, zone, mailFrom, defaultOwner, manager, askFirstIn, reviewUrl, reward } = view.web.store.settings;
  const now = { company, zone, mailFrom, defaultOwner, manager, askFirstIn: askFirstIn.join(' '), reviewUrl, reward };
  const form = formOf(FORM, now, failure);
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
      <Choice
        form={form}
        name="manager"
        label="Who hears what colleagues without a manager of their own did not do"
        of={[['', 'The default owner'], ...there.map(({ handle, name }) => [handle, name] as const)]}
      />
      <Field form={form} name="askFirstIn" label="Countries where offers need an explicit yes" placeholder="DE AT CH" />
      <Field
        form={form}
        name="reviewUrl"
        label="Page where satisfied customers may review you (left empty: they are not asked to)"
        type="url"
        maxlength={LONGEST.reviewUrl}
        placeholder="https://example.com/reviews"
      />
      <Field
        form={form}
        name="reward"
        label="What a customer gets for a new one they brought, in the words of the mail (left empty: thanks alone)"
        maxlength={LONGEST.reward}
        placeholder="A bag of coffee with your next order"
      />
      <button type="submit">Save</button>
    </form>
  );
};
