import assert from "node:assert/strict";
import { decide, firstLineOf, recalledTexts, surest, type Judged, type ModelVerdict, type Recalled } from "../../../../src/core/completion/decide";
import { IDENTITY, logit, rowOf, type ModelRows } from "../../../../src/core/completion/together";
import type { RecallCandidate } from "../../../../src/core/recall/suggestion";
import type { DraftScore } from "../../../../src/protocol/engine";
import { tokensOf } from "../../../support/engineResults";
import { snapshotAt } from "../../../support/snapshotNotation";

const THRESHOLD = 0.5;
const recalled = (text: string, probability: number): Recalled => ({ text, firstLine: firstLineOf(text), probability });
const score = (lineProbability: number): DraftScore => ({ tokens: tokensOf("x", lineProbability), endProbability: 1, lineProbability });

function verdict(changes: Partial<ModelVerdict> = {}): ModelVerdict {
  return { drafts: [], own: { text: "", reason: "unsure" }, tokens: [], rows: IDENTITY.unknownModel, ...changes };
}

describe("core/completion/decide", () => {
  describe("recalledTexts", () => {
    const one = (text: string, probability: number, ...following: readonly (readonly [string, number])[]): RecallCandidate => ({ text, probability, following: following.map(([line, share]) => ({ text: line, probability: share })) });
    const texts = (notation: string, ...candidates: readonly RecallCandidate[]): unknown => recalledTexts({ candidates }, snapshotAt(notation), THRESHOLD).map(({ text, probability }) => [text, probability]);

    it("the rest of the line, with its probability, also where it is too unsure to be shown", () => {
      assert.deepEqual(texts("a|", one(" = 1;", 0.8), one(" = 2;", 0.1)), [[" = 1;", 0.8], [" = 2;", 0.1]]);
    });
    it("with the lines that are sure enough, and none after the first that is not", () => {
      assert.deepEqual(texts("a|", one(" = 1;", 0.8, ["b = 2;", 0.7], ["c = 3;", 0.4], ["d = 4;", 0.9])), [[" = 1;\nb = 2;", 0.8]]);
    });
    it("with lines that leave the block: each has a probability of its own", () => {
      assert.deepEqual(texts("if (a) {\n    |", one("b();", 0.8, ["  }", 0.75], ["}", 0.7], ["", 0.65], ["next();", 0.6])), [["b();\n  }\n}\n\nnext();", 0.8]]);
    });
    it("none below a line that was cut, and none from the first that hides characters on", () => {
      assert.deepEqual(texts("a(|)", one("x);", 0.8, ["b;", 0.7])), [["x", 0.8]]);
      assert.deepEqual(texts("a|", one(" = 1;", 0.8, ["b;", 0.7], ["c\u202ed", 0.7], ["e;", 0.7])), [[" = 1;\nb;", 0.8]]);
    });
    it("one line where text follows the cursor", () => {
      assert.deepEqual(texts("a(|);", one("x", 0.8, ["b;", 0.7])), [["x", 0.8]]);
    });
    it("trimmed like any other text: what the editor has closed already is not closed again", () => {
      assert.deepEqual(texts("a(|)", one("x);", 0.8)), [["x", 0.8]]);
    });
    it("texts that become the same by that add up", () => {
      assert.deepEqual(texts("a(|)", one("y", 0.5), one("x)", 0.3), one("x);", 0.25)), [["x", 0.55], ["y", 0.5]]);
    });
    it("what repeats the next line, or hides characters, is no candidate", () => {
      assert.deepEqual(texts("  |\n  const b = 2;", one("const b = 2;", 0.9), one("a\u202eb", 0.8), one("c();", 0.7)), [["c();", 0.7]]);
    });
  });

  describe("without the model", () => {
    it("recall speaks for itself", () => {
      assert.deepEqual(decide([recalled(" = 1;", 0.8), recalled(" = 2;", 0.3)], undefined, THRESHOLD), [
        { text: " = 1;", probability: 0.8, voice: "recall", sure: true },
        { text: " = 2;", probability: 0.3, voice: "recall", sure: false },
      ]);
    });
  });

  describe("with the model", () => {
    it("its own text competes on the same scale", () => {
      const candidates = decide([recalled("a", 0.6)], verdict({ drafts: [score(0.2)], own: { text: "b", confidence: 0.7 }, tokens: tokensOf("b", 0.7) }), THRESHOLD);
      assert.deepEqual(candidates.map(({ text, voice, probability }) => [text, voice, Number(probability.toFixed(6))]), [["b", "model", 0.7], ["a", "recall", 0.6]]);
    });

    it("a text that both have is one candidate of both, and sure if the model's own gate says so", () => {
      const [both, ...others] = decide([recalled("a;", 0.3)], verdict({ drafts: [score(0.9)], own: { text: "a;", confidence: 0.9 }, tokens: tokensOf("a", ";") }), THRESHOLD);
      assert.deepEqual([both?.voice, both?.sure, others.length], ["both", true, 0]);
    });

    it("of the two texts with the same first line the one that says more; where they differ below, recall's", () => {
      const text = (from: string, own: string): string | undefined => decide([recalled(from, 0.8)], verdict({ drafts: [score(0.9)], own: { text: own, confidence: 0.9 } }), THRESHOLD)[0]?.text;
      assert.deepEqual([text("a {", "a {\n  b\n}"), text("a {\n  b\n}", "a {"), text("a {\n  c\n}", "a {\n  b\n}")], ["a {\n  b\n}", "a {\n  b\n}", "a {\n  c\n}"]);
    });

    it("weights move recall's probability with the model's score", () => {
      const rows: ModelRows = { wholeLines: false, recall: rowOf({ recallLogit: 0.5, draftLogit: 0.5 }), own: rowOf({ ownLogit: 1 }) };
      const with_ = (draft: number): number => decide([recalled("a", 0.7)], verdict({ drafts: [score(draft)], rows }), THRESHOLD)[0]?.probability ?? -1;
      assert.ok(with_(0.95) > 0.7 && with_(0.01) < 0.2);
    });

    it("of a model that is judged by whole lines a text is shown only where its line is likely enough, also where both agree", () => {
      const rows: ModelRows = { wholeLines: true, recall: rowOf({ recallLogit: 1 }), own: rowOf({ ownLogit: 1, bias: -2 }) };
      const sure = (wholeLines: boolean): (boolean | undefined)[] => [
        decide([], verdict({ own: { text: "a", confidence: 0.7 }, rows: { ...rows, wholeLines } }), THRESHOLD)[0]?.sure,
        decide([recalled("a", 0.3)], verdict({ drafts: [score(0.9)], own: { text: "a", confidence: 0.9 }, rows: { ...rows, wholeLines } }), THRESHOLD)[0]?.sure,
      ];
      assert.deepEqual([sure(false), sure(true)], [[true, true], [false, false]]);
    });

    it("a text that was not scored is worth what recall says", () => {
      const rows: ModelRows = { wholeLines: false, recall: rowOf({ bias: -9 }), own: rowOf({ ownLogit: 1 }) };
      assert.equal(decide([recalled("a", 0.7)], verdict({ drafts: [null], rows }), THRESHOLD)[0]?.probability, 0.7);
      assert.equal(decide([recalled("a", 0.7)], verdict({ drafts: [], rows }), THRESHOLD)[0]?.probability, 0.7);
    });

    it("tells what the judgement stood on", () => {
      let told: readonly Judged[] = [];
      const tokens = tokensOf("b", 0.5, "c", 0.25, ";\n", 1, "next", 0.001);
      const drafts = [{ tokens: tokensOf("a", 0.5), endProbability: 0.125, lineProbability: 0.07 }];
      decide([recalled("a", 0.6)], verdict({ drafts, own: { text: "bc;", confidence: 0.125 }, tokens }), THRESHOLD, (judged) => { told = judged; });
      const [draft, own] = told;
      assert.deepEqual([draft?.candidate, draft?.firstLine, own?.candidate, own?.firstLine], ["recall", "a", "own", "bc;"]);
      const log = Math.log;
      assert.deepEqual(draft?.features, { recallLogit: logit(0.6), hasRecall: 1, draftLogit: logit(0.07), draftMean: (log(0.5) + log(0.125)) / 2, draftMinimum: log(0.125), ownLogit: logit(0.125), agrees: 0 });
      assert.deepEqual(own?.features, { recallLogit: logit(0.6), hasRecall: 1, draftLogit: logit(0.125), draftMean: (log(0.5) + log(0.25)) / 3, draftMinimum: log(0.25), ownLogit: logit(0.125), agrees: 0 });
    });
  });

  describe("surest", () => {
    const candidate = (text: string, probability: number, sure = true) => ({ text, probability, voice: "model" as const, sure });
    it("the surest of those that may be shown", () => {
      assert.equal(surest([candidate("a", 0.9, false), candidate("b", 0.8), candidate("c", 0.7)])?.text, "b");
      assert.equal(surest([candidate("a", 0.9, false)]), undefined);
    });
    it("of two with the same start the longer one, though it be less sure", () => {
      assert.equal(surest([candidate("ab", 0.9), candidate("abc", 0.6), candidate("abcd", 0.55), candidate("abcde", 0.5, false), candidate("x", 0.7)])?.text, "abcd");
    });
  });
});
