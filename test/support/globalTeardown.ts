/** Ends what globalSetup.ts started, however the tests went. */
export default async function globalTeardown(): Promise<void> {
  await globalThis.aftercareParts?.stop();
}
