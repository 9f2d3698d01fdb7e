import { createHash, randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import type { Instant } from '../domain/time.ts';
import type { Tx } from './database.ts';
import { type TokenPurpose, tokens } from './schema.ts';

const hash = (token: string) => createHash('sha256').update(token).digest('hex');

/**
 * New links' tokens about an order for who the mail goes to, by purpose: 128 random bits each, of which only a hash is
 * kept. A purpose's value is when its link expires; null: never. `survey` is the one they lead to, where they lead to
 * one.
 */
export async function newTokens(
  tx: Tx,
  orderId: string,
  customerId: string | null,
  purposes: Partial<Record<TokenPurpose, Instant | null>>,
  survey: string | null = null,
): Promise<Partial<Record<TokenPurpose, string>>> {
  const made = (Object.entries(purposes) as [TokenPurpose, Instant | null][]).map(([purpose, expiresAt]) => ({
    purpose,
    expiresAt,
    token: randomBytes(16).toString('base64url'),
  }));
  await tx
    .insert(tokens)
    .values(made.map(({ token, ...row }) => ({ ...row, orderId, customerId, survey, hash: hash(token) })));
  return Object.fromEntries(made.map(({ purpose, token }) => [purpose, token]));
}

/** What a link is about. */
export interface Link {
  orderId: string;
  /** Who it was sent to; null: who ordered. */
  customerId: string | null;
  /** The survey it leads to; null: nps, as far as it leads to any. */
  survey: string | null;
  /** Null: never. */
  expiresAt: Instant | null;
}

/** What a link is about and until when; null for every token that is wrong, expired or meant for something else. */
export async function linkBehind(tx: Tx, purpose: TokenPurpose, token: string, now: Instant): Promise<Link | null> {
  const [row] = await tx
    .select()
    .from(tokens)
    .where(eq(tokens.hash, hash(token)));
  if (!row || row.purpose !== purpose || (row.expiresAt !== null && row.expiresAt < now)) return null;
  const { orderId, customerId, survey, expiresAt } = row;
  return { orderId, customerId, survey, expiresAt };
}
