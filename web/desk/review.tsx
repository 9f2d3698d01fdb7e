import type { Context } from 'hono';
import { isOurId, orderName } from '../../domain/names.ts';
import type { Customer } from '../../store/followUps.ts';
import {
  type Behind,
  complaintsBehind,
  type Improvement,
  type ImprovementRow,
  listImprovements,
  noteImprovement,
  settleImprovement,
} from '../../store/improvements.ts';
import { findOrder } from '../../store/orders.ts';
import { allStaff, type Colleague } from '../../store/staff.ts';
import { readForm } from '../ui/forms.ts';
import { sentence } from '../ui/words.ts';
import type { Web } from '../web.ts';
import { back, saidOf } from './back.ts';
import { customerAt } from './customerLists.tsx';
import {
  At,
  complaintPath,
  cursorIn,
  customerPath,
  Frame,
  More,
  orderPath,
  type View,
  viewOf,
  Wrong,
} from './frame.tsx';
import { noSuchPage } from './noSuchPage.tsx';
import { Choice, type Failed, formOf, readWords, Words } from './settings/form.tsx';
import { nameOf } from './taskView.ts';

/** Colleagues who are there to sign something. */
export const presentIn = async ({ store }: Web): Promise<Colleague[]> =>
  (await allStaff(store)).filter(({ leftAt }) => leftAt === null);

/** Reads who says something, and what; what was wrong is noted under `by` and `text`. */
async function readSaid(web: Web, typed: Record<string, string>, label: string) {
  const errors: Record<string, string> = {};
  const there = await presentIn(web);
  const by = there.find(({ handle }) => handle === typed.by)?.handle;
  if (by === undefined) errors.by = 'Say who you are: choose one of the colleagues.';
  const read = readWords(typed.text ?? '');
  if ('wrong' in read) errors.text = `${label} ${read.wrong}.`;
  return { there, errors, said: by !== undefined && 'value' in read ? { by, text: read.value } : null };
}

/** `POST /orders/{source}/{number}/improvements`: a colleague says that something about the order should be better. */
export const takeImprovementOfOrder = (web: Web) => async (c: Context) => {
  const { source = '', number = '' } = c.req.param() as Record<string, string>;
  const order = await findOrder(web.store, source, number);
  if (!order) return noSuchPage(web, c, 'There is no order of this source and number.');
  return takeImprovement(web, c, orderPath(order), { orderId: order.id, customerId: order.customerId });
};

/** `POST /customers/{id}/improvements`: the same about a customer. */
export const takeImprovementOfCustomer = (web: Web) => async (c: Context) => {
  const customer = await customerAt(web, c.req.param('id'));
  if (!customer) return noSuchPage(web, c, 'There is no such customer.');
  return takeImprovement(web, c, customerPath(customer), { orderId: null, customerId: customer.id });
};

async function takeImprovement(
  web: Web,
  c: Context,
  path: string,
  about: { orderId: string | null; customerId: string },
) {
  const typed = await readForm(c);
  const { there, errors, said } = await readSaid(web, typed, 'What should be better');
  if (said) {
    const id = isOurId(typed.id ?? '') ? typed.id : crypto.randomUUID();
    await noteImprovement(web.store.db, { id, at: web.now(), ...about, ...said });
    return back(c, path, 'saved', 'improvement');
  }
  return c.html(
    <Frame view={viewOf(web, c)} title="Something should be better">
      <Wrong errors={Object.values(errors)} />
      <ImproveFields path={path} colleagues={there} failure={{ form: FORM, typed, errors }} />
      <p>
        <a href={path}>Back, without saying it</a>
      </p>
    </Frame>,
    422,
  );
}

const FORM = 'improve';

/** The form for any colleague to say that something should be better, folded away. `path` is the page it stands on. */
export const Improve = ({ path, colleagues }: { path: string; colleagues: Colleague[] }) => (
  <details>
    <summary>Something should be better</summary>
    <ImproveFields path={path} colleagues={colleagues} />
  </details>
);

const ImproveFields = ({ path, colleagues, failure }: { path: string; colleagues: Colleague[]; failure?: Failed }) => {
  const form = formOf(FORM, {}, failure);
  return (
    <form method="post" action={`${path}/improvements`}>
      <input type="hidden" name="id" value={crypto.randomUUID()} />
      <Choice form={form} name="by" label="Who says so" of={[['', 'Choose'], ...namesOf(colleagues)]} />
      <Words form={form} name="text" label="What, and how it could be" required />
      <button type="submit" class="secondary">
        Put it into the review
      </button>
    </form>
  );
};

/** Colleagues to choose from, by handle and name. */
export const namesOf = (colleagues: Colleague[]) => colleagues.map(({ handle, name }) => [handle, name] as const);

interface Page {
  view: View;
  settled: boolean;
  items: ImprovementRow[];
  next: string | null;
  /** The complaints a note about a cause is about, by its id. */
  behind: Map<string, Behind[]>;
  colleagues: Colleague[];
  said?: string | null;
  failure?: Failed;
  overtaken?: Overtaken;
}

/** What somebody wrote about a note that was settled meanwhile, and how it was. */
interface Overtaken {
  stands: Improvement;
  text: string;
}

async function load(web: Web, c: Context): Promise<Page> {
  const settled = c.req.query('settled') === 'yes';
  const page = await listImprovements(web.store, settled, cursorIn(c.req.query('after')));
  const behind = await complaintsBehind(
    web.store,
    page.items.map(({ improvement }) => improvement),
  );
  return { view: viewOf(web, c), settled, ...page, behind, colleagues: await allStaff(web.store) };
}

/** `GET /review`: what should be better, the newest first; with `settled=yes` what was made of it. */
export const showReview = (web: Web) => async (c: Context) =>
  c.html(<ReviewPage {...(await load(web, c))} said={await saidOf(web, c)} />);

/** `POST /review/{id}`: says what was made of it. */
export const takeReview = (web: Web) => async (c: Context) => {
  const id = c.req.param('id') ?? '';
  const typed = await readForm(c);
  const { errors, said } = await readSaid(web, typed, 'What was made of it');
  if (!said) return c.html(<ReviewPage {...(await load(web, c))} failure={{ form: id, typed, errors }} />, 422);
  const { by, text } = said;
  const stands = isOurId(id) ? await settleImprovement(web.store, id, { by, result: text }, web.now()) : null;
  if (!stands) return noSuchPage(web, c, 'There is nothing like that in the review.');
  if (stands.settledBy === by && stands.result === text) return back(c, '/review', 'saved', 'settled');
  return c.html(<ReviewPage {...(await load(web, c))} overtaken={{ stands, text }} />, 409);
};

const ReviewPage = ({ view, settled, items, next, behind, colleagues, said, failure, overtaken }: Page) => (
  <Frame view={view} title="Review" said={said}>
    <Wrong errors={Object.values(failure?.errors ?? {})} />
    {overtaken && <SettledMeanwhile {...overtaken} view={view} colleagues={colleagues} />}
    <p class="quiet">
      What colleagues say should be better, and causes of complaints that came again. It leaves the list when somebody
      says what was made of it.
    </p>
    <p>
      {settled ? <a href="/review">What is open</a> : <strong>What is open</strong>},{' '}
      {settled ? <strong>what was settled</strong> : <a href="/review?settled=yes">what was settled</a>}
    </p>
    {items.length === 0 && (
      <p>
        {settled
          ? 'Nothing was settled yet.'
          : 'Nothing is open. On the page of every order and customer there is a form to say that something should be better.'}
      </p>
    )}
    <ul class="tasks">
      {items.map((row) => (
        <li>
          <One
            row={row}
            view={view}
            behind={behind.get(row.improvement.id) ?? []}
            colleagues={colleagues}
            failure={failure}
          />
        </li>
      ))}
    </ul>
    <More path="/review" query={settled ? { settled: 'yes' } : {}} next={next} />
  </Frame>
);

const ERASED = 'The text was erased with the customer.';

/** Somebody was quicker: what stands, and what was written, which is kept nowhere else. */
const SettledMeanwhile = ({
  stands: { text: about, settledAt, settledBy, result },
  text,
  view: { show },
  colleagues,
}: Overtaken & Pick<Page, 'view' | 'colleagues'>) => (
  <section aria-labelledby="meanwhile">
    <Wrong errors={[`${nameIn(colleagues, settledBy)} settled this meanwhile: what you wrote was not kept.`]} />
    <h2 id="meanwhile">Settled meanwhile</h2>
    <blockquote>{about || ERASED}</blockquote>
    <p class="quiet small">
      <At at={settledAt!} show={show} />, {nameIn(colleagues, settledBy)}
    </p>
    <blockquote>{result || ERASED}</blockquote>
    <p>What you wrote, to be copied if it adds something:</p>
    <blockquote>{text}</blockquote>
  </section>
);

const nameIn = (colleagues: Colleague[], handle: string | null) =>
  colleagues.find((one) => one.handle === handle)?.name ?? handle;

const One = ({
  row: { improvement, order, customer },
  view: { show, here },
  behind,
  colleagues,
  failure,
}: { row: ImprovementRow; behind: Behind[] } & Pick<Page, 'view' | 'colleagues' | 'failure'>) => {
  const { id, at, by, cause, text, settledAt, settledBy, result } = improvement;
  return (
    <article>
      <p class="quiet small">
        <At at={at} show={show} />
        {by && `, ${nameIn(colleagues, by)}`}
        <About order={order} customer={customer} />
      </p>
      {cause && (
        <p>
          <strong>Came again: {sentence(cause)}</strong>
        </p>
      )}
      <blockquote>{text || ERASED}</blockquote>
      {behind.length > 0 && (
        <ul>
          {behind.map((complaint) => (
            <li>
              <a href={complaintPath(complaint)}>Complaint of {show.day(complaint.openedAt)}</a>, about{' '}
              {orderName(complaint.source, complaint.number)}
            </li>
          ))}
        </ul>
      )}
      {settledAt === null ? (
        <Settle id={id} here={here} colleagues={colleagues} failure={failure} />
      ) : (
        <>
          <p class="quiet small">
            <At at={settledAt} show={show} />, {nameIn(colleagues, settledBy)}
          </p>
          <blockquote>{result || ERASED}</blockquote>
        </>
      )}
    </article>
  );
};

const About = ({ order, customer }: { order: ImprovementRow['order']; customer: Customer | null }) => (
  <>
    {order && (
      <>
        , <a href={orderPath(order)}>{`${order.source}/${order.number}`}</a>
      </>
    )}
    {customer && (
      <>
        , <a href={customerPath(customer)}>{nameOf(customer)}</a>
      </>
    )}
  </>
);

const Settle = ({
  id,
  here,
  colleagues,
  failure,
}: { id: string; here: string } & Pick<Page, 'colleagues' | 'failure'>) => {
  const form = formOf(id, {}, failure);
  const there = colleagues.filter(({ leftAt }) => leftAt === null);
  return (
    <details open={failure?.form === id}>
      <summary>Settle it</summary>
      <form method="post" action={`/review/${id}${here.replace(/^[^?]*/, '')}`}>
        <Choice form={form} name="by" label="Who settles it" of={[['', 'Choose'], ...namesOf(there)]} />
        <Words form={form} name="text" label="What was made of it" required />
        <button type="submit" class="secondary">
          Settle
        </button>
      </form>
    </details>
  );
};
