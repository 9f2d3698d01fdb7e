import type { Context } from 'hono';
import { customerById } from '../../store/customers.ts';
import { type Customer, loadSale, type Sale } from '../../store/followUps.ts';
import type { TokenPurpose } from '../../store/schema.ts';
import { type Colleague, colleague } from '../../store/staff.ts';
import { linkBehind } from '../../store/tokens.ts';
import { type Show, showFor } from '../ui/show.ts';
import type { Web } from '../web.ts';
import { Page, Reach } from './page.tsx';

/** What stands behind a link that works. */
export interface Opened {
  sale: Sale;
  /** Who it was sent to, who is not always who ordered. */
  customer: Customer;
  owner: Colleague;
  /** Until when the link works; null: for ever. */
  expiresAt: number | null;
  /** As the customer reads dates, in their zone. */
  show: Show;
}

/** Opens a link; null where it is wrong, run out, or meant for something else. */
export async function open(web: Web, purpose: TokenPurpose, token: string): Promise<Opened | null> {
  const { db } = web.store;
  const link = await linkBehind(db, purpose, token, web.now());
  if (!link) return null;
  const sale = await loadSale(web.store, db, link.orderId);
  const customer = link.customerId === null ? sale.customer : await customerById(db, link.customerId);
  const { locale, country } = customer;
  return {
    sale,
    customer,
    owner: sale.owner,
    expiresAt: link.expiresAt,
    show: showFor(locale ?? (country && `en-${country}`), sale.terms.person.zone),
  };
}

/** One and the same for every link that does not work, whatever the reason: it tells nothing, but what to do. */
export async function noSuchLink(web: Web, c: Context) {
  const { company, defaultOwner } = web.store.settings;
  const office = await colleague(web.store.db, defaultOwner);
  return c.html(
    <Page title="This link does not work" company={company}>
      <p>It may have run out, or not have been copied whole.</p>
      <p>
        Open it once more from the mail it came in. If that does not help, answer that mail: a person reads it, and does
        for you what the link would have done.
      </p>
      {office && <Reach who={office} />}
    </Page>,
    404,
  );
}
