import { readdir, writeFile, rm } from "node:fs/promises";
import path from "node:path";
import { libraryBinary } from "../../src/engine/libraryBinary";
import { PlainError, runCommand } from "../project";
import type { PackagePlatform } from "./platform";

/**
 * Loads the engine library from the staged tree in a fresh Node, and the first model found there, so that a file
 * missing from the package is found now and not on a user's machine. Returns what loaded, in words.
 */
export async function checkStagedEngine(stage: string): Promise<string> {
  const starter = path.join(stage, "models", "starter");
  const model = (await readdir(starter).catch(() => [])).find((name) => name.endsWith(".gguf"));
  return runInStage(stage, loadingSource(model ? path.join(starter, model) : null));
}

/**
 * Asks the staged library which of its binaries it would load on another platform, for the processor alone as the
 * engine asks for it: nothing of that package can run here, but a binary that would not be found there is found now.
 * Returns what it names, in words; throws a plain error where that is nothing.
 */
export async function checkForeignEngine(stage: string, { system, machine }: PackagePlatform): Promise<string> {
  const found = await runInStage(stage, findingSource(libraryBinary("cpu", system, machine).gpu, system, machine));
  if (found === "") throw new PlainError(`On ${system}-${machine} the engine's library would find no binary in this package.`);
  return `not run, it is for another machine; there it loads ${found}`;
}

/** Runs a module where engine.mjs stands, because packages are found from there, and returns what it prints. */
async function runInStage(stage: string, source: string): Promise<string> {
  const probe = path.join(stage, "dist", "packaging-probe.mjs");
  await writeFile(probe, source);
  try {
    return (await runCommand(process.execPath, [probe], { cwd: stage, quiet: true })).trim();
  } finally {
    await rm(probe);
  }
}

/** The library's own names and its own way to look, by paths because its entry does not export them. */
function findingSource(gpu: string | false, system: PackagePlatform["system"], machine: string): string {
  return `
import { getBuildFolderNameForBuildOptions } from "./node_modules/node-llama-cpp/dist/bindings/utils/getBuildFolderNameForBuildOptions.js";
import { builtinLlamaCppGitHubRepo as repo } from "./node_modules/node-llama-cpp/dist/config.js";
import { builtinLlamaCppRelease as release } from "./node_modules/node-llama-cpp/dist/bindings/utils/binariesGithubRelease.js";
import { getPrebuiltBinaryPath } from "./node_modules/node-llama-cpp/dist/bindings/utils/compileLLamaCpp.js";
const wanted = {
  platform: ${JSON.stringify({ linux: "linux", darwin: "mac", win32: "win" }[system])}, arch: ${JSON.stringify(machine)}, gpu: ${JSON.stringify(gpu)},
  customCmakeOptions: new Map(), llamaCpp: { repo, release },
};
const { withoutCustomCmakeOptions: folder } = await getBuildFolderNameForBuildOptions(wanted);
console.log((await getPrebuiltBinaryPath(wanted, folder))?.folderName ?? "");
`;
}

function loadingSource(model: string | null): string {
  const { gpu, environment } = libraryBinary("cpu", process.platform, process.arch);
  return `
import { getLlama } from "node-llama-cpp";
Object.assign(process.env, ${JSON.stringify(environment)});
const llama = await getLlama({ build: "never", gpu: ${JSON.stringify(gpu)}, skipDownload: true, progressLogs: false });
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
