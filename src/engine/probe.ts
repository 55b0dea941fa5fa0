import { getLlama, LlamaLogLevel, type Llama } from "node-llama-cpp";
import { tellsNoMemory } from "../core/engine/memoryWords";
import { EXIT_NO_BACKEND, EXIT_NO_MEMORY, type ProbeReport } from "../protocol/gpuProbe";
import type { GpuBackend } from "../protocol/loadOptions";
import { sequenceOf } from "./llamaSequence";

/**
 * Entry of the throw-away process that looks for one GPU back end: `probe.mjs BACKEND [MODEL]`. It prints one line and
 * ends. Whatever a driver does here (crash, hang, garbage on the console) happens to nobody else; the parent watches.
 */
async function main(): Promise<void> {
  const [backend, model] = process.argv.slice(2);
  let said = "";
  const say = (words: string): void => {
    said += words;
    process.stderr.write(words);
  };
  if (backend !== "metal" && backend !== "cuda" && backend !== "vulkan") throw new Error("metal, cuda or vulkan is wanted");
  const llama = await start(backend, say);
  const devices = llama?.supportsGpuOffloading === true ? await llama.getGpuDeviceNames() : [];
  if (!llama || devices.length === 0) process.exit(EXIT_NO_BACKEND);
  const memory = await llama.getVramState();
  const computed = model === undefined ? null : await computes(llama, model).catch((error: unknown) => {
    say(`${error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
    process.exit(tellsNoMemory(said) ? EXIT_NO_MEMORY : 1);
  });
  const report: ProbeReport = {
    probe: 1, backend, devices, totalBytes: Math.round(memory.total), freeBytes: Math.round(memory.free), shared: memory.unifiedSize > 0,
    library: llama.llamaCppRelease.release, computed,
  };
  process.stdout.write(`\n${JSON.stringify(report)}\n`, () => { process.exit(0); });
}

/** The library with this back end; undefined where no binary of it runs on this machine. */
async function start(backend: GpuBackend, say: (words: string) => void): Promise<Llama | undefined> {
  try {
    return await getLlama({ build: "never", skipDownload: true, progressLogs: false, gpu: backend, logLevel: LlamaLogLevel.error, logger: (_level, message) => { say(message); } });
  } catch (error) {
    say(`${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}\n`);
    return undefined;
  }
}

const TOKENS = 32;

/** Whether a small model, all of it on the GPU, tells a probability: some drivers load and then compute nonsense. */
async function computes(llama: Llama, modelPath: string): Promise<boolean> {
  const model = await llama.loadModel({ modelPath, gpuLayers: "max" });
  const context = await model.createContext({ contextSize: 256, batchSize: TOKENS, sequences: 1, failedCreationRemedy: false });
  const tokens = model.tokenize("const value = index + 1;\n".repeat(8), false).slice(0, TOKENS);
  const predictions = await sequenceOf(context, TOKENS).evaluate(tokens, tokens.length - 1);
  return predictions.every(({ probability }) => probability > 0 && probability <= 1);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
  process.exit(1);
});
