import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BUSINESS_WEEK, type Calendar } from '../../domain/calendar.ts';
import {
  allowedFrom,
  type ContactPolicy,
  type Mail,
  type PastMail,
  STANDARD_POLICY,
  yieldTo,
} from '../../domain/policy.ts';
import { DAY } from '../../domain/time.ts';

const calendar: Calendar = { dayMs: DAY, zone: 'UTC', week: BUSINESS_WEEK, place: null };
const short: Calendar = { ...calendar, dayMs: 5_000 };
const offer: Mail = { selling: true, survey: null };
const service: Mail = { selling: false, survey: null };
const nps: Mail = { selling: false, survey: 'shop/1 survey' };
const csat: Mail = { selling: false, survey: 'shop/2 survey' };
const NOW = Date.UTC(2026, 5, 1, 9);
const at = (days: number) => NOW + days * DAY;
const sent = (days: number, mail: Mail): PastMail => ({ ...mail, at: at(days) });
const allowed = (days: number, mail: Mail, ...past: PastMail[]) => {
  const { at, brake } = allowedFrom(NOW + days * DAY, mail, past, STANDARD_POLICY, calendar);
  return [(at - NOW) / DAY, brake];
};

describe('the caps', () => {
  it('hold a selling mail for three days after any other, and to four in thirty days', () => {
    expect(allowed(0, offer)).toEqual([0, null]);
    expect(allowed(1, offer, sent(0, offer))).toEqual([3, 'too-often']);
    expect(allowed(1, offer, sent(0, service))).toEqual([3, 'too-often']);
    expect(allowed(3, offer, sent(0, offer))).toEqual([3, null]);
    const four = [0, 5, 10, 15].map((days) => sent(days, offer));
    expect(allowed(20, offer, ...four)).toEqual([30, 'too-often']);
    expect(allowed(20, offer, ...four.toReversed())).toEqual([30, 'too-often']);
  });

  it('leave service mails alone', () => {
    expect(allowed(0, service, sent(0, offer), sent(0, service))).toEqual([0, null]);
  });

  it('hold what is overdue after the mail that went meanwhile', () => {
    expect(allowed(0, offer, sent(1, offer))).toEqual([4, 'too-often']);
  });

  it('shrink with the day', () => {
    const past = [{ ...offer, at: NOW }];
    expect(allowedFrom(NOW, offer, past, STANDARD_POLICY, short)).toEqual({ at: NOW + 15_000, brake: 'too-often' });
  });
});

describe('surveys', () => {
  it('keep ninety days from each other, whatever their purpose', () => {
    expect(allowed(20, csat, sent(0, nps))).toEqual([90, 'asked-recently']);
    expect(allowed(90, csat, sent(0, nps))).toEqual([90, null]);
    expect(allowed(20, csat, sent(0, nps), sent(5, nps))).toEqual([95, 'asked-recently']);
    expect(allowed(20, { ...csat, selling: true }, sent(0, nps), sent(19, offer))).toEqual([90, 'asked-recently']);
    expect(allowed(89, { ...csat, selling: true }, sent(0, nps), sent(88, offer))).toEqual([91, 'too-often']);
  });

  it('may remind', () => expect(allowed(5, nps, sent(0, nps))).toEqual([5, null]));

  it('are nothing to other mails', () => expect(allowed(10, offer, sent(0, nps))).toEqual([10, null]));
});

describe('a mail', () => {
  const yielded = (due: number, ...rivals: [rank: number, due: number][]) => {
    const ahead = rivals.map(([rank, days]) => ({ rank, dueAt: at(days) }));
    const { at: then, brake } = yieldTo(at(due), 5, ahead, STANDARD_POLICY, calendar);
    return [(then - NOW) / DAY, brake];
  };

  it('yields to a better one that would have to wait for it', () => {
    expect(yielded(0, [6, 2])).toEqual([5, 'something-better']);
    expect(yielded(0, [6, 0])).toEqual([3, 'something-better']);
    expect(yielded(2, [6, 0])).toEqual([3, 'something-better']);
    expect(yielded(0, [6, 4], [6, 2])).toEqual([7, 'something-better']);
  });

  it('yields to none that is no better, or far enough away', () => {
    expect(yielded(0, [5, 2], [4, 0])).toEqual([0, null]);
    expect(yielded(0, [6, 3])).toEqual([0, null]);
    expect(yielded(3, [6, 0])).toEqual([3, null]);
  });

  it('yields to none where both may go', () => {
    const policy: ContactPolicy = { caps: [{ mails: 2, days: 3 }], surveyEvery: 90 };
    expect(yieldTo(NOW, 5, [{ rank: 6, dueAt: NOW }], policy, calendar)).toEqual({ at: NOW, brake: null });
  });
});

describe('whatever is wished for', () => {
  const policy = fc.record({
    caps: fc.array(fc.record({ mails: fc.integer({ min: 1, max: 4 }), days: fc.integer({ min: 1, max: 30 }) }), {
      maxLength: 3,
    }),
    surveyEvery: fc.integer({ min: 0, max: 90 }),
  });
  const mail = fc.record({ selling: fc.boolean(), survey: fc.constantFrom(null, null, 'a', 'b', 'c') });
  // Whole days now and then, so that edges are met.
  const instant = fc.oneof(
    fc.integer({ min: 0, max: 60 }).map((days) => days * DAY),
    fc.integer({ min: 0, max: 60 * DAY }),
  );
  const mails = fc.array(
    fc.record({ mail, at: instant }).map(({ mail, at }): PastMail => ({ ...mail, at })),
    { maxLength: 20 },
  );
  const calendars = fc.constantFrom(calendar, short);

  /** Holds a mail at an instant against the policy as it is written down, not as it is computed. */
  const keeps = (one: PastMail, past: readonly PastMail[], { caps, surveyEvery }: ContactPolicy, dayMs: number) =>
    (!one.selling ||
      caps.every(({ mails, days }) => past.filter(({ at }) => at > one.at - days * dayMs).length < mails)) &&
    (one.survey === null ||
      past.every(({ survey, at }) => survey === null || survey === one.survey || at <= one.at - surveyEvery * dayMs));

  it('goes when it is due or at the first instant the policy allows', () => {
    fc.assert(
      fc.property(instant, mail, mails, policy, calendars, (due, mail, past, policy, calendar) => {
        const { at, brake } = allowedFrom(due, mail, past, policy, calendar);
        expect(at).toBeGreaterThanOrEqual(due);
        expect(brake === null).toBe(at === due);
        expect(keeps({ ...mail, at }, past, policy, calendar.dayMs)).toBe(true);
        if (brake) expect(keeps({ ...mail, at: at - 1 }, past, policy, calendar.dayMs)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it('no window sees a selling mail above its cap, and no two surveys meet', () => {
    fc.assert(
      fc.property(mails, policy, calendars, (wishes, policy, calendar) => {
        const gone: PastMail[] = [];
        // As time passes: who is held is looked at again when the time has come.
        for (const waiting = [...wishes]; waiting.length > 0; ) {
          waiting.sort((a, b) => b.at - a.at);
          const next = waiting.pop()!;
          const { at } = allowedFrom(next.at, next, gone, policy, calendar);
          if (at === next.at) gone.push(next);
          else waiting.push({ ...next, at });
        }
        expect(gone).toHaveLength(wishes.length);
        for (const [nth, one] of gone.entries()) {
          const before = gone.slice(0, nth);
          expect(before.every(({ at }) => at <= one.at)).toBe(true);
          if (one.selling)
            for (const { mails, days } of policy.caps)
              expect(before.filter(({ at }) => at > one.at - days * calendar.dayMs).length).toBeLessThan(mails);
          const others = gone.filter(({ survey }) => survey !== null && survey !== one.survey);
          if (one.survey !== null)
            for (const other of others)
              expect(Math.abs(other.at - one.at)).toBeGreaterThanOrEqual(policy.surveyEvery * calendar.dayMs);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('a mail that yields goes a whole pause from every better one', () => {
    const rivals = fc.array(fc.record({ rank: fc.integer({ min: 0, max: 9 }), dueAt: instant }), { maxLength: 10 });
    fc.assert(
      fc.property(instant, fc.integer({ min: 0, max: 9 }), rivals, (due, rank, rivals) => {
        const { at, brake } = yieldTo(due, rank, rivals, STANDARD_POLICY, calendar);
        expect(at).toBeGreaterThanOrEqual(due);
        expect(brake === null).toBe(at === due);
        for (const rival of rivals)
          if (rival.rank > rank) expect(Math.abs(rival.dueAt - at)).toBeGreaterThanOrEqual(3 * DAY);
      }),
    );
  });
});
