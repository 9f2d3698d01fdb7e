import type { AftercareClient } from '../client/http.ts';

/** Prints everything held about a customer, as JSON. */
export async function exportCustomer(client: AftercareClient, source: string, id: string): Promise<number> {
  console.log(JSON.stringify(await client.exportCustomer(source, id), null, 2));
  return 0;
}

/** Erases a customer once that is said twice. */
export async function eraseCustomer(
  client: AftercareClient,
  source: string,
  id: string,
  sure: boolean,
): Promise<number> {
  if (!sure) {
    await client.customer(source, id);
    console.error(`This erases ${source}/${id} for good: follow-ups end, and nothing will tell who it was.`);
    console.error('Add --yes to do it.');
    return 2;
  }
  await client.eraseCustomer(source, id);
  console.log(`${source}/${id} is erased.`);
  return 0;
}
