import type { Context } from 'hono';
import { isOfComplaint } from '../../domain/complaint.ts';
import { occurrenceOf } from '../../domain/followUp.ts';
import { type Anchor, KEEP_IN_TOUCH } from '../../domain/playbook.ts';
import { type View as MailView, sampleIn, type Written } from '../../mail/templates.ts';
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
  /** What it would be about and the order does not have; the sample's stands in for it. */
  lacking: readonly string[];
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
  if (!order) return { language, name, asked, drafted: null, lacking: [], written: sampleOf(web, language, name) };
  const sale = await loadSale(store, store.db, order.id);
  const { mail, isItsOwn } = mailNamed(web, sale, name);
  const lacking: string[] = [];
  const drafted = await draftOf(web, sale, mail, language, (view) => {
    const said = (one: MailView) => JSON.stringify(templates.write(name, language, one));
    const sample = sampleIn(language);
    let known = view;
    for (const { words, isThere, of, mayLack } of MATTERS) {
      const completed = { ...known, ...of(sample, known) };
      if (isThere(known) || (mayLack && isItsOwn) || said(completed) === said(known)) continue;
      lacking.push(words);
      known = completed;
    }
    return known;
  });
  return { language, name, asked, drafted, lacking, written: drafted.written };
}

/** What a mail may be about, and what of the sample stands in for it. */
interface Matter {
  words: string;
  isThere: (view: MailView) => boolean;
  of: (sample: MailView, known: MailView) => Partial<MailView>;
  /** A mail of the playbook does without it where there is none. */
  mayLack?: boolean;
}

/** Values of the sample that nobody takes for the order's. */
const marked = <T extends object>(values: T): T => {
  const mark = (name: string, value: unknown) =>
    typeof value === 'string' && name !== 'link' ? `${value} (sample)` : value;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, mark(name, value)])) as T;
};

const MATTERS: readonly Matter[] = [
  {
    words: 'complaint',
    isThere: ({ complaint }) => complaint.promised !== '',
    of: ({ complaint }) => ({ complaint: marked(complaint) }),
  },
  {
    words: 'word yet of what was changed after a complaint',
    isThere: ({ complaint }) => complaint.changed !== '',
    of: ({ complaint }, known) => ({ complaint: { ...known.complaint, changed: marked(complaint).changed } }),
  },
  { words: 'return', isThere: (view) => view.return.receipt !== '', of: (view) => ({ return: marked(view.return) }) },
  { words: 'term that ends', isThere: ({ term }) => term.end !== '', of: ({ term }) => ({ term: marked(term) }) },
  { words: 'tip', isThere: ({ tip }) => tip.text !== '', of: ({ tip }) => ({ tip: marked(tip) }), mayLack: true },
];

/** A mail as it lies ahead of an order, else as its playbook has it, else as it would be without one. */
function mailNamed(web: Web, sale: Sale, name: string): { mail: MailTouch; isItsOwn: boolean } {
  const ahead = mailsAhead(web, sale).find(({ what }) => what === name);
  if (ahead) return { mail: ahead, isItsOwn: true };
  const { touches, keepInTouch } = sale.terms.playbook;
  const touch = keepInTouch?.what === name ? KEEP_IN_TOUCH : touches.find(({ what }) => what === name)?.name;
  const anchor = isOfComplaint(name) ? 'complaint' : touches.find((one) => one.name === touch)?.anchor;
  const occurrence = occurrenceOf(lastOf(sale, anchor), 1);
  const planned = touch === undefined ? null : mailOfPlaybook(sale, touch, occurrence);
  const plain = { touch: name, occurrence, what: name, carries: null, to: null, gift: '' };
  return { mail: planned ?? plain, isItsOwn: planned !== null };
}

/** The number of the last complaint, return or the like that a mail would be about; 0: it is about none. */
function lastOf({ followUp }: Sale, anchor: Anchor | undefined): number {
  const { complaints, returns, promises, thanks, ends } = followUp;
  switch (anchor) {
    case 'complaint':
    case 'complaint closed':
      return complaints.length;
    case 'return':
      return returns.length;
    case 'promise':
    case 'broken promise':
      return promises.length;
    case 'earned referral':
      return thanks.length;
    case 'term end':
    case 'warranty end':
      return ends.findLast(({ of }) => `${of} end` === anchor)?.line ?? 0;
    default:
      return 0;
  }
}

const TemplatePage = ({ view, language, name, asked, drafted, lacking, written }: { view: View } & Shown) => (
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
    {lacking.length > 0 && (
      <p>
        <strong>This order has no {lacking.join(' and no ')}</strong>, so it is not sent this mail as things are. What
        is marked (sample) is from the sample.
      </p>
    )}
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
