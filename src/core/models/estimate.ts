import type { ModelShape } from "./modelShape";

/** How the library keeps keys and values. */
export type CacheType = "f16" | "q8_0" | "q4_0";

/** How a model is going to be used. */
export interface EstimateUse {
  /** Tokens. */
  readonly contextSize: number;
  /** `f16` unless said otherwise. */
  readonly cacheType?: CacheType;
  /** Tokens evaluated at once; the engine's 64 unless said otherwise. */
  readonly batchSize?: number;
  /** Whether attention is computed without laying out its scores. */
  readonly flashAttention?: boolean;
  /** Whether the processor has instructions for which the library rearranges 4-bit weights; so it is taken to be. */
  readonly rearranges?: boolean;
}

/** Bytes by purpose. */
export interface MemoryEstimate {
  /** The file's weights as they lie on disk; mapped, they come in as they are read. */
  readonly weights: number;
  /** A second, rearranged copy of some encodings; what it was made from is not read again. */
  readonly rearranged: number;
  readonly cache: number;
  readonly compute: number;
  /** The engine process itself with the vocabulary in it. */
  readonly engine: number;
  /** What a task manager shows once the model is at work. */
  readonly resident: number;
  /** What of that is read again and again: the rest the system may drop at no cost. */
  readonly lasting: number;
  /** What has to be free for it to run well: `lasting` and a margin. */
  readonly needed: number;
}

/** Bytes a value of the cache: half precision, or blocks of 32 with one half-precision scale. */
const CACHE_BYTES: Readonly<Record<CacheType, number>> = { f16: 2, q8_0: 34 / 32, q4_0: 18 / 32 };
const CACHE_STEP = 256;
const BATCH = 64;

/** Encodings that the library rearranges for wide instructions, keeping the mapped originals (measured: Q4_0 twice, Q8_0 once). */
const REARRANGED: ReadonlySet<string> = new Set(["Q4_0", "Q4_K", "IQ4_NL", "Q2_K"]);

/** The engine at work with no model to speak of, and what each token of a vocabulary takes in its tables (both measured). */
const ENGINE_BYTES = 125e6;
const BYTES_PER_TOKEN = 1_000;
/** What stays free for the rest: estimates are right within a tenth, and other programs grow. */
const MARGIN_SHARE = 0.05;
const MARGIN_BYTES = 100e6;

/**
 * Memory of a model at a context size. Calibrated on random files of the 0.5B and 1.5B shapes in three quantizations
 * (`npm run bench -- --only=models`): within a tenth of what the engine process holds.
 */
export function estimateMemory(shape: ModelShape, use: EstimateUse): MemoryEstimate {
  const weights = sum(shape.weights.map((group) => group.bytes));
  const rearranged = use.rearranges === false ? 0 : rearrangedBytes(shape);
  const cache = cacheBytes(shape, use);
  const compute = computeBytes(shape, use);
  const engine = ENGINE_BYTES + shape.vocabulary * BYTES_PER_TOKEN;
  const resident = weights + rearranged + cache + compute + engine;
  // The embedding's rows are still looked up in the mapped file; the rest of what was rearranged is dead there.
  const { sharedOutput } = shape;
  const lookedUp = sharedOutput && REARRANGED.has(sharedOutput.encoding) ? sharedOutput.bytes : 0;
  const dropped = Math.max(0, rearranged - lookedUp);
  const lasting = resident - dropped;
  return { weights, rearranged, cache, compute, engine, resident, lasting, needed: lasting + Math.max(MARGIN_BYTES, lasting * MARGIN_SHARE) };
}

/** Bytes of keys and values. Context sizes are rounded up to 256; a sliding window keeps itself and one batch. */
export function cacheBytes(shape: ModelShape, use: EstimateUse): number {
  const perValue = CACHE_BYTES[use.cacheType ?? "f16"];
  const whole = roundUp(use.contextSize);
  return sum(shape.caches.map((group) => {
    const tokens = group.window === undefined ? whole : Math.min(whole, roundUp(group.window + (use.batchSize ?? BATCH)));
    return group.layers * tokens * (group.keyWidth + group.valueWidth) * perValue;
  }));
}

function rearrangedBytes(shape: ModelShape): number {
  return sum(shape.weights.filter((group) => REARRANGED.has(group.encoding)).map((group) => group.bytes));
}

/** One buffer serves the stages in turn: attention scores, or the logits of a whole batch; feed-forward values beside them. */
function computeBytes(shape: ModelShape, use: EstimateUse): number {
  const batch = use.batchSize ?? BATCH;
  const scores = use.flashAttention === true ? 0 : roundUp(use.contextSize) * batch * shape.heads * 4;
  const logits = shape.vocabulary * batch * 4;
  return Math.max(scores, logits) + batch * 4 * (3 * shape.feedForwardLength + 8 * shape.embeddingLength);
}

/** Bytes that one decoded token reads, with so many tokens in the cache before it. */
export function bytesPerToken(shape: ModelShape, depth: number): number {
  return sum(shape.weights.map((group) => group.read)) + cacheBytes(shape, { contextSize: depth });
}

function roundUp(tokens: number): number {
  return Math.ceil(tokens / CACHE_STEP) * CACHE_STEP;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
