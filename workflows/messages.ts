import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { defineSignal } from '@temporalio/workflow';

/** The workflow that follows one order up. */
export const FOLLOW_UP = 'followUp';

/** The workflow that sees to one complaint. */
export const COMPLAINT = 'complaint';

/** Where the workers listen. */
export const TASK_QUEUE = 'aftercare';

/** What a follow-up is started with. Ids only: Temporal keeps it, and admins see it. */
export interface Sale {
  /** Our id of the order. */
  order: string;
  /** The plan is done and this run keeps in touch. */
  keepingInTouch?: boolean;
}

/** What a complaint's workflow is started with: our ids of it and of its order. */
export interface OpenComplaint {
  complaint: string;
  order: string;
}

/** Something happened to the order: look again. What it was stands in the database. */
export const poke = defineSignal('poke');

/** What admins search by; never encrypted, so nothing personal. */
export const searchAttributes = {
  stage: defineSearchAttributeKey('AftercareStage', SearchAttributeType.KEYWORD),
  customer: defineSearchAttributeKey('AftercareCustomer', SearchAttributeType.KEYWORD),
  owner: defineSearchAttributeKey('AftercareOwner', SearchAttributeType.KEYWORD),
  playbook: defineSearchAttributeKey('AftercarePlaybook', SearchAttributeType.KEYWORD),
  nextTouch: defineSearchAttributeKey('AftercareNextTouch', SearchAttributeType.DATETIME),
  score: defineSearchAttributeKey('AftercareScore', SearchAttributeType.INT),
};
