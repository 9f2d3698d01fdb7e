import type { Next } from '../domain/decide.ts';
import { change, dueContact } from '../store/followUps.ts';
import { makeDue } from '../store/tasks.ts';
import { type Due, type House, instantOf } from './house.ts';

/** Makes the task a contact asks for, if it is still wanted; once, however often it is tried. */
export const makeTask =
  ({ store }: House) =>
  (input: Due): Promise<Next> => {
    const now = instantOf(input);
    const { touch, occurrence } = input;
    return change(store, input.order, now, async (change) => {
      const due = dueContact(change.sale, now, touch, occurrence);
      if (due && due.deed !== 'send' && due.deed !== 'ask') await makeDue(store, change, due, now);
    });
  };
