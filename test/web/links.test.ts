import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eq } from 'drizzle-orm';
import { recordAnswers } from '../../store/answers.ts';
import { askForCall } from '../../store/calls.ts';
import { customerById, eraseCustomer } from '../../store/customers.ts';
import { change } from '../../store/followUps.ts';
import { findOrder } from '../../store/orders.ts';
import { answers, events, ledger, orders, TOKEN_PURPOSES, type TokenPurpose } from '../../store/schema.ts';
import { newTokens } from '../../store/tokens.ts';
import { freshHouse, type House, NOON } from '../support/pages.ts';

/** Every page behind a link, and everything anybody may send to it who should not. */
let house: House;
let last = 0;
/** The order of this test. */
let id: string;

/** Of a link's page: what its link is for, its fields, and a form that it takes. */
interface LinkPage {
  purpose: TokenPurpose | 'referral';
  path: (token: string) => string;
  form: Record<string, string>;
  /** What it answers to that form; 200 where left out. */
  taken?: number;
  /** Purposes whose links open it as well. */
  also?: TokenPurpose[];
}

const survey = { page: '1', band: '', nps: '7', benefit: 'Coffee', better: 'The lid', 'own.ten': 'A lid' };
const preferences = {
  ...{ shown: 'service-email service-phone selling-email selling-phone ' },
  ...{ 'service-email': 'on', 'selling-phone': 'on', pause: '' },
};
const person = { phone: '+49 30 123456', note: 'It drips.' };
const complaint = { text: 'It leaks.', wants: 'repair', phone: '+49 30 123456' };
const recommended = { email: 'ann@example.com', consent: 'on' };
const SURVEY: LinkPage = { purpose: 'survey', path: (token) => `/s/${token}`, form: survey, also: ['card'] };
const PAGES: [string, LinkPage][] = [
  ['the survey', SURVEY],
  ['the survey from the card', { ...SURVEY, purpose: 'card', also: ['survey'] }],
  ['the preferences', { purpose: 'unsubscribe', path: (token) => `/u/${token}`, form: preferences }],
  ['a recommendation', { purpose: 'referral', path: (code) => `/r/${code}`, form: recommended }],
  ...TOKEN_PURPOSES.flatMap((purpose): [string, LinkPage][] => {
    const path = (token: string) => (purpose === 'person' ? `/p/${token}` : `/p/${purpose}/${token}`);
    return [
      [`a person, by a link for ${purpose}`, { purpose, path, form: person }],
      [
        `a complaint, by a link for ${purpose}`,
        { purpose, path: (token) => `${path(token)}/complaint`, form: complaint, taken: 303 },
      ],
    ];
  }),
];

beforeAll(async () => {
  house = await freshHouse();
});
afterAll(() => house?.drop());
beforeEach(async () => {
  last += 1;
  id = await house.order(`L-${last}`);
});

const link = async (purpose: LinkPage['purpose'], expiresAt: number | null = null) =>
  purpose === 'referral'
    ? (await customerOf()).referralCode
    : (await newTokens(house.store.db, id, null, { [purpose]: expiresAt }))[purpose]!;
const customerOf = async () => {
  const [{ customerId }] = await house.store.db.select().from(orders).where(eq(orders.id, id));
  return customerById(house.store.db, customerId);
};
/** Sends a body as it is, as a form where nothing else is said. */
const send = async (path: string, body: string, type = 'application/x-www-form-urlencoded', method = 'POST') => {
  const headers = { 'content-type': type, 'sec-fetch-site': 'same-origin' };
  const answer = await house.app.request(path, { method, headers, body });
  return { status: answer.status, html: await answer.text() };
};
const encoded = (form: Record<string, string>) => new URLSearchParams(form).toString();

describe.each(PAGES)('%s', (_, { purpose, path, form, taken = 200, also = [] }) => {
  it('takes its form', async () => {
    const at = path(await link(purpose));
    expect((await house.get(at)).status).toBe(200);
    expect((await house.post(at, form)).status).toBe(taken);
  });

  it('is the same 404 for every link that does not work', async () => {
    const wrong = await house.get('/s/AAAAAAAAAAAAAAAAAAAAAA');
    expect(wrong.text).toContain('answer that mail: a person reads it');
    const good = await link(purpose);
    const others = TOKEN_PURPOSES.filter((one) => one !== purpose && !also.includes(one));
    const bad = [
      ...(await Promise.all(others.map((other) => link(other)))),
      good.slice(1),
      `${good}A`,
      // A code may be typed in small letters, and never runs out.
      ...(purpose === 'referral' ? [] : [good.toLowerCase(), await link(purpose, NOON - 1)]),
      'A'.repeat(2_000),
      '%00',
      '%ED%A0%80',
      "'--",
      '..%2f..',
    ];
    await eraseCustomer(house.store, (await customerOf()).id, NOON);
    for (const token of [...bad, good]) {
      expect([token, await house.get(path(token))]).toMatchObject([token, { status: 404, html: wrong.html }]);
      expect([token, await house.post(path(token), form)]).toMatchObject([token, { status: 404, html: wrong.html }]);
    }
    expect((await house.app.request(path(good), { method: 'HEAD' })).status).toBe(404);
  });

  it('shows what was written, and runs nothing of it', async () => {
    const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>{{constructor.constructor('x')}}{% raw %}`;
    const given = { id: `evil-${last}`, name: evil, email: `evil-${last}@example.com`, timeZone: 'UTC' };
    id = await house.order(`X-${last}`, {
      customer: { ...given, phone: '+49 30 123456' },
      lines: [{ name: evil.slice(0, 100), quantity: 1, price: '1299.90' }],
    });
    const at = path(await link(purpose));
    const all = Object.fromEntries(Object.keys(form).map((name) => [name, evil]));
    const shown = [await house.get(at), await house.post(at, all), await house.get(at)];
    for (const name of Object.keys(form)) shown.push(await house.post(at, { ...form, [name]: evil }));
    for (const { html, status } of shown) {
      expect([200, taken, 422]).toContain(status);
      expect(html).not.toMatch(/<script|<img/);
    }
    const fields = shown.map(({ html }) => html).join('');
    if (/(benefit|note|text)/.test(Object.keys(form).join()))
      expect(fields).toContain('{{constructor.constructor(&#39;x&#39;)}}{% raw %}');
  });

  it('takes a hundred thousand letters in any field, or says that it is too long', async () => {
    const at = path(await link(purpose));
    for (const name of Object.keys(form)) {
      const { status, html } = await house.post(at, { ...form, [name]: 'ä'.repeat(100_000) });
      expect([name, status]).toEqual([name, status === taken ? taken : 422]);
      if (['benefit', 'better', 'note', 'text'].includes(name)) expect(html).toContain('100000 characters long');
    }
  });

  it('stores nothing that cannot be stored, and does not stumble over it', async () => {
    const at = path(await link(purpose));
    for (const name of Object.keys(form)) {
      const rest = encoded(Object.fromEntries(Object.entries(form).filter(([other]) => other !== name)));
      // NUL, half a pair of UTF-16 as UTF-8, and bytes that are no UTF-8 at all.
      const { status } = await send(at, `${rest}&${encodeURIComponent(name)}=a%00b%ED%A0%80c%FF%FEd&%00=1`);
      expect([name, [taken, 422].includes(status)]).toEqual([name, true]);
    }
    expect((await house.get(at)).status).toBe(200);
  });

  it('takes the last of a field that comes twice', async () => {
    const at = path(await link(purpose));
    const twice = Object.keys(form).map((name) => `${encodeURIComponent(name)}=%3F`);
    expect((await send(at, `${twice.join('&')}&${encoded(form)}`)).status).toBe(taken);
  });

  it.each([
    ['nothing', '', 'application/x-www-form-urlencoded'],
    ['an escape that is none', 'text=%E0%A4%A&nps=%', 'application/x-www-form-urlencoded'],
  ])('does not stumble over %s', async (_, body, type) => {
    const { status } = await send(path(await link(purpose)), body, type);
    expect([200, taken, 422]).toContain(status);
  });

  it.each([
    ['JSON', 415, '{"nps":9,"text":"x"}', 'application/json'],
    ['a form that does not say that it is one', 415, encoded(form), 'text/plain'],
    [
      'a form in parts that is cut',
      400,
      '--x\r\nContent-Disposition: form-data; name="text"',
      'multipart/form-data; boundary=x',
    ],
    ['a form in parts without its boundary', 400, 'x', 'multipart/form-data'],
  ])('takes %s for no form, and not for an empty one: %i', async (_, status, body, type) => {
    const answer = await send(path(await link(purpose)), body, type);
    expect(answer).toMatchObject({ status, html: expect.stringContaining('<h1>This could not be read</h1>') });
    expect(await house.story(id)).toEqual(['accepted']);
    expect(await customerOf()).toMatchObject({ service: true, selling: true });
  });

  it('is looked at by HEAD as by GET, and changed by nothing but POST', async () => {
    const at = path(await link(purpose));
    const head = await house.app.request(at, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    for (const method of ['PUT', 'PATCH', 'DELETE'])
      expect([method, await send(at, encoded(form), undefined, method)]).toMatchObject([
        method,
        { status: 404, html: expect.stringContaining('<h1>This link does not work</h1>') },
      ]);
    expect(await house.story(id)).toEqual(['accepted']);
  });
});

it('an address that was cut or written on leads to the page that says so, in the language of the browser', async () => {
  const good = await link('person');
  const german = { 'accept-language': 'de-DE,de;q=0.9' };
  const cut = ['/s/', '/u/', '/p/', '/r/', '/s', '/u', '/p', '/r', '/u//', `/p/${good}/`, `/p/person/${good}`];
  for (const at of [...cut, `/p/${good}/complaint/`, `/p/survey/${good}/nowhere`, `/s/${good}/x/y`])
    expect([at, await house.get(at, german)]).toMatchObject([
      at,
      { status: 404, html: expect.stringContaining('<h1>Dieser Link funktioniert nicht</h1>') },
    ]);
  for (const at of cut) expect([at, (await house.post(at, {})).status]).toEqual([at, 404]);
});

it('what is refused before it is read is told on a page too, in the language of the browser', async () => {
  const at = `/s/${await link('survey')}`;
  const french = { 'accept-language': 'fr' };
  const elsewhere = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
  expect(await house.post(at, survey, { ...french, ...elsewhere })).toMatchObject({
    status: 403,
    html: expect.stringContaining('<h1>Ceci ne vient pas de notre page</h1>'),
  });
  expect(await house.post(at, { ...survey, better: 'x'.repeat(2e6) }, french)).toMatchObject({
    status: 413,
    html: expect.stringContaining('<h1>Ce texte est trop long</h1>'),
  });
});

describe('how often a link may be posted to', () => {
  const posts = async (paths: string[], form: Record<string, string>) => {
    const answers: Awaited<ReturnType<House['post']>>[] = [];
    for (const at of paths) answers.push(await house.post(at, form, { 'accept-language': 'es' }));
    return answers;
  };

  it.each<[string, (code: string) => string[]]>([
    [
      'a code in small letters and with blanks',
      (code) => [`/r/${code}`, `/r/${code.toLowerCase()}`, `/r/%20${code}%20`],
    ],
    ['a code in escapes', (code) => [`/r/${code}`, `/r/%${code.charCodeAt(0).toString(16)}${code.slice(1)}`]],
  ])('is counted by the link, however it is written: %s', async (_, ways) => {
    const spellings = ways(await link('referral'));
    const paths = Array.from({ length: 31 }, (_, nth) => spellings[nth % spellings.length]);
    const answers = await posts(paths, recommended);
    expect(answers.slice(0, 30).map(({ status }) => status)).toEqual(Array(30).fill(200));
    expect(answers[30]).toMatchObject({
      status: 429,
      html: expect.stringContaining('<h1>Esto se ha enviado muchas veces</h1>'),
    });
    expect(answers[30].headers.get('retry-after')).toBe('3600');
    expect(answers[30].headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('is counted over all its pages', async () => {
    const token = await link('survey');
    const talks = Array.from({ length: 30 }, () => `/p/survey/${token}`);
    expect((await posts([...talks, `/p/survey/${token}/complaint`], complaint)).at(-1)!.status).toBe(429);
    expect((await posts([`/s/${token}`], survey))[0].status).toBe(429);
    // Another link about the same order is not in it.
    expect((await posts([`/p/${await link('person')}`], person))[0].status).toBe(200);
  });
});

describe('a form that arrives when its sender has just been erased', () => {
  it('leaves no word of theirs', async () => {
    const { store } = house;
    const customer = await customerOf();
    await eraseCustomer(store, customer.id, NOON);
    await askForCall(store, id, customer.id, 'My secret garden', NOON);
    const words = { nps: 3, benefit: 'My secret garden' };
    await change(store, id, NOON, ({ tx, sale }) => recordAnswers(store, tx, sale, words, 'link', NOON));
    expect(await store.db.select().from(answers).where(eq(answers.orderId, id))).toEqual([]);
    const kept = await store.db.select().from(events).where(eq(events.orderId, id));
    expect(JSON.stringify(kept)).not.toContain('secret garden');
  });
});

it('a link in a mail about an order of a colleague goes with who got it', async () => {
  const { store } = house;
  await house.order(`M-${last}`);
  const { id: orderId } = (await findOrder(store, 'shop', `M-${last}`))!;
  const { id: customerId, partyId } = await customerOf();
  const { person } = await newTokens(store.db, orderId, customerId, { person: null });
  await store.db.insert(ledger).values({
    ...{ orderId, customerId, partyId, touch: 'thank-you', occurrence: '1', messageId: `<${last}@care.example>` },
    ...{ state: 'sent', attempt: 1, purpose: 'service', claimedAt: NOON },
  });
  expect((await house.get(`/p/${person}`)).status).toBe(200);
  await eraseCustomer(store, customerId, NOON);
  expect((await house.get(`/p/${person}`)).status).toBe(404);
});
