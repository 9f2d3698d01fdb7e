import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import { phoneInGroups } from '../../domain/address.ts';
import {
  awaited,
  CLOSINGS,
  type Complaint,
  type Done,
  isDone,
  isLimited,
  type Remedy,
  rightsTo,
  STEPS,
  type Step,
  stepAtHand,
  WANTS,
  type Want,
} from '../../domain/complaint.ts';
import { complaintMeant, type FollowUpEvent } from '../../domain/followUp.ts';
import { ownWords } from '../../domain/inbound.ts';
import { readMoney } from '../../domain/money.ts';
import { readLine } from '../../domain/reading.ts';
import { type AnswerRow, answersAbout } from '../../store/answers.ts';
import { type ComplaintView, close, knownCauses, offer, readComplaint, takeStep } from '../../store/complaints.ts';
import { loadSale, type Sale } from '../../store/followUps.ts';
import { repliesTo } from '../../store/inbound.ts';
import { allStaff, managerOf } from '../../store/staff.ts';
import { Page as ReaderPage } from '../customer/page.tsx';
import { readForm } from '../ui/forms.ts';
import { showFor } from '../ui/show.ts';
import { CLOSING_WORDS, closedInWords, STEP_WORDS, WANT_WORDS } from '../ui/words.ts';
import type { Web } from '../web.ts';
import { Giving } from './answer.tsx';
import { back } from './back.ts';
import { At, complaintPath, customerPath, Frame, orderPath, type View, viewOf, Wrong } from './frame.tsx';
import { noSuchPage } from './noSuchPage.tsx';
import {
  Choice,
  type Failed,
  Field,
  type Form,
  formOf,
  optionalWords,
  readWords,
  shortEnough,
  type Typed,
  Words,
} from './settings/form.tsx';
import { Story } from './story.tsx';
import { answersIn, nameOf, remediesIn } from './taskView.ts';

/** The longest name of a cause: it stands in lists. */
const LONGEST_CAUSE = 120;

/** Everything a complaint's page tells. */
interface Told {
  view: View;
  row: ComplaintView;
  sale: Sale;
  complaint: Complaint;
  /** What was answered about the order. */
  answers: AnswerRow[];
  /** The names of all colleagues by handle. */
  names: Map<string, string>;
  /** The name of who is asked where its owner may not offer a remedy; null: nobody is above them. */
  manager: string | null;
  causes: string[];
  /** What the customer wrote by mail while it was open. */
  wrote: FollowUpEvent[];
}

const SAID: Record<string, string> = {
  step: 'Recorded.',
  offered: 'Recorded: it is offered.',
  asked: 'Your manager is asked; it is not offered before they agree.',
  closed: 'The complaint is closed.',
  nothing: 'Nothing was changed: that was recorded before, or the complaint is closed.',
};

async function tell(web: Web, c: Context): Promise<Told | null> {
  const { store } = web;
  const row = await readComplaint(store, c.req.param('id') ?? '');
  if (!row) return null;
  const sale = await loadSale(store, store.db, row.order.id);
  const names = new Map((await allStaff(store)).map(({ handle, name }) => [handle, name]));
  const manager = await managerOf(store, store.db, row.owner.handle);
  return {
    view: { ...viewOf(web, c), here: complaintPath(row.complaint) },
    row,
    sale,
    complaint: sale.followUp.complaints[row.complaint.number - 1],
    answers: await answersAbout(store.db, [row.order.id]),
    names,
    manager: manager === row.owner.handle ? null : names.get(manager)!,
    causes: await knownCauses(store),
    wrote: await wroteMeanwhile(web, row),
  };
}

async function wroteMeanwhile({ store }: Web, { order, complaint }: ComplaintView): Promise<FollowUpEvent[]> {
  const { openedAt, closedAt } = complaint;
  return (await repliesTo(store, [order.id]))
    .filter(({ heardAt }) => heardAt >= openedAt && heardAt <= (closedAt ?? heardAt))
    .map(({ at, text }) => ({ what: 'replied', at, text: ownWords(text ?? '') || text || undefined }));
}

const noSuchComplaint = (web: Web, c: Context) => noSuchPage(web, c, 'There is no such complaint.');

/** `GET /complaints/{id}`: what is to be done about a complaint, and what was. */
export const showComplaint = (web: Web) => async (c: Context) => {
  const told = await tell(web, c);
  if (!told) return noSuchComplaint(web, c);
  const { saved = '' } = c.req.query();
  return c.html(<ComplaintPage {...told} said={Object.hasOwn(SAID, saved) ? SAID[saved] : null} />);
};

/** `POST /complaints/{id}/{form}`: a step was taken, a remedy is offered, or it is closed by hand. */
export const takeComplaint = (web: Web) => async (c: Context) => {
  const told = await tell(web, c);
  const take = FORMS[c.req.param('form') ?? ''];
  if (!told || !take) return noSuchComplaint(web, c);
  const typed = await readForm(c);
  const errors: Record<string, string> = {};
  const saved = await take(web, told, typed, errors);
  if (saved !== null) return back(c, complaintPath(told.row.complaint), 'saved', saved);
  return c.html(<ComplaintPage {...told} failure={{ form: c.req.param('form')!, typed, errors }} />, 422);
};

/** Takes a form: what is said then; null where something was wrong, which is noted in `errors`. */
type Take = (web: Web, told: Told, typed: Typed, errors: Record<string, string>) => Promise<string | null>;

/** The form of a step: reads what was done, and records it. */
const step =
  (read: (typed: Typed, errors: Record<string, string>) => Done): Take =>
  async (web, { row }, typed, errors) => {
    const done = read(typed, errors);
    if (Object.keys(errors).length > 0) return null;
    const came = await takeStep(web.store, row.complaint, done, web.now());
    if (came === 'taken') return 'step';
    if (came === 'known') return 'nothing';
    errors.word = `${awaited(came)}.`;
    return null;
  };

const oneOf = <const T extends string>(all: readonly T[], text: string | undefined): T | null =>
  all.find((one) => one === text) ?? null;

const APOLOGIES = ['letter', 'call'] as const;
const TELLINGS = ['call', 'letter', 'email'] as const;
const WAY_WORDS = { letter: 'By letter', call: 'On the phone', email: 'By mail, which I wrote myself' };

const FORMS: Record<string, Take> = {
  listen: step((typed, errors) => ({
    step: 'listen',
    text: optionalWords(typed.text, 'What they told', 'text', errors),
    wants: oneOf(WANTS, typed.wants),
    apologised: typed.apologised === 'yes',
  })),
  fix: step((typed, errors) => ({ step: 'fix', text: optionalWords(typed.text, 'The note', 'text', errors) })),
  apology: step((typed, errors) => {
    const by = oneOf(APOLOGIES, typed.by);
    if (by === null) errors.by = 'Say how you apologised: by letter, or on the phone.';
    return { step: 'apology', text: optionalWords(typed.text, 'The note', 'text', errors), by: by ?? 'letter' };
  }),
  cause: step((typed, errors) => {
    const cause = shortEnough(readLine(typed.cause ?? ''), LONGEST_CAUSE);
    if ('wrong' in cause) errors.cause = `The cause ${cause.wrong}.`;
    const changed = readWords(typed.changed ?? '');
    if ('wrong' in changed) errors.changed = `What was changed ${changed.wrong}.`;
    return {
      step: 'cause',
      cause: 'value' in cause ? cause.value : null,
      changed: 'value' in changed ? changed.value : null,
    };
  }),
  tell: step((typed, errors) => {
    const by = oneOf(TELLINGS, typed.by);
    if (by === null) errors.by = 'Say how the customer was told.';
    return { step: 'tell', text: optionalWords(typed.text, 'The note', 'text', errors), by: by ?? 'call' };
  }),
  remedy: async (web, { row, sale, manager }, typed, errors) => {
    const { remedies } = sale.terms.playbook.complaints;
    const remedy = remedies.find(({ name }) => name === typed.remedy)?.name;
    if (remedy === undefined) errors.remedy = `Choose what you offer; allowed: ${namesOf(remedies).join(', ')}.`;
    const worth = readMoney(withPoint(typed.value?.trim() || '0'), row.order.currency);
    if ('wrong' in worth) errors.value = `What it costs us ${worth.wrong}.`;
    if (remedy === undefined || 'wrong' in worth) return null;
    const value = Number(worth.value);
    if (value === 0 && manager !== null && isLimited(rightsTo(remedies, row.owner.role, remedy))) {
      errors.value = `What it costs us is not said, and ${remedy} is yours to offer up to a limit only; allowed: an amount above 0.`;
      return null;
    }
    return (await offer(web.store, row.complaint, { remedy, value }, web.now())) ?? 'nothing';
  },
  close: async (web, { row }, typed, errors) => {
    const why = oneOf(CLOSINGS, typed.why);
    if (why === null) errors.why = 'Say why it is closed.';
    const text = readWords(typed.text ?? '');
    if ('wrong' in text) errors.text = `What happened ${text.wrong}; write it down for whoever reads this later.`;
    if (why === null || 'wrong' in text) return null;
    return (await close(web.store, row.complaint, { why, text: text.value }, web.now())) ? 'closed' : 'nothing';
  },
};

/** An amount with its decimals behind a comma, as many write it, with a point. */
const withPoint = (amount: string) => amount.replace(/^(\d+),(\d{1,2})$/, '$1.$2');

const namesOf = (remedies: readonly Remedy[]) => [...new Set(remedies.map(({ name }) => name))];

type Page = Told & { said?: string | null; failure?: Failed };

const ComplaintPage = ({ said, failure, ...told }: Page) => {
  const { view, row, sale, complaint, names } = told;
  const { customer } = row;
  const now = stepAtHand(complaint);
  const others = STEPS.filter((one) => one !== now && isToDo(complaint, one));
  const path = complaintPath(row.complaint);
  const story = sale.events.filter((event) => complaintMeant(event) === complaint.number);
  const { surveys } = view.web.shelf;
  const answered = answersIn(complaint.number, story, told.answers, sale.terms.playbook.complaints, surveys).map(
    (one) => <Giving of={one} who={customer.id} />,
  );
  const [remedy] = complaint.remediedAt === null ? remediesIn(story).slice(-1) : [];
  return (
    <Frame view={view} title={`Complaint of ${nameOf(customer)}`} said={said}>
      <Wrong errors={Object.values(failure?.errors ?? {})} />
      {now && (
        <section class="task" aria-labelledby="now">
          <h2 id="now">Now: {STEP_WORDS[now].toLowerCase()}</h2>
          <Due {...told} />
          {answered}
          {story.flatMap(({ what, touch, text }) =>
            text &&
            (what === 'complained' || what === 'heard' || (what === 'outcome' && touch !== 'complaint-approval'))
              ? [<blockquote>{text}</blockquote>]
              : [],
          )}
          {remedy && (
            <p>
              <strong>{remedy}</strong>
            </p>
          )}
          <StepForm {...told} failure={failure} step={now} first />
        </section>
      )}
      <Facts {...told} />
      <div class="columns">
        <div class="report">
          <h2>Steps</h2>
          <Steps {...told} />
          {now && now !== 'fix' && (complaint.remedy === null || others.includes('fix')) && (
            <Fold
              title={complaint.remedy === null ? 'Offer something' : 'Offer something else'}
              open={failure?.form === 'remedy'}
            >
              <RemedyForm {...told} failure={failure} />
            </Fold>
          )}
          {others.map((one) => (
            <Fold title={`Done already: ${STEP_WORDS[one].toLowerCase()}`} open={failure?.form === one}>
              <StepForm {...told} failure={failure} step={one} />
            </Fold>
          ))}
          {now && isDone(complaint, 'listen') && (
            <Fold title="The customer told more, or wants something else" open={failure?.form === 'listen'}>
              <ListenForm {...told} failure={failure} />
            </Fold>
          )}
          {now && (
            <Fold title="Close it without telling the customer" open={failure?.form === 'close'}>
              <CloseForm path={path} failure={failure} />
            </Fold>
          )}
          <p>
            <a href={`${path}/letter`}>A letter of apology to print, in the customer's language</a>
          </p>
        </div>
        <div>
          <h2>What happened</h2>
          {!now && answered}
          <Story
            events={[...story, ...told.wrote].sort((one, other) => one.at - other.at)}
            show={view.show}
            zone={sale.terms.person.zone}
            names={names}
          />
        </div>
      </div>
    </Frame>
  );
};

/** By when the step at hand is due, and who is to be called. */
const Due = ({ row: { complaint, customer }, view: { show, now } }: Told) => (
  <p>
    Due <At at={complaint.dueAt!} show={show} />
    {complaint.dueAt! < now && <strong class="late"> (late)</strong>}
    {customer.phone && (
      <>
        . Call <a href={`tel:${customer.phone}`}>{phoneInGroups(customer.phone)}</a>
      </>
    )}
  </p>
);

/** A step that can be taken before its turn; the customer is told last. */
const isToDo = (complaint: Complaint, one: Step) =>
  complaint.closedAt === null && one !== 'tell' && one !== 'listen' && !isDone(complaint, one);

const Fold = ({ title, open, children }: { title: string; open: boolean; children?: Child }) => (
  <details open={open}>
    <summary>{title}</summary>
    {children}
  </details>
);

const Facts = ({ row, complaint, view, names }: Told) => {
  const { order, customer, owner } = row;
  const { show, now } = view;
  const { openedAt, promisedAt, closedAt } = row.complaint;
  const { wants, remedy, asked, cause, closedWhy } = complaint;
  const isLate = closedAt === null && complaint.heardAt === null && promisedAt < now;
  return (
    <dl class="facts">
      <dt>Customer</dt>
      <dd>
        <a href={customerPath(customer)}>{nameOf(customer)}</a>
        {customer.phone && (
          <>
            , <a href={`tel:${customer.phone}`}>{phoneInGroups(customer.phone)}</a>
          </>
        )}
      </dd>
      <dt>Order</dt>
      <dd>
        <a href={orderPath(order)}>{`${order.source}/${order.number}`}</a>
      </dd>
      <dt>Owner</dt>
      <dd>
        {owner.name}
        {complaint.escalations > 0 && <span class="late"> (it was late)</span>}
        {complaint.owner !== null && complaint.owner !== order.owner && (
          <span class="quiet"> (the order is {names.get(order.owner)}'s)</span>
        )}
      </dd>
      <dt>Since</dt>
      <dd>
        <At at={openedAt} show={show} />
      </dd>
      <dt>Promised</dt>
      <dd>
        To hear from us by <At at={promisedAt} show={show} />
        {isLate && <strong class="late"> (that is over)</strong>}
      </dd>
      <dt>Wants</dt>
      <dd>{wants ? WANT_WORDS[wants] : 'Not known yet: ask'}</dd>
      {remedy && (
        <>
          <dt>Offered</dt>
          <dd>{remedy}</dd>
        </>
      )}
      {asked && (
        <>
          <dt>Asked for</dt>
          <dd>{asked}: the manager's word is awaited</dd>
        </>
      )}
      {cause && (
        <>
          <dt>Cause</dt>
          <dd>{cause}</dd>
        </>
      )}
      {closedAt !== null && (
        <>
          <dt>Closed</dt>
          <dd>
            <At at={closedAt} show={show} />: {closedInWords(closedWhy ?? '')}
          </dd>
        </>
      )}
    </dl>
  );
};

/** Every step, and when it was taken or is due. */
const Steps = ({ complaint, view: { show, now } }: Told) => {
  const { heardAt, remediedAt, apologisedAt, mendedAt, toldAt, closedAt, passed } = complaint;
  const { answer, fix, told } = complaint.due!;
  const steps: Record<Step, { doneAt: number | null; dueAt: number }> = {
    listen: { doneAt: heardAt, dueAt: answer },
    fix: { doneAt: remediedAt, dueAt: fix },
    apology: { doneAt: apologisedAt, dueAt: told },
    cause: { doneAt: mendedAt, dueAt: told },
    tell: { doneAt: toldAt, dueAt: told },
  };
  return (
    <ol>
      {STEPS.map((one) => {
        const { doneAt, dueAt } = steps[one];
        return (
          <li>
            {STEP_WORDS[one]}:{' '}
            {doneAt !== null ? (
              <>
                <strong>done</strong> <span class="quiet small">{show.when(doneAt)}</span>
              </>
            ) : passed.has(one) || closedAt !== null ? (
              <span class="quiet">not done</span>
            ) : (
              <span class={dueAt < now ? 'late' : 'quiet'}>by {show.when(dueAt)}</span>
            )}
          </li>
        );
      })}
    </ol>
  );
};

/** `first`: its button is the first on the page. */
type StepPage = Told & { failure?: Failed; first?: boolean };

const StepForm = ({ step: one, ...told }: StepPage & { step: Step }) => {
  switch (one) {
    case 'listen':
      return <ListenForm {...told} />;
    case 'fix':
      return (
        <>
          {/* Elsewhere it is a fold of its own. */}
          {told.first && <RemedyForm {...told} first={false} />}
          <Fields of="fix" {...told} button="It is put right">
            {(form) => <Words form={form} name="text" label="What was done (optional)" />}
          </Fields>
        </>
      );
    case 'apology':
      return (
        <Fields of="apology" {...told} button="I have apologised">
          {(form) => (
            <>
              <Choice form={form} name="by" label="How" of={APOLOGIES.map((way) => [way, WAY_WORDS[way]])} />
              <Words form={form} name="text" label="A note (optional)" />
            </>
          )}
        </Fields>
      );
    case 'cause':
      return <CauseForm {...told} />;
    case 'tell':
      return (
        <Fields of="tell" {...told} button="The customer was told">
          {(form) => (
            <>
              <p class="small">
                A mail goes out by itself once everything else is done and what was changed is written down for the
                customer.
              </p>
              <Choice
                form={form}
                name="by"
                label="How you told them"
                of={TELLINGS.map((way) => [way, WAY_WORDS[way]])}
              />
              <Words form={form} name="text" label="A note (optional)" />
            </>
          )}
        </Fields>
      );
  }
};

/** One of the page's forms, sent to an address of its own. */
const Fields = ({
  of,
  button,
  row,
  failure,
  first = false,
  there = {},
  children,
}: {
  of: string;
  button: string;
  row: Told['row'];
  failure?: Failed;
  first?: boolean;
  there?: Typed;
  children: (form: Form) => Child;
}) => (
  <form method="post" action={`${complaintPath(row.complaint)}/${of}`}>
    {children(formOf(of, there, failure))}
    <button type="submit" class={first ? '' : 'secondary'}>
      {button}
    </button>
  </form>
);

const ListenForm = (told: StepPage) => (
  <Fields of="listen" {...told} there={{ wants: told.complaint.wants ?? '' }} button="They have told it all">
    {(form) => (
      <>
        <Words form={form} name="text" label="What they told, in their words" />
        <Choice
          form={form}
          name="wants"
          label="What they want"
          of={[['', 'They did not say'], ...WANTS.map((want: Want) => [want, WANT_WORDS[want]] as const)]}
        />
        {told.complaint.apologisedAt === null && (
          <label>
            <input type="checkbox" name="apologised" value="yes" checked={form.typed.apologised === 'yes'} />I have
            apologised in that call; no letter is needed
          </label>
        )}
      </>
    )}
  </Fields>
);

const RemedyForm = (told: StepPage) => {
  const { sale, row, manager } = told;
  const { remedies } = sale.terms.playbook.complaints;
  const { currency } = row.order;
  const words = (name: string) => {
    const rights = rightsTo(remedies, row.owner.role, name);
    if (manager === null || (rights.length > 0 && !isLimited(rights))) return name;
    const most = Math.max(...rights.flatMap(({ upTo }) => (upTo?.currency === currency ? upTo.value : [])));
    return most > 0
      ? `${name} (up to ${most} ${currency} without ${manager}'s word)`
      : `${name} (needs ${manager}'s word)`;
  };
  return (
    <Fields of="remedy" {...told} button="Offer it">
      {(form) => (
        <>
          <Choice
            form={form}
            name="remedy"
            label="What you offer"
            of={[['', 'Choose'], ...namesOf(remedies).map((name) => [name, words(name)] as const)]}
          />
          <Field
            form={form}
            name="value"
            label={`What it costs us, in ${currency} (optional where there is no limit)`}
            inputmode="decimal"
          />
        </>
      )}
    </Fields>
  );
};

const CauseForm = (told: StepPage) => (
  <Fields of="cause" {...told} button="It is mended for good">
    {(form) => (
      <>
        <Field
          form={form}
          name="cause"
          label="The cause, in the same few words each time it comes (no names)"
          list="causes"
          maxlength={LONGEST_CAUSE}
          required
        />
        <datalist id="causes">
          {told.causes.map((cause) => (
            <option value={cause} />
          ))}
        </datalist>
        <Words
          form={form}
          name="changed"
          label="What was changed so that it does not happen again: the customer is told this, in these words"
          required
        />
      </>
    )}
  </Fields>
);

const CloseForm = ({ path, failure }: { path: string; failure?: Failed }) => {
  const form = formOf('close', {}, failure);
  return (
    <form method="post" action={`${path}/close`}>
      <Choice
        form={form}
        name="why"
        label="Why"
        of={[['', 'Choose'], ...CLOSINGS.map((one) => [one, CLOSING_WORDS[one]] as const)]}
      />
      <Words form={form} name="text" label="What happened" required />
      <button type="submit" class="secondary">
        Close it
      </button>
    </form>
  );
};

/** `GET /complaints/{id}/letter`: a letter of apology to print and sign, in the customer's language. */
export const showApology = (web: Web) => async (c: Context) => {
  const told = await tell(web, c);
  if (!told) return noSuchComplaint(web, c);
  const { row, complaint, sale } = told;
  const { customer, order, owner } = row;
  const words = web.sayings(customer.locale);
  const { apology } = words;
  const show = showFor(customer.locale, sale.terms.person.zone, words.language);
  const { company } = web.store.settings;
  const products = order.lines.flatMap(({ name }) => name ?? []).slice(0, 3);
  return c.html(
    <ReaderPage title={apology.title()} company={company} words={words}>
      <p class="quiet">{show.day(web.now())}</p>
      <p>{apology.dear({ name: customer.name ?? '' })}</p>
      <p>{apology.about({ number: order.number, date: show.day(order.placedAt), products: products.join(', ') })}</p>
      <p>{apology.sorry()}</p>
      {complaint.remedy !== null && complaint.remediedAt !== null && <p>{apology.done()}</p>}
      {complaint.changed !== null && (
        <>
          <p>{apology.changed()}</p>
          <blockquote>{complaint.changed}</blockquote>
        </>
      )}
      <p>{owner.phone ? apology.reach({ phone: phoneInGroups(owner.phone) }) : apology.reach_mail()}</p>
      <p>{apology.regards()}</p>
      <p class="sign">
        {owner.name}
        <br />
        {company}
      </p>
    </ReaderPage>,
  );
};
