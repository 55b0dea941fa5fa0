/**
 * What crosses between a host thread (extension host or command line) and the thread that holds recall's index: the
 * words of the workspace's files. It has a thread of its own, because an answer is due within milliseconds while the
 * code index may parse for hundreds of them. The version is checked in the first message (`open`).
 */
import type { IndexState, OpenParams, UpdateParams } from "./indexWorker";
import type { FromWorker, ToWorker, WorkerRequest } from "./workerMessages";

/** Raised with every change of a message's shape. */
export const RECALL_PROTOCOL_VERSION = 1;

/** Caps of one index. What they leave out is counted in `RecallStatistics`. */
export interface RecallLimits {
  readonly maximumFiles: number;
  /** Bytes that the index may hold in memory. */
  readonly maximumMemoryBytes: number;
  readonly maximumFileBytes: number;
}

/** The folder (null also where it is not trusted: then nothing on disk is read) and what recall needs beside it. */
export interface RecallOpenParams extends Omit<OpenParams, "limits"> {
  /** Paths (relative or absolute) of files open in the editor: they and their folders are read first. */
  readonly openFiles: readonly string[];
  /** Absolute path of the folder where the index is kept between sessions; null: it is not kept. */
  readonly storageFolder: string | null;
  /** Ghostlight's version: an index stored by another one is not read, as its rules may have been others. */
  readonly version: string;
  readonly limits: RecallLimits;
}

/** The part of a document around the cursor that recall needs; see `core/completion/snapshot.ts`. */
export interface SuggestParams {
  readonly path: string;
  readonly offset: number;
  readonly before: string;
  readonly after: string;
}

/** The shapes of `core/recall/suggestion.ts`, said again because a protocol imports nothing. */
export interface RecallAnswerData {
  readonly candidates: readonly {
    readonly text: string;
    readonly probability: number;
    readonly following: readonly { readonly text: string; readonly probability: number }[];
  }[];
}

/** Counts only: may be logged. */
export interface RecallStatistics {
  readonly state: IndexState;
  readonly files: number;
  /** Files taken over from the stored index, without reading them. */
  readonly storedFiles: number;
  /** Bytes of the indexed files on disk. */
  readonly sourceBytes: number;
  /** Bytes that the index holds in memory. */
  readonly memoryBytes: number;
  /** Milliseconds of the latest walk so far, or whole when ready. */
  readonly elapsedMs: number;
  /** Files and folders not indexed, by reason, with how many. */
  readonly excluded: Readonly<Record<string, number>>;
  /** Files that only the caps kept out. */
  readonly overLimit: number;
  /** A sentence when something went wrong or was capped; empty otherwise. */
  readonly note: string;
}

/** Every request by name, with its parameters and result. */
export type RecallMethods = {
  /** Starts the index; answers when the first walk has ended. */
  readonly open: { readonly params: RecallOpenParams; readonly result: RecallStatistics };
  /** The rest of the line at once, from what is indexed so far. */
  readonly suggest: { readonly params: SuggestParams; readonly result: RecallAnswerData };
  readonly update: { readonly params: UpdateParams; readonly result: null };
  readonly remove: { readonly params: { readonly path: string }; readonly result: null };
  /** Empties the index in memory and on disk; answers when that is done. A new walk then begins. */
  readonly forget: { readonly params: null; readonly result: null };
  /** Stores what is not stored yet; answers when that is done. The index is not used afterwards. */
  readonly close: { readonly params: null; readonly result: null };
};
export type RecallRequest = WorkerRequest<RecallMethods>;
export type ToRecallWorker = ToWorker<RecallMethods>;
export type FromRecallWorker = FromWorker<RecallMethods, RecallStatistics>;

/** `workerData` of the thread. */
export interface RecallWorkerData {
  /** `models/recall/weights.json`. */
  readonly weightsPath: string;
}
