import { bytesPerToken } from "./estimate";
import type { ModelShape } from "./modelShape";

/**
 * How much of a machine's reading speed decoding reaches, by encoding: where unpacking the weights takes longer than
 * reading them, less than all of it. Fitted on random 0.5B and 1.5B files (`npm run bench -- --only=models`).
 */
const REACHED: Readonly<Record<string, number>> = { Q8_0: 1, Q4_0: 0.85, Q4_K: 0.96, Q6_K: 0.96, Q5_0: 0.5 };
/** Not measured. */
const REACHED_OTHERWISE = 0.8;
/** Seconds a token that do not depend on the weights: the hand-over to the library and back. */
const FLOOR_SECONDS = 0.001;
/** And for each token of the vocabulary, whose logit is looked at when the likeliest are chosen: 4 ms at 152,000. */
const FLOOR_SECONDS_PER_VOCABULARY = 26e-9;

/**
 * Predicted decode speed in tokens a second: bytes read for a token over the machine's measured reading speed (bytes a
 * second, with the threads that will evaluate), and a floor for what every token costs. `depth` is the number of tokens
 * that stand in the cache, 1,024 unless said otherwise.
 */
export function predictDecodeSpeed(shape: ModelShape, bandwidth: number, depth = 1_024): number {
  const weights = shape.weights.reduce((seconds, group) => seconds + group.read / (bandwidth * (REACHED[group.encoding] ?? REACHED_OTHERWISE)), 0);
  const cache = bytesPerToken({ ...shape, weights: [] }, depth) / bandwidth;
  return 1 / (weights + cache + FLOOR_SECONDS + FLOOR_SECONDS_PER_VOCABULARY * shape.vocabulary);
}
