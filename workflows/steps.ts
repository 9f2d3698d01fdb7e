import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Due, Now, NowOfComplaint } from '../activities/house.ts';
import type { Activities } from '../activities/index.ts';
import type { Next } from '../domain/decide.ts';

/** Reaching out into the world: retried for minutes, then put off by the workflow. Longer than a mail may take. */
const reachingOut = proxyActivities<Activities>({
  startToCloseTimeout: '15 minutes',
  scheduleToCloseTimeout: '20 minutes',
  heartbeatTimeout: '10 seconds',
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

const about = ({ touch, occurrence }: Due) => ({ summary: `${touch} #${occurrence}` });

export const look = (now: Now) => quickly.look(now).catch(() => patiently.look(now));

export const lookAtComplaint = (now: NowOfComplaint) =>
  quickly.lookAtComplaint(now).catch(() => patiently.lookAtComplaint(now));

export const escalate = (now: NowOfComplaint) => patiently.escalate.executeWithOptions({ summary: 'late' }, [now]);

export const makeTask = (due: Due) =>
  quickly.makeTask
    .executeWithOptions(about(due), [due])
    .catch(() => patiently.makeTask.executeWithOptions(about(due), [due]));

export const putOff = (due: Due) => patiently.putOff.executeWithOptions(about(due), [due]);

export const sendMail = async (due: Due): Promise<Next> => ({
  last: `sent ${due.touch} #${due.occurrence}`,
  ...(await reachingOut.sendMail.executeWithOptions(about(due), [due])),
});
