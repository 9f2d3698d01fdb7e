import type { Context } from 'hono';
import { STAGES, type Stage } from '../../domain/followUp.ts';
import { listOrders, type OrderRow, searchOrders } from '../../store/desk.ts';
import { allStaff, type Colleague } from '../../store/staff.ts';
import { filled } from '../ui/forms.ts';
import { OUTCOME_WORDS, STAGE_NAMES, sentence, whyInWords } from '../ui/words.ts';
import type { Web } from '../web.ts';
import { FirstOrder } from './firstOrder.tsx';
import { At, cursorIn, customerPath, Filter, Frame, More, orderPath, type View, viewOf } from './frame.tsx';
import { nameOf } from './taskView.ts';

/** What is filtered by; empty where it is not. */
interface Chosen {
  q: string;
  stage: string;
  /** Whose open orders. */
  owner: string;
  /** `put-off`: only those whose next contact is put off. */
  next: string;
}

/** `GET /orders`: newest first, by what is chosen, or those a search finds; one find is opened at once. */
export const showOrders = (web: Web) => async (c: Context) => {
  const { q = '', stage = '', owner = '', next: ahead = '', after } = c.req.query();
  const view = viewOf(web, c);
  const colleagues = await allStaff(web.store);
  const chosen: Chosen = {
    // PostgreSQL's text has no NUL.
    q: q.replaceAll('\0', '').trim().slice(0, 254),
    stage: STAGES.includes(stage as Stage) ? stage : '',
    owner: colleagues.some(({ handle }) => handle === owner) ? owner : '',
    next: ahead === PUT_OFF ? PUT_OFF : '',
  };
  if (chosen.q) {
    const found = await searchOrders(web.store, chosen.q);
    if (found.length === 1) return c.redirect(orderPath(found[0].order));
    return c.html(<OrdersPage view={view} rows={found} next={null} chosen={chosen} colleagues={colleagues} />);
  }
  const { items, next } = await listOrders(web.store, {
    stage: (chosen.stage || undefined) as Stage | undefined,
    owner: chosen.owner || undefined,
    putOff: chosen.next === PUT_OFF,
    cursor: cursorIn(after),
  });
  return c.html(<OrdersPage view={view} rows={items} next={next} chosen={chosen} colleagues={colleagues} />);
};

const PUT_OFF = 'put-off';

interface Page {
  view: View;
  rows: OrderRow[];
  next: string | null;
  chosen: Chosen;
  colleagues: Colleague[];
}

const OrdersPage = ({ view, rows, next, chosen, colleagues }: Page) => (
  <Frame view={view} title="Orders">
    <Filter path="/orders" label="Orders">
      <label>
        Order number or e-mail
        <input type="search" name="q" value={chosen.q} placeholder="shop/10042" />
      </label>
      <label>
        Stage
        <select name="stage">
          <option value="">Every stage</option>
          {STAGES.map((stage) => (
            <option value={stage} selected={stage === chosen.stage}>
              {STAGE_NAMES[stage]}
            </option>
          ))}
        </select>
      </label>
      <label>
        Owner (open orders)
        <select name="owner">
          <option value="">Everybody</option>
          {colleagues.map(({ handle, name }) => (
            <option value={handle} selected={handle === chosen.owner}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        Next contact
        <select name="next">
          <option value="">Whatever it is</option>
          <option value={PUT_OFF} selected={chosen.next === PUT_OFF}>
            Put off
          </option>
        </select>
      </label>
    </Filter>
    {rows.length > 0 ? (
      <OrderTable rows={rows} view={view} chosen={chosen} />
    ) : (
      <NoOrders view={view} chosen={chosen} />
    )}
    <More path="/orders" query={filled({ ...chosen, q: '' })} next={next} />
  </Frame>
);

const OrderTable = ({ rows, view: { show }, chosen }: { rows: OrderRow[]; view: View; chosen: Chosen }) => (
  // Reachable by keyboard, since on a small screen it scrolls sideways.
  <section class="wide" tabindex={0} aria-label="Orders">
    <table>
      <caption>{chosen.q ? `Orders found for "${chosen.q}"` : 'Newest first'}</caption>
      <thead>
        <tr>
          <th scope="col">Order</th>
          <th scope="col">Customer</th>
          <th scope="col">Placed</th>
          <th scope="col">Total</th>
          <th scope="col">Stage</th>
          <th scope="col">Next contact</th>
          <th scope="col">Owner</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ order, customer, owner }) => (
          <tr>
            <th scope="row" class="nowrap">
              <a href={orderPath(order)}>
                {order.source}/{order.number}
              </a>
            </th>
            <td>
              <a href={customerPath(customer)}>{nameOf(customer)}</a>
            </td>
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
                  {order.brake && <span class="quiet small"> put off: {whyInWords(order.brake)}</span>}
                </>
              ) : (
                <span class="quiet">None</span>
              )}
            </td>
            <td>{owner.name}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);

const NoOrders = ({ view: { web }, chosen }: { view: View; chosen: Chosen }) => {
  if (chosen.q)
    return (
      <p>
        No order is called "{chosen.q}". The number has to be whole, alone or as <code>source/number</code>; a
        customer's e-mail address finds their orders too.
      </p>
    );
  if (chosen.stage || chosen.owner || chosen.next)
    return (
      <p>
        No order is like that now. See <a href="/orders">all of them</a>.
      </p>
    );
  return <FirstOrder web={web} />;
};
