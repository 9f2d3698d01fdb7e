/** What a mail says, one below the other: both its parts are made from this. */
export interface Block {
  kind: 'text' | 'link' | 'scores';
  /** The lines of a paragraph; of a link its words. */
  lines: string[];
  /** Where a link leads, else empty. */
  link: string;
  /** What a row of numbers offers: each link has its number chosen. Else empty. */
  scores: { score: number; link: string }[];
}

/** A line of its own like `[Answer](https://...)` is a link to follow. */
export const LINK = /^\[([^\]]+)\]\((\S+)\)$/;
const LINKS = new RegExp(LINK, 'gm');
/** Words of a link like `0-10: Your answer` make it a row of numbers to answer with. */
const RANGE = /^([01])-([2-9]|10): (.+)$/;

const HELD: Record<string, string> = { '[': '\uE000', ']': '\uE001' };

/** A value that makes no link, because its brackets are others until `released`. */
export const held = (value: unknown): string => String(value).replace(/[[\]]/g, (bracket) => HELD[bracket]);

export const released = (text: string): string => text.replaceAll(HELD['['], '[').replaceAll(HELD[']'], ']');

/** The paragraphs and links of a text. */
export const blocksOf = (text: string): Block[] =>
  text
    .replace(LINKS, '\n$&\n')
    .split(/\n{2,}/)
    .filter((block) => block.trim())
    .map((block) => blockOf(block.trim()));

function blockOf(text: string): Block {
  const found = LINK.exec(text);
  if (!found) return { kind: 'text', lines: released(text).split('\n'), link: '', scores: [] };
  const [label, link] = found.slice(1).map(released);
  const range = RANGE.exec(label);
  if (!range) return { kind: 'link', lines: [label], link, scores: [] };
  const [from, to] = [Number(range[1]), Number(range[2])];
  const scores = Array.from({ length: to - from + 1 }, (_, index) => ({
    score: from + index,
    link: `${link}${link.includes('?') ? '&' : '?'}score=${from + index}`,
  }));
  return { kind: 'scores', lines: [range[3]], link, scores };
}

/** The text part: an address stands under the words of its link. */
export const textOf = (blocks: readonly Block[]): string =>
  blocks.map(({ lines, link }) => [...lines, link].filter(Boolean).join('\n')).join('\n\n');
