import type { Context } from 'hono';
import type { Playbook } from '../../domain/playbook.ts';
import {
  BAND_WORDS,
  calendarOf,
  inWords,
  keepInWords,
  type Line,
  mondayOf,
  type Preview,
  planOf,
  showHours,
} from '../../domain/preview.ts';
import { DAY, type Instant, showSpan } from '../../domain/time.ts';
import {
  type Changed,
  type Choice,
  countChosen,
  countRunning,
  figuresOf,
  listPlaybooks,
  type Move,
  movePage,
  newestVersion,
  type PlaybookRow,
  passedOver,
  readChoice,
  shortHash,
  versionsLike,
} from '../../store/move.ts';
import { playbookOf, STANDARD } from '../../store/playbooks.ts';
import { filled, readForm } from '../ui/forms.ts';
import { Picture } from '../ui/picture.tsx';
import type { Show } from '../ui/show.ts';
import { sentence } from '../ui/words.ts';
import type { Web } from '../web.ts';
import { At, Frame, orderPath, type View, viewOf, Wrong } from './frame.tsx';
import { noSuchPage } from './noSuchPage.tsx';

/** `GET /playbooks`: what there is, and what runs by which version. */
export const showPlaybooks = (web: Web) => async (c: Context) =>
  c.html(
    <PlaybooksPage
      view={viewOf(web, c)}
      rows={await listPlaybooks(web.store, web.shelf)}
      said={movedInWords(c.req.query('moved'))}
    />,
  );

/** What was moved just now: the address brings a number, never a sentence. */
const movedInWords = (count: string | undefined) =>
  count && /^\d{1,7}$/.test(count) ? `Moved: ${followUps(Number(count))}.` : null;
const followUps = (count: number) => `${count} follow-up${count === 1 ? '' : 's'}`;

const PlaybooksPage = ({ view, rows, said }: { view: View; rows: PlaybookRow[]; said: string | null }) => (
  <Frame view={view} title="Playbooks" said={said}>
    <p>
      What happens after a sale, written down. Each is a file in the folder of playbooks. An order begins with the
      version of that day and keeps it, until somebody moves it to another. The words of the mails they send:{' '}
      <a href="/templates">what customers are sent</a>.
    </p>
    {rows.map((row) => (
      <section aria-labelledby={`of-${row.name}`}>
        <h2 id={`of-${row.name}`}>
          <a href={`/playbooks/${row.name}`}>{row.title}</a> <span class="quiet small">{row.name}</span>
        </h2>
        <ul class="plain">
          {row.versions.map(({ hash, addedAt, open }) => (
            <li>
              <a href={`/playbooks/${row.name}/${hash}`}>Version {shortHash(hash)}</a>{' '}
              {hash === row.current && <span class="badge">current</span>} since <At at={addedAt} show={view.show} />.{' '}
              <Running name={row.name} hash={hash} current={row.current} open={open} />
            </li>
          ))}
        </ul>
      </section>
    ))}
  </Frame>
);

/** How many run by a version, and the way on from one that is not current. */
const Running = (of: { name: string; hash: string; current: string | null; open: number }) => {
  const { name, hash, current, open } = of;
  if (open === 0) return <span>No open follow-up runs by it.</span>;
  const to = current ? name : STANDARD;
  return (
    <span>
      {followUps(open)} {open === 1 ? 'runs' : 'run'} by it
      {hash !== current && (
        <span class="screen">
          {': '}
          <a href={movePath(to, { from: hash })}>
            move {open === 1 ? 'it' : 'them'} to {current ? 'the current version' : `"${to}"`}
          </a>
        </span>
      )}
      .
    </span>
  );
};

const movePath = (name: string, query: Record<string, string>) =>
  `/playbooks/${name}/move?${new URLSearchParams(filled(query))}`;

/** A version of a playbook, with what an example order comes to by it. */
interface Shown {
  view: View;
  playbook: Playbook;
  preview: Preview;
  source: string;
  hash: string;
  addedAt: Instant;
  current: string | null;
  open: number;
}

/** `GET /playbooks/{name}` and `GET /playbooks/{name}/{hash}`: a playbook to look at, to print and to teach by. */
export const showPlaybook = (web: Web) => async (c: Context) => {
  const { store, shelf } = web;
  const { name = '', hash } = c.req.param() as Record<string, string>;
  const current = shelf.current.get(name)?.hash;
  const wanted = hash ?? current;
  const row = wanted === undefined ? await newestVersion(store, name) : (await versionsLike(store, name, wanted))[0];
  if (!row || (wanted !== undefined && row.hash !== wanted))
    return noSuchPage(web, c, 'There is no playbook of this name and version.');
  const view = viewOf(web, c);
  const playbook = await playbookOf(store.db, row.hash);
  const { policy, quiet } = store.settings;
  const placedAt = mondayOf(view.now, store.calendar.zone);
  return c.html(
    <PlaybookPage
      view={view}
      playbook={playbook}
      preview={planOf(playbook, store.calendar, { placedAt, policy, quiet })}
      source={row.source}
      hash={row.hash}
      addedAt={row.addedAt}
      current={current ?? null}
      open={await countRunning(store, row.hash)}
    />,
  );
};

const PlaybookPage = (shown: Shown) => {
  const { view, playbook, preview, source, hash, addedAt, current, open } = shown;
  const { show } = view;
  return (
    <Frame view={view} title={playbook.title}>
      <div class="poster">
        <p>
          {playbook.name}, version {shortHash(hash)} since <At at={addedAt} show={show} />.{' '}
          <Running name={playbook.name} hash={hash} current={current} open={open} />{' '}
          {hash !== current && current !== null && (
            <a href={`/playbooks/${playbook.name}`} class="screen">
              See the current version
            </a>
          )}
        </p>
        <section class="wide" tabindex={0} aria-label="The plan as a picture">
          <Picture playbook={playbook} preview={preview} />
        </section>
        <p class="quiet small">
          An example: ordered and paid on {show.day(preview.orderedAt)}, delivered as promised, with a contract of a
          year and a warranty of two years; a customer who agreed to everything, answers no survey and takes no call. An
          order older than {showSpan(playbook.followWithin)} is kept as history.
        </p>
        <div class="below">
          <DayByDay {...shown} />
          <div class="columns">
            <Branches {...shown} />
            <div>
              <Answers {...shown} />
              <section aria-labelledby="until">
                <h2 id="until">Until the next order</h2>
                <p>{keepInWords(playbook)}</p>
              </section>
            </div>
          </div>
        </div>
      </div>
      <section class="screen">
        <h2>The file</h2>
        <pre>
          <code>{source}</code>
        </pre>
        <p class="quiet">This page prints on two sheets, without the file.</p>
      </section>
    </Frame>
  );
};

/** Weeks as long as much happens, then months. */
function groupsOf(lines: Line[], zone: string): { title: string; lines: Line[] }[] {
  const month = new Intl.DateTimeFormat('en', { timeZone: zone, month: 'long', year: 'numeric' });
  const titleOf = ({ at, day }: Line) => (day < 28 ? `Week ${Math.floor(day / 7) + 1}` : month.format(at));
  const titles = [...new Set(lines.map(titleOf))];
  return titles.map((title) => ({ title, lines: lines.filter((one) => titleOf(one) === title) }));
}

const DayByDay = ({ view: { show }, playbook, preview }: Shown) => (
  <section class="wide" tabindex={0} aria-labelledby="calendar">
    <h2 id="calendar">Day by day</h2>
    <table class="calendar">
      <thead>
        <tr>
          <th scope="col">Day</th>
          <th scope="col">Date</th>
          <th scope="col">Hours</th>
          <th scope="col">Contact</th>
          <th scope="col">In words</th>
        </tr>
      </thead>
      {groupsOf(calendarOf(playbook, preview), show.zone).map(({ title, lines }) => (
        <tbody>
          <tr>
            <th scope="rowgroup" colspan={5}>
              {title}
            </th>
          </tr>
          {lines.map(({ at, day, touch, hours, words }) => (
            <tr>
              <td>{day}</td>
              <td class="nowrap">
                <time datetime={new Date(at).toISOString()}>{show.day(at)}</time>
              </td>
              {touch === null ? (
                <td colspan={3}>
                  <em>{words}</em>
                </td>
              ) : (
                <>
                  <td class="nowrap">{hours ? showHours(hours) : 'at once'}</td>
                  <td>{sentence(touch)}</td>
                  <td>{words}</td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      ))}
    </table>
  </section>
);

const Branches = ({ view: { show }, preview: { branches } }: Shown) =>
  branches.length === 0 ? null : (
    <section aria-labelledby="branches">
      <h2 id="branches">What the answer to the survey leads to</h2>
      <dl class="facts">
        {branches.map(({ band, contacts, without }) => (
          <>
            <dt>{BAND_WORDS[band]}</dt>
            <dd>
              {[
                ...contacts.map(({ touch, at, day }) => `${sentence(touch)} on day ${day}, ${show.day(at)}`),
                ...without.map((touch) => `without ${sentence(touch)}`),
              ].join('; ') || 'nothing more'}
            </dd>
          </>
        ))}
      </dl>
      <p class="quiet small">
        Whoever answers does so a day after being asked. Here everybody takes calls; what all of them get is left out.
      </p>
    </section>
  );

const Answers = ({ preview: { answers } }: Shown) =>
  answers.length === 0 ? null : (
    <section aria-labelledby="answers">
      <h2 id="answers">When it happens</h2>
      <dl class="facts">
        {answers.map((touch) => (
          <>
            <dt>{sentence(touch.name)}</dt>
            <dd>{inWords(touch)}</dd>
          </>
        ))}
      </dl>
    </section>
  );

/** How many follow-ups a preview tells of, and how many one click moves. */
const MOST_SHOWN = 50;
const MOST_MOVED = 1_000;

/** What the page to move follow-ups was asked for. */
interface Asked {
  from: string;
  to: string;
  orders: string;
}
const askedIn = (given: Record<string, string>): Asked => {
  const { from = '', to = '', orders = '' } = given;
  return { from: from.trim(), to: to.trim(), orders: orders.trim().slice(0, 10_000) };
};

const choiceIn = ({ store, shelf }: Web, name: string, { orders, ...asked }: Asked) => {
  const named = orders.split(/[\s,]+/).filter(Boolean);
  return readChoice(store, shelf, name, { ...filled(asked), ...(named.length > 0 && { orders: named }) });
};

/** `GET /playbooks/{name}/move`: what moving follow-ups to another version would change. */
export const showMove = (web: Web) => async (c: Context) => movePageOf(web, c, askedIn(c.req.query()));

async function movePageOf(web: Web, c: Context, asked: Asked) {
  const name = c.req.param('name')!;
  const choice = await choiceIn(web, name, asked);
  if (!choice) return noSuchPage(web, c, 'There is no playbook of this name.');
  const view = viewOf(web, c);
  const said = movedInWords(c.req.query('moved'));
  if (!choice.ok) {
    const errors = choice.errors.map(({ path, message }) => `${LABELS[path] ?? path} ${message}.`);
    return c.html(<MovePage view={view} name={name} asked={asked} errors={errors} said={said} />, 422);
  }
  const found = await foundBy(web, choice.choice, view.now);
  return c.html(<MovePage view={view} name={name} asked={asked} found={found} said={said} />);
}

const LABELS: Record<string, string> = { from: 'The version they run by', to: 'The version to move to' };

/** What a choice comes to. */
interface Found {
  choice: Choice;
  left: number;
  moves: Move[];
  passed: Awaited<ReturnType<typeof passedOver>>;
}

async function foundBy({ store }: Web, choice: Choice, now: Instant): Promise<Found> {
  const left = await countChosen(store, choice);
  const { moves } = await movePage(store, choice, now, { go: false, limit: MOST_SHOWN });
  return { choice, left, moves, passed: await passedOver(store, choice) };
}

/** `POST /playbooks/{name}/move`: moves them; of very many the first, and the page comes back for the rest. */
export const takeMove = (web: Web) => async (c: Context) => {
  const name = c.req.param('name')!;
  const asked = askedIn(await readForm(c));
  const choice = await choiceIn(web, name, asked);
  if (!choice?.ok) return movePageOf(web, c, asked);
  let moved = 0;
  let after: string | undefined;
  do {
    const page = await movePage(web.store, choice.choice, web.now(), { go: true, after });
    moved += page.moves.length;
    after = page.next ?? undefined;
  } while (after !== undefined && moved < MOST_MOVED);
  const said = { moved: String(moved) };
  return c.redirect(after ? movePath(name, { ...asked, ...said }) : `/playbooks?${new URLSearchParams(said)}`, 303);
};

const MovePage = ({
  view,
  name,
  asked,
  found,
  errors = [],
  said,
}: {
  view: View;
  name: string;
  asked: Asked;
  found?: Found;
  errors?: string[];
  said: string | null;
}) => (
  <Frame view={view} title={`Move follow-ups to "${name}"`} said={said}>
    <Wrong errors={errors} />
    {found && (
      <p>
        {asked.from ? `Open follow-ups that run by version ${shortHash(asked.from)}` : 'Open follow-ups'} would go on by
        version <a href={`/playbooks/${name}/${found.choice.to}`}>{shortHash(found.choice.to)}</a>. What was done stays
        done: a touch of the same name keeps how far it has come, and an open task stays until it comes out.
      </p>
    )}
    <form method="get" action={`/playbooks/${name}/move`} class="filter">
      <input type="hidden" name="from" value={asked.from} />
      <input type="hidden" name="to" value={asked.to} />
      <label>
        Only these orders
        <input name="orders" value={asked.orders} placeholder="shop/10042, shop/10043" />
      </label>
      <button type="submit" class="secondary">
        Show
      </button>
    </form>
    {found && <FoundMoves view={view} name={name} asked={asked} found={found} />}
    <p>
      <a href="/playbooks">Back to the playbooks</a>
    </p>
  </Frame>
);

const PASSED_WORDS: Record<Found['passed'][number]['why'], string> = {
  unknown: 'there is no such order',
  over: 'its follow-up is over',
  there: 'it runs by that version already',
  'other-version': 'it runs by another version',
};

const FoundMoves = ({ view, name, asked, found }: { view: View; name: string; asked: Asked; found: Found }) => {
  const { left, moves, passed } = found;
  const { show, now } = view;
  const { unchanged, added, dropped, rescheduled, atOnce } = figuresOf(moves, now);
  return (
    <>
      {passed.length > 0 && (
        <ul>
          {passed.map(({ source, number, why }) => (
            <li>
              {source}/{number} does not move: {PASSED_WORDS[why]}.
            </li>
          ))}
        </ul>
      )}
      {left === 0 ? (
        <p>No open follow-up is left to be moved.</p>
      ) : (
        <>
          <h2>What would change</h2>
          {left > moves.length && (
            <p>
              Of {left} follow-ups, the first {moves.length} were looked at:
            </p>
          )}
          <ul>
            <li>{contacts(added)} in addition</li>
            <li>{contacts(dropped)} fewer</li>
            <li>{contacts(rescheduled)} on another day</li>
            <li>{followUps(unchanged)} with the plan as it is</li>
            {atOnce > 0 && (
              <li class="late">{atOnce} of these contacts would be made at once, since the day has passed</li>
            )}
          </ul>
          <section class="wide" tabindex={0} aria-label="Follow-ups">
            <table>
              <thead>
                <tr>
                  <th scope="col">Order</th>
                  <th scope="col">Version now</th>
                  <th scope="col">What changes</th>
                </tr>
              </thead>
              <tbody>
                {moves.map((move) => (
                  <tr>
                    <th scope="row" class="nowrap">
                      <a href={orderPath(move)}>
                        {move.source}/{move.number}
                      </a>
                    </th>
                    <td>{shortHash(move.from)}</td>
                    <td>
                      {move.changes.length === 0 ? (
                        <span class="quiet">Nothing</span>
                      ) : (
                        <ul class="plain">
                          {move.changes.map((one) => (
                            <li>{changeInWords(one, show, now)}</li>
                          ))}
                        </ul>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          <form method="post" action={`/playbooks/${name}/move`}>
            {Object.entries(asked).map(([field, value]) => (
              <input type="hidden" name={field} value={value} />
            ))}
            <button type="submit">Move {followUps(left)}</button>
          </form>
        </>
      )}
    </>
  );
};

const contacts = (count: number) => `${count} contact${count === 1 ? '' : 's'}`;

/** `In addition: Letter, on Monday, 9 November 2026`. */
function changeInWords({ what, touch, was, dueAt }: Changed, show: Show, now: Instant): string {
  const on = (at: Instant | null) => (at === null ? '' : at <= now ? 'at once' : `on ${show.day(at)}`);
  if (what === 'added') return `In addition: ${sentence(touch)}, ${on(dueAt)}`;
  if (what === 'dropped') return `Falls away: ${sentence(touch)}, ${on(was)}`;
  const [before, after] = [was!, dueAt!].map((at) => (Math.abs(was! - dueAt!) < DAY ? show.when(at) : show.day(at)));
  return `Another day: ${sentence(touch)}, not ${before} but ${dueAt! <= now ? 'at once' : after}`;
}
