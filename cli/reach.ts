import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { aftercareClient } from '../client/http.ts';
import { type Environment, readEnvironment } from '../worker/environment.ts';

/** The token of the environment, else the one made at the first start; empty where there is none. */
export function tokenOf({ apiToken, dataDir }: Environment): string {
  const file = join(dataDir, 'api-token');
  return apiToken ?? (existsSync(file) ? readFileSync(file, 'utf8').trim() : '');
}

/** The Aftercare that runs where the environment says. */
export function reach() {
  const environment = readEnvironment();
  return aftercareClient({ url: environment.publicUrl, token: tokenOf(environment) });
}
