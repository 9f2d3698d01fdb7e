import { filters } from 'liquidjs';
import { type Block, blocksOf } from './blocks.ts';
import { check, liquid, parse, sourceOf, wrong } from './liquid.ts';

/** What the frame is put around. */
interface Framed {
  language: string;
  subject: string;
  company: string;
  blocks: Block[];
  /** What stands under the mail. */
  footer: Block[];
}

/** Every name the frame may use, and has to. */
export const FRAME_NAMES = ['language', 'subject', 'preview', 'company', 'blocks', 'footer'];
const engine = liquid('escape');

/** A phone number in a line, as `+49 30 123456`. */
const NUMBER = /\+\d[\d -]{6,}\d/g;
const escaped = filters.escape as (this: unknown, text: string) => string;
// What it writes is HTML already: it escapes the line itself.
engine.registerFilter('callable', {
  raw: true,
  handler(line: string) {
    const call = (number: string) =>
      `<a href="tel:${number.replace(/[ -]/g, '')}" style="color:inherit;">${number}</a>`;
    return escaped.call(this, line).replace(NUMBER, call);
  },
});

/**
 * Reads `layout.mjml`, the frame of the HTML part, and compiles it once: MJML leaves the names in braces to Liquid, which
 * puts them in for each mail. A mistake is a Problem naming the line.
 */
export async function readFrame(folder: string): Promise<(mail: Framed) => string> {
  const file = 'layout.mjml';
  const source = sourceOf(folder, file);
  // Tried as it was written, because there its lines are those of the file.
  const asWritten = parse(engine, file, source, FRAME_NAMES);
  const blocks = blocksOf('Hello\n\nHow are you?\n\n[More](/x)\n\n[0-10: Answer](/x)');
  const sample = { language: 'en', subject: 'A', company: 'B', blocks, footer: blocks };
  check(file, FRAME_NAMES, () => engine.renderSync(asWritten, withPreview(sample)));

  const frame = parse(engine, file, await compile(file, source), FRAME_NAMES);
  const { globals } = engine.analyzeSync(frame, { partials: false });
  const missing = FRAME_NAMES.find((name) => !(name in globals));
  if (missing) throw wrong(file, 1, `it shows no "${missing}"`, [`all of ${FRAME_NAMES.join(', ')}`]);
  return (mail) => String(engine.renderSync(frame, withPreview(mail)));
}

/** In a list of mails it stands beside the subject: what comes after the greeting. */
const withPreview = (mail: Framed) => ({
  ...mail,
  preview: mail.blocks.filter(({ kind }) => kind === 'text')[1]?.lines.join(' ') ?? '',
});

async function compile(file: string, source: string): Promise<string> {
  // Loaded where it is needed: it takes a third of a second, and most commands write no mail.
  const { default: mjml2html } = await import('mjml');
  try {
    // No fonts of somebody else's: a mail fetches nothing. Indents would be half of what is sent.
    const options = { validationLevel: 'strict', fonts: {}, keepComments: false } as const;
    return (await mjml2html(source, options)).html.replace(/^\s+/gm, '');
  } catch (error) {
    const { message, errors } = error as Error & { errors?: { line: number; message: string }[] };
    const first = errors?.[0] ?? { line: 1, message };
    throw wrong(file, first.line, first.message, ['what https://documentation.mjml.io describes']);
  }
}
