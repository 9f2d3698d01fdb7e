import { desc, eq, lt } from 'drizzle-orm';
import type { Store } from './database.ts';
import { caughtMails } from './schema.ts';

export type CaughtMail = typeof caughtMails.$inferSelect;

/** Keeps a mail that was caught. */
export const keepCaught = (store: Store, mail: typeof caughtMails.$inferInsert) =>
  store.db.insert(caughtMails).values(mail);

/** The caught mails, newest first, a page at a time; `before` is the id the last page ended with. */
export const listCaught = (store: Store, before: number | null, limit = 50) =>
  store.db
    .select({ id: caughtMails.id, at: caughtMails.at, to: caughtMails.to, subject: caughtMails.subject })
    .from(caughtMails)
    .where(before === null ? undefined : lt(caughtMails.id, before))
    .orderBy(desc(caughtMails.id))
    .limit(limit);

/** One caught mail, whole. */
export async function readCaught(store: Store, id: number): Promise<CaughtMail | null> {
  const [row] = await store.db.select().from(caughtMails).where(eq(caughtMails.id, id));
  return row ?? null;
}
