import type { Context } from 'hono';
import { z } from 'zod';
import { readCountry, readEmail, readPhone, readZone } from '../../domain/address.ts';
import { check, checked, fields, line, lineOf, type Read } from '../../domain/reading.ts';
import { changeSettings } from '../../store/database.ts';
import { allStaff, type Colleague, putColleague } from '../../store/staff.ts';
import { errorsOf, readForm } from '../ui/forms.ts';
import { type Errors, FieldError, wrongness } from '../ui/layout.tsx';
import { phoneInGroups } from '../ui/show.ts';
import type { Web } from '../web.ts';
import { back, saidOf } from './back.ts';
import { Frame, type View, viewOf, Wrong } from './frame.tsx';

/** A form that came back: which one, what was typed, and what was wrong. */
interface Failed {
  form: string;
  typed: Record<string, string>;
  errors: Errors;
}

/** `GET /settings`: what is true of the whole house, and who works in it. */
export const showSettings = (web: Web) => async (c: Context) =>
  c.html(<SettingsPage view={viewOf(web, c)} colleagues={await allStaff(web.store)} said={await saidOf(web, c)} />);

const failed = async (web: Web, c: Context, failure: Failed) =>
  c.html(<SettingsPage view={viewOf(web, c)} colleagues={await allStaff(web.store)} failure={failure} />, 422);

const needed = (text: string): Read<string> => (text.trim() ? { value: text.trim() } : { wrong: 'is empty' });
const countries = (text: string) => text.split(/[\s,;]+/).filter(Boolean);

function readCountries(text: string): Read<string[]> {
  const read = countries(text).map((code) => ({ code, country: readCountry(code) }));
  const wrong = read.find(({ country }) => 'wrong' in country);
  if (wrong)
    return { wrong: `has "${wrong.code}", which is no country; allowed: codes of ISO 3166-1 such as DE AT CH` };
  return { value: [...new Set(read.map(({ country }) => ('value' in country ? country.value : '')))] };
}

const houseInput = fields({
  company: checked(line(200), needed),
  zone: checked(z.string(), readZone),
  mailFrom: checked(z.string(), readEmail),
  defaultOwner: z.string(),
  askFirstIn: checked(z.string().max(2_000), readCountries),
});

const HOUSE_LABELS = {
  company: 'The company name',
  zone: 'The time zone',
  mailFrom: "The sender's address",
  defaultOwner: 'The default owner',
  askFirstIn: 'The list of countries',
};

/** `POST /settings`: changes what is true of the whole house. */
export const takeSettings = (web: Web) => async (c: Context) => {
  const typed = await readForm(c);
  const read = check(houseInput, typed);
  if (!read.ok) return failed(web, c, { form: 'house', typed, errors: errorsOf(read.errors, HOUSE_LABELS) });
  const { company, zone, mailFrom, defaultOwner, askFirstIn } = read.input;
  const known = (await allStaff(web.store)).map(({ handle }) => handle);
  if (!known.includes(defaultOwner)) {
    const errors = { defaultOwner: `The default owner is not a colleague; allowed: ${known.join(', ')}.` };
    return failed(web, c, { form: 'house', typed, errors });
  }
  await changeSettings(web.store, {
    company: lineOf(company)!,
    zone,
    mailFrom: valueIn(readEmail(mailFrom))!,
    defaultOwner,
    askFirstIn: valueIn(readCountries(askFirstIn))!,
  });
  return back(c, '/settings', 'saved', 'yes');
};

const optionalText = (reader: (text: string) => Read<unknown>) =>
  checked(z.string().max(254), (text) => (text.trim() ? reader(text) : { value: null }));

const colleagueInput = fields({
  handle: z.string().regex(/^[a-z0-9-]{1,40}$/, {
    error: 'may have 1 to 40 small letters, digits and hyphens, as sam-lee',
  }),
  name: checked(line(200), needed),
  email: optionalText(readEmail),
  phone: optionalText((text) => readPhone(text, null)),
});

const COLLEAGUE_LABELS = {
  handle: 'The short name',
  name: 'The name',
  email: 'The e-mail address',
  phone: 'The phone number',
};

/** `POST /settings/colleagues`: changes a colleague, or adds one. */
export const takeColleague = (web: Web) => async (c: Context) => {
  const { adding, ...typed } = await readForm(c);
  const form = adding ? 'new' : typed.handle;
  const read = check(colleagueInput, typed);
  if (!read.ok) return failed(web, c, { form, typed, errors: errorsOf(read.errors, COLLEAGUE_LABELS) });
  const { handle, name, email, phone } = read.input;
  const row = {
    handle,
    name: lineOf(name)!,
    email: email.trim() ? valueIn(readEmail(email)) : null,
    phone: phone.trim() ? (valueIn(readPhone(phone, null))?.number ?? null) : null,
  };
  const others = await allStaff(web.store);
  if (adding && others.some((one) => one.handle === handle))
    return failed(web, c, { form, typed, errors: { handle: `The short name "${handle}" is taken; choose another.` } });
  const twin = others.find((one) => one.handle !== handle && one.email !== null && one.email === row.email);
  if (twin) return failed(web, c, { form, typed, errors: { email: `The e-mail address is that of ${twin.name}.` } });
  await putColleague(web.store, row, web.now());
  return back(c, '/settings', 'saved', 'yes');
};

const valueIn = <T,>(read: Read<T>): T | null => ('value' in read ? read.value : null);

interface Page {
  view: View;
  colleagues: Colleague[];
  said?: string | null;
  failure?: Failed;
}

const SettingsPage = ({ view, colleagues, said, failure }: Page) => (
  <Frame view={view} title="Settings" said={said}>
    <Wrong errors={Object.values(failure?.errors ?? {})} />
    <div class="columns">
      <section aria-labelledby="house">
        <h2 id="house">The company</h2>
        <House view={view} colleagues={colleagues} failure={failure?.form === 'house' ? failure : undefined} />
      </section>
      <section aria-labelledby="colleagues">
        <h2 id="colleagues">Colleagues</h2>
        <p class="quiet">They own orders and tasks; customers read their name and number.</p>
        {colleagues.map((one) => (
          <details open={failure?.form === one.handle}>
            <summary>
              {one.name}{' '}
              <span class="quiet small">
                {[one.email, one.phone && phoneInGroups(one.phone)].filter(Boolean).join(', ') || 'no address yet'}
              </span>
            </summary>
            <ColleagueForm one={one} failure={failure?.form === one.handle ? failure : undefined} />
          </details>
        ))}
        <details open={failure?.form === 'new'}>
          <summary>Add a colleague</summary>
          <ColleagueForm one={null} failure={failure?.form === 'new' ? failure : undefined} />
        </details>
      </section>
    </div>
  </Frame>
);

const House = ({ view, colleagues, failure }: { view: View; colleagues: Colleague[]; failure?: Failed }) => {
  const { settings } = view.web.store;
  const errors = failure?.errors ?? {};
  const typed = failure?.typed ?? { ...settings, askFirstIn: settings.askFirstIn.join(' ') };
  return (
    <form method="post" action="/settings">
      <label for="company">Company name</label>
      <input id="company" name="company" value={typed.company} required {...wrongness(errors, 'company')} />
      <FieldError errors={errors} name="company" />
      <label for="zone">Time zone</label>
      <input id="zone" name="zone" value={typed.zone} list="zones" required {...wrongness(errors, 'zone')} />
      <datalist id="zones">
        {Intl.supportedValuesOf('timeZone').map((zone) => (
          <option value={zone} />
        ))}
      </datalist>
      <FieldError errors={errors} name="zone" />
      <label for="mailFrom">Sender's e-mail address</label>
      <input
        id="mailFrom"
        name="mailFrom"
        type="email"
        value={typed.mailFrom}
        required
        {...wrongness(errors, 'mailFrom')}
      />
      <FieldError errors={errors} name="mailFrom" />
      <label for="defaultOwner">Default owner of orders nobody sold</label>
      <select id="defaultOwner" name="defaultOwner" {...wrongness(errors, 'defaultOwner')}>
        {colleagues.map(({ handle, name }) => (
          <option value={handle} selected={handle === typed.defaultOwner}>
            {name}
          </option>
        ))}
      </select>
      <FieldError errors={errors} name="defaultOwner" />
      <label for="askFirstIn">Countries where offers need an explicit yes</label>
      <input
        id="askFirstIn"
        name="askFirstIn"
        value={typed.askFirstIn}
        placeholder="DE AT CH"
        {...wrongness(errors, 'askFirstIn')}
      />
      <FieldError errors={errors} name="askFirstIn" />
      <button type="submit">Save</button>
    </form>
  );
};

const ColleagueForm = ({ one, failure }: { one: Colleague | null; failure?: Failed }) => {
  const errors = failure?.errors ?? {};
  const typed: Partial<Record<string, string | null>> =
    failure?.typed ?? (one ? { handle: one.handle, name: one.name, email: one.email, phone: one.phone } : {});
  const of = (name: string) => `${name}-${one?.handle ?? 'new'}`;
  const phone = failure ? typed.phone : typed.phone && phoneInGroups(typed.phone);
  return (
    <form method="post" action="/settings/colleagues">
      {one ? (
        <input type="hidden" name="handle" value={one.handle} />
      ) : (
        <>
          <input type="hidden" name="adding" value="yes" />
          <label for={of('handle')}>Short name, as sam-lee; it stays</label>
          <input
            id={of('handle')}
            name="handle"
            value={typed.handle ?? ''}
            required
            {...wrongness(errors, 'handle', of('handle'))}
          />
          <FieldError errors={errors} name="handle" of={of('handle')} />
        </>
      )}
      <label for={of('name')}>Name</label>
      <input id={of('name')} name="name" value={typed.name ?? ''} required {...wrongness(errors, 'name', of('name'))} />
      <FieldError errors={errors} name="name" of={of('name')} />
      <label for={of('email')}>E-mail</label>
      <input
        id={of('email')}
        name="email"
        type="email"
        value={typed.email ?? ''}
        {...wrongness(errors, 'email', of('email'))}
      />
      <FieldError errors={errors} name="email" of={of('email')} />
      <label for={of('phone')}>Phone, with the country code</label>
      <input
        id={of('phone')}
        name="phone"
        type="tel"
        value={phone ?? ''}
        {...wrongness(errors, 'phone', of('phone'))}
      />
      <FieldError errors={errors} name="phone" of={of('phone')} />
      <button type="submit" class="secondary">
        {one ? 'Save' : 'Add'}
      </button>
    </form>
  );
};
