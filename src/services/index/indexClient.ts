import { Worker } from "node:worker_threads";
import type { Disposable } from "../../core/util/dispose";
import type { Log } from "../../core/util/log";
import type { FromIndexWorker, IndexMethod, IndexMethods, IndexRequest, IndexStatistics, IndexWorkerData, OpenParams, ToIndexWorker } from "../../protocol/indexWorker";

/** The worker is started again this many times; after that every call is answered with the reason. */
const MAXIMUM_RESTARTS = 1;
/** A worker that owes an answer and has been silent this long is ended: parsers have been known to spin. */
const SILENCE_LIMIT_MS = 20_000;

/** A worker that needs more than this ends alone, not with the extension host. */
const MAXIMUM_HEAP_MB = 1_024;

export interface IndexClientOptions {
  readonly workerPath: string;
  readonly grammarsPath: string;
  readonly open: OpenParams;
  readonly log: Log;
  readonly silenceLimitMs?: number;
}

export type IndexReply<M extends IndexMethod> =
  | { readonly outcome: "done"; readonly result: IndexMethods[M]["result"] }
  | { readonly outcome: "failed"; readonly reason: string };

/** The host's side of the worker thread. Starts it with the first call; a crash fails what is pending and starts it once more. */
export interface IndexClient extends Disposable {
  /** Rejects with the signal's reason only; a crash or an error in the worker is an outcome. */
  call<M extends IndexMethod>(method: M, params: IndexMethods[M]["params"], signal: AbortSignal): Promise<IndexReply<M>>;
  /** Sends without waiting; lost when there is no worker any more. */
  tell<M extends "update" | "remove">(method: M, params: IndexMethods[M]["params"]): void;
  /** Resolves when the first walk has ended, or with state `failed` and a note. */
  ready(signal: AbortSignal): Promise<IndexStatistics>;
  statistics(): IndexStatistics;
}

interface Pending {
  settle(reply: IndexReply<IndexMethod>): void;
}

const NOTHING_YET: IndexStatistics = { state: "idle", files: 0, definitions: 0, bytes: 0, elapsedMs: 0, excluded: {}, overLimit: 0, note: "" };

/** Creates the client; no thread yet. */
export function createIndexClient(options: IndexClientOptions): IndexClient {
  return new ThreadClient(options);
}

class ThreadClient implements IndexClient {
  readonly #options: IndexClientOptions;
  readonly #pending = new Map<number, Pending>();
  #worker: Worker | undefined;
  #opened: Promise<IndexReply<"open">> | undefined;
  #statistics: IndexStatistics = NOTHING_YET;
  #nextId = 1;
  #crashes = 0;
  #stopped: string | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(options: IndexClientOptions) {
    this.#options = options;
  }

  async call<M extends IndexMethod>(method: M, params: IndexMethods[M]["params"], signal: AbortSignal): Promise<IndexReply<M>> {
    signal.throwIfAborted();
    const worker = this.#start();
    if (!worker) return { outcome: "failed", reason: this.#stopped ?? "the code index has stopped" };
    if (method !== "outline") void this.#open(worker);
    return this.#request(worker, method, params, signal);
  }

  tell<M extends "update" | "remove">(method: M, params: IndexMethods[M]["params"]): void {
    // Before the first question nothing is indexed: the walk will read the file as it is then.
    if (!this.#worker || !this.#opened || this.#stopped) return;
    void this.#request(this.#worker, method, params, undefined);
  }

  async ready(signal: AbortSignal): Promise<IndexStatistics> {
    signal.throwIfAborted();
    const worker = this.#start();
    if (!worker) return this.#failed(this.#stopped ?? "the code index has stopped");
    const reply = await orAborted(this.#open(worker), signal);
    return reply.outcome === "done" ? reply.result : this.#failed(reply.reason);
  }

  statistics(): IndexStatistics {
    return this.#stopped ? this.#failed(this.#stopped) : this.#statistics;
  }

  dispose(): void {
    this.#stopped ??= "the code index has been closed";
    this.#drop(this.#stopped);
  }

  #start(): Worker | undefined {
    if (this.#stopped) return undefined;
    if (this.#worker) return this.#worker;
    const workerData: IndexWorkerData = { grammarsPath: this.#options.grammarsPath };
    const worker = new Worker(this.#options.workerPath, { workerData, resourceLimits: { maxOldGenerationSizeMb: MAXIMUM_HEAP_MB } });
    worker.unref(); // A command line that has its answer must be able to end.
    worker.on("message", (message: FromIndexWorker) => this.#receive(worker, message));
    worker.on("error", (error) => this.#crashed(worker, error.message));
    worker.on("exit", (code) => this.#crashed(worker, `exit code ${code}`));
    this.#worker = worker;
    return worker;
  }

  /** The index begins with the first question about it: an outline for a completion needs none. */
  #open(worker: Worker): Promise<IndexReply<"open">> {
    this.#opened ??= this.#request(worker, "open", this.#options.open, undefined).then((reply) => {
      if (reply.outcome === "done") this.#options.log.info(`index: ${counts(reply.result)}`);
      return reply;
    });
    return this.#opened;
  }

  #request<M extends IndexMethod>(worker: Worker, method: M, params: IndexMethods[M]["params"], signal: AbortSignal | undefined): Promise<IndexReply<M>> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#forget(id);
        this.#send(worker, { kind: "cancel", id });
        reject(signal?.reason as Error);
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#pending.set(id, {
        settle: (reply) => {
          signal?.removeEventListener("abort", abort);
          resolve(reply as IndexReply<M>); // The worker answers a method with that method's result.
        },
      });
      worker.ref();
      this.#send(worker, { kind: "request", id, method, params } as IndexRequest);
      this.#rewatch();
    });
  }

  #send(worker: Worker, message: ToIndexWorker): void {
    worker.postMessage(message);
  }

  #forget(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#worker?.unref();
    return pending;
  }

  #receive(worker: Worker, message: FromIndexWorker): void {
    if (worker !== this.#worker) return;
    switch (message.kind) {
      case "statistics":
        this.#statistics = message.statistics;
        break;
      case "result":
        this.#forget(message.id)?.settle({ outcome: "done", result: message.result });
        break;
      case "error":
        this.#forget(message.id)?.settle({ outcome: "failed", reason: message.message });
        break;
      default:
        message satisfies never;
    }
    this.#rewatch();
  }

  #crashed(worker: Worker, reason: string): void {
    if (worker !== this.#worker) return;
    this.#crashes++;
    this.#options.log.warn(`index worker ended: ${reason}; ${this.#pending.size} calls failed`);
    const wasOpen = this.#opened !== undefined;
    if (this.#crashes > MAXIMUM_RESTARTS) this.#stopped = "the code index stopped after two crashes; reload the window to start it again";
    this.#drop("the code index stopped unexpectedly; ask again");
    const next = this.#start();
    if (next && wasOpen) void this.#open(next);
  }

  #drop(reason: string): void {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#opened = undefined;
    clearTimeout(this.#watch);
    void worker?.terminate();
    for (const id of [...this.#pending.keys()]) this.#forget(id)?.settle({ outcome: "failed", reason });
  }

  #rewatch(): void {
    clearTimeout(this.#watch);
    if (this.#pending.size === 0 || !this.#worker) return;
    const worker = this.#worker;
    this.#watch = setTimeout(() => this.#crashed(worker, "no sign of life"), this.#options.silenceLimitMs ?? SILENCE_LIMIT_MS);
    this.#watch.unref();
  }

  #failed(note: string): IndexStatistics {
    return { ...this.#statistics, state: "failed", note };
  }
}

function counts({ files, definitions, bytes, elapsedMs, excluded, note }: IndexStatistics): string {
  const left = Object.entries(excluded).map(([reason, count]) => `${reason} ${count}`);
  return `${files} files, ${definitions} definitions, ${Math.round(bytes / 1024)} kB, ${elapsedMs} ms; left out: ${left.join(", ") || "nothing"}${note ? `; ${note}` : ""}`;
}

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
