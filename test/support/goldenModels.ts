import assert from "node:assert/strict";
import path from "node:path";
import { layOutFimPrompt, type FimFamily } from "../../src/core/models/fimFamilies";
import { readGgufHeader } from "../../src/core/models/gguf";
import { withFileSource } from "../../src/engine/fileSource";
import type { LoadedModel } from "../../src/engine/modelSlots";
import { engineInside } from "./engineInside";
import { ModelFolder } from "./engineModels";
import { GOLDEN_PLANS, modelWith, originalIds, type GoldenFamily, type VocabularySlice, type VocabularyToken } from "./goldenTokens";

const FILES: Readonly<Record<GoldenFamily, string>> = { qwen: "ggml-vocab-qwen2.gguf", starcoder: "ggml-vocab-starcoder.gguf", deepseek: "ggml-vocab-deepseek-coder.gguf" };

/**
 * What Qwen2.5-Coder added to Qwen2's vocabulary, whose file has unnamed places there (source: the added tokens in the
 * published tokenizer_config.json of Qwen2.5-Coder; not marked as control tokens there, so llama.cpp finds them in any text).
 */
const QWEN_CODER_FIRST = 151_657;
const QWEN_CODER_TOKENS = ["<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>"];
const USER_DEFINED = 4;

export type GoldenModel = LoadedModel & { readonly fim: FimFamily };

/** A whole vocabulary out of llama.cpp's vocabulary files. */
export function wholeVocabulary(family: GoldenFamily, folder: string): VocabularySlice {
  const { metadata } = withFileSource(path.join(folder, FILES[family]), readGgufHeader);
  const texts = metadata.get("tokenizer.ggml.tokens") as readonly string[];
  const types = metadata.get("tokenizer.ggml.token_type") as readonly number[];
  const tokens = texts.map((text, id): VocabularyToken => {
    const added = family === "qwen" ? QWEN_CODER_TOKENS[id - QWEN_CODER_FIRST] : undefined;
    return added === undefined ? [id, text, types[id] ?? 1] : [id, added, USER_DEFINED];
  });
  return {
    preTokenizer: String(metadata.get("tokenizer.ggml.pre")),
    startToken: Number(metadata.get("tokenizer.ggml.bos_token_id")),
    endToken: Number(metadata.get("tokenizer.ggml.eos_token_id")),
    addsStart: metadata.get("tokenizer.ggml.add_bos_token") === true,
    merges: metadata.get("tokenizer.ggml.merges") as readonly string[],
    tokens,
  };
}

/** Runs something with a model of this vocabulary, loaded as the engine loads any file. */
export async function withGoldenModel<T>(family: GoldenFamily, vocabulary: VocabularySlice, use: (model: GoldenModel, inside: Awaited<ReturnType<typeof engineInside>>) => T | Promise<T>): Promise<T> {
  const models = new ModelFolder();
  try {
    const inside = await engineInside();
    const runtime = await inside.startLlama(1, () => undefined);
    const params = { role: "completion", path: models.file("golden.gguf", modelWith(vocabulary, family)), contextSize: 64, threads: 1 } as const;
    try {
      const { model, result } = await inside.loadModel({ runtime, weights: new inside.SharedWeights(), clock: () => 0 }, params, new AbortController().signal);
      assert.ok(model?.role === "completion" && model.fim?.id === family, JSON.stringify(result));
      return await use({ ...model, fim: model.fim }, inside);
    } finally {
      // Disposes of the model too. A library left open can keep this process from ending.
      await runtime.llama.dispose();
    }
  } finally {
    models.dispose();
  }
}

/** Ids of all golden prompts in the whole vocabulary's numbering. */
export async function tokenizeGoldenPlans(family: GoldenFamily, vocabulary: VocabularySlice): Promise<Record<string, number[]>> {
  return await withGoldenModel(family, vocabulary, (model, inside) => Object.fromEntries(
    Object.entries(GOLDEN_PLANS).map(([name, plan]) => {
      const { tokens, leftOut } = inside.tokenizeFimPrompt(layOutFimPrompt(model.fim, plan), model.tokenizer, 100_000);
      assert.deepEqual(leftOut, []);
      return [name, originalIds(vocabulary, tokens)];
    }),
  ));
}
