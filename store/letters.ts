import { type Piece, usefulFor } from '../domain/content.ts';
import type { Cargo } from '../domain/playbook.ts';
import { customerById } from './customers.ts';
import type { Tx } from './database.ts';
import type { Customer, Sale } from './followUps.ts';
import { type Contact, toldTo } from './ledger.ts';
import { ownedBy } from './purchases.ts';

/** Who a contact goes to: of the same company who has that part in the purchase, else who ordered. */
export async function recipientOf(tx: Tx, { customer, recipients }: Sale, role: string | null): Promise<Customer> {
  const id = role === null ? undefined : recipients[role];
  return id === undefined ? customer : customerById(tx, id);
}

/** Something that is of use to this customer and was not told before; null: there is nothing left. */
export async function usefulTo(
  tx: Tx,
  { order }: Sale,
  kind: Cargo,
  pieces: readonly Piece[],
  contact: Contact,
): Promise<Piece | null> {
  const [owned, told] = [await ownedBy(tx, order.partyId), await toldTo(tx, order.partyId, contact)];
  return usefulFor(pieces, kind, order.lines, owned, told);
}
