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
// All that was started has ended by now; native parts of the SDK would keep the process alive for nothing.
if (typeof code === 'number') process.exit(code);
