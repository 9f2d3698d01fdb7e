import type { Context } from 'hono';
import { LONGEST_TEXT } from '../../domain/reading.ts';
import {
  type Answers,
  BANDS,
  type Band,
  bandOf,
  fieldsOf,
  firstOpen,
  type Given,
  isBlank,
  NPS,
  type Page as Pageful,
  pagesOf,
  QUOTES,
  readPage,
  type Survey,
} from '../../domain/survey.ts';
import type { Instant } from '../../domain/time.ts';
import { answerOf, recordAnswers } from '../../store/answers.ts';
import { type Coming, callForLowScore, comingTo } from '../../store/calls.ts';
import { change, poke } from '../../store/followUps.ts';
import { readForm } from '../ui/forms.ts';
import { type Errors, FreeText } from '../ui/layout.tsx';
import { errorsIn, QuestionField } from '../ui/questions.tsx';
import type { Web } from '../web.ts';
import { noSuchLink, type Opened, open } from './links.tsx';
import { Page, Said } from './page.tsx';

/** A survey a customer has opened, by the link in a mail or by the card. */
interface Asked extends Opened {
  way: 'link' | 'card';
  questions: Survey;
  /** Its own address. */
  path: string;
}

/** What stands on the page that is shown. */
interface Shown {
  web: Web;
  link: Asked;
  pages: Pageful[];
  /** Which of them, from 0. */
  at: number;
  /** Whom the score shows that led to these pages; null: it is not known. */
  band: Band | null;
  typed: Record<string, string>;
  errors?: Errors;
  /** What is said of answers that are there already. */
  said?: string | null;
}

const NOTHING: Answers = { nps: null, csat: null, benefit: null, better: null };

async function openSurvey(web: Web, c: Context): Promise<Asked | null> {
  const token = c.req.param('token') ?? '';
  const mailed = await open(web, 'survey', token);
  const link = mailed ?? (await open(web, 'card', token));
  if (!link) return null;
  const questions = web.shelf.surveys.in(link.survey ?? NPS, link.words.language);
  return { ...link, way: mailed ? 'link' : 'card', questions, path: c.req.path };
}

const answersTo = (web: Web, { sale, survey, customer }: Asked) =>
  answerOf(web.store.db, sale.order.id, survey ?? NPS, customer.id);

/**
 * `GET /s/{token}?score=9`: the survey, on its first page that was not answered yet. Looking changes nothing, and the
 * score in the link only preselects, for mail scanners open links.
 */
export const showSurvey = (web: Web) => async (c: Context) => {
  const link = await openSurvey(web, c);
  if (!link) return noSuchLink(web, c);
  const before = await answersTo(web, link);
  const { survey } = link.words;
  const band = before && bandOf(before);
  const pages = pagesOf(link.questions, band);
  const typed = fieldsOf(before ?? NOTHING);
  const asked = pageIn(c.req.query('page'), pages);
  const tapped = tappedOn(pages, c.req.query('score') ?? '');
  if (tapped) Object.assign(typed, tapped.typed);
  const next = before?.finishedAt === null ? Math.max(firstOpen(pages, before), 0) : 0;
  const at = asked ?? tapped?.at ?? next;
  const said = before && asked === null ? (before.finishedAt === null ? survey.goes_on() : survey.again()) : null;
  return c.html(<SurveyPage web={web} link={link} pages={pages} at={at} band={band} typed={typed} said={said} />);
};

/** The page an address or a form names, counted from 1; null where it names none. */
function pageIn(text: string | undefined, pages: Pageful[]): number | null {
  const page = /^\d{1,2}$/.test(text ?? '') ? Number(text) : 0;
  return page >= 1 && page <= pages.length ? page - 1 : null;
}

/** A score that was tapped on in the mail: the page it belongs to, and its field. */
function tappedOn(pages: Pageful[], score: string) {
  for (const [at, page] of pages.entries()) {
    const scores = page.questions.filter(({ kind }) => kind === 'nps' || kind === 'csat');
    const { given } = readPage({ questions: scores, quotes: false }, { nps: score, csat: score });
    const typed = fieldsOf({ ...NOTHING, ...given, own: {} });
    if (Object.keys(typed).length > 0) return { at, typed };
  }
  return null;
}

/**
 * `POST /s/{token}`: keeps a page, and shows the next one. What is right on a page that is refused is kept as well.
 * Until the survey closes a later answer takes the place of an earlier one.
 */
export const takeSurvey = (web: Web) => async (c: Context) => {
  const link = await openSurvey(web, c);
  if (!link) return noSuchLink(web, c);
  const form = await readForm(c);
  // The pages as they were when the form was made: a score that was changed meanwhile may lead elsewhere.
  const band = BANDS.find((one) => one === form.band) ?? null;
  const shown = pagesOf(link.questions, band);
  const at = pageIn(form.page, shown) ?? 0;
  const { given, wrong } = readPage(shown[at], form);
  const refused = Object.keys(wrong).length > 0;
  const before = (await answersTo(web, link)) ?? NOTHING;
  const pages = pagesOf(link.questions, bandOf({ ...before, ...given }));
  const isLast = at >= pages.length - 1;
  if (!refused || !isBlank(given)) await take(web, link, given, refused ? 'some' : isLast ? 'all' : 'page');
  const after = (await answersTo(web, link)) ?? NOTHING;
  if (refused) {
    const errors = errorsIn(wrong, link.words.survey);
    const typed = { ...fieldsOf(after), ...form };
    return c.html(
      <SurveyPage web={web} link={link} pages={shown} at={at} band={band} typed={typed} errors={errors} />,
      422,
    );
  }
  if (!isLast)
    return c.html(
      <SurveyPage web={web} link={link} pages={pages} at={at + 1} typed={fieldsOf(after)} band={bandOf(after)} />,
    );
  const coming = await comingTo(web.store, link.sale.order.id, link.survey ?? NPS, link.customer.id);
  return c.html(<Thanks web={web} link={link} band={bandOf(after)} coming={coming} />);
};

/** Writes answers down, and makes what comes of them at once. */
async function take(web: Web, link: Asked, given: Given, extent: 'some' | 'page' | 'all') {
  const { sale, survey, customer, way } = link;
  const now = web.now();
  const about = { survey: survey ?? NPS, customerId: customer.id, extent };
  await change(web.store, sale.order.id, now, async (change) => {
    await recordAnswers(web.store, change.tx, change.sale, given, way, now, about);
    await callForLowScore(web.store, change, now);
    await poke(change.tx, sale.order.id);
  });
}

const SurveyPage = ({ web, link, pages, at, band, typed, errors = {}, said = null }: Shown) => {
  const { words, questions, sale, path, talk } = link;
  const { survey } = words;
  const { number, lines } = sale.order;
  const products = lines.flatMap(({ name }) => name ?? []).slice(0, 3);
  const page = pages[at];
  return (
    <Page title={questions.title} company={web.store.settings.company} words={words} link={link}>
      {said && <Said>{said}</Said>}
      {Object.keys(errors).length > 0 && (
        <div class="wrong" role="alert">
          <p>{survey.refused()}</p>
        </div>
      )}
      {link.way === 'card' && at === 0 && (
        <p>
          <a href={`${talk.path}/complaint`}>{survey.not_right()}</a>
        </p>
      )}
      <p>
        {survey.order({ number, products: products.join(', ') })}
        {pages.length > 1 && (
          <>
            <br />
            <small class="quiet">{survey.page({ page: at + 1, pages: pages.length })}</small>
          </>
        )}
      </p>
      <form method="post" action={path}>
        <input type="hidden" name="page" value={at + 1} />
        {band && <input type="hidden" name="band" value={band} />}
        <div lang={questions.language}>
          {page.questions.map((question) => (
            <QuestionField
              question={question}
              typed={typed}
              errors={errors}
              optional={survey.optional()}
              none={survey.none()}
            />
          ))}
        </div>
        {page.quotes &&
          QUOTES.map((name) => (
            <FreeText
              name={name}
              label={`${survey[name]()} (${survey.optional()})`}
              typed={typed[name]}
              longest={LONGEST_TEXT}
              errors={errors}
            />
          ))}
        <button type="submit">{at < pages.length - 1 ? survey.next() : survey.send()}</button>
      </form>
      {at > 0 && (
        <p>
          <a href={`${path}?page=${at}`}>{survey.back()}</a>
        </p>
      )}
      <p class="small quiet">{survey.reads({ name: link.owner.name })}</p>
    </Page>
  );
};

interface Told {
  web: Web;
  link: Asked;
  band: Band | null;
  /** What comes of the answer; null: it is read. */
  coming: Coming | null;
}

const Thanks = ({ web, link, band, coming }: Told) => {
  const { survey } = link.words;
  const { show, expiresAt } = link;
  const arrived = band === 'promoter' ? 'arrived_high' : band === 'detractor' ? 'arrived_low' : 'arrived';
  return (
    <Page title={survey.thanks()} company={web.store.settings.company} words={link.words} link={link}>
      <Said>
        {survey[arrived]()} {coming ? comes(coming, link, web.now()) : survey.reads({ name: link.owner.name })}
      </Said>
      <p>
        {expiresAt !== null && `${survey.change_until({ day: show.day(expiresAt) })} `}
        <a href={link.path}>{survey.change()}</a>
      </p>
    </Page>
  );
};

/** From whom the customer hears, and by when; where that has passed, that we are late. */
function comes({ how, by: { name }, dueAt }: Coming, { words, show }: Asked, now: Instant): string {
  const { survey, complaint } = words;
  const called = { name, by: `${show.when(dueAt)} (${show.zone})` };
  if (how === 'still') return survey.still({ name });
  if (dueAt < now) return complaint.late(called);
  return how === 'call' ? survey.call(called) : survey.hear(called);
}
