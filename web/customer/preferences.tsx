import type { Context } from 'hono';
import { PURPOSES } from '../../domain/playbook.ts';
import { recordsOfPerson } from '../../store/consent.ts';
import { changeCustomer, customerById, optOut } from '../../store/customers.ts';
import type { Customer } from '../../store/followUps.ts';
import { readForm } from '../ui/forms.ts';
import type { Web } from '../web.ts';
import { noSuchLink, open } from './links.tsx';
import { Page, Said } from './page.tsx';
import type { Wording } from './words.ts';

/** What is switched on: a purpose is, where it is agreed to by any way and through any record of the person. */
interface Wishes {
  service: boolean;
  selling: boolean;
  /** Ways that were refused, as selling:phone. */
  refused: string[];
}

async function wishesOf({ store }: Web, customer: Customer): Promise<Wishes> {
  const records = await recordsOfPerson(store.db, customer);
  const [{ refused }] = records;
  return {
    service: records.some(({ service }) => service),
    selling: records.some(({ selling }) => selling),
    refused: refused.filter((one) => records.every((record) => record.refused.includes(one))),
  };
}

/** `GET /u/{token}`: what the customer may be contacted for. Looking changes nothing: scanners look as well. */
export const showPreferences = (web: Web) => async (c: Context) => {
  const link = await open(web, 'unsubscribe', c.req.param('token') ?? '');
  if (!link) return noSuchLink(web, c);
  return c.html(<PreferencesPage web={web} words={link.words} wishes={await wishesOf(web, link.customer)} />);
};

/** `POST /u/{token}`: saves the switches, or everything off at once. */
export const takePreferences = (web: Web) => async (c: Context) => {
  const link = await open(web, 'unsubscribe', c.req.param('token') ?? '');
  if (!link) return noSuchLink(web, c);
  const form = await readForm(c);
  const { customer } = link;
  const nothing = form.nothing !== undefined;
  const before = await wishesOf(web, customer);
  const wanted = PURPOSES.map((purpose) => [purpose, !nothing && form[purpose] !== undefined] as const);
  // A switch that stays as it is says nothing: what was refused by one way alone is still refused by it.
  const said = nothing ? wanted : wanted.filter(([purpose, on]) => on !== before[purpose]);
  if (said.length > 0) await changeCustomer(web.store, customer.id, { consent: Object.fromEntries(said) }, web.now());
  const wishes = await wishesOf(web, await customerById(web.store.db, customer.id));
  return c.html(<PreferencesPage web={web} words={link.words} wishes={wishes} saved />);
};

/** The body that a mail program's own button sends (RFC 8058). */
export const isOneClick = async (c: Context) =>
  c.req.method === 'POST' && (await readForm(c))['List-Unsubscribe'] === 'One-Click';

/**
 * RFC 8058: acts at once, without page, cookie or redirect. Whoever presses that button wants no more mail: both
 * purposes are switched off, not only the one the mail was for, so that nobody has to press it twice.
 */
export const oneClick = (web: Web) => async (c: Context) => {
  const link = await open(web, 'unsubscribe', c.req.param('token') ?? '');
  if (!link) return c.text('This link does not work.', 404);
  await optOut(web.store, link.customer.id, true, web.now());
  return c.text('Done: no more mail.');
};

/** By what ways that goes, where a purpose that is switched on was refused by one of them. */
function waysOf({ refused, ...on }: Wishes): string {
  const about = { service: 'about your order', selling: 'with offers' };
  const not = PURPOSES.filter((purpose) => on[purpose]).flatMap((purpose) => [
    ...(refused.includes(`${purpose}:email`) ? [`we do not write to you ${about[purpose]}`] : []),
    ...(refused.includes(`${purpose}:phone`) ? [`we do not call you ${about[purpose]}`] : []),
  ]);
  return not.length === 0 ? 'This goes for mail and for calls.' : `As you told us, ${not.join(', and ')}.`;
}

const PreferencesPage = ({
  web,
  words,
  wishes,
  saved = false,
}: {
  web: Web;
  words: Wording;
  wishes: Wishes;
  saved?: boolean;
}) => {
  const nothing = !wishes.service && !wishes.selling;
  return (
    <Page title="What may we write to you about?" company={web.store.settings.company} words={words}>
      {saved && (
        <Said>{nothing ? 'Saved. We will not contact you any more.' : 'Saved. From now on it is as shown below.'}</Said>
      )}
      {!saved && nothing && <p>At present we do not contact you at all.</p>}
      <form method="post">
        <label>
          {/* biome-ignore lint/a11y/useAriaPropsForRole: a checkbox tells its state itself; an attribute would only be wrong once it is pressed */}
          <input type="checkbox" role="switch" name="service" checked={wishes.service} />
          Your order: whether everything is fine, and how we did
        </label>
        <label>
          {/* biome-ignore lint/a11y/useAriaPropsForRole: a checkbox tells its state itself; an attribute would only be wrong once it is pressed */}
          <input type="checkbox" role="switch" name="selling" checked={wishes.selling} />
          Offers and news that go with what you bought
        </label>
        <p class="small quiet">{waysOf(wishes)}</p>
        <button type="submit">Save</button>
        <button type="submit" name="nothing" value="yes" class="secondary outline">
          Nothing at all, please
        </button>
      </form>
    </Page>
  );
};
