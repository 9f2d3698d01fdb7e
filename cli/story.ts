import { DateTime } from 'luxon';
import type { AftercareClient } from '../client/http.ts';
import type { StoryReply } from '../domain/replies.ts';

/** Prints where an order stands and what happened, in this machine's local time. */
export async function story(client: AftercareClient, source: string, number: string): Promise<number> {
  console.log(storyInWords(await client.story(source, number)));
  return 0;
}

/** A story for people; times are those of the zone. */
export function storyInWords({ order, stage, outcome, nextTouch, story }: StoryReply, zone = 'local'): string {
  const time = (at: string) => DateTime.fromISO(at, { zone }).toFormat('ccc yyyy-MM-dd HH:mm');
  const width = Math.max(...story.map(({ what }) => what.length));
  const touches = Math.max(...story.map(({ touch }) => touch?.length ?? 0));
  const lines = story.map(({ at, what, touch = '', why = '' }) =>
    `${time(at)}  ${what.padEnd(width)}  ${touch.padEnd(touches)}  ${why.replaceAll('\n', ' ')}`.trimEnd(),
  );
  const next = nextTouch && `Next: ${nextTouch.name}, ${time(nextTouch.dueAt)}`;
  const stands = `${order}  ${stage}${outcome ? ` (${outcome})` : ''}`;
  return [stands, next, `Times are those of ${DateTime.fromISO(story[0].at, { zone }).zoneName}.`, '', ...lines]
    .filter((line) => line !== null)
    .join('\n');
}
