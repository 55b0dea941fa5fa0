import assert from "node:assert/strict";
import { percentile } from "../../../../src/core/evaluation/percentile";

describe("core/evaluation/percentile", () => {
  it("takes the nearest rank", () => {
    assert.equal(percentile([5, 1, 3, 2, 4], 0.5), 3);
    assert.equal(percentile([1, 2], 0.5), 1);
    assert.equal(percentile([...Array(100).keys()], 0.95), 94);
  });

  it("is the only value of one, and null of none", () => {
    assert.equal(percentile([7], 0.95), 7);
    assert.equal(percentile([], 0.5), null);
  });
});
