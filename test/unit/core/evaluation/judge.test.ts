import assert from "node:assert/strict";
import { judge, type JudgedText } from "../../../../src/core/evaluation/judge";
import { answerOf, replayCaseOf } from "../../../support/judgedCases";

/** Judges a shown text against `compute();` and the lines that follow it. */
function judged(text: string, following: readonly string[] = []): JudgedText {
  const { ungated } = judge(replayCaseOf({ following: [...following] }), answerOf({ text, confidence: 0.5 }), () => "other");
  assert.ok(ungated);
  return ungated;
}

describe("core/evaluation/judge", () => {
  it("exact is the whole rest of the line and nothing else", () => {
    assert.deepEqual(["compute();", "compute(); ", "compute()", " compute();", "compute();;", "\ncompute();"].map((text) => judged(text).exact), [true, true, false, false, false, false]);
  });

  it("a text that stops early is right as far as it goes", () => {
    assert.deepEqual(["compute", "compute();", "compute(a", "\ncompute"].map((text) => judged(text).beginning), [true, true, false, false]);
  });

  it("lines below do not change whether the first is exact", () => {
    const block = judged("compute();\n  next();", ["  other();"]);
    assert.deepEqual([block.exact, block.lines, block.allRight], [true, 2, false]);
  });

  it("a block is right to the last character, indentation included", () => {
    const right = ["  next();", "", "}"];
    assert.ok(judged("compute();\n  next();\n\n}", right).allRight);
    assert.ok(!judged("compute();\n next();\n\n}", right).allRight);
    assert.ok(!judged("compute();\n  next();\n\n}\nmore", right).allRight);
    assert.ok(!judged("comput();\n  next();", right).allRight);
  });

  it("characters are saved by exact lines only, and below up to the first wrong one, without their indentation", () => {
    const below = ["  next();", "  last();"];
    const saved = (text: string): number[] => [judged(text, below).savedOnLine, judged(text, below).savedBelow];
    assert.deepEqual(saved("compute();"), [10, 0]);
    assert.deepEqual(saved("compute();\n  next();\n  lost();"), [10, 7]);
    assert.deepEqual(saved("compute();\n  wrong();\n  last();"), [10, 0]);
    assert.deepEqual(saved("compute"), [0, 0]);
    assert.deepEqual(saved("wrong();\n  next();"), [0, 0]);
  });

  it("keeps what groups and intervals need", () => {
    const found = judge(replayCaseOf({ moved: true }), answerOf(null, { calm: 0.7 }), () => "string");
    assert.deepEqual([found.file, found.position, found.moved, found.expectedCharacters, found.ungated, found.gated, found.reason], ["sample:a.ts", "string", true, 10, null, { calm: null }, "unsure"]);
  });
});
