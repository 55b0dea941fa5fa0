/** Reads the collected corpus, one file a line. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { CorpusFile } from "./collect.js";

/** The files of a `corpus.jsonl`, in their order. */
export async function* readCorpus(path: string): AsyncGenerator<CorpusFile> {
  const input = createReadStream(path);
  for await (const line of createInterface({ input, crlfDelay: Infinity })) yield JSON.parse(line) as CorpusFile;
}
