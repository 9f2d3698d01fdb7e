import type { Context } from 'hono';
import { readPhone } from '../../domain/address.ts';
import { cleanProse } from '../../domain/reading.ts';
import { askForCall } from '../../store/calls.ts';
import type { TokenPurpose } from '../../store/schema.ts';
import { readForm } from '../ui/forms.ts';
import { type Errors, FieldError, FreeText, wrongness } from '../ui/layout.tsx';
import type { Web } from '../web.ts';
import { noSuchLink, type Opened, open } from './links.tsx';
import { callComing, Page, Reach, Said } from './page.tsx';

/** The longest note that goes with a call. */
const LONGEST_NOTE = 1_000;

/** Opens `/p/{token}`, or `/p/{purpose}/{token}` where the reader comes from a page behind another link of theirs. */
export const openTalk = (web: Web, c: Context) =>
  open(web, (c.req.param('purpose') as TokenPurpose | undefined) ?? 'person', c.req.param('token') ?? '');

/** `GET /p/{token}`: who looks after the customer, and a form to be called. */
export const showPerson = (web: Web) => async (c: Context) => {
  const link = await openTalk(web, c);
  return link ? c.html(<PersonPage web={web} link={link} />) : noSuchLink(web, c);
};

/** `POST /p/{token}`: the owner is to call, by a time the page promises. */
export const takeCallMe = (web: Web) => async (c: Context) => {
  const link = await openTalk(web, c);
  if (!link) return noSuchLink(web, c);
  const typed = await readForm(c);
  const { country, phone } = link.customer;
  const { person } = link.words;
  const errors: Record<string, string> = {};
  const note = cleanProse(typed.note ?? '');
  if (note.length > LONGEST_NOTE) errors.note = person.about_long({ length: note.length, most: LONGEST_NOTE });
  const given = (typed.phone ?? '').trim();
  const read = given ? readPhone(given, country) : null;
  if (read && 'wrong' in read) errors.phone = person.number_wrong();
  if (!given && !phone) errors.phone = person.number_missing();
  if (Object.keys(errors).length > 0)
    return c.html(<PersonPage web={web} link={link} typed={typed} errors={errors} />, 422);
  // A link may have been passed on: a number that comes by it is told to the colleague, and does not replace ours.
  const words = [read && 'value' in read ? `Call at ${read.value.number}.` : '', note].filter(Boolean).join('\n');
  await askForCall(web.store, link.sale.order.id, link.customer.id, words || null, web.now());
  const after = await openTalk(web, c);
  return after ? c.html(<PersonPage web={web} link={after} done />) : noSuchLink(web, c);
};

const PersonPage = ({
  web,
  link,
  done = false,
  typed = {},
  errors = {},
}: {
  web: Web;
  link: Opened;
  done?: boolean;
  typed?: Record<string, string>;
  errors?: Errors;
}) => {
  const { owner, sale, words, talk } = link;
  const { person } = words;
  const { phone } = link.customer;
  const { asked, by } = talk;
  return (
    <Page title={person.title()} company={web.store.settings.company} words={words}>
      {asked && (
        <Said>
          {done && `${person.thanks()} `}
          {callComing(link)}
        </Said>
      )}
      <p>{person.order({ name: owner.name, number: sale.order.number })}</p>
      <Reach who={owner} words={words} />
      <h2>{asked ? person.add() : person.ask()}</h2>
      <form method="post">
        <label for="phone">{phone ? person.number_known({ ending: phone.slice(-2) }) : person.number()}</label>
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
        <FreeText name="note" label={person.about()} typed={typed.note} longest={LONGEST_NOTE} errors={errors} />
        <button type="submit">{asked ? person.send() : person.call()}</button>
      </form>
      {!asked && <p class="small quiet">{person.by({ by })}</p>}
      <p>
        <a href={`${talk.path}/complaint`}>{person.not_right()}</a>
      </p>
    </Page>
  );
};
