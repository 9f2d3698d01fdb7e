import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { waiting } from '../../store/outbox.ts';
import type { Web } from '../web.ts';

/** What is counted, for Prometheus. Labels are names of ours, so that nothing personal gets in and they stay few. */
export interface Meters {
  register: Registry;
  orders: Counter<'status'>;
  /** Counts and times every request that passes. */
  requests: MiddlewareHandler;
}

export function createMeters(web: Web): Meters {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const duration = new Histogram({
    name: 'aftercare_http_request_duration_seconds',
    help: 'Requests by route and answer.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  new Gauge({
    name: 'aftercare_outbox_waiting',
    help: 'Orders and events that Temporal has still to hear of.',
    registers,
    async collect() {
      // With the database away the other numbers are all the more wanted.
      this.set(await waiting(web.store).catch(() => Number.NaN));
    },
  });
  return {
    register,
    orders: new Counter({
      name: 'aftercare_orders_total',
      help: 'Orders that were handed in, by what became of them.',
      labelNames: ['status'] as const,
      registers,
    }),
    async requests(c, next) {
      const end = duration.startTimer();
      await next();
      // The last handler that ran; its pattern, never the address itself.
      end({
        method: METHODS.includes(c.req.method) ? c.req.method : 'other',
        route: routePath(c),
        status: c.res.status,
      });
    },
  };
}

/** A label for each word that somebody thinks up would fill the memory. */
const METHODS = ['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS'];
