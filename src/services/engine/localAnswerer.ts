import { randomBytes } from "node:crypto";
import type { Answer, Question } from "../../core/chat/answer";
import type { Answerer, AnswerContext, AnswerListener, AnswerOutcome } from "../../core/chat/answerer";
import { buildChatPrompt, type ChatPrompt, type EarlierTurn } from "../../core/chat/prompt";
import type { Turn } from "../../core/chat/transcript";
import { isAbortError } from "../../core/util/abort";
import type { ChatResult } from "../../protocol/engine";
import type { CodeKnowledge } from "../index/codeKnowledge";
import type { ChatEngine } from "./chatEngine";
import { EngineGoneError } from "./engineProcess";

/** Who answers on this machine: the chat model where one is loaded, the code index otherwise. */
export interface LocalAnswererParts {
  readonly knowledge: () => CodeKnowledge;
  readonly engine: ChatEngine;
}

/** Share of the context that an answer may fill. */
const ANSWER_SHARE = 0.25;
/** Tries with less and less context when the estimate of a prompt's tokens was too low. */
const MOST_TRIES = 3;

/** Makes the answerer of the panel and of `ask`. */
export function createLocalAnswerer(parts: LocalAnswererParts): Answerer {
  return {
    answer: async (question, history, listener, signal) => {
      try {
        const model = parts.engine.model();
        if (!model) return await answerFromIndex(parts.knowledge(), question, signal);
        return await answerFromModel(parts, model, question, history, listener, signal);
      } catch (error) {
        return failureOf(error, signal);
      }
    },
  };
}

async function answerFromIndex(knowledge: CodeKnowledge, question: Question, signal: AbortSignal): Promise<AnswerOutcome> {
  const answer = await knowledge.answerFromIndex(question, signal);
  return signal.aborted ? { outcome: "stopped" } : { outcome: "done", answer };
}

interface WrittenAnswer {
  readonly result: ChatResult;
  readonly context: AnswerContext;
}

async function answerFromModel(parts: LocalAnswererParts, model: { name: string; contextSize: number }, question: Question, history: readonly Turn[], listener: AnswerListener, signal: AbortSignal): Promise<AnswerOutcome> {
  const answerTokens = Math.floor(model.contextSize * ANSWER_SHARE);
  let budget = model.contextSize - answerTokens;
  const found = await parts.knowledge().contextFor(question, budget, signal);
  for (let attempt = 0; attempt < MOST_TRIES; attempt++) {
    const prompt = buildChatPrompt({ question, context: found, history: history.map(earlierTurn), budgetTokens: budget, nonce: randomBytes(8).toString("hex") });
    if (prompt.outcome === "questionTooLong") return tooLong(prompt.estimatedTokens, budget);
    const written = await write(parts.engine, model.name, prompt, answerTokens, listener, signal);
    if (written.result.outcome !== "tooLong") return ended(written, model.name);
    budget = Math.floor(budget * Math.min(0.8, (model.contextSize - answerTokens) / written.result.promptTokens));
  }
  return tooLong(model.contextSize, budget);
}

async function write(engine: ChatEngine, model: string, prompt: Extract<ChatPrompt, { outcome: "built" }>, answerTokens: number, listener: AnswerListener, signal: AbortSignal): Promise<WrittenAnswer> {
  const context: AnswerContext = { kind: "model", model, sources: prompt.sources, leftOut: prompt.leftOut };
  // Told before the prompt is read: the panel then says what is read while the person waits.
  listener.onContext(context);
  return { result: await engine.chat(prompt.messages, answerTokens, (text) => { listener.onDelta(text); }, signal), context };
}

function ended({ result, context }: WrittenAnswer, model: string): AnswerOutcome {
  if (result.outcome !== "done") return { outcome: "stopped" };
  const answer: Answer = { text: result.text, kind: "model", sources: context.sources, leftOut: context.leftOut };
  return { outcome: "done", answer, model, ...(result.certainty === null ? {} : { certainty: result.certainty }) };
}

function tooLong(tokens: number, room: number): AnswerOutcome {
  return { outcome: "failed", cause: `The question needs about ${String(tokens)} tokens, the model has room for ${String(room)}. Ask something shorter, or raise ghostlight.engine.contextSize.`, retry: false };
}

function earlierTurn(turn: Turn): EarlierTurn {
  return { question: turn.question, answer: turn.text };
}

function failureOf(error: unknown, signal: AbortSignal): AnswerOutcome {
  if (signal.aborted || isAbortError(error)) return { outcome: "stopped" };
  if (error instanceof EngineGoneError) return { outcome: "failed", cause: "The model's process ended while it was writing. It is starting again.", retry: true };
  return { outcome: "failed", cause: error instanceof Error ? error.message : String(error), retry: true };
}

