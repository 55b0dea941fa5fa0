import { cacheBytes } from "./estimate";
import type { ModelShape } from "./modelShape";

/** What decodes. Speeds in bytes a second, measured. */
export interface DecodingMachine {
  /** At which the threads together read the memory. */
  readonly readingSpeed: number;
  /** At which one thread multiplies what it reads; undefined where it was not measured. */
  readonly multiplyingSpeed: number | undefined;
  /** That evaluate. */
  readonly threads: number;
  /** See `hasByteProducts`. */
  readonly byteProducts: boolean;
}

/** Bytes of weights that one thread unpacks and multiplies in a second, by encoding. */
interface Unpacking {
  readonly byEncoding: Readonly<Record<string, number>>;
  /** Not measured. */
  readonly otherwise: number;
  /** The multiplying speed of the core that they were fitted on, while they were; undefined where it was not measured. */
  readonly multiplyingSpeed: number | undefined;
}

/**
 * Fitted on random 0.5B and 1.5B files (`npm run bench -- --only=models`) on a core of the Zen 5 kind: there this, not the
 * memory, is what one thread waits for, and its speed stayed the same while the memory's went from 18 to 29 GB/s.
 */
const WITH_BYTE_PRODUCTS: Unpacking = { byEncoding: { Q8_0: 21.5e9, Q4_0: 18e9, Q4_K: 20.5e9, Q6_K: 20.5e9, Q5_0: 10.7e9 }, otherwise: 15e9, multiplyingSpeed: undefined };
/**
 * The same on a core of the Zen 3 kind, which has AVX2 and no more. Its own speed changes by a quarter with its
 * neighbours, and with it the speed at which it multiplies bytes in the simplest way, which is also about that of the
 * library's products of `Q8_0`.
 */
const WITHOUT: Unpacking = { byEncoding: { Q8_0: 11.4e9, Q4_0: 11e9, Q4_K: 10.5e9, Q6_K: 10.5e9, Q5_0: 7.8e9 }, otherwise: 9e9, multiplyingSpeed: 12e9 };
/**
 * One thread reads weights in several streams at once, which reach more than the one of the measurement (measured: 1.1 to
 * 1.25). Several threads are measured with several streams: a published 14B at 4 bit reaches about half of the 50 GB/s of
 * a Ryzen 5800U, and nobody more than the memory gives.
 */
const STREAMS_OF_ONE_THREAD = 1.2;
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
  const reading = machine.readingSpeed * (machine.threads === 1 ? STREAMS_OF_ONE_THREAD : 1);
  const unpacking = unpackingOn(machine);
  const weights = shape.weights.reduce((seconds, { encoding, read }) => seconds + read / Math.min(reading, machine.threads * unpacking(encoding)), 0);
  const cache = cacheBytes(shape, { contextSize: depth }) / reading;
  return 1 / (weights + cache + FLOOR_SECONDS + FLOOR_SECONDS_PER_VOCABULARY * shape.vocabulary);
}

/** By how much this core multiplies faster or slower than the one that the figures are from, it is taken to unpack so too. */
function unpackingOn({ byteProducts, multiplyingSpeed }: DecodingMachine): (encoding: string) => number {
  const fitted = byteProducts ? WITH_BYTE_PRODUCTS : WITHOUT;
  const faster = multiplyingSpeed === undefined || fitted.multiplyingSpeed === undefined ? 1 : multiplyingSpeed / fitted.multiplyingSpeed;
  return (encoding) => (fitted.byEncoding[encoding] ?? fitted.otherwise) * faster;
}
