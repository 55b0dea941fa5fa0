import type { ChatParams, ChatResult, CompleteParams, CompleteResult, LoadParams, LoadResult, ModelRole } from "../protocol/engine";
import { isAbortError } from "../core/util/abort";
import { ChatSession } from "./chatSession";
import { CompletionSession } from "./completionSession";
import type { LlamaRuntime } from "./llamaRuntime";
import { loadModel, type LoadedModel } from "./modelSlots";
import { Scheduler } from "./scheduler";

/** What the process does for its host: models by role, one scheduler over all of them. */
export class EngineService {
  readonly #scheduler = new Scheduler();
  readonly #models = new Map<ModelRole, LoadedModel>();
  #runtime: Promise<LlamaRuntime> | undefined;
  #completion: CompletionSession | undefined;
  #chat: ChatSession | undefined;
  #newestCompletion: AbortController | undefined;
  #chatUnderWay: { readonly stop: AbortController; readonly ended: Promise<unknown> } | undefined;

  constructor(
    private readonly startRuntime: (threads: number) => Promise<LlamaRuntime>,
    private readonly clock: () => number,
  ) {}

  /** Starts the library ahead of the first load; its failure is told by that load. */
  prepare(threads: number): void {
    this.#runtime ??= this.startRuntime(threads);
    this.#runtime.catch(() => undefined);
  }

  /** Loads a file in place of the role's present model. A file that fails leaves the role empty. */
  async load(params: LoadParams): Promise<LoadResult> {
    const runtime = await (this.#runtime ??= this.startRuntime(params.threads));
    await this.#stopUsing(params.role);
    return await this.#scheduler.run("completion", async () => {
      await this.#drop(params.role);
      runtime.clearErrors();
      const { result, model } = await loadModel(runtime.llama, params, this.clock, () => runtime.lastError());
      if (model) this.#take(model);
      return result;
    }, new AbortController().signal);
  }

  async unload(role: ModelRole): Promise<void> {
    await this.#stopUsing(role);
    await this.#scheduler.run("completion", () => this.#drop(role), new AbortController().signal);
  }

  /** The newest request wins: an older one still under way is aborted first. */
  async complete(params: CompleteParams, signal: AbortSignal): Promise<CompleteResult> {
    this.#newestCompletion?.abort();
    const newest = new AbortController();
    this.#newestCompletion = newest;
    const either = AbortSignal.any([signal, newest.signal]);
    try {
      return await this.#scheduler.run("completion", async (turn) => {
        if (!this.#completion) throw new Error("no completion model is loaded");
        return await this.#completion.complete(params, turn);
      }, either);
    } catch (error) {
      if (isAbortError(error)) return CANCELLED;
      throw error;
    }
  }

  /** Writes an answer; a model that goes meanwhile ends it as stopped. */
  async chat(params: ChatParams, onDelta: (text: string) => void, signal: AbortSignal): Promise<ChatResult> {
    const stop = new AbortController();
    const answer = this.#answer(params, onDelta, AbortSignal.any([signal, stop.signal]));
    const underWay = { stop, ended: answer.catch(() => undefined) };
    this.#chatUnderWay = underWay;
    try {
      return await answer;
    } finally {
      if (this.#chatUnderWay === underWay) this.#chatUnderWay = undefined;
    }
  }

  async #answer(params: ChatParams, onDelta: (text: string) => void, signal: AbortSignal): Promise<ChatResult> {
    try {
      return await this.#scheduler.run("chat", async (turn) => {
        if (!this.#chat) throw new Error("no chat model is loaded");
        return await this.#chat.answer(params, onDelta, turn);
      }, signal);
    } catch (error) {
      if (isAbortError(error)) return { outcome: "stopped", text: "", certainty: null, promptTokens: 0, evaluatedTokens: 0, generatedTokens: 0, firstTokenMs: null, totalMs: 0 };
      throw error;
    }
  }

  /** A chat gives way in the middle of its work: its model must not go while it waits to go on. */
  async #stopUsing(role: ModelRole): Promise<void> {
    if (role !== "chat") return;
    this.#chatUnderWay?.stop.abort();
    await this.#chatUnderWay?.ended;
  }

  #take(model: LoadedModel): void {
    this.#models.set(model.role, model);
    if (model.fim) this.#completion = new CompletionSession(model.sequence, model.tokenizer, model.fim, this.clock);
    if (model.chat) this.#chat = new ChatSession(model.sequence, model.tokenizer, model.chat, this.clock);
  }

  async #drop(role: ModelRole): Promise<void> {
    if (role === "completion") this.#completion = undefined;
    else this.#chat = undefined;
    const model = this.#models.get(role);
    this.#models.delete(role);
    await model?.dispose();
  }
}

/** A request that was overtaken while it waited for its turn. */
const CANCELLED: CompleteResult = {
  drafts: [], draftTokens: 0, verifiedTokens: 0, tokens: [], stop: "cancelled", endProbability: null, leftOut: [], promptTokens: 0, evaluatedTokens: 0, generatedTokens: 0, firstTokenMs: null, totalMs: 0,
};
