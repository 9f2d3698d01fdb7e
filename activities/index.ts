import type { House } from './house.ts';
import { look } from './look.ts';
import { makeTask } from './makeTask.ts';
import { putOff } from './putOff.ts';
import { sendMail } from './sendMail.ts';

/** Everything the workflows can do to the world. */
export const createActivities = (house: House) => ({
  look: look(house),
  sendMail: sendMail(house),
  makeTask: makeTask(house),
  putOff: putOff(house),
});

export type Activities = ReturnType<typeof createActivities>;
