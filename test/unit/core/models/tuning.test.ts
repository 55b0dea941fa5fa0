import assert from "node:assert/strict";
import fc from "fast-check";
import { AUTOMATIC_OPTIONS } from "../../../../src/core/models/loadOptions";
import { describeTuning, loadWish, threadCandidates, tune } from "../../../../src/core/models/tuning";
import type { ThreadSpeed } from "../../../../src/protocol/engine";

const speed = (threads: number, prefill: number, decode: number): ThreadSpeed => ({ threads, prefill, decode, prefillTokens: 512, decodeTokens: 48 });

describe("core/models/tuning", () => {
  it("takes the fastest threads, and fewer where they are about as fast", () => {
    assert.equal(tune([speed(7, 400, 20), speed(6, 360, 18), speed(4, 250, 16)], "cpu")?.threads, 7);
    assert.equal(tune([speed(7, 400, 20), speed(6, 396, 20), speed(4, 380, 19.9)], "cpu")?.threads, 4);
    // Slow cores beside fast ones: all of them together are slower.
    assert.equal(tune([speed(7, 300, 12), speed(4, 310, 25)], "cpu")?.threads, 4);
  });

  it("batch: what is read in 0.15 seconds, within limits that differ on a GPU", () => {
    const batches = [5, 200, 430, 10_000].map((prefill) => tune([speed(1, prefill, 20)], "cpu")?.batchSize);
    assert.deepEqual([...batches, tune([speed(1, 10_000, 20)], "cuda")?.batchSize], [16, 16, 64, 256, 512]);
  });

  it("latency budget: two lines' worth, within what a person waits for", () => {
    assert.deepEqual([200, 16, 2].map((decode) => tune([speed(1, 100, decode)], "cpu")?.timeBudgetMs), [500, 1_500, 2_500]);
  });

  it("nothing measured, nothing set; figures that are none do not count", () => {
    assert.equal(tune([], "cpu"), undefined);
    assert.equal(tune([speed(1, 0, 20), speed(2, 100, 0), speed(3, Number.NaN, 1)], "cpu"), undefined);
  });

  it("never every core", () => {
    assert.deepEqual([1, 2, 3, 4, 8, 16].map((cores) => threadCandidates(cores, "cpu")), [[1], [1], [2, 1], [3, 2], [7, 6, 4], [15, 12, 8]]);
    assert.deepEqual([2, 16].map((cores) => threadCandidates(cores, "vulkan")), [[1], [4]]);
    fc.assert(fc.property(fc.integer({ min: 2, max: 256 }), (cores) => threadCandidates(cores, "cpu").every((threads) => threads >= 1 && threads < cores)), { seed: 7 });
  });

  it("the person's own values go before the measured ones, and those before the engine's", () => {
    const tuning = { threads: 3, batchSize: 32 };
    assert.deepEqual([loadWish(AUTOMATIC_OPTIONS, tuning).threads, loadWish({ ...AUTOMATIC_OPTIONS, threads: 5, batchSize: 128 }, tuning)], [3, { ...AUTOMATIC_OPTIONS, threads: 5, batchSize: 128 }]);
    assert.ok(!("threads" in loadWish(AUTOMATIC_OPTIONS, undefined)) && !("batchSize" in loadWish(AUTOMATIC_OPTIONS, undefined)));
  });

  it("what is faster than a tenth of a second is not said to take none", () => {
    assert.match(describeTuning("completion", { threads: 1, batchSize: 64, timeBudgetMs: 500, prefill: 3_000, decode: 400 }), /takes less than 0\.1 seconds/);
  });

  it("says in words what that means, and where it is slow", () => {
    const fast = { threads: 3, batchSize: 64, timeBudgetMs: 500, prefill: 640, decode: 60 };
    assert.equal(describeTuning("completion", fast), "It reads 640 and writes 60 tokens a second with 3 threads: a line of ghost text takes about 0.3 seconds.");
    assert.equal(describeTuning("chat", { ...fast, threads: 1, prefill: 30, decode: 2.7 }), "It reads 30 and writes 2.7 tokens a second with 1 thread: an answer of 200 words takes about 100 seconds after its prompt. That is slow for chat: choose a smaller model.");
  });
});
