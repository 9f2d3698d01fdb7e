import type { Context } from 'hono';
import { changeCustomer, optOut } from '../../store/customers.ts';
import { readForm } from '../ui/forms.ts';
import type { Web } from '../web.ts';
import { noSuchLink, open } from './links.tsx';
import { Page, Said } from './page.tsx';

interface Wishes {
  service: boolean;
  selling: boolean;
}

/** `GET /u/{token}`: what the customer may be contacted for. Looking changes nothing: scanners look as well. */
export const showPreferences = (web: Web) => async (c: Context) => {
  const link = await open(web, 'unsubscribe', c.req.param('token') ?? '');
  if (!link) return noSuchLink(web, c);
  return c.html(<PreferencesPage web={web} wishes={link.sale.customer} />);
};

/** `POST /u/{token}`: saves the switches, or everything off at once. */
export const takePreferences = (web: Web) => async (c: Context) => {
  const link = await open(web, 'unsubscribe', c.req.param('token') ?? '');
  if (!link) return noSuchLink(web, c);
  const form = await readForm(c);
  const { customer } = link.sale;
  const nothing = form.nothing !== undefined;
  const wishes = { service: !nothing && form.service !== undefined, selling: !nothing && form.selling !== undefined };
  // What stays as it is leaves no mark in the story.
  if (wishes.service !== customer.service || wishes.selling !== customer.selling)
    await changeCustomer(web.store, customer.id, { consent: wishes }, web.now());
  return c.html(<PreferencesPage web={web} wishes={wishes} saved />);
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
  const { id, service, selling } = link.sale.customer;
  if (service || selling) await optOut(web.store, id, true, web.now());
  return c.text('Done: no more mail.');
};

const PreferencesPage = ({ web, wishes, saved = false }: { web: Web; wishes: Wishes; saved?: boolean }) => {
  const nothing = !wishes.service && !wishes.selling;
  return (
    <Page title="What may we write to you about?" company={web.store.settings.company}>
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
        <p class="small quiet">This goes for mail and for calls.</p>
        <button type="submit">Save</button>
        <button type="submit" name="nothing" value="yes" class="secondary outline">
          Nothing at all, please
        </button>
      </form>
    </Page>
  );
};
