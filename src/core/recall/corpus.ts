import { Segment, SEGMENT_UNITS, type SegmentFile } from "./segment";
import { Vocabulary } from "./vocabulary";
import { FILE_EDGE, scanWords, UnitList } from "./words";

/** Where a file's units lie: pieces of one or more segments. */
interface Piece {
  readonly segment: Segment;
  readonly file: number;
}

/** Where a file lies, and its extension. */
export interface FilePlace {
  readonly folder: string;
  readonly kind: string;
}

export function placeOfPath(path: string): FilePlace {
  return { folder: path.slice(0, Math.max(0, path.lastIndexOf("/"))), kind: path.slice(path.lastIndexOf(".") + 1) };
}

/** Waiting units become a segment of their own at this many, so that a walk makes few segments. */
const FULL = SEGMENT_UNITS - 1;
/** Segments smaller than this are put together once there are several. */
const SMALL_UNITS = 16_384;
const MOST_SMALL = 24;

/** A place in a corpus: the next unit's index in a segment. */
export type PlaceVisitor = (segment: Segment, place: number) => void;

/**
 * The words of many files, searchable by what stands before a place. Files are added, replaced and removed; added ones
 * are seen by searches after `settle`. Memory: about 1.7 bytes a byte of source (measured by `npm run bench`).
 */
export class Corpus {
  readonly #pieces = new Map<string, Piece[]>();
  readonly #places = new WeakMap<SegmentFile, FilePlace>();
  #segments: Segment[] = [];
  #waiting = new UnitList(FULL);
  #waitingFiles: SegmentFile[] = [];

  constructor(readonly vocabulary: Vocabulary = new Vocabulary()) {}

  get byteLength(): number {
    return this.vocabulary.byteLength + this.#segments.reduce((sum, segment) => sum + segment.byteLength, 0) + this.#waiting.units.byteLength;
  }

  get fileCount(): number {
    return this.#pieces.size;
  }

  /** The segments, newest last. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** Adds a file, or takes the new text in place of the old one. */
  put(path: string, text: string): void {
    this.remove(path);
    const units = new UnitList(text.length / 3);
    scanWords(text, this.vocabulary, units);
    this.#pieces.set(path, []);
    for (let start = 0; start < units.length; start += FULL) this.#append(path, units.view().subarray(start, start + FULL));
  }

  remove(path: string): void {
    const pieces = this.#pieces.get(path);
    if (!pieces) return;
    if (this.#waitingFiles.some((file) => file.path === path)) this.#flush();
    for (const { segment, file } of this.#pieces.get(path) ?? []) segment.dead.add(file);
    this.#pieces.delete(path);
    this.#segments = this.#segments.filter((segment) => segment.liveUnits > 0);
  }

  /** Makes everything added so far searchable, and puts small segments together. */
  settle(): void {
    this.#flush();
    const small = this.#segments.filter((segment) => segment.liveUnits < SMALL_UNITS);
    if (small.length > MOST_SMALL) this.#compact(small);
  }

  /**
   * Visits places before which `last` and before it `beforeLast` stand, newest segments first, looking at no more than
   * `most` places in all. Places of dead files are passed over.
   */
  search(last: number, beforeLast: number, most: number, visit: PlaceVisitor): void {
    let left = most;
    for (let index = this.#segments.length - 1; index >= 0 && left > 0; index--) {
      const segment = this.#segments[index];
      if (!segment) continue;
      left -= segment.search(last, beforeLast, left, (place) => {
        if (segment.dead.size === 0 || !segment.dead.has(segment.fileAt(place))) visit(segment, place);
      });
    }
  }

  /** Visits the first place of every file that is not dead: what files begin with. */
  beginnings(visit: PlaceVisitor): void {
    for (const segment of this.#segments) {
      for (const [index, file] of segment.files.entries()) if (!segment.dead.has(index)) visit(segment, file.start + 1);
    }
  }

  /** Folder and kind of a file; worked out once, because each key asks about thousands of places. */
  placeOf(file: SegmentFile): FilePlace {
    const known = this.#places.get(file);
    if (known) return known;
    const place = placeOfPath(file.path);
    this.#places.set(file, place);
    return place;
  }

  has(path: string): boolean {
    return this.#pieces.has(path);
  }

  /** Paths of all files. */
  paths(): IterableIterator<string> {
    return this.#pieces.keys();
  }

  /** Takes over stored segments; their files must not be known yet. */
  adopt(segment: Segment): void {
    this.#segments.push(segment);
    for (const [file, { path }] of segment.files.entries()) {
      if (segment.dead.has(file)) continue;
      this.#pieces.set(path, [...(this.#pieces.get(path) ?? []), { segment, file }]);
    }
  }

  #append(path: string, units: Uint32Array): void {
    if (this.#waiting.length + units.length + 1 > FULL) this.#flush();
    const start = this.#waiting.length;
    if (units[0] !== FILE_EDGE) this.#waiting.push(FILE_EDGE);
    for (const unit of units) this.#waiting.push(unit);
    this.#waitingFiles.push({ path, start, end: this.#waiting.length });
  }

  #flush(): void {
    if (this.#waitingFiles.length === 0) return;
    const segment = new Segment(this.#waiting.view().slice(), this.#waitingFiles);
    this.#waiting.length = 0;
    this.#waitingFiles = [];
    this.adopt(segment);
  }

  #compact(small: readonly Segment[]): void {
    const gone = new Set(small);
    this.#segments = this.#segments.filter((segment) => !gone.has(segment));
    const parts = small.flatMap((segment) => segment.files.filter((_, index) => !segment.dead.has(index)).map((file) => ({ file, units: segment.units.subarray(file.start, file.end) })));
    for (const { file } of parts) this.#pieces.set(file.path, (this.#pieces.get(file.path) ?? []).filter((piece) => !gone.has(piece.segment)));
    for (const { file, units } of parts) this.#append(file.path, units);
    this.#flush();
  }
}
