import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { HtmlEscapedString } from 'hono/utils/html';
import { isAway } from '../store/away.ts';
import { Layout } from './ui/layout.tsx';
import type { Web } from './web.ts';

/**
 * Answers what nobody expected with a page that says whether to come back (`away`: only the database is); the log says
 * what it was, without the data. What was refused on purpose is answered as it was meant.
 */
export const failing =
  ({ log }: Pick<Web, 'log'>, page: (away: boolean, c: Context) => HtmlEscapedString | Promise<HtmlEscapedString>) =>
  (error: Error, c: Context) => {
    // A form from another site, or one that is too large.
    if (error instanceof HTTPException) return error.getResponse();
    const away = isAway(error);
    // Not the message: a query that failed quotes what it was given.
    log.error({ method: c.req.method, error: error.name, away }, 'a page failed');
    if (away) c.header('Retry-After', '10');
    return c.html(page(away, c), away ? 503 : 500);
  };

/** The page for it where nothing better is known. */
export const failure = (web: Pick<Web, 'log'>) =>
  failing(web, (away) => (
    <Layout title="Not now">
      <main class="container">
        <h1>{away ? 'We cannot look that up right now' : 'Something went wrong'}</h1>
        <p>
          {away
            ? 'Nothing is lost, and nothing was changed. Please try again in a minute.'
            : 'Whoever runs this finds it in the log. Go back and try again; if it stays like this, tell them.'}
        </p>
      </main>
    </Layout>
  ));
