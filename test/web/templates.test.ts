import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { simpleParser } from 'mailparser';
import { tokens } from '../../store/schema.ts';
import { freshHouse, type House } from '../support/pages.ts';

/** The mails as colleagues read them on the desk, before anybody gets them. */
let house: House;
beforeAll(async () => {
  house = await freshHouse();
  const customer = {
    id: 'ada',
    name: 'Ada Palmer',
    email: 'ada@example.com',
    phone: '+49 30 7654321',
    timeZone: 'Europe/Berlin',
  };
  await house.order('10042', { customer: { ...customer, locale: 'de-AT' } });
});
afterAll(() => house?.drop());

describe('/templates', () => {
  it('lists every mail in every language, by its subject, and is found from the playbooks', async () => {
    const { html, text } = await house.get('/templates');
    const { names, languages } = house.web.templates;
    for (const language of languages)
      for (const name of names) expect(html).toContain(`href="/templates/${language}/${name}"`);
    expect(text).toContain('Danke für Ihre Bestellung 10042 thank-you');
    expect(text).toMatch(/English.*German.*Spanish/s);
    expect((await house.get('/playbooks')).html).toContain('href="/templates"');
  });

  it('shows one with the sample: as it looks, on a phone, and as text', async () => {
    const { html, text } = await house.get('/templates/fr/thank-you');
    expect(text).toContain('Merci pour votre commande 10042');
    expect(text).toContain('templates/fr/thank-you.liquid');
    expect(text).toContain('le 2 novembre 2026');
    expect(html.match(/<iframe[^>]* src="\/templates\/fr\/thank-you\/html" sandbox=""/g)).toHaveLength(2);
    const framed = await house.get('/templates/fr/thank-you/html');
    expect(framed.html).toContain('<html lang="fr"');
    expect(framed.headers.get('content-security-policy')).toMatch(/default-src 'none'.*; sandbox$/);
  });

  it('shows one for an order, with the words it would be sent with', async () => {
    const ours = await house.get('/templates/de/thank-you?order=shop/10042');
    // The country the customer reads in stays, as long as the language is theirs.
    expect(ours.text).toContain('vom 2. November 2026: Espresso machine.');
    expect(ours.text).toContain('Guten Tag Ada Palmer,');
    expect(ours.html).toContain('src="/templates/de/thank-you/html?order=shop%2F10042"');
    const framed = await house.get('/templates/de/thank-you/html?order=shop%2F10042');
    const said = await simpleParser(`Content-Type: text/html; charset=utf-8\n\n${framed.html}`);
    expect(said.text).toContain('Mein Name ist Sam Lee');

    const spanish = await house.get('/templates/es/thank-you?order=shop/10042');
    expect(spanish.text).toContain('Gracias por su pedido del 2 de noviembre de 2026: Espresso machine.');
    // One that this order's playbook does not send, and one that brings a tip in the reader's language.
    expect((await house.get('/templates/es/loyalty?order=shop/10042')).text).toContain(
      'Gracias por seguir con nosotros',
    );
    expect((await house.get('/templates/de/keep-in-touch?order=shop/10042')).text).toContain('Guten Tag Ada Palmer');
    expect(await house.store.db.select().from(tokens)).toEqual([]);
  });

  it('puts the sample in for what an order does not have, and says so', async () => {
    const none = await house.get('/templates/en/complaint-received?order=shop/10042');
    expect(none.text).toContain('This order has no complaint');
    expect(none.text).toMatch(/By November 2, 2026 \(sample\) you will hear from me/);
    const framed = await house.get('/templates/en/complaint-received/html?order=shop/10042');
    expect(framed.html).toContain('(sample)');
    expect((await house.get('/templates/de/return-receipt?order=shop/10042')).text).toMatch(
      /This order has no return.*R-7K3QF \(sample\)/,
    );
    expect((await house.get('/templates/en/renewal?order=shop/10042')).text).toContain(
      'This order has no term that ends',
    );
    for (const name of ['thank-you', 'survey', 'keep-in-touch'])
      expect((await house.get(`/templates/en/${name}?order=shop/10042`)).text).not.toContain('This order has no');

    await house.order('10044');
    await house.happens('10044', 'complained', { text: 'It leaks.' });
    const there = await house.get('/templates/en/complaint-received?order=shop/10044');
    expect(there.text).not.toContain('This order has no');
    expect(there.text).toMatch(/By \w+day,? .* you will hear from me/);
    const told = await house.get('/templates/en/complaint-told?order=shop/10044');
    expect(told.text).toContain('no word yet of what was changed');
    expect(told.text).toContain('before it leaves us. (sample)');
  });

  it('writes the whole mail in one language: where there is none of theirs, the day is English too', async () => {
    const customer = { id: 'ugo', name: 'Ugo Rossi', email: 'ugo@example.com', phone: '+39 06 1234567' };
    await house.order('10043', { customer: { ...customer, timeZone: 'Europe/Rome', locale: 'it-IT' } });
    expect((await house.get('/orders/shop/10043/mail/thank-you')).text).toContain('your order of November 2, 2026');
  });

  it('says which order is not there, and knows no other mails', async () => {
    const { status, text } = await house.get('/templates/de/thank-you?order=shop/<none>');
    expect(status).toBe(404);
    expect(text).toContain('There is no order "shop/<none>": this is the sample.');
    expect(text).toContain('Danke für Ihre Bestellung 10042');
    for (const path of ['de/nothing', 'it/thank-you', 'de/footer', 'de/nothing/html', 'de', '..%2Fen/nps'])
      expect((await house.get(`/templates/${path}`)).status).toBe(404);
  });
});
