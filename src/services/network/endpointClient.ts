import { estimateTokens } from "../../core/chat/tokens";
import type { Endpoint } from "../../core/outgoing/endpoint";
import { estimateCost } from "../../core/outgoing/endpoints";
import type { Refusal } from "../../core/outgoing/gatekeeper";
import type { OutgoingFile, OutgoingRequest } from "../../core/outgoing/request";
import type { ChatMessage } from "../../protocol/engine";
import { readChatAnswer, type ChatAnswer } from "./chatStream";
import { wholeText, type Patience } from "./deadlines";
import { fimRequest, parseFim, type FimRequest } from "./endpointFim";
import { modelsRequest, parseModels } from "./endpointModels";
import { askEndpoint, failed, type EndpointFailure, type AskParts, type Job } from "./askEndpoint";
import { MOST_ATTEMPTS } from "./retry";

export type { EndpointFailure } from "./askEndpoint";

export interface EndpointChat {
  readonly messages: readonly ChatMessage[];
  /** Tokens that the answer may have. */
  readonly maxTokens: number;
  /** Files whose lines stand in the messages: what the person is shown and what policies decide on. */
  readonly files: readonly OutgoingFile[];
  readonly conversation: string | null;
}

export interface ChatDone {
  readonly outcome: "done";
  readonly text: string;
  readonly finish: "stop" | "length";
  readonly promptTokens: number | null;
  readonly answerTokens: number | null;
}

/**
 * Asks servers that speak OpenAI's interface. Everything goes through the gate; texts and deltas have the masked values put
 * back. Rejects only with an abort error, when `signal` fires.
 */
export interface EndpointClient {
  chat(endpoint: Endpoint, request: EndpointChat, onDelta: (text: string) => void, signal: AbortSignal): Promise<ChatDone | EndpointFailure | Refusal>;
  models(endpoint: Endpoint, signal: AbortSignal): Promise<{ readonly outcome: "done"; readonly models: readonly string[] } | EndpointFailure | Refusal>;
  /** One attempt only: by the time of a second the person has typed on. */
  complete(endpoint: Endpoint, request: FimRequest & { readonly path: string }, signal: AbortSignal): Promise<{ readonly outcome: "done"; readonly text: string } | EndpointFailure | Refusal>;
}

/** What the client stands on. `random` and `patience` have defaults. */
export type EndpointClientParts = Omit<AskParts, "random"> & { readonly random?: () => number; readonly patience?: Partial<Patience> };

/** A prompt of some thousand tokens takes a machine without a graphics card minutes before its first word. */
const CHAT_PATIENCE: Patience = { firstMs: 180_000, idleMs: 60_000, totalMs: 900_000, mostBytes: 8_000_000, mostLine: 1_000_000 };
const LIST_PATIENCE: Patience = { ...CHAT_PATIENCE, firstMs: 20_000, idleMs: 20_000, totalMs: 30_000, mostBytes: 4_000_000 };
const FIM_PATIENCE: Patience = { ...CHAT_PATIENCE, firstMs: 20_000, idleMs: 10_000, totalMs: 30_000, mostBytes: 1_000_000 };

/** Makes the client. */
export function createEndpointClient(given: EndpointClientParts): EndpointClient {
  const parts: AskParts = { random: Math.random, ...given };
  const patienceOf = (usual: Patience): Patience => ({ ...usual, ...given.patience });
  const quiet = (): void => undefined;
  return {
    chat: async (endpoint, request, onDelta, signal) => {
      const patience = patienceOf(CHAT_PATIENCE);
      const read: Job<ChatAnswer>["read"] = (body, deadlines, onText) => readChatAnswer(body, patience, deadlines, onText);
      const result = await askEndpoint(parts, { endpoint, wanted: chatRequest(endpoint, request), patience, attempts: MOST_ATTEMPTS, onDelta, read }, signal);
      return result.outcome === "done" ? { outcome: "done", text: result.text, ...result.value } : result;
    },
    models: async (endpoint, signal) => {
      const patience = patienceOf(LIST_PATIENCE);
      const read: Job<string[]>["read"] = async (body, deadlines) => parseModels(await wholeText(body, patience, deadlines));
      const result = await askEndpoint(parts, { endpoint, wanted: modelsRequest(endpoint), patience, attempts: MOST_ATTEMPTS, onDelta: quiet, read }, signal);
      return result.outcome === "done" ? { outcome: "done", models: result.value } : result;
    },
    complete: async (endpoint, request, signal) => {
      const patience = patienceOf(FIM_PATIENCE);
      const wanted = fimRequest(endpoint, request);
      if (wanted === undefined) return failed(endpoint, { kind: "fimUnsupported" }, "", undefined);
      const read: Job<void>["read"] = async (body, deadlines, onText) => { onText(parseFim(await wholeText(body, patience, deadlines))); };
      const result = await askEndpoint(parts, { endpoint, wanted, patience, attempts: 1, onDelta: quiet, read }, signal);
      return result.outcome === "done" ? { outcome: "done", text: result.text } : result;
    },
  };
}

/** The request of a chat: `POST /chat/completions` with a stream and its count of tokens. */
export function chatRequest(endpoint: Endpoint, { messages, maxTokens, files, conversation }: EndpointChat): OutgoingRequest {
  const texts = messages.map(({ text }) => text);
  // No temperature: each server's own default suits its model, and some of OpenAI's models refuse any.
  const rest = { stream: true, stream_options: { include_usage: true }, [answerLimitOf(endpoint)]: maxTokens };
  return {
    purpose: "chat", endpoint: endpoint.name, model: endpoint.model, url: `${endpoint.url}/chat/completions`, method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream, application/json" },
    texts,
    write: (checked) => {
      // One text more or less would put words into another's mouth.
      if (checked.length !== messages.length) throw new Error("texts and messages do not match");
      return JSON.stringify({ model: endpoint.model, messages: messages.map(({ role }, index) => ({ role, content: checked[index] })), ...rest });
    },
    files, conversation,
    estimatedCost: estimateCost(endpoint, texts.reduce((sum, text) => sum + estimateTokens(text), 0), maxTokens),
  };
}

/** OpenAI's own newer models refuse `max_tokens`; servers that only speak its interface know nothing else. */
function answerLimitOf({ url }: Endpoint): "max_tokens" | "max_completion_tokens" {
  return new URL(url).hostname === "api.openai.com" ? "max_completion_tokens" : "max_tokens";
}
