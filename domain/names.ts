/** What an order is called wherever one word must do: `shop/10042`. */
export const orderName = (source: string, number: string) => `${source}/${number}`;

/** What Temporal is told of an order: ids, a handle and names, nothing personal. */
export interface FollowUpRef {
  orderId: string;
  source: string;
  number: string;
  customerId: string;
  owner: string;
  playbook: string;
  stage: string;
}

/** The id of an order's follow-up in Temporal, `follow-up/shop/10042`; the number is percent-encoded. */
export const followUpId = (source: string, number: string) => `follow-up/${source}/${encodeURIComponent(number)}`;

/** The same of a complaint; `customerId` is who complained. */
export interface ComplaintRef {
  complaintId: string;
  orderId: string;
  source: string;
  number: string;
  customerId: string;
  owner: string;
}

/** The id of a complaint's workflow in Temporal. */
export const complaintWorkflowId = (complaintId: string) => `complaint/${complaintId}`;

/** By what a customer came to be one party with another. */
export const LINKS = ['email', 'phone', 'company', 'hand'] as const;
export type LinkedBy = (typeof LINKS)[number];

/** The form of our own ids, to be found in a text: UUIDs, as PostgreSQL writes them. */
export const OUR_ID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const ID = new RegExp(`^${OUR_ID}$`);

/** Whether a text can be one of our own ids; PostgreSQL refuses to compare one with anything else. */
export const isOurId = (text: string) => ID.test(text);
