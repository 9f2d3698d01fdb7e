#!/usr/bin/env node
/** The `aftercare` command: sets up what is missing, then hands over to the built program in the same process. */
import { prepare } from './prepare.mjs';

try {
  await prepare();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const { main } = await import('../dist/cli/main.js');
const code = await main(process.argv.slice(2));
if (typeof code === 'number') process.exitCode = code;
