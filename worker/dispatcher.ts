import type { Logger } from 'pino';
import type { FollowUps } from '../client/followUps.ts';
import { reasonOf } from '../domain/errors.ts';
import type { Store } from '../store/database.ts';
import { delivered, type Letter, lease } from '../store/outbox.ts';

/** A loop that runs until it is stopped. */
export interface Loop {
  /** Ends it, when what is in hand is done. */
  stop(): Promise<void>;
}

const BATCH = 100;
const AT_ONCE = 10;
const PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Tells Temporal what waits in the outbox: starts follow-ups and complaints' workflows, and pokes them. What fails stays in the outbox and is
 * tried again; any number of dispatchers may run.
 */
export function startDispatcher(store: Store, followUps: FollowUps, log: Logger): Loop {
  return loop(log, 'dispatcher', async () => ((await dispatchOnce(store, followUps)) === BATCH ? 0 : PAUSE_MS));
}

/** One round: leases what waits, and tells Temporal; how much it was. */
export async function dispatchOnce(store: Store, followUps: FollowUps): Promise<number> {
  const letters = await lease(store, BATCH);
  const waiting = [...letters];
  const heard: Letter[] = [];
  const deliver = async () => {
    for (let letter = waiting.shift(); letter; letter = waiting.shift()) {
      await dispatch(followUps, letter);
      heard.push(letter);
    }
  };
  const rounds = await Promise.allSettled(Array.from({ length: AT_ONCE }, deliver));
  await delivered(store, heard);
  for (const round of rounds) if (round.status === 'rejected') throw round.reason;
  return letters.length;
}

async function dispatch(followUps: FollowUps, letter: Letter) {
  const { to, start, open } = letter;
  if ('complaint' in to) {
    if (start || (!(await followUps.pokeComplaint(to.complaint)) && open)) await followUps.startComplaint(to.complaint);
  } else if (start || (!(await followUps.poke(to.followUp)) && open)) await followUps.start(to.followUp);
}

/** Runs `turn` again and again, with the pause it asks for; a turn that fails is logged and tried with more patience. */
export function loop(log: Logger, name: string, turn: () => Promise<number>): Loop {
  let wake = () => {};
  let stopped = false;
  let failures = 0;
  const run = async () => {
    while (!stopped) {
      let pause: number;
      try {
        pause = await turn();
        if (failures > 0) log.info({ loop: name }, 'goes on');
        failures = 0;
      } catch (error) {
        failures += 1;
        pause = Math.min(PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
        if (failures === 1) log.warn({ loop: name, reason: reasonOf(error) }, 'cannot go on; tries again');
      }
      if (!stopped && pause > 0)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, pause);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
    }
  };
  const done = run();
  return {
    stop() {
      stopped = true;
      wake();
      return done;
    },
  };
}
