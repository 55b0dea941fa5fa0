import type { Disposable } from "../../core/util/dispose";
import type { Log } from "../../core/util/log";
import type { IndexMethod, IndexMethods, IndexStatistics, IndexWorkerData, OpenParams } from "../../protocol/indexWorker";
import { WorkerThread, type WorkerReply } from "./workerThread";

export interface IndexClientOptions {
  readonly workerPath: string;
  readonly grammarsPath: string;
  readonly open: OpenParams;
  readonly log: Log;
  readonly silenceLimitMs?: number;
}

export type IndexReply<M extends IndexMethod> = WorkerReply<IndexMethods[M]["result"]>;

/** The host's side of the index worker thread; see `WorkerThread` for when it starts, crashes and restarts. */
export interface IndexClient extends Disposable {
  /** Rejects with the signal's reason only; a crash or an error in the worker is an outcome. */
  call<M extends IndexMethod>(method: M, params: IndexMethods[M]["params"], signal: AbortSignal): Promise<IndexReply<M>>;
  /** Sends without waiting; lost when there is no worker any more. */
  tell<M extends "update" | "remove">(method: M, params: IndexMethods[M]["params"]): void;
  /** Resolves when the first walk has ended, or with state `failed` and a note. */
  ready(signal: AbortSignal): Promise<IndexStatistics>;
  statistics(): IndexStatistics;
}

const NOTHING_YET: IndexStatistics = { state: "idle", files: 0, definitions: 0, bytes: 0, elapsedMs: 0, excluded: {}, overLimit: 0, note: "" };

/** Creates the client; no thread yet. */
export function createIndexClient({ grammarsPath, ...options }: IndexClientOptions): IndexClient {
  const workerData: IndexWorkerData = { grammarsPath };
  const thread = new WorkerThread<IndexMethods, IndexStatistics>({ ...options, workerData, name: "the code index", idle: NOTHING_YET, counts });
  return {
    // Neither an outline for a completion nor the check of an answer's code needs a walk of the folder.
    call: (method, params, signal) => (method === "outline" || method === "checkCode" ? thread.callUnopened(method, params, signal) : thread.call(method, params, signal)),
    tell: (method, params) => { thread.tell(method, params); },
    ready: (signal) => thread.ready(signal),
    statistics: () => thread.statistics(),
    dispose: () => { thread.dispose(); },
  };
}

function counts({ files, definitions, bytes, elapsedMs, excluded, note }: IndexStatistics): string {
  return `${files} files, ${definitions} definitions, ${Math.round(bytes / 1024)} kB, ${elapsedMs} ms; left out: ${excludedCounts(excluded)}${note ? `; ${note}` : ""}`;
}

/** `ignore file 3, binary 1`, or `nothing`. */
export function excludedCounts(excluded: Readonly<Record<string, number>>): string {
  return Object.entries(excluded).map(([reason, count]) => `${reason} ${count}`).join(", ") || "nothing";
}
