import { closeSync, openSync, writeSync } from "node:fs";
import { ggufHeader, float32, int32Array, uint32, type Metadata, type TensorEntry } from "../../models/starter/train/gguf";
import { randomInteger, randomNumbers } from "../../models/starter/train/random";
import { toHalf } from "../../models/starter/train/tensorTypes";

/** Sizes of a model of the qwen2 architecture; embeddings are shared with the output, as in the published small ones. */
export interface SizedShape {
  readonly name: string;
  readonly layers: number;
  readonly width: number;
  readonly feedForward: number;
  readonly heads: number;
  readonly keyHeads: number;
}

/** The shapes of Qwen2.5-Coder 0.5B and 1.5B (fact sheet of the engine). */
export const SIZED_SHAPES = [
  { name: "0.5B", layers: 24, width: 896, feedForward: 4_864, heads: 14, keyHeads: 2 },
  { name: "1.5B", layers: 28, width: 1_536, feedForward: 8_960, heads: 12, keyHeads: 2 },
] as const satisfies readonly SizedShape[];

/** Encodings whose files people have; `Q4_K_M` mixes several as the library's own quantizer does. */
export const SIZED_QUANTIZATIONS = ["Q8_0", "Q4_0", "Q4_K_M"] as const;
export type SizedQuantization = (typeof SIZED_QUANTIZATIONS)[number];

const VOCABULARY = 151_936;
const CONTEXT = 32_768;

/** Blocks of ggml's table of types: code, bytes, weights, and where in the block its half-precision scales stand. */
const BLOCKS = {
  F32: { code: 0, bytes: 4, weights: 1, scales: [] },
  Q4_0: { code: 2, bytes: 18, weights: 32, scales: [0] },
  Q5_0: { code: 6, bytes: 22, weights: 32, scales: [0] },
  Q8_0: { code: 8, bytes: 34, weights: 32, scales: [0] },
  Q4_K: { code: 12, bytes: 144, weights: 256, scales: [0, 2] },
  Q6_K: { code: 14, bytes: 210, weights: 256, scales: [208] },
} as const;
type Encoding = keyof typeof BLOCKS;

interface SizedTensor extends TensorEntry { readonly encoding: Encoding }

/** Writes a file with random weights in blocks that are valid; speed and memory do not depend on their values. */
export function writeSizedModel(path: string, shape: SizedShape, quantization: SizedQuantization): void {
  const tensors = tensorsOf(shape, quantization);
  const descriptor = openSync(path, "w");
  try {
    writeSync(descriptor, ggufHeader({ ...shapeMetadata(shape), ...vocabularyMetadata() }, tensors));
    for (const tensor of tensors) writeTensor(descriptor, tensor);
  } finally {
    closeSync(descriptor);
  }
}

function shapeMetadata(shape: SizedShape): Metadata {
  return {
    "general.architecture": "qwen2", "general.name": `random ${shape.name}`,
    "qwen2.block_count": uint32(shape.layers), "qwen2.context_length": uint32(CONTEXT), "qwen2.embedding_length": uint32(shape.width),
    "qwen2.feed_forward_length": uint32(shape.feedForward), "qwen2.attention.head_count": uint32(shape.heads), "qwen2.attention.head_count_kv": uint32(shape.keyHeads),
    "qwen2.attention.layer_norm_rms_epsilon": float32(1e-6), "qwen2.rope.freq_base": float32(1_000_000),
  };
}

const SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>"];

/** Bytes, numbered words that grow digit by digit through as many merges, and the family's special tokens. */
function vocabularyMetadata(): Metadata {
  const bytes = byteTokens();
  const words = Array.from({ length: VOCABULARY - bytes.length - SPECIAL.length }, (_, index) => `w${String(index)}`);
  const tokens = [...bytes, ...words, ...SPECIAL];
  const merges = words.map((word) => `${word.slice(0, -1)} ${word.slice(-1)}`);
  return {
    "tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "qwen2", "tokenizer.ggml.tokens": tokens,
    "tokenizer.ggml.token_type": int32Array(tokens.map((_, index) => (index < VOCABULARY - SPECIAL.length ? 1 : 3))),
    "tokenizer.ggml.merges": merges, "tokenizer.ggml.eos_token_id": uint32(VOCABULARY - SPECIAL.length), "tokenizer.ggml.add_bos_token": false,
  };
}

/** The 256 characters that stand for bytes: those that can be seen for themselves, the others from 256 on. */
function byteTokens(): string[] {
  const visible = (byte: number): boolean => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
  const hidden = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !visible(byte));
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(visible(byte) ? byte : 256 + hidden.indexOf(byte)));
}

function tensorsOf(shape: SizedShape, quantization: SizedQuantization): SizedTensor[] {
  const { width, feedForward, layers } = shape;
  const keyWidth = (width / shape.heads) * shape.keyHeads;
  const matrix = (name: string, rows: number, columns: number, better: boolean): SizedTensor => entry(name, [rows, columns], encodingFor(quantization, rows, better));
  const vector = (name: string, length: number): SizedTensor => entry(name, [length], "F32");
  const blocks = Array.from({ length: layers }, (_, layer) => {
    const better = deservesMoreBits(layer, layers);
    const block = `blk.${String(layer)}`;
    return [
      vector(`${block}.attn_norm.weight`, width), matrix(`${block}.attn_q.weight`, width, width, false), vector(`${block}.attn_q.bias`, width),
      matrix(`${block}.attn_k.weight`, width, keyWidth, false), vector(`${block}.attn_k.bias`, keyWidth), matrix(`${block}.attn_v.weight`, width, keyWidth, better),
      vector(`${block}.attn_v.bias`, keyWidth), matrix(`${block}.attn_output.weight`, width, width, false), vector(`${block}.ffn_norm.weight`, width),
      matrix(`${block}.ffn_gate.weight`, width, feedForward, false), matrix(`${block}.ffn_up.weight`, width, feedForward, false), matrix(`${block}.ffn_down.weight`, feedForward, width, better),
    ];
  });
  return [matrix("token_embd.weight", width, VOCABULARY, true), ...blocks.flat(), vector("output_norm.weight", width)];
}

function entry(name: string, shape: readonly number[], encoding: Encoding): SizedTensor {
  const weights = shape.reduce((product, length) => product * length, 1);
  const { code, bytes, weights: perBlock } = BLOCKS[encoding];
  return { name, shape, type: code, bytes: (weights / perBlock) * bytes, encoding };
}

/** The layers to which the library's quantizer gives six bits: the first and last eighth, and every third between. */
function deservesMoreBits(layer: number, layers: number): boolean {
  const eighth = Math.floor(layers / 8);
  return layer < eighth || layer >= Math.floor((7 * layers) / 8) || (layer - eighth) % 3 === 2;
}

/** Rows that 256 does not divide fall back to blocks of 32, as in the published 0.5B files. */
function encodingFor(quantization: SizedQuantization, rowLength: number, better: boolean): Encoding {
  const divides = rowLength % 256 === 0;
  if (quantization === "Q8_0") return "Q8_0";
  if (quantization === "Q4_0") return "Q4_0";
  if (better) return divides ? "Q6_K" : "Q8_0";
  return divides ? "Q4_K" : "Q5_0";
}

function writeTensor(descriptor: number, tensor: SizedTensor): void {
  const pattern = patternOf(tensor.encoding);
  let left = tensor.bytes;
  while (left > 0) left -= writeSync(descriptor, pattern, 0, Math.min(left, pattern.length));
  writeSync(descriptor, Buffer.alloc((32 - (tensor.bytes % 32)) % 32));
}

/** About half a megabyte of whole blocks: random weights, small scales; vectors are ones. */
function patternOf(encoding: Encoding): Buffer {
  const { bytes, scales } = BLOCKS[encoding];
  const blocks = Math.floor((1 << 19) / bytes);
  const pattern = Buffer.alloc(blocks * bytes);
  const random = randomNumbers(1);
  for (let at = 0; at < pattern.length; at++) pattern[at] = randomInteger(random, 256);
  for (let block = 0; block < blocks; block++) {
    if (encoding === "F32") pattern.writeFloatLE(1, block * bytes);
    for (const scale of scales) pattern.writeUInt16LE(toHalf(0.0002), block * bytes + scale);
  }
  return pattern;
}
