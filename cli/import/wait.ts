import type { AftercareClient } from '../../client/http.ts';
import { REFUSALS } from '../../domain/adoption.ts';
import { readInstant } from '../../domain/dates.ts';
import { orderName } from '../../domain/names.ts';
import type { OrderInput } from '../../domain/order.ts';
import type { Instant } from '../../domain/time.ts';
import { progressBar } from './bar.ts';
import type { Patience } from './patience.ts';

/** So many in one request: it stays far below the minute an answer may take. */
const AT_ONCE = 200;

/** The last order of each customer of a file, by which Aftercare is told whom to keep in touch with. */
export class LastOrders {
  #last = new Map<string, { order: string; placedAt: Instant }>();

  /** Takes an order that Aftercare has taken, as JSON. */
  see(json: string): void {
    const { source = 'api', number, placedAt, customer } = JSON.parse(json) as OrderInput;
    const key = JSON.stringify([source, customer.id]);
    // Only to find the later of two: which zone is meant matters to Aftercare alone.
    const read = readInstant(placedAt, 'UTC', 'its start');
    const at = 'value' in read ? read.value : 0;
    if (at >= (this.#last.get(key)?.placedAt ?? 0))
      this.#last.set(key, { order: orderName(source ?? 'api', number), placedAt: at });
  }

  /** Who ordered last comes first. */
  orders = (): string[] => [...this.#last.values()].sort((a, b) => b.placedAt - a.placedAt).map(({ order }) => order);
}

/**
 * Lets the customers of these orders wait for their next one, so many beginning a business day. Those who do already
 * are passed over, so the same command goes on with it. How many were refused.
 */
export async function letWait(
  client: AftercareClient,
  orders: string[],
  perDay: number,
  patience: Patience,
): Promise<number> {
  const tally = { adopted: 0, known: 0, refused: 0 };
  let lastAt: string | null = null;
  const bar = progressBar(process.stderr, 'customers');
  try {
    for (let at = 0; at < orders.length; at += AT_ONCE) {
      const some = orders.slice(at, at + AT_ONCE);
      const said = await patience.during(() => client.adopt({ orders: some, perDay }));
      tally.adopted += said.adopted;
      tally.known += said.known;
      tally.refused += said.refused.length;
      lastAt = said.lastAt ?? lastAt;
      for (const { order, why } of said.refused) bar.say(`${order}: ${REFUSALS[why]}`);
      bar.show(at + some.length, (at + some.length) / orders.length);
    }
  } finally {
    bar.end();
  }
  const until = lastAt === null ? '' : `, the last from ${lastAt.slice(0, 10)}`;
  console.log(
    `${orders.length} customers: ${tally.adopted} wait for their next order${until}; ${tally.known} were followed up already, ${tally.refused} refused.`,
  );
  return tally.refused;
}
