import type { Context } from 'hono';
import { readLine } from '../../domain/reading.ts';
import { RETURN_ENDS, RETURN_KINDS, type ReturnEnd, type ReturnKind, returnDeadline } from '../../domain/returns.ts';
import { loadSale, type Sale } from '../../store/followUps.ts';
import { findOrder } from '../../store/orders.ts';
import {
  askReturn,
  listReturns,
  type Return,
  type ReturnRow,
  receiveReturn,
  returnCalled,
  settleReturn,
} from '../../store/returns.ts';
import { type Colleague, managersOf } from '../../store/staff.ts';
import { Page as ReaderPage } from '../customer/page.tsx';
import { readForm } from '../ui/forms.ts';
import { type Show, showFor } from '../ui/show.ts';
import { RETURN_END_WORDS, RETURN_WORDS } from '../ui/words.ts';
import type { Web } from '../web.ts';
import { back, saidOf } from './back.ts';
import { At, cursorIn, customerPath, Frame, More, orderPath, type View, viewOf, Wrong } from './frame.tsx';
import { noSuchPage } from './noSuchPage.tsx';
import { namesOf, presentIn } from './review.tsx';
import { Choice, type Failed, Field, formOf, optionalWords, shortEnough, Words } from './settings/form.tsx';
import { nameOf } from './taskView.ts';

/** The longest description of what comes back: it stands in a mail and on a page to print. */
const LONGEST_WHAT = 200;
const FORM = 'return';

const returnPath = ({ receipt }: Pick<Return, 'receipt'>) => `/returns/${receipt}`;

/** `POST /orders/{source}/{number}/returns`: the customer wants to give something back, or have it exchanged. */
export const takeReturn = (web: Web) => async (c: Context) => {
  const { source = '', number = '' } = c.req.param() as Record<string, string>;
  const order = await findOrder(web.store, source, number);
  if (!order) return noSuchPage(web, c, 'There is no order of this source and number.');
  const typed = await readForm(c);
  const errors: Record<string, string> = {};
  const kind = RETURN_KINDS.find((one) => one === typed.kind);
  if (!kind) errors.kind = `What the customer wants is missing; allowed: ${RETURN_KINDS.join(', ')}.`;
  const what = shortEnough(readLine(typed.what ?? ''), LONGEST_WHAT);
  if ('wrong' in what) errors.what = `What comes back ${what.wrong}.`;
  const why = optionalWords(typed.why, 'Why', 'why', errors);
  const managers = managersOf(web.store, await presentIn(web));
  const word = readWord(managers, typed, errors);
  if (kind && 'value' in what && Object.keys(errors).length === 0) {
    const id = /^[\w-]{1,64}$/.test(typed.id ?? '') ? typed.id : crypto.randomUUID();
    const answer = await askReturn(web.store, order.id, { id, kind, what: what.value, why, word }, web.now());
    if ('receipt' in answer) return back(c, returnPath(answer), 'saved', 'asked');
    const { show } = viewOf(web, c);
    if (answer.answer === 'late')
      errors.word = `It could be asked for until ${show.when(answer.deadline)}. Later it takes a manager's word: choose whose, and note it.`;
    else errors.what = GONE;
  }
  const path = orderPath(order);
  return c.html(
    <Frame view={viewOf(web, c)} title={`Return or exchange: ${source}/${number}`}>
      <Wrong errors={Object.values(errors)} />
      <AskFields path={path} managers={managers} failure={{ form: FORM, typed, errors }} />
      <p>
        <a href={path}>Back to the order</a>
      </p>
    </Frame>,
    422,
  );
};

const GONE = 'This order was cancelled, returned or erased: there is nothing left to give back.';

/** Reads which manager let it in although it is too late, and in what words; null: nobody was asked. */
function readWord(managers: Colleague[], typed: Record<string, string>, errors: Record<string, string>) {
  const said = optionalWords(typed.word, "The manager's word", 'word', errors);
  const by = managers.find(({ handle }) => handle === typed.by);
  if (said === null && by) errors.word ??= `What ${by.name} said is missing.`;
  if (said !== null && !by) errors.by = `Choose which manager said so: ${managers.map(({ name }) => name).join(', ')}.`;
  return said !== null && by ? `${by.name}: ${said}` : null;
}

/** What of an order is on its way back, or was, until when that may be, and the form to write down more of it. */
export const Returns = ({
  sale: { order, customer, followUp, terms },
  returns,
  view: { show, now },
  managers,
}: {
  sale: Sale;
  returns: Return[];
  view: View;
  managers: Colleague[];
}) => (
  <>
    {returns.length === 0 && <p>Nothing was given back.</p>}
    {returns.length > 0 && (
      <ul>
        {returns.map((one) => (
          <li>
            <a href={returnPath(one)}>{one.receipt}</a>: {RETURN_WORDS[one.kind].toLowerCase()}, {one.what}
            <span class="quiet small"> {standing(one, show)}</span>
          </li>
        ))}
      </ul>
    )}
    {customer.erasedAt !== null || followUp.fellAway !== null ? (
      <p class="small quiet">{GONE}</p>
    ) : (
      <>
        <p class="small">{untilWhen(returnDeadline(followUp, terms), show, now)}</p>
        <details>
          <summary>The customer wants to return or exchange something</summary>
          <AskFields path={orderPath(order)} managers={managers} />
        </details>
      </>
    )}
  </>
);

const untilWhen = (deadline: number, show: Show, now: number) =>
  now > deadline
    ? `It could be asked for until ${show.when(deadline)}: now it takes a manager's word.`
    : `It can be asked for until ${show.when(deadline)}; later it takes a manager's word.`;

/** How far a return has come, in a few words. */
function standing({ askedAt, receivedAt, settledAt, settledAs }: Return, show: Show): string {
  if (settledAt !== null) return `${RETURN_END_WORDS[settledAs!]}, ${show.day(settledAt)}`;
  return receivedAt === null ? `on its way since ${show.day(askedAt)}` : `here since ${show.day(receivedAt)}`;
}

const AskFields = ({ path, managers, failure }: { path: string; managers: Colleague[]; failure?: Failed }) => {
  const form = formOf(FORM, {}, failure);
  return (
    <form method="post" action={`${path}/returns`}>
      <input type="hidden" name="id" value={crypto.randomUUID()} />
      <Choice
        form={form}
        name="kind"
        label="What the customer wants"
        of={RETURN_KINDS.map((kind: ReturnKind) => [kind, RETURN_WORDS[kind]])}
      />
      <Field
        form={{ ...form, typed: { ...form.typed, what: form.typed.what?.slice(0, LONGEST_WHAT) } }}
        name="what"
        label="What comes back (it stands in the mail)"
        maxlength={LONGEST_WHAT}
        required
      />
      <Words form={form} name="why" label="Why (optional)" />
      <Choice
        form={form}
        name="by"
        label="Which manager lets it in, where it is too late"
        of={[['', 'Nobody was asked'], ...namesOf(managers)]}
      />
      <Words form={form} name="word" label="What they said" />
      <button type="submit" class="secondary">
        Write it down
      </button>
    </form>
  );
};

/** `GET /returns`: what is on its way, the oldest first; with `settled=yes` what was settled. `receipt` opens one. */
export const showReturns = (web: Web) => async (c: Context) => {
  const { settled: asked, after, receipt = '' } = c.req.query();
  const wanted = receipt.trim().toUpperCase().slice(0, 40);
  if (wanted && (await returnCalled(web.store, plain(wanted))))
    return c.redirect(returnPath({ receipt: plain(wanted) }));
  const settled = asked === 'yes';
  const { items, next } = await listReturns(web.store, settled, cursorIn(after));
  return c.html(
    <Frame view={viewOf(web, c)} title="Returns">
      <form method="get" action="/returns" class="filter" aria-label="Returns">
        <label>
          Number on the parcel
          <input type="search" name="receipt" value={wanted} placeholder="R-7K3QF" />
        </label>
        <button type="submit" class="secondary">
          Open
        </button>
      </form>
      {wanted && <p role="status">There is no return of this number. It is R- and five letters and digits.</p>}
      <p>
        {settled ? <a href="/returns">On their way</a> : <strong>On their way</strong>},{' '}
        {settled ? <strong>settled</strong> : <a href="/returns?settled=yes">settled</a>}
      </p>
      {items.length > 0 ? (
        <Table view={viewOf(web, c)} items={items} settled={settled} />
      ) : (
        <p>
          {settled
            ? 'Nothing was settled yet.'
            : "Nothing is on its way. What customers give back is written down on their order's page."}
        </p>
      )}
      <More path="/returns" query={settled ? { settled: 'yes' } : {}} next={next} />
    </Frame>,
  );
};

/** PostgreSQL's text has no NUL. */
const plain = (text: string) => text.replaceAll('\0', '');

const Table = ({ view: { show, now }, items, settled }: { view: View; items: ReturnRow[]; settled: boolean }) => (
  <section class="wide" tabindex={0} aria-label="Returns">
    <table>
      <caption>{settled ? 'The last first' : 'The oldest first'}</caption>
      <thead>
        <tr>
          <th scope="col">Number</th>
          <th scope="col">What</th>
          <th scope="col">Order</th>
          <th scope="col">Customer</th>
          <th scope="col">Asked for</th>
          <th scope="col">{settled ? 'How it ended' : 'Here since'}</th>
        </tr>
      </thead>
      <tbody>
        {items.map(({ goods, order, customer }) => (
          <tr>
            <th scope="row" class="nowrap">
              <a href={returnPath(goods)}>{goods.receipt}</a>
            </th>
            <td>
              {RETURN_WORDS[goods.kind]}: {goods.what}
            </td>
            <td class="nowrap">
              <a href={orderPath(order)}>{`${order.source}/${order.number}`}</a>
            </td>
            <td>
              <a href={customerPath(customer)}>{nameOf(customer)}</a>
            </td>
            <td class="nowrap">{settled ? show.day(goods.askedAt) : show.ago(goods.askedAt, now)}</td>
            <td>
              {settled ? (
                `${RETURN_END_WORDS[goods.settledAs!]}, ${show.day(goods.settledAt!)}`
              ) : goods.receivedAt === null ? (
                <span class="quiet">Not yet</span>
              ) : (
                show.day(goods.receivedAt)
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);

const SAID: Record<string, string> = {
  asked:
    'Written down: selling waits until it is settled. If mail may go to the customer, it brings them the number; else tell them.',
  received: 'Recorded: it is here.',
  settled: 'Settled.',
  nothing: 'Nothing was changed: it was so already.',
};

const noSuchReturn = (web: Web, c: Context) => noSuchPage(web, c, 'There is no return of this number.');

const rowOf = (web: Web, c: Context) => returnCalled(web.store, plain(c.req.param('receipt') ?? '').slice(0, 40));

/** `GET /returns/{receipt}`: one of them, with what is to be done about it. */
export const showReturn = (web: Web) => async (c: Context) => {
  const row = await rowOf(web, c);
  if (!row) return noSuchReturn(web, c);
  const { saved = '' } = c.req.query();
  const said = Object.hasOwn(SAID, saved) ? SAID[saved] : await saidOf(web, c);
  return c.html(<ReturnPage row={row} view={viewOf(web, c)} said={said} />);
};

/** `POST /returns/{receipt}/received`: it has arrived. */
export const takeReceived = (web: Web) => async (c: Context) => {
  const row = await rowOf(web, c);
  if (!row) return noSuchReturn(web, c);
  const done = await receiveReturn(web.store, row.goods.receipt, web.now());
  return back(c, returnPath(row.goods), 'saved', done ? 'received' : 'nothing');
};

/** `POST /returns/{receipt}/settled`: how it ended. */
export const takeSettled = (web: Web) => async (c: Context) => {
  const row = await rowOf(web, c);
  if (!row) return noSuchReturn(web, c);
  const typed = await readForm(c);
  const errors: Record<string, string> = {};
  const as = RETURN_ENDS.find((one) => one === typed.as);
  if (!as) errors.as = `How it ended is missing; allowed: ${RETURN_ENDS.join(', ')}.`;
  const note = optionalWords(typed.note, 'The note', 'note', errors);
  if (as && Object.keys(errors).length === 0) {
    const done = await settleReturn(web.store, row.goods.receipt, { as, note }, web.now());
    return back(c, returnPath(row.goods), 'saved', done ? 'settled' : 'nothing');
  }
  return c.html(<ReturnPage row={row} view={viewOf(web, c)} failure={{ form: 'settle', typed, errors }} />, 422);
};

const ReturnPage = ({
  row: { goods, order, customer },
  view,
  said,
  failure,
}: {
  row: ReturnRow;
  view: View;
  said?: string | null;
  failure?: Failed;
}) => {
  const { show } = view;
  const path = returnPath(goods);
  const form = formOf('settle', {}, failure);
  return (
    <Frame view={view} title={`${RETURN_WORDS[goods.kind]} ${goods.receipt}`} said={said}>
      <Wrong errors={Object.values(failure?.errors ?? {})} />
      <dl class="facts">
        <dt>What</dt>
        <dd>{goods.what || 'Erased with the customer'}</dd>
        <dt>Order</dt>
        <dd>
          <a href={orderPath(order)}>{`${order.source}/${order.number}`}</a>
        </dd>
        <dt>Customer</dt>
        <dd>
          <a href={customerPath(customer)}>{nameOf(customer)}</a>
        </dd>
        <dt>Asked for</dt>
        <dd>
          <At at={goods.askedAt} show={show} />
          {goods.askedAt > goods.deadline && (
            <span class="late"> (too late: it could be asked for until {show.when(goods.deadline)})</span>
          )}
        </dd>
        <dt>Stands at</dt>
        <dd>{standing(goods, show)}</dd>
      </dl>
      {goods.why && (
        <>
          <h2>Why</h2>
          <blockquote>{goods.why}</blockquote>
        </>
      )}
      {goods.note && (
        <>
          <h2>Notes</h2>
          <blockquote>{goods.note}</blockquote>
        </>
      )}
      <p>
        <a href={`${path}/print`}>To print, in the customer's language</a>
      </p>
      {goods.settledAt === null && (
        <>
          {goods.receivedAt === null && (
            <form method="post" action={`${path}/received`} class="inline">
              <button type="submit">It is here</button>
            </form>
          )}
          <h2>Settle it</h2>
          <form method="post" action={`${path}/settled`}>
            <Choice
              form={form}
              name="as"
              label="How it ended"
              of={[['', 'Choose'], ...RETURN_ENDS.map((one: ReturnEnd) => [one, RETURN_END_WORDS[one]] as const)]}
            />
            <Words form={form} name="note" label="A note (optional)" />
            <button type="submit" class="secondary">
              Settle
            </button>
          </form>
          <p class="small quiet">
            Money given back for the order ends its follow-up as returned; anything that was exchanged or repaired ends
            the selling. Otherwise selling goes on.
          </p>
        </>
      )}
    </Frame>
  );
};

/** `GET /returns/{receipt}/print`: what goes into the parcel, as its sender reads it. */
export const showReceipt = (web: Web) => async (c: Context) => {
  const row = await rowOf(web, c);
  if (!row) return noSuchReturn(web, c);
  const { goods, order, customer } = row;
  const { owner, followUp, terms } = await loadSale(web.store, web.store.db, order.id);
  const words = web.sayings(customer.locale);
  const { receipt } = words;
  const show = showFor(customer.locale, terms.person.zone, words.language);
  const asked = followUp.returns.find((one) => one.receipt === goods.receipt);
  return c.html(
    <ReaderPage title={receipt[goods.kind]()} company={web.store.settings.company} words={words}>
      <p class="code">{goods.receipt}</p>
      <p>{receipt.write()}</p>
      <p>{receipt.order({ number: order.number, date: show.day(order.placedAt) })}</p>
      <p>
        {receipt.what()}: {goods.what}
      </p>
      {asked && <p>{receipt.send_by({ date: show.day(asked.sendBy) })}</p>}
      <p>{receipt.next({ name: owner.name })}</p>
    </ReaderPage>,
  );
};
