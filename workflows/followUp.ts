import { allHandlersFinished, condition, continueAsNew, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { Next } from '../domain/decide.ts';
import type { Sale } from './messages.ts';
import { hearPokes } from './pokes.ts';
import * as steps from './steps.ts';
import { tell, waitsFor } from './telling.ts';

const YEAR = 365 * 24 * 60 * 60 * 1000;

/**
 * The story of a sale: wait for what is due, do it, hear what is next, until the customer orders again. What is due
 * and why is decided by the rules in domain/, inside the steps; a poke says only that there is something new to see.
 */
export async function followUp(sale: Sale): Promise<string> {
  const pokes = hearPokes();
  const now = () => ({ order: sale.order, now: Date.now() });

  const perform = async (next: Next) => {
    const due = { ...now(), touch: next.touch!, occurrence: next.occurrence! };
    if (next.step === 'task') return steps.makeTask(due);
    try {
      return await steps.sendMail(due);
    } catch (error) {
      if (isCancellation(error)) throw error;
      return steps.putOff(due);
    }
  };

  const story: string[] = [];
  let next = await steps.look(now());
  // A poke that comes with the end is heard: a late complaint opens what was closed.
  while (next.step !== 'end' || pokes.waiting()) {
    tell(next, story);
    // A run that keeps in touch carries none of the plan's history, and none lives longer than a year.
    const planIsDone = next.stage === 'waiting' && !sale.keepingInTouch;
    const isOld = next.step !== 'end' && Date.now() - workflowInfo().startTime.getTime() > YEAR;
    if (planIsDone || isOld) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof followUp>({ order: sale.order, keepingInTouch: next.stage === 'waiting' });
    }
    const poked = (pokes.waiting() || next.dueAt > Date.now()) && (await pokes.before(next.dueAt, waitsFor(next)));
    next = poked || next.step === 'wait' ? await steps.look(now()) : await perform(next);
  }
  tell(next, story);
  await condition(allHandlersFinished);
  return next.outcome ?? next.stage;
}
