/**
 * What is being done, why, and how far it is, told while it happens.
 * On a terminal one line is kept up to date; elsewhere plain lines, a sign of life every ten seconds.
 */

/** A step that is under way. */
export interface Step {
  /** Says how far the step is. */
  far(how: string): void;
  /** The step succeeded. */
  done(result?: string): void;
  /** The step failed; the error itself is shown by whoever catches it. */
  failed(): void;
}

export interface Progress {
  /** Begins a step, as in `start('PostgreSQL', 'keeps orders and stories')`. */
  start(what: string, why?: string): Step;
  /** Runs `work` as a step, whose end is told whichever way it ends. */
  during<T>(what: string, why: string, work: (step: Step) => Promise<T>): Promise<T>;
}

const signOfLife = 10_000;

/** Progress lines on `stream`, by default stderr, so that stdout stays clean for results. */
export function progressOn(stream: NodeJS.WriteStream = process.stderr): Progress {
  const running = new Map<Step, { what: string; how: string; since: number; told: number }>();
  let timer: NodeJS.Timeout | undefined;

  const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(1)} s`;
  const wipe = () => stream.isTTY && stream.write('\r\x1b[K');
  const say = (line: string) => {
    wipe();
    stream.write(`${line}\n`);
    draw();
  };
  const draw = () => {
    if (!stream.isTTY || running.size === 0) return;
    const line = [...running.values()].map(({ what, how, since }) => `${what}${how && `: ${how}`} (${seconds(since)})`);
    stream.write(`\r\x1b[K${line.join(' | ').slice(0, (stream.columns || 80) - 1)}`);
  };
  const tick = () => {
    if (stream.isTTY) return draw();
    for (const state of running.values()) {
      if (Date.now() - state.told < signOfLife) continue;
      state.told = Date.now();
      say(`  ${state.what}: ${state.how || 'still at it'} (${seconds(state.since)})`);
    }
  };

  const start: Progress['start'] = (what, why) => {
    const state = { what, how: '', since: Date.now(), told: Date.now() };
    const end = (line: string) => {
      if (!running.delete(step)) return;
      if (running.size === 0) clearInterval(timer);
      say(line);
    };
    const step: Step = {
      far(how) {
        state.how = how;
        draw();
      },
      done: (result) => end(`+ ${what}${result ? `: ${result}` : ''} (${seconds(state.since)})`),
      failed: () => end(`x ${what} failed (${seconds(state.since)})`),
    };
    if (running.size === 0) timer = setInterval(tick, 250).unref();
    running.set(step, state);
    say(`  ${what}${why ? `: ${why}` : ''}`);
    return step;
  };
  return { start, during: (what, why, work) => withStep(start(what, why), work) };
}

/** Says nothing: for tests, and for commands whose output is read by programs. */
export const quiet: Progress = {
  start: () => silent,
  during: (_what, _why, work) => work(silent),
};

const silent: Step = { far() {}, done() {}, failed() {} };

async function withStep<T>(step: Step, work: (step: Step) => Promise<T>): Promise<T> {
  try {
    const result = await work(step);
    step.done();
    return result;
  } catch (error) {
    step.failed();
    throw error;
  }
}
