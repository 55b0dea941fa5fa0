import { Worker } from "node:worker_threads";
import type { Disposable } from "../../core/util/dispose";
import type { Log } from "../../core/util/log";
import type { IndexState } from "../../protocol/indexWorker";
import type { FromWorker, ToWorker, WorkerMethods, WorkerRequest, WorkerResult } from "../../protocol/workerMessages";

/** The worker is started again this many times; after that every call is answered with the reason. */
const MAXIMUM_RESTARTS = 1;
/** A worker that owes an answer and has been silent this long is ended: parsers have been known to spin. */
const SILENCE_LIMIT_MS = 20_000;
/** A worker that needs more than this ends alone, not with the extension host. Typed arrays lie outside of it. */
const MAXIMUM_HEAP_MB = 1_024;

/** What a worker must be able to do: begin with `open` and tell how far it is. */
export type ThreadMethods<Statistics> = WorkerMethods & { readonly open: { readonly params: unknown; readonly result: Statistics } };
/** What every worker's statistics have. */
export interface ThreadStatistics {
  readonly state: IndexState;
  readonly note: string;
}

export interface WorkerThreadOptions<Methods extends ThreadMethods<Statistics>, Statistics> {
  /** As the reader of a reason knows it: `the code index`. */
  readonly name: string;
  readonly workerPath: string;
  readonly workerData: unknown;
  readonly open: Methods["open"]["params"];
  readonly idle: Statistics;
  /** One line of counts for the log, when the first walk has ended. */
  readonly counts: (statistics: Statistics) => string;
  readonly log: Log;
  readonly silenceLimitMs?: number | undefined;
}

/** What became of a call. */
export type WorkerReply<Result> = { readonly outcome: "done"; readonly result: Result } | { readonly outcome: "failed"; readonly reason: string };

/**
 * The host's side of a worker thread. Starts it with the first call; a crash fails what is pending and starts it once
 * more. Calls reject with the signal's reason only; a crash or an error in the worker is an outcome.
 */
export class WorkerThread<Methods extends ThreadMethods<Statistics>, Statistics extends ThreadStatistics> implements Disposable {
  readonly #options: WorkerThreadOptions<Methods, Statistics>;
  readonly #pending = new Map<number, (reply: WorkerReply<WorkerResult<Methods>>) => void>();
  #worker: Worker | undefined;
  #opened: Promise<WorkerReply<Statistics>> | undefined;
  #statistics: Statistics;
  #nextId = 1;
  #crashes = 0;
  #stopped: string | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(options: WorkerThreadOptions<Methods, Statistics>) {
    this.#options = options;
    this.#statistics = options.idle;
  }

  /** Opens the worker first where it has not been opened, without waiting for the end of its walk. */
  async call<M extends keyof Methods>(method: M, params: Methods[M]["params"], signal: AbortSignal): Promise<WorkerReply<Methods[M]["result"]>> {
    return this.#call(method, params, signal, true);
  }

  /** The same for a method that needs no walk of the folder. */
  async callUnopened<M extends keyof Methods>(method: M, params: Methods[M]["params"], signal: AbortSignal): Promise<WorkerReply<Methods[M]["result"]>> {
    return this.#call(method, params, signal, false);
  }

  /** Sends without waiting; lost when there is no worker any more. Before the first call nothing is indexed: the walk will read files as they are then. */
  tell<M extends keyof Methods>(method: M, params: Methods[M]["params"]): void {
    if (this.opened) void this.#request(this.#worker as Worker, method, params, undefined);
  }

  /** Whether a worker runs that has been opened. */
  get opened(): boolean {
    return this.#worker !== undefined && this.#opened !== undefined && this.#stopped === undefined;
  }

  /** Resolves when the first walk has ended, or with state `failed` and a note. */
  async ready(signal: AbortSignal): Promise<Statistics> {
    signal.throwIfAborted();
    const worker = this.#start();
    if (!worker) return this.#failed(this.#reason());
    const reply = await orAborted(this.#open(worker), signal);
    return reply.outcome === "done" ? reply.result : this.#failed(reply.reason);
  }

  /** The latest counts; cheap. */
  statistics(): Statistics {
    return this.#stopped === undefined ? this.#statistics : this.#failed(this.#stopped);
  }

  dispose(): void {
    this.#stopped ??= `${this.#options.name} has been closed`;
    this.#drop(this.#stopped);
  }

  async #call<M extends keyof Methods>(method: M, params: Methods[M]["params"], signal: AbortSignal, opens: boolean): Promise<WorkerReply<Methods[M]["result"]>> {
    signal.throwIfAborted();
    const worker = this.#start();
    if (!worker) return { outcome: "failed", reason: this.#reason() };
    if (opens) void this.#open(worker);
    return this.#request(worker, method, params, signal);
  }

  #start(): Worker | undefined {
    if (this.#stopped !== undefined) return undefined;
    if (this.#worker) return this.#worker;
    const worker = new Worker(this.#options.workerPath, { workerData: this.#options.workerData, resourceLimits: { maxOldGenerationSizeMb: MAXIMUM_HEAP_MB } });
    worker.unref(); // A command line that has its answer must be able to end.
    worker.on("message", (message: FromWorker<Methods, Statistics>) => this.#receive(worker, message));
    worker.on("error", (error) => this.#crashed(worker, error.message));
    worker.on("exit", (code) => this.#crashed(worker, `exit code ${code}`));
    this.#worker = worker;
    return worker;
  }

  /** The index begins with the first question about it. */
  #open(worker: Worker): Promise<WorkerReply<Statistics>> {
    this.#opened ??= this.#request(worker, "open", this.#options.open as Methods["open"]["params"], undefined).then((answered) => {
      const reply = answered as WorkerReply<Statistics>; // The worker answers a method with that method's result.
      if (reply.outcome === "done") this.#options.log.info(`${this.#options.name}: ${this.#options.counts(reply.result)}`);
      return reply;
    });
    return this.#opened;
  }

  #request<M extends keyof Methods>(worker: Worker, method: M, params: Methods[M]["params"], signal: AbortSignal | undefined): Promise<WorkerReply<Methods[M]["result"]>> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#forget(id);
        this.#send(worker, { kind: "cancel", id });
        reject(signal?.reason as Error);
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#pending.set(id, (reply) => {
        signal?.removeEventListener("abort", abort);
        resolve(reply as WorkerReply<Methods[M]["result"]>); // The worker answers a method with that method's result.
      });
      worker.ref();
      this.#send(worker, { kind: "request", id, method, params } as unknown as WorkerRequest<Methods>);
      this.#rewatch();
    });
  }

  #send(worker: Worker, message: ToWorker<Methods>): void {
    worker.postMessage(message);
  }

  #forget(id: number): ((reply: WorkerReply<WorkerResult<Methods>>) => void) | undefined {
    const settle = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#worker?.unref();
    return settle;
  }

  #receive(worker: Worker, message: FromWorker<Methods, Statistics>): void {
    if (worker !== this.#worker) return;
    switch (message.kind) {
      case "statistics":
        this.#statistics = message.statistics;
        break;
      case "result":
        this.#forget(message.id)?.({ outcome: "done", result: message.result });
        break;
      case "error":
        this.#forget(message.id)?.({ outcome: "failed", reason: message.message });
        break;
      default:
        message satisfies never;
    }
    this.#rewatch();
  }

  #crashed(worker: Worker, reason: string): void {
    if (worker !== this.#worker) return;
    const { name, log } = this.#options;
    this.#crashes++;
    log.warn(`${name}: its worker ended: ${reason}; ${this.#pending.size} calls failed`);
    const wasOpen = this.#opened !== undefined;
    if (this.#crashes > MAXIMUM_RESTARTS) this.#stopped = `${name} stopped after two crashes; reload the window to start it again`;
    this.#drop(`${name} stopped unexpectedly; ask again`);
    const next = this.#start();
    if (next && wasOpen) void this.#open(next);
  }

  #drop(reason: string): void {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#opened = undefined;
    clearTimeout(this.#watch);
    void worker?.terminate();
    for (const id of [...this.#pending.keys()]) this.#forget(id)?.({ outcome: "failed", reason });
  }

  #rewatch(): void {
    clearTimeout(this.#watch);
    if (this.#pending.size === 0 || !this.#worker) return;
    const worker = this.#worker;
    this.#watch = setTimeout(() => this.#crashed(worker, "no sign of life"), this.#options.silenceLimitMs ?? SILENCE_LIMIT_MS);
    this.#watch.unref();
  }

  #reason(): string {
    return this.#stopped ?? `${this.#options.name} has stopped`;
  }

  #failed(note: string): Statistics {
    return { ...this.#statistics, state: "failed", note };
  }
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
