import { Hono } from 'hono';
import type { Web } from '../web.ts';

/** The pages behind links in mails. */
export const customerPages = (_web: Web) => new Hono();
