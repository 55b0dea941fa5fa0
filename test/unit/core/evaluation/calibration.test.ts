import assert from "node:assert/strict";
import { calibrationError, type Forecast } from "../../../../src/core/evaluation/calibration";

const forecasts = (confidence: number, right: number, wrong: number): Forecast[] => [...Array.from({ length: right }, () => ({ confidence, right: true })), ...Array.from({ length: wrong }, () => ({ confidence, right: false }))];
const near = (value: number | null, wanted: number): void => { assert.ok(value !== null && Math.abs(value - wanted) < 1e-9, `${String(value)} is not ${String(wanted)}`); };

describe("core/evaluation/calibration", () => {
  it("is none where each probability comes true as often as it says", () => {
    near(calibrationError([...forecasts(1, 50, 0), ...forecasts(0, 0, 50)]), 0);
  });

  it("is the distance where all are too sure", () => {
    near(calibrationError(forecasts(0.9, 0, 20)), 0.9);
    near(calibrationError(forecasts(1, 5, 5)), 0.5);
  });

  it("too sure in one half and too unsure in the other do not cancel out", () => {
    near(calibrationError([...forecasts(0.9, 0, 50), ...forecasts(0.1, 50, 0)]), 0.9);
  });

  it("says nothing of nothing, and manages fewer forecasts than bins", () => {
    assert.equal(calibrationError([]), null);
    near(calibrationError([{ confidence: 0.7, right: true }]), 0.3);
  });

  it("does not reorder what it was given", () => {
    const given = Object.freeze([{ confidence: 0.9, right: true }, { confidence: 0.1, right: false }]);
    near(calibrationError(given), 0.1);
  });
});
