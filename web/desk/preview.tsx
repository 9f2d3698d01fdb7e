import type { Context } from 'hono';
import { type Planned, plan } from '../../domain/plan.ts';
import { APPROVE, KEEP_IN_TOUCH } from '../../domain/playbook.ts';
import { writeLetter } from '../../mail/letter.ts';
import { languageOf, type View as MailView, type Written } from '../../mail/templates.ts';
import { openTasksAbout } from '../../store/desk.ts';
import { type Customer, loadSale, type Sale } from '../../store/followUps.ts';
import { type Entry, entryOf } from '../../store/ledger.ts';
import { recipientOf, usefulTo } from '../../store/letters.ts';
import { findOrder } from '../../store/orders.ts';
import { LEDGER_WORDS, sentence } from '../ui/words.ts';
import type { Web } from '../web.ts';
import { TaskCard } from './card.tsx';
import { At, customerPath, Frame, mailPath, orderPath, type View, viewOf } from './frame.tsx';
import { noSuchPage } from './noSuchPage.tsx';
import { Hindrance } from './order.tsx';
import { nameOf, type TaskView, taskViews } from './taskView.ts';

/** A mail as a playbook plans it. */
export type MailTouch = Pick<Planned, 'touch' | 'occurrence' | 'what' | 'gift' | 'to' | 'carries'>;

/** A mail as it would be sent now. */
export interface Drafted {
  sale: Sale;
  mail: MailTouch;
  recipient: Customer;
  /** Null: there is nothing of use left for it to carry. */
  written: Written | null;
}

/** `GET /orders/{source}/{number}/mail/{touch}`: a mail before it is sent; which of several, by `?of=2.1`. */
export const showPreview = (web: Web) => async (c: Context) => {
  const drafted = await draft(web, c);
  if (!drafted) return noSuchMail(web, c);
  const { sale, mail } = drafted;
  const view = viewOf(web, c);
  const tasks = (await openTasksAbout(web.store, sale.order.id)).filter(({ task }) => task.reason === APPROVE);
  const entry = await entryOf(web.store.db, { orderId: sale.order.id, ...mail });
  return c.html(
    <PreviewPage
      {...drafted}
      view={view}
      planned={mailAhead(web, sale, mail.touch, mail.occurrence)}
      entry={entry}
      approval={
        (await taskViews(web, tasks, view.show)).find(
          (one) => one.mail?.touch === mail.touch && one.mail.occurrence === mail.occurrence,
        ) ?? null
      }
    />,
  );
};

/** What is in the frame: nothing it could do. */
const FRAMED = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "form-action 'none'",
  "frame-ancestors 'self'",
];

/** `GET /orders/{source}/{number}/mail/{touch}/html`: what a mail program would show. */
export const showPreviewHtml = (web: Web) => async (c: Context) => {
  const drafted = await draft(web, c);
  return drafted?.written ? framed(c, drafted.written.html) : noSuchMail(web, c);
};

/** The HTML part of a mail, to be shown in a frame; its links lead nowhere unless the sandbox may let them. */
export function framed(c: Context, html: string, may = '') {
  c.header('Content-Security-Policy', [...FRAMED, `sandbox ${may}`.trim()].join('; '));
  c.header('X-Frame-Options', 'SAMEORIGIN');
  // A window of their own is what the sandbox does not give them.
  return c.html(html.replace(/<head[^>]*>|^/i, '$&<base target="_blank">'));
}

/** Both parts of a mail; what its frames show comes from an address of its own, by `framed`. */
export const Parts = ({ written, frame }: { written: Written; frame: string }) => (
  <>
    <div class="columns">
      <section aria-labelledby="looks">
        <h2 id="looks">As it looks</h2>
        <iframe class="mail" title="The mail as it would look" src={frame} sandbox="" />
      </section>
      <section aria-labelledby="text">
        <h2 id="text">As text</h2>
        <pre>{written.text}</pre>
      </section>
    </div>
    <section class="phone" aria-labelledby="phone">
      <h2 id="phone">On a phone</h2>
      <iframe class="mail" title="The mail as it would look on a phone" src={frame} sandbox="" />
    </section>
  </>
);

const noSuchMail = (web: Web, c: Context) => noSuchPage(web, c, "This order's playbook sends no such mail.");

/** The mail at this address; null where the order or the mail is not there. */
async function draft(web: Web, c: Context): Promise<Drafted | null> {
  const { source = '', number = '', touch = '' } = c.req.param() as Record<string, string>;
  const occurrence = c.req.query('of') ?? '1';
  const order = /^\d{1,4}(\.\d{1,4})?$/.test(occurrence) ? await findOrder(web.store, source, number) : null;
  if (!order) return null;
  const sale = await loadSale(web.store, web.store.db, order.id);
  const mail = mailAhead(web, sale, touch, occurrence) ?? mailOfPlaybook(sale, touch, occurrence);
  return mail && draftOf(web, sale, mail);
}

/**
 * Writes a mail with the same words and rules by which it is sent, but without links made for it alone; in another
 * language, and with what it lacks, where these are given.
 */
export async function draftOf(
  web: Web,
  sale: Sale,
  mail: MailTouch,
  language?: string,
  complete?: (view: MailView) => MailView,
): Promise<Drafted> {
  const { store, publicUrl, content } = web;
  const { order, owner, terms, followUp } = sale;
  const contact = { orderId: order.id, touch: mail.touch, occurrence: mail.occurrence };
  const piece = mail.carries && (await usefulTo(store.db, sale, mail.carries, content.pieces, contact));
  const theirs = await recipientOf(store.db, sale, mail.to);
  const recipient = language && languageOf(theirs.locale) !== language ? { ...theirs, locale: language } : theirs;
  const letter = { contact: mail, company: store.settings.company, order, owner, recipient, followUp, terms, piece };
  const link = (page: string) => `${publicUrl}/${page}/…`;
  const links = {
    survey: link('s'),
    unsubscribe: link('u'),
    person: link('p'),
    referral: `${publicUrl}/r/${recipient.referralCode}`,
  };
  return { sale, mail, recipient, written: mail.carries && !piece ? null : writeLetter(web, letter, links, complete) };
}

/** The mail as it lies ahead; null where it does not. */
const mailAhead = (web: Web, sale: Sale, touch: string, occurrence: string): Planned | null =>
  mailsAhead(web, sale).find((one) => one.touch === touch && one.occurrence === occurrence) ?? null;

/** The mails that lie ahead. */
export const mailsAhead = (web: Web, { followUp, terms }: Sale): Planned[] =>
  plan(followUp, terms, web.now()).filter(({ deed }) => deed === 'send' || deed === 'ask');

/** The mail as the playbook has it, whether or not anything has led to it yet. */
export function mailOfPlaybook({ terms: { playbook } }: Sale, touch: string, occurrence: string): MailTouch | null {
  const { keepInTouch, touches } = playbook;
  if (touch === KEEP_IN_TOUCH && keepInTouch)
    return { touch, occurrence, what: keepInTouch.what, carries: keepInTouch.carries, to: null, gift: '' };
  const found = touches.find(({ name, deed }) => name === touch && (deed === 'send' || deed === 'ask'));
  return found ? { touch, occurrence, what: found.what, carries: found.carries, to: found.to, gift: found.gift } : null;
}

interface Page extends Drafted {
  view: View;
  planned: Planned | null;
  entry: Entry | null;
  /** The task that lets it go. */
  approval: TaskView | null;
}

const PreviewPage = (page: Page) => {
  const { view, sale, mail, recipient, written, approval } = page;
  const { settings } = view.web.store;
  const { order, owner } = sale;
  return (
    <Frame view={view} title={written?.subject ?? sentence(mail.touch)}>
      <p>
        {sentence(mail.touch)} for <a href={orderPath(order)}>{`${order.source}/${order.number}`}</a>, as it would be
        sent now. Its links lead nowhere here.
      </p>
      <dl class="facts">
        <dt>From</dt>
        <dd>
          {settings.company} ({settings.mailFrom})
        </dd>
        <dt>To</dt>
        <dd>
          <a href={customerPath(recipient)}>{nameOf(recipient)}</a>
          {recipient.role && ` (${recipient.role})`}, {recipient.email ?? 'who has no e-mail address'}
        </dd>
        <dt>Answers go to</dt>
        <dd>{owner.email ? `${owner.name} (${owner.email})` : `${settings.company} (${settings.mailFrom})`}</dd>
        <dt>When</dt>
        <dd>
          <When {...page} />
        </dd>
      </dl>
      {approval && (
        <section aria-label="May it go?">
          <TaskCard task={approval} view={view} brief />
        </section>
      )}
      {written ? <Parts written={written} frame={framePath(order, mail)} /> : <NothingLeft mail={mail} />}
    </Frame>
  );
};

/** Why there is no mail to show. */
export const NothingLeft = ({ mail }: { mail: MailTouch }) => (
  <p>There is no {mail.carries} left that is new and of use to this customer, so this mail will not be sent.</p>
);

/** The address of what the frame shows. */
function framePath(order: Sale['order'], mail: MailTouch): string {
  const [path, of] = mailPath(order, mail).split('?');
  return `${path}/html${of ? `?${of}` : ''}`;
}

const When = ({ view: { show }, sale, planned, entry }: Page) => {
  if (entry)
    return (
      <>
        {LEDGER_WORDS[entry.state]}, <At at={entry.sentAt ?? entry.claimedAt} show={show} />
      </>
    );
  if (planned)
    return (
      <>
        <At at={planned.dueAt} show={show} />
        <Hindrance planned={planned} sale={sale} show={show} />
      </>
    );
  return <>It does not lie ahead at present</>;
};
