/** Goods come back for money, or for other goods. */
export const RETURN_KINDS = ['return', 'exchange'] as const;
export type ReturnKind = (typeof RETURN_KINDS)[number];

/** How it ends: what went out to the customer, or why nothing did. */
export const RETURN_ENDS = ['refunded', 'replaced', 'repaired', 'refused', 'withdrawn'] as const;
export type ReturnEnd = (typeof RETURN_ENDS)[number];
