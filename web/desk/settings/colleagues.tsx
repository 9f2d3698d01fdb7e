import { z } from 'zod';
import { phoneInGroups, readEmail, readPhone, readZone } from '../../../domain/address.ts';
import { check, checked, line, lineOf, type Read } from '../../../domain/reading.ts';
import { allStaff, type Colleague, type Left, leave, putColleague } from '../../../store/staff.ts';
import { errorsOf } from '../../ui/forms.ts';
import { type Errors, FieldError } from '../../ui/layout.tsx';
import type { View } from '../frame.tsx';
import { MOST_TASKS } from './calendar.tsx';
import { Choice, type Failed, Field, formOf, needed, readNumber, type TakeForm, take, valueIn } from './form.tsx';
import { readWeek, typedWeek, WeekTable } from './hours.tsx';

const NEW = 'new';
const formFor = (handle: string) => `colleague-${handle}`;
const leavingOf = (handle: string) => `leaving-${handle}`;

const optionalText = (reader: (text: string) => Read<unknown>) =>
  checked(z.string().max(254), (text) => (text.trim() ? reader(text) : { value: null }))
    .optional()
    .transform((text) => text?.trim() || null);

/** The short name of a colleague: in playbook rules, in Temporal, for ever. */
export const handleInput = z.string().regex(/^[a-z0-9-]{1,40}$/, {
  error: 'may have 1 to 40 small letters, digits and hyphens, as sam-lee',
});

const input = z.object({
  handle: handleInput,
  name: checked(line(200), needed),
  email: optionalText(readEmail),
  phone: optionalText((text) => readPhone(text, null)),
  team: optionalText((text) =>
    /^[a-z0-9-]{1,60}$/.test(text.trim())
      ? { value: text }
      : { wrong: 'is not one; allowed: 1 to 60 small letters, digits and hyphens, as north' },
  ),
  role: optionalText((text) =>
    /^[a-z][a-z0-9 -]{0,39}$/i.test(text.trim())
      ? { value: text }
      : { wrong: 'is not one; allowed: 1 to 40 letters, digits, spaces and hyphens, as salesperson' },
  ),
  manager: z
    .string()
    .optional()
    .transform((text) => text || null),
  zone: optionalText((text) => readZone(text.trim())),
});

const LABELS = {
  handle: 'The short name',
  name: 'The name',
  email: 'The e-mail address',
  phone: 'The phone number',
  team: 'The team',
  role: 'The role',
  manager: 'The manager',
  zone: 'The time zone',
};

/** `POST /settings/colleagues`: changes a colleague, or adds one. */
export const takeColleague: TakeForm = async ({ store, now }, typed) => {
  const form = typed.adding ? NEW : formFor(typed.handle);
  const read = check(input, typed);
  const errors: Record<string, string> = read.ok ? {} : { ...errorsOf(read.errors, LABELS) };
  const week = readWeek(typed, errors);
  const tasksPerDay = take(errors, 'tasksPerDay', 'The limit', readNumber(typed.tasksPerDay ?? '', 1, MOST_TASKS));
  if (!read.ok || Object.keys(errors).length > 0) return { form, errors };
  const { handle, name, email, phone, team, role, manager, zone } = read.input;
  const row = {
    handle,
    name: lineOf(name)!,
    email: email && valueIn(readEmail(email)),
    phone: phone && (valueIn(readPhone(phone, null))?.number ?? null),
    team,
    role: role?.toLowerCase() ?? 'salesperson',
    manager,
    zone,
    week: week.some((hours) => hours !== null) ? week : null,
    tasksPerDay,
  };
  const wrong = conflictOf(row, await allStaff(store), typed.adding !== undefined);
  if (wrong) return { form, errors: wrong };
  const moved = await putColleague(store, row, now());
  return { saved: moved > 0 ? `added-${moved}-${handle}` : 'yes' };
};

/** Why nobody may be kept under this handle, address and manager; null: they may. */
export function conflictOf(
  { handle, email, manager = null }: Pick<Colleague, 'handle' | 'email'> & Partial<Colleague>,
  all: Colleague[],
  adding: boolean,
): Errors | null {
  const one = all.find((each) => each.handle === handle);
  if (adding && one) return { handle: `The short name "${handle}" is taken; choose another.` };
  if (!adding && !one) return { handle: `There is no colleague "${handle}".` };
  if (one && one.leftAt !== null) return { handle: `${one.name} has left, and is not changed any more.` };
  if (manager !== null && !all.some((each) => each.handle === manager && each.leftAt === null && manager !== handle))
    return { manager: 'The manager must be another colleague, and be there.' };
  const twin = all.find((each) => each.handle !== handle && email && each.email?.toLowerCase() === email.toLowerCase());
  if (!twin) return null;
  const successor = all.find((each) => each.handle === twin.successor)?.name;
  return {
    email: successor
      ? `The e-mail address is that of ${twin.name}, who has left; orders that name it go to ${successor}.`
      : `The e-mail address is that of ${twin.name}.`,
  };
}

const WRONG: Record<Extract<Left, { wrong: string }>['wrong'], string> = {
  left: 'They have left already.',
  'default-owner': 'They own what nobody sold: choose another default owner first.',
  'no-successor': 'The successor must be another colleague, and be there.',
};

/** `POST /settings/leaving`: a colleague leaves, and a successor takes over. */
export const takeLeaving: TakeForm = async ({ store, now }, { handle, successor = '', sure }) => {
  const again = (errors: Errors) => ({ form: leavingOf(handle), errors });
  if (!successor) return again({ successor: 'Choose who takes over.' });
  if (!sure) return again({ sure: 'Nothing was changed: tick the box to say that you are sure.' });
  const left = await leave(store, handle, successor, now());
  if ('wrong' in left) return again({ successor: WRONG[left.wrong] });
  return { saved: `left-${left.moved}-${handle}` };
};

/** Everybody who is there, each with a form, and one to add somebody. */
export const Colleagues = ({ view, there, failure }: { view: View; there: Colleague[]; failure?: Failed }) => (
  <>
    <datalist id="teams">
      {[...new Set(there.flatMap(({ team }) => team ?? []))].sort().map((team) => (
        <option value={team} />
      ))}
    </datalist>
    <datalist id="roles">
      {[...new Set(['salesperson', 'manager', ...there.map(({ role }) => role)])].sort().map((role) => (
        <option value={role} />
      ))}
    </datalist>
    {there.map((one) => (
      <details open={failure?.form === formFor(one.handle) || failure?.form === leavingOf(one.handle)}>
        <summary>
          {one.name} {one.team && <span class="badge">{one.team}</span>}{' '}
          <span class="quiet small">
            {[one.email, one.phone && phoneInGroups(one.phone)].filter(Boolean).join(', ') || 'no address yet'}
          </span>
        </summary>
        <ColleagueForm one={one} there={there} failure={failure} />
        <Leaving one={one} there={there} view={view} failure={failure} />
      </details>
    ))}
    <details open={failure?.form === NEW}>
      <summary>Add a colleague</summary>
      <ColleagueForm one={null} there={there} failure={failure} />
    </details>
  </>
);

const ColleagueForm = ({ one, there, failure }: { one: Colleague | null; there: Colleague[]; failure?: Failed }) => {
  const known = one && {
    ...one,
    phone: one.phone && phoneInGroups(one.phone),
    tasksPerDay: one.tasksPerDay?.toString(),
    ...typedWeek(one.week),
    week: null,
    leftAt: null,
  };
  const form = formOf(one ? formFor(one.handle) : NEW, known ?? {}, failure);
  const ownHours = one !== null && (one.zone !== null || one.week !== null);
  return (
    <form method="post" action="/settings/colleagues">
      {one ? (
        <>
          <p class="quiet small">
            Short name, for rules: <code>{one.handle}</code>
          </p>
          <input type="hidden" name="handle" value={one.handle} />
        </>
      ) : (
        <>
          <input type="hidden" name="adding" value="yes" />
          <Field form={form} name="handle" label="Short name, as sam-lee; it stays" required />
        </>
      )}
      <Field form={form} name="name" label="Name" required />
      <Field form={form} name="email" label="E-mail" type="email" />
      <Field form={form} name="phone" label="Phone, with the country code" type="tel" />
      <Field form={form} name="team" label="Team, which shares full days" list="teams" />
      <Field form={form} name="role" label="Role, for what they may offer; empty: salesperson" list="roles" />
      <Choice
        form={form}
        name="manager"
        label="Manager, who hears what is not done"
        of={[
          ['', "The company's"],
          ...there.filter((each) => each !== one).map(({ handle, name }) => [handle, name] as const),
        ]}
      />
      <Field
        form={form}
        name="tasksPerDay"
        label="Tasks a day; empty: the company's limit"
        type="number"
        min={1}
        max={MOST_TASKS}
      />
      <details open={ownHours || Object.keys(form.errors).some((name) => !(name in LABELS))}>
        <summary>Own time zone and hours</summary>
        <Field form={form} name="zone" label="Time zone; empty: the company's" list="zones" />
        <p class="quiet small">Without any times the company's hours hold; else a day without times is free.</p>
        <WeekTable form={form} />
      </details>
      <button type="submit" class="secondary">
        {one ? 'Save' : 'Add'}
      </button>
    </form>
  );
};

const Leaving = ({
  one,
  there,
  view,
  failure,
}: {
  one: Colleague;
  there: Colleague[];
  view: View;
  failure?: Failed;
}) => {
  if (one.handle === view.web.store.settings.defaultOwner)
    return <p class="quiet small">{one.name} is the default owner, and cannot leave before there is another.</p>;
  const form = formOf(leavingOf(one.handle), {}, failure);
  const sure = `${form.id}-sure`;
  return (
    <details open={failure?.form === form.id}>
      <summary>Leaves the company</summary>
      <form method="post" action="/settings/leaving">
        <input type="hidden" name="handle" value={one.handle} />
        <p class="small">
          A successor takes over open orders and tasks, and every order that would have been {one.name}'s. It cannot be
          undone.
        </p>
        <Choice
          form={form}
          name="successor"
          label="Successor"
          of={[
            ['', 'Choose'],
            ...there.filter((each) => each !== one).map(({ handle, name }) => [handle, name] as const),
          ]}
        />
        <label for={sure}>
          <input type="checkbox" id={sure} name="sure" value="yes" checked={form.typed.sure === 'yes'} />
          Yes, {one.name} leaves
        </label>
        <FieldError errors={form.errors} name="sure" of={sure} />
        <button type="submit" class="secondary">
          Hand over
        </button>
      </form>
    </details>
  );
};

/** Who has left, and who follows them. */
export const HaveLeft = ({ colleagues, view: { show } }: { colleagues: Colleague[]; view: View }) => {
  const gone = colleagues.filter(({ leftAt }) => leftAt !== null);
  const nameOf = (handle: string | null) => colleagues.find((one) => one.handle === handle)?.name ?? handle;
  return gone.length === 0 ? null : (
    <>
      <h3>Have left</h3>
      <ul class="plain small">
        {gone.map(({ name, leftAt, successor }) => (
          <li>
            {name}{' '}
            <span class="quiet">
              on {show.day(leftAt!)}, followed by {nameOf(successor)}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
};
