import type { Context } from 'hono';
import type { Child } from 'hono/jsx';
import { demonstrated, localDay } from '../../domain/calendar.ts';
import { readCustomerPatch } from '../../domain/messages.ts';
import { CHANNELS, type Channel } from '../../domain/order.ts';
import { PURPOSES, type Purpose } from '../../domain/playbook.ts';
import { DAY, type Instant } from '../../domain/time.ts';
import { agreedBy, recordsOfPerson } from '../../store/consent.ts';
import { changeCustomer, customerById, optOut } from '../../store/customers.ts';
import { pauseCustomer } from '../../store/pauses.ts';
import { readForm } from '../ui/forms.ts';
import { type Errors, FieldError, wrongness } from '../ui/layout.tsx';
import type { Web } from '../web.ts';
import { noSuchLink, type Opened, open } from './links.tsx';
import { Page, Said } from './page.tsx';

/** Nobody is forgotten for longer than this. */
const LONGEST_PAUSE = 366 * DAY;

/** What is switched on: a purpose by a channel is, where it is agreed to through any record of the person. */
type Wishes = Record<Purpose, Record<Channel, boolean>>;

async function wishesOf({ store }: Web, { customer }: Opened): Promise<Wishes> {
  const records = await recordsOfPerson(store.db, customer);
  const by = (purpose: Purpose) =>
    Object.fromEntries(
      CHANNELS.map((channel) => [channel, records.some((record) => agreedBy(record, purpose, channel))]),
    ) as Wishes[Purpose];
  return { service: by('service'), selling: by('selling') };
}

/** What holds, as the page shows it: the switches that are on, and the day of the pause. A form carries it along. */
const standing = (wishes: Wishes, pause: string) =>
  [
    ...PURPOSES.flatMap((purpose) =>
      CHANNELS.filter((channel) => wishes[purpose][channel]).map((channel) => `${purpose}-${channel}`),
    ),
    pause,
  ].join(' ');

const openPreferences = (web: Web, c: Context) => open(web, 'unsubscribe', c.req.param('token') ?? '');

/** `GET /u/{token}`: what the customer may be contacted for. Looking changes nothing: scanners look as well. */
export const showPreferences = (web: Web) => async (c: Context) => {
  const link = await openPreferences(web, c);
  if (!link) return noSuchLink(web, c);
  return c.html(<PreferencesPage web={web} link={link} wishes={await wishesOf(web, link)} />);
};

/**
 * `POST /u/{token}`: saves the switches and the pause, or everything off at once. What did not come from the page as it
 * is now changes nothing: scanners post as well, and a page that was left open would switch on again what was switched
 * off since. That everything goes off is taken from an old page too.
 */
export const takePreferences = (web: Web) => async (c: Context) => {
  const link = await openPreferences(web, c);
  if (!link) return noSuchLink(web, c);
  const form = await readForm(c);
  const before = await wishesOf(web, link);
  const nothing = form.nothing !== undefined;
  const isFresh = form.shown === standing(before, pausedDay(web, link));
  if (form.shown === undefined || !(isFresh || nothing))
    return c.html(<PreferencesPage web={web} link={link} wishes={before} stale />, 422);
  const wanted = (purpose: Purpose, channel: Channel) => !nothing && form[`${purpose}-${channel}`] !== undefined;
  const pause = nothing ? { until: pausedUntil(web, link) } : readPause(web, link, (form.pause ?? '').trim());
  if ('wrong' in pause) {
    const errors = { pause: pause.wrong };
    const typed = Object.fromEntries(
      PURPOSES.map((purpose) => [
        purpose,
        Object.fromEntries(CHANNELS.map((channel) => [channel, wanted(purpose, channel)])),
      ]),
    ) as Wishes;
    return c.html(
      <PreferencesPage web={web} link={link} wishes={typed} stands={before} typed={form.pause} errors={errors} />,
      422,
    );
  }
  // A switch that stays as it is says nothing, not even that what was never asked for is agreed to.
  const said = PURPOSES.filter((purpose) =>
    CHANNELS.some((channel) => wanted(purpose, channel) !== before[purpose][channel]),
  ).map((purpose) => [purpose, { email: wanted(purpose, 'email'), phone: wanted(purpose, 'phone') }]);
  const now = web.now();
  if (said.length > 0) await changeCustomer(web.store, link.customer.id, { consent: Object.fromEntries(said) }, now);
  if (pause.until !== pausedUntil(web, link)) await pauseCustomer(web.store, link.customer.id, pause.until, now);
  const saved = { ...link, customer: await customerById(web.store.db, link.customer.id) };
  return c.html(<PreferencesPage web={web} link={saved} wishes={await wishesOf(web, saved)} saved />);
};

/** Until when everything waits for them; null: it does not. */
const pausedUntil = (web: Web, { customer }: Opened): Instant | null =>
  (customer.pausedUntil ?? 0) > web.now() ? customer.pausedUntil : null;

/** That day as their calendar says it, for the field. */
const pausedDay = (web: Web, link: Opened): string => {
  const until = pausedUntil(web, link);
  return until === null ? '' : localDay(until, link.sale.terms.person.zone);
};

/** The end of the pause that was asked for: of a day from today on and within a year, in their zone; left empty: none. */
function readPause(web: Web, link: Opened, day: string): { until: Instant | null } | { wrong: string } {
  const { store } = web;
  const now = web.now();
  const { zone } = link.sale.terms.person;
  if (day === pausedDay(web, link)) return { until: pausedUntil(web, link) };
  if (day === '') return { until: null };
  const read = /^\d{4}-\d\d-\d\d$/.test(day) ? readCustomerPatch({ pausedUntil: day }, now, { zone }) : null;
  const until = read?.ok ? read.patch.pausedUntil! : Number.POSITIVE_INFINITY;
  if (until > now + LONGEST_PAUSE)
    return { wrong: link.words.preferences.pause_wrong({ last: link.show.day(now + LONGEST_PAUSE - DAY) }) };
  return { until: demonstrated(until, now, now, store.calendar) };
}

/** The body that a mail program's own button sends (RFC 8058). */
export const isOneClick = async (c: Context) =>
  c.req.method === 'POST' && (await readForm(c))['List-Unsubscribe'] === 'One-Click';

/**
 * RFC 8058: acts at once, without page, cookie or redirect. Whoever presses that button wants no more mail: both
 * purposes are switched off, not only the one the mail was for, so that nobody has to press it twice.
 */
export const oneClick = (web: Web) => async (c: Context) => {
  const link = await openPreferences(web, c);
  if (!link) return noSuchLink(web, c);
  await optOut(web.store, link.customer.id, true, web.now());
  return c.text('Done: no more mail.');
};

const PreferencesPage = ({
  web,
  link,
  wishes,
  stands = wishes,
  saved = false,
  stale = false,
  typed = pausedDay(web, link),
  errors = {},
}: {
  web: Web;
  link: Opened;
  wishes: Wishes;
  /** What holds, where the switches show something else. */
  stands?: Wishes;
  saved?: boolean;
  /** What came was not made from what holds. */
  stale?: boolean;
  typed?: string;
  errors?: Errors;
}) => {
  const { preferences } = link.words;
  const nothing = !PURPOSES.some((purpose) => CHANNELS.some((channel) => wishes[purpose][channel]));
  const until = pausedUntil(web, link);
  // Switches say what they agree to; what a mail server refuses is no wish of theirs, but keeps mail from them too.
  const refused = link.customer.id === link.sale.customer.id && link.customer.email && !link.sale.terms.person.email;
  return (
    <Page title={preferences.title()} company={web.store.settings.company} words={link.words} link={link}>
      {stale && (
        <p class="wrong" role="alert">
          {preferences.stale()}
        </p>
      )}
      {saved && <Said>{nothing ? preferences.saved_nothing() : preferences.saved()}</Said>}
      {!saved && nothing && <p>{preferences.nothing_now()}</p>}
      {until !== null && <p>{preferences.paused({ day: link.show.day(until) })}</p>}
      {refused && <p>{preferences.no_mail()}</p>}
      <form method="post">
        <input type="hidden" name="shown" value={standing(stands, pausedDay(web, link))} />
        {PURPOSES.map((purpose) => (
          <fieldset>
            <legend>{preferences[purpose]()}</legend>
            {CHANNELS.map((channel) => (
              <Switch name={`${purpose}-${channel}`} on={wishes[purpose][channel]}>
                {preferences[channel]()}
              </Switch>
            ))}
          </fieldset>
        ))}
        <label for="pause">{preferences.pause()}</label>
        <input id="pause" name="pause" type="date" value={typed} {...wrongness(errors, 'pause')} />
        <FieldError errors={errors} name="pause" />
        <button type="submit">{preferences.save()}</button>
        <button type="submit" name="nothing" value="yes" class="secondary outline">
          {preferences.nothing()}
        </button>
      </form>
    </Page>
  );
};

const Switch = ({ name, on, children }: { name: string; on: boolean; children?: Child }) => (
  <label>
    {/* biome-ignore lint/a11y/useAriaPropsForRole: a checkbox tells its state itself; an attribute would only be wrong once it is pressed */}
    <input type="checkbox" role="switch" name={name} checked={on} />
    {children}
  </label>
);
