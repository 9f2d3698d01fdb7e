import { createHmac, timingSafeEqual } from 'node:crypto';

/** A Message-ID of ours: a mark nobody can guess, and the domain it was sent from. */
const MESSAGE_ID = /^<([0-9a-f]{32})@([^@>]+)>$/;
const BOUNCE_ADDRESS = /^b\+([0-9a-f]{32})\.([0-9a-f]{20})@(.+)$/;

/** Whether a Message-ID is made as ours are. */
export const isOurs = (messageId: string) => MESSAGE_ID.test(messageId);

const proofOf = (mark: string, secret: string) =>
  createHmac('sha256', secret).update(`bounce ${mark}`).digest('hex').slice(0, 20);

/**
 * The address a mail's bounces go to, and by which they are known to be about it: `b+{mark}.{proof}@{domain}`, the
 * mark that of its Message-ID. Without our secret nobody makes one up.
 */
export function bounceAddress(messageId: string, secret: string): string {
  const [, mark, domain] = MESSAGE_ID.exec(messageId)!;
  return `b+${mark}.${proofOf(mark, secret)}@${domain}`;
}

/** The Message-ID of the mail a bounce address is about; null where it is none of ours. */
export function bouncedMessage(address: string, secret: string): string | null {
  const [, mark, proof, domain] = BOUNCE_ADDRESS.exec(address.toLowerCase()) ?? [];
  if (mark === undefined) return null;
  return timingSafeEqual(Buffer.from(proof), Buffer.from(proofOf(mark, secret))) ? `<${mark}@${domain}>` : null;
}
