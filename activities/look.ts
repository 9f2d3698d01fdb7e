import type { Next } from '../domain/decide.ts';
import { change } from '../store/followUps.ts';
import { type House, instantOf, type Now } from './house.ts';

/** Looks at a follow-up: settles what time and events have settled, and says what is next. */
export const look =
  ({ store }: House) =>
  (input: Now): Promise<Next> =>
    change(store, input.order, instantOf(input));
