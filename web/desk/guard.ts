import type { IncomingMessage } from 'node:http';
import type { Context, MiddlewareHandler } from 'hono';
import { Problem } from '../../domain/errors.ts';

/**
 * The desk has no login yet, so it answers this machine only: the connection comes from a loopback address, and the
 * address asked for is one too. The second keeps out pages that bind a name of theirs to 127.0.0.1; and what says that
 * it came through a proxy came from somewhere else.
 */
export const thisMachineOnly: MiddlewareHandler = async (c, next) => {
  const remote = (c.env as { incoming?: IncomingMessage } | undefined)?.incoming?.socket.remoteAddress;
  const local = remote === undefined || isLoopback(remote);
  if (local && hostsOf(c).every(isLoopback)) return next();
  const host = hostsOf(c).at(-1)!;
  return c.text(new Problem('not-loopback', { host: host.slice(0, 100) }).message, 403);
};

/** The hosts a request was sent to: the one it came with, and the one a proxy says it was asked for. */
function hostsOf(c: Context): string[] {
  const { host } = new URL(c.req.url);
  const forwarded = c.req.header('x-forwarded-host') ?? c.req.header('x-forwarded-for') ?? c.req.header('forwarded');
  return [c.req.header('host') ?? host, ...(forwarded ? [forwarded] : [])].map(hostname);
}

/** The name without the port; what is no host stays as it is, and is no loopback. */
function hostname(host: string): string {
  try {
    return /[\s/@?#\\]/.test(host) ? host : new URL(`http://${host}`).hostname;
  } catch {
    return host;
  }
}

const isLoopback = (address: string) => /^(localhost|\[?::1\]?|(::ffff:)?127(\.\d{1,3}){3})$/i.test(address);
