import { isAbortError } from "../../core/util/abort";
import type { Log } from "../../core/util/log";
import type { ModelIdentities } from "./modelIdentity";

/** What the check in the background needs. */
export interface PeriodicCheckParts {
  readonly identities: Pick<ModelIdentities, "due" | "recheck">;
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Told when a file holds other bytes although its size and time are the same. */
  readonly onChanged: (path: string, found: { readonly sha256: string; readonly previous: string }) => void;
  readonly log: Log;
}

/** After the start, so that nothing the person waits for is slowed down. */
const FIRST_AFTER_MS = 5 * 60_000;
const EVERY_MS = 30 * 60_000;
/** After each megabyte: at most 25 MB a second are read, so that nobody hears the disk. A file of 5 GB takes four minutes. */
const REST_MS = 40;

/**
 * Reads each remembered model file again once a day while the editor runs, slowly and in the background: the only way to
 * find a bit that flipped on the disk under the same size and time. Resolves when the signal fires.
 */
export async function checkPeriodically({ identities, wait, onChanged, log }: PeriodicCheckParts, signal: AbortSignal): Promise<void> {
  try {
    for (let pause = FIRST_AFTER_MS; ; pause = EVERY_MS) {
      await wait(pause, signal);
      for (const path of identities.due()) {
        const result = await identities.recheck(path, () => wait(REST_MS, signal), signal).catch((error: unknown) => {
          if (isAbortError(error)) throw error;
          log.warn(`a model file could not be read again: ${error instanceof Error ? error.message : String(error)}`);
          return undefined;
        });
        if (result?.found !== "changed") continue;
        log.error(`a model file holds other bytes than when it was accepted: SHA-256 ${result.sha256}, it was ${result.previous}`);
        onChanged(path, result);
      }
    }
  } catch (error) {
    if (!isAbortError(error)) throw error;
  }
}
