import assert from "node:assert/strict";
import type { JudgedCase } from "../../../../src/core/evaluation/judge";
import { pairedReport, reportOf, type ReportOptions } from "../../../../src/core/evaluation/report";
import { judgedCases, THRESHOLDS } from "../../../support/judgedCases";

const OPTIONS: ReportOptions = { rounds: 50, seed: "1", presets: Object.entries(THRESHOLDS).map(([name, threshold]) => ({ name, threshold })), mainPreset: "bold" };
const moved = (cases: readonly JudgedCase[]): JudgedCase[] => cases.map((each) => ({ ...each, id: `moved ${each.id}`, moved: true }));

describe("core/evaluation/report", () => {
  it("moved lines stand in their own line and nowhere else", () => {
    const counted = judgedCases("+0.9", "-0.8", "0", "-0.2");
    const withMoved = reportOf([...moved(judgedCases("+0.95", "+0.99")), ...counted], OPTIONS);
    const alone = reportOf(counted, OPTIONS);
    assert.deepEqual({ ...withMoved, movedLines: undefined }, { ...alone, movedLines: undefined });
    assert.deepEqual([withMoved.movedLines.cases, withMoved.movedLines.exact.value], [2, 1]);
    assert.equal(alone.movedLines.cases, 0);
  });

  it("tells the figures of each preset and those with the gate off", () => {
    const report = reportOf(judgedCases("+0.9", "-0.8", "+0.4", "0"), OPTIONS);
    assert.equal(report.exact.value, 0.5);
    assert.deepEqual(report.surest.map(({ precision }) => precision.value), [1, 1, 1, 0.5, 0.5]);
    assert.deepEqual([report.presets.shy?.threshold, report.presets.shy?.shown.value, report.presets.shy?.precision.value], [0.7, 0.5, 0.5]);
    assert.deepEqual([report.presets.bold?.shown.value, report.presets.bold?.precision.value, report.presets.bold?.savedShare.value], [0.75, 2 / 3, 0.5]);
    assert.deepEqual(report.silent, { unsure: 1 });
    assert.deepEqual([report.milliseconds.p50, report.firstTokenMs.p50], [10, null]);
  });

  it("groups by language, place, position and repository, the largest first", () => {
    const cases = judgedCases("+0.9", "-0.8", "+0.4").map((each, index) => ({ ...each, language: index === 0 ? "go" : "rust" }));
    const { groups } = reportOf(cases, OPTIONS);
    assert.deepEqual(Object.entries(groups.language).map(([name, { cases: count, exact, shown }]) => [name, count, exact.value, shown.value]), [["rust", 2, 0.5, 1], ["go", 1, 1, 1]]);
    assert.deepEqual([Object.keys(groups.place), Object.keys(groups.position), Object.keys(groups.repository)], [["inside"], ["other"], ["sample"]]);
  });

  it("does not reorder what it was given", () => {
    assert.equal(reportOf(Object.freeze(judgedCases("-0.1", "+0.9")), OPTIONS).cases, 2);
  });

  it("pairs two engines on the cases that both have", () => {
    const first = [...judgedCases("+0.9", "-0.8", "0", "-0.3"), ...moved(judgedCases("-0.9"))];
    const second = [...judgedCases("+0.9", "+0.8", "+0.9"), ...moved(judgedCases("+0.9"))];
    const paired = pairedReport(first, second, OPTIONS);
    assert.equal(paired.cases, 3);
    assert.ok(Math.abs((paired.exact.value ?? NaN) - 2 / 3) < 1e-9);
    assert.ok(Math.abs((paired.savedShare.value ?? NaN) - 2 / 3) < 1e-9);
    assert.ok((paired.exact.low ?? NaN) >= 0 && (paired.exact.high ?? NaN) <= 1);
  });

  it("an engine differs from itself by nothing, without doubt", () => {
    const cases = judgedCases("+0.9", "-0.8", "0", "+0.3");
    assert.deepEqual(pairedReport(cases, cases, OPTIONS).exact, { value: 0, low: 0, high: 0 });
  });
});
