import assert from "node:assert/strict";
import fc from "fast-check";
import { FIM_FAMILIES, layOutFimPrompt, type FimFamily } from "../../../src/core/models/fimFamilies";
import { special, userText } from "../../../src/core/models/promptPart";
import { commonLength } from "../../../src/engine/cachedSequence";
import { encodeParts, tokenizeFimPrompt, type TokenizedPrompt } from "../../../src/engine/promptTokens";
import type { CompletionPlan } from "../../../src/protocol/engine";
import { characterTokenizer, FIRST_SPECIAL, spellTokens } from "../../support/engineFakes";

const PLAN: CompletionPlan = { path: "a.ts", head: [], prefix: "pre\n", typed: "typ", suffix: "\nsuf\n" };

const specialsOf = (family: FimFamily): string[] => Object.values(family.tokens);

function tokenized(family: FimFamily, plan: Partial<CompletionPlan>, budget: number): TokenizedPrompt & { readonly text: string } {
  const prompt = tokenizeFimPrompt(layOutFimPrompt(family, { ...PLAN, ...plan }), characterTokenizer(specialsOf(family)), budget);
  return { ...prompt, text: spellTokens(prompt.tokens, specialsOf(family)) };
}

const numbered = (count: number): string => Array.from({ length: count }, (_, index) => String(index % 10)).join("");

describe("engine/promptTokens", () => {
  it("everything fits: everything is there, nothing is said", () => {
    const anchored = tokenized(FIM_FAMILIES.qwen, {}, 2_000);
    assert.equal(anchored.text, "«<|fim_prefix|>»pre\n«<|fim_suffix|>»\nsuf\n«<|fim_middle|>»typ");
    const suffixFirst = tokenized(FIM_FAMILIES.ghostlight, {}, 2_000);
    assert.equal(suffixFirst.text, "«<|file_sep|>»a.ts\n«<|fim_prefix|>»«<|fim_suffix|>»\nsuf\n«<|fim_middle|>»pre\ntyp");
    assert.deepEqual([anchored.leftOut, suffixFirst.leftOut], [[], []]);
  });

  it("the vocabulary's beginning-of-sequence token stands before everything, also before the head", () => {
    const specials = specialsOf(FIM_FAMILIES.deepseek);
    const layout = layOutFimPrompt(FIM_FAMILIES.deepseek, { ...PLAN, head: [{ path: "b", text: "c" }] });
    const { tokens } = tokenizeFimPrompt(layout, characterTokenizer(specials, [], [7]), 2_000);
    assert.deepEqual([tokens[0], tokens.lastIndexOf(7)], [7, 0]);
  });

  it("head chunks go first, the last of them first", () => {
    const head = [{ path: "b", text: "1".repeat(50) }, { path: "c", text: "2".repeat(500) }, { path: "d", text: "3" }];
    const { text, leftOut } = tokenized(FIM_FAMILIES.qwen, { head }, 300);
    assert.ok(text.startsWith("«<|file_sep|>»b\n1111") && !text.includes("2") && !text.includes("3"));
    assert.deepEqual(leftOut, ["2 related places: no room in the context"]);
  });

  it("then the suffix's end and the prefix's start, both told", () => {
    const { text, tokens, leftOut } = tokenized(FIM_FAMILIES.qwen, { prefix: `${numbered(2_000)}\n`, suffix: `\n${numbered(2_000)}` }, 1_000);
    assert.ok(tokens.length <= 1_000 && tokens.length > 700);
    assert.match(text, /^«<\|fim_prefix\|>»\d+\n«<\|fim_suffix\|>»\n\d+«<\|fim_middle\|>»typ$/);
    assert.deepEqual(leftOut.map((words) => words.replace(/\d+/, "N")), [
      "N tokens after the cursor: no room in the context",
      "N tokens, lines at the top of the file's window: no room in the context",
    ]);
  });

  it("a short prefix leaves its room to the suffix", () => {
    const { leftOut } = tokenized(FIM_FAMILIES.qwen, { prefix: "p\n", suffix: numbered(700) }, 1_000);
    assert.deepEqual(leftOut, []);
  });

  it("what is typed stays, at least its end", () => {
    const { text, leftOut } = tokenized(FIM_FAMILIES.qwen, { typed: `${numbered(900)}end` }, 600);
    assert.ok(text.endsWith("end"));
    assert.match(leftOut[0] ?? "", /start of the current line/);
  });

  it("a special token that the vocabulary lacks is an error", () => {
    assert.throws(() => encodeParts([special("<gone>")], characterTokenizer([])), /lacks the special token <gone>/);
  });

  it("text that spells a special token stays text", () => {
    assert.ok(encodeParts([userText("<gone>")], characterTokenizer(["<gone>"])).every((token) => token < FIRST_SPECIAL));
  });

  for (const family of Object.values(FIM_FAMILIES) as FimFamily[]) {
    it(`${family.id}: a full context: forty keys on one line evaluate little more than themselves`, () => {
      let before = tokenized(family, { prefix: `${numbered(3_000)}\n`, suffix: `\n${numbered(1_000)}`, typed: "" }, 1_000).tokens;
      const costs: number[] = [];
      for (let key = 1; key <= 40; key++) {
        const { tokens } = tokenized(family, { prefix: `${numbered(3_000)}\n`, suffix: `\n${numbered(1_000)}`, typed: "x".repeat(key) }, 1_000);
        costs.push(tokens.length - commonLength(before, tokens));
        before = tokens;
      }
      const afterText = family.layout === "suffixFirst" && family.prefixAfterMiddle !== true && "middle" in family.tokens ? 1 : 0;
      assert.deepEqual(costs, Array.from({ length: 40 }, () => 1 + afterText));
    });

    it(`${family.id}: property: within the budget, all specials there and only they, the rest in the user's words`, () => {
      const words = fc.string({ unit: fc.constantFrom("a", "\n", ...specialsOf(family)), maxLength: 400 });
      const plan = fc.record({ path: fc.constant("p"), prefix: words, typed: words, suffix: words, head: fc.array(fc.record({ path: fc.constant("h"), text: words }), { maxLength: 3 }) });
      const plain = layOutFimPrompt(family, PLAN);
      const fixed = [...plain.opening, ...plain.between, ...plain.closing].length;
      fc.assert(fc.property(plan, fc.integer({ min: 40, max: 3_000 }), (given, budget) => {
        const prompt = layOutFimPrompt(family, given);
        const { tokens, leftOut } = tokenizeFimPrompt(prompt, characterTokenizer(specialsOf(family)), budget);
        assert.ok(tokens.length <= budget);
        const specials = tokens.filter((token) => token >= FIRST_SPECIAL).length;
        const inHead = prompt.head.flat().filter((part) => part.kind === "special").length;
        assert.ok(specials >= fixed - 2 && specials <= fixed + inHead + 1);
        const whole = [given.prefix, given.typed, given.suffix].every((text) => spellTokens(tokens, specialsOf(family)).includes(text));
        assert.ok(whole || leftOut.length > 0, "cut without a word");
      }), { numRuns: 60 });
    });
  }
});
