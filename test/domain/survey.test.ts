import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BUSINESS_WEEK } from '../../domain/calendar.ts';
import { type FollowUpEvent, followUpOf } from '../../domain/followUp.ts';
import { plan } from '../../domain/plan.ts';
import { readPlaybook } from '../../domain/playbook.ts';
import {
  type Answers,
  bandOf,
  fieldOf,
  fieldsOf,
  firstOpen,
  MOST_ON_A_PAGE,
  pagesOf,
  readOwn,
  readPage,
  readSurvey,
  readTranslation,
} from '../../domain/survey.ts';
import { plainTerms } from '../../domain/terms.ts';
import { DAY } from '../../domain/time.ts';
import { readSurveys } from '../../store/playbooks.ts';
import { blocks, tableUnder } from '../docs/markdown.ts';

const surveys = readSurveys('playbooks');
const file = (name: string) => readFileSync(`playbooks/surveys/${name}.yaml`, 'utf8');
const nps = surveys.in('nps', 'en');
const unboxing = surveys.in('unboxing', 'en');
const none: Answers = { nps: null, csat: null, benefit: null, better: null };
const names = (pages: ReturnType<typeof pagesOf>) =>
  pages.map(({ questions, quotes }) => [...questions.map(({ name }) => name), ...(quotes ? ['quotes'] : [])]);

describe('what a score shows', () => {
  it.each([
    [0, null, 'detractor'],
    [6, null, 'detractor'],
    [7, null, 'passive'],
    [8, null, 'passive'],
    [9, null, 'promoter'],
    [10, null, 'promoter'],
    [null, 1, 'detractor'],
    [null, 2, 'detractor'],
    [null, 3, 'passive'],
    [null, 4, 'promoter'],
    [null, 5, 'promoter'],
    [10, 1, 'detractor'],
    [7, 5, 'passive'],
    [null, null, null],
  ] as const)('NPS %p, CSAT %p: %p', (nps, csat, band) => expect(bandOf({ nps, csat })).toBe(band));
});

describe('the surveys that come with Aftercare', () => {
  it('are there, each in four languages', () => {
    expect(surveys.names).toEqual(['csat', 'nps', 'unboxing']);
    for (const name of surveys.names)
      for (const language of ['en', 'de', 'fr', 'es']) {
        const survey = surveys.in(name, language);
        expect([survey.name, survey.language]).toEqual([name, language]);
        expect(survey.questions.map(fieldOf)).toEqual(surveys.in(name, 'en').questions.map(fieldOf));
        if (language !== 'en') expect(survey.title).not.toBe(surveys.in(name, 'en').title);
      }
    expect(readdirSync('playbooks/surveys')).toHaveLength(12);
  });

  it('a language that is not there gets English, a survey that is gone what nps asks', () => {
    expect(surveys.in('nps', 'nl')).toBe(nps);
    expect(surveys.in('gone', 'de')).toBe(surveys.in('nps', 'de'));
  });
});

describe('pages', () => {
  it('ask for what would have made it a ten once the score is known, and only who gave a seven or an eight', () => {
    expect(names(pagesOf(nps, null))).toEqual([['nps', 'quotes']]);
    expect(names(pagesOf(nps, 'passive'))).toEqual([['nps', 'quotes'], ['ten']]);
    for (const band of ['promoter', 'detractor'] as const)
      expect(names(pagesOf(nps, band))).toEqual([['nps', 'quotes']]);
  });

  it('have at most five questions, and the two that are always there exactly once', () => {
    expect(names(pagesOf(unboxing, null))).toEqual([['state', 'setting-up', 'manual', 'surprise'], ['quotes']]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), (count) => {
        const questions = Array.from({ length: count }, (_, nth) => ({ ...unboxing.questions[3], name: `q${nth}` }));
        const pages = pagesOf({ ...unboxing, questions }, null);
        expect(pages.flatMap((page) => page.questions)).toEqual(questions);
        expect(pages.map(({ quotes }) => quotes).filter(Boolean)).toEqual([true]);
        expect(pages.at(-1)!.quotes).toBe(true);
        for (const { questions, quotes } of pages)
          expect(questions.length + (quotes ? 2 : 0)).toBeLessThanOrEqual(MOST_ON_A_PAGE);
      }),
    );
  });

  it('go on at the first that was not answered', () => {
    const open = (answers: Partial<Answers>, survey = unboxing) =>
      firstOpen(pagesOf(survey, bandOf({ ...none, ...answers })), { ...none, ...answers });
    expect(open({})).toBe(0);
    expect(open({ own: { surprise: 'So light' } })).toBe(0); // The one that is needed is missing.
    expect(open({ own: { state: 'sound' } })).toBe(1);
    expect(open({ own: { state: 'sound' }, benefit: 'Coffee' })).toBe(-1);
    expect(open({ nps: 8 }, nps)).toBe(1);
    expect(open({ nps: 9 }, nps)).toBe(-1);
  });
});

describe('a page that is sent', () => {
  const [page] = pagesOf(nps, null);
  const read = (form: Record<string, unknown>) => readPage(page, form);

  it.each([
    [{ nps: '0' }, { nps: 0, benefit: null, better: null }],
    [
      { nps: '10', benefit: ' ', better: 'line\r\nline\0\u202e', token: 'x' },
      { nps: 10, benefit: null, better: 'line\nline' },
    ],
    [
      { nps: '7', benefit: '\r\n'.repeat(10_000) + 'a\r\n'.repeat(5_000) },
      { nps: 7, benefit: 'a\n'.repeat(5_000).trim(), better: null },
    ],
    [
      { nps: '7', benefit: 'half \ud83d' },
      { nps: 7, benefit: 'half \ufffd', better: null },
    ],
  ])('%# is read', (form, given) => expect(read(form)).toEqual({ given, wrong: {} }));

  it.each([
    [{}, { nps: { why: 'missing' } }],
    [{ nps: '' }, { nps: { why: 'missing' } }],
    [{ nps: '11' }, { nps: { why: 'unknown' } }],
    [{ nps: '-1' }, { nps: { why: 'unknown' } }],
    [{ nps: '7.5' }, { nps: { why: 'unknown' } }],
    [{ nps: '07' }, { nps: { why: 'unknown' } }],
    [{ nps: '1e1' }, { nps: { why: 'unknown' } }],
    [{ nps: ['7', '8'] }, { nps: { why: 'missing' } }],
    [{ nps: '7', better: 'a'.repeat(100_000) }, { better: { why: 'too-long', length: 100_000 } }],
  ])('%# is refused', (form, wrong) => expect(read(form).wrong).toEqual(wrong));

  it('that is wrong in one thing is right in the others', () =>
    expect(read({ nps: '3', benefit: 'Coffee', better: 'a'.repeat(10_001) })).toEqual({
      given: { nps: 3, benefit: 'Coffee' },
      wrong: { better: { why: 'too-long', length: 10_001 } },
    }));

  it('keeps figures, names of options and words apart', () => {
    const [own] = pagesOf(unboxing, null);
    const form = { 'own.state': 'marked', 'own.setting-up': '7', 'own.manual': '', 'own.surprise': ' 7 ' };
    const answers = { state: 'marked', 'setting-up': 7, manual: null, surprise: '7' };
    expect(readPage(own, form)).toEqual({ given: { own: answers }, wrong: {} });
    expect(readPage(own, { ...form, 'own.state': 'In good order', 'own.setting-up': '8' }).wrong).toEqual({
      'own.state': { why: 'unknown' },
      'own.setting-up': { why: 'unknown' },
    });
    expect(fieldsOf({ ...none, csat: 4, own: { state: 'marked', 'setting-up': 7 } })).toEqual({
      csat: '4',
      'own.state': 'marked',
      'own.setting-up': '7',
    });
  });

  it('never throws', () =>
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        for (const name of surveys.names)
          for (const band of [null, 'passive'] as const)
            for (const page of pagesOf(surveys.in(name, 'de'), band)) readPage(page, Object(json));
      }),
    ));
});

describe('answers taken down on the phone', () => {
  it('are held against the survey', () =>
    expect(readOwn(unboxing, { state: 'sound', 'setting-up': 6, surprise: ' So light ' })).toEqual({
      ok: true,
      own: { state: 'sound', 'setting-up': 6, surprise: 'So light' },
    }));

  it.each([
    [{ state: 'broken' }, 'state is "broken"; allowed: sound, marked, damaged, missing'],
    [{ 'setting-up': 8 }, 'setting-up is 8; allowed: a whole number from 1 to 7'],
    [{ surprise: 'a'.repeat(10_001) }, 'surprise is 10001 characters long; at most 10000 are allowed'],
    [{ weight: 3 }, 'weight is no question of the survey "unboxing"; allowed: state, setting-up, manual, surprise'],
  ])('%# is refused, saying what is allowed', (own, fault) => {
    const read = readOwn(unboxing, own);
    expect(read.ok ? [] : read.errors.map(({ path, message }) => `${path} ${message}`)).toEqual([fault]);
  });
});

const said = (work: () => unknown) => {
  try {
    work();
    return 'nothing wrong';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('a file that is wrong', () => {
  it.each([
    ['name: nps', 'name: npss', 'nps.yaml, line 4: "npss" is not the name of the file. Allowed: nps.'],
    ['kind: nps', 'kind: mood', 'line 9: questions.0.kind is unknown. Allowed: nps, csat, choice, scale, text.'],
    ['required: yes', 'required: often', 'line 13: questions.0.required is unknown. Allowed: yes, no.'],
    ['when: passive', 'when: neutral', 'line 18: questions.1.when is unknown. Allowed: promoter, passive, detractor.'],
    ['    low: not at all\n', '', 'a nps needs "low". Allowed: with low.'],
    ['kind: text', 'kind: text\n    options: { a: A, b: B }', 'a text has no "options". Allowed: without it.'],
    ['kind: text', 'kind: choice\n    options: { a: A }', 'are 1. Allowed: 2 to 12.'],
    ['kind: text', 'kind: scale\n    low: a\n    high: b\n    from: 1\n    to: 12', 'is 12. Allowed: more than 1'],
    ['name: ten', 'name: benefit', '"benefit" is taken. Allowed: a name of its own.'],
    ['name: ten', 'name: csat', '"csat" is taken. Allowed: a name of its own.'],
    ['- name: nps', '- name: score', 'is "score". Allowed: nps, as its kind.'],
    ['ask: What', 'asks: What', '"asks" is not known here. Allowed: name, kind, ask, required'],
  ])('%s as %s is refused, saying where and what is allowed', (right, wrong, message) => {
    const source = file('nps').replace(right, wrong);
    expect(source).not.toBe(file('nps'));
    expect(said(() => readSurvey(source, 'nps.yaml'))).toContain(message);
  });

  it('what waits for a score needs one', () => {
    const source = file('unboxing').replace('ask: What surprised', 'when: detractor\n    ask: What surprised');
    expect(said(() => readSurvey(source, 'unboxing.yaml'))).toContain('waits for a score nobody is asked for');
  });

  it.each([
    [
      '  ten:\n    ask: Was hätte daraus eine Zehn gemacht?\n',
      '',
      'line 2: "ten" is missing. Allowed: all of nps, ten.',
    ],
    ['  ten:', '  tenn:', 'line 7: "tenn" is not there in English. Allowed: nps, ten.'],
    ['    low: gar nicht\n', '', 'line 3: "low" is missing. Allowed: all of ask, low, high.'],
    ['eine Zehn gemacht?', 'eine Zehn gemacht?\n    high: x', '"high" is not there in English. Allowed: ask.'],
  ])('so is a translation with %s as %s', (right, wrong, message) => {
    const source = file('nps.de').replace(right, wrong);
    expect(source).not.toBe(file('nps.de'));
    expect(said(() => readTranslation(source, 'nps.de.yaml', 'de', nps))).toContain(message);
  });

  it('an option keeps its name in every language', () => {
    const source = file('unboxing.de').replace('sound: In', 'gut: In');
    expect(said(() => readTranslation(source, 'unboxing.de.yaml', 'de', unboxing))).toContain(
      'line 6: "gut" is not there in English. Allowed: sound, marked, damaged, missing.',
    );
  });
});

describe('docs/surveys.md', () => {
  const [survey, translation, wrong] = blocks('docs/surveys.md').filter(({ language }) => language === 'yaml');
  const [message] = blocks('docs/surveys.md').filter(({ language }) => language === 'text');

  it('shows what can be read, in two languages, and what is said of a mistake', () => {
    const training = readSurvey(survey.text, 'training.yaml');
    expect(readTranslation(translation.text, 'training.de.yaml', 'de', training).questions).toHaveLength(4);
    expect(said(() => readSurvey(wrong.text, 'training.yaml'))).toBe(message.text.trim());
  });

  it('lists the surveys there are, and says of scores what the rules do', () => {
    const column = (heading: string, at: number) => tableUnder('docs/surveys.md', heading).map((cells) => cells[at]);
    expect(
      column('Surveys', 0)
        .map((cell) => /\[`?([a-z-]+)`?\]/.exec(cell)![1])
        .sort(),
    ).toEqual(surveys.names);
    const figures = (text: string) => {
      const [from, to = from] = text.split(' to ').map(Number);
      return text.includes(',')
        ? text.split(', ').map(Number)
        : Array.from({ length: to - from + 1 }, (_, step) => from + step);
    };
    for (const [shows, nps, csat] of tableUnder('docs/surveys.md', 'What becomes of a score')) {
      const band = /promoter|passive|detractor/.exec(shows)![0];
      for (const score of figures(nps)) expect(bandOf({ nps: score, csat: null })).toBe(band);
      for (const score of figures(csat)) expect(bandOf({ nps: null, csat: score })).toBe(band);
    }
  });
});

describe('several surveys on one follow-up', () => {
  const playbook = readPlaybook(
    `
name: two
title: Two
touches:
  - { name: first, after: delivery, wait: 2 days, ask: csat }
  - { name: second, after: delivery, wait: 60 days, ask: nps }
  - { name: recovery, after: answer, when: detractor, call: detractor }
  - { name: referral, after: answer, wait: 1 day, when: promoter, send: referral, purpose: selling }
  - { name: up-sell, after: delivery, wait: 90 days, call: up-sell, purpose: selling }
`,
    'two.yaml',
  );
  const MONDAY = Date.UTC(2026, 5, 1, 9);
  const terms = plainTerms(playbook, { dayMs: DAY, zone: 'UTC', week: BUSINESS_WEEK, place: null });
  const accepted: FollowUpEvent = { what: 'accepted', at: MONDAY, data: { placedAt: MONDAY, paidAt: MONDAY } };
  const ahead = (...events: FollowUpEvent[]) => {
    const followUp = followUpOf([accepted, ...events]);
    return plan(followUp, terms, Math.max(...events.map(({ at }) => at), MONDAY))
      .filter(({ against }) => against === null)
      .map(({ touch, occurrence }) => `${touch} ${occurrence}`);
  };
  const answered = (day: number, data: FollowUpEvent['data']): FollowUpEvent => ({
    what: 'answered',
    at: MONDAY + day * DAY,
    data,
  });
  const called = (occurrence: string): FollowUpEvent[] => [
    { what: 'task-made', at: MONDAY + 10 * DAY, touch: 'recovery', occurrence },
    { what: 'outcome', at: MONDAY + 11 * DAY, touch: 'recovery', occurrence, why: 'reached', data: { kind: 'call' } },
  ];

  it('an answer settles its own survey alone', () => {
    expect(ahead()).toEqual(['first 1', 'second 1', 'up-sell 1']);
    expect(ahead(answered(9, { csat: 3, survey: 'csat' }))).toEqual(['second 1', 'up-sell 1']);
    expect(ahead(answered(9, { score: 8, survey: 'nps' }))).toEqual(['first 1', 'up-sell 1']);
  });

  it('an answer of before there were several is one to nps', () =>
    expect(ahead(answered(9, { score: 8 }))).toEqual(['first 1', 'up-sell 1']));

  it('a CSAT of 4 or 5 is a high score, one of 1 or 2 a low one, which stops selling', () => {
    expect(ahead(answered(9, { csat: 4, survey: 'csat' }))).toEqual(['referral 1', 'second 1', 'up-sell 1']);
    expect(ahead(answered(9, { csat: 2, survey: 'csat' }))).toEqual(['recovery 1', 'second 1']);
  });

  it('each low score is answered for itself, and selling goes on once both were heard', () => {
    const first = answered(9, { csat: 1, survey: 'csat' });
    const second = answered(63, { score: 2, survey: 'nps' });
    expect(ahead(first, ...called('1'))).toEqual(['second 1', 'up-sell 1']);
    expect(ahead(first, ...called('1'), second)).toEqual(['recovery 2.1']);
    expect(ahead(first, ...called('1'), second, ...called('2.1'))).toEqual(['up-sell 1']);
  });

  it('a low score that was changed to a high one is none any more', () => {
    const low = answered(9, { csat: 1, survey: 'csat' });
    const high = answered(10, { csat: 5, survey: 'csat' });
    expect(ahead(low, high)).toEqual(['referral 1', 'second 1', 'up-sell 1']);
    expect(ahead(low, ...called('1'), high, answered(63, { score: 0, survey: 'nps' }))).toContain('recovery 2.1');
  });
});
