import type { Context } from 'hono';
import { readPhone } from '../../domain/address.ts';
import { type Complaint, isDone, STEPS, type Step, WANTS } from '../../domain/complaint.ts';
import { dueTimes } from '../../domain/complaintSteps.ts';
import { cleanProse, LONGEST_TEXT } from '../../domain/reading.ts';
import { complain } from '../../store/complaints.ts';
import { type Colleague, colleague } from '../../store/staff.ts';
import { readForm } from '../ui/forms.ts';
import { type Errors, FieldError, FreeText, wrongness } from '../ui/layout.tsx';
import type { Web } from '../web.ts';
import { noSuchLink, type Opened } from './links.tsx';
import { Page, Reach, Said } from './page.tsx';
import { openTalk } from './person.tsx';

/** What is seen of a complaint by who opens the page. */
interface Seen {
  link: Opened;
  /** The one that is open; null: none is. */
  complaint: Complaint | null;
  /** Who sees to it, or would. */
  by: Colleague;
  /** By when they call, or would. */
  until: string;
}

async function see(web: Web, c: Context): Promise<Seen | null> {
  const link = await openTalk(web, c);
  if (!link) return null;
  const { sale, show } = link;
  const complaint = sale.followUp.complaints.findLast(({ closedAt }) => closedAt === null) ?? null;
  const { promised } = complaint?.due ?? dueTimes(sale.terms, web.now());
  return {
    link,
    complaint,
    by: complaint?.owner ? await colleague(web.store.db, complaint.owner) : link.owner,
    until: `${show.when(promised)} (${show.zone})`,
  };
}

/** `GET /p/{token}/complaint`: a form to complain, or where the complaint stands. */
export const showComplaint = (web: Web) => async (c: Context) => {
  const seen = await see(web, c);
  return seen ? c.html(<ComplaintPage web={web} seen={seen} />) : noSuchLink(web, c);
};

/** `POST /p/{token}/complaint`: the customer complains, or says more; the page says who calls, and by when. */
export const takeComplaint = (web: Web) => async (c: Context) => {
  const seen = await see(web, c);
  if (!seen) return noSuchLink(web, c);
  const { sale, customer, words } = seen.link;
  const { complaint: says } = words;
  const typed = await readForm(c);
  const errors: Record<string, string> = {};
  const said = cleanProse(typed.text ?? '');
  if (!said) errors.text = says.text_missing();
  if (said.length > LONGEST_TEXT) errors.text = says.too_long({ length: said.length, most: LONGEST_TEXT });
  const given = (typed.phone ?? '').trim();
  const read = given ? readPhone(given, customer.country) : null;
  if (read && 'wrong' in read) errors.phone = says.number_wrong();
  if (Object.keys(errors).length > 0)
    return c.html(<ComplaintPage web={web} seen={seen} typed={typed} errors={errors} />, 422);
  // A link may have been passed on: a number that comes by it is told to the colleague, and does not replace ours.
  const text = [said, read && 'value' in read ? `Call at ${read.value.number}.` : ''].filter(Boolean).join('\n');
  const wants = WANTS.find((want) => want === typed.wants) ?? null;
  await complain(web.store, sale, { customerId: customer.id, text, wants }, web.now());
  return c.html(<ComplaintPage web={web} seen={(await see(web, c))!} done />);
};

const ComplaintPage = ({
  web,
  seen,
  done = false,
  typed = {},
  errors = {},
}: {
  web: Web;
  seen: Seen;
  done?: boolean;
  typed?: Record<string, string>;
  errors?: Errors;
}) => {
  const { link, complaint, by, until } = seen;
  const { sale, words, customer } = link;
  const { complaint: says } = words;
  const called = { name: by.name, by: until };
  const isHeard = complaint !== null && complaint.heardAt !== null;
  const wasClosed = sale.followUp.complaints.length > 0;
  return (
    <Page title={says.title()} company={web.store.settings.company} words={words} link={link}>
      {complaint && <Said>{isHeard ? says.heard(called) : says[done ? 'arrived' : 'open'](called)}</Said>}
      <p>{says.order({ number: sale.order.number })}</p>
      {complaint?.due && <Standing complaint={complaint} link={link} />}
      {complaint ? <h2>{says.more()}</h2> : <p>{wasClosed ? says.closed() : says.lead()}</p>}
      <form method="post">
        <FreeText
          name="text"
          label={says.text()}
          typed={typed.text?.slice(0, LONGEST_TEXT)}
          longest={LONGEST_TEXT}
          errors={errors}
          required
        />
        {!complaint && (
          <>
            <label for="wants">{says.wants()}</label>
            <select id="wants" name="wants">
              <option value="">{says.wants_open()}</option>
              {WANTS.map((want) => (
                <option value={want} selected={typed.wants === want}>
                  {says[want]()}
                </option>
              ))}
            </select>
          </>
        )}
        <label for="phone">
          {customer.phone ? says.number_known({ ending: customer.phone.slice(-2) }) : says.number()}
        </label>
        <input
          id="phone"
          name="phone"
          type="tel"
          autocomplete="tel"
          value={typed.phone}
          {...wrongness(errors, 'phone')}
        />
        <FieldError errors={errors} name="phone" />
        <button type="submit">{says.send()}</button>
      </form>
      {!complaint && <p class="small quiet">{says.by(called)}</p>}
      {by.handle !== link.owner.handle && <Reach who={by} words={words} />}
    </Page>
  );
};

/** What has been done, and by when the rest is. */
const Standing = ({ complaint, link: { words, show } }: { complaint: Complaint; link: Opened }) => {
  const { complaint: says } = words;
  const { heardAt, remediedAt, apologisedAt, mendedAt, toldAt, due } = complaint;
  const doneAt = { listen: heardAt, fix: remediedAt, apology: apologisedAt, cause: mendedAt, tell: toldAt };
  const { promised, fix, told } = due!;
  const by: Record<Step, number> = { listen: promised, fix, apology: told, cause: told, tell: told };
  // What was found not to be needed is nothing to wait for.
  const steps = STEPS.filter((step) => doneAt[step] !== null || !isDone(complaint, step));
  return (
    <>
      <h2>{says.stands()}</h2>
      <ul>
        {steps.map((step) => {
          const at = doneAt[step];
          return (
            <li>
              {says[`step_${step}`]()}:{' '}
              {at === null ? says.until({ day: show.day(by[step]) }) : says.done({ day: show.day(at) })}
            </li>
          );
        })}
      </ul>
    </>
  );
};
