import type { Context } from 'hono';
import { customerById } from '../../store/customers.ts';
import { type Customer, loadSale, type Sale } from '../../store/followUps.ts';
import type { TokenPurpose } from '../../store/schema.ts';
import { type Colleague, colleague } from '../../store/staff.ts';
import { linkBehind } from '../../store/tokens.ts';
import { type Show, showFor } from '../ui/show.ts';
import type { Web } from '../web.ts';
import { Page, Reach } from './page.tsx';
import type { Wording } from './words.ts';

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
  /** The pages in their language. */
  words: Wording;
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
    words: web.sayings(locale),
    show: showFor(locale ?? (country && `en-${country}`), sale.terms.person.zone),
  };
}

/** Where nobody knows who reads, their browser says in what language. */
export const wordingOf = (web: Web, c: Context): Wording =>
  web.sayings(c.req.header('Accept-Language')?.split(/[,;]/)[0] ?? null);

/** One and the same for every link that does not work, whatever the reason: it tells nothing, but what to do. */
export async function noSuchLink(web: Web, c: Context) {
  const { company, defaultOwner } = web.store.settings;
  const office = await colleague(web.store.db, defaultOwner);
  const words = wordingOf(web, c);
  return c.html(
    <Page title={words.common.bad_link()} company={company} words={words}>
      <p>{words.common.bad_link_reason()}</p>
      <p>{words.common.bad_link_next()}</p>
      {office && <Reach who={office} words={words} />}
    </Page>,
    404,
  );
}
