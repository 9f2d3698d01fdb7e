import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { Problem } from './errors.ts';
import { TASK_KINDS, type TaskKind } from './task.ts';
import { readSpan, SPAN_FORM, type Span } from './time.ts';

/** What a touch counts from. `promise` and `broken promise` make one contact for each promise. */
export const ANCHORS = [
  'order',
  'payment',
  'delivery',
  'promise',
  'broken promise',
  'answer',
  'complaint',
  'interest',
] as const;
export type Anchor = (typeof ANCHORS)[number];

/** What must be true of the follow-up for a touch to happen; all that are named must be. */
export const CONDITIONS = ['paid', 'promoter', 'passive', 'detractor', 'not detractor', 'answered', 'silent'] as const;
export type Condition = (typeof CONDITIONS)[number];

/** Why someone is contacted; each has its own consent. */
export const PURPOSES = ['service', 'selling'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** How a touch reaches out: a mail, a mail with a survey, or a task for a person. */
export type Deed = 'send' | 'ask' | TaskKind;
const DEEDS: readonly Deed[] = ['send', 'ask', ...TASK_KINDS];

/** One planned contact. */
export interface Touch {
  name: string;
  after: Anchor;
  wait: Span;
  when: Condition[];
  deed: Deed;
  /** The template that is sent, the survey that is asked, or the reason on the task. */
  what: string;
  purpose: Purpose;
  /** How often a call is tried. */
  attempts: number;
  /** How often an unanswered survey is asked again. */
  reminders: number;
  remindAfter: Span;
  /** How long a colleague has for the task. */
  within: Span;
  /** Care that is still made when the customer has ordered again. */
  owed: boolean;
  /** From when on it is better not made at all; null: never. */
  tooLateAfter: Span | null;
}

export interface KeepInTouch {
  every: Span;
  what: string;
  purpose: Purpose;
}

/** The after-sale process as data. A running follow-up keeps the version it started with. */
export interface Playbook {
  name: string;
  title: string;
  /** An order older than this when it comes in is history. */
  followWithin: Span;
  /** How long delivery takes when nobody says. */
  deliveryAfter: Span;
  /** How long an answer to a survey is taken. */
  answerWithin: Span;
  /** How long an interested customer is left to sales. */
  interestPauses: Span;
  touches: Touch[];
  /** What happens between the end of the plan and the next order; null: nothing. */
  keepInTouch: KeepInTouch | null;
}

const span = z
  .string({ error: `is not a length of time; allowed: ${SPAN_FORM}` })
  .refine((text) => readSpan(text) !== null, { error: `is not a length of time; allowed: ${SPAN_FORM}` });
const name = (what: string) => {
  const error = `is not a ${what}; allowed: small letters, digits and hyphens`;
  return z.string({ error }).regex(/^[a-z][a-z0-9-]{0,39}$/, { error });
};
const yes = z.boolean({ error: 'must be yes or no' });
const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `is unknown; allowed: ${values.join(', ')}` });

const touchShape = z
  .strictObject({
    name: name('name').describe('What the touch is called in stories, lists and the Temporal UI.'),
    after: oneOf(ANCHORS).describe('What it counts from.'),
    wait: span.optional().describe('How long after that; at once if left out.'),
    when: z
      .union([oneOf(CONDITIONS), z.array(oneOf(CONDITIONS))], {
        error: `is unknown; allowed: ${CONDITIONS.join(', ')}`,
      })
      .optional()
      .describe('What must be true; all of it if several.'),
    send: name('template').optional().describe('Send this template.'),
    ask: name('survey').optional().describe('Send this survey.'),
    call: name('reason').optional().describe('A call task for this reason.'),
    letter: name('reason').optional().describe('A letter task for this reason.'),
    check: name('reason').optional().describe('A check task: was it kept?'),
    fix: name('reason').optional().describe('A task to put something right.'),
    other: name('reason').optional().describe('Any other task.'),
    purpose: oneOf(PURPOSES).optional().describe('Which consent it needs; service if left out.'),
    attempts: z.int().min(1).max(9).optional().describe('How often a call is tried; once if left out.'),
    reminders: z.int().min(0).max(5).optional().describe('How often an unanswered survey is asked again.'),
    'remind after': span.optional().describe('The pause before each reminder; 5 days if left out.'),
    'due within': span.optional().describe('How long the colleague has; 1 business day if left out.'),
    owed: yes.optional().describe('Care that is still made after a reorder.'),
    'too late after': span.optional().describe('When it is better not made at all; never if left out.'),
  })
  .superRefine((touch, issue) => {
    const deeds = DEEDS.filter((deed) => touch[deed] !== undefined);
    if (deeds.length !== 1)
      issue.addIssue({ code: 'custom', message: `must do one thing; allowed: exactly one of ${DEEDS.join(', ')}` });
  });

const keepInTouchShape = z.strictObject({ every: span, send: name('template'), purpose: oneOf(PURPOSES).optional() });

/** A playbook as it stands in its YAML file. */
export const playbookShape = z
  .strictObject({
    name: name('name'),
    title: z.string({ error: 'is missing; allowed: 1 to 80 characters' }).min(1).max(80),
    'follow within': span.optional().describe('An older order is kept as history; 30 days if left out.'),
    'delivery after': span.optional().describe('How long delivery takes when nobody says; 5 days if left out.'),
    'answer within': span.optional().describe('How long a survey takes answers; 90 days if left out.'),
    'interest pauses': span
      .optional()
      .describe('How long an interested customer is left to sales; 14 days if left out.'),
    touches: z.array(touchShape).min(1),
    'keep in touch': keepInTouchShape
      .optional()
      .describe('What goes on between the end of the plan and the next order.'),
  })
  .superRefine((playbook, issue) => {
    const seen = new Set<string>();
    for (const [at, touch] of playbook.touches.entries()) {
      if (seen.has(touch.name) || touch.name === KEEP_IN_TOUCH)
        issue.addIssue({
          code: 'custom',
          path: ['touches', at, 'name'],
          message: `"${touch.name}" is taken; allowed: a name of its own`,
        });
      seen.add(touch.name);
    }
  });

/** The touch that goes on until the reorder. */
export const KEEP_IN_TOUCH = 'keep-in-touch';

/**
 * Reads a playbook; a mistake is a Problem naming file, line, what is wrong and what is allowed. Where the names of the
 * templates are given, it may send no others.
 */
export function readPlaybook(source: string, file: string, templates?: string[]): Playbook {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, version: '1.1' });
  const wrong = (offset: number, what: string, allowed: string) =>
    new Problem('playbook-wrong', { file, line: lines.linePos(offset).line || 1, what, allowed });
  const [broken] = document.errors;
  if (broken) throw wrong(broken.pos[0], firstLine(broken.message), 'YAML as in docs/playbooks.md');
  const read = playbookShape.safeParse(document.toJS());
  if (!read.success) {
    const [issue] = read.error.issues;
    const path = [...issue.path] as (string | number)[];
    if (issue.code === 'unrecognized_keys') {
      const at = offsetOf(document.contents, [...path, issue.keys[0]], true);
      const shape = path.length === 0 ? playbookShape : path[0] === 'touches' ? touchShape : keepInTouchShape;
      throw wrong(at, `"${issue.keys[0]}" is not known here`, Object.keys(shape.shape).join(', '));
    }
    const [what, allowed] = issue.message.split('; allowed: ');
    const where = path.length ? `${path.join('.')} ` : '';
    throw wrong(offsetOf(document.contents, path, false), `${where}${what}`, allowed ?? 'see docs/playbooks.md');
  }
  for (const [path, name] of templatesOf(read.data))
    if (templates && !templates.includes(name))
      throw wrong(offsetOf(document.contents, path, true), `there is no template "${name}"`, templates.join(', '));
  return compile(read.data);
}

/** The templates a playbook sends, and where it says so. */
function templatesOf(data: z.infer<typeof playbookShape>): [(string | number)[], string][] {
  const named = (path: (string | number)[], name: string | undefined) => (name ? [[path, name] as const] : []);
  return [
    ...data.touches.flatMap(({ send, ask }, at) => [
      ...named(['touches', at, 'send'], send),
      ...named(['touches', at, 'ask'], ask),
    ]),
    ...named(['keep in touch', 'send'], data['keep in touch']?.send),
  ] as [(string | number)[], string][];
}

function compile(data: z.infer<typeof playbookShape>): Playbook {
  const or = (text: string | undefined, standard: string) => readSpan(text ?? standard)!;
  const keep = data['keep in touch'];
  return {
    name: data.name,
    title: data.title,
    followWithin: or(data['follow within'], '30 days'),
    deliveryAfter: or(data['delivery after'], '5 days'),
    answerWithin: or(data['answer within'], '90 days'),
    interestPauses: or(data['interest pauses'], '14 days'),
    keepInTouch: keep ? { every: readSpan(keep.every)!, what: keep.send, purpose: keep.purpose ?? 'selling' } : null,
    touches: data.touches.map((touch) => {
      const deed = DEEDS.find((one) => touch[one] !== undefined)!;
      return {
        name: touch.name,
        after: touch.after,
        wait: or(touch.wait, '0 minutes'),
        when: touch.when === undefined ? [] : [touch.when].flat(),
        deed,
        what: touch[deed]!,
        purpose: touch.purpose ?? 'service',
        attempts: touch.attempts ?? 1,
        reminders: touch.reminders ?? 0,
        remindAfter: or(touch['remind after'], '5 days'),
        within: or(touch['due within'], '1 business day'),
        owed: touch.owed ?? false,
        tooLateAfter: touch['too late after'] ? readSpan(touch['too late after']) : null,
      };
    }),
  };
}

const firstLine = (text: string) => text.split('\n')[0].replace(/ at line.*$/, '');

/** Where in the source a path stands; of its key if asked for, else of its value or the nearest thing around it. */
function offsetOf(node: unknown, path: (string | number)[], key: boolean): number {
  const start = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  const [step, ...rest] = path;
  if (step === undefined) return start;
  if (isSeq(node)) return offsetOf(node.items[Number(step)], rest, key);
  if (!isMap(node)) return start;
  const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === step);
  if (!pair) return start;
  return rest.length === 0 && key ? offsetOf(pair.key, [], false) : offsetOf(pair.value, rest, key);
}
