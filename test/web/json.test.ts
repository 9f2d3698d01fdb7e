import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readJson } from '../../web/json.ts';

const message = (text: string) => {
  const read = readJson(text);
  return read.ok ? 'accepted' : read.message;
};

describe('a body is read', () => {
  it.each([
    '{}',
    '[]',
    ' [1, -0.5e+3, true, false, null, "a\\u00e9\\n\\"", {"a": {"a": [{}, []]}}]\r\n',
    '"text"',
    '7',
    '{"a": 1, "b": {"a": 1}}',
    '["__proto__", "constructor"]',
  ])('%s', (text) => expect(readJson(text)).toEqual({ ok: true, value: JSON.parse(text) }));

  it('nested 64 deep', () => expect(message('['.repeat(64) + ']'.repeat(64))).toBe('accepted'));
});

describe('a body is refused (7, 8, 9, 11)', () => {
  it.each([
    ['empty', ' \n', 'the body is empty; JSON is needed'],
    ['with a byte order mark', '\ufeff{}', 'the body begins with a byte order mark; UTF-8 without one is needed'],
    ['cut in an object', '{"a": 1,\n "b"', 'line 2, column 5: the body ends too early; expected a colon'],
    ['cut in a string', '{"a": "b', 'line 1, column 7: a string that does not end'],
    ['cut in a list', '[1', 'line 1, column 3: the body ends too early; expected a comma or ]'],
    ['cut in a word', '[tru', 'line 1, column 2: unexpected t; expected a value or ]'],
    ['with a comma too many', '{"a": 1,}', 'line 1, column 9: unexpected }; expected a key in double quotes'],
    ['with a comma too many in a list', '[1,]', 'line 1, column 4: unexpected ]; expected a value'],
    ['with the wrong bracket', '{"a": [1}', 'line 1, column 9: unexpected }; expected a comma or ]'],
    ['with something behind it', '{}\r\n{}', 'line 2, column 1: unexpected {; expected nothing more'],
    ['in single quotes', "{'a': 1}", "line 1, column 2: unexpected '; expected a key in double quotes, or }"],
    ['with NaN', '{"a": NaN}', 'line 1, column 7: unexpected N; expected a value'],
    ['with a leading zero', '[01]', 'line 1, column 3: unexpected 1; expected a comma or ]'],
    [
      'with a raw line break in a string',
      '["a\nb"]',
      'line 1, column 4: unexpected U+000A in a string; it must be escaped',
    ],
    ['with a wrong escape', '["\\x"]', 'line 1, column 3: a backslash in a string with no valid escape after it'],
    ['that is a form', 'a=1&b=2', 'line 1, column 1: unexpected a; expected a value'],
    ['with a key twice', '{"a": 1,\r\n "a": 2}', 'line 2, column 2: the key "a" appears twice in one object'],
    [
      'with a key twice, once in disguise',
      '{"a": 1, "\\u0061": 2}',
      'line 1, column 10: the key "a" appears twice in one object',
    ],
    ['with __proto__', '{"a": {"__proto__": {}}}', 'line 1, column 8: the key "__proto__" is not allowed'],
    ['with __proto__ in disguise', '{"__pro\\u0074o__": {}}', 'line 1, column 2: the key "__proto__" is not allowed'],
    ['with constructor', '[{"constructor": 1}]', 'line 1, column 3: the key "constructor" is not allowed'],
    ['with prototype', '{"prototype": 1}', 'line 1, column 2: the key "prototype" is not allowed'],
    ['nested 65 deep', '['.repeat(65), 'line 1, column 65: nested more than 64 levels deep'],
    ['nested 10,000 deep', '{"a":'.repeat(10_000), 'line 1, column 321: nested more than 64 levels deep'],
  ])('%s', (_, text, why) => expect(message(text)).toBe(why));
});

describe('whatever comes', () => {
  const parse = (text: string) => {
    try {
      return { ok: true, value: JSON.parse(text) };
    } catch {
      return { ok: false };
    }
  };
  const bits = fc.constantFrom(
    ...'{}[],:" \n\\',
    '"a"',
    '"b"',
    '"\\u12',
    '1',
    '-',
    '0',
    '.5',
    'e9',
    'true',
    'null',
    '\u0007',
    'é',
  );
  const broken = fc
    .tuple(fc.json(), fc.nat(), fc.nat(3), bits)
    .map(
      ([text, at, less, more]) =>
        text.slice(0, at % (text.length + 1)) + more + text.slice((at % (text.length + 1)) + less),
    );

  it('what JSON.stringify wrote is read', () =>
    fc.assert(
      fc.property(fc.json({ maxDepth: 5, noUnicodeString: false }), (text) => {
        const read = readJson(text);
        if (read.ok) expect(read.value).toEqual(JSON.parse(text));
        else expect(read.message).toMatch(/is not allowed$/);
      }),
    ));

  it('what JSON.parse refuses is refused, and what it takes is refused only for a reason of ours', () =>
    fc.assert(
      fc.property(
        fc.oneof(
          broken,
          fc.array(bits).map((all) => all.join('')),
        ),
        (text) => {
          const read = readJson(text);
          if (read.ok) expect(parse(text)).toEqual(read);
          else if (parse(text).ok) expect(read.message).toMatch(/twice|is not allowed|nested more/);
        },
      ),
      { numRuns: 2000 },
    ));

  it('a million characters of digits, text or blanks take no time to speak of', () => {
    const started = performance.now();
    for (const text of [
      '9'.repeat(1e6),
      `"${'\\n'.repeat(5e5)}"`,
      `[${' '.repeat(1e6)}]`,
      `[${'1,'.repeat(5e5)}1]`,
      '"'.padEnd(1e6, 'a'),
    ])
      message(text);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
