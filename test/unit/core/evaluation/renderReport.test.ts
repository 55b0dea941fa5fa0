import assert from "node:assert/strict";
import { renderPaired, renderReport } from "../../../../src/core/evaluation/renderReport";
import { pairedReport, reportOf, type ReportOptions } from "../../../../src/core/evaluation/report";
import { judgedCases, THRESHOLDS } from "../../../support/judgedCases";

const OPTIONS: ReportOptions = { rounds: 50, seed: "1", presets: Object.entries(THRESHOLDS).map(([name, threshold]) => ({ name, threshold })), mainPreset: "bold" };
const sameFile = judgedCases("+0.9@a", "-0.8@a", "+0.4@a", "0@a");

describe("core/evaluation/renderReport", () => {
  const text = renderReport("model", reportOf(sameFile, OPTIONS), "bold");
  const line = (start: string): string => text.split("\n").find((each) => each.startsWith(start))?.replaceAll(/ {2,}/g, " | ") ?? "";

  it("tells what was counted, exact and at the presets, with intervals", () => {
    assert.equal(text.split("\n")[0], "model: 4 cases in 1 files");
    assert.equal(line("exact"), "exact | 50.0 % [50.0, 50.0]");
    assert.equal(line("right among the surest 30 %"), "right among the surest 30 % | 50.0 % [50.0, 50.0]");
    assert.match(line("shy (0.7)"), /^shy \(0\.7\) \| 50\.0 % \[50\.0, 50\.0\] \| 50\.0 % /);
    assert.equal(line("milliseconds, gate off"), "milliseconds, gate off | p50 10, p95 10");
  });

  it("a figure that nothing speaks of is a dash, not a zero", () => {
    assert.equal(line("milliseconds to the first token"), "milliseconds to the first token | -");
    assert.match(line("moved lines"), /^moved lines \| 0 \| 0 \| - \| - \| -$/);
  });

  it("differences have a sign", () => {
    assert.equal(
      renderPaired("model", "both", pairedReport(judgedCases("-0.9@a", "+0.8@a"), judgedCases("+0.9@a", "+0.8@a"), OPTIONS)),
      "both minus model, 2 cases, paired: exact +50.0 % [+50.0, +50.0], characters saved +50.0 % [+50.0, +50.0]",
    );
  });
});
