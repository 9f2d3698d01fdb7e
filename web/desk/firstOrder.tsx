import { iso } from '../../domain/time.ts';
import type { Web } from '../web.ts';

/** What to do where there is no order yet: a line that hands one in. */
export const FirstOrder = ({ web }: { web: Web }) => (
  <section>
    <h2>No order yet</h2>
    <p>A follow-up starts with an order. Hand one in from a terminal:</p>
    <pre>
      <code>{curl(web)}</code>
    </pre>
    <p>
      <code>$AFTERCARE_API_TOKEN</code> stands for the token. It is printed when Aftercare starts, together with a line
      like this one that has it filled in, and kept in the data folder; or it is the one you set yourself.
    </p>
    <p>
      Many orders at once: <code>npx aftercare orders import FILE</code> reads JSON, JSON lines and CSV.
    </p>
  </section>
);

function curl({ publicUrl, now }: Web): string {
  const order = {
    number: '1',
    placedAt: iso(now()),
    currency: 'EUR',
    total: '129.90',
    customer: { id: 'c-1', name: 'Ada Palmer', email: 'ada@example.com', phone: '+49 30 123456' },
    lines: [{ name: 'Espresso machine', quantity: 1, price: '129.90' }],
  };
  return [
    `curl ${publicUrl}/v1/orders \\`,
    '  -H "Authorization: Bearer $AFTERCARE_API_TOKEN" \\',
    '  -H "Content-Type: application/json" \\',
    `  -d '${JSON.stringify(order)}'`,
  ].join('\n');
}
