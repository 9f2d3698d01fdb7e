import { readOutcome, type TaskReport } from '../domain/messages.ts';
import type { Result } from '../domain/reading.ts';
import { readOwn } from '../domain/survey.ts';
import type { Instant } from '../domain/time.ts';
import { surveyOfTask } from '../store/tasks.ts';
import type { Web } from './web.ts';

/**
 * Reads how a task came out, with the answers to a survey's own questions held against the survey the task asks. Local
 * times are in the company's zone.
 */
export async function readTaskReport(
  { store, shelf }: Web,
  task: string,
  json: unknown,
  now: Instant,
): Promise<Result<'outcome', TaskReport>> {
  const read = readOutcome(json, now, { zone: store.settings.zone });
  const answers = read.ok ? read.outcome.answers : null;
  if (!read.ok || !answers?.own || Object.keys(answers.own).length === 0) return read;
  const survey = await surveyOfTask(store, task);
  if (survey === null) {
    const message = 'belongs to a survey by phone only, and this task asks none';
    return { ok: false, errors: [{ path: 'answers.own', message }] };
  }
  const own = readOwn(shelf.surveys.in(survey, 'en'), answers.own);
  if (own.ok) return { ok: true, outcome: { ...read.outcome, answers: { ...answers, own: own.own } } };
  return { ok: false, errors: own.errors.map(({ path, message }) => ({ path: `answers.own.${path}`, message })) };
}
