import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { Hono } from 'hono';

interface Asset {
  type: string;
  plain: Uint8Array<ArrayBuffer>;
  zipped: Uint8Array<ArrayBuffer>;
  /** Part of the address: what has changed has another, so that browsers may keep it for ever. */
  hash: string;
}

const asset = (path: string, type: string): Asset => {
  const plain = new Uint8Array(readFileSync(path));
  const hash = createHash('sha256').update(plain).digest('hex').slice(0, 12);
  return { type, plain, zipped: new Uint8Array(gzipSync(plain)), hash };
};

const own = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Read once, when the program starts. */
const ASSETS: Record<string, Asset> = {
  'pico.css': asset(
    createRequire(import.meta.url).resolve('@picocss/pico/css/pico.min.css'),
    'text/css; charset=utf-8',
  ),
  'style.css': asset(own('./style.css'), 'text/css; charset=utf-8'),
  'icon.svg': asset(own('./icon.svg'), 'image/svg+xml'),
};

/** The address of an asset. */
export const assetUrl = (name: string) => `/assets/${name}?v=${ASSETS[name].hash}`;

/** Serves what pages are made of besides markup. */
export const assets = () =>
  new Hono().get('/assets/:name', (c) => {
    const found = Object.hasOwn(ASSETS, c.req.param('name')) ? ASSETS[c.req.param('name')] : undefined;
    if (!found) return c.notFound();
    const zip = /\bgzip\b/.test(c.req.header('accept-encoding') ?? '');
    c.header('Content-Type', found.type);
    c.header('X-Content-Type-Options', 'nosniff');
    c.header('Vary', 'Accept-Encoding');
    const current = c.req.query('v') === found.hash;
    c.header('Cache-Control', current ? 'public, max-age=31536000, immutable' : 'no-cache');
    if (zip) c.header('Content-Encoding', 'gzip');
    return c.body(zip ? found.zipped : found.plain);
  });
