/**
 * Writes the sample file that the trainer reads: rows of context + 1 tokens with several samples each.
 * Usage: npx tsx models/starter/train/makeSamples.ts WORK-FOLDER [SHARE]
 * (reads corpus.jsonl and tokenizer.json, writes samples.bin; SHARE of the files, 1 by default)
 */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { CorpusFile } from "./collect.js";
import { readConfig } from "./config.js";
import { readCorpus } from "./corpus.js";
import { randomInteger, randomNumbers, type RandomNumbers } from "./random.js";
import { fileSamples } from "./samples.js";
import { createTokenizer, type TokenizerData } from "./tokenizer.js";

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

async function main(workFolder: string | undefined, share: number): Promise<void> {
  if (workFolder === undefined) throw new Error("usage: makeSamples.ts WORK-FOLDER [SHARE]");
  const config = readConfig();
  const tokenizer = createTokenizer(JSON.parse(readFileSync(join(workFolder, "tokenizer.json"), "utf8")) as TokenizerData);
  const random = randomNumbers(config.samples.seed);
  const files = await shuffledFiles(workFolder, config.samples.repeats, share, random);
  const output = openSync(join(workFolder, "samples.bin"), "w");
  const packer = new RowPacker(config.model.context + 1, tokenizer.special("<|fim_pad|>"), (row) => {
    writeSync(output, Buffer.from(row.buffer));
  });
  const mixer = new Mixer(8192, random, (sample) => packer.add(sample));
  for (let pass = 0; pass < config.samples.passes; pass++) {
    for (const file of files) {
      for (const sample of fileSamples(file.path, file.text, tokenizer, config.samples, config.model.context + 1, random)) {
        mixer.add(sample);
      }
    }
  }
  mixer.finish();
  packer.finish();
  closeSync(output);
  console.log(`${packer.rows} rows from ${files.length} files`);
}

async function shuffledFiles(workFolder: string, repeats: Readonly<Record<string, number>>, share: number,
  random: RandomNumbers): Promise<CorpusFile[]> {
  const files: CorpusFile[] = [];
  for await (const file of readCorpus(join(workFolder, "corpus.jsonl"))) {
    if (file.heldOut || random() >= share) continue;
    for (let time = 0; time < (repeats[file.language] ?? 1); time++) files.push(file);
  }
  for (let index = files.length - 1; index > 0; index--) {
    const other = randomInteger(random, index + 1);
    const file = files[index];
    const swapped = files[other];
    if (file && swapped) [files[index], files[other]] = [swapped, file];
  }
  return files;
}

/** Hands samples on in another order, so that a file's samples do not follow one another. */
class Mixer {
  private readonly waiting: Uint16Array[] = [];

  constructor(private readonly size: number, private readonly random: RandomNumbers,
    private readonly handOn: (sample: Uint16Array) => void) {}

  add(sample: Uint16Array): void {
    if (this.waiting.length < this.size) {
      this.waiting.push(sample);
      return;
    }
    const index = randomInteger(this.random, this.size);
    const other = this.waiting[index];
    this.waiting[index] = sample;
    if (other) this.handOn(other);
  }

  finish(): void {
    for (const sample of this.waiting.splice(0)) this.handOn(sample);
  }
}

if (require.main === module) void main(process.argv[2], Number(process.argv[3] ?? 1));
