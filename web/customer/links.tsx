import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { type AskedCall, callAskedFor, promisedBy } from '../../store/calls.ts';
import { customerById } from '../../store/customers.ts';
import { type Customer, loadSale, type Sale } from '../../store/followUps.ts';
import type { TokenPurpose } from '../../store/schema.ts';
import { type Colleague, colleague } from '../../store/staff.ts';
import { linkBehind } from '../../store/tokens.ts';
import { failing } from '../failure.tsx';
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
  /** The survey it leads to; null: nps, as far as it leads to any. */
  survey: string | null;
  /** Until when the link works; null: for ever. */
  expiresAt: number | null;
  /** As the customer reads dates, in their zone and language. */
  show: Show;
  /** The pages in their language. */
  words: Wording;
  /**
   * Talking to a person: the page for it, the call they have asked for, by when they get it (or would), and whether
   * that has passed without it.
   */
  talk: { path: string; asked: AskedCall | null; by: string; late: boolean };
}

/** The page to ask for a call, by whatever link the customer came. */
const talkPath = (purpose: TokenPurpose, token: string) =>
  purpose === 'person' ? `/p/${token}` : `/p/${purpose}/${token}`;

/** Opens a link; null where it is wrong, run out, or meant for something else. */
export async function open(web: Web, purpose: TokenPurpose, token: string): Promise<Opened | null> {
  const { db } = web.store;
  const link = await linkBehind(db, purpose, token, web.now());
  if (!link) return null;
  const sale = await loadSale(web.store, db, link.orderId);
  const customer = link.customerId === null ? sale.customer : await customerById(db, link.customerId);
  const { locale, country } = customer;
  const { zone } = sale.terms.person;
  const words = web.sayings(locale);
  const show = showFor(locale ?? (country && `en-${country}`), zone, words.language);
  const asked = await callAskedFor(db, sale);
  const by = asked?.dueAt ?? promisedBy(web.store, sale, web.now());
  return {
    sale,
    customer,
    owner: sale.owner,
    survey: link.survey,
    expiresAt: link.expiresAt,
    words,
    show,
    talk: { path: talkPath(purpose, token), asked, by: `${show.when(by)} (${zone})`, late: by < web.now() },
  };
}

/** Where nobody knows who reads, their browser says in what language. */
export const wordingOf = (web: Web, c: Context): Wording =>
  web.sayings(c.req.header('Accept-Language')?.split(/[,;]/)[0] ?? null);

/** Why a form is not taken; whatever else is wrong with it, it is none. */
const REFUSED = { 403: 'elsewhere', 413: 'too_large', 429: 'too_often' } as const;

/**
 * The page for what was refused before it was read, and for what nobody expected, in the language of the browser: the
 * database, which knows theirs, may be away.
 */
export function failedLink(web: Web) {
  const page = (c: Context, what: 'away' | 'failed' | 'no_form' | (typeof REFUSED)[keyof typeof REFUSED]) => {
    const words = wordingOf(web, c);
    return (
      <Page title={words.common[what]()} company={web.store.settings.company} words={words}>
        <p>{words.common[`${what}_next`]()}</p>
      </Page>
    );
  };
  const failed = failing(web, (away, c) => page(c, away ? 'away' : 'failed'));
  return (error: Error, c: Context) =>
    error instanceof HTTPException
      ? c.html(page(c, REFUSED[error.status as keyof typeof REFUSED] ?? 'no_form'), error.status)
      : failed(error, c);
}

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
