import type { Context } from 'hono';
import { BANDS, type Band } from '../../domain/survey.ts';
import { PAGE } from '../../store/pages.ts';
import { listQuotes, type Quote } from '../../store/quotes.ts';
import { allStaff, type Colleague } from '../../store/staff.ts';
import { filled } from '../ui/forms.ts';
import { scoresInWords } from '../ui/words.ts';
import type { Web } from '../web.ts';
import { wordsIn } from './answer.tsx';
import { At, cursorIn, customerPath, Filter, Frame, More, orderPath, type View, viewOf } from './frame.tsx';
import { nameOf, productsOf } from './taskView.ts';

const BAND_NAMES: Record<Band, string> = {
  promoter: 'With a high score',
  passive: 'With one in the middle',
  detractor: 'With a low score',
};

/** `GET /quotes`: what customers said in their own words, newest first. */
export const showQuotes = (web: Web) => async (c: Context) => {
  const { owner = '', band = '', after = '' } = c.req.query();
  const view = viewOf(web, c);
  const colleagues = await allStaff(web.store);
  const chosen = {
    owner: colleagues.some(({ handle }) => handle === owner) ? owner : '',
    band: BANDS.find((one) => one === band),
  };
  const filter = { owner: chosen.owner || undefined, band: chosen.band, cursor: cursorIn(after) };
  const { items, next } = await listQuotes(web.store, web.shelf.surveys, filter);
  return c.html(
    <Frame view={view} title="What customers say">
      <QuoteFilter colleagues={colleagues} chosen={chosen} />
      {items.length === 0 && (
        <p>{next ? 'None among the last thousand.' : 'Nothing yet. Silence is not satisfaction: ask.'}</p>
      )}
      <Quotes quotes={items} view={view} />
      <More
        path="/quotes"
        query={filled({ owner: chosen.owner, band: chosen.band ?? '' })}
        next={next}
        words={items.length < PAGE ? 'Look further back' : undefined}
      />
    </Frame>,
  );
};

const QuoteFilter = ({ colleagues, chosen }: { colleagues: Colleague[]; chosen: { owner: string; band?: Band } }) => (
  <Filter path="/quotes" label="What customers say">
    <label>
      About orders of
      <select name="owner">
        <option value="">Everybody</option>
        {colleagues.map(({ handle, name }) => (
          <option value={handle} selected={handle === chosen.owner}>
            {name}
          </option>
        ))}
      </select>
    </label>
    <label>
      Which
      <select name="band">
        <option value="">All</option>
        {BANDS.map((band) => (
          <option value={band} selected={band === chosen.band}>
            {BAND_NAMES[band]}
          </option>
        ))}
      </select>
    </label>
  </Filter>
);

/** Quotes, each with its score, who said it and its order. */
export const Quotes = ({ quotes, view }: { quotes: Quote[]; view: View }) => (
  <ul class="plain">
    {quotes.map(({ answer, order, customer, owner }) => (
      <li>
        <p>
          <strong>{scoresInWords(answer)}</strong>, <At at={answer.at} show={view.show} />:{' '}
          <a href={customerPath(customer)}>{nameOf(customer)}</a>, about{' '}
          <a href={orderPath(order)}>{`${order.source}/${order.number}`}</a>
          {productsOf(order.lines) && ` (${productsOf(order.lines)})`}, {owner.name}
        </p>
        {wordsIn(answer, view.web.shelf.surveys.in(answer.survey, 'en')).map(([asked, said]) => (
          <blockquote>
            <span class="quiet small">{asked.replace(/[^?!.]$/, '$&:')} </span>
            {said}
          </blockquote>
        ))}
      </li>
    ))}
  </ul>
);

/** How many are shown to a colleague beside their tasks. */
const LAST = 3;

/** What satisfied customers last said about a colleague's orders. */
export const Praise = async ({ view, of: { handle, name } }: { view: View; of: Colleague }) => {
  const { store, shelf } = view.web;
  const { items } = await listQuotes(store, shelf.surveys, { owner: handle, band: 'promoter', praise: true }, LAST);
  return items.length === 0 ? null : (
    <section aria-labelledby="praise">
      <h2 id="praise">What customers say of {name}'s orders</h2>
      <Quotes quotes={items} view={view} />
      <p class="small">
        <a href={`/quotes?owner=${handle}`}>All they said</a>
      </p>
    </section>
  );
};
