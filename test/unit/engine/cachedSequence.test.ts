import assert from "node:assert/strict";
import fc from "fast-check";
import { CachedSequence, commonLength } from "../../../src/engine/cachedSequence";
import { PROMPT_CHUNK } from "../../../src/engine/tokenSequence";
import { isAbortError } from "../../../src/core/util/abort";
import { FakeSequence, freeTurn } from "../../support/engineFakes";

const numbers = (count: number, from = 0): number[] => Array.from({ length: count }, (_, index) => (from + index) % 128);

/** A cache that has seen a prompt, and a count of what it evaluates from then on. */
async function warmed(tokens: readonly number[]): Promise<{ cache: CachedSequence; sequence: FakeSequence; evaluated: (next: readonly number[]) => Promise<number> }> {
  const sequence = new FakeSequence(4_096);
  const cache = new CachedSequence(sequence);
  await cache.predictAfter(tokens, freeTurn(), () => undefined);
  sequence.evaluated();
  return { cache, sequence, evaluated: async (next) => {
    let told = 0;
    await cache.predictAfter(next, freeTurn(), (count) => { told += count; });
    assert.equal(told, sequence.evaluated(), "what it tells is what it did");
    return told;
  } };
}

describe("engine/cachedSequence", () => {
  it("a cold prompt is evaluated whole, in chunks", async () => {
    const sequence = new FakeSequence(4_096);
    await new CachedSequence(sequence).predictAfter(numbers(150), freeTurn(), () => undefined);
    assert.deepEqual(sequence.chunks, [PROMPT_CHUNK, PROMPT_CHUNK, 150 - 2 * PROMPT_CHUNK]);
  });

  it("a longer prompt costs what it is longer", async () => {
    const { evaluated } = await warmed(numbers(100));
    assert.equal(await evaluated(numbers(101)), 1);
    assert.equal(await evaluated(numbers(105)), 4);
  });

  it("the same prompt again costs nothing", async () => {
    const { evaluated } = await warmed(numbers(100));
    assert.equal(await evaluated(numbers(100)), 0);
  });

  it("resuming: a position whose prediction is known costs nothing, even before the cache's end", async () => {
    const { evaluated, sequence } = await warmed(numbers(100));
    for (let length = 101; length < 110; length++) await evaluated(numbers(length));
    assert.equal(await evaluated(numbers(104)), 0);
    assert.equal(sequence.tokens.length, 109, "and nothing is thrown away");
    assert.equal(await evaluated(numbers(108)), 0);
  });

  it("leaving drops only what differs", async () => {
    const { evaluated, sequence } = await warmed(numbers(100));
    assert.equal(await evaluated([...numbers(90), 7, 8]), 2);
    assert.deepEqual(sequence.tokens, [...numbers(90), 7, 8]);
  });

  it("a position inside an evaluated chunk costs one token", async () => {
    const { evaluated } = await warmed(numbers(100));
    assert.equal(await evaluated(numbers(50)), 1);
  });

  it("a prediction is forgotten with what stood before it", async () => {
    const { evaluated } = await warmed(numbers(100));
    await evaluated([...numbers(90), 7]);
    assert.equal(await evaluated(numbers(100)), 10);
  });

  it("cancelled between chunks: what was evaluated stays", async () => {
    const sequence = new FakeSequence(4_096);
    const cache = new CachedSequence(sequence);
    await assert.rejects(cache.predictAfter(numbers(1_000), freeTurn(3), () => undefined), isAbortError);
    assert.equal(sequence.evaluated(), 3 * PROMPT_CHUNK);
    await cache.predictAfter(numbers(1_000), freeTurn(), () => undefined);
    assert.equal(sequence.evaluated(), 1_000 - 3 * PROMPT_CHUNK);
  });

  it("cleared: everything is evaluated again", async () => {
    const { cache, evaluated } = await warmed(numbers(100));
    await cache.clear();
    assert.equal(await evaluated(numbers(100)), 100);
  });

  it("property: after any requests, some of them cancelled, the answer is that of a cold cache", async () => {
    const prompt = fc.array(fc.nat(2), { minLength: 1, maxLength: 200 });
    const request = fc.record({ prompt, steps: fc.oneof(fc.constant(99), fc.nat(3)) });
    await fc.assert(fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 8 }), async (requests) => {
      const sum = (tokens: readonly number[]): number => tokens.reduce((total, token, index) => (total * 3 + token + index) % 9_973, 0);
      const sequence = new FakeSequence(4_096, (tokens) => ({ token: sum(tokens), probability: 0.5 }));
      const cache = new CachedSequence(sequence);
      for (const { prompt, steps } of requests) {
        const answer = await cache.predictAfter(prompt, freeTurn(steps), () => undefined).catch((error: unknown) => {
          assert.ok(isAbortError(error));
          return undefined;
        });
        if (answer) assert.equal(answer.token, sum(prompt));
      }
    }));
  });

  it("commonLength", () => {
    assert.deepEqual([commonLength([], [1]), commonLength([1, 2], [1, 2]), commonLength([1, 2, 3], [1, 2]), commonLength([1, 2], [2, 1])], [0, 2, 2, 0]);
  });
});
