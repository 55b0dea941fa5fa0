import { cacheBytes } from "./estimate";
import type { ModelShape } from "./modelShape";

/** What decodes: how fast the memory is read (bytes a second, measured) and how many threads evaluate. */
export interface DecodingMachine {
  readonly readingSpeed: number;
  readonly threads: number;
}

/**
 * Bytes of weights that one thread unpacks and multiplies in a second, by encoding. Fitted on random 0.5B and 1.5B files
 * with wide instructions (`npm run bench -- --only=models`): on such a core this, not the memory, is what one thread
 * waits for, and its speed stayed the same while the memory's went from 18 to 29 GB/s.
 */
const UNPACKED: Readonly<Record<string, number>> = { Q8_0: 21.5e9, Q4_0: 18e9, Q4_K: 20.5e9, Q6_K: 20.5e9, Q5_0: 10.7e9 };
/** Not measured. */
const UNPACKED_OTHERWISE = 15e9;
/** Weights are read in several streams at once, which reach more than the one of the measurement (measured: 1.1 to 1.25). */
const STREAMS = 1.2;
/** Seconds a token that do not depend on the weights: the hand-over to the library and back. */
const FLOOR_SECONDS = 0.001;
/** And for each token of the vocabulary, whose logit is looked at when the likeliest are chosen: 4 ms at 152,000. */
const FLOOR_SECONDS_PER_VOCABULARY = 26e-9;

/**
 * Predicted decode speed in tokens a second: for each encoding the slower of reading its weights and unpacking them,
 * then the cache, and a floor for what every token costs. `depth` is the number of tokens that stand in the cache,
 * 1,024 unless said otherwise.
 */
export function predictDecodeSpeed(shape: ModelShape, machine: DecodingMachine, depth = 1_024): number {
  const reading = machine.readingSpeed * STREAMS;
  const weights = shape.weights.reduce((seconds, { encoding, read }) => seconds + read / Math.min(reading, machine.threads * (UNPACKED[encoding] ?? UNPACKED_OTHERWISE)), 0);
  const cache = cacheBytes(shape, { contextSize: depth }) / reading;
  return 1 / (weights + cache + FLOOR_SECONDS + FLOOR_SECONDS_PER_VOCABULARY * shape.vocabulary);
}
