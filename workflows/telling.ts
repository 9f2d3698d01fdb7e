import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { ComplaintNext } from '../domain/complaintSteps.ts';
import type { Next } from '../domain/decide.ts';
import { searchAttributes } from './messages.ts';

const time = (at: number) => new Date(at).toISOString().replace(/\.\d+/, '');

/** What a wait is for, as the timer in the Temporal UI says it. */
export function waitsFor({ step, touch, occurrence, why }: Next): string {
  if (step !== 'wait') return `until ${touch} #${occurrence}`;
  if (touch) return `until ${touch} #${occurrence}, which is not made: ${why}`;
  return why === 'reorder' ? 'for the next order' : `${why}: for a change`;
}

/**
 * Shows an admin where the order stands: as search attributes, of which only what changed is written, and as the
 * story in the current details, which cost no history.
 */
export function tell(next: Next, story: string[]): void {
  if (next.story) story.splice(0, story.length, ...next.story);
  else story.push(`${time(Date.now())}: ${next.last}`);
  const { stage, outcome, score } = next;
  const ahead = next.step === 'end' ? 'over' : `waits ${waitsFor(next)}, ${time(next.dueAt)}`;
  setCurrentDetails(
    [`**${stage}${outcome ? `, ${outcome}` : ''}**: ${ahead}`, '', ...story.map((line) => `- ${line}`)].join('\n'),
  );

  const nextTouch = next.step === 'send' || next.step === 'task' ? new Date(next.dueAt) : null;
  show([
    { key: searchAttributes.stage, value: stage },
    { key: searchAttributes.nextTouch, value: nextTouch },
    { key: searchAttributes.score, value: score ?? null },
    ...(next.owner ? [{ key: searchAttributes.owner, value: next.owner }] : []),
    ...(next.playbook ? [{ key: searchAttributes.playbook, value: next.playbook }] : []),
  ]);
}

/** What a complaint's timer waits for. */
export const untilWhen = ({ step, at, touch, occurrence }: ComplaintNext): string =>
  step === 'escalate' ? `${at}: the manager hears of it, being late` : `until ${touch} #${occurrence}`;

/** The same of a complaint. */
export function tellComplaint(next: ComplaintNext): void {
  const { step, at, dueAt, owner, story } = next;
  const ahead = step === 'end' ? 'over' : `waits ${untilWhen(next)}, ${time(dueAt)}`;
  setCurrentDetails([`**complaint, ${at}**: ${ahead}`, '', ...story.map((line) => `- ${line}`)].join('\n'));
  show([
    { key: searchAttributes.stage, value: `complaint: ${step === 'end' ? 'closed' : at}` },
    { key: searchAttributes.nextTouch, value: step === 'end' ? null : new Date(dueAt) },
    { key: searchAttributes.owner, value: owner },
  ]);
}

/** Writes the search attributes that have changed. */
function show(wanted: { key: SearchAttributeUpdatePair['key']; value: string | number | Date | null }[]) {
  const { typedSearchAttributes: shown } = workflowInfo();
  const changes = wanted.filter(({ key, value }) => String(shown.get(key as never) ?? '') !== String(value ?? ''));
  if (changes.length > 0) upsertSearchAttributes(changes as SearchAttributeUpdatePair[]);
}
