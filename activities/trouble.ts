import { within } from '../domain/calendar.ts';
import { putOffUntil } from '../domain/decide.ts';
import { aboutOf, progressOf } from '../domain/followUp.ts';
import type { Planned } from '../domain/plan.ts';
import type { Instant } from '../domain/time.ts';
import type { Store } from '../store/database.ts';
import type { Change } from '../store/followUps.ts';
import { handOver } from '../store/tasks.ts';

/** Puts a contact off with a growing pause; after days, or when it would be too late, a person takes over. */
export async function putOffOrHandOver(store: Store, change: Change, due: Planned, why: string, now: Instant) {
  const { touch, occurrence, openings, tooLateAt } = due;
  const progress = progressOf(change.sale.followUp, touch, aboutOf(occurrence));
  const { calendar, seed } = change.sale.terms;
  const until = putOffUntil(progress, store.calendar, now);
  if (until === null || within(until, openings, calendar, seed + touch) > (tooLateAt ?? Number.POSITIVE_INFINITY))
    return handOver(store, change.tx, change.sale, due, `${why}-for-days`, now);
  await change.note({ what: 'put-off', at: now, touch, occurrence, why, data: { until } });
}
