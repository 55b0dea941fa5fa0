import assert from "node:assert/strict";
import { draftScore, vocabularyOf, type Vocabulary } from "../../../src/engine/draftScores";
import type { Prediction } from "../../../src/engine/tokenSequence";
import type { DraftScore } from "../../../src/protocol/engine";
import { characterTokenizer, FIRST_SPECIAL } from "../../support/engineFakes";

const TEXTS = [")", ";", ");", ";\n", ");\n", "  \n", "\n", ");\n\n  ", "end"];
const END = TEXTS.indexOf("end");
const vocabulary: Vocabulary = { textOf: (token) => TEXTS[token] ?? "", isEnd: (token) => token === END };

/** A prediction by the texts of its candidates. */
function prediction(shares: Readonly<Record<string, number>>): Prediction {
  const candidates = new Map(Object.entries(shares).map(([text, share]) => [TEXTS.indexOf(text), share]));
  const [[token, probability] = [0, 0]] = candidates;
  return { token, probability, candidates };
}

/** The score of a draft by its tokens' texts; `predictions` stand before each of them and after the last. */
function scoreOf(draft: readonly string[], ...predictions: Readonly<Record<string, number>>[]): DraftScore {
  return draftScore({ tokens: draft.map((text) => TEXTS.indexOf(text)), predictions: predictions.map(prediction) }, draft, vocabulary);
}

const rounded = (score: DraftScore): unknown => [score.tokens.map(({ text, probability }) => [text, probability]), score.endProbability, Number(score.lineProbability.toFixed(6))];

describe("engine/draftScores", () => {
  it("token by token, then the end", () => {
    assert.deepEqual(rounded(scoreOf([")", ";"], { ")": 0.5 }, { ";": 0.8 }, { end: 0.6, "\n": 0.3 })), [[[")", 0.5], [";", 0.8]], 0.6 + 0.3, 0.36]);
  });

  it("a token that holds the last one and the line break is another way to the same line", () => {
    const score = scoreOf([")", ";"], { ")": 0.5 }, { ";\n": 0.7, ";": 0.2 }, { end: 0.5 });
    assert.deepEqual(rounded(score), [[[")", 0.5], [";", 0.7]], 1, Number((0.5 * (0.7 + 0.2 * 0.5)).toFixed(6))]);
  });

  it("so is one that holds the whole draft, and further lines with it", () => {
    const score = scoreOf([")", ";"], { ");\n": 0.3, ");\n\n  ": 0.4, ")": 0.1, ");": 0.1 }, { ";": 0.5 }, { end: 1 });
    assert.deepEqual(rounded(score), [[[");", 0.7]], 1, 0.75]);
  });

  it("white space before the line break is part of the line's end", () => {
    assert.equal(scoreOf([")"], { ")": 1 }, { "  \n": 0.4, "\n": 0.2 }).endProbability.toFixed(2), "0.60");
  });

  it("a token that does not end the line is no end", () => {
    assert.deepEqual(rounded(scoreOf([")"], { ")": 0.5 }, { ";": 0.9 })), [[[")", 0.5]], 0, 0]);
  });

  it("the end token before the draft is written is no end either", () => {
    assert.equal(scoreOf([")", ";"], { ")": 0.5, end: 0.5 }, { ";": 0.5, end: 0.5 }, { end: 0.5 }).lineProbability, 0.125);
  });

  it("sums that pass one by rounding stay probabilities", () => {
    assert.equal(scoreOf([")"], { ")": 1 }, { end: 0.7, "\n": 0.4 }).endProbability, 1);
  });

  it("each token is decoded once", () => {
    let decoded = 0;
    const tokenizer = characterTokenizer([]);
    const counting = vocabularyOf({ ...tokenizer, decode: (tokens) => { decoded += 1; return tokenizer.decode(tokens); } });
    assert.deepEqual([counting.textOf(97), counting.textOf(97), decoded], ["a", "a", 1]);
    assert.deepEqual([counting.isEnd(97), counting.isEnd(FIRST_SPECIAL)], [false, true]);
  });
});
