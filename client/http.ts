import type { z } from 'zod';
import { Problem } from '../domain/errors.ts';
import type { customerPatchInput, eventInput, outcomeInput } from '../domain/messages.ts';
import type { OrderInput } from '../domain/order.ts';
import type { pauseInput } from '../domain/pause.ts';
import type {
  AdoptionReply,
  adoptionInput,
  CustomerReply,
  EventReply,
  MoveReply,
  moveInput,
  NotDoneReply,
  OrderReply,
  OutcomeReply,
  PauseReply,
  PlaybooksReply,
  ProblemReply,
  ResumeReply,
  StoryReply,
  TasksReply,
} from '../domain/replies.ts';
import type { TaskStatus } from '../domain/task.ts';

/** Thrown when Aftercare refuses a request; `problem.errors` names everything that is wrong with it. */
export class Refusal extends Error {
  readonly problem: ProblemReply;

  constructor(problem: ProblemReply) {
    const { detail, errors } = problem;
    super(errors.length > 0 ? errors.map(({ path, message }) => `${path} ${message}`).join('; ') : detail);
    this.name = 'Refusal';
    this.problem = problem;
  }
}

/** Filters of the list of tasks; `cursor` is the `next` of the page before. */
export interface TaskFilter {
  owner?: string;
  status?: TaskStatus;
  due?: string;
  cursor?: string;
}

/** The API, typed; every method may throw a Problem (not reached, wrong token) or a Refusal. */
export type AftercareClient = ReturnType<typeof aftercareClient>;

/**
 * Reaches Aftercare over HTTP.
 *
 *     const aftercare = aftercareClient({ url: 'http://127.0.0.1:4280', token });
 *     await aftercare.order({ source: 'shop', number: '10042', ... });
 *     await aftercare.event('shop', '10042', { type: 'delivered' });
 */
export function aftercareClient({ url, token }: { url: string; token: string }) {
  const at = (...parts: string[]) => `/v1/${parts.map(encodeURIComponent).join('/')}`;

  async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
        signal: AbortSignal.timeout(60_000),
      });
      text = await response.text();
    } catch (error) {
      throw new Problem('no-answer', { url, reason: reasonOf(error) });
    }
    if (response.status === 401) throw new Problem('refused-token', { url });
    const type = response.headers.get('content-type') ?? '';
    if (response.ok && (text === '' || type.startsWith('application/json')))
      return (text ? JSON.parse(text) : undefined) as T;
    if (type.startsWith('application/problem+json')) throw new Refusal(JSON.parse(text));
    // Somebody else answers there, or a proxy stands between.
    throw new Problem('no-answer', { url, reason: `its answer was HTTP ${response.status}, and not ours` });
  }

  return {
    /** Hands an order in; safe to repeat. With `history` it is kept as history whatever its age. JSON text as it is. */
    order: (order: OrderInput | string, options: { history?: boolean } = {}) =>
      ask<OrderReply>('POST', at('orders') + (options.history ? '?history=true' : ''), order),

    /** Reports what happened to an order; with an `id` it is safe to repeat. */
    event: (source: string, number: string, event: z.input<typeof eventInput>) =>
      ask<EventReply>('POST', at('orders', source, number, 'events'), event),

    /** Where an order stands, and its story. */
    story: (source: string, number: string) => ask<StoryReply>('GET', at('orders', source, number)),

    /** What is known of a customer. */
    customer: (source: string, id: string) => ask<CustomerReply>('GET', at('customers', source, id)),

    /** Changes a customer: fields left out stay, null clears one. */
    changeCustomer: (source: string, id: string, patch: z.input<typeof customerPatchInput>) =>
      ask<CustomerReply>('PATCH', at('customers', source, id), patch),

    /** Erases a customer; there is no way back. */
    eraseCustomer: (source: string, id: string) => ask<void>('DELETE', at('customers', source, id)),

    /** Everything held about a customer. */
    exportCustomer: (source: string, id: string) =>
      ask<Record<string, unknown>>('GET', at('customers', source, id, 'export')),

    /** A page of tasks, by due time. */
    tasks(filter: TaskFilter = {}) {
      const given = Object.entries(filter).filter(([, value]) => value !== undefined);
      const query = new URLSearchParams(given as [string, string][]).toString();
      return ask<TasksReply>('GET', at('tasks') + (query && `?${query}`));
    },

    /** Says how a task came out; with an `id` it is safe to repeat. */
    outcome: (task: string, outcome: z.input<typeof outcomeInput>) =>
      ask<OutcomeReply>('POST', at('tasks', task, 'outcome'), outcome),

    /** Keeps in touch with customers of the past, each named by one of their orders; safe to repeat. */
    adopt: (adoption: z.input<typeof adoptionInput>) => ask<AdoptionReply>('POST', at('adoptions'), adoption),

    /** What was not made as planned in the last 7, 30 or 90 days, by reason. */
    notDone: (days: 7 | 30 | 90 = 30) => ask<NotDoneReply>('GET', `${at('not-done')}?days=${days}`),

    /** Playbooks, and what runs by which version of them. */
    playbooks: () => ask<PlaybooksReply>('GET', at('playbooks')),

    /** Moves running follow-ups to another version of a playbook, or tells what that would change; page by page. */
    move: (playbook: string, choice: z.input<typeof moveInput>) =>
      ask<MoveReply>('POST', at('playbooks', playbook, 'move'), choice),

    /** The pause for everything, if there is one. */
    pause: () => ask<PauseReply>('GET', at('pause')),

    /** Lets everything wait until then, or until another time than before. */
    pauseEverything: (pause: z.input<typeof pauseInput>) => ask<PauseReply>('PUT', at('pause'), pause),

    /** Ends the pause for everything. */
    resumeEverything: () => ask<ResumeReply>('DELETE', at('pause')),

    /** Whether it is ready, or what is not and why. Needs no token. */
    async ready(): Promise<true | string> {
      try {
        await ask('GET', '/readyz');
        return true;
      } catch (error) {
        if (error instanceof Refusal) return error.message;
        throw error;
      }
    },
  };
}

/** fetch says "fetch failed" and hides why one level down, or two where a name has several addresses. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer within a minute';
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error) return cause.errors[0].message;
  return cause instanceof Error ? cause.message : error.message;
}
