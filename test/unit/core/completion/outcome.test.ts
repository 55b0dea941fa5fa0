import assert from "node:assert/strict";
import { describeOutcome, explainOutcome, NO_COUNTS, type Outcome } from "../../../../src/core/completion/outcome";

const SECRET = "const password = 1";

describe("core/completion/outcome", () => {
  const outcomes: readonly (readonly [Outcome, RegExp])[] = [
    [{ outcome: "shown", voice: "model", text: SECRET, confidence: 0.5, counts: NO_COUNTS, leftOut: [] }, /^shown by model, 18 characters, confidence 0\.50 \(prompt 0/],
    [{ outcome: "nothing", reason: "unsure", counts: NO_COUNTS }, /^nothing: unsure \(/],
    [{ outcome: "nothing", reason: "excluded", detail: "by .gitignore", counts: NO_COUNTS }, /^nothing: excluded \(by \.gitignore\)/],
    [{ outcome: "cancelled", counts: NO_COUNTS }, /^cancelled \(/],
    [{ outcome: "failed", cause: "the engine ended", counts: NO_COUNTS }, /^failed: the engine ended \(/],
  ];
  for (const [outcome, words] of outcomes) {
    it(`one line for ${outcome.outcome}, without the code that was shown`, () => {
      const line = describeOutcome(outcome);
      assert.match(line, words);
      assert.ok(!line.includes("password") && !line.includes("\n"));
    });
    it(`one sentence for a person for ${outcome.outcome}, without the code that was shown`, () => {
      const sentence = explainOutcome(outcome);
      assert.match(sentence, /^Last request: .+\.$/);
      assert.ok(!sentence.includes("password") && !sentence.includes("\n"));
    });
  }

  it("says why nothing was shown", () => {
    assert.equal(explainOutcome({ outcome: "nothing", reason: "unsure", counts: NO_COUNTS }), "Last request: nothing shown, because the model was not sure enough.");
  });
});
