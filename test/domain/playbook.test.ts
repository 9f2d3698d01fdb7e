import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { readPlaybook } from '../../domain/playbook.ts';

const source = readFileSync(new URL('../../playbooks/standard.yaml', import.meta.url), 'utf8');
const lineOf = (text: string) => source.split('\n').findIndex((line) => line.includes(text)) + 1;

it('reads the standard playbook', () => {
  const playbook = readPlaybook(source, 'standard.yaml');
  expect(playbook.touches.map(({ name }) => name)).toEqual([
    'thank-you',
    'promise-check',
    'apology',
    'check-in',
    'survey',
    'recovery',
    'referral',
    'up-sell',
    'fix',
    'hand-over',
  ]);
  expect(playbook.touches[3]).toMatchObject({
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
  ['a number out of range', 'attempts: 3', 'attempts: 30', 'attempts', 'docs/playbooks.md'],
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

it('refuses a template that is not there, where they are known', () => {
  const read = () => readPlaybook(source, 'mine.yaml', ['thank-you', 'nps', 'keep-in-touch']);
  expect(read).toThrow(
    `mine.yaml, line ${lineOf('send: referral')}: there is no template "referral". Allowed: thank-you, nps`,
  );
});
