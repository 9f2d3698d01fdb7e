import { MAIL_HOOK, mailHookSecret } from '../../api/hooks.ts';
import type { View } from '../frame.tsx';

/** How a mail provider tells of bounces and of readers who report mail as unwanted. */
export const ComesBack = ({ view: { web } }: { view: View }) => (
  <section aria-labelledby="comes-back">
    <h2 id="comes-back">Mail that comes back</h2>
    <p>
      Bounces are read from the mailbox that IMAP_URL names. A provider that reports them by webhook sends them, signed
      as <a href="https://www.standardwebhooks.com">Standard Webhooks</a>, to:
    </p>
    <pre>POST {web.publicUrl + MAIL_HOOK}</pre>
    <details>
      <summary>The secret to sign with, and an example</summary>
      <pre>{mailHookSecret(web.store)}</pre>
      <pre>
        {
          '{ "type": "bounce", "messageId": "<...>", "status": "5.1.1" }\n{ "type": "complaint", "email": "ada@example.com" }'
        }
      </pre>
    </details>
  </section>
);
