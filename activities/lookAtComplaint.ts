import { type ComplaintNext, nextOfComplaint } from '../domain/complaintSteps.ts';
import { complaintMeant } from '../domain/followUp.ts';
import { type Instant, iso } from '../domain/time.ts';
import { numberOf } from '../store/complaints.ts';
import { type Change, change, inWords, type Sale } from '../store/followUps.ts';
import { type House, instantOf, MOST_LINES, type NowOfComplaint } from './house.ts';

/** Looks at a complaint: settles what time and events have settled, says what is next, and tells its story so far. */
export const lookAtComplaint = (house: House) => (input: NowOfComplaint) =>
  changeComplaint(house, input, instantOf(input));

/** Changes a complaint, or just looks; what is next. */
export async function changeComplaint(
  { store }: House,
  { order, complaint }: NowOfComplaint,
  now: Instant,
  work: (change: Change, number: number) => Promise<void> | void = () => {},
): Promise<ComplaintNext> {
  const number = await numberOf(store.db, complaint);
  let seen!: Sale;
  await change(store, order, now, async (change) => {
    seen = change.sale;
    await work(change, number);
  });
  const { followUp, terms, events } = seen;
  return {
    ...nextOfComplaint(followUp, number, terms, now).next,
    owner: followUp.complaints[number - 1].owner ?? seen.order.owner,
    story: events
      .filter((event) => complaintMeant(event) === number)
      .slice(-MOST_LINES)
      .map((event) => `${iso(event.at)}: ${inWords(event)}`),
  };
}
