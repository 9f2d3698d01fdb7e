/** As much of a shell as the commands in our documents need: variables, quotes, here-documents, curl and `node -p`. */

/** A request as curl would send it. */
export interface Request {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** Sends a request for the shell; the text of the answer. */
export type Send = (request: Request) => Promise<string>;

/** Runs a block of commands; variables are kept in `env`, and what the last command printed is returned. */
export async function run(block: string, env: Map<string, string>, send: Send): Promise<string> {
  let printed = '';
  for (const { line, here } of statements(block)) {
    const assigned = /^([A-Z_]+)=(.*)$/s.exec(line);
    if (assigned) env.set(assigned[1], await expand(assigned[2], env, send));
    else printed = await pipe(line, here, env, send);
  }
  return printed;
}

/** One statement a line; a backslash, an open bracket or a bar at its end goes on, `<<WORD` brings the lines after it. */
function statements(block: string): { line: string; here: string | undefined }[] {
  const lines = block.replaceAll('\\\n', ' ').split('\n');
  const found: { line: string; here: string | undefined }[] = [];
  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    while (/\|\s*$/.test(line)) line += lines.shift();
    const word = /<<([A-Z]+)$/.exec(line)?.[1];
    const here = word ? lines.splice(0, lines.indexOf(word) + 1).slice(0, -1) : undefined;
    found.push({ line: line.replace(/<<[A-Z]+$/, '').trim(), here: here?.join('\n') });
  }
  return found;
}

/** `curl ... | node -p '...'`, or either alone. */
async function pipe(line: string, here: string | undefined, env: Map<string, string>, send: Send): Promise<string> {
  const [first, second] = line.split(/\s\|\s+(?=node )/);
  const words = await wordsOf(first, env, send);
  if (words[0] === 'node') return evaluate(words, '');
  const input = here === undefined ? undefined : await expand(here, env, send);
  const answer = await send(curl(words, input));
  return second === undefined ? answer : evaluate(await wordsOf(second, env, send), answer);
}

/** `node -p EXPRESSION`, which may read what came before from file 0. */
function evaluate([node, flag, expression, ...more]: string[], input: string): string {
  if (node !== 'node' || flag !== '-p' || more.length > 0) throw new Error(`not understood: ${node} ${flag}`);
  const require = () => ({ readFileSync: () => input });
  return String(new Function('require', `return ${expression}`)(require));
}

function curl([name, ...words]: string[], input: string | undefined): Request {
  if (name !== 'curl') throw new Error(`not understood: ${name}`);
  const headers: Record<string, string> = {};
  const data: string[] = [];
  let url = '';
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '-H') {
      const [, header, value] = /^([\w-]+): (.*)$/.exec(words.shift()!)!;
      headers[header.toLowerCase()] = value;
    } else if (word === '-d') {
      const given = words.shift()!;
      data.push(given === '@-' ? input! : given);
    } else if (word.startsWith('-') && word !== '-s') throw new Error(`curl's ${word} is not understood`);
    else if (word !== '-s') url = word;
  }
  if (data.length > 0) headers['content-type'] ??= 'application/x-www-form-urlencoded';
  const body = data.length > 0 ? data.join('&') : undefined;
  return { method: body === undefined ? 'GET' : 'POST', url, headers, body };
}

/** The words of a command, without their quotes. */
async function wordsOf(line: string, env: Map<string, string>, send: Send): Promise<string[]> {
  const words = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  return Promise.all(words.map((word) => expand(word, env, send, true)));
}

/** Fills in `$NAME` and `$(command)`, but not between single quotes; in a here-document quotes mean nothing. */
async function expand(text: string, env: Map<string, string>, send: Send, quoted = false): Promise<string> {
  const parts = quoted ? (text.match(/'[^']*'|"[^"]*"|[^'"]+/g) ?? []) : [text];
  const filled = parts.map(async (part) => {
    if (quoted && part.startsWith("'")) return part.slice(1, -1);
    let open = quoted && part.startsWith('"') ? part.slice(1, -1) : part;
    for (let inner = command(open); inner; inner = command(open))
      open = open.replace(`$(${inner})`, (await pipe(inner, undefined, env, send)).trim());
    return open.replace(/\$([A-Z_]+)/g, (_, name) => {
      if (!env.has(name)) throw new Error(`$${name} is not set`);
      return env.get(name)!;
    });
  });
  return (await Promise.all(filled)).join('');
}

/** What stands between `$(` and the bracket that closes it. */
function command(text: string): string | null {
  const start = text.indexOf('$(');
  if (start < 0) return null;
  let depth = 0;
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0) return text.slice(start + 2, at);
  }
  throw new Error(`a bracket is not closed: ${text}`);
}
