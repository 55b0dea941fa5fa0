/**
 * Learns the merges of the byte-level BPE from the corpus.
 * Usage: npx tsx models/starter/train/trainTokenizer.ts [--config FILE] WORK-FOLDER   (reads corpus.jsonl, writes tokenizer.json)
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { byteCharacters, toByteCharacters } from "./bytes.js";
import { readCommandLine, type CommandLine } from "./config.js";
import { readCorpus } from "./corpus.js";
import { ghostlightSpecialTokens } from "./modelFamilies.js";
import { randomNumbers } from "./random.js";
import { splitText } from "./tokenizer.js";

interface Word { readonly parts: number[]; readonly count: number }

/**
 * The `count` most frequent successive merges over words with their frequencies, as "left right" in the byte
 * alphabet. Ties go to the pair seen first, so the result depends on the input's order only.
 */
export function learnMerges(frequencies: ReadonlyMap<string, number>, count: number): string[] {
  const tokens = [...byteCharacters];
  const byteIds = new Map(tokens.map((token, id) => [token, id]));
  const words: Word[] = [...frequencies].map(([text, frequency]) => ({
    parts: Array.from(toByteCharacters(text), (character) => byteIds.get(character) ?? 0), count: frequency,
  }));
  const pairs = new PairCounts();
  words.forEach((word, index) => pairs.addWord(word, index, 1));
  const merges: string[] = [];
  while (merges.length < count) {
    const best = pairs.mostFrequent();
    if (best === undefined) break;
    const merged = tokens.push(`${tokens[best.left]}${tokens[best.right]}`) - 1;
    merges.push(`${tokens[best.left]} ${tokens[best.right]}`);
    for (const index of pairs.wordsWith(best.key)) {
      const word = words[index];
      if (word === undefined) continue;
      pairs.addWord(word, index, -1);
      joinPair(word.parts, best.left, best.right, merged);
      pairs.addWord(word, index, 1);
    }
  }
  return merges;
}

function joinPair(parts: number[], left: number, right: number, merged: number): void {
  let write = 0;
  for (let read = 0; read < parts.length; write++) {
    const isPair = parts[read] === left && parts[read + 1] === right;
    parts[write] = isPair ? merged : parts[read] ?? 0;
    read += isPair ? 2 : 1;
  }
  parts.length = write;
}

const pairBase = 1 << 16;

/** How often each neighbouring pair occurs, and in which words it may. */
class PairCounts {
  private readonly counts = new Map<number, number>();
  private readonly places = new Map<number, Set<number>>();

  addWord(word: Word, index: number, sign: 1 | -1): void {
    for (let at = 0; at + 1 < word.parts.length; at++) {
      const key = (word.parts[at] ?? 0) * pairBase + (word.parts[at + 1] ?? 0);
      this.counts.set(key, (this.counts.get(key) ?? 0) + sign * word.count);
      if (sign > 0) {
        const places = this.places.get(key);
        if (places) places.add(index);
        else this.places.set(key, new Set([index]));
      }
    }
  }

  mostFrequent(): { key: number; left: number; right: number } | undefined {
    let most = 1;
    let found: number | undefined;
    for (const [key, count] of this.counts) {
      if (count > most) {
        most = count;
        found = key;
      } else if (count <= 0) {
        this.counts.delete(key);
      }
    }
    if (found === undefined) return undefined;
    return { key: found, left: Math.floor(found / pairBase), right: found % pairBase };
  }

  /** The words that had this pair at some time; forgets them, since the caller joins the pair everywhere. */
  wordsWith(key: number): Iterable<number> {
    const words = [...(this.places.get(key) ?? [])];
    this.places.delete(key);
    return words;
  }
}

async function main({ config, rest: [workFolder] }: CommandLine): Promise<void> {
  if (workFolder === undefined) throw new Error("usage: trainTokenizer.ts [--config FILE] WORK-FOLDER");
  const { tokenizer: settings } = config;
  const merges = learnMerges(await wordFrequencies(workFolder, settings.trainingBytes, settings.seed),
    settings.vocabulary - byteCharacters.length - ghostlightSpecialTokens.length);
  writeFileSync(join(workFolder, "tokenizer.json"), JSON.stringify({ merges }));
  console.log(`${merges.length} merges`);
}

/** Frequencies of the pre-tokenizer's pieces over a random part of the training files. Rare pieces are left out. */
async function wordFrequencies(workFolder: string, bytes: number, seed: number): Promise<Map<string, number>> {
  const random = randomNumbers(seed);
  const frequencies = new Map<string, number>();
  let total = 0;
  for await (const file of readCorpus(join(workFolder, "corpus.jsonl"))) total += file.heldOut ? 0 : file.text.length;
  for await (const file of readCorpus(join(workFolder, "corpus.jsonl"))) {
    if (file.heldOut || random() > bytes / total) continue;
    for (const piece of splitText(file.text)) frequencies.set(piece, (frequencies.get(piece) ?? 0) + 1);
  }
  for (const [piece, count] of frequencies) if (count < 3) frequencies.delete(piece);
  return frequencies;
}

if (require.main === module) void main(readCommandLine(process.argv.slice(2)));
