import type { Child } from 'hono/jsx';
import { type Deed, KEEP_IN_TOUCH, type Playbook, type Touch } from '../../domain/playbook.ts';
import {
  BAND_WORDS,
  type Branch,
  type Contact,
  DEED_NAMES,
  eachSpan,
  MARK_WORDS,
  onlyIf,
  type Preview,
  whenInWords,
} from '../../domain/preview.ts';
import { sentence } from './words.ts';

/**
 * A plan as a picture: drawn here as SVG, without scripts, and with attributes only, since the desk's pages allow no
 * styles in their markup. Black on white it says the same: what a contact is shows in its shape. All of it is also in
 * the tables below it.
 */
export const Picture = ({
  playbook,
  preview,
  alone = false,
}: {
  playbook: Playbook;
  preview: Preview;
  /** A file of its own: it brings its paper along. */
  alone?: boolean;
}) => {
  const scale = scaleTo(lastDay(preview));
  const lanes = lanesOf(playbook, preview, scale);
  const branches = preview.branches.map((branch) => rowOf(branch, playbook, preview, scale));
  const marks = placed([
    { x: scale.x(0), text: 'Order' },
    ...preview.marks.map(({ what, day }) => ({ x: scale.x(day), text: `${MARK_WORDS[what]}, day ${day}` })),
  ]);
  const others = answersBeside(preview);

  const axis = PAD + 20 + heightOf(marks);
  let y = axis + 30;
  const below = (height: number) => {
    y += height;
    return y - height;
  };
  const laneTops = lanes.map((lane) => below(heightOf(lane.labels) + ROOM));
  const bottom = y;
  const branchTitle = branches.length > 0 ? below(34) : y;
  const branchTops = branches.map((row) => below(heightOf(row.labels) + ROOM + (row.without ? 14 : 0)));
  const otherTitle = others.length > 0 ? below(34) : y;
  const otherTops = others.map((_, at) => otherTitle + 30 + Math.floor(at / 2) * 18);
  if (others.length > 0) below(Math.ceil(others.length / 2) * 18 + 4);
  const legend = below(36) + 20;

  return (
    <svg
      {...(alone ? { xmlns: 'http://www.w3.org/2000/svg', width: WIDTH, height: y } : {})}
      viewBox={`0 0 ${WIDTH} ${y}`}
      class="picture"
      role="img"
      aria-labelledby="picture-title picture-text"
      font-family="system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
      font-size="12"
      fill="currentColor"
    >
      <title id="picture-title">{`${playbook.title}: the plan of an example order`}</title>
      <desc id="picture-text">{described(playbook, preview)}</desc>
      {alone && <rect width={WIDTH} height={y} fill="#fff" />}

      <text x={LEFT} y={PAD + 8} font-weight="600">
        The first two weeks, day by day
      </text>
      <text x={scale.x(TWO_WEEKS) + 8} y={PAD + 8} font-weight="600">
        then by weeks, months and years
      </text>
      <text x={PAD} y={axis + 17}>
        Day
      </text>
      <text x={RIGHT + 22} y={axis - 9} font-weight="600">
        until the
        <tspan x={RIGHT + 22} dy="14">
          next order
        </tspan>
      </text>
      {scale.last > TWO_WEEKS && (
        <rect
          class="later"
          x={scale.x(TWO_WEEKS)}
          y={axis}
          width={RIGHT - scale.x(TWO_WEEKS)}
          height={bottom - axis}
          fill="#000"
          fill-opacity="0.045"
        />
      )}
      {marks.map((mark) => (
        <path
          d={`M${mark.x} ${axis - 4 - 15 * mark.row}V${bottom}`}
          stroke="currentColor"
          stroke-dasharray="2 4"
          stroke-opacity="0.7"
        />
      ))}
      {marks.map((mark) => (
        <Words x={mark.from + 4} y={axis - 8 - 15 * mark.row} text={mark.text} weight="600" />
      ))}

      <path d={`M${LEFT} ${axis}H${RIGHT + 14}m-7 -5l7 5l-7 5`} stroke="currentColor" fill="none" />
      {scale.ticks.map(({ day, text }) => (
        <>
          <path d={`M${scale.x(day)} ${axis}v5`} stroke="currentColor" />
          <text x={scale.x(day)} y={axis + 17} text-anchor="middle" font-size="11">
            {text}
          </text>
        </>
      ))}

      {lanes.map((lane, at) => (
        <Lane lane={lane} top={laneTops[at]} />
      ))}
      <path d={`M${PAD} ${bottom}H${WIDTH - PAD}`} stroke="currentColor" stroke-opacity="0.35" />

      {branches.length > 0 && (
        <>
          <text x={PAD} y={branchTitle + 22} font-weight="600" font-size="13">
            What the answer to the survey leads to
          </text>
          {branches.map((row, at) => (
            <Lane lane={row} top={branchTops[at]} />
          ))}
          <path
            d={`M${scale.x(surveyDay(preview))} ${branchTops[0] + 12}V${baseOf(branches.at(-1)!, branchTops.at(-1)!)}`}
            stroke="currentColor"
            stroke-width="1.5"
          />
        </>
      )}

      {others.length > 0 && (
        <>
          <text x={PAD} y={otherTitle + 18} font-weight="600" font-size="13">
            When it happens
          </text>
          {others.map((touch, at) => {
            const x = PAD + 8 + (at % 2) * (WIDTH / 2);
            return (
              <>
                <Shape deed={touch.deed} x={x} y={otherTops[at] + 4} />
                <text x={x + 14} y={otherTops[at] + 8}>
                  {answerInWords(touch)}
                </text>
              </>
            );
          })}
        </>
      )}

      {LEGEND.map(({ deed, hollow, text }, at) => (
        <>
          <Shape deed={deed} x={PAD + 8 + at * LEGEND_STEP} y={legend - 4} hollow={hollow} />
          <text x={PAD + 22 + at * LEGEND_STEP} y={legend} font-size="11">
            {text}
          </text>
        </>
      ))}
    </svg>
  );
};

/** The picture as a file of its own. */
export const pictureFile = (playbook: Playbook, preview: Preview): string =>
  `${String(<Picture playbook={playbook} preview={preview} alone />)}\n`;

/** Measures in units of the drawing, which are pixels where it is shown at its full width. */
const WIDTH = 1120;
const PAD = 12;
/** Where time begins, after the names of the lanes, and where it ends. */
const LEFT = 150;
const RIGHT = 970;
/** Below the labels of a lane: its line, and what parts it from the next. */
const ROOM = 24;
/** How wide a letter is at most, on average; fonts differ. */
const LETTER = 6.5;

const TWO_WEEKS = 14;
const MONTH = 30.44;

const LEGEND_STEP = 150;
const LEGEND: { deed: Deed; hollow?: boolean; text: string }[] = [
  { deed: 'send', text: 'mail' },
  { deed: 'ask', text: 'survey' },
  { deed: 'call', text: 'call' },
  { deed: 'other', text: 'other task' },
  { deed: 'other', hollow: true, text: 'only if what stands there is true; filled: every customer who never answers' },
];

interface Label {
  x: number;
  text: string;
}

/** A label in its row above the line, 0 the lowest, from where to where. */
interface Placed extends Label {
  row: number;
  from: number;
  to: number;
}

/** Gives labels rows in which none covers another, from the right, so that the lines down to the marks stay clear. */
function placed(labels: Label[]): Placed[] {
  const taken: { row: number; from: number; to: number }[] = [];
  return labels
    .toSorted((a, b) => b.x - a.x)
    .map((label) => {
      const width = label.text.length * LETTER + 10;
      const from = Math.min(label.x - 4, WIDTH - PAD - width);
      const to = from + width;
      let row = 0;
      while (taken.some((one) => one.row === row && one.from < to && from < one.to)) row += 1;
      taken.push({ row, from, to });
      for (let under = 0; under < row; under += 1) taken.push({ row: under, from: label.x - 4, to: label.x + 4 });
      return { ...label, row, from, to };
    });
}

const heightOf = (labels: Placed[]) => 15 * (1 + Math.max(-1, ...labels.map(({ row }) => row)));

interface Scale {
  last: number;
  x(day: number): number;
  ticks: { day: number; text: string }[];
}

/** Two weeks take two fifths of the width; what follows is drawn ever closer together. */
function scaleTo(last: number): Scale {
  const wide = (RIGHT - LEFT) * 0.42;
  const x = (day: number) =>
    Math.round(
      day <= TWO_WEEKS
        ? LEFT + (wide * day) / TWO_WEEKS
        : LEFT + wide + ((RIGHT - LEFT - wide) * Math.log(day / TWO_WEEKS)) / Math.log(last / TWO_WEEKS),
    );
  const ticks = [
    ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14].map((day) => ({ day, text: `${day}` })),
    ...[3, 4, 6].map((weeks) => ({ day: weeks * 7, text: `${weeks} weeks` })),
    ...[2, 3, 4, 6, 9].map((months) => ({ day: Math.round(months * MONTH), text: `${months} months` })),
    { day: 365, text: '1 year' },
    ...[2, 3, 4, 5].map((years) => ({ day: years * 365, text: `${years} years` })),
  ].filter(({ day }) => day <= last);
  const readable: typeof ticks = [];
  for (const tick of ticks) {
    const before = readable.at(-1);
    const room = (tick.text.length + (before?.text.length ?? 0)) * 3 + 6;
    if (!before || x(tick.day) - x(before.day) >= room) readable.push(tick);
  }
  return { last, x, ticks: readable };
}

/** The last day that is drawn: a month and a half at the least. */
const lastDay = ({ contacts, sometimes, branches, marks, dormant }: Preview) =>
  Math.max(
    45,
    dormant?.day ?? 0,
    ...[contacts, sometimes, ...branches.map((branch) => branch.contacts), marks].flat().map(({ day }) => day),
  );

interface Drawn {
  deed: Deed;
  x: number;
  hollow: boolean;
}

/** A line of the picture: its name, the marks on it, and what stands over them. */
interface Row {
  name: string;
  drawn: Drawn[];
  /** Marks that belong together, from where to where. */
  spans: { from: number; to: number }[];
  labels: Placed[];
  without: string | null;
  /** Where its line begins, and where it ends for good. */
  starts: number | null;
  stops: number | null;
}

const LANES: { name: string; deeds: Deed[] }[] = [
  { name: 'Mail', deeds: ['send'] },
  { name: 'Survey', deeds: ['ask'] },
  { name: 'Call', deeds: ['call'] },
  { name: 'Other task', deeds: ['letter', 'check', 'fix', 'other'] },
];

function lanesOf(playbook: Playbook, preview: Preview, scale: Scale): Row[] {
  const { contacts, sometimes, dormant } = preview;
  const isOf = (deeds: Deed[]) => (one: Contact) => one.touch !== KEEP_IN_TOUCH && deeds.includes(one.deed);
  const lanes = LANES.map(({ name, deeds }) =>
    rowFor(name, contacts.filter(isOf(deeds)), sometimes.filter(isOf(deeds)), playbook, scale),
  ).filter(({ drawn }) => drawn.length > 0);
  const { keepInTouch } = playbook;
  const kept = contacts.filter(({ touch }) => touch === KEEP_IN_TOUCH);
  if (!keepInTouch) return lanes;
  const labels = kept.flatMap(({ day }, at) => {
    // Two at each pace, then the pause doubles.
    if (at % 2 === 1) return [];
    const days = kept.slice(at, at + 2).map((one) => one.day);
    const every = { ...keepInTouch.every, amount: keepInTouch.every.amount * 2 ** (at / 2) };
    return [{ x: scale.x(day), text: `${at === 0 ? 'Every' : 'every'} ${eachSpan(every)}: day ${days.join(', ')}` }];
  });
  const end = dormant && { x: scale.x(dormant.day), text: `Left in peace, day ${dormant.day}` };
  return [
    ...lanes,
    {
      name: 'Keeping in touch',
      drawn: kept.map(({ deed, day }) => ({ deed, x: scale.x(day), hollow: false })),
      spans: [],
      labels: placed(end ? [...labels, end] : labels),
      without: null,
      starts: scale.x(kept[0]?.day ?? 0),
      stops: end?.x ?? null,
    },
  ];
}

function rowFor(name: string, always: Contact[], sometimes: Contact[], playbook: Playbook, scale: Scale): Row {
  const all = [
    ...always.map((one) => ({ ...one, hollow: false })),
    ...sometimes.map((one) => ({ ...one, hollow: true })),
  ];
  const groups = [...new Set(all.map(({ touch }) => touch))].map((name) => all.filter(({ touch }) => touch === name));
  return {
    name,
    drawn: all.map(({ deed, day, hollow }) => ({ deed, x: scale.x(day), hollow })),
    spans: groups.map((group) => ({ from: scale.x(group[0].day), to: scale.x(group.at(-1)!.day) })),
    labels: placed(groups.map((group) => ({ x: scale.x(group[0].day), text: labelOf(group, playbook) }))),
    without: null,
    starts: null,
    stops: null,
  };
}

/** `Check in, day 8, 9, 10`; where it is not for everybody, for whom. */
function labelOf(group: (Contact & { hollow: boolean })[], { touches }: Playbook): string {
  const [{ touch: name, hollow }] = group;
  const touch = touches.find((one) => one.name === name)!;
  // Of what comes again and again the first time is enough, however often it is tried.
  const days = group.filter(({ nth }) => touch.every === null || nth === 1).map(({ day }) => day);
  const when = touch.every ? `${days[0]}, every ${eachSpan(touch.every)}` : days.join(', ');
  const only = hollow ? onlyIf(touch) : '';
  return `${sentence(name)}, day ${when}${only && `, ${only}`}`;
}

function rowOf({ band, contacts, without }: Branch, playbook: Playbook, preview: Preview, scale: Scale): Row {
  const row = rowFor(BAND_WORDS[band], contacts, [], playbook, scale);
  const nothing = contacts.length === 0 ? placed([{ x: scale.x(surveyDay(preview)) + 12, text: 'nothing more' }]) : [];
  const names = without.map(sentence).join(', ');
  return {
    ...row,
    labels: [...row.labels, ...nothing],
    without: names && `without ${names}`,
    starts: scale.x(surveyDay(preview)),
  };
}

/** When the survey is asked that parts the branches. */
const surveyDay = ({ contacts, sometimes }: Preview) =>
  [...contacts, ...sometimes].find(({ deed }) => deed === 'ask')?.day ?? 0;

/** What answers to something without a day, and is not in a branch already. */
function answersBeside({ answers, branches }: Preview): Touch[] {
  const drawn = new Set(branches.flatMap(({ contacts }) => contacts.map(({ touch }) => touch)));
  return answers.filter(({ name }) => !drawn.has(name));
}

const answerInWords = (touch: Touch) => {
  const only = onlyIf({ ...touch, follows: null });
  return `${sentence(touch.name)}: ${DEED_NAMES[touch.deed]}, ${whenInWords(touch)}${only && `, ${only}`}`;
};

/** The line of a row lies under its labels. */
const baseOf = ({ labels }: Row, top: number) => top + heightOf(labels) + 12;

const Lane = ({ lane, top }: { lane: Row; top: number }) => {
  const base = baseOf(lane, top);
  const from = lane.starts ?? LEFT;
  return (
    <>
      <path d={`M${PAD} ${top}H${WIDTH - PAD}`} stroke="currentColor" stroke-opacity="0.2" />
      <text x={PAD} y={base + 4} font-weight="600">
        {lane.name}
      </text>
      <path
        d={`M${from} ${base}H${lane.stops ?? RIGHT + 14}${lane.stops ? 'm0 -7v14' : ''}`}
        stroke="currentColor"
        stroke-opacity={lane.stops ? 1 : 0.35}
      />
      {lane.spans.map((span) => (
        <path d={`M${span.from} ${base}H${span.to}`} stroke="currentColor" stroke-width="2.5" />
      ))}
      {lane.labels.map(({ x, row }) => (
        <path d={`M${x} ${base}V${base - 11 - 15 * row}`} stroke="currentColor" stroke-opacity="0.6" />
      ))}
      {lane.labels.map((label) => (
        <Words x={label.from + 4} y={base - 11 - 15 * label.row} text={label.text} />
      ))}
      {lane.drawn.map((one) => (
        <Shape {...one} y={base} />
      ))}
      {lane.without && (
        <text x={from + 8} y={base + 18} font-style="italic">
          {lane.without}
        </text>
      )}
    </>
  );
};

/** Words that stay readable where a line passes behind them. */
const Words = ({ x, y, text, weight }: { x: number; y: number; text: string; weight?: string }) => (
  <text
    class="words"
    x={x}
    y={y}
    font-weight={weight}
    stroke="#fff"
    stroke-width="3"
    stroke-linejoin="round"
    paint-order="stroke"
  >
    {text}
  </text>
);

/** An envelope, a diamond, a circle, a square. */
const OUTLINES: Record<'send' | 'ask' | 'call' | 'task', { path: string; inner?: string }> = {
  send: { path: 'M-7 -5H7V5H-7Z', inner: 'M-7 -5L0 1L7 -5' },
  ask: { path: 'M0 -7L7 0L0 7L-7 0Z' },
  call: { path: 'M-6 0A6 6 0 1 0 6 0A6 6 0 1 0 -6 0Z' },
  task: { path: 'M-5.5 -5.5H5.5V5.5H-5.5Z' },
};

const Shape = ({ deed, x, y, hollow = false }: Omit<Drawn, 'hollow'> & { y: number; hollow?: boolean }): Child => {
  const { path, inner } = OUTLINES[deed === 'send' || deed === 'ask' || deed === 'call' ? deed : 'task'];
  return (
    <g class={hollow ? 'hollow' : 'filled'} transform={`translate(${x} ${y})`}>
      <path d={path} fill={hollow ? '#fff' : 'currentColor'} stroke="currentColor" stroke-width="1.5" />
      {inner && (
        <path class="inner" d={inner} fill="none" stroke={hollow ? 'currentColor' : '#fff'} stroke-width="1.3" />
      )}
    </g>
  );
};

/** The gist of the picture, for whoever cannot see it; the tables below say all of it. */
function described({ title }: Playbook, { contacts, sometimes, branches, dormant }: Preview): string {
  const first = contacts.filter(({ nth, touch }) => nth === 1 && touch !== KEEP_IN_TOUCH);
  return [
    `${title}. A customer who never answers gets: ${first.map(({ touch, day }) => `${sentence(touch)} on day ${day}`).join(', ') || 'nothing'}.`,
    sometimes.length > 0 && `${sometimes.length} more contacts are made only if something is true.`,
    branches.length > 0 && `What the survey leads to: ${branches.map(({ band }) => BAND_WORDS[band]).join('; ')}.`,
    dormant && `From day ${dormant.day} nobody is bothered any more.`,
    'The tables below say the same.',
  ]
    .filter(Boolean)
    .join(' ');
}
