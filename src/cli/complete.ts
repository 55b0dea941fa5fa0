import { readFileSync, statSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { complete, freshMemory } from "../core/completion/complete";
import { READ_AFTER, READ_BEFORE, type Snapshot } from "../core/completion/snapshot";
import { languageIdOf } from "./languageId";
import { BadInputError, type CommandLine } from "./arguments";
import { writeError, writeJsonLine, writeWords } from "./output";
import { completionRecord, type CompletionRecord } from "./record";
import { openRecall } from "./recallSession";
import { completionPorts, openKnowledge, outlineForHead, requireFolder, startCompletionEngine } from "./session";

type CompleteCommand = Extract<CommandLine, { command: "complete"; batch: undefined }>;

/** Largest file that is read whole for one place; the exclusions refuse smaller ones already. */
const MOST_BYTES = 256 * 1024 * 1024;

/** `complete FILE:LINE:COLUMN`: one answer at one place of one file. */
export async function runComplete(command: CompleteCommand, signal: AbortSignal): Promise<number> {
  const { snapshot, text } = readPlace(command.place, command.workspace);
  const knowledge = openKnowledge(command);
  try {
    const [recall, session] = await Promise.all([openRecall(command, signal), startCompletionEngine(command, signal)]);
    try {
      const outline = await outlineForHead(session, knowledge, snapshot.path, text, signal);
      const ports = completionPorts(session, knowledge, { fresh: () => true, standsIn: false, outline, recall: recall?.voice });
      const outcome = await complete(snapshot, { explicit: true, threshold: command.threshold, engines: command.engine, settle: true }, freshMemory(), ports, signal);
      await print(completionRecord(outcome, session?.model.name ?? ""), command.json);
      return 0;
    } finally {
      session?.dispose();
      recall?.dispose();
    }
  } finally {
    knowledge.dispose();
  }
}

async function print(record: CompletionRecord, json: boolean): Promise<void> {
  if (json) {
    await writeJsonLine(record);
    return;
  }
  if (record.outcome === "shown") await writeWords(record.text);
  await writeError(`${record.outcome}${record.engine === "none" ? "" : ` by ${record.engine}`}${record.reason === "" ? "" : ` (${record.reason})`}: prompt ${String(record.promptTokens)} tokens, evaluated ${String(record.evaluatedTokens)}, ${record.totalMs.toFixed(0)} ms, confidence ${record.confidence.toFixed(2)}`);
}

/** Reads the text around `FILE:LINE:COLUMN` (1-based). Throws `BadInputError` that names the file and what is wrong. */
function readPlace(place: string, workspace: string | undefined): { snapshot: Snapshot; text: string } {
  const match = /^(.+):(\d+):(\d+)$/.exec(place);
  if (!match) throw new BadInputError(`${place}: FILE:LINE:COLUMN is wanted, counted from 1`);
  const [, file = "", line = "", column = ""] = match;
  const text = readText(file);
  const lineStart = startOfLine(text, Number(line));
  if (lineStart === undefined) throw new BadInputError(`${file}: it has no line ${line}`);
  const lineEnd = endOfLine(text, lineStart);
  const offset = lineStart + Number(column) - 1;
  if (Number(column) < 1 || offset > lineEnd) throw new BadInputError(`${file}: line ${line} has no column ${column}`);
  const snapshot = {
    path: relativePath(file, workspace),
    file: resolve(file),
    languageId: languageIdOf(file),
    offset,
    line: Number(line) - 1,
    before: text.slice(Math.max(0, offset - READ_BEFORE), offset),
    after: text.slice(offset, offset + READ_AFTER),
  };
  return { snapshot, text };
}

function readText(file: string): string {
  const facts = statSync(file, { throwIfNoEntry: false });
  if (!facts) throw new BadInputError(`${file}: no such file`);
  if (!facts.isFile()) throw new BadInputError(`${file}: it is not a file`);
  if (facts.size > MOST_BYTES) throw new BadInputError(`${file}: it is larger than 256 MB`);
  return readFileSync(file, "utf8").replaceAll("\r\n", "\n");
}

function relativePath(file: string, workspace: string | undefined): string {
  if (workspace === undefined) return file.split(/[\\/]/).at(-1) ?? file;
  const path = relative(requireFolder(workspace), resolve(file));
  if (path.startsWith("..")) throw new BadInputError(`${file}: it is not inside the workspace ${workspace}`);
  return path.split(sep).join("/");
}

function startOfLine(text: string, line: number): number | undefined {
  let start = 0;
  for (let current = 1; current < line; current++) {
    const end = text.indexOf("\n", start);
    if (end < 0) return undefined;
    start = end + 1;
  }
  return line < 1 ? undefined : start;
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf("\n", start);
  return end < 0 ? text.length : end;
}
