import type { Context } from 'hono';
import { raw } from 'hono/html';
import QRCode from 'qrcode';
import { after } from '../../domain/calendar.ts';
import { loadSale, type Sale } from '../../store/followUps.ts';
import { findOrder } from '../../store/orders.ts';
import { newTokens } from '../../store/tokens.ts';
import { readForm } from '../ui/forms.ts';
import type { Web } from '../web.ts';
import { surveyFor } from './answer.tsx';
import { Frame, orderPath, type View, viewOf } from './frame.tsx';
import { noSuchPage } from './noSuchPage.tsx';
import { nameOf } from './taskView.ts';

/** How many cards are printed at once: one, or a sheet of A4. */
const COPIES = [1, 4] as const;

/** `GET /orders/{source}/{number}/card`: what the card for the parcel or the machine is, and the button that makes it. */
export const showCard = (web: Web) => async (c: Context) => {
  const sale = await find(web, c);
  return sale ? c.html(<AskPage view={viewOf(web, c)} sale={sale} />) : noSuchPage(web, c);
};

/** `POST /orders/{source}/{number}/card`: makes a link for the card, and shows it to be printed. */
export const takeCard = (web: Web) => async (c: Context) => {
  const sale = await find(web, c);
  if (!sale) return noSuchPage(web, c);
  const { order, terms } = sale;
  const asked = Number((await readForm(c)).copies);
  const closes = after(web.now(), terms.playbook.answerWithin, terms.person.zone, web.store.calendar);
  const { card } = await newTokens(web.store.db, order.id, null, { card: closes }, surveyFor(sale));
  const url = `${web.publicUrl}/s/${card}`;
  const code = await QRCode.toString(url, { type: 'svg', errorCorrectionLevel: 'M', margin: 0 });
  const copies = COPIES.find((count) => count === asked) ?? COPIES[0];
  return c.html(<CardPage view={viewOf(web, c)} sale={sale} copies={copies} card={{ url, code, closes }} />);
};

async function find({ store }: Web, c: Context): Promise<Sale | null> {
  const { source = '', number = '' } = c.req.param() as Record<string, string>;
  const order = await findOrder(store, source, number);
  return order && loadSale(store, store.db, order.id);
}

const AskPage = ({ view, sale }: { view: View; sale: Sale }) => {
  const { order, customer } = sale;
  const path = orderPath(order);
  return (
    <Frame view={view} title="A card for the parcel">
      <p>
        For <a href={path}>{`${order.source}/${order.number}`}</a>, {nameOf(customer)}: to be put into the parcel, or on
        the machine. Whoever points a phone at it can answer the survey, say that something is wrong, or ask for a
        person.
      </p>
      <form method="post" action={`${path}/card`} class="buttons">
        {COPIES.map((count) => (
          <button type="submit" name="copies" value={count} class={count === 1 ? '' : 'secondary outline'}>
            {count === 1 ? 'Make a card' : `Make a sheet of ${count}`}
          </button>
        ))}
      </form>
      <p class="small quiet">Each time, the link on it is a new one. Those on cards made before work as well.</p>
    </Frame>
  );
};

interface Card {
  url: string;
  /** The QR code of the address, as SVG. */
  code: string;
  /** Until when it works. */
  closes: number;
}

const CardPage = ({ view, sale, copies, card }: { view: View; sale: Sale; copies: number; card: Card }) => {
  const { order, customer } = sale;
  const { company } = view.web.store.settings;
  const words = view.web.sayings(customer.locale);
  const { survey } = words;
  return (
    <Frame view={view} title="A card for the parcel">
      <p class="screen">
        Print this page on A4, and cut along the lines. It works until {view.show.day(card.closes)}.{' '}
        <a href={orderPath(order)}>Back to the order</a>
      </p>
      <div class="cards">
        {Array.from({ length: copies }, () => (
          <section lang={words.language}>
            <p class="company">{company}</p>
            <h2>{survey.card()}</h2>
            <p>{survey.card_why({ company })}</p>
            <div class="qr" role="img" aria-label={card.url}>
              {raw(card.code)}
            </div>
            <p class="small">{survey.card_how()}</p>
            <p class="address">{card.url.replace(/^https?:\/\//, '')}</p>
            <p class="small">{order.number}</p>
          </section>
        ))}
      </div>
    </Frame>
  );
};
