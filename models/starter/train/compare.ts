/**
 * Compares the exported file, as llama.cpp runs it, with the recipe's own tokenizer and float reference.
 * Usage: npx tsx models/starter/train/compare.ts [--config FILE] WORK-FOLDER [CHECKPOINT] [GGUF]
 */
import { dirname, join } from "node:path";
import { readCheckpoint } from "./checkpoint.js";
import type { CorpusFile } from "./collect.js";
import { readCommandLine, recipeFolder, type CommandLine, type RecipeConfig } from "./config.js";
import { readCorpus } from "./corpus.js";
import { openEngine, type Engine } from "./engine.js";
import { readTokenizer } from "./exportModel.js";
import { randomInteger, randomNumbers } from "./random.js";
import { referenceSequence } from "./reference.js";
import { chooseCut, promptIds } from "./samples.js";
import type { Tokenizer } from "./tokenizer.js";

const textCount = 1200;
const promptCount = 40;
const generatedCount = 20;

async function main({ config, rest: [workFolder, checkpoint, gguf] }: CommandLine): Promise<void> {
  if (workFolder === undefined) throw new Error("usage: compare.ts [--config FILE] WORK-FOLDER [CHECKPOINT] [GGUF]");
  const tokenizer = readTokenizer(workFolder);
  const engine = await openEngine(gguf ?? join(dirname(recipeFolder), "ghostlight-starter.gguf"));
  const files: CorpusFile[] = [];
  for await (const file of readCorpus(join(workFolder, "corpus.jsonl"))) if (file.heldOut) files.push(file);
  compareTokenizers(files, tokenizer, engine);
  await compareTokens(files, tokenizer, engine, config, checkpoint ?? join(workFolder, "checkpoint.bin"));
  await engine.close();
}

const oddTexts = ["", " ", "\t", "\n", "\r\n", " \t\n\n  x", "\t\t}\n\t)", "it's I'LL we'Re", "<|endoftext|>", "<|fim_middle|>x<|file_sep|>",
  "żółć 中文字 👩‍👩‍👧 \u00a0 \u2028", "a1b22c333", "==>>!!\n\n\n", "\u0000\u0001", "  \n  \n\t\t\n", "e\u0301", "٣٤ Ⅷ ½"];

function compareTokenizers(files: readonly CorpusFile[], tokenizer: Tokenizer, engine: Engine): void {
  const random = randomNumbers(11);
  const texts = [...oddTexts];
  while (texts.length < textCount) {
    const text = files[randomInteger(random, files.length)]?.text ?? "";
    const start = randomInteger(random, text.length);
    // A cut through a surrogate pair is no text that an editor would send.
    texts.push(Buffer.from(text.slice(start, start + 1 + randomInteger(random, 400))).toString("utf8"));
  }
  const different = texts.filter((text) => engine.encode(text).join() !== tokenizer.encode(text).join());
  console.log(`tokenizer: ${texts.length - different.length} of ${texts.length} texts equal`);
  for (const text of different.slice(0, 5)) console.log(JSON.stringify(text.slice(0, 200)));
}

async function compareTokens(files: readonly CorpusFile[], tokenizer: Tokenizer, engine: Engine, config: RecipeConfig,
  checkpoint: string): Promise<void> {
  const weights = readCheckpoint(checkpoint, config);
  const random = randomNumbers(12);
  let equal = 0;
  let compared = 0;
  for (let index = 0; index < promptCount; index++) {
    const file = files[randomInteger(random, files.length)];
    const cut = file && chooseCut(file.text.slice(0, 900).split("\n").slice(0, -1), { ...config.samples, restOfLine: 1 }, random);
    const prompt = file && cut && promptIds(file.path, cut, tokenizer, 400);
    if (prompt === undefined) continue;
    const steps = await engine.continueGreedily(prompt, generatedCount, () => false);
    // The reference is fed the engine's own tokens, so that one difference does not count many times.
    const sequence = referenceSequence(weights, config.model);
    let logits: Float32Array = new Float32Array();
    for (const token of prompt) logits = sequence.next(token);
    for (const step of steps) {
      compared++;
      if (largest(logits) === step.token) equal++;
      logits = sequence.next(step.token);
    }
  }
  console.log(`greedy tokens: ${equal} of ${compared} equal to the float reference`);
}

function largest(values: Float32Array): number {
  return values.reduce((best, value, index) => (value > (values[best] ?? -Infinity) ? index : best), 0);
}

if (require.main === module) void main(readCommandLine(process.argv.slice(2)));
