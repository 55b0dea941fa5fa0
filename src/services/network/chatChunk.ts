import * as valibot from "valibot";
import { AnswerError, failureOfError } from "./failure";

/** What one event of a stream, or one whole answer, holds. */
export interface ChatChunk {
  /** Text of the first choice; empty where the event has none. What a model thinks (`reasoning_content`) is not part of it. */
  readonly text: string;
  /** Why it ended, in the server's word; null while it goes on. */
  readonly finish: string | null;
  readonly promptTokens: number | null;
  readonly answerTokens: number | null;
}

const part = valibot.looseObject({ type: valibot.optional(valibot.string()), text: valibot.nullish(valibot.string()) });
// A list of parts is what Mistral's servers send; those that are not text are no part of an answer.
const content = valibot.nullish(valibot.union([valibot.string(), valibot.array(part)]));
const spoken = valibot.nullish(valibot.looseObject({ content }));
const choice = valibot.looseObject({ index: valibot.nullish(valibot.number()), delta: spoken, message: spoken, text: valibot.nullish(valibot.string()), finish_reason: valibot.nullish(valibot.string()) });
const count = valibot.fallback(valibot.nullish(valibot.pipe(valibot.number(), valibot.safeInteger(), valibot.minValue(0))), null);
const usage = valibot.fallback(valibot.nullish(valibot.looseObject({ prompt_tokens: count, completion_tokens: count })), null);
// `choices` may be missing in a chunk of usage, and is an empty list in it as a rule.
const chunk = valibot.looseObject({ choices: valibot.nullish(valibot.array(choice)), usage });

/** Parses one JSON text of a server. Throws an `AnswerError`: an error object is one, and so is what has another shape. */
export function parseChatChunk(json: string): ChatChunk {
  const value = parseJson(json);
  if (isErrorObject(value)) throw new AnswerError(failureOfError(value));
  const parsed = valibot.safeParse(chunk, value);
  if (!parsed.success || (parsed.output.choices == null && parsed.output.usage == null)) throw new AnswerError({ kind: "malformed" });
  const first = parsed.output.choices?.find(({ index }) => (index ?? 0) === 0);
  return {
    text: first === undefined ? "" : textOf(first.delta?.content ?? first.message?.content) + (first.text ?? ""),
    finish: first?.finish_reason ?? null,
    promptTokens: parsed.output.usage?.prompt_tokens ?? null,
    answerTokens: parsed.output.usage?.completion_tokens ?? null,
  };
}

/** JSON of a server; what is none is an `AnswerError`, and its text goes nowhere. */
export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new AnswerError({ kind: "malformed" });
  }
}

/** Whether a server reports an error with a status that says none. vLLM marks it by `object`, all others by `error`. */
export function isErrorObject(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const fields = value as Readonly<Record<string, unknown>>;
  return (fields.error !== undefined && fields.error !== null && fields.error !== false) || fields.object === "error";
}

/** Text without control characters, of which only line break and tab mean anything in code. */
export function withoutControlCharacters(text: string): string {
  return text.replace(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, "");
}

function textOf(value: valibot.InferOutput<typeof content>): string {
  if (value == null) return "";
  if (typeof value === "string") return value;
  return value.filter(({ type }) => type === undefined || type === "text").map(({ text }) => text ?? "").join("");
}
