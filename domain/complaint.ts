/** What a customer who complains wants. */
export const WANTS = ['apology', 'repair', 'exchange', 'refund', 'explanation', 'other'] as const;
export type Want = (typeof WANTS)[number];
