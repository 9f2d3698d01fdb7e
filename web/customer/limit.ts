import type { MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { readCode } from '../../domain/referral.ts';
import { HOUR } from '../../domain/time.ts';
import { TOKEN_PURPOSES } from '../../store/schema.ts';
import type { Web } from '../web.ts';

/** Nobody answers more often than this in an hour; every answer is a line in a story, for ever. */
const MOST = 30;

/**
 * Bounds how often one link may be posted to, by whichever of its pages and however its code is written. In this process'
 * memory: enough to keep a story from being flooded.
 */
export function fewPosts({ now }: Web): MiddlewareHandler {
  let since = now();
  let counts = new Map<string, number>();
  return async (c, next) => {
    if (c.req.method !== 'POST') return next();
    if (now() - since > HOUR || counts.size > 10_000) {
      since = now();
      counts = new Map();
    }
    const link = linkIn(c.req.path);
    const count = (counts.get(link) ?? 0) + 1;
    counts.set(link, count);
    if (count <= MOST) return next();
    c.header('Retry-After', '3600');
    throw new HTTPException(429);
  };
}

/** The token or the code in an address, as `/p/survey/{token}/complaint`. */
function linkIn(path: string): string {
  const [page, first = '', second = ''] = path.split('/').slice(1);
  if (page === 'r') return readCode(first);
  return (TOKEN_PURPOSES as readonly string[]).includes(first) ? second : first;
}
