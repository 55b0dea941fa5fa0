import { setImmediate } from "node:timers/promises";

/** Lets others on the thread have their turn between two pieces of long work. Rejects when `signal` fires. */
export async function waitForTurn(signal: AbortSignal): Promise<void> {
  await setImmediate(undefined, { signal });
}
