import assert from "node:assert/strict";
import fc from "fast-check";
import { FURTHEST_MOVE, isotonicFit, LEAST_DECISIONS, unsureThreshold, type RoutingDecision } from "../../../../src/core/routing/calibration";
import { DEFAULT_THRESHOLDS } from "../../../../src/core/routing/offer";

const { unsure: standard } = DEFAULT_THRESHOLDS;
const times = (count: number, unsure: number, asked: boolean): RoutingDecision[] => Array.from({ length: count }, () => ({ unsure, asked }));
const decision = fc.record({ unsure: fc.integer({ min: 0, max: 100 }).map((hundredths) => hundredths / 100), asked: fc.boolean() });
const decisions = fc.array(decision, { minLength: LEAST_DECISIONS, maxLength: 120 });

describe("core/routing/calibration: isotonic regression", () => {
  it("leaves what rises as it is, and pools what falls", () => {
    const values = (...given: number[]): number[] => isotonicFit(given.map((value, at) => ({ at, value, weight: 1 }))).map(({ value }) => value);
    assert.deepEqual(values(0, 1, 2), [0, 1, 2]);
    assert.deepEqual(values(0, 3, 1, 4), [0, 2, 2, 4]);
    assert.deepEqual(values(4, 3, 2, 1), [2.5, 2.5, 2.5, 2.5]);
  });

  it("weighs, and gives one place one value", () => {
    assert.deepEqual(isotonicFit([{ at: 1, value: 1, weight: 3 }, { at: 1, value: 0, weight: 1 }]), [{ at: 1, value: 0.75 }]);
    assert.deepEqual(isotonicFit([{ at: 0, value: 1, weight: 3 }, { at: 1, value: 0, weight: 1 }]).map(({ value }) => value), [0.75, 0.75]);
  });

  it("never falls, keeps the mean, and no other function that never falls is nearer", () => {
    const point = fc.record({ at: fc.nat(12), value: fc.integer({ min: 0, max: 8 }), weight: fc.integer({ min: 1, max: 4 }) });
    fc.assert(fc.property(fc.array(point, { minLength: 1, maxLength: 30 }), fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 13, maxLength: 13 }), (points, steps) => {
      const fit = isotonicFit(points);
      const other = [...steps].sort((left, right) => left - right);
      const at = (place: number): number => fit.find((one) => one.at === place)?.value ?? Number.NaN;
      for (const [index, { value }] of fit.entries()) assert.ok(value >= (fit[index - 1]?.value ?? 0) - 1e-9);
      const sum = (of: (one: (typeof points)[number]) => number): number => points.reduce((total, one) => total + one.weight * of(one), 0);
      assert.ok(Math.abs(sum(({ value }) => value) - sum((one) => at(one.at))) < 1e-6);
      assert.ok(sum(({ at: place, value }) => (value - at(place)) ** 2) <= sum(({ at: place, value }) => (value - (other[place] ?? 0)) ** 2) + 1e-6);
    }));
  });
});

describe("core/routing/calibration: the threshold", () => {
  it("stays where it was set until there are enough decisions", () => {
    assert.equal(unsureThreshold([]), standard);
    assert.equal(unsureThreshold(times(LEAST_DECISIONS - 1, 0.9, false)), standard);
    assert.notEqual(unsureThreshold(times(LEAST_DECISIONS, 0.7, false)), standard);
  });

  it("goes up for somebody who declines, down for somebody who asks earlier", () => {
    assert.ok(unsureThreshold([...times(30, 0.7, false), ...times(30, 0.8, true)]) > 0.7);
    const earlier = unsureThreshold([...times(30, 0.3, false), ...times(30, 0.5, true)]);
    assert.ok(earlier <= 0.5 && earlier > 0.4, String(earlier));
  });

  it("decisions that agree with it leave it near", () => {
    const threshold = unsureThreshold([...times(40, standard - 0.1, false), ...times(40, standard + 0.1, true)]);
    assert.ok(Math.abs(threshold - standard) <= 0.1);
  });

  it("never leaves its bounds", () => {
    fc.assert(fc.property(decisions, (all) => {
      const threshold = unsureThreshold(all);
      assert.ok(threshold >= standard - FURTHEST_MOVE && threshold <= standard + FURTHEST_MOVE);
    }));
  });

  it("one more question asked never makes offers rarer, at whatever unsureness", () => {
    fc.assert(fc.property(decisions, decision, (all, { unsure }) => assert.ok(unsureThreshold([...all, { unsure, asked: true }]) <= unsureThreshold(all) + 1e-9)));
  });

  it("does not depend on the order of the decisions", () => {
    fc.assert(fc.property(decisions, (all) => assert.equal(unsureThreshold([...all].reverse()), unsureThreshold(all))));
  });
});
