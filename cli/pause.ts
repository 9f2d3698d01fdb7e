import { DateTime } from 'luxon';
import type { AftercareClient } from '../client/http.ts';

/** Lets everything wait until then; a local time is one of the company's. */
export async function pause(client: AftercareClient, until: string, why: string): Promise<number> {
  const paused = await client.pauseEverything({ until, why });
  const end = DateTime.fromISO(paused.until!);
  console.log(`Everything is paused until ${end.toFormat('ccc yyyy-MM-dd HH:mm')} (${end.zoneName}): ${paused.why}`);
  return 0;
}

/** Lets everything go on. */
export async function resume(client: AftercareClient): Promise<number> {
  const { woken } = await client.resumeEverything();
  console.log(`Everything goes on. ${woken === 1 ? 'One follow-up looks' : `${woken} follow-ups look`} again.`);
  return 0;
}
