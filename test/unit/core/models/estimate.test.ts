import assert from "node:assert/strict";
import { predictDecodeSpeed, type DecodingMachine } from "../../../../src/core/models/decodeSpeed";
import { bytesPerToken, cacheBytes, estimateMemory } from "../../../../src/core/models/estimate";
import { readGgufHeader } from "../../../../src/core/models/gguf";
import { shapeFromHeader, shapeFromParameters, type KnownSize, type ModelShape } from "../../../../src/core/models/modelShape";
import { uint32 } from "../../../../models/starter/train/gguf";
import { syntheticModel } from "../../../../models/starter/train/syntheticModel";
import { BytesSource, ggufWith, SOUND_TENSORS, tensor } from "../../../support/ggufFiles";

const shapeOf = (bytes: Uint8Array): ModelShape => shapeFromHeader(readGgufHeader(new BytesSource(bytes)));
const dense = (parameters: number, quantization: string, size: number | null = null): KnownSize => ({ parameters, activeParameters: parameters, quantization, size, roles: ["chat"] });
const within = (actual: number, expected: number, share: number): void => { assert.ok(Math.abs(actual / expected - 1) <= share, `${(actual / 1e9).toFixed(2)} for ${(expected / 1e9).toFixed(2)}`); };
const NO_WEIGHTS: ModelShape = { weights: [], sharedOutput: undefined, caches: [], heads: 1, embeddingLength: 1, feedForwardLength: 1, vocabulary: 0, exact: true };

describe("core/models/estimate: published checks, within 15 %", () => {
  it("1.5 billion parameters at 4 bit with a cache of 2,048 tokens need about 1.2 GB", () => {
    for (const quantization of ["Q4_0", "Q4_K_M"]) within(estimateMemory(shapeFromParameters(dense(1.54e9, quantization)), { contextSize: 2_048 }).lasting, 1.2e9, 0.15);
  });
  it("7 billion parameters at full precision need 28 GB", () => {
    within(estimateMemory(shapeFromParameters(dense(7e9, "F32")), { contextSize: 2_048 }).lasting, 28e9, 0.15);
    within(estimateMemory(shapeFromParameters(dense(7e9, "F32")), { contextSize: 2_048 }).needed, 28e9, 0.15);
  });
  it("a size from the catalog stands in for the guess", () => {
    assert.equal(Math.round(estimateMemory(shapeFromParameters(dense(1.54e9, "Q8_0", 1_646_573_056)), { contextSize: 2_048 }).weights), 1_646_573_056);
  });
  it("file sizes by parameters and quantization come near the published files", () => {
    within(estimateMemory(shapeFromParameters(dense(7.6e9, "Q8_0")), { contextSize: 256 }).weights, 8_098_525_600, 0.03);
    within(estimateMemory(shapeFromParameters(dense(7.6e9, "Q4_K_M")), { contextSize: 256 }).weights, 4_683_073_536, 0.03);
    within(estimateMemory(shapeFromParameters(dense(14.8e9, "Q4_K_M")), { contextSize: 256 }).weights, 8_988_110_272, 0.03);
    within(estimateMemory(shapeFromParameters(dense(30.5e9, "Q4_K_M")), { contextSize: 256 }).weights, 18.6e9, 0.03);
  });
});

describe("core/models/estimate: the cache", () => {
  const group = { layers: 28, keyWidth: 256, valueWidth: 256 };
  it("is layers by tokens by widths by two bytes", () => { assert.equal(cacheBytes({ ...NO_WEIGHTS, caches: [group] }, { contextSize: 2_048 }), 28 * 2_048 * 512 * 2); });
  it("rounds the context up to 256", () => { assert.equal(cacheBytes({ ...NO_WEIGHTS, caches: [group] }, { contextSize: 1 }), 28 * 256 * 512 * 2); });
  it("q8_0 has 34 bytes for 32 values, q4_0 has 18", () => {
    const f16 = cacheBytes({ ...NO_WEIGHTS, caches: [group] }, { contextSize: 4_096 });
    assert.equal(cacheBytes({ ...NO_WEIGHTS, caches: [group] }, { contextSize: 4_096, cacheType: "q8_0" }) / f16, 34 / 64);
    assert.equal(cacheBytes({ ...NO_WEIGHTS, caches: [group] }, { contextSize: 4_096, cacheType: "q4_0" }) / f16, 18 / 64);
  });
  it("a sliding window holds itself and a batch, however long the context", () => {
    const sliding = { ...NO_WEIGHTS, caches: [{ ...group, window: 1_024 }] };
    assert.equal(cacheBytes(sliding, { contextSize: 32_768 }), 28 * 1_280 * 512 * 2);
    assert.equal(cacheBytes(sliding, { contextSize: 512 }), 28 * 512 * 512 * 2);
  });
  it("models that only embed have none", () => { assert.deepEqual(shapeFromParameters({ ...dense(137e6, "Q8_0"), roles: ["embedding"] }).caches, []); });
});

describe("core/models/modelShape: from a header", () => {
  it("takes widths and weights", () => {
    const shape = shapeOf(syntheticModel({ layers: 3, width: 128, vocabulary: 512 }));
    assert.deepEqual(shape.caches, [{ layers: 3, keyWidth: 64, valueWidth: 64 }]);
    assert.deepEqual([shape.heads, shape.embeddingLength, shape.feedForwardLength, shape.vocabulary, shape.exact], [4, 128, 256, 512, true]);
    const q8 = shape.weights.find((group) => group.encoding === "Q8_0");
    // The embedding's table is looked up, not read through.
    assert.equal((q8?.bytes ?? 0) - (q8?.read ?? 0), ((512 * 128) / 32) * 34);
    assert.equal(shape.sharedOutput, undefined);
  });
  it("an embedding that is the output too is read through", () => {
    const shape = shapeOf(ggufWith());
    assert.equal(shape.weights[0]?.bytes, shape.weights[0]?.read);
    assert.equal(shape.sharedOutput?.bytes, ((64 * 4) / 32) * 34);
  });
  it("of mixed experts those are read that are chosen", () => {
    const shape = shapeOf(ggufWith({ "llama.expert_count": uint32(8), "llama.expert_used_count": uint32(2) }, [...SOUND_TENSORS, tensor("blk.0.ffn_up_exps.weight", [64, 64, 8])]));
    const experts = ((64 * 64 * 8) / 32) * 34;
    assert.equal((shape.weights[0]?.bytes ?? 0) - (shape.weights[0]?.read ?? 0), experts * 0.75);
  });
  it("head lengths and a list of key heads, where a layer may have none", () => {
    const shape = shapeOf(ggufWith({ "llama.block_count": uint32(3), "llama.attention.head_count_kv": { type: "uint32", values: [1, 0, 1] }, "llama.attention.key_length": uint32(48), "llama.attention.value_length": uint32(16) }));
    assert.deepEqual(shape.caches, [{ layers: 2, keyWidth: 48, valueWidth: 16 }]);
  });
  it("a window slides where the pattern says so, and nowhere where there is none", () => {
    const windowed = (changes: Parameters<typeof ggufWith>[0]): unknown => shapeOf(ggufWith({ "llama.block_count": uint32(6), "llama.attention.sliding_window": uint32(512), ...changes })).caches.map(({ layers, window }) => [layers, window]);
    assert.deepEqual(windowed({}), [[6, undefined]]);
    assert.deepEqual(windowed({ "llama.attention.sliding_window_pattern": uint32(3) }), [[4, 512], [2, undefined]]);
    assert.deepEqual(windowed({ "llama.attention.sliding_window_pattern": { type: "uint8", values: [1, 1, 1, 1, 1, 0] } }), [[5, 512], [1, undefined]]);
  });
});

describe("core/models/estimate: memory", () => {
  const shape = (encoding: string, shared = false): ModelShape => ({ ...NO_WEIGHTS, weights: [{ encoding, bytes: 1e9, read: 1e9 }], sharedOutput: shared ? { encoding, bytes: 0.2e9, read: 0.2e9 } : undefined });
  it("4-bit weights are held twice, and the first copy may be dropped", () => {
    const estimate = estimateMemory(shape("Q4_0"), { contextSize: 256 });
    const plain = estimateMemory(shape("Q8_0"), { contextSize: 256 });
    assert.equal(estimate.resident - plain.resident, 1e9);
    assert.equal(estimate.needed, plain.needed);
    assert.equal(estimateMemory(shape("Q4_0"), { contextSize: 256, rearranges: false }).resident, plain.resident);
  });
  it("but not the part that the embedding is looked up in", () => {
    const more = estimateMemory(shape("Q4_0", true), { contextSize: 256 }).lasting - estimateMemory(shape("Q8_0", true), { contextSize: 256 }).lasting;
    assert.ok(Math.abs(more - 0.2e9) < 1, String(more));
  });
  it("what is needed is more than what is held by a margin", () => {
    const { resident, needed } = estimateMemory(shape("Q8_0"), { contextSize: 256 });
    assert.ok(needed > resident * 1.04);
  });
  it("flash attention saves the scores of a long context", () => {
    const wide = { ...shape("Q8_0"), heads: 32 };
    assert.ok(estimateMemory(wide, { contextSize: 32_768 }).compute - estimateMemory(wide, { contextSize: 32_768, flashAttention: true }).compute > 200e6);
  });
});

describe("core/models/decodeSpeed", () => {
  const shape = shapeFromParameters(dense(7e9, "Q8_0"));
  const at = (gigabytes: number, threads = 64, byteProducts = true, multiplying?: number): DecodingMachine => ({ readingSpeed: gigabytes * 1e9, multiplyingSpeed: multiplying === undefined ? undefined : multiplying * 1e9, threads, byteProducts });
  it("with many threads is about what the memory gives divided by what a token reads", () => {
    const speed = predictDecodeSpeed(shape, at(50));
    assert.ok(Math.abs(speed / (50e9 / bytesPerToken(shape, 1_024)) - 1) < 0.2, String(speed));
  });
  it("with one thread is held back by that thread, however fast the memory", () => {
    assert.equal(Math.round(predictDecodeSpeed(shape, at(100, 1)) * 10), Math.round(predictDecodeSpeed(shape, at(1_000, 1)) * 10));
    assert.ok(predictDecodeSpeed(shape, at(1_000, 4)) > 3.5 * predictDecodeSpeed(shape, at(1_000, 1)));
  });
  it("grows with the memory's speed, falls with the depth", () => {
    assert.ok(predictDecodeSpeed(shape, at(100)) > 1.9 * predictDecodeSpeed(shape, at(50)));
    assert.ok(predictDecodeSpeed(shape, at(50), 16_384) < predictDecodeSpeed(shape, at(50)));
  });
  it("one thread without instructions for bytes is slower by a third to a half, many are not where the memory is what they wait for", () => {
    for (const quantization of ["Q8_0", "Q4_0", "Q4_K_M"]) {
      const quantized = shapeFromParameters(dense(7e9, quantization));
      const ratio = predictDecodeSpeed(quantized, at(100, 1, false)) / predictDecodeSpeed(quantized, at(100, 1));
      assert.ok(ratio > 0.5 && ratio < 0.7, `${quantization}: ${String(ratio)}`);
    }
    assert.equal(predictDecodeSpeed(shape, at(50, 64, false)), predictDecodeSpeed(shape, at(50)));
  });
  it("one thread is as much slower as its core multiplies slower, many are not where the memory is what they wait for", () => {
    const ratio = predictDecodeSpeed(shape, at(100, 1, false, 9)) / predictDecodeSpeed(shape, at(100, 1, false, 12));
    assert.ok(Math.abs(ratio - 0.75) < 0.01, String(ratio));
    assert.equal(predictDecodeSpeed(shape, at(50, 64, false, 9)), predictDecodeSpeed(shape, at(50, 64, false)));
  });
  it("reads no more than the memory gives to several threads, and for one thread what its streams add", () => {
    const large = shapeFromParameters(dense(14e9, "Q4_K_M"));
    assert.ok(predictDecodeSpeed(large, at(30)) < 30e9 / bytesPerToken(large, 1_024));
    assert.ok(predictDecodeSpeed(large, at(5, 1)) > 1.1 * (5e9 / bytesPerToken(large, 1_024)));
  });
  it("of mixed experts only the active ones are read", () => {
    const mixture = shapeFromParameters({ ...dense(30.5e9, "Q4_K_M"), activeParameters: 3.3e9 });
    const whole = shapeFromParameters(dense(30.5e9, "Q4_K_M"));
    assert.ok(predictDecodeSpeed(mixture, at(50)) > 6 * predictDecodeSpeed(whole, at(50)));
    assert.equal(estimateMemory(mixture, { contextSize: 256 }).weights, estimateMemory(whole, { contextSize: 256 }).weights);
  });
  it("a tiny model is held back by what every token costs", () => {
    assert.ok(predictDecodeSpeed(shapeFromParameters(dense(1e6, "Q8_0")), at(1_000)) < 1_000);
  });
});
