import { stat } from "node:fs/promises";
import path from "node:path";
import type { Corpus } from "../../core/recall/corpus";
import { orderFiles, type ListedFile } from "../../core/recall/fileOrder";
import { IndexedFiles } from "../../core/recall/indexedFiles";
import { decodeIndex, type StoredIndex } from "../../core/recall/storedIndex";
import type { RecallOpenParams, RecallStatistics } from "../../protocol/recallWorker";
import { RecallStore } from "../store/recallStore";
import { judgeFile, listFiles, type Judged } from "./recallListing";
import { createQueue } from "./workerPort";
import { createWorkspaceExclusions, type WorkspaceExclusions } from "./workspaceExclusions";

const IGNORE_FILE = /(^|\/)\.(gitignore|ghostlightignore)$|^\.ghostlight\/policy\.json$/;
/** Reading the words of a larger file would keep a request waiting for more than 5 ms: it waits until nobody types. */
const LARGE_BYTES = 96 * 1024;
/** Files read at once: more would keep the disk from the editor, which shares its threads with us. */
const AT_ONCE = 32;

/** How the index shares its thread with requests. */
export interface RecallTurns {
  /** Lets requests go first; called after every file. */
  pause(): Promise<void>;
  /** Resolves when nobody has asked for a while. */
  quiet(): Promise<void>;
}

/** The words of one folder, inside recall's thread. Every change goes through one queue, so the last word about a file stays. */
export class RecallIndex {
  readonly #root: string;
  /** What a stored index must belong to: it knows its files by relative paths. */
  readonly #stamp: string;
  readonly #exclusions: WorkspaceExclusions;
  readonly #store: RecallStore | undefined;
  readonly #inOrder = createQueue();
  readonly #files: IndexedFiles;
  #excluded: Record<string, number> = {};
  #overLimit = 0;
  #storedFiles = 0;
  #state: RecallStatistics["state"] = "idle";
  #elapsedMs = 0;
  #note = "";
  #walks = 0;
  /** Paths whose changes were told since the latest walk began. */
  readonly #told = new Set<string>();
  /** Whether what is stored has been looked at: before that it must not be overwritten. */
  #loaded = false;
  #saving = new AbortController();
  #building: Promise<unknown> = Promise.resolve();

  /** `onProgress` is called after every file and, with `true`, when a walk or a change has ended. */
  constructor(private readonly open: RecallOpenParams, private readonly turns: RecallTurns, private readonly onProgress: (ended: boolean) => void) {
    this.#root = open.root === null ? "" : path.resolve(open.root);
    this.#stamp = JSON.stringify([open.version, this.#root]);
    this.#files = new IndexedFiles(open.limits);
    this.#exclusions = this.#createExclusions(true);
    this.#store = open.root === null || open.storageFolder === null ? undefined : new RecallStore(open.storageFolder);
  }

  /** What is indexed so far. */
  get corpus(): Corpus {
    return this.#files.corpus;
  }

  /** Walks the folder; also again later, when only changed files are read. */
  build(): Promise<RecallStatistics> {
    const building = this.#walk();
    this.#building = building.catch((error: unknown) => {
      this.#state = "failed";
      this.#note = messageOf(error);
    });
    return building;
  }

  /** Resolves when every change told so far is taken in and no walk is under way. */
  async settled(): Promise<void> {
    await this.#inOrder(() => undefined);
    await this.#building;
  }

  /** Takes in a file's text in the editor, or reads the file again. What the exclusions refuse is dropped. */
  async update(file: string, text: string | null): Promise<void> {
    const relative = this.#relative(file);
    if (relative === undefined) return;
    if (IGNORE_FILE.test(relative)) {
      // What is known stays until the new walk has judged it.
      this.build().catch(() => undefined);
      return;
    }
    await this.#change(relative, () => (text === null ? this.#reread(relative) : this.#takeText(relative, text)));
  }

  /** Forgets a file, or everything below a folder: a folder's end is told once. */
  async remove(file: string): Promise<void> {
    const relative = this.#relative(file);
    if (relative === undefined) return;
    await this.#change(relative, () => {
      for (const known of this.#files.paths()) if (known === relative || known.startsWith(`${relative}/`)) this.#files.drop(known);
    });
  }

  /** Empties the index and deletes what is stored of it, then walks anew. Resolves when nothing of the old one is left. */
  async forget(): Promise<void> {
    this.#walks++;
    this.#saving.abort();
    let failure: unknown;
    await this.#inOrder(async () => {
      this.#files.clear();
      this.#storedFiles = 0;
      this.#loaded = true;
      await this.#store?.remove().catch((error: unknown) => { failure = error; });
    });
    this.build().catch(() => undefined);
    if (failure !== undefined) throw failure as Error;
  }

  /** Stores the index where at least so many files changed since. Resolves also when it could not be stored; the note then says so. */
  async save(leastChanges: number): Promise<void> {
    const store = this.#store;
    await this.#inOrder(async () => {
      const changes = this.#files.unsaved;
      if (!store || !this.#loaded || changes < leastChanges) return;
      this.#saving = new AbortController();
      const { signal } = this.#saving;
      await store.write(this.#files.stored(this.#stamp), signal).catch((error: unknown) => {
        this.#files.unsaved += changes;
        if (!signal.aborted) this.#note = `the index could not be stored: ${messageOf(error)}`;
      });
    });
  }

  /** Ends a walk that is under way and stores what there is. */
  close(): Promise<void> {
    this.#walks++;
    return this.save(1);
  }

  statistics(): RecallStatistics {
    return {
      state: this.#state,
      files: this.#files.count,
      storedFiles: this.#storedFiles,
      sourceBytes: this.#files.sourceBytes,
      memoryBytes: this.#files.corpus.byteLength,
      elapsedMs: Math.round(this.#elapsedMs),
      excluded: { ...this.#excluded },
      overLimit: this.#overLimit,
      note: [this.#note, this.#shortfall()].filter(Boolean).join("; "),
    };
  }

  async #walk(): Promise<RecallStatistics> {
    const walk = ++this.#walks;
    const goesOn = (): boolean => walk === this.#walks; // A newer walk takes over.
    const start = performance.now();
    this.#state = "indexing";
    this.#told.clear();
    if (this.open.root !== null) {
      const exclusions = this.#createExclusions(false);
      const listing = await listFiles(this.#root, exclusions, this.open.limits.maximumFileBytes, goesOn);
      if (listing) await this.#takeListing(listing.files, listing.excluded, goesOn);
      if (listing) await this.#readAll(listing.files, exclusions, goesOn, start);
      if (!goesOn()) return this.statistics();
      await this.#inOrder(() => { this.#overLimit += this.#files.settleWalk(); });
    }
    this.#state = "ready";
    this.#elapsedMs = performance.now() - start;
    this.onProgress(true);
    return this.statistics();
  }

  /** Takes over what is stored, and drops what is gone or excluded by now. Nothing is answered from a file before it was judged anew. */
  async #takeListing(listed: readonly ListedFile[], excluded: Record<string, number>, goesOn: () => boolean): Promise<void> {
    this.#excluded = excluded;
    this.#overLimit = 0;
    const stored = this.#loaded ? undefined : await this.#decode();
    const names = new Set(listed.map((file) => file.path));
    await this.#inOrder(() => {
      if (!goesOn()) return;
      this.#loaded = true;
      if (stored) this.#storedFiles = this.#files.adopt(stored, listed);
      for (const file of this.#files.paths()) if (!names.has(file)) this.#files.drop(file);
    });
  }

  async #decode(): Promise<StoredIndex | undefined> {
    const bytes = await this.#store?.read().catch((error: unknown) => {
      this.#note = `the stored index could not be read: ${messageOf(error)}`;
      return undefined;
    });
    if (!bytes) return undefined;
    const steps = decodeIndex(bytes, this.#stamp);
    for (;;) {
      const step = steps.next();
      if (step.done === true) {
        if (!step.value) this.#note = "the stored index was damaged or of another version and was made anew";
        return step.value;
      }
      await this.turns.pause();
    }
  }

  async #readAll(files: readonly ListedFile[], exclusions: WorkspaceExclusions, goesOn: () => boolean, start: number): Promise<void> {
    const ordered = orderFiles(files, this.open.openFiles.map((file) => this.#relative(file) ?? file));
    const isLarge = (file: ListedFile): boolean => file.bytes > LARGE_BYTES;
    const unread = ordered.filter((file) => !this.#files.isCurrent(file));
    const large = unread.filter(isLarge).map((file) => [file]);
    for (const batch of [...batchesOf(unread.filter((file) => !isLarge(file)), AT_ONCE), ...large]) {
      const judged = await Promise.all(batch.map((file) => this.#judge(file, exclusions)));
      for (const [index, file] of batch.entries()) {
        if (!goesOn()) return;
        if (isLarge(file)) await this.turns.quiet();
        await this.#inOrder(() => { if (goesOn() && !this.#wasTold(file.path)) this.#take(file, judged[index]); });
        await this.turns.pause();
      }
      this.#elapsedMs = performance.now() - start;
      this.onProgress(false);
    }
  }

  /** `full` where the caps have no room for it: then it is not opened. */
  async #judge(file: ListedFile, exclusions: WorkspaceExclusions): Promise<Judged | "full"> {
    return this.#files.isFull(file) ? "full" : judgeFile(this.#root, file.path, exclusions);
  }

  #take(file: ListedFile, judged: Judged | "full"): void {
    if (judged === "full" || this.#files.isFull(file)) this.#overLimit++;
    else if (judged === undefined) this.#files.drop(file.path);
    else if ("reason" in judged) {
      this.#excluded[judged.reason] = (this.#excluded[judged.reason] ?? 0) + 1;
      this.#files.drop(file.path);
    } else this.#files.putFile(file, judged.toString("utf8"));
  }

  /** Whether a change of the file, or of a folder it lies in, was told since the walk began: what the walk read may be older. */
  #wasTold(file: string): boolean {
    for (const told of this.#told) if (file === told || file.startsWith(`${told}/`)) return true;
    return false;
  }

  async #change(relative: string, change: () => Promise<void> | void): Promise<void> {
    if (this.#state === "indexing") this.#told.add(relative);
    const before = this.#files.unsaved;
    await this.#inOrder(change);
    if (this.#files.unsaved !== before) this.onProgress(true);
  }

  async #reread(relative: string): Promise<void> {
    this.#files.dropText(relative);
    // Thousands of changes are told when a package is installed: names come first, nothing is opened for those.
    if ((await this.#exclusions.decideName(relative)).excluded) {
      this.#files.drop(relative);
      return;
    }
    const facts = await stat(path.join(this.#root, relative)).catch(() => undefined);
    const file = facts?.isFile() === true ? { path: relative, bytes: facts.size, modified: facts.mtimeMs } : undefined;
    if (!file) {
      this.#files.drop(relative);
      return;
    }
    if (this.#files.isCurrent(file)) return;
    if (file.bytes > LARGE_BYTES) await this.turns.quiet();
    this.#take(file, await this.#judge(file, this.#exclusions));
    this.#files.corpus.settle();
  }

  async #takeText(relative: string, text: string): Promise<void> {
    const decision = await this.#exclusions.decideText(relative, text);
    if (decision.excluded) {
      this.#files.drop(relative);
      return;
    }
    if (text.length > LARGE_BYTES) await this.turns.quiet();
    this.#overLimit += this.#files.putText(relative, text);
  }

  /** Relative path with `/`; undefined outside of the folder. */
  #relative(file: string): string | undefined {
    if (this.open.root === null) return undefined;
    const relative = path.relative(this.#root, path.resolve(this.#root, file));
    const outside = relative === "" || relative === ".." || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative);
    return outside ? undefined : relative.split(path.sep).join("/");
  }

  #createExclusions(recheck: boolean): WorkspaceExclusions {
    const { root, editorExcludes, userGlobs, readAbove, limits } = this.open;
    return createWorkspaceExclusions({ root, editorExcludes, userGlobs, readAbove, limits, recheck });
  }

  #shortfall(): string {
    if (this.open.root === null) return "no folder is open";
    const { maximumFiles, maximumMemoryBytes } = this.open.limits;
    return this.#overLimit > 0 ? `${this.#overLimit} files were not indexed: more than ${maximumFiles} files or ${Math.round(maximumMemoryBytes / 1e6)} MB of memory` : "";
  }
}

function batchesOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
