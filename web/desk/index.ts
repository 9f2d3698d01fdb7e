import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { fromTheDesk, pageHeaders } from '../ui/headers.ts';
import type { Web } from '../web.ts';
import { showCustomer, showCustomerOf, takeConsent, takeLink, takePause, takeUnlink } from './customer.tsx';
import { thisMachineOnly } from './guard.ts';
import { showMail, showMailHtml, showMails } from './mails.tsx';
import { noSuchPage } from './noSuchPage.tsx';
import { showNotDone } from './notDone.tsx';
import { showOrder, takeReport } from './order.tsx';
import { showOrders } from './orders.tsx';
import { showOverdue, takeAll, takeChosen, takeCount } from './overdue.tsx';
import { showMove, showPlaybook, showPlaybooks, takeMove } from './playbooks.tsx';
import { showPreview, showPreviewHtml } from './preview.tsx';
import { SETTINGS_FORMS, showSettings, takeSettings } from './settings.tsx';
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
  for (const [path, form] of Object.entries(SETTINGS_FORMS)) app.post(path, takeSettings(web, form));

  return app
    .get('/', showTasks(web))
    .get('/tasks/:id', showTask(web))
    .post('/tasks/:id/outcome', takeTaskOutcome(web))
    .get('/orders', showOrders(web))
    .get('/orders/:source/:number', showOrder(web))
    .post('/orders/:source/:number/events', takeReport(web))
    .get('/orders/:source/:number/mail/:touch', showPreview(web))
    .get('/orders/:source/:number/mail/:touch/html', showPreviewHtml(web))
    .get('/customers/:id', showCustomer(web))
    .get('/customers/:source/:externalId', showCustomerOf(web))
    .post('/customers/:id/consent', takeConsent(web))
    .post('/customers/:id/pause', takePause(web))
    .post('/customers/:id/link', takeLink(web))
    .post('/customers/:id/unlink', takeUnlink(web))
    .get('/overdue', showOverdue(web))
    .post('/overdue/count', takeCount(web))
    .post('/overdue/chosen', takeChosen(web))
    .post('/overdue/all', takeAll(web))
    .get('/not-done', showNotDone(web))
    .get('/dev/mail', showMails(web))
    .get('/dev/mail/:id', showMail(web))
    .get('/dev/mail/:id/html', showMailHtml(web))
    .get('/playbooks', showPlaybooks(web))
    .get('/playbooks/:name', showPlaybook(web))
    .get('/playbooks/:name/move', showMove(web))
    .post('/playbooks/:name/move', takeMove(web))
    .get('/playbooks/:name/:hash', showPlaybook(web))
    .get('/settings', showSettings(web))
    .get('/tasks', (c) => c.redirect('/'))
    .get('/orders/*', (c) => noSuchPage(web, c))
    .get('/customers/*', (c) => noSuchPage(web, c))
    .get('/dev/*', (c) => noSuchPage(web, c));
}
