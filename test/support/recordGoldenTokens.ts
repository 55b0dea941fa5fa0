/**
 * Records test/fixtures/goldenTokens from whole vocabularies: GHOSTLIGHT_VOCABULARIES names a folder with llama.cpp's
 * `ggml-vocab-{qwen2,starcoder,deepseek-coder}.gguf`. Run: npx tsx test/support/recordGoldenTokens.ts
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { FIM_FAMILIES } from "../../src/core/models/fimFamilies";
import { FIXTURES, GOLDEN_FAMILIES, sliceFor, type GoldenFamily, type GoldenFixture } from "./goldenTokens";
import { tokenizeGoldenPlans, wholeVocabulary } from "./goldenModels";

async function main(): Promise<void> {
  const folder = process.env["GHOSTLIGHT_VOCABULARIES"];
  if (folder === undefined) throw new Error("GHOSTLIGHT_VOCABULARIES names no folder");
  mkdirSync(FIXTURES, { recursive: true });
  for (const family of GOLDEN_FAMILIES) await record(family, folder);
}

async function record(family: GoldenFamily, folder: string): Promise<void> {
  const whole = wholeVocabulary(family, folder);
  const vocabulary = sliceFor(whole, FIM_FAMILIES[family]);
  const fixture: GoldenFixture = { vocabulary, prompts: await tokenizeGoldenPlans(family, whole) };
  writeFileSync(path.join(FIXTURES, `${family}.json`), pretty(fixture));
  console.log(`${family}: ${String(vocabulary.tokens.length)} tokens, ${String(vocabulary.merges.length)} merges of ${String(whole.merges.length)}`);
}

/** One line a prompt; the long arrays on one line each. */
function pretty({ vocabulary, prompts }: GoldenFixture): string {
  const lines = Object.entries(prompts).map(([name, ids]) => `    ${JSON.stringify(name)}: ${JSON.stringify(ids)}`);
  const entries = Object.entries(vocabulary).map(([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `{\n  "prompts": {\n${lines.join(",\n")}\n  },\n  "vocabulary": {\n${entries.join(",\n")}\n  }\n}\n`;
}

void main();
