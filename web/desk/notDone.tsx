import type { Context } from 'hono';
import { scaled } from '../../domain/calendar.ts';
import { DAY, type Instant } from '../../domain/time.ts';
import { readCount } from '../../store/pages.ts';
import { countReasons, listNotMade, NOT_DONE, type NotDone, type NotMade, type Reason } from '../../store/reasons.ts';
import { NOT_DONE_WORDS, notDoneInWords, sentence } from '../ui/words.ts';
import type { Web } from '../web.ts';
import { At, Filter, Frame, More, orderPath, placeIn, type View, viewOf } from './frame.tsx';

/** How many days back may be looked. */
const DAYS = [7, 30, 90];

/** `GET /not-done`: what was not made as planned, counted by reason; with a reason, each of them. */
export const showNotDone = (web: Web) => async (c: Context) => {
  const { days: asked, what, why = null, after } = c.req.query();
  const days = DAYS.find((one) => String(one) === asked) ?? 30;
  const view = viewOf(web, c);
  const from = view.now - scaled(web.store.calendar, days * DAY);
  if (!NOT_DONE.includes(what as NotDone))
    return c.html(<ReasonsPage view={view} days={days} from={from} reasons={await countReasons(web.store, from)} />);
  const reason = { what: what as NotDone, why };
  const page = await listNotMade(web.store, reason, from, placeIn(readCount, after));
  return c.html(<RecordsPage view={view} days={days} reason={reason} {...page} />);
};

const queryOf = (days: number, { what, why }: Pick<Reason, 'what' | 'why'>) => ({
  days: String(days),
  what,
  ...(why !== null && { why }),
});

/** The reason as a heading. */
function whyOf({ what, why }: Pick<Reason, 'what' | 'why'>) {
  const words = notDoneInWords(what, why);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

interface Reasons {
  view: View;
  days: number;
  from: Instant;
  reasons: Reason[];
}

const ReasonsPage = ({ view, days, from, reasons }: Reasons) => (
  <Frame view={view} title="Not done">
    <Filter path="/not-done" label="Not done">
      <label>
        In the last
        <select name="days">
          {DAYS.map((one) => (
            <option value={one} selected={one === days}>
              {one} days
            </option>
          ))}
        </select>
      </label>
    </Filter>
    {reasons.length > 0 ? (
      <ReasonTable view={view} days={days} from={from} reasons={reasons} />
    ) : (
      <p>
        Since <At at={from} show={view.show} /> everything was made as planned, or nothing was planned. What is not made
        is counted here with its reason; each <a href="/orders">order</a> tells it too.
      </p>
    )}
  </Frame>
);

const ReasonTable = ({ view: { show }, days, from, reasons }: Reasons) => {
  const most = reasons[0].count;
  return (
    <table>
      <caption>
        {show.number(reasons.reduce((sum, { count }) => sum + count, 0))} contacts since <At at={from} show={show} />{' '}
        that were not made as planned
      </caption>
      <thead>
        <tr>
          <th scope="col">Why</th>
          <th scope="col">How often</th>
        </tr>
      </thead>
      <tbody>
        {reasons.map((reason) => (
          <tr>
            <th scope="row">
              <a href={`/not-done?${new URLSearchParams(queryOf(days, reason))}`}>{whyOf(reason)}</a>
              <br />
              <span class="quiet small">{NOT_DONE_WORDS[reason.what]}</span>
            </th>
            <td>
              {show.number(reason.count)}
              <progress value={reason.count} max={most} aria-hidden="true" />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

const RecordsPage = ({
  view,
  days,
  reason,
  items,
  next,
}: {
  view: View;
  days: number;
  reason: Pick<Reason, 'what' | 'why'>;
  items: NotMade[];
  next: string | null;
}) => (
  <Frame view={view} title={whyOf(reason)}>
    <p>
      {NOT_DONE_WORDS[reason.what]}, in the last {days} days. <a href={`/not-done?days=${days}`}>All reasons</a>
    </p>
    {items.length > 0 ? (
      <Records view={view} items={items} what={reason.what} />
    ) : (
      <p>There is none in this time. Look further back under all reasons.</p>
    )}
    <More path="/not-done" query={queryOf(days, reason)} next={next} />
  </Frame>
);

/** Where it went instead, of what was not dropped for good. */
const PUT_TO: Partial<Record<NotDone, string>> = { 'put-off': 'Put off until', spilled: 'Due now' };

const Records = ({ view: { show }, items, what }: { view: View; items: NotMade[]; what: NotDone }) => (
  <section class="wide" tabindex={0} aria-label="Contacts">
    <table>
      <caption>The last first</caption>
      <thead>
        <tr>
          <th scope="col">Order</th>
          <th scope="col">Contact</th>
          <th scope="col">When</th>
          {PUT_TO[what] && <th scope="col">{PUT_TO[what]}</th>}
        </tr>
      </thead>
      <tbody>
        {items.map(({ event, source, number }) => (
          <tr>
            <th scope="row" class="nowrap">
              <a href={orderPath({ source, number })}>
                {source}/{number}
              </a>
            </th>
            <td>{sentence(event.touch ?? '')}</td>
            <td>
              <At at={event.at} show={show} />
            </td>
            {PUT_TO[what] && <td>{event.data?.until === undefined ? '' : <At at={event.data.until} show={show} />}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);
