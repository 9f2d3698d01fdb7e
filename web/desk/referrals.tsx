import type { Context } from 'hono';
import { isOurId } from '../../domain/names.ts';
import { REFERRAL_STATES, type ReferralState } from '../../domain/referral.ts';
import { giveReward, listReferrals, type ReferralRow } from '../../store/referrals.ts';
import type { Colleague } from '../../store/staff.ts';
import { filled, readForm } from '../ui/forms.ts';
import type { Show } from '../ui/show.ts';
import { REFERRAL_WORDS, whyInWords } from '../ui/words.ts';
import type { Web } from '../web.ts';
import { back, saidOf } from './back.ts';
import { cursorIn, customerPath, Filter, Frame, More, orderPath, type View, viewOf, Wrong } from './frame.tsx';
import { noSuchPage } from './noSuchPage.tsx';
import { namesOf, presentIn } from './review.tsx';
import { nameOf } from './taskView.ts';

/** What is filtered by; empty where it is not. */
interface Chosen {
  state: string;
  /** `yes`: only rewards that are owed. */
  owed: string;
}

interface Page {
  view: View;
  chosen: Chosen;
  items: ReferralRow[];
  next: string | null;
  colleagues: Colleague[];
  said?: string | null;
  error?: string;
}

async function load(web: Web, c: Context): Promise<Page> {
  const { state = '', owed = '', after } = c.req.query();
  const chosen = { state: REFERRAL_STATES.find((one) => one === state) ?? '', owed: owed === 'yes' ? 'yes' : '' };
  const page = await listReferrals(web.store, {
    state: (chosen.state || undefined) as ReferralState | undefined,
    owed: chosen.owed === 'yes',
    cursor: cursorIn(after),
  });
  return { view: viewOf(web, c), chosen, ...page, colleagues: await presentIn(web) };
}

/** `GET /referrals`: who came through whom, the newest first, and what is owed for it. */
export const showReferrals = (web: Web) => async (c: Context) =>
  c.html(<ReferralsPage {...(await load(web, c))} said={await saidOf(web, c)} />);

/** `POST /referrals/{id}/given`: a colleague has given what was promised. */
export const takeGiven = (web: Web) => async (c: Context) => {
  const id = c.req.param('id') ?? '';
  if (!isOurId(id)) return noSuchPage(web, c, 'There is no such referral.');
  const { by = '' } = await readForm(c);
  const page = await load(web, c);
  if (!page.colleagues.some(({ handle }) => handle === by))
    return c.html(<ReferralsPage {...page} error="Say who gave it: choose one of the colleagues." />, 422);
  await giveReward(web.store, id, by, web.now());
  return back(c, '/referrals', 'saved', 'given');
};

const ReferralsPage = ({ view, chosen, items, next, colleagues, said, error }: Page) => (
  <Frame view={view} title="Referrals" said={said}>
    <Wrong errors={error ? [error] : []} />
    <Filter path="/referrals" label="Referrals">
      <label>
        State
        <select name="state">
          <option value="">Every state</option>
          {REFERRAL_STATES.map((state) => (
            <option value={state} selected={state === chosen.state}>
              {REFERRAL_WORDS[state]}
            </option>
          ))}
        </select>
      </label>
      <label>
        Reward
        <select name="owed">
          <option value="">Whatever it is</option>
          <option value="yes" selected={chosen.owed === 'yes'}>
            Owed
          </option>
        </select>
      </label>
    </Filter>
    {items.length > 0 ? (
      <Table view={view} items={items} colleagues={colleagues} />
    ) : chosen.state || chosen.owed ? (
      <p>
        No referral is like that now. See <a href="/referrals">all of them</a>.
      </p>
    ) : (
      <p>
        Nobody has come through a customer yet. Each has a link of their own, which the mail after a high score brings
        them; an order with its code, or from an address that was left on its page, is listed here.
      </p>
    )}
    <More path="/referrals" query={filled({ ...chosen })} next={next} />
  </Frame>
);

const Table = ({ view: { show }, items, colleagues }: Pick<Page, 'view' | 'items' | 'colleagues'>) => (
  <section class="wide rows" tabindex={0} aria-label="Referrals">
    <table>
      <caption>Newest first</caption>
      <thead>
        <tr>
          <th scope="col">Who came</th>
          <th scope="col">Through whom</th>
          <th scope="col">Order</th>
          <th scope="col">On</th>
          <th scope="col">State</th>
          <th scope="col">Reward</th>
        </tr>
      </thead>
      <tbody>
        {items.map((row) => (
          <tr>
            <th scope="row">
              <a href={customerPath(row.friend)}>{nameOf(row.friend)}</a>
            </th>
            <td data-of="Through whom">
              <a href={customerPath(row.referrer)}>{nameOf(row.referrer)}</a>
            </td>
            <td class="nowrap" data-of="Order">
              <a href={orderPath(row.order)}>{`${row.order.source}/${row.order.number}`}</a>
            </td>
            <td class="nowrap" data-of="On">
              {show.day(row.referral.at)}
            </td>
            <td data-of="State">{standing(row)}</td>
            <td data-of="Reward">
              <Reward row={row} show={show} colleagues={colleagues} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);

/** Where a referral stands, and why. */
export const standing = ({ referral: { state, why } }: ReferralRow) =>
  why ? `${REFERRAL_WORDS[state]}: ${whyInWords(why)}` : REFERRAL_WORDS[state];

const Reward = ({ row, show, colleagues }: { row: ReferralRow; show: Show; colleagues: Colleague[] }) => {
  const { id, reward, rewardDueAt, givenAt } = row.referral;
  if (rewardDueAt === null) return <span class="quiet">None</span>;
  if (givenAt !== null)
    return (
      <>
        {reward}{' '}
        <span class="quiet small">
          given {show.day(givenAt)}, {row.givenBy}
        </span>
      </>
    );
  return (
    <>
      {reward} <span class="late small">owed since {show.day(rewardDueAt)}</span>
      <form method="post" action={`/referrals/${id}/given`} class="inline">
        <select name="by" aria-label="Who gave it" required>
          <option value="">Who gave it</option>
          {namesOf(colleagues).map(([handle, name]) => (
            <option value={handle}>{name}</option>
          ))}
        </select>
        <button type="submit" class="secondary outline">
          Given
        </button>
      </form>
    </>
  );
};

/** Through whom the people of a customer came, and whom they sent. */
export const ReferralsAround = ({ sentBy, sent, show }: { sentBy: ReferralRow[]; sent: ReferralRow[]; show: Show }) => (
  <>
    <h2 id="referrals">Recommended</h2>
    {sentBy.length === 0 && sent.length === 0 && <p>Nobody sent them, and they sent nobody yet.</p>}
    {sentBy.length + sent.length > 0 && (
      <ul>
        {sentBy.map((row) => (
          <li>
            They came through <a href={customerPath(row.referrer)}>{nameOf(row.referrer)}</a>,{' '}
            {show.day(row.referral.at)} <span class="quiet small">{standing(row)}</span>
          </li>
        ))}
        {sent.map((row) => (
          <li>
            They sent <a href={customerPath(row.friend)}>{nameOf(row.friend)}</a>:{' '}
            <a href={orderPath(row.order)}>{`${row.order.source}/${row.order.number}`}</a>, {show.day(row.referral.at)}{' '}
            <span class="quiet small">{standing(row)}</span>
          </li>
        ))}
      </ul>
    )}
  </>
);
