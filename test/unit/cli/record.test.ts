import assert from "node:assert/strict";
import { completionRecord } from "../../../src/cli/record";
import { NO_COUNTS } from "../../../src/core/completion/outcome";

const COUNTS = { promptTokens: 10, evaluatedTokens: 2, draftTokens: 4, generatedTokens: 3, firstTokenMs: 1.23456, totalMs: 9.87654 };

describe("cli/record", () => {
  it("a shown text carries its confidence and its counts, milliseconds to a hundredth", () => {
    assert.deepEqual(completionRecord({ outcome: "shown", voice: "model", held: false, text: "x", confidence: 0.75, counts: COUNTS, leftOut: [] }, "m"), {
      text: "x", outcome: "shown", reason: "", engine: "model", model: "m", ...COUNTS, firstTokenMs: 1.23, totalMs: 9.88, confidence: 0.75,
    });
  });

  it("nothing says why, and whether the engine was asked", () => {
    const asked = completionRecord({ outcome: "nothing", reason: "unsure", counts: COUNTS }, "m");
    const unasked = completionRecord({ outcome: "nothing", reason: "excluded", detail: "secret", counts: NO_COUNTS }, "m");
    assert.deepEqual([asked.reason, asked.engine, unasked.reason, unasked.engine], ["unsure", "model", "excluded: secret", "none"]);
  });

  it("what was left out of the prompt is named; a failure gives its cause", () => {
    const shown = completionRecord({ outcome: "shown", voice: "model", held: false, text: "x", confidence: 1, counts: COUNTS, leftOut: ["9 tokens"] }, "m");
    const failed = completionRecord({ outcome: "failed", cause: "gone", counts: NO_COUNTS }, "m");
    assert.deepEqual([shown.reason, failed.outcome, failed.reason], ["left out: 9 tokens", "nothing", "failed: gone"]);
  });

  it("names who spoke", () => {
    for (const voice of ["recall", "model", "both"] as const) {
      assert.equal(completionRecord({ outcome: "shown", voice, held: false, text: "x", confidence: 1, counts: COUNTS, leftOut: [] }, "m").engine, voice);
    }
  });
});
