import type { Context } from 'hono';
import type { Web } from '../web.ts';
import { Frame, viewOf } from './frame.tsx';

/** There is nothing at this address. */
export const noSuchPage = (web: Web, c: Context, what = 'There is nothing at this address.') =>
  c.html(
    <Frame view={viewOf(web, c)} title="Not found">
      <p>{what}</p>
      <p>
        Go on with the <a href="/">tasks</a> or the <a href="/orders">orders</a>.
      </p>
    </Frame>,
    404,
  );
