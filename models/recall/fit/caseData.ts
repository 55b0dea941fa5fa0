/** Cases and workspaces as `scripts/replay/build.ts` writes them, and the corpus as it stands when a case is asked. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { Corpus } from "../../../src/core/recall/corpus";
import type { RecallSnapshot } from "../../../src/core/recall/recall";
import { READ_AFTER, READ_BEFORE } from "../../../src/core/completion/snapshot";
import { requireFittingHistory } from "./histories";

/** The part of a replay case that fitting reads. */
export interface FittingCase {
  readonly id: string;
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly expected: string;
  readonly following: readonly string[];
  readonly place: "lineStart" | "inside";
  readonly moved: boolean;
}

/** One history: its cases, and the workspace they were written in. */
export interface History {
  readonly name: string;
  readonly cases: readonly FittingCase[];
  readonly corpus: Corpus;
  readonly workspace: string;
}

const MOST_BYTES = 1_000_000;
/** One case in this many is asked a second time at the end of its line, where nothing is right: people's cursors stand there too. */
const LINE_ENDS_ONE_IN = 15;

/** Reads one history's folder. Moved lines are left out. Throws for a history that may not be fitted on. */
export function readHistory(folder: string, name: string, from: number, to: number): History {
  requireFittingHistory(name);
  const lines = readFileSync(join(folder, name, "cases.jsonl"), "utf8").trim().split("\n");
  const cases = lines.map((line) => JSON.parse(line) as FittingCase).filter((one) => !one.moved).slice(from, to);
  const workspace = join(folder, name, "workspace");
  const corpus = new Corpus();
  for (const file of filesBelow(workspace)) {
    const text = readText(file);
    if (text !== undefined) corpus.put(relative(workspace, file), text);
  }
  corpus.settle();
  const ends = cases.filter((_, index) => index % LINE_ENDS_ONE_IN === 0).map((one) => ({ ...one, before: one.before + one.expected, expected: "", following: [] }));
  return { name, cases: [...cases, ...ends], corpus, workspace };
}

/**
 * The cases one by one, with the corpus as the product has it then: the open document's copy on disk does not count,
 * and of a document larger than what is read around the cursor the index knows the text of the moment.
 */
export function* eachCase({ cases, corpus, workspace }: History): Generator<{ readonly one: FittingCase; readonly snapshot: RecallSnapshot }> {
  let open: string | undefined;
  for (const one of [...cases].sort((left, right) => (left.path < right.path ? -1 : 1))) {
    if (open !== undefined && open !== one.path) putBack(corpus, workspace, open);
    open = one.path;
    corpus.remove(one.path);
    if (one.before.length > READ_BEFORE || one.after.length >= READ_AFTER) corpus.put(one.path, one.before + one.after);
    corpus.settle();
    yield { one, snapshot: { path: one.path, offset: one.before.length, before: one.before.slice(-READ_BEFORE), after: one.after.slice(0, READ_AFTER) } };
  }
}

function putBack(corpus: Corpus, workspace: string, path: string): void {
  corpus.remove(path);
  const text = readText(join(workspace, path));
  if (text !== undefined) corpus.put(path, text);
}

function readText(file: string): string | undefined {
  const facts = statSync(file, { throwIfNoEntry: false });
  if (!facts?.isFile() || facts.size > MOST_BYTES) return undefined;
  const bytes = readFileSync(file);
  return bytes.subarray(0, 8_000).includes(0) ? undefined : bytes.toString("utf8");
}

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}
