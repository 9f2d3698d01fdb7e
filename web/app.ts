import { Hono } from 'hono';
import { api } from './api/index.ts';
import { customerPages } from './customer/index.ts';
import { desk } from './desk/index.ts';
import { failure } from './failure.tsx';
import type { Web } from './web.ts';

/** Everything that answers over HTTP. */
export const createApp = (web: Web) =>
  new Hono().route('/', api(web)).route('/', customerPages(web)).route('/', desk(web)).onError(failure(web));
