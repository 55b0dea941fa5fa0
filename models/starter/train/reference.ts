/**
 * The model's forward pass in plain floats, one token at a time. Slow and simple: it is what the exported file
 * is compared with, so it shares no code with the trainer or with llama.cpp.
 */
import type { LayerWeights, ModelWeights } from "./checkpoint.js";
import type { RecipeConfig } from "./config.js";

/** One running sequence; `next` takes a token and returns the logits of the token after it. */
export interface ReferenceSequence { next(token: number): Float32Array }

/** Starts an empty sequence. It may grow to the configuration's context; nothing checks that. */
export function referenceSequence(weights: ModelWeights, config: RecipeConfig["model"]): ReferenceSequence {
  const keys: Float32Array[][] = weights.layers.map(() => []);
  const values: Float32Array[][] = weights.layers.map(() => []);
  return {
    next(token) {
      const stream = Float32Array.from(weights.embedding.subarray(token * config.width, (token + 1) * config.width));
      weights.layers.forEach((layer, index) => {
        attend(stream, layer, config, keys[index] ?? [], values[index] ?? []);
        feedForward(stream, layer, config);
      });
      return product(weights.embedding, normed(stream, weights.lastNorm, config.normEpsilon));
    },
  };
}

function attend(stream: Float32Array, layer: LayerWeights, config: RecipeConfig["model"], keys: Float32Array[],
  values: Float32Array[]): void {
  const head = config.width / config.heads;
  const group = config.heads / config.keyValueHeads;
  const input = normed(stream, layer.attentionNorm, config.normEpsilon);
  const position = keys.length;
  const query = rotated(product(layer.query, input), position, head, config.ropeBase);
  keys.push(rotated(product(layer.key, input), position, head, config.ropeBase));
  values.push(product(layer.value, input));
  const output = new Float32Array(config.width);
  for (let index = 0; index < config.heads; index++) {
    const shared = Math.floor(index / group) * head;
    const scores = keys.map((key) => dot(query, index * head, key, shared, head) / Math.sqrt(head));
    const most = scores.reduce((left, right) => Math.max(left, right));
    const powers = scores.map((score) => Math.exp(score - most));
    const sum = powers.reduce((left, right) => left + right);
    powers.forEach((power, at) => {
      for (let column = 0; column < head; column++) {
        output[index * head + column] = (output[index * head + column] ?? 0) + (power / sum) * (values[at]?.[shared + column] ?? 0);
      }
    });
  }
  addTo(stream, product(layer.attentionOut, output));
}

function feedForward(stream: Float32Array, layer: LayerWeights, config: RecipeConfig["model"]): void {
  const input = normed(stream, layer.feedForwardNorm, config.normEpsilon);
  const up = product(layer.up, input);
  const activated = product(layer.gate, input).map((gate, index) => (gate / (1 + Math.exp(-gate))) * (up[index] ?? 0));
  addTo(stream, product(layer.down, activated));
}

function normed(input: Float32Array, gain: Float32Array, epsilon: number): Float32Array {
  const squares = input.reduce((sum, value) => sum + value * value, 0);
  const scale = 1 / Math.sqrt(squares / input.length + epsilon);
  return input.map((value, index) => value * scale * (gain[index] ?? 0));
}

/** Neighbouring pairs turned by an angle that depends on the position. */
function rotated(vector: Float32Array, position: number, head: number, base: number): Float32Array {
  const result = new Float32Array(vector.length);
  for (let at = 0; at < vector.length; at += 2) {
    const angle = position * base ** (-(at % head) / head);
    const [x = 0, y = 0] = [vector[at], vector[at + 1]];
    result[at] = x * Math.cos(angle) - y * Math.sin(angle);
    result[at + 1] = x * Math.sin(angle) + y * Math.cos(angle);
  }
  return result;
}

function product(matrix: Float32Array, vector: Float32Array): Float32Array {
  const result = new Float32Array(matrix.length / vector.length);
  for (let row = 0; row < result.length; row++) result[row] = dot(matrix, row * vector.length, vector, 0, vector.length);
  return result;
}

function dot(left: Float32Array, leftAt: number, right: Float32Array, rightAt: number, length: number): number {
  let sum = 0;
  for (let index = 0; index < length; index++) sum += (left[leftAt + index] ?? 0) * (right[rightAt + index] ?? 0);
  return sum;
}

function addTo(target: Float32Array, change: Float32Array): void {
  for (let index = 0; index < target.length; index++) target[index] = (target[index] ?? 0) + (change[index] ?? 0);
}
