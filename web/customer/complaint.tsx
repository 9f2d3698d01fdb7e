import type { Context } from 'hono';
import { type Complaint, isDone, STEPS, type Step, WANTS } from '../../domain/complaint.ts';
import { dueTimes } from '../../domain/complaintSteps.ts';
import { cleanProse, LONGEST_TEXT } from '../../domain/reading.ts';
import { complain } from '../../store/complaints.ts';
import { type Colleague, colleague } from '../../store/staff.ts';
import { readForm } from '../ui/forms.ts';
import { type Errors, FreeText } from '../ui/layout.tsx';
import type { Web } from '../web.ts';
import { noSuchLink, type Opened } from './links.tsx';
import { Page, Reach, Said } from './page.tsx';
import { openTalk } from './person.tsx';
import { numberIn, PhoneField } from './phone.tsx';

/** What is seen of a complaint by who opens the page. */
interface Seen {
  link: Opened;
  /** The one that is open; null: none is. */
  complaint: Complaint | null;
  /** Who sees to it, or would. */
  by: Colleague;
  /** By when they call, or would; and whether that has passed without it. */
  until: string;
  late: boolean;
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
    late: promised < web.now(),
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
  const number = numberIn(typed.phone, seen.link);
  if ('wrong' in number) errors.phone = number.wrong;
  if ('wrong' in number || Object.keys(errors).length > 0)
    return c.html(<ComplaintPage web={web} seen={seen} typed={typed} errors={errors} />, 422);
  const text = [said, number.line].filter(Boolean).join('\n');
  const wants = WANTS.find((want) => want === typed.wants) ?? null;
  await complain(web.store, sale, { customerId: customer.id, text, wants }, web.now());
  const after = await see(web, c);
  return after ? c.html(<ComplaintPage web={web} seen={after} done />) : noSuchLink(web, c);
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
  const { link, complaint, by, until, late } = seen;
  const { sale, words } = link;
  const { complaint: says } = words;
  const called = { name: by.name, by: until };
  const isHeard = complaint !== null && complaint.heardAt !== null;
  const coming = late ? words.common.call_late : says[done ? 'arrived' : 'open'];
  const wasClosed = sale.followUp.complaints.length > 0;
  return (
    <Page title={says.title()} company={web.store.settings.company} words={words} link={link}>
      {complaint && <Said>{isHeard ? says.heard(called) : coming(called)}</Said>}
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
        <PhoneField link={link} typed={typed.phone} errors={errors} />
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
