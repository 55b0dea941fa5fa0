/** Random access to a file's bytes. `read` returns exactly `length` bytes or fewer at the end of the file. */
export interface ByteSource {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
}

/** Why a header was refused. */
export type GgufErrorCode = "notGguf" | "truncated" | "damaged" | "unsupportedArchitecture" | "noVocabulary";

/** Thrown for every header that is not sound; `message` says what is wrong in words for the user. */
export class GgufError extends Error {
  constructor(readonly code: GgufErrorCode, message: string) {
    super(message);
    this.name = "GgufError";
  }
}

const WINDOW_BYTES = 1024 * 1024;
/** The longest headers known (262,144 tokens with scores and merges) have about 20 MB. */
const MAX_HEADER_BYTES = 64 * 1024 * 1024;
const decoder = new TextDecoder("utf-8");

/** Reads little-endian values in order, a window of one megabyte at a time. Running past the end is `truncated`. */
export class ByteCursor {
  readonly #source: ByteSource;
  #window: DataView = new DataView(new ArrayBuffer(0));
  #windowStart = 0;
  position = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  uint8(): number { return this.#take(1).getUint8(0); }
  int8(): number { return this.#take(1).getInt8(0); }
  uint16(): number { return this.#take(2).getUint16(0, true); }
  int16(): number { return this.#take(2).getInt16(0, true); }
  uint32(): number { return this.#take(4).getUint32(0, true); }
  int32(): number { return this.#take(4).getInt32(0, true); }
  uint64(): bigint { return this.#take(8).getBigUint64(0, true); }
  int64(): bigint { return this.#take(8).getBigInt64(0, true); }
  float32(): number { return this.#take(4).getFloat32(0, true); }
  float64(): number { return this.#take(8).getFloat64(0, true); }

  /** A 64-bit count that must not exceed `most`: absurd counts are refused before anything is allocated for them. */
  count(what: string, most: number): number {
    const value = this.uint64();
    if (value > BigInt(most)) throw new GgufError("damaged", `the ${what} count ${String(value)} is absurd`);
    return Number(value);
  }

  string(mostBytes: number): string {
    const length = this.count("string byte", mostBytes);
    const view = this.#take(length);
    return decoder.decode(new Uint8Array(view.buffer, view.byteOffset, length));
  }

  #take(length: number): DataView {
    const end = this.position + length;
    if (end > this.#source.size) throw new GgufError("truncated", "the file ends inside its header: it is incomplete");
    if (end > MAX_HEADER_BYTES) throw new GgufError("damaged", "the header is absurdly long");
    if (this.position < this.#windowStart || end > this.#windowStart + this.#window.byteLength) this.#fill(length);
    const view = new DataView(this.#window.buffer, this.#window.byteOffset + this.position - this.#windowStart, length);
    this.position = end;
    return view;
  }

  #fill(length: number): void {
    const bytes = this.#source.read(this.position, Math.min(Math.max(length, WINDOW_BYTES), this.#source.size - this.position));
    if (bytes.byteLength < length) throw new GgufError("truncated", "the file ended while it was read");
    this.#window = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#windowStart = this.position;
  }
}
