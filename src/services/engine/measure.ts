import { cpus } from "node:os";
import * as valibot from "valibot";
import { threadCandidates, tune, type Tuning } from "../../core/models/tuning";
import { isAbortError } from "../../core/util/abort";
import { EngineMethod, type MeasureParams, type MeasureResult, type WritingRole } from "../../protocol/engine";
import { readJsonFile, writeJsonFile } from "../store/jsonFile";
import { withLimit } from "./engineProcess";
import type { EngineSupervisor } from "./engineSupervisor";

/** What became of a measurement. */
export type Measured =
  | { readonly outcome: "measured"; readonly tuning: Tuning }
  | { readonly outcome: "stopped" }
  /** `cause` is a clause. */
  | { readonly outcome: "failed"; readonly cause: string };

/** How a measurement is run. */
export interface MeasureOptions {
  readonly physicalCores: number;
  /** Told 0 to 1 while it goes on. */
  readonly onProgress?: (share: number) => void;
  /** Milliseconds for all of it, at most and by default 20,000. */
  readonly limitMs?: number;
}

const LIMIT_MS = 20_000;
/** The engine gets less than the limit: its last chunk cannot be interrupted. */
const ENGINE_SHARE = 0.85;
const TOO_SLOW = "the model is too slow to be measured in this time";

/**
 * Measures the role's loaded model in the engine, at a low priority: whatever the person waits for goes first. Takes at
 * most the limit; the signal ends it sooner. Never rejects.
 */
export async function measureLoaded(supervisor: EngineSupervisor, role: WritingRole, options: MeasureOptions, signal: AbortSignal): Promise<Measured> {
  const model = supervisor.loaded(role);
  if (!model) return { outcome: "failed", cause: `no ${role} model is loaded` };
  const limitMs = Math.min(LIMIT_MS, options.limitMs ?? LIMIT_MS);
  const backend = model.placement.gpuLayers === 0 ? "cpu" : model.placement.backend;
  const measureId = nextId();
  const params: MeasureParams = { role, measureId, threads: threadCandidates(options.physicalCores, backend), budgetMs: limitMs * ENGINE_SHARE };
  const stopListening = supervisor.onMeasureProgress(measureId, (share) => options.onProgress?.(share));
  const late = new AbortController();
  try {
    const result = await withLimit(supervisor.request<MeasureResult>(role, EngineMethod.measure, params, AbortSignal.any([signal, late.signal])), limitMs, TOO_SLOW);
    if (signal.aborted) return { outcome: "stopped" };
    const tuning = tune(result.speeds, backend);
    return tuning ? { outcome: "measured", tuning } : result.outcome === "stopped" ? { outcome: "stopped" } : { outcome: "failed", cause: TOO_SLOW };
  } catch (error) {
    if (signal.aborted || isAbortError(error)) return { outcome: "stopped" };
    return { outcome: "failed", cause: error instanceof Error ? error.message : String(error) };
  } finally {
    late.abort();
    stopListening();
  }
}

/** Ids need only differ among the measurements of one engine process; two at once are told apart by chance. */
function nextId(): number {
  return Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
}

/** What changes a measurement beside the model: the processor, the library and the back end. */
export function machineKey(libraryVersion: string, backend: string): string {
  const processors = cpus();
  return [processors[0]?.model.trim() ?? process.arch, `${String(processors.length)} processors`, `node-llama-cpp ${libraryVersion}`, backend].join("; ");
}

const tuning = valibot.object({ threads: valibot.number(), batchSize: valibot.number(), timeBudgetMs: valibot.number(), prefill: valibot.number(), decode: valibot.number() });
const stored = valibot.record(valibot.string(), valibot.object({ machine: valibot.string(), tuning }));

/** Models whose measurements are kept. */
const MOST_KEPT = 64;

/** Measurements by the model's SHA-256, each good for one machine key: another key, and it is as if never measured. */
export class Measurements {
  constructor(private readonly storePath: string) {}

  /** What was measured for a model on this machine; undefined where it is to be measured. */
  read(sha256: string, machine: string): Tuning | undefined {
    const entry = this.#read()[sha256];
    return entry?.machine === machine ? entry.tuning : undefined;
  }

  /** Remembers a measurement in place of an older one. */
  write(sha256: string, machine: string, measured: Tuning): void {
    const { [sha256]: _old, ...others } = this.#read();
    const kept = Object.entries(others).slice(1 - MOST_KEPT);
    writeJsonFile(this.storePath, Object.fromEntries([...kept, [sha256, { machine, tuning: measured }]]));
  }

  #read(): valibot.InferOutput<typeof stored> {
    const parsed = valibot.safeParse(stored, readJsonFile(this.storePath));
    return parsed.success ? parsed.output : {};
  }
}
