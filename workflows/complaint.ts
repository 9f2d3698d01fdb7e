import { allHandlersFinished, condition, continueAsNew, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { ComplaintNext } from '../domain/complaintSteps.ts';
import type { OpenComplaint } from './messages.ts';
import { hearPokes } from './pokes.ts';
import * as steps from './steps.ts';
import { tellComplaint, untilWhen } from './telling.ts';

const YEAR = 365 * 24 * 60 * 60 * 1000;

/**
 * A complaint from its first word until the customer was told what was changed for good: mails and tasks when they are
 * due, a warning before a step is late, and the manager when it is. The rules are in domain/complaintSteps.ts.
 */
export async function complaint(opened: OpenComplaint): Promise<string> {
  const pokes = hearPokes();
  const now = () => ({ ...opened, now: Date.now() });
  const look = () => steps.lookAtComplaint(now());

  const perform = async ({ step, touch, occurrence }: ComplaintNext) => {
    if (step === 'escalate') return steps.escalate(now());
    const due = { order: opened.order, now: Date.now(), touch: touch!, occurrence: occurrence! };
    if (step === 'task') await steps.makeTask(due);
    else
      try {
        await steps.sendMail(due);
      } catch (error) {
        if (isCancellation(error)) throw error;
        await steps.putOff(due);
      }
    return look();
  };

  let next = await look();
  while (next.step !== 'end' || pokes.waiting()) {
    tellComplaint(next);
    if (Date.now() - workflowInfo().startTime.getTime() > YEAR) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof complaint>(opened);
    }
    const poked = (pokes.waiting() || next.dueAt > Date.now()) && (await pokes.before(next.dueAt, untilWhen(next)));
    next = poked ? await look() : await perform(next);
  }
  tellComplaint(next);
  await condition(allHandlersFinished);
  return next.at;
}
