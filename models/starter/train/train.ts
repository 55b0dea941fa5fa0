/**
 * Builds the trainer and trains, or continues from checkpoint.bin.
 * Usage: npx tsx models/starter/train/train.ts WORK-FOLDER
 */
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { byteCharacters } from "./bytes.js";
import { readConfig, recipeFolder, type RecipeConfig } from "./config.js";
import { ghostlightSpecialTokens } from "./modelFamilies.js";

/** Compiles the trainer for this machine's processor into the work folder and returns its path. Needs g++ and oneDNN. */
export function buildTrainer(workFolder: string): string {
  const folder = join(recipeFolder, "trainer");
  const sources = readdirSync(folder).filter((name) => name.endsWith(".cpp")).map((name) => join(folder, name));
  const program = join(workFolder, "trainer");
  execFileSync("g++", ["-std=c++20", "-O3", "-march=native", "-mprefer-vector-width=512", "-ffast-math", "-fopenmp",
    "-o", program, ...sources, "-ldnnl", "-pthread"], { stdio: "inherit" });
  return program;
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
  };
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

function main(workFolder: string | undefined): void {
  if (workFolder === undefined) throw new Error("usage: train.ts WORK-FOLDER");
  const config = readConfig();
  if (byteCharacters.length + ghostlightSpecialTokens.length >= config.tokenizer.vocabulary) throw new Error("vocabulary too small");
  const files = { samples: join(workFolder, "samples.bin"), checkpoint: join(workFolder, "checkpoint.bin") };
  const result = spawnSync(buildTrainer(workFolder), trainerOptions(config, files), { stdio: "inherit" });
  process.exitCode = result.status ?? 1;
}

if (require.main === module) main(process.argv[2]);
