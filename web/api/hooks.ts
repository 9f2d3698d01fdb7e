import { createHmac } from 'node:crypto';
import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { Webhook } from 'standardwebhooks';
import { mailReportInput, readMailReport } from '../../domain/inbound.ts';
import { type MailReportReply, mailReportReply } from '../../domain/replies.ts';
import type { Store } from '../../store/database.ts';
import { takeMailReport } from '../../store/inbound.ts';
import type { Web } from '../web.ts';
import { jsonIn, textOf } from './body.ts';
import { problem, Refused, read } from './problems.ts';
import { BODY_PROBLEMS, body, json, problems, route } from './route.ts';

/** Where mail providers report. */
export const MAIL_HOOK = '/hooks/mail';

const LONGEST_ID = 200;

/** What mail providers sign their reports with, as Standard Webhooks writes it. */
export const mailHookSecret = ({ settings }: Store) =>
  `whsec_${createHmac('sha256', settings.secret).update('webhooks about mail').digest('base64')}`;

/** What mail providers report of our mail, where they do not send bounces as mails. */
export function hooks(app: OpenAPIHono, web: Web): void {
  const { store } = web;
  const { 401: _, ...others } = problems(...BODY_PROBLEMS);
  const header = (what: string) => z.string().describe(what);

  route(
    app,
    web,
    {
      method: 'post',
      path: MAIL_HOOK,
      tags: ['Webhooks'],
      summary: 'A mail came back, or was reported as unwanted',
      description:
        'Signed as Standard Webhooks 1.0.0 has it (https://www.standardwebhooks.com); the secret stands under Settings. An address that is not there, or whose reader reported us, is not written to any more; where the customer may be called a colleague does.',
      request: {
        headers: z.object({
          'webhook-id': header('Each counts once, however often it is sent.'),
          'webhook-timestamp': header('Seconds since the epoch, at most five minutes from now.'),
          'webhook-signature': header('v1, and the HMAC-SHA256 of id, timestamp and body in base64.'),
        }),
        ...body(mailReportInput, { type: 'bounce', messageId: '<5f2a@example.com>', status: '5.1.1' }),
      },
      responses: {
        202: json('Taken.', mailReportReply),
        200: json('A webhook of this id was taken before.', mailReportReply),
        ...others,
        401: { ...problems()[401], description: 'Not signed, wrongly signed, or signed too long ago.' },
      },
    },
    async (c) => {
      const text = await textOf(c);
      const id = c.req.header('webhook-id') ?? '';
      try {
        new Webhook(mailHookSecret(store)).verify(text, c.req.header(), { jsonParse: false });
      } catch {
        throw new Refused(401, 'the signature is missing, wrong or older than five minutes');
      }
      if (id.length > LONGEST_ID) throw new Refused(400, `the webhook-id has more than ${LONGEST_ID} characters`);
      const now = web.now();
      const { report } = read(readMailReport(jsonIn(text), now));
      const status = await takeMailReport(store, id, report, now);
      if (status === 'later')
        return problem(503, 'the mail is still being handed over; send it again', [], { 'retry-after': '5' });
      return c.json({ status } satisfies MailReportReply, status === 'known' ? 200 : 202);
    },
  );
}
