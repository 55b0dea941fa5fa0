import assert from "node:assert/strict";
import { describeFollowUp, describeOutcome, explainFollowUp, explainOutcome, NO_COUNTS, type FollowUp, type FollowUpChange, type Outcome, type ShownOutcome, type Voice } from "../../../../src/core/completion/outcome";

const SECRET = "const password = 1";

describe("core/completion/outcome", () => {
  const outcomes: readonly (readonly [Outcome, RegExp])[] = [
    [{ outcome: "shown", voice: "model", held: false, text: SECRET, confidence: 0.5, counts: NO_COUNTS, leftOut: [] }, /^shown by model, 18 characters, confidence 0\.50 \(prompt 0/],
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
    assert.equal(explainOutcome({ outcome: "nothing", reason: "unsure", counts: NO_COUNTS }), "Last request: nothing shown, because nobody was sure enough.");
  });

  const shown: ShownOutcome = { outcome: "shown", voice: "recall", held: false, text: SECRET, confidence: 0.84, counts: { ...NO_COUNTS, evaluatedTokens: 2, draftTokens: 7 }, leftOut: [] };

  it("names who spoke, and how sure, in the log and for a person", () => {
    const words: readonly (readonly [Voice, string])[] = [["recall", "your own code"], ["model", "the model"], ["both", "your own code and the model"]];
    for (const [voice, name] of words) {
      assert.ok(describeOutcome({ ...shown, voice }).startsWith(`shown by ${voice}, 18 characters, confidence 0.84 (prompt 0, evaluated 2, drafts 7,`));
      assert.equal(explainOutcome({ ...shown, voice }), `Last request: shown from ${name}, 84 % sure (9 tokens evaluated, 0 ms).`);
      assert.match(describeOutcome({ ...shown, voice, held: true }), new RegExp(`^shown by ${voice} \\(held\\)`));
      assert.match(explainOutcome({ ...shown, voice, held: true }), new RegExp(`from ${name} still held`));
    }
  });

  it("a follow-up has a line and a sentence of its own, without the code", () => {
    const changes: readonly FollowUpChange[] = ["extended", "confirmed", "kept", "waits", "doubted"];
    const sentences = changes.map((followUp) => explainFollowUp({ followUp, shown }) ?? "");
    assert.equal(new Set(sentences).size, changes.length);
    for (const [index, sentence] of sentences.entries()) {
      assert.match(sentence, /^Last request: shown from your own code, 84 % sure; .+\.$/);
      assert.ok(!sentence.includes("password"));
      assert.match(describeFollowUp({ followUp: changes[index] ?? "kept", shown }), /^follow-up: [a-z]+; shown by recall, 18 characters/);
    }
  });

  it("a follow-up that came to nothing is a line in the log alone", () => {
    const ended: readonly (readonly [FollowUp, RegExp])[] = [[{ followUp: "cancelled", counts: NO_COUNTS }, /^follow-up cancelled \(/], [{ followUp: "failed", cause: "gone" }, /^follow-up failed: gone$/]];
    for (const [followUp, line] of ended) {
      assert.match(describeFollowUp(followUp), line);
      assert.equal(explainFollowUp(followUp), undefined);
    }
  });
});
