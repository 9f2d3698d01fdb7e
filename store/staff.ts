import { desc, eq } from 'drizzle-orm';
import type { Salesperson } from '../domain/order.ts';
import type { Store, Tx } from './database.ts';
import { orders, staff } from './schema.ts';

export type Colleague = typeof staff.$inferSelect;

/**
 * The handle of who owns an order: its salesperson, else who owned the customer's last order, else the default owner.
 * A salesperson who is not known yet is added.
 */
export async function ownerOf(
  store: Store,
  tx: Tx,
  customerId: string,
  salesperson: Salesperson | null,
): Promise<string> {
  if (salesperson) return handleOf(tx, salesperson);
  const [last] = await tx
    .select({ owner: orders.owner })
    .from(orders)
    .where(eq(orders.customerId, customerId))
    .orderBy(desc(orders.placedAt))
    .limit(1);
  return last?.owner ?? store.settings.defaultOwner;
}

async function handleOf(tx: Tx, { name, email }: Salesperson): Promise<string> {
  const wanted = handleFrom(email?.split('@')[0] ?? name ?? '');
  for (let nth = 1; ; nth += 1) {
    // Asked anew each time: another order of theirs may just have added them.
    const [known] = email ? await tx.select().from(staff).where(eq(staff.email, email)) : [];
    if (known) return known.handle;
    const handle = nth === 1 ? wanted : `${wanted}-${nth}`;
    const row = { handle, name: name ?? handle, email };
    const [added] = await tx.insert(staff).values(row).onConflictDoNothing().returning();
    if (added) return handle;
    // Without an address a name is all there is to know somebody by.
    const [taken] = email ? [] : await tx.select().from(staff).where(eq(staff.handle, handle));
    if (taken?.name === name && taken.email === null) return handle;
  }
}

const handleFrom = (text: string) =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40) || 'colleague';

/** Everybody, by name. */
export const allStaff = (store: Store) => store.db.select().from(staff).orderBy(staff.name);

/** Adds a colleague or changes one. */
export const putColleague = (store: Store, row: Colleague) =>
  store.db.insert(staff).values(row).onConflictDoUpdate({ target: staff.handle, set: row });

/** One colleague by handle. */
export async function colleague(tx: Tx, handle: string): Promise<Colleague> {
  const [row] = await tx.select().from(staff).where(eq(staff.handle, handle));
  return row;
}
