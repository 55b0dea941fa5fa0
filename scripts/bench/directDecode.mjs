// The library alone in one process: greedy decoding as its own users would write it. Prints tokens a second.
import { performance } from "node:perf_hooks";
import { getLlama } from "node-llama-cpp";

const [, , modelPath, prompt, wanted] = process.argv;
const llama = await getLlama({ build: "never", skipDownload: true, gpu: false, progressLogs: false, maxThreads: 1, logLevel: "error" });
const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
const context = await model.createContext({ contextSize: 1024, batchSize: 64, threads: { ideal: 1, min: 1 } });
const sequence = context.getSequence();
let startedAt = 0;
let count = 0;
for await (const token of sequence.evaluate(model.tokenize(prompt), { temperature: 0, yieldEogToken: true })) {
  if (token === undefined) break;
  if (count === 0) startedAt = performance.now();
  count += 1;
  if (count >= Number(wanted)) break;
}
console.log(((count - 1) / ((performance.now() - startedAt) / 1000)).toFixed(2));
process.exit(0);
