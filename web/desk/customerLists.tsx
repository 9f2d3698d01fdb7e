import { phoneInGroups } from '../../domain/address.ts';
import { localDay } from '../../domain/calendar.ts';
import { isOurId } from '../../domain/names.ts';
import { readId, readLine } from '../../domain/reading.ts';
import { DAY } from '../../domain/time.ts';
import { customerById, findCustomer } from '../../store/customers.ts';
import { searchOrders } from '../../store/desk.ts';
import type { Customer } from '../../store/followUps.ts';
import { findOrder } from '../../store/orders.ts';
import { LINK_WORDS, OUTCOME_WORDS, STAGE_NAMES, sentence } from '../ui/words.ts';
import type { Web } from '../web.ts';
import type { Told } from './customer.tsx';
import { At, customerPath, orderPath, type View } from './frame.tsx';
import { daysInWords, nameOf } from './taskView.ts';

/** A customer by our own id; null for every text that is none. */
export const customerAt = async ({ store }: Web, id = ''): Promise<Customer | null> =>
  isOurId(id) ? ((await customerById(store.db, id)) ?? null) : null;

/** A customer by what the sales system calls them; null for what can be no id. */
export async function customerCalled({ store }: Web, source: string, externalId: string): Promise<Customer | null> {
  const id = readId(externalId);
  return /^[a-z0-9-]{1,40}$/.test(source) && 'value' in id ? findCustomer(store, source, id.value) : null;
}

/** Who may be the same customer, as a colleague named them; several where the words fit more than one. */
export interface Candidate {
  text: string;
  found: Customer[];
}

/** Looks for another record by `source/id`, an order's number or an e-mail address. */
export async function candidateFor(web: Web, me: Customer, text: string): Promise<Candidate | null> {
  const { store } = web;
  const read = readLine(text.slice(0, 300));
  if ('wrong' in read || read.value === '') return null;
  const words = read.value;
  const slash = words.indexOf('/');
  const [source, rest] = [words.slice(0, Math.max(slash, 0)), words.slice(slash + 1)];
  const named = slash > 0 ? await customerCalled(web, source, rest) : null;
  const ordered = named || slash <= 0 ? null : await findOrder(store, source, rest);
  const rows = named || ordered ? [] : await searchOrders(store, words);
  const all = [
    named,
    ordered && (await customerById(store.db, ordered.customerId)),
    ...rows.map((row) => row.customer),
  ];
  const found = all.filter((one): one is Customer => one !== null && one.erasedAt === null && one.id !== me.id);
  return { text: words, found: [...new Map(found.map((one) => [one.id, one])).values()] };
}

/** The link on to the rest of one of several lists on a page. */
export const Further = ({ path, list, next }: { path: string; list: string; next: string | null }) =>
  next === null ? null : (
    <p>
      <a rel="next" href={`${path}?${new URLSearchParams({ [list]: next })}#${list}`}>
        The next 50
      </a>
    </p>
  );

const nameAndId = ({ source, externalId }: Customer) => `${source}/${externalId}`;

/** Name, part in the purchase, company and how to reach somebody, in a line. */
const About = ({ one }: { one: Customer }) => {
  const more = [
    one.role,
    one.companyName !== one.name && one.companyName,
    one.email,
    one.phone && phoneInGroups(one.phone),
  ];
  return (
    <>
      <a href={customerPath(one)}>{nameOf(one)}</a>{' '}
      <span class="quiet small">{one.erasedAt === null && [nameAndId(one), ...more].filter(Boolean).join(', ')}</span>
    </>
  );
};

/** All that is one customer, with how it came to be, and the forms to link another or to take one out. */
export const Records = ({ customer, records, candidate }: Told) => {
  const path = customerPath(customer);
  const { items, next } = records;
  const others = items.filter(({ id }) => id !== customer.id);
  return (
    <>
      <h2 id="records">All that is one customer</h2>
      {others.length === 0 ? (
        <p>
          {customer.erasedAt === null ? `${nameAndId(customer)} is their only record.` : 'Nobody else.'}{' '}
          {customer.apart && 'It was taken apart from another by hand, so no rule links it.'}
        </p>
      ) : (
        <ul>
          <li>
            <strong>{customer.erasedAt === null ? nameAndId(customer) : 'Erased customer'}</strong>, this record
            {customer.linkedBy && ` (${LINK_WORDS[customer.linkedBy]})`}
          </li>
          {others.map((one) => (
            <li>
              <About one={one} /> <span class="badge">{LINK_WORDS[one.linkedBy ?? customer.linkedBy ?? 'hand']}</span>
              <Apart path={path} one={one} />
            </li>
          ))}
        </ul>
      )}
      <Further path={path} list="records" next={next} />
      {customer.erasedAt === null && <LinkForm customer={customer} candidate={candidate} />}
    </>
  );
};

const Apart = ({ path, one }: { path: string; one: Customer }) => (
  <details>
    <summary class="small">Not the same customer</summary>
    <form method="post" action={`${path}/unlink`} class="inline">
      <p class="small">
        {nameOf(one)} becomes a customer of their own again, with their orders. What ended because of each other's
        orders comes back, and no rule links them any more.
      </p>
      <button type="submit" name="other" value={one.id} class="secondary outline">
        Take {nameOf(one)} apart
      </button>
    </form>
  </details>
);

const LinkForm = ({ customer, candidate }: { customer: Customer; candidate: Candidate | null }) => (
  <details open={candidate !== null}>
    <summary>Link another record</summary>
    <form method="get" action={`${customerPath(customer)}#records`} class="filter">
      <label>
        source/id, order number or e-mail
        <input type="search" name="with" value={candidate?.text} required placeholder="shop/c-77" />
      </label>
      <button type="submit" class="secondary">
        Look for it
      </button>
    </form>
    {candidate && <Found customer={customer} candidate={candidate} />}
  </details>
);

const Found = ({ customer, candidate: { text, found } }: { customer: Customer; candidate: Candidate }) => {
  if (found.length === 0)
    return (
      <p role="status">
        Nobody else is called "{text}". Give the id with its source, as <code>shop/c-77</code>, or the whole number of
        an order.
      </p>
    );
  return (
    <>
      <p role="status">
        {found.length === 1 ? 'Is this the same customer?' : 'Which of them is the same customer?'} Their orders, mail
        and complaints are one customer's from then on: an earlier order counts as followed by a later one. It can be
        undone.
      </p>
      <ul>
        {found.map((one) => (
          <li>
            <About one={one} />
            {one.partyId === customer.partyId ? (
              <span class="quiet"> They are one customer already.</span>
            ) : (
              <form method="post" action={`${customerPath(customer)}/link`} class="inline">
                <button type="submit" name="other" value={one.id}>
                  Link {nameOf(one)}
                </button>
              </form>
            )}
          </li>
        ))}
      </ul>
    </>
  );
};

/** What they have that runs out or may break: serial numbers, warranties and contracts. */
export const Machines = ({ customer, machines: { items, next }, zone, view }: Told) => {
  if (items.length === 0) return null;
  const lines = items.flatMap((order) =>
    order.lines.flatMap((line) => (line.serial || line.warrantyUntil || line.term ? [{ order, line }] : [])),
  );
  const today = localDay(view.now, zone.zone);
  const until = (day: string | null | undefined) => (day ? <Until day={day} today={today} view={view} /> : null);
  return (
    <>
      <h2 id="machines">Machines and contracts</h2>
      <section class="wide" tabindex={0} aria-label="Machines and contracts">
        <table>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Serial number</th>
              <th scope="col">Warranty until</th>
              <th scope="col">Contract until</th>
              <th scope="col">Order</th>
            </tr>
          </thead>
          <tbody>
            {lines.map(({ order, line }) => (
              <tr>
                <th scope="row">{line.name ?? line.sku ?? 'Something'}</th>
                <td>{line.serial ?? <span class="quiet">None</span>}</td>
                <td>{until(line.warrantyUntil) ?? <span class="quiet">None</span>}</td>
                <td>{until(line.term?.to) ?? <span class="quiet">{line.term ? 'Further notice' : 'None'}</span>}</td>
                <td class="nowrap">
                  <a href={orderPath(order)}>
                    {order.source}/{order.number}
                  </a>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Further path={customerPath(customer)} list="machines" next={next} />
    </>
  );
};

/** A day, and how far it is: the day itself still counts. */
const Until = ({ day, today, view: { show } }: { day: string; today: string; view: View }) => {
  const days = (Date.parse(day) - Date.parse(today)) / DAY;
  const said = days < 0 ? `over for ${daysInWords(days)}` : days === 0 ? 'ends today' : `${daysInWords(days)} left`;
  return (
    <>
      {show.in('UTC').day(Date.parse(day))} <span class={days < 0 ? 'quiet small' : 'small'}>({said})</span>
    </>
  );
};

/** All orders of all that is one customer, the newest first. */
export const Orders = ({ customer, orders: { items, next }, placed, view: { show } }: Told) => {
  const several = [...placed.values()].some(({ id }) => id !== customer.id);
  return (
    <>
      <h2 id="orders">Orders</h2>
      {items.length === 0 ? (
        <p>None yet.</p>
      ) : (
        <section class="wide" tabindex={0} aria-label="Orders, newest first">
          <table>
            <thead>
              <tr>
                <th scope="col">Order</th>
                {several && <th scope="col">By</th>}
                <th scope="col">Placed</th>
                <th scope="col">Total</th>
                <th scope="col">Stage</th>
                <th scope="col">Next contact</th>
              </tr>
            </thead>
            <tbody>
              {items.map((order) => (
                <tr>
                  <th scope="row" class="nowrap">
                    <a href={orderPath(order)}>
                      {order.source}/{order.number}
                    </a>
                  </th>
                  {several && <td>{nameOf(placed.get(order.id)!)}</td>}
                  <td>
                    <At at={order.placedAt} show={show} />
                  </td>
                  <td class="nowrap">{show.money(order.total, order.currency)}</td>
                  <td>
                    {STAGE_NAMES[order.stage]}
                    {order.outcome && <span class="quiet small"> {OUTCOME_WORDS[order.outcome]}</span>}
                  </td>
                  <td>
                    {order.nextTouch && order.nextDueAt !== null ? (
                      <>
                        {sentence(order.nextTouch)}, <At at={order.nextDueAt} show={show} />
                      </>
                    ) : (
                      <span class="quiet">None</span>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <Further path={customerPath(customer)} list="orders" next={next} />
    </>
  );
};
