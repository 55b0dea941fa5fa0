import type { Question } from "../core/chat/answer";
import type { AnswerOutcome } from "../core/chat/answerer";
import { createChatEngine, type ChatEngine } from "../services/engine/chatEngine";
import { createLocalAnswerer } from "../services/engine/localAnswerer";
import type { CodeKnowledge } from "../services/index/codeKnowledge";
import { BadInputError, type CommandLine } from "./arguments";
import { writeError, writeJsonLine, writeWords } from "./output";
import { rounded } from "./record";
import { openKnowledge, startEngine, type EngineSession } from "./session";

type AskCommand = Extract<CommandLine, { command: "ask" }>;

/** An answer with its times; `firstTokenMs` of an index answer is the time to the answer. */
export interface TimedAnswer {
  readonly outcome: AnswerOutcome;
  readonly firstTokenMs: number;
  readonly totalMs: number;
}

/** No chat model: the index answers. */
export const NO_CHAT_MODEL: ChatEngine = { model: () => undefined, chat: () => Promise.reject(new Error("no chat model is loaded")) };

/** `ask`: one question about a workspace, answered by the model named with `--model`, or by the index. */
export async function runAsk(command: AskCommand, signal: AbortSignal): Promise<number> {
  if (command.workspace === undefined) throw new BadInputError("ask: --workspace DIR is missing");
  const knowledge = openKnowledge(command);
  let session: EngineSession | undefined;
  try {
    if (command.model !== undefined) session = await startEngine(command, "chat", signal);
    const engine = session ? createChatEngine(session.supervisor) : NO_CHAT_MODEL;
    await knowledge.ready(signal);
    const timed = await timedAnswer(knowledge, engine, { text: command.question }, command.json ? () => undefined : (text) => process.stdout.write(text), signal);
    return await print(timed, command, engine.model() !== undefined);
  } finally {
    session?.dispose();
    knowledge.dispose();
  }
}

/** Asks and measures. Times count from the question, after the index was built. */
export async function timedAnswer(knowledge: CodeKnowledge, engine: ChatEngine, question: Question, onDelta: (text: string) => void, signal: AbortSignal): Promise<TimedAnswer> {
  const startedAt = performance.now();
  let firstAt: number | undefined;
  const listener = { onContext: () => undefined, onDelta: (text: string) => { firstAt ??= performance.now(); onDelta(text); } };
  const outcome = await createLocalAnswerer({ knowledge: () => knowledge, engine }).answer(question, [], listener, signal);
  const endedAt = performance.now();
  return { outcome, firstTokenMs: (firstAt ?? endedAt) - startedAt, totalMs: endedAt - startedAt };
}

async function print({ outcome, firstTokenMs, totalMs }: TimedAnswer, command: AskCommand, streamed: boolean): Promise<number> {
  if (outcome.outcome === "stopped") return 130;
  if (outcome.outcome === "failed") throw new BadInputError(`ask: ${outcome.cause}`);
  const { text, kind, sources, leftOut } = outcome.answer;
  if (command.json) {
    await writeJsonLine({ answer: text, kind, sources, leftOut, firstTokenMs: rounded(firstTokenMs), totalMs: rounded(totalMs) });
    return 0;
  }
  await writeWords(streamed ? "" : text);
  await writeError(`${kind} answer, ${String(sources.length)} sources, ${totalMs.toFixed(0)} ms`);
  return 0;
}
