/** Classes and codes of PostgreSQL that pass: connections, resources, shutdown, time-outs, and who has to wait. */
const PASSING = /^(08|53|57)|^(40001|40P01|55P03|25P03)$/;
const NETWORK = /^(E(CONN|HOST|NET|PIPE|TIMEDOUT|AI_AGAIN)|ENOTFOUND)/;
/** What pg and its pool say without a code. */
const SAID =
  /Connection terminated|timeout exceeded when trying to connect|Cannot use a pool after|Client has encountered/;

/** Whether an error says that the database is away or overburdened, so that the same may go well later. */
export function isAway(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string' && (PASSING.test(code) || NETWORK.test(code))) return true;
    if (SAID.test(cause.message)) return true;
    if (cause instanceof AggregateError && cause.errors.some(isAway)) return true;
  }
  return false;
}
