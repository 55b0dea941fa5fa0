/**
 * A short run of the whole recipe after the collector, on the recipe's own source files: tokenizer, samples, 30 steps
 * of the trainer, export, and the exported file against the float reference in llama.cpp. Needs what the back end needs
 * that the configuration names.
 * Usage: npx tsx models/starter/train/smoke.ts [--config FILE]
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCheckpoint } from "./checkpoint.js";
import { readCommandLine, recipeFolder, type CommandLine, type RecipeConfig } from "./config.js";
import { openEngine } from "./engine.js";
import { exportModel, promptFormat } from "./exportModel.js";
import { readGguf } from "./ggufReader.js";
import { RowPacker } from "./makeSamples.js";
import { randomNumbers } from "./random.js";
import { referenceSequence } from "./reference.js";
import { chooseChunks, createNeighbourhood } from "./repositoryContext.js";
import { fileSamples, promptIds, type ContextSource } from "./samples.js";
import { createTokenizer, splitText, type Tokenizer } from "./tokenizer.js";
import { buildTrainer, trainerOptions } from "./train.js";
import { learnMerges } from "./trainTokenizer.js";

const steps = 30;

async function main({ config: whole }: CommandLine): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "starter-smoke-"));
  try {
    const sources = readdirSync(recipeFolder).filter((name) => name.endsWith(".ts"))
      .map((name) => ({ path: name, text: readFileSync(join(recipeFolder, name), "utf8") }));
    const config = smallConfig(whole);
    const tokenizer = learnTokenizer(sources.map((source) => source.text), config);
    const files = { samples: join(folder, "samples.bin"), checkpoint: join(folder, "checkpoint.bin") };
    writeSamples(files.samples, sources, tokenizer, config);
    execFileSync(buildTrainer(folder, config), [...trainerOptions(config, files), "--steps", String(steps)], { stdio: "inherit" });
    await checkExport(folder, files.checkpoint, tokenizer, config);
    console.log("smoke: good");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function smallConfig(config: RecipeConfig): RecipeConfig {
  return {
    ...config,
    tokenizer: { ...config.tokenizer, vocabulary: 1024 },
    model: { ...config.model, width: 96, layers: 2, heads: 3, feedForward: 192, context: 512 },
    training: { ...config.training, rowsPerStep: 2, muonRate: 0.01 },
  };
}

function learnTokenizer(texts: readonly string[], config: RecipeConfig): Tokenizer {
  const frequencies = new Map<string, number>();
  for (const piece of texts.flatMap(splitText)) frequencies.set(piece, (frequencies.get(piece) ?? 0) + 1);
  const tokenizer = createTokenizer({ merges: learnMerges(frequencies, config.tokenizer.vocabulary - 256 - 6) });
  assert.equal(tokenizer.tokens.length, config.tokenizer.vocabulary);
  return tokenizer;
}

function writeSamples(path: string, sources: readonly { path: string; text: string }[], tokenizer: Tokenizer, config: RecipeConfig): void {
  const rows: Buffer[] = [];
  const random = randomNumbers(1);
  const packer = new RowPacker(config.model.context + 1, tokenizer.special("<|fim_pad|>"), (row) => rows.push(Buffer.from(row.buffer)));
  const neighbourhood = createNeighbourhood(sources);
  for (const { path: name, text } of sources) {
    const context: ContextSource = (window, characters) => chooseChunks(neighbourhood, name, window, characters, random);
    for (const sample of fileSamples(name, text, tokenizer, config.samples, config.model.context + 1, random, context)) packer.add(sample);
  }
  packer.finish();
  writeFileSync(path, Buffer.concat(rows));
}

/** The F32 file must continue a prompt with the reference's own tokens; the Q8_0 file must load and hold all tensors. */
async function checkExport(folder: string, checkpoint: string, tokenizer: Tokenizer, config: RecipeConfig): Promise<void> {
  const weights = readCheckpoint(checkpoint, config);
  assert.equal(weights.steps, steps);
  const path = join(folder, "model.gguf");
  writeFileSync(path, exportModel(weights, tokenizer, config, "F32"));
  const engine = await openEngine(path);
  const prompt = promptIds("a.ts", { prefix: "export function add(", suffix: "\n}\n" }, tokenizer, 100) ?? [];
  const generated = await engine.continueGreedily(prompt, 8, () => false);
  await engine.close();
  const sequence = referenceSequence(weights, config.model);
  let logits: Float32Array = new Float32Array();
  for (const token of prompt) logits = sequence.next(token);
  for (const { token } of generated) {
    assert.equal(token, logits.reduce((best, value, index) => (value > (logits[best] ?? -Infinity) ? index : best), 0));
    logits = sequence.next(token);
  }
  const { tensors, metadata } = readGguf(exportModel(weights, tokenizer, config, "Q8_0"));
  assert.equal(tensors.size, 2 + 9 * config.model.layers);
  assert.equal(metadata.get("ghostlight.fim"), promptFormat(config));
}

if (require.main === module) void main(readCommandLine(process.argv.slice(2)));
