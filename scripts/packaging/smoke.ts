import { readdir, writeFile, rm } from "node:fs/promises";
import path from "node:path";
import { runCommand } from "../project";

/**
 * Loads the engine library from the staged tree in a fresh Node, and the first model found there, so that a file
 * missing from the package is found now and not on a user's machine. Returns what loaded, in words.
 */
export async function checkStagedEngine(stage: string): Promise<string> {
  const starter = path.join(stage, "models", "starter");
  const model = (await readdir(starter).catch(() => [])).find((name) => name.endsWith(".gguf"));
  // The module has to stand where engine.mjs stands: packages are found from there.
  const probe = path.join(stage, "dist", "packaging-probe.mjs");
  await writeFile(probe, probeSource(model ? path.join(starter, model) : null));
  try {
    return (await runCommand(process.execPath, [probe], { cwd: stage, quiet: true })).trim();
  } finally {
    await rm(probe);
  }
}

function probeSource(model: string | null): string {
  return `
import { getLlama } from "node-llama-cpp";
// The only macOS build for Apple processors is the Metal one; asking for none at all would find nothing.
const gpu = process.platform === "darwin" && process.arch === "arm64" ? "auto" : false;
const llama = await getLlama({ build: "never", gpu, skipDownload: true, progressLogs: false });
const model = ${JSON.stringify(model)};
const words = ["llama.cpp loads"];
if (model) {
  const loaded = await llama.loadModel({ modelPath: model });
  const context = await loaded.createContext({ contextSize: 64, threads: 1 });
  const sequence = context.getSequence();
  for await (const token of sequence.evaluate(loaded.tokenize("for (let i = 0;"))) {
    words.push("the starter model answers " + JSON.stringify(loaded.detokenize([token])));
    break;
  }
  await context.dispose();
}
console.log(words.join(", "));
process.exit(0);
`;
}
