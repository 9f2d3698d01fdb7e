import type { Context, MiddlewareHandler } from 'hono';
import { csrf } from 'hono/csrf';
import type { Web } from '../web.ts';

/** No script at all, nothing from elsewhere, forms to ourselves only, and nobody frames us. */
const STRICT = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/** What the desk needs beyond that: Pico draws its marks with data URLs, and a caught mail stands in a frame. */
const DESK = `${STRICT}; img-src 'self' data:; frame-src 'self'`;

/**
 * Headers of a page. Pages behind links never tell where the reader came from, since their address is a secret; the
 * desk may tell itself, or browsers would send its forms with the origin `null`.
 */
export const pageHeaders =
  (of: 'customer' | 'desk'): MiddlewareHandler =>
  async (c, next) => {
    await next();
    const set = (name: string, value: string) => {
      if (!c.res.headers.has(name)) c.header(name, value);
    };
    set('Content-Security-Policy', of === 'desk' ? DESK : STRICT);
    set('Referrer-Policy', of === 'desk' ? 'same-origin' : 'no-referrer');
    set('Cache-Control', 'no-store');
    set('X-Content-Type-Options', 'nosniff');
    set('X-Frame-Options', 'DENY');
    set('X-Robots-Tag', 'noindex, nofollow');
    set('Cross-Origin-Opener-Policy', 'same-origin');
    set('Permissions-Policy', 'camera=(), microphone=(), geolocation=()');
  };

/** Our own origin: as we were asked, or as the world knows us where a proxy stands in front. */
const ours = (web: Web) => (origin: string, c: Context) =>
  origin === new URL(c.req.url).origin || origin === new URL(web.publicUrl).origin;

/** Refuses the desk's forms from anywhere but the desk. */
export const fromTheDesk = (web: Web) => csrf({ origin: ours(web) });

/**
 * Refuses a customer's form that another site sent. There is no cookie to abuse: who posts must know the token. So it
 * is refused on evidence only: browsers send the origin `null` from a page without referrer, and say `Sec-Fetch-Site`
 * over https alone.
 */
export const fromTheLink = (web: Web): MiddlewareHandler => {
  const guard = csrf({
    origin: (origin, c) => (origin === 'null' ? !c.req.header('sec-fetch-site') : ours(web)(origin, c)),
  });
  return (c, next) => (c.req.header('origin') || c.req.header('sec-fetch-site') ? guard(c, next) : next());
};
