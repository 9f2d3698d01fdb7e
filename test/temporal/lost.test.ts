import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { findOrder } from '../../store/orders.ts';
import { findTemporal, startTemporal, type TemporalServer } from '../../worker/parts/temporalServer.ts';
import { reconcile } from '../../worker/reconciler.ts';
import { addSearchAttributes } from '../../worker/temporal.ts';
import { openHouse, type RunningHouse, until } from '../support/house.ts';

const folder = mkdtempSync(join(tmpdir(), 'aftercare-lost-'));
let temporal: TemporalServer;
let house: RunningHouse;
afterAll(async () => {
  await house?.close();
  await temporal?.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('orders are taken while Temporal is down, and with its database deleted every open follow-up goes on', async () => {
  const executable = await findTemporal();
  const start = (port: number, uiPort: number) =>
    startTemporal({ executable, dataDir: folder, port, uiPort, synchronous: 'NORMAL' });
  temporal = await start(0, 0);
  const [port, uiPort] = [Number(temporal.address.split(':')[1]), Number(new URL(temporal.uiUrl).port)];
  house = await openHouse(3, temporal.address);
  const nextTouch = (number: string) => async () => (await findOrder(house.store, house.source, number))!.nextTouch;
  await house.order('1');
  await until(nextTouch('1'), (touch) => touch === 'check-in');

  await temporal.stop();
  await house.order('2');
  expect(await nextTouch('2')()).toBe('thank-you');
  for (const file of readdirSync(folder).filter((name) => /^temporal.*\.db/.test(name))) rmSync(join(folder, file));
  temporal = await start(port, uiPort);
  // What the program does when it starts.
  await until(
    () =>
      addSearchAttributes(house.temporal).then(
        () => true,
        () => false,
      ),
    (added) => added,
  );
  expect(await reconcile(house.store, house.followUps, Date.now())).toBeGreaterThan(0);
  await until(nextTouch('1'), (touch) => touch === 'survey', 60_000);
  await until(nextTouch('2'), (touch) => touch === 'survey', 60_000);
  const mails = house.mailServer.mails.map(({ subject }) => subject).sort();
  expect(mails).toEqual(['Thank you for your order 1', 'Thank you for your order 2']);
}, 180_000);
