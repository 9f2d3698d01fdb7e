import type { Context } from 'hono';
import { ownWords, readDelivery } from '../../domain/inbound.ts';
import { isOurId } from '../../domain/names.ts';
import { LONGEST_TEXT } from '../../domain/reading.ts';
import { searchOrders } from '../../store/desk.ts';
import type { Order } from '../../store/followUps.ts';
import { askedBy, type InboundMail, listInbound, settleInbound } from '../../store/inbound.ts';
import type { Task } from '../../store/tasks.ts';
import { readForm } from '../ui/forms.ts';
import { DELIVERY_WORDS, INBOUND_WORDS, sentence, statusInWords } from '../ui/words.ts';
import type { Web } from '../web.ts';
import { back, saidOf } from './back.ts';
import { At, cursorIn, Frame, More, orderPath, type View, viewOf, Wrong } from './frame.tsx';
import { noSuchPage } from './noSuchPage.tsx';
import { nameOf } from './taskView.ts';

type Row = Awaited<ReturnType<typeof listInbound>>['items'][number];

/** `GET /replies`: what customers and mail servers sent back; first what nobody knows whose it is. */
export const showReplies = (web: Web) => async (c: Context) => c.html(await page(web, c));

async function page(web: Web, c: Context, error?: { id: string; typed: string; wrong: string }) {
  const view = viewOf(web, c);
  const unsettled = await listInbound(web.store, { unsettled: true });
  const all = await listInbound(web.store, { cursor: cursorIn(c.req.query('after')) });
  const settled = all.items.filter(({ mail }) => mail.kind !== 'unknown' || mail.settledAt !== null);
  return (
    <Frame view={view} title="Replies" said={await saidOf(web, c)}>
      <Wrong errors={error ? [error.wrong] : []} />
      {unsettled.items.length > 0 && (
        <section aria-labelledby="whose">
          <h2 id="whose">Whose are these?</h2>
          <p>Nobody with this address has an order, and they answer no mail of ours.</p>
          {unsettled.items.map((row) => (
            <article>
              <From row={row} view={view} />
              <Words mail={row.mail} />
              {askedBy(row.mail) !== 'reply' && (
                <p>
                  It asks for no more mail: whoever you say it is from gets no mail and no call any more, from then on.
                </p>
              )}
              <Whose mail={row.mail} typed={error?.id === row.mail.id ? error.typed : ''} />
            </article>
          ))}
        </section>
      )}
      <h2>What came in</h2>
      {settled.length === 0 && <p>Nothing yet.</p>}
      {settled.map((row) => (
        <article>
          <From row={row} view={view} />
          <What mail={row.mail} />
        </article>
      ))}
      <More path="/replies" query={{}} next={all.next} />
    </Frame>
  );
}

/** What is in it: what a machine says is told in words of ours. */
const What = ({ mail }: { mail: InboundMail }) => {
  if (mail.kind === 'spam-report') return null;
  if (mail.kind !== 'bounce') return <Words mail={mail} />;
  const delivery = readDelivery(mail.text ?? '');
  if (delivery?.action !== 'failed' && delivery?.action !== 'delayed') return null;
  return (
    <p>
      {sentence(statusInWords(delivery.status))} <span class="quiet small">({delivery.status})</span>
    </p>
  );
};

const kindInWords = ({ kind, text }: InboundMail) => {
  const delivery = kind === 'bounce' ? readDelivery(text ?? '') : null;
  return delivery ? DELIVERY_WORDS[delivery.action] : INBOUND_WORDS[kind];
};

const From = ({ row: { mail, order, customer }, view }: { row: Row; view: View }) => (
  <p>
    <span class="badge">{kindInWords(mail)}</span> {customer ? nameOf(customer) : (mail.from ?? 'Nobody we know')}
    {order && (
      <>
        {', '}
        <a href={orderPath(order)}>
          {order.source}/{order.number}
        </a>
      </>
    )}
    <span class="quiet small">
      {' '}
      <At at={mail.at} show={view.show} />
    </span>
  </p>
);

/** What somebody wrote: their own words, and the whole of it where a mail is quoted. */
const Words = ({ mail: { subject, text } }: { mail: InboundMail }) => {
  if (text === null) return <p class="quiet">Erased.</p>;
  const words = ownWords(text) || text;
  return (
    <>
      {subject && <p class="small quiet">{subject}</p>}
      <blockquote>{words}</blockquote>
      {words !== text && (
        <details>
          <summary>The whole mail</summary>
          <pre>{text}</pre>
        </details>
      )}
    </>
  );
};

const Whose = ({ mail: { id }, typed }: { mail: InboundMail; typed: string }) => (
  <form method="post" action={`/replies/${id}`}>
    <label for={`order-${id}`}>The number of the order, or the e-mail address it was placed with</label>
    <input id={`order-${id}`} name="order" value={typed} />
    <div class="buttons">
      <button type="submit">It is about this order</button>
      <button type="submit" name="nothing" value="yes" class="secondary outline">
        Nothing to do
      </button>
    </div>
  </form>
);

/** `POST /replies/{id}`: somebody says whose it is. */
export const takeWhose = (web: Web) => async (c: Context) => {
  const id = c.req.param('id') ?? '';
  if (!isOurId(id)) return noSuchPage(web, c);
  const { nothing, order: typed = '' } = await readForm(c);
  const found = nothing ? null : await orderCalled(web, typed.trim());
  if (found && 'wrong' in found) return c.html(await page(web, c, { id, typed, wrong: found.wrong }), 422);
  await settleInbound(web.store, id, found?.id ?? null, web.now());
  return back(c, '/replies', 'saved', 'yes');
};

/** The one order of this number, or the newest one of this address. */
async function orderCalled({ store }: Web, text: string): Promise<Order | { wrong: string }> {
  const rows = text ? await searchOrders(store, text) : [];
  if (rows.length === 0)
    return { wrong: 'There is no order of this number or address; allowed: shop/10042, 10042, ada@example.com.' };
  if (rows.length > 1 && !text.includes('@'))
    return {
      wrong: `Several orders have this number; allowed: ${rows.map(({ order: { source, number } }) => `${source}/${number}`).join(', ')}.`,
    };
  return rows[0].order;
}

/** A customer's own wish to get no more mail was heard at once; this one came from another address. */
const isSomebodyElses = (mail: InboundMail) => mail.kind === 'reply' && askedBy(mail) !== 'reply';

/** What a customer wrote, and what may be done with it besides answering. */
export const Replies = ({ mails, task, order }: { mails: InboundMail[]; task?: Task; order: Order }) => {
  const [last] = mails.toReversed();
  if (!last) return null;
  const said = mails.map(({ text }) => ownWords(text ?? '') || (text ?? '')).join('\n\n');
  return (
    <>
      {mails.map((mail) => (
        <Words mail={mail} />
      ))}
      {mails.some(isSomebodyElses) && (
        <p>
          It asks for no more mail, but not from an address of this customer, so nothing was switched off. If it is
          theirs all the same, their page has the switches.
        </p>
      )}
      {task?.status === 'open' && (
        <div class="buttons">
          {last.from && (
            <a
              href={`mailto:${last.from}?subject=${encodeURIComponent(`Re: ${(last.subject ?? '').replace(/^re: */i, '')}`)}`}
            >
              Answer by mail
            </a>
          )}
          <Becomes what="complained" words="This is a complaint" said={said} task={task} order={order} />
          <Becomes what="interested" words="Wants to buy" said={said} task={task} order={order} />
        </div>
      )}
    </>
  );
};

/** Reports what a reply is about as an event of its order, once. */
const Becomes = ({
  what,
  words,
  said,
  task,
  order,
}: {
  what: 'complained' | 'interested';
  words: string;
  said: string;
  task: Task;
  order: Order;
}) => (
  <form method="post" action={`${orderPath(order)}/events`}>
    <input type="hidden" name="id" value={`${what}-${task.id}`} />
    <input type="hidden" name="type" value={what} />
    <input type="hidden" name="text" value={said.slice(0, LONGEST_TEXT)} />
    <button type="submit" class="secondary outline">
      {words}
    </button>
  </form>
);
