import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { layOutFimPrompt, type FimFamily } from "../../src/core/models/fimFamilies";
import type { PromptPart } from "../../src/core/models/promptPart";
import { byteCharacters, toByteCharacters } from "../../models/starter/train/bytes";
import { int32Array, uint32, type Metadata } from "../../models/starter/train/gguf";
import { syntheticModel } from "../../models/starter/train/syntheticModel";
import type { CompletionPlan } from "../../src/protocol/engine";

/** Families whose real vocabularies were at hand when the fixtures were recorded. */
export const GOLDEN_FAMILIES = ["qwen", "starcoder", "deepseek"] as const;
export type GoldenFamily = (typeof GOLDEN_FAMILIES)[number];

/** A token of a vocabulary: its id there, its text and its ggml type. */
export type VocabularyToken = readonly [id: number, text: string, type: number];

/** A vocabulary, or the part of it that the golden texts can touch, with the ids it has in the whole one. */
export interface VocabularySlice {
  readonly preTokenizer: string;
  readonly startToken: number;
  readonly endToken: number;
  readonly addsStart: boolean;
  readonly tokens: readonly VocabularyToken[];
  readonly merges: readonly string[];
}

/** What `recordGoldenTokens.ts` wrote: a part of the vocabulary, and the ids that the whole one gives for each prompt. */
export interface GoldenFixture {
  readonly vocabulary: VocabularySlice;
  readonly prompts: Readonly<Record<string, readonly number[]>>;
}

export const FIXTURES = path.resolve(__dirname, "../fixtures/goldenTokens");

export function readFixture(family: GoldenFamily): GoldenFixture {
  return JSON.parse(readFileSync(path.join(FIXTURES, `${family}.json`), "utf8")) as GoldenFixture;
}

const BASE: CompletionPlan = { path: "src/totals.ts", head: [], prefix: "import { Item } from \"./item\";\n\n", typed: "export function total(items: Item[]) ", suffix: "\n\nexport const EMPTY: Item[] = [];\n" };
const EVERY_MARKER = "<|endoftext|><|im_start|>system<|im_end|><|fim_prefix|><|fim_suffix|><|fim_middle|><|fim_pad|><|repo_name|><|file_sep|><tool_call>"
  + "<fim_prefix><fim_suffix><fim_middle><file_sep><repo_name><｜fim▁begin｜><｜fim▁hole｜><｜fim▁end｜><｜begin▁of▁sentence｜><｜end▁of▁sentence｜><|EOT|>";

/** Prompts with what tends to go wrong: heads, indentation, line ends, scripts, empty parts, markers in the user's text. */
export const GOLDEN_PLANS: Readonly<Record<string, CompletionPlan>> = {
  plain: BASE,
  "with further files": { ...BASE, head: [{ path: "src/item.ts", text: "export interface Item {\n  price: number;\n}\n" }, { path: "src/format.ts", text: "export const money = (value: number) => value.toFixed(2)" }] },
  "nothing typed": { ...BASE, typed: "" },
  "indented by tabs": { ...BASE, path: "main.go", prefix: "func main() {\n\tfor i := 0; i < 10; i++ {\n", typed: "\t\tfmt.Println(", suffix: ")\n\t}\n}\n" },
  "python with long indentation": { ...BASE, path: "report.py", prefix: "class Report:\n    def rows(self):\n        for row in self.table:\n", typed: "            yield row[", suffix: "]\n" },
  "windows line ends": { ...BASE, prefix: "let a = 1;\r\nlet b = 2;\r\n", typed: "let c", suffix: "\r\nlet d;\r\n" },
  "many scripts": { ...BASE, prefix: "// größe, 数据, данные, 😀👍🏽, ½ µ\n", typed: "const straße = \"数", suffix: "\";\n" },
  "everything empty": { ...BASE, prefix: "", typed: "", suffix: "" },
  "markers in the user's text": { path: `a${EVERY_MARKER}.ts`, head: [{ path: "b.ts", text: EVERY_MARKER }], prefix: `${EVERY_MARKER}\n`, typed: EVERY_MARKER, suffix: `\n${EVERY_MARKER}\n` },
};

/** A loadable model with this vocabulary; its weights are random. */
export function modelWith(vocabulary: VocabularySlice, family: GoldenFamily): Buffer {
  const idOf = (id: number): number => vocabulary.tokens.findIndex(([original]) => original === id);
  const metadata: Metadata = {
    "tokenizer.ggml.pre": vocabulary.preTokenizer,
    "tokenizer.ggml.tokens": vocabulary.tokens.map(([, text]) => text),
    "tokenizer.ggml.token_type": int32Array(vocabulary.tokens.map(([, , type]) => type)),
    "tokenizer.ggml.merges": vocabulary.merges,
    "tokenizer.ggml.bos_token_id": uint32(idOf(vocabulary.startToken)),
    "tokenizer.ggml.eos_token_id": uint32(idOf(vocabulary.endToken)),
    "tokenizer.ggml.add_bos_token": vocabulary.addsStart,
    ...markerIds(vocabulary, family),
  };
  return syntheticModel({ family, layers: 1, vocabulary: vocabulary.tokens.length, metadata });
}

const MARKER_KEYS: Readonly<Record<GoldenFamily, Readonly<Record<string, string>>>> = {
  qwen: { pre: "<|fim_prefix|>", suf: "<|fim_suffix|>", mid: "<|fim_middle|>", pad: "<|fim_pad|>", rep: "<|repo_name|>", sep: "<|file_sep|>" },
  starcoder: { pre: "<fim_prefix>", suf: "<fim_suffix>", mid: "<fim_middle>", pad: "<fim_pad>", rep: "<repo_name>", sep: "<file_sep>" },
  deepseek: { pre: "<｜fim▁begin｜>", suf: "<｜fim▁hole｜>", mid: "<｜fim▁end｜>" },
};

function markerIds(vocabulary: VocabularySlice, family: GoldenFamily): Metadata {
  return Object.fromEntries(Object.entries(MARKER_KEYS[family]).map(([part, text]) => {
    const id = vocabulary.tokens.findIndex(([, token]) => token === text);
    assert.ok(id >= 0, `${family} has no ${text}`);
    return [`tokenizer.ggml.fim_${part}_token_id`, uint32(id)];
  }));
}

/** The texts of all golden prompts of a family, as the pieces that are tokenized. */
function goldenTexts(family: FimFamily): string[] {
  return Object.values(GOLDEN_PLANS).flatMap((plan) => {
    const prompt = layOutFimPrompt(family, plan);
    const parts: PromptPart[] = [...prompt.head.flat(), ...prompt.opening, ...prompt.between, ...prompt.closing];
    return [...parts.flatMap((part) => (part.kind === "text" ? [part.text] : [])), prompt.prefix, prompt.typed, prompt.suffix];
  });
}

/**
 * The part of a vocabulary that decides how the golden texts are split: byte-level BPE only ever joins what stands side
 * by side, so a merge whose result is nowhere in the texts can never take part.
 */
export function sliceFor(whole: VocabularySlice, family: FimFamily): VocabularySlice {
  const texts = goldenTexts(family).map(toByteCharacters);
  const occurs = (text: string): boolean => texts.some((whole) => whole.includes(text));
  const merges = whole.merges.filter((merge) => occurs(merge.replace(" ", "")));
  const kept = new Set([...byteCharacters, ...merges.map((merge) => merge.replace(" ", ""))]);
  const tokens = whole.tokens.filter(([, text, type]) => kept.has(text) || (type !== 1 && !text.startsWith("[PAD")));
  return { ...whole, merges, tokens };
}

/** Ids of a prompt in the whole vocabulary, as a loaded model of a slice tokenizes it. */
export function originalIds(vocabulary: VocabularySlice, tokens: readonly number[]): number[] {
  return tokens.map((token) => vocabulary.tokens[token]?.[0] ?? -1);
}

/** Ids that no user text may give: all but plain tokens and single bytes. */
export function specialIds(vocabulary: VocabularySlice): Set<number> {
  return new Set(vocabulary.tokens.flatMap(([, text, type], id) => (type !== 1 && text.length > 1 ? [id] : [])));
}
