import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { createCaseFiles, type CaseFiles } from "../../src/core/evaluation/caseFiles";
import { chooseCases, type Choice, type GrownFile } from "../../src/core/evaluation/chooseCases";
import { parseDiff, type FileDiff } from "../../src/core/evaluation/diffHunks";
import { createRandom } from "../../src/core/evaluation/random";
import { blobsOf, checkOut, diffOf, spanOf } from "./git";

/** A git history to take cases from. */
export interface History {
  readonly name: string;
  /** The git directory. */
  readonly directory: string;
}

export interface BuildOptions {
  /** First-parent commits of the span; doubled until it gives the wanted cases or the history ends. */
  readonly since: number;
  readonly cases: number;
  readonly seed: string;
  /** Paths that give no cases and are not written into the workspace, in the form of lines of `.gitignore`. */
  readonly exclude: readonly string[];
}

/** The cases of one repository and where they come from. */
export interface BuiltCases extends Choice {
  readonly history: History;
  readonly old: string;
  readonly now: string;
  /** Commits of the span. */
  readonly commits: number;
}

/** Draws cases of a history: lines that the newest `since` commits added. Deterministic for a commit and a seed. */
export async function buildCases(history: History, options: BuildOptions, signal: AbortSignal): Promise<BuiltCases> {
  for (let since = options.since; ; since *= 2) {
    const span = await spanOf(history.directory, since, signal);
    const choice = await casesOfSpan(history, span, options, signal);
    const counted = choice.cases.filter((each) => !each.moved).length;
    if (counted >= options.cases || span.commits < since) return { ...choice, ...span, history };
  }
}

/** Writes the workspace as it stood at the old commit into `folder`, which is emptied first. */
export async function writeWorkspace({ history, old }: BuiltCases, folder: string, exclude: readonly string[], signal: AbortSignal): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const indexFile = path.resolve(`${folder}.index`);
  try {
    await checkOut(history.directory, old, path.resolve(folder), indexFile, exclude, signal);
  } finally {
    await rm(indexFile, { force: true });
  }
}

async function casesOfSpan(history: History, span: { old: string; now: string }, options: BuildOptions, signal: AbortSignal): Promise<Choice> {
  const diffs = parseDiff(await diffOf(history.directory, span.old, span.now, signal));
  const caseFiles = createCaseFiles(options.exclude);
  const grown = diffs.filter((diff) => diff.newPath !== null && caseFiles.mayHold(diff.newPath) && diff.hunks.some((hunk) => hunk.newCount > 0));
  const blobs = await blobsOf(history.directory, span.now, grown.map((diff) => diff.newPath ?? ""), signal);
  const files = grown.flatMap((diff, index) => grownFile(diff, blobs[index]?.bytes, caseFiles) ?? []);
  return chooseCases(files, removedLines(diffs, caseFiles), { repository: history.name, cases: options.cases, random: createRandom(`${options.seed}:${history.name}`) });
}

function grownFile(diff: FileDiff, bytes: Buffer | undefined, caseFiles: CaseFiles): GrownFile | undefined {
  if (bytes === undefined || diff.newPath === null) return undefined;
  const text = bytes.toString("utf8").replaceAll("\r\n", "\n");
  const language = caseFiles.language(diff.newPath, bytes, text);
  if (language === undefined) return undefined;
  const added = diff.hunks.flatMap((hunk) => Array.from({ length: hunk.newCount }, (_, index) => hunk.newStart + index));
  return { path: diff.newPath, language, text, added: new Set(added) };
}

function removedLines(diffs: readonly FileDiff[], caseFiles: CaseFiles): Set<string> {
  return new Set(diffs.flatMap((diff) => (diff.oldPath !== null && caseFiles.mayHold(diff.oldPath) ? diff.hunks : [])).flatMap((hunk) => hunk.removed.map((line) => line.trim())));
}
