import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { EngineMethod, type ChatMessage, type ChatResult, type CompareParams, type CompareResult, type CompleteParams, type CompleteResult, type CompletionLimits, type CompletionPlan, type ModelRole } from "../../src/protocol/engine";
import type { EngineSupervisorOptions } from "../../src/services/engine/engineSupervisor";
import { ENGINE_ENTRY, WatchedSupervisor } from "./supervisors";

/** Four tokens, whatever the model thinks of them: random weights are never sure. */
export const SHORT: CompletionLimits = { maxTokens: 4, maxLines: 1, threshold: 0, timeBudgetMs: 60_000, leastDraft: 0 };

/** A document that goes on with what is typed. */
export const PLAN: CompletionPlan = { path: "src/a.ts", head: [], prefix: "const first = 1;\nfunction next() {\n", typed: "", suffix: "\n}\n" };

/** How a request differs from the usual one. */
export interface RequestOptions {
  readonly limits?: Partial<CompletionLimits>;
  readonly fresh?: boolean;
  readonly drafts?: readonly string[];
  readonly signal?: AbortSignal;
}

/** The real engine in a real child process, with a supervisor that writes down what it tells. */
export class RealEngine extends WatchedSupervisor {
  #lastStream = 0;

  constructor(options: Partial<EngineSupervisorOptions> = {}) {
    assert.ok(existsSync(ENGINE_ENTRY), `${ENGINE_ENTRY} is missing: npm run build`);
    super({ entry: ENGINE_ENTRY, ...options });
  }

  /** Loads a file for completion; fails the test where it does not load. */
  async load(path: string, role: ModelRole = "completion", contextSize = 2_048): Promise<void> {
    await this.use(role, { path, contextSize });
    assert.ok(this.loaded(role), JSON.stringify(this.failures.at(-1) ?? this.state));
  }

  async complete(plan: Partial<CompletionPlan> = {}, { limits = {}, fresh = false, drafts = [], signal = new AbortController().signal }: RequestOptions = {}): Promise<CompleteResult> {
    const params: CompleteParams = { plan: { ...PLAN, ...plan }, limits: { ...SHORT, ...limits }, fresh, drafts };
    return await this.request<CompleteResult>("completion", EngineMethod.complete, params, signal);
  }

  async compare(question: string, texts: readonly string[], timeBudgetMs = 60_000, signal = new AbortController().signal): Promise<CompareResult> {
    const params: CompareParams = { question, texts, timeBudgetMs };
    return await this.request<CompareResult>("embedding", EngineMethod.compare, params, signal);
  }

  async chat(texts: readonly string[], onDelta: (text: string) => void = () => undefined, maxTokens = 16, signal = new AbortController().signal): Promise<ChatResult> {
    const messages = texts.map((text, index): ChatMessage => ({ role: index % 2 === 0 ? "user" : "assistant", text }));
    const streamId = ++this.#lastStream;
    const stopListening = this.onDelta(streamId, onDelta);
    try {
      return await this.request<ChatResult>("chat", EngineMethod.chat, { streamId, messages, maxTokens }, signal);
    } finally {
      stopListening();
    }
  }
}

/** What was generated, as text. */
export function textOf(result: CompleteResult): string {
  return result.tokens.map((token) => token.text).join("");
}
