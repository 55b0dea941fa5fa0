import * as valibot from "valibot";
import { complete, freshMemory, type CompletionMemory, type CompletionPorts } from "../core/completion/complete";
import type { Outcome, Voice } from "../core/completion/outcome";
import { READ_AFTER, READ_BEFORE, type Snapshot } from "../core/completion/snapshot";
import { BadInputError, type CommandLine } from "./arguments";
import { readJsonLines } from "./jsonLines";
import { languageIdOf } from "./languageId";
import { writeError, writeJsonLine, writeWords } from "./output";
import { percentile } from "../core/evaluation/percentile";
import { rounded } from "./record";
import { openRecall } from "./recallSession";
import { completionPorts, openKnowledge, startCompletionEngine } from "./session";

type ReplayCommand = Extract<CommandLine, { command: "replay" }>;

const traceLine = valibot.object({
  path: valibot.string(),
  before: valibot.string(),
  after: valibot.string(),
  typed: valibot.string(),
  intervalMs: valibot.pipe(valibot.number(), valibot.minValue(0)),
});
type TraceLine = valibot.InferOutput<typeof traceLine>;

/** What one key press cost, as printed. */
interface KeyRecord {
  readonly key: string;
  /** The first key of its trace line: a cold prompt. */
  readonly first: boolean;
  readonly evaluatedTokens: number;
  readonly firstTokenMs: number | null;
  /** Milliseconds from the key to the shown text; null where nothing was shown. */
  readonly shownMs: number | null;
  readonly text: string;
  readonly outcome: Outcome["outcome"];
  /** Who spoke. */
  readonly engine: Voice | "none";
  readonly draftTokens: number;
}

/** `replay`: types each trace line's characters as the editor would see them and prints what each key cost. */
export async function runReplay(command: ReplayCommand, signal: AbortSignal): Promise<number> {
  const knowledge = openKnowledge(command);
  try {
    const [recall, session] = await Promise.all([openRecall(command, signal), startCompletionEngine(command, signal)]);
    try {
      // Whichever request of a trace line reaches the engine first finds a cold cache.
      let cold = false;
      const ports = completionPorts(session, knowledge, {
        standsIn: true,
        recall: recall?.voice,
        fresh: () => {
          const fresh = cold;
          cold = false;
          return fresh;
        },
      });
      const records: KeyRecord[] = [];
      for await (const line of readJsonLines(command.trace, traceLine)) {
        if ("problem" in line) throw new BadInputError(`${command.trace}: line ${String(line.line)}: ${line.problem}`);
        await recall?.standIn(line.value.path, line.value.before + line.value.after, signal);
        records.push(...(await typeLine(withLineFeeds(line.value), command, ports, () => { cold = true; }, signal)));
      }
      await printSummary(records, command.json);
      return 0;
    } finally {
      session?.dispose();
      recall?.dispose();
    }
  } finally {
    knowledge.dispose();
  }
}

async function typeLine(line: TraceLine, command: ReplayCommand, ports: CompletionPorts, startCold: () => void, signal: AbortSignal): Promise<KeyRecord[]> {
  const memory = freshMemory();
  const pending: Promise<KeyRecord>[] = [];
  let before = line.before;
  startCold();
  let request: AbortController | undefined;
  for (const [index, key] of [...line.typed].entries()) {
    request?.abort();
    request = new AbortController();
    before += key;
    const answer = typeKey(key, index === 0, snapshotOf(line, before), command, memory, ports, AbortSignal.any([signal, request.signal]));
    const printed = answer.then(async (record) => { await print(record, command.json); return record; });
    pending.push(printed);
    if (command.wait) {
      await printed;
      await memory.followUp?.ended;
    } else await ports.wait(line.intervalMs, signal);
  }
  const records = await Promise.all(pending);
  await memory.followUp?.ended;
  return records;
}

async function typeKey(key: string, first: boolean, snapshot: Snapshot, command: ReplayCommand, memory: CompletionMemory, ports: CompletionPorts, signal: AbortSignal): Promise<KeyRecord> {
  const startedAt = ports.clock();
  const outcome = await complete(snapshot, { explicit: false, threshold: command.threshold, engines: command.engine }, memory, ports, signal);
  const shown = outcome.outcome === "shown";
  return {
    key,
    first,
    evaluatedTokens: outcome.counts.evaluatedTokens,
    firstTokenMs: rounded(outcome.counts.firstTokenMs),
    shownMs: shown ? rounded(ports.clock() - startedAt) : null,
    text: shown ? outcome.text : "",
    outcome: outcome.outcome,
    engine: shown ? outcome.voice : "none",
    draftTokens: outcome.counts.draftTokens,
  };
}

/** Line breaks as the editor's snapshots have them. */
function withLineFeeds(line: TraceLine): TraceLine {
  const convert = (text: string): string => text.replaceAll("\r\n", "\n");
  return { ...line, before: convert(line.before), after: convert(line.after), typed: convert(line.typed) };
}

function snapshotOf(line: TraceLine, before: string): Snapshot {
  return { path: line.path, languageId: languageIdOf(line.path), offset: before.length, line: before.split("\n").length - 1, before: before.slice(-READ_BEFORE), after: line.after.slice(0, READ_AFTER) };
}

async function print(record: KeyRecord, json: boolean): Promise<void> {
  if (json) await writeJsonLine(record);
  else await writeWords(`${JSON.stringify(record.key)}${record.first ? " (first)" : ""}: ${record.outcome}${record.engine === "none" ? "" : ` by ${record.engine}`}, evaluated ${String(record.evaluatedTokens)}, ${record.shownMs === null ? "-" : `${record.shownMs.toFixed(0)} ms`} ${JSON.stringify(record.text)}`);
}

async function printSummary(records: readonly KeyRecord[], json: boolean): Promise<void> {
  // A key that was overtaken before the engine saw it says nothing about what a key costs.
  const later = records.filter((record) => !record.first && !(record.outcome === "cancelled" && record.evaluatedTokens === 0));
  const figures = (values: readonly number[]): { p50: number | null; p95: number | null } => ({ p50: percentile(values, 0.5), p95: percentile(values, 0.95) });
  const present = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);
  const summary = {
    keys: records.length,
    firstKeys: records.filter((record) => record.first).length,
    shown: records.filter((record) => record.outcome === "shown").length,
    cancelled: records.filter((record) => record.outcome === "cancelled").length,
    evaluatedTokens: figures(later.map((record) => record.evaluatedTokens)),
    firstTokenMs: figures(present(later.map((record) => record.firstTokenMs))),
    shownMs: figures(present(later.map((record) => record.shownMs))),
    firstKey: { evaluatedTokens: figures(records.filter((record) => record.first).map((record) => record.evaluatedTokens)) },
  };
  if (json) await writeJsonLine({ summary });
  else await writeError(`summary: ${JSON.stringify(summary)}`);
}
