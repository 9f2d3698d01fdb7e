import type { Context } from 'hono';
import type { Step } from '../../domain/complaint.ts';
import { type ComplaintView, listComplaints } from '../../store/complaints.ts';
import { closedInWords, STEP_WORDS, WANT_WORDS } from '../ui/words.ts';
import type { Web } from '../web.ts';
import { saidOf } from './back.ts';
import { At, complaintPath, cursorIn, Frame, More, orderPath, type View, viewOf } from './frame.tsx';
import { nameOf } from './taskView.ts';

/** `GET /complaints`: the open ones by due time; with `closed=yes` those that are over, the last first. */
export const showComplaints = (web: Web) => async (c: Context) => {
  const { closed: asked, after } = c.req.query();
  const closed = asked === 'yes';
  const view = viewOf(web, c);
  const { items, next } = await listComplaints(web.store, closed, cursorIn(after));
  return c.html(
    <Frame view={view} title="Complaints" said={await saidOf(web, c)}>
      <p>
        {closed ? <a href="/complaints">Open</a> : <strong>Open</strong>},{' '}
        {closed ? <strong>closed</strong> : <a href="/complaints?closed=yes">closed</a>}
      </p>
      {items.length > 0 ? (
        <Table view={view} items={items} closed={closed} />
      ) : (
        <p>
          {closed
            ? 'None was closed yet.'
            : "None is open. Customers complain by the links in their mails; what they tell you is recorded on their order's page."}
        </p>
      )}
      <More path="/complaints" query={closed ? { closed: 'yes' } : {}} next={next} />
    </Frame>,
  );
};

const Table = ({ view: { show, now }, items, closed }: { view: View; items: ComplaintView[]; closed: boolean }) => (
  <section class="wide rows" tabindex={0} aria-label="Complaints">
    <table>
      <caption>{closed ? 'The last first' : 'What is due first comes first'}</caption>
      <thead>
        <tr>
          <th scope="col">Customer</th>
          <th scope="col">Order</th>
          <th scope="col">{closed ? 'Closed' : 'Due'}</th>
          <th scope="col">{closed ? 'Why' : 'Next'}</th>
          <th scope="col">Wants</th>
          <th scope="col">{closed ? 'Cause' : 'Since'}</th>
          <th scope="col">Owner</th>
        </tr>
      </thead>
      <tbody>
        {items.map(({ complaint, order, customer, owner }) => (
          <tr>
            <th scope="row">
              <a href={complaintPath(complaint)}>{nameOf(customer)}</a>
            </th>
            <td class="nowrap" data-of="Order">
              <a href={orderPath(order)}>{`${order.source}/${order.number}`}</a>
            </td>
            <td data-of={closed ? 'Closed' : 'Due'}>
              {complaint.dueAt !== null && complaint.dueAt < now ? (
                <strong class="late">{show.ago(complaint.dueAt, now)}</strong>
              ) : (
                <At at={(complaint.closedAt ?? complaint.dueAt)!} show={show} />
              )}
            </td>
            <td data-of={closed ? 'Why' : 'Next'}>
              {closed ? closedInWords(complaint.closedWhy ?? '') : STEP_WORDS[complaint.step as Step]}
            </td>
            <td data-of="Wants">
              {complaint.wants ? WANT_WORDS[complaint.wants] : <span class="quiet">Not known</span>}
            </td>
            <td data-of={closed ? 'Cause' : 'Since'}>
              {closed ? (complaint.cause ?? '') : show.ago(complaint.openedAt, now)}
            </td>
            <td data-of="Owner">
              {owner.name}
              {complaint.escalations > 0 && <span class="late small"> (was late)</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);
