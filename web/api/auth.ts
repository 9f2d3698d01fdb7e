import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { problem } from './problems.ts';

/** Ways that tell how to use the API, and nothing else. */
const OPEN = ['/v1/openapi.json', '/v1/docs'];

/** Lets in who brings the token. Hashes are compared, since they are of one length, in a time that tells nothing. */
export function needsToken(token: string): MiddlewareHandler {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  const wanted = hash(token);
  return async (c, next) => {
    if (OPEN.includes(c.req.path)) return next();
    const [, given] = /^bearer +(\S+) *$/i.exec(c.req.header('authorization') ?? '') ?? [];
    if (given === undefined)
      return problem(401, 'a token is needed: Authorization: Bearer TOKEN', [], {
        'www-authenticate': 'Bearer realm="aftercare"',
      });
    if (!timingSafeEqual(hash(given), wanted))
      return problem(401, 'this token is not known', [], {
        'www-authenticate': 'Bearer realm="aftercare", error="invalid_token"',
      });
    await next();
    c.header('cache-control', 'no-store');
  };
}
