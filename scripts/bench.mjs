/** `npm run bench`: sets up what is missing, then measures. See bench/main.ts for the options. */
import { prepare } from './prepare.mjs';

try {
  await prepare();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const { main } = await import('../dist/bench/main.js');
process.exit(await main(process.argv.slice(2)));
