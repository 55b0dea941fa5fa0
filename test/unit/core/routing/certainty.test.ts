import assert from "node:assert/strict";
import fc from "fast-check";
import { certaintyOf, RUN_TOKENS, unsureness } from "../../../../src/core/routing/certainty";

const near = (value: number | undefined, wanted: number): void => { assert.ok(value !== undefined && Math.abs(value - wanted) < 1e-9, `${String(value)} is not ${String(wanted)}`); };
const times = (count: number, probability: number): number[] => Array.from({ length: count }, () => probability);

describe("core/routing/certainty", () => {
  it("nothing written: nothing known", () => assert.equal(certaintyOf([]), null));

  it("the low quantile is the ⌈n/10⌉-th smallest, wherever it stands", () => {
    near(certaintyOf([0.9, 0.2, 0.7])?.lowQuantile, 0.2);
    near(certaintyOf([...times(9, 0.9), 0.1])?.lowQuantile, 0.1);
    near(certaintyOf([0.1, ...times(10, 0.9)])?.lowQuantile, 0.9);
    near(certaintyOf([0.1, ...times(18, 0.9), 0.2])?.lowQuantile, 0.2);
  });

  it("the lowest run sees unsure tokens that stand together, and a quantile does not", () => {
    const together = certaintyOf([...times(100, 1), ...times(RUN_TOKENS, 0.2), ...times(100, 1)]);
    near(together?.lowQuantile, 1);
    near(together?.lowestRun, 0.2);
    const apart = certaintyOf(times(RUN_TOKENS, 0).flatMap(() => [0.2, ...times(25, 1)]));
    near(apart?.lowestRun, 0.2 ** (1 / RUN_TOKENS));
  });

  it("a short answer is one run", () => near(certaintyOf([0.25, 1])?.lowestRun, 0.5));

  it("stays within 0 and 1, and a less sure token never makes the answer surer", () => {
    const probability = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(fc.property(fc.array(probability, { minLength: 1, maxLength: 60 }), fc.nat(), probability, (all, seed, factor) => {
      const certainty = certaintyOf(all);
      const worse = certaintyOf(all.map((one, index) => (index === seed % all.length ? one * factor : one)));
      assert.ok(certainty && worse);
      assert.ok(unsureness(certainty) >= 0 && unsureness(certainty) <= 1);
      assert.ok(unsureness(worse) >= unsureness(certainty) - 1e-9);
    }));
  });
});
