import assert from "node:assert/strict";
import { createRandom, randomBelow, shuffled } from "../../../../src/core/evaluation/random";

const draw = (seed: string, count: number): number[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => random());
};

describe("core/evaluation/random", () => {
  it("gives the same numbers for the same seed, and others for another", () => {
    assert.deepEqual(draw("1:express", 5), draw("1:express", 5));
    assert.notDeepEqual(draw("1:express", 5), draw("2:express", 5));
  });

  it("stays from 0 to below 1 and is spread evenly", () => {
    const tenths = new Array<number>(10).fill(0);
    for (const value of draw("spread", 10_000)) {
      assert.ok(value >= 0 && value < 1);
      tenths[Math.floor(value * 10)]! += 1;
    }
    assert.ok(tenths.every((count) => count > 850 && count < 1_150), String(tenths));
  });

  it("draws every whole number below the limit and no other", () => {
    const random = createRandom("dice");
    assert.deepEqual([...new Set(Array.from({ length: 200 }, () => randomBelow(random, 6)))].sort(), [0, 1, 2, 3, 4, 5]);
  });

  it("shuffles a copy: all values are there and each can come first", () => {
    const random = createRandom("cards");
    const values = Object.freeze([1, 2, 3, 4]);
    const firsts = new Set<number | undefined>();
    for (let round = 0; round < 100; round++) {
      const order = shuffled(values, random);
      assert.deepEqual([...order].sort(), [1, 2, 3, 4]);
      firsts.add(order[0]);
    }
    assert.equal(firsts.size, 4);
  });
});
