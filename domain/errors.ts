/**
 * Every error Aftercare shows to a person: a code, what is wrong, and what to do about it.
 * `{name}` is filled from the values given. docs/errors.md lists them all; a test holds the two together.
 */
export const catalogue = {
  'node-too-old': {
    sentence: 'Node {version} is too old.',
    remedy: 'Install Node 20.19 or newer.',
  },
  'bad-environment': {
    sentence: '{name} is "{value}".',
    remedy: 'Allowed: {allowed}.',
  },
  'port-taken': {
    sentence: 'Port {port} ({what}) is in use by another program.',
    remedy: 'Stop that program, or set {name} to a free port.',
  },
  'data-folder-in-use': {
    sentence: 'The data folder {folder} is in use by process {pid}.',
    remedy: 'Stop that process, or set AFTERCARE_DATA_DIR to another folder.',
  },
  'data-folder-unusable': {
    sentence: 'The data folder {folder} cannot be used: {reason}.',
    remedy: 'Give this user the right to write there, or set AFTERCARE_DATA_DIR to another folder.',
  },
  'disk-full': {
    sentence: 'The disk that holds {folder} has {free} MB free; {needed} MB are needed.',
    remedy: 'Free some space, or set AFTERCARE_DATA_DIR to a folder on another disk.',
  },
  'no-temporal-server': {
    sentence: 'No Temporal server could be found, downloaded or built: {reason}.',
    remedy:
      'Install the temporal command (1.5 or newer) or Go (1.25 or newer), or set TEMPORAL_ADDRESS to a server that runs.',
  },
  'temporal-failed': {
    sentence: 'The Temporal server did not start: {reason}.',
    remedy: 'Read {log}, or set TEMPORAL_ADDRESS to a server that runs.',
  },
  'no-test-server': {
    sentence: "Temporal's time-skipping test server could not be found, downloaded or built: {reason}.",
    remedy: 'Install Java (17 or newer) with Maven, or allow the download from github.com.',
  },
  'temporal-unreachable': {
    sentence: 'The Temporal server at {address} does not answer: {reason}.',
    remedy: 'Start it, or correct TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and TEMPORAL_TLS_*.',
  },
  'temporal-search-attributes': {
    sentence: 'The search attributes could not be added to namespace {namespace}: {reason}.',
    remedy: 'Add them by hand as docs/operating.md shows; Temporal Cloud wants them added with tcld or in its UI.',
  },
  'postgres-failed': {
    sentence: 'PostgreSQL did not start: {reason}.',
    remedy: 'Read {log}, or set DATABASE_URL to a PostgreSQL that runs (14 or newer).',
  },
  'part-alone': {
    sentence: 'A part alone ({part}) found no database to work on.',
    remedy: 'Set DATABASE_URL, or start the whole first with npm start in the same folder.',
  },
  'database-unreachable': {
    sentence: 'The database does not answer: {reason}.',
    remedy: 'Start it, or correct DATABASE_URL.',
  },
  'database-too-new': {
    sentence: 'The database was written by a newer Aftercare (migration {found}; this one knows up to {known}).',
    remedy: 'Start that newer version, or set DATABASE_URL to another database.',
  },
  'database-not-ours': {
    sentence: 'The database has a schema "aftercare" that this program did not make.',
    remedy: 'Set DATABASE_URL to another database.',
  },
  'content-wrong': { sentence: '{file}, line {line}: {what}.', remedy: 'Allowed: {allowed}.' },
  'playbook-wrong': {
    sentence: '{file}, line {line}: {what}.',
    remedy: 'Allowed: {allowed}.',
  },
  'survey-wrong': { sentence: '{file}, line {line}: {what}.', remedy: 'Allowed: {allowed}.' },
  'template-wrong': {
    sentence: '{file}, line {line}: {what}.',
    remedy: 'Allowed: {allowed}.',
  },
  'not-loopback': {
    sentence: 'The desk has no login yet and answers on this machine only; it was asked as "{host}".',
    remedy: 'Open it at http://127.0.0.1 with its port, on the machine it runs on.',
  },
  'no-answer': {
    sentence: 'Aftercare at {url} does not answer: {reason}.',
    remedy: 'Start it with npm start, or set AFTERCARE_PUBLIC_URL to where it runs.',
  },
  'refused-token': {
    sentence: 'Aftercare at {url} refused the token.',
    remedy: 'Set AFTERCARE_API_TOKEN to the one printed when it started.',
  },
  'file-unreadable': {
    sentence: '{file} cannot be read: {reason}.',
    remedy: 'Give a .json, .jsonl or .csv file that this user may read.',
  },
  'file-unwritable': {
    sentence: '{file} cannot be written: {reason}.',
    remedy: 'Give a file in a folder that is there and in which this user may write.',
  },
} as const;

export type ErrorCode = keyof typeof catalogue;

/** An error that is somebody's to mend: its message says what is wrong and what to do next. */
export class Problem extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;

  constructor(code: ErrorCode, values: Record<string, string | number> = {}) {
    const fill = (text: string) => text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? `{${name}}`));
    const { sentence, remedy } = catalogue[code];
    super(`${fill(sentence)} ${fill(remedy)}`);
    this.name = 'Problem';
    this.code = code;
    this.remedy = fill(remedy);
  }
}

/**
 * What went wrong at the bottom of an error. Messages further out quote what a query was given, which may be personal
 * and belongs neither in logs nor in Temporal.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors[0]) return reasonOf(error.errors[0]);
  if (error instanceof Error) return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
  return String(error);
}
