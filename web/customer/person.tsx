import type { Context } from 'hono';
import { readPhone } from '../../domain/address.ts';
import { cleanProse } from '../../domain/reading.ts';
import { type AskedCall, askForCall, callAskedFor, promisedBy } from '../../store/calls.ts';
import { readForm } from '../ui/forms.ts';
import { type Errors, FieldError, FreeText, wrongness } from '../ui/layout.tsx';
import type { Web } from '../web.ts';
import { noSuchLink, type Opened, open } from './links.tsx';
import { Page, Reach, Said } from './page.tsx';

/** The longest note that goes with a call. */
const LONGEST_NOTE = 1_000;

/** `GET /p/{token}`: who looks after the customer, and a form to be called. */
export const showPerson = (web: Web) => async (c: Context) => {
  const link = await open(web, 'person', c.req.param('token') ?? '');
  if (!link) return noSuchLink(web, c);
  const asked = await callAskedFor(web.store.db, link.sale);
  return c.html(<PersonPage web={web} link={link} asked={asked} />);
};

/** `POST /p/{token}`: the owner is to call, by a time the page promises. */
export const takeCallMe = (web: Web) => async (c: Context) => {
  const link = await open(web, 'person', c.req.param('token') ?? '');
  if (!link) return noSuchLink(web, c);
  const typed = await readForm(c);
  const { country, phone } = link.customer;
  const errors: Record<string, string> = {};
  const note = cleanProse(typed.note ?? '');
  if (note.length > LONGEST_NOTE)
    errors.note = `The note is ${note.length} characters long; at most ${LONGEST_NOTE} are allowed.`;
  const given = (typed.phone ?? '').trim();
  const read = given ? readPhone(given, country) : null;
  if (read && 'wrong' in read) errors.phone = `The phone number ${read.wrong}.`;
  if (!given && !phone) errors.phone = 'We have no phone number of yours: please give one.';
  if (Object.keys(errors).length > 0)
    return c.html(<PersonPage web={web} link={link} asked={null} typed={typed} errors={errors} />, 422);
  // A link may have been passed on: a number that comes by it is told to the colleague, and does not replace ours.
  const words = [read && 'value' in read ? `Call at ${read.value.number}.` : '', note].filter(Boolean).join('\n');
  const asked = await askForCall(web.store, link.sale.order.id, link.customer.id, words || null, web.now());
  return c.html(<PersonPage web={web} link={link} asked={asked} done />);
};

const PersonPage = ({
  web,
  link,
  asked,
  done = false,
  typed = {},
  errors = {},
}: {
  web: Web;
  link: Opened;
  asked: AskedCall | null;
  done?: boolean;
  typed?: Record<string, string>;
  errors?: Errors;
}) => {
  const { owner, sale, show } = link;
  const { phone } = link.customer;
  const by = `${show.when(asked?.dueAt ?? promisedBy(web.store, sale, web.now()))} (${show.zone})`;
  return (
    <Page title="Talk to a person" company={web.store.settings.company} words={link.words}>
      {asked && (
        <Said>
          {done ? 'Thank you. ' : 'You have asked for a call. '}
          {asked.by.name} will call you by {by}.
        </Said>
      )}
      <p>
        {owner.name} looks after your order {sale.order.number}.
      </p>
      <Reach who={owner} words={link.words} />
      <h2>{asked ? 'Something to add?' : 'Or let us call you'}</h2>
      <form method="post">
        <label for="phone">
          {phone ? `Phone number (optional: we have one that ends in ${phone.slice(-2)})` : 'Phone number'}
        </label>
        <input
          id="phone"
          name="phone"
          type="tel"
          autocomplete="tel"
          value={typed.phone}
          required={!phone}
          {...wrongness(errors, 'phone')}
        />
        <FieldError errors={errors} name="phone" />
        <FreeText
          name="note"
          label="What is it about? (optional)"
          typed={typed.note}
          longest={LONGEST_NOTE}
          errors={errors}
        />
        <button type="submit">{asked ? 'Send' : 'Call me'}</button>
      </form>
      {!asked && <p class="small quiet">We call you by {by}.</p>}
    </Page>
  );
};
