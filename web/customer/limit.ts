import type { MiddlewareHandler } from 'hono';
import { HOUR } from '../../domain/time.ts';
import type { Web } from '../web.ts';
import { wordingOf } from './links.tsx';

/** Nobody answers more often than this in an hour; every answer is a line in a story, for ever. */
const MOST = 30;

/** Bounds how often one link may be posted to. In this process' memory: enough to keep a story from being flooded. */
export function fewPosts(web: Web): MiddlewareHandler {
  const { now } = web;
  let since = now();
  let counts = new Map<string, number>();
  return async (c, next) => {
    if (c.req.method !== 'POST') return next();
    if (now() - since > HOUR || counts.size > 10_000) {
      since = now();
      counts = new Map();
    }
    const count = (counts.get(c.req.path) ?? 0) + 1;
    counts.set(c.req.path, count);
    if (count <= MOST) return next();
    return c.text(wordingOf(web, c).common.too_often(), 429, { 'Retry-After': '3600' });
  };
}
