import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { Next } from '../domain/decide.ts';

/** Reaching out into the world: retried for minutes, then put off by the workflow. Longer than a mail may take. */
export const { sendMail } = proxyActivities<Activities>({
  startToCloseTimeout: '15 minutes',
  scheduleToCloseTimeout: '20 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '2 seconds', maximumInterval: '1 minute' },
});

/** Quick work on the database, at next to no history. */
const quickly = proxyLocalActivities<Activities>({
  scheduleToCloseTimeout: '5 seconds',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '1 second' },
});

/** The same when the database is away: for as long as it takes, and visible in the UI. */
const patiently = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

function surely<Input>(verb: 'look' | 'makeTask' | 'putOff') {
  return async (input: Input): Promise<Next> => {
    try {
      return await (quickly[verb] as (input: Input) => Promise<Next>)(input);
    } catch {
      return await (patiently[verb] as (input: Input) => Promise<Next>)(input);
    }
  };
}

export const look = surely<Parameters<Activities['look']>[0]>('look');
export const makeTask = surely<Parameters<Activities['makeTask']>[0]>('makeTask');
export const putOff = surely<Parameters<Activities['putOff']>[0]>('putOff');
