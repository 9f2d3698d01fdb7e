/** Deeper bodies are refused: none of ours has ten levels, and recursive code behind us would break on ten thousand. */
const DEEPEST = 64;

/** Keys that reach an object's prototype when somebody copies them carelessly. */
const POISONED = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads a JSON body (RFC 8259), and refuses what JSON.parse lets through: a key twice in one object, keys that reach
 * prototypes, nesting deeper than 64.
 *
 *     readJson('{"a": 1, "a": 2}')  // { ok: false, message: 'line 1, column 10: the key "a" appears twice ...' }
 */
export function readJson(text: string): { ok: true; value: unknown } | { ok: false; message: string } {
  if (text.trim() === '') return { ok: false, message: 'the body is empty; JSON is needed' };
  if (text.charCodeAt(0) === 0xfeff)
    return { ok: false, message: 'the body begins with a byte order mark; UTF-8 without one is needed' };
  const fault = faultIn(text);
  return fault
    ? { ok: false, message: `${place(text, fault.at)}: ${fault.what}` }
    : { ok: true, value: JSON.parse(text) };
}

interface Fault {
  at: number;
  what: string;
}

/** What may come next. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or ]' | ', or }' | 'the end';

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const WORDS = ['true', 'false', 'null'];

/** The first fault of the text, found in one pass without recursion; null where it is sound. */
function faultIn(text: string): Fault | null {
  /** The open brackets, outermost first: an object's keys so far, or null for a list. */
  const open: (Set<string> | null)[] = [];
  let expected: Expected = 'value';
  let at = 0;

  const afterValue = (): Expected => (open.length === 0 ? 'the end' : open.at(-1) ? ', or }' : ', or ]');
  const unexpected = (): Fault =>
    at >= text.length
      ? { at, what: `the body ends too early; expected ${inWords(expected)}` }
      : { at, what: `unexpected ${nameOf(text, at)}; expected ${inWords(expected)}` };

  for (;;) {
    while (isBlank(text.charCodeAt(at))) at += 1;
    if (at >= text.length) return expected === 'the end' ? null : unexpected();
    const char = text[at]!;

    switch (expected) {
      case 'value or ]':
      case 'value':
        if (char === ']' && expected === 'value or ]') {
          open.pop();
          at += 1;
          expected = afterValue();
        } else if (char === '{' || char === '[') {
          if (open.length === DEEPEST) return { at, what: `nested more than ${DEEPEST} levels deep` };
          open.push(char === '{' ? new Set() : null);
          at += 1;
          expected = char === '{' ? 'key or }' : 'value or ]';
        } else {
          const end = char === '"' ? endOfString(text, at) : endOfWord(text, at);
          if (typeof end !== 'number') return end;
          if (end === at) return unexpected();
          at = end;
          expected = afterValue();
        }
        break;

      case 'key or }':
      case 'key': {
        if (char === '}' && expected === 'key or }') {
          open.pop();
          at += 1;
          expected = afterValue();
          break;
        }
        if (char !== '"') return unexpected();
        const end = endOfString(text, at);
        if (typeof end !== 'number') return end;
        const written = text.slice(at, end);
        const key: string = written.includes('\\') ? JSON.parse(written) : written.slice(1, -1);
        if (POISONED.has(key)) return { at, what: `the key "${key}" is not allowed` };
        const keys = open.at(-1)!;
        if (keys.has(key))
          return { at, what: `the key ${JSON.stringify(key.slice(0, 40))} appears twice in one object` };
        keys.add(key);
        at = end;
        expected = ':';
        break;
      }

      case ':':
        if (char !== ':') return unexpected();
        at += 1;
        expected = 'value';
        break;

      case ', or ]':
      case ', or }':
        if (char === ',') expected = expected === ', or }' ? 'key' : 'value';
        else if (char === expected.at(-1)) {
          open.pop();
          expected = afterValue();
        } else return unexpected();
        at += 1;
        break;

      case 'the end':
        return unexpected();
    }
  }
}

const isBlank = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** The offset after the string that begins here. */
function endOfString(text: string, start: number): number | Fault {
  for (let at = start + 1; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) return { at, what: `unexpected ${nameOf(text, at)} in a string; it must be escaped` };
    if (code === 0x5c) {
      ESCAPE.lastIndex = at;
      if (!ESCAPE.test(text)) return { at, what: 'a backslash in a string with no valid escape after it' };
      at = ESCAPE.lastIndex;
    } else at += 1;
  }
  return { at: start, what: 'a string that does not end' };
}

/** The offset after the number, true, false or null that begins here; where it begins, if there is none. */
function endOfWord(text: string, start: number): number {
  NUMBER.lastIndex = start;
  if (NUMBER.test(text)) return NUMBER.lastIndex;
  return start + (WORDS.find((word) => text.startsWith(word, start))?.length ?? 0);
}

const inWords = (expected: Expected) =>
  ({
    value: 'a value',
    'value or ]': 'a value or ]',
    key: 'a key in double quotes',
    'key or }': 'a key in double quotes, or }',
    ':': 'a colon',
    ', or ]': 'a comma or ]',
    ', or }': 'a comma or }',
    'the end': 'nothing more',
  })[expected];

/** One character and no more: a message may be logged, and the body is personal. */
function nameOf(text: string, at: number): string {
  const code = text.codePointAt(at)!;
  return code > 0x20 && code < 0x7f
    ? String.fromCodePoint(code)
    : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Line and column of an offset, both from 1; the column counts UTF-16 units. */
function place(text: string, at: number): string {
  const before = text.slice(0, at);
  const lines = before.split(/\r\n|\r|\n/);
  return `line ${lines.length}, column ${lines.at(-1)!.length + 1}`;
}
