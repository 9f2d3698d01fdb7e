import type { Context } from 'hono';
import { aboutOf } from '../../domain/followUp.ts';
import { readEvent } from '../../domain/messages.ts';
import { type Planned, plan } from '../../domain/plan.ts';
import { type Answer, answerOf } from '../../store/answers.ts';
import { ledgerOf, openTasksAbout } from '../../store/desk.ts';
import { takeEvent } from '../../store/events.ts';
import { loadSale, type Sale } from '../../store/followUps.ts';
import type { Entry } from '../../store/ledger.ts';
import { findOrder } from '../../store/orders.ts';
import { type Colleague, colleague } from '../../store/staff.ts';
import { errorsOf, filled, readForm } from '../ui/forms.ts';
import type { Errors } from '../ui/layout.tsx';
import { agreed, phoneInGroups, type Show } from '../ui/show.ts';
import {
  DEED_WORDS,
  HOLD_WORDS,
  LEDGER_WORDS,
  OUTCOME_WORDS,
  PLEDGE_WORDS,
  reasonInWords,
  STAGE_WORDS,
  sentence,
  whyInWords,
} from '../ui/words.ts';
import type { Web } from '../web.ts';
import { back, saidOf } from './back.ts';
import { TaskCard } from './card.tsx';
import { At, Frame, orderPath, type View, viewOf, Wrong } from './frame.tsx';
import { noSuchPage } from './noSuchPage.tsx';
import { Report } from './report.tsx';
import { Story } from './story.tsx';
import { nameOf, type TaskView, taskViews } from './taskView.ts';

/** Everything an order's page tells. */
interface Told {
  view: View;
  sale: Sale;
  owner: Colleague;
  ahead: Planned[];
  tasks: TaskView[];
  answer: Answer | null;
  sent: Entry[];
  temporal: string | null;
}

/** `GET /orders/{source}/{number}`: all there is to know about one sale. */
export const showOrder = (web: Web) => async (c: Context) => {
  const told = await tell(web, c);
  return told ? c.html(<OrderPage {...told} said={await saidOf(web, c)} />) : noSuchOrder(web, c);
};

/** `POST /orders/{source}/{number}/events`: something happened. */
export const takeReport = (web: Web) => async (c: Context) => {
  const { source = '', number = '' } = c.req.param() as Record<string, string>;
  const order = await findOrder(web.store, source, number);
  if (!order) return noSuchOrder(web, c);
  const typed = await readForm(c);
  const { form, ...report } = filled(typed);
  const now = web.now();
  // A day that is promised is the customer's; when something happened is told by the clock on our wall.
  const sale = await loadSale(web.store, web.store.db, order.id);
  const { zone } = report.type === 'promised' ? sale.terms.person : web.store.calendar;
  const read = readEvent(report, now, { zone });
  if (read.ok) {
    await takeEvent(web.store, source, number, read.event, now);
    return back(c, orderPath({ source, number }), 'reported', read.event.type);
  }
  const errors = errorsOf(read.errors, LABELS);
  const told = await tell(web, c);
  return told ? c.html(<OrderPage {...told} typed={typed} errors={errors} />, 422) : noSuchOrder(web, c);
};

const LABELS = {
  type: 'The kind of event',
  at: 'The time',
  until: 'The end of the pause',
  by: 'The date',
  text: 'The text',
};

const noSuchOrder = (web: Web, c: Context) => noSuchPage(web, c, 'There is no order of this source and number.');

async function tell(web: Web, c: Context): Promise<Told | null> {
  const { store, temporalUi } = web;
  const { source = '', number = '' } = c.req.param() as Record<string, string>;
  const order = await findOrder(store, source, number);
  if (!order) return null;
  const view = { ...viewOf(web, c), here: orderPath(order) };
  const [sale, rows, owner, answer, sent] = await Promise.all([
    loadSale(store, store.db, order.id),
    openTasksAbout(store, order.id),
    colleague(store.db, order.owner),
    answerOf(store.db, order.id),
    ledgerOf(store, order.id),
  ]);
  const workflow = `follow-up/${source}/${encodeURIComponent(number)}`;
  return {
    view,
    sale,
    owner,
    answer,
    sent,
    ahead: plan(sale.followUp, sale.terms, view.now),
    tasks: await taskViews(store, rows, view.show),
    temporal:
      temporalUi && `${temporalUi.replace(/\/+$/, '')}/namespaces/default/workflows/${encodeURIComponent(workflow)}`,
  };
}

const OrderPage = ({
  said,
  typed = {},
  errors = {},
  ...told
}: Told & { said?: string | null; typed?: Record<string, string>; errors?: Errors }) => {
  const { view, sale, tasks, ahead, answer, sent, temporal } = told;
  const { show } = view;
  const action = `${orderPath(sale.order)}/events`;
  return (
    <Frame view={view} title={`Order ${sale.order.source}/${sale.order.number}`} said={said}>
      <Wrong errors={Object.values(errors)} />
      <Facts {...told} />
      {tasks.length > 0 && (
        <section aria-labelledby="tasks">
          <h2 id="tasks">To do</h2>
          <ul class="tasks">
            {tasks.map((task) => (
              <li>
                <TaskCard task={task} view={view} level={3} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <div class="columns">
        <div>
          <h2>What lies ahead</h2>
          <Ahead ahead={ahead} sale={sale} show={show} />
          <h2>What happened</h2>
          <Story events={sale.events} show={show} zone={sale.terms.person.zone} />
        </div>
        <div>
          <h2>Promises</h2>
          <Promises sale={sale} show={show} action={action} />
          <h2>The customer's answer</h2>
          <Answered answer={answer} show={show} />
          <h2>Bought</h2>
          <Lines sale={sale} show={show} />
          <h2>Mail</h2>
          <Sent sent={sent} show={show} />
          <h2>Record something</h2>
          <Report action={action} view={view} typed={typed} errors={errors} />
          {temporal && (
            <p>
              <a href={temporal} rel="noreferrer">
                Its workflow in the Temporal UI
              </a>
            </p>
          )}
        </div>
      </div>
    </Frame>
  );
};

const Facts = ({ sale: { order, customer, terms }, owner, view: { show } }: Told) => (
  <dl class="facts">
    <dt>Stands at</dt>
    <dd>
      <strong>{STAGE_WORDS[order.stage]}</strong>
      {order.outcome && `. ${OUTCOME_WORDS[order.outcome]}.`}
    </dd>
    <dt>Customer</dt>
    <dd>
      {nameOf(customer)}
      {customer.name && customer.companyName && `, ${customer.companyName}`}
      {customer.role && ` (${customer.role})`}
    </dd>
    {customer.phone && (
      <>
        <dt>Phone</dt>
        <dd>
          <a href={`tel:${customer.phone}`}>{phoneInGroups(customer.phone)}</a>
          {customer.phoneWrong && <span class="late"> (found to be wrong)</span>}
        </dd>
      </>
    )}
    {customer.email && (
      <>
        <dt>E-mail</dt>
        <dd>
          <a href={`mailto:${customer.email}`}>{customer.email}</a>
          {!terms.person.email && <span class="late"> (nothing is sent there: it was refused)</span>}
        </dd>
      </>
    )}
    <dt>May be contacted</dt>
    <dd>{consentOf(customer)}</dd>
    {customer.marks.length > 0 && (
      <>
        <dt>Unclear</dt>
        <dd>{customer.marks.join(' ')}</dd>
      </>
    )}
    <dt>Total</dt>
    <dd>{show.money(order.total, order.currency)}</dd>
    <dt>Placed</dt>
    <dd>
      <At at={order.placedAt} show={show} />
    </dd>
    <dt>Paid</dt>
    <dd>{order.paidAt === null ? 'Not yet' : <At at={order.paidAt} show={show} />}</dd>
    <dt>Owner</dt>
    <dd>{owner.name}</dd>
    <dt>Playbook</dt>
    <dd>{order.playbook}</dd>
  </dl>
);

const consentOf = ({ service, selling }: Sale['customer']) => {
  if (service && selling) return 'About the order, and with offers';
  if (service) return 'About the order; no offers';
  return selling ? 'With offers only' : 'Not at all';
};

const Ahead = ({ ahead, sale, show }: { ahead: Planned[]; sale: Sale; show: Show }) =>
  ahead.length === 0 ? (
    <p>
      {sale.order.stage === 'ended' || sale.order.stage === 'history'
        ? 'Nothing: this follow-up is over.'
        : 'Nothing is planned at present: it goes on when something happens, or a task is done.'}
    </p>
  ) : (
    <ol class="line">
      {ahead.map((planned) => (
        <li class={planned.held || planned.against ? 'held' : ''}>
          <span class="quiet">
            <At at={planned.dueAt} show={show} />
          </span>
          <br />
          <strong>{sentence(planned.touch)}</strong> ({DEED_WORDS[planned.deed].toLowerCase()}
          {planned.deed !== 'send' && planned.deed !== 'ask' && `: ${reasonInWords(planned.what)}`})
          {promiseOf(planned, sale)}
          {planned.against && (
            <span class="quiet"> - will not happen as things stand: {whyInWords(planned.against)}</span>
          )}
          {!planned.against && planned.held && <span class="quiet"> - {HOLD_WORDS[planned.held]}</span>}
        </li>
      ))}
    </ol>
  );

/** Which promise a contact is about, where there may be several. */
function promiseOf({ touch, occurrence }: Planned, { terms, followUp }: Sale): string | null {
  const anchor = terms.playbook.touches.find(({ name }) => name === touch)?.anchor;
  if (anchor !== 'promise' && anchor !== 'broken promise') return null;
  const promise = followUp.promises[aboutOf(occurrence) - 1];
  return promise ? ` ${promise.what}` : null;
}

const Promises = ({ sale, show, action }: { sale: Sale; show: Show; action: string }) => {
  const { promises } = sale.followUp;
  if (promises.length === 0)
    return <p>None. If you agree on something, record it below: it will be checked in time.</p>;
  return (
    <ul>
      {promises.map(({ what, by, state, settledAt }) => (
        <li>
          {what}, by {agreed(by, show, sale.terms.person.zone)}:{' '}
          <strong class={state === 'broken' ? 'late' : ''}>{PLEDGE_WORDS[state]}</strong>
          {settledAt !== null && (
            <span class="quiet small">
              {' '}
              (<At at={settledAt} show={show} />)
            </span>
          )}
          {state === 'open' && (
            <form method="post" action={action} class="inline">
              <input type="hidden" name="text" value={what} />
              <input type="hidden" name="id" value={crypto.randomUUID()} />
              <button type="submit" name="type" value="promise-kept" class="secondary outline">
                Kept
              </button>
              <button type="submit" name="type" value="promise-broken" class="secondary outline">
                Broken
              </button>
            </form>
          )}
        </li>
      ))}
    </ul>
  );
};

const Answered = ({ answer, show }: { answer: Answer | null; show: Show }) =>
  answer === null ? (
    <p>None yet. Silence is not satisfaction: ask.</p>
  ) : (
    <>
      <p>
        <strong>{answer.nps === null ? 'No score' : `${answer.nps} of 10`}</strong>, {whyInWords(answer.way)},{' '}
        <At at={answer.at} show={show} />
      </p>
      {answer.benefit && (
        <>
          <p class="quiet small">How it benefited them</p>
          <blockquote>{answer.benefit}</blockquote>
        </>
      )}
      {answer.better && (
        <>
          <p class="quiet small">What could be better</p>
          <blockquote>{answer.better}</blockquote>
        </>
      )}
    </>
  );

const Lines = ({ sale: { order }, show }: { sale: Sale; show: Show }) =>
  order.lines.length === 0 ? (
    <p>The sales system did not say what was bought.</p>
  ) : (
    <ul>
      {order.lines.map(({ quantity, name, sku, price, serial, warrantyUntil, term }) => (
        <li>
          {show.number(quantity)} x {name ?? sku ?? 'something'}
          {price !== null && `, ${show.money(price, order.currency)} each`}
          {serial && <span class="quiet small"> serial {serial}</span>}
          {warrantyUntil && <span class="quiet small"> warranty until {warrantyUntil}</span>}
          {term && (
            <span class="quiet small">
              {' '}
              {term.from} to {term.to ?? 'further notice'}
            </span>
          )}
        </li>
      ))}
    </ul>
  );

const Sent = ({ sent, show }: { sent: Entry[]; show: Show }) =>
  sent.length === 0 ? (
    <p>None was sent yet.</p>
  ) : (
    <ul>
      {sent.map(({ touch, occurrence, state, sentAt, claimedAt, reply, attempt }) => (
        <li>
          {sentence(touch)}
          {occurrence !== '1' && ` (${occurrence})`}: {LEDGER_WORDS[state]}, <At at={sentAt ?? claimedAt} show={show} />
          {attempt > 1 && `, try ${attempt}`}
          {reply && state !== 'sent' && <span class="quiet small"> "{reply}"</span>}
        </li>
      ))}
    </ul>
  );
