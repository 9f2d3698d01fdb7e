import { ApplicationFailure } from '@temporalio/activity';
import { reasonOf } from '../domain/errors.ts';
import { escalate } from './escalate.ts';
import type { House } from './house.ts';
import { look } from './look.ts';
import { lookAtComplaint } from './lookAtComplaint.ts';
import { makeTask } from './makeTask.ts';
import { putOff } from './putOff.ts';
import { sendMail } from './sendMail.ts';

/** Everything the workflows can do to the world. */
export const createActivities = (house: House) => ({
  look: safely(look(house)),
  sendMail: safely(sendMail(house)),
  makeTask: safely(makeTask(house)),
  putOff: safely(putOff(house)),
  lookAtComplaint: safely(lookAtComplaint(house)),
  escalate: safely(escalate(house)),
});

/** A failure is kept in the workflow's history: it gets the bottom of the matter, and nothing a query was given. */
function safely<Input, Output>(verb: (input: Input) => Promise<Output>): (input: Input) => Promise<Output> {
  return async (input) => {
    try {
      return await verb(input);
    } catch (error) {
      throw ApplicationFailure.create({
        message: reasonOf(error),
        type: error instanceof Error ? error.name : undefined,
      });
    }
  };
}

export type Activities = ReturnType<typeof createActivities>;
