import type { Context } from 'hono';
import { type Complaint, isDone, STEPS, type Step, WANTS } from '../../domain/complaint.ts';
import { dueTimes } from '../../domain/complaintSteps.ts';
import { complaintAtHand, complaintMeant } from '../../domain/followUp.ts';
import { cleanProse, LONGEST_TEXT } from '../../domain/reading.ts';
import type { Instant } from '../../domain/time.ts';
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
  /** The one that is open, and theirs; null: none is. */
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
  const open = complaintAtHand(sale.followUp);
  const complaint = open && hasTold(link, open) ? open : null;
  const { promised } = complaint?.due ?? dueTimes(sale.terms, web.now());
  return {
    link,
    complaint,
    by: complaint?.owner ? await colleague(web.store.db, complaint.owner) : link.owner,
    until: `${show.when(promised)} (${show.zone})`,
    late: promised < web.now(),
  };
}

/** Whether a complaint is the reader's, or they have said something of it; what a colleague of theirs told is not for them. */
const hasTold = ({ sale: { order, events }, customer }: Opened, { number, customer: whose }: Complaint) =>
  (whose ?? order.customerId) === customer.id ||
  events.some(
    (event) =>
      event.what === 'complained' &&
      complaintMeant(event) === number &&
      (event.data?.customer ?? order.customerId) === customer.id,
  );

/**
 * `GET /p/{token}/complaint`: a form to complain, or where the complaint stands: who sees to it, and by when the customer
 * hears from them.
 */
export const showComplaint = (web: Web) => async (c: Context) => {
  const seen = await see(web, c);
  if (!seen) return noSuchLink(web, c);
  return c.html(<ComplaintPage web={web} seen={seen} done={c.req.query('said') !== undefined} />);
};

/** `POST /p/{token}/complaint`: the customer complains, or says more. */
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
  await complain(web.store, sale, { customerId: customer.id, text, wants, form: typed.form ?? null }, web.now());
  // Looked at again, or gone back to, the page sends nothing a second time.
  return c.redirect(`${c.req.path}?said=yes`, 303);
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
  const coming = late ? says.late : says[done ? 'arrived' : 'open'];
  const wasClosed = sale.followUp.complaints.length > 0;
  return (
    <Page title={says.title()} company={web.store.settings.company} words={words} link={link}>
      {complaint && <Said>{isHeard ? says.heard(called) : coming(called)}</Said>}
      <p>{says.order({ number: sale.order.number })}</p>
      {complaint?.due && <Standing complaint={complaint} link={link} now={web.now()} />}
      {complaint ? <h2>{says.more()}</h2> : <p>{wasClosed ? says.closed() : says.lead()}</p>}
      <form method="post" action={`${link.talk.path}/complaint`}>
        <input type="hidden" name="form" value={typed.form ?? crypto.randomUUID()} />
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
const Standing = ({ complaint, link: { words, show }, now }: { complaint: Complaint; link: Opened; now: Instant }) => {
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
              {at !== null
                ? says.done({ day: show.day(at) })
                : says[by[step] < now ? 'overdue' : 'until']({ day: show.day(by[step]) })}
            </li>
          );
        })}
      </ul>
    </>
  );
};
