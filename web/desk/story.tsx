import type { Child } from 'hono/jsx';
import { aboutOf, type FollowUpEvent, STORY } from '../../domain/followUp.ts';
import { agreed, type Show } from '../ui/show.ts';
import { reasonOf, sentence } from '../ui/words.ts';
import { At, orderPath } from './frame.tsx';

/** Everything that happened on an order, the last thing first, as a colleague would tell it. */
export const Story = ({ events, show, zone }: { events: FollowUpEvent[]; show: Show; zone: string }) => (
  <ol class="line" reversed>
    {events.toReversed().map((event) => (
      <li>
        <span class="quiet">
          <At at={event.at} show={show} />
        </span>
        <br />
        {event.touch && <strong>{touchOf(event)}: </strong>}
        {said(event, show, zone)}
        {event.text && <blockquote>{event.text}</blockquote>}
      </li>
    ))}
  </ol>
);

/** The touch, and the how-manieth where there were several. */
function touchOf({ touch = '', occurrence = '1' }: FollowUpEvent) {
  const nth = occurrence.slice(occurrence.indexOf('.') + 1);
  const about = aboutOf(occurrence);
  return [sentence(touch), about > 1 && `no. ${about}`, nth !== '1' && `(${nth})`].filter(Boolean).join(' ');
}

function said(event: FollowUpEvent, show: Show, zone: string): Child {
  const { what, why, data = {} } = event;
  const reason = reasonOf(event);
  switch (what) {
    case 'outcome':
      return (
        <>
          {reason}
          {data.callBackAt !== undefined && `, on ${show.when(data.callBackAt)}`}
        </>
      );
    case 'task-made':
      return `a task for the owner: ${reason}`;
    case 'answered':
      return `The customer answered the survey: ${data.score} of 10, ${reason}.`;
    case 'promised':
      return data.by === undefined ? STORY.promised : `Promised, by ${agreed(data.by, show, zone)}:`;
    case 'paused':
      return data.until === undefined
        ? 'Paused, until somebody goes on with it.'
        : `Paused until ${show.when(data.until)}.`;
    case 'interested':
      return data.until === undefined ? STORY.interested : `${STORY.interested} It goes on ${show.when(data.until)}.`;
    case 'put-off':
      return `Put off${data.until === undefined ? '' : ` until ${show.when(data.until)}`}: ${reason}.`;
    case 'skipped':
      return `Not done: ${reason}.`;
    case 'task-cancelled':
      return `The task was no longer needed: ${reason}.`;
    case 'note':
      return 'Note:';
    case 'reordered':
      return <>The customer ordered again: {why && <OrderLink order={why} />}.</>;
    default:
      return reason ? `${STORY[what].replace(/\.$/, '')}: ${reason}.` : STORY[what];
  }
}

/** `shop/10042` as a link. */
const OrderLink = ({ order }: { order: string }) => {
  const slash = order.indexOf('/');
  const path = orderPath({ source: order.slice(0, slash), number: order.slice(slash + 1) });
  return <a href={path}>{order}</a>;
};
