import { Hono } from 'hono';
import type { Web } from '../web.ts';

/** What colleagues work with. */
export const desk = (_web: Web) => new Hono();
