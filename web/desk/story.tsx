import type { Child } from 'hono/jsx';
import type { ComplaintTouch } from '../../domain/complaint.ts';
import { aboutOf, type FollowUpEvent, STORY } from '../../domain/followUp.ts';
import type { LinkedBy } from '../../domain/names.ts';
import { NPS } from '../../domain/survey.ts';
import { agreed, type Show } from '../ui/show.ts';
import {
  ASSIGNED_WORDS,
  LINK_WORDS,
  reasonOf,
  SPILL_WORDS,
  scoresInWords,
  sentence,
  WANT_WORDS,
  whyInWords,
} from '../ui/words.ts';
import { At, orderPath } from './frame.tsx';

const AT_RISK: ComplaintTouch = 'complaint-at-risk';

/** How a story is told. */
export interface Telling {
  show: Show;
  /** Where the customer lives. */
  zone: string;
  /** The names of colleagues by handle. */
  names: ReadonlyMap<string, string>;
}

/** Everything that happened on an order, the last thing first, as a colleague would tell it. */
export const Story = (told: Telling & { events: FollowUpEvent[] }) => (
  <ol class="line" reversed>
    {told.events.toReversed().map((event) => (
      <StoryLine event={event} {...told} />
    ))}
  </ol>
);

/** One thing that happened; `order` is the order it is about, where that is not clear from the page. */
export const StoryLine = ({
  event,
  order,
  ...told
}: Telling & { event: FollowUpEvent; order?: { source: string; number: string } }) => (
  <li>
    <span class="quiet">
      <At at={event.at} show={told.show} />
      {order && (
        <>
          {', '}
          <OrderLink order={`${order.source}/${order.number}`} />
        </>
      )}
    </span>
    <br />
    {event.touch && <strong>{touchOf(event)}: </strong>}
    {said(event, told)}
    {event.text && <blockquote>{event.text}</blockquote>}
  </li>
);

/** The touch, and the how-manieth where there were several. */
function touchOf({ touch = '', occurrence = '1' }: FollowUpEvent) {
  const nth = occurrence.slice(occurrence.indexOf('.') + 1);
  const about = aboutOf(occurrence);
  // Warnings count what they warn of, not how often they came.
  const isNth = nth !== '1' && touch !== AT_RISK;
  return [sentence(touch), about > 1 && `no. ${about}`, isNth && `(${nth})`].filter(Boolean).join(' ');
}

/** What a customer answered, and to which survey. */
const scored = ({ survey = NPS, score, csat }: NonNullable<FollowUpEvent['data']>) =>
  `The customer answered the survey${survey === NPS ? '' : ` ${survey}`}: ${scoresInWords({ nps: score, csat })}`;

function said(event: FollowUpEvent, { show, zone, names }: Telling): Child {
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
      return `a task: ${reason}`;
    case 'answered':
      return `${scored(data)}, ${reason}.`;
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
    case 'complained':
    case 'heard':
      if (why === 'score')
        return `${scored(data)}: that is a complaint, and everything else waits until it is put right.`;
      return `${STORY[what]}${data.wants ? ` They want: ${WANT_WORDS[data.wants].toLowerCase()}.` : ''}`;
    case 'escalated':
      return why === 'late'
        ? `The complaint was late: ${named(data.owner, names)} owns it now.`
        : `The complaint is still late: ${named(data.owner, names)} hears of it again.`;
    case 'return-asked':
      return `The customer wants to ${data.kind === 'exchange' ? 'have something exchanged' : 'give something back'}, ${data.receipt}:`;
    case 'return-settled':
      return `What they gave back is settled: ${reason}.`;
    case 'reordered':
      return (
        <>
          The customer ordered again: {why && <OrderLink order={why} />}
          {data.addOn && ', an add-on, which proves nobody satisfied'}.
        </>
      );
    case 'adopted':
      return `Chosen out of the past: we keep in touch for the next order${
        data.until === undefined ? '' : `, from ${show.day(data.until)} on`
      }${why ? `; no mail goes out: ${whyInWords(why)}` : ''}.`;
    case 'assigned':
      return `${named(data.owner, names)} owns it now${why ? `: ${ASSIGNED_WORDS[why] ?? whyInWords(why)}` : ''}.`;
    case 'linked':
      return `This customer and another were found to be one${why ? `: ${LINK_WORDS[why as LinkedBy] ?? why}` : ''}.`;
    case 'spilled':
      return `${named(data.owner, names)} has the task${data.until === undefined ? '' : `, due ${show.when(data.until)}`}${
        why ? `: ${SPILL_WORDS[why] ?? whyInWords(why)}` : ''
      }.`;
    default:
      return reason ? `${STORY[what].replace(/\.$/, '')}: ${reason}.` : STORY[what];
  }
}

const named = (handle: string | undefined, names: ReadonlyMap<string, string>) =>
  handle === undefined ? 'Somebody else' : (names.get(handle) ?? handle);

/** `shop/10042` as a link. */
const OrderLink = ({ order }: { order: string }) => {
  const slash = order.indexOf('/');
  const path = orderPath({ source: order.slice(0, slash), number: order.slice(slash + 1) });
  return <a href={path}>{order}</a>;
};
