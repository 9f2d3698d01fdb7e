import type { Context } from 'hono';
import { phoneInGroups } from '../../domain/address.ts';
import { isPaused } from '../../domain/against.ts';
import { expectedOrder } from '../../domain/anchors.ts';
import { type Step, WANTS } from '../../domain/complaint.ts';
import type { Day } from '../../domain/dates.ts';
import { aboutOf, type End, openReturn } from '../../domain/followUp.ts';
import { readEvent } from '../../domain/messages.ts';
import { CHANNELS, type OrderLine } from '../../domain/order.ts';
import { type Planned, plan } from '../../domain/plan.ts';
import { APPROVE, PURPOSES } from '../../domain/playbook.ts';
import type { Person } from '../../domain/terms.ts';
import { showSpan } from '../../domain/time.ts';
import { type AnswerRow, answersAbout } from '../../store/answers.ts';
import { type ComplaintRow, complaintsOf } from '../../store/complaints.ts';
import {
  type Known,
  knownBefore,
  ledgerOf,
  type OrderRow,
  openTasksAbout,
  ordersOfParty,
  othersOf,
  unknownSeller,
} from '../../store/desk.ts';
import { takeEvent } from '../../store/events.ts';
import { type Customer, loadSale, type Sale } from '../../store/followUps.ts';
import { type InboundMail, repliesTo } from '../../store/inbound.ts';
import type { Entry } from '../../store/ledger.ts';
import { findOrder } from '../../store/orders.ts';
import { type ReferralRow, referralOf } from '../../store/referrals.ts';
import { type Return, returnsOf } from '../../store/returns.ts';
import { allStaff, type Colleague, managersOf } from '../../store/staff.ts';
import { errorsOf, filled, readForm } from '../ui/forms.ts';
import type { Errors } from '../ui/layout.tsx';
import type { Show } from '../ui/show.ts';
import {
  CHANNEL_WORDS,
  closedInWords,
  DEED_WORDS,
  EXPECTED_WORDS,
  HOLD_WORDS,
  LEDGER_WORDS,
  LINK_WORDS,
  OUTCOME_WORDS,
  PURPOSE_WORDS,
  reasonInWords,
  STAGE_NAMES,
  STAGE_WORDS,
  STEP_WORDS,
  sentence,
  whyInWords,
} from '../ui/words.ts';
import type { Web } from '../web.ts';
import { Answered } from './answer.tsx';
import { back, saidOf } from './back.ts';
import { knownFacts, Pledged, TaskCard } from './card.tsx';
import { At, complaintPath, customerPath, Frame, mailPath, orderPath, type View, viewOf, Wrong } from './frame.tsx';
import { noSuchPage } from './noSuchPage.tsx';
import { standing } from './referrals.tsx';
import { Replies } from './replies.tsx';
import { Report } from './report.tsx';
import { Returns } from './returns.tsx';
import { Improve } from './review.tsx';
import { Story } from './story.tsx';
import { daysApart, daysInWords, mailBehind, nameOf, type TaskView, taskViews } from './taskView.ts';

/** Everything an order's page tells. */
interface Told {
  view: View;
  sale: Sale;
  /** The names of all colleagues by handle. */
  names: Map<string, string>;
  /** The salesperson the order named and nobody knows. */
  seller: string | null;
  known: Known;
  /** Others who are one customer with this one. */
  people: Customer[];
  /** The last orders of them all. */
  orders: OrderRow[];
  ahead: Planned[];
  tasks: TaskView[];
  answers: AnswerRow[];
  sent: Entry[];
  replies: InboundMail[];
  complaints: ComplaintRow[];
  returns: Return[];
  /** Through whom the customer came; null: nobody is said to have brought them. */
  referral: ReferralRow | null;
  /** Those who are there. */
  colleagues: Colleague[];
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
  const { form, wants: wanted, ...report } = filled(typed);
  const now = web.now();
  // A day that is promised is the customer's; when something happened is told by the clock on our wall.
  const sale = await loadSale(web.store, web.store.db, order.id);
  const { zone } = report.type === 'promised' ? sale.terms.person : web.store.calendar;
  const read = readEvent(report, now, { zone });
  if (read.ok) {
    const wants = WANTS.find((want) => want === wanted);
    await takeEvent(web.store, source, number, { ...read.event, word: true, wants }, now);
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

/** How many other people and orders of a customer are listed; the customer's page has all. */
const SHOWN = 10;
/** How many people of a customer are known to a page, to name who is contacted. */
const PEOPLE = 100;

const noSuchOrder = (web: Web, c: Context) => noSuchPage(web, c, 'There is no order of this source and number.');

async function tell(web: Web, c: Context): Promise<Told | null> {
  const { store, temporalUi } = web;
  const { source = '', number = '' } = c.req.param() as Record<string, string>;
  const order = await findOrder(store, source, number);
  if (!order) return null;
  const view = { ...viewOf(web, c), here: orderPath(order) };
  const sale = await loadSale(store, store.db, order.id);
  const [rows, staff, answers, sent, known, people, orders, seller] = await Promise.all([
    openTasksAbout(store, order.id),
    allStaff(store),
    answersAbout(store.db, [order.id]),
    ledgerOf(store, order.id),
    knownBefore(store, [order.id]),
    othersOf(store, sale.customer, PEOPLE),
    ordersOfParty(store, order.partyId, SHOWN + 2),
    order.unknownSalesperson === null ? null : unknownSeller(store, order.unknownSalesperson),
  ]);
  const [returns, referral] = await Promise.all([returnsOf(store, order.id), referralOf(store, order.id)]);
  const complaints = await complaintsOf(store.db, order.id);
  const replies = await repliesTo(store, [order.id]);
  const workflow = `follow-up/${source}/${encodeURIComponent(number)}`;
  return {
    view,
    sale,
    names: new Map(staff.map(({ handle, name }) => [handle, name])),
    seller,
    known: known.get(order.id)!,
    people,
    orders,
    answers,
    sent,
    replies,
    complaints,
    returns,
    referral,
    colleagues: staff.filter(({ leftAt }) => leftAt === null),
    ahead: plan(sale.followUp, sale.terms, view.now),
    tasks: await taskViews(web, rows, view.show),
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
  const { view, sale, tasks, answers, sent, replies, returns, colleagues, temporal } = told;
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
                <TaskCard task={task} view={view} level={3} brief />
              </li>
            ))}
          </ul>
        </section>
      )}
      <div class="columns">
        <div>
          <h2>What lies ahead</h2>
          <Ahead {...told} />
          <h2>What happened</h2>
          <Story events={sale.events} show={show} zone={sale.terms.person.zone} names={told.names} />
        </div>
        <div>
          <Complaints complaints={told.complaints} show={show} />
          <h2>Promises</h2>
          <Promises sale={sale} view={view} action={action} />
          <h2>The customer's answer</h2>
          <Answered answers={answers} view={view} names={told.names} />
          <p class="small">
            <a href={`${orderPath(sale.order)}/answer`}>Type in an answer that came on paper</a>,{' '}
            <a href={`${orderPath(sale.order)}/card`}>print a card for the parcel</a>
          </p>
          <h2>Bought</h2>
          <Lines sale={sale} view={view} />
          <Others {...told} />
          <h2>Mail</h2>
          <Sent sent={sent} show={show} />
          {replies.length > 0 && <h3>What they wrote back</h3>}
          <Replies mails={replies} order={sale.order} />
          <h2>Returns</h2>
          <Returns sale={sale} returns={returns} view={view} managers={managersOf(view.web.store, colleagues)} />
          <h2>Record something</h2>
          <Report action={action} view={view} typed={typed} errors={errors} />
          <Improve path={orderPath(sale.order)} colleagues={colleagues} />
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

/** What the customer complained about, and where that stands. */
const Complaints = ({ complaints, show }: { complaints: ComplaintRow[]; show: Show }) =>
  complaints.length === 0 ? null : (
    <>
      <h2>Complaints</h2>
      <ul>
        {complaints.map(({ id, openedAt, step, closedAt, closedWhy }) => (
          <li>
            <a href={complaintPath({ id })}>Of {show.day(openedAt)}</a>:{' '}
            {closedAt === null ? (
              <strong>{STEP_WORDS[step as Step].toLowerCase()}</strong>
            ) : (
              `closed, ${closedInWords(closedWhy ?? '')}`
            )}
          </li>
        ))}
      </ul>
    </>
  );

const Facts = ({ sale, names, seller, known, referral, view }: Told) => {
  const { order, customer, terms } = sale;
  const { show } = view;
  const version = view.web.shelf.current.get(order.playbook);
  return (
    <dl class="facts">
      <dt>Stands at</dt>
      <dd>
        <strong>{STAGE_WORDS[order.stage]}</strong>
        {order.outcome && `. ${OUTCOME_WORDS[order.outcome]}.`}
        <Rests sale={sale} view={view} />
      </dd>
      <Expected sale={sale} view={view} />
      <dt>Customer</dt>
      <dd>
        <a href={customerPath(customer)}>{nameOf(customer)}</a>
        {customer.name && customer.companyName && `, ${customer.companyName}`}
        {customer.role && ` (${customer.role})`}
      </dd>
      {knownFacts(known, order.currency, view).map(([name, said]) => (
        <>
          <dt>{name}</dt>
          <dd>{said}</dd>
        </>
      ))}
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
      <dd>{consentOf(terms.person)}</dd>
      {customer.marks.length > 0 && (
        <>
          <dt>Unclear</dt>
          <dd>{customer.marks.join(' ')}</dd>
        </>
      )}
      {referral && (
        <>
          <dt>Came through</dt>
          <dd>
            <a href={customerPath(referral.referrer)}>{nameOf(referral.referrer)}</a>
            <span class="quiet small"> {standing(referral)}</span>
          </dd>
        </>
      )}
      <dt>Total</dt>
      <dd>
        {show.money(order.total, order.currency)}
        {order.addOn && (
          <span class="quiet">
            {' '}
            (an add-on: spare parts, or bought within {showSpan(terms.playbook.addOnWithin)} of the last order; it
            proves nobody satisfied)
          </span>
        )}
      </dd>
      <dt>Placed</dt>
      <dd>
        <At at={order.placedAt} show={show} />
      </dd>
      <dt>Paid</dt>
      <dd>{order.paidAt === null ? 'Not yet' : <At at={order.paidAt} show={show} />}</dd>
      <dt>Owner</dt>
      <dd>
        {names.get(order.owner)}
        {seller && (
          <span class="late">
            {' '}
            (the order names {seller}, whom nobody has added: do so under <a href="/settings">Settings</a>)
          </span>
        )}
      </dd>
      <dt>Playbook</dt>
      <dd>
        <a href={`/playbooks/${order.playbook}`}>{terms.playbook.title}</a>{' '}
        <span class="quiet small">
          {order.playbook}, version {order.playbookHash.slice(0, 8)}
          {version && version.hash !== order.playbookHash && ', not the one new orders follow'}
        </span>
      </dd>
    </dl>
  );
};

/** What lets everything rest, and until when. */
const Rests = ({ sale: { followUp, terms }, view: { show, now } }: { sale: Sale; view: View }) => {
  const { customer } = terms.pauses;
  const ended = followUp.endedAt !== null;
  return (
    <>
      {isPaused(followUp, now) &&
        Number.isFinite(followUp.pausedUntil) &&
        `. It goes on ${show.when(followUp.pausedUntil!)}.`}
      {followUp.dormant && !ended && (
        <span class="late">
          {' '}
          Dormant: no sign of life since {show.day(followUp.lastSignAt)}. It waits for the next order, and nobody is
          bothered.
        </span>
      )}
      {!ended && customer !== null && customer > now && (
        <span class="late"> Everything for this customer is paused until {show.when(customer)}.</span>
      )}
    </>
  );
};

/** When the next order is expected and what says so, while it is waited for. */
const Expected = ({ sale: { followUp, terms }, view: { show, now } }: { sale: Sale; view: View }) => {
  const over = followUp.history || followUp.endedAt !== null || followUp.outcome !== null;
  const expected = over ? null : expectedOrder(followUp, terms);
  if (expected === null) return null;
  const { at, by, every } = expected;
  return (
    <>
      <dt>Next order</dt>
      <dd>
        Expected about {show.day(at)},{' '}
        {at < now ? <strong class="late">overdue since {show.ago(at, now)}</strong> : show.ago(at, now)}
        <span class="quiet">
          {' '}
          ({EXPECTED_WORDS[by]}: after {daysInWords(every)})
        </span>
      </dd>
    </>
  );
};

/** What the customer may be contacted for, and how where it makes a difference. */
function consentOf({ consent }: Person): string {
  const said = PURPOSES.flatMap((purpose) => {
    const ways = CHANNELS.filter((channel) => consent[purpose][channel]);
    if (ways.length === 0) return [];
    const [way] = ways;
    return [
      PURPOSE_WORDS[purpose] + (ways.length < CHANNELS.length ? ` (${CHANNEL_WORDS[way].toLowerCase()} only)` : ''),
    ];
  });
  return said.join('; ').replace(/; ./, (start) => start.toLowerCase()) || 'Not at all';
}

const Ahead = (told: Told) => {
  const { ahead, sale, view } = told;
  if (ahead.length === 0)
    return (
      <p>
        {sale.order.stage === 'ended' || (sale.order.stage === 'history' && !openReturn(sale.followUp))
          ? 'Nothing: this follow-up is over.'
          : 'Nothing is planned at present: it goes on when something happens, or a task is done.'}
      </p>
    );
  return (
    <ol class="line">
      {ahead.map((planned) => {
        const mail = mailOf(planned, sale);
        return (
          <li class={planned.held || planned.against ? 'held' : ''}>
            <span class="quiet">
              <At at={planned.dueAt} show={view.show} />
            </span>
            <br />
            <strong>{sentence(planned.touch)}</strong> ({DEED_WORDS[planned.deed].toLowerCase()}
            {planned.deed !== 'send' && planned.deed !== 'ask' && `: ${reasonInWords(planned.what)}`})
            {promiseOf(planned, sale)}
            {toWhom(planned, told)}
            <Hindrance planned={planned} sale={sale} show={view.show} />
            {mail && (
              <>
                {' '}
                <a href={mail} class="small">
                  As it would be sent
                </a>
              </>
            )}
          </li>
        );
      })}
    </ol>
  );
};

/** What keeps a contact from being made, or puts it off. */
export const Hindrance = ({ planned, sale, show }: { planned: Planned; sale: Sale; show: Show }) => {
  const { against, held, brake, wantedAt } = planned;
  const { pausedUntil } = sale.followUp;
  const said = against
    ? `will not happen as things stand: ${whyInWords(against)}`
    : held
      ? `${HOLD_WORDS[held]}${held === 'paused' && Number.isFinite(pausedUntil) ? ` until ${show.when(pausedUntil!)}` : ''}`
      : brake && `put off from ${show.when(wantedAt)}: ${whyInWords(brake)}`;
  return said ? <span class="quiet"> - {said}</span> : null;
};

/** The preview of the mail a contact is, or lets go. */
function mailOf(planned: Planned, { order, terms }: Sale): string | null {
  const { deed, what, against } = planned;
  if (against !== null) return null;
  if (deed === 'send' || deed === 'ask') return mailPath(order, planned);
  const mail = what === APPROVE ? mailBehind(terms.playbook, planned) : null;
  return mail && mailPath(order, mail);
}

/** Who is contacted, where it is not who ordered. */
function toWhom({ to }: Planned, { sale, people }: Told): string | null {
  const one = to !== null && people.find(({ id }) => id === sale.recipients[to]);
  return one ? `, to the ${to}: ${nameOf(one)}` : null;
}

/** Which promise a contact is about, where there may be several. */
function promiseOf({ touch, occurrence }: Planned, { terms, followUp }: Sale): string | null {
  const anchor = terms.playbook.touches.find(({ name }) => name === touch)?.anchor;
  if (anchor !== 'promise' && anchor !== 'broken promise') return null;
  const promise = followUp.promises[aboutOf(occurrence) - 1];
  return promise ? ` ${promise.what}` : null;
}

const Promises = ({ sale, view, action }: { sale: Sale; view: View; action: string }) => {
  const { promises } = sale.followUp;
  if (promises.length === 0)
    return <p>None. If you agree on something, record it below: it will be checked in time.</p>;
  return (
    <ul>
      {promises.map((promise) => (
        <li>
          <Pledged promise={promise} view={view} zone={sale.terms.person.zone} />
          {promise.state === 'open' && (
            <form method="post" action={action} class="inline">
              <input type="hidden" name="text" value={promise.what} />
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

const Lines = ({ sale, view }: { sale: Sale; view: View }) => {
  const { order } = sale;
  const { show } = view;
  if (order.lines.length === 0) return <p>The sales system did not say what was bought.</p>;
  return (
    <ul>
      {order.lines.map((line, index) => (
        <li>
          {show.number(line.quantity)} x {line.name ?? line.sku ?? 'something'}
          {line.price !== null && `, ${show.money(line.price, order.currency)} each`}
          {(line.serial || line.warrantyUntil || line.term) && (
            <ul class="plain small">
              {line.serial && <li>Serial number {line.serial}</li>}
              {line.warrantyUntil && (
                <li>
                  Warranty until {dayInWords(line.warrantyUntil, show)}
                  <Left sale={sale} view={view} of="warranty" line={index + 1} />
                </li>
              )}
              {line.term && (
                <li>
                  {termInWords(line.term, show)}
                  <Left sale={sale} view={view} of="term" line={index + 1} />
                </li>
              )}
            </ul>
          )}
        </li>
      ))}
    </ul>
  );
};

/** A day of the calendar, which is the same wherever it is read. */
const dayInWords = (day: Day, show: Show) => show.in('UTC').day(Date.parse(day));

function termInWords({ from, to }: NonNullable<OrderLine['term']>, show: Show): string {
  const begins = from ? ` from ${dayInWords(from, show)}` : '';
  return `Contract${begins}${to ? ` to ${dayInWords(to, show)}` : ', open-ended'}`;
}

/** How long a warranty or a contract still runs. */
const Left = ({ sale, view, of, line }: { sale: Sale; view: View; of: End['of']; line: number }) => {
  const end = sale.followUp.ends.find((one) => one.of === of && one.line === line);
  if (!end) return null;
  const days = daysApart(view.now, end.at, sale.terms.person.zone, view.web.store.calendar);
  const left = days > 0 ? `${daysInWords(days)} left` : days === 0 ? 'its last day' : 'over';
  return <strong class={days > 0 ? '' : 'late'}> ({left})</strong>;
};

/** By what two are one customer, where they are not of one company. */
function linkOf(one: Customer, me: Customer): string | null {
  const by = one.linkedBy ?? me.linkedBy;
  return by === null || by === 'company' ? null : LINK_WORDS[by];
}

/** Who else they are, and what else they bought. */
const Others = ({ sale: { order, customer }, people, orders, view: { show } }: Told) => {
  const bought = orders.filter(({ order: { id } }) => id !== order.id);
  const All = () => (
    <p class="small">
      <a href={customerPath(customer)}>All of them</a>
    </p>
  );
  return (
    <>
      {people.length > 0 && (
        <>
          <h2>{customer.companyName ? `At ${customer.companyName}` : 'The same customer'}</h2>
          <ul>
            {people.slice(0, SHOWN).map((one) => (
              <li>
                <a href={customerPath(one)}>{nameOf(one)}</a>
                {one.role && ` (${one.role})`}
                {one.phone && (
                  <>
                    , <a href={`tel:${one.phone}`}>{phoneInGroups(one.phone)}</a>
                  </>
                )}
                <span class="quiet small">
                  {' '}
                  {[one.source !== customer.source && `in ${one.source}`, linkOf(one, customer)]
                    .filter(Boolean)
                    .join(', ')}
                </span>
              </li>
            ))}
          </ul>
          {people.length > SHOWN && <All />}
        </>
      )}
      {bought.length > 0 && (
        <>
          <h2>Their other orders</h2>
          <ul>
            {bought.slice(0, SHOWN).map(({ order: one, customer: whose }) => (
              <li>
                <a href={orderPath(one)}>
                  {one.source}/{one.number}
                </a>
                , {show.day(one.placedAt)}, {show.money(one.total, one.currency)}
                <span class="quiet small">
                  {' '}
                  {STAGE_NAMES[one.stage]}
                  {whose.id !== customer.id && `, ${nameOf(whose)}`}
                </span>
              </li>
            ))}
          </ul>
          {bought.length > SHOWN && <All />}
        </>
      )}
    </>
  );
};

const Sent = ({ sent, show }: { sent: Entry[]; show: Show }) =>
  sent.length === 0 ? (
    <p>None was sent yet.</p>
  ) : (
    <ul>
      {sent.map(({ touch, occurrence, state, sentAt, claimedAt, reply, attempt, bouncedAt }) => (
        <li>
          {sentence(touch)}
          {occurrence !== '1' && ` (${occurrence})`}: {LEDGER_WORDS[state]}, <At at={sentAt ?? claimedAt} show={show} />
          {attempt > 1 && `, try ${attempt}`}
          {bouncedAt !== null && <span class="late"> (it came back)</span>}
          {reply && state !== 'sent' && <span class="quiet small"> "{reply}"</span>}
        </li>
      ))}
    </ul>
  );
