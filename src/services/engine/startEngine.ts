import type { ComputeBackend } from "../../protocol/loadOptions";
import { EngineProcess } from "./engineProcess";
import { runtimesToTry, type Runtime, type RuntimeSetting } from "./runtimes";
import type { EngineSupervisorOptions } from "./supervisorOptions";

/** How the process is run. */
export interface Run {
  readonly runtime: RuntimeSetting;
  readonly threads: number;
  readonly backend: ComputeBackend;
}

/** A process that has said hello, or why there is none. */
export type Started =
  | { readonly process: EngineProcess; readonly runtime: Runtime }
  | { readonly process: undefined; readonly cause: string };

/** Starts an engine with the first runtime that can, and remembers those that could not. */
export async function startEngine({ entry, memory, log, limits = {} }: EngineSupervisorOptions, run: Run): Promise<Started> {
  let cause = "no runtime for the engine was found";
  for await (const runtime of runtimesToTry(run.runtime, memory.lastDied())) {
    try {
      const process = await EngineProcess.start({ runtime, entry, threads: run.threads, backend: run.backend, log, limits });
      log.info(`engine started: ${runtime.kind} runtime, process ${String(process.processId)}`);
      return { process, runtime };
    } catch (error) {
      cause = error instanceof Error ? error.message : String(error);
      log.error(`engine did not start with the ${runtime.kind} runtime: ${cause}`);
      memory.remember(runtime.kind);
    }
  }
  return { process: undefined, cause };
}
