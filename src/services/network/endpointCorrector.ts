import { randomBytes } from "node:crypto";
import type { QuestionContext, Source } from "../../core/chat/answer";
import { buildCorrection, type CorrectionOutcome, type CorrectionPrompt, type Corrector } from "../../core/chat/correction";
import type { Turn } from "../../core/chat/transcript";
import type { Endpoint } from "../../core/outgoing/endpoint";
import type { Preflight } from "../../core/outgoing/gatekeeper";
import { hadNoRoom } from "../../core/routing/signals";
import { isAbortError } from "../../core/util/abort";
import type { CodeKnowledge } from "../index/codeKnowledge";
import type { EndpointClient } from "./endpointClient";

export interface EndpointCorrectorParts {
  /** The endpoint for chat, as user settings name it now; undefined where there is none. */
  readonly endpoint: () => Endpoint | undefined;
  readonly client: Pick<EndpointClient, "chat">;
  readonly gate: Preflight;
  readonly knowledge: () => Pick<CodeKnowledge, "contextFor">;
  /** Where a file of the workspace lies on disk; null where it lies nowhere. */
  readonly placeOf: (path: string) => string | null;
}

/** Tokens of excerpts at most, whatever the endpoint has room for: what leaves has to be read by a person first. */
const MOST_EXCERPT_TOKENS = 8_000;
const MOST_ANSWER_TOKENS = 4_096;
/** Share of the endpoint's context that its answer may fill. */
const ANSWER_SHARE = 0.25;

/** Has answers of the panel verified and corrected by an endpoint. Everything it sends passes the gate of its client. */
export function createEndpointCorrector(parts: EndpointCorrectorParts): Corrector {
  return {
    endpoint: () => parts.endpoint()?.name,
    offer: async (turn, signal) => {
      const endpoint = parts.endpoint();
      if (!endpoint) return undefined;
      const refusal = await parts.gate.wouldRefuse({ purpose: "chat", url: `${endpoint.url}/chat/completions` });
      if (refusal) return { because: refusal.because };
      const prompt = await promptFor(parts, endpoint, turn, signal);
      if (prompt.outcome === "tooLong") return { because: tooLong(endpoint, prompt) };
      return { endpoint: endpoint.name, files: new Set(prompt.files.map(({ path }) => path)).size, bytes: prompt.bytes };
    },
    correct: async (turn, conversation, onDelta, signal) => {
      try {
        return await correct(parts, turn, conversation, onDelta, signal);
      } catch (error) {
        if (signal.aborted || isAbortError(error)) return { outcome: "stopped" };
        throw error;
      }
    },
  };
}

async function correct(parts: EndpointCorrectorParts, turn: Turn, conversation: string, onDelta: (text: string) => void, signal: AbortSignal): Promise<CorrectionOutcome> {
  const endpoint = parts.endpoint();
  if (!endpoint) return { outcome: "refused", by: "settings", because: "No endpoint is set up any more." };
  const prompt = await promptFor(parts, endpoint, turn, signal);
  if (prompt.outcome === "tooLong") return { outcome: "failed", cause: tooLong(endpoint, prompt), partial: "", retry: false };
  const files = prompt.files.map((file) => ({ ...file, file: parts.placeOf(file.path) }));
  const maxTokens = answerTokens(endpoint);
  const result = await parts.client.chat(endpoint, { messages: prompt.messages, maxTokens, files, conversation }, onDelta, signal);
  if (result.outcome === "refused") return result;
  if (result.outcome === "failed") return { outcome: "failed", cause: result.cause, partial: result.partial, retry: result.retry };
  if (result.text.trim() === "") return { outcome: "failed", cause: `${endpoint.name} answered without a word.`, partial: "", retry: true };
  // A cut answer must not take the place of a whole draft.
  if (result.finish === "length") return { outcome: "failed", cause: `The correction was cut at the limit of ${String(maxTokens)} tokens.`, partial: result.text, retry: false };
  return { outcome: "done", text: result.text };
}

async function promptFor(parts: EndpointCorrectorParts, endpoint: Endpoint, turn: Turn, signal: AbortSignal): Promise<CorrectionPrompt> {
  const draftSources = turn.context?.sources ?? [];
  const question = { text: turn.question, ...(turn.focus === undefined ? {} : { focus: turn.focus }) };
  const room = Math.floor(endpoint.contextSize * (1 - ANSWER_SHARE));
  const found = await parts.knowledge().contextFor(question, Math.min(MOST_EXCERPT_TOKENS, room), signal);
  return buildCorrection({
    question: turn.question,
    draft: turn.text,
    draftSources,
    context: neededOf(found, turn, draftSources),
    budgetTokens: endpoint.contextSize - answerTokens(endpoint),
    nonce: randomBytes(8).toString("hex"),
  });
}

/**
 * As little as will do: where the local answer had all it was to read, the endpoint gets the same places and no more.
 * Where some had no room, or nothing was read at all, it gets what was chosen for the question.
 */
function neededOf(found: QuestionContext, turn: Turn, draftSources: readonly Source[]): QuestionContext {
  if (draftSources.length === 0 || turn.context?.leftOut.some(hadNoRoom)) return found;
  const sources = found.sources.filter((source) => draftSources.some((read) => read.file === source.file && read.startLine <= source.endLine && read.endLine >= source.startLine));
  return sources.length === 0 ? found : { sources, leftOut: [] };
}

function answerTokens({ contextSize }: Endpoint): number {
  return Math.min(MOST_ANSWER_TOKENS, Math.floor(contextSize * ANSWER_SHARE));
}

function tooLong({ name }: Endpoint, { estimatedTokens, budgetTokens }: Extract<CorrectionPrompt, { outcome: "tooLong" }>): string {
  return `Question and draft need about ${String(estimatedTokens)} tokens, and ${name} has room for ${String(budgetTokens)}.`;
}
