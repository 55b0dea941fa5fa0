import { powerOfTwo } from "./vocabulary";

/** One file's units inside a segment: `[start, end)`, the edge included. */
export interface SegmentFile {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

/** Units a segment holds at most, so that a place in it fits 16 bits. */
export const SEGMENT_UNITS = 65_535;

/**
 * A searchable, unchanging piece of the index: the units of some files, and every place by the two units before it.
 * About 6.5 bytes a unit. A changed file is marked dead here and lives on in a newer segment.
 */
export class Segment {
  /** Files that were changed or deleted since; their places are passed over. */
  readonly dead = new Set<number>();
  readonly #bucketStarts: Uint16Array;
  readonly #places: Uint16Array;
  readonly #mask: number;

  /** `units` is kept, not copied. Throws `RangeError` where it is longer than a segment may be. */
  constructor(readonly units: Uint32Array, readonly files: readonly SegmentFile[]) {
    if (units.length > SEGMENT_UNITS) throw new RangeError("a segment holds at most 65535 units");
    const buckets = Math.min(65_536, powerOfTwo(Math.max(16, units.length / 4)));
    this.#mask = buckets - 1;
    this.#bucketStarts = new Uint16Array(buckets + 1);
    this.#places = new Uint16Array(units.length);
    this.#fill();
  }

  get byteLength(): number {
    return this.units.byteLength + this.#bucketStarts.byteLength + this.#places.byteLength + this.files.length * 96;
  }

  /** Units of files that are not dead. */
  get liveUnits(): number {
    return this.files.reduce((sum, file, index) => sum + (this.dead.has(index) ? 0 : file.end - file.start), 0);
  }

  /**
   * Calls `visit` with each place (index of the next unit) before which `last` stands, and `beforeLast` before that,
   * the latest in the segment first. Stops after `most` places; returns how many were looked at.
   */
  search(last: number, beforeLast: number, most: number, visit: (place: number) => void): number {
    const bucket = pairHash(last, beforeLast) & this.#mask;
    const start = this.#bucketStarts[bucket] ?? 0;
    const end = this.#bucketStarts[bucket + 1] ?? 0;
    let looked = 0;
    for (let index = end - 1; index >= start && looked < most; index--) {
      const place = this.#places[index] ?? 0;
      looked += 1;
      if (this.units[place - 1] === last && this.units[place - 2] === beforeLast) visit(place);
    }
    return looked;
  }

  /** Index into `files` of the file that holds a place. */
  fileAt(place: number): number {
    let low = 0;
    let high = this.files.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.files[middle]?.start ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Counting sort of the places by the hash of the pair before them. A file's first two units have none. */
  #fill(): void {
    const counts = new Uint32Array(this.#bucketStarts.length);
    this.#eachPlace((bucket) => { counts[bucket + 1] = (counts[bucket + 1] ?? 0) + 1; });
    for (let bucket = 1; bucket < counts.length; bucket++) counts[bucket] = (counts[bucket] ?? 0) + (counts[bucket - 1] ?? 0);
    this.#bucketStarts.set(counts);
    const next = counts.slice();
    this.#eachPlace((bucket, place) => {
      const at = next[bucket] ?? 0;
      this.#places[at] = place;
      next[bucket] = at + 1;
    });
  }

  #eachPlace(visit: (bucket: number, place: number) => void): void {
    for (const file of this.files) {
      for (let place = file.start + 2; place < file.end; place++) {
        visit(pairHash(this.units[place - 1] ?? 0, this.units[place - 2] ?? 0) & this.#mask, place);
      }
    }
  }
}

/** Mixes two units into 32 bits. */
export function pairHash(last: number, beforeLast: number): number {
  let hash = Math.imul(last, 0x9e3779b1) ^ Math.imul(beforeLast + 0x7f4a7c15, 0x85ebca6b);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
