/**
 * Builds the trainer and trains, or continues from checkpoint.bin.
 * Usage: npx tsx models/starter/train/train.ts [--config FILE] WORK-FOLDER
 */
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { byteCharacters } from "./bytes.js";
import { readCommandLine, recipeFolder, type CommandLine, type RecipeConfig } from "./config.js";
import { ghostlightSpecialTokens } from "./modelFamilies.js";

type BackEnd = RecipeConfig["training"]["backEnd"];

const compilers: Readonly<Record<BackEnd, { command: string; before: readonly string[]; after: readonly string[] }>> = {
  processor: {
    command: "g++",
    before: ["-std=c++20", "-O3", "-march=native", "-mprefer-vector-width=512", "-ffast-math", "-fopenmp"],
    after: ["-ldnnl", "-pthread"],
  },
  // The oldest processor with bfloat16 is 8.0; the driver compiles the rest for the one that is there.
  cuda: {
    command: "nvcc",
    before: ["-std=c++20", "-O3", "-gencode", "arch=compute_80,code=[sm_80,compute_80]"],
    after: ["-lcublas"],
  },
};

/**
 * Compiles the trainer with the back end that the configuration names into the work folder and returns its path.
 * Needs g++ and oneDNN, or nvcc and cuBLAS.
 */
export function buildTrainer(workFolder: string, config: RecipeConfig): string {
  const { backEnd } = config.training;
  const sources = trainerSources(backEnd);
  const program = join(workFolder, `trainer-${backEnd}`);
  const { command, before, after } = compilers[backEnd];
  execFileSync(command, [...before, "-I", join(recipeFolder, "trainer"), "-o", program, ...sources, ...after], { stdio: "inherit" });
  return program;
}

/** The files that every back end shares, and its own. */
export function trainerSources(backEnd: BackEnd): string[] {
  return [join(recipeFolder, "trainer"), join(recipeFolder, "trainer", backEnd)].flatMap((folder) =>
    readdirSync(folder).filter((name) => /\.(cpp|cu)$/.test(name)).map((name) => join(folder, name)));
}

/** The trainer's options for a configuration; `files` names the sample file and the checkpoint. */
export function trainerOptions(config: RecipeConfig, files: { samples: string; checkpoint: string }): string[] {
  const { model, training } = config;
  const firstSpecial = config.tokenizer.vocabulary - ghostlightSpecialTokens.length;
  const options: Record<string, string | number> = {
    vocabulary: config.tokenizer.vocabulary, width: model.width, layers: model.layers, heads: model.heads,
    "key-value-heads": model.keyValueHeads, "feed-forward": model.feedForward, context: model.context,
    "rope-base": model.ropeBase, "norm-epsilon": model.normEpsilon,
    "sample-start": firstSpecial + ghostlightSpecialTokens.indexOf("<|file_sep|>"),
    padding: firstSpecial + ghostlightSpecialTokens.indexOf("<|fim_pad|>"),
    threads: training.threads, "rows-per-step": training.rowsPerStep, minutes: training.minutes, decay: training.decay,
    "middle-weight": training.middleWeight, "muon-rate": training.muonRate, "adam-rate": training.adamRate,
    seed: training.seed, samples: files.samples, checkpoint: files.checkpoint,
    ...(training.tokens === undefined ? {} : { steps: Math.ceil(training.tokens / (training.rowsPerStep * model.context)) }),
  };
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

function main({ config, rest: [workFolder] }: CommandLine): void {
  if (workFolder === undefined) throw new Error("usage: train.ts WORK-FOLDER");
  if (byteCharacters.length + ghostlightSpecialTokens.length >= config.tokenizer.vocabulary) throw new Error("vocabulary too small");
  const files = { samples: join(workFolder, "samples.bin"), checkpoint: join(workFolder, "checkpoint.bin") };
  const result = spawnSync(buildTrainer(workFolder, config), trainerOptions(config, files), { stdio: "inherit" });
  process.exitCode = result.status ?? 1;
}

if (require.main === module) main(readCommandLine(process.argv.slice(2)));
