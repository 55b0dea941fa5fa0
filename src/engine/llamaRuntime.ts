import { getLlama, LlamaLogLevel, type Llama } from "node-llama-cpp";
import type { EngineLogLine } from "../protocol/engine";

/** The library with what it said last: its errors carry only "failed to load", the cause goes to its log. */
export interface LlamaRuntime {
  readonly llama: Llama;
  /** The last errors since `clearErrors`, in the library's own words; empty when there were none. */
  readonly lastError: () => string;
  readonly clearErrors: () => void;
}

/** Starts the library: prebuilt binary, nothing downloaded or compiled, CPU only for now, as many threads as we say. */
export async function startLlama(threads: number, log: (line: EngineLogLine) => void): Promise<LlamaRuntime> {
  let errors: string[] = [];
  const llama = await getLlama({
    build: "never",
    skipDownload: true,
    progressLogs: false,
    gpu: false,
    maxThreads: threads,
    logLevel: LlamaLogLevel.warn,
    logger: (level, message) => {
      const text = message.trim();
      if (level === LlamaLogLevel.error || level === LlamaLogLevel.fatal) errors = [...errors.slice(-4), text];
      log({ level: level === LlamaLogLevel.warn ? "warning" : level === LlamaLogLevel.info ? "info" : "error", message: text });
    },
  });
  return { llama, lastError: () => errors.find((error) => error !== "") ?? "", clearErrors: () => { errors = []; } };
}
