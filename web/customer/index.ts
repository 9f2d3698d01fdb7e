import { Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { assets } from '../ui/assets.ts';
import { fromTheLink, pageHeaders } from '../ui/headers.ts';
import type { Web } from '../web.ts';
import { showComplaint, takeComplaint } from './complaint.tsx';
import { fewPosts } from './limit.ts';
import { failedLink, noSuchLink } from './links.tsx';
import { showPerson, takeCallMe } from './person.tsx';
import { isOneClick, oneClick, showPreferences, takePreferences } from './preferences.tsx';
import { showReferral, takeLead } from './referral.tsx';
import { showSurvey, takeSurvey } from './survey.tsx';

/** More than a text of a hundred thousand characters of any script, which is to come back with what is wrong with it. */
const LARGEST_FORM = 1_536 * 1024;

/** Talking to a person, from a page behind another link: each link opens what it is for, and this. */
const FROM_ELSEWHERE = '/p/:purpose{survey|card|unsubscribe}/:token';

/** Where links lead. */
const PATHS = ['/s/*', '/u/*', '/p/*', '/r/*'];

/** No link has a NUL, which PostgreSQL would not even look for. */
const noNul =
  (web: Web): MiddlewareHandler =>
  async (c, next) =>
    /%00|\0/.test(c.req.path) ? noSuchLink(web, c) : next();

/** The pages behind links in mails, reached by anybody who has the link; and what all pages are dressed with. */
export function customerPages(web: Web) {
  const app = new Hono().onError(failedLink(web));
  const guard = fromTheLink(web);
  const few = fewPosts(web);
  for (const path of PATHS)
    app.use(path, pageHeaders('customer'), noNul(web), bodyLimit({ maxSize: LARGEST_FORM }), few);

  app
    .get('/s/:token', showSurvey(web))
    .post('/s/:token', guard, takeSurvey(web))
    .get('/u/:token', showPreferences(web))
    // A mail program's one click comes from anywhere, so it passes no guard.
    .post(
      '/u/:token',
      async (c, next) => ((await isOneClick(c)) ? oneClick(web)(c) : guard(c, next)),
      takePreferences(web),
    )
    .get('/p/:token', showPerson(web))
    .post('/p/:token', guard, takeCallMe(web))
    .get(FROM_ELSEWHERE, showPerson(web))
    .post(FROM_ELSEWHERE, guard, takeCallMe(web))
    .get('/p/:token/complaint', showComplaint(web))
    .post('/p/:token/complaint', guard, takeComplaint(web))
    .get(`${FROM_ELSEWHERE}/complaint`, showComplaint(web))
    .post(`${FROM_ELSEWHERE}/complaint`, guard, takeComplaint(web))
    .get('/r/:code', showReferral(web))
    .post('/r/:code', guard, takeLead(web))
    .route('/', assets());
  for (const path of PATHS) app.all(path, (c) => noSuchLink(web, c));
  return app;
}
