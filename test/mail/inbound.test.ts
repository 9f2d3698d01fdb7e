import { describe, expect, it } from '@jest/globals';
import { ownWords, statusSaid, troubleOf } from '../../domain/inbound.ts';
import { askedIn } from '../../domain/stop.ts';
import { readInbound } from '../../mail/inbound.ts';
import { bounceAddress, bouncedMessage } from '../../mail/verp.ts';

const SECRET = 'a secret for tests';
const OURS = `<${'0123456789abcdef'.repeat(2)}@shop.example>`;
const BOUNCES = bounceAddress(OURS, SECRET);
/** Who writes, as they sign. */
const SIGNED = 'John Smith john@example.com';

const read = (...lines: string[]) => readInbound(Buffer.from(lines.join('\r\n')), SECRET);

const GMAIL = [
  'Return-Path: <ada@example.com>',
  'MIME-Version: 1.0',
  `References: <older@shop.example> ${OURS}`,
  `In-Reply-To: ${OURS}`,
  'From: Ada Palmer <Ada@Example.com>',
  'Date: Mon, 2 Nov 2026 11:15:02 +0100',
  'Message-ID: <CAKx@mail.gmail.com>',
  'Subject: Re: How did we do?',
  'To: Sam Lee <care@shop.example>',
  'Content-Type: multipart/alternative; boundary="00000000000081"',
  '',
  '--00000000000081',
  'Content-Type: text/plain; charset="UTF-8"',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  'It leaks. Can somebody come=3F',
  '',
  'On Mon, Nov 2, 2026 at 10:15=E2=80=AFAM Sam Lee <care@shop.example>',
  'wrote:',
  '',
  '> How likely are you to recommend us?',
  '>',
  '> https://shop.example/s/token',
  '',
  '--00000000000081',
  'Content-Type: text/html; charset="UTF-8"',
  '',
  '<div dir="ltr">It leaks. Can somebody come?</div><blockquote>How likely</blockquote>',
  '',
  '--00000000000081--',
];

describe('a reply', () => {
  it('from Gmail: what it answers, who wrote, and all of the text', async () => {
    const mail = await read(...GMAIL);
    expect(mail).toMatchObject({
      messageId: '<CAKx@mail.gmail.com>',
      kind: 'reply',
      about: [OURS, '<older@shop.example>'],
      from: 'Ada@Example.com',
      subject: 'Re: How did we do?',
      trouble: null,
    });
    expect(mail.text).toContain('> https://shop.example/s/token');
    expect(ownWords(mail.text)).toBe('It leaks. Can somebody come?');
  });

  it('from Outlook, HTML alone, with a picture in it and a file beside it', async () => {
    const mail = await read(
      'From: "Palmer, Ada" <ada@example.com>',
      'To: Sam Lee <care@shop.example>',
      'Subject: RE: How did we do?',
      'Message-ID: <VI1PR@eurprd.prod.outlook.com>',
      `In-Reply-To: ${OURS}`,
      'MIME-Version: 1.0',
      'X-MS-Exchange-MessageSentRepresentingType: 1',
      'Content-Type: multipart/mixed; boundary="_004_"',
      '',
      '--_004_',
      'Content-Type: text/html; charset="iso-8859-1"',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      '<html><body><p>Sch=F6n, danke.</p><hr><div><b>Von:</b> Sam Lee &lt;care@shop.example&gt;<br>',
      '<b>Gesendet:</b> Montag, 2. November 2026 10:15<br><b>An:</b> Ada<br><b>Betreff:</b> How did we do?</div>',
      '<p>How likely are you</p></body></html>',
      '--_004_',
      'Content-Type: image/jpeg; name="leak.jpg"',
      'Content-Disposition: attachment; filename="leak.jpg"',
      'Content-Transfer-Encoding: base64',
      '',
      '/9j/4AAQ',
      '--_004_--',
    );
    expect(mail).toMatchObject({ kind: 'reply', about: [OURS] });
    expect(mail.text).toMatch(/^\[In the mailbox: leak\.jpg\]/);
    expect(ownWords(mail.text)).toBe('[In the mailbox: leak.jpg]\n\nSchön, danke.');
  });

  it('to the address of our bounces is known by it', async () =>
    expect(await read('From: a@b.example', `To: <${BOUNCES.toUpperCase()}>`, '', 'Hello')).toMatchObject({
      kind: 'reply',
      about: [OURS],
    }));

  it('without a Message-ID is known by what is in it', async () => {
    const [one, same, other] = await Promise.all(['a', 'a', 'b'].map((text) => read('From: a@b.example', '', text)));
    expect(one.messageId).toMatch(/^[0-9a-f]{64}$/);
    expect(same.messageId).toBe(one.messageId);
    expect(other.messageId).not.toBe(one.messageId);
  });

  it.each([
    ['nothing at all', ''],
    ['half a mail', GMAIL.slice(0, 14).join('\r\n')],
    ['control characters', 'From: a@b.example\r\nSubject: a\u0000b\r\n\r\nc\u0000d'],
    ['a long Message-ID', `Message-ID: <${'x'.repeat(5_000)}@b.example>\r\n\r\nHello`],
    ['no address', 'From: nobody\r\n\r\nHello'],
  ])('of %s is still one', async (_, raw) => {
    const mail = await readInbound(Buffer.from(raw), SECRET);
    expect(mail.kind).toBe('reply');
    expect(JSON.stringify(mail)).not.toContain('\\u0000');
    expect(mail.messageId.length).toBeLessThan(300);
  });

  it('of a megabyte is cut', async () =>
    expect((await read('From: a@b.example', '', 'x '.repeat(500_000))).text.length).toBeLessThanOrEqual(100_000));
});

describe('an automatic answer', () => {
  const exchange = [
    'From: Ada Palmer <ada@example.com>',
    'To: Sam Lee <care@shop.example>',
    'Subject: Automatic reply: How did we do?',
    'Message-ID: <8d2@example.com>',
    `In-Reply-To: ${OURS}`,
  ];
  it.each([
    [
      'Exchange',
      [
        ...exchange,
        'Auto-Submitted: auto-generated',
        'X-Auto-Response-Suppress: All',
        'X-MS-Exchange-Inbox-Rules-Loop: ada@example.com',
      ],
    ],
    ['Gmail', ['From: a@b.example', 'Auto-Submitted: auto-replied', 'Precedence: bulk', 'X-Autoreply: yes']],
    ['vacation(1)', ['From: a@b.example', 'Precedence: junk', 'Subject: away from my mail']],
    ['one with an empty sender', ['Return-Path: <>', 'From: a@b.example', `To: ${BOUNCES}`]],
    ['Sieve', ['From: a@b.example', 'Precedence: auto_reply']],
    ...[
      'Automatic reply: How did we do?',
      'Out of office until Monday',
      'Abwesenheitsnotiz: Re: Ihre Bestellung',
      'Abwesend bis 9.11.',
      'Automatische Antwort: Ihre Bestellung',
      'Réponse automatique : Votre commande',
      'Absence du bureau',
      'Respuesta automática: Su pedido',
      'Fuera de la oficina',
    ].map((subject): [string, string[]] => [
      `the subject "${subject}"`,
      ['From: a@b.example', `Subject: =?utf-8?B?${Buffer.from(subject).toString('base64')}?=`],
    ]),
  ])('of %s is no reply, and stops nothing', async (_, headers) =>
    expect(await read(...headers, '', 'STOP')).toMatchObject({ kind: 'auto-reply', trouble: null }),
  );

  it.each([
    ['Auto-Submitted: no'],
    ['X-Auto-Response-Suppress: DR, OOF, AutoReply'],
    ['X-Auto-Response-Suppress: All'],
    ['Precedence: list'],
    [`In-Reply-To: ${OURS}\r\nPrecedence: bulk`],
    ['Subject: Re: Automatic reply: How did we do?'],
    ['Subject: Abwesenheit am Liefertag'],
    ['Subject: Out of officer size'],
  ])('but not with %s', async (header) =>
    expect(await read('From: a@b.example', header, '', 'Hello')).toMatchObject({ kind: 'reply' }),
  );
});

describe('STOP', () => {
  it.each([
    'STOP',
    ' stop. ',
    'Unsubscribe!',
    'Please unsubscribe me',
    'Bitte abmelden',
    'ABMELDEN',
    'Abmeldung',
    'Arrêt',
    'ARRET',
    'Désabonner',
    'Désinscrivez-moi, svp',
    'STOP svp',
    'Baja',
    'Darme de baja, por favor',
    'Cancelar la suscripción',
    'STOP\n\n-- \nAda Palmer\nMill Ltd',
    'Stop\n\nSent from my iPhone',
    'Abmelden\n\nVon meinem iPhone gesendet',
    'Baja\n\nEnviado desde mi iPhone',
    'Stop.\n\nBest regards\nJohn',
    'Stop\n\nJohn',
    'Hi Sam, please stop emailing me. Thanks, John',
    'Dear Sir or Madam,\n\nplease remove me from your mailing list.\n\nYours sincerely\nJohn Smith\nMill Ltd, 1 Mill Street',
    "Please don't send me any more emails",
    'Could you please unsubscribe me from this list?',
    'I would like to unsubscribe.',
    'Bitte keine E-Mails mehr',
    'Hallo Frau Lee,\n\nbitte keine weiteren E-Mails.\n\nMit freundlichen Grüßen\nJohn Smith',
    'Ich möchte keine Werbung mehr erhalten.',
    'Schicken Sie mir keine Mails mehr!',
    'Bitte nehmen Sie mich aus dem Verteiler.',
    'Ich möchte mich vom Newsletter abmelden.',
    'Plus de mails s.v.p.',
    'Bonjour,\n\nmerci de ne plus m’envoyer de courriels.\n\nCordialement,\nJohn',
    'Je ne veux plus recevoir vos e-mails.',
    'Veuillez me retirer de votre liste.',
    'No quiero recibir más correos',
    'Por favor, no me envíen más mensajes. Gracias. Saludos',
    'Dejen de escribirme',
    '[In the mailbox: logo.png]\n\nStop',
  ])('%j stops everything', (words) => expect(askedIn(words, null, SIGNED)).toBe('stop'));

  it.each([
    'Stop. Where is my refund?',
    'Stop\n\nMy machine leaks',
    'Stop. Thanks.\nIt leaks.',
    'Please unsubscribe me. Also, my machine leaks.',
    'My machine leaks. Please stop sending me emails.',
    'I have sold it, so please stop emailing me.',
    'Bitte keine E-Mails mehr. Wann kommt mein Geld?',
    'Désinscrivez-moi. Et remboursez-moi !',
    'Baja. ¿Dónde está mi pedido?',
    'Stop\n\nRegards\nJohn\n\nPS: it still leaks',
    'Stop\n\nRegards\nJohn\n\nNobody came to repair it.',
  ])('%j stops everything, and is answered', (words) => expect(askedIn(words, null, SIGNED)).toBe('stop-and-more'));

  it.each([
    '',
    'Stop calling it a grinder',
    'Please stop by on Monday',
    "Don't stop",
    "Don't stop, it is great",
    'Please stop sending the wrong filters',
    "Don't send me, send a technician",
    'Where is the stop button?',
    'Stop?',
    'It beeps. Stop. It beeps again.',
    'Cancel my order',
    'No more problems',
    'No more surveys, please',
    'I get no more emails',
    'Ich habe keine E-Mails mehr bekommen',
    'Bitte stoppen Sie die Lieferung',
    'Löschen Sie mich',
    'Je ne reçois plus vos e-mails',
    'Arrêtez la livraison',
    'No recibo más correos',
    'baja la calidad',
    '--\nSTOP',
    '> Stop\nNo, go on',
  ])('%j does not', (words) => expect(askedIn(words, null, SIGNED)).toBe('reply'));

  it('is found in no time, whatever is written', () => {
    for (const piece of ['stop ', 'stop from all the ', 'vom ', 'keine weiteren ', '. - ', '>', ' ', 'A ', '\n'])
      askedIn(piece.repeat(100_000 / piece.length), null, SIGNED);
  }, 5_000);

  it('may stand over a quoted mail, or alone in the subject', async () => {
    const quoted =
      'STOP\r\n\r\nAm Mo., 2. Nov. 2026 um 10:15 Uhr schrieb Sam Lee <care@shop.example>:\r\n\r\n> Do not stop';
    expect(await read('From: a@b.example', '', quoted)).toMatchObject({ kind: 'stop' });
    expect(await read('From: a@b.example', 'Subject: Re: AW: Unsubscribe', '', '')).toMatchObject({ kind: 'stop' });
    expect(await read('From: Jo Mill <a@b.example>', 'Subject: STOP', '', 'Regards\r\nJo')).toMatchObject({
      kind: 'stop',
    });
    expect(await read('From: a@b.example', 'Subject: STOP', '', 'Not you, the machine')).toMatchObject({
      kind: 'reply',
    });
  });
});

describe('the words of who wrote', () => {
  it.each([
    ['On Mon, 2 Nov 2026, Sam Lee wrote:\n> Hi', 'the whole is quoted', ''],
    ['Merci\n\nLe lun. 2 nov. 2026 à 10:15, Sam Lee <x@y.example> a écrit\u00a0:\n\n> Bonjour', 'French', 'Merci'],
    ['Gracias\n\nEl lun, 2 nov 2026 a las 10:15, Sam Lee (<x@y.example>) escribió:\n\n> Hola', 'Spanish', 'Gracias'],
    ['Danke\n\nAm 02.11.26 um 10:15 schrieb Sam Lee:\n> Hallo\n\n', 'Thunderbird', 'Danke'],
    ['OK\n\n-----Ursprüngliche Nachricht-----\nVon: Sam\nHallo', 'an old Outlook', 'OK'],
    ['OK\n\n________________________________\nFrom: Sam Lee\nSent: Monday\nTo: Ada\n\nHi', 'Outlook', 'OK'],
    ['De: mi casa\nes la suya', 'no headers', 'De: mi casa\nes la suya'],
    ['> When?\nAt nine.\n> Where?\nHere.', 'answers between the lines', '> When?\nAt nine.\n> Where?\nHere.'],
    ['No quotes, I wrote:', 'nothing quoted', 'No quotes, I wrote:'],
  ])('%j (%s)', (text, _, own) => expect(ownWords(text)).toBe(own));
});

describe('the address of bounces', () => {
  it('tells which mail it is about, whatever its letters', () => {
    expect(BOUNCES).toMatch(/^b\+[0-9a-f]{32}\.[0-9a-f]{20}@shop\.example$/);
    expect(BOUNCES.split('@')[0].length).toBeLessThanOrEqual(64);
    expect(bouncedMessage(BOUNCES.toUpperCase(), SECRET)).toBe(OURS);
  });

  it.each([
    ['another secret', bounceAddress(OURS, 'another')],
    ['a digit changed', BOUNCES.replace(/.@/, (end) => (end === '0@' ? '1@' : '0@'))],
    ['no proof', BOUNCES.replace(/\..*@/, '@')],
    ['another address', 'care@shop.example'],
  ])('says nothing with %s', (_, address) => expect(bouncedMessage(address, SECRET)).toBeNull());
});

/** As Postfix writes it. */
const dsn = (to: string, action: string, status: string, said = '550 5.1.1 User unknown') => [
  'Return-Path: <>',
  'Date: Mon,  2 Nov 2026 10:16:00 +0000 (UTC)',
  'From: MAILER-DAEMON@mx.example.com (Mail Delivery System)',
  'Subject: Undelivered Mail Returned to Sender',
  `To: ${to}`,
  'Auto-Submitted: auto-replied',
  'MIME-Version: 1.0',
  'Content-Type: multipart/report; report-type=delivery-status;',
  '\tboundary="4A1B.1793"',
  'Message-Id: <20261102@mx.example.com>',
  '',
  'This is a MIME-encapsulated message.',
  '',
  '--4A1B.1793',
  'Content-Description: Notification',
  'Content-Type: text/plain; charset=us-ascii',
  '',
  '<ada@example.com>: host mx.example.com said: 550 5.1.1 User unknown',
  '',
  '--4A1B.1793',
  'Content-Description: Delivery report',
  'Content-Type: message/delivery-status',
  '',
  'Reporting-MTA: dns; mx.example.com',
  'X-Postfix-Queue-ID: 4A1B',
  'Arrival-Date: Mon,  2 Nov 2026 10:15:59 +0000 (UTC)',
  '',
  'Final-Recipient: rfc822; ada@example.com',
  'Original-Recipient: rfc822;ada@example.com',
  `Action: ${action}`,
  `Status: ${status}`,
  `Diagnostic-Code: smtp; ${said}`,
  '',
  '--4A1B.1793',
  'Content-Type: message/rfc822',
  '',
  `Message-ID: ${OURS}`,
  'To: ada@example.com',
  '',
  'How likely are you',
  '--4A1B.1793--',
];

describe('a bounce', () => {
  it.each([
    ['failed', '5.1.1', 'address-refused'],
    ['failed', '5.2.2', 'mail-refused'],
    ['failed', '5.7.1', 'mail-refused'],
    ['failed', '4.4.7', 'mail-refused'],
    ['delayed', '4.4.1', null],
    ['delivered', '2.0.0', null],
  ])('%s with %s means %s', async (action, status, trouble) =>
    expect(await read(...dsn(BOUNCES, action, status))).toMatchObject({
      kind: 'bounce',
      about: [OURS],
      trouble,
      delivery: { action, status },
    }),
  );

  it.each([
    ['550-5.1.1 The account that you tried to reach does\r\n    not exist', '5.1.1'],
    ['552 5.2.2 Mailbox full', '5.2.2'],
    ['550 No such user here', '5.1.1'],
    ['550 Message rejected as spam by 5.1.1.9', '5.0.0'],
  ])('of which only "%s" tells why', async (said, status) =>
    expect(await read(...dsn(BOUNCES, 'failed', '5.0.0', said))).toMatchObject({ delivery: { status } }),
  );

  it('keeps nothing of a report that makes no sense', async () =>
    expect(await read(...dsn(BOUNCES, 'failed', 'ada@example.com'))).toMatchObject({ trouble: null, delivery: null }));

  it('that our address does not prove is about nothing, though it shows our mail', async () => {
    for (const to of ['care@shop.example', bounceAddress(OURS, 'another secret')])
      expect(await read(...dsn(to, 'failed', '5.1.1'))).toMatchObject({ kind: 'bounce', about: [] });
  });
});

it('a report of spam is about the mail it shows', async () =>
  expect(
    await read(
      'From: <abuse@isp.example>',
      'To: <care@shop.example>',
      'Subject: FW: How did we do?',
      'MIME-Version: 1.0',
      'Content-Type: multipart/report; report-type=feedback-report; boundary="part"',
      '',
      '--part',
      'Content-Type: text/plain; charset="US-ASCII"',
      '',
      'This is an email abuse report.',
      '--part',
      'Content-Type: message/feedback-report',
      '',
      'Feedback-Type: abuse',
      'User-Agent: SomeGenerator/1.0',
      'Version: 1',
      `Original-Mail-From: <${BOUNCES}>`,
      '',
      '--part',
      'Content-Type: message/rfc822',
      '',
      `Message-ID: ${OURS}`,
      'Subject: How did we do?',
      '',
      'How likely are you',
      '--part--',
    ),
  ).toMatchObject({ kind: 'spam-report', about: expect.arrayContaining([OURS]), trouble: 'spam-report' }));

describe('a status', () => {
  it.each([
    ['5.1.0', 'address-refused'],
    ['5.1.1', 'address-refused'],
    ['5.1.10', 'address-refused'],
    ['5.2.1', 'address-refused'],
    ['5.0.0', 'mail-refused'],
    ['5.1.8', 'mail-refused'],
    ['5.2.0', 'mail-refused'],
    ['5.2.2', 'mail-refused'],
    ['5.2.3', 'mail-refused'],
    ['5.3.0', 'mail-refused'],
    ['5.4.4', 'mail-refused'],
    ['5.7.1', 'mail-refused'],
    ['4.1.1', 'mail-refused'],
  ])('%s means %s', (status, trouble) => expect(troubleOf(status)).toBe(trouble));

  it.each([
    ['550 5.1.1 No such mailbox', '5.1.1'],
    ['550-5.2.1 It is switched off\n550 5.2.1 for good', '5.2.1'],
    ['550 sorry, no mailbox here by that name (#5.1.1)', '5.1.1'],
    ['550 User unknown', '5.1.1'],
    ['550 Requested action not taken: mailbox unavailable', '5.1.1'],
    ['550 relay not permitted', '5.0.0'],
    ['552 mailbox full', '5.0.0'],
    ['451 unknown user for now', '4.0.0'],
    ['ECONNECTION: closed', '5.0.0'],
  ])('"%s" is %s', (reply, status) => expect(statusSaid(reply)).toBe(status));
});
