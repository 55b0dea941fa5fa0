import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCheckpoint, writeCheckpoint, type LayerWeights, type ModelWeights } from "../../../models/starter/train/checkpoint.js";
import { readConfig } from "../../../models/starter/train/config.js";
import { exportModel } from "../../../models/starter/train/exportModel.js";
import { readGguf } from "../../../models/starter/train/ggufReader.js";
import { grownWeights, readExported } from "../../../models/starter/train/growModel.js";
import { normalNumber, randomNumbers } from "../../../models/starter/train/random.js";
import { referenceSequence } from "../../../models/starter/train/reference.js";
import { createTokenizer } from "../../../models/starter/train/tokenizer.js";

const tokenizer = createTokenizer({ merges: [] });
const small = { ...readConfig().model, width: 64, layers: 2, heads: 2, feedForward: 64, context: 128 };
const large = { ...small, width: 96, layers: 3, heads: 3, feedForward: 96 };
const config = (model: typeof small) => ({ ...readConfig(), model, tokenizer: { ...readConfig().tokenizer, vocabulary: tokenizer.tokens.length } });

function randomWeights(): ModelWeights {
  const random = randomNumbers(5);
  const values = (count: number): Float32Array => Float32Array.from({ length: count }, () => 0.1 * normalNumber(random));
  const gain = (): Float32Array => values(small.width).map((value) => 1 + value);
  const head = small.width / small.heads;
  const layer = (): LayerWeights => ({
    attentionNorm: gain(), query: values(small.width ** 2), key: values(head * small.width), value: values(head * small.width),
    attentionOut: values(small.width ** 2), feedForwardNorm: gain(), gate: values(small.feedForward * small.width),
    up: values(small.feedForward * small.width), down: values(small.width * small.feedForward),
  });
  return { steps: 3, tokens: 4_000_000, embedding: values(tokenizer.tokens.length * small.width), layers: [layer(), layer()], lastNorm: gain() };
}

function logitsOf(weights: ModelWeights, model: typeof small): number[] {
  const sequence = referenceSequence(weights, model);
  return [5, 80, 80, 7].flatMap((token) => [...sequence.next(token)]);
}

const largestDifference = (left: readonly number[], right: readonly number[]): number =>
  left.reduce((most, value, index) => Math.max(most, Math.abs(value - (right[index] ?? Infinity))), 0);

describe("growing a model", () => {
  const weights = randomWeights();

  it("keeps what it computes", () => {
    const grown = grownWeights(weights, small, large, randomNumbers(1));
    assert.equal(grown.layers.length, 3);
    assert.equal(grown.tokens, weights.tokens);
    assert.ok(largestDifference(logitsOf(weights, small), logitsOf(grown, large)) < 1e-4);
  });

  it("leaves no new part without a way to learn: what it reads is random, what it writes begins at zero", () => {
    const [layer] = grownWeights(weights, small, large, randomNumbers(1)).layers;
    assert.ok(layer);
    assert.ok(layer.query.slice(64 * 96).every((value) => value !== 0));
    assert.ok(layer.attentionOut.slice(64 * 96).every((value) => value === 0));
  });

  it("refuses smaller shapes and other heads", () => {
    assert.throws(() => grownWeights(weights, small, { ...large, layers: 1 }, randomNumbers(1)), /smaller/);
    assert.throws(() => grownWeights(weights, small, { ...large, heads: 2 }, randomNumbers(1)), /heads/);
  });

  it("reads the exported file, and writes a checkpoint that the recipe reads", () => {
    const read = readExported(readGguf(exportModel(weights, tokenizer, config(small), "F32")), weights.tokens);
    assert.deepEqual({ ...read.shape, ropeBase: 0, normEpsilon: 0 }, { ...small, ropeBase: 0, normEpsilon: 0 });
    const folder = mkdtempSync(join(tmpdir(), "starter-grow-"));
    const path = join(folder, "checkpoint.bin");
    writeCheckpoint(path, read.weights);
    const again = readCheckpoint(path, config(small));
    rmSync(folder, { recursive: true });
    assert.deepEqual(logitsOf(again, small), logitsOf(weights, small));
    assert.deepEqual([again.steps, again.tokens], [0, 4_000_000]);
  });
});
