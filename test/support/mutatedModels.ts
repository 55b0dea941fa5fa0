import { readGgufHeader } from "../../src/core/models/gguf";
import { float32, int32Array, uint32, type Metadata, type MetadataValue } from "../../models/starter/train/gguf";
import type { RandomNumbers } from "../../models/starter/train/random";
import { syntheticModel, type SyntheticModelOptions } from "../../models/starter/train/syntheticModel";
import { BytesSource } from "./ggufFiles";

/** A damaged file with what was done to it, for the report of a failure. */
export interface MutatedModel {
  readonly what: string;
  readonly bytes: Buffer;
}

/** Sound files of several shapes and vocabularies: what is damaged. */
const SEEDS: readonly SyntheticModelOptions[] = [
  {}, { family: "qwen" }, { family: "deepseek" }, { family: "starcoder", architecture: "qwen2" }, { family: "qwen", architecture: "qwen2", layers: 3 }, { layers: 1, width: 128 },
  { tensorType: "F16" }, { tensorType: "F32", vocabulary: 512 }, { tensorType: "Q4_0", width: 128 }, { vocabulary: 2_048, contextLength: 128 }, { family: "codestral" }, { family: "qwen", tensorType: "Q4_0", layers: 4 },
];

/** Keys that the library reads, without the architecture that stands before most. */
const KEYS = ["block_count", "context_length", "embedding_length", "feed_forward_length", "attention.head_count", "attention.head_count_kv", "attention.layer_norm_rms_epsilon", "attention.key_length", "attention.value_length",
  "attention.sliding_window", "attention.causal", "rope.freq_base", "rope.dimension_count", "rope.scaling.type", "rope.scaling.factor", "vocab_size", "expert_count", "expert_used_count", "pooling_type", "attention.clamp_kqv"];
const TOKENIZER_KEYS = ["model", "pre", "add_bos_token", "bos_token_id", "eos_token_id", "unknown_token_id", "padding_token_id", "fim_pre_token_id", "merges", "scores", "token_type", "precompiled_charsmap"];

/** A damaged header of one of the seeds: a key with another value, bytes changed, or both. Sound weights follow, so that a reader that lets it pass goes on. */
export function mutatedModel(random: RandomNumbers): MutatedModel {
  const whole = (below: number): number => Math.floor(random() * below);
  const pick = <T>(items: readonly [T, ...T[]] | readonly T[]): T => items[whole(items.length)] as T;
  const seed = pick(SEEDS);
  const architecture = seed.architecture ?? "llama";
  const value = (): MetadataValue => pick<MetadataValue>([uint32(0), uint32(1), uint32(2), uint32(3), uint32(32), uint32(0x7fffffff), uint32(0xffffffff), float32(0), float32(-1), float32(Number.NaN), float32(1e38),
    { type: "int64", value: -1 }, { type: "uint8", value: 255 }, "", "none", "yarn", "spm", "x".repeat(70_000), true, false, [], ["a b", "", "é"], int32Array([]), int32Array([1, -1, 0x7fffffff]), { type: "float64", value: 1e300 }]);
  const kind = whole(4);
  const changes: [string, MetadataValue][] = kind === 3 ? [] : Array.from({ length: 1 + whole(3) }, () => [random() < 0.6 ? `${architecture}.${pick(KEYS)}` : `tokenizer.ggml.${pick(TOKENIZER_KEYS)}`, value()]);
  const metadata: Metadata = Object.fromEntries(changes);
  const sound = syntheticModel({ ...seed, metadata });
  const words = changes.map(([key, changed]) => `${key}=${JSON.stringify(changed).slice(0, 60)}`);
  if (kind < 2) return { what: words.join(", "), bytes: sound };
  const header = soundLength(seed);
  const bytes = Buffer.from(sound);
  for (let damages = 1 + whole(4); damages > 0; damages--) {
    // The table of tensors is small and stands last: it gets its share.
    const at = random() < 0.5 ? whole(header) : Math.max(0, header - 1_500 + whole(1_500));
    const byte = whole(256);
    words.push(`${String(at)}:${String(byte)}`);
    bytes[at] = byte;
  }
  return { what: words.join(", "), bytes };
}

function soundLength(seed: SyntheticModelOptions): number {
  return readGgufHeader(new BytesSource(syntheticModel(seed))).dataOffset;
}
