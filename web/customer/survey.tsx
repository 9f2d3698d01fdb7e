import type { Context } from 'hono';
import { readAnswers } from '../../domain/messages.ts';
import { LONGEST_TEXT } from '../../domain/reading.ts';
import { answerOf, recordAnswers } from '../../store/answers.ts';
import { change, poke } from '../../store/followUps.ts';
import { errorsOf, readForm } from '../ui/forms.ts';
import { type Errors, FieldError, FreeText } from '../ui/layout.tsx';
import type { Web } from '../web.ts';
import { noSuchLink, type Opened, open } from './links.tsx';
import { Page, Said } from './page.tsx';

const LABELS = { nps: 'Your answer', benefit: 'How it benefited you', better: 'What could be better' };

/** What stands in the fields. */
interface Typed {
  nps?: string;
  benefit?: string | null;
  better?: string | null;
}

/** `GET /s/{token}?score=9`: the survey. The score in the link only preselects, for mail scanners open links. */
export const showSurvey = (web: Web) => async (c: Context) => {
  const link = await open(web, 'survey', c.req.param('token') ?? '');
  if (!link) return noSuchLink(web, c);
  const before = await answerOf(web.store.db, link.sale.order.id);
  const typed: Typed = before ? { ...before, nps: before.nps === null ? undefined : String(before.nps) } : {};
  const score = c.req.query('score') ?? '';
  if (/^([0-9]|10)$/.test(score)) typed.nps = score;
  return c.html(<SurveyPage web={web} link={link} typed={typed} answered={before !== null} />);
};

/** `POST /s/{token}`: keeps the answer; until the survey closes a later one takes its place. */
export const takeSurvey = (web: Web) => async (c: Context) => {
  const link = await open(web, 'survey', c.req.param('token') ?? '');
  if (!link) return noSuchLink(web, c);
  const form = await readForm(c);
  const read = readAnswers(form);
  if (!read.ok) {
    const errors = errorsOf(read.errors, LABELS);
    return c.html(<SurveyPage web={web} link={link} typed={form} errors={errors} />, 422);
  }
  const now = web.now();
  const { id } = link.sale.order;
  await change(web.store, id, now, async ({ tx, sale }) => {
    await recordAnswers(tx, sale, read.answers, 'link', now);
    await poke(tx, id);
  });
  return c.html(<Thanks web={web} link={link} path={c.req.path} />);
};

const SurveyPage = ({
  web,
  link,
  typed,
  errors = {},
  answered = false,
}: {
  web: Web;
  link: Opened;
  typed: Typed;
  errors?: Errors;
  answered?: boolean;
}) => {
  const { company } = web.store.settings;
  const products = link.sale.order.lines.flatMap(({ name }) => name ?? []);
  return (
    <Page title="How did we do?" company={company} words={link.words}>
      {answered && <Said>You have answered already. Change what you like, and send it again.</Said>}
      {Object.keys(errors).length > 0 && (
        <div class="wrong" role="alert">
          <p>It was not sent yet: one thing is missing or not right. See below.</p>
        </div>
      )}
      <p>
        About your order {link.sale.order.number}
        {products.length > 0 && `: ${products.slice(0, 3).join(', ')}`}
      </p>
      <form method="post">
        <fieldset class="scale-of" {...(errors.nps ? { 'aria-describedby': 'nps-error' } : {})}>
          <legend>How likely are you to recommend {company} to a friend or colleague?</legend>
          <div class="scale">
            {Array.from({ length: 11 }, (_, score) => (
              <label>
                <input type="radio" name="nps" value={score} required checked={typed.nps === String(score)} />
                {score}
              </label>
            ))}
          </div>
          <p class="ends small quiet">
            <span>0: not at all</span>
            <span>10: certainly</span>
          </p>
          <FieldError errors={errors} name="nps" />
        </fieldset>
        <FreeText
          name="benefit"
          label="How did it benefit you? (optional)"
          typed={typed.benefit}
          longest={LONGEST_TEXT}
          errors={errors}
        />
        <FreeText
          name="better"
          label="What could be better? (optional)"
          typed={typed.better}
          longest={LONGEST_TEXT}
          errors={errors}
        />
        <button type="submit">Send my answer</button>
      </form>
      <p class="small quiet">{link.owner.name} reads every answer.</p>
    </Page>
  );
};

const Thanks = ({ web, link, path }: { web: Web; link: Opened; path: string }) => (
  <Page title="Thank you" company={web.store.settings.company} words={link.words}>
    <Said>Your answer has arrived. {link.owner.name} will read it.</Said>
    <p>
      {link.expiresAt !== null && `You can change it until ${link.show.day(link.expiresAt)}: `}
      <a href={path}>open it again</a>.
    </p>
  </Page>
);
