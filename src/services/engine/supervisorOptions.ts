import type { Log } from "../../core/util/log";
import type { ComputeBackend, GpuBackend } from "../../protocol/loadOptions";
import type { EngineLimits } from "./engineProcess";
import type { Runtime, RuntimeSetting } from "./runtimes";

/** Remembers across sessions which runtime died while loading. */
export interface RuntimeMemory {
  lastDied(): Runtime["kind"] | undefined;
  remember(kind: Runtime["kind"]): void;
}

export interface EngineSupervisorOptions {
  /** Absolute path of `engine.mjs`. */
  readonly entry: string;
  readonly runtime: RuntimeSetting;
  /** Threads for evaluation, at least 1. */
  readonly threads: number;
  /** What models are computed on; the processor where absent. */
  readonly backend?: ComputeBackend;
  /** Told when a back end crashed or hung, and what failed on it was seen to work on the processor: it is not used any more. */
  readonly onBackendSetAside?: (backend: GpuBackend, how: "crashed" | "hung") => void;
  readonly memory: RuntimeMemory;
  readonly log: Log;
  readonly clock: () => number;
  /** Milliseconds to wait before the next start: the back-off's clock, replaced in tests. */
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Other limits than the usual ones, for tests; `loadMs` is what a load may take beside the disk's time. */
  readonly limits?: Partial<EngineLimits & { readonly loadMs: number }>;
}
