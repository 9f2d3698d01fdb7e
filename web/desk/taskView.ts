import { type FollowUpEvent, followUpOf } from '../../domain/followUp.ts';
import type { Store } from '../../store/database.ts';
import { type Settles, settledBy, storiesOf, type TaskRow } from '../../store/desk.ts';
import type { Customer } from '../../store/followUps.ts';
import { TALK } from '../../store/tasks.ts';
import type { Show } from '../ui/show.ts';
import { scriptOf } from './script.ts';

/** A task as its card shows it. */
export interface TaskView extends TaskRow {
  /** What its outcome settles; several orders where a call joined another. */
  settles: Settles[];
  script: string[];
  /** What the customer wrote when they asked for a person. */
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
  return rows.map((row) => {
    const settles = settled.get(row.task.id)!;
    const story = stories.get(row.order.id)!;
    return {
      ...row,
      settles,
      wrote: settles.flatMap((one) => writtenFor(one, stories.get(one.orderId) ?? [])),
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

const writtenFor = ({ touch, occurrence }: Settles, story: FollowUpEvent[]) =>
  touch !== TALK
    ? []
    : story
        .filter((event) => event.touch === TALK && event.occurrence === occurrence)
        .flatMap(({ text }) => text ?? []);

/** What was bought, in a few words. */
export const productsOf = (lines: { name: string | null }[]) =>
  lines
    .flatMap(({ name }) => name ?? [])
    .slice(0, 3)
    .join(', ');

/** What a customer is called where there is no name. */
export const nameOf = ({ erasedAt, name, companyName, email, externalId }: Customer) =>
  erasedAt !== null ? 'Erased customer' : (name ?? companyName ?? email ?? externalId);
