import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { type FollowUps, followUps } from '../../client/followUps.ts';
import { type OrderInput, readOrder } from '../../domain/order.ts';
import { readAllContent } from '../../mail/content.ts';
import { openMailer } from '../../mail/smtp.ts';
import { readTemplates, TEMPLATES } from '../../mail/templates.ts';
import type { Store } from '../../store/database.ts';
import { acceptOrder } from '../../store/orders.ts';
import { addPlaybooks } from '../../store/playbooks.ts';
import { startDispatcher } from '../../worker/dispatcher.ts';
import { addSearchAttributes, connectTemporal, logThrough, startWorker, type Temporal } from '../../worker/temporal.ts';
import { freshStore } from './database.ts';
import { MailServer } from './mailServer.ts';
import { phoneOf } from './people.ts';

/** Only once there is a house: what the SDK begins here keeps Jest waiting until a worker has ended. */
let logged = false;
const logOnce = () => {
  if (!logged) logThrough(pino({ level: 'error' }));
  logged = true;
};

const folder = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** A house that runs in short days on the test run's Temporal server, with a database and a task queue of its own. */
export interface RunningHouse {
  store: Store;
  temporal: Temporal;
  followUps: FollowUps;
  mailServer: MailServer;
  /** Takes an order placed now, of source `source`. */
  order(number: string, given?: Partial<OrderInput>): Promise<void>;
  source: string;
  close(): Promise<void>;
}

export async function openHouse(
  daySeconds: number,
  address = process.env.AFTERCARE_TEST_TEMPORAL_ADDRESS!,
): Promise<RunningHouse> {
  logOnce();
  const { store, drop } = await freshStore(daySeconds);
  const temporal = await connectTemporal(address);
  await addSearchAttributes(temporal);
  const shelf = await addPlaybooks(store, folder('playbooks'), Date.now());
  const mailServer = new MailServer();
  const mailer = openMailer(await mailServer.start());
  // The server is shared by all tests: queue and source keep this house's follow-ups apart.
  const source = `house-${Math.random().toString(36).slice(2, 10)}`;
  const worker = await startWorker(
    temporal,
    {
      store,
      mailer,
      templates: await readTemplates(TEMPLATES),
      content: readAllContent(TEMPLATES),
      hears: true,
      publicUrl: 'http://shop.test',
    },
    source,
    process.env.AFTERCARE_TEST_BUNDLE!,
  );
  const calls = followUps(temporal.client, source);
  const dispatcher = startDispatcher(store, calls, pino({ level: 'silent' }));
  return {
    store,
    temporal,
    followUps: calls,
    mailServer,
    source,
    async order(number, given = {}) {
      const now = Date.now();
      const read = readOrder(
        {
          source,
          number,
          placedAt: new Date(now).toISOString(),
          currency: 'EUR',
          total: '129.90',
          customer: { id: `c-${number}`, name: 'Ada Palmer', email: `c-${number}@example.com`, phone: phoneOf(number) },
          ...given,
        },
        now,
      );
      if (!read.ok) throw new Error(JSON.stringify(read.errors));
      await acceptOrder(store, read.order, shelf, now);
    },
    async close() {
      await dispatcher.stop();
      await worker.stop();
      mailer.close();
      await mailServer.stop();
      await temporal.connection.close();
      await drop();
    },
  };
}

/** Waits until something is so, and returns it; fails with what it saw last. */
export async function until<T>(look: () => Promise<T>, isSo: (seen: T) => boolean, ms = 20_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain; last seen: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
