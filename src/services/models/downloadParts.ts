import type { Log } from "../../core/util/log";
import type { Gate } from "../network/gate";
import type { Transport } from "../network/transport";
import type { Disk } from "./disk";
import type { TurnRhythm } from "./downloadLock";

/** What downloads are made of. */
export interface DownloadParts {
  readonly gate: Pick<Gate, "request">;
  readonly transport: Transport;
  /** Waits so many milliseconds; rejects when the signal fires. The shape of `core/util/wait.ts`. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** From 0 to 1, for the jitter of back-off. */
  readonly random: () => number;
  readonly log: Log;
  /** Why the first of so many parts of a model, absolute paths, do not belong together, as a clause; undefined where they do. Not asked where it is left out. */
  readonly whyPartsDoNotFit?: (files: readonly string[], count: number, signal: AbortSignal) => Promise<string | undefined>;
  /** The system's own where it is left out. */
  readonly disk?: Disk;
  /** `CHUNK_BYTES` where it is left out. */
  readonly chunkBytes?: number;
  /** `usualRhythm` where it is left out. */
  readonly rhythm?: TurnRhythm;
}

/** Bytes that a crash or a power cut costs at most; a cut connection and a pause cost none. */
export const CHUNK_BYTES = 8 * 1024 * 1024;
