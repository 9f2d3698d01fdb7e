import type { Context } from 'hono';
import { type ParsedMail, simpleParser } from 'mailparser';
import { type CaughtMail, listCaught, readCaught } from '../../store/caughtMails.ts';
import type { Web } from '../web.ts';
import { At, Frame, viewOf } from './frame.tsx';
import { noSuchPage } from './noSuchPage.tsx';

const PAGE = 50;

/** `GET /dev/mail`: what was caught instead of being delivered, newest first. */
export const showMails = (web: Web) => async (c: Context) => {
  if (!web.catching) return noSuchPage(web, c, 'Mail is really delivered here, and none is caught.');
  const before = Number(c.req.query('before')) || null;
  const rows = await listCaught(web.store, before, PAGE + 1);
  const mails = rows.slice(0, PAGE);
  const view = viewOf(web, c);
  return c.html(
    <Frame view={view} title="Caught mail">
      <p>No mail leaves this machine: what would be sent is caught and shown here. Set SMTP_URL to deliver it.</p>
      {mails.length === 0 ? (
        <p>Nothing was sent yet. The first mail of an order is due about an hour after it was placed.</p>
      ) : (
        <section class="wide" tabindex={0} aria-label="Mails">
          <table>
            <caption>Newest first</caption>
            <thead>
              <tr>
                <th scope="col">Subject</th>
                <th scope="col">To</th>
                <th scope="col">Caught</th>
              </tr>
            </thead>
            <tbody>
              {mails.map(({ id, subject, to, at }) => (
                <tr>
                  <th scope="row">
                    <a href={`/dev/mail/${id}`}>{subject || '(no subject)'}</a>
                  </th>
                  <td>{to}</td>
                  <td>
                    <At at={at} show={view.show} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {rows.length > PAGE && (
        <p>
          <a rel="next" href={`/dev/mail?before=${mails.at(-1)!.id}`}>
            The next {PAGE}
          </a>
        </p>
      )}
    </Frame>,
  );
};

/** `GET /dev/mail/{id}`: one caught mail. */
export const showMail = (web: Web) => async (c: Context) => {
  const mail = await caught(web, c);
  if (!mail) return noSuchPage(web, c, 'There is no such mail.');
  const parsed = await simpleParser(mail.raw);
  const view = viewOf(web, c);
  return c.html(
    <Frame view={view} title={mail.subject || '(no subject)'}>
      <dl class="facts">
        <dt>From</dt>
        <dd>{parsed.from?.text}</dd>
        <dt>To</dt>
        <dd>{mail.to}</dd>
        <dt>Caught</dt>
        <dd>
          <At at={mail.at} show={view.show} />
        </dd>
      </dl>
      {parsed.html && (
        <>
          <h2>As it looks</h2>
          <iframe
            class="mail"
            title="The mail as it looks"
            src={`/dev/mail/${mail.id}/html`}
            sandbox="allow-popups allow-popups-to-escape-sandbox"
          />
        </>
      )}
      <h2>As text</h2>
      <pre>{linked(parsed.text ?? '')}</pre>
      <h2>Headers</h2>
      <pre>{headersOf(parsed)}</pre>
      <p>
        <a href="/dev/mail">All mails</a>
      </p>
    </Frame>,
  );
};

const MAIL_CSP = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "form-action 'none'",
  "frame-ancestors 'self'",
  'sandbox allow-popups allow-popups-to-escape-sandbox',
].join('; ');

/** `GET /dev/mail/{id}/html`: what a mail program would show, with nothing it could do; links open beside it. */
export const showMailHtml = (web: Web) => async (c: Context) => {
  const mail = await caught(web, c);
  const html = mail && (await simpleParser(mail.raw)).html;
  if (!html) return noSuchPage(web, c, 'There is no such mail.');
  c.header('Content-Security-Policy', MAIL_CSP);
  c.header('X-Frame-Options', 'SAMEORIGIN');
  return c.html(html.replace(/<head[^>]*>|^/i, '$&<base target="_blank">'));
};

async function caught(web: Web, c: Context): Promise<CaughtMail | null> {
  const id = c.req.param('id') ?? '';
  return web.catching && /^\d{1,15}$/.test(id) ? readCaught(web.store, Number(id)) : null;
}

/** The text with its addresses as links. */
const linked = (text: string) =>
  text.split(/(https?:\/\/[^\s<>"]+)/).map((part, index) => (index % 2 === 1 ? <a href={part}>{part}</a> : part));

const headersOf = ({ headerLines }: ParsedMail) => headerLines.map(({ line }) => line).join('\n');
