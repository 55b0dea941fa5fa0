import { getLlama, LlamaLogLevel, type Llama } from "node-llama-cpp";
import type { EngineLogLine } from "../protocol/engine";
import type { ComputeBackend } from "../protocol/loadOptions";
import { libraryBinary } from "./libraryBinary";

/** The library with what it said last: its errors carry only "failed to load", the cause goes to its log. */
export interface LlamaRuntime {
  readonly llama: Llama;
  readonly backend: ComputeBackend;
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
  const start = (wanted: ComputeBackend): Promise<Llama> => {
    const { gpu, environment } = libraryBinary(wanted, process.platform, process.arch);
    Object.assign(process.env, environment);
    return getLlama({
      build: "never",
      skipDownload: true,
      progressLogs: false,
      gpu,
      maxThreads: threads,
      logLevel: LlamaLogLevel.warn,
      logger: (level, message) => {
        const text = message.trim();
        if (level === LlamaLogLevel.error || level === LlamaLogLevel.fatal) errors = [...errors.slice(-4), text];
        log({ level: level === LlamaLogLevel.warn ? "warning" : level === LlamaLogLevel.info ? "info" : "error", message: text });
      },
    });
  };
  const memory = { lastError: () => errors.find((error) => error !== "") ?? "", clearErrors: () => { errors = []; } };
  if (backend === "cpu") return { llama: await start("cpu"), backend, notes: [], ...memory };
  try {
    return { llama: await start(backend), backend, notes: [], ...memory };
  } catch (error) {
    const note = `${backend} did not start on this machine: models run on the processor.`;
    log({ level: "warning", message: `${note} ${error instanceof Error ? error.message : String(error)}` });
    return { llama: await start("cpu"), backend: "cpu", notes: [note], ...memory };
  }
}
