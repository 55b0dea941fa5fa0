import assert from "node:assert/strict";
import fc from "fast-check";
import { detectFimFamily, FIM_FAMILIES, GHOSTLIGHT_FIM_FORMATS, layOutFimPrompt, type FimFamily, type FimFamilyId, type FimPrompt, type VocabularyFacts } from "../../../../src/core/models/fimFamilies";
import type { PromptPart } from "../../../../src/core/models/promptPart";
import type { CompletionPlan } from "../../../../src/protocol/engine";

const PLAN: CompletionPlan = { path: "src/sum.ts", head: [], prefix: "import a;\n", typed: "const b = ", suffix: "\nexport b;\n" };
const HEAD = { head: [{ path: "src/a.ts", text: "let a" }, { path: "src/c.ts", text: "let c\n" }] };

const spelled = (parts: readonly PromptPart[]): string => parts.map((part) => (part.kind === "special" ? part.token : part.text)).join("");

/** The prompt as one string, in the order in which the engine puts it together. */
function text(prompt: FimPrompt): string {
  const { opening, prefix, between, suffix, closing, typed, order } = prompt;
  const head = prompt.head.map(spelled).join("");
  const [first, inside] = prompt.headPlace === "first" ? [head, ""] : ["", head];
  return order === "prefixFirst"
    ? `${first}${spelled(opening)}${inside}${prefix}${spelled(between)}${suffix}${spelled(closing)}${typed}`
    : `${first}${spelled(opening)}${suffix}${spelled(between)}${inside}${prefix}${typed}${spelled(closing)}`;
}

const P = "import a;\n";
const S = "\nexport b;\n";
const T = "const b = ";
const COMMENTS = "// src/a.ts\nlet a\n// src/c.ts\nlet c\n";

/** What each family sees without and with two further files (sources: the fill-in-the-middle fact sheet). */
const GOLDEN: Readonly<Record<FimFamilyId, readonly [alone: string, withHead: string]>> = {
  ghostlight: [
    `<|file_sep|>src/sum.ts\n<|fim_prefix|><|fim_suffix|>${S}<|fim_middle|>${P}${T}`,
    `<|file_sep|>src/sum.ts\n<|fim_prefix|><|fim_suffix|>${S}<|fim_middle|>${P}${T}`,
  ],
  ghostlight2: [
    `<|file_sep|>src/sum.ts\n<|fim_prefix|><|fim_suffix|>${S}<|fim_middle|>${P}${T}`,
    `<|file_sep|>src/a.ts\nlet a\n<|file_sep|>src/c.ts\nlet c\n<|file_sep|>src/sum.ts\n<|fim_prefix|><|fim_suffix|>${S}<|fim_middle|>${P}${T}`,
  ],
  qwen: [
    `<|fim_prefix|>${P}<|fim_suffix|>${S}<|fim_middle|>${T}`,
    `<|file_sep|>src/a.ts\nlet a\n<|file_sep|>src/c.ts\nlet c\n<|file_sep|>src/sum.ts\n<|fim_prefix|>${P}<|fim_suffix|>${S}<|fim_middle|>${T}`,
  ],
  codegemma: [`<|fim_prefix|>${P}<|fim_suffix|>${S}<|fim_middle|>${T}`, `<|file_separator|>src/sum.ts\n<|fim_prefix|>${COMMENTS}${P}<|fim_suffix|>${S}<|fim_middle|>${T}`],
  granite: [`<|fim_prefix|>${P}<|fim_suffix|>${S}<|fim_middle|>${T}`, `<|fim_prefix|>${COMMENTS}${P}<|fim_suffix|>${S}<|fim_middle|>${T}`],
  starcoder: [
    `<fim_prefix>${P}<fim_suffix>${S}<fim_middle>${T}`,
    `<file_sep>src/a.ts\nlet a\n<file_sep>src/c.ts\nlet c\n<file_sep>src/sum.ts\n<fim_prefix>${P}<fim_suffix>${S}<fim_middle>${T}`,
  ],
  mellum: [
    `<filename>src/sum.ts\n<fim_suffix>${S}<fim_prefix>${P}${T}<fim_middle>`,
    `<filename>src/a.ts\nlet a\n<filename>src/c.ts\nlet c\n<filename>src/sum.ts\n<fim_suffix>${S}<fim_prefix>${P}${T}<fim_middle>`,
  ],
  seed: [`<[fim-suffix]>${S}<[fim-prefix]>${P}${T}<[fim-middle]>`, `<[fim-suffix]>${S}<[fim-prefix]>${COMMENTS}${P}${T}<[fim-middle]>`],
  deepseek: [`<｜fim▁begin｜>${P}<｜fim▁hole｜>${S}<｜fim▁end｜>${T}`, `<｜fim▁begin｜>${COMMENTS}${P}<｜fim▁hole｜>${S}<｜fim▁end｜>${T}`],
  codestral: [`[SUFFIX]${S}[PREFIX]${P}${T}`, `[SUFFIX]${S}[PREFIX]${COMMENTS}${P}${T}`],
  codellama: [`▁<PRE>${P}▁<SUF>${S}▁<MID>${T}`, `▁<PRE>${COMMENTS}${P}▁<SUF>${S}▁<MID>${T}`],
};

describe("core/models/fimFamilies", () => {
  describe("golden prompts", () => {
    for (const family of Object.values(FIM_FAMILIES) as FimFamily[]) {
      const [alone, withHead] = GOLDEN[family.id as FimFamilyId];
      it(family.id, () => { assert.equal(text(layOutFimPrompt(family, PLAN)), alone); });
      it(`${family.id} with further files`, () => { assert.equal(text(layOutFimPrompt(family, { ...PLAN, ...HEAD })), withHead); });
    }
  });

  describe("every family", () => {
    for (const family of Object.values(FIM_FAMILIES) as FimFamily[]) {
      it(`${family.id}: its own markers end a completion`, () => {
        const { prefix, suffix } = family.tokens;
        const codeLlama = family.id === "codellama";
        assert.ok(family.stopTokens.length > 1 && (codeLlama || (family.stopTokens.includes(prefix) && family.stopTokens.includes(suffix))));
      });
      it(`${family.id}: property: user text is text, whatever it contains; specials come from the family alone`, () => {
        const marker = fc.constantFrom(...Object.values(family.tokens), ...family.stopTokens, "code();\n");
        const words = fc.array(marker, { maxLength: 5 }).map((parts) => parts.join(""));
        fc.assert(fc.property(words, words, words, words, (path, prefix, typed, suffix) => {
          const prompt = layOutFimPrompt(family, { path, head: [{ path, text: prefix }], prefix, typed, suffix });
          const clean = layOutFimPrompt(family, { ...PLAN, head: [{ path: "a", text: "b" }] });
          assert.deepEqual(specialsOf(prompt), specialsOf(clean));
        }), { numRuns: 50 });
      });
    }
  });

  describe("detection", () => {
    const decide = (tokens: readonly string[], more: Partial<VocabularyFacts> = {}): string => {
      const decision = detectFimFamily({ name: "some model", hasToken: (token) => tokens.includes(token), ...more });
      return decision.family ? decision.family.id : decision.reason;
    };
    const qwenLike = ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"];
    const starLike = ["<fim_prefix>", "<fim_suffix>", "<fim_middle>"];
    const cases: readonly (readonly [tokens: readonly string[], family: string])[] = [
      [[...qwenLike, "<|file_sep|>", "<|repo_name|>"], "qwen"],
      [[...qwenLike, "<|file_separator|>"], "codegemma"],
      [[...qwenLike, "<|end_of_text|>"], "granite"],
      [starLike, "starcoder"],
      [["<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>"], "seed"],
      [["<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"], "deepseek"],
      [["▁<PRE>", "▁<SUF>", "▁<MID>"], "codellama"],
      [["[PREFIX]", "[SUFFIX]"], "codestral"],
    ];
    for (const [tokens, family] of cases) it(family, () => { assert.equal(decide(tokens), family); });

    it("Mellum shares StarCoder's spellings: its name tells", () => { assert.equal(decide(starLike, { name: "Mellum 4b base" }), "mellum"); });
    it("our own file says so itself, whatever its vocabulary", () => {
      assert.deepEqual([...GHOSTLIGHT_FIM_FORMATS.keys()].map((ghostlightFim) => decide([], { ghostlightFim })), ["ghostlight", "ghostlight2"]);
    });
    it("a newer format of ours is refused", () => { assert.match(decide(qwenLike, { ghostlightFim: "suffix-first-9" }), /newer than this version/); });
    it("an unknown vocabulary is refused with a reason, never guessed", () => {
      for (const tokens of [[], ["<|im_start|>"], qwenLike, qwenLike.slice(1), ["[PREFIX]"]]) assert.match(decide(tokens), /no fill-in-the-middle tokens/);
    });
  });
});

function specialsOf(prompt: FimPrompt): string[] {
  return [...prompt.head.flat(), ...prompt.opening, ...prompt.between, ...prompt.closing].filter((part) => part.kind === "special").map((part) => part.token);
}
