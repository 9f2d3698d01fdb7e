import type { Context } from 'hono';
import { MOST_A_DAY } from '../../domain/adoption.ts';
import { isOurId } from '../../domain/names.ts';
import type { Instant } from '../../domain/time.ts';
import { type Adopted, adopt, adoptOverdue, yetToBegin } from '../../store/adoption.ts';
import { countOverdue, listOverdue, type OverdueRow, type Silence, silences } from '../../store/overdue.ts';
import { readValue } from '../../store/pages.ts';
import { countFigures } from '../../store/purchases.ts';
import { readForm } from '../ui/forms.ts';
import { type Errors, FieldError, wrongness } from '../ui/layout.tsx';
import { EXPECTED_WORDS } from '../ui/words.ts';
import type { Web } from '../web.ts';
import { At, customerPath, Frame, More, orderPath, placeIn, type View, viewOf, Wrong } from './frame.tsx';
import { nameOf } from './taskView.ts';

/** A form that came back: which one, what was typed, and what was wrong. */
interface Failed {
  form: 'chosen' | 'all';
  typed: Record<string, string>;
  errors: Errors;
}

interface Page {
  view: View;
  found: Silence[];
  /** The currency whose list is shown; null: nothing was counted. */
  chosen: Silence | null;
  items: OverdueRow[];
  next: string | null;
  toBegin: { customers: number; lastAt: Instant };
  said: string | null;
  failed?: Failed;
}

async function load(web: Web, c: Context, currency: string | undefined, after?: string): Promise<Page> {
  const view = viewOf(web, c);
  const found = await silences(web.store);
  const chosen = found.find((one) => one.currency === currency) ?? found[0] ?? null;
  const list = chosen && (await listOverdue(web.store, chosen.currency, placeIn(readValue, after)));
  const toBegin = await yetToBegin(web.store, view.now);
  return { view, found, chosen, items: list?.items ?? [], next: list?.next ?? null, toBegin, said: saidIn(c, view) };
}

/** `GET /overdue`: who has ordered before, is not followed up and should have ordered again; by value. */
export const showOverdue = (web: Web) => async (c: Context) => {
  const { currency, after } = c.req.query();
  return c.html(<OverduePage {...(await load(web, c, currency, after))} />);
};

/** `POST /overdue/count`: counts anew, as is done every hour. */
export const takeCount = (web: Web) => async (c: Context) => {
  await countFigures(web.store);
  await countOverdue(web.store, web.now());
  return c.redirect('/overdue?counted=yes', 303);
};

/** `POST /overdue/chosen`: those that were ticked are kept in touch with. */
export const takeChosen = (web: Web) => async (c: Context) => {
  const { currency, perDay = '' } = await readForm(c);
  const ticked = await ticksOf(c);
  const pace = perDay.trim() === '' ? null : paceIn(perDay);
  const errors: Errors = {
    ...(pace === undefined && { perDay: PACE_WRONG }),
    ...(ticked.length === 0 && { order: 'Nobody is ticked; tick the customers to be followed up.' }),
  };
  if (pace === undefined || ticked.length === 0)
    return again(web, c, currency, { form: 'chosen', typed: { perDay }, errors });
  return done(c, currency, await adopt(web.store, web.shelf, ticked, pace, web.now()));
};

/** `POST /overdue/all`: all of the list are, so many a day. */
export const takeAll = (web: Web) => async (c: Context) => {
  const { currency, perDay = '' } = await readForm(c);
  const pace = paceIn(perDay);
  if (pace === undefined)
    return again(web, c, currency, { form: 'all', typed: { perDay }, errors: { perDay: PACE_WRONG } });
  return done(c, currency, await adoptOverdue(web.store, web.shelf, currency, pace, web.now()));
};

const PACE_WRONG = `How many a day is not a number; allowed: 1 to ${MOST_A_DAY}.`;

function paceIn(text: string): number | undefined {
  const pace = /^\d{1,4}$/.test(text.trim()) ? Number(text) : 0;
  return pace >= 1 && pace <= MOST_A_DAY ? pace : undefined;
}

const again = async (web: Web, c: Context, currency: string, failed: Failed) =>
  c.html(<OverduePage {...(await load(web, c, currency))} failed={failed} />, 422);

/** The ids of the ticked orders. */
async function ticksOf(c: Context): Promise<string[]> {
  const { order = [] } = await c.req.parseBody({ all: true });
  const ids = [order].flat().filter((one) => typeof one === 'string');
  return ids.filter(isOurId);
}

/** Back to the list, whose address names how many they were. */
function done(c: Context, currency: string, { adopted, known, refused }: Adopted) {
  const counts = { adopted: String(adopted), known: String(known), refused: String(refused.length) };
  return c.redirect(`/overdue?${new URLSearchParams({ currency, ...counts })}`, 303);
}

/** What was just done, in words. */
function saidIn(c: Context, { show }: View): string | null {
  const { adopted, known, refused, counted } = c.req.query();
  if (counted) return 'Counted.';
  if (adopted === undefined) return null;
  const many = (text: string, one: string, more: string) => {
    const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
    return count === 0 ? [] : [count === 1 ? `One customer ${one}.` : `${show.number(count)} customers ${more}.`];
  };
  return [
    ...many(adopted, 'is followed up from now on', 'are followed up from now on'),
    ...many(known ?? '', 'was followed up already', 'were followed up already'),
    ...many(
      refused ?? '',
      'cannot be: they want no contact, or are gone',
      'cannot be: they want no contact, or are gone',
    ),
  ].join(' ');
}

const OverduePage = ({ view, found, chosen, items, next, toBegin, said, failed }: Page) => (
  <Frame view={view} title="Overdue" said={said}>
    <Wrong errors={Object.values(failed?.errors ?? {})} />
    <p class="quiet">
      Customers whose past orders are kept and who have no open follow-up. Whoever of them should have ordered again by
      now is listed, by the currency of their last order. Nobody hears from us until you choose them.
    </p>
    {found.length > 0 && <Summary view={view} found={found} chosen={chosen!} />}
    <Count view={view} countedAt={found.length > 0 ? Math.max(...found.map(({ countedAt }) => countedAt)) : null} />
    {toBegin.customers > 0 && (
      <p>
        {view.show.number(toBegin.customers)} of those chosen have a day that is still to come; the last begins on{' '}
        <At at={toBegin.lastAt} show={view.show} />.
      </p>
    )}
    {items.length > 0 ? (
      <>
        <All view={view} chosen={chosen!} failed={failed?.form === 'all' ? failed : undefined} />
        <Chosen view={view} chosen={chosen!} items={items} failed={failed?.form === 'chosen' ? failed : undefined} />
        <More path="/overdue" query={{ currency: chosen!.currency }} next={next} />
      </>
    ) : (
      <Nobody counted={found.length > 0} />
    )}
  </Frame>
);

const Summary = ({ view: { show }, found, chosen }: { view: View; found: Silence[]; chosen: Silence }) => {
  const { customers, overdue, unknown, value, currency } = chosen;
  return (
    <>
      <p>
        {overdue === 0 ? (
          <strong>None of {show.number(customers)} customers is overdue.</strong>
        ) : (
          <>
            <strong>
              {show.number(overdue)} of {show.number(customers)} customers {overdue === 1 ? 'is' : 'are'} overdue.
            </strong>{' '}
            They have bought for <strong>{show.money(value, currency)}</strong> so far.
          </>
        )}{' '}
        Not due yet: {show.number(customers - overdue - unknown)}. Not known when: {show.number(unknown)}, who ordered
        on fewer than three days, and neither what they bought nor the playbook, under <code>next order after</code>,
        tells more.
      </p>
      {found.length > 1 && (
        <ul>
          {found.map((one) => (
            <li>
              <a
                href={`/overdue?currency=${one.currency}`}
                {...(one === chosen ? { 'aria-current': 'page' as const } : {})}
              >
                {one.currency}
              </a>
              : {show.number(one.overdue)} of {show.number(one.customers)}, {show.money(one.value, one.currency)}
            </li>
          ))}
        </ul>
      )}
    </>
  );
};

const Count = ({ view: { show }, countedAt }: { view: View; countedAt: Instant | null }) => (
  <form method="post" action="/overdue/count" class="inline">
    <span class="quiet">
      {countedAt === null ? (
        'Counted every hour. '
      ) : (
        <>
          Counted <At at={countedAt} show={show} />, and again every hour.{' '}
        </>
      )}
    </span>
    <button type="submit" class="secondary">
      Count again
    </button>
  </form>
);

const Pace = ({ of, required, failed }: { of: string; required: boolean; failed?: Failed }) => (
  <label>
    {required ? 'How many a business day' : 'How many a business day (left empty: all at once)'}
    <input
      name="perDay"
      type="number"
      min={1}
      max={MOST_A_DAY}
      required={required}
      value={failed?.typed.perDay}
      {...wrongness(failed?.errors ?? {}, 'perDay', of)}
    />
    <FieldError errors={failed?.errors ?? {}} name="perDay" of={of} />
  </label>
);

const All = ({ view: { show }, chosen, failed }: { view: View; chosen: Silence; failed?: Failed }) => (
  <section aria-labelledby="all">
    <h2 id="all">All of them, little by little</h2>
    <form method="post" action="/overdue/all" class="filter">
      <input type="hidden" name="currency" value={chosen.currency} />
      <Pace of="all" required failed={failed} />
      <button type="submit">Follow up all {show.number(chosen.overdue)}</button>
    </form>
  </section>
);

const Chosen = ({
  view,
  chosen,
  items,
  failed,
}: {
  view: View;
  chosen: Silence;
  items: OverdueRow[];
  failed?: Failed;
}) => (
  <section aria-labelledby="chosen">
    <h2 id="chosen">One by one</h2>
    <form method="post" action="/overdue/chosen">
      <input type="hidden" name="currency" value={chosen.currency} />
      <section class="wide" tabindex={0} aria-label="Overdue customers">
        <table>
          <caption>Who bought for the most comes first</caption>
          <thead>
            <tr>
              <th scope="col">Follow up</th>
              <th scope="col">Customer</th>
              <th scope="col">Bought for</th>
              <th scope="col">Orders</th>
              <th scope="col">Last order</th>
              <th scope="col">Next was expected</th>
              <th scope="col">Overdue by</th>
            </tr>
          </thead>
          <tbody>
            {items.map((row) => (
              <Row row={row} view={view} />
            ))}
          </tbody>
        </table>
      </section>
      <div class="filter">
        <Pace of="chosen" required={false} failed={failed} />
        <button type="submit" class="secondary">
          Follow these up
        </button>
      </div>
    </form>
  </section>
);

const Row = ({ row: { overdue, customer, order }, view: { show, now, web } }: { row: OverdueRow; view: View }) => {
  const days = Math.floor((now - overdue.expectedAt!) / web.store.calendar.dayMs);
  return (
    <tr>
      <td>
        <input type="checkbox" name="order" value={order.id} aria-label={`Follow up ${nameOf(customer)}`} />
      </td>
      <th scope="row">
        <a href={customerPath(customer)}>{nameOf(customer)}</a>
        {!mayBeMailed(customer) && <span class="quiet small"> no mail may go</span>}
      </th>
      <td class="nowrap">{show.money(overdue.value, overdue.currency)}</td>
      <td>{show.number(overdue.orders)}</td>
      <td>
        <a href={orderPath(order)}>{show.day(order.placedAt)}</a>
      </td>
      <td>
        {show.day(overdue.expectedAt!)}
        <span class="quiet small">
          {' '}
          {EXPECTED_WORDS[overdue.by!]}, every{' '}
          {overdue.everyDays === 1 ? 'day' : `${show.number(overdue.everyDays!)} days`}
        </span>
      </td>
      <td class="nowrap">{days === 1 ? 'one day' : `${show.number(days)} days`}</td>
    </tr>
  );
};

const mayBeMailed = ({ selling, refused, email }: OverdueRow['customer']) =>
  selling && email !== null && !refused.includes('selling:email');

const Nobody = ({ counted }: { counted: boolean }) =>
  counted ? (
    <p>Nobody is overdue. Whoever becomes so is here after the next count.</p>
  ) : (
    <p>
      There is nobody without an open follow-up, or nothing was counted yet. Past orders come in with{' '}
      <code>npx aftercare orders import FILE --history</code>; nobody is contacted by it. Then count.
    </p>
  );
