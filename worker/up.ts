import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { House } from '../activities/house.ts';
import { followUps } from '../client/followUps.ts';
import { Problem, reasonOf } from '../domain/errors.ts';
import { startCatcher } from '../mail/catcher.ts';
import { readAllContent } from '../mail/content.ts';
import { openMailer } from '../mail/smtp.ts';
import { readTemplates, TEMPLATES } from '../mail/templates.ts';
import { alive, openStore, type Store } from '../store/database.ts';
import { addPlaybooks } from '../store/playbooks.ts';
import type { Web } from '../web/web.ts';
import { TASK_QUEUE } from '../workflows/messages.ts';
import { startDispatcher } from './dispatcher.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { catchMail, startInbox } from './inbox.ts';
import { type Logger, openLog } from './log.ts';
import { type DataFolder, openDataFolder } from './parts/dataFolder.ts';
import { startPostgres } from './parts/postgres.ts';
import { type Progress, progressOn } from './parts/progress.ts';
import { findTemporal, startTemporal } from './parts/temporalServer.ts';
import { type Places, RUNNING, runningIn } from './places.ts';
import { startReconciler } from './reconciler.ts';
import { serve } from './serve.ts';
import { keepRunning } from './supervise.ts';
import { addSearchAttributes, connectTemporal, logThrough, startWorker } from './temporal.ts';

/** What has to be ended, last begun first. */
class Ends {
  #ends: (() => unknown)[] = [];
  add = (end: () => unknown) => this.#ends.push(end);
  async all() {
    for (let end = this.#ends.pop(); end; end = this.#ends.pop()) await end();
  }
}

/** Runs the whole house, or one part of it, until it is told to stop. The exit code. */
export async function up({ only }: { only?: 'web' | 'worker' } = {}): Promise<number> {
  const environment = readEnvironment();
  const log = openLog();
  const progress = progressOn();
  const ends = new Ends();
  const asked = stopSignal();
  logThrough(log);
  const starting = start(environment, only, progress, log, ends);
  try {
    const started = await Promise.race([starting, asked.then(() => null)]);
    console.log(started ?? '');
    await asked;
    console.log('\nStopping: what is in hand is finished first.');
    return 0;
  } finally {
    // Told to stop while starting: what is half up is waited for, so that nothing is left behind.
    await Promise.race([starting.catch(() => {}), new Promise((resolve) => setTimeout(resolve, 15_000).unref())]);
    await ends.all();
  }
}

/** Starts everything that was asked for; what to tell whoever started it. */
async function start(
  environment: Environment,
  only: 'web' | 'worker' | undefined,
  progress: Progress,
  log: Logger,
  ends: Ends,
): Promise<string> {
  const places = await findPlaces(environment, only, progress, log, ends);
  const store = await openStore(places.databaseUrl, environment.daySeconds);
  ends.add(() => store.close());
  const now = Date.now;
  const templates = await readTemplates(TEMPLATES);
  const content = readAllContent(TEMPLATES);
  const shelf = await addPlaybooks(store, environment.playbooks, now(), templates.names);
  const parts: Web['readiness'][] = [() => alive(store).then(() => ({ database: true as const }), reason('database'))];
  if (only !== 'web' && !places.smtpUrl) {
    const catcher = await startCatcher(catchMail(store, now));
    ends.add(() => catcher.close());
    places.smtpUrl = catcher.url;
  }
  if (only !== 'web') parts.push(await startWork(environment, places, !only, store, { templates, content }, log, ends));
  if (only === 'worker') return 'The worker is ready.';
  const apiToken = tokenOf(environment);
  const { createApp } = await import('../web/app.ts');
  const { readSayings } = await import('../web/customer/words.ts');
  const app = createApp({
    store,
    shelf,
    templates,
    content,
    sayings: readSayings(TEMPLATES),
    publicUrl: environment.publicUrl,
    apiToken,
    temporalUi: places.temporalUi,
    catching: environment.smtpUrl === null,
    catcherUrl: environment.smtpUrl === null ? places.smtpUrl : null,
    now,
    log,
    readiness: async () => Object.assign({}, ...(await Promise.all(parts.map((part) => part())))),
  });
  const server = await serve(app, environment);
  ends.add(() => server.close());
  return welcome(environment, places, store, apiToken);
}

const reason = (part: string) => (error: unknown) => ({ [part]: reasonOf(error) });

/** Finds the servers the environment names or another start has running; starts what is missing. */
async function findPlaces(
  environment: Environment,
  only: string | undefined,
  progress: Progress,
  log: Logger,
  ends: Ends,
): Promise<Places> {
  const { dataDir, databaseUrl, smtpUrl } = environment;
  if (only) {
    const found = runningIn(dataDir);
    const database = databaseUrl ?? found?.databaseUrl;
    if (!database) throw new Problem('part-alone', { part: only });
    return {
      databaseUrl: database,
      temporalAddress: environment.temporalGiven ? null : (found?.temporalAddress ?? null),
      temporalUi: found?.temporalUi ?? null,
      smtpUrl: smtpUrl ?? found?.smtpUrl ?? null,
    };
  }
  const folder = openDataFolder(dataDir);
  ends.add(() => folder.close());
  // Both may take a while. Where one fails the other is still up and has to be ended, so both are waited for.
  const [postgres, temporal] = await Promise.allSettled([
    databaseUrl ? { url: databaseUrl } : ownPostgres(folder, progress, log, ends),
    environment.temporalGiven ? null : ownTemporal(environment, folder, progress, log, ends),
  ]);
  if (postgres.status === 'rejected') throw postgres.reason;
  if (temporal.status === 'rejected') throw temporal.reason;
  return {
    databaseUrl: postgres.value.url,
    temporalAddress: temporal.value?.address ?? null,
    temporalUi: temporal.value?.uiUrl ?? null,
    smtpUrl,
  };
}

async function ownPostgres(folder: DataFolder, progress: Progress, log: Logger, ends: Ends) {
  const first = await progress.during('PostgreSQL', 'keeps orders, stories and the ledger', () =>
    startPostgres({ dataDir: folder.path }),
  );
  const port = Number(new URL(first.url).port);
  const kept = keepRunning('postgres', first, () => startPostgres({ dataDir: folder.path, port }), log);
  ends.add(() => kept.stop());
  return first;
}

async function ownTemporal(
  { temporalPort, temporalUiPort }: Environment,
  folder: DataFolder,
  progress: Progress,
  log: Logger,
  ends: Ends,
) {
  const executable = await findTemporal({ progress });
  const start = (port: number, uiPort: number) => startTemporal({ executable, dataDir: folder.path, port, uiPort });
  const first = await progress.during('Temporal', 'keeps what happens next', () => start(temporalPort, temporalUiPort));
  const [port, uiPort] = [Number(first.address.split(':').at(-1)), Number(new URL(first.uiUrl).port)];
  const kept = keepRunning('temporal', first, () => start(port, uiPort), log);
  ends.add(() => kept.stop());
  return first;
}

/** Starts what works: mail, the Temporal worker, dispatcher and reconciler. What it says to whether it is ready. */
async function startWork(
  environment: Environment,
  places: Places,
  whole: boolean,
  store: Store,
  written: Pick<House, 'templates' | 'content'>,
  log: Logger,
  ends: Ends,
): Promise<Web['readiness']> {
  const now = Date.now;
  if (whole) writePlaces(environment, places, ends);
  const mailer = openMailer(places.smtpUrl!);
  ends.add(() => mailer.close());
  const temporal = await connectTemporal(places.temporalAddress ?? undefined);
  ends.add(() => temporal.connection.close());
  await addSearchAttributes(temporal);
  const { imapUrl, smtpUrl, publicUrl } = environment;
  const house = { store, mailer, ...written, hears: imapUrl !== null || smtpUrl === null, publicUrl };
  const codePath = fileURLToPath(new URL('../workflows/bundle.js', import.meta.url));
  const start = () => startWorker(temporal, house, TASK_QUEUE, codePath);
  const worker = keepRunning('worker', await start(), start, log);
  ends.add(() => worker.stop());
  const calls = followUps(temporal.client, TASK_QUEUE);
  const loops = [startDispatcher(store, calls, log), startReconciler(store, calls, now, log)];
  ends.add(() => Promise.all(loops.map((loop) => loop.stop())));
  const inbox = imapUrl === null ? null : startInbox(store, imapUrl, now, log);
  if (inbox) ends.add(() => inbox.stop());
  return async () => ({
    temporal: await temporal.connection.healthService.check({}).then(
      () => true as const,
      (error: Error) => error.message,
    ),
    worker: worker.running() || 'it ended and is being started again',
    mail: (await mailer.answers()) || 'the mail server does not answer',
    ...(inbox && { mailbox: inbox.trouble() ?? true }),
  });
}

function writePlaces({ dataDir }: Environment, places: Places, ends: Ends) {
  const file = join(dataDir, RUNNING);
  writeFileSync(file, JSON.stringify(places), { mode: 0o600 });
  ends.add(() => rmSync(file, { force: true }));
}

/** The API's token: given, or made at the first start and kept in the data folder. */
function tokenOf({ apiToken, dataDir }: Environment): string {
  if (apiToken) return apiToken;
  const file = join(dataDir, 'api-token');
  mkdirSync(dataDir, { recursive: true });
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 });
  return readFileSync(file, 'utf8').trim();
}

/** Settles at the first SIGINT or SIGTERM; from then on a second one changes nothing, for stopping takes its time. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
}

function welcome(
  { publicUrl, daySeconds, smtpUrl }: Environment,
  { temporalUi }: Places,
  { calendar }: Store,
  token: string,
) {
  const order = {
    source: 'shop',
    number: '10042',
    placedAt: new Date().toISOString(),
    currency: 'EUR',
    total: '129.90',
    customer: { id: 'c-77', name: 'Ada Palmer', email: 'ada@example.com', phone: '+49 30 123456' },
    lines: [{ sku: 'E-1', name: 'Espresso machine', quantity: 1, price: '129.90' }],
  };
  const lines = [
    '',
    'Aftercare is ready.',
    `  Desk         ${publicUrl}/`,
    ...(smtpUrl ? [] : [`  Caught mail  ${publicUrl}/dev/mail`]),
    `  API          ${publicUrl}/v1/docs`,
    ...(temporalUi ? [`  Temporal     ${temporalUi}`] : []),
    ...(calendar.dayMs < 86_400_000 ? [`  Demonstration: a day lasts ${daySeconds} seconds.`] : []),
    '',
    'Place an order:',
    `  curl ${publicUrl}/v1/orders -H 'Authorization: Bearer ${token}' -H 'Content-Type: application/json' \\`,
    `    -d '${JSON.stringify(order)}'`,
    '',
    'Ctrl-C stops everything; the next start goes on where it was.',
  ];
  return lines.join('\n');
}
