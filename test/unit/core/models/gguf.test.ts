import assert from "node:assert/strict";
import type { GgufErrorCode } from "../../../../src/core/models/byteCursor";
import { GgufError, readGgufHeader, type GgufHeader } from "../../../../src/core/models/gguf";
import { readModelFacts } from "../../../../src/core/models/modelFacts";
import { randomInteger, randomNumbers, type RandomNumbers } from "../../../../models/starter/train/random";
import { BytesSource, ggufWith, SOUND_METADATA, SOUND_TENSORS, tensor } from "../../../support/ggufFiles";

const SOUND = ggufWith();
const HEADER_LENGTH = readGgufHeader(new BytesSource(SOUND)).dataOffset;
const read = (bytes: Uint8Array): GgufHeader => readGgufHeader(new BytesSource(bytes));

function refused(bytes: Uint8Array, code: GgufErrorCode, words: RegExp): void {
  assert.throws(() => read(bytes), (error) => {
    assert.ok(error instanceof GgufError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, words);
    return true;
  });
}

/** A copy of the sound file with other bytes at a place. */
function patched(at: number, bytes: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(SOUND);
  copy.set(bytes, at);
  return copy;
}

describe("core/models/gguf", () => {
  it("reads what was written", () => {
    const header = read(SOUND);
    assert.equal(header.version, 3);
    assert.deepEqual([...header.metadata.keys()], Object.keys(SOUND_METADATA));
    assert.deepEqual(header.metadata.get("tokenizer.ggml.tokens"), ["a", "b", "c", "<|endoftext|>"]);
    assert.deepEqual(header.tensors.map(({ name, dimensions, sizeBytes }) => [name, dimensions, sizeBytes]), SOUND_TENSORS.map(({ name, shape }) => [name, shape, ((shape[0] ?? 0) * (shape[1] ?? 0) / 32) * 34]));
    assert.equal(header.dataOffset % 32, 0);
  });

  it("reads every number type", () => {
    const types = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"] as const;
    const header = read(ggufWith(Object.fromEntries(types.map((type) => [type, { type, value: 5 }]))));
    for (const type of types) assert.equal(header.metadata.get(type), 5);
    assert.equal(read(ggufWith({ big: { type: "uint64", value: 7 }, small: { type: "int64", value: -7 } })).metadata.get("small"), -7n);
  });

  it("reads no weights", () => {
    const source = new BytesSource(Buffer.concat([SOUND, Buffer.alloc(4 << 20)]));
    readGgufHeader(source);
    assert.ok(source.bytesRead <= 1 << 20);
  });

  it("trailing bytes do no harm", () => { assert.equal(read(Buffer.concat([SOUND, Buffer.alloc(100)])).tensors.length, 2); });

  describe("refuses", () => {
    it("an empty file", () => { refused(new Uint8Array(), "notGguf", /GGUF mark/); });
    it("another format", () => { refused(Buffer.from("PK\x03\x04 and so on"), "notGguf", /GGUF mark/); });
    it("an unknown version", () => { refused(patched(4, [9, 0, 0, 0]), "damaged", /version 9/); });
    it("the other byte order", () => { refused(patched(4, [0, 0, 0, 3]), "damaged", /version/); });
    it("an absurd tensor count", () => { refused(patched(8, [255, 255, 255, 255, 255, 255, 255, 255]), "damaged", /tensor count/); });
    it("an absurd metadata count", () => { refused(patched(16, [255, 255, 255, 255]), "damaged", /metadata count/); });
    it("an absurd string length", () => { refused(patched(24, [255, 255, 255, 255]), "damaged", /string byte count/); });
    it("an unknown metadata type", () => { refused(patched(24 + 8 + "general.architecture".length, [99]), "damaged", /type 99/); });
    it("an array of arrays", () => { refused(withArrayOfType(9), "damaged", /type 9/); });
    it("an absurd alignment", () => { refused(ggufWith({ "general.alignment": { type: "uint32", value: 33 } }), "damaged", /alignment/); });
    it("a tensor that stands twice", () => { refused(ggufWith({}, [...SOUND_TENSORS, tensor("token_embd.weight", [64, 4])]), "damaged", /stands twice/); });
    it("a tensor without weights", () => { refused(ggufWith({}, [tensor("token_embd.weight", [64, 0])]), "damaged", /impossible shape/); });
    it("a metadata key that stands twice", () => { refused(withKeyTwice(), "damaged", /stands twice/); });
    for (const declared of [5, 1_000, 4_000_000]) {
      it(`an array of four tokens that declares ${String(declared)}`, () => { assert.throws(() => read(withDeclaredTokens(declared)), GgufError); });
    }
    it("an array longer than any vocabulary", () => { refused(withDeclaredTokens(5_000_000), "damaged", /array element count/); });
  });

  it("every truncation of header and data is told as one", () => {
    for (let length = 4; length < SOUND.length - 32; length += 7) refused(SOUND.subarray(0, length), "truncated", /end/);
  });

  it("a source that delivers less than it promised", () => {
    const lying = { size: SOUND.length, read: (offset: number, length: number) => SOUND.subarray(offset, Math.min(offset + length, 100)) };
    assert.throws(() => readGgufHeader(lying), (error) => error instanceof GgufError && error.code === "truncated");
  });

  it("a header without end is given up before it fills the memory", () => {
    const endless = new EndlessMetadata();
    assert.throws(() => readGgufHeader(endless), (error) => error instanceof GgufError && error.code === "damaged");
    assert.ok(endless.bytesRead <= 256 << 20, `${String(endless.bytesRead)} bytes were read`);
  });
});

describe("core/models/gguf: fuzz", () => {
  const runs = process.env["GHOSTLIGHT_FULL"] === "1" ? 10_000 : 600;

  it(`${String(runs)} damaged headers give a typed error or a sound header, in bounded time and memory`, function () {
    this.timeout(120_000);
    const random = randomNumbers(7);
    const before = process.memoryUsage().heapUsed;
    let refusals = 0;
    let slowest = 0;
    for (let run = 0; run < runs; run++) {
      const bytes = mutated(random);
      const startedAt = performance.now();
      if (!readsSoundly(bytes)) refusals += 1;
      slowest = Math.max(slowest, performance.now() - startedAt);
    }
    assert.ok(refusals > runs / 3, `only ${String(refusals)} of ${String(runs)} were refused`);
    assert.ok(slowest < 2_000, `one took ${slowest.toFixed(0)} ms`);
    assert.ok(process.memoryUsage().heapUsed - before < 200 << 20);
  });
});

/** Whether a file passes reader and facts; anything but a `GgufError` fails the test. */
function readsSoundly(bytes: Uint8Array): boolean {
  try {
    readModelFacts(read(bytes));
    return true;
  } catch (error) {
    if (!(error instanceof GgufError)) throw error;
    return false;
  }
}

/** One to eight damages: a flipped byte, a number of all ones, a piece cut out, doubled or moved, the end cut off. */
function mutated(random: RandomNumbers): Uint8Array {
  let bytes = Buffer.from(SOUND);
  for (let damages = 1 + randomInteger(random, 8); damages > 0; damages--) {
    const at = randomInteger(random, Math.min(HEADER_LENGTH, bytes.length));
    const length = 1 + randomInteger(random, 16);
    switch (randomInteger(random, 6)) {
      case 0: bytes[at] = randomInteger(random, 256); break;
      case 1: bytes.fill(255, at, Math.min(at + 8, bytes.length)); break;
      case 2: bytes.fill(0, at, Math.min(at + 8, bytes.length)); break;
      case 3: bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]); break;
      case 4: bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]); break;
      default: bytes = bytes.subarray(0, Math.max(1, bytes.length - randomInteger(random, bytes.length)));
    }
  }
  return bytes;
}

/** The sound file with the length of its token array replaced. */
function withDeclaredTokens(count: number): Uint8Array {
  const at = SOUND.indexOf("tokenizer.ggml.tokens") + "tokenizer.ggml.tokens".length + 4 + 4;
  const bytes = Buffer.from(SOUND);
  bytes.writeBigUInt64LE(BigInt(count), at);
  return bytes;
}

function withArrayOfType(type: number): Uint8Array {
  const bytes = Buffer.from(SOUND);
  bytes.writeUInt32LE(type, SOUND.indexOf("tokenizer.ggml.tokens") + "tokenizer.ggml.tokens".length + 4);
  return bytes;
}

/** The sound file with `llama.rope.freq_base` renamed to a key of the same length that is there already. */
function withKeyTwice(): Uint8Array {
  const bytes = ggufWith({ "general.type": "a", "general.typo": "b" });
  bytes.write("general.type", bytes.indexOf("general.typo"));
  return bytes;
}

/** A "file" of many gigabytes: arrays of bytes, one after the other, as many as a header may have entries. */
class EndlessMetadata {
  readonly size = 2 ** 40;
  bytesRead = 0;
  readonly #block = entryOfBytes();

  read(offset: number, length: number): Uint8Array {
    this.bytesRead += length;
    const bytes = Buffer.alloc(length);
    const start = Buffer.concat([Buffer.from("GGUF"), Buffer.from([3, 0, 0, 0]), counts(1, 60_000)]);
    for (let index = 0; index < length;) {
      const position = offset + index;
      const source = position < start.length ? start.subarray(position) : this.#at(position - start.length);
      index += source.copy(bytes, index);
    }
    return bytes;
  }

  /** Each entry has a key of its own: a number of eight digits. */
  #at(position: number): Buffer {
    const within = position % this.#block.length;
    this.#block.write(String(Math.floor(position / this.#block.length)).padStart(8, "0"), 8);
    return this.#block.subarray(within);
  }
}

function entryOfBytes(): Buffer {
  const elements = 4_000_000;
  const head = Buffer.alloc(8 + 8 + 4 + 4 + 8);
  head.writeBigUInt64LE(8n, 0);
  head.writeUInt32LE(9, 16);
  head.writeUInt32LE(0, 20);
  head.writeBigUInt64LE(BigInt(elements), 24);
  return Buffer.concat([head, Buffer.alloc(elements)]);
}

function counts(tensors: number, metadata: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeBigUInt64LE(BigInt(tensors), 0);
  bytes.writeBigUInt64LE(BigInt(metadata), 8);
  return bytes;
}
