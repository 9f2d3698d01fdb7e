import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lineOf } from '../../cli/import/bar.ts';
import { MOST_A_DAY } from '../../domain/adoption.ts';
import { iso } from '../../domain/time.ts';
import { storyOf } from '../../store/followUps.ts';
import { findOrder } from '../../store/orders.ts';
import { type FreshApi, freshApi, overHttp, SMALLEST, TOKEN } from '../support/api.ts';
import { aftercare, withFiles } from './command.ts';

let api: FreshApi;
beforeAll(async () => {
  api = await freshApi();
});
afterAll(() => api.drop());

/** Imports a file of this name and content. */
const importing = (name: string, content: string | Uint8Array, ...options: string[]) =>
  withFiles({ [name]: content }, (folder) =>
    overHttp(api, async ({ url }) => {
      const env = { AFTERCARE_PUBLIC_URL: url, AFTERCARE_API_TOKEN: TOKEN, AFTERCARE_DATA_DIR: folder };
      const said = await aftercare(['orders', 'import', join(folder, name), ...options], env);
      return { ...said, err: said.err.replaceAll(folder, '') };
    }),
  );

const order = (number: string, change = {}) => ({
  ...SMALLEST,
  number,
  customer: { ...SMALLEST.customer, id: number },
  ...change,
});
/** The day from which a customer of the past is kept in touch with. */
async function startOf(number: string) {
  const { id } = (await findOrder(api.store, 'shop', number))!;
  const adopted = (await storyOf(api.store.db, id)).find(({ what }) => what === 'adopted');
  return iso(adopted!.data!.until!).slice(0, 10);
}
const shown = async (number: string) => (await api.ask('GET', `/v1/orders/shop/${number}`)).body;

describe('orders import', () => {
  it('takes JSON lines; what is known already is passed over', async () => {
    const file = [order('l-1'), order('l-2'), order('l-3', { placedAt: '2020-01-01' })].map((one) =>
      JSON.stringify(one),
    );
    const first = await importing('orders.jsonl', file.join('\n'));
    expect(first).toEqual({ code: 0, out: '3 orders: 2 accepted, 1 history, 0 known, 0 refused.\n', err: '' });
    const again = await importing('orders.jsonl', [...file, JSON.stringify(order('l-4'))].join('\r\n'));
    expect(again.out).toBe('4 orders: 1 accepted, 0 history, 3 known, 0 refused.\n');
  });

  it('takes a list, and names every row it refuses by its line, with all that is wrong', async () => {
    const file = JSON.stringify([order('j-1'), order('j-2', { currency: 'XXX', colour: 1 }), order('j-3')], null, 2);
    const said = await importing('orders.json', `\ufeff\n${file}`);
    expect(said.code).toBe(1);
    expect(said.out).toBe('3 orders: 2 accepted, 0 history, 0 known, 1 refused.\n');
    expect(said.err).toMatch(/^line 16: currency .*; colour is not a field here; allowed: .*\n$/);
  });

  it('keeps them as history where that is asked for', async () => {
    const said = await importing('orders.jsonl', JSON.stringify(order('h-1')), '--history');
    expect(said.out).toBe('1 orders: 0 accepted, 1 history, 0 known, 0 refused.\n');
    expect(await shown('h-1')).toMatchObject({ stage: 'history' });
  });

  it('lets the customers of the past wait for their next order, so many a day; the same again changes nothing', async () => {
    const of = (customer: string, number: string, placedAt: string, change = {}) =>
      order(number, {
        placedAt,
        customer: { ...SMALLEST.customer, id: customer, email: `${customer}@example.com` },
        ...change,
      });
    const file = [
      of('w-a', 'w-1', '2024-03-01'),
      of('w-b', 'w-2', '2024-05-01'),
      of('w-a', 'w-3', '2024-04-01'),
      of('w-c', 'w-4', '2024-02-01', { paidAt: null }),
      // Placed today: it is followed as every order is.
      of('w-d', 'w-5', '2026-11-02'),
      of('w-e', 'w-6', '2024-01-01', { currency: 'XXX' }),
    ];
    const lines = file.map((one) => JSON.stringify(one)).join('\n');
    const first = await importing('orders.jsonl', lines, '--wait', '1/day');
    expect(first.out).toBe(
      '6 orders: 1 accepted, 4 history, 0 known, 1 refused.\n' +
        '4 customers: 2 wait for their next order, the last from 2026-11-03; 1 were followed up already, 1 refused.\n',
    );
    expect(first.err).toContain('shop/w-4: the customer has no order that was paid and kept\n');
    expect(first.code).toBe(1);
    const stages = await Promise.all(['w-1', 'w-2', 'w-3', 'w-4', 'w-5'].map(async (one) => (await shown(one)).stage));
    expect(stages).toEqual(['history', 'waiting', 'waiting', 'history', 'following']);
    // Who ordered last comes first.
    const days = await Promise.all(['w-2', 'w-3'].map(startOf));
    expect(days).toEqual(['2026-11-02', '2026-11-03']);

    const again = await importing('orders.jsonl', lines, '--history', '--wait', '5/day');
    expect(again.out).toContain('4 customers: 0 wait for their next order; 3 were followed up already, 1 refused.\n');
    expect(await Promise.all(['w-2', 'w-3'].map(startOf))).toEqual(days);
  });

  it('adopts nobody where that is not asked for', async () => {
    await importing('orders.jsonl', JSON.stringify(order('n-1', { placedAt: '2024-01-01' })), '--history');
    expect(await shown('n-1')).toMatchObject({ stage: 'history' });
  });

  it.each(['0/day', '5/week', '1001/day', '-1/day', '2.5/day', '5', 'day'])('--wait %s is no pace', async (pace) => {
    const { code, err, out } = await importing('orders.jsonl', JSON.stringify(order('x-1')), `--wait=${pace}`);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('It is a whole number from 1 to 1000, and /day: 5/day.');
    expect(MOST_A_DAY).toBe(1000);
  });

  it('takes CSV, with lines in columns', async () => {
    const file = `source,number,placedAt,paidAt,currency,total,customer.id,customer.email,customer.consent.selling,lines[0].name,lines[0].quantity
shop,c-1,2026-11-02,,EUR,10.00,c-1,one@example.com,FALSE,"Tea, ""green"" and loose",2.5

shop,c-2,2026-11-02,2026-11-02,EUR,10.00,c-2,two@example.com,,,
`;
    const said = await importing('orders.csv', file);
    expect(said).toEqual({ code: 0, out: '2 orders: 2 accepted, 0 history, 0 known, 0 refused.\n', err: '' });
    expect([(await shown('c-1')).stage, (await shown('c-2')).stage]).toEqual(['unpaid', 'following']);
    expect((await api.ask('GET', '/v1/customers/shop/c-1')).body).toMatchObject({ consent: { selling: false } });
    const { body } = await api.ask('GET', '/v1/customers/shop/c-1/export');
    expect(body).toMatchObject({ orders: [{ lines: [{ name: 'Tea, "green" and loose', quantity: 2.5 }] }] });
  });

  it('takes CSV as spreadsheets in Europe write it, with lines as JSON', async () => {
    const lines = '"[{""sku"": ""E-1"", ""quantity"": 2}]"';
    const file = `\ufeffsource;number;placedAt;currency;total;customer.id;customer.email;lines\r\nshop;e-1;2026-11-02;EUR;10;e-1;e@example.com;${lines}\r\n`;
    expect((await importing('orders.csv', file)).out).toBe('1 orders: 1 accepted, 0 history, 0 known, 0 refused.\n');
    const { body } = await api.ask('GET', '/v1/customers/shop/e-1/export');
    expect(body).toMatchObject({ orders: [{ lines: [{ sku: 'E-1', quantity: 2 }] }] });
  });

  it('refuses a broken row by its line, and no other (25)', async () => {
    const row = (number: string, name = 'Ada') => `shop,${number},2026-11-02,EUR,10,${number},b@example.com,${name}`;
    const file = [
      '\ufeffsource,number,placedAt,currency,total,customer.id,customer.email,customer.name',
      row('b-1'),
      row('b-2', '=HYPERLINK("http://evil.example")'.replaceAll('"', '')),
      `${row('b-3')},more`,
      'shop,b-4',
      row('b-5', 'Zo\u00eb'),
      row('b-6', 'A "quoted" name'),
      row('b-7', '"an open quote'),
      row('b-8', '"a name\nover two lines"'),
      row('b-9'),
    ].join('\n');
    // Zoë as Latin-1 has it, and the mark as UTF-8 has it.
    const bytes = Buffer.from(file.replace('\ufeff', '\u00ef\u00bb\u00bf'), 'latin1');
    const said = await importing('orders.csv', bytes);
    const byLine = (a: string, b: string) => Number.parseInt(a.slice(5), 10) - Number.parseInt(b.slice(5), 10);
    expect(said.err.trim().split('\n').sort(byLine)).toEqual([
      expect.stringMatching(/^line 3: customer\.name is a formula/),
      'line 4: has 9 cells; 8 are needed',
      'line 5: has 2 cells; 8 are needed',
      'line 6: cell 8 is not UTF-8; save the file as UTF-8',
      expect.stringMatching(/^line 7: has a quote inside a cell/),
      expect.stringMatching(/^line 8: has a quote/),
      'line 9: customer.name contains a line break; one line is allowed',
    ]);
    expect(said.out).toBe('9 orders: 2 accepted, 0 history, 0 known, 7 refused.\n');
    expect(said.code).toBe(1);
  });

  it.each<[string, string | Uint8Array, string]>([
    ['orders.csv', 'number,total,number\n', 'the column "number" is there twice'],
    ['orders.csv', 'number,color\n', 'the column "color" is not a field here; allowed: source, number,'],
    ['orders.csv', 'number,__proto__.x\n', 'its first line has a column "__proto__.x"'],
    ['orders.csv', 'number,lines,lines[0].sku\n', 'its first line has a column "lines[0].sku"'],
    ['orders.json', '"order"', 'it holds no list of orders: [ is missing'],
    ['orders.json', '[{}', 'it ends within the list of orders'],
    ['orders.json', '[] []', 'something follows after the list of orders'],
    ['orders.json', Buffer.from('\ufeff[]', 'utf16le'), 'it is UTF-16 and not UTF-8'],
    ['orders.xlsx', 'PK', 'its name ends in ".xlsx"'],
  ])('%s with %j is no file of orders', async (name, content, reason) => {
    const { code, err, out } = await importing(name, content);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(reason);
  });

  it('says that there is no such file', async () => {
    const { code, err } = await aftercare(['orders', 'import', '/nowhere/orders.csv']);
    expect([code, err]).toEqual([1, expect.stringMatching(/^\/nowhere\/orders\.csv cannot be read: ENOENT/)]);
  });

  it('says that nobody answers, or that the token is wrong', () =>
    withFiles({ 'orders.jsonl': JSON.stringify(order('x')) }, async (folder) => {
      const words = ['orders', 'import', join(folder, 'orders.jsonl')];
      const env = { AFTERCARE_PUBLIC_URL: 'http://127.0.0.1:9', AFTERCARE_DATA_DIR: folder };
      expect(await aftercare(words, env)).toMatchObject({ code: 1, err: expect.stringContaining('does not answer') });
      await overHttp(api, async ({ url }) => {
        const refused = await aftercare(words, { ...env, AFTERCARE_PUBLIC_URL: url });
        expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('refused the token') });
      });
    }));
});

it('the bar shows count, rate and what remains', () => {
  expect(lineOf(1200, 0.25, 4)).toBe('[######------------------] 1,200 orders, 300 a second, about 12 s left');
  expect(lineOf(90_000, 0.5, 300)).toBe('[############------------] 90,000 orders, 300 a second, about 5 min left');
});
