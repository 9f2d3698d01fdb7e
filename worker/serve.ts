import type { Server } from 'node:http';
import { serve as listen } from '@hono/node-server';
import type { Hono } from 'hono';
import { Problem } from '../domain/errors.ts';
import type { Environment } from './environment.ts';

/** Answers HTTP on the environment's host and port; `close` ends it when the requests in hand are answered. */
export function serve(app: Hono, { host, port }: Pick<Environment, 'host' | 'port'>) {
  return new Promise<{ close(): Promise<void> }>((resolve, reject) => {
    const server = listen({ fetch: app.fetch, hostname: host, port }, () =>
      resolve({
        close: () =>
          new Promise<void>((done) => {
            server.close(() => done());
            server.closeIdleConnections();
            setTimeout(() => server.closeAllConnections(), 5_000).unref();
          }),
      }),
    ) as Server;
    server.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new Problem('port-taken', { port, what: 'the desk and the API', name: 'AFTERCARE_PORT' })
          : new Problem('bad-environment', {
              name: 'AFTERCARE_HOST',
              value: host,
              allowed: `an address of this machine (${error.message})`,
            }),
      ),
    );
  });
}
