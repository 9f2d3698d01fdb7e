import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { End } from '../../domain/followUp.ts';
import { APPROVE, readPlaybook } from '../../domain/playbook.ts';
import type { Party } from '../../domain/terms.ts';
import { DAY, HOUR } from '../../domain/time.ts';
import { TEMPLATES, templateNames } from '../../mail/templates.ts';
import { reasonInWords, sentence } from '../../web/ui/words.ts';
import { Account, at, type Given, MONDAY } from '../support/account.ts';

/** What the playbooks that come with Aftercare do, day by day. */

const folder = new URL('../../playbooks/', import.meta.url);
const templates = templateNames(TEMPLATES);
const names = readdirSync(folder).flatMap((file) => /^(?!rules)(.*)\.yaml$/.exec(file)?.[1] ?? []);
const playbooks = new Map(
  names.map((name) => {
    const file = `${name}.yaml`;
    return [name, readPlaybook(readFileSync(new URL(file, folder), 'utf8'), file, templates)];
  }),
);
const shipped = (name: string) => playbooks.get(name)!;

const account = (name: string, given?: Given) => new Account(shipped(name), given);

/** The account told line by line. */
const tells = ({ story }: Account, told: string) =>
  expect(story).toEqual(
    told
      .trim()
      .split('\n')
      .map((line) => line.trim().replace(/ +/g, ' ')),
  );

const delivered = (account: Account) => account.until(3).happens('delivered');
/** Who orders for the fifth time, and so often that the next order is expected after 45 days. */
const regular: Partial<Party> = { nth: 5, value: 400, total: 90, currency: 'EUR', productDays: 45 };

describe('standard', () => {
  it('a first order of somebody who never says anything', () =>
    tells(
      delivered(account('standard')).until(400),
      `
      day 0 Mon: mail thank-you
      day 3 Thu: delivered
      day 7 Mon: call check-in: reached
      day 13 Sun: survey nps
      day 18 Fri: survey nps
      day 23 Wed: survey nps
      day 30 Wed: call up-sell: reached
      day 90 Sun: mail keep-in-touch
      day 150 Thu: mail keep-in-touch
      day 270 Fri: mail keep-in-touch
      day 390 Sat: mail keep-in-touch
    `,
    ));

  it('the fifth order of a regular, of which a high score comes', () =>
    tells(
      delivered(account('standard', { party: regular }))
        .until(14)
        .happens('answered', { score: 9 })
        .until(200),
      `
      day 0 Mon: mail thank-you
      day 3 Thu: delivered
      day 7 Mon: call check-in: reached
      day 8 Tue: mail loyalty
      day 13 Sun: survey nps
      day 14 Mon: answered 9
      day 14 Mon: skipped recovery (not-detractor)
      day 14 Mon: mail praise
      day 18 Fri: put-off referral (too-often)
      day 30 Wed: call up-sell: reached
      day 30 Wed: mail referral
      day 38 Thu: put-off replenishment (something-better)
      day 40 Sat: mail review
      day 40 Sat: put-off replenishment (too-often)
      day 43 Tue: mail replenishment
      day 59 Thu: call win-back: reached
      day 119 Mon: mail keep-in-touch
      day 179 Fri: mail keep-in-touch
    `,
    ));

  it('a promise that is broken, and a low score', () =>
    tells(
      account('standard', {
        promises: [{ what: 'Delivered', by: at(4) }],
        outcomes: { promise: 'broken', 'check-in': 'no-answer' },
      })
        .until(20)
        .happens('answered', { score: 3 })
        .until(60),
      `
      day 0 Mon: mail thank-you
      day 3 Thu: other promise-at-risk: done
      day 4 Fri: check promise: broken
      day 4 Fri: call broken-promise: reached
      day 11 Fri: call check-in: no-answer
      day 14 Mon: call check-in: no-answer
      day 15 Tue: call check-in: no-answer
      day 15 Tue: skipped check-in (unreached)
      day 19 Sat: survey nps
      day 20 Sun: answered 3
      day 20 Sun: call detractor: reached
      day 20 Sun: skipped praise (not-promoter)
      day 24 Thu: skipped referral (not-promoter)
      day 30 Wed: skipped up-sell (detractor)
      day 34 Sun: skipped public-review (not-done)
    `,
    ));

  it('a promise is at risk when it should have been kept by now, and no more when it is', () =>
    tells(
      account('standard', {
        promises: [
          { what: 'Training', by: at(10), expected: at(3) },
          { what: 'Delivered', by: at(9) },
        ],
      })
        .until(3)
        .happens('delivered')
        .until(12),
      `
      day 0 Mon: mail thank-you
      day 3 Thu: other promise-at-risk: done
      day 3 Thu: delivered
      day 7 Mon: call check-in: reached
      day 10 Thu: check promise: kept
    `,
    ));
});

describe('retail', () => {
  it('a first order of somebody who never says anything', () =>
    tells(
      delivered(account('retail')).until(400),
      `
      day 3 Thu: delivered
      day 5 Sat: mail tip
      day 8 Tue: skipped top-customer (not-top-fifth)
      day 13 Sun: survey nps
      day 18 Fri: survey nps
      day 78 Tue: mail keep-in-touch
      day 138 Sat: mail keep-in-touch
      day 258 Sun: mail keep-in-touch
      day 378 Mon: mail keep-in-touch
    `,
    ));

  it('the fifth order of one of the best: thanked by phone, given something, asked to pass it on, missed', () =>
    tells(
      delivered(account('retail', { party: { ...regular, value: 540, topFifth: true } }))
        .until(15)
        .happens('answered', { score: 10 })
        .until(150),
      `
      day 3 Thu: delivered
      day 5 Sat: mail tip
      day 8 Tue: mail loyalty
      day 8 Tue: call top-customer: reached
      day 13 Sun: survey nps
      day 15 Tue: answered 10
      day 15 Tue: skipped recovery (not-detractor)
      day 15 Tue: mail praise
      day 19 Sat: put-off referral (too-often)
      day 28 Mon: put-off five-hundred (too-often)
      day 35 Mon: mail referral
      day 35 Mon: put-off five-hundred (too-often)
      day 38 Thu: put-off replenishment (something-better)
      day 38 Thu: mail loyalty
      day 38 Thu: skipped replenishment (something-better)
      day 45 Thu: mail review
      day 59 Thu: mail win-back
      day 73 Thu: call win-back: reached
      day 133 Mon: mail keep-in-touch
    `,
    ));

  it('a promise that is broken, and a low score', () =>
    tells(
      account('retail', {
        promises: [{ what: 'Delivered', by: at(4) }],
        outcomes: { promise: 'broken', 'broken-promise': 'no-answer' },
      })
        .until(30)
        .happens('answered', { score: 3 })
        .until(50),
      `
      day 4 Fri: check promise: broken
      day 4 Fri: call broken-promise: no-answer
      day 7 Mon: call broken-promise: no-answer
      day 8 Tue: call broken-promise: no-answer
      day 8 Tue: skipped apology (unreached)
      day 10 Thu: mail tip
      day 11 Fri: skipped top-customer (not-top-fifth)
      day 18 Fri: survey nps
      day 23 Wed: survey nps
      day 30 Wed: answered 3
      day 30 Wed: call detractor: reached
      day 30 Wed: skipped praise (not-promoter)
      day 34 Sun: skipped referral (not-promoter)
      day 44 Wed: skipped public-review (not-done)
    `,
    ));

  it('calls nobody else, and sells to nobody by phone who is not in the top fifth', () => {
    const calls = shipped('retail').touches.filter(({ deed }) => deed === 'call');
    expect(calls.filter(({ when }) => !when.includes('top fifth')).map(({ what }) => what)).toEqual([
      'broken-promise',
      'detractor',
      'all-well',
    ]);
  });
});

describe('service', () => {
  const contract: End = { line: 1, of: 'term', at: at(730) };

  it('three years of a machine: the user is asked, the buyer hears of the renewal', () =>
    tells(
      account('service', { promises: [{ what: 'Installed', by: at(14), expected: at(11) }], ends: [contract] })
        .until(9)
        .happens('installed')
        .until(60)
        .happens('answered', { score: 10 })
        .until(1100),
      `
      day 0 Mon: other approve-mail: done
      day 1 Tue: mail thank-you
      day 9 Wed: installed
      day 11 Fri: call check-in to user: reached
      day 39 Fri: call month-in-use to user: reached
      day 54 Sat: survey nps to user
      day 60 Fri: answered 10
      day 60 Fri: skipped recovery (not-detractor)
      day 60 Fri: mail praise to user
      day 66 Thu: mail referral to user
      day 81 Fri: mail review to user
      day 192 Thu: other first-maintenance: done
      day 199 Thu: call up-sell to buyer: reached
      day 374 Thu: call yearly-review to buyer: reached
      day 557 Fri: mail keep-in-touch
      day 610 Tue: mail renewal to buyer
      day 640 Thu: call renewal to buyer: reached
      day 672 Mon: call renewal to buyer: reached
      day 742 Mon: call yearly-review to buyer: reached
      day 925 Tue: mail keep-in-touch
    `,
    ));

  it('a user who wants no calls gets none, not even in place of a survey that cannot be mailed', () =>
    tells(
      account('service', {
        people: {
          user: {
            email: false,
            consent: { service: { email: true, phone: false }, selling: { email: false, phone: false } },
          },
        },
      })
        .until(9)
        .happens('installed')
        .until(80),
      `
      day 0 Mon: other approve-mail: done
      day 1 Tue: mail thank-you
      day 9 Wed: installed
      day 11 Fri: skipped check-in (no-consent)
      day 39 Fri: skipped month-in-use (no-consent)
      day 56 Mon: skipped survey (no-consent)
    `,
    ));

  it('a mail its owner does not let go is not sent, and says so', () =>
    tells(
      account('service', { outcomes: { [APPROVE]: 'skipped' } }).until(30),
      `
      day 0 Mon: other approve-mail: skipped
      day 1 Tue: skipped thank-you (not-approved)
    `,
    ));

  it('lets the thank-you go between eight and eleven only, whenever the order came', () => {
    for (let hour = 0; hour < 7 * 24; hour += 1) {
      const { mailed } = account('service', { placedAt: MONDAY + hour * HOUR }).until(8);
      expect(mailed).toHaveLength(1);
      const hours = (mailed[0] % DAY) / HOUR;
      expect([hours >= 8 && hours < 11, mailed[0] - MONDAY > hour * HOUR]).toEqual([true, true]);
    }
  });

  it('after the next order the maintenance and the contract are still seen to, and nothing is sold', () =>
    tells(
      account('service', { ends: [{ ...contract, at: at(300) }] })
        .until(9)
        .happens('installed')
        .until(100)
        .happens('reordered')
        .until(400),
      `
      day 0 Mon: other approve-mail: done
      day 1 Tue: mail thank-you
      day 9 Wed: installed
      day 11 Fri: call check-in to user: reached
      day 39 Fri: call month-in-use to user: reached
      day 54 Sat: survey nps to user
      day 61 Sat: survey nps to user
      day 100 Wed: reordered
      day 100 Wed: skipped praise (no-answer)
      day 100 Wed: skipped referral (no-answer)
      day 115 Thu: skipped public-review (not-done)
      day 180 Sat: mail renewal to buyer
      day 192 Thu: other first-maintenance: done
      day 199 Thu: skipped up-sell (reordered)
      day 210 Mon: call renewal to buyer: reached
      day 240 Wed: call renewal to buyer: reached
      day 240 Wed: ended (reordered)
    `,
    ));
});

describe('demo', () => {
  it('shows all of it within sixty short days: five minutes', () =>
    tells(
      account('demo', { dayMs: 5_000 }).until(60),
      `
      day 0: mail thank-you
      day 3: call check-in: reached
      day 5: survey nps
      day 5: call up-sell: reached
      day 7: survey nps
      day 17: mail replenishment
      day 23: call win-back: reached
      day 30: call yearly-review: reached
      day 40: mail keep-in-touch
      day 50: mail keep-in-touch
      day 58: call yearly-review: reached
    `,
    ));

  it('and what comes of answers, of a second order and of a contract', () => {
    const short = (days: number) => MONDAY + days * 5_000;
    tells(
      account('demo', {
        dayMs: 5_000,
        party: { nth: 2 },
        promises: [{ what: 'Training', by: short(4) }],
        ends: [{ line: 1, of: 'term', at: short(40) }],
        outcomes: { promise: 'broken' },
      })
        .until(5.5)
        .happens('answered', { score: 10 })
        .until(60),
      `
      day 0: mail thank-you
      day 1: mail loyalty
      day 3: call check-in: reached
      day 3: other promise-at-risk: done
      day 4: check promise: broken
      day 4: call broken-promise: reached
      day 5: survey nps
      day 5: call up-sell: reached
      day 5: answered 10
      day 5: skipped recovery (not-detractor)
      day 5: other approve-mail: done
      day 5: mail praise
      day 6: put-off referral (too-often)
      day 17: skipped replenishment (too-often)
      day 23: call win-back: reached
      day 30: call yearly-review: reached
      day 30: mail referral
      day 34: mail review
      day 35: mail renewal
      day 45: mail keep-in-touch
      day 55: put-off keep-in-touch (too-often)
      day 58: call yearly-review: reached
    `,
    );
  });
});

describe('each of them', () => {
  it('is there', () => expect(names.sort()).toEqual(['demo', 'retail', 'service', 'standard']));

  it.each(names)('%s asks for a public word only after the recommendation, whatever put that off', (name) => {
    const [review] = shipped(name).touches.filter(({ what }) => what === 'review');
    expect(review).toMatchObject({ anchor: 'touch', follows: 'referral', when: ['promoter', 'review page'] });
  });

  it.each(names)('%s sends what is there, and says on the desk what its tasks are about', (name) => {
    const { touches } = shipped(name);
    const reasons = touches.flatMap(({ deed, what }) => (deed === 'send' || deed === 'ask' ? [] : [what]));
    expect(reasons.filter((reason) => reasonInWords(reason) === sentence(reason))).toEqual([]);
  });
});
