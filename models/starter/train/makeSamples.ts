/**
 * Writes the sample file that the trainer reads: rows of context + 1 tokens with several samples each.
 * Usage: npx tsx models/starter/train/makeSamples.ts [--config FILE] WORK-FOLDER [SHARE]
 * (reads corpus.jsonl and tokenizer.json, writes samples.bin; SHARE of the files, 1 by default)
 */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { CorpusFile } from "./collect.js";
import { readCommandLine, type CommandLine, type RecipeConfig } from "./config.js";
import { readCorpus } from "./corpus.js";
import { randomInteger, randomNumbers, type RandomNumbers } from "./random.js";
import { chooseChunks, createNeighbourhood } from "./repositoryContext.js";
import { fileSamples, type ContextSource } from "./samples.js";
import { createTokenizer, type Tokenizer, type TokenizerData } from "./tokenizer.js";

/** Packs samples into rows of a fixed length, filling up with padding; a sample is never split. */
export class RowPacker {
  private readonly open: { tokens: number[] }[] = [];
  rows = 0;

  constructor(private readonly length: number, private readonly padding: number,
    private readonly write: (row: Uint16Array) => void, private readonly openRows = 64) {}

  /** Puts the sample into the fullest row that has room. Throws a RangeError when it is longer than a row. */
  add(sample: Uint16Array): void {
    if (sample.length > this.length) throw new RangeError("sample longer than a row");
    let best: { tokens: number[] } | undefined;
    for (const row of this.open) {
      const fits = row.tokens.length + sample.length <= this.length;
      if (fits && (best === undefined || row.tokens.length > best.tokens.length)) best = row;
    }
    if (best === undefined) {
      if (this.open.length >= this.openRows) this.flushFullest();
      best = { tokens: [] };
      this.open.push(best);
    }
    best.tokens.push(...sample);
  }

  finish(): void {
    while (this.open.length > 0) this.flushFullest();
  }

  private flushFullest(): void {
    const fullest = this.open.reduce((most, row, index) =>
      (row.tokens.length > (this.open[most]?.tokens.length ?? 0) ? index : most), 0);
    const [row] = this.open.splice(fullest, 1);
    const output = new Uint16Array(this.length).fill(this.padding);
    output.set(row?.tokens ?? []);
    this.write(output);
    this.rows++;
  }
}

async function main({ config, rest: [workFolder, share] }: CommandLine): Promise<void> {
  if (workFolder === undefined) throw new Error("usage: makeSamples.ts WORK-FOLDER [SHARE]");
  const tokenizer = createTokenizer(JSON.parse(readFileSync(join(workFolder, "tokenizer.json"), "utf8")) as TokenizerData);
  const random = randomNumbers(config.samples.seed);
  const packages = await trainingPackages(workFolder, Number(share ?? 1), random);
  const output = openSync(join(workFolder, "samples.bin"), "w");
  const packer = new RowPacker(config.model.context + 1, tokenizer.special("<|fim_pad|>"), (row) => {
    writeSync(output, Buffer.from(row.buffer));
  });
  for (let pass = 0; pass < config.samples.passes; pass++) {
    // One pass is held in memory, two bytes a token, so that a file's samples do not follow one another.
    const samples: Uint16Array[] = [];
    for (const files of packages.values()) {
      for (const sample of packageSamples(files, tokenizer, config, random)) samples.push(sample);
    }
    shuffle(samples, random);
    for (const sample of samples) packer.add(sample);
  }
  packer.finish();
  closeSync(output);
  console.log(`${packer.rows} rows from ${packages.size} packages`);
}

/** Samples of all files of one package, each a number of times by its language, with its other files as context. */
function* packageSamples(files: readonly CorpusFile[], tokenizer: Tokenizer, config: RecipeConfig, random: RandomNumbers): Generator<Uint16Array> {
  const neighbourhood = createNeighbourhood(files);
  for (const file of files) {
    const context: ContextSource = (window, characters) => chooseChunks(neighbourhood, file.path, window, characters, random);
    for (let time = 0; time < (config.samples.repeats[file.language] ?? 1); time++) {
      yield* fileSamples(file.path, file.text, tokenizer, config.samples, config.model.context + 1, random, context);
    }
  }
}

async function trainingPackages(workFolder: string, share: number, random: RandomNumbers): Promise<Map<string, CorpusFile[]>> {
  const packages = new Map<string, CorpusFile[]>();
  for await (const file of readCorpus(join(workFolder, "corpus.jsonl"))) {
    if (file.heldOut || random() >= share) continue;
    const files = packages.get(file.package);
    if (files) files.push(file);
    else packages.set(file.package, [file]);
  }
  return packages;
}

function shuffle<Item>(items: Item[], random: RandomNumbers): void {
  for (let index = items.length - 1; index > 0; index--) {
    const other = randomInteger(random, index + 1);
    const [item, swapped] = [items[index], items[other]];
    if (item !== undefined && swapped !== undefined) [items[index], items[other]] = [swapped, item];
  }
}

if (require.main === module) void main(readCommandLine(process.argv.slice(2)));
