import type { Context } from 'hono';
import { cleanProse } from '../../domain/reading.ts';
import { askForCall } from '../../store/calls.ts';
import type { TokenPurpose } from '../../store/schema.ts';
import { readForm } from '../ui/forms.ts';
import { type Errors, FreeText } from '../ui/layout.tsx';
import type { Web } from '../web.ts';
import { noSuchLink, type Opened, open } from './links.tsx';
import { callComing, Page, Reach, Said } from './page.tsx';
import { numberIn, PhoneField } from './phone.tsx';

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
  const { person, common } = link.words;
  const errors: Record<string, string> = {};
  const note = cleanProse(typed.note ?? '');
  if (note.length > LONGEST_NOTE) errors.note = person.about_long({ length: note.length, most: LONGEST_NOTE });
  const number = numberIn(typed.phone, link);
  if ('wrong' in number) errors.phone = number.wrong;
  else if (!number.line && !link.customer.phone && !link.talk.asked) errors.phone = common.number_missing();
  if ('wrong' in number || Object.keys(errors).length > 0)
    return c.html(<PersonPage web={web} link={link} typed={typed} errors={errors} />, 422);
  const words = [number.line, note].filter(Boolean).join('\n');
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
        <PhoneField link={link} typed={typed.phone} errors={errors} required={!asked} />
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
