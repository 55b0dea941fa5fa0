import assert from "node:assert/strict";
import fc from "fast-check";
import { FIM_FAMILIES } from "../../../src/core/models/fimFamilies";
import { CompletionSession } from "../../../src/engine/completionSession";
import type { CompleteResult, CompletionLimits, CompletionPlan } from "../../../src/protocol/engine";
import { characterTokenizer, FakeSequence, FIRST_SPECIAL, freeTurn, type NextToken } from "../../support/engineFakes";

const FAMILY = FIM_FAMILIES.qwen;
const SPECIALS = Object.values(FAMILY.tokens);
const LIMITS: CompletionLimits = { maxTokens: 40, maxLines: 1, threshold: 0.5, timeBudgetMs: 1_000, leastDraft: 0 };

const idOf = (character: string): number => (character === "*" ? FIRST_SPECIAL : character.codePointAt(0) ?? 0);

/**
 * A session whose "model" goes on with a text, each character surely; `*` stands for the end-of-text token. `others` are
 * further candidates at every place.
 */
function sessionOf(continuation: string, probability: (index: number) => number = () => 0.99, clock: () => number = () => 0, others: readonly (readonly [string, number])[] = []): { sequence: FakeSequence; ask: (plan: Partial<CompletionPlan>, more?: { limits?: Partial<CompletionLimits>; fresh?: boolean; steps?: number; drafts?: readonly string[] }) => Promise<CompleteResult> } {
  const middle = FIRST_SPECIAL + SPECIALS.indexOf(FAMILY.tokens.middle);
  const next: NextToken = (tokens) => {
    const done = tokens.length - 1 - tokens.lastIndexOf(middle);
    const character = continuation[done] ?? "*";
    const surest = { token: idOf(character), probability: probability(done) };
    const rest = others.map(([other, share]) => [idOf(other), share] as const).filter(([token]) => token !== surest.token);
    return { ...surest, candidates: new Map([[surest.token, surest.probability], ...rest]) };
  };
  const sequence = new FakeSequence(1_024, next);
  const session = new CompletionSession(sequence, characterTokenizer(SPECIALS), FAMILY, clock);
  const plan: CompletionPlan = { path: "a.ts", head: [], prefix: "one\ntwo\n", typed: "", suffix: "\nend\n" };
  return { sequence, ask: (changes, { limits = {}, fresh = false, steps, drafts = [] } = {}) => session.complete({ plan: { ...plan, ...changes }, limits: { ...LIMITS, ...limits }, fresh, drafts }, freeTurn(steps)) };
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
      return session.complete({ plan: { path: "a.ts", head: [], prefix: "", typed, suffix: "" }, limits: LIMITS, fresh: false, drafts: [] }, freeTurn());
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

  describe("drafts", () => {
    it("each is scored without a step for each token: the tokens with their probabilities, and the line's end", async () => {
      const { ask, sequence } = sessionOf("a = 1;*", (index) => (index === 2 ? 0.5 : 0.9));
      await ask({}, { limits: { threshold: 1 } });
      sequence.evaluated();
      const result = await ask({}, { drafts: ["a = 1;"], limits: { threshold: 1 } });
      assert.deepEqual(sequence.chunks, [4, 2], "in pieces, so that an unlikely one is left early");
      assert.deepEqual([result.evaluatedTokens, result.draftTokens], [0, 6]);
      const [score] = result.drafts;
      assert.equal(score?.tokens.map((token) => token.text).join(""), "a = 1;");
      assert.deepEqual(score?.tokens.map((token) => token.probability), [0.9, 0.9, 0.5, 0.9, 0.9, 0.9]);
      assert.equal(score?.endProbability, 0.9);
    });

    it("a token that is not among the candidates has at most the least of theirs", async () => {
      const result = await sessionOf("abc*", () => 0.7).ask({}, { drafts: ["xbc"] });
      assert.equal(result.drafts[0]?.tokens[0]?.probability, 0.7);
      const uneven = sessionOf("abc*", () => 0.7, undefined, [["x", 0.2], ["y", 0.1]]);
      const [likely, unlikely] = (await uneven.ask({}, { drafts: ["x", "z"] })).drafts;
      assert.deepEqual([likely?.tokens[0]?.probability, unlikely?.tokens[0]?.probability], [0.2, 0.1]);
    });

    it("the line ends with an end token or with a token that begins with a line break", async () => {
      const { ask } = sessionOf("abc", () => 0.4, undefined, [["*", 0.2], ["\n", 0.1], ["d", 0.1]]);
      assert.equal((await ask({}, { drafts: ["ab"] })).drafts[0]?.endProbability.toFixed(2), "0.30");
    });

    it("what the model would write as well costs no step: the longest agreed start is taken", async () => {
      const whole = sessionOf("a = 1;*");
      const agreed = await whole.ask({}, { drafts: ["a = 1;"] });
      assert.deepEqual([text(agreed), agreed.stop, agreed.verifiedTokens, agreed.generatedTokens, agreed.endProbability], ["a = 1;", "endOfText", 6, 6, 0.99]);
      const part = sessionOf("a = 1;*");
      const differing = await part.ask({}, { drafts: ["a = 2;"] });
      assert.deepEqual([text(differing), differing.verifiedTokens, differing.generatedTokens], ["a = 1;", 4, 6]);
      assert.equal(part.sequence.evaluated(), differing.promptTokens + 6 + 2, "the prompt, the draft, and a step for each of the two tokens that differ");
    });

    it("the text is the same with drafts as without", async () => {
      for (const drafts of [[], ["b"], ["a", "a = ", "a = 1;", "zzz"]]) assert.equal(text(await sessionOf("a = 1;*").ask({}, { drafts })), "a = 1;");
    });

    it("drafts share their start, and the one that the model agrees with is left in the cache", async () => {
      const { ask, sequence } = sessionOf("a = 1;*");
      const result = await ask({}, { drafts: ["a = 1;", "call(a)", "call(b)"] });
      assert.deepEqual(result.drafts.map((score) => score?.tokens.length), [6, 7, 7]);
      assert.equal(result.draftTokens, 7 + 2 + 6);
      assert.equal(result.verifiedTokens, 6);
      sequence.evaluated();
      for (const typed of ["a", "a =", "a = 1;"]) assert.equal((await ask({ typed })).evaluatedTokens, 0, typed);
    });

    it("the next key costs what it costs without drafts", async () => {
      const { ask } = sessionOf("a = 1;*");
      await ask({}, { drafts: ["xyz", "call()"] });
      assert.equal((await ask({ typed: "q" })).evaluatedTokens, 1);
    });

    it("blank and overlong ones are not scored, and a sixth neither; the others keep their places", async () => {
      const result = await sessionOf("a*").ask({}, { drafts: [" ", "abcd", "a", "b", "c", "d"], limits: { maxTokens: 3 } });
      assert.deepEqual(result.drafts.map((score) => score?.tokens.length ?? null), [null, null, 1, 1, 1]);
    });

    it("one that is unlikely from its first token on costs nothing, one that becomes so is left there", async () => {
      const { ask } = sessionOf("a = 1;*", () => 0.9, undefined, [["x", 0.005]]);
      const { drafts: [refused], draftTokens } = await ask({}, { drafts: ["xyz"], limits: { leastDraft: 0.01 } });
      assert.deepEqual([refused, draftTokens], [{ tokens: [{ text: "x", probability: 0.005 }], endProbability: 1, lineProbability: 0.005 }, 0]);
      const left = await ask({}, { drafts: ["a x + something(long)"], limits: { leastDraft: 0.01 }, fresh: true });
      assert.equal(left.draftTokens, 4);
      assert.ok((left.drafts[0]?.lineProbability ?? 1) < 0.01);
    });

    it("cancelled between two drafts: an outcome without scores, its tokens counted, and the cache is used on", async () => {
      const { ask } = sessionOf("a = 1;*");
      const cancelled = await ask({}, { drafts: ["xyz", "call()"], steps: 2 });
      assert.deepEqual([cancelled.stop, cancelled.drafts, cancelled.draftTokens, cancelled.generatedTokens], ["cancelled", [], 4, 0]);
      assert.equal((await ask({ typed: "q" })).evaluatedTokens, 1);
    });

    it("property: where no token holds a line break, the product of a draft's numbers is the probability that the line is it", async () => {
      await fc.assert(fc.asyncProperty(fc.array(fc.constantFrom("a", "ab", "ba", "abab", "bb"), { minLength: 1, maxLength: 5 }), async (drafts) => {
        const result = await sessionOf("abab*", () => 0.5, undefined, [["a", 0.2], ["b", 0.2], ["*", 0.1]]).ask({}, { drafts });
        for (const [index, draft] of drafts.entries()) {
          // The model writes "abab" and the end, each with one half; every other token of a and b has a fifth, an early end a tenth.
          const expected = [...draft].reduce((all, character, place) => all * ("abab"[place] === character ? 0.5 : 0.2), draft.length < 4 ? 0.1 : 0.5);
          const score = result.drafts[index];
          assert.ok(score && Math.abs(score.lineProbability - expected) < 1e-12, draft);
          assert.ok(Math.abs(score.tokens.reduce((all, token) => all * token.probability, score.endProbability) - expected) < 1e-12, draft);
        }
      }), { numRuns: 50 });
    });
  });

  it("half a character waits for the token that completes it", async () => {
    const halves: Readonly<Record<number, number>> = { 1: 0xD83D, 2: 0xDE00 };
    const tokenizer = { ...characterTokenizer(SPECIALS), decode: (tokens: readonly number[]): string => decodeHalves(tokens, halves) };
    const sequence = new FakeSequence(256, (tokens) => ({ token: tokens.at(-1) === 1 ? 2 : tokens.at(-1) === 2 ? FIRST_SPECIAL : 1, probability: 1 }));
    const session = new CompletionSession(sequence, tokenizer, FAMILY, () => 0);
    const result = await session.complete({ plan: { path: "a", head: [], prefix: "", typed: "", suffix: "" }, limits: LIMITS, fresh: false, drafts: [] }, freeTurn());
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
