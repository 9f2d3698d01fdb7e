import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import { isDemonstration } from '../../domain/calendar.ts';
import { countOpen } from '../../store/complaints.ts';
import { countUnsettled } from '../../store/inbound.ts';
import { readCursor } from '../../store/pages.ts';
import { pauseOfEverything } from '../../store/pauses.ts';
import { countUnknown } from '../../store/staff.ts';
import { Layout } from '../ui/layout.tsx';
import { askedFor, type Show, showFor } from '../ui/show.ts';
import type { Web } from '../web.ts';
import { hereOf } from './back.ts';

/** What every page of the desk is drawn with. */
export interface View {
  web: Web;
  show: Show;
  now: number;
  /** The address of this page, for forms that lead back to it. */
  here: string;
}

/** As this colleague's browser reads, in the company's zone. */
export const viewOf = (web: Web, c: Context): View => ({
  web,
  show: showFor(askedFor(c.req.header('accept-language')), web.store.calendar.zone),
  now: web.now(),
  here: hereOf(c),
});

const PLACES = [
  ['/', 'Tasks'],
  ['/orders', 'Orders'],
  ['/complaints', 'Complaints'],
  ['/returns', 'Returns'],
  ['/replies', 'Replies'],
  ['/overdue', 'Overdue'],
  ['/referrals', 'Referrals'],
  ['/quotes', 'Quotes'],
  ['/review', 'Review'],
  ['/not-done', 'Not done'],
  ['/playbooks', 'Playbooks'],
  ['/dev/mail', 'Mail'],
  ['/settings', 'Settings'],
] as const;

/** The frame of the desk's pages. `said` is what was just done, for eyes and screen readers. */
export const Frame = ({
  view,
  title,
  said,
  children,
}: {
  view: View;
  title: string;
  said?: string | null;
  children?: Child;
}) => {
  const { web, here } = view;
  const { calendar, settings } = web.store;
  const place = (path: string) => (path === '/' ? /^\/($|\?|tasks)/.test(here) : here.startsWith(path));
  return (
    <Layout title={`${title} - Aftercare`} icon>
      <a class="skip" href="#main">
        To the content
      </a>
      <header class="container bar">
        <strong>{settings.company}</strong>
        <nav aria-label="Main">
          <ul class="places">
            {PLACES.filter(([path]) => path !== '/dev/mail' || web.catching).map(([path, name]) => (
              <li>
                <a href={path} {...(place(path) ? { 'aria-current': 'page' as const } : {})}>
                  {name}
                  {path === '/settings' && <ToAdd web={web} />}
                  {path === '/complaints' && <OpenComplaints web={web} />}
                  {path === '/replies' && <ToSettle web={web} />}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </header>
      <main class="container" id="main">
        {isDemonstration(calendar) && (
          <p class="demo">
            <strong>Demonstration.</strong> A day lasts {seconds(calendar.dayMs / 1000)}; quiet hours and holidays do
            not apply.
          </p>
        )}
        <Paused view={view} />
        <p class="said" role="status" aria-live="polite">
          {said}
        </p>
        <h1>{title}</h1>
        {children}
      </main>
    </Layout>
  );
};

/** How many salespeople wait to be added. */
const ToAdd = async ({ web }: { web: Web }) => {
  const count = await countUnknown(web.store);
  return count === 0 ? null : (
    <>
      {' '}
      <span class="badge">{count} to add</span>
    </>
  );
};

/** How many complaints are open. */
const OpenComplaints = async ({ web }: { web: Web }) => {
  const count = await countOpen(web.store);
  return count === 0 ? null : (
    <>
      {' '}
      <span class="badge">{count} open</span>
    </>
  );
};

/** How many mails nobody knows whose they are. */
const ToSettle = async ({ web }: { web: Web }) => {
  const count = await countUnsettled(web.store);
  return count === 0 ? null : (
    <>
      {' '}
      <span class="badge">{count} to settle</span>
    </>
  );
};

/** A text somebody wrote, as a sentence with its end. */
export const ended = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);

/** Says on every page that everything waits, for as long as it does. */
const Paused = async ({ view: { web, show, now } }: { view: View }) => {
  const pause = await pauseOfEverything(web.store, now);
  return pause === null ? null : (
    <p class="demo">
      <strong>Everything is paused</strong> until <At at={pause.until} show={show} />: {ended(pause.why)}{' '}
      <a href="/settings#pause">Settings</a>
    </p>
  );
};

const seconds = (count: number) => (count === 1 ? 'one second' : `${count} seconds`);

/** What was wrong, at the top of a page that came back. */
export const Wrong = ({ errors }: { errors: string[] }) =>
  errors.length === 0 ? null : (
    <div class="wrong" role="alert">
      <ul class="plain">
        {errors.map((error) => (
          <li>{error}</li>
        ))}
      </ul>
    </div>
  );

/** A date to read, with the machine's form beside it. */
export const At = ({ at, show }: { at: number; show: Show }) => (
  <time datetime={new Date(at).toISOString()}>{show.when(at)}</time>
);

/** What a list shows of all there is: fields to choose by. */
export const Filter = ({ path, label, children }: { path: string; label: string; children?: Child }) => (
  <form method="get" action={path} class="filter" aria-label={label}>
    {children}
    <button type="submit" class="secondary">
      Show
    </button>
  </form>
);

/** The link on to the rest of a list. */
export const More = ({
  path,
  query,
  next,
  words = 'The next 50',
}: {
  path: string;
  query: Record<string, string>;
  next: string | null;
  words?: string;
}) =>
  next === null ? null : (
    <p>
      <a rel="next" href={`${path}?${new URLSearchParams({ ...query, after: next })}`}>
        {words}
      </a>
    </p>
  );

/** The place a list goes on from; a text that is none begins it anew. */
export const cursorIn = (text: string | undefined) => placeIn(readCursor, text);

/** The same of a list whose places are read by `reader`. */
export function placeIn(reader: (text: string) => unknown, text: string | undefined): string | undefined {
  try {
    return text && reader(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** The page of an order. */
export const orderPath = ({ source, number }: { source: string; number: string }) =>
  `/orders/${source}/${encodeURIComponent(number)}`;

/** The page of a complaint. */
export const complaintPath = ({ id }: { id: string }) => `/complaints/${id}`;

/** The page of a customer, by our own id. */
export const customerPath = ({ id }: { id: string }) => `/customers/${id}`;

/** The preview of a mail of an order. */
export const mailPath = (
  order: { source: string; number: string },
  { touch, occurrence }: { touch: string; occurrence: string },
) => `${orderPath(order)}/mail/${touch}${occurrence === '1' ? '' : `?of=${occurrence}`}`;
