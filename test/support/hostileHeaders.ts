import fc from "fast-check";
import { uint32 } from "../../models/starter/train/gguf";
import { syntheticModel } from "../../models/starter/train/syntheticModel";
import { readGgufHeader, type ByteSource } from "../../src/core/models/gguf";
import { BytesSource, ggufWith, SOUND_TENSORS, tensor } from "./ggufFiles";

/** The header of a sound file, and how many bytes of weights follow it. */
interface Seed {
  readonly header: Buffer;
  readonly weights: number;
}

/** One damage: where, as a share of the header, and what. */
export interface Damage {
  readonly kind: "flip" | "number" | "cut" | "double" | "swap" | "end" | "text";
  readonly at: number;
  readonly length: number;
  readonly value: bigint;
}

const numberTypes = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64", "uint64", "int64"] as const;

/** Sound files of every prompt family, both architectures, every kind of metadata, experts, windows, shards' tables and old versions. */
const SEEDS: readonly Seed[] = [
  ...(["ghostlight", "qwen", "starcoder", "deepseek", "codegemma", "granite", "mellum", "seed", "codestral", "unknown"] as const).map((family) => syntheticModel({ family, vocabulary: 420, layers: 1 })),
  syntheticModel({ family: "qwen", architecture: "qwen2", layers: 4, vocabulary: 420, chatTemplate: "{{ messages }}".repeat(50) }),
  syntheticModel({ family: "qwen", vocabulary: 1_024, tensorType: "Q4_0" }),
  ggufWith(),
  ggufWith(Object.fromEntries(numberTypes.map((type) => [type, { type, value: 5 }]))),
  ggufWith(Object.fromEntries(numberTypes.map((type) => [`${type}s`, { type, values: [1, 2, 3] }]))),
  ggufWith({ "llama.expert_count": uint32(8), "llama.expert_used_count": uint32(2) }, [...SOUND_TENSORS, tensor("blk.0.ffn_up_exps.weight", [64, 64, 8])]),
  ggufWith({ "llama.attention.sliding_window": uint32(512), "llama.attention.sliding_window_pattern": uint32(6), "llama.attention.head_count_kv": { type: "uint32", values: [1] }, "general.alignment": uint32(32) }),
  secondVersion(),
].map(seedOf);

/** How many kinds of sound files the damages start from. */
export const SEED_COUNT = SEEDS.length;

function secondVersion(): Buffer {
  const bytes = ggufWith();
  bytes.writeUInt32LE(2, 4);
  return bytes;
}

function seedOf(file: Buffer): Seed {
  const { dataOffset } = readGgufHeader(new BytesSource(file));
  return { header: file.subarray(0, dataOffset), weights: file.length - dataOffset };
}

/** Numbers that have broken readers before: the ends of each width, what overflows in a product, sizes of millions. */
const numbers = fc.oneof(
  fc.constantFrom(0n, 1n, 7n, 31n, 32n, 0x7fn, 0xffn, 0xffffn, 1_000_000n, 4_194_304n, 4_194_305n, 0x7fffffffn, 0x80000000n, 0xffffffffn, 1n << 32n, 1n << 40n, (1n << 53n) + 1n, 1n << 62n, 0x7fffffffffffffffn, 0xffffffffffffffffn),
  fc.bigInt(0n, 0xffffffffffffffffn),
);

const PLACES = 1 << 20;

const damage: fc.Arbitrary<Damage> = fc.record({
  kind: fc.constantFrom("flip", "number", "number", "cut", "double", "swap", "end", "text"),
  // Not a double: those of fast-check are spread over exponents, and nearly all of them lie at the file's first byte.
  at: fc.integer({ min: 0, max: PLACES - 1 }).map((place) => place / PLACES),
  length: fc.integer({ min: 1, max: 64 }),
  value: numbers,
});

/** A sound file's header with one to six damages, and the weights behind it that nobody reads. */
export const hostileHeader: fc.Arbitrary<HostileSource> = fc.tuple(fc.nat(SEEDS.length - 1), fc.array(damage, { minLength: 1, maxLength: 6 })).map(([index, damages]) => {
  const seed = SEEDS[index] ?? { header: Buffer.alloc(0), weights: 0 };
  return new HostileSource(damages.reduce(damaged, seed.header), seed.weights);
});

function damaged(bytes: Buffer, { kind, at, length, value }: Damage): Buffer {
  const copy = Buffer.from(bytes);
  const start = Math.floor(at * copy.length);
  switch (kind) {
    case "flip":
      if (start < copy.length) copy[start] = Number(value & 0xffn);
      return copy;
    case "number":
      for (let index = 0; index < 8 && start + index < copy.length; index++) copy[start + index] = Number((value >> BigInt(8 * index)) & 0xffn);
      return copy;
    case "cut": return Buffer.concat([copy.subarray(0, start), copy.subarray(start + length)]);
    case "double": return Buffer.concat([copy.subarray(0, start + length), copy.subarray(start)]);
    case "swap": {
      const other = Number(value % BigInt(Math.max(1, copy.length)));
      bytes.copy(copy, start, other, other + length);
      return copy;
    }
    case "end": return copy.subarray(0, start);
    case "text": return Buffer.from(copy.toString("latin1").replaceAll(copy.toString("latin1", start, start + 3) || "a", "\0\r\n"), "latin1");
  }
}

/** A header in memory with so many unread bytes behind it; counts what is asked of it. */
export class HostileSource implements ByteSource {
  readonly size: number;
  bytesRead = 0;
  largestRead = 0;

  constructor(private readonly header: Buffer, weights: number) {
    this.size = header.length + weights;
  }

  read(offset: number, length: number): Uint8Array {
    this.bytesRead += length;
    this.largestRead = Math.max(this.largestRead, length);
    const part = this.header.subarray(offset, offset + length);
    return part.length === length ? part : Buffer.concat([part], Math.min(length, this.size - offset));
  }

  /** Printed by the property test where one fails. */
  toString(): string {
    return `${String(this.header.length)} bytes: ${this.header.toString("base64").slice(0, 4_000)}`;
  }
}
