/** Reads and writes the trainer's checkpoint file. Its layout is that of `trainer/trainer.cpp` and `trainer/shape.h`. */
import { readFileSync, writeFileSync } from "node:fs";
import type { RecipeConfig } from "./config.js";

export interface LayerWeights {
  readonly attentionNorm: Float32Array;
  readonly query: Float32Array;
  readonly key: Float32Array;
  readonly value: Float32Array;
  readonly attentionOut: Float32Array;
  readonly feedForwardNorm: Float32Array;
  readonly gate: Float32Array;
  readonly up: Float32Array;
  readonly down: Float32Array;
}

/** Matrices are row-major [outputs][inputs]; the embedding is also the output matrix. */
export interface ModelWeights {
  readonly steps: number;
  readonly tokens: number;
  readonly embedding: Float32Array;
  readonly layers: readonly LayerWeights[];
  readonly lastNorm: Float32Array;
}

const headerLength = 8 + 4 * 8 + 8;

/** Weights of a checkpoint. Throws when the file is no checkpoint or has another number of weights than the configuration. */
export function readCheckpoint(path: string, config: RecipeConfig): ModelWeights {
  const bytes = readFileSync(path);
  if (bytes.toString("latin1", 0, 8) !== "GLSTART1") throw new Error(`${path} is not a checkpoint`);
  const count = Number(bytes.readBigInt64LE(32));
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset + headerLength, bytes.byteOffset + headerLength + count * 4));
  return { steps: Number(bytes.readBigInt64LE(8)), tokens: Number(bytes.readBigInt64LE(16)), ...splitWeights(values, config, path) };
}

/** Writes a checkpoint to begin from: no time used, the first row next, moments of the optimizer zero. */
export function writeCheckpoint(path: string, weights: ModelWeights): void {
  const parts = [weights.embedding, ...weights.layers.flatMap((layer) => [layer.attentionNorm, layer.query, layer.key, layer.value,
    layer.attentionOut, layer.feedForwardNorm, layer.gate, layer.up, layer.down]), weights.lastNorm];
  const count = parts.reduce((sum, part) => sum + part.length, 0);
  const header = Buffer.alloc(headerLength);
  header.write("GLSTART1", "latin1");
  [weights.steps, weights.tokens, 0, count].forEach((value, index) => header.writeBigInt64LE(BigInt(value), 8 * (index + 1)));
  const bytes = parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength));
  writeFileSync(path, Buffer.concat([header, ...bytes, Buffer.alloc(2 * 4 * count)]));
}

/** The tensors of one flat array, as views of it. Throws when their number is not that of the configuration. */
export function splitWeights(values: Float32Array, config: RecipeConfig, source: string): Omit<ModelWeights, "steps" | "tokens"> {
  let at = 0;
  const take = (size: number): Float32Array => values.subarray(at, (at += size));
  const { width, layers, heads, feedForward } = config.model;
  const head = width / heads;
  const weights = {
    embedding: take(config.tokenizer.vocabulary * width),
    layers: Array.from({ length: layers }, () => ({
      attentionNorm: take(width), query: take(width * width), key: take(head * width), value: take(head * width),
      attentionOut: take(width * width), feedForwardNorm: take(width), gate: take(feedForward * width),
      up: take(feedForward * width), down: take(width * feedForward),
    })),
    lastNorm: take(width),
  };
  if (at !== values.length) throw new Error(`${source} holds ${values.length} weights, the configuration needs ${at}`);
  return weights;
}
