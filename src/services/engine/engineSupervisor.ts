import { BackendTrust, showsWork, type Suspicion } from "../../core/engine/backendTrust";
import { decideRestart } from "../../core/engine/restartPolicy";
import type { EngineState, ModelFailure } from "../../core/engine/engineState";
import { hintAfterCrashes } from "../../core/engine/processEnd";
import { describeSetAside, describeTrial, type Rung } from "../../core/models/loadLadder";
import type { Disposable } from "../../core/util/dispose";
import { Emitter } from "../../core/util/emitter";
import { EngineMethod, EXIT_LIBRARY_FAILED, type LoadedModelInfo, type LoadResult, type ModelRole } from "../../protocol/engine";
import type { ComputeBackend } from "../../protocol/loadOptions";
import { backendEnd, describeExit, describeLastWords, EngineGoneError, withLimit, type EngineExit, type EngineProcess } from "./engineProcess";
import type { Runtime } from "./runtimes";
import { startEngine, type Run } from "./startEngine";
import type { EngineSupervisorOptions } from "./supervisorOptions";
import { CHANGED, CRASHED, filesKey, firstRung, LOAD_MS, loadLimitMs, loadParams, sameWish, TOO_SLOW, walkLadder, wantedModel, type ModelRequest, type Refusal, type Walked, type WantedModel } from "./wishes";
export type { EngineSupervisorOptions, RuntimeMemory } from "./supervisorOptions";
export type { ModelRequest } from "./wishes";

/** Thrown by `request` while no engine process runs or the role has no model. */
export class EngineUnavailableError extends Error {
  override readonly name = "EngineUnavailableError";
}

/** What is loaded, and the wish that it fulfils. */
interface Loaded {
  readonly info: LoadedModelInfo;
  readonly wanted: WantedModel;
}

/** A load under way: another wish for the role ends it. */
interface Loading {
  readonly role: ModelRole;
  readonly wanted: WantedModel;
  readonly cancel: AbortController;
}

/** A file that crashed the engine so often while loading is set aside until it changes. */
const CRASHES_PER_FILE = 2;

/**
 * Keeps one engine process with the wanted models alive: starts it, restarts it with back-off, stops after three
 * crashes in five minutes, and sets a file aside that crashed it twice while loading.
 */
export class EngineSupervisor implements Disposable {
  readonly onState = new Emitter<EngineState>();
  readonly onModelFailure = new Emitter<ModelFailure>();
  readonly #wanted = new Map<ModelRole, WantedModel>();
  readonly #loaded = new Map<ModelRole, Loaded>();
  readonly #crashesByFile = new Map<string, number>();
  #crashTimes: number[] = [];
  #process: EngineProcess | undefined;
  #runtime: Runtime | undefined;
  #tail: Promise<void> = Promise.resolve();
  #state: EngineState = { state: "stopped" };
  #disposed = false;
  #run: Run;
  #loading: Loading | undefined;
  readonly #trust = new BackendTrust();
  /** Why the back end of the settings is not the one in use. */
  #backendNote: string | undefined;

  constructor(private readonly options: EngineSupervisorOptions) {
    this.#run = { runtime: options.runtime, threads: options.threads, backend: options.backend ?? "cpu" };
  }

  /**
   * Changes how the process is run; one that runs otherwise is ended and started anew with the next `use`. Another
   * number of threads needs no other process: it counts from the next `use` on.
   */
  configure(run: Omit<Run, "backend"> & Partial<Run>): void {
    const old = this.#run;
    this.#run = { backend: old.backend, ...run };
    if (this.#run.backend !== old.backend) {
      this.#trust.lift();
      this.#backendNote = undefined;
    }
    if (this.#run.runtime === old.runtime && this.#run.backend === old.backend) return;
    void this.#enqueue(() => {
      const old = this.#process;
      this.#forget();
      old?.kill();
      return Promise.resolve();
    });
  }

  get state(): EngineState {
    return this.#state;
  }

  /** What models are computed on at present; the processor too while a back end is suspected. */
  get backend(): ComputeBackend {
    return this.#trust.suspicion ? "cpu" : this.#run.backend;
  }

  /** Process id of the running engine, for tests and the log. */
  get processId(): number | undefined {
    return this.#process?.processId;
  }

  /** The role's model while it is loaded and the process lives. */
  loaded(role: ModelRole): LoadedModelInfo | undefined {
    const loaded = this.#loaded.get(role);
    return loaded && this.#told(loaded);
  }

  /** Starts the process ahead of the first `use`, while its caller still looks for the model. */
  async prepare(): Promise<void> {
    await this.#enqueue(() => this.#start());
  }

  /**
   * Wants this model in the role (`undefined`: none) and resolves when that is so, or when it has failed. The file is
   * taken to be checked as it is now: should it change before a later load, it is not loaded. A model that is already
   * there stays, with its cache; a load of another one that is still under way is ended.
   */
  async use(role: ModelRole, request: ModelRequest | undefined): Promise<void> {
    const wanted = request && wantedModel(request, this.#run.threads);
    if (wanted) this.#wanted.set(role, wanted);
    else this.#wanted.delete(role);
    if (this.#loading?.role === role && !(wanted && sameWish(wanted, this.#loading.wanted))) this.#loading.cancel.abort();
    await this.#enqueue(async () => {
      this.#dropMootSuspicion();
      if (!request) await this.#unload(role);
      else if (!this.#process) await this.#start();
      else if (!this.#fulfilled(role)) await this.#load(role);
    });
  }

  /** Starts anew at the user's wish, with a clean record. */
  async restart(): Promise<void> {
    this.#crashTimes = [];
    this.#crashesByFile.clear();
    this.#clearSuspicion();
    await this.#enqueue(async () => {
      const old = this.#process;
      this.#forget();
      old?.kill();
      await this.#start();
      if (this.#wanted.size === 0) this.#settle();
    });
  }

  /** Calls the engine. Rejects with `EngineUnavailableError` at once when there is none. */
  async request<Result>(role: ModelRole, method: string, params: unknown, signal: AbortSignal): Promise<Result> {
    if (!this.#process || !this.#loaded.has(role)) throw new EngineUnavailableError("the engine is not ready");
    const result = await this.#process.request<Result>(method, params, signal);
    if (showsWork(result)) this.#proveWorking("work", this.#loaded.get(role)?.wanted);
    return result;
  }

  /** Resident bytes of the engine process. */
  async residentBytes(): Promise<number> {
    if (!this.#process) return 0;
    return (await this.#process.request<{ residentBytes: number }>(EngineMethod.memory, {})).residentBytes;
  }

  /** Receives the deltas of a chat stream until disposed. */
  onDelta(streamId: number, listener: (text: string) => void): () => void {
    return this.#process?.onDelta(streamId, listener) ?? (() => undefined);
  }

  /** Receives a measurement's progress, 0 to 1, until the returned function is called. */
  onMeasureProgress(measureId: number, listener: (share: number) => void): () => void {
    return this.#process?.onMeasureProgress(measureId, listener) ?? (() => undefined);
  }

  dispose(): void {
    this.#disposed = true;
    const old = this.#process;
    this.#forget();
    old?.kill();
    this.#setState({ state: "stopped" });
    this.onState.dispose();
    this.onModelFailure.dispose();
  }

  /** Starts, loads and unloads happen one after the other. */
  #enqueue(operation: () => Promise<void>): Promise<void> {
    const result = this.#tail.then(() => (this.#disposed ? undefined : operation()));
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async #start(): Promise<void> {
    if (this.#process) return;
    this.#setState({ state: "starting" });
    const started = await startEngine(this.options, { ...this.#run, backend: this.backend });
    const { process } = started;
    if (!process) {
      this.#setState({ state: "failed", cause: started.cause, hint: "Set ghostlight.engine.runtime to the path of a Node 20 or newer." });
      return;
    }
    if (this.#disposed) {
      process.kill();
      return;
    }
    this.#process = process;
    this.#runtime = started.runtime;
    void process.exited.then((exit) => { this.#onExit(process, exit); });
    for (const role of [...this.#wanted.keys()]) await this.#load(role);
  }

  /** Whether what is loaded is what is wanted now. */
  #fulfilled(role: ModelRole): boolean {
    const [wanted, loaded] = [this.#wanted.get(role), this.#loaded.get(role)?.wanted];
    return wanted !== undefined && loaded !== undefined && sameWish(wanted, loaded);
  }

  async #load(role: ModelRole): Promise<void> {
    const wanted = this.#wanted.get(role);
    const process = this.#process;
    if (!wanted || !process) return;
    this.#loaded.delete(role);
    const refused = this.#refusal(wanted);
    if (refused) {
      this.#setAside(role, wanted, refused);
      this.#settle();
      return;
    }
    this.#setState({ state: "loading", role });
    const loading: Loading = { role, wanted, cancel: new AbortController() };
    this.#loading = loading;
    try {
      this.#finishLoad(role, wanted, await walkLadder(role, firstRung(wanted, process.backend), (rung) => this.#loadOn(process, loading, rung), (sentence) => { this.#tell(role, sentence); }));
    } catch (error) {
      this.#failLoad(loading, process, error);
    } finally {
      this.#loading = undefined;
    }
    this.#settle();
  }

  async #loadOn(process: EngineProcess, loading: Loading, rung: Rung): Promise<LoadResult> {
    const { role, wanted, cancel } = loading;
    const load = process.request<LoadResult>(EngineMethod.load, loadParams(role, wanted, rung), cancel.signal);
    return await withLimit(load, loadLimitMs(wanted.path, this.options.limits?.loadMs ?? LOAD_MS), TOO_SLOW);
  }

  /** A step of the ladder, to the status item and the log. */
  #tell(role: ModelRole, sentence: string): void {
    this.options.log.warn(`${role} model: ${sentence}`);
    this.#setState({ state: "loading", role, note: sentence });
  }

  /** Why a file is not even tried. */
  #refusal(wanted: WantedModel): Refusal | undefined {
    if (filesKey(wanted) !== wanted.fileKey) return CHANGED;
    return (this.#crashesByFile.get(wanted.fileKey) ?? 0) >= CRASHES_PER_FILE ? CRASHED : undefined;
  }

  #finishLoad(role: ModelRole, wanted: WantedModel, { result, notes }: Walked): void {
    if (result.outcome === "cancelled") return;
    if (result.outcome === "failed") {
      this.#setAside(role, wanted, result);
      return;
    }
    const { model } = result;
    const { placement } = model;
    this.#loaded.set(role, { info: { ...model, notes: [...notes, ...model.notes] }, wanted });
    this.options.log.info(`${role} model ready: ${model.family}, context ${String(model.contextSize)}, ${model.loadMs.toFixed(0)} ms, ${placement.backend}, ${String(placement.gpuLayers)}/${String(placement.layers)} layers on it, ${String(placement.threads)} threads${placement.shared ? ", weights shared" : ""}`);
    for (const note of model.notes) this.options.log.warn(`${role} model: ${note}`);
    this.#proveWorking("load", wanted);
  }

  #failLoad({ role, wanted }: Loading, process: EngineProcess, error: unknown): void {
    if (this.#disposed) return;
    const tooSlow = error instanceof Error && error.message === TOO_SLOW;
    const exit = error instanceof EngineGoneError ? error.exit : undefined;
    if (!tooSlow && !exit) {
      this.#setAside(role, wanted, { code: "libraryRefused", detail: error instanceof Error ? error.message : String(error) });
      return;
    }
    if (process.backend === "cpu" || exit?.code === EXIT_LIBRARY_FAILED) this.#failOnProcessor(role, wanted, exit);
    // Where this process is ended for another file already, this one has nothing to do with it.
    else if (!this.#trust.suspicion) {
      const how = exit ? backendEnd(exit) : "hung";
      this.#trust.failedLoading(process.backend, how, wanted.fileKey);
      if (how === "crashed") this.#crashesByFile.set(wanted.fileKey, 1);
      this.#tellTrial();
    }
    if (tooSlow) process.kill();
  }

  /** The file is to blame, or the runtime; `exit` is undefined for a load that took too long. */
  #failOnProcessor(role: ModelRole, wanted: WantedModel, exit: EngineExit | undefined): void {
    if (!exit) {
      this.#setAside(role, wanted, { code: "timedOut", detail: TOO_SLOW });
      return;
    }
    if (this.#runtime) this.options.memory.remember(this.#runtime.kind);
    // Where the library itself does not start, the file is not to blame: the other runtime is tried next.
    if (exit.code === EXIT_LIBRARY_FAILED) return;
    const crashes = (this.#crashesByFile.get(wanted.fileKey) ?? 0) + 1;
    this.#crashesByFile.set(wanted.fileKey, crashes);
    if (crashes >= CRASHES_PER_FILE) this.#setAside(role, wanted, CRASHED);
  }

  #tellTrial(): void {
    const { suspicion } = this.#trust;
    if (!suspicion) return;
    this.#backendNote = describeTrial(suspicion.backend, suspicion.how);
    this.options.log.warn(this.#backendNote);
  }

  /** A file did on the processor what failed on a back end: that one is to blame, where it was suspected, and not the file. */
  #proveWorking(during: Suspicion["during"], wanted: WantedModel | undefined): void {
    const proven = wanted && this.#trust.worked(during, wanted.fileKey);
    if (!proven) return;
    const { backend, how } = proven;
    this.#crashesByFile.delete(wanted.fileKey);
    this.#run = { ...this.#run, backend: "cpu" };
    this.#backendNote = describeSetAside(backend, how);
    this.options.log.error(this.#backendNote);
    this.options.onBackendSetAside?.(backend, how);
    if (during === "work") this.#settle();
  }

  /** The processor did not help, or nobody waits for it: the back end is used again, by a process of its own. */
  #giveBackendBack(): void {
    if (!this.#clearSuspicion()) return;
    const old = this.#process;
    // One that has ended already is replaced after its end was counted.
    if (!old || old.ended) return;
    this.#forget();
    old.kill();
    void this.#enqueue(() => this.#startAgain());
  }

  #dropMootSuspicion(): void {
    if (this.#trust.isMoot([...this.#wanted.values()].map(({ fileKey }) => fileKey))) this.#giveBackendBack();
  }

  #clearSuspicion(): boolean {
    const had = this.#trust.lift();
    if (had) this.#backendNote = undefined;
    return had;
  }

  /** Gives a wish up, unless another one has taken its place meanwhile. */
  #setAside(role: ModelRole, wanted: WantedModel, { code, detail }: Refusal): void {
    if (this.#wanted.get(role) !== wanted) return;
    this.#wanted.delete(role);
    this.options.log.error(`${role} model not loaded: ${code}: ${detail}`);
    this.onModelFailure.fire({ role, path: wanted.path, code, detail });
    this.#dropMootSuspicion();
  }

  async #unload(role: ModelRole): Promise<void> {
    if (this.#loaded.delete(role)) await this.#process?.request(EngineMethod.unload, { role });
    this.#settle();
  }

  #onExit(process: EngineProcess, exit: EngineExit): void {
    if (process !== this.#process || this.#disposed) return;
    const onGpu = [...this.#loaded.values()].filter(({ info }) => info.placement.backend !== "cpu").map(({ wanted }) => wanted.fileKey);
    this.#forget();
    if (process.backend === "cpu") this.#giveBackendBack();
    else if (onGpu.length > 0) {
      this.#trust.failedAtWork(process.backend, backendEnd(exit), onGpu);
      this.#tellTrial();
    }
    const cause = describeExit(exit);
    this.options.log.error(`engine ended: ${cause}${describeLastWords(exit)}`);
    this.#crashTimes = [...this.#crashTimes, this.options.clock()];
    const decision = decideRestart(this.#crashTimes, this.options.clock());
    if (!decision.restart) {
      this.#setState({ state: "failed", cause: `the engine crashed three times in five minutes (${cause})`, hint: hintAfterCrashes(exit.code, globalThis.process.platform) });
      return;
    }
    this.#setState({ state: "restarting", delayMs: decision.delayMs, cause });
    void this.options.wait(decision.delayMs).then(() => this.#enqueue(() => this.#startAgain())).catch((error: unknown) => {
      this.options.log.error(`engine restart: ${String(error)}`);
    });
  }

  /** After a crash; without a model to hold, because its file was set aside meanwhile, nothing is started. */
  async #startAgain(): Promise<void> {
    if (this.#process) return;
    if (this.#wanted.size > 0) await this.#start();
    else this.#setState({ state: "stopped" });
  }

  #forget(): void {
    this.#process = undefined;
    this.#loaded.clear();
  }

  #settle(): void {
    if (!this.#process) return;
    this.#setState(this.#loaded.size === 0 ? { state: "stopped" } : { state: "ready", models: [...this.#loaded.values()].map((one) => this.#told(one)) });
  }

  #told({ info }: Loaded): LoadedModelInfo {
    return this.#backendNote === undefined ? info : { ...info, notes: [this.#backendNote, ...info.notes] };
  }

  #setState(state: EngineState): void {
    this.#state = state;
    this.onState.fire(state);
  }
}
