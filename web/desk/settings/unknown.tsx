import { check, fields } from '../../../domain/reading.ts';
import { allStaff, type Colleague, putColleague, type Unknown, unknownToUs } from '../../../store/staff.ts';
import { errorsOf } from '../../ui/forms.ts';
import { conflictOf, handleInput } from './colleagues.tsx';
import { type Failed, Field, formOf, type TakeForm } from './form.tsx';

const formFor = (key: string) => `unknown-${key}`;
const input = fields({ handle: handleInput });

/** `POST /settings/unknown`: adds a salesperson that orders named; they have their orders from now on. */
export const takeUnknown: TakeForm = async ({ store, now }, { key = '', handle = '' }) => {
  const form = formFor(key);
  const one = (await unknownToUs(store)).find((each) => each.key === key);
  // Somebody else was faster.
  if (!one) return { saved: 'yes' };
  const all = await allStaff(store);
  const [known, ...more] = all.filter(({ name, email, leftAt }) => leftAt === null && isKey(key, name, email));
  // They came to be known while an order was on its way.
  if (known && more.length === 0)
    return { saved: `added-${await putColleague(store, known, now(), key)}-${known.handle}` };
  const read = check(input, { handle });
  if (!read.ok) return { form, errors: errorsOf(read.errors, { handle: 'The short name' }) };
  const row = { handle, name: nameOf(one), email: one.email, phone: null };
  const wrong = conflictOf(row, all, true);
  if (wrong) return { form, errors: wrong };
  return { saved: `added-${await putColleague(store, row, now(), key)}-${handle}` };
};

const isKey = (key: string, name: string, email: string | null) =>
  email ? email.toLowerCase() === key : name.toLowerCase() === key;

/** What somebody is called of whom there is only an address: `uma.ray@example.org` is Uma Ray. */
const nameOf = ({ name, email }: Unknown) =>
  name ??
  email!
    .split('@')[0]
    .split(/[._+-]+/)
    .filter(Boolean)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');

/** A handle of letters that everybody can type, and that nobody has. */
export function handleFor({ name, email }: Pick<Unknown, 'name' | 'email'>, taken: readonly string[]): string {
  const base =
    (email?.split('@')[0] ?? name ?? '')
      .normalize('NFKD')
      .toLowerCase()
      .replace(/\p{M}/gu, '')
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 36) || 'colleague';
  for (let nth = 1; ; nth += 1) {
    const handle = nth === 1 ? base : `${base}-${nth}`;
    if (!taken.includes(handle)) return handle;
  }
}

/** Salespeople that orders named and nobody has added, each to be added at one go. */
export const UnknownSalespeople = ({
  unknown,
  count,
  colleagues,
  failure,
}: {
  unknown: Unknown[];
  count: number;
  colleagues: Colleague[];
  failure?: Failed;
}) => {
  const taken = colleagues.map(({ handle }) => handle);
  return (
    <section aria-labelledby="unknown">
      <h2 id="unknown">
        {count === 1
          ? 'Orders named a salesperson nobody has added'
          : `Orders named ${count} salespeople nobody has added`}
      </h2>
      <p class="quiet">The default owner has their orders meanwhile.</p>
      <ul class="plain">
        {unknown.map((one) => {
          const form = formOf(formFor(one.key), { handle: handleFor(one, taken) }, failure);
          return (
            <li>
              <form method="post" action="/settings/unknown" class="filter">
                <p>
                  <strong>{nameOf(one)}</strong> {one.name && one.email && <span class="quiet">{one.email}</span>}
                  <br />
                  <span class="small">{waiting(one.orders)}</span>
                </p>
                <input type="hidden" name="key" value={one.key} />
                <div>
                  <Field form={form} name="handle" label="Short name" required />
                </div>
                <button type="submit">Add</button>
              </form>
            </li>
          );
        })}
      </ul>
      {count > unknown.length && <p class="quiet">{count - unknown.length} more come when these are added.</p>}
    </section>
  );
};

const waiting = (count: number) =>
  count === 0 ? 'no open order waits' : count === 1 ? 'one open order waits' : `${count} open orders wait`;
