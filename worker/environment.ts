import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Problem } from '../domain/errors.ts';

/** What the environment says; every name is explained in docs/operating.md. */
export interface Environment {
  port: number;
  host: string;
  dataDir: string;
  publicUrl: string;
  apiToken: string | null;
  daySeconds: number;
  playbooks: string;
  databaseUrl: string | null;
  smtpUrl: string | null;
  imapUrl: string | null;
  /** A Temporal server is given; else one is started. */
  temporalGiven: boolean;
  temporalPort: number;
  temporalUiPort: number;
}

const REAL_DAY = 86_400;
const port = (standard: number) => number(standard, 0, 65_535);
const number = (standard: number, least: number, most: number) =>
  z.coerce.number().int().min(least).max(most).default(standard).describe(`a whole number from ${least} to ${most}`);
const url = (...schemes: string[]) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)))
    .optional()
    .describe(`a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`);

/** Characters that have a meaning in URLs are percent-encoded in user and password. */
function isMailbox(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, pathname } = new URL(text);
  try {
    decodeURIComponent(username + password + pathname);
  } catch {
    return false;
  }
  return ['imap:', 'imaps:'].includes(protocol) && hostname !== '' && username !== '' && password !== '';
}

const shape = {
  AFTERCARE_PORT: port(4280),
  AFTERCARE_HOST: z
    .string()
    .regex(/^[0-9a-zA-Z.:-]+$/)
    .default('127.0.0.1')
    .describe('an address or a name of this machine'),
  AFTERCARE_DATA_DIR: z.string().min(1).default('./.aftercare').describe('a folder'),
  AFTERCARE_PUBLIC_URL: url('http', 'https'),
  AFTERCARE_API_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,200}$/)
    .optional()
    .describe('16 to 200 printable characters without spaces'),
  AFTERCARE_DAY_SECONDS: number(REAL_DAY, 1, REAL_DAY),
  AFTERCARE_PLAYBOOKS: z
    .string()
    .min(1)
    .default(fileURLToPath(new URL('../playbooks', import.meta.url)))
    .describe('a folder'),
  DATABASE_URL: url('postgres', 'postgresql'),
  SMTP_URL: url('smtp', 'smtps'),
  IMAP_URL: z
    .string()
    .refine(isMailbox)
    .optional()
    .describe(
      'a URL that begins with imaps:// or imap://, with user and password, as imaps://user:password@host/INBOX',
    ),
  AFTERCARE_TEMPORAL_PORT: port(7233),
  AFTERCARE_TEMPORAL_UI_PORT: port(8233),
};

/** A host as it stands in a URL; who listens everywhere is reached at least from this machine. */
function asSeen(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** Reads the environment; a wrong value is a Problem that names it and says what is allowed. */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const read = <Name extends keyof typeof shape>(name: Name): z.output<(typeof shape)[Name]> => {
    const value = env[name] === '' ? undefined : env[name];
    const result = shape[name].safeParse(value);
    if (result.success) return result.data as never;
    // A URL may carry a password.
    const shown = name.endsWith('_URL') || name.endsWith('_TOKEN') ? '(not shown)' : (value ?? '');
    throw new Problem('bad-environment', { name, value: shown, allowed: shape[name].description! });
  };
  const host = read('AFTERCARE_HOST');
  const httpPort = read('AFTERCARE_PORT');
  const daySeconds = read('AFTERCARE_DAY_SECONDS');
  const dataDir = resolve(read('AFTERCARE_DATA_DIR'));
  return {
    port: httpPort,
    host,
    // A demonstration keeps its shorter days apart from the real ones.
    dataDir: daySeconds === REAL_DAY ? dataDir : resolve(dataDir, `demonstration-${daySeconds}`),
    publicUrl: (read('AFTERCARE_PUBLIC_URL') ?? `http://${asSeen(host)}:${httpPort}`).replace(/\/+$/, ''),
    apiToken: read('AFTERCARE_API_TOKEN') ?? null,
    daySeconds,
    playbooks: resolve(read('AFTERCARE_PLAYBOOKS')),
    databaseUrl: read('DATABASE_URL') ?? null,
    smtpUrl: read('SMTP_URL') ?? null,
    imapUrl: read('IMAP_URL') ?? null,
    temporalGiven: ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'].some((name) => env[name]),
    temporalPort: read('AFTERCARE_TEMPORAL_PORT'),
    temporalUiPort: read('AFTERCARE_TEMPORAL_UI_PORT'),
  };
}
