import type { Context } from 'hono';
import { localDay } from '../../domain/calendar.ts';
import { pauseOfEverything, putOffByPause } from '../../store/pauses.ts';
import { absencesFrom, allStaff, type Colleague, countUnknown, unknownToUs } from '../../store/staff.ts';
import { readForm } from '../ui/forms.ts';
import type { Web } from '../web.ts';
import { back, saidOf } from './back.ts';
import { Frame, type View, viewOf, Wrong } from './frame.tsx';
import { Absences, takeAbsence, takeReturn } from './settings/absences.tsx';
import { CalendarForm, takeCalendar } from './settings/calendar.tsx';
import { Colleagues, HaveLeft, takeColleague, takeLeaving } from './settings/colleagues.tsx';
import { ComesBack } from './settings/comesBack.tsx';
import { CompanyForm, takeCompany } from './settings/company.tsx';
import { ContactForm, takeContact } from './settings/contact.tsx';
import type { Failed, TakeForm } from './settings/form.tsx';
import { PauseEverything, takePause, takeResume } from './settings/pause.tsx';
import { takeUnknown, UnknownSalespeople } from './settings/unknown.tsx';

/** The forms of the page, by where they are sent. */
export const SETTINGS_FORMS: Record<string, TakeForm> = {
  '/settings': takeCompany,
  '/settings/calendar': takeCalendar,
  '/settings/contact': takeContact,
  '/settings/colleagues': takeColleague,
  '/settings/leaving': takeLeaving,
  '/settings/absences': takeAbsence,
  '/settings/absences/over': takeReturn,
  '/settings/unknown': takeUnknown,
  '/settings/pause': takePause,
  '/settings/pause/over': takeResume,
};

/** All the page shows. */
async function load({ store }: Web, view: View) {
  // With it come the settings as they are now: another part of the house may have changed them.
  const pause = await pauseOfEverything(store, view.now);
  const colleagues = await allStaff(store);
  return {
    colleagues,
    there: colleagues.filter(({ leftAt }) => leftAt === null),
    absences: await absencesFrom(store, localDay(view.now, store.settings.zone)),
    unknown: await unknownToUs(store),
    unknownCount: await countUnknown(store),
    pause,
    waiting: await putOffByPause(store),
  };
}

/** `GET /settings`: what is true of the whole house, and who works in it. */
export const showSettings = (web: Web) => async (c: Context) => {
  const view = viewOf(web, c);
  const all = await load(web, view);
  const said = savedInWords(c.req.query('saved') ?? '', all.colleagues) ?? (await saidOf(web, c));
  return c.html(<SettingsPage view={view} {...all} said={said} />);
};

/** Takes one of its forms, and leads back to the page. */
export const takeSettings = (web: Web, form: TakeForm) => async (c: Context) => {
  const typed = await readForm(c);
  const taken = await form(web, typed);
  if ('saved' in taken) return back(c, '/settings', 'saved', taken.saved);
  const view = viewOf(web, c);
  return c.html(<SettingsPage view={view} {...(await load(web, view))} failure={{ ...taken, typed }} />, 422);
};

const open = (count: number) => (count === 1 ? 'one open order' : `${count} open orders`);

/** What was saved, in words; null where that is said by `Saved` alone. */
function savedInWords(saved: string, colleagues: Colleague[]): string | null {
  const [, what, digits, handle] =
    /^(added|away|back|left|paused|resumed)-(\d{1,7})(?:-([a-z0-9-]{1,40}))?$/.exec(saved) ?? [];
  const count = Number(digits);
  const one = colleagues.find((each) => each.handle === handle);
  const looks = count === 1 ? 'One follow-up looks' : `${count} follow-ups look`;
  if (what === 'resumed') return `Everything goes on.${count > 0 ? ` ${looks} again at what is due.` : ''}`;
  if (what === 'paused') return count > 0 ? `Saved. ${looks} again at the new end.` : 'Everything waits.';
  if (!one) return null;
  switch (what) {
    case 'added':
      return `${one.name} is known now, and has ${open(count)} that named them.`;
    case 'away':
      return `Saved. ${count === 1 ? 'One open task' : `${count} open tasks`} of ${one.name} went to others.`;
    case 'back':
      return `Saved. What went to others stays with them; what comes now is ${one.name}'s again.`;
    case 'left': {
      const successor = colleagues.find((each) => each.handle === one.successor);
      return successor ? `${one.name} has left. ${successor.name} took over ${open(count)}.` : null;
    }
    default:
      return null;
  }
}

type Page = Awaited<ReturnType<typeof load>> & { view: View; said?: string | null; failure?: Failed };

const SettingsPage = ({
  view,
  colleagues,
  there,
  absences,
  unknown,
  unknownCount,
  pause,
  waiting,
  said,
  failure,
}: Page) => (
  <Frame view={view} title="Settings" said={said}>
    <Wrong errors={Object.values(failure?.errors ?? {})} />
    {unknown.length > 0 && (
      <UnknownSalespeople unknown={unknown} count={unknownCount} colleagues={colleagues} failure={failure} />
    )}
    <div class="columns">
      <div>
        <section aria-labelledby="house">
          <h2 id="house">The company</h2>
          <CompanyForm view={view} there={there} failure={failure} />
        </section>
        <section aria-labelledby="calendar">
          <h2 id="calendar">Calendar and load</h2>
          <CalendarForm view={view} failure={failure} />
        </section>
        <section aria-labelledby="contact">
          <h2 id="contact">Contact policy</h2>
          <ContactForm view={view} failure={failure} />
        </section>
        <ComesBack view={view} />
      </div>
      <div>
        <PauseEverything view={view} pause={pause} waiting={waiting} failure={failure} />
        <section aria-labelledby="colleagues">
          <h2 id="colleagues">Colleagues</h2>
          <p class="quiet">They own orders and tasks; customers read their name and number.</p>
          <Colleagues view={view} there={there} failure={failure} />
          <HaveLeft colleagues={colleagues} view={view} />
        </section>
        <section aria-labelledby="absences">
          <h2 id="absences">Absences</h2>
          {absences.length === 0 && <p class="quiet">Nobody is going to be away.</p>}
          <Absences view={view} there={there} absences={absences} failure={failure} />
        </section>
      </div>
    </div>
  </Frame>
);
