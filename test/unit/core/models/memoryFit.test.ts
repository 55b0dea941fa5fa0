import assert from "node:assert/strict";
import { estimateMemory } from "../../../../src/core/models/estimate";
import { describeShortage, describeSlowLoad, fitToMemory, type FitWish, type MemoryFit } from "../../../../src/core/models/memoryFit";
import { shapeFromParameters } from "../../../../src/core/models/modelShape";

const GB = 1e9;
/** 7 billion parameters in 8 bits, 8.1 GB: nothing of it is rearranged. */
const SEVEN = shapeFromParameters({ parameters: 7.6e9, activeParameters: 7.6e9, quantization: "Q8_0", size: null, roles: ["chat"] });
const FOUR_BIT = shapeFromParameters({ parameters: 7.6e9, activeParameters: 7.6e9, quantization: "Q4_0", size: null, roles: ["chat"] });
const WISH: FitWish = { role: "chat", contextSize: 4_096, gpuLayers: "auto", trainContextSize: 32_768, blocks: 28, batchSize: 64, cacheType: "f16", flashAttention: true, memoryMapped: true };
type Fits = Extract<MemoryFit, { fits: true }>;
const fits = (fit: MemoryFit): Fits => {
  assert.ok(fit.fits, JSON.stringify(fit));
  return fit;
};

describe("core/models/memoryFit", () => {
  it("no GPU, memory enough: no layers, the wished context, nothing to say", () => {
    assert.deepEqual(fitToMemory(SEVEN, WISH, { main: 16 * GB }), { fits: true, contextSize: 4_096, gpuLayers: 0 });
  });

  it("as many layers as free graphics memory holds, with a margin; never more than there are", () => {
    const layers = [0.3, 2, 4, 8, 12, 80].map((gpu) => fits(fitToMemory(SEVEN, WISH, { main: 16 * GB, gpu: gpu * GB })).gpuLayers);
    assert.deepEqual([layers[0], layers.at(-1)], [0, 29]);
    assert.ok(layers.every((count, index) => count >= (layers[index - 1] ?? 0)), layers.join());
    const [, , four = 0] = layers;
    const { weights, cache, compute } = estimateMemory(SEVEN, { contextSize: 4_096, flashAttention: true });
    assert.ok((four / 29) * (weights + cache) + compute <= 3.75 * GB && four > 8, String(four));
  });

  it("so many layers as wished do not fit: said with the numbers", () => {
    const fit = fitToMemory(SEVEN, { ...WISH, gpuLayers: 29 }, { main: 16 * GB, gpu: 4 * GB });
    assert.ok(!fit.fits && fit.gpuLayers === 29);
    assert.match(describeShortage(fit), /^it needs 8\.\d GB for a context of 4096 tokens and the graphics memory has 4\.0 GB free$/);
  });

  it("shared memory is not counted twice: what the GPU takes is gone", () => {
    const apart = fits(fitToMemory(SEVEN, { ...WISH, memoryMapped: false, gpuLayers: 15 }, { main: 6 * GB, gpu: 6 * GB }));
    assert.equal(apart.gpuLayers, 15);
    assert.equal(fitToMemory(SEVEN, { ...WISH, memoryMapped: false, gpuLayers: 15 }, { main: 6 * GB, gpu: 6 * GB, gpuShared: true }).fits, false);
  });

  it("mapped, a model larger than memory runs slowly: said with an estimate", () => {
    const { slow } = fits(fitToMemory(SEVEN, WISH, { main: 4 * GB }));
    assert.ok(slow);
    assert.match(describeSlowLoad(slow), /^The model's weights take 8\.\d GB and 3\.\d GB are free: .* about 1\d seconds a token from a solid-state disk\.$/);
  });

  it("unmapped, it does not fit", () => {
    const fit = fitToMemory(SEVEN, { ...WISH, memoryMapped: false }, { main: 4 * GB });
    assert.ok(!fit.fits && fit.gpuLayers === 0);
    assert.match(describeShortage(fit), /this machine has 4\.0 GB free$/);
  });

  it("weights that the library rearranges need memory even mapped", () => {
    assert.equal(fitToMemory(FOUR_BIT, WISH, { main: 3 * GB }).fits, false);
    assert.equal(fits(fitToMemory(FOUR_BIT, WISH, { main: 6 * GB })).slow, undefined);
  });

  it("automatic contexts shrink where memory is short, down to the role's least; wished ones do not", () => {
    const cacheAt = (contextSize: number): number => estimateMemory(SEVEN, { contextSize, flashAttention: true }).cache;
    const short = { main: (cacheAt(4_096) + 0.1 * GB) / 0.9 };
    assert.equal(fits(fitToMemory(SEVEN, { ...WISH, contextSize: "auto" }, { main: 16 * GB })).contextSize, 8_192);
    assert.equal(fits(fitToMemory(SEVEN, { ...WISH, contextSize: "auto" }, short)).contextSize, 4_096);
    assert.equal(fitToMemory(SEVEN, { ...WISH, contextSize: 8_192 }, short).fits, false);
    const none = fitToMemory(SEVEN, { ...WISH, contextSize: "auto" }, { main: 0.01 * GB });
    assert.ok(!none.fits && none.contextSize === 1_024);
    assert.equal(fits(fitToMemory(SEVEN, { ...WISH, role: "completion", contextSize: "auto" }, { main: 16 * GB })).contextSize, 2_048);
  });

  it("no context is larger than what the model was trained for", () => {
    assert.equal(fits(fitToMemory(SEVEN, { ...WISH, trainContextSize: 1_000 }, { main: 16 * GB })).contextSize, 1_000);
  });

  it("weights that another role holds cost nothing more and stay where they are", () => {
    const fit = fits(fitToMemory(SEVEN, { ...WISH, memoryMapped: false, weightsThere: { gpuLayers: 12 } }, { main: 2 * GB, gpu: 1 * GB }));
    assert.deepEqual([fit.gpuLayers, fit.slow], [12, undefined]);
  });

  it("keys and values in fewer bits make room", () => {
    const main = 0.45 * GB;
    assert.equal(fitToMemory(SEVEN, { ...WISH, contextSize: 8_192 }, { main }).fits, false);
    assert.equal(fitToMemory(SEVEN, { ...WISH, contextSize: 8_192, cacheType: "q4_0" }, { main }).fits, true);
  });
});
