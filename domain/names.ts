/** What an order is called wherever one word must do: `shop/10042`. */
export const orderName = (source: string, number: string) => `${source}/${number}`;

/** The id of an order's follow-up in Temporal, `follow-up/shop/10042`; the number is percent-encoded. */
export const followUpId = (source: string, number: string) => `follow-up/${source}/${encodeURIComponent(number)}`;
