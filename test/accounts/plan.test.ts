import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { phoneOf } from '../support/people.ts';
import { Shop } from '../support/sale.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await new Shop().open();
});
beforeEach(() => shop.monday());
afterAll(() => shop?.close());

const customer = (id: string) => ({ id, name: 'Ada Palmer', email: `${id}@example.com`, phone: phoneOf(id) });

it('a good year: everything planned happens, and the customer orders again on day 300', async () => {
  const promises = [{ what: 'Delivered', by: new Date((await shop.now()) + 5 * 86_400_000).toISOString() }];
  const sale = await shop.order('1', { customer: customer('good'), promises });
  await shop.days(2);
  await sale.happens('delivered');
  await shop.days(2.1);
  await sale.comesOut('check-in', 'reached', { note: 'Very happy.' });
  await shop.days(10);
  await sale.answers(10, 'Coffee before seven', 'A longer cable');
  await shop.days(20);
  await sale.comesOut('up-sell', 'not-interested');
  await shop.days(265.9);
  await shop.order('2', { customer: customer('good') });
  expect(await sale.story()).toEqual([
    'day 0: accepted',
    'day 0: sent thank-you',
    'day 2: delivered',
    'day 4: task-made check-in (check-in)',
    'day 4: outcome check-in (reached)',
    'day 12: sent survey',
    'day 14: answered (link)',
    'day 14: skipped recovery (not-detractor)',
    'day 14: sent praise',
    'day 18: sent referral',
    'day 30: task-made up-sell (up-sell)',
    'day 34: outcome up-sell (not-interested)',
    'day 94: sent keep-in-touch',
    'day 154: sent keep-in-touch #2',
    'day 274: sent keep-in-touch #3',
    'day 300: reordered (shop/2)',
    'day 300: ended (reordered)',
  ]);
  expect(await sale.stands()).toEqual({ stage: 'ended', outcome: 'reordered', nextTouch: null });
  await shop.save('good-year', '1');
  expect(await sale.tasks()).toEqual([]);
});

it('an unreached customer is called three times, on other days, and then the story says so', async () => {
  const sale = await shop.order('3', { customer: customer('unreached') });
  await sale.happens('delivered');
  await shop.days(2.1);
  await sale.comesOut('check-in', 'no-answer');
  expect(await sale.tasks()).toEqual([]);
  await shop.days(1.2);
  await sale.comesOut('check-in', 'voicemail');
  await shop.days(1);
  await sale.comesOut('check-in', 'no-answer');
  await shop.days(4);
  expect((await sale.story()).slice(3)).toEqual([
    'day 2: task-made check-in (check-in)',
    'day 2: outcome check-in (no-answer)',
    'day 3: task-made check-in #2 (check-in)',
    'day 3: outcome check-in #2 (voicemail)',
    'day 4: task-made check-in #3 (check-in)',
    'day 4: outcome check-in #3 (no-answer)',
    'day 4: skipped check-in #3 (unreached)',
  ]);
  expect(await sale.stands()).toMatchObject({ stage: 'following', nextTouch: 'survey' });
});

it('a call back is made when the customer wants it, and is no attempt', async () => {
  const sale = await shop.order('4', { customer: customer('busy') });
  await sale.happens('delivered');
  await shop.days(2.1);
  const thursday = new Date((await shop.now()) + 1.2 * 86_400_000).toISOString();
  await sale.comesOut('check-in', 'call-back', { callBackAt: thursday });
  await shop.days(1);
  expect(await sale.tasks()).toEqual([]);
  await shop.days(0.5);
  for (const outcome of ['no-answer', 'no-answer', 'reached']) {
    await sale.comesOut('check-in', outcome);
    await shop.days(4);
  }
  expect((await sale.story()).filter((line) => line.includes('outcome'))).toHaveLength(4);
  expect((await sale.story()).filter((line) => line.includes('unreached'))).toEqual([]);
});

it('a detractor gets a call at once, no referral request and no up-sell', async () => {
  const sale = await shop.order('5', { customer: customer('detractor') });
  await shop.days(15.2);
  await sale.comesOut('check-in', 'reached');
  await sale.answers(3, null, 'The grinder jams');
  expect(await sale.tasks()).toEqual(['call: detractor']);
  await sale.comesOut('detractor', 'complaint');
  expect(await sale.stands()).toMatchObject({ stage: 'complaint', nextTouch: null });
  expect((await sale.tasks()).sort()).toEqual(['call: complaint-listen', 'fix: complaint']);
  for (const reason of ['complaint-listen', 'complaint', 'complaint-apology', 'complaint-cause', 'complaint-tell'])
    await sale.comesOut(reason, /listen|tell/.test(reason) ? 'reached' : 'done');
  await shop.days(7.2);
  await sale.comesOut('all-well', 'reached');
  await shop.days(62);
  const rest = (await sale.story()).slice(4).filter((line) => !/complaint-(?!closed)/.test(line));
  expect(rest).toEqual([
    'day 15: outcome check-in (reached)',
    'day 15: answered (link)',
    'day 15: task-made recovery (detractor)',
    'day 15: outcome recovery (complaint)',
    'day 15: heard',
    'day 15: remedied',
    'day 15: apologised (letter)',
    'day 15: mended',
    'day 15: told (call)',
    'day 15: complaint-closed (told)',
    expect.stringMatching(/skipped praise \(not-promoter\)/),
    'day 19: skipped referral (not-promoter)',
    'day 22: task-made all-well #1.1 (all-well)',
    'day 22: outcome all-well #1.1 (reached)',
    'day 30: skipped up-sell (detractor)',
    'day 82: sent keep-in-touch',
  ]);
  await shop.save('detractor', '5');
});

it('a promoter is asked for a referral, and a new customer who brings the code is attributed', async () => {
  const sale = await shop.order('6', { customer: customer('promoter') });
  await shop.days(15.2);
  await sale.answers(9);
  // Thanks first, and no sooner than the limits allow the wish.
  await shop.days(1.1);
  expect((await sale.story()).at(-1)).toBe('day 15: sent praise');
  await shop.days(4);
  const mail = shop.mailServer.mails.findLast(({ to }) => JSON.stringify(to).includes('promoter@'))!;
  const code = /\/r\/(\S+)/.exec(mail.text!)![1];
  const brought = await shop.order('7', { customer: customer('brought'), referralCode: code.toLowerCase() });
  expect((await brought.row()).referredBy).toBe((await sale.row()).customerId);
  expect((await sale.story()).at(-1)).toBe('day 20: referred');
});

it('a silent customer is reminded twice, and silence is no answer', async () => {
  const sale = await shop.order('8', { customer: customer('silent') });
  await shop.days(8);
  await sale.comesOut('check-in', 'reached');
  await shop.days(100);
  await sale.comesOut('up-sell', 'no-answer');
  await shop.order('9', { customer: customer('silent') });
  const story = await sale.story();
  expect(story.filter((line) => line.includes('sent survey'))).toEqual([
    'day 15: sent survey',
    'day 20: sent survey #2',
    'day 25: sent survey #3',
  ]);
  expect(story).toContain('day 108: skipped referral (no-answer)');
  expect((await sale.row()).score).toBeNull();
});

it('an unpaid order gets its care, and selling waits for the payment', async () => {
  const sale = await shop.order('10', { customer: customer('unpaid'), paidAt: null });
  await shop.days(31);
  expect(await sale.stands()).toMatchObject({ stage: 'unpaid' });
  expect(await sale.tasks()).toEqual(['call: check-in']);
  await sale.happens('paid');
  expect(await sale.tasks()).toEqual(['call: check-in', 'call: up-sell']);
});

it('a promise is warned of the day before and checked when it falls due; a broken one makes a call with an apology', async () => {
  const by = new Date((await shop.now()) + 3 * 86_400_000).toISOString();
  const sale = await shop.order('11', { customer: customer('promised'), promises: [{ what: 'Training booked', by }] });
  await shop.days(3.1);
  // With the day over, the warning is too.
  expect(await sale.tasks()).toEqual(['check: promise']);
  await sale.comesOut('promise', 'broken');
  expect(await sale.tasks()).toEqual(['call: broken-promise']);
  await sale.comesOut('broken-promise', 'reached');
  await sale.happens('promised', {
    text: 'Delivered',
    by: new Date((await shop.now()) + 4 * 86_400_000).toISOString(),
  });
  await sale.happens('delivered');
  await shop.days(3);
  expect((await sale.story()).filter((line) => line.includes('promise'))).toEqual([
    'day 2: task-made promise-at-risk #1.1 (promise-at-risk)',
    'day 3: task-made promise-check #1.1 (promise)',
    'day 3: task-cancelled promise-at-risk #1.1 (too-late)',
    'day 3: outcome promise-check #1.1 (broken)',
    'day 3: task-made apology #1.1 (broken-promise)',
    'day 3: promised',
  ]);
});

it('a customer who is interested goes to sales within the hour, and the plan pauses for two weeks', async () => {
  const sale = await shop.order('12', { customer: customer('interested') });
  await shop.days(1);
  await sale.happens('interested');
  expect(await sale.tasks()).toEqual(['call: interested']);
  expect((await sale.stands()).stage).toBe('paused');
  await shop.days(13);
  expect(await sale.tasks()).toEqual(['call: interested']);
  await shop.days(2);
  expect((await sale.stands()).stage).toBe('following');
  expect(await sale.tasks()).toEqual(['call: interested', 'call: check-in']);
});

it('without an e-mail address the survey is asked by phone', async () => {
  const sale = await shop.order('13', { customer: { id: 'phone', phone: phoneOf('phone') } });
  await shop.days(16);
  expect(await sale.story()).toContain('day 0: skipped thank-you (no-email)');
  await sale.comesOut('survey-by-phone', 'reached', { answers: { nps: 8, better: 'Write less' } });
  expect((await sale.row()).score).toBe(8);
});

it('a changed answer is heard: what the first one did not call for is done after all', async () => {
  const sale = await shop.order('14', { customer: customer('changed-mind') });
  await shop.days(15.2);
  await sale.comesOut('check-in', 'reached');
  await sale.answers(9);
  expect(await sale.tasks()).toEqual([]);
  await sale.answers(5, null, 'It broke');
  expect(await sale.tasks()).toEqual(['call: detractor']);
  await shop.days(5);
  expect((await sale.story()).filter((line) => line.includes('referral'))).toEqual([
    'day 19: skipped referral (detractor)',
  ]);
});

it('a low score that comes after the next order is heard all the same', async () => {
  const sale = await shop.order('15', { customer: customer('late-answer') });
  await shop.days(15.2);
  await sale.comesOut('check-in', 'reached');
  await shop.order('16', { customer: customer('late-answer') });
  expect((await sale.stands()).stage).toBe('ended');
  await sale.answers(4);
  expect(await sale.tasks()).toEqual(['call: detractor']);
  await sale.comesOut('detractor', 'reached');
  expect(await sale.stands()).toMatchObject({ stage: 'ended', outcome: 'reordered' });
});

it('words without a score are kept, and answer no survey', async () => {
  const sale = await shop.order('17', { customer: customer('words') });
  await shop.days(8);
  await sale.comesOut('check-in', 'reached', { answers: { benefit: 'Quieter than the old one' } });
  await shop.days(8);
  expect((await sale.row()).score).toBeNull();
  expect(await sale.story()).toContain('day 15: sent survey');
});
