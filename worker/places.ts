import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where what runs can be reached; kept in the data folder, so that a part started alone finds the others. */
export interface Places {
  databaseUrl: string;
  /** Null: as TEMPORAL_* and the SDK's profiles say. */
  temporalAddress: string | null;
  temporalUi: string | null;
  smtpUrl: string | null;
}

/** The file of the data folder that says so while the house runs. */
export const RUNNING = 'running.json';

/** Where the house that keeps this data folder can be reached; null: none runs. */
export function runningIn(dataDir: string): Places | null {
  const file = join(dataDir, RUNNING);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Places) : null;
}
