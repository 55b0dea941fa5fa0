import { getLlama, LlamaLogLevel, type Llama } from "node-llama-cpp";
import type { EngineLogLine } from "../protocol/engine";
import type { ComputeBackend } from "../protocol/loadOptions";
import { libraryBinary } from "./libraryBinary";

/** The library with what it said last: its errors carry only "failed to load", the cause goes to its log. */
export interface LlamaRuntime {
  readonly llama: Llama;
  readonly backend: ComputeBackend;
  /**
   * The library for models without a layer on the GPU. Where `llama` has one it is another build, which knows of none
   * and is started with the first call: the build for a GPU takes memory there and computes long prompts on it, layers or not.
   */
  readonly processor: () => Promise<Llama>;
  /** Sentences about a start that went otherwise than wished. */
  readonly notes: readonly string[];
  /** The last errors since `clearErrors`, in the library's own words; empty when there were none. */
  readonly lastError: () => string;
  readonly clearErrors: () => void;
}

/**
 * Starts the library: prebuilt binary, nothing downloaded or compiled, as many threads as we say. A back end that does
 * not start is replaced by the processor, with a note.
 */
export async function startLlama(threads: number, log: (line: EngineLogLine) => void, backend: ComputeBackend = "cpu"): Promise<LlamaRuntime> {
  let errors: string[] = [];
  const start = (wanted: ComputeBackend): Promise<Llama> => startBinary(wanted, threads, (line) => {
    if (line.level === "error") errors = [...errors.slice(-4), line.message];
    log(line);
  });
  const memory = { lastError: () => errors.find((error) => error !== "") ?? "", clearErrors: () => { errors = []; } };
  const alone = (llama: Llama, notes: readonly string[]): LlamaRuntime => ({ llama, backend: "cpu", processor: () => Promise.resolve(llama), notes, ...memory });
  if (backend === "cpu") return alone(await start("cpu"), []);
  try {
    const llama = await start(backend);
    return { llama, backend, processor: sameBuild(backend) ? () => Promise.resolve(llama) : once(() => start("cpu")), notes: [], ...memory };
  } catch (error) {
    const note = `${backend} did not start on this machine: models run on the processor.`;
    log({ level: "warning", message: `${note} ${error instanceof Error ? error.message : String(error)}` });
    return alone(await start("cpu"), [note]);
  }
}

function startBinary(backend: ComputeBackend, threads: number, log: (line: EngineLogLine) => void): Promise<Llama> {
  const { gpu, environment } = libraryBinary(backend, process.platform, process.arch);
  Object.assign(process.env, environment);
  return getLlama({
    build: "never",
    skipDownload: true,
    progressLogs: false,
    gpu,
    maxThreads: threads,
    logLevel: LlamaLogLevel.warn,
    logger: (level, message) => {
      const serious = level === LlamaLogLevel.error || level === LlamaLogLevel.fatal;
      log({ level: level === LlamaLogLevel.warn ? "warning" : serious ? "error" : "info", message: message.trim() });
    },
  });
}

/** Whether one build does both: a process holds it once, with the devices that it was first asked for. */
function sameBuild(backend: ComputeBackend): boolean {
  const build = (one: ComputeBackend): string | false => libraryBinary(one, process.platform, process.arch).gpu;
  return build(backend) === build("cpu");
}

/** Starts with the first call, and anew after one that failed. */
function once<Value>(start: () => Promise<Value>): () => Promise<Value> {
  let started: Promise<Value> | undefined;
  return async () => {
    started ??= start();
    try {
      return await started;
    } catch (error) {
      started = undefined;
      throw error;
    }
  };
}
