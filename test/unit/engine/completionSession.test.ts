import assert from "node:assert/strict";
import { FIM_FAMILIES } from "../../../src/core/models/fimFamilies";
import { CompletionSession } from "../../../src/engine/completionSession";
import type { Prediction } from "../../../src/engine/tokenSequence";
import type { CompleteResult, CompletionLimits, CompletionPlan } from "../../../src/protocol/engine";
import { characterTokenizer, FakeSequence, FIRST_SPECIAL, freeTurn } from "../../support/engineFakes";

const FAMILY = FIM_FAMILIES.qwen;
const SPECIALS = Object.values(FAMILY.tokens);
const LIMITS: CompletionLimits = { maxTokens: 40, maxLines: 1, threshold: 0.5, timeBudgetMs: 1_000 };

/** A session whose "model" goes on with a text, each character surely; `*` stands for the end-of-text token. */
function sessionOf(continuation: string, probability: (index: number) => number = () => 0.99, clock: () => number = () => 0): { sequence: FakeSequence; ask: (plan: Partial<CompletionPlan>, more?: { limits?: Partial<CompletionLimits>; fresh?: boolean; steps?: number }) => Promise<CompleteResult> } {
  const middle = FIRST_SPECIAL + SPECIALS.indexOf(FAMILY.tokens.middle);
  const next = (tokens: readonly number[]): Prediction => {
    const done = tokens.length - 1 - tokens.lastIndexOf(middle);
    const character = continuation[done] ?? "*";
    return { token: character === "*" ? FIRST_SPECIAL : character.codePointAt(0) ?? 0, probability: probability(done) };
  };
  const sequence = new FakeSequence(1_024, next);
  const session = new CompletionSession(sequence, characterTokenizer(SPECIALS), FAMILY, clock);
  const plan: CompletionPlan = { path: "a.ts", head: [], prefix: "one\ntwo\n", typed: "", suffix: "\nend\n" };
  return { sequence, ask: (changes, { limits = {}, fresh = false, steps } = {}) => session.complete({ plan: { ...plan, ...changes }, limits: { ...LIMITS, ...limits }, fresh }, freeTurn(steps)) };
}

const text = (result: CompleteResult): string => result.tokens.map((token) => token.text).join("");

describe("engine/completionSession", () => {
  it("generates to the end token, with its probability", async () => {
    const result = await sessionOf("a = 1;*").ask({});
    assert.deepEqual([text(result), result.stop, result.endProbability, result.generatedTokens], ["a = 1;", "endOfText", 0.99, 6]);
    assert.equal(result.evaluatedTokens, result.promptTokens);
  });

  it("stops at the line break, at the token limit and at the time budget", async () => {
    assert.deepEqual((await sessionOf("a;\nb").ask({})).stop, "lineLimit");
    assert.deepEqual((await sessionOf("abcdef").ask({}, { limits: { maxTokens: 3 } })).stop, "tokenLimit");
    let now = 0;
    const late = await sessionOf("abcdef", undefined, () => (now += 100)).ask({}, { limits: { timeBudgetMs: 250 } });
    assert.deepEqual([late.stop, late.generatedTokens > 0], ["timeBudget", true]);
  });

  it("stops before the token that is no longer sure", async () => {
    const result = await sessionOf("abcdef", (index) => (index === 3 ? 0.4 : 1)).ask({});
    assert.deepEqual([text(result), result.stop], ["abc", "unsure"]);
  });

  it("threshold 0 turns that off", async () => {
    assert.equal((await sessionOf("abc*", () => 0.01).ask({}, { limits: { threshold: 0 } })).stop, "endOfText");
  });

  it("a probability that is no number is not sure, whatever the threshold", async () => {
    for (const threshold of [0, 0.5]) assert.equal((await sessionOf("abc*", () => Number.NaN).ask({}, { limits: { threshold } })).stop, "unsure");
  });

  describe("the blank before the cursor, for the starter", () => {
    const starter = FIM_FAMILIES.ghostlight;
    const specials = Object.values(starter.tokens);
    /** Asks at the end of `typed`; the model writes `whole` from the line's start on, whatever was typed of it. */
    const ask = (typed: string, whole: string): Promise<CompleteResult> => {
      const middle = FIRST_SPECIAL + specials.indexOf(starter.tokens.middle);
      const sequence = new FakeSequence(1_024, (tokens) => {
        const character = whole[tokens.length - 1 - tokens.lastIndexOf(middle)] ?? "*";
        return { token: character === "*" ? FIRST_SPECIAL : character.codePointAt(0) ?? 0, probability: 0.99 };
      });
      const session = new CompletionSession(sequence, characterTokenizer(specials), starter, () => 0);
      return session.complete({ plan: { path: "a.ts", head: [], prefix: "", typed, suffix: "" }, limits: LIMITS, fresh: false }, freeTurn());
    };

    it("is left to the model and taken off its answer", async () => {
      const result = await ask("let a ", "let a = 1;");
      assert.deepEqual([text(result), result.promptTokens], ["= 1;", (await ask("let a", "let a = 1;")).promptTokens]);
    });

    it("an answer without it is no answer for this place", async () => {
      const result = await ask("let a ", "let a(b);");
      assert.deepEqual([text(result), result.stop], ["", "unsure"]);
    });

    it("indentation, and more than one blank, stay in the prompt", async () => {
      assert.equal(text(await ask("  ", "  return")), "return");
      assert.equal(text(await ask("a  ", "a  b")), "b");
    });
  });

  it("typing along the generated text evaluates nothing", async () => {
    const { ask } = sessionOf("a = 1;*");
    await ask({});
    for (const typed of ["a", "a ", "a =", "a = 1"]) assert.equal((await ask({ typed })).evaluatedTokens, 0, typed);
  });

  it("leaving the generated text evaluates what differs, and so does coming back", async () => {
    const { ask } = sessionOf("a = 1;*");
    await ask({});
    assert.equal((await ask({ typed: "a = x" })).evaluatedTokens, 1);
    assert.equal((await ask({ typed: "a = " })).evaluatedTokens, 0);
  });

  it("fresh forgets everything first", async () => {
    const { ask } = sessionOf("a*");
    const first = await ask({});
    assert.equal((await ask({}, { fresh: true })).evaluatedTokens, first.promptTokens);
  });

  it("cancelled in the prompt: an outcome with its count, and the next request goes on from there", async () => {
    const { ask } = sessionOf("a*");
    const prefix = "x".repeat(500);
    const cancelled = await ask({ prefix }, { steps: 3 });
    assert.deepEqual([cancelled.stop, cancelled.evaluatedTokens, cancelled.firstTokenMs], ["cancelled", 192, null]);
    const next = await ask({ prefix });
    assert.equal(next.evaluatedTokens, next.promptTokens - 192);
  });

  it("cancelled while generating: what was generated stays usable", async () => {
    const { ask } = sessionOf("abcdef*");
    const cancelled = await ask({}, { steps: 6 });
    assert.equal(cancelled.stop, "cancelled");
    assert.ok(cancelled.generatedTokens > 0);
    assert.equal((await ask({ typed: text(cancelled).slice(0, 2) })).evaluatedTokens, 0);
  });

  it("half a character waits for the token that completes it", async () => {
    const halves: Readonly<Record<number, number>> = { 1: 0xD83D, 2: 0xDE00 };
    const tokenizer = { ...characterTokenizer(SPECIALS), decode: (tokens: readonly number[]): string => decodeHalves(tokens, halves) };
    const sequence = new FakeSequence(256, (tokens) => ({ token: tokens.at(-1) === 1 ? 2 : tokens.at(-1) === 2 ? FIRST_SPECIAL : 1, probability: 1 }));
    const session = new CompletionSession(sequence, tokenizer, FAMILY, () => 0);
    const result = await session.complete({ plan: { path: "a", head: [], prefix: "", typed: "", suffix: "" }, limits: LIMITS, fresh: false }, freeTurn());
    assert.deepEqual(result.tokens.map((token) => token.text), ["", "😀"]);
  });

  it("what does not fit is told", async () => {
    const result = await sessionOf("a*").ask({ prefix: "x".repeat(3_000) });
    assert.ok(result.leftOut.length > 0 && result.promptTokens < 1_024);
  });
});

/** Decodes two made-up tokens that hold one half of a character each; an unpaired half becomes U+FFFD, as the library does. */
function decodeHalves(tokens: readonly number[], halves: Readonly<Record<number, number>>): string {
  const units = tokens.map((token) => halves[token]).filter((unit) => unit !== undefined);
  return String.fromCharCode(...units).replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])/g, "\uFFFD");
}
