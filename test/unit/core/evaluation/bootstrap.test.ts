import assert from "node:assert/strict";
import { estimates, type Estimate } from "../../../../src/core/evaluation/bootstrap";

interface Drawn {
  readonly file: string;
  readonly value: number;
}

const mean = (cases: readonly Drawn[]): number | null => (cases.length === 0 ? null : cases.reduce((sum, each) => sum + each.value, 0) / cases.length);
const estimate = (cases: readonly Drawn[], metric = mean, seed = "1"): Estimate => estimates(cases, { metric }, { rounds: 400, seed }).metric;
const width = ({ low, high }: Estimate): number => (high ?? NaN) - (low ?? NaN);
/** Ones and zeros in turn, in files of `perFile` equal cases. */
const turns = (files: number, perFile: number): Drawn[] => Array.from({ length: files * perFile }, (_, index) => ({ file: String(Math.floor(index / perFile)), value: Math.floor(index / perFile) % 2 }));

describe("core/evaluation/bootstrap", () => {
  it("gives the figure of the cases themselves and an interval around it", () => {
    const { value, low, high } = estimate(turns(100, 1));
    assert.equal(value, 0.5);
    assert.ok(low !== null && high !== null && low > 0.37 && low < 0.45 && high > 0.55 && high < 0.63, `${String(low)} ${String(high)}`);
  });

  it("draws files, not cases: the same cases in fewer files say less", () => {
    assert.ok(width(estimate(turns(20, 10))) > 2 * width(estimate(turns(200, 1))));
  });

  it("has no width where all files say the same", () => {
    assert.deepEqual(estimate([{ file: "a", value: 1 }, { file: "b", value: 1 }]), { value: 1, low: 1, high: 1 });
  });

  it("the same seed gives the same interval, another one another", () => {
    const cases = Array.from({ length: 30 }, (_, index) => ({ file: String(index), value: Math.sqrt(index) }));
    assert.deepEqual(estimate(cases), estimate(cases));
    assert.notDeepEqual(estimate(cases, mean, "1"), estimate(cases, mean, "2"));
  });

  it("keeps the order of the cases in each draw", () => {
    const ordered = (cases: readonly Drawn[]): number => Number(cases.every((each, index) => index === 0 || (cases[index - 1]?.value ?? 0) <= each.value));
    assert.deepEqual(estimate(Array.from({ length: 20 }, (_, value) => ({ file: String(value % 5), value })), ordered), { value: 1, low: 1, high: 1 });
  });

  it("gives no interval where most draws say nothing, and nothing of no cases", () => {
    const onlyRare = (cases: readonly Drawn[]): number | null => (cases.filter((each) => each.value === 1).length > 3 ? 1 : null);
    assert.deepEqual(estimate(turns(4, 1), onlyRare), { value: null, low: null, high: null });
    assert.deepEqual(estimate([]), { value: null, low: null, high: null });
  });
});
