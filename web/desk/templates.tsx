import type { Context } from 'hono';
import { KEEP_IN_TOUCH } from '../../domain/playbook.ts';
import { sampleIn, type Written } from '../../mail/templates.ts';
import { loadSale, type Sale } from '../../store/followUps.ts';
import { findOrder } from '../../store/orders.ts';
import type { Web } from '../web.ts';
import { Frame, orderPath, type View, viewOf, Wrong } from './frame.tsx';
import { noSuchPage } from './noSuchPage.tsx';
import {
  type Drafted,
  draftOf,
  framed,
  type MailTouch,
  mailOfPlaybook,
  mailsAhead,
  NothingLeft,
  Parts,
} from './preview.tsx';

/** `GET /templates`: every mail there is, by language. */
export const showTemplates = (web: Web) => (c: Context) => c.html(<TemplatesPage view={viewOf(web, c)} />);

const TemplatesPage = ({ view }: { view: View }) => {
  const { templates } = view.web;
  return (
    <Frame view={view} title="What customers are sent">
      <p>
        The words stand in files, a folder for each language; how to change them and how to add a language is told in
        docs/content.md. A mail that is not there in the reader's language is sent in English.
      </p>
      {templates.languages.map((language) => (
        <section aria-labelledby={language}>
          <h2 id={language}>{nameOfLanguage(language)}</h2>
          <ul>
            {templates.names.map((name) => (
              <li>
                {templates.languageFor(name, language) === language ? (
                  <>
                    <a href={templatePath(language, name)} lang={language}>
                      {sampleOf(view.web, language, name).subject}
                    </a>{' '}
                    <span class="quiet small">{name}</span>
                  </>
                ) : (
                  <span class="quiet">{name}: not translated</span>
                )}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </Frame>
  );
};

const languageNames = new Intl.DisplayNames('en', { type: 'language' });
const nameOfLanguage = (language: string) => languageNames.of(language) ?? language;

const sampleOf = ({ templates, store }: Web, language: string, name: string): Written =>
  templates.write(name, language, { ...sampleIn(language), company: store.settings.company });

/** A mail on its page. */
interface Shown {
  language: string;
  name: string;
  /** The order it is written for, as it was typed in; empty for the sample. */
  asked: string;
  /** What it was written from; null for the sample, or where there is no such order. */
  drafted: Drafted | null;
  /** Null: there is nothing of use left for it to carry. */
  written: Written | null;
}

/** `GET /templates/{language}/{name}?order=shop/10042`: one mail, with the sample or for an order. */
export const showTemplate = (web: Web) => async (c: Context) => {
  const shown = await shownAt(web, c);
  if (!shown) return noSuchPage(web, c, 'There is no such mail.');
  return c.html(<TemplatePage view={viewOf(web, c)} {...shown} />, shown.asked && !shown.drafted ? 404 : 200);
};

/** `GET /templates/{language}/{name}/html?order=shop/10042`: what a mail program would show. */
export const showTemplateHtml = (web: Web) => async (c: Context) => {
  const shown = await shownAt(web, c);
  return shown?.written ? framed(c, shown.written.html) : noSuchPage(web, c, 'There is no such mail.');
};

async function shownAt(web: Web, c: Context): Promise<Shown | null> {
  const { language = '', name = '' } = c.req.param() as Record<string, string>;
  const { templates, store } = web;
  if (!templates.names.includes(name) || templates.languageFor(name, language) !== language) return null;
  const asked = (c.req.query('order') ?? '').trim();
  const [, source, number] = /^([^/]+)\/(.+)$/.exec(asked) ?? [];
  const order = source ? await findOrder(store, source, number) : null;
  if (!order) return { language, name, asked, drafted: null, written: sampleOf(web, language, name) };
  const sale = await loadSale(store, store.db, order.id);
  const drafted = await draftOf(web, sale, mailNamed(web, sale, name), language);
  return { language, name, asked, drafted, written: drafted.written };
}

/** A mail as it lies ahead of an order, else as its playbook has it, else as it would be without one. */
function mailNamed(web: Web, sale: Sale, name: string): MailTouch {
  const ahead = mailsAhead(web, sale).find(({ what }) => what === name);
  if (ahead) return ahead;
  const { touches, keepInTouch } = sale.terms.playbook;
  const touch = keepInTouch?.what === name ? KEEP_IN_TOUCH : touches.find(({ what }) => what === name)?.name;
  const planned = touch === undefined ? null : mailOfPlaybook(sale, touch, '1');
  return planned ?? { touch: name, occurrence: '1', what: name, carries: null, to: null, gift: '' };
}

const TemplatePage = ({ view, language, name, asked, drafted, written }: { view: View } & Shown) => (
  <Frame view={view} title={written?.subject ?? name}>
    {asked && !drafted && <Wrong errors={[`There is no order "${asked}": this is the sample.`]} />}
    <p>
      The mail {name} in {nameOfLanguage(language)}, from the file <code>{`templates/${language}/${name}.liquid`}</code>
      ,{' '}
      {drafted ? (
        <>
          as it would be sent now for{' '}
          <a href={orderPath(drafted.sale.order)}>{`${drafted.sale.order.source}/${drafted.sale.order.number}`}</a>.
        </>
      ) : (
        'with a sample order.'
      )}{' '}
      Its links lead nowhere here.
    </p>
    <form method="get" action={templatePath(language, name)} class="filter">
      <label>
        With this order
        <input name="order" value={asked} placeholder="shop/10042" />
      </label>
      <button type="submit" class="secondary">
        Show
      </button>
    </form>
    {written ? (
      <Parts
        written={written}
        frame={`${templatePath(language, name)}/html${drafted ? `?${new URLSearchParams({ order: asked })}` : ''}`}
      />
    ) : (
      drafted && <NothingLeft mail={drafted.mail} />
    )}
    <p>
      <a href="/templates">All mails</a>
    </p>
  </Frame>
);

const templatePath = (language: string, name: string) => `/templates/${language}/${name}`;
