import assert from "node:assert/strict";
import { judge, type JudgedCase } from "../../../../src/core/evaluation/judge";
import { answerCalibration, beginningPrecision, blockPrecision, blockShare, exactShare, gateOf, savedCharacters, savedShare, shownCalibration, shownPrecision, shownShare, surePrecision, sureShare, surestPrecision, ungated } from "../../../../src/core/evaluation/metrics";
import { answerOf, judgedCases, replayCaseOf } from "../../../support/judgedCases";

/** A case that shows a text where `compute();` was written, above `  next();`. */
const showing = (text: string): JudgedCase => judge(replayCaseOf({ following: ["  next();"] }), answerOf({ text, confidence: 0.5 }), () => "other");

describe("core/evaluation/metrics", () => {
  it("exact counts every case, also the silent ones and the unsure ones", () => {
    assert.equal(exactShare(judgedCases("+0.9", "+0.1", "-0.8", "0")), 0.5);
    assert.equal(exactShare([]), null);
  });

  it("the surest share is taken by probability, whatever the order", () => {
    const cases = judgedCases("-0.2", "+0.9", "-0.1", "+0.8", "-0.7", "+0.3", "0", "0", "-0.05", "-0.01");
    assert.deepEqual([0.1, 0.2, 0.3, 0.5].map((coverage) => surestPrecision(coverage)(cases)), [1, 1, 2 / 3, 3 / 5]);
  });

  it("a share that holds no whole case is rounded up to one", () => {
    assert.equal(surestPrecision(0.05)(judgedCases("-0.2", "+0.9")), 1);
  });

  it("silence in the surest share counts as wrong", () => {
    assert.equal(surestPrecision(0.5)(judgedCases("+0.9", "0", "0", "0")), 0.5);
  });

  it("at a preset, only what it shows counts", () => {
    const cases = judgedCases("+0.9", "-0.8", "+0.4", "-0.2", "0");
    assert.deepEqual([shownShare(gateOf("shy"))(cases), shownPrecision(gateOf("shy"))(cases)], [0.4, 0.5]);
    assert.deepEqual([shownShare(gateOf("bold"))(cases), shownPrecision(gateOf("bold"))(cases)], [0.6, 2 / 3]);
    assert.equal(shownPrecision(gateOf("shy"))(judgedCases("-0.2")), null);
  });

  it("a shown beginning is no exact line, and right as far as it goes", () => {
    const cases = [showing("compute"), showing("compute();"), showing("wrong")];
    assert.deepEqual([shownPrecision(ungated)(cases), beginningPrecision(ungated)(cases)], [1 / 3, 2 / 3]);
  });

  it("calibration at a preset is of what it shows, and of every answer with the gate off", () => {
    const cases = judgedCases("+0.9", "-0.2", "0");
    assert.ok(Math.abs((shownCalibration(gateOf("shy"))(cases) ?? NaN) - 0.1) < 1e-9);
    assert.ok(Math.abs((answerCalibration(cases) ?? NaN) - 0.15) < 1e-9);
  });

  it("a shown beginning keeps what its probability says; an answer with the gate off must be exact", () => {
    const early = judge(replayCaseOf(), answerOf({ text: "comp", confidence: 0.9 }, { shy: 0.7 }), () => "other");
    assert.ok(Math.abs((shownCalibration(gateOf("shy"))([early]) ?? NaN) - 0.1) < 1e-9);
    assert.ok(Math.abs((answerCalibration([early]) ?? NaN) - 0.9) < 1e-9);
  });

  it("whole lines that are sure enough are counted apart from what a gate shows", () => {
    const cases = judgedCases("+0.9", "-0.8", "+0.4", "0");
    assert.deepEqual([sureShare(0.7)(cases), surePrecision(0.7)(cases), sureShare(0)(cases), surePrecision(0.95)(cases)], [0.5, 0.5, 0.75, null]);
  });

  it("characters are saved by right lines; wrong ones take nothing away", () => {
    const cases = [showing("compute();\n  next();"), showing("wrong"), showing("compute")];
    assert.deepEqual([savedShare(ungated)(cases), savedCharacters(ungated)(cases)], [10 / 30, 17 / 3]);
  });

  it("blocks have two to five lines", () => {
    const cases = [showing("compute();\n  next();"), showing("compute();\n  wrong();"), showing("compute();"), showing("a\nb\nc\nd\ne\nf")];
    assert.deepEqual([blockShare(ungated)(cases), blockPrecision(ungated)(cases)], [0.5, 0.5]);
  });
});
