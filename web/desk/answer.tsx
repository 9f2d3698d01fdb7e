import type { Context } from 'hono';
import { LONGEST_TEXT } from '../../domain/reading.ts';
import {
  answerInWords,
  bandOf,
  fieldsOf,
  isBlank,
  NPS,
  QUOTES,
  type Quote,
  readPage,
  type Survey,
} from '../../domain/survey.ts';
import { type Answer, type AnswerRow, answerOf, recordAnswers } from '../../store/answers.ts';
import { customerById } from '../../store/customers.ts';
import { type Customer, change, loadSale, poke, type Sale } from '../../store/followUps.ts';
import { findOrder } from '../../store/orders.ts';
import type { Colleague } from '../../store/staff.ts';
import { readForm } from '../ui/forms.ts';
import { type Errors, FieldError, FreeText, wrongness } from '../ui/layout.tsx';
import { errorsIn, QuestionField } from '../ui/questions.tsx';
import { QUOTE_WORDS, scoresInWords, sentence, whyInWords } from '../ui/words.ts';
import type { Web } from '../web.ts';
import { back } from './back.ts';
import { At, customerPath, Frame, orderPath, type View, viewOf, Wrong } from './frame.tsx';
import { noSuchPage } from './noSuchPage.tsx';
import { presentIn } from './review.tsx';
import { nameOf, type SeenTo } from './taskView.ts';

/** What was answered to each survey, with who wrote it down. */
export const Answered = ({
  answers,
  view: { web, show },
  names,
}: {
  answers: AnswerRow[];
  view: View;
  names: ReadonlyMap<string, string>;
}) =>
  answers.length === 0 ? (
    <p>None yet. Silence is not satisfaction: ask.</p>
  ) : (
    <ul class="plain">
      {answers.map(({ answer, customer, orderer }) => (
        <li>
          <p>
            <strong>{scoresInWords(answer)}</strong>
            {toWhich(answer)}
            {customer.id !== orderer && (
              <>
                {' '}
                from <Speaker of={customer} />
              </>
            )}
            , {wayOf(answer, names)}, <At at={answer.at} show={show} />
            {answer.finishedAt === null && answer.takenBy === null && ', not finished yet'}
          </p>
          <Saying answer={answer} survey={web.shelf.surveys.in(answer.survey, 'en')} />
        </li>
      ))}
    </ul>
  );

const toWhich = ({ survey }: Answer) => (survey === NPS ? '' : ` (${sentence(survey).toLowerCase()})`);

const Speaker = ({ of }: { of: Customer }) => (
  <>
    <a href={customerPath(of)}>{nameOf(of)}</a>
    {of.role && ` (${of.role})`}
  </>
);

/** By what way it came, and who wrote it down. */
function wayOf({ way, takenBy }: Answer, names: ReadonlyMap<string, string>): string {
  const by = takenBy === null ? null : (names.get(takenBy) ?? takenBy);
  return `${whyInWords(way)}${by === null ? '' : way === 'paper' ? `, typed in by ${by}` : `, taken down by ${by}`}`;
}

/** All that was answered beside the score. */
const Saying = ({ answer, survey, first }: { answer: Answer; survey: Survey; first?: Quote }) => (
  <>
    {saidIn(answer, survey, first).map(([asked, said]) => (
      <>
        <p class="quiet small">{asked}</p>
        <blockquote>{said}</blockquote>
      </>
    ))}
  </>
);

/** What was asked and what was said, praise first where the score is high; what is asked no more goes by its name. */
function saidIn(answer: Answer, survey: Survey, first = firstOf(answer)): [string, string][] {
  const own = Object.entries(answer.own).map(([name, value]): [string, string] => {
    const question = survey.questions.find((one) => one.name === name);
    return question ? [question.ask, answerInWords(question, value)] : [sentence(name), String(value)];
  });
  const quoted = (name: Quote): [string, string][] => (answer[name] ? [[QUOTE_WORDS[name], answer[name]]] : []);
  return [...quoted(first), ...own, ...quoted(first === 'better' ? 'benefit' : 'better')];
}

const firstOf = (answer: Answer): Quote => (bandOf(answer) === 'promoter' ? 'benefit' : 'better');

/** The same of what was said in own words alone. */
export const wordsIn = (answer: Answer, survey: Survey): [string, string][] => {
  const isChoice = (name: string) => survey.questions.some((one) => one.name === name && one.kind === 'choice');
  const own = Object.entries(answer.own).filter(([name, value]) => typeof value === 'string' && !isChoice(name));
  return saidIn({ ...answer, own: Object.fromEntries(own) }, survey);
};

/** Who gave which score, and what they said; `who` are they to whoever reads it. */
export const Giving = ({ of: { answer, customer, survey, before }, who }: { of: SeenTo; who: string }) => (
  <>
    <p>
      {customer.id === who ? 'They' : <Speaker of={customer} />} gave <strong>{scoresInWords(before ?? answer)}</strong>
      {toWhich(answer)}.{before && <strong> They have changed their answer to {scoresInWords(answer)} since.</strong>}
    </p>
    <Saying answer={answer} survey={survey} first="better" />
  </>
);

/** `GET /orders/{source}/{number}/answer?survey=nps&of={id}`: a form for an answer that came on paper. */
export const showAnswer = (web: Web) => async (c: Context) => {
  const found = await find(web, c, c.req.query());
  if (!found) return noSuchPage(web, c);
  const before = await answerOf(web.store.db, found.sale.order.id, found.survey.name, found.whose.id);
  return c.html(<AnswerPage view={viewOf(web, c)} {...found} typed={before ? fieldsOf(before) : {}} />);
};

/** `POST /orders/{source}/{number}/answer`: keeps what stood on the paper, marked so, with who typed it in. */
export const takeAnswer = (web: Web) => async (c: Context) => {
  const typed = await readForm(c);
  const found = await find(web, c, typed);
  if (!found) return noSuchPage(web, c);
  const { sale, survey, whose, colleagues } = found;
  const { given, wrong } = readPage(wholeOf(survey), typed);
  const errors: Record<string, string> = errorsIn(wrong, web.sayings('en').survey);
  if (!colleagues.some(({ handle }) => handle === typed.by)) errors.by = 'Say who types it in.';
  if (Object.keys(errors).length === 0 && isBlank(given)) errors.form = 'Nothing is filled in.';
  if (Object.keys(errors).length > 0)
    return c.html(<AnswerPage view={viewOf(web, c)} {...found} typed={typed} errors={errors} />, 422);
  const now = web.now();
  const about = { survey: survey.name, customerId: whose.id, by: typed.by };
  await change(web.store, sale.order.id, now, async ({ tx, sale }) => {
    await recordAnswers(web.store, tx, sale, given, 'paper', now, about);
    await poke(tx, sale.order.id);
  });
  return back(c, orderPath(sale.order), 'saved', 'answer');
};

/** All questions on one page; on paper some may have been passed over. */
const wholeOf = ({ questions }: Survey) => ({
  questions: questions.map((question) => ({ ...question, required: false })),
  quotes: true,
});

interface Found {
  sale: Sale;
  survey: Survey;
  /** Who answered: who ordered, unless somebody else of theirs is named, who is known by their part in the purchase. */
  whose: Customer;
  others: Customer[];
  colleagues: Colleague[];
}

async function find(web: Web, c: Context, named: Record<string, string>): Promise<Found | null> {
  const { store, shelf } = web;
  const { source = '', number = '' } = c.req.param() as Record<string, string>;
  const order = await findOrder(store, source, number);
  if (!order) return null;
  const sale = await loadSale(store, store.db, order.id);
  const asked = shelf.surveys.names.includes(named.survey) ? named.survey : surveyFor(sale);
  const ids = [...new Set([order.customerId, ...Object.values(sale.recipients)])];
  const people = await Promise.all(ids.map((id) => customerById(store.db, id)));
  const whose = people.find(({ id }) => id === named.of) ?? sale.customer;
  const others = people.filter(({ id }) => id !== whose.id);
  return { sale, survey: shelf.surveys.in(asked, 'en'), whose, others, colleagues: await presentIn(web) };
}

/** The survey a sale is asked first, by its playbook. */
export const surveyFor = ({ terms }: Sale): string =>
  terms.playbook.touches.find(({ deed }) => deed === 'ask')?.what ?? NPS;

const AnswerPage = ({
  view,
  sale,
  survey,
  whose,
  others,
  colleagues,
  typed,
  errors = {},
}: Found & { view: View; typed: Record<string, string>; errors?: Errors }) => {
  const { order, owner } = sale;
  const surveys = view.web.shelf.surveys.names.filter((name) => name !== survey.name);
  const path = `${orderPath(order)}/answer`;
  const chosen = typed.by ?? owner.handle;
  return (
    <Frame view={view} title={`An answer on paper: ${survey.title}`}>
      <Wrong errors={Object.values(errors)} />
      <p>
        About <a href={orderPath(order)}>{`${order.source}/${order.number}`}</a>, answered by <Speaker of={whose} />.
        Leave out what was not answered.
      </p>
      <Instead what="Another survey" of={surveys.map((name) => [name, `${path}?survey=${name}&of=${whose.id}`])} />
      <Instead
        what="Somebody else answered"
        of={others.map((one) => [nameOf(one), `${path}?survey=${survey.name}&of=${one.id}`])}
      />
      <form method="post" action={path} class="page">
        <input type="hidden" name="of" value={whose.id} />
        <input type="hidden" name="survey" value={survey.name} />
        {wholeOf(survey).questions.map((question) => (
          <QuestionField question={question} typed={typed} errors={errors} optional="" none="Not answered" />
        ))}
        {QUOTES.map((name) => (
          <FreeText name={name} label={QUOTE_WORDS[name]} typed={typed[name]} longest={LONGEST_TEXT} errors={errors} />
        ))}
        <label for="by">Typed in by</label>
        <select id="by" name="by" required {...wrongness(errors, 'by')}>
          {colleagues.map(({ handle, name }) => (
            <option value={handle} selected={handle === chosen}>
              {name}
            </option>
          ))}
        </select>
        <FieldError errors={errors} name="by" />
        <button type="submit">Keep this answer</button>
      </form>
    </Frame>
  );
};

/** What else the form can be for, by name, with where that is. */
const Instead = ({ what, of }: { what: string; of: [string, string][] }) =>
  of.length === 0 ? null : (
    <p class="small">
      {what}:{' '}
      {of.map(([name, path], nth) => (
        <>
          {nth > 0 && ', '}
          <a href={path}>{name}</a>
        </>
      ))}
    </p>
  );
