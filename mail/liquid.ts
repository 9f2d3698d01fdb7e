import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Liquid, type Template } from 'liquidjs';
import { Problem } from '../domain/errors.ts';

/** Liquid that knows no name it was not given; every value goes through `escape` on its way out. */
export const liquid = (outputEscape: 'escape' | ((value: unknown) => string)): Liquid =>
  new Liquid({ strictVariables: true, strictFilters: true, ownPropertyOnly: true, outputEscape });

/** What stands in a file of the folder; a Problem where it cannot be read. */
export const sourceOf = (folder: string, file: string): string =>
  check(file, ['a file that can be read'], () =>
    readFileSync(join(folder, file), 'utf8')
      .replace(/^\uFEFF/, '')
      .replaceAll('\r\n', '\n'),
  );

/** A template of which every name is allowed; a Problem naming the line where one is not. */
export const parse = (engine: Liquid, file: string, source: string, allowed: readonly string[]): Template[] =>
  check(file, allowed, () => {
    const parsed = engine.parse(source);
    // Names are looked up before anything is written: the sample takes only one of the branches.
    const unknown = Object.values(engine.analyzeSync(parsed, { partials: false }).globals)
      .flat()
      .filter(({ segments }) => !allowed.includes(segments.join('.')))
      .sort((a, b) => a.location.row - b.location.row)[0];
    if (unknown) throw wrong(file, unknown.location.row, `there is no "${unknown.segments.join('.')}"`, allowed);
    return parsed;
  });

/** Does something with a template; what Liquid has against it is a Problem naming file and line. */
export function check<T>(file: string, allowed: readonly string[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Problem) throw error;
    const { message } = error as Error;
    const [what] = message.split(/, (?:file|line):/);
    throw wrong(file, /line:(\d+)/.exec(message)?.[1] ?? 1, what, allowed);
  }
}

/** A mistake in a template. */
export const wrong = (file: string, line: number | string, what: string, allowed: readonly string[]): Problem =>
  new Problem('template-wrong', { file, line, what, allowed: allowed.join(', ') });
