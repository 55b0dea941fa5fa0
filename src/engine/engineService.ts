import type { ChatParams, ChatResult, CompareParams, CompareResult, CompleteParams, CompleteResult, HelloParams, LoadParams, LoadResult, MeasureParams, MeasureResult, ModelRole } from "../protocol/engine";
import type { ComputeBackend } from "../protocol/loadOptions";
import { isAbortError } from "../core/util/abort";
import { ChatSession } from "./chatSession";
import { CompletionSession } from "./completionSession";
import { EmbeddingSession } from "./embeddingSession";
import { EvaluationWatch } from "./evaluationWatch";
import type { LlamaRuntime } from "./llamaRuntime";
import { measureModel } from "./measuring";
import { loadModel, type LoadedModel } from "./modelSlots";
import { Scheduler } from "./scheduler";
import { SharedWeights } from "./sharedWeights";
import { StoppableWork } from "./stoppableWork";

/** What the process does for its host: models by role, one scheduler over all of them. */
export class EngineService {
  readonly #scheduler = new Scheduler();
  readonly #models = new Map<ModelRole, LoadedModel>();
  readonly #weights = new SharedWeights();
  #runtime: Promise<LlamaRuntime> | undefined;
  #evaluations: EvaluationWatch | undefined;
  #completion: CompletionSession | undefined;
  #chat: ChatSession | undefined;
  #embedding: EmbeddingSession | undefined;
  #newestCompletion: AbortController | undefined;
  /** By the role whose model it needs. Completions are not among it: they are short, and one that waits is told that there is no model. */
  readonly #stoppable: Readonly<Record<ModelRole, StoppableWork>> = { completion: new StoppableWork(), chat: new StoppableWork(), embedding: new StoppableWork() };

  constructor(
    private readonly startRuntime: (threads: number, backend: ComputeBackend) => Promise<LlamaRuntime>,
    private readonly clock: () => number,
    private readonly onHang: () => void,
  ) {}

  /** Starts the library ahead of the first load; its failure is told by that load. */
  prepare({ threads, backend = "cpu", evaluationLimitMs }: HelloParams): void {
    if (evaluationLimitMs !== undefined) this.#evaluations = new EvaluationWatch(evaluationLimitMs, this.onHang);
    this.#runtime ??= this.startRuntime(threads, backend);
    this.#runtime.catch(() => undefined);
  }

  /**
   * Loads a file in place of the role's present model. A file that fails leaves the role empty; a signal that fires
   * ends the load within a moment, and leaves it empty too.
   */
  async load(params: LoadParams, signal: AbortSignal): Promise<LoadResult> {
    const runtime = await (this.#runtime ??= this.startRuntime(params.threads, "cpu"));
    await this.#stoppable[params.role].stop();
    return await this.#scheduler.run("completion", async () => {
      const old = await this.#leave(params.role, params.path);
      runtime.clearErrors();
      try {
        const { result, model } = await loadModel({ runtime, weights: this.#weights, clock: this.clock, ...(this.#evaluations ? { evaluations: this.#evaluations } : {}) }, params, signal);
        if (model) this.#take(model);
        return result;
      } finally {
        await old?.dispose();
      }
    }, new AbortController().signal);
  }

  async unload(role: ModelRole): Promise<void> {
    await this.#stoppable[role].stop();
    await this.#scheduler.run("completion", () => this.#drop(role), new AbortController().signal);
  }

  /** The newest request wins: an older one still under way is aborted first. */
  async complete(params: CompleteParams, signal: AbortSignal): Promise<CompleteResult> {
    this.#newestCompletion?.abort();
    const newest = new AbortController();
    this.#newestCompletion = newest;
    return await unlessStopped(CANCELLED, this.#scheduler.run("completion", async (turn) => {
      if (!this.#completion) throw new Error("no completion model is loaded");
      return await this.#completion.complete(params, turn);
    }, AbortSignal.any([signal, newest.signal])));
  }

  /** Writes an answer; a model that goes meanwhile ends it as stopped. */
  async chat(params: ChatParams, onDelta: (text: string) => void, signal: AbortSignal): Promise<ChatResult> {
    return await unlessStopped(NO_ANSWER, this.#stoppable.chat.run((either) => this.#scheduler.run("chat", async (turn) => {
      if (!this.#chat) throw new Error("no chat model is loaded");
      return await this.#chat.answer(params, onDelta, turn);
    }, either), signal));
  }

  /**
   * Compares texts by meaning, for an answer that the person waits for; a text is one step. A model that goes meanwhile
   * leaves all of them uncompared.
   */
  async compare(params: CompareParams, signal: AbortSignal): Promise<CompareResult> {
    const uncompared: CompareResult = { similarities: params.texts.map(() => null), computed: 0, totalMs: 0 };
    return await unlessStopped(uncompared, this.#stoppable.embedding.run((either) => this.#scheduler.run("chat", async (turn) => {
      if (!this.#embedding) throw new Error("no embedding model is loaded");
      return await this.#embedding.compare(params, turn);
    }, either), signal));
  }

  /** Measures the role's model beside its own context; whatever the person waits for goes first. */
  async measure(params: MeasureParams, onProgress: (share: number) => void, signal: AbortSignal): Promise<MeasureResult> {
    return await unlessStopped<MeasureResult>({ outcome: "stopped", speeds: [] }, this.#stoppable[params.role].run((either) => this.#scheduler.run("warming", async (turn) => {
      const model = this.#models.get(params.role);
      if (!model || model.role === "embedding") throw new Error(`no ${params.role} model is loaded`);
      return await measureModel(model.held, params, turn, onProgress, this.clock);
    }, either), signal));
  }

  #take(model: LoadedModel): void {
    this.#models.set(model.role, model);
    if (model.role === "embedding") {
      this.#embedding = new EmbeddingSession(model.embedder, model.tokenizer, model.family, this.clock);
      return;
    }
    if (model.fim) this.#completion = new CompletionSession(model.sequence, model.tokenizer, model.fim, this.clock);
    if (model.chat) this.#chat = new ChatSession(model.sequence, model.tokenizer, model.chat, this.clock);
  }

  async #drop(role: ModelRole): Promise<void> {
    await (await this.#leave(role, ""))?.dispose();
  }

  /** Takes the role's model out of use. One of the same file keeps its weights until the caller disposes of it: they need not be read again. */
  async #leave(role: ModelRole, next: string): Promise<LoadedModel | undefined> {
    if (role === "completion") this.#completion = undefined;
    else if (role === "chat") this.#chat = undefined;
    else this.#embedding = undefined;
    const model = this.#models.get(role);
    this.#models.delete(role);
    if (model?.path === next) {
      await model.endContext();
      return model;
    }
    await model?.dispose();
    return undefined;
  }
}

/** What work comes to; `stopped` where it was told to stop. */
async function unlessStopped<T>(stopped: T, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isAbortError(error)) return stopped;
    throw error;
  }
}

const NO_ANSWER: ChatResult = { outcome: "stopped", text: "", certainty: null, promptTokens: 0, evaluatedTokens: 0, generatedTokens: 0, firstTokenMs: null, totalMs: 0 };
/** A request that was overtaken while it waited for its turn. */
const CANCELLED: CompleteResult = {
  drafts: [], draftTokens: 0, verifiedTokens: 0, tokens: [], stop: "cancelled", endProbability: null, leftOut: [], promptTokens: 0, evaluatedTokens: 0, generatedTokens: 0, firstTokenMs: null, totalMs: 0,
};
