const WIDTH = 24;
const EVERY_MS = 100;

/** How far a long work is. */
export interface Bar {
  /** Shows how many are done, and which part of the whole that is (0 to 1). */
  show(count: number, part: number): void;
  /** Writes a line, past the bar. */
  say(line: string): void;
  /** Takes the bar away. */
  end(): void;
}

/** A bar with count, rate and what remains, where there is a terminal to draw it on; elsewhere lines alone. */
export function progressBar(stream: NodeJS.WriteStream, of = 'orders'): Bar {
  const since = Date.now();
  let drawn = 0;
  const wipe = () => stream.isTTY && stream.write('\r\x1b[K');
  return {
    show(count, part) {
      if (!stream.isTTY || Date.now() - drawn < EVERY_MS) return;
      drawn = Date.now();
      stream.write(
        `\r\x1b[K${lineOf(count, Math.min(part, 1), (drawn - since) / 1000, of)}`.slice(0, stream.columns || 80),
      );
    },
    say(line) {
      wipe();
      stream.write(`${line}\n`);
    },
    end: wipe,
  };
}

/** `[######------] 1,200 orders, 310 a second, about 2 min left` */
export function lineOf(count: number, part: number, seconds: number, of = 'orders'): string {
  const full = Math.round(part * WIDTH);
  const rate = seconds > 0 ? count / seconds : 0;
  const left = part > 0 ? (seconds * (1 - part)) / part : 0;
  const remaining = left < 90 ? `${Math.ceil(left)} s` : `${Math.ceil(left / 60)} min`;
  const bar = `[${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}]`;
  return `${bar} ${count.toLocaleString('en')} ${of}, ${Math.round(rate)} a second, about ${remaining} left`;
}
