import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { assets } from '../ui/assets.ts';
import { fromTheLink, pageHeaders } from '../ui/headers.ts';
import type { Web } from '../web.ts';
import { fewPosts } from './limit.ts';
import { showPerson, takeCallMe } from './person.tsx';
import { isOneClick, oneClick, showPreferences, takePreferences } from './preferences.tsx';
import { showReferral } from './referral.tsx';
import { showSurvey, takeSurvey } from './survey.tsx';

/** More than three texts of the greatest length, whatever their letters. */
const LARGEST_FORM = 128 * 1024;

/** The pages behind links in mails, reached by anybody who has the link; and what all pages are dressed with. */
export function customerPages(web: Web) {
  const app = new Hono();
  const guard = fromTheLink(web);
  for (const path of ['/s/*', '/u/*', '/p/*', '/r/*'])
    app.use(path, pageHeaders('customer'), bodyLimit({ maxSize: LARGEST_FORM }), fewPosts(web.now));

  return (
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
      .get('/r/:code', showReferral(web))
      .route('/', assets())
  );
}
