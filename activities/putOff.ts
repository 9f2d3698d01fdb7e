import type { Next } from '../domain/decide.ts';
import { change, dueContact } from '../store/followUps.ts';
import { type Due, type House, instantOf } from './house.ts';
import { putOffOrHandOver } from './trouble.ts';

/** Puts off a contact whose activity failed for minutes on end, so that everything else goes on meanwhile. */
export const putOff =
  ({ store }: House) =>
  (input: Due): Promise<Next> => {
    const now = instantOf(input);
    return change(store, input.order, now, async (change) => {
      const due = dueContact(change.sale, now, input.touch, input.occurrence);
      if (due) await putOffOrHandOver(store, change, due, 'fault', now);
    });
  };
