import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import {
  DefaultLogger,
  type LogEntry,
  makeTelemetryFilterString,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import type { Logger } from 'pino';
import type { House } from '../activities/house.ts';
import { createActivities } from '../activities/index.ts';
import { Problem, reasonOf } from '../domain/errors.ts';
import { searchAttributes } from '../workflows/messages.ts';

/** A connection to Temporal, and the namespace to work in. */
export interface Temporal {
  connection: Connection;
  client: Client;
  namespace: string;
  /** For the worker's own connection. */
  options: ReturnType<typeof loadClientConnectConfig>['connectionOptions'];
}

/**
 * Connects to the server at the address given, which is ours and knows nothing of profiles; else as the SDK's profiles
 * and TEMPORAL_* say.
 */
export async function connectTemporal(address?: string): Promise<Temporal> {
  const profile = address ? { connectionOptions: { address } } : loadClientConnectConfig();
  const options = profile.connectionOptions;
  const namespace = ('namespace' in profile ? profile.namespace : undefined) ?? 'default';
  try {
    const connection = await Connection.connect({ ...options, connectTimeout: '10s' });
    return { connection, client: new Client({ connection, namespace }), namespace, options };
  } catch (error) {
    throw new Problem('temporal-unreachable', {
      address: options.address ?? 'localhost:7233',
      reason: (error as Error).message,
    });
  }
}

/** Temporal's numbers for the types of search attributes (IndexedValueType in its API). */
const TYPE_NUMBERS = { TEXT: 1, KEYWORD: 2, INT: 3, DOUBLE: 4, BOOL: 5, DATETIME: 6, KEYWORD_LIST: 7 } as const;

/** The search attributes of follow-ups, by name, with Temporal's numbers for their types. */
export const searchAttributeTypes = Object.fromEntries(
  Object.values(searchAttributes).map(({ name, type }) => [name, TYPE_NUMBERS[type]]),
);

/** Answers of gRPC: not for you, and not at all. */
const PERMISSION_DENIED = 7;
const UNIMPLEMENTED = 12;

/** Adds the search attributes that are missing, and waits until they can be used. */
export async function addSearchAttributes({ connection, namespace }: Pick<Temporal, 'connection' | 'namespace'>) {
  const missing = async () => {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return Object.entries(searchAttributeTypes).filter(([name]) => !(name in (customAttributes ?? {})));
  };
  let reason = 'they did not show up';
  for (let tries = 0; tries < 40; tries += 1) {
    try {
      const lacking = await missing();
      if (lacking.length === 0) {
        // The server's cache of names follows within two seconds; a start before would be refused.
        if (tries > 0) await new Promise((resolve) => setTimeout(resolve, 2_000));
        return;
      }
      await connection.operatorService.addSearchAttributes({
        namespace,
        searchAttributes: Object.fromEntries(lacking),
      });
    } catch (error) {
      // Temporal Cloud lets nobody list or add them here; there they are added by hand, as docs/operating.md shows.
      if ([PERMISSION_DENIED, UNIMPLEMENTED].includes((error as { code?: number }).code ?? 0)) return;
      // Several parts may add them at the same moment.
      reason = (error as Error).message;
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Problem('temporal-search-attributes', { namespace, reason });
}

/** Lets the SDK log through ours. Must come before any connection. */
export function logThrough(log: Logger) {
  const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'debug', WARN: 'warn', ERROR: 'error' } as const;
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }: LogEntry) => {
      const { error, ...rest } = (meta ?? {}) as Record<string, unknown>;
      log[levels[level]]({ ...rest, ...(error instanceof Error && { reason: reasonOf(error) }) }, message);
    }),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) },
    },
    shutdownSignals: [],
  });
}

/** A worker that runs the follow-ups' workflows and activities. */
export interface RunningWorker {
  /** Finishes what it holds, or hands it back, and ends. */
  stop(): Promise<void>;
  /** Settles when the worker has ended, with an error if it broke. */
  ended: Promise<void>;
}

/**
 * Which workflow code took a step, as its history says it. Every step does, so it is short: the SDK's own name for a build
 * would be a fifth of a history.
 */
async function buildOf(codePath: string) {
  const digest = createHash('sha256')
    .update(await readFile(codePath))
    .digest('hex');
  return { deploymentName: 'aftercare', buildId: digest.slice(0, 12) };
}

export async function startWorker(
  { namespace, options }: Pick<Temporal, 'namespace' | 'options'>,
  house: House,
  taskQueue: string,
  codePath: string,
): Promise<RunningWorker> {
  const connection = await NativeConnection.connect(options);
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle: { codePath },
    activities: createActivities(house),
    workerDeploymentOptions: { useWorkerVersioning: false, version: await buildOf(codePath) },
    shutdownGraceTime: '20 seconds',
    shutdownForceTime: '30 seconds',
  });
  const ended = worker.run().finally(() => connection.close());
  return {
    ended,
    async stop() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await ended;
    },
  };
}
