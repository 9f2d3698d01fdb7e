import type { Context } from 'hono';
import { type AddressObject, type ParsedMail, simpleParser } from 'mailparser';
import { reasonOf } from '../../domain/errors.ts';
import { answerCaught, bounceCaught } from '../../mail/catcher.ts';
import { type CaughtMail, listCaught, readCaught } from '../../store/caughtMails.ts';
import { readForm } from '../ui/forms.ts';
import type { Web } from '../web.ts';
import { back } from './back.ts';
import { At, Frame, viewOf, Wrong } from './frame.tsx';
import { noSuchPage } from './noSuchPage.tsx';
import { framed } from './preview.tsx';

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
  return c.html(await mailPage(web, c, mail));
};

async function mailPage(web: Web, c: Context, mail: CaughtMail, wrong: string[] = []) {
  const parsed = await simpleParser(mail.raw);
  const view = viewOf(web, c);
  return (
    <Frame view={view} title={mail.subject || '(no subject)'} said={SAID[c.req.query('saved') ?? '']}>
      <Wrong errors={wrong} />
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
      {web.catcherUrl && (
        <>
          <h2>As the customer</h2>
          <form method="post" action={`/dev/mail/${mail.id}/reply`}>
            <label for="words">Answer this mail</label>
            <textarea id="words" name="words" rows={4} />
            <button type="submit">Reply as the customer</button>
          </form>
          {bouncesOf(parsed) && (
            <form method="post" action={`/dev/mail/${mail.id}/bounce`}>
              <button type="submit" class="secondary outline">
                Bounce this: there is no such mailbox
              </button>
            </form>
          )}
        </>
      )}
      <h2>Headers</h2>
      <pre>{headersOf(parsed)}</pre>
      <p>
        <a href="/dev/mail">All mails</a>
      </p>
    </Frame>
  );
}

const SAID: Record<string, string> = {
  replied: 'Sent. It is read as every reply: see Replies.',
  bounced: 'Sent back. It is read as every bounce: see Replies.',
};

/** `POST /dev/mail/{id}/reply` and `/bounce`: what a customer, or their mail server, would send is really sent. */
export const takeSentBack = (web: Web, way: 'reply' | 'bounce') => async (c: Context) => {
  const mail = await caught(web, c);
  const url = web.catcherUrl;
  if (!mail || !url) return noSuchPage(web, c, 'There is no such mail.');
  const words = ((await readForm(c)).words ?? '').trim();
  if (way === 'reply' && !words) return c.html(await mailPage(web, c, mail, ['The answer is empty.']), 422);
  try {
    await (way === 'reply' ? answerCaught(url, mail.raw, words) : bounceCaught(url, mail.raw));
  } catch (error) {
    return c.html(await mailPage(web, c, mail, [`It could not be sent: ${reasonOf(error)}.`]), 503);
  }
  return back(c, `/dev/mail/${mail.id}`, 'saved', way === 'reply' ? 'replied' : 'bounced');
};

/** Where a mail's bounces go; undefined: it is not told. */
const bouncesOf = ({ headers }: ParsedMail) =>
  (headers.get('return-path') as AddressObject | undefined)?.value[0]?.address?.startsWith('b+');

/** `GET /dev/mail/{id}/html`: what a mail program would show, with nothing it could do; links open beside it. */
export const showMailHtml = (web: Web) => async (c: Context) => {
  const mail = await caught(web, c);
  const html = mail && (await simpleParser(mail.raw)).html;
  if (!html) return noSuchPage(web, c, 'There is no such mail.');
  return framed(c, html, 'allow-popups allow-popups-to-escape-sandbox');
};

async function caught(web: Web, c: Context): Promise<CaughtMail | null> {
  const id = c.req.param('id') ?? '';
  return web.catching && /^\d{1,15}$/.test(id) ? readCaught(web.store, Number(id)) : null;
}

/** The text with its addresses as links. */
const linked = (text: string) =>
  text.split(/(https?:\/\/[^\s<>"]+)/).map((part, index) => (index % 2 === 1 ? <a href={part}>{part}</a> : part));

const headersOf = ({ headerLines }: ParsedMail) => headerLines.map(({ line }) => line).join('\n');
