import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { addPlaybooks } from '../../store/playbooks.ts';
import { api } from '../../web/api/index.ts';
import type { Web } from '../../web/web.ts';
import { freshStore } from '../support/database.ts';

let web: Web; let app: ReturnType<typeof api>; let drop: () => Promise<void>;
const NOW = Date.parse('2026-11-02T12:00:00Z');
beforeAll(async () => {
  const db = await freshStore(); drop = db.drop;
  web = { store: db.store, playbooks: await addPlaybooks(db.store, 'playbooks', NOW), publicUrl: 'http://x', apiToken: 't'.repeat(16), temporalUi: null, now: () => NOW, log: pino({ level: 'silent' }), readiness: async () => ({ database: true }) };
  app = api(web);
});
afterAll(() => drop());
it('works', async () => {
  const r = await app.request('/v1/orders', { method: 'POST', headers: { authorization: `Bearer ${web.apiToken}`, 'content-type': 'application/json' }, body: JSON.stringify({ source: 'shop', number: 'A/1', placedAt: '2026-11-02T10:00:00Z', currency: 'EUR', total: '5.00', customer: { id: 'c', email: 'a@example.com' } }) });
  console.log(r.status, await r.text());
  const g = await app.request('/v1/orders/shop/A%2F1', { headers: { authorization: `Bearer ${web.apiToken}` } });
  console.log(g.status, await g.text());
  const o = await app.request('/v1/orders', { method: 'POST', headers: { authorization: `Bearer ${web.apiToken}`, 'content-type': 'application/json' }, body: '{}' });
  console.log(o.status, await o.text());
  console.log((await (await app.request('/metrics')).text()).split('\n').filter((l) => l.includes('aftercare')).join('\n'));
});
