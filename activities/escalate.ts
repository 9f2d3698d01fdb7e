import type { ComplaintNext } from '../domain/complaintSteps.ts';
import { handUp } from '../store/complaints.ts';
import { type House, instantOf, type NowOfComplaint } from './house.ts';
import { changeComplaint } from './lookAtComplaint.ts';

/** Gives a complaint that is late to the manager of whoever has it; once, however often it is tried. */
export const escalate =
  (house: House) =>
  (input: NowOfComplaint): Promise<ComplaintNext> => {
    const now = instantOf(input);
    return changeComplaint(house, input, now, ({ tx, sale }, number) => handUp(house.store, tx, sale, number, now));
  };
