import type { Next } from '../domain/decide.ts';
import { iso } from '../domain/time.ts';
import { change, inWords, type Sale } from '../store/followUps.ts';
import { type House, instantOf, MOST_LINES, type Now } from './house.ts';

/** Looks at a follow-up: settles what time and events have settled, says what is next, and tells the story so far. */
export const look =
  ({ store }: House) =>
  async (input: Now): Promise<Next> => {
    let seen!: Sale;
    const next = await change(store, input.order, instantOf(input), ({ sale }) => {
      seen = sale;
    });
    return {
      ...next,
      last: undefined,
      owner: seen.order.owner,
      playbook: seen.order.playbook,
      story: seen.events.slice(-MOST_LINES).map((event) => `${iso(event.at)}: ${inWords(event)}`),
    };
  };
