import assert from "node:assert/strict";
import { DEFAULT_THRESHOLDS, offerOf, reasonsToAsk } from "../../../../src/core/routing/offer";
import type { Signal } from "../../../../src/core/routing/signals";

const certainty = { lowQuantile: 0.31, lowestRun: 0.4, tokens: 90 };
const unsure = (value: number): Signal => ({ kind: "unsure", unsure: value, certainty });
const task: Signal = { kind: "task", task: "refactor", byIndex: false };
const headline = (...signals: Signal[]): string | undefined => reasonsToAsk(signals, DEFAULT_THRESHOLDS)?.headline;
const { unsure: threshold, hardTaskMargin } = DEFAULT_THRESHOLDS;

describe("core/routing/offer", () => {
  it("no signal, a weak one, or a hard task alone: no offer", () => {
    assert.equal(headline(), undefined);
    assert.equal(headline(unsure(threshold - 0.01)), undefined);
    assert.equal(headline({ kind: "didNotFit", leftOut: 2, of: 5 }), undefined);
    assert.equal(headline(task), undefined);
    assert.equal(headline(task, unsure(threshold - hardTaskMargin - 0.01)), undefined);
  });

  it("strong signals lead, the first one names it", () => {
    assert.equal(headline(unsure(threshold)), "The local answer looks unsure");
    assert.equal(headline({ kind: "didNotFit", leftOut: 5, of: 8 }, unsure(0)), "Much of what may help did not fit the local model");
    assert.equal(headline({ kind: "doesNotParse", blocks: 1, of: 2 }, unsure(1)), "Code in the local answer does not parse");
    assert.equal(headline({ kind: "nothingFound" }), "The index found nothing for this question");
    assert.equal(headline({ ...task, byIndex: true } as Signal), "The index looks things up and cannot write code");
    assert.equal(headline({ kind: "chosen" }), "You chose to ask");
  });

  it("a hard task needs less unsureness", () => assert.equal(headline(task, unsure(threshold - hardTaskMargin)), "The local answer looks unsure"));

  it("says who would be asked and what would be sent", () => {
    const reasons = reasonsToAsk([unsure(0.9)], DEFAULT_THRESHOLDS);
    assert.ok(reasons);
    assert.equal(offerOf(reasons, { endpoint: "Lab", files: 3, bytes: 4_130 }).words, "The local answer looks unsure: ask Lab? Would send 3 files, 4.1 kB.");
    assert.equal(offerOf(reasons, { endpoint: "Lab", files: 1, bytes: 700 }).words, "The local answer looks unsure: ask Lab? Would send 1 file, 700 bytes.");
    assert.equal(offerOf(reasons, { endpoint: "Lab", files: 0, bytes: 700 }).words, "The local answer looks unsure: ask Lab? Would send 700 bytes.");
  });

  it("every offer says why, with the figures, whatever signals came together", () => {
    const all: Signal[] = [{ kind: "chosen" }, { kind: "nothingFound" }, { kind: "doesNotParse", blocks: 1, of: 2 }, { kind: "didNotFit", leftOut: 5, of: 8 }, unsure(0.9), task, { ...task, byIndex: true } as Signal];
    for (let chosen = 1; chosen < 2 ** all.length; chosen++) {
      const reasons = reasonsToAsk(all.filter((_, index) => (chosen >> index) & 1), DEFAULT_THRESHOLDS);
      if (reasons) assert.ok(reasons.headline !== "" && reasons.why.length > 0 && reasons.why.every((sentence) => /^[A-Z0-9].*\.$/.test(sentence)), JSON.stringify(reasons));
    }
    assert.match(reasonsToAsk([unsure(0.9), task], DEFAULT_THRESHOLDS)?.why[0] ?? "", /unsureness is 0\.90, and asking is offered from 0\.55: .* 0\.31 .* 0\.40\./);
  });
});
