import { condition, setHandler } from '@temporalio/workflow';
import { poke } from './messages.ts';

/** Hears pokes from now on. */
export function hearPokes() {
  let pokes = 0;
  setHandler(poke, () => {
    pokes += 1;
  });
  return {
    /** Whether there was one that nobody has acted on. */
    waiting: () => pokes > 0,
    /** Waits until then, or until a poke comes: true. The timer says what it waits for. */
    async before(dueAt: number, summary: string): Promise<boolean> {
      const poked = pokes > 0 || (await condition(() => pokes > 0, Math.max(dueAt - Date.now(), 1), { summary }));
      pokes = 0;
      return poked;
    },
  };
}
