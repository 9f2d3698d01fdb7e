import { eq } from 'drizzle-orm';
import type { Context } from 'hono';
import { customers } from '../../store/schema.ts';
import { colleague } from '../../store/staff.ts';
import type { Web } from '../web.ts';
import { noSuchLink, wordingOf } from './links.tsx';
import { Page, Reach } from './page.tsx';

/** `GET /r/{code}`: where a friend's recommendation leads. Who recommends is not said: the friend has said it. */
export const showReferral = (web: Web) => async (c: Context) => {
  const code = (c.req.param('code') ?? '').trim().toUpperCase();
  const [referrer] = await web.store.db
    .select({ erasedAt: customers.erasedAt })
    .from(customers)
    .where(eq(customers.referralCode, code));
  if (!referrer || referrer.erasedAt !== null) return noSuchLink(web, c);
  const { company, defaultOwner } = web.store.settings;
  const office = await colleague(web.store.db, defaultOwner);
  const words = wordingOf(web, c);
  return c.html(
    <Page title="Welcome" company={company} words={words}>
      <p>A friend of yours bought from {company} and recommends us to you.</p>
      <p>Mention this code with your order, so that we can thank your friend:</p>
      <p class="code">{code}</p>
      {(office?.phone || office?.email) && (
        <>
          <h2>Questions first?</h2>
          <p>{office.name} is glad to answer them.</p>
          <Reach who={office} words={words} />
        </>
      )}
    </Page>,
  );
};
