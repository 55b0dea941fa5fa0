import type { Snapshot } from "../../core/completion/snapshot";
import type { RecallAnswer } from "../../core/recall/suggestion";
import type { Disposable } from "../../core/util/dispose";
import type { Log } from "../../core/util/log";
import { RECALL_PROTOCOL_VERSION, type RecallLimits, type RecallMethods, type RecallStatistics, type RecallWorkerData } from "../../protocol/recallWorker";
import { RecallStore } from "../store/recallStore";
import { excludedCounts } from "./indexClient";
import { WorkerThread } from "./workerThread";

/** What recall of one folder is built from. Paths are absolute. */
export interface RecallVoiceOptions {
  /** The workspace folder; null when none is open or it is not trusted: then only the open document answers. */
  readonly root: string | null;
  /** `dist/recallWorker.js`. */
  readonly workerPath: string;
  /** `models/recall/weights.json`. */
  readonly weightsPath: string;
  /** Where the index is kept between sessions; null: nowhere. */
  readonly storageFolder: string | null;
  /** Ghostlight's version: an index stored by another one is made anew. */
  readonly version: string;
  /** Globs of the editor's `files.exclude` and `search.exclude` that are switched on. */
  readonly editorExcludes: readonly string[];
  /** The user's own globs, in the form of a line of `.gitignore`. */
  readonly userGlobs: readonly string[];
  /** Whether ignore files above the folder count, up to the git repository it lies in. */
  readonly readAbove: boolean;
  /** Files open in the editor, relative or absolute: they and their folders come first. */
  readonly openFiles: readonly string[];
  readonly log: Log;
  readonly limits?: Partial<RecallLimits>;
}

/**
 * Recall over one workspace folder, in a thread of its own that starts with the first need. Promises reject only with
 * the signal's reason; a broken thread gives an empty answer and one line in the log.
 */
export interface FolderRecall extends Disposable {
  /** The rest of the line from the person's own code. Whether the document may be read at all is asked before (the exclusions). */
  suggest(snapshot: Pick<Snapshot, "path" | "offset" | "before" | "after">, signal: AbortSignal): Promise<RecallAnswer>;
  /** Starts the index where it has not been started; resolves when the first walk has ended. */
  ready(signal: AbortSignal): Promise<RecallStatistics>;
  /** Tells of a changed file: its text in the editor, or null to read it from disk. Cheap: returns at once. */
  update(path: string, text: string | null): void;
  /** The same, and resolves when answers follow it: for whoever asks about texts that stand in for the disk. */
  take(path: string, text: string | null, signal: AbortSignal): Promise<void>;
  /** Tells of a deleted file or folder. */
  remove(path: string): void;
  /** Deletes the index, in memory and on disk, and begins a new one. Resolves when it is gone; rejects when a file could not be deleted. */
  forget(): Promise<void>;
  /** The latest counts; cheap. */
  statistics(): RecallStatistics;
  /** Begins to store what is not stored yet, then ends the thread; `closed` resolves after that, in 3 s at most. */
  dispose(): void;
  readonly closed: Promise<void>;
}

const DEFAULT_LIMITS: RecallLimits = { maximumFiles: 100_000, maximumMemoryBytes: 200_000_000, maximumFileBytes: 1024 * 1024 };
const NOTHING_YET: RecallStatistics = { state: "idle", files: 0, storedFiles: 0, sourceBytes: 0, memoryBytes: 0, elapsedMs: 0, excluded: {}, overLimit: 0, note: "" };
const NO_ANSWER: RecallAnswer = { candidates: [] };
/** How long a closing window waits for the index to be stored. */
const CLOSE_LIMIT_MS = 3_000;

/** Builds recall for one folder. Starts nothing until it is asked. Whoever calls this disposes of it. */
export function createRecallVoice(options: RecallVoiceOptions): FolderRecall {
  return new RecallThread(options);
}

class RecallThread implements FolderRecall {
  readonly #options: RecallVoiceOptions;
  readonly #thread: WorkerThread<RecallMethods, RecallStatistics>;
  #closed: Promise<void> | undefined;
  /** The reason that was logged last: a reason that stays is one line, not one a key. */
  #reason = "";

  constructor(options: RecallVoiceOptions) {
    const { workerPath, weightsPath, log, limits, root, storageFolder, version, editorExcludes, userGlobs, readAbove, openFiles } = options;
    const workerData: RecallWorkerData = { weightsPath };
    const open = { protocolVersion: RECALL_PROTOCOL_VERSION, root, storageFolder, version, editorExcludes, userGlobs, readAbove, openFiles, limits: { ...DEFAULT_LIMITS, ...limits } };
    this.#options = options;
    this.#thread = new WorkerThread({ name: "recall", workerPath, workerData, open, idle: NOTHING_YET, counts, log });
  }

  async suggest({ path, offset, before, after }: Pick<Snapshot, "path" | "offset" | "before" | "after">, signal: AbortSignal): Promise<RecallAnswer> {
    const reply = await this.#thread.call("suggest", { path, offset, before, after }, signal);
    const reason = reply.outcome === "failed" ? reply.reason : "";
    if (reason !== "" && reason !== this.#reason) this.#options.log.warn(`recall: no answer: ${reason}`);
    this.#reason = reason;
    return reply.outcome === "done" ? reply.result : NO_ANSWER;
  }

  ready(signal: AbortSignal): Promise<RecallStatistics> {
    return this.#thread.ready(signal);
  }

  update(path: string, text: string | null): void {
    this.#thread.tell("update", { path, text });
  }

  async take(path: string, text: string | null, signal: AbortSignal): Promise<void> {
    await this.#thread.call("update", { path, text }, signal);
  }

  remove(path: string): void {
    this.#thread.tell("remove", { path });
  }

  async forget(): Promise<void> {
    const { root, storageFolder, log } = this.#options;
    const reply = await this.#thread.call("forget", null, new AbortController().signal);
    if (reply.outcome === "failed") log.warn(`recall: forgetting: ${reply.reason}`);
    // Without a thread, or without a folder it may read, the file goes all the same.
    if (storageFolder !== null && (reply.outcome === "failed" || root === null)) await new RecallStore(storageFolder).remove();
  }

  statistics(): RecallStatistics {
    return this.#thread.statistics();
  }

  get closed(): Promise<void> {
    return this.#closed ?? Promise.resolve();
  }

  dispose(): void {
    this.#closed ??= this.#close();
  }

  async #close(): Promise<void> {
    if (this.#thread.opened) await this.#thread.call("close", null, AbortSignal.timeout(CLOSE_LIMIT_MS)).catch(() => undefined);
    this.#thread.dispose();
  }
}

function counts({ files, storedFiles, sourceBytes, memoryBytes, elapsedMs, excluded, note }: RecallStatistics): string {
  return `${files} files (${storedFiles} from the stored index), ${Math.round(sourceBytes / 1024)} kB in ${Math.round(memoryBytes / 1024)} kB of memory, ${elapsedMs} ms; left out: ${excludedCounts(excluded)}${note ? `; ${note}` : ""}`;
}
