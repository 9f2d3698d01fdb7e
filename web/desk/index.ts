import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { fromTheDesk, pageHeaders } from '../ui/headers.ts';
import type { Web } from '../web.ts';
import { thisMachineOnly } from './guard.ts';
import { showMail, showMailHtml, showMails } from './mails.tsx';
import { noSuchPage } from './noSuchPage.tsx';
import { showOrder, takeReport } from './order.tsx';
import { showOrders } from './orders.tsx';
import { showSettings, takeColleague, takeSettings } from './settings.tsx';
import { showTask, showTasks, takeTaskOutcome } from './tasks.tsx';

const PATHS = [
  '/',
  '/tasks/*',
  '/orders/*',
  '/customers/*',
  '/overdue/*',
  '/not-done/*',
  '/playbooks/*',
  '/dev/*',
  '/settings/*',
];

/** What colleagues work with. */
export function desk(web: Web) {
  const app = new Hono();
  for (const path of PATHS)
    app.use(path, pageHeaders('desk'), thisMachineOnly, bodyLimit({ maxSize: 256 * 1024 }), fromTheDesk(web));

  return app
    .get('/', showTasks(web))
    .get('/tasks/:id', showTask(web))
    .post('/tasks/:id/outcome', takeTaskOutcome(web))
    .get('/orders', showOrders(web))
    .get('/orders/:source/:number', showOrder(web))
    .post('/orders/:source/:number/events', takeReport(web))
    .get('/dev/mail', showMails(web))
    .get('/dev/mail/:id', showMail(web))
    .get('/dev/mail/:id/html', showMailHtml(web))
    .get('/settings', showSettings(web))
    .post('/settings', takeSettings(web))
    .post('/settings/colleagues', takeColleague(web))
    .get('/tasks', (c) => c.redirect('/'))
    .get('/orders/*', (c) => noSuchPage(web, c))
    .get('/dev/*', (c) => noSuchPage(web, c));
}
