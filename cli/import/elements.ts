import type { Line } from './rows.ts';

/**
 * Cuts a JSON list into the texts of its elements, each with the line it begins on; an object alone is a list of one.
 * Not by JSON.parse: one broken order would lose all others, and numbers their digits. What is inside an element is for
 * the API to judge.
 */
export function elements(text: string): { elements: Line[] } | { wrong: string } {
  const start = /\S/.exec(text)?.index;
  if (start === undefined) return { wrong: 'it is empty' };
  if (text[start] === '{') return { elements: [{ line: lineAt(text, start), text: text.slice(start) }] };
  if (text[start] !== '[') return { wrong: 'it holds no list of orders: [ is missing' };

  const found: Line[] = [];
  let depth = 0;
  let line = lineAt(text, start);
  let from = start + 1;
  const close = (to: number) => {
    const element = text.slice(from, to);
    const blank = /^\s*/.exec(element)![0];
    if (element.trim() !== '') found.push({ line: line - newLines(element) + newLines(blank), text: element.trim() });
    from = to + 1;
  };
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') {
      const end = endOfString(text, at);
      line += newLines(text.slice(at, end));
      at = end;
    } else if (char === '\n') line += 1;
    else if (char === '[' || char === '{') depth += 1;
    else if (char === ',' && depth === 1) close(at);
    else if (char === ']' || char === '}') {
      depth -= 1;
      if (depth > 0) continue;
      close(at);
      const more = text.slice(at + 1).trim();
      return more ? { wrong: 'something follows after the list of orders' } : { elements: found };
    }
  }
  return { wrong: 'it ends within the list of orders' };
}

/** Where the string that begins here ends: at its closing quote, or with the text. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

const newLines = (text: string) => text.split('\n').length - 1;
const lineAt = (text: string, at: number) => newLines(text.slice(0, at)) + 1;
