import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as valibot from "valibot";
import { complete, freshMemory } from "../core/completion/complete";
import type { Outcome } from "../core/completion/outcome";
import { READ_AFTER, READ_BEFORE, type Snapshot } from "../core/completion/snapshot";
import { createChatEngine } from "../services/engine/chatEngine";
import { BadInputError, type CommandLine } from "./arguments";
import { NO_CHAT_MODEL, timedAnswer } from "./ask";
import { languageIdOf } from "./languageId";
import { writeWords } from "./output";
import { openRecall } from "./recallSession";
import { completionPorts, EXTENSION_FOLDER, openKnowledge, requireFolder, startCompletionEngine, type EngineSession } from "./session";

type DemoCommand = Extract<CommandLine, { command: "demo" }>;

/** What the demo does: places to type again from `from` on, and questions to ask. Paths are relative to the workspace. */
const demoPlan = valibot.object({
  places: valibot.array(valibot.object({ file: valibot.string(), from: valibot.string() })),
  questions: valibot.array(valibot.string()),
});

/** The sample project and the plan for it, as they lie in the repository. */
const SAMPLE = join(EXTENSION_FOLDER, "test", "fixtures", "sample");
const PLAN = join(EXTENSION_FOLDER, "test", "fixtures", "demo.json");

/** `demo`: the main job in a terminal. Lines of the sample project are typed again up to a place, and questions asked. */
export async function runDemo(command: DemoCommand, signal: AbortSignal): Promise<number> {
  if (!existsSync(PLAN)) throw new BadInputError(`${PLAN}: the demo runs from the repository; it is not part of the packaged extension`);
  const plan = valibot.parse(demoPlan, JSON.parse(readFileSync(PLAN, "utf8")));
  const workspace = requireFolder(command.workspace ?? SAMPLE);
  const knowledge = openKnowledge({ ...command, workspace });
  try {
    const [recall, session] = await Promise.all([openRecall({ ...command, workspace }, signal), startCompletionEngine(command, signal)]);
    try {
      await writeWords(modelWords(session));
      for (const place of plan.places) {
        const { snapshot, rest } = readPlace(workspace, place.file, place.from);
        const voice = await recall?.standIn(place.file, snapshot.before + snapshot.after, signal);
        const ports = completionPorts(session, knowledge, { fresh: () => true, standsIn: true, recall: voice });
        const outcome = await complete(snapshot, { explicit: true, threshold: command.threshold, engines: command.engine, settle: true }, freshMemory(), ports, signal);
        await writeWords(placeWords(place.file, snapshot, rest, outcome));
      }
      const engine = session ? createChatEngine(session.supervisor) : NO_CHAT_MODEL;
      for (const question of plan.questions) {
        const timed = await timedAnswer(knowledge, engine, { text: question }, () => undefined, signal);
        await writeWords(answerWords(question, timed.outcome.outcome === "done" ? timed.outcome.answer.text : timed.outcome.outcome, timed.totalMs));
      }
      return 0;
    } finally {
      session?.dispose();
      recall?.dispose();
    }
  } finally {
    knowledge.dispose();
  }
}

function modelWords(session: EngineSession | undefined): string {
  if (!session) return "model: none, the workspace's own code speaks alone";
  const { name, family, sizeBytes, loadMs } = session.model;
  return `model: ${name} (${family}, ${(sizeBytes / 1e6).toFixed(1)} MB), loaded in ${loadMs.toFixed(0)} ms`;
}

/** The place after the first occurrence of `from`, as if the rest of its line were not typed yet. */
function readPlace(workspace: string, file: string, from: string): { snapshot: Snapshot; rest: string } {
  const text = readFileSync(join(workspace, file), "utf8");
  const found = text.indexOf(from);
  if (found < 0) throw new BadInputError(`${file}: the demo's place ${JSON.stringify(from)} is not there`);
  const offset = found + from.length;
  const lineEnd = text.indexOf("\n", offset);
  const rest = text.slice(offset, lineEnd < 0 ? text.length : lineEnd);
  const snapshot = { path: file, languageId: languageIdOf(file), offset, line: text.slice(0, offset).split("\n").length - 1, before: text.slice(0, offset).slice(-READ_BEFORE), after: text.slice(offset + rest.length).slice(0, READ_AFTER) };
  return { snapshot, rest };
}

function placeWords(file: string, snapshot: Snapshot, rest: string, outcome: Outcome): string {
  const line = snapshot.before.slice(snapshot.before.lastIndexOf("\n") + 1).trimStart();
  const { evaluatedTokens, totalMs } = outcome.counts;
  const shown = outcome.outcome === "shown" ? `${JSON.stringify(outcome.text)} (${(outcome.confidence * 100).toFixed(0)} % sure, by ${outcome.voice}${outcome.text === rest ? ", as in the file" : ""})` : `nothing (${outcome.outcome === "nothing" ? outcome.reason : outcome.outcome})`;
  return `${file}: ${line}▏ → ${shown}, ${String(evaluatedTokens)} tokens evaluated, ${totalMs.toFixed(0)} ms`;
}

function answerWords(question: string, answer: string, totalMs: number): string {
  const text = answer.split("\n").map((line) => `  ${line}`).join("\n");
  return `\n? ${question}\n${text}\n  (${totalMs.toFixed(0)} ms)`;
}
