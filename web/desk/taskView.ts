import { aboutOf, type FollowUpEvent, followUpOf } from '../../domain/followUp.ts';
import type { Store } from '../../store/database.ts';
import { answersTo, type Settles, settledBy, storiesOf, type TaskRow } from '../../store/desk.ts';
import type { Customer } from '../../store/followUps.ts';
import { TALK } from '../../store/tasks.ts';
import type { Show } from '../ui/show.ts';
import { scriptOf } from './script.ts';

/** A task as its card shows it. */
export interface TaskView extends TaskRow {
  /** What its outcome settles; several orders where a call joined another. */
  settles: Settles[];
  script: string[];
  /** What the customer wrote or said that made this task. */
  wrote: string[];
}

/** Reads what the cards of these tasks need, in as few questions as there are kinds of it. */
export async function taskViews(store: Store, rows: TaskRow[], show: Show): Promise<TaskView[]> {
  const settled = await settledBy(
    store,
    rows.map(({ task }) => task.id),
  );
  const orderIds = [...settled.values()].flat().map(({ orderId }) => orderId);
  const stories = await storiesOf(store, [...new Set([...orderIds, ...rows.map(({ order }) => order.id)])]);
  const answers = await answersTo(
    store,
    rows.filter(({ task }) => task.reason === 'detractor').map(({ order }) => order.id),
  );
  return rows.map((row) => {
    const settles = settled.get(row.task.id)!;
    const story = stories.get(row.order.id)!;
    return {
      ...row,
      settles,
      wrote: [
        ...settles.flatMap((one) => writtenFor(one, row.task.reason, stories.get(one.orderId) ?? [])),
        ...[answers.get(row.order.id)?.better ?? []].flat(),
      ],
      script: scriptOf({
        reason: row.task.reason,
        customer: row.customer,
        followUp: followUpOf(story),
        about: settles.find(({ orderId }) => orderId === row.order.id),
        products: productsOf(row.order.lines),
        show,
      }),
    };
  });
}

function writtenFor({ touch, occurrence }: Settles, reason: string, story: FollowUpEvent[]): string[] {
  const texts = (events: FollowUpEvent[]) => events.flatMap(({ text }) => text ?? []);
  if (touch === TALK) return texts(story.filter((event) => event.touch === TALK));
  if (reason === 'complaint') {
    const told = story.filter(({ what }) => what === 'complained');
    // A complaint may be told in several goes; those that follow the first are about the same one until it is closed.
    return texts(told.slice(Math.max(aboutOf(occurrence) - 1, 0)));
  }
  return [];
}

/** What was bought, in a few words. */
export const productsOf = (lines: { name: string | null }[]) =>
  lines
    .flatMap(({ name }) => name ?? [])
    .slice(0, 3)
    .join(', ');

/** What a customer is called where there is no name. */
export const nameOf = ({ erasedAt, name, companyName, email, externalId }: Customer) =>
  erasedAt !== null ? 'Erased customer' : (name ?? companyName ?? email ?? externalId);
