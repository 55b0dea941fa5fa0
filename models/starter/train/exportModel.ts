/**
 * Writes the GGUF file from a checkpoint.
 * Usage: npx tsx models/starter/train/exportModel.ts [--config FILE] WORK-FOLDER [CHECKPOINT] [OUTPUT]
 * (reads tokenizer.json and checkpoint.bin; writes models/starter/ghostlight-starter.gguf)
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { byteCharacters } from "./bytes.js";
import { readCheckpoint, type LayerWeights, type ModelWeights } from "./checkpoint.js";
import { readCommandLine, recipeFolder, type CommandLine, type RecipeConfig } from "./config.js";
import { float32, int32Array, uint32, writeGguf, type Metadata, type Tensor } from "./gguf.js";
import { tokenTypes } from "./syntheticModel.js";
import type { TensorType } from "./tensorTypes.js";
import { createTokenizer, type Tokenizer, type TokenizerData } from "./tokenizer.js";

/** Bytes of a GGUF file with these weights; matrices in `type`, norms always in F32. */
export function exportModel(weights: ModelWeights, tokenizer: Tokenizer, config: RecipeConfig, type: TensorType): Buffer {
  return writeGguf({
    metadata: { ...modelMetadata(weights, config), ...tokenizerMetadata(tokenizer) },
    tensors: modelTensors(weights, config, type),
  });
}

function modelMetadata(weights: ModelWeights, config: RecipeConfig): Metadata {
  const { model } = config;
  return {
    "general.architecture": "llama",
    "general.name": "Ghostlight starter",
    "general.description": `Fill-in-the-middle code model trained on ${Math.round(weights.tokens / 1e6)} million tokens`,
    "general.license": "mit",
    "general.size_label": sizeLabel(weights),
    "ghostlight.fim": promptFormat(config),
    "llama.block_count": uint32(model.layers),
    "llama.context_length": uint32(model.context),
    "llama.embedding_length": uint32(model.width),
    "llama.feed_forward_length": uint32(model.feedForward),
    "llama.attention.head_count": uint32(model.heads),
    "llama.attention.head_count_kv": uint32(model.keyValueHeads),
    "llama.attention.layer_norm_rms_epsilon": float32(model.normEpsilon),
    "llama.rope.freq_base": float32(model.ropeBase),
    "llama.rope.dimension_count": uint32(model.width / model.heads),
    "llama.vocab_size": uint32(config.tokenizer.vocabulary),
  };
}

/** Format 2 is format 1 with other files before the file; a model that saw none in training only loses room to them. */
export function promptFormat(config: RecipeConfig): string {
  return config.samples.repositoryContext > 0 ? "suffix-first-2" : "suffix-first-1";
}

/** Parameters in whole millions, as "8M". */
function sizeLabel(weights: ModelWeights): string {
  const counts = [weights.embedding, weights.lastNorm, ...weights.layers.flatMap((layer) => Object.values(layer) as Float32Array[])];
  return `${Math.round(counts.reduce((sum, values) => sum + values.length, 0) / 1e6)}M`;
}

function tokenizerMetadata(tokenizer: Tokenizer): Metadata {
  const ordinary = byteCharacters.length + tokenizer.merges.length;
  const end = uint32(tokenizer.special("<|endoftext|>"));
  return {
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.pre": "qwen2",
    "tokenizer.ggml.tokens": tokenizer.tokens,
    "tokenizer.ggml.token_type": int32Array(tokenizer.tokens.map((_, id) => (id < ordinary ? tokenTypes.normal : tokenTypes.control))),
    "tokenizer.ggml.merges": tokenizer.merges,
    "tokenizer.ggml.bos_token_id": end,
    "tokenizer.ggml.eos_token_id": end,
    "tokenizer.ggml.padding_token_id": uint32(tokenizer.special("<|fim_pad|>")),
    "tokenizer.ggml.add_bos_token": false,
    "tokenizer.ggml.fim_pre_token_id": uint32(tokenizer.special("<|fim_prefix|>")),
    "tokenizer.ggml.fim_suf_token_id": uint32(tokenizer.special("<|fim_suffix|>")),
    "tokenizer.ggml.fim_mid_token_id": uint32(tokenizer.special("<|fim_middle|>")),
    "tokenizer.ggml.fim_sep_token_id": uint32(tokenizer.special("<|file_sep|>")),
    "tokenizer.ggml.fim_pad_token_id": uint32(tokenizer.special("<|fim_pad|>")),
  };
}

/** Leaving out `output.weight` tells llama.cpp to use the embedding as the output matrix. */
function modelTensors(weights: ModelWeights, config: RecipeConfig, type: TensorType): Tensor[] {
  const { width } = config.model;
  return [
    { name: "token_embd.weight", shape: [width, config.tokenizer.vocabulary], type, values: weights.embedding },
    ...weights.layers.flatMap((layer, index) => layerTensors(layer, `blk.${index}`, config, type)),
    { name: "output_norm.weight", shape: [width], type: "F32", values: weights.lastNorm },
  ];
}

/** The trainer rotates neighbouring pairs, as llama.cpp does for this architecture, so no rows change places. */
function layerTensors(layer: LayerWeights, block: string, config: RecipeConfig, type: TensorType): Tensor[] {
  const { width, feedForward } = config.model;
  const matrix = (name: string, values: Float32Array, inputs: number): Tensor =>
    ({ name: `${block}.${name}.weight`, shape: [inputs, values.length / inputs], type, values });
  const vector = (name: string, values: Float32Array): Tensor =>
    ({ name: `${block}.${name}.weight`, shape: [values.length], type: "F32", values });
  return [
    vector("attn_norm", layer.attentionNorm), matrix("attn_q", layer.query, width), matrix("attn_k", layer.key, width),
    matrix("attn_v", layer.value, width), matrix("attn_output", layer.attentionOut, width),
    vector("ffn_norm", layer.feedForwardNorm), matrix("ffn_gate", layer.gate, width), matrix("ffn_up", layer.up, width),
    matrix("ffn_down", layer.down, feedForward),
  ];
}

/** The tokenizer that `trainTokenizer.ts` wrote into the work folder. */
export function readTokenizer(workFolder: string): Tokenizer {
  return createTokenizer(JSON.parse(readFileSync(join(workFolder, "tokenizer.json"), "utf8")) as TokenizerData);
}

function main({ config, rest: [workFolder, checkpoint, output] }: CommandLine): void {
  if (workFolder === undefined) throw new Error("usage: exportModel.ts [--config FILE] WORK-FOLDER [CHECKPOINT] [OUTPUT]");
  const weights = readCheckpoint(checkpoint ?? join(workFolder, "checkpoint.bin"), config);
  const bytes = exportModel(weights, readTokenizer(workFolder), config, "Q8_0");
  writeFileSync(output ?? join(dirname(recipeFolder), "ghostlight-starter.gguf"), bytes);
  console.log(`${bytes.length} bytes, ${weights.steps} steps, ${weights.tokens} tokens`);
}

if (require.main === module) main(readCommandLine(process.argv.slice(2)));
