import { z } from 'zod';
import { readYaml } from './yaml.ts';

/** Something of use that a mail can carry. */
export interface Piece {
  /** What it is known by, the same in every language. */
  name: string;
  kind: 'tip' | 'offer';
  /** Who it is for, by what they bought; empty: for anybody. */
  for: { sku?: string[]; category?: string[] };
  /** What an offer offers. */
  sku: string | null;
  title: string;
  text: string;
  link: string | null;
}

/** What is known of a thing that was bought. */
export interface Bought {
  sku: string | null;
  category: string | null;
  name: string | null;
}

/**
 * The first piece of a kind that fits what was bought, was not told before and does not offer what they own. More
 * specific first: by sku, then by category, then for anybody. Null: nothing useful is left.
 */
export function usefulFor(
  pieces: readonly Piece[],
  kind: Piece['kind'],
  lines: readonly Bought[],
  owned: ReadonlySet<string>,
  told: ReadonlySet<string>,
): Piece | null {
  const skus = new Set(lines.flatMap(({ sku }) => (sku ? [folded(sku)] : [])));
  const categories = new Set(lines.flatMap(({ category }) => (category ? [folded(category)] : [])));
  // What was just bought is owned, whether or not the caller says so.
  const theirs = new Set([...skus, ...[...owned].map(folded)]);
  const left = pieces.filter(
    (piece) => piece.kind === kind && !told.has(piece.name) && !(piece.sku && theirs.has(folded(piece.sku))),
  );
  return (
    left.find((piece) => piece.for.sku?.some((sku) => skus.has(folded(sku)))) ??
    left.find((piece) => piece.for.category?.some((category) => categories.has(folded(category)))) ??
    left.find((piece) => !piece.for.sku && !piece.for.category) ??
    null
  );
}

const folded = (text: string) => text.trim().toLowerCase();

const words = (longest: number) => {
  const error = `is not text of that length; allowed: 1 to ${longest} characters`;
  return z.string({ error }).trim().min(1, { error }).max(longest, { error });
};
const title = () => {
  const error = 'is not one line of text; allowed: 1 to 100 characters';
  return z
    .string({ error })
    .trim()
    .regex(/^.{1,100}$/, { error });
};
const name = () => {
  const error = 'is not a name; allowed: small letters, digits and hyphens, 40 at most, a letter first';
  return z.string({ error }).regex(/^[a-z][a-z0-9-]{0,39}$/, { error });
};
const link = () => {
  const error = 'is not a link; allowed: an address that begins with https:// or http://';
  return z.string({ error }).refine((text) => /^https?:\/\/\S+$/.test(text) && URL.canParse(text), { error });
};
const oneOrSeveral = (what: string) => {
  const error = `is no ${what}; allowed: one, or a list of them`;
  const one = z.string({ error }).trim().min(1, { error });
  return z.union([one, z.array(one).min(1, { error })], { error });
};

const NOBODY = { error: 'says nobody; allowed: sku, category, or no "for" at all where it is for anybody' };
const forShape = z
  .strictObject(
    {
      sku: oneOrSeveral('sku').optional().describe('Who bought one of these articles.'),
      category: oneOrSeveral('category').optional().describe('Who bought something of one of these categories.'),
    },
    NOBODY,
  )
  .refine(({ sku, category }) => sku !== undefined || category !== undefined, NOBODY);

const translationShape = z.strictObject({
  name: name().describe('What it is known by, the same in every language.'),
  title: title().describe('One line; often the subject of the mail.'),
  text: words(2000).describe('What it says. Each empty line begins a new paragraph.'),
  link: link().optional().describe('Where there is more to read.'),
});
const tipShape = translationShape.extend({
  for: forShape.optional().describe('Who it is for; anybody if left out.'),
});
const offerShape = tipShape.extend({
  sku: words(100).optional().describe('What it offers: who owns that is not offered it.'),
});

const list = <Shape extends z.ZodType>(shape: Shape) =>
  z.array(shape, { error: 'is not a list; allowed: pieces, a hyphen before the name of each' }).optional();
const NOTHING = { error: 'there is nothing here; allowed: tips, offers' };

/** Tips and offers as they stand in their YAML file. */
export const contentShape = z.strictObject({ tips: list(tipShape), offers: list(offerShape) }, NOTHING);

/** The same in another language: who it is for, and what is offered, is said once, in English. */
const translatedShape = z.strictObject({ tips: list(translationShape), offers: list(translationShape) }, NOTHING);

const READING = { code: 'content-wrong', page: 'docs/content.md', plain: 'text' } as const;
const LISTS = { tips: 'tip', offers: 'offer' } as const;

/**
 * Reads a file of tips and offers; a mistake is a Problem naming file, line, what is wrong and what is allowed. Names
 * that are taken, in other files of the language, may not come again. Where the English pieces are given, the file is a
 * translation of some of them, and what it does not say is theirs.
 */
export function readContent(
  source: string,
  file: string,
  taken: Iterable<string> = [],
  english?: readonly Piece[],
): Piece[] {
  const shape = english ? translatedShape : contentShape;
  const { data, wrong } = readYaml(source, file, shape, READING);
  const names = new Set(taken);
  return (['tips', 'offers'] as const).flatMap((list) => {
    const kind = LISTS[list];
    const originals = english?.filter((piece) => piece.kind === kind);
    return (data[list] ?? []).map((written: z.output<typeof offerShape>, at) => {
      const { name } = written;
      const original = originals?.find((piece) => piece.name === name);
      if (originals && !original)
        throw wrong([list, at, 'name'], `there is no ${kind} "${name}" in English`, namesOf(originals));
      if (names.has(name)) throw wrong([list, at, 'name'], `"${name}" is taken`, 'a name of its own');
      names.add(name);
      return {
        name,
        kind,
        for: original?.for ?? listed(written.for),
        sku: original?.sku ?? written.sku ?? null,
        title: written.title,
        // Folded YAML keeps an empty line as one line end, and a mail wants two between paragraphs.
        text: written.text.replace(/\s*\n\s*/g, '\n\n'),
        link: written.link ?? original?.link ?? null,
      };
    });
  });
}

const namesOf = (pieces: readonly Piece[]) => pieces.map(({ name }) => name).join(', ') || 'none';

const listed = ({ sku, category }: z.output<typeof forShape> = {}): Piece['for'] => ({
  ...(sku !== undefined && { sku: [sku].flat() }),
  ...(category !== undefined && { category: [category].flat() }),
});
