import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { fromTheDesk, pageHeaders } from '../ui/headers.ts';
import type { Web } from '../web.ts';
import { showAnswer, takeAnswer } from './answer.tsx';
import { showApology, showComplaint, takeComplaint } from './complaint.tsx';
import { showComplaints } from './complaints.tsx';
import { showCustomer, showCustomerOf, takeConsent, takeLink, takePause, takeUnlink } from './customer.tsx';
import { thisMachineOnly } from './guard.ts';
import { showMail, showMailHtml, showMails, takeSentBack } from './mails.tsx';
import { noSuchPage } from './noSuchPage.tsx';
import { showNotDone } from './notDone.tsx';
import { showOrder, takeReport } from './order.tsx';
import { showOrders } from './orders.tsx';
import { showOverdue, takeAll, takeChosen, takeCount } from './overdue.tsx';
import { showCard, takeCard } from './parcelCard.tsx';
import { showMove, showPlaybook, showPlaybooks, takeMove } from './playbooks.tsx';
import { showPreview, showPreviewHtml } from './preview.tsx';
import { showQuotes } from './quotes.tsx';
import { showReferrals, takeGiven } from './referrals.tsx';
import { showReplies, takeWhose } from './replies.tsx';
import { showReceipt, showReturn, showReturns, takeReceived, takeReturn, takeSettled } from './returns.tsx';
import { showReview, takeImprovementOfCustomer, takeImprovementOfOrder, takeReview } from './review.tsx';
import { SETTINGS_FORMS, showSettings, takeSettings } from './settings.tsx';
import { showTask, showTasks, takeTaskOutcome } from './tasks.tsx';
import { showTemplate, showTemplateHtml, showTemplates } from './templates.tsx';

const PATHS = [
  '/',
  '/tasks/*',
  '/orders/*',
  '/customers/*',
  '/overdue/*',
  '/complaints/*',
  '/quotes/*',
  '/not-done/*',
  '/referrals/*',
  '/replies/*',
  '/returns/*',
  '/review/*',
  '/playbooks/*',
  '/templates/*',
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
    .get('/orders/:source/:number/answer', showAnswer(web))
    .post('/orders/:source/:number/answer', takeAnswer(web))
    .get('/orders/:source/:number/card', showCard(web))
    .post('/orders/:source/:number/card', takeCard(web))
    .get('/complaints', showComplaints(web))
    .get('/complaints/:id', showComplaint(web))
    .get('/complaints/:id/letter', showApology(web))
    .post('/complaints/:id/:form', takeComplaint(web))
    .get('/quotes', showQuotes(web))
    .post('/orders/:source/:number/returns', takeReturn(web))
    .post('/orders/:source/:number/improvements', takeImprovementOfOrder(web))
    .get('/orders/:source/:number/mail/:touch', showPreview(web))
    .get('/orders/:source/:number/mail/:touch/html', showPreviewHtml(web))
    .get('/customers/:id', showCustomer(web))
    .get('/customers/:source/:externalId', showCustomerOf(web))
    .post('/customers/:id/consent', takeConsent(web))
    .post('/customers/:id/pause', takePause(web))
    .post('/customers/:id/link', takeLink(web))
    .post('/customers/:id/unlink', takeUnlink(web))
    .post('/customers/:id/improvements', takeImprovementOfCustomer(web))
    .get('/overdue', showOverdue(web))
    .post('/overdue/count', takeCount(web))
    .post('/overdue/chosen', takeChosen(web))
    .post('/overdue/all', takeAll(web))
    .get('/not-done', showNotDone(web))
    .get('/referrals', showReferrals(web))
    .post('/referrals/:id/given', takeGiven(web))
    .get('/replies', showReplies(web))
    .post('/replies/:id', takeWhose(web))
    .get('/returns', showReturns(web))
    .get('/returns/:receipt', showReturn(web))
    .get('/returns/:receipt/print', showReceipt(web))
    .post('/returns/:receipt/received', takeReceived(web))
    .post('/returns/:receipt/settled', takeSettled(web))
    .get('/review', showReview(web))
    .post('/review/:id', takeReview(web))
    .get('/dev/mail', showMails(web))
    .get('/dev/mail/:id', showMail(web))
    .get('/dev/mail/:id/html', showMailHtml(web))
    .post('/dev/mail/:id/reply', takeSentBack(web, 'reply'))
    .post('/dev/mail/:id/bounce', takeSentBack(web, 'bounce'))
    .get('/playbooks', showPlaybooks(web))
    .get('/playbooks/:name', showPlaybook(web))
    .get('/playbooks/:name/move', showMove(web))
    .post('/playbooks/:name/move', takeMove(web))
    .get('/playbooks/:name/:hash', showPlaybook(web))
    .get('/templates', showTemplates(web))
    .get('/templates/:language/:name', showTemplate(web))
    .get('/templates/:language/:name/html', showTemplateHtml(web))
    .get('/settings', showSettings(web))
    .get('/tasks', (c) => c.redirect('/'))
    .get('/orders/*', (c) => noSuchPage(web, c))
    .get('/customers/*', (c) => noSuchPage(web, c))
    .get('/complaints/*', (c) => noSuchPage(web, c))
    .get('/templates/*', (c) => noSuchPage(web, c))
    .get('/dev/*', (c) => noSuchPage(web, c));
}
