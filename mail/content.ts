import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Piece, readContent } from '../domain/content.ts';
import { languageOf, languagesIn } from './templates.ts';

/** The tips and offers of all languages. */
export interface Content {
  /** What there is to choose from, in English: the names and what they are for are the same in every language. */
  pieces: readonly Piece[];
  /** A piece in the reader's language, or in English where it is not translated; null where there is none such. */
  pieceIn(locale: string | null, name: string): Piece | null;
}

/**
 * Reads the tips and offers, those of a language from the YAML files of its folder `content` in the order of their
 * names. A mistake is a Problem naming file and line, at start.
 */
export function readAllContent(folder: string): Content {
  const pieces = readLanguage(folder, 'en');
  const languages = new Map(
    languagesIn(folder).map((language) => [
      language,
      language === 'en' ? pieces : readLanguage(folder, language, pieces),
    ]),
  );
  const find = (language: string, name: string) => languages.get(language)?.find((piece) => piece.name === name);
  return {
    pieces,
    pieceIn: (locale, name) => find(languageOf(locale), name) ?? find('en', name) ?? null,
  };
}

function readLanguage(folder: string, language: string, english?: readonly Piece[]): Piece[] {
  const place = join(folder, language, 'content');
  const files = existsSync(place) ? readdirSync(place).filter((file) => /\.ya?ml$/.test(file)) : [];
  const pieces: Piece[] = [];
  for (const file of files.sort()) {
    const source = readFileSync(join(place, file), 'utf8');
    const taken = pieces.map(({ name }) => name);
    pieces.push(...readContent(source, `${language}/content/${file}`, taken, english));
  }
  return pieces;
}
