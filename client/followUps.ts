import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { type ComplaintRef, complaintWorkflowId, type FollowUpRef, followUpId, orderName } from '../domain/names.ts';
import { COMPLAINT, FOLLOW_UP, type OpenComplaint, poke, type Sale, searchAttributes } from '../workflows/messages.ts';

/** Starts and pokes follow-ups and the workflows of complaints; the one place that does. */
export interface FollowUps {
  /** Starts the follow-up of an order; where it runs already nothing happens. */
  start(order: FollowUpRef): Promise<void>;
  /** Lets the follow-up look again. False where none runs. */
  poke(order: Pick<FollowUpRef, 'source' | 'number'>): Promise<boolean>;
  /** The same of a complaint. */
  startComplaint(complaint: ComplaintRef): Promise<void>;
  pokeComplaint(complaint: Pick<ComplaintRef, 'complaintId'>): Promise<boolean>;
  /** The workflow ids of all follow-ups and complaints that run; the list may lag some seconds behind. */
  running(): AsyncIterable<string>;
}

// PostgreSQL says what is open; a run that was terminated or lost may be followed by another.
const ONE_AT_A_TIME = { workflowIdReusePolicy: 'ALLOW_DUPLICATE', workflowIdConflictPolicy: 'USE_EXISTING' } as const;

export function followUps(client: Client, taskQueue: string): FollowUps {
  const pokeWorkflow = async (id: string) => {
    try {
      await client.workflow.getHandle(id).signal(poke);
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  };
  return {
    async start(order) {
      const { source, number, orderId, playbook } = order;
      await client.workflow.start(FOLLOW_UP, {
        workflowId: followUpId(source, number),
        taskQueue,
        args: [{ order: orderId } satisfies Sale],
        ...ONE_AT_A_TIME,
        staticSummary: `${source}/${number}, playbook ${playbook}`,
        typedSearchAttributes: [
          { key: searchAttributes.stage, value: order.stage },
          { key: searchAttributes.customer, value: order.customerId },
          { key: searchAttributes.owner, value: order.owner },
          { key: searchAttributes.playbook, value: playbook },
        ],
      });
    },

    poke: ({ source, number }) => pokeWorkflow(followUpId(source, number)),

    async startComplaint({ complaintId, orderId, source, number, customerId, owner }) {
      await client.workflow.start(COMPLAINT, {
        workflowId: complaintWorkflowId(complaintId),
        taskQueue,
        args: [{ complaint: complaintId, order: orderId } satisfies OpenComplaint],
        ...ONE_AT_A_TIME,
        staticSummary: `a complaint about ${orderName(source, number)}`,
        typedSearchAttributes: [
          { key: searchAttributes.stage, value: 'complaint: listen' },
          { key: searchAttributes.customer, value: customerId },
          { key: searchAttributes.owner, value: owner },
        ],
      });
    },

    pokeComplaint: ({ complaintId }) => pokeWorkflow(complaintWorkflowId(complaintId)),

    async *running() {
      const query = `WorkflowType IN ('${FOLLOW_UP}', '${COMPLAINT}') AND ExecutionStatus = 'Running'`;
      for await (const { workflowId } of client.workflow.list({ query })) yield workflowId;
    },
  };
}
