import type { Context } from 'hono';
import { LONGEST_EMAIL, readEmail } from '../../domain/address.ts';
import { LEAD_DAYS, readCode } from '../../domain/referral.ts';
import { referrerBehind } from '../../store/attribution.ts';
import { hashOf } from '../../store/customers.ts';
import { forgetLead, leaveLead } from '../../store/referrals.ts';
import { colleague } from '../../store/staff.ts';
import { readForm } from '../ui/forms.ts';
import { type Errors, FieldError, wrongness } from '../ui/layout.tsx';
import type { Web } from '../web.ts';
import { noSuchLink, wordingOf } from './links.tsx';
import { Page, Reach, Said } from './page.tsx';

/** What the page says beside what always stands there. */
interface Shown {
  said?: 'left' | 'forgotten';
  email?: string;
  errors?: Errors;
}

/** `GET /r/{code}`: where a friend's recommendation leads. Who recommends is not said: the friend has said it. */
export const showReferral = (web: Web) => async (c: Context) => {
  const code = codeIn(c);
  return (await referrerBehind(web.store.db, code)) ? c.html(await pageOf(web, c, code)) : noSuchLink(web, c);
};

/**
 * `POST /r/{code}`: who came leaves their own address, to be recognised by it, or has it forgotten. The page answers
 * the same whoever they are.
 */
export const takeLead = (web: Web) => async (c: Context) => {
  const code = codeIn(c);
  const referrer = await referrerBehind(web.store.db, code);
  if (!referrer) return noSuchLink(web, c);
  const { referral } = wordingOf(web, c);
  const { email = '', consent, forget } = await readForm(c);
  const read = readEmail(email);
  const errors: Record<string, string> = {};
  if ('wrong' in read) errors.email = referral.email_wrong();
  if (consent === undefined && forget === undefined) errors.consent = referral.consent_missing();
  if ('wrong' in read || errors.consent) return c.html(await pageOf(web, c, code, { email, errors }), 422);
  const hash = hashOf(read.value);
  if (forget !== undefined) await forgetLead(web.store, referrer.id, hash);
  else await leaveLead(web.store, referrer.id, hash, web.now());
  return c.html(await pageOf(web, c, code, { said: forget === undefined ? 'left' : 'forgotten' }));
};

const codeIn = (c: Context) => readCode(c.req.param('code') ?? '');

async function pageOf(web: Web, c: Context, code: string, { said, email, errors = {} }: Shown = {}) {
  const { company, defaultOwner } = web.store.settings;
  const office = await colleague(web.store.db, defaultOwner);
  const words = wordingOf(web, c);
  const { referral } = words;
  return (
    <Page title={referral.title()} company={company} words={words}>
      {said && <Said>{referral[said]({ days: LEAD_DAYS })}</Said>}
      <p>{referral.recommended({ company })}</p>
      <p>{referral.how()}</p>
      <h2>{referral.code()}</h2>
      <p class="code">{code}</p>
      <h2>{referral.address()}</h2>
      <p>{referral.address_how()}</p>
      <form method="post">
        <label for="email">{referral.email()}</label>
        <input
          id="email"
          name="email"
          type="email"
          autocomplete="email"
          maxlength={LONGEST_EMAIL}
          value={email?.slice(0, LONGEST_EMAIL)}
          required
          {...wrongness(errors, 'email')}
        />
        <FieldError errors={errors} name="email" />
        <label>
          <input type="checkbox" name="consent" {...wrongness(errors, 'consent')} />{' '}
          {referral.consent({ days: LEAD_DAYS })}
        </label>
        <FieldError errors={errors} name="consent" />
        <button type="submit">{referral.leave()}</button>
        <button type="submit" name="forget" value="yes" class="secondary outline">
          {referral.forget()}
        </button>
      </form>
      {(office?.phone || office?.email) && (
        <>
          <h2>{referral.questions()}</h2>
          <p>{referral.questions_who({ name: office.name })}</p>
          <Reach who={office} words={words} />
        </>
      )}
    </Page>
  );
}
