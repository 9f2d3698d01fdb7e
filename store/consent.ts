import { and, eq, isNull, type SQL, sql } from 'drizzle-orm';
import type { FollowUpEvent } from '../domain/followUp.ts';
import type { Clearable } from '../domain/messages.ts';
import { CHANNELS, type Channel, type Consent } from '../domain/order.ts';
import { PURPOSES, type Purpose } from '../domain/playbook.ts';
import type { Instant } from '../domain/time.ts';
import type { Store, Tx } from './database.ts';
import type { Customer } from './followUps.ts';
import { customers } from './schema.ts';

/**
 * What a customer agreed to, as it is kept: by purpose, and what of it they said no to by a channel. Consent that was
 * withdrawn stands among the refusals too; consent that was never given does not.
 */
export type Kept = Pick<Customer, 'service' | 'selling' | 'refused'>;

/** What holds for a country where nothing was said: whether selling may begin without an explicit yes. */
export const defaultConsent = ({ settings }: Store, country: string | null) => ({
  service: true,
  selling: !(country && settings.askFirstIn.includes(country)),
});

/**
 * Consent as it is kept after something was said; a purpose that was not spoken of stays as it was. `before` is null
 * where a new customer's first order says it: a box that was not ticked there withdraws nothing.
 */
export function consentOf(
  given: Clearable<Consent> | null,
  standard: Pick<Kept, 'service' | 'selling'>,
  before: Kept | null,
): Kept {
  const kept = { ...(before ?? standard), refused: [...(before?.refused ?? [])] };
  for (const purpose of PURPOSES) {
    const said = given === null ? null : given[purpose];
    if (said === undefined) continue;
    const by = typeof said === 'object' && said !== null ? said : { email: said, phone: said };
    const no = CHANNELS.filter((channel) => by[channel] === false);
    kept.refused = kept.refused.filter((one) => !one.startsWith(`${purpose}:`));
    if (said !== false || before !== null) kept.refused.push(...no.map((channel) => `${purpose}:${channel}`));
    kept[purpose] = said === null ? standard[purpose] : no.length < CHANNELS.length;
  }
  return kept;
}

/** Whether two say the same. */
export const isSameConsent = (one: Kept, other: Kept) =>
  PURPOSES.every((purpose) => one[purpose] === other[purpose]) &&
  one.refused.toSorted().join() === other.refused.toSorted().join();

/** What a purpose is agreed to by a channel. */
export const agreedBy = (kept: Kept, purpose: Purpose, channel: Channel) =>
  kept[purpose] && !kept.refused.includes(`${purpose}:${channel}`);

/** What a story says of consent that has changed. */
export function consentEvent(kept: Kept, at: Instant): FollowUpEvent {
  const { service, selling } = kept;
  if (!service && !selling) return { what: 'opted-out', at };
  const whole = (purpose: Purpose) => CHANNELS.every((channel) => agreedBy(kept, purpose, channel) === kept[purpose]);
  const why = !PURPOSES.every(whole)
    ? 'some-ways-only'
    : service && selling
      ? 'service-and-selling'
      : service
        ? 'service-only'
        : 'selling-only';
  return { what: 'changed', at, why };
}

/** All records of one person: those of the same party with the same address. Colleagues of a company are others. */
export const recordsOfPerson = (tx: Tx, { id, partyId, emailHash }: Customer): Promise<Customer[]> =>
  tx
    .select()
    .from(customers)
    .where(
      emailHash === null
        ? eq(customers.id, id)
        : and(eq(customers.partyId, partyId), eq(customers.emailHash, emailHash), isNull(customers.erasedAt)),
    );

/**
 * What a person said no to through one of their records holds for all of them, however they came together; who of the
 * party that changed, as they are now.
 */
export async function spreadRefusals(tx: Tx, partyId: string, which: SQL = sql`true`): Promise<Customer[]> {
  const { rows } = await tx.execute<{ id: string; refused: string[] }>(sql`
    SELECT c.id, array_agg(DISTINCT no.one ORDER BY no.one) AS refused
    FROM ${customers} c JOIN ${customers} same USING (party_id, email_hash) CROSS JOIN unnest(same.refused) no(one)
    WHERE c.party_id = ${partyId} AND c.erased_at IS NULL AND ${which}
    GROUP BY c.id HAVING NOT array_agg(no.one) <@ c.refused`);
  const changed: Customer[] = [];
  for (const { id, refused } of rows) {
    const all = (purpose: string) => CHANNELS.every((channel) => refused.includes(`${purpose}:${channel}`));
    const [row] = await tx
      .update(customers)
      .set({
        refused,
        ...(all('service') && { service: false }),
        ...(all('selling') && { selling: false }),
      })
      .where(eq(customers.id, id))
      .returning();
    changed.push(row);
  }
  return changed;
}
