import type { Context } from 'hono';
import { LONGEST_TEXT } from '../../domain/reading.ts';
import {
  answerInWords,
  fieldsOf,
  isBlank,
  NPS,
  QUOTES,
  readPage,
  type Survey,
  type Surveys,
} from '../../domain/survey.ts';
import { type Answer, answerOf, recordAnswers } from '../../store/answers.ts';
import { change, loadSale, poke, type Sale } from '../../store/followUps.ts';
import { findOrder } from '../../store/orders.ts';
import type { Colleague } from '../../store/staff.ts';
import { readForm } from '../ui/forms.ts';
import { type Errors, FieldError, FreeText, wrongness } from '../ui/layout.tsx';
import { errorsIn, QuestionField } from '../ui/questions.tsx';
import type { Show } from '../ui/show.ts';
import { QUOTE_WORDS, scoresInWords, sentence, whyInWords } from '../ui/words.ts';
import type { Web } from '../web.ts';
import { back } from './back.ts';
import { At, Frame, orderPath, type View, viewOf, Wrong } from './frame.tsx';
import { noSuchPage } from './noSuchPage.tsx';
import { presentIn } from './review.tsx';

/** What the customer answered to each survey, with who wrote it down. */
export const Answered = ({
  answers,
  surveys,
  names,
  show,
}: {
  answers: Answer[];
  surveys: Surveys;
  names: ReadonlyMap<string, string>;
  show: Show;
}) =>
  answers.length === 0 ? (
    <p>None yet. Silence is not satisfaction: ask.</p>
  ) : (
    <ul class="plain">
      {answers.map((answer) => (
        <li>
          <p>
            <strong>{scoresInWords(answer)}</strong>
            {answer.survey !== NPS && ` (${sentence(answer.survey).toLowerCase()})`}, {wayOf(answer, names)},{' '}
            <At at={answer.at} show={show} />
            {answer.finishedAt === null && answer.takenBy === null && ', not finished yet'}
          </p>
          {saidIn(answer, surveys.in(answer.survey, 'en')).map(([asked, said]) => (
            <>
              <p class="quiet small">{asked}</p>
              <blockquote>{said}</blockquote>
            </>
          ))}
        </li>
      ))}
    </ul>
  );

/** By what way it came, and who wrote it down. */
function wayOf({ way, takenBy }: Answer, names: ReadonlyMap<string, string>): string {
  const by = takenBy === null ? null : (names.get(takenBy) ?? takenBy);
  return `${whyInWords(way)}${by === null ? '' : way === 'paper' ? `, typed in by ${by}` : `, taken down by ${by}`}`;
}

/** What was asked and what was said; what is asked no more goes by its name. */
function saidIn(answer: Answer, survey: Survey): [string, string][] {
  const own = Object.entries(answer.own).map(([name, value]): [string, string] => {
    const question = survey.questions.find((one) => one.name === name);
    return question ? [question.ask, answerInWords(question, value)] : [sentence(name), String(value)];
  });
  return [
    ...own,
    ...QUOTES.flatMap((name): [string, string][] => (answer[name] ? [[QUOTE_WORDS[name], answer[name]]] : [])),
  ];
}

/** `GET /orders/{source}/{number}/answer?survey=nps`: a form for an answer that came on paper. */
export const showAnswer = (web: Web) => async (c: Context) => {
  const found = await find(web, c, c.req.query('survey'));
  if (!found) return noSuchPage(web, c);
  const before = await answerOf(web.store.db, found.sale.order.id, found.survey.name);
  return c.html(<AnswerPage view={viewOf(web, c)} {...found} typed={before ? fieldsOf(before) : {}} />);
};

/** `POST /orders/{source}/{number}/answer`: keeps what stood on the paper, marked so, with who typed it in. */
export const takeAnswer = (web: Web) => async (c: Context) => {
  const typed = await readForm(c);
  const found = await find(web, c, typed.survey);
  if (!found) return noSuchPage(web, c);
  const { sale, survey, colleagues } = found;
  const { given, wrong } = readPage(wholeOf(survey), typed);
  const errors: Record<string, string> = errorsIn(wrong, web.sayings('en').survey);
  if (!colleagues.some(({ handle }) => handle === typed.by)) errors.by = 'Say who types it in.';
  if (Object.keys(errors).length === 0 && isBlank(given)) errors.form = 'Nothing is filled in.';
  if (Object.keys(errors).length > 0)
    return c.html(<AnswerPage view={viewOf(web, c)} {...found} typed={typed} errors={errors} />, 422);
  const now = web.now();
  await change(web.store, sale.order.id, now, async ({ tx, sale }) => {
    await recordAnswers(web.store, tx, sale, given, 'paper', now, { survey: survey.name, by: typed.by });
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
  colleagues: Colleague[];
}

async function find(web: Web, c: Context, name: string | undefined): Promise<Found | null> {
  const { store, shelf } = web;
  const { source = '', number = '' } = c.req.param() as Record<string, string>;
  const order = await findOrder(store, source, number);
  if (!order) return null;
  const sale = await loadSale(store, store.db, order.id);
  const asked = name !== undefined && shelf.surveys.names.includes(name) ? name : surveyFor(sale);
  return { sale, survey: shelf.surveys.in(asked, 'en'), colleagues: await presentIn(web) };
}

/** The survey a sale is asked first, by its playbook. */
export const surveyFor = ({ terms }: Sale): string =>
  terms.playbook.touches.find(({ deed }) => deed === 'ask')?.what ?? NPS;

const AnswerPage = ({
  view,
  sale,
  survey,
  colleagues,
  typed,
  errors = {},
}: Found & { view: View; typed: Record<string, string>; errors?: Errors }) => {
  const { order, owner } = sale;
  const others = view.web.shelf.surveys.names.filter((name) => name !== survey.name);
  const chosen = typed.by ?? owner.handle;
  return (
    <Frame view={view} title={`An answer on paper: ${survey.title}`}>
      <Wrong errors={Object.values(errors)} />
      <p>
        About <a href={orderPath(order)}>{`${order.source}/${order.number}`}</a>. Leave out what was not answered.
      </p>
      {others.length > 0 && (
        <p class="small">
          Another survey:{' '}
          {others.map((name, nth) => (
            <>
              {nth > 0 && ', '}
              <a href={`${orderPath(order)}/answer?survey=${name}`}>{name}</a>
            </>
          ))}
        </p>
      )}
      <form method="post" action={`${orderPath(order)}/answer`} class="page">
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
