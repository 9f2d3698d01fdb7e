import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { Worker } from '@temporalio/worker';

/**
 * Follow-ups as they were once run, saved by `SAVE_HISTORIES=1 npm test -- test/accounts`. A change of workflow code
 * that would break one of them wants `patched`; then the new history is saved beside the old one.
 */
const folder = fileURLToPath(new URL('../histories', import.meta.url));
const saved = readdirSync(folder).filter((file) => file.endsWith('.json'));

it('has histories to replay', () => expect(saved.length).toBeGreaterThanOrEqual(3));

it.each(saved)('replays %s', async (file) => {
  const history = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'));
  await Worker.runReplayHistory(
    { workflowBundle: { codePath: process.env.AFTERCARE_TEST_BUNDLE! } },
    history,
    'replayed',
  );
});

it('tells a history that does not fit from one that does', async () => {
  const history = JSON.parse(readFileSync(`${folder}/${saved[0]}`, 'utf8'));
  const timer = history.events.find(({ eventType }: { eventType: string }) => eventType === 'EVENT_TYPE_TIMER_STARTED');
  timer.eventType = 'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED';
  const replay = Worker.runReplayHistory(
    { workflowBundle: { codePath: process.env.AFTERCARE_TEST_BUNDLE! } },
    history,
    'replayed',
  );
  await expect(replay).rejects.toThrow();
});
