import type { Context } from 'hono';
import { isAway } from '../store/away.ts';
import { Layout } from './ui/layout.tsx';
import type { Web } from './web.ts';

/** The page for what nobody expected: it says whether to come back, and the log says what it was, without the data. */
export const failure =
  ({ log }: Pick<Web, 'log'>) =>
  (error: Error, c: Context) => {
    const away = isAway(error);
    // Not the message: a query that failed quotes what it was given.
    log.error({ method: c.req.method, error: error.name, away }, 'a page failed');
    if (away) c.header('Retry-After', '10');
    return c.html(
      <Layout title="Not now">
        <main class="container">
          <h1>{away ? 'We cannot look that up right now' : 'Something went wrong'}</h1>
          <p>
            {away
              ? 'Nothing is lost, and nothing was changed. Please try again in a minute.'
              : 'Whoever runs this finds it in the log. Go back and try again; if it stays like this, tell them.'}
          </p>
        </main>
      </Layout>,
      away ? 503 : 500,
    );
  };
