import type { Logger } from './log.ts';

/** Something that runs until it is stopped, or breaks. */
interface Runs {
  stop(): Promise<unknown>;
}
interface EndsBy extends Runs {
  exited?: Promise<{ asked: boolean }>;
  ended?: Promise<void>;
}

export interface Kept extends Runs {
  running(): boolean;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/** Starts a part again whenever it ends without being asked to, with growing patience. */
export function keepRunning(name: string, first: EndsBy, start: () => Promise<EndsBy>, log: Logger): Kept {
  let part: EndsBy | null = first;
  let stopping = false;
  const over = (one: EndsBy) =>
    Promise.resolve(one.exited ?? one.ended).then(
      () => 'it ended',
      (error: Error) => error.message,
    );
  const watch = async () => {
    let pause = FIRST_PAUSE_MS;
    for (;;) {
      const reason = await over(part!);
      if (stopping) return;
      part = null;
      log.error({ part: name, reason }, 'a part ended; it is started again');
      while (!part && !stopping) {
        await new Promise((resolve) => setTimeout(resolve, pause));
        try {
          part = await start();
          pause = FIRST_PAUSE_MS;
          log.info({ part: name }, 'runs again');
        } catch (error) {
          pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
          log.error({ part: name, reason: (error as Error).message }, 'could not be started');
        }
      }
      if (stopping) return;
    }
  };
  const watched = watch();
  return {
    running: () => part !== null,
    async stop() {
      stopping = true;
      await part?.stop();
      await watched;
      // One that was just being started when the end came.
      await part?.stop();
    },
  };
}
