import { Corpus } from "./corpus";
import type { ListedFile } from "./fileOrder";
import { encodeIndex, type StoredIndex } from "./storedIndex";

/** Caps of an index. */
export interface IndexedLimits {
  readonly maximumFiles: number;
  readonly maximumMemoryBytes: number;
}

/** Memory that a file will need, for each byte of it: a little above the measured mean. */
const MEMORY_PER_BYTE = 2;
/** What the newest words take in addition when they become searchable: a segment's units and places. */
const UNSETTLED_BYTES = 500_000;

/**
 * The files whose words are in a corpus, each as it was on disk or as a text of the editor, which is newer. Files are
 * put nearest first (`orderFiles`): the last ones go when room is needed.
 */
export class IndexedFiles {
  readonly #known = new Map<string, ListedFile>();
  /** Texts that are not saved are never stored either. */
  readonly #texts = new Map<string, string>();
  #corpus = new Corpus();
  /** Whether the order of the corpus is that of searches already: see `settleFirst`. */
  #turned = false;
  /** Files put or dropped since `stored` was called, or since a stored index was taken over. */
  unsaved = 0;

  constructor(private readonly limits: IndexedLimits) {}

  get corpus(): Corpus {
    return this.#corpus;
  }

  get count(): number {
    return this.#corpus.fileCount;
  }

  /** Bytes of the indexed files. */
  get sourceBytes(): number {
    let sum = 0;
    for (const { bytes } of this.#known.values()) sum += bytes;
    for (const text of this.#texts.values()) sum += text.length;
    return sum;
  }

  /** Paths as they are now; the list does not change with the index. */
  paths(): string[] {
    return [...this.#corpus.paths()];
  }

  /** Whether nothing has to be read: the file is unchanged, or the editor has a newer text of it. */
  isCurrent(file: ListedFile): boolean {
    const known = this.#known.get(file.path);
    return this.#texts.has(file.path) || (known !== undefined && isSame(known, file));
  }

  /** Whether a file of this size is over the caps; one that is indexed already is not. */
  isFull(file: ListedFile): boolean {
    if (this.#corpus.has(file.path)) return false;
    return this.count >= this.limits.maximumFiles || this.#corpus.byteLength + UNSETTLED_BYTES + file.bytes * MEMORY_PER_BYTE > this.limits.maximumMemoryBytes;
  }

  putFile(file: ListedFile, text: string): void {
    this.#known.set(file.path, file);
    this.#corpus.put(file.path, withoutMark(text));
    this.unsaved++;
  }

  /** Takes the editor's text. Returns how many other files had to go for it: what somebody works on is worth more. */
  putText(path: string, text: string): number {
    this.#known.delete(path);
    this.#texts.set(path, text);
    this.#corpus.put(path, withoutMark(text));
    this.#corpus.settle();
    this.unsaved++;
    return this.#makeRoom();
  }

  /** The editor's text of a file counts no more; its words stay until the file is put or dropped. */
  dropText(path: string): void {
    this.#texts.delete(path);
  }

  drop(path: string): void {
    if (!this.#corpus.has(path)) return;
    this.#corpus.remove(path);
    this.#known.delete(path);
    this.#texts.delete(path);
    this.unsaved++;
  }

  clear(): void {
    this.#corpus = new Corpus();
    this.#known.clear();
    this.#texts.clear();
    this.#turned = false;
    this.unsaved++;
  }

  /** Takes over a stored index in place of what was read so far, but only files that are listed and unchanged. Returns how many. */
  adopt(stored: StoredIndex, listed: readonly ListedFile[]): number {
    const facts = new Map(listed.map((file) => [file.path, file]));
    const unchanged = new Map(stored.files.filter((file) => {
      const now = facts.get(file.path);
      return now !== undefined && isSame(now, file) && !this.#texts.has(file.path);
    }).map((file) => [file.path, file]));
    this.#corpus = new Corpus(stored.vocabulary);
    this.#known.clear();
    for (const segment of stored.segments) {
      for (const [index, { path }] of segment.files.entries()) if (!unchanged.has(path)) segment.dead.add(index);
      if (segment.liveUnits > 0) this.#corpus.adopt(segment);
    }
    for (const file of unchanged.values()) if (this.#corpus.has(file.path)) this.#known.set(file.path, file);
    this.#putTexts();
    this.#turned = this.#known.size > 0;
    this.unsaved = stored.files.length - this.#known.size;
    return this.#known.size;
  }

  /**
   * Ends a walk. Searches look at the newest segments first, and a first walk put the nearest files first: the order is
   * turned around once, with the editor's texts last again. Returns how many files had to go to hold the memory's cap,
   * which grows in steps.
   */
  settleWalk(): number {
    this.#corpus.settle();
    if (!this.#turned) this.#turnAround();
    return this.#makeRoom();
  }

  #turnAround(): void {
    this.#turned = true;
    const turned = new Corpus(this.#corpus.vocabulary);
    for (const segment of [...this.#corpus.segments].reverse()) turned.adopt(segment);
    this.#corpus = turned;
    this.#putTexts();
  }

  /** The index's bytes in pieces, for a file; see `encodeIndex`. */
  stored(stamp: string): Generator<Uint8Array | undefined, void> {
    this.#corpus.settle();
    this.unsaved = 0;
    return encodeIndex(this.#corpus, [...this.#known.values()], stamp);
  }

  #putTexts(): void {
    for (const [path, text] of this.#texts) this.#corpus.put(path, withoutMark(text));
    this.#corpus.settle();
  }

  /** Drops the files that were read last. Memory is free again when a whole segment is. */
  #makeRoom(): number {
    const victims = [...this.#known.keys()];
    const before = victims.length;
    while (this.#corpus.byteLength > this.limits.maximumMemoryBytes) {
      const victim = victims.pop();
      if (victim === undefined) break;
      this.drop(victim);
    }
    return before - victims.length;
  }
}

function isSame(left: ListedFile, right: ListedFile): boolean {
  return left.bytes === right.bytes && left.modified === right.modified;
}

/** A byte order mark is no word. */
function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}
