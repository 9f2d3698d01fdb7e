import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import { phoneInGroups } from '../../domain/address.ts';
import { expectedOrder } from '../../domain/anchors.ts';
import { demonstrated } from '../../domain/calendar.ts';
import { readCustomerPatch } from '../../domain/messages.ts';
import { CHANNELS } from '../../domain/order.ts';
import { PURPOSES } from '../../domain/playbook.ts';
import { QUOTES } from '../../domain/survey.ts';
import { zoneFrom } from '../../domain/zones.ts';
import { agreedBy, recordsOfPerson } from '../../store/consent.ts';
import { changeCustomer } from '../../store/customers.ts';
import { orderersOf } from '../../store/desk.ts';
import { type Customer, loadSale } from '../../store/followUps.ts';
import {
  machinesPage,
  type Overview,
  ordersPage,
  overviewOf,
  recordsOf,
  type StoryEvent,
  storyPage,
} from '../../store/overview.ts';
import type { Page } from '../../store/pages.ts';
import { link, unlink } from '../../store/parties.ts';
import { pauseCustomer } from '../../store/pauses.ts';
import { referralsAround } from '../../store/referrals.ts';
import { allStaff, type Colleague } from '../../store/staff.ts';
import { readForm } from '../ui/forms.ts';
import { FieldError, wrongness } from '../ui/layout.tsx';
import {
  CHANNEL_WORDS,
  EXPECTED_WORDS,
  KIND_WORDS,
  PURPOSE_WORDS,
  QUOTE_WORDS,
  reasonInWords,
  SUPPRESSED_WORDS,
  scoresInWords,
  ZONE_WORDS,
} from '../ui/words.ts';
import type { Web } from '../web.ts';
import { back, saidOf } from './back.ts';
import { Pledged } from './card.tsx';
import {
  type Candidate,
  candidateFor,
  customerAt,
  customerCalled,
  Further,
  Machines,
  Orders,
  Records,
} from './customerLists.tsx';
import { At, complaintPath, cursorIn, customerPath, Frame, orderPath, type View, viewOf, Wrong } from './frame.tsx';
import { noSuchPage } from './noSuchPage.tsx';
import { ReferralsAround } from './referrals.tsx';
import { Improve } from './review.tsx';
import { StoryLine } from './story.tsx';
import { daysInWords, nameOf, spanSince } from './taskView.ts';

/** Everything a customer's page tells. */
export interface Told {
  view: View;
  customer: Customer;
  overview: Overview;
  /** When the next order is expected, what says so, and after how many days. */
  expected: { at: number; by: keyof typeof EXPECTED_WORDS; every: number } | null;
  /** How many records the person has, whom consent is asked of. */
  own: number;
  zone: ReturnType<typeof zoneFrom>;
  names: ReadonlyMap<string, string>;
  records: Page<Customer>;
  machines: Awaited<ReturnType<typeof machinesPage>>;
  orders: Awaited<ReturnType<typeof ordersPage>>;
  /** Who placed each of these. */
  placed: ReadonlyMap<string, Customer>;
  story: Page<StoryEvent>;
  candidate: Candidate | null;
  referrals: Awaited<ReturnType<typeof referralsAround>>;
  /** Those who are there. */
  colleagues: Colleague[];
}

/** `GET /customers/{id}`: all there is to know about who buys, in a minute. */
export const showCustomer = (web: Web) => async (c: Context) => {
  const told = await tell(web, c);
  return told ? c.html(<CustomerPage {...told} said={await whatWasSaid(web, c, told)} />) : noSuchCustomer(web, c);
};

/** `GET /customers/{source}/{id}`: by what the sales system calls them. */
export const showCustomerOf = (web: Web) => async (c: Context) => {
  const { source = '', externalId = '' } = c.req.param() as Record<string, string>;
  const found = await customerCalled(web, source, externalId);
  return found ? c.redirect(customerPath(found)) : noSuchCustomer(web, c);
};

/** `POST /customers/{id}/consent`: a colleague records what the customer said; what is as it was is not said again. */
export const takeConsent = (web: Web) => async (c: Context) => {
  const customer = await customerAt(web, c.req.param('id'));
  if (!customer) return noSuchCustomer(web, c);
  const form = await readForm(c);
  const said = PURPOSES.map((purpose) => {
    const by = { email: `${purpose}-email` in form, phone: `${purpose}-phone` in form };
    return [purpose, by] as const;
  }).filter(([purpose, by]) => CHANNELS.some((channel) => by[channel] !== agreedBy(customer, purpose, channel)));
  if (said.length > 0) await changeCustomer(web.store, customer.id, { consent: Object.fromEntries(said) }, web.now());
  return back(c, customerPath(customer), 'saved', 'consent');
};

/** `POST /customers/{id}/pause`: everything for them waits until a day, or goes on. */
export const takePause = (web: Web) => async (c: Context) => {
  const customer = await customerAt(web, c.req.param('id'));
  if (!customer) return noSuchCustomer(web, c);
  const { until = '', on } = await readForm(c);
  const now = web.now();
  const { calendar } = web.store;
  const read = on ? null : readCustomerPatch({ pausedUntil: until }, now, { zone: calendar.zone });
  if (read && !read.ok) {
    const told = await tell(web, c);
    const error = until.trim() ? `The end of the pause ${read.errors[0].message}.` : 'Say until when it is to wait.';
    return told ? c.html(<CustomerPage {...told} typed={until} error={error} />, 422) : noSuchCustomer(web, c);
  }
  const end = read ? demonstrated(read.patch.pausedUntil!, now, now, calendar) : null;
  await pauseCustomer(web.store, customer.id, end, now);
  return back(c, customerPath(customer), 'saved', end === null ? 'resumed' : 'paused');
};

/** `POST /customers/{id}/link`: another record is the same customer. */
export const takeLink = (web: Web) => async (c: Context) => {
  const customer = await customerAt(web, c.req.param('id'));
  const other = customer && (await customerAt(web, (await readForm(c)).other));
  if (!customer || !other) return noSuchCustomer(web, c);
  const linked = await link(web.store, customer.id, other.id, web.now());
  return back(c, customerPath(customer), 'saved', linked ? 'linked' : 'nothing');
};

/** `POST /customers/{id}/unlink`: another record is not the same customer after all. */
export const takeUnlink = (web: Web) => async (c: Context) => {
  const customer = await customerAt(web, c.req.param('id'));
  const other = customer && (await customerAt(web, (await readForm(c)).other));
  if (!customer || !other) return noSuchCustomer(web, c);
  // Somebody may have done it meanwhile, or linked it elsewhere.
  const done = other.partyId === customer.partyId && (await unlink(web.store, other.id, web.now()));
  return back(c, customerPath(customer), 'saved', done ? 'unlinked' : 'nothing');
};

const noSuchCustomer = (web: Web, c: Context) => noSuchPage(web, c, 'There is no such customer.');

const SAID: Record<string, string> = {
  linked: 'Linked: they are one customer from now on.',
  unlinked: 'Taken apart: they are two customers from now on, and no rule links them again.',
  resumed: 'It goes on: what fell due meanwhile is made now, or passed over where it is too late.',
  nothing: 'Nothing was changed: it was so already.',
};

async function whatWasSaid(web: Web, c: Context, { customer, view }: Told): Promise<string | null> {
  const { saved = '' } = c.req.query();
  if (saved === 'paused' && isPaused(customer, view))
    return `Everything waits until ${view.show.when(customer.pausedUntil)}.`;
  return Object.hasOwn(SAID, saved) ? SAID[saved] : saidOf(web, c);
}

const isPaused = (customer: Customer, { now }: View): customer is Customer & { pausedUntil: number } =>
  customer.pausedUntil !== null && customer.pausedUntil > now;

/** How many of those who came through them are listed. */
const REFERRALS = 20;

async function tell(web: Web, c: Context): Promise<Told | null> {
  const { store } = web;
  const customer = await customerAt(web, c.req.param('id'));
  if (!customer) return null;
  const { partyId } = customer;
  const view = { ...viewOf(web, c), here: customerPath(customer) };
  const asked = c.req.query();
  const before = /^\d{1,15}$/.test(asked.story ?? '') ? Number(asked.story) : undefined;
  const [overview, own, staff, records, machines, orders, story, candidate] = await Promise.all([
    overviewOf(store, customer),
    recordsOfPerson(store.db, customer),
    allStaff(store),
    recordsOf(store, partyId, cursorIn(asked.records)),
    machinesPage(store, partyId, cursorIn(asked.machines)),
    ordersPage(store, partyId, cursorIn(asked.orders)),
    storyPage(store, partyId, before),
    asked.with === undefined ? null : candidateFor(web, customer, asked.with),
  ]);
  const referrals = await referralsAround(store, partyId, REFERRALS);
  const placed = await orderersOf(
    store,
    orders.items.map((order) => order.id),
  );
  return {
    view,
    customer,
    overview,
    expected: await expectedOf(web, overview),
    own: own.length,
    zone: zoneFrom(customer, store.calendar.zone),
    names: new Map(staff.map(({ handle, name }) => [handle, name])),
    records,
    machines,
    orders,
    placed,
    story,
    candidate,
    referrals,
    colleagues: staff.filter(({ leftAt }) => leftAt === null),
  };
}

/** Of who has an open order by the rules, else as it was counted last. */
async function expectedOf({ store }: Web, { open, expected }: Overview): Promise<Told['expected']> {
  if (open !== null) {
    const { followUp, terms } = await loadSale(store, store.db, open.id);
    const next = expectedOrder(followUp, terms);
    return next && open.expectedAt !== null ? { ...next, at: open.expectedAt } : next;
  }
  if (expected?.expectedAt == null) return null;
  return { at: expected.expectedAt, by: expected.by!, every: expected.everyDays! };
}

const CustomerPage = ({
  said,
  error,
  typed,
  ...told
}: Told & { said?: string | null; error?: string; typed?: string }) => {
  const { view, customer, story, names, zone, referrals, colleagues } = told;
  const path = customerPath(customer);
  return (
    <Frame view={view} title={nameOf(customer)} said={said}>
      <Wrong errors={error ? [error] : []} />
      {customer.erasedAt !== null && (
        <p>
          Erased on <At at={customer.erasedAt} show={view.show} />, as they asked. Orders stay as figures, and nobody
          contacts them again.
        </p>
      )}
      <Now {...told} />
      <div class="columns">
        <section aria-labelledby="glance">
          <h2 id="glance">At a glance</h2>
          <Glance {...told} />
          {customer.erasedAt === null && <Answers {...told} />}
        </section>
        {customer.erasedAt === null && (
          <section aria-labelledby="consent">
            <h2 id="consent">May be contacted</h2>
            <ConsentForm {...told} />
            <PauseForm {...told} error={error} typed={typed} />
          </section>
        )}
      </div>
      <Records {...told} />
      <Machines {...told} />
      <Orders {...told} />
      <ReferralsAround {...referrals} show={view.show} />
      <h2 id="improve">Not as it should be?</h2>
      <Improve path={path} colleagues={colleagues} />
      <h2 id="story">What happened</h2>
      {story.items.length === 0 ? (
        <p>Nothing yet.</p>
      ) : (
        <ol class="line">
          {story.items.map(({ event, order }) => (
            <StoryLine event={event} order={order} show={view.show} zone={zone.zone} names={names} />
          ))}
        </ol>
      )}
      <Further path={path} list="story" next={story.next} />
    </Frame>
  );
};

const OrderLink = ({ order }: { order: { source: string; number: string } }) => (
  <a href={orderPath(order)}>
    {order.source}/{order.number}
  </a>
);

/** What somebody who speaks with them now has to know first. */
const Now = ({ view, overview: { complaints, promises, tasks }, zone, names }: Told) => {
  if (complaints.length === 0 && promises.length === 0 && tasks.length === 0) return null;
  const { show, now } = view;
  return (
    <section aria-labelledby="now">
      <h2 id="now">Open now</h2>
      <ul>
        {complaints.map(({ id, since, said, order }) => (
          <li>
            <strong class="late">{id === null ? 'Complaint' : <a href={complaintPath({ id })}>Complaint</a>}</strong>,{' '}
            {show.ago(since, now)}: <OrderLink order={order} />
            {said && <blockquote>{said}</blockquote>}
          </li>
        ))}
        {promises.map(({ promise, order }) => (
          <li>
            We promised: <Pledged promise={promise} view={view} zone={zone.zone} />, <OrderLink order={order} />
          </li>
        ))}
        {tasks.map(({ id, kind, reason, owner, dueAt }) => (
          <li>
            <a href={`/tasks/${id}`}>
              {KIND_WORDS[kind]}: {reasonInWords(reason)}
            </a>
            , {names.get(owner)}, <span class={dueAt < now ? 'late' : ''}>due {show.ago(dueAt, now)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
};

const Fact = ({ name, children }: { name: string; children?: Child }) => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
);

const Glance = (told: Told) => {
  const { customer, overview, names, expected } = told;
  const { show, now } = told.view;
  const { since, orders, fellAway, values, newest, open } = overview;
  const span = since === null ? null : spanSince(since, now);
  const owner = (open ?? newest)?.owner;
  return (
    <dl class="facts">
      {customer.companyName && <Fact name="Company">{customer.companyName}</Fact>}
      {customer.role && <Fact name="Role">{customer.role}</Fact>}
      <Reach {...told} />
      <Fact name="Bought so far">
        {values.length === 0 && 'Nothing yet'}
        {values.map(({ currency, total }, nth) => (
          <>
            {nth > 0 && ' and '}
            <strong>{show.money(total, currency)}</strong>
          </>
        ))}
        {orders > 0 && ` in ${orders - fellAway} ${orders - fellAway === 1 ? 'order' : 'orders'}`}
        {fellAway > 0 && ` (${fellAway} more cancelled or returned)`}
        {span && `, customer for ${span}`}
      </Fact>
      {expected && (
        <Fact name="Next order">
          Expected about {show.day(expected.at)},{' '}
          {expected.at < now ? (
            <strong class="late">overdue since {show.ago(expected.at, now)}</strong>
          ) : (
            show.ago(expected.at, now)
          )}
          <span class="quiet">
            {' '}
            ({EXPECTED_WORDS[expected.by]}: every {daysInWords(expected.every)})
          </span>
        </Fact>
      )}
      {owner && <Fact name="Looked after by">{names.get(owner)}</Fact>}
      {customer.erasedAt === null && <Fact name="Referral code">{customer.referralCode}</Fact>}
    </dl>
  );
};

/** How, when and in what language they are reached. */
const Reach = ({ customer, overview: { suppressed }, zone, view }: Told) => {
  const { show, now } = view;
  const { phone, phoneWrong, email, marks, locale, erasedAt } = customer;
  const { bestTime, channel } = customer.preferences;
  const there = show.in(zone.zone);
  if (erasedAt !== null) return null;
  return (
    <>
      <Fact name="Phone">
        {phone ? <a href={`tel:${phone}`}>{phoneInGroups(phone)}</a> : 'Not known'}
        {phoneWrong && <span class="late"> (found to be wrong)</span>}
        {suppressed.phone && (
          <span class="late"> (do not call: {SUPPRESSED_WORDS[suppressed.phone] ?? suppressed.phone})</span>
        )}
      </Fact>
      <Fact name="E-mail">
        {email ? <a href={`mailto:${email}`}>{email}</a> : 'Not known'}
        {suppressed.email && (
          <span class="late"> (nothing is sent there: {SUPPRESSED_WORDS[suppressed.email] ?? suppressed.email})</span>
        )}
      </Fact>
      {marks.length > 0 && <Fact name="Unclear">{marks.join('; ')}</Fact>}
      <Fact name="Likes to be reached">
        {[channel && CHANNEL_WORDS[channel], bestTime && `in the ${bestTime}`].filter(Boolean).join(', ') || 'Not said'}
      </Fact>
      <Fact name="Language">{languageOf(locale)}</Fact>
      <Fact name="Time there">
        {there.day(now) === show.day(now) ? there.time(now) : there.when(now)}
        <span class="quiet">
          {' '}
          ({zone.zone}, {ZONE_WORDS[zone.from]})
        </span>
      </Fact>
    </>
  );
};

const languages = new Intl.DisplayNames('en', { type: 'language', languageDisplay: 'standard', fallback: 'code' });
const languageOf = (locale: string | null) => (locale === null ? 'Not said: they get English' : languages.of(locale));

/** What they answered last. */
const Answers = ({ overview: { answers }, view: { show, now } }: Told) => (
  <>
    <h3>What they said of us</h3>
    {answers.length === 0 && <p>Nothing yet. Silence is not satisfaction: ask.</p>}
    {answers.map(({ answer, order }) => (
      <>
        <p>
          <strong>{scoresInWords(answer)}</strong>, {show.ago(answer.at, now)}: <OrderLink order={order} />
        </p>
        {QUOTES.map((name) => (
          <Quote about={QUOTE_WORDS[name]} text={answer[name]} />
        ))}
      </>
    ))}
  </>
);

const Quote = ({ about, text }: { about: string; text: string | null }) =>
  text === null ? null : (
    <blockquote>
      <span class="quiet small">{about}: </span>
      {text}
    </blockquote>
  );

const ConsentForm = ({ customer, own }: Told) => (
  <form method="post" action={`${customerPath(customer)}/consent`}>
    <table class="consent">
      <caption>
        What they said, by purpose and way. {own > 1 && `It holds for all ${own} records with this e-mail address.`}
      </caption>
      <thead>
        <tr>
          <td />
          {CHANNELS.map((channel) => (
            <th scope="col" class="nowrap">
              {CHANNEL_WORDS[channel]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {PURPOSES.map((purpose) => (
          <tr>
            <th scope="row">{PURPOSE_WORDS[purpose]}</th>
            {CHANNELS.map((channel) => (
              <td>
                <input
                  type="checkbox"
                  name={`${purpose}-${channel}`}
                  aria-label={`${PURPOSE_WORDS[purpose]}: ${CHANNEL_WORDS[channel]}`}
                  checked={agreedBy(customer, purpose, channel)}
                />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
    <p class="small quiet">With nothing ticked, every follow-up of theirs ends.</p>
    <button type="submit" class="secondary">
      Save what they said
    </button>
  </form>
);

const PauseForm = ({ customer, view, records, error, typed }: Told & { error?: string; typed?: string }) => {
  const action = `${customerPath(customer)}/pause`;
  const errors: Record<string, string> = error ? { until: error } : {};
  const paused = isPaused(customer, view);
  return (
    <>
      {paused && (
        <form method="post" action={action}>
          <p>
            <strong>Everything is paused</strong> until <At at={customer.pausedUntil!} show={view.show} />.
          </p>
          <button type="submit" name="on" value="yes" class="secondary">
            Go on now
          </button>
        </form>
      )}
      <details open={error !== undefined}>
        <summary>{paused ? 'Pause until another day' : 'Pause everything for them'}</summary>
        <form method="post" action={action}>
          <label for="until">Until the end of</label>
          <input id="until" name="until" type="date" value={typed} required {...wrongness(errors, 'until')} />
          <FieldError errors={errors} name="until" />
          {records.items.length > 1 && <p class="small quiet">For all records and people of this customer.</p>}
          <button type="submit" class="secondary">
            Pause
          </button>
        </form>
      </details>
    </>
  );
};
