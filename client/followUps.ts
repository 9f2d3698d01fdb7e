import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { type FollowUpRef, followUpId } from '../domain/names.ts';
import { FOLLOW_UP, poke, type Sale, searchAttributes } from '../workflows/messages.ts';

/** Starts and pokes follow-ups; the one place that does. */
export interface FollowUps {
  /** Starts the follow-up of an order; where it runs already nothing happens. */
  start(order: FollowUpRef): Promise<void>;
  /** Lets the follow-up look again. False where none runs. */
  poke(order: Pick<FollowUpRef, 'source' | 'number'>): Promise<boolean>;
  /** The workflow ids of all follow-ups that run; the list may lag some seconds behind. */
  running(): AsyncIterable<string>;
}

export function followUps(client: Client, taskQueue: string): FollowUps {
  return {
    async start(order) {
      const { source, number, orderId, playbook } = order;
      await client.workflow.start(FOLLOW_UP, {
        workflowId: followUpId(source, number),
        taskQueue,
        args: [{ order: orderId } satisfies Sale],
        // PostgreSQL says whether an order is open; a run that was terminated or lost may be followed by another.
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'USE_EXISTING',
        staticSummary: `${source}/${number}, playbook ${playbook}`,
        typedSearchAttributes: [
          { key: searchAttributes.stage, value: order.stage },
          { key: searchAttributes.customer, value: order.customerId },
          { key: searchAttributes.owner, value: order.owner },
          { key: searchAttributes.playbook, value: playbook },
        ],
      });
    },

    async poke({ source, number }) {
      try {
        await client.workflow.getHandle(followUpId(source, number)).signal(poke);
        return true;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },

    async *running() {
      const query = `WorkflowType = '${FOLLOW_UP}' AND ExecutionStatus = 'Running'`;
      for await (const { workflowId } of client.workflow.list({ query })) yield workflowId;
    },
  };
}
