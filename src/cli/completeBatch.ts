import * as valibot from "valibot";
import { complete, freshMemory } from "../core/completion/complete";
import { NO_COUNTS, type Outcome } from "../core/completion/outcome";
import { READ_AFTER, READ_BEFORE } from "../core/completion/snapshot";
import type { CommandLine } from "./arguments";
import { readJsonLines } from "./jsonLines";
import { languageIdOf } from "./languageId";
import { writeError, writeJsonLine } from "./output";
import { completionRecord, type CompletionRecord } from "./record";
import type { CodeKnowledge } from "../services/index/codeKnowledge";
import { openRecall, type RecallSession } from "./recallSession";
import { completionPorts, openKnowledge, outlineForHead, startCompletionEngine, type EngineSession } from "./session";

type BatchCommand = Extract<CommandLine, { batch: string }>;

const batchCase = valibot.object({ id: valibot.union([valibot.string(), valibot.number()]), path: valibot.string(), before: valibot.string(), after: valibot.string() });
type BatchCase = valibot.InferOutput<typeof batchCase>;

/** `complete --batch`: one answer a case, each from a fresh memory and a fresh cache, so no case knows of another. */
export async function runCompleteBatch(command: BatchCommand, signal: AbortSignal): Promise<number> {
  const knowledge = openKnowledge(command);
  try {
    const [recall, session] = await Promise.all([openRecall(command, signal), startCompletionEngine(command, signal)]);
    const voices: Voices = { recall, session };
    try {
      return await answerAll(command, voices, knowledge, signal);
    } finally {
      session?.dispose();
      recall?.dispose();
    }
  } finally {
    knowledge.dispose();
  }
}

/** Who may answer. */
interface Voices {
  readonly recall: RecallSession | undefined;
  readonly session: EngineSession | undefined;
}

async function answerAll(command: BatchCommand, voices: Voices, knowledge: CodeKnowledge, signal: AbortSignal): Promise<number> {
  const model = voices.session?.model.name ?? "";
  let badLines = 0;
  for await (const line of readJsonLines(command.batch, batchCase)) {
    signal.throwIfAborted();
    if ("problem" in line) {
      badLines += 1;
      await writeJsonLine({ id: idOf(line.raw), ...failure(line.problem, model) });
      await writeError(`${command.batch}: line ${String(line.line)}: ${line.problem}`);
    } else {
      await writeJsonLine({ id: line.value.id, ...(await answer(line.value, command, voices, knowledge, signal)) });
    }
  }
  return badLines > 0 ? 2 : 0;
}

async function answer(batchCase: BatchCase, command: BatchCommand, { session, recall }: Voices, knowledge: CodeKnowledge, signal: AbortSignal): Promise<CompletionRecord> {
  const before = batchCase.before.replaceAll("\r\n", "\n");
  const snapshot = {
    path: batchCase.path,
    languageId: languageIdOf(batchCase.path),
    offset: before.length,
    line: before.split("\n").length - 1,
    before: before.slice(-READ_BEFORE),
    after: batchCase.after.replaceAll("\r\n", "\n").slice(0, READ_AFTER),
  };
  const outline = await outlineForHead(session, knowledge, batchCase.path, batchCase.before + batchCase.after, signal);
  const voice = await recall?.standIn(batchCase.path, before + batchCase.after, signal);
  const ports = completionPorts(session, knowledge, { fresh: () => true, standsIn: true, outline, recall: voice });
  const ask = (): Promise<Outcome> => complete(snapshot, { explicit: true, threshold: command.threshold, engines: command.engine, settle: true }, freshMemory(), ports, signal);
  let outcome = await ask();
  if (session && session.supervisor.loaded("completion") === undefined) {
    // The engine died with this case: it is asked once more, and the cases after it find an engine again.
    await session.ready();
    outcome = await ask();
  }
  return completionRecord(outcome, session?.model.name ?? "");
}

function failure(problem: string, model: string): CompletionRecord {
  return completionRecord({ outcome: "failed", cause: problem, counts: NO_COUNTS }, model);
}

function idOf(raw: unknown): unknown {
  return typeof raw === "object" && raw !== null && "id" in raw ? raw.id : null;
}
