import assert from "node:assert/strict";
import fc from "fast-check";
import { FIM_FAMILIES, layOutFimPrompt } from "../../src/core/models/fimFamilies";
import type { CompletionPlan } from "../../src/protocol/engine";
import { tokenizeGoldenPlans, wholeVocabulary, withGoldenModel } from "../support/goldenModels";
import { GOLDEN_FAMILIES, GOLDEN_PLANS, readFixture, sliceFor, specialIds } from "../support/goldenTokens";

/** Runs of the property; V9 of the security table asks for 1,000. */
const RUNS = 1_000;

describe("golden token ids, with the parts of the real vocabularies that these prompts can touch", function () {
  this.timeout(120_000);

  for (const family of GOLDEN_FAMILIES) {
    const { vocabulary, prompts } = readFixture(family);

    it(`${family}: the ids of every golden prompt`, async () => {
      const tokenized = await tokenizeGoldenPlans(family, vocabulary);
      assert.deepEqual(Object.keys(tokenized), Object.keys(prompts));
      for (const [name, ids] of Object.entries(tokenized)) assert.deepEqual(ids, prompts[name], name);
    });

    it(`${family}: tokens of the user's text never hold a special id, whatever it contains (security table V9)`, async () => {
      const specials = specialIds(vocabulary);
      const spellings = vocabulary.tokens.filter((_, id) => specials.has(id)).map(([, text]) => text);
      assert.ok(spellings.length >= 7);
      await withGoldenModel(family, vocabulary, ({ tokenizer, fim }, inside) => {
        const count = (tokens: readonly number[]): number => tokens.filter((token) => specials.has(token)).length;
        const plain: CompletionPlan = { path: "a", head: [{ path: "b", text: "c" }], prefix: "d\n", typed: "e", suffix: "f" };
        const template = count(inside.tokenizeFimPrompt(layOutFimPrompt(fim, plain), tokenizer, 100_000).tokens);
        fc.assert(fc.property(textOf(spellings), textOf(spellings), textOf(spellings), (first, second, third) => {
          assert.equal(count(tokenizer.encodeText(first)), 0);
          const hostile: CompletionPlan = { path: first, head: [{ path: second, text: third }], prefix: `${first}\n`, typed: second, suffix: third };
          const { tokens } = inside.tokenizeFimPrompt(layOutFimPrompt(fim, hostile), tokenizer, 100_000);
          assert.equal(count(tokens), template);
        }), { numRuns: RUNS });
      });
    });

    it(`${family}: every special spelling alone comes back as the text it is`, async () => {
      const specials = specialIds(vocabulary);
      await withGoldenModel(family, vocabulary, ({ tokenizer }) => {
        for (const id of specials) {
          const text = vocabulary.tokens[id]?.[1] ?? "";
          assert.equal(tokenizer.decode(tokenizer.encodeText(text)), text);
          assert.equal(tokenizer.decode(tokenizer.encodeText(`a ${text}${text} b`)), `a ${text}${text} b`);
        }
      });
    });
  }

  it("the fixtures cover every golden plan", () => {
    for (const family of GOLDEN_FAMILIES) assert.deepEqual(Object.keys(readFixture(family).prompts), Object.keys(GOLDEN_PLANS));
  });

  const folder = process.env["GHOSTLIGHT_VOCABULARIES"];
  for (const family of folder === undefined ? [] : GOLDEN_FAMILIES) {
    it(`${family}: the whole vocabulary gives the same ids, and the recorded part is a part of it`, async () => {
      const whole = wholeVocabulary(family, folder ?? "");
      const { vocabulary, prompts } = readFixture(family);
      assert.deepEqual(vocabulary, JSON.parse(JSON.stringify(sliceFor(whole, FIM_FAMILIES[family]))));
      assert.deepEqual(await tokenizeGoldenPlans(family, whole), prompts);
    });
  }
});

/** Text with special spellings in it: whole, doubled, cut, nested, and between words. */
function textOf(spellings: readonly string[]): fc.Arbitrary<string> {
  const whole = fc.constantFrom(...spellings);
  const cut = fc.tuple(whole, fc.nat(20)).map(([text, at]) => text.slice(0, at));
  const nested = fc.tuple(whole, whole, fc.nat(20)).map(([outer, inner, at]) => outer.slice(0, at) + inner + outer.slice(at));
  const piece = fc.oneof(whole, cut, nested, fc.constantFrom("a", " ", "\n", "const", "<", "|>", "｜", "ö", "😀", "▁"));
  return fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
}
