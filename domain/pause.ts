import { instant, readInstant } from './dates.ts';
import { check, Faults, fields, line, lineOf, type Read, type Result, shown } from './reading.ts';
import { DAY, type Instant, iso } from './time.ts';

/** A pause for everything longer than this is no incident but an end: what waits would all be too late. */
const LONGEST = 366 * DAY;

/** A pause for everything as the API, the command line or the desk gives it. */
export const pauseInput = fields({
  until: instant().describe(
    'When everything goes on: later than now, within a year. A day without a time means its end.',
  ),
  why: line(200).describe('The reason, for colleagues: one line.'),
});

/** Reads a pause for everything; local times are in the given zone. */
export function readPause(json: unknown, now: Instant, zone: string): Result<'pause', { until: Instant; why: string }> {
  const form = check(pauseInput, json);
  if (!form.ok) return form;
  const faults = new Faults();
  const until = faults.take('until', readEnd(form.input.until, zone, now), 0);
  const why = lineOf(form.input.why);
  if (why === null) faults.add('why', 'is empty; say why everything waits');
  return faults.all.length > 0 ? { ok: false, errors: faults.all } : { ok: true, pause: { until, why: why! } };
}

function readEnd(text: string, zone: string, now: Instant): Read<Instant> {
  const read = readInstant(text, zone, 'its end');
  if ('wrong' in read) return read;
  if (read.value <= now) return { wrong: `is ${shown(text)}, which is over; allowed: later than now, ${iso(now)}` };
  if (read.value > now + LONGEST)
    return { wrong: `is ${shown(text)}, more than a year ahead; allowed: up to ${iso(now + LONGEST)}` };
  return read;
}
