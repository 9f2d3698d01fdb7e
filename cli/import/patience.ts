import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '../../client/http.ts';
import { Problem } from '../../domain/errors.ts';

/** Pauses before something is tried again while Aftercare or its database is away, in seconds. */
const PAUSES = [1, 2, 5, 10, 20];

/** Waits for an Aftercare that is away for a moment. */
export class Patience {
  #reached = false;

  /** Does it, again and again while Aftercare is away; throws what else goes wrong. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    for (const seconds of [...PAUSES, null]) {
      try {
        const done = await work();
        this.#reached = true;
        return done;
      } catch (error) {
        if (seconds === null || !this.#isAway(error)) throw error;
        await pause(seconds * 1000);
      }
    }
    throw new Error('unreachable');
  }

  /** Before the first answer nobody is there, which is better said at once. */
  #isAway(error: unknown) {
    if (error instanceof Refusal) return error.problem.status === 503;
    return this.#reached && error instanceof Problem && error.code === 'no-answer';
  }
}
