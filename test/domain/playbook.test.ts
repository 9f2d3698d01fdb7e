import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { readPlaybook } from '../../domain/playbook.ts';
import { TEMPLATES, templateNames } from '../../mail/templates.ts';

const source = readFileSync(new URL('../../playbooks/standard.yaml', import.meta.url), 'utf8');
const lineOf = (text: string) => source.split('\n').findIndex((line) => line.includes(text)) + 1;

it('reads the standard playbook', () => {
  const playbook = readPlaybook(source, 'standard.yaml');
  expect(playbook.touches.map(({ name }) => name)).toEqual([
    'thank-you',
    'promise-at-risk',
    'promise-check',
    'apology',
    'check-in',
    'survey',
    'recovery',
    'praise',
    'referral',
    'public-review',
    'referral-thanks',
    'referral-reward',
    'up-sell',
    'loyalty',
    'replenishment',
    'win-back',
    'all-well',
    'hand-over',
    'return-receipt',
    'goods-back',
  ]);
  expect(playbook.touches.find(({ name }) => name === 'check-in')).toMatchObject({
    anchor: 'delivery',
    wait: { amount: 2, unit: 'business days' },
    deed: 'call',
    attempts: 3,
    owed: true,
    tooLateAfter: { amount: 10, unit: 'business days' },
  });
});

it.each([
  ['an unknown key', 'reminders: 2', 'remainders: 2', '"remainders" is not known here', 'reminders'],
  ['a span that is none', 'wait: 1 hour', 'wait: one hour', 'wait is not a length of time', '"2 business days"'],
  [
    'an unknown anchor',
    'after: delivery',
    'after: arrival',
    'neither an anchor nor another touch',
    'order, payment, delivery',
  ],
  ['an unknown condition', 'when: promoter', 'when: fan', 'when is unknown', 'promoter, passive'],
  ['a number out of range', 'attempts: 3', 'attempts: 30', 'attempts is no such number', 'whole numbers from 1 to 9'],
  ['a number that is none', 'reminders: 2', 'reminders: two', 'reminders is no such number', 'from 0 to 5'],
  ['a key that takes yes or no', 'owed: yes', 'owed: often', 'owed is neither yes nor no', 'yes, no'],
  ['a threshold that is none', '5 orders', 'five orders', 'is not a number of orders or a value', '1000 EUR'],
  ['a name with a space', 'name: survey', 'name: our survey', 'is not the name of a touch', 'small letters'],
  ['a part of a day', 'when: promoter', 'between: 17:00-9:00', 'between ends before it begins', '10:00-17:00'],
  ['an unknown role list', 'for: [manager]', 'for: manager', 'for is not a list', '[salesperson]'],
  ['an amount that is none', 'up to: 50 EUR', 'up to: 50', 'up to is not an amount', '50 EUR'],
  ['a name of the process of complaints', 'name: survey', 'name: complaint-fix', 'is taken', 'a name of its own'],
  ['hours that are none', 'when: promoter', 'between: in the morning', 'between is not hours of a day', '10:00-17:00'],
  ['an empty title', 'title: Standard follow-up', 'title: ""', 'title is no text, or too short', '1 to 80 characters'],
  ['two names alike', 'name: survey', 'name: check-in', 'is taken', 'a name of its own'],
])('names file, line, what is wrong and what is allowed: %s', (_, right, wrong, what, allowed) => {
  const line = lineOf(right);
  const read = () => readPlaybook(source.replace(right, wrong), 'mine.yaml');
  expect(read).toThrow(`mine.yaml, line ${line}: `);
  expect(read).toThrow(what);
  expect(read).toThrow(allowed);
});

it('refuses a touch that does nothing, or two things', () => {
  const touch = (deeds: string) => `name: x\ntitle: X\ntouches:\n  - name: a\n    after: order\n${deeds}`;
  expect(() => readPlaybook(touch(''), 'x.yaml')).toThrow(
    'x.yaml, line 4: touches.0 must do one thing. Allowed: exactly one of send',
  );
  expect(() => readPlaybook(touch('    send: a\n    call: b\n'), 'x.yaml')).toThrow('must do one thing');
  expect(() => readPlaybook('name: [', 'x.yaml')).toThrow(/x\.yaml, line 1: /);
  expect(() => readPlaybook('', 'x.yaml')).toThrow(/x\.yaml, line 1: /);
});

it('refuses what only mail can do of anything else, and touches that wait for one another', () => {
  const touch = (...keys: string[]) =>
    `name: x\ntitle: X\ntouches:\n  - name: a\n${keys.map((key) => `    ${key}\n`).join('')}`;
  const read =
    (...keys: string[]) =>
    () =>
      readPlaybook(touch(...keys), 'x.yaml');
  expect(read('after: order', 'call: b', 'approval: yes')).toThrow('line 7: touches.0.approval is only for mail');
  expect(read('after: order', 'ask: nps', 'carries: tip')).toThrow('line 7: touches.0.carries is only for mail');
  expect(read('after: order', 'before: promise', 'call: b')).toThrow('must count from one thing');
  expect(read('call: b')).toThrow('line 4: touches.0 must count from one thing. Allowed: exactly one of after, before');
  expect(read('after: a', 'call: b')).toThrow('"a" is neither an anchor nor another touch');
  const two = `${touch('after: b', 'call: x')}  - name: b\n    after: a\n    call: z\n`;
  expect(() => readPlaybook(two, 'x.yaml')).toThrow('line 5: touches.0.after waits for itself in the end');
});

it('refuses a survey that is not there, where they are known; its mail may be the general one', () => {
  const read = (surveys: string[]) => () => readPlaybook(source, 'mine.yaml', undefined, surveys);
  expect(read(['csat', 'unboxing'])).toThrow(
    `mine.yaml, line ${lineOf('ask: nps')}: there is no survey "nps". Allowed: csat, unboxing.`,
  );
  expect(read(['nps'])).not.toThrow();
  expect(() =>
    readPlaybook(source.replace('ask: nps', 'ask: other'), 'mine.yaml', templateNames(TEMPLATES)),
  ).not.toThrow();
});

it('refuses a template that is not there, where they are known', () => {
  const read = () => readPlaybook(source, 'mine.yaml', ['thank-you', 'nps', 'keep-in-touch']);
  expect(read).toThrow(
    `mine.yaml, line ${lineOf('send: praise')}: there is no template "praise". Allowed: thank-you, nps`,
  );
});
