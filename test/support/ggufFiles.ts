import type { ByteSource } from "../../src/core/models/gguf";
import { float32, int32Array, uint32, writeGguf, type Metadata, type Tensor } from "../../models/starter/train/gguf";

/** Bytes in memory as the reader sees a file; counts what was read. */
export class BytesSource implements ByteSource {
  bytesRead = 0;
  constructor(private readonly bytes: Uint8Array) {}

  get size(): number {
    return this.bytes.byteLength;
  }

  read(offset: number, length: number): Uint8Array {
    const part = this.bytes.subarray(offset, offset + length);
    this.bytesRead += part.byteLength;
    return part;
  }
}

/** Metadata of a sound model of one layer; spread it and change a key. */
export const SOUND_METADATA: Metadata = {
  "general.architecture": "llama",
  "general.name": "tiny",
  "llama.block_count": uint32(1),
  "llama.context_length": uint32(512),
  "llama.embedding_length": uint32(64),
  "llama.attention.head_count": uint32(2),
  "llama.attention.head_count_kv": uint32(1),
  "llama.rope.freq_base": float32(10_000),
  "tokenizer.ggml.model": "gpt2",
  "tokenizer.ggml.tokens": ["a", "b", "c", "<|endoftext|>"],
  "tokenizer.ggml.token_type": int32Array([1, 1, 1, 3]),
  "tokenizer.ggml.eos_token_id": uint32(3),
};

/** Tensors that go with `SOUND_METADATA`. */
export const SOUND_TENSORS: readonly Tensor[] = [tensor("token_embd.weight", [64, 4]), tensor("blk.0.attn_q.weight", [64, 64])];

/** A tensor of zeros. */
export function tensor(name: string, shape: readonly number[]): Tensor {
  return { name, shape, type: "Q8_0", values: new Float32Array(shape.reduce((product, length) => product * length, 1)) };
}

/** A sound file with some metadata replaced or, with `undefined`, taken out. */
export function ggufWith(changes: Readonly<Record<string, Metadata[string] | undefined>> = {}, tensors: readonly Tensor[] = SOUND_TENSORS): Buffer {
  const entries = Object.entries({ ...SOUND_METADATA, ...changes }).filter((entry): entry is [string, Metadata[string]] => entry[1] !== undefined);
  return writeGguf({ metadata: Object.fromEntries(entries), tensors });
}
