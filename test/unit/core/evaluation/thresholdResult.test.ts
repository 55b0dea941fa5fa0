import assert from "node:assert/strict";
import fc from "fast-check";
import { resultAtThreshold } from "../../../../src/core/evaluation/thresholdResult";
import { FIM_FAMILIES } from "../../../../src/core/models/fimFamilies";
import { CompletionSession } from "../../../../src/engine/completionSession";
import type { CompleteResult } from "../../../../src/protocol/engine";
import { characterTokenizer, FakeSequence, FIRST_SPECIAL, freeTurn } from "../../../support/engineFakes";
import { completeResultOf, generationOf, tokensOf } from "../../../support/engineResults";

const FAMILY = FIM_FAMILIES.qwen;
const SPECIALS = Object.values(FAMILY.tokens);

/** The real session on a "model" that writes a text with given probabilities; `*` ends it. */
async function askSession(text: string, probabilities: readonly number[], threshold: number): Promise<CompleteResult> {
  const middle = FIRST_SPECIAL + SPECIALS.indexOf(FAMILY.tokens.middle);
  const sequence = new FakeSequence(1_024, (tokens) => {
    const done = tokens.length - 1 - tokens.lastIndexOf(middle);
    const character = text[done] ?? "*";
    return { token: character === "*" ? FIRST_SPECIAL : character.codePointAt(0) ?? 0, probability: probabilities[done % probabilities.length] ?? 1 };
  });
  const session = new CompletionSession(sequence, characterTokenizer(SPECIALS), FAMILY, () => 0);
  const plan = { path: "a.ts", head: [], prefix: "one\n", typed: "if (a) {", suffix: "\nend of it\n" };
  return await session.complete({ plan, limits: { maxTokens: 100, maxLines: 4, threshold, timeBudgetMs: 1_000, leastDraft: 0 }, drafts: [], fresh: true }, freeTurn());
}

const answer = (result: CompleteResult): unknown => [result.tokens, result.stop, result.endProbability, result.generatedTokens];

describe("core/evaluation/thresholdResult", () => {
  it("gives what the engine gives when it is asked with the threshold", async () => {
    await fc.assert(fc.asyncProperty(
      fc.string({ unit: fc.constantFrom("a", "b", " ", "\n", "}", "(", "*"), maxLength: 20 }),
      fc.array(fc.constantFrom(1, 0.99, 0.9, 0.7, 0.4), { minLength: 1, maxLength: 8 }),
      fc.constantFrom(0, 0.3, 0.5, 0.7),
      async (text, probabilities, threshold) => {
        const free = await askSession(text, probabilities, 0);
        assert.deepEqual(answer(resultAtThreshold(free, threshold)), answer(await askSession(text, probabilities, threshold)));
      },
    ), { numRuns: 300 });
  });

  it("ends before the token at which the product falls below", () => {
    const result = completeResultOf(generationOf(tokensOf("a", 0.9, "b", 0.7, "c", 0.9)));
    assert.deepEqual(answer(resultAtThreshold(result, 0.6)), [tokensOf("a", 0.9, "b", 0.7), "unsure", null, 2]);
  });

  it("an end that is not sure enough is no end", () => {
    const result = completeResultOf(generationOf(tokensOf("a", 0.6)));
    assert.deepEqual(answer(resultAtThreshold(result, 0.55)), [tokensOf("a", 0.6), "unsure", null, 1]);
  });

  it("a product that is no number is never sure", () => {
    assert.equal(resultAtThreshold(completeResultOf(generationOf(tokensOf("a", Number.NaN))), 0.1).stop, "unsure");
  });
});
