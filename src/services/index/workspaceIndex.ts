import { readFileSync, realpathSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { HEAD_BYTES, signOfHead } from "../../core/context/contentSigns";
import { languageOf } from "../../core/context/languages";
import { createSymbolStore } from "../../core/context/symbolStore";
import type { SymbolIndex } from "../../core/chat/symbolIndex";
import type { IndexStatistics, OpenParams } from "../../protocol/indexWorker";
import { INDEX_TIME_LIMIT_MS, type OutlineMaker } from "../syntax/treeSitterOutline";
import { walk } from "./walk";
import { createWorkspaceExclusions, type WorkspaceExclusions } from "./workspaceExclusions";

const EXCLUDED_FILES_KEPT = 5_000;
const IGNORE_FILE = /(^|\/)\.(gitignore|ghostlightignore)$|^\.ghostlight\/policy\.json$/;

/** The index of one folder, inside the worker thread. Files are read one at a time; between two the thread answers others. */
export interface WorkspaceIndex {
  readonly symbols: SymbolIndex;
  /** Walks the folder; also again later, when only changed files are read. */
  build(): Promise<IndexStatistics>;
  /** Resolves when no walk is under way, however it ended. */
  settled(): Promise<unknown>;
  update(file: string, text: string | null): Promise<void>;
  remove(file: string): void;
  statistics(): IndexStatistics;
  /** Relative path (with `/`) of a path that may be absolute; as it is when it lies outside. */
  relative(file: string): string;
}

interface KnownFile {
  readonly bytes: number;
  readonly modified: number;
}

/** Creates the index; reads nothing before `build`. `onProgress` is called after every file and, with `true`, at the end of a walk. */
export function createWorkspaceIndex(open: OpenParams, outlines: OutlineMaker, onProgress: (ended: boolean) => void): WorkspaceIndex {
  return new FolderIndex(open, outlines, onProgress);
}

class FolderIndex implements WorkspaceIndex {
  readonly #open: OpenParams;
  readonly #root: string;
  readonly #outlines: OutlineMaker;
  readonly #onProgress: (ended: boolean) => void;
  readonly #exclusions: WorkspaceExclusions;
  readonly #store = createSymbolStore();
  readonly #known = new Map<string, KnownFile>();
  /** Texts of the editor, newer than the disk. */
  readonly #texts = new Map<string, string>();
  /** Files of a parsed language whose parse was given up. */
  readonly #unparsed = new Set<string>();
  readonly #excluded = new Map<string, string>();
  #counts: Record<string, number> = {};
  #bytes = 0;
  #overLimit = 0;
  #state: IndexStatistics["state"] = "idle";
  #elapsedMs = 0;
  #walks = 0;
  #building: Promise<unknown> = Promise.resolve();

  constructor(open: OpenParams, outlines: OutlineMaker, onProgress: (ended: boolean) => void) {
    this.#open = open;
    this.#root = open.root === null ? "" : path.resolve(open.root);
    this.#outlines = outlines;
    this.#onProgress = onProgress;
    this.#exclusions = createWorkspaceExclusions(this.#exclusionOptions(true));
  }

  readonly symbols: SymbolIndex = {
    files: () => this.#store.files(),
    outline: (file) => this.#store.outline(file),
    named: (name) => this.#store.named(name),
    namedLoosely: (name) => this.#store.namedLoosely(name),
    search: (words, limit) => this.#store.search(words, limit),
    filesMentioning: (name) => this.#store.filesMentioning(name),
    text: (file) => this.#text(file),
    exclusionOf: (file) => this.#exclusionOf(file),
    shortfall: () => this.#shortfall(),
  };

  build(): Promise<IndexStatistics> {
    const building = this.#walk();
    this.#building = building.catch(() => (this.#state = "failed"));
    return building;
  }

  settled(): Promise<unknown> {
    return this.#building;
  }

  async #walk(): Promise<IndexStatistics> {
    const walkNumber = ++this.#walks;
    this.#state = "indexing";
    const start = performance.now();
    this.#counts = {};
    this.#excluded.clear();
    this.#overLimit = 0;
    const seen = new Set<string>();
    if (this.#open.root !== null) {
      const exclusions = createWorkspaceExclusions(this.#exclusionOptions(false));
      for await (const step of walk(this.#root, exclusions, () => this.#isFull(0))) {
        if (walkNumber !== this.#walks) return this.statistics(); // A newer walk has taken over.
        if ("file" in step) {
          seen.add(step.file);
          await this.#read(step.file);
        } else this.#exclude(step.excluded, step.reason);
        this.#elapsedMs = performance.now() - start;
        this.#onProgress(false);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
    for (const file of [...this.#known.keys()]) if (!seen.has(file)) this.#drop(file);
    this.#state = "ready";
    this.#elapsedMs = performance.now() - start;
    this.#onProgress(true);
    return this.statistics();
  }

  async update(file: string, text: string | null): Promise<void> {
    const relative = this.relative(file);
    if (this.#open.root === null || path.isAbsolute(relative)) return;
    if (IGNORE_FILE.test(relative)) {
      // What is known stays until the new walk has judged it.
      this.build().catch(() => undefined);
      return;
    }
    if (text === null) this.#texts.delete(relative);
    const decision = await this.#exclusions.decide(relative);
    const reason = decision.excluded ? decision.reason : this.#reasonAgainst(text);
    if (reason) {
      this.#drop(relative);
      this.#exclude(relative, reason);
      return;
    }
    this.#excluded.delete(relative);
    if (text === null) return this.#read(relative);
    this.#texts.set(relative, text);
    await this.#put(relative, text, { bytes: text.length, modified: -1 });
  }

  remove(file: string): void {
    const relative = this.relative(file);
    this.#drop(relative);
    // A folder's end is told once: everything below it goes too.
    for (const known of [...this.#known.keys()]) if (known.startsWith(`${relative}/`)) this.#drop(known);
  }

  statistics(): IndexStatistics {
    return {
      state: this.#state,
      files: this.#known.size,
      definitions: this.#store.definitionCount(),
      bytes: this.#bytes,
      elapsedMs: Math.round(this.#elapsedMs),
      excluded: { ...this.#counts },
      overLimit: this.#overLimit,
      note: [this.#shortfall(), this.#unparsed.size > 0 ? `${this.#unparsed.size} files could not be parsed and were read line by line` : ""].filter(Boolean).join("; "),
    };
  }

  relative(file: string): string {
    if (this.#open.root === null || !path.isAbsolute(file)) return file.split(path.sep).join("/");
    const relative = path.relative(this.#root, file);
    return relative.startsWith("..") || path.isAbsolute(relative) ? file : relative.split(path.sep).join("/");
  }

  #exclusionOptions(recheck: boolean) {
    const { root, editorExcludes, userGlobs, readAbove, limits } = this.#open;
    return { root, editorExcludes, userGlobs, readAbove, limits, recheck };
  }

  #reasonAgainst(text: string | null): string | undefined {
    if (text === null) return undefined;
    if (text.length > this.#open.limits.maximumFileBytes) return "too large";
    return signOfHead(new TextEncoder().encode(text.slice(0, HEAD_BYTES)));
  }

  async #read(file: string): Promise<void> {
    if (this.#texts.has(file)) return; // The editor's text is newer.
    const absolute = path.join(this.#root, file);
    const facts = await stat(absolute).catch(() => undefined);
    const known = this.#known.get(file);
    if (!facts || (known && known.modified === facts.mtimeMs && known.bytes === facts.size)) return facts ? undefined : this.#drop(file);
    if (!known && this.#isFull(facts.size)) {
      this.#overLimit++;
      return;
    }
    const text = await readFile(absolute, "utf8").catch(() => undefined);
    if (text !== undefined) await this.#put(file, text.replace(/^\uFEFF/, ""), { bytes: facts.size, modified: facts.mtimeMs });
  }

  async #put(file: string, text: string, facts: KnownFile): Promise<void> {
    const outline = await this.#outlines.outline(file, text, undefined, INDEX_TIME_LIMIT_MS);
    if (outline.method === "lines" && languageOf(file)) this.#unparsed.add(file);
    else this.#unparsed.delete(file);
    this.#bytes += facts.bytes - (this.#known.get(file)?.bytes ?? 0);
    this.#known.set(file, facts);
    this.#store.put(outline, text);
  }

  #isFull(bytes: number): boolean {
    const { maximumFiles, maximumTotalBytes } = this.#open.limits;
    return this.#known.size >= maximumFiles || this.#bytes + bytes > maximumTotalBytes;
  }

  #drop(file: string): void {
    this.#bytes -= this.#known.get(file)?.bytes ?? 0;
    this.#known.delete(file);
    this.#texts.delete(file);
    this.#unparsed.delete(file);
    this.#store.remove(file);
  }

  #exclude(file: string, reason: string): void {
    this.#counts[reason] = (this.#counts[reason] ?? 0) + 1;
    if (this.#excluded.size < EXCLUDED_FILES_KEPT) this.#excluded.set(file, reason);
  }

  /** A file below an excluded folder shares its reason: the walk never saw the file itself. */
  #exclusionOf(file: string): string | undefined {
    for (let part = file; part !== ""; part = part.slice(0, Math.max(0, part.lastIndexOf("/")))) {
      const reason = this.#excluded.get(part);
      if (reason) return reason;
    }
    return undefined;
  }

  /** Undefined too when the path has become a link since it was indexed: the exclusions never saw that target. */
  #text(file: string): string | undefined {
    const text = this.#texts.get(file);
    if (text !== undefined || !this.#known.has(file)) return text;
    try {
      const absolute = path.join(realpathSync(this.#root), file);
      return realpathSync(absolute) === absolute ? readFileSync(absolute, "utf8").replace(/^\uFEFF/, "") : undefined;
    } catch {
      return undefined;
    }
  }

  #shortfall(): string {
    if (this.#open.root === null) return "no folder is open";
    const parts: string[] = [];
    if (this.#state === "indexing") parts.push(`the index is still being built (${this.#known.size} files so far)`);
    const { maximumFiles, maximumTotalBytes } = this.#open.limits;
    if (this.#overLimit > 0) parts.push(`${this.#overLimit} files were not indexed: more than ${maximumFiles} files or ${Math.round(maximumTotalBytes / 1024 / 1024)} MB`);
    return parts.join("; ");
  }
}
