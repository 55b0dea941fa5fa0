import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { FEATURE_NAMES, IDENTITY, logit, parseTogether, probabilityOf, rowOf, rowsFor, type Features } from "../../../../src/core/completion/together";

const NONE: Features = { recallLogit: 0, hasRecall: 0, draftLogit: 0, draftMean: 0, draftMinimum: 0, ownLogit: 0, agrees: 0 };
const near = (left: number, right: number): void => { assert.ok(Math.abs(left - right) < 1e-9, `${String(left)} and ${String(right)}`); };

describe("core/completion/together", () => {
  it("identity: each voice is believed what it says", () => {
    for (const probability of [0.01, 0.3, 0.5, 0.97]) {
      near(probabilityOf(IDENTITY.unknownModel.recall, { ...NONE, recallLogit: logit(probability), hasRecall: 1, draftLogit: -3, draftMean: -2, draftMinimum: -5, agrees: 1 }), probability);
      near(probabilityOf(IDENTITY.starter.own, { ...NONE, ownLogit: logit(probability), hasRecall: 1, recallLogit: 2 }), probability);
    }
  });

  it("a row weighs every feature and adds its bias", () => {
    for (const name of FEATURE_NAMES) near(probabilityOf(rowOf({ bias: 0.5, [name]: 2 }), { ...NONE, [name]: 0.75 }), 1 / (1 + Math.exp(-2)));
  });

  it("certainty is held back: no logit is infinite", () => {
    assert.deepEqual([0, 1].map((probability) => Number.isFinite(logit(probability))), [true, true]);
    near(logit(0), -logit(1));
  });

  it("the starter has rows of its own, every other model the common ones", () => {
    const weights = { ...IDENTITY, unknownModel: { wholeLines: false, recall: rowOf({ bias: 1 }), own: rowOf({ bias: 2 }) } };
    assert.deepEqual([rowsFor(weights, "ghostlight"), rowsFor(weights, "ghostlight2"), rowsFor(weights, "qwen"), rowsFor(weights, undefined)], [weights.starter, weights.starter, weights.unknownModel, weights.unknownModel]);
  });

  describe("the file", () => {
    const shipped = readFileSync("models/recall/together.json", "utf8");

    it("the one that ships can be read, and a strong model's own word is taken as it is", () => {
      const parsed = parseTogether(shipped);
      assert.ok("weights" in parsed, JSON.stringify(parsed));
      assert.deepEqual(parsed.weights.unknownModel.own, rowOf({ ownLogit: 1 }));
    });

    it("a strong model that refuses recall's text weighs against it, one that agrees does not lower it", () => {
      const parsed = parseTogether(shipped);
      assert.ok("weights" in parsed);
      const joint = (recall: number, draft: number): number => probabilityOf(parsed.weights.unknownModel.recall, { ...NONE, hasRecall: 1, recallLogit: logit(recall), draftLogit: logit(draft) });
      assert.ok(joint(0.8, 0.01) < 0.25 && joint(0.8, 0.8) >= 0.8 - 1e-9 && joint(0.8, 0.95) > 0.85);
    });

    const broken: readonly (readonly [name: string, change: (draft: Record<string, unknown>) => unknown, words: RegExp])[] = [
      ["another version", (draft) => ({ ...draft, version: 2 }), /^version: /],
      ["a model without rows", (draft) => ({ ...draft, starter: {} }), /^starter\.wholeLines: /],
      ["a weight that is no number", (draft) => ({ ...draft, starter: { wholeLines: true, recall: { ...rowOf({}), bias: "1" }, own: rowOf({}) } }), /^starter\.recall\.bias: /],
      ["a feature that nobody knows", (draft) => ({ ...draft, starter: { wholeLines: true, recall: { ...rowOf({}), luck: 1 }, own: rowOf({}) } }), /^starter\.recall\.luck: /],
      ["a number", () => 7, /^the file: /],
    ];
    for (const [name, change, words] of broken) {
      it(`${name} is refused with a word about where`, () => {
        const parsed = parseTogether(JSON.stringify(change(JSON.parse(shipped) as Record<string, unknown>)));
        assert.ok("problem" in parsed);
        assert.match(parsed.problem, words);
      });
    }

    it("text that is no JSON is refused, never thrown", () => {
      assert.deepEqual(parseTogether(""), { problem: "it is not JSON" });
      fc.assert(fc.property(fc.string(), (text) => "problem" in parseTogether(text)));
    });
  });
});
